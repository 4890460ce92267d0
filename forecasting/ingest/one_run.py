"""What is one run: rows of one name that are steps of it, finished runs of one family, checkpoints,
seeds, sweeps, runs that diverged, and rows that sum up others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray
from forecasting.ingest.reading_report import Answer, Choice

#: Names whose sizes differ by more than this share name families, not runs.
SAME_SIZE = 0.01
#: From this share of such names on, the column holds families.
FAMILY_SHARE = 0.2
#: Steps of a run are counted once each; where rows repeat them more than this, rows are runs.
MIN_DISTINCT_STEPS = 0.6
#: A run is finished when it has taken this share of its steps.
FINISHED_SHARE = 0.99
#: A series of one size, its tokens evenly spaced, may be checkpoints from this many rows on.
MIN_SERIES = 5
#: And from this many on where a column called step counts.
MIN_COUNTED = 4
EVEN_SPACING = 0.05
#: Runs share their size and tokens with others: from this share on a sweep or seeds are named.
REPEATED_SHARE = 0.2
#: Losses of one size and amount of tokens differ by so much between seeds, and by more in a sweep.
SEED_SPREAD = 0.01

_SUMMARY = re.compile(
    r"\W*(?:(?:grand |sub)?totals?|sum|mean|average|avg\.?|median|std|stdev|std\.? ?dev\.?|"
    r"standard deviation|variance|summary|geomean|geometric mean|all runs|"
    r"gesamt|summe|mittelwert|durchschnitt|moyenne)"
    r"(?: of .{0,30}| ?\(.{0,30}\)|:.{0,20}| (?:runs?|loss|values?|row))?\W*",
    re.IGNORECASE,
)
#: What stands beside such rows, but may be a name where it stands alone.
_BESIDE = re.compile(r"\W*(?:min|minimum|max|maximum|count|25%|50%|75%|n)\W*", re.IGNORECASE)
#: Rows that repeat another one as the best of them.
_PICKED = re.compile(
    r"\W*(?:best|worst|lowest|highest|optimal|optimum|selected|chosen|winner|min|max|minimum|maximum)"
    r"(?: (?:run|loss|model|result|of .{0,30}))?\W*",
    re.IGNORECASE,
)
#: Where more rows than this are named so, they are runs with such names.
MAX_SUMMARY_SHARE = 0.3


def summaries(names: Sequence[str]) -> BoolArray:
    """Which names are those of rows that sum up others: Mean, Total, Std, and Min or Max beside
    them.
    """
    found = np.array([_SUMMARY.fullmatch(name.strip()) is not None for name in names], dtype=bool)
    if found.any():
        found |= np.array([_BESIDE.fullmatch(name.strip()) is not None for name in names])
    return found


def picked(names: Sequence[str]) -> BoolArray:
    """Which names say that a row repeats another one: Best, Lowest loss, Selected."""
    return np.array([_PICKED.fullmatch(name.strip()) is not None for name in names], dtype=bool)


def named_families(run: NDArray[np.int32], params: FloatArray) -> bool:
    """Whether the names stand for families of runs: no run has two sizes.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The name of each row, from 0.
    params : array of floats, shape (rows,)
        Parameters, or what stands for them; NaN where unknown.
    """
    known = np.isfinite(params) & (params > 0.0)
    if not known.any():
        return False
    count = int(run.max()) + 1
    least, most = np.full(count, np.inf), np.zeros(count)
    np.minimum.at(least, run[known], params[known])
    np.maximum.at(most, run[known], params[known])
    seen = most > 0.0
    return bool(np.mean(most[seen] > (1.0 + SAME_SIZE) * least[seen]) > FAMILY_SHARE)


def counts_up(run: NDArray[np.int32], order: FloatArray, loss: FloatArray) -> bool:
    """Whether what counts steps does so within each run, rather than be the length of finished
    runs, which repeats.

    Parameters
    ----------
    run : array of whole numbers, shape (rows,)
        The run of each row.
    order : array of floats, shape (rows,)
        Steps, or tokens.
    loss : array of floats, shape (rows,)
        The losses; rows without one don't count.
    """
    used = np.isfinite(order) & np.isfinite(loss)
    if not used.any():
        return True
    names, steps = run[used], order[used]
    same = names[1:] == names[:-1]
    if np.all(~same | (steps[1:] > steps[:-1])) and (~same).sum() <= names.max():
        return True  # as logs are written: one run after the other, each step further
    by = np.lexsort((steps, names))
    names, steps = names[by], steps[by]
    distinct = 1 + int(np.sum((names[1:] != names[:-1]) | (steps[1:] != steps[:-1])))
    return distinct >= MIN_DISTINCT_STEPS * names.size


def unfinished_rows(frame: pd.DataFrame) -> BoolArray | None:
    """The rows that are checkpoints of runs by their own columns: steps below the total, or a share
    of the run below one. None where no column tells, or none is finished.
    """
    done: FloatArray | None = None
    if "progress" in frame:
        done = frame["progress"].to_numpy(dtype=np.float64)
        known = done[np.isfinite(done)]
        if known.size and known.max() > 1.5:
            done = done / 100.0
        if not known.size or np.nanmax(done) > 1.01 or np.nanmin(done) == np.nanmax(done):
            done = None
    if done is None and {"step", "total_steps"} <= set(frame):
        with np.errstate(all="ignore"):
            done = frame["step"].to_numpy() / frame["total_steps"].to_numpy()
        known = done[np.isfinite(done)]
        if not known.size or known.max() > 1.01:
            return None
    if done is None:
        return None
    with np.errstate(invalid="ignore"):
        early = done < FINISHED_SHARE
    finished = int((~early).sum())
    return early if early.any() and finished else None


def checkpoint_choice(
    table: pd.DataFrame, keys: list[str], counts_steps: bool = False
) -> Choice | None:
    """Asks whether rows are checkpoints: series of one size whose tokens are evenly spaced, or
    which count steps, and whose loss falls. None where they are none.

    Parameters
    ----------
    table : pd.DataFrame
        The rows as read, in the order of the file.
    keys : list of str
        The columns that name a series.
    counts_steps : bool
        Whether a column counts steps, evenly spaced or not.
    """
    ends = last_of_series(table, keys, counts_steps)
    if ends is None:
        return None
    series = int(ends.sum())
    return Choice(
        f"{series} series of one model"
        f" {'count steps' if counts_steps else 'have tokens that grow in even steps'}: are these"
        f" checkpoints of {series} runs? All {len(table):,} are taken as finished runs.",
        (Answer("Take the last of each", {"checkpoints": "last"}),),
    )


def last_of_series(
    table: pd.DataFrame, keys: list[str], counts_steps: bool = False
) -> BoolArray | None:
    """The rows that end a series which looks like checkpoints, and those in none; None where fewer
    than half of the rows are in such series.

    Parameters
    ----------
    table : table
        Runs with params, tokens and loss, a row each.
    keys : list of str
        The columns that rows of one series share, where the table has them.
    counts_steps : bool
        Whether a column counts steps, so that the tokens need not be evenly spaced.
    """
    if "run" in table and table["run"].nunique() == len(table):
        return None
    names = [name for name in keys if name in table]
    in_series = np.zeros(len(table), dtype=np.bool_)
    ends = np.zeros(len(table), dtype=np.bool_)
    for _, rows in table.groupby(names, sort=False, dropna=False):
        if len(rows) < (MIN_COUNTED if counts_steps else MIN_SERIES):
            continue
        rows = rows.sort_values("tokens", kind="stable")
        gaps = np.diff(rows["tokens"].to_numpy())
        is_even = counts_steps or np.ptp(gaps) <= EVEN_SPACING * gaps.mean()
        is_even = gaps.min() > 0 and is_even
        if is_even and np.mean(np.diff(rows["loss"].to_numpy()) < 0.0) > 0.7:
            in_series[rows.index.to_numpy()] = True
            ends[rows.index[-1]] = True
    if in_series.mean() < 0.5:
        return None
    return ends | ~in_series


def repeats_choice(table: pd.DataFrame) -> Choice | None:
    """Names runs of one size and amount of tokens: seeds where their losses agree, else a sweep;
    None where few share them.
    """
    keys = _pair_keys(table)
    groups = table.groupby(keys, dropna=False)["loss"]
    pairs, size = groups.ngroups, groups.transform("size")
    if float((size > 1).mean()) < REPEATED_SHARE or len(table) < 6:
        return None
    spread = float((groups.max() / groups.min() - 1.0).max())
    kind = "seeds, by how near their losses are" if spread <= SEED_SPREAD else "a sweep, or seeds"
    return Choice(
        f"{len(table):,} runs have only {pairs:,} pairs of size and tokens; losses of one pair"
        f" differ by up to {100 * spread:.2g}%: {kind}? All are kept.",
        (
            Answer("Keep the lowest of each", {"repeats": "lowest"}),
            Answer("Average each", {"repeats": "average"}),
        ),
    )


def without_repeated_pairs(table: pd.DataFrame, how: str) -> pd.DataFrame:
    """A row for each pair of size and tokens: that of the lowest loss, or the mean of the losses on
    the first row.

    Parameters
    ----------
    table : table
        Runs with params, tokens and loss, a row each.
    how : str
        "lowest" or "average".
    """
    keys = _pair_keys(table)
    if how == "lowest":
        best = table.groupby(keys, dropna=False, sort=False)["loss"].idxmin()
        return table.loc[np.sort(best.to_numpy())].reset_index(drop=True)
    means = table.groupby(keys, dropna=False)["loss"].transform("mean")
    first = ~table.duplicated(keys)
    return table.assign(loss=means)[first].reset_index(drop=True)


def _pair_keys(table: pd.DataFrame) -> list[str]:
    return [name for name in ("params", "tokens", "group", "unique_tokens") if name in table]


def unnamed_summaries(columns: Sequence[FloatArray]) -> int:
    """How many of the last rows are means, sums or the like of all above them, though no cell says
    so; `columns` are sizes and losses as read, of shape (rows,) each.
    """
    for count in range(min(MAX_FOOTERS, columns[0].size - 5), 0, -1):
        above = [values[:-count] for values in columns]
        if not all(_differ(values) for values in above):
            return 0
        with np.errstate(all="ignore"):
            sums = [[float(summed(values)) for values in above] for summed in _SUMS]
        which = [
            [
                at
                for at, expected in enumerate(sums)
                if np.allclose([values[-row] for values in columns], expected, rtol=2e-3)
            ]
            for row in range(1, count + 1)
        ]
        # A run may lie in the middle of the others, or be the largest: no sum by itself.
        if all(which) and any(at < 2 for found in which for at in found):
            return count
    return 0


def _differ(values: FloatArray) -> bool:
    known = values[np.isfinite(values)]
    return known.size > 1 and bool(np.ptp(known) > 0.0)


def _deviation(values: FloatArray) -> float:
    return float(np.nanstd(values, ddof=1))


MAX_FOOTERS = 8
_SUMS = (np.nanmean, np.nansum, np.nanmedian, np.nanmin, np.nanmax, np.nanstd, _deviation)
