"""The columns that runs need, a loss and two of N, D and C: what is wanting is said, and columns of
other names whose numbers fit are offered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.errors import InputError, shown
from forecasting.formatting import in_words
from forecasting.ingest.column_mapping import ROLE_WORDS, MissingColumnError
from forecasting.ingest.column_names import normalised, role_of, unit_of_role_name
from forecasting.ingest.reading_report import Answer, Choice
from forecasting.ingest.run_reading import RunReading, is_number
from forecasting.ingest.tracker_exports import size_in, sizes_in
from forecasting.ingest.turned_tables import is_row_a_metric
from forecasting.ingest.units import USUAL, in_plain, is_rate, is_usual, ratio_is_usual

#: Names tell the sizes where this share of them holds one.
SHARE_WITH_SIZE = 0.9
#: Columns of unknown names that are offered.
MAX_FITTING = 3
#: Columns of a file that are looked at for it.
MAX_LOOKED_AT = 200
#: Columns of one role that differ by more are named.
DIFFERING_SHARE = 0.01
#: Parts of names of counts that are known to be others.
_OTHER_COUNTS = frozenset({"embedding", "active", "dense", "unique"})

#: Names of the sequences in a batch of all devices, and of the tokens in a sequence.
_BATCHES = frozenset(
    {"batch_size", "global_batch_size", "total_batch_size", "batch", "global_batch", "bs"}
)
_LENGTHS = frozenset(
    {"seq_len", "sequence_length", "seq_length", "context_length", "block_size", "ctx_len",
     "max_seq_len", "max_sequence_length", "context", "seqlen", "n_ctx"}
)  # fmt: skip


def require_columns(reading: RunReading) -> None:
    """Raises MissingColumnError where a loss or two of N, D and C are wanting, InputError where
    their columns hold no numbers; names other columns that could be meant.
    """
    mapping, header = reading.mapping, reading.sheet.header
    if not mapping.loss and is_row_a_metric(header):
        raise InputError(
            "file",
            "a list with a row for each metric",
            "Give a column for each metric, such as train_loss and val_loss, or the rows of one"
            " metric alone, its value in a column loss.",
        )
    if not mapping.loss:
        raise MissingColumnError(
            ["loss"],
            header,
            "Name a column loss (or val_loss, perplexity, accuracy …), or say which column holds it"
            " (mapping loss).",
            _fitting(reading, ["loss"]),
        )
    has = {
        "params": bool(
            mapping.params
            or mapping.all_params
            or mapping.params_of_run
            or reading.shape == "tensorboard"
        ),
        "tokens": bool(
            mapping.tokens
            or mapping.tokens_per_param
            or (mapping.epochs and mapping.unique_tokens)
            or (mapping.step and (mapping.tokens_per_step or mapping.all_tokens_per_step))
        ),
        "training_flop": bool(mapping.training_flop),
    }
    if reading.shape == "tensorboard" and not (
        mapping.all_params or mapping.params_of_run or size_in(reading.file_name)
    ):
        raise MissingColumnError(
            ["all_params"],
            header,
            "TensorBoard exports no model size: give the parameters of this run.",
        )
    if reading.shape == "tensorboard" and not has["tokens"]:
        raise MissingColumnError(
            ["all_tokens_per_step"],
            header,
            "TensorBoard counts steps: give the tokens per step (batch size times sequence"
            " length).",
        )
    if sum(has.values()) < 2 and not has["params"]:
        has["params"] = _take_sizes_from_names(reading)
        mapping = reading.mapping
    if sum(has.values()) < 2:
        missing = [role for role, there in has.items() if not there]
        _refuse_columns_without_numbers(reading, missing)
        words = {"params": "parameters", "tokens": "tokens", "training_flop": "training_flop"}
        remedy = (
            "Two of params, tokens and training_flop are needed: add a column"
            f" {' or '.join(words[role] for role in missing)}"
        )
        answers = _fitting(reading, missing)
        if mapping.step and not has["tokens"]:
            missing.insert(0, "all_tokens_per_step")
            remedy += ", or give the tokens per step"
            answers = [*_batch_times_length(reading), *answers]
        raise MissingColumnError(missing, header, remedy + ".", answers)
    _name_alternatives(reading)
    _name_data_set(reading)
    derived = [
        role
        for role in ("params", "tokens")
        if not has[role] and not mapping.params_of_run and reading.shape == "table"
    ]
    for answer in _fitting(reading, derived) if derived else []:
        reading.choices.append(
            Choice(
                f"No column is named as the {ROLE_WORDS[derived[0]]}, which follow from C ="
                f" 6·N·D; the numbers of {answer.words.partition(' (')[0]} fit them.",
                (Answer(f"Take {answer.words}", answer.change),),
            )
        )
    for name in _without_numbers(reading, [role for role, there in has.items() if not there]):
        seen = next(iter(reading.sheet.sample_of(name)), "")
        if seen:
            reading.notes.append(
                f"The column {shown(name, 30)} holds no numbers ({shown(seen, 30)}) and is not"
                " used."
            )


def _without_numbers(reading: RunReading, roles: list[str]) -> list[str]:
    """The columns that are named as one of the roles and hold no number in the first rows."""
    sheet = reading.sheet
    named = [name for name in sheet.header if role_of(name, roles)] if sheet.sample else []
    return [
        name
        for name in named
        if not any(is_number(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name))
    ]


def _refuse_columns_without_numbers(reading: RunReading, roles: list[str]) -> None:
    """Where the columns are there and hold no number, another column is not what is wanting."""
    empty = _without_numbers(reading, roles)
    if not empty:
        return
    seen = next((cell for name in empty for cell in reading.sheet.sample_of(name)), "")
    columns = (
        f"column{'s' if len(empty) > 1 else ''}"
        f" {' and '.join(shown(name, 30) for name in empty[:3])}"
    )
    raise InputError(
        empty[0],
        seen,
        f"The rows hold no numbers in the {columns}: write numbers, such as 7e9, 7B or 1.4T.",
    )


def _take_sizes_from_names(reading: RunReading) -> bool:
    """Whether the names of the runs tell their sizes; the column is then the runs'. Raises
    MissingColumnError where names tell several.
    """
    sheet, mapping = reading.sheet, reading.mapping
    texts = [mapping.run] if mapping.run else [name for name in sheet.header if name]
    for name in texts:
        cells = sheet.sample_of(name) if name and name not in reading.taken else []
        if mapping.run == name:
            cells = sheet.sample_of(name)
        if any(is_number(cell, sheet.dialect.decimal) for cell in cells[:20]):
            continue
        sizes = [sizes_in(cell) for cell in cells]
        if len(cells) < 2 or np.mean([bool(found) for found in sizes]) < SHARE_WITH_SIZE:
            continue
        open_names = [cell for cell, found in zip(cells, sizes, strict=True) if len(found) > 1]
        if open_names:
            raise MissingColumnError(
                ["params_of_run", "params"],
                open_names[:3],
                f"Names such as {shown(open_names[0])} contain more than one size: give a column"
                " params, or the parameters by run in params_of_run.",
            )
        reading.mapping = replace(mapping, run=name)
        by_size = {found[0]: cell for cell, found in zip(cells, sizes, strict=True) if found}
        told = ", ".join(
            f"{shown(by_size[size], 40)} {in_words(size, 4)}" for size in sorted(by_size)[:12]
        )
        reading.notes.append(
            f"No column holds the parameters: they are read from the names in {shown(name)}:"
            f" {told}. Are they right?"
        )
        return True
    return False


def _name_alternatives(reading: RunReading) -> None:
    """Names columns of a role that is taken whose numbers differ from those that are used."""
    for role in ("params", "tokens", "training_flop"):
        used = reading.mapping.column(role)
        if not used or used in (reading.mapping.run, reading.mapping.group):
            continue
        here = reading.sample_numbers(used, reading.mapping.units.get(role, ""))
        for name in reading.sheet.header:
            if not name or name in reading.taken or role_of(name, [role]) is None:
                continue
            if set(normalised(name).split("_")) & _OTHER_COUNTS:
                continue
            other = in_plain(reading.sample_numbers(name, ""), unit_of_role_name(role, name))
            both = np.isfinite(here) & np.isfinite(other) & (here > 0.0) & is_usual(role, other)
            if not both.any():
                continue
            factor = float(np.max(np.abs(np.log(other[both] / here[both]))))
            if factor > DIFFERING_SHARE:
                words = f"{shown(name, 30)} ({ROLE_WORDS[role]})"
                reading.choices.append(
                    Choice(
                        f"{shown(used, 30)} and {shown(name, 30)} both name the"
                        f" {ROLE_WORDS[role]} and differ by a factor of up to"
                        f" {in_words(float(np.exp(factor)), 3)}: {shown(used, 30)} is used.",
                        (Answer(f"Take {words}", {role: name}),),
                    )
                )


def _fitting(reading: RunReading, roles: Sequence[str]) -> list[Answer]:
    """Columns without a role whose numbers fit one of the roles, and only that one."""
    sheet = reading.sheet
    cells = {
        role: reading.sample_numbers(
            reading.mapping.column(role), reading.mapping.units.get(role, "")
        )
        for role in ("params", "tokens", "training_flop")
        if reading.mapping.column(role)
    }
    found: list[Answer] = []
    for name in sheet.header[:MAX_LOOKED_AT]:
        if not name or name in reading.taken or len(found) >= MAX_FITTING:
            continue
        if is_rate(normalised(name)):
            continue
        values = reading.sample_numbers(name, "")
        known = values[np.isfinite(values)]
        if known.size < 0.9 * len(sheet.sample) or known.size < 3 or np.ptp(known) == 0.0:
            continue
        fits = [role for role in roles if _may_be(role, values, cells)]
        if len(fits) == 1:
            words = f"{shown(name, 30)} ({ROLE_WORDS[fits[0]]})"
            found.append(Answer(words, {fits[0]: name}))
    return found


def _name_data_set(reading: RunReading) -> None:
    """Says where tokens are those of a data set times how often it is seen."""
    mapping = reading.mapping
    name = mapping.unique_tokens
    if mapping.tokens or not mapping.epochs or not name or "unique" in normalised(name):
        return
    reading.choices.append(
        Choice(
            f"Training tokens are {shown(name, 30)} times {shown(mapping.epochs, 30)}: is the first"
            " the data set, seen that many times?",
            (
                Answer(
                    f"{shown(name, 30)} holds all tokens seen",
                    {"tokens": name, "unique_tokens": "", "epochs": ""},
                ),
            ),
        )
    )


def _batch_times_length(reading: RunReading) -> list[Answer]:
    """Tokens a step as sequences in a batch times their length, where both are the same in all
    rows.
    """
    found = []
    for names in (_BATCHES, _LENGTHS):
        column = next((n for n in reading.sheet.header if normalised(n) in names), None)
        values = np.unique(reading.sample_numbers(column, "")) if column else np.array([])
        if values.size != 1 or not values[0] > 0.0:
            return []
        found.append((column, float(values[0])))
    (batch, sequences), (length, tokens) = found
    words = f"{sequences * tokens:,.0f} tokens per step, {batch} times {length}"
    return [Answer(words, {"all_tokens_per_step": sequences * tokens})]


def _may_be(role: str, values: FloatArray, cells: Mapping[str, FloatArray]) -> bool:
    """Whether numbers may be those of a role, beside those of the roles that are known."""
    known = values[np.isfinite(values)]
    if role == "loss":
        return bool(known.min() > 0.3 and known.max() < 12.0 and np.any(known % 1.0))
    if role not in USUAL or not is_usual(role, values) or known.min() < 1e4:
        return False
    columns = {**cells, role: values}
    with np.errstate(all="ignore"):
        params = columns.get("params")
        tokens = columns.get("tokens")
        if params is None and tokens is not None and "training_flop" in columns:
            params = columns["training_flop"] / (6.0 * tokens)
        if tokens is None and params is not None and "training_flop" in columns:
            tokens = columns["training_flop"] / (6.0 * params)
    if params is None or tokens is None:
        return False
    return is_usual("params", params) and ratio_is_usual(params, tokens)
