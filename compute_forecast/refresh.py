"""compute-forecast refresh: newer tables from their sources, what they change, and their age."""

from __future__ import annotations

import argparse
from pathlib import Path

from compute_forecast.errors import FAILED, OK, CommandError
from compute_forecast.output import print_json, printable, rows_of
from compute_forecast.progress import progress
from forecasting.data.dataset import tables_folder
from forecasting.refreshing.refresh import refresh
from forecasting.refreshing.report import RefreshReport
from forecasting.refreshing.since import changes_since


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "tables", metavar="TABLE", nargs="*", help="the tables to renew (default: all)"
    )
    parser.add_argument(
        "--dry_run",
        action="store_true",
        help="download, check and compare, but write nothing",
    )
    parser.add_argument(
        "--from",
        dest="source",
        metavar="FOLDER",
        help="take downloaded files from this folder, by name: TABLE.csv, or as the source names"
        " them; nothing is downloaded",
    )
    parser.add_argument(
        "--since",
        metavar="FOLDER",
        help="download nothing: log what has changed since the older tables in this folder",
    )
    parser.add_argument(
        "--json", action="store_true", help="print outcomes, changes and figures as JSON"
    )
    parser.add_argument("--quiet", action="store_true", help="do not report progress on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Renew the tables in use; exit code 1 where a table was refused."""
    if arguments.since and (arguments.tables or arguments.source):
        raise CommandError("--since compares all tables and takes neither TABLE nor --from.")
    with progress("Renewing the tables", quiet=arguments.quiet):
        report = _report(arguments)
    if arguments.json:
        print_json(_content(report))
    else:
        print(printable(report.answer))
    return FAILED if report.failed else OK


def _report(arguments: argparse.Namespace) -> RefreshReport:
    if arguments.since:
        return changes_since(Path(arguments.since), tables_folder(), dry_run=arguments.dry_run)
    return refresh(
        tables_folder(),
        source=None if arguments.source is None else Path(arguments.source),
        tables=arguments.tables or None,
        dry_run=arguments.dry_run,
    )


def _content(report: RefreshReport) -> dict[str, object]:
    return {
        "folder": str(report.folder),
        "date": report.day.isoformat(),
        "dry_run": report.dry_run,
        "tables": [
            {
                "table": each.table,
                "status": each.status,
                "sentence": each.sentence,
                "added": list(each.changes.added),
                "changed": list(each.changes.changed),
                "removed": list(each.changes.removed),
                "notes": list(each.notes),
            }
            for each in report.outcomes
        ],
        "effects": rows_of(report.effects),
    }
