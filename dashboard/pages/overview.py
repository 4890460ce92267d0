"""Overview: the key figures of the other pages at a glance, each with its range and a link to its page in that state."""

from __future__ import annotations

import streamlit as st

from dashboard import layout, links, session
from dashboard.charts.model_cost import model_cost_chart
from dashboard.controls import Controls
from dashboard.display import CostDisplay, Display
from dashboard.display_bar import display_bar
from dashboard.forecasts import forecast
from dashboard.navigation import pages
from dashboard.session import PageState
from forecasting.overview import KeyFigure, Overview, OverviewScenario, overview

FIGURES_PER_ROW = 3


def show(state: PageState[OverviewScenario, Display]) -> None:
    """Answer, key figures, controls, chart, numbers."""
    result: Overview = forecast(overview, state.scenario, state.tables)
    layout.answer(result.answer)
    for first in range(0, len(result.figures), FIGURES_PER_ROW):
        columns = st.columns(FIGURES_PER_ROW)
        for column, figure in zip(columns, result.figures[first : first + FIGURES_PER_ROW], strict=False):
            with column:
                card(figure)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("model")
        controls.slider("year", low=2020, high=2035)
        controls.slider("years_ahead")
    display_bar(state, table=result.table, title=result.answer, stem="overview", can_pin=False)
    chart = model_cost_chart(result.large_run, levels=state.display.levels, log=state.display.log, pins=())
    layout.chart(state, chart, key="overview-chart", alt=result.answer, name="overview")
    st.caption(
        layout.prose(
            f"What a run of {state.scenario.model}'s training compute costs by year on rented chips: at that year's price of hardware "
            "alone, and if algorithms go on improving. Bands are for the market's median price."
        )
    )
    with st.expander("Method, assumptions and sources", key=state.key("method"), on_change="rerun", icon=":material/function:") as opened:
        if opened.open:
            st.markdown(
                "Every figure comes from the page that its link opens, with that page's defaults; formulas and sources stand there."
            )
            st.markdown("\n".join(f"- {line}" for line in layout.source_lines(state, state.scenario.TABLES)))


def card(figure: KeyFigure) -> None:
    """One key figure with its range and its link."""
    with st.container(border=True, height="stretch"):
        st.caption(layout.prose(figure.label))
        st.markdown(f"### {layout.prose(figure.words)}")
        st.caption(layout.prose(figure.range_words))
        query = links.query_of(figure.scenario, CostDisplay(view=figure.view))
        st.page_link(pages()["cost"], label="Show how", icon=":material/arrow_forward:", query_params=dict(links.parse_query(query)))


page = session.open_page(OverviewScenario, Display)
layout.question("Compute Forecast", "What will compute cost, and a given model, and when? How sure are we?")
layout.notices(page)
with layout.said_not_raised():
    show(page)
session.close_page(page)
