"""Renew the tables in a folder from their sources.

    report = refresh("datasets")                   # what it would change, nothing is written
    report = refresh("datasets", dry_run=False)
    report.changes, report.effects, report.answer

Each table goes from its source through its adapter, the schema and a comparison with the old
table. What fails is put aside with its reason and the old table stays. What passes is replaced
together with the catalogue and the log of changes, or nothing is. Then what the new tables
forecast is written down in the ledger of forecasts.
"""

from __future__ import annotations

import datetime as dt
import json
import shutil
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from forecasting.data.catalogue import CATALOGUE_FILE, TableInfo
from forecasting.data.change_log import CHANGES_FILE, log_with
from forecasting.data.dataset import DataSet
from forecasting.data.replacement import (
    WORK_FOLDER,
    finish_replacement,
    locked,
    read_file,
    replace_files,
)
from forecasting.data.schema import constraint_problems, read_csv, read_frame, sha256_of
from forecasting.data.today import today
from forecasting.errors import ForecastingError, TableError, UnknownNameError
from forecasting.evaluation.forecast_ledger import TABLE as LEDGER
from forecasting.evaluation.ledger_entries import write_ledger
from forecasting.refreshing.adapters import ADAPTERS
from forecasting.refreshing.adapters.shapes import Adapted, Body, Known, UnexpectedShapeError
from forecasting.refreshing.download import DownloadError, DownloadLimits, Remembered
from forecasting.refreshing.effects import Effect, effects
from forecasting.refreshing.plausibility import plausibility
from forecasting.refreshing.report import Outcome, RefreshReport, Status
from forecasting.refreshing.sources import Found, Source, source_of
from forecasting.refreshing.table_changes import csv_bytes, in_order_of, table_changes

#: In WORK_FOLDER: what servers said of the bodies last used, and what was refused.
MEMORY_FILE = "requests.json"
REFUSED_FOLDER = "refused"
MAX_REFUSED = 20


class RefreshError(ForecastingError):
    """The folder can't be written to; nothing in it has changed."""


@dataclass(frozen=True)
class _Newer:
    """A table that passed: its rows, file and date, and what to remember of its addresses."""

    frame: pd.DataFrame
    content: bytes
    date: str
    found: Found


def refresh(
    folder: str | Path,
    *,
    source: str | Path | None = None,
    tables: Iterable[str] | None = None,
    dry_run: bool = True,
    limits: DownloadLimits | None = None,
) -> RefreshReport:
    """Renew tables from their sources; by default only say what it would change.

    Parameters
    ----------
    folder : path
        The folder of tables with its datapackage.json.
    source : path or str, optional
        A folder of downloaded files, taken by name; or the address of a server on this machine
        that stands in for all sources. None: the addresses in the catalogue.
    tables : names, optional
        Which tables; None: all.
    dry_run : bool
        Download, check and compare, but write nothing.
    limits : DownloadLimits, optional
        Time and size limits of downloads.

    Raises
    ------
    UnknownNameError
        For a table that is not in the catalogue.
    FolderInUseError
        Where another refresh of the folder is running.
    RefreshError
        Where the folder can't be written to, such as on a full disk; nothing has changed then.
    """
    folder = Path(folder)
    limits = limits or DownloadLimits()
    try:
        with nullcontext() if dry_run else locked(folder):
            if not dry_run:
                finish_replacement(folder)
            # Read under the lock: another refresh may just have ended.
            before = DataSet(folder)
            infos = [_info(before, name) for name in tables or before.names]
            given = source_of(source, before.catalogue.values(), today(), limits)
            return _refreshed(before, infos, given, dry_run)
    except OSError as error:
        raise RefreshError(
            f"{folder} can't be written to ({error.strerror or error}). The tables are as they"
            " were; make room or allow writing, and refresh again."
        ) from None


def _refreshed(
    before: DataSet, infos: list[TableInfo], source: Source, dry_run: bool
) -> RefreshReport:
    day = today()
    memory = _memory(before.folder)
    outcomes: list[Outcome] = []
    newer: dict[str, _Newer] = {}
    for info in infos:
        bodies: tuple[Body, ...] = ()
        try:
            found = source.find(info, _remembered(memory, before, info))
            if found.bodies is None:
                status: Status = "unchanged" if found.unchanged else "not given"
                outcomes.append(Outcome(info.name, status, found.why_none))
                continue
            bodies = found.bodies
            outcome, made = _newer(before, info, found, day)
        except ForecastingError as error:
            if isinstance(error, DownloadError) and error.body:
                bodies = (Body("answer", error.body),)
            reason = " ".join(error.problems[:5]) if isinstance(error, TableError) else str(error)
            outcome, made = Outcome(info.name, "refused", reason), None
            if bodies and not dry_run:
                _put_aside(before.folder, info.name, reason, bodies, day)
        outcomes.append(outcome)
        if made is not None:
            newer[info.name] = made
    outcomes, moved = _with_effects(before, outcomes, newer, day, dry_run)
    changed = {each.table for each in outcomes if each.status == "replaced"}
    since = {name: before.catalogue[name].date[:7] for name in changed}
    report = RefreshReport(
        before.folder, day, since, dry_run, tuple(outcomes), moved, source.others()
    )
    if not dry_run:
        if changed:
            contents = {before.catalogue[name].file: newer[name].content for name in changed}
            contents[CHANGES_FILE] = log_with(before.folder, report.log_lines())
            contents[CATALOGUE_FILE] = _catalogue(
                before.folder, {name: newer[name] for name in changed}, day
            )
            replace_files(before.folder, contents)
            report = replace(report, written_down=_written_down(before.folder, day))
        _remember(before.folder, memory, newer)
    return report


def _written_down(folder: Path, day: dt.date) -> str:
    """Put what the new tables forecast on record; a sentence on it, empty without a ledger."""
    data = DataSet(folder)
    if LEDGER not in data.catalogue:
        return ""
    try:
        rows = write_ledger(data, day)
    except Exception as error:  # the tables are replaced already, and stay so
        return (
            f"The forecasts could not be written down ({str(error).rstrip('.')}): run"
            " python -m forecasting.evaluation.ledger_entries."
        )
    return f"{rows} forecasts were written down in {LEDGER}." if rows else ""


def _with_effects(
    before: DataSet, outcomes: list[Outcome], newer: dict[str, _Newer], day: dt.date, dry_run: bool
) -> tuple[list[Outcome], tuple[Effect, ...]]:
    """The figures that move, and the outcomes with those refused that no figure can be computed
    with; these leave `newer`.
    """
    changed = [each.table for each in outcomes if each.status == "replaced"]
    found = effects(
        before,
        {name: newer[name].frame for name in changed},
        {name: newer[name].date for name in changed},
    )
    for place, outcome in enumerate(outcomes):
        reason = (found.unusable or {}).get(outcome.table)
        if reason is not None:
            outcomes[place] = Outcome(outcome.table, "refused", reason)
            made = newer.pop(outcome.table)
            if not dry_run:
                _put_aside(before.folder, outcome.table, reason, made.found.bodies or (), day)
    return outcomes, found.moved


def _info(data: DataSet, name: str) -> TableInfo:
    if name not in data.catalogue:
        raise UnknownNameError("table", name, data.names)
    return data.catalogue[name]


def _newer(
    before: DataSet, info: TableInfo, found: Found, day: dt.date
) -> tuple[Outcome, _Newer | None]:
    """The checked table; raises a ForecastingError that says why it is refused."""
    old = before[info.name]
    old_file = read_file(before.folder, info.file)
    adapted = _adapted(info, found, Known(info, old, day))
    frame = read_frame(info, adapted.frame)
    if problems := constraint_problems(info, frame):
        raise TableError(info.name, problems)
    verdict = plausibility(info, old, frame, day)
    if verdict.problems:
        raise TableError(info.name, verdict.problems)
    frame = in_order_of(info, old, verdict.frame)
    content = csv_bytes(info, frame, old, old_file)
    frame = read_csv(info, content)  # what the next reader gets, to the last digit
    changes = table_changes(info, old, frame)
    made = _Newer(frame, content, adapted.as_of or found.as_of or day.isoformat(), found)
    notes = (*adapted.notes, *verdict.notes)
    if not changes.any:
        return Outcome(info.name, "unchanged", "has no newer rows.", notes=notes), made
    return Outcome(info.name, "replaced", "", changes, notes), made


def _adapted(info: TableInfo, found: Found, known: Known) -> Adapted:
    assert found.bodies is not None
    if found.own:
        return Adapted(read_csv(info, found.bodies[0].content))
    name = info.refresh.adapter or ""
    if name not in ADAPTERS:
        raise UnknownNameError("adapter", name, ADAPTERS)
    try:
        return ADAPTERS[name](found.bodies, known)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        # A shape that the adapter does not look for is a shape that it does not know.
        if isinstance(error, ForecastingError):
            raise
        raise UnexpectedShapeError(
            found.bodies[0].name,
            f"what the adapter {name} reads",
            f"another shape ({type(error).__name__}: {str(error)[:120]})",
        ) from error


def _catalogue(folder: Path, newer: Mapping[str, _Newer], day: dt.date) -> bytes:
    """The catalogue's file with rows, checksum and date of the newer tables."""
    package = json.loads(read_file(folder, CATALOGUE_FILE))
    package["version"] = day.isoformat()
    for resource in package["resources"]:
        made = newer.get(resource["name"])
        if made is not None:
            resource["date"] = made.date
            resource["rows"] = len(made.frame)
            resource["sha256"] = sha256_of(made.content)
    return (json.dumps(package, indent=2, ensure_ascii=False) + "\n").encode()


def _memory(folder: Path) -> dict[str, Any]:
    """By table: the checksum of the table made, and what the servers said of its addresses."""
    try:
        memory = json.loads((folder / WORK_FOLDER / MEMORY_FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return memory if isinstance(memory, dict) else {}


def _remembered(memory: Mapping[str, Any], data: DataSet, info: TableInfo) -> dict[str, Remembered]:
    """Only what belongs to the table as it stands: one put back by hand is asked for anew."""
    entry = memory.get(info.name)
    try:
        if not entry or entry["sha256"] != sha256_of(read_file(data.folder, info.file)):
            return {}
        return {url: Remembered(**said) for url, said in entry["urls"].items()}
    except (KeyError, TypeError, AttributeError):
        return {}


def _remember(folder: Path, memory: dict[str, Any], newer: Mapping[str, _Newer]) -> None:
    for name, made in newer.items():
        if made.found.remember:
            memory[name] = {
                "sha256": sha256_of(made.content),
                "urls": {url: asdict(said) for url, said in made.found.remember},
            }
    # Losing it costs one needless download.
    with suppress(OSError):
        written = folder / WORK_FOLDER / f"{MEMORY_FILE}.new"
        written.write_text(json.dumps(memory, indent=1), encoding="utf-8")
        written.replace(folder / WORK_FOLDER / MEMORY_FILE)


def _put_aside(folder: Path, table: str, reason: str, bodies: Iterable[Body], day: dt.date) -> None:
    """Keep what was refused with its reason, the newest of all tables."""
    refused = folder / WORK_FOLDER / REFUSED_FOLDER
    place = refused / f"{day.isoformat()}_{table}"
    with suppress(OSError):  # a full disk must not hide the reason, which the report has too
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        (place / "reason.txt").write_text(reason + "\n", encoding="utf-8")
        for number, body in enumerate(bodies, start=1):
            (place / f"body_{number}").write_bytes(body.content)
        for old in sorted(refused.iterdir())[:-MAX_REFUSED]:
            shutil.rmtree(old, ignore_errors=True)
