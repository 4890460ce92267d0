"""What has changed since an older folder of tables, for tables that were replaced by hand."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from forecasting.data.change_log import CHANGES_FILE, log_with
from forecasting.data.dataset import DataSet
from forecasting.data.replacement import locked, replace_files
from forecasting.data.today import today
from forecasting.refreshing.effects import effects
from forecasting.refreshing.refresh import RefreshError
from forecasting.refreshing.report import Outcome, RefreshReport
from forecasting.refreshing.table_changes import TableChanges, table_changes


def changes_since(older: str | Path, folder: str | Path, *, dry_run: bool = True) -> RefreshReport:
    """Compare the tables in `folder` with older ones; unless `dry_run`, log it beside them.

    Parameters
    ----------
    older : path
        The folder of the older tables, with its datapackage.json.
    folder : path
        The tables of now.
    dry_run : bool
        Write nothing.

    Raises
    ------
    TableError
        For a folder without tables.
    RefreshError
        Where the log can't be written.
    """
    before, after = DataSet(Path(older)), DataSet(Path(folder))
    outcomes, frames = [], {}
    for name, info in after.catalogue.items():
        if name not in before.catalogue:
            changes = TableChanges(added=tuple(map(str, range(info.rows))))
        elif list(before[name].columns) == list(after[name].columns):
            changes = table_changes(info, before[name], after[name])
            if changes.any:
                frames[name] = after[name]
        else:
            outcomes.append(Outcome(name, "refused", "its columns have changed."))
            continue
        if changes.any:
            outcomes.append(Outcome(name, "replaced", "", changes))
    dates = {name: after.catalogue[name].date for name in frames}
    moved = effects(before, frames, dates, after).moved
    replaced = [each.table for each in outcomes if each.status == "replaced"]
    since = {
        name: before.catalogue[name].date[:7] if name in before.catalogue else ""
        for name in replaced
    }
    report = RefreshReport(after.folder, today(), since, dry_run, tuple(outcomes), moved)
    try:
        with nullcontext() if dry_run else locked(after.folder):
            if not dry_run and report.log_lines():
                log = log_with(after.folder, report.log_lines())
                replace_files(after.folder, {CHANGES_FILE: log})
    except OSError as error:
        raise RefreshError(f"{folder} can't be written to ({error.strerror or error}).") from None
    return report
