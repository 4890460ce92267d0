"""A file of the user's own, told by its header: runs, prices, counts of repeated sampling, or a
newer release of a table.

own = read_own_file(content, name="prices", data=bundled())
own                # RunFile, OwnPrices, ProblemCounts or NewerTable
"""

from __future__ import annotations

import pandas as pd

from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.own_prices import (
    OwnPrices,
    is_price_file,
    is_price_list_without_a_price,
    prices_of,
)
from forecasting.ingest.runs import DEFAULT_LIMITS, RunFile, Source, open_runs
from forecasting.ingest.sample_counts import COLUMNS as COUNT_COLUMNS
from forecasting.ingest.sample_counts import MAX_PROBLEMS, ProblemCounts, problem_counts
from forecasting.user_runs.epoch_tables import (
    NewerTable,
    epoch_table_of,
    newer_table,
    other_table_of,
)

OwnFile = RunFile | OwnPrices | ProblemCounts | NewerTable


def read_own_file(
    source: Source, *, name: str = "", data: DataSet, limits: Limits = DEFAULT_LIMITS
) -> OwnFile:
    """What a file holds. Runs are opened, not read: their columns may need a decision.

    Parameters
    ----------
    source : path, bytes, open file, or str with line breaks
        The file.
    name : str
        Its name in messages; "": that of the file.
    data : DataSet
        Its chips are those that prices may name.
    limits : Limits
        Its largest sizes.

    Raises
    ------
    ForecastingError
        For what is no such file, and for one that holds nothing that can be used.
    """
    file = open_runs(source, name=name, limits=limits)
    header = file.sheet.header
    if epoch_table_of(header) is not None:
        return newer_table(file.sheet)
    if (other := other_table_of(header)) is not None:
        raise InputError(
            "file", other, "No page uses it: give Epoch AI's table of models or of hardware."
        )
    if is_price_file(header):
        return prices_of(file.sheet, data)
    if is_price_list_without_a_price(header):
        raise InputError(
            "file",
            "a list of prices, by its columns",
            "Name the column with dollars for an hour of one chip usd_per_chip_hour, or those for"
            " tokens usd_per_mtok_in and usd_per_mtok_out.",
        )
    if set(COUNT_COLUMNS) <= {column.lower() for column in header}:
        return counts_of(file.sheet)
    return file


def counts_of(sheet: Sheet) -> ProblemCounts:
    """Own counts of repeated sampling."""
    columns = {
        name: next(known for known in sheet.header if known.lower() == name)
        for name in COUNT_COLUMNS
    }
    cells: dict[str, list[str]] = {name: [] for name in columns}
    for batch in sheet.batches(list(columns.values())):
        for name, known in columns.items():
            cells[name] += batch.columns[known].to_pylist()
        if len(cells["problem"]) > MAX_PROBLEMS:
            break
    return problem_counts(pd.DataFrame(cells))
