"""Training runs as the fits take them: parameters, tokens and final loss, checked, with what they
may be grouped by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError
from forecasting.formatting import in_words
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.stats.dated_series import as_float_array

COLUMNS = ("params", "tokens", "loss")
#: A count of compute that differs from 6·N·D by less than this share is 6·N·D, rounded.
SAME_FLOP = 1e-6


@dataclass(frozen=True, eq=False)
class FlopFactor:
    """Compute as runs count it, in multiples of 6·N·D, by model size: `log_factor` at `log_params`
    (ascending), between them by a straight line, beyond them as at the nearest.
    """

    log_params: FloatArray
    log_factor: FloatArray

    def at(self, params: ArrayLike) -> FloatArray:
        """The factor of a model of so many parameters; 1 where all runs count 6·N·D."""
        sizes = np.log(np.asarray(params, dtype=np.float64))
        result: FloatArray = np.exp(np.interp(sizes, self.log_params, self.log_factor))
        return result

    @property
    def middle(self) -> float:
        """The factor of half of the sizes or more."""
        return float(np.exp(np.median(self.log_factor)))


@dataclass(frozen=True, eq=False)
class TrainingRuns:
    """n training runs, one loss each.

    `params` and `tokens` are counts, `loss` is nats per token, all above zero and of length n.
    `labels` holds further columns of length n, by name, that a bootstrap may resample by (a model
    family). `flop` is the compute that the runs' authors counted, NaN where they give none; None
    where it is 6·N·D throughout. Rows in which one of the three is missing (NaN) are left out and
    counted in `left_out`. Raises InputError for values that no run can have, naming the row (from
    1).
    """

    params: FloatArray
    tokens: FloatArray
    loss: FloatArray
    labels: Mapping[str, NDArray[Any]] = field(default_factory=dict, repr=False)
    left_out: int = 0
    flop: FloatArray | None = None

    def __post_init__(self) -> None:
        columns = [as_float_array(getattr(self, name), name) for name in COLUMNS]
        labels = {name: np.asarray(values) for name, values in self.labels.items()}
        for name, column in (*zip(COLUMNS, columns, strict=True), *labels.items()):
            if column.shape != columns[0].shape:
                raise InputError(
                    name,
                    f"of length {column.size}",
                    f"Give as many values as there are in params: {columns[0].size}.",
                )
        usable = ~np.isnan(np.stack(columns)).any(axis=0)
        for name, column in zip(COLUMNS, columns, strict=True):
            bad = np.flatnonzero(usable & ~((column > 0.0) & np.isfinite(column)))
            if bad.size:
                more = f" ({bad.size} rows have such a value)" if bad.size > 1 else ""
                remedy = (
                    f"Row {bad[0] + 1}: give a finite number above 0, or leave the row out{more}."
                )
                raise InputError(name, float(column[bad[0]]), remedy)
        for name, column in zip(COLUMNS, columns, strict=True):
            kept = column[usable]
            kept.setflags(write=False)
            object.__setattr__(self, name, kept)
        object.__setattr__(
            self,
            "labels",
            MappingProxyType({name: values[usable] for name, values in labels.items()}),
        )
        object.__setattr__(self, "left_out", int(self.left_out + (~usable).sum()))
        if self.flop is not None:
            object.__setattr__(self, "flop", self._own_flop(self.flop, np.asarray(usable)))

    def _own_flop(self, flop: FloatArray, usable: BoolArray) -> FloatArray | None:
        """The counts of the usable rows, or None where they are 6·N·D or missing."""
        counted = as_float_array(flop, "training_flop")
        if counted.shape != usable.shape:
            raise InputError(
                "training_flop",
                f"of length {counted.size}",
                f"Give as many values as there are in params: {usable.size}.",
            )
        counted = counted[usable]
        counted = np.where(np.isfinite(counted) & (counted > 0.0), counted, np.nan)
        with np.errstate(invalid="ignore"):
            differs = np.abs(counted / self._product - 1.0) > SAME_FLOP
        if not differs.any():
            return None
        counted.setflags(write=False)
        return counted

    @classmethod
    def of(cls, runs: object) -> TrainingRuns:
        """The same, or the runs of a mapping or DataFrame with columns params, tokens and loss, or
        anything with such a `table`. A column training_flop is the compute that its authors count.
        """
        if isinstance(runs, TrainingRuns):
            return runs
        table: Any = getattr(runs, "table", runs)
        # A DataFrame is no Mapping, yet answers to keys() and [] alike.
        names = (
            [str(name) for name in table.keys()]  # noqa: SIM118
            if hasattr(table, "keys") and hasattr(table, "__getitem__")
            else []
        )
        missing = [name for name in COLUMNS if name not in names]
        if missing:
            seen = f"columns {', '.join(names[:8])}" if names else type(runs).__name__
            raise InputError(
                "runs",
                seen,
                "Give a table with the columns params, tokens and loss; missing:"
                f" {', '.join(missing)}.",
            )
        columns = {name: np.asarray(table[name]) for name in names}
        params, tokens, loss = (columns.pop(name) for name in COLUMNS)
        return cls(params, tokens, loss, columns, flop=_numbers(columns.get("training_flop")))

    def __len__(self) -> int:
        return int(self.loss.size)

    @property
    def training_flop(self) -> FloatArray:
        """The compute of each run: as its authors count it, 6·N·D where they don't say."""
        if self.flop is None:
            return self._product
        result: FloatArray = np.where(np.isnan(self.flop), self._product, self.flop)
        return result

    @cached_property
    def flop_factor(self) -> FlopFactor:
        """The runs' own compute in multiples of 6·N·D, by model size."""
        if self.flop is None:
            return FlopFactor(np.zeros(1), np.zeros(1))
        counted = ~np.isnan(self.flop)
        sizes, of_size = np.unique(np.log(self.params[counted]), return_inverse=True)
        factors = np.log(self.flop[counted] / self._product[counted])
        middle = [float(np.median(factors[of_size == index])) for index in range(sizes.size)]
        return FlopFactor(sizes, np.array(middle))

    def six_n_d(self, training_flop: ArrayLike, params: ArrayLike) -> Any:
        """6·N·D of runs of so many parameters that take `training_flop`, counted as by these."""
        return (np.asarray(training_flop) / self.flop_factor.at(params))[()]

    def flop_of(self, params: ArrayLike, tokens: ArrayLike) -> Any:
        """The compute of runs of so many parameters and tokens, counted as these runs' is."""
        return (
            FLOP_PER_PARAM_AND_TOKEN
            * np.asarray(params)
            * np.asarray(tokens)
            * self.flop_factor.at(params)
        )[()]

    @property
    def _product(self) -> FloatArray:
        result: FloatArray = FLOP_PER_PARAM_AND_TOKEN * self.params * self.tokens
        return result

    def take(self, rows: ArrayLike) -> TrainingRuns:
        """Those runs alone, by index or mask."""
        chosen = np.asarray(rows)
        labels = {name: values[chosen] for name, values in self.labels.items()}
        return TrainingRuns(
            self.params[chosen],
            self.tokens[chosen],
            self.loss[chosen],
            labels,
            self.left_out,
            None if self.flop is None else self.flop[chosen],
        )

    def require(self, rows: int) -> None:
        """Raises where a law can't be fitted: fewer than `rows` runs, or one value of params or
        tokens in all of them.
        """
        if len(self) < rows:
            raise NotEnoughDataError(len(self), rows, "Add runs with params, tokens and loss.")
        for name, values, other in (
            ("params", self.params, "model sizes"),
            ("tokens", self.tokens, "amounts of data"),
        ):
            if np.all(values == values[0]):
                text = f"{in_words(float(values[0]))} in all {len(self)} runs"
                raise InputError(
                    name,
                    text,
                    f"The gain from more {name} can't be estimated from one value: add runs of"
                    f" other {other}.",
                )

    def clusters(self, by: str | ArrayLike) -> IntArray | None:
        """The cluster of each run as numbers from 0; None for `by="row"`, every run on its own.

        `by` is "row", "params" (model size), "tokens", the name of a label, or one label per run.
        Raises InputError for fewer than 3 clusters.
        """
        if isinstance(by, str):
            if by == "row":
                return None
            known = {"params": self.params, "tokens": self.tokens, **self.labels}
            if by not in known:
                raise InputError(
                    "bootstrap_by", by, f"Use row, {', '.join(known)}, or one label per run."
                )
            labels: NDArray[Any] = np.asarray(known[by])
        else:
            labels = np.asarray(by)
            if labels.shape != self.loss.shape:
                raise InputError(
                    "bootstrap_by",
                    f"of shape {labels.shape}",
                    f"Give one label per run: {len(self)}.",
                )
        names, numbers = np.unique(
            labels.astype(str) if labels.dtype == object else labels, return_inverse=True
        )
        if names.size < 3:
            raise InputError(
                "bootstrap_by",
                f"{names.size} clusters",
                "Give at least 3 clusters, or resample by row.",
            )
        return numbers.astype(np.intp)


def _numbers(values: Any) -> FloatArray | None:
    """Values as numbers; None where there are none or they are not numbers."""
    if values is None:
        return None
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return None
