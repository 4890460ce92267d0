"""Runs as they can be: N, D and C completed and compared, losses converted, impossible values
listed and left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray
from forecasting.errors import NotEnoughDataError, shown
from forecasting.formatting import in_words
from forecasting.ingest.column_mapping import ColumnMapping
from forecasting.ingest.column_names import normalised
from forecasting.ingest.csv_reading import ProblemList
from forecasting.ingest.measure_guesses import (
    CONVERSIONS,
    LARGEST_LOSS,
    LARGEST_USUAL_LOSS,
    MEASURE_WORDS,
    SMALLEST_LOSS,
    MeasureGuess,
    as_loss,
    guessed_measure,
    in_per_cent,
    right_values,
)
from forecasting.ingest.one_run import (
    checkpoint_choice,
    last_of_series,
    repeats_choice,
    unfinished_rows,
    without_repeated_pairs,
)
from forecasting.ingest.reading_report import Answer, Choice, RowStep
from forecasting.ingest.tracker_exports import UNFINISHED, Shape
from forecasting.ingest.unit_checks import ask_for_log_loss, ask_for_units
from forecasting.ingest.wide_rows import params_of_run
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN

#: No run lies outside these: least and greatest value, the unit and how it may be written.
POSSIBLE = {
    "params": (1.0, 1e16, "parameters", "7e9 or 7B"),
    "tokens": (1.0, 1e19, "tokens", "2e12 or 2T"),
    "training_flop": (1.0, 1e33, "FLOP", "5.8e23"),
}
#: Where the user has not said that numbers are plain counts, smaller ones are in another unit.
SMALLEST = {"params": 1e3, "tokens": 1e3}
#: 6·N·D and a given C may differ by this factor (attention, embeddings, rounding) before it is
#: said.
AGREEING_FACTOR = 1.25
#: A C so many median deviations from what those of other sizes say is a slip.
LONE_DEVIATIONS = 6.0
#: Beyond this factor a given C is no count of these runs' FLOP at all, and 6·N·D takes its place.
CONTRADICTING_FACTOR = 100.0
_STEP_OF_A_ROW = frozenset({"step", "global_step", "current_step", "train_step", "training_step"})
#: What the checkpoints of one run share.
_SERIES = ["run", "group", "params"]
#: Runs that agree in these are the same run.
SAME_RUN = ("run", "params", "tokens", "loss", "group", "unique_tokens")


@dataclass(eq=False)
class RunChecks:
    """The checks of one file's runs. `may_guess` says that the measure of the loss was left open by
    the user, `given` is what the user said, `may_ask` that units are questioned. `rows` are the
    rows of the file in which the runs of the table stand.
    """

    mapping: ColumnMapping
    shape: Shape
    file_name: str
    problems: ProblemList
    notes: list[str]
    may_guess: bool
    given: ColumnMapping = field(default_factory=ColumnMapping)
    may_ask: bool = True
    guess: MeasureGuess | None = None
    choices: list[Choice] = field(default_factory=list)
    steps: list[RowStep] = field(default_factory=list)
    rows: NDArray[Any] = field(default_factory=lambda: np.array([], dtype=np.int64))

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Runs that can be: conversion of the loss, N, D and C completed and checked, the bad ones
        listed and left out.
        """
        good = np.ones(len(frame), dtype=np.bool_)
        self._leave_out_unfinished(frame, good)
        sizes = self._sizes(frame, good)
        raw = frame["loss"].to_numpy(dtype=np.float64)
        measure = self.mapping.measure or "loss"
        if self.may_guess and self.may_ask:
            ask_for_log_loss(raw, self.mapping)
        loss = as_loss(raw, measure)
        if measure == "bits_per_byte" and self.mapping.bytes_per_token:
            loss = loss * self.mapping.bytes_per_token
        self._list(
            frame,
            good,
            frame.get("loss:bad", pd.Series(False, index=frame.index)).to_numpy(),
            "loss",
            None,
            "",
        )
        missing = np.isnan(raw) & good
        self._list(
            frame,
            good,
            missing,
            "loss",
            None,
            f"The run has no {MEASURE_WORDS[measure]}. {right_values(measure)}",
        )
        impossible = ~(np.isfinite(loss) & (loss > 0.0)) & good
        self._list(
            frame, good, impossible, "loss", _as_written(raw, measure), right_values(measure)
        )
        with np.errstate(invalid="ignore"):
            outside = ~((loss >= SMALLEST_LOSS) & (loss <= LARGEST_LOSS)) & good
        remedy = (
            "No run ends at such a loss: give nats per token, such as 2.87 (rarely above"
            f" {LARGEST_USUAL_LOSS}; at most {in_words(LARGEST_LOSS)} is accepted). Is the unit"
            " right?"
        )
        self._list(frame, good, outside, "loss", raw, remedy)
        if measure == "loss" and self.may_guess:
            far = _far_above_all(loss, good)
            remedy = (
                "No loss in nats is so large, and the others are far below: is it a placeholder for"
                " a missing value? The run is left out; to keep it, say that the column holds a"
                " loss (measure)."
            )
            self._list(frame, good, far, "loss", raw, remedy)
        if measure != "loss":
            how = CONVERSIONS[measure]
            if measure == "bits_per_byte" and self.mapping.bytes_per_token:
                how = f"multiplied by ln 2 and {self.mapping.bytes_per_token:g} bytes per token"
            self.notes.append(
                f"The column {shown(self.mapping.column('loss'))} holds {MEASURE_WORDS[measure]}:"
                f" {how}."
            )
        elif self.may_guess:
            self.guess = guessed_measure(loss[good], sizes["training_flop"][good])
        table = pd.DataFrame({**sizes, "loss": loss})
        for name in ("run", "group", "unique_tokens", "date", "cost_usd", "log_rows"):
            if name in frame:
                table[name] = frame[name].to_numpy()
        for name in ("unique_tokens", "cost_usd"):
            if name in table:
                table.loc[~(table[name] > 0.0), name] = np.nan
        if "run" not in table and self.shape != "table":
            table["run"] = self.file_name
        table = table[good].reset_index(drop=True)
        if table.empty:
            first = next((problem for problem in self.problems.found if not problem.kept), None)
            raise NotEnoughDataError(
                0, 1, f"No row can be used. {first}" if first else "No row can be used."
            )
        table = self._one_row_a_run(frame, table, good)
        table = table.assign(row=self.rows)
        if "log_rows" not in table and self.mapping.repeats == "keep":
            table, note = without_repeats(table, self.rows)
            self.notes.extend(note)
        if "log_rows" not in table and self.may_ask:
            self._name_repeats(table)
        if self.mapping.repeats != "keep":
            before = len(table)
            table = without_repeated_pairs(table, self.mapping.repeats)
            how = "the lowest loss" if self.mapping.repeats == "lowest" else "the mean loss"
            self.notes.append(
                f"Of {before:,} runs, those of the same size and tokens count as one, with {how}:"
                f" {len(table):,} are left."
            )
            self.steps.append(
                RowStep(before - len(table), "Runs of the same size and data combined.")
            )
        self.rows = table.pop("row").to_numpy()
        lead = [name for name in ("run", "group") if name in table]
        return table[lead + [name for name in table.columns if name not in lead]]

    def _one_row_a_run(
        self, frame: pd.DataFrame, table: pd.DataFrame, good: BoolArray
    ) -> pd.DataFrame:
        """Without checkpoints of runs where a column tells them; where only their spacing does, the
        choice is named.
        """
        self.rows = frame["row"].to_numpy()[good]
        if "log_rows" in table:
            return table
        kept = np.ones(len(table), dtype=np.bool_)
        early = unfinished_rows(frame[good].reset_index(drop=True))
        if early is not None:
            names = [
                self.mapping.column(role)
                for role in ("progress", "step", "total_steps")
                if self.mapping.column(role)
            ]
            by = " and ".join(shown(name, 30) for name in names[:2])
            if self.mapping.checkpoints == "all":
                self.notes.append(
                    f"{int(early.sum()):,} checkpoints, by {by}, are taken as finished runs."
                )
            else:
                kept = ~early
                self.choices.append(
                    Choice(
                        f"{int(early.sum()):,} rows are checkpoints of runs, by {by}: the law takes"
                        f" the {int(kept.sum()):,} that are finished.",
                        (Answer("Take all checkpoints", {"checkpoints": "all"}),),
                    )
                )
                self.steps.append(RowStep(int(early.sum()), f"Checkpoints of runs, by {by}."))
        elif self.mapping.checkpoints == "last":
            ends = last_of_series(table, _SERIES, self._counts_steps)
            if ends is not None:
                kept = ends
                self.notes.append(
                    f"Of each series of one model, the last row counts: {ends.sum()}."
                )
                self.steps.append(RowStep(int((~ends).sum()), "Checkpoints of runs."))
        elif self.may_ask and self.mapping.checkpoints != "all":
            choice = checkpoint_choice(table, _SERIES, self._counts_steps)
            if choice is not None:
                self.choices.append(choice)
        self.rows = self.rows[kept]
        return table if kept.all() else table[kept].reset_index(drop=True)

    @property
    def _counts_steps(self) -> bool:
        """Whether a column is called the step of a row, rather than the steps of a run."""
        return normalised(self.mapping.column("step")) in _STEP_OF_A_ROW

    def _name_repeats(self, table: pd.DataFrame) -> None:
        if self.mapping.repeats == "keep" and "repeats" not in self.given.as_dict:
            choice = repeats_choice(table)
            if choice is not None:
                self.choices.append(choice)

    def _leave_out_unfinished(self, frame: pd.DataFrame, good: BoolArray) -> None:
        if "state" in frame:
            unfinished = frame["state"].str.lower().isin(UNFINISHED).to_numpy()
            remedy = (
                "The run did not finish, so its loss is not final: it is left out. To keep it, say"
                " that no column holds the state of runs."
            )
            self._list(frame, good, unfinished, "state", frame["state"].to_numpy(), remedy)

    def _sizes(self, frame: pd.DataFrame, good: BoolArray) -> dict[str, FloatArray]:
        """N, D and C of each row, the third from the other two; impossible ones are listed."""
        nothing = np.full(len(frame), np.nan)
        sizes = {
            role: frame[role].to_numpy(dtype=np.float64).copy() if role in frame else nothing.copy()
            for role in POSSIBLE
        }
        if "run" in frame and (self.mapping.params_of_run or self.shape == "tensorboard"):
            named = np.array([params_of_run(str(run), self.mapping) for run in frame["run"]])
            sizes["params"] = np.where(np.isnan(sizes["params"]), named, sizes["params"])
        elif "run" in frame and not self.mapping.params and not self.mapping.all_params:
            # Only where C and D don't give the size.
            with_both = np.isfinite(sizes["tokens"]) & np.isfinite(sizes["training_flop"])
            if not with_both.all():
                named = np.array([params_of_run(str(run), self.mapping) for run in frame["run"]])
                sizes["params"] = np.where(with_both, np.nan, named)
        if self.mapping.all_params:
            sizes["params"] = np.where(
                np.isnan(sizes["params"]), self.mapping.all_params, sizes["params"]
            )
        if "step" in frame and (self.mapping.all_tokens_per_step or "tokens_per_step" in frame):
            a_step = frame["tokens_per_step"].to_numpy() if "tokens_per_step" in frame else nothing
            a_step = np.where(np.isnan(a_step), self.mapping.all_tokens_per_step or np.nan, a_step)
            if np.isnan(sizes["tokens"]).any():
                self.notes.append(
                    "Tokens are steps times tokens per step where no column gives them."
                )
            sizes["tokens"] = np.where(
                np.isnan(sizes["tokens"]), frame["step"].to_numpy() * a_step, sizes["tokens"]
            )
        if "epochs" in frame and "unique_tokens" in frame:
            seen = frame["epochs"].to_numpy() * frame["unique_tokens"].to_numpy()
            missing = np.isnan(sizes["tokens"]) & np.isfinite(seen)
            sizes["tokens"] = np.where(missing, seen, sizes["tokens"])
            if missing.any():
                self.notes.append(
                    "Tokens are those of the data set times epochs where no column gives them."
                )
        if "tokens_per_param" in frame:
            ratio = frame["tokens_per_param"].to_numpy()
            missing = np.isnan(sizes["tokens"]) & np.isfinite(ratio * sizes["params"])
            sizes["tokens"] = np.where(missing, ratio * sizes["params"], sizes["tokens"])
            if missing.any():
                self.notes.append(
                    "Tokens are parameters times tokens per parameter where no column gives them."
                )
        if self.may_ask:
            ask_for_units(
                {role: np.where(good, values, np.nan) for role, values in sizes.items()},
                self.mapping,
                {**dict.fromkeys(self.given.scales, ""), **self.given.units},
            )
        for role, (low, high, unit, example) in POSSIBLE.items():
            bad_cells = frame.get(f"{role}:bad", pd.Series(False, index=frame.index)).to_numpy()
            self._list(frame, good, bad_cells, role, None, "")
            values = sizes[role]
            if role in SMALLEST and role not in self.given.units and self.may_ask:
                low = SMALLEST[role]
            with np.errstate(invalid="ignore"):
                outside = np.isfinite(values) & ~((values >= low) & (values <= high)) & good
            if role == "training_flop":
                # Where N and D are given, such a C is compared with 6·N·D and not used.
                both = np.isfinite(sizes["params"]) & np.isfinite(sizes["tokens"])
                values[both & ~(values > 0.0)] = np.nan
                outside &= ~both
            remedy = (
                f"A run has {in_words(low)} to {in_words(high)} {unit}, such as"
                f" {example}. Is the unit right?"
            )
            self._list(frame, good, outside, role, values, remedy)
        N, D, C = sizes["params"], sizes["tokens"], sizes["training_flop"]
        known = np.isfinite(np.stack([N, D, C]))
        too_few = (known.sum(axis=0) < 2) & good
        for index in np.flatnonzero(too_few):
            role = next(
                role for role, there in zip(POSSIBLE, known[:, index], strict=True) if not there
            )
            self._note(
                frame,
                int(index),
                role,
                "",
                "Two of params, tokens and training_flop are needed: give one more.",
            )
        good &= ~too_few
        self._compare(frame, N, D, C, known.all(axis=0) & good)
        known[2] = np.isfinite(C)
        for at, (role, how) in enumerate((("params", "C / (6·D)"), ("tokens", "C / (6·N)"))):
            derived = good & ~known[at]
            if derived.any() and self.mapping.column(role):
                self.notes.append(
                    f"{int(derived.sum()):,} of {int(good.sum()):,} runs have no value in the"
                    f" column {shown(self.mapping.column(role), 30)}: there it is {how}."
                )
        with np.errstate(all="ignore"):
            sizes["training_flop"] = np.where(known[2], C, FLOP_PER_PARAM_AND_TOKEN * N * D)
            sizes["params"] = np.where(known[0], N, C / (FLOP_PER_PARAM_AND_TOKEN * D))
            sizes["tokens"] = np.where(known[1], D, C / (FLOP_PER_PARAM_AND_TOKEN * N))
        for role, (low, high, unit, _) in POSSIBLE.items():
            values = sizes[role]
            with np.errstate(invalid="ignore"):
                derived = good & ~((values >= low) & (values <= high))
            self._list(
                frame,
                good,
                derived,
                role,
                values,
                f"C = 6·N·D gives this: no run has that many {unit}. Are the units right?",
            )
        return sizes

    def _compare(
        self,
        frame: pd.DataFrame,
        N: FloatArray,
        D: FloatArray,
        C: FloatArray,
        given: BoolArray,
    ) -> None:
        """Says where a given C is not 6·N·D: once where runs of like size agree on a factor, by row
        where single ones differ, whose C is not used.
        """
        rows = np.flatnonzero(given)
        if not rows.size:
            return
        ratio = C[rows] / (FLOP_PER_PARAM_AND_TOKEN * N[rows] * D[rows])
        off = np.abs(np.log(ratio))
        log_limit = np.log(AGREEING_FACTOR)
        middle = 0.0 if np.mean(off <= log_limit) >= 0.5 else float(np.median(np.log(ratio)))
        lone = np.abs(np.log(ratio) - middle) > log_limit
        lone &= ~_follows_size(np.log(N[rows]), np.log(ratio), float(log_limit))
        agreed = (off > log_limit) & ~lone
        contradicting = off > np.log(CONTRADICTING_FACTOR)
        if agreed.any():
            low, high = (in_words(float(end), 2) for end in np.quantile(ratio[agreed], [0.0, 1.0]))
            worst = int(np.argmax(off))
            used = (
                "6·N·D is used."
                if contradicting[agreed].all()
                else "Compute is taken from the column, the law is fitted to N and D."
            )
            self.notes.append(
                f"The column {shown(self.mapping.column('training_flop'))} is"
                f" {low if low == high else f'{low} to {high}'} times 6·N·D: units, mixture of"
                f" experts, or another count of parameters? {int((off > log_limit).sum()):,} of"
                f" {rows.size:,} runs differ from 6·N·D; the largest difference is in row"
                f" {int(frame['row'].iloc[rows[worst]])}, {in_words(float(ratio[worst]), 2)} times."
                f" {used}"
            )
        for at in np.flatnonzero(lone):
            seen = f"{in_words(float(C[rows[at]]), 3)} FLOP"
            factor = in_words(float(ratio[at]), 2)
            remedy = (
                f"It is {factor} times 6·N·D, unlike in the other runs: check N, D and C. N and D"
                " are used."
            )
            self._note(frame, int(rows[at]), "training_flop", seen, remedy, kept=True)
        # N, D and a C that is none of theirs would give a wrong range of compute.
        C[rows[contradicting | lone]] = np.nan

    def _list(
        self,
        frame: pd.DataFrame,
        good: BoolArray,
        bad: BoolArray,
        role: str,
        values: NDArray[Any] | None,
        remedy: str,
    ) -> None:
        """Takes bad rows out of the good ones and, with a remedy, lists them."""
        if remedy:
            for index in np.flatnonzero(bad & good):
                value = (
                    ""
                    if values is None
                    else values[index]
                    if isinstance(values[index], str)
                    else f"{values[index]:g}"
                )
                self._note(frame, int(index), role, value, remedy)
        good &= ~bad

    def _note(
        self,
        frame: pd.DataFrame,
        index: int,
        role: str,
        value: str,
        remedy: str,
        *,
        kept: bool = False,
    ) -> None:
        self.problems.add(
            int(frame["row"].iloc[index]),
            self.mapping.column(role) or role,
            value,
            remedy,
            kept=kept,
        )


def _far_above_all(loss: FloatArray, good: BoolArray) -> BoolArray:
    """Losses that no model has, such as 999, among others that are usual."""
    with np.errstate(invalid="ignore"):
        usual = good & (loss <= LARGEST_USUAL_LOSS)
        if usual.sum() <= good.sum() / 2:
            return np.zeros(loss.size, dtype=np.bool_)
        return np.asarray(good & (loss > 5.0 * max(float(loss[usual].max()), 3.0)))


def without_repeats(
    table: pd.DataFrame, rows: NDArray[Any] | None = None
) -> tuple[pd.DataFrame, list[str]]:
    """The table with each run once, the first of equal ones kept, and what is to be said of it;
    rows reduced from logs stay.

    `rows` are where the runs stand in the file.
    """
    repeated = table.duplicated([name for name in SAME_RUN if name in table]).to_numpy()
    if "log_rows" in table:
        repeated = repeated & table["log_rows"].isna().to_numpy()
    count = int(repeated.sum())
    if not count:
        return table, []
    where = ""
    if rows is not None:
        named = ", ".join(str(int(row)) for row in rows[repeated][:5])
        where = f" (row{'s' if count > 1 else ''} {named}{' and more' if count > 5 else ''})"
    sentence = (
        f"{count:,} run{'s repeat' if count > 1 else ' repeats'} an earlier one exactly{where}: of"
        " such runs the first is counted, once."
    )
    return table[~repeated].reset_index(drop=True), [sentence]


def _as_written(values: FloatArray, measure: str) -> NDArray[Any]:
    """Shares as per cent, since 1.5 may have been written as 150%; other values as they are."""
    if measure not in ("accuracy", "error") or in_per_cent(values):
        return values
    return np.array([f"{value:g} ({100.0 * value:g}%)" for value in values], dtype=object)


def _follows_size(size: FloatArray, factor: FloatArray, limit: float) -> BoolArray:
    """Where the factor between C and 6·N·D goes with size, as embeddings and attention make it (all
    in ln): which runs lie on its line.

    The line goes through the medians of the lower and the upper third (Tukey 1977), which single
    values do not move.
    """
    order = np.argsort(size, kind="stable")
    third = max(1, size.size // 3)
    low, high = order[:third], order[-third:]
    reach = float(np.median(size[high]) - np.median(size[low]))
    slope = float(np.median(factor[high]) - np.median(factor[low])) / reach if reach > 0.0 else 0.0
    rest = factor - slope * size
    apart = np.abs(rest - np.median(rest))
    spread = float(np.median(apart))
    # A part of the parameters left out changes the factor by less than size itself changes.
    if abs(slope) > 1.0 or spread > limit:
        return np.zeros(size.shape, dtype=bool)
    follows: BoolArray = apart <= max(limit, LONE_DEVIATIONS * spread)
    return follows
