"""A forecast over a table of scenarios, a row each, on as many processes or machines as
FORECASTING_JOBS or FORECASTING_DASK names (see `stats.parallel`).

    done = fc.sweep("scenarios.csv", fc.plan, output="plans.parquet")
    done.rows, done.problems            # bad rows are kept apart, with the reason

Each scenario draws with its own seed, so that results do not depend on where they are computed.
What is done is written part by part; a sweep that was killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Literal, get_origin

import numpy as np
import pandas as pd
import pyarrow as pa

from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import BeyondNumbersError, ForecastingError, InputError, shown
from forecasting.scenario import Inputs, inputs_class
from forecasting.stats.key_figures import key_figures
from forecasting.stats.parallel import parallel_each
from forecasting.sweeps.parts import PROBLEM, ROW, Part, Parts, joined
from forecasting.sweeps.scenario_rows import ScenarioRow, ScenarioRows, Source

What = Literal["table", "answer"]
#: Gives the table of one scenario from its values by name; raises ForecastingError.
Compute = Callable[[Mapping[str, Any]], pd.DataFrame]
ROWS_A_PART = 100
MAX_NAMED = 40


@dataclass(frozen=True)
class Sweep:
    """What a sweep gave: `rows` scenarios were read; `problems` has a row for each that could not
    be used, with its number and a sentence. The results are in the file `output`, or in `table`
    where none was named: in the column `row` the number of the scenario, then the columns of its
    result.
    """

    rows: int
    problems: pd.DataFrame = field(repr=False)
    output: Path | None = None
    table: pd.DataFrame | None = field(default=None, repr=False)


def sweep(
    scenarios: Source,
    forecast: Callable[..., Any],
    *,
    output: str | Path | None = None,
    what: What = "table",
    rows_a_part: int = ROWS_A_PART,
    jobs: int | None = None,
    dask: str | None = None,
    data: DataOrContext | None = None,
) -> Sweep:
    """The forecast for every row of a table.

    Parameters
    ----------
    scenarios : path or DataFrame
        A CSV or Parquet file, or a data frame; its columns are inputs of the forecast, an empty
        cell is the default.
    forecast : function of a scenario
        Such as `fc.plan`.
    output : path or None
        The Parquet file to write; None: in memory.
    what : str
        "table": the table of each result; "answer": a row a scenario with its answer and each
        of its key figures.
    rows_a_part : int
        Scenarios that are computed, and written, together.
    jobs, dask : int, str or None
        As for `parallel_map`.
    data : DataSet, Context or None
        What the forecast may read; None: the bundled tables.

    Returns
    -------
    Sweep
        The number of rows, the problems, and the results or where they are.

    Raises
    ------
    InputError
        For a column that is no input.
    ForecastingError
        For a table that can't be read, and parts of another sweep beside `output`.
    """
    rows = ScenarioRows(scenarios)
    known = list(inputs_class(forecast).model_fields)
    check_columns(rows, known)
    name = f"{getattr(forecast, '__module__', '')}.{getattr(forecast, '__qualname__', '')}"
    return sweep_rows(
        rows,
        partial(_computed, forecast, what, data),
        output=output,
        about={"forecast": name, "what": what, "tables": fingerprint_of(context_of(data).data)},
        rows_a_part=rows_a_part,
        jobs=jobs,
        dask=dask,
    )


def sweep_rows(
    rows: ScenarioRows,
    compute: Compute,
    *,
    about: Mapping[str, object],
    output: str | Path | None = None,
    rows_a_part: int = ROWS_A_PART,
    jobs: int | None = None,
    dask: str | None = None,
) -> Sweep:
    """The same for any function of a row's values.

    Parameters
    ----------
    rows : ScenarioRows
        The scenarios.
    compute : function of a mapping
        Gives the table of one scenario; it can be pickled where it goes to other processes.
    about : mapping
        What the results depend on beside the rows: parts that were made with anything else are not
        gone on with.
    output : path or None
        The Parquet file to write; None: in memory.
    rows_a_part : int
        Scenarios that are computed, and written, together.
    jobs, dask : int, str or None
        As for `parallel_map`.

    Returns
    -------
    Sweep
        The number of rows, the problems, and the results or where they are.

    Raises
    ------
    ForecastingError
        For parts of another sweep beside `output`.
    """
    if rows_a_part < 1:
        raise InputError("rows_a_part", rows_a_part, "Give at least 1.")
    work = partial(_part, compute)
    if output is None:
        todo = enumerate(_divided(rows, rows_a_part))
        count, table, problems = joined(parallel_each(work, todo, jobs=jobs, dask=dask))
        return Sweep(count, _frame(problems), table=table.to_pandas())
    parts = Parts(
        Path(output), {"scenarios": rows.fingerprint, "rows_a_part": rows_a_part, **about}
    )
    # Read once before, since a table that ends badly is better refused now.
    total = -(-sum(1 for _ in rows) // rows_a_part)
    left = (each for each in enumerate(_divided(rows, rows_a_part)) if not parts.is_done(each[0]))
    for part in parallel_each(work, left, jobs=jobs, dask=dask):
        parts.write(part)
    count, problems = parts.join(total)
    return Sweep(count, _frame(problems), output=Path(output))


def fingerprint_of(data: DataSet) -> str:
    """The fingerprint of all tables."""
    return data.fingerprint(data.catalogue)


def check_columns(rows: ScenarioRows, known: list[str]) -> None:
    """Raise InputError for a column that is none of the known inputs."""
    wrong = next((name for name in rows.columns if name not in known), None)
    if wrong is not None:
        named = ", ".join(known[:MAX_NAMED])
        raise InputError("column", wrong, f"Columns are named as inputs: {named} ….")


def _divided(rows: ScenarioRows, size: int) -> Iterator[list[ScenarioRow]]:
    every = iter(rows)
    while some := list(islice(every, size)):
        yield some


def _part(compute: Compute, numbered: tuple[int, list[ScenarioRow]]) -> Part:
    """The tables of some rows together."""
    number, rows = numbered
    tables, problems = [], []
    for row in rows:
        try:
            if row.problem is not None:
                raise row.problem
            with np.errstate(all="ignore"):
                table = compute(row.values)
            tables.append(table.assign(**{ROW: row.number}))
        except ForecastingError as error:
            problems.append((row.number, str(error)))
        except (ArithmeticError, np.linalg.LinAlgError):
            problems.append((row.number, str(BeyondNumbersError())))
    if not tables:
        return Part(number, len(rows), pa.table({}), problems)
    every = pd.concat(tables, ignore_index=True)
    columns = [ROW, *(name for name in every.columns if name != ROW)]
    table = pa.Table.from_pandas(every[columns], preserve_index=False)
    return Part(number, len(rows), table, problems)


def _computed(
    forecast: Callable[..., Any],
    what: What,
    data: DataOrContext | None,
    values: Mapping[str, Any],
) -> pd.DataFrame:
    inputs = inputs_class(forecast)
    result = forecast(inputs(**_read(inputs, values)), data=data)
    return table_of(result, what)


def table_of(result: Any, what: What) -> pd.DataFrame:
    """What a sweep keeps of a result; raises ForecastingError for a result without a table."""
    if what == "answer":
        row: dict[str, Any] = {"answer": str(result.answer)}
        for name, figure in key_figures(result).items():
            row |= {
                f"{name}_value": figure.value,
                f"{name}_low": figure.low,
                f"{name}_high": figure.high,
            }
        return pd.DataFrame([row])
    table = getattr(result, "table", None)
    if not isinstance(table, pd.DataFrame):
        raise ForecastingError(f"{shown(type(result).__name__)} has no table: sweep its answers.")
    return table


def _read(inputs: type[Inputs], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as fields take them: texts divided by commas where a field is a tuple."""
    return {
        name: tuple(value.split(","))
        if isinstance(value, str) and get_origin(inputs.model_fields[name].annotation) is tuple
        else value
        for name, value in values.items()
    }


def _frame(problems: list[tuple[int, str]]) -> pd.DataFrame:
    return pd.DataFrame(problems, columns=[ROW, PROBLEM])
