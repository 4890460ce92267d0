"""Overview: the three laws, each figure with its range and a link to its page in that
state; the claims of the article.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import links
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.model_cost import model_cost_chart
from dashboard.forecasts import forecast
from dashboard.pages.overview import claims_of
from dashboard.pages.registry import PAGES
from dashboard.state.display import Display
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from dashboard.ui.navigation import pages
from forecasting.reporting.article_claims import CLAIMED_ON
from forecasting.reporting.data_catalogue import DataScenario
from forecasting.reporting.overview import KeyFigure, Overview, OverviewScenario, overview
from forecasting.reporting.refresh_log import refresh_log
from forecasting.scenario import Scenario

FIGURES_PER_ROW = 3
VERDICTS = {
    "holds": "✓ holds",
    "too early": "◷ too early",
    "too strong": "✗ too strong",
    "not judged by our data": "– not judged by our data",
}


def overview_figure(
    state: PageState[OverviewScenario, Display], result: Overview, _pins: Sequence[Overview] = ()
) -> Figure:
    """What the large run costs by year."""
    return model_cost_chart(result.large_run, ChartBuilder.of(state.display))


def show_overview(state: PageState[OverviewScenario, Display]) -> None:
    """Answer, key figures, controls, chart, claims, method."""
    result: Overview = forecast(overview, state.scenario, state.context)
    layout.answer(result.answer)
    show_last_refresh(state)
    for first in range(0, len(result.figures), FIGURES_PER_ROW):
        with st.container(key=f"figures-{first}"):
            columns = st.columns(FIGURES_PER_ROW)
        for column, figure in zip(
            columns, result.figures[first : first + FIGURES_PER_ROW], strict=False
        ):
            with column:
                card(figure)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("model")
        controls.slider("year", low=2020, high=2035)
        controls.slider("years_ahead")
    display_bar(state, result, can_pin=False)
    chart = overview_figure(state, result)
    layout.chart(state, chart, key="overview-chart", alt=result.cost_words, name="overview")
    st.caption(
        layout.escape_dollars(
            f"What a run of {state.scenario.model}'s training compute costs by year on rented"
            " chips: at that year's price of hardware alone, and if algorithms go on improving."
            " Bands are for the market's median price."
        )
    )
    show_claims(state)
    with st.expander(
        "Method, assumptions and sources",
        key=state.key("method"),
        on_change="rerun",
        icon=":material/function:",
    ) as opened:
        if opened.open:
            st.markdown(
                "Every figure and every judged claim comes from the page that its link opens, with"
                " that page's defaults; formulas and sources stand there. The figures read:"
            )
            st.markdown(
                "\n".join(f"- {line}" for line in layout.source_lines(state, state.section.sources))
            )


def show_last_refresh(state: PageState[OverviewScenario, Display]) -> None:
    """Two lines on what the last refresh of the tables moved, where there was one."""
    lines = refresh_log(state.context.data).lines
    if lines:
        listed = address(DataScenario(), {"view": "tables"})
        said = "  \n".join(map(layout.escape_markdown, lines))
        st.caption(f"{said} [All changes]({listed})")


def card(figure: KeyFigure) -> None:
    """One key figure with its range and its link."""
    with st.container(border=True, height="stretch"):
        label, words, range_words = map(
            layout.escape_dollars, (figure.label, figure.words, figure.range_words)
        )
        st.markdown(f":small[:gray[{label}]]\n### {words}\n:small[:gray[{range_words}]]")
        display = PAGES[figure.scenario.NAME].display(**figure.display)
        st.page_link(
            pages()[figure.scenario.NAME],
            label="Show how",
            icon=":material/arrow_forward:",
            query_params=dict(links.pairs_of(figure.scenario, display)),
        )


def show_claims(state: PageState[OverviewScenario, Display]) -> None:
    """The claims of the article that this tool grew out of, each judged, with a link to where."""
    claims = claims_of(state.scenario.seed, state.context)
    counts = {
        verdict: sum(each.judgement.verdict == verdict for each in claims) for verdict in VERDICTS
    }
    forecast_alone = sum(
        each.judgement.verdict == "holds" and each.judgement.by_forecast for each in claims
    )
    st.subheader("The claims of the source article, judged", anchor=False)
    st.markdown(
        f"Of {len(claims)} checkable claims made on {CLAIMED_ON}, {counts['holds']} hold"
        f" ({forecast_alone} of them by our forecast), {counts['too early']} are too early,"
        f" {counts['too strong']} are too strong, and {counts['not judged by our data']} our data"
        " cannot judge."
    )
    rows = ["| Claim | Verdict | Our figure | |", "|---|---|---|---|"]
    for each in claims:
        judged = each.judgement
        there = address(judged.scenario, dict(judged.display))
        verdict = f"{VERDICTS[judged.verdict]}{' by our forecast' if judged.by_forecast else ''}"
        cells = (each.claim, verdict, judged.figure)
        rows.append(
            "| "
            + " | ".join(map(layout.escape_markdown, cells))
            + f" | {f'[how]({there})' if there else ''} |"
        )
    with st.container(key=state.key("claims")):
        st.markdown("\n".join(rows))


def query_to(scenario: Scenario, display: dict[str, str]) -> str:
    """The query that opens a page in a state."""
    return links.query_of(scenario, PAGES[scenario.NAME].display(**display))


def address(scenario: Scenario | None, display: dict[str, str]) -> str | None:
    """A page in a state, relative to this one."""
    return f"./{scenario.NAME}?{query_to(scenario, display)}" if scenario is not None else None
