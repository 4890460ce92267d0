"""The command line: commands, help and exit codes.

A command's options are added only when it is the one that is run, since they come from scenarios
whose libraries take a second to import: `compute-forecast --help` needs none of them.
"""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import forecasting
from compute_forecast.errors import FAILED, OK, USAGE, CommandError

DESCRIPTION = (
    "What AI compute costs, when public text runs out, and how to split a budget between training"
    " and inference: forecasts with ranges, from the same engine as the dashboard."
)
EXAMPLES = """\
examples:
  compute-forecast cost --model GPT-3 --year 2028
  compute-forecast plan --budget_usd 50M --last_year 2028 --csv > plan.csv
  compute-forecast check my_runs.csv && compute-forecast fit my_runs.csv --json
  compute-forecast reduce logs/ --output my_runs.csv
  compute-forecast sweep scenarios.csv --output plans.parquet
  compute-forecast refresh --dry-run
  compute-forecast serve --port 8600

exit codes: 0 all is well, 1 an input can't be used or a check has found something, 2 wrong usage
"""


@dataclass(frozen=True)
class Command:
    """A command: what it does in a line, and the loading of its options and its work."""

    summary: str
    usage: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    work: Callable[[argparse.Namespace], int | None]


def _page_command(page: str, summary: str) -> Command:
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        from compute_forecast import forecasts

        forecasts.add_arguments(parser, page)

    def work(arguments: argparse.Namespace) -> None:
        from compute_forecast import forecasts

        forecasts.run(arguments, page)

    return Command(summary, "[--json | --csv] [--INPUT VALUE ...]", add_arguments, work)


def _add_from(module: str, function: str, parser: argparse.ArgumentParser) -> None:
    getattr(_module(module), function)(parser)


def _work_of(module: str, function: str, arguments: argparse.Namespace) -> int | None:
    code: int | None = getattr(_module(module), function)(arguments)
    return code


def _module(name: str) -> object:
    return importlib.import_module(f"compute_forecast.{name}")


COMMANDS = {
    "serve": Command(
        "start the dashboard",
        "[--port PORT] [--address ADDRESS] [--workers N] [-- STREAMLIT_OPTION ...]",
        partial(_add_from, "serve", "add_arguments"),
        partial(_work_of, "serve", "run"),
    ),
    "cost": _page_command("cost", "what a model costs to train in a year, or a FLOP over time"),
    "text": _page_command("text", "when public text is used up, and what moves the date"),
    "plan": _page_command(
        "plan", "what to train with a budget year by year, and what limits it first"
    ),
    "sweep": Command(
        "a forecast over a table of scenarios, on many processes or machines",
        "SCENARIOS --output OUT.parquet [--page PAGE] [--answers]",
        partial(_add_from, "sweep", "add_arguments"),
        partial(_work_of, "sweep", "run"),
    ),
    "fit": Command(
        "fit a scaling law to your own training runs",
        "RUNS.csv [--column ROLE=COLUMN] [--json | --csv] [--INPUT VALUE ...]",
        partial(_add_from, "runs", "add_fit_arguments"),
        partial(_work_of, "runs", "fit"),
    ),
    "check": Command(
        "what can be read from a file of training runs, what can't, and why",
        "RUNS.csv [--column ROLE=COLUMN] [--json | --csv]",
        partial(_add_from, "runs", "add_check_arguments"),
        partial(_work_of, "runs", "check"),
    ),
    "reduce": Command(
        "training logs of any size to a row a run, on many processes or machines",
        "LOGS --output RUNS.csv [--column ROLE=COLUMN]",
        partial(_add_from, "runs", "add_reduce_arguments"),
        partial(_work_of, "runs", "reduce"),
    ),
    "store": Command(
        "read every shared link, say which are damaged, and mend what can be",
        "check [--repair [--backup FILE]] [--json]",
        partial(_add_from, "store", "add_arguments"),
        partial(_work_of, "store", "run"),
    ),
    "refresh": Command(
        "renew the tables from their sources, and say which figures that moves",
        "[TABLE ...] [--dry-run] [--from FOLDER | --since FOLDER | --check] [--json]",
        partial(_add_from, "refresh", "add_arguments"),
        partial(_work_of, "refresh", "run"),
    ),
}


def parser_for(command: str | None) -> argparse.ArgumentParser:
    """The whole parser, with the options of `command` alone."""
    parser = argparse.ArgumentParser(
        prog="compute-forecast",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--version", action="version", version=f"compute-forecast {forecasting.__version__}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, each in COMMANDS.items():
        added = commands.add_parser(
            name,
            help=each.summary,
            description=each.summary[:1].upper() + each.summary[1:] + ".",
            usage=f"compute-forecast {name} {each.usage}",
            allow_abbrev=False,
        )
        if name == command:
            each.add_arguments(added)
    return parser


def with_underscores(words: Sequence[str]) -> list[str]:
    """The command line with --price-year read as --price_year, the page's own name."""
    return [
        re.sub(r"^--[a-z0-9-]+", lambda found: "--" + found[0][2:].replace("-", "_"), word)
        for word in words
    ]


def main(words: Sequence[str]) -> int:
    """Run a command line; the exit code. Prints a sentence on stderr for what can't be used."""
    command = next((word for word in words if not word.startswith("-")), None)
    if command == "serve":
        return _run(command, words)
    # Failed arithmetic is logged with its traceback for the server's log; here the sentence is
    # enough.
    log = logging.getLogger("dashboard")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        return _run(command, with_underscores(words))
    finally:
        log.setLevel(level)


def _run(command: str | None, words: Sequence[str]) -> int:
    try:
        arguments = parser_for(command).parse_args(words)
        code = COMMANDS[arguments.command].work(arguments) or OK
        sys.stdout.flush()
        return code
    except SystemExit as stop:  # argparse: help, version or wrong usage
        return stop.code if isinstance(stop.code, int) else USAGE
    except CommandError as error:
        return _refused(error, error.code)
    except forecasting.ForecastingError as error:
        return _refused(error, FAILED)
    except KeyboardInterrupt:
        print("compute-forecast: stopped", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # The reader, such as head, has gone; nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _refused(error: Exception, code: int) -> int:
    from compute_forecast.output import printable

    print(printable(f"compute-forecast: {error}"), file=sys.stderr)
    return code


def run() -> None:
    """The entry point compute-forecast."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # File names need not be text, and JSON is UTF-8 wherever it goes.
        encoding = None if sys.stdout.isatty() else "utf-8"
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")
    sys.exit(main(sys.argv[1:]))
