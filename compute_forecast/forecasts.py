"""compute-forecast cost, text and plan: a page's forecast in the terminal."""

from __future__ import annotations

import argparse
from typing import Any

from compute_forecast.errors import CommandError
from compute_forecast.options import add_options, given_pairs
from compute_forecast.output import add_output_options, print_export
from compute_forecast.progress import progress
from dashboard import links
from dashboard.export.exports import PageExport, page_export
from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import bundled

VIEW = ("view",)
RANGES = (
    "A RANGE is low~high~share~shape, such as 5~14~0.95~lognormal (95% of a lognormal lies from 5"
    " to 14), or a number alone. Numbers may be written as 75e9, 75B or 20%."
)


def add_arguments(parser: argparse.ArgumentParser, name: str) -> None:
    """The options of the command that is named as the page."""
    page = PAGES[name]
    parser.epilog = RANGES
    add_output_options(parser)
    add_options(parser, page.display, title="section of the page", only=VIEW)
    add_options(parser, page.scenario, title="inputs of the page")


def run(arguments: argparse.Namespace, name: str) -> None:
    """Compute and print the forecast of the section that `view` names."""
    page = PAGES[name]
    opened = opened_inputs(arguments, page)
    with progress(f"Computing “{page.title}”", quiet=arguments.quiet):
        shown = export_of(page, opened, bundled())
    print_export(shown, arguments.form)


def opened_inputs(arguments: argparse.Namespace, page: Page) -> links.Opened[Any, Any]:
    """The page's state for the inputs given; raises CommandError with the page's own sentences."""
    pairs = given_pairs(arguments, page.scenario, page.display)
    opened = links.open_link(pairs, page.scenario, page.display, bundled())
    if opened.refusals:
        raise CommandError("\n".join(opened.refusals))
    return opened


def export_of(page: Page, opened: links.Opened[Any, Any], data: DataOrContext) -> PageExport:
    """What the page shows for this state and these data, as its exports have it."""
    query = links.query_of(opened.scenario, opened.display, tables=context_of(data).data)
    return page_export(page, opened.scenario, opened.display, data, base="", query=query)
