"""What the columns of a file of runs hold: their roles, and the mapping that names them or is given
instead.

mapping = ColumnMapping(loss="val_loss", units={"params": "millions"})
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any, Literal, get_args

from forecasting.errors import InputError, UnknownNameError, shown
from forecasting.ingest.reading_report import Answer
from forecasting.ingest.units import units_of_role

Measure = Literal[
    "loss", "bits", "bits_per_byte", "perplexity", "ln_loss", "log10_loss", "accuracy", "error"
]
Take = Literal["last", "lowest", "smoothed"]
OneRowIs = Literal["run", "step"]
Checkpoints = Literal["finished", "last", "all"]
Repeats = Literal["keep", "lowest", "average"]

#: In place of the name of a sheet: each of those with runs, one after the other.
ALL_SHEETS = "(all)"
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
    "epochs",
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
    "progress": "completed share of the run",
    "epochs": "how many times the data were seen (epochs)",
    "run": "name of the run",
    "group": "group, such as the architecture",
    "date": "date",
    "state": "state of the run",
}


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
            f"Which column holds the {ROLE_WORDS[role]}? Choose {names}.",
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
    that are taken of a chart with several a run, `sheet` the sheet of a workbook, or ALL_SHEETS.
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
    epochs: str | None = None
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
    sheet: str | None = None
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

    def __reduce__(self) -> tuple[Any, ...]:
        # Its mappings can't be changed, nor pickled.
        return ColumnMapping.of, (self.as_dict,)

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
