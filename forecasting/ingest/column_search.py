"""Which column holds what, found by names and by the first cells; what the user says goes first.

mapping = found_mapping(sheet, ColumnMapping())      # raises AmbiguousColumnError where two fit
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from forecasting.errors import UnknownNameError
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_mapping import (
    NUMERIC_ROLES,
    ROLES,
    AmbiguousColumnError,
    ColumnMapping,
    Measure,
)
from forecasting.ingest.column_names import (
    LOSS_WORDS_OUT,
    MEASURE_NAMES,
    NAMES,
    measure_in,
    normalised,
    unit_of_role_name,
    variants_of,
    without_prefix,
)
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.units import (
    LOG,
    PLAIN,
    factor_of,
    is_rate,
    resolved_log,
    unit_of_cell,
    units_of_role,
)

#: A column counts as numbers when this share of its first cells are.
_NEEDED_SHARE = 0.3
#: What a column of units says of losses.
_MEASURE_OF_UNIT: Mapping[str, Measure] = {
    "bits": "bits", "bit": "bits", "bits/token": "bits", "bits per token": "bits", "bpt": "bits",
    "bits per byte": "bits_per_byte", "bits/byte": "bits_per_byte", "bpb": "bits_per_byte",
    "ppl": "perplexity", "perplexity": "perplexity",
}  # fmt: skip
#: Parts of names of losses on data that a run was not trained on.
_HELD_OUT = frozenset(
    {"val", "valid", "validation", "eval", "evaluation", "test", "dev", "heldout"}
)
#: Names of the compute of an IsoFLOP budget, where the numbers are at least so large.
_BUDGETS, _SMALLEST_BUDGET_FLOP = frozenset({"budget", "isoflop", "isoflops"}), 1e13
#: A column is full when this share of its first cells is.
_FULL_SHARE = 0.9


def found_mapping(sheet: Sheet, given: ColumnMapping) -> ColumnMapping:
    """`given` with what it leaves open found by names; what it names is checked.

    Raises UnknownNameError for a column that the file does not have and AmbiguousColumnError where
    two columns fit equally well.
    """
    for role in ROLES:
        name = getattr(given, role)
        if name and name not in sheet.header:
            raise UnknownNameError(role, name, sheet.header)
    taken = {getattr(given, role) for role in ROLES} - {None, ""}
    names = {
        name: normalised(_as_written(name, sheet.header))
        for name in sheet.header
        if name and name not in taken
    }
    found: dict[str, str] = {}
    for role in ROLES:
        if getattr(given, role) is None and role != "loss":
            found[role] = _best(role, NAMES[role], names, sheet, role in NUMERIC_ROLES)
            if role == "training_flop" and not found[role]:
                found[role] = _budget_of_compute(names, sheet)
            names.pop(found[role], None)
    measure = given.measure
    if given.loss is None:
        found["loss"], guessed = _loss_column(names, sheet, measure)
        measure = measure or guessed
    elif given.loss:
        measure = measure or measure_in(given.loss)
    if given.tokens is None and given.unique_tokens is None and _is_data_set(found, sheet):
        found |= {"unique_tokens": found["tokens"], "tokens": ""}
    columns: dict[str, Any] = dict(found)
    if given.measure is None and measure in (None, "loss"):
        name = found.get("loss") or given.loss or ""
        measure = _MEASURE_OF_UNIT.get(_unit_beside(sheet, name, "loss"), measure) if name else None
    full = replace(given, **columns, measure=measure or "loss")
    units = {
        role: unit
        for role in NUMERIC_ROLES
        if role != "loss" and (unit := unit_of_column(sheet, role, full)) not in ("", *PLAIN)
    }
    for role in ("params", "tokens", "training_flop"):
        beside = _unit_beside(sheet, full.column(role), role) if full.column(role) else ""
        named = unit_of_cell(beside) if beside else ""
        if named and role not in units and named in units_of_role(role):
            units[role] = named
    scales = dict(given.scales)
    for role, unit in units.items():
        factor = factor_of(unit)
        if factor is not None and role not in scales:
            scales[role] = factor
    return replace(full, units={**given.units, **units}, scales=scales)


def _as_written(name: str, header: Sequence[str]) -> str:
    """The name without the number that a second column of one name was given."""
    base, mark, number = name.rstrip("'").rpartition(" (")
    is_second = bool(mark) and base in header and number.rstrip(")").isdigit()
    return base if is_second else name


def _is_data_set(found: Mapping[str, str], sheet: Sheet) -> bool:
    """Whether the tokens found are those of a data set which runs see several times, or in part."""
    tokens, epochs = found.get("tokens", ""), found.get("epochs", "")
    if not tokens or not epochs or found.get("unique_tokens"):
        return False
    if not variants_of(normalised(tokens)) & set(NAMES["tokens"][-1].split()):
        return False
    read = [number_of(cell, sheet.dialect.decimal) for cell in sheet.sample_of(epochs)]
    return any(value is not None and not np.isclose(value, 1.0) for value in read)


def unit_of_column(sheet: Sheet, role: str, mapping: ColumnMapping) -> str:
    """The unit of a role's column: as given, else as its name says; "" where neither does.

    Parameters
    ----------
    sheet : Sheet
        The file, whose first cells tell the base of logarithms.
    role : str
        What the column holds.
    mapping : ColumnMapping
        The columns as found.
    """
    name = mapping.column(role)
    if role in mapping.units or not name or role in mapping.scales:
        return mapping.units.get(role, "")
    unit = unit_of_role_name(role, name)
    if unit == LOG:
        cells = (number_of(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name))
        unit = resolved_log(role, [cell for cell in cells if cell is not None and cell == cell])
    return unit


def _could_be(plain: str, words: set[str]) -> bool:
    """Whether a name has any of the words in it, so that its variants are worth looking at: in
    files of thousands of columns they take seconds.
    """
    if "flop" in plain or "log" in plain:
        return True
    parts = plain.split("_")
    return any(word in plain if len(word) > 1 else word in parts for word in words)


def _best(
    role: str, lines: Sequence[str], names: Mapping[str, str], sheet: Sheet, numeric: bool
) -> str:
    chosen = ""
    for line in lines:
        words = set(line.split())
        fits = [
            name
            for name, plain in names.items()
            if _could_be(plain, words)
            and (variants_of(plain) if numeric else {plain, *without_prefix(plain)}) & words
            and (not numeric or _is_numeric(sheet, name))
            and not (role == "training_flop" and is_rate(plain) and plain not in words)
        ]
        # The name as it stands goes before the same name with a prefix or a unit.
        exact = [name for name in fits if names[name] in words]
        fits = exact or fits
        if chosen:
            fits = [name for name in fits if _is_fuller(sheet, name, chosen, role)]
        if len(fits) > 1:
            fits = _told_apart(role, fits, sheet)
        if fits:
            chosen = fits[0]
    return chosen


def _budget_of_compute(names: Mapping[str, str], sheet: Sheet) -> str:
    """A column called a budget and no more, whose numbers no sum of money could be; "" for none."""
    for name, plain in names.items():
        if plain in _BUDGETS and (cells := sheet.sample_of(name)):
            read = [number_of(cell, sheet.dialect.decimal) for cell in cells]
            if all(value is not None and value >= _SMALLEST_BUDGET_FLOP for value in read):
                return name
    return ""


def _is_fuller(sheet: Sheet, name: str, other: str, role: str) -> bool:
    """Whether a column fills what the other, of a better name, leaves empty in half of the rows and
    says the same where both are filled.
    """
    if role not in ("params", "tokens", "training_flop") or not sheet.sample:
        return False
    share = len(sheet.sample_of(other)) / len(sheet.sample)
    if share > _FULL_SHARE / 2 or len(sheet.sample_of(name)) < _FULL_SHARE * len(sheet.sample):
        return False
    pairs = [
        (row[sheet.header.index(name)], row[sheet.header.index(other)]) for row in sheet.sample
    ]
    both = [
        (number_of(a, sheet.dialect.decimal), number_of(b, sheet.dialect.decimal))
        for a, b in pairs
        if a and b
    ]
    if any(a is None or b is None or not np.isclose(a, b, rtol=0.05) for a, b in both):
        raise AmbiguousColumnError(role, [other, name])
    return True


def _told_apart(role: str, fits: list[str], sheet: Sheet) -> list[str]:
    """One of several columns that fit: the fuller one where another is empty, either where both say
    the same; else the user must say.
    """
    filled = [name for name in fits if sheet.sample_of(name)]
    if len(filled) <= 1:
        return filled or fits[:1]
    columns = {name: [row[sheet.header.index(name)] for row in sheet.sample] for name in filled}
    if all(cells == columns[filled[0]] for cells in columns.values()):
        return filled[:1]
    if role in ("params", "tokens", "training_flop", "loss"):
        raise AmbiguousColumnError(role, filled)
    return filled[:1]


def _loss_column(
    names: Mapping[str, str], sheet: Sheet, measure: Measure | None
) -> tuple[str, Measure | None]:
    # What says bits, perplexity or a logarithm is no loss in nats, whatever else its name says.
    plain_losses = {
        name: plain
        for name, plain in names.items()
        if measure_in(name) in (None, "loss") and not LOSS_WORDS_OUT & set(plain.split("_"))
    }
    for kind, lines in MEASURE_NAMES.items():
        if measure in (None, kind):
            known = plain_losses if kind == "loss" and measure is None else names
            known = {name: plain for name, plain in known.items() if not _is_count(name, sheet)}
            column = _best("loss", lines, known, sheet, True)
            if column:
                return column, (measure_in(column) or kind) if measure is None else kind
            if kind == "loss":
                others = [
                    name
                    for name, plain in known.items()
                    if "loss" in plain.split("_")
                    and not LOSS_WORDS_OUT & set(plain.split("_"))
                    and _is_numeric(sheet, name)
                ]
                others = [name for name in others if _is_held_out(known[name])] or others
                others = _told_apart("loss", others, sheet) if len(others) > 1 else others
                if others:
                    return others[0], kind
    for name in names:
        kind_of_name = measure_in(name)
        if (
            kind_of_name is not None
            and measure in (None, kind_of_name)
            and _is_numeric(sheet, name)
        ):
            return name, kind_of_name
    if measure is not None:
        column, _ = _loss_column(names, sheet, None)
        if column:
            return column, measure
    # Better a column of the right name without one number, whose cells are then named one by one,
    # than none.
    words = set(MEASURE_NAMES["loss"][0].split()) | set(MEASURE_NAMES["loss"][1].split())
    return (
        next(
            (name for name, plain in names.items() if plain in words and sheet.sample_of(name)), ""
        ),
        "loss",
    )


def _unit_beside(sheet: Sheet, name: str, role: str) -> str:
    """The unit that a column of units gives, such as loss_unit beside loss: the word that stands in
    all of its cells, "" where there is none.
    """
    plain = normalised(name)
    wanted = {f"{base}_{unit}" for base in (plain, role) for unit in ("unit", "units")}
    wanted |= {f"unit_of_{plain}", f"{role}_unit"}
    column = next((each for each in sheet.header if each and normalised(each) in wanted), None)
    words = {cell.lower() for cell in sheet.sample_of(column)} if column else set()
    return words.pop() if len(words) == 1 else ""


def _is_held_out(plain: str) -> bool:
    """Whether a loss is one of validation, by its normalised name."""
    return bool(set(plain.split("_")) & _HELD_OUT)


def _is_count(name: str, sheet: Sheet) -> bool:
    """Whether a column L counts layers: whole numbers are no losses."""
    if len(normalised(name)) > 1:
        return False
    read = [number_of(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name)]
    known = [value for value in read if value is not None and not np.isnan(value)]
    return len(known) > 1 and all(value == int(value) for value in known)


def _is_numeric(sheet: Sheet, name: str) -> bool:
    cells = sheet.sample_of(name)
    if not cells:
        return not sheet.sample
    read = [number_of(cell, sheet.dialect.decimal) for cell in cells]
    return sum(value is not None and not np.isnan(value) for value in read) > _NEEDED_SHARE * sum(
        value is None or not np.isnan(value) for value in read
    )
