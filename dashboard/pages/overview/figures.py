"""Overview: the three laws and the plan, each with its range and a link to its page in that state;
what changed since the last data; one large run; the claims of the article.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard import links
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.model_cost import model_cost_chart
from dashboard.charts.sparkline import sparkline
from dashboard.escaping import escape_markdown
from dashboard.forecasts import forecast, is_ready
from dashboard.pages.overview import OverviewDisplay, claims_of
from dashboard.pages.registry import PAGES
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from dashboard.ui.navigation import pages
from dashboard.ui.small_chart import small_chart
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.reporting.article_claims import CLAIMED_ON
from forecasting.reporting.data_catalogue import DataScenario
from forecasting.reporting.law_summaries import LawSummary
from forecasting.reporting.overview import Overview, OverviewScenario, overview
from forecasting.reporting.refresh_log import refresh_log
from forecasting.scenario import Scenario

VERDICTS = {
    "holds": "✓ holds",
    "too early": "◷ too early",
    "too strong": "✗ overstated",
    "not judged by our data": "– not testable with our data",
}
SHOWN_VERDICTS = {
    "holds": "holds",
    "early": "too early",
    "strong": "too strong",
    "open": "not judged by our data",
}
SHORT_VERDICTS = {
    "holds": "Holds",
    "early": "Too early",
    "strong": "Overstated",
    "open": "Not testable",
}


def overview_figure(
    state: PageState[OverviewScenario, OverviewDisplay],
    result: Overview,
    _pins: Sequence[Overview] = (),
) -> Figure:
    """What the large run costs by year."""
    return model_cost_chart(result.large_run, ChartBuilder.of(state.display))


def show_overview(state: PageState[OverviewScenario, OverviewDisplay]) -> None:
    """Answer, the three laws and the plan, what changed, one large run, claims, method."""
    with layout.progress(is_ready(overview, state.scenario, state.context)):
        result: Overview = forecast(overview, state.scenario, state.context)
    layout.answer(result.answer)
    show_laws(result)
    show_caveat(result)
    show_last_refresh(state)
    show_large_run(state, result)
    show_claims(state)
    with st.expander(
        "Method, assumptions and sources",
        key=state.key("method"),
        on_change="rerun",
        icon=":material/function:",
    ) as opened:
        if opened.open:
            st.markdown(
                "Every figure and every verdict on a claim comes from the page that its link opens,"
                " with that page's defaults; formulas and sources are given there. The figures use:"
            )
            st.markdown(
                "\n".join(f"- {line}" for line in layout.source_lines(state, state.section.sources))
            )


def show_laws(result: Overview) -> None:
    """A card for each law and one for the plan."""
    with st.container(key="laws"):
        for column, summary in zip(st.columns(len(result.laws)), result.laws, strict=True):
            with column:
                law_card(summary)


def law_card(summary: LawSummary) -> None:
    """One law: its figure with its range, a small chart, how far its data go, and one click to
    more.
    """
    with st.container(border=True, height="stretch", gap="small"):
        name, about, words, ends = map(
            escape_markdown, (summary.name, summary.about, summary.words, summary.range_words)
        )
        st.markdown(f"## {name}\n{about}\n\n**{words}**\n\n{ends}")
        small_chart(sparkline(summary, summary.full_answer), key=f"summary-{summary.scenario.NAME}")
        display = PAGES[summary.scenario.NAME].display(**summary.display)
        st.page_link(
            pages()[summary.scenario.NAME],
            label=PAGES[summary.scenario.NAME].menu_title,
            icon=":material/arrow_forward:",
            query_params=dict(links.pairs_of(summary.scenario, display)),
        )
        st.caption(escape_markdown(summary.data_to))


def show_caveat(result: Overview) -> None:
    """How far measured runs lie off the forecast of the headline, with a link to them."""
    there = address(CostScenario(), {"view": "claim"})
    st.markdown(f":material/warning: {escape_markdown(result.caveat)} [The measured runs]({there})")


def show_last_refresh(state: PageState[OverviewScenario, OverviewDisplay]) -> None:
    """Two lines on what the last refresh of the tables moved, where there was one."""
    lines = refresh_log(state.context.data).lines
    if lines:
        listed = address(DataScenario(), {"view": "tables"})
        said = "  \n".join(map(escape_markdown, lines))
        st.subheader("What newer data changed", anchor="changes")
        st.markdown(f"{said} [All changes]({listed})")


def show_large_run(state: PageState[OverviewScenario, OverviewDisplay], result: Overview) -> None:
    """One large run over the years, and the other key figures."""
    st.subheader("One large training run, year by year", anchor="large-run")
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.select("model")
        controls.slider("year", low=2020, high=2035)
        controls.slider("years_ahead")
    display_bar(state, result, can_pin=False)
    chart = overview_figure(state, result)
    layout.chart(state, chart, key="overview-chart", alt=result.cost_words, name="overview")
    st.caption(
        escape_markdown(
            f"What a run with {state.scenario.model}'s training compute costs by year on rented"
            " chips: with cheaper hardware alone, and if algorithms keep improving too. Bands are"
            f" for the market's median price. {result.width_words}"
        )
    )
    with st.expander(
        "More key figures",
        key=state.key("figures-open"),
        on_change="rerun",
        icon=":material/table_rows:",
    ) as opened:
        if opened.open:
            rows = ["| Key figure | Value | Range | Page |", "|---|---|---|---|"]
            for figure in result.figures:
                there = address(figure.scenario, dict(figure.display))
                said = (figure.label, figure.words, figure.range_words)
                rows.append(f"| {' | '.join(map(escape_markdown, said))} | [how]({there}) |")
            with st.container(key=state.key("figures-table")):
                st.markdown("\n".join(rows))


def show_claims(state: PageState[OverviewScenario, OverviewDisplay]) -> None:
    """The claims of the article that this tool grew out of, folded; each judged, with a link to
    where, and to be filtered by verdict.
    """
    claims = claims_of(state.scenario.seed, state.context)
    counts = dict.fromkeys(VERDICTS, 0)
    for each in claims:
        counts[each.judgement.verdict] += 1
    shown = state.display.claims
    st.subheader("The source article, claim by claim", anchor="claims")
    with st.expander(
        f"{len(claims)} claims: {counts['holds']} hold, {counts['too early']} too early,"
        f" {counts['too strong']} overstated, {counts['not judged by our data']} not testable",
        expanded=shown != "all",
        key=state.key("claims-open"),
        on_change="rerun",
        icon=":material/fact_check:",
    ) as opened:
        if not opened.open:
            return
        by_forecast = sum(
            each.judgement.verdict == "holds" and each.judgement.by_forecast for each in claims
        )
        listed = address(DataScenario(table_name="article_claims"), {"view": "tables"})
        st.markdown(
            f"{len(claims)} testable claims from an article of {CLAIMED_ON} on the future of AI, in"
            f" our words; we have no public address for it ([the table]({listed})). Of the"
            f" {by_forecast} that hold, {counts['holds']} do so by our forecast alone."
        )
        Controls(state).segmented(
            "claims",
            words=lambda name: (
                f"All {len(claims)}"
                if name == "all"
                else f"{SHORT_VERDICTS[name]} {counts[SHOWN_VERDICTS[name]]}"
            ),
            hidden_label=True,
        )
        rows = ["| Claim | Verdict | Our figure | Page |", "|---|---|---|---|"]
        for each in claims:
            judged = each.judgement
            if shown != "all" and judged.verdict != SHOWN_VERDICTS[shown]:
                continue
            there = address(judged.scenario, dict(judged.display))
            verdict = (
                f"{VERDICTS[judged.verdict]}{' by our forecast' if judged.by_forecast else ''}"
            )
            cells = (each.claim, verdict, judged.figure)
            rows.append(
                "| "
                + " | ".join(map(escape_markdown, cells))
                + f" | {f'[how]({there})' if there else ''} |"
            )
        with st.container(key=state.key("claims-table")):
            st.markdown("\n".join(rows))


def query_to(scenario: Scenario, display: dict[str, str]) -> str:
    """The query that opens a page in a state."""
    return links.query_of(scenario, PAGES[scenario.NAME].display(**display))


def address(scenario: Scenario | None, display: dict[str, str]) -> str | None:
    """A page in a state, relative to this one."""
    return f"./{scenario.NAME}?{query_to(scenario, display)}" if scenario is not None else None
