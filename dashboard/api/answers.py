"""From a page's query string to what the page shows: the same scenario, the same forecast, the same
table.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import links
from dashboard.api.problems import bad_inputs
from dashboard.export.exports import PageExport, answer_of, figures_of
from dashboard.forecasts import computable, forecast
from dashboard.pages.registry import PageParts
from dashboard.store import shared_runs
from forecasting.data.dataset import bundled
from forecasting.errors import ForecastingError
from forecasting.scenario import Scenario

#: Parameters of the API itself.
API_PARAMETERS = ("comments",)


def shown_for(parts: PageParts, query: Sequence[tuple[str, str]], base: str) -> PageExport:
    """What the page shows for this query; raises ProblemError with the page's own sentences where a
    value can't be used.
    """
    tables = bundled()
    opened = links.open_link(
        [pair for pair in query if pair[0] not in API_PARAMETERS],
        parts.scenario,
        parts.display,
        tables,
    )
    if opened.refusals:
        raise bad_inputs(opened.refusals)
    section = parts.section(opened.scenario, opened.display)
    try:
        with computable():
            return _shown(parts, opened, section, base)
    except ForecastingError as error:
        raise bad_inputs([str(error)]) from None


def _shown(parts: PageParts, opened: links.Opened, section: str, base: str) -> PageExport:
    context = shared_runs.with_stored_laws(bundled(), (opened.scenario,))
    result = forecast(parts.forecasts[section], opened.scenario, context)
    query = links.query_of(opened.scenario, opened.display, tables=context.data)
    link = f"{base}/{'' if parts.name == 'overview' else parts.name}?{query}"
    return PageExport(
        page=parts.name,
        section=section,
        title=parts.title,
        answer=answer_of(result),
        table=result.table,
        scenario=opened.scenario,
        tables=context.data,
        link=link,
        figures=figures_of(result),
    )


def own_parameters(scenario: type[Scenario]) -> list[str]:
    """The inputs of a scenario by name."""
    return list(scenario.model_fields)
