"""compute-forecast store: the shared links of a server, checked and mended."""

from __future__ import annotations

import argparse
import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from compute_forecast.errors import FAILED, OK, CommandError
from compute_forecast.progress import progress

if TYPE_CHECKING:
    from dashboard.store import SharedLinks, StoreSettings
    from dashboard.store.check import StoreReport

#: Problems that are printed; --json has all of them.
MAX_PRINTED = 50
WHERE = (
    "The store is the one that the server would use: DATABASE_URL or COMPUTE_FORECAST_STORE name"
    " it. The server can keep running."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do with the store."""
    parser.epilog = WHERE
    parser.add_argument("action", choices=["check"], help="check: read every link whole")
    parser.add_argument(
        "--repair",
        action="store_true",
        help="repair counts, seals and indexes; damaged links also need --backup",
    )
    parser.add_argument(
        "--backup",
        metavar="FILE",
        help="with --repair: a backup of the store, a SQLite file or the address of a PostgreSQL"
        " database, from which damaged links are restored",
    )
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")
    parser.add_argument("--quiet", action="store_true", help="do not report progress on stderr")


def run(arguments: argparse.Namespace) -> int:
    """Check the store, and mend it where asked; FAILED where links are damaged or anything is
    left to mend.
    """
    if importlib.util.find_spec("sqlalchemy") is None:
        raise CommandError(
            "The store of shared links needs the dashboard:"
            " pip install 'compute-forecast[dashboard]'."
        )
    from dashboard.store import StoreSettings
    from dashboard.store.check import check, repair

    if arguments.backup and not arguments.repair:
        raise CommandError("--backup restores damaged links: give --repair too.", 2)
    settings = StoreSettings.from_environment()
    store = _opened(settings)
    with progress("Reading every shared link", quiet=arguments.quiet):
        found = left = check(store)
    if arguments.repair and found.problems:
        with (
            progress("Repairing the store", quiet=arguments.quiet),
            _backup(arguments.backup) as backup,
        ):
            left = repair(store, found, backup)
    if arguments.json:
        _print_json(found, left)
    else:
        _print_words(settings, found, left)
    return FAILED if left.problems else OK


def _opened(settings: StoreSettings) -> SharedLinks:
    """The store; a file that is not there is not made."""
    url = settings.url
    if url.drivername == "sqlite" and not Path(str(url.database)).is_file():
        raise CommandError(
            f"There is no store at {url.database}: no link has been saved there yet, or"
            " COMPUTE_FORECAST_STORE names another file."
        )
    return settings.open()


@contextmanager
def _backup(place: str | None) -> Iterator[SharedLinks | None]:
    """The store of a backup: of a file a copy, since one of an earlier version is upgraded."""
    from dashboard.store import StoreSettings

    if place is None:
        yield None
    elif "://" in place:
        yield _opened(StoreSettings(database_url=place))
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / "backup.sqlite3"
            try:
                shutil.copyfile(place, copy)
            except OSError as error:
                raise CommandError(
                    f"The backup {place} can't be read ({error.strerror})."
                ) from None
            store = _opened(StoreSettings(file=copy))
            yield store
            store.close()


def _print_json(found: StoreReport, left: StoreReport) -> None:
    problems = [
        {
            "kind": problem.kind,
            "sentence": problem.sentence,
            "links": list(problem.links),
            "mended": problem not in left.problems,
        }
        for problem in found.problems
    ]
    report = {
        "links": left.links,
        "parts": left.parts,
        "bytes": left.bytes,
        "damaged_links": list(left.damaged),
        "problems": problems,
    }
    json.dump(report, sys.stdout, ensure_ascii=False, indent=2)
    print()


def _print_words(settings: StoreSettings, found: StoreReport, left: StoreReport) -> None:
    print(f"Store: {settings.url.render_as_string()}")
    for problem in found.problems[:MAX_PRINTED]:
        mended = "" if problem in left.problems else " Repaired."
        print(f"- {problem.sentence}{mended}")
    if len(found.problems) > MAX_PRINTED:
        print(f"- … and {len(found.problems) - MAX_PRINTED:,} more; --json prints all of them.")
    read = f"{left.links:,} links with {left.parts:,} parts ({left.bytes / 2**20:,.1f} MiB) read"
    if not left.problems:
        print(f"{read}: all are as they were saved.")
        return
    print(f"{read}: {len(left.problems):,} problems left, {len(left.damaged):,} links damaged.")
    if left.damaged:
        print("Restore damaged links: compute-forecast store check --repair --backup FILE")
    elif found is left:
        print("Repair them: compute-forecast store check --repair")
