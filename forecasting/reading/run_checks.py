"""Runs as they can be: N, D and C completed and compared, losses converted, impossible values listed and left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.core.errors import NotEnoughDataError, shown
from forecasting.core.units import in_words, significant
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN, FloatArray
from forecasting.reading.column_mapping import ColumnMapping
from forecasting.reading.csv_reading import ProblemList
from forecasting.reading.measure_guesses import CONVERSIONS, MEASURE_WORDS, MeasureGuess, as_loss, guessed_measure, right_values
from forecasting.reading.run_rows import params_of_run
from forecasting.reading.tracker_exports import UNFINISHED, Shape

#: No run lies outside these: least and greatest value, the unit and how it may be written.
POSSIBLE = {
    "params": (1.0, 1e16, "parameters", "7e9 or 7B"),
    "tokens": (1.0, 1e19, "tokens", "2e12 or 2T"),
    "training_flop": (1.0, 1e33, "FLOP", "5.8e23"),
}
#: 6·N·D and a given C may differ by this factor (attention, embeddings, rounding) before it is said.
AGREEING_FACTOR = 1.25


@dataclass(eq=False)
class RunChecks:
    """The checks of one file's runs. `may_guess` says that the measure of the loss was left open by the user."""

    mapping: ColumnMapping
    shape: Shape
    file_name: str
    problems: ProblemList
    notes: list[str]
    may_guess: bool
    guess: MeasureGuess | None = None

    def table(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Runs that can be: conversion of the loss, N, D and C completed and checked, the bad ones listed and left out."""
        good = np.ones(len(frame), dtype=np.bool_)
        self._leave_out_unfinished(frame, good)
        sizes = self._sizes(frame, good)
        raw = frame["loss"].to_numpy(dtype=np.float64)
        measure = self.mapping.measure or "loss"
        loss = as_loss(raw, measure)
        self._list(frame, good, frame.get("loss:bad", pd.Series(False, index=frame.index)).to_numpy(), "loss", None, "")
        missing = np.isnan(raw) & good
        self._list(frame, good, missing, "loss", None, f"The run has no {MEASURE_WORDS[measure]}. {right_values(measure)}")
        impossible = ~(np.isfinite(loss) & (loss > 0.0)) & good
        self._list(frame, good, impossible, "loss", raw, right_values(measure))
        if measure != "loss":
            self.notes.append(f"The column {shown(self.mapping.column('loss'))} holds {MEASURE_WORDS[measure]}: {CONVERSIONS[measure]}.")
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
            raise NotEnoughDataError(0, 1, f"No row can be used. {first}" if first else "No row can be used.")
        repeated = int(table.duplicated(["params", "tokens", "loss"]).sum())
        if repeated:
            self.notes.append(f"{repeated} run{'s repeat' if repeated > 1 else ' repeats'} an earlier one exactly, and count twice.")
        lead = [name for name in ("run", "group") if name in table]
        return table[lead + [name for name in table.columns if name not in lead]]

    def _leave_out_unfinished(self, frame: pd.DataFrame, good: NDArray[np.bool_]) -> None:
        if "state" in frame:
            unfinished = frame["state"].str.lower().isin(UNFINISHED).to_numpy()
            remedy = "The run did not finish, so its loss is not final: it is left out. To keep it, say that no column holds the state."
            self._list(frame, good, unfinished, "state", frame["state"].to_numpy(), remedy)

    def _sizes(self, frame: pd.DataFrame, good: NDArray[np.bool_]) -> dict[str, FloatArray]:
        """N, D and C of each row, the third from the other two; impossible ones are listed."""
        nothing = np.full(len(frame), np.nan)
        sizes = {role: frame[role].to_numpy(dtype=np.float64).copy() if role in frame else nothing.copy() for role in POSSIBLE}
        if "run" in frame and (self.mapping.params_of_run or self.shape == "tensorboard"):
            named = np.array([params_of_run(str(run), self.mapping) for run in frame["run"]])
            sizes["params"] = np.where(np.isnan(sizes["params"]), named, sizes["params"])
        if self.mapping.all_params:
            sizes["params"] = np.where(np.isnan(sizes["params"]), self.mapping.all_params, sizes["params"])
        if "step" in frame and (self.mapping.all_tokens_per_step or "tokens_per_step" in frame):
            a_step = frame["tokens_per_step"].to_numpy() if "tokens_per_step" in frame else nothing
            a_step = np.where(np.isnan(a_step), self.mapping.all_tokens_per_step or np.nan, a_step)
            if np.isnan(sizes["tokens"]).any():
                self.notes.append("Tokens are steps times tokens per step where no column gives them.")
            sizes["tokens"] = np.where(np.isnan(sizes["tokens"]), frame["step"].to_numpy() * a_step, sizes["tokens"])
        for role, (low, high, unit, example) in POSSIBLE.items():
            bad_cells = frame.get(f"{role}:bad", pd.Series(False, index=frame.index)).to_numpy()
            self._list(frame, good, bad_cells, role, None, "")
            values = sizes[role]
            with np.errstate(invalid="ignore"):
                outside = np.isfinite(values) & ~((values >= low) & (values <= high)) & good
            remedy = f"No run has so many: give {in_words(low)} to {in_words(high)} {unit}, such as {example}. Is the unit right?"
            self._list(frame, good, outside, role, values, remedy)
        N, D, C = sizes["params"], sizes["tokens"], sizes["training_flop"]
        known = np.isfinite(np.stack([N, D, C]))
        too_few = (known.sum(axis=0) < 2) & good
        for index in np.flatnonzero(too_few):
            role = next(role for role, there in zip(POSSIBLE, known[:, index], strict=True) if not there)
            self._note(frame, int(index), role, "", "Two of params, tokens and training_flop are needed: give one more.")
        good &= ~too_few
        self._compare(frame, N, D, C, known.all(axis=0) & good)
        with np.errstate(all="ignore"):
            sizes["training_flop"] = np.where(known[2], C, FLOP_PER_PARAM_AND_TOKEN * N * D)
            sizes["params"] = np.where(known[0], N, C / (FLOP_PER_PARAM_AND_TOKEN * D))
            sizes["tokens"] = np.where(known[1], D, C / (FLOP_PER_PARAM_AND_TOKEN * N))
        for role, (low, high, unit, _) in POSSIBLE.items():
            values = sizes[role]
            with np.errstate(invalid="ignore"):
                derived = good & ~((values >= low) & (values <= high))
            self._list(frame, good, derived, role, values, f"C = 6·N·D gives this: no run has so many {unit}. Are the units right?")
        return sizes

    def _compare(self, frame: pd.DataFrame, N: FloatArray, D: FloatArray, C: FloatArray, given: NDArray[np.bool_]) -> None:
        """Says where a given C is not 6·N·D: once where all rows agree on a factor, by row where single ones differ."""
        rows = np.flatnonzero(given)
        if not rows.size:
            return
        ratio = C[rows] / (FLOP_PER_PARAM_AND_TOKEN * N[rows] * D[rows])
        middle = float(np.median(ratio))
        log_limit = np.log(AGREEING_FACTOR)
        if abs(np.log(middle)) > log_limit:
            self.notes.append(
                f"The column {shown(self.mapping.column('training_flop'))} is {significant(middle, 2)} times 6·N·D in half of the runs or "
                "more: units, mixture of experts, or another count of parameters? N and D are used for the fit."
            )
        for index in rows[np.abs(np.log(ratio / middle)) > log_limit]:
            seen = f"{in_words(float(C[index]), 3)} FLOP"
            factor = significant(float(C[index] / (FLOP_PER_PARAM_AND_TOKEN * N[index] * D[index])), 2)
            remedy = f"It is {factor} times 6·N·D, unlike in the other runs: check N, D and C. N and D are used."
            self._note(frame, int(index), "training_flop", seen, remedy, kept=True)

    def _list(
        self, frame: pd.DataFrame, good: NDArray[np.bool_], bad: NDArray[np.bool_], role: str, values: NDArray[Any] | None, remedy: str
    ) -> None:
        """Takes bad rows out of the good ones and, with a remedy, lists them."""
        if remedy:
            for index in np.flatnonzero(bad & good):
                value = "" if values is None else values[index] if isinstance(values[index], str) else f"{values[index]:g}"
                self._note(frame, int(index), role, value, remedy)
        good &= ~bad

    def _note(self, frame: pd.DataFrame, index: int, role: str, value: str, remedy: str, *, kept: bool = False) -> None:
        self.problems.add(int(frame["row"].iloc[index]), self.mapping.column(role) or role, value, remedy, kept=kept)
