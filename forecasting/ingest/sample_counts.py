"""Counts of repeated sampling: how many of the tries at each problem were right.

counts = problem_counts(pd.DataFrame({"problem": ["a", "b"], "samples": [100, 100], "correct": [3,
0]})) counts.samples, counts.correct
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError, NotEnoughDataError, TableError, UnknownNameError
from forecasting.stats.dated_series import as_float_array

#: Samples a problem; drawing some of them without putting back works up to about twice as many.
MAX_SAMPLES = 500_000_000
#: Problems of own counts; the largest benchmarks have a few thousand.
MAX_PROBLEMS = 20_000
#: What messages call the table of own counts.
TABLE = "of your counts"
COLUMNS = ("problem", "samples", "correct")
MAX_PROBLEMS_SAID = 5
MAX_CHARACTERS = 2_000_000


@dataclass(frozen=True, eq=False)
class ProblemCounts:
    """Of `samples` tries at each problem, `correct` were right; arrays of one length, whole numbers
    as floats.

    `name` is that of the model. Raises InputError for counts that cannot be.
    """

    name: str
    samples: FloatArray
    correct: FloatArray

    def __post_init__(self) -> None:
        samples, correct = checked_counts(self.samples, self.correct)
        object.__setattr__(self, "samples", samples)
        object.__setattr__(self, "correct", correct)

    def __len__(self) -> int:
        return int(self.samples.size)

    @property
    def fewest_samples(self) -> int:
        """The tries at the problem that was tried least: the largest k that pass@k can be estimated
        for without a law.
        """
        return int(self.samples.min())

    @property
    def solve_rates(self) -> FloatArray:
        """The share of right tries at each problem."""
        return self.correct / self.samples

    def thinned(self, samples: int, rng: np.random.Generator) -> ProblemCounts:
        """As if only `samples` of the tries at each problem had been made, drawn without putting
        back.
        """
        kept = np.minimum(self.samples, samples).astype(np.int64)
        right = self.correct.astype(np.int64)
        drawn = rng.hypergeometric(right, self.samples.astype(np.int64) - right, kept)
        return ProblemCounts(self.name, kept.astype(np.float64), drawn.astype(np.float64))


def checked_counts(samples: ArrayLike, correct: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Both as float arrays of one length; `samples` may be one number for all problems. Raises
    InputError that names the problem.
    """
    c = as_float_array(np.atleast_1d(np.asarray(correct)), "correct")
    n = as_float_array(np.atleast_1d(np.asarray(samples)), "samples")
    if n.size == 1:
        n = np.full(c.size, n[0])
    if c.size == 0:
        raise NotEnoughDataError(0, 1, "Give the counts of at least one problem.")
    if n.size != c.size:
        raise InputError(
            "samples",
            f"{n.size} numbers",
            f"Give one number for all problems, or {c.size}, one for each of `correct`.",
        )
    for name, values, least in (("samples", n, 1.0), ("correct", c, 0.0)):
        bad = ~((values >= least) & (values <= MAX_SAMPLES) & (values == np.floor(values)))
        if bad.any():
            at = int(np.argmax(bad))
            raise InputError(
                name,
                f"{values[at]:g} at problem {at + 1}",
                f"Give whole numbers from {least:g} to {MAX_SAMPLES:,}.",
            )
    if (more := c > n).any():
        at = int(np.argmax(more))
        raise InputError(
            "correct",
            f"{c[at]:,.0f} of {n[at]:,.0f} samples at problem {at + 1}",
            "The number correct can't exceed the number of samples.",
        )
    return n, c


def problem_counts(table: pd.DataFrame, name: str = "your model") -> ProblemCounts:
    """Own counts from a table with the columns problem, samples and correct, a row a problem.

    Raises TableError with a sentence a row for what can't be used: a missing column, no number,
    more correct than samples, a problem given twice.
    """
    missing = [column for column in COLUMNS if column not in table.columns]
    if missing:
        seen = ", ".join(str(column)[:40] for column in table.columns[:10])
        raise TableError(
            TABLE,
            [
                f"The column {missing[0]} is missing; seen: {seen}. The columns are problem,"
                " samples and correct."
            ],
        )
    if len(table) > MAX_PROBLEMS:
        raise TableError(
            TABLE, [f"It has {len(table):,} rows. Use {MAX_PROBLEMS:,} problems or fewer."]
        )
    if problems := list(_row_problems(table)):
        more = (
            [f"… and {len(problems) - MAX_PROBLEMS_SAID:,} more rows."]
            if len(problems) > MAX_PROBLEMS_SAID
            else []
        )
        raise TableError(TABLE, [*problems[:MAX_PROBLEMS_SAID], *more][: MAX_PROBLEMS_SAID + 1])
    return ProblemCounts(name, _numbers(table["samples"]), _numbers(table["correct"]))


def counts_from_text(text: str, name: str = "your model") -> ProblemCounts:
    """Own counts from pasted text: lines of problem, samples, correct, split by commas, semicolons,
    tabs or spaces; a first line of names is skipped or sets the order. Raises TableError as
    `problem_counts` does.
    """
    lines = [
        line.strip()
        for line in text[:MAX_CHARACTERS].splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if len(text) > MAX_CHARACTERS:
        raise TableError(
            TABLE, [f"The text has {len(text):,} characters. Use {MAX_CHARACTERS:,} or fewer."]
        )
    if not lines:
        raise TableError(
            TABLE, ["It is empty. Give a line for each problem: problem, samples, correct."]
        )
    separator = next((mark for mark in ("\t", ";", ",") if mark in lines[0]), None)
    cells = [[cell.strip() for cell in line.split(separator)] for line in lines]
    header = [cell.lower() for cell in cells[0]]
    named = set(COLUMNS) <= set(header)
    columns = header if named else list(COLUMNS)
    rows = cells[1:] if named else cells
    if not rows:
        raise TableError(TABLE, ["It has column names but no rows. Give a line for each problem."])
    for number, row in enumerate(rows, start=1):
        if len(row) != len(columns):
            raise TableError(
                TABLE,
                [
                    f"Row {number} has {len(row)} cells where {len(columns)} are needed:"
                    f" {', '.join(columns)}."
                ],
            )
    return problem_counts(pd.DataFrame(rows, columns=columns), name)


def bundled_counts(model: str, data: DataSet) -> ProblemCounts:
    """The counts of one Pythia size on 128 MATH problems (Brown et al. 2024, arXiv:2407.21787)."""
    table = data["repeated_sampling_counts"]
    rows = table[table["model"] == model]
    if rows.empty:
        raise UnknownNameError(
            "sampled_model", model, [str(known) for known in table["model"].unique()]
        )
    return ProblemCounts(model, rows["samples"].to_numpy(), rows["correct"].to_numpy())


def _numbers(column: pd.Series) -> FloatArray:
    numbers: FloatArray = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64)
    return numbers


def _row_problems(table: pd.DataFrame) -> Iterator[str]:
    """A sentence for each row that can't be used, by its number in the table (the first row is row
    1).
    """
    samples, correct = _numbers(table["samples"]), _numbers(table["correct"])
    whole = {
        "samples": (samples >= 1) & (samples == np.floor(samples)) & (samples <= MAX_SAMPLES),
        "correct": (correct >= 0) & (correct == np.floor(correct)) & (correct <= MAX_SAMPLES),
    }
    twice = table["problem"].duplicated().to_numpy()
    for row in np.flatnonzero(~(whole["samples"] & whole["correct"]) | (correct > samples) | twice):
        for column, good in whole.items():
            if not good[row]:
                yield (
                    f"Row {row + 1}: {column} is “{str(table[column].iloc[row])[:40]}”; a whole"
                    f" number up to {MAX_SAMPLES:,} is needed."
                )
        if whole["samples"][row] and whole["correct"][row] and correct[row] > samples[row]:
            yield (
                f"Row {row + 1}: {correct[row]:,.0f} correct of {samples[row]:,.0f} samples; the"
                " number correct can't exceed the number of samples."
            )
        if twice[row]:
            yield (
                f"Row {row + 1}: the problem “{str(table['problem'].iloc[row])[:40]}” is given"
                " twice; give each problem one row."
            )
