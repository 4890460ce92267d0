"""The ARC Prize leaderboard: what systems scored and cost, as of the date of its table, and when
their models came out, as far as a table of ours says.

The leaderboard itself has no dates of models. One is dated where its identifier, or its name, is
that of a model in ai_models or token_prices_first_party, settings such as “thinking, 64K” aside; a
date within the identifier, where later, is that of the version. Models that run through a harness
of someone else's (Refine.) and all others are as of the table.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from forecasting.data.result_cache import cached_with
from forecasting.inference.token_prices import READ_PER_WRITTEN
from forecasting.serving.list_prices import DOUBTFUL_PRICES, PRICES

if TYPE_CHECKING:
    from forecasting.data.dataset import DataSet

TABLE = "arc_agi_scores"
#: The tables that date a model.
DATING_TABLES = ("ai_models", "token_prices_first_party")
PEOPLE = ("Human Panel", "Stem Grad", "Avg. Mturker")
#: Rows of ARC-AGI-1 that the leaderboard had in 2025 and dropped later: score in %, USD a task.
LISTED_IN_2025 = {"Avg. Mturker": (77.0, 3.0), "o3-preview (Low)*": (75.7, 200.0)}
_PROVIDERS = ("openai", "anthropic", "google", "xai", "moonshot", "deepseek")
#: What an identifier adds to a model's name for how it was run.
_SETTINGS = frozenset(
    [
        "none",
        "minimal",
        "low",
        "medium",
        "high",
        "xhigh",
        "max",
        "effort",
        "thinking",
        "reasoning",
        "preview",
        "beta",
        "openrouter",
        "bedrock",
        "together",
        "k",
    ]
)


@dataclass(frozen=True)
class Entry:
    """A system on the leaderboard: its score in %, its cost in USD a task (NaN: not given), the day
    its model came out (None: not in our tables), and the list price of its maker at first, in USD a
    million tokens, three read for one written (NaN: not in our tables).
    """

    name: str
    score: float
    usd: float
    released: dt.date | None
    usd_per_mtok: float = math.nan


def read_on(data: DataSet) -> str:
    """The date of the table in words: 22 August 2026, or August 2025."""
    date = data.catalogue[TABLE].date
    year, *rest = (int(part) for part in date.split("-"))
    if not rest:
        return str(year)
    day = f"{rest[1]} " if len(rest) > 1 else ""
    return f"{day}{dt.date(year, rest[0], 1):%B} {year}"


def board_words(data: DataSet) -> str:
    """The leaderboard with its date, as sentences name it."""
    return f"ARC Prize leaderboard of {read_on(data)}"


def listed(model: str, data: DataSet) -> Entry:
    """A row of ARC-AGI-1 by name, undated; where the leaderboard dropped it, as it had it in 2025.

    Parameters
    ----------
    model : str
        The name on the leaderboard.
    data : DataSet
        The tables.

    Raises
    ------
    KeyError
        For a name that the leaderboard never had.
    """
    table = data[TABLE]
    rows = table[(table["benchmark"] == "ARC-AGI-1") & (table["model"] == model)]
    if rows.empty:
        return Entry(model, *LISTED_IN_2025[model], None)
    return Entry(model, float(rows["score_pct"].iloc[0]), float(rows["usd_per_task"].iloc[0]), None)


@cached_with
def machines(benchmark: str, data: DataSet) -> tuple[Entry, ...]:
    """The systems of a benchmark, people left out, with the release dates of their models.

    Parameters
    ----------
    benchmark : str
        “ARC-AGI-1”, “ARC-AGI-2” or “ARC-AGI-3”.
    data : DataSet
        The tables.
    """
    table = data[TABLE]
    rows = table[(table["benchmark"] == benchmark) & ~table["model"].isin(PEOPLE)]
    released, priced = _released(data), _priced(data)
    return tuple(
        Entry(
            name,
            score,
            usd,
            _date_of((str(identifier), name), released),
            _price_of((str(identifier), name), priced),
        )
        for name, score, usd, identifier in zip(
            rows["model"].astype(str),
            rows["score_pct"].astype(float),
            rows["usd_per_task"].astype(float),
            rows["model_id"],
            strict=True,
        )
    )


def first_to_reach(
    score: float, entries: Iterable[Entry], usd: float = math.inf
) -> tuple[Entry, ...]:
    """Those of a score or above at a cost up to `usd`, by release date, the cheapest first where
    they share one; those without a date stand last.

    Parameters
    ----------
    score : float
        The least score, in %.
    entries : iterable of Entry
        The systems.
    usd : float
        The highest cost, in USD a task; inf takes also those without one.
    """
    reach = [
        entry for entry in entries if entry.score >= score and (entry.usd <= usd or math.isinf(usd))
    ]
    return tuple(sorted(reach, key=lambda each: (each.released or dt.date.max, each.usd)))


def cheapest_so_far(score: float, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The dated systems of a score or above that cost less than every earlier one, by date.

    Parameters
    ----------
    score : float
        The least score, in %.
    entries : iterable of Entry
        The systems.
    """
    steps: list[Entry] = []
    for entry in first_to_reach(score, entries):
        if entry.released is None or math.isnan(entry.usd):
            continue
        if not steps or entry.usd < steps[-1].usd:
            steps.append(entry)
    return tuple(steps)


def best_so_far(usd: float, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The dated systems at a cost up to `usd` that score more than every earlier one, by date.

    Parameters
    ----------
    usd : float
        The highest cost, in USD a task.
    entries : iterable of Entry
        The systems.
    """
    steps: list[Entry] = []
    dated = [entry for entry in entries if entry.released is not None and entry.usd <= usd]
    for entry in sorted(dated, key=lambda each: (each.released or dt.date.max, -each.score)):
        if not steps or entry.score > steps[-1].score:
            steps.append(entry)
    return tuple(steps)


@cached_with
def _released(data: DataSet) -> dict[tuple[str, ...], dt.date]:
    """The earliest release date by the words of a model's name."""
    models, prices = (data[table] for table in DATING_TABLES)
    # A price that the list began with says nothing of when its model came out.
    seen = prices["first_seen"]
    seen = seen.where(seen > seen.min() + dt.timedelta(days=30))
    dates: dict[tuple[str, ...], dt.date] = {}
    for names, days in (
        (models["model"], models["date"]),
        (prices["model"], prices["model_release_date"].fillna(seen)),
    ):
        known = days.notna()
        for name, day in zip(names[known].astype(str), days[known].dt.date, strict=True):
            words = _words(name)
            dates[words] = min(day, dates.get(words, dt.date.max))
    return dates


@cached_with
def _priced(data: DataSet) -> dict[tuple[str, ...], tuple[tuple[dt.date, float], ...]]:
    """Days and blended list prices, the earliest first, by the words of a model's name."""
    table = data[PRICES].sort_values("first_seen", kind="stable")
    blended = (READ_PER_WRITTEN * table["usd_per_mtok_in"] + table["usd_per_mtok_out"]) / (
        READ_PER_WRITTEN + 1.0
    )
    prices: dict[tuple[str, ...], tuple[tuple[dt.date, float], ...]] = {}
    doubtful = {(each.model, each.first_seen) for each in DOUBTFUL_PRICES if each.never_held}
    for name, day, usd in zip(table["model"], table["first_seen"].dt.date, blended, strict=True):
        if (name, day) not in doubtful and usd > 0.0:
            words = _words(str(name))
            prices[words] = (*prices.get(words, ()), (day, float(usd)))
    return prices


def _date_of(names: Sequence[str], released: Mapping[tuple[str, ...], dt.date]) -> dt.date | None:
    """The date of the longest known name that one of `names` begins with and only adds settings
    to.
    """
    known = _known_in(names, released)
    return None if known is None else max(released[known[0]], known[1])


def _price_of(
    names: Sequence[str], priced: Mapping[tuple[str, ...], Sequence[tuple[dt.date, float]]]
) -> float:
    """The list price of that model when it, or the version that is named, was first seen."""
    known = _known_in(names, priced)
    if known is None:
        return math.nan
    prices = priced[known[0]]
    return next((usd for day, usd in prices if day >= known[1]), prices[-1][1])


def _known_in(
    names: Sequence[str], known: Mapping[tuple[str, ...], object]
) -> tuple[tuple[str, ...], dt.date] | None:
    """The longest known name that one of `names` begins with and only adds settings to, in words,
    and the date that is among those (dt.date.min: none is).
    """
    if any("(Refine" in name for name in names):
        return None
    for name in names:
        words = _words(re.sub(r"\(.*?\)", "", name))
        words = words[1:] if words[:1] and words[0] in _PROVIDERS and len(words) > 2 else words
        for each in (words, _words(name)):
            for length in range(len(each), 1, -1):
                if each[:length] not in known:
                    continue
                version = _version_date(each[length:])
                if version is not None:
                    return each[:length], version
                break
    return None


def _version_date(rest: Sequence[str]) -> dt.date | None:
    """The date that settings hold, dt.date.min where they hold none; None where `rest` is more than
    settings, and so another model.
    """
    found, at = dt.date.min, 0
    while at < len(rest):
        date, used = _date_at(rest[at : at + 3])
        if date is not None:
            found, at = date, at + used
        elif rest[at] in _SETTINGS or (
            rest[at].isdigit() and tuple(rest[at + 1 : at + 2]) == ("k",)
        ):
            at += 1
        else:
            return None
    return found


def _date_at(words: Sequence[str]) -> tuple[dt.date | None, int]:
    """A date at the start of the words, written 20251101 or 2025-11-01, and how many it takes."""
    for count in (1, 3):
        text = "".join(words[:count])
        if re.fullmatch(r"20\d{6}", text):
            try:
                return dt.datetime.strptime(text, "%Y%m%d").date(), count
            except ValueError:
                return None, 0
    return None, 0


def _words(name: str) -> tuple[str, ...]:
    """Letters and numbers of a name apart: gpt, 5, 2."""
    return tuple(re.findall(r"[a-z]+|\d+", name.lower()))
