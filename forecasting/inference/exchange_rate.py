"""What compute at answer time is worth in training compute: exchange rates, the spans over which
they hold, and the Elo rule of Go.

A rate s is the OOM of training that one OOM of inference replaces; curves of equal performance are
I = K·T^−1/s. Every rate holds over a span of inference only: search and voting saturate. Beyond the
span more inference buys nothing.

    worth_in_training_oom(2.0, rate=0.5, span_oom=1.5)      # 0.75: half an OOM of training an OOM,
                                                            for one and a half
    elo_compute_factor(2000)                                # 1.04e5: 120 Elo a doubling (Brown's
                                                            rule for Go)

Sources: train_inference_tradeoffs (Villalobos & Atkinson 2023, Jones 2021), alphago_elo (Silver et
al. 2017), hex_elo_frontier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from forecasting.answers import Answered, Noted
from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.inference.hex_frontier import FRONTIER_SEARCH
from forecasting.laws.law_inputs import as_given, checked_coefficient, finite_positive
from forecasting.stats.distribution import Distribution

#: N. Brown's rule for Go, as the source article of 2025-01-17 gives it: Elo per doubling of
#: training or of inference.
ELO_PER_DOUBLING = 120.0
OWN_RATE = "own"
#: The rows of train_inference_tradeoffs behind the presets of language: where a span of inference
#: and what it is worth are given.
_LANGUAGE = {
    "language": ("Most language tasks", "headline 1: most language tasks"),
    "decomposable": ("Decomposable reasoning", "headline 2: sequential reasoning / decomposable"),
    "verified": ("Cheaply verified answers", "headline 3: cheaply verified"),
}
_SEARCH_ROW, _HEX_ROW, _GO_ROW = (
    "MCTS (board games)",
    "Hex AlphaZero (Jones 2021)",
    "Go rule (Brown)",
)
#: A range whose ends are meant as such, all values between them alike.
_ALL = 1.0 - 1e-9


@dataclass(frozen=True)
class PublishedSpanNote(Noted):
    """A span as its authors give it: ends, between which all values are alike."""


@dataclass(frozen=True)
class SearchSpanNote(Noted):
    """A span from the OOM that tree search is given to what search reached in a game."""

    search_oom: float
    game: Literal["go", "hex"]


@dataclass(frozen=True)
class ExchangeRate(Noted):
    """A rate with its span, both uncertain; its `sentence` says what ten times the inference is
    worth, and for how long.

    `about` says where the span comes from. `span_oom` is the OOM of inference over which it holds.
    Either `rate` is given (OOM of training per OOM of inference), or `gain_oom`, the OOM of
    training that the whole span is worth, and the rate is gain/span. All above 0.
    """

    name: str
    title: str
    span_oom: Distribution
    source: str
    about: Noted | None = None
    rate: Distribution | None = None
    gain_oom: Distribution | None = None

    def draw(self, count: int, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        """`count` draws of (rate, span in OOM)."""
        span = self.span_oom.draw(count, rng)
        known = self.rate or self.gain_oom
        if known is None:
            raise InputError("rate", "not given", "Give either a rate or what the span is worth.")
        other = known.draw(count, rng)
        return (other if self.rate is not None else other / span), span

    @property
    def middle(self) -> tuple[float, float]:
        """(rate, span in OOM) at the medians."""
        span = self.span_oom.median
        if self.rate is not None:
            return self.rate.median, span
        return (self.gain_oom.median if self.gain_oom is not None else math.nan) / span, span

    @property
    def note(self) -> str:
        """Where the span comes from, in a sentence; empty for a rate of one's own."""
        return "" if self.about is None else self.about.sentence

    @property
    def words(self) -> str:
        """The rate in words: what ten times the inference is worth, and for how long."""
        return self.sentence


def own_rate(rate: Distribution, span_oom: Distribution) -> ExchangeRate:
    """A rate of one's own; raises InputError where the rate or the span may be 0 or less."""
    for name, given in (("exchange_rate", rate), ("span_oom", span_oom)):
        if given.low <= 0.0:
            remedy = (
                "Give a rate above 0: at 0 compute at answer time would be worth nothing."
                if name == "exchange_rate"
                else ""
            )
            raise InputError(name, given.low, remedy or "Give a span above 0 OOM.")
        if given.shape == "normal":
            raise InputError(
                name,
                "a normal range",
                "A normal range reaches 0 and below: use lognormal or uniform.",
            )
        if given.shape == "uniform" and float(given.quantile(np.array([0.0]))[0]) <= 0.0:
            raise InputError(
                name,
                given.low,
                "This uniform range reaches below 0 beyond its ends: raise the low end or the"
                " share.",
            )
    return ExchangeRate(OWN_RATE, "Your own rate", span_oom, "typed in", rate=rate)


@cached_with
def exchange_rates(data: DataSet | None = None) -> dict[str, ExchangeRate]:
    """The published rates by name: language, decomposable, verified (Villalobos & Atkinson 2023),
    go (Brown's rule), hex (Jones 2021). `data` None: of the bundled tables.
    """
    data = data or bundled()
    table: dict[Any, dict[Any, Any]] = (
        data["train_inference_tradeoffs"].set_index("technique").to_dict("index")
    )
    rates = {}
    for name, (title, row) in _LANGUAGE.items():
        found = table[row]
        rates[name] = ExchangeRate(
            name,
            title,
            _between(found["inference_oom_low"], found["inference_oom_high"]),
            str(found["source"]),
            PublishedSpanNote(),
            gain_oom=_between(found["train_oom_low"], found["train_oom_high"]),
        )
    search = float(table[_SEARCH_ROW]["inference_oom_low"])
    go = table[_GO_ROW]
    rates["go"] = ExchangeRate(
        "go",
        "Go",
        _between(search, math.log10(elo_claim(data).alphago_factor)),
        f"{go['source']}; span: {table[_SEARCH_ROW]['source']} and Silver et al. 2017",
        SearchSpanNote(search, "go"),
        rate=Distribution.fixed(float(go["train_oom_low"]) / float(go["inference_oom_low"])),
    )
    hex_row = table[_HEX_ROW]
    rates["hex"] = ExchangeRate(
        "hex",
        "Hex",
        _between(search, math.log10(FRONTIER_SEARCH)),
        f"{hex_row['source']}; span: {table[_SEARCH_ROW]['source']}",
        SearchSpanNote(search, "hex"),
        rate=Distribution.fixed(
            float(hex_row["train_oom_low"]) / float(hex_row["inference_oom_low"])
        ),
    )
    return rates


def worth_in_training_oom(inference_oom: ArrayLike, *, rate: float, span_oom: float) -> Any:
    """OOM of training that more inference is worth, shaped as `inference_oom`.

    Parameters
    ----------
    inference_oom : number or array-like of any shape
        OOM of inference more than one pass takes, 0 or more.
    rate : float
        OOM of training that each is worth, above 0.
    span_oom : float
        OOM of inference beyond which more is worth nothing, above 0.

    Raises
    ------
    InputError
        For a rate or a span that is not above 0, and for less than 0 OOM of inference.
    """
    s, S = checked_coefficient("exchange_rate", rate), checked_coefficient("span_oom", span_oom)
    oom = np.asarray(inference_oom, dtype=np.float64)
    if not (oom >= 0.0).all():
        raise InputError(
            "inference_oom",
            float(oom[~(oom >= 0.0)].flat[0]),
            "Give 0 or more: an answer takes at least one pass.",
        )
    return as_given(s * np.minimum(oom, S))


def inference_oom_for(training_oom_less: ArrayLike, *, rate: float, span_oom: float) -> Any:
    """OOM of inference that make up for less training; NaN where the span does not reach.

    Parameters
    ----------
    training_oom_less : number or array-like of any shape
        OOM by which training is smaller, 0 or more.
    rate : float
        OOM of training that an OOM of inference is worth, above 0.
    span_oom : float
        The most OOM of inference that help, above 0.
    """
    s, S = checked_coefficient("exchange_rate", rate), checked_coefficient("span_oom", span_oom)
    needed = np.asarray(training_oom_less, dtype=np.float64) / s
    return as_given(np.where((needed >= 0.0) & (needed <= S * (1 + 1e-12)), needed, np.nan)[()])


def elo_compute_factor(elo: ArrayLike, elo_per_doubling: float = ELO_PER_DOUBLING) -> Any:
    """How many times the compute a gain of `elo` takes: 2^(elo/elo_per_doubling)."""
    return as_given(
        2.0
        ** (
            np.asarray(elo, dtype=np.float64)
            / checked_coefficient("elo_per_doubling", elo_per_doubling)
        )
    )


def elo_of_compute(factor: ArrayLike, elo_per_doubling: float = ELO_PER_DOUBLING) -> Any:
    """The gain in Elo of `factor` times the compute."""
    times = finite_positive("factor", factor, "times the compute", "10")
    return as_given(checked_coefficient("elo_per_doubling", elo_per_doubling) * np.log2(times))


@dataclass(frozen=True)
class EloClaim(Answered):
    """“From 3000 to 5000 Elo by training alone takes 100,000 times the compute”, and what AlphaGo
    Zero says of it.
    """

    claimed_factor: float
    claimed_elo: float
    factor: float
    doublings: float
    raw_elo: float
    search_elo: float
    alphago_factor: float
    table: pd.DataFrame

    @property
    def alphago_elo(self) -> float:
        """What search adds to AlphaGo Zero's raw network, in Elo."""
        return self.search_elo - self.raw_elo


@cached_with
def elo_claim(data: DataSet | None = None) -> EloClaim:
    """The source article's claim about Go, computed by its own rule and by AlphaGo Zero's measured
    ratings. `data` None: of the bundled tables.
    """
    data = data or bundled()
    claims = data["article_claims"]
    claimed = float(
        claims.loc[claims["claim"].str.startswith("From 3000 to 5000 Elo"), "stated_value"].iloc[0]
    )
    elo = 5000.0 - 3000.0
    players = data["alphago_elo"]
    zero = players[players["player"].str.startswith("AlphaGo Zero")]
    raw = float(zero.loc[zero["search"] == "none", "elo"].iloc[0])
    searching = float(zero.loc[zero["search"] == "MCTS", "elo"].iloc[0])
    return EloClaim(
        claimed_factor=claimed,
        claimed_elo=elo,
        factor=elo_compute_factor(elo),
        doublings=elo / ELO_PER_DOUBLING,
        raw_elo=raw,
        search_elo=searching,
        alphago_factor=elo_compute_factor(searching - raw),
        table=pd.DataFrame(
            {
                "player": players["player"],
                "elo": players["elo"],
                "search": players["search"],
                "training_factor_to_reach_it_from_the_raw_network": elo_compute_factor(
                    players["elo"].to_numpy() - raw
                ),
            }
        ),
    )


def _between(low: float, high: float) -> Distribution:
    return (
        Distribution.fixed(float(low))
        if low == high
        else Distribution(float(low), float(high), _ALL, "uniform")
    )
