"""How files are read: right, asked about, said, refused, or wrong without a word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import numpy as np

import forecasting as fc
from forecasting.arrays import FloatArray
from forecasting.ingest.runs import ParsedRuns, RunFile
from forecasting.user_runs.own_files import read_own_file
from tests.forecasting.ingest.made_runs import CASES
from tests.forecasting.ingest.mutations import BASES, mutations
from tests.forecasting.ingest.peoples_files import peoples_files

Verdict = Literal["right", "asked", "said", "refused", "wrong"]
#: Numbers are written with so many digits.
TOLERANCE = 3e-3
#: How many runs each case has, and whether a choice must be named; their values are held by the
#: tests of each. Negative: it must be asked about.
RUNS_OF_CASES = {
    "bits_per_byte": (18, False), "chart_with_train_and_val": (-1, False),
    "checkpoints_by_portion": (6, True), "checkpoints_by_spacing": (60, True),
    "checkpoints_by_steps": (6, True), "families_as_experiments": (36, False),
    "gflops": (18, False), "headings_between_blocks": (18, False),
    "iterations_of_a_sweep": (60, True), "logarithms_without_a_name": (-1, False),
    "loss_in_bits": (18, False), "loss_with_plus_minus": (18, False), "mean_and_total": (18, False),
    "names_1": (18, False), "names_2": (18, False), "no_units": (-1, False),
    "row_of_units": (18, False), "run_that_diverged": (5, False),
    "runs_with_a_price_column": (18, False), "seeds_under_one_name": (36, True),
    "size_in_the_name": (18, False), "sweep_of_learning_rates": (72, True),
    "swiss_thousands": (18, False), "title_above_the_header": (18, False),
    "two_groups": (48, False),
}  # fmt: skip


def verdict(content: bytes, right: Sequence[FloatArray]) -> Verdict:
    """How a file is read; “said” is a reading that is not right where the file's own doubt is named
    with the other readings.

    Parameters
    ----------
    content : bytes
        The file.
    right : sequence of arrays of floats, shape (runs, 3)
        N, D and loss of the readings that are right.
    """
    try:
        own = read_own_file(content, name="file", data=fc.bundled())
        runs = own.read() if isinstance(own, RunFile) else None
    except (fc.ReadingQuestionError, fc.AmbiguousColumnError):
        return "asked"
    except fc.ForecastingError as error:
        return "asked" if getattr(error, "answers", ()) else "refused"
    if runs is None:
        return "wrong" if right else "refused"
    if any(is_right(runs, reading) for reading in right):
        return "right"
    is_said = runs.choices or runs.guess or any(problem.kept for problem in runs.problems)
    return "said" if is_said else "wrong"


def is_right(runs: ParsedRuns, right: FloatArray) -> bool:
    """Whether the runs are those that were written, each once."""
    got = runs.table[["params", "tokens", "loss"]].to_numpy()
    if got.shape != right.shape:
        return False
    pair = [each[np.lexsort(each.T[[0, 1, 2]])] for each in (got, right)]
    return bool(np.allclose(*pair, rtol=TOLERANCE))


def scores_of_mutations(
    bases: Iterable[str] = tuple(BASES), step: int = 1
) -> Iterator[tuple[str, Verdict]]:
    """Each base in each way of writing it that applies to it, with its verdict."""
    for base in bases:
        for name, mutation in list(mutations())[::step]:
            try:
                table = mutation(BASES[base])
            except KeyError:
                continue
            yield f"{base}: {name}", verdict(table.content, [np.array(table.runs)])


def scores_of_peoples_files(step: int = 1) -> Iterator[tuple[str, Verdict]]:
    """Each file as people write them, with its verdict."""
    for file in list(peoples_files())[::step]:
        yield file.kind, verdict(file.content, file.right)


def scores_of_cases() -> Iterator[tuple[str, Verdict]]:
    """Each case, with its verdict."""
    for name, (count, is_named) in RUNS_OF_CASES.items():
        path = CASES / f"{name}.csv"
        try:
            runs = fc.read_runs(path)
        except fc.ForecastingError as error:
            yield name, "asked" if getattr(error, "answers", ()) or count < 0 else "refused"
            continue
        yield name, "right" if len(runs) == count and bool(runs.choices) >= is_named else "wrong"


def counted(scores: Iterable[tuple[str, Verdict]]) -> tuple[Counter[Verdict], list[str]]:
    """How often each verdict falls, and what was read wrongly without a word."""
    counts: Counter[Verdict] = Counter()
    wrong = []
    for name, found in scores:
        counts[found] += 1
        if found == "wrong":
            wrong.append(name)
    return counts, wrong
