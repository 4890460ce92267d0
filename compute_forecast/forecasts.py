"""compute-forecast cost, text and plan: a page's forecast in the terminal."""

from __future__ import annotations

import argparse

from compute_forecast.errors import CommandError
from compute_forecast.options import add_options, given_pairs
from compute_forecast.output import add_output_options, print_export
from compute_forecast.progress import progress
from dashboard import links
from dashboard.export.exports import PageExport, answer_of, figures_of
from dashboard.forecasts import forecast
from dashboard.pages.registry import PAGE_PARTS, PageParts
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet, bundled
from forecasting.scenario import Scenario

VIEW = ("view",)
RANGES = (
    "A RANGE is low~high~share~shape, such as 5~14~0.95~lognormal (95% of a lognormal lies from 5"
    " to 14), or a number alone. Numbers may be written as 75e9, 75B or 20%."
)


def add_arguments(parser: argparse.ArgumentParser, page: str) -> None:
    """The options of the command that is named as the page."""
    parts = PAGE_PARTS[page]
    parser.epilog = RANGES
    add_output_options(parser)
    add_options(parser, parts.display, title="section of the page", only=VIEW)
    add_options(parser, parts.scenario, title="inputs of the page")


def run(arguments: argparse.Namespace, page: str) -> None:
    """Compute and print the forecast of the section that `view` names."""
    parts = PAGE_PARTS[page]
    opened = opened_inputs(arguments, parts)
    section = parts.section(opened.scenario, opened.display)
    with progress(f"Computing “{parts.title}”", quiet=arguments.quiet):
        shown = export_of(parts, opened, section, bundled())
    print_export(shown, arguments.form)


def opened_inputs(arguments: argparse.Namespace, parts: PageParts) -> links.Opened:
    """The page's state for the inputs given; raises CommandError with the page's own sentences."""
    pairs = given_pairs(arguments, parts.scenario, parts.display)
    opened = links.open_link(pairs, parts.scenario, parts.display, bundled())
    if opened.refusals:
        raise CommandError("\n".join(opened.refusals))
    return opened


def export_of(
    parts: PageParts, opened: links.Opened, section: str, data: DataOrContext
) -> PageExport:
    """What the page shows for this state and these data, as its exports have it."""
    context = context_of(data)
    result = forecast(parts.forecasts[section], opened.scenario, context)
    return PageExport(
        page=parts.name,
        section=section,
        title=parts.title,
        answer=answer_of(result),
        table=result.table,
        scenario=opened.scenario,
        tables=context.data,
        link=_link(parts.name, opened.scenario, opened, context.data),
        figures=figures_of(result),
    )


def _link(page: str, scenario: Scenario, opened: links.Opened, data: DataSet) -> str:
    """The page's address below the address of a server."""
    return f"/{page}?{links.query_of(scenario, opened.display, tables=data)}"
