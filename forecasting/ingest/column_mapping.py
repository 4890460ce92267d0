"""Which column holds what: names as people and trackers write them, units in names, and what the
user says instead.

mapping = found_mapping(sheet, ColumnMapping())      # fills in what is not given; raises
                                                     AmbiguousColumnError where two fit
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any, Literal, get_args

import numpy as np

from forecasting.errors import InputError, UnknownNameError, shown
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.csv_reading import Sheet
from forecasting.ingest.reading_report import Answer
from forecasting.ingest.units import (
    FLOP_UNITS,
    LOG,
    PLAIN,
    factor_of,
    is_rate,
    resolved_log,
    unit_of_name,
    units_of_role,
)

Measure = Literal[
    "loss", "bits", "bits_per_byte", "perplexity", "ln_loss", "log10_loss", "accuracy", "error"
]
Take = Literal["last", "lowest", "smoothed"]
OneRowIs = Literal["run", "step"]
Checkpoints = Literal["finished", "last", "all"]
Repeats = Literal["keep", "lowest", "average"]

#: The columns of numbers and of text that a mapping may name.
NUMERIC_ROLES = (
    "params",
    "tokens",
    "training_flop",
    "loss",
    "unique_tokens",
    "cost_usd",
    "step",
    "tokens_per_step",
    "tokens_per_param",
    "total_steps",
    "progress",
)
TEXT_ROLES = ("run", "group", "date", "state")
ROLES = (*NUMERIC_ROLES, *TEXT_ROLES)
ROLE_WORDS = {
    "params": "parameters (N)",
    "tokens": "training tokens (D)",
    "training_flop": "training compute (C)",
    "loss": "loss",
    "unique_tokens": "unique tokens",
    "cost_usd": "cost in dollars",
    "step": "step",
    "tokens_per_step": "tokens per step",
    "tokens_per_param": "tokens per parameter (D/N)",
    "total_steps": "steps of the whole run",
    "progress": "share of the run that is done",
    "run": "name of the run",
    "group": "group, such as the architecture",
    "date": "date",
    "state": "state of the run",
}

#: Names by role, better ones first; names in one line count alike, so that two of them need a
#: decision.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "params": (
        (
            "n_params num_params params parameters n_parameters num_parameters parameter_count"
            " param_count params_count number_of_parameters"
        ),
        (
            "total_params model_params model_parameters model_size total_parameters"
            " trainable_params trainable_parameters num_trainable_params num_trainable_parameters"
            " n_trainable_params num_scaling_params scaling_params total_params_count"
            " total_param_count param parameter nparams numparams size n"
        ),
        (
            "non_embedding_params params_non_embedding non_embedding_parameters n_non_embedding"
            " active_params dense_params"
        ),
    ),
    "tokens": (
        (
            "train_tokens training_tokens tokens_seen total_train_tokens n_train_tokens"
            " consumed_tokens tokens_trained num_tokens_seen total_tokens_seen n_tokens_seen"
            " tokens_consumed train_tokens_seen seen_tokens trained_tokens tokens_processed"
            " total_training_tokens num_train_tokens num_training_tokens n_training_tokens"
            " total_tokens_trained train_token_count"
        ),
        (
            "tokens n_tokens num_tokens total_tokens number_of_tokens token_count"
            " training_tokens_total token_num tokens_num token_number tokens_total ntokens"
            " numtokens tokens_count total_token_count toks"
        ),
        "data dataset_size data_size dataset_tokens training_data d",
    ),
    "training_flop": (
        (
            "training_flop training_flops train_flops train_flop training_compute"
            " training_compute_flop total_flops total_flop train_compute total_compute"
            " total_training_flops total_train_flops flops_total flop_total n_flops num_flops"
        ),
        "flops flop compute compute_flop compute_flops c flop_budget flops_budget compute_budget",
        (
            "pf_days pfs_days pflop_s_days petaflop_days petaflop_s_days pfdays pf_day pfs_day"
            " pflop_days pflops_days petaflops_days"
        ),
    ),
    "unique_tokens": ("unique_tokens n_unique_tokens unique_data dataset_unique_tokens u",),
    "cost_usd": ("cost_usd cost cost_dollars usd total_cost total_cost_usd price_usd",),
    "step": (
        (
            "step global_step train_step trainer_global_step iteration iter steps update n_step"
            " current_step current_steps training_step iter_num iterations"
        ),
    ),
    "tokens_per_step": (
        "tokens_per_step tokens_per_batch batch_tokens batch_size_tokens tokens_per_iteration",
    ),
    "tokens_per_param": (
        (
            "tokens_per_param tokens_per_parameter d_n tokens_params token_param_ratio"
            " tokens_param_ratio tokens_to_params token_to_param_ratio tokens_over_params"
            " data_param_ratio param_data_ratio tpp"
        ),
    ),
    "total_steps": (
        "total_steps max_steps num_steps n_steps total_iterations max_iters total_iters num_iters"
        " train_steps num_train_steps total_train_steps total_training_steps max_train_steps",
    ),
    "progress": (
        "portion_steps_elapsed portion_elapsed fraction_elapsed progress portion_of_training"
        " fraction_of_training percent_done train_progress steps_fraction frac_done fraction_done",
    ),
    "run": (
        "run_id",
        "run run_name name experiment_name",
        "id experiment exp_name trial job job_name job_id jobid",
    ),
    "group": (
        "group architecture arch family model_family",
        (
            "router variant series training_set model_type dataset_name type tokenizer corpus"
            " dataset optimizer"
        ),
    ),
    "date": ("date run_date", "created start_time finished_at created_at started_at timestamp"),
    "state": ("state status",),
}
_MEASURES: Mapping[Measure, tuple[str, ...]] = {
    "loss": (
        (
            "val_loss valid_loss validation_loss eval_loss test_loss loss_val loss_validation"
            " loss_eval final_val_loss final_eval_loss val_cross_entropy eval_cross_entropy"
            " held_out_loss dev_loss"
        ),
        "final_loss loss loss_final last_loss cross_entropy ce_loss lm_loss nll l",
        "train_loss training_loss loss_train final_train_loss train_cross_entropy smoothed_loss",
    ),
    "bits": ("bits_per_token bpt val_bits_per_token eval_bits_per_token loss_bits",),
    "bits_per_byte": (
        "val_bpb eval_bpb bits_per_byte bpb val_bits_per_byte bpc bits_per_character",
        "train_bpb",
    ),
    "perplexity": (
        "val_ppl val_perplexity eval_ppl eval_perplexity valid_ppl test_ppl test_perplexity",
        "ppl perplexity train_ppl",
    ),
    "accuracy": (
        "val_acc val_accuracy eval_acc eval_accuracy test_acc test_accuracy",
        "acc accuracy top1 top_1 top1_accuracy mmlu score final_accuracy",
    ),
    "error": ("val_error eval_error test_error", "error error_rate err top1_error"),
}
_PREFIXES = (
    "metrics",
    "metric",
    "params",
    "param",
    "summary",
    "config",
    "hparams",
    "args",
    "model",
    "data",
    "final",
    "run",
    "optim",
    "throughput",
    "trainer",
    "train",
    "stats",
    "progress",
)
#: A column counts as numbers when this share of its first cells are.
_NEEDED_SHARE = 0.3
#: A column is full when this share of its first cells is.
_FULL_SHARE = 0.9
_FLOP_OF_COUNT = {"millions": "MFLOP", "billions": "GFLOP", "trillions": "TFLOP"}
#: Parts of names that hold “loss” and are none, or not one's own.
_NO_LOSS = frozenset(
    [
        "std",
        "stderr",
        "se",
        "sem",
        "err",
        "var",
        "variance",
        "diff",
        "delta",
        "ratio",
        "scale",
        "scaling",
        "weight",
        "weights",
        "aux",
        "z",
        "balance",
        "balancing",
        "router",
        "reg",
        "ci",
        "low",
        "high",
        "lower",
        "upper",
        "spike",
        "improvement",
        "mask",
    ]
)


class AmbiguousColumnError(InputError):
    """Two columns could be the same thing. `role` and `candidates` say which; `chosen` holds what
    is known of the other columns.
    """

    def __init__(self, role: str, candidates: Sequence[str]) -> None:
        self.role = role
        self.candidates = tuple(candidates)
        names = " or ".join(shown(name) for name in self.candidates[:4])
        super().__init__(
            role,
            " and ".join(self.candidates[:4]),
            f"Which column holds the {ROLE_WORDS[role]}? Say {names}.",
        )


class MissingColumnError(InputError):
    """A column that is needed and not there; `roles` are those of which one would do, `answers`
    columns of other names whose numbers fit one.
    """

    def __init__(
        self,
        roles: Sequence[str],
        header: Sequence[str],
        remedy: str,
        answers: Sequence[Answer] = (),
    ) -> None:
        self.roles = tuple(roles)
        self.answers = tuple(answers)
        if answers:
            remedy += f" Is it the column {' or '.join(answer.words for answer in answers)}?"
        names = ", ".join(shown(name, 30) for name in header[:8]) + (
            f" and {len(header) - 8} more" if len(header) > 8 else ""
        )
        super().__init__(self.roles[0], f"missing among the columns {names}", remedy)


@dataclass(frozen=True)
class ColumnMapping:
    """What each column is: names of columns (None: to be found, "": there is none), and how to read
    them.

    `measure` says what the loss column holds, `take` which row of a training log stands for its run
    ("smoothed": the mean of the last tenth), `one_row_is` whether a row is a run or a step of one.
    `checkpoints` says which rows of runs count, where a column tells which are finished: "finished"
    ones or "all", or the "last" of each series of one size; `repeats` whether runs of one size and
    amount of tokens are all kept, only the "lowest" or their "average". `metric` names the losses
    that are taken of a chart with several a run.
    `all_params` and `all_tokens_per_step` are values for files without such columns,
    `params_of_run` for single runs. `scales` are factors by role and `units` units by role, such as
    millions, GFLOP, PF-days or log10, found in column names such as “tokens (B)”; a unit given here
    is not questioned. `bytes_per_token` turns a loss per byte into one per token.
    """

    params: str | None = None
    tokens: str | None = None
    training_flop: str | None = None
    loss: str | None = None
    unique_tokens: str | None = None
    cost_usd: str | None = None
    step: str | None = None
    tokens_per_step: str | None = None
    tokens_per_param: str | None = None
    total_steps: str | None = None
    progress: str | None = None
    run: str | None = None
    group: str | None = None
    date: str | None = None
    state: str | None = None
    measure: Measure | None = None
    take: Take = "last"
    one_row_is: OneRowIs | None = None
    checkpoints: Checkpoints = "finished"
    repeats: Repeats = "keep"
    metric: str | None = None
    all_params: float | None = None
    all_tokens_per_step: float | None = None
    params_of_run: Mapping[str, float] = field(default_factory=dict)
    scales: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    bytes_per_token: float | None = None

    def __post_init__(self) -> None:
        for name, allowed in (
            ("measure", Measure),
            ("take", Take),
            ("one_row_is", OneRowIs),
            ("checkpoints", Checkpoints),
            ("repeats", Repeats),
        ):
            value = getattr(self, name)
            if value is not None and value not in get_args(allowed):
                raise UnknownNameError(name, value, get_args(allowed))
        for name in ("all_params", "all_tokens_per_step", "bytes_per_token"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, int | float) and 0 < value < 1e30):
                raise InputError(name, value, "Give a number above 0, such as 7e9.")
        object.__setattr__(self, "params_of_run", MappingProxyType(dict(self.params_of_run)))
        object.__setattr__(self, "scales", MappingProxyType(dict(self.scales)))
        for role, unit in self.units.items():
            if role not in NUMERIC_ROLES:
                raise UnknownNameError("units", role, NUMERIC_ROLES)
            if unit not in units_of_role(role):
                raise UnknownNameError(f"unit of {role}", unit, units_of_role(role))
        object.__setattr__(self, "units", MappingProxyType(dict(self.units)))

    @classmethod
    def of(cls, given: ColumnMapping | Mapping[str, Any] | None) -> ColumnMapping:
        """The mapping itself, or one from a dictionary of its fields."""
        if isinstance(given, ColumnMapping):
            return given
        known = [each.name for each in fields(cls)]
        for name in given or {}:
            if name not in known:
                raise UnknownNameError("mapping", name, known)
        return cls(**(given or {}))

    def column(self, role: str) -> str:
        """The column of a role, "" where there is none."""
        return getattr(self, role) or ""

    @property
    def as_dict(self) -> dict[str, Any]:
        """The fields that differ from their defaults, as plain values."""
        blank = ColumnMapping()
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: dict(value) if isinstance(value, Mapping) else value
            for name, value in found.items()
            if value != getattr(blank, name)
        }


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
    names = {name: normalised(name) for name in sheet.header if name and name not in taken}
    found: dict[str, str] = {}
    for role in ROLES:
        if getattr(given, role) is None and role != "loss":
            found[role] = _best(role, _NAMES[role], names, sheet, role in NUMERIC_ROLES)
            names.pop(found[role], None)
    measure = given.measure
    if given.loss is None:
        found["loss"], guessed = _loss_column(names, sheet, measure)
        measure = measure or guessed
    elif given.loss:
        measure = measure or _measure_of(given.loss)
    columns: dict[str, Any] = dict(found)
    full = replace(given, **columns, measure=measure or "loss")
    units = {
        role: unit
        for role in NUMERIC_ROLES
        if role != "loss" and (unit := unit_of_column(sheet, role, full)) not in ("", *PLAIN)
    }
    scales = dict(given.scales)
    for role, unit in units.items():
        factor = factor_of(unit)
        if factor is not None and role not in scales:
            scales[role] = factor
    return replace(full, units={**given.units, **units}, scales=scales)


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


def unit_of_role_name(role: str, name: str) -> str:
    """The unit that a column's name gives for what it is taken for, "" for none."""
    plain = normalised(name)
    if role == "training_flop" and plain in _NAMES[role][-1].split():
        return "PF-days"
    variants = {plain, *_without_prefix(plain)}
    if any(variants & set(line.split()) for line in _NAMES.get(role, ())):
        return ""
    for each in sorted(variants, key=len, reverse=True):
        unit = unit_of_name(each)[1]
        if role == "training_flop":
            unit = _FLOP_OF_COUNT.get(unit, unit)
        elif unit in FLOP_UNITS:
            unit = ""
        if unit and (unit == LOG or unit in units_of_role(role)):
            return unit
    return ""


def normalised(name: str) -> str:
    """A column's name in lower case with underscores: “Val Loss”, “eval/loss” and “evalLoss”
    alike.
    """
    name = re.sub(r"(?:[x×*]\s*)?10\s*(?:\^|\*\*)\s*(\d+)", r" 1e\1", name)
    split = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def is_loss_name(name: str) -> bool:
    """Whether a column or metric of this name holds a loss or what can be converted to one."""
    return metric_rank(name) < (len(_MEASURES), 0)


def metric_rank(name: str) -> tuple[int, int]:
    """How well known a metric is: losses before others, those of validation before training; below
    (number of measures, 0) for losses and what can be converted to one.
    """
    plain = normalised(name)
    parts = set(plain.split("_"))
    if parts & _NO_LOSS and "loss" in parts:
        return (len(_MEASURES), 1)
    variants = _variants(plain)
    for at, lines in enumerate(_MEASURES.values()):
        for line_at, line in enumerate(lines):
            if variants & set(line.split()):
                return (at, line_at)
    return (0, 3) if "loss" in parts else (len(_MEASURES), 0)


def role_of(name: str, roles: Iterable[str]) -> str | None:
    """The first of the roles that a column of this name could have."""
    variants = _variants(normalised(name))
    return next(
        (role for role in roles if any(variants & set(line.split()) for line in _NAMES[role])), None
    )


def measure_of(name: str) -> Measure:
    """What a column of this name holds: a loss unless its name says otherwise."""
    return _measure_of(name) or "loss"


def _measure_of(name: str) -> Measure | None:
    plain = normalised(name)
    parts = set(plain.split("_"))
    is_loss = bool(parts & {"loss", "nll", "ce", "entropy"})
    if parts & {"ppl", "perplexity"}:
        # The logarithm of a perplexity is the loss.
        return "bits" if "log2" in parts else "loss" if parts & {"log", "ln"} else "perplexity"
    if is_loss and ("exp" in parts or plain.startswith("exp_")):
        return "perplexity"
    if is_loss and parts & {"ln", "log10"}:
        return "ln_loss" if "ln" in parts else "log10_loss"
    if parts & {"bpb", "bpc"} or (
        parts & {"bits", "bit"} and parts & {"byte", "character", "char", "bytes"}
    ):
        return "bits_per_byte"
    if parts & {"bits", "bit", "bpt"}:
        return "bits"
    variants = _variants(plain)
    for measure, lines in _MEASURES.items():
        if any(variants & set(line.split()) for line in lines):
            return measure
    return "accuracy" if parts & {"acc", "accuracy"} else None


def _without_prefix(name: str) -> set[str]:
    return {
        name[len(prefix) + 1 :]
        for prefix in _PREFIXES
        if name.startswith(prefix + "_") and len(name) > len(prefix) + 1
    }


def _variants(name: str) -> set[str]:
    """The name itself, without a tracker's prefix, and without a unit."""
    found = {name} | _without_prefix(name)
    bases = {unit_of_name(each)[0] for each in found}
    return found | bases | {base for each in bases for base in _without_prefix(each)}


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
            and (_variants(plain) if numeric else {plain, *_without_prefix(plain)}) & words
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
        if _measure_of(name) in (None, "loss") and not _NO_LOSS & set(plain.split("_"))
    }
    for kind, lines in _MEASURES.items():
        if measure in (None, kind):
            known = plain_losses if kind == "loss" and measure is None else names
            column = _best("loss", lines, known, sheet, True)
            if column:
                return column, (_measure_of(column) or kind) if measure is None else kind
            if kind == "loss":
                others = [
                    name
                    for name, plain in known.items()
                    if "loss" in plain.split("_")
                    and not _NO_LOSS & set(plain.split("_"))
                    and _is_numeric(sheet, name)
                ]
                others = _told_apart("loss", others, sheet) if len(others) > 1 else others
                if others:
                    return others[0], kind
    for name in names:
        kind_of_name = _measure_of(name)
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
    words = set(_MEASURES["loss"][0].split()) | set(_MEASURES["loss"][1].split())
    return (
        next(
            (name for name, plain in names.items() if plain in words and sheet.sample_of(name)), ""
        ),
        "loss",
    )


def _is_numeric(sheet: Sheet, name: str) -> bool:
    cells = sheet.sample_of(name)
    if not cells:
        return not sheet.sample
    read = [number_of(cell, sheet.dialect.decimal) for cell in cells]
    return sum(value is not None and not np.isnan(value) for value in read) > _NEEDED_SHARE * sum(
        value is None or not np.isnan(value) for value in read
    )
