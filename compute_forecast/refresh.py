"""compute-forecast refresh: newer tables from their sources, what they change, and their age."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from compute_forecast.errors import FAILED, OK, USAGE, CommandError
from compute_forecast.output import print_json, printable, rows_of
from compute_forecast.progress import progress
from forecasting.data.age import stale_tables
from forecasting.data.dataset import DataSet, tables_folder
from forecasting.data.today import today
from forecasting.errors import UnknownNameError
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
        "--check",
        action="store_true",
        help="download nothing: list the tables whose newer data are overdue; exit code 1 if any",
    )
    parser.add_argument(
        "--json", action="store_true", help="print outcomes, changes and figures as JSON"
    )
    parser.add_argument("--quiet", action="store_true", help="do not report progress on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Renew the tables in use; exit code 1 where a table was refused, or is overdue."""
    if arguments.since and (arguments.tables or arguments.source):
        raise CommandError("--since compares all tables and takes neither TABLE nor --from.", USAGE)
    if arguments.check:
        return _check(arguments)
    with progress("Renewing the tables", quiet=arguments.quiet):
        report = _report(arguments)
    if arguments.json:
        print_json(_content(report))
    else:
        print(printable(report.answer))
    return FAILED if report.failed else OK


def _check(arguments: argparse.Namespace) -> int:
    """List the tables whose newer data are overdue, and what renews them."""
    if arguments.since or arguments.source or arguments.dry_run:
        raise CommandError("--check downloads and writes nothing and takes TABLE alone.", USAGE)
    data = DataSet()
    for name in arguments.tables:
        if name not in data.catalogue:
            raise UnknownNameError("table", name, data.names)
    stale = stale_tables(data=data, names=arguments.tables or None)
    if arguments.json:
        rows = [asdict(age) | {"last_day": age.last_day.isoformat()} for age in stale]
        print_json({"date": today().isoformat(), "stale": rows})
        return FAILED if stale else OK
    for age in stale:
        by_hand = data.catalogue[age.table].refresh.by_hand
        how = f"by hand: {by_hand}" if by_hand else f"compute-forecast refresh {age.table}"
        line = f"{age.table}: data to {age.date}, {age.days} days old, expected {age.rhythm}; {how}"
        print(printable(line))
    if not stale:
        print("No table is overdue.")
    return FAILED if stale else OK


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
