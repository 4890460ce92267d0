"""What each column of a file was taken for: role, unit, why, and three cells."""

from __future__ import annotations

import re

from forecasting.ingest.column_mapping import NUMERIC_ROLES, TEXT_ROLES, ColumnMapping
from forecasting.ingest.column_names import normalised, unit_of_role_name
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.measure_guesses import MEASURE_WORDS
from forecasting.ingest.reading_report import ColumnReading
from forecasting.ingest.unit_checks import UnitRow
from forecasting.ingest.units import UNIT_WORDS

_OWN_UNIT = re.compile(r"\d\s*(?:[kmbt]|bn|tn|[kmgtpez]?flops?)\b", re.IGNORECASE)
_UNITS = {"cost_usd": "dollars", "step": "steps", "tokens_per_param": "tokens per parameter"}
_PLAIN_WORDS = {"training_flop": "FLOP", "params": "parameters", "step": "steps"}
_LOSS_UNITS = {"loss": "nats per token"}


def column_readings(
    sheet: Sheet, mapping: ColumnMapping, given: ColumnMapping, units: UnitRow | None
) -> tuple[ColumnReading, ...]:
    """The columns that are used, by role, and how parameters, tokens and compute follow where no
    column gives them.

    Parameters
    ----------
    sheet : Sheet
        The file.
    mapping : ColumnMapping
        The columns as read.
    given : ColumnMapping
        What the user said of them.
    units : UnitRow or None
        A row of units below the header.
    """
    found = []
    for role in (*NUMERIC_ROLES, *TEXT_ROLES):
        name = mapping.column(role)
        if name and name in sheet.header:
            unit, why, is_assumed = _unit(role, name, sheet, mapping, given, units)
            sample = tuple(sheet.sample_of(name)[:3])
            found.append(ColumnReading(role, name, unit, why, is_assumed, sample))
        elif role in ("params", "tokens", "training_flop") and not name:
            why = _followed(role, mapping)
            if why:
                found.append(
                    ColumnReading(role, "", _PLAIN_WORDS.get(role, "tokens"), why, role == "params")
                )
    return tuple(found)


def _unit(
    role: str,
    name: str,
    sheet: Sheet,
    mapping: ColumnMapping,
    given: ColumnMapping,
    units: UnitRow | None,
) -> tuple[str, str, bool]:
    by_name = "its name" if getattr(given, role) != name else "as you chose"
    if role in TEXT_ROLES:
        return "", f"found by {by_name}" if by_name == "its name" else by_name, False
    if role == "loss":
        return _loss_unit(name, mapping, given)
    unit = mapping.units.get(role, "")
    words = UNIT_WORDS.get(unit, unit) or _UNITS.get(role, _PLAIN_WORDS.get(role, "tokens"))
    if role in given.units or role in given.scales:
        return words, "unit as you chose", False
    if units is not None and units.units.get(name):
        return words, f"row {units.row} gives the unit", False
    if unit_of_role_name(role, name) and unit:
        return words, "its name gives the unit", False
    if any(_OWN_UNIT.search(cell) for cell in sheet.sample_of(name)):
        return words, "its cells give their unit", False
    if role in ("params", "tokens", "training_flop", "unique_tokens"):
        return words, "no unit is named; the numbers fit plain ones", True
    return words, "found by its name", False


def _loss_unit(name: str, mapping: ColumnMapping, given: ColumnMapping) -> tuple[str, str, bool]:
    measure = mapping.measure or "loss"
    words = _LOSS_UNITS.get(measure, MEASURE_WORDS[measure])
    if given.measure is not None:
        return words, "as you chose", False
    parts = set(normalised(name).split("_"))
    if measure != "loss" or parts & {"nats", "nat"}:
        return words, "its name gives the unit", False
    return words, "no unit is named; losses are mostly in nats", True


def _followed(role: str, mapping: ColumnMapping) -> str:
    if role == "training_flop":
        return "6·N·D"
    if role == "tokens" and mapping.epochs and mapping.unique_tokens:
        return "tokens of the data set times epochs"
    if role == "tokens" and mapping.tokens_per_param:
        return "parameters times tokens per parameter"
    if (
        role == "tokens"
        and mapping.step
        and (mapping.tokens_per_step or mapping.all_tokens_per_step)
    ):
        return "steps times tokens per step"
    if role == "params" and mapping.all_params:
        return "as you chose, of all runs"
    if mapping.training_flop and mapping.column("params" if role == "tokens" else "tokens"):
        return "C / (6·N)" if role == "tokens" else "C / (6·D)"
    return "the names of the runs" if role == "params" else ""
