"""compute-forecast sweep: a page's forecast over a table of scenarios."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from compute_forecast.errors import FAILED, OK, CommandError
from compute_forecast.options import as_in_a_link
from compute_forecast.progress import progress
from dashboard import links
from dashboard.pages.declaration import Page
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import ForecastingError
from forecasting.scenario import inputs_class
from forecasting.sweeps.scenario_rows import ScenarioRows
from forecasting.sweeps.sweep import (
    ROWS_A_PART,
    What,
    check_columns,
    fingerprint_of,
    sweep_rows,
    table_of,
)

WHERE = (
    "Columns are named as the page's inputs, `view` as its sections; an empty cell is the default."
    " FORECASTING_JOBS says how many are computed at once on this machine, FORECASTING_DASK names a"
    " Dask scheduler over whose workers they are spread. A sweep that was stopped goes on where it"
    " was when the same command is given again."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The scenarios, the page and where the results go."""
    parser.epilog = WHERE
    parser.add_argument("scenarios", metavar="SCENARIOS", help="a CSV or Parquet file, a row each")
    parser.add_argument("--output", required=True, metavar="OUT.parquet", help="the file to write")
    parser.add_argument(
        "--page", choices=sorted(PAGES), default="plan", help="whose forecast; default: plan"
    )
    parser.add_argument(
        "--answers",
        action="store_true",
        help="a row a scenario with answer and key figures, in place of the table of each",
    )
    parser.add_argument(
        "--rows_a_part",
        type=int,
        default=ROWS_A_PART,
        metavar="NUMBER",
        help=f"scenarios computed and written together; default: {ROWS_A_PART}",
    )
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Compute every scenario; FAILED where some could not be used."""
    if Path(arguments.output).suffix.lower() not in (".parquet", ".pq"):
        raise CommandError(
            f"--output is “{arguments.output}”: name a file that ends in .parquet.", 2
        )
    page = PAGES[arguments.page]
    what: What = "answer" if arguments.answers else "table"
    rows = ScenarioRows(arguments.scenarios)
    check_columns(rows, [*page.scenario.model_fields, *page.display.model_fields, "v"])
    about = {
        "forecast": page.name,
        "what": what,
        "version": page.scenario.VERSION,
        "tables": fingerprint_of(bundled()),
    }
    with progress(f"Computing “{page.title}” for every row", quiet=arguments.quiet):
        done = sweep_rows(
            rows,
            PageForecast(page.name, what),
            about=about,
            output=arguments.output,
            rows_a_part=arguments.rows_a_part,
        )
    bad = len(done.problems)
    print(f"{done.rows:,} scenarios read, {done.rows - bad:,} computed: {done.output}")
    if not bad:
        return OK
    kept = Path(arguments.output).with_name(f"{Path(arguments.output).stem}.problems.csv")
    first = done.problems.iloc[0]
    print(f"{bad:,} could not be used: {kept}. Row {first['row']}: {first['problem']}")
    return FAILED


class PageForecast:
    """What a page computes for one scenario; goes to other processes by the page's name."""

    def __init__(self, page: str, what: What) -> None:
        self.page = page
        self.what = what

    def __call__(self, values: Mapping[str, Any]) -> pd.DataFrame:
        """The table of the section that the values name; raises ForecastingError."""
        page, tables = PAGES[self.page], _tables()
        # Defaults are those of a version, not of the day on which a sweep goes on.
        pairs = [("v", str(page.scenario.VERSION))]
        pairs += [(name, _text(page, name, value)) for name, value in values.items()]
        opened = links.open_link(pairs, page.scenario, page.display, tables)
        if opened.refusals:
            raise ForecastingError(" ".join(opened.refusals))
        forecast = page.section(opened.scenario, opened.display).forecast
        inputs = inputs_class(forecast).of(opened.scenario)
        return table_of(forecast(inputs, data=tables), self.what)


@cache
def _tables() -> DataSet:
    return bundled()


def _text(page: Page, name: str, value: Any) -> str:
    text = value if isinstance(value, str) else links.value_text(value)
    info = page.scenario.model_fields.get(name)
    return text if info is None else as_in_a_link(info, text)
