"""Units of the columns of runs: a row of units below the header, and questions where numbers can't
be in the unit that they are read in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import shown
from forecasting.formatting import significant
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_mapping import ROLE_WORDS, ColumnMapping, Measure
from forecasting.ingest.column_names import normalised
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.measure_guesses import MEASURE_WORDS
from forecasting.ingest.reading_report import Answer, ReadingQuestionError
from forecasting.ingest.units import (
    LOG_BASES,
    PLAIN,
    UNIT_WORDS,
    USUAL,
    USUAL_RATIO,
    is_usual,
    likely_units,
    ratio_is_usual,
    unit_of_cell,
    units_of_role,
)

#: A loss below this may be the logarithm of one where its name says “log”.
MAX_LOG_LOSS = 2.0
#: A log may end long before a run has seen its tokens.
MIN_RATIO_OF_STEPS = 1e-3
_FLOP_OF_COUNT = {"millions": "MFLOP", "billions": "GFLOP", "trillions": "TFLOP"}


@dataclass(frozen=True)
class UnitRow:
    """A row of units below the header: the `row` it stands in, and the unit of each column that it
    gives one for.
    """

    row: int
    units: Mapping[str, str]


def unit_row(sheet: Sheet) -> UnitRow | None:
    """The units that the first row below the header names, None where it holds a run."""
    if not sheet.sample or len(sheet.sample) < 2:
        return None
    cells = sheet.sample[0]
    units = {
        name: unit_of_cell(cell) for name, cell in zip(sheet.header, cells, strict=True) if cell
    }
    numbers = [number_of(cell, sheet.dialect.decimal) for cell in cells if cell]
    if len(units) < 2 or any(value is not None and not np.isnan(value) for value in numbers):
        return None
    known = {name: unit for name, unit in units.items() if unit is not None}
    if len(known) < max(2, 0.6 * len(units)):
        return None
    row = next(iter(sheet.batches([sheet.header[0], *known])), None)
    at = int(row.rows[0]) if row is not None and row.rows.size else 0
    return UnitRow(at, {name: unit for name, unit in known.items() if unit}) if at else None


def with_unit_row(given: ColumnMapping, mapping: ColumnMapping, units: UnitRow) -> dict[str, str]:
    """The units by role that a row of units gives; those that the user gave stay.

    Parameters
    ----------
    given : ColumnMapping
        What the user said.
    mapping : ColumnMapping
        The columns as found.
    units : UnitRow
        The row of units.
    """
    found = {}
    for role in ("params", "tokens", "training_flop", "unique_tokens", "step", "tokens_per_step"):
        unit = units.units.get(mapping.column(role), "")
        if role == "training_flop":
            unit = _FLOP_OF_COUNT.get(unit, unit)
        if unit and role not in given.units and unit in units_of_role(role):
            found[role] = unit
    return found


def ask_for_units(
    sizes: Mapping[str, FloatArray], mapping: ColumnMapping, given: Mapping[str, str]
) -> None:
    """Raises ReadingQuestionError where the middle of a column is no size, amount of data or
    compute of a run, and the user has not said its unit.

    Parameters
    ----------
    sizes : mapping of str to arrays of floats, shape (rows,)
        Parameters, tokens and FLOP as read, by role; NaN where unknown.
    mapping : ColumnMapping
        The columns and units as found.
    given : mapping of str to str
        The units that the user gave, which are not questioned.
    """
    columns = {
        role: sizes[role]
        for role in USUAL
        if mapping.column(role) and np.isfinite(sizes[role]).any()
    }
    # Where N and D are given, a C of another unit is compared with 6·N·D and not used.
    has_both = {"params", "tokens"} <= set(columns)
    open_roles = [
        role for role in columns if role not in given and (role != "training_flop" or not has_both)
    ]
    least = MIN_RATIO_OF_STEPS if mapping.one_row_is == "step" else USUAL_RATIO[0]
    doubtful = [role for role in open_roles if not is_usual(role, columns[role])]
    if not doubtful and open_roles:
        if has_both:
            if not ratio_is_usual(columns["params"], columns["tokens"], least):
                doubtful = open_roles
        elif "training_flop" in columns and len(columns) == 2:
            other = next(role for role in columns if role != "training_flop")
            with np.errstate(all="ignore"):
                third = columns["training_flop"] / (6.0 * columns[other])
            pair = (columns[other], third) if other == "params" else (third, columns[other])
            if not ratio_is_usual(*pair, least):
                doubtful = open_roles
    if not doubtful:
        return
    # As the cells stand: what was multiplied for a unit in a name is divided again.
    raw = {role: _as_written(values, role, mapping) for role, values in columns.items()}
    now = {role: _unit_now(role, mapping) for role in columns}
    likely = likely_units(raw, now, doubtful)
    if not likely and len(doubtful) > 1:
        likely = [units for role in doubtful for units in likely_units(raw, now, [role])]
    as_read = {role: now[role] or units_of_role(role)[0] for role in doubtful}
    answers = [
        Answer(", ".join(_words(role, unit, mapping) for role, unit in units.items()),
               {"units": units})
        for units in likely
        if units != as_read
    ]  # fmt: skip
    answers.append(
        Answer(
            "as they are read now: "
            + ", ".join(_words(role, unit, mapping) for role, unit in as_read.items()),
            {"units": as_read},
        )
    )
    seen = ", ".join(
        f"{mapping.column(role)} {significant(float(np.nanmin(raw[role])))} to"
        f" {significant(float(np.nanmax(raw[role])))}"
        for role in doubtful
    )
    options = " Or: ".join(f"{answer.words}?" for answer in answers[:-1])
    raise ReadingQuestionError(
        doubtful,
        seen,
        "No run is of such a size" + (f": read {options}" if options else ".")
        + " Give the unit (units), or confirm that they are right.",
        answers,
    )  # fmt: skip


def ask_for_log_loss(values: FloatArray, mapping: ColumnMapping) -> None:
    """Raises ReadingQuestionError where a name such as “log_loss” and small numbers leave open
    whether they are losses or their logarithms.
    """
    parts = set(normalised(mapping.column("loss")).split("_"))
    known = values[np.isfinite(values)]
    if not known.size or not parts & {"loss", "l"}:
        return
    measures: tuple[Measure, ...]
    if parts & {"log2", "base2"} or "base_2" in normalised(mapping.column("loss")):
        measures = ("bits", "loss")
    elif "log" in parts and np.median(known) < MAX_LOG_LOSS:
        measures = ("ln_loss", "log10_loss", "loss")
    else:
        return
    raise ReadingQuestionError(
        ["loss"],
        f"{significant(float(known.min()))} to {significant(float(known.max()))} in the column"
        f" {mapping.column('loss')}",
        "Is it the logarithm of the loss, the loss in another unit, or the loss in nats"
        " (cross-entropy)? Say which (measure).",
        [Answer(MEASURE_WORDS[measure], {"measure": measure}) for measure in measures],
    )


def _unit_now(role: str, mapping: ColumnMapping) -> str:
    return mapping.units.get(role, "")


def _as_written(values: FloatArray, role: str, mapping: ColumnMapping) -> FloatArray:
    base = LOG_BASES.get(mapping.units.get(role, ""))
    if base is not None:
        with np.errstate(all="ignore"):
            return np.asarray(np.log(values) / np.log(base), dtype=np.float64)
    return values / mapping.scales.get(role, 1.0)


def _words(role: str, unit: str, mapping: ColumnMapping) -> str:
    name = shown(mapping.column(role), 30)
    how = UNIT_WORDS.get(unit, unit)
    return f"{name} ({ROLE_WORDS[role]}) as {how}" if unit in PLAIN else f"{name} in {how}"
