"""compute-forecast fit, check and reduce: a user's own training runs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pandas as pd

from compute_forecast.errors import FAILED, OK, CommandError
from compute_forecast.forecasts import export_of, opened_inputs
from compute_forecast.options import add_options
from compute_forecast.output import (
    add_output_options,
    print_export,
    print_json,
    print_table,
    print_words,
    printable,
    rows_of,
)
from compute_forecast.progress import progress
from dashboard.export.downloads import guarded
from dashboard.pages.registry import PAGES
from forecasting.context import Context
from forecasting.data.dataset import bundled
from forecasting.ingest.column_mapping import ROLES, ColumnMapping
from forecasting.ingest.large_logs import read_logs
from forecasting.ingest.runs import ParsedRuns, opened_runs, read_together
from forecasting.user_runs.own_runs import RunsForecast, own_runs

PAGE = "runs"
MAX_PROBLEM_LINES = 20
REDUCED = (
    "Logs may be larger than memory: they are read piece by piece, and only a row a run is kept."
    " FORECASTING_JOBS says how many pieces are read at once on this machine, FORECASTING_DASK"
    " names a Dask scheduler whose workers find the files by the same paths."
)


def add_fit_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, how to read it, and the inputs of the page Your runs."""
    _add_file_arguments(parser)
    add_output_options(parser)
    add_options(parser, PAGES[PAGE].scenario, title="inputs of the page", without=("example",))


def add_check_arguments(parser: argparse.ArgumentParser) -> None:
    """The file and how to read it."""
    _add_file_arguments(parser)
    add_output_options(parser)


def add_reduce_arguments(parser: argparse.ArgumentParser) -> None:
    """The logs, how to read them, and the file to write."""
    parser.epilog = REDUCED
    parser.add_argument(
        "logs",
        metavar="LOGS",
        nargs="+",
        help="a folder, a pattern such as 'logs/*/steps.csv', or files: CSV and Parquet of any"
        " size, gzip or not",
    )
    parser.add_argument(
        "--output", required=True, metavar="RUNS.csv", help="the table to write: CSV or Parquet"
    )
    _add_column_argument(parser)
    parser.add_argument("--quiet", action="store_true", help="no progress on stderr")


def reduce(arguments: argparse.Namespace) -> int:
    """Reduce training logs to a row a run; fails where a file or a run was left out."""
    output = Path(arguments.output)
    if output.suffix.lower() not in (".csv", ".parquet", ".pq"):
        raise CommandError(
            f"--output is “{arguments.output}”: name a file that ends in .csv or .parquet.", 2
        )
    logs = arguments.logs[0] if len(arguments.logs) == 1 else arguments.logs
    with progress("Reading the logs", quiet=arguments.quiet):
        runs = read_logs(logs, _mapping(arguments))
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        if output.suffix.lower() == ".csv":
            output.write_bytes(guarded(runs.table))
        else:
            runs.table.to_parquet(output, index=False)
    except OSError as error:
        raise CommandError(f"{output} can't be written ({error.strerror}).") from None
    print_words(runs.answer)
    for note in runs.notes:
        print_words(note)
    print(printable(f"{len(runs):,} runs, losses in {runs.loss_unit}: {output}"))
    _print_problems(runs)
    return FAILED if runs.left_out else OK


def fit(arguments: argparse.Namespace) -> int:
    """Fit a scaling law to the runs and print it with its ranges, advice and warnings."""
    page = PAGES[PAGE]
    opened = opened_inputs(arguments, page)
    runs = _read(arguments)
    context = Context(bundled(), runs=runs)
    resamples = getattr(opened.scenario, "resamples", 0)
    with progress(
        f"Fitting {len(runs):,} runs with {resamples:,} resamples", quiet=arguments.quiet
    ):
        shown = export_of(page, opened, context)
        result: RunsForecast = own_runs(opened.scenario, data=context)
        coefficients, warnings = result.coefficients, result.warnings
    if arguments.form == "csv":
        print_table(coefficients)
        return OK
    extra = {
        "coefficients": rows_of(coefficients),
        "warnings": [warning.sentence for warning in warnings],
        "read": _reading(runs),
    }
    if arguments.form is None:
        print_words(runs.answer)
        _print_problem_count(runs)
        print()
    print_export(shown, arguments.form, extra)
    if arguments.form is None:
        for warning in warnings:
            print_words(f"Warning: {warning.sentence}")
    return OK


def check(arguments: argparse.Namespace) -> int:
    """Say what was read from the file, what was not, and why; fails where a row was left out."""
    runs = _read(arguments)
    if arguments.form == "json":
        print_json(_reading(runs))
    elif arguments.form == "csv":
        print_table(runs.problem_table)
    else:
        print_words(runs.answer)
        for role, column in _columns(runs.mapping).items():
            print(printable(f"  {role}: column “{column}”"))
        open_choices = [choice.sentence for choice in runs.choices]
        guess = [runs.guess.sentence] if runs.guess else []
        for note in (*runs.notes, *open_choices, *guess):
            print_words(note)
        _print_problems(runs, "; --csv lists more.")
    return FAILED if runs.left_out else OK


def _add_file_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        metavar="RUNS.csv",
        nargs="+",
        help="training runs: columns params, tokens and loss, or an export of a tracker",
    )
    _add_column_argument(parser)


def _add_column_argument(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--column",
        metavar="ROLE=COLUMN",
        action="append",
        default=[],
        help="which column holds what, if its name does not say, such as loss=val_loss; also"
        " measure=perplexity, take=lowest, repeats=lowest and units.params=millions (may be given"
        " several times)",
    )


def _read(arguments: argparse.Namespace) -> ParsedRuns:
    with progress("Reading the runs", quiet=arguments.quiet):
        mapping = _mapping(arguments)
        opened, refused = opened_runs([(printable(path), path) for path in arguments.files])
        return read_together(opened, mapping, refused)


def _mapping(arguments: argparse.Namespace) -> dict[str, Any] | None:
    """What was said of the columns; None for nothing."""
    mapping: dict[str, Any] = {}
    for text in arguments.column:
        role, equals, column = text.partition("=")
        if not equals:
            raise CommandError(f"--column is “{text}”. Write ROLE=COLUMN, as loss=val_loss.", 2)
        name, dot, part = role.strip().partition(".")
        if dot and name == "units":
            mapping.setdefault(name, {})[part] = column.strip()
        else:
            mapping[role.strip()] = column.strip()
    return mapping or None


def _columns(mapping: ColumnMapping) -> dict[str, str]:
    """The column of each role that has one."""
    return {role: column for role in ROLES if (column := getattr(mapping, role))}


def _reading(runs: ParsedRuns) -> dict[str, Any]:
    table: pd.DataFrame = runs.problem_table
    return {
        "answer": runs.answer,
        "runs": len(runs),
        "rows_read": runs.rows_read,
        "left_out": runs.left_out,
        "problem_count": runs.problem_count,
        "problems": rows_of(table),
        "notes": list(runs.notes),
        "choices": [choice.sentence for choice in runs.choices],
        "suspicion": runs.guess.sentence if runs.guess else None,
        "columns": _columns(runs.mapping),
        "data_hash": runs.data_hash,
    }


def _print_problems(runs: ParsedRuns, more: str = ".") -> None:
    """The first problems, and how many there are."""
    _print_problem_count(runs)
    for problem in runs.problems[:MAX_PROBLEM_LINES]:
        print_words(f"  {problem}")
    if runs.problem_count > MAX_PROBLEM_LINES:
        print(f"  … the first {MAX_PROBLEM_LINES} of {runs.problem_count:,}{more}")


def _print_problem_count(runs: ParsedRuns) -> None:
    if runs.problem_count:
        rows = "1 row was" if runs.left_out == 1 else f"{runs.left_out:,} rows were"
        problems = "1 problem" if runs.problem_count == 1 else f"{runs.problem_count:,} problems"
        print(f"{rows} left out; {problems} found.")
    else:
        print("Every row could be used.")
