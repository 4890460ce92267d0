"""From a page's query string to what the page shows: the same scenario, the same forecast, the same
table.
"""

from __future__ import annotations

from collections.abc import Sequence

from dashboard import links
from dashboard.api.formats import PARAMETERS
from dashboard.api.problems import bad_inputs
from dashboard.export.exports import PageExport, page_export
from dashboard.forecasts import computable
from dashboard.pages.declaration import Page
from dashboard.store import shared_runs
from forecasting.data.dataset import bundled
from forecasting.errors import ForecastingError
from forecasting.scenario import Scenario


def shown_for(page: Page, query: Sequence[tuple[str, str]], base: str) -> PageExport:
    """What the page shows for this query; raises ProblemError with the page's own sentences where a
    value can't be used.
    """
    tables = bundled()
    opened = links.open_link(
        [pair for pair in query if pair[0] not in PARAMETERS],
        page.scenario,
        page.display,
        tables,
    )
    if opened.refusals:
        raise bad_inputs(opened.refusals)
    try:
        with computable():
            context = shared_runs.with_stored_laws(tables, (opened.scenario,))
            return page_export(
                page,
                opened.scenario,
                opened.display,
                context,
                base=base,
                query=links.query_of(
                    opened.scenario, opened.display, opened.pins, tables=context.data
                ),
                pins=opened.pins,
            )
    except ForecastingError as error:
        raise bad_inputs([str(error)]) from None


def own_parameters(scenario: type[Scenario]) -> list[str]:
    """The inputs of a scenario by name."""
    return list(scenario.model_fields)
