"""The same question for a corpus of one's own: how large a run does it feed, and how many epochs
over it are worthwhile?

read once     N with compute-optimal text U, C = 6·N·U
epoch e       teaches R_D*·(e^(−(e−2)/R_D*) − e^(−(e−1)/R_D*)) of what as much fresh text would
              (Muennighoff et al. 2023)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.fitting.law_choice import LawInputs, LawInUse
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.scenario import quantity
from forecasting.stats.bands import QUANTILES, Range
from forecasting.stats.quantiles import quantile_of
from forecasting.text_limits.limited_text import LimitedText, limited_text, usable_law

MAX_EPOCHS = 200
#: The share of what repetition can still lower the loss by after which more compute hardly gains.
MAX_OF_THE_WAY = 0.95
SHOWN_EPOCHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)


class TextCorpusInputs(LawInputs):
    """A corpus of one's own, and the run that is to be trained on it."""

    corpus_tokens: float = quantity(
        1e11,
        unit="tokens",
        label="My corpus",
        why="An example: about 400 GB of text at 4 bytes per token.",
        ge=1e3,
        le=1e18,
    )
    corpus_flop: float = quantity(
        1e22,
        unit="FLOP",
        label="Compute of my run",
        why="An example: 64 H100 at 40% utilisation reach it in 5 days.",
        ge=1e12,
        le=1e32,
    )
    corpus_worth: float = quantity(
        0.5,
        unit="1",
        label="Minimum worth of an epoch",
        why=(
            "An epoch is worthwhile as long as it teaches at least this share of what the same"
            " amount of fresh text would; half is an example."
        ),
        ge=0.01,
        le=0.99,
    )


@dataclass(frozen=True, eq=False)
class TextCorpus(Answered):
    """What `scenario.corpus_tokens` of text are good for.

    `once_params`, `once_flop`: the largest compute-optimal run that reads it once (80% range over
    the law's draws, if it has any). `epoch_worth[e − 1]`: what epoch e teaches, as a share of fresh
    text. `worthwhile_epochs`: the last epoch worth `corpus_worth` or more; `worthwhile_flop`: the
    compute whose best run reads the text so often. `run_*`: the best run of `scenario.corpus_flop`.
    `floor`: the loss that no run on this corpus goes below; `enough_flop`: the compute that comes
    95% of the way there.
    """

    scenario: TextCorpusInputs
    law: LawInUse
    once_params: Range
    once_flop: Range
    once_loss: float
    epoch_worth: FloatArray
    worthwhile_epochs: int
    worthwhile_flop: float
    run_params: float
    run_tokens: float
    run_loss: float
    run_loss_unlimited: float
    floor: float
    enough_flop: float
    curves: LimitedText

    @property
    def run_epochs(self) -> float:
        """How often the best run reads the corpus; below 1 it does not need all of it."""
        return self.run_tokens / self.scenario.corpus_tokens

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a number of epochs: what the last one teaches, and all of them together in tokens
        of fresh text.
        """
        worth = np.cumsum(self.epoch_worth)
        shown = np.array(sorted({*SHOWN_EPOCHS, self.worthwhile_epochs}))
        return pd.DataFrame(
            {
                "epochs": shown,
                "tokens_read": shown * self.scenario.corpus_tokens,
                "worth_in_fresh_tokens": worth[shown - 1] * self.scenario.corpus_tokens,
                "worth_of_last_epoch_share_of_fresh": self.epoch_worth[shown - 1],
            }
        )


def text_corpus(scenario: TextCorpusInputs, *, data: DataOrContext | None = None) -> TextCorpus:
    """How large a run the corpus feeds, and how many epochs over it are worthwhile."""
    law = usable_law(scenario.law, context_of(data))
    unique, repeated = scenario.corpus_tokens, law.repeated
    laws = law.draws.params_of_optimal_tokens(unique)
    params = float(law.law.params_of_optimal_tokens(unique))
    once = _about(params, laws, "parameters")
    flop_per_param = FLOP_PER_PARAM_AND_TOKEN * unique
    worth = np.diff(repeated.effective_tokens(np.arange(MAX_EPOCHS + 1.0)[1:], 1.0), prepend=0.0)
    worthwhile = max(int(np.sum(worth >= scenario.corpus_worth)), 1)
    run_params, run_tokens = repeated.optimal(scenario.corpus_flop, unique)
    curves, loss, floor = (
        limited_text(repeated, unique),
        float(law.law.loss(params, unique)),
        repeated.floor(unique),
    )
    near = np.flatnonzero(curves.repeated <= floor + (1.0 - MAX_OF_THE_WAY) * (loss - floor))
    return TextCorpus(
        scenario=scenario,
        law=law,
        once_params=once,
        once_flop=once.times(flop_per_param, "FLOP"),
        once_loss=loss,
        epoch_worth=worth,
        worthwhile_epochs=worthwhile,
        worthwhile_flop=_flop_of_epochs(curves, worthwhile),
        run_params=run_params,
        run_tokens=run_tokens,
        run_loss=float(repeated.loss(run_params, run_tokens, unique)),
        run_loss_unlimited=float(law.law.loss_at_compute(scenario.corpus_flop)),
        floor=floor,
        enough_flop=float(curves.training_flop[near[0]]) if near.size else math.inf,
        curves=curves,
    )


def _about(value: float, draws: FloatArray, unit: str) -> Range:
    known = tuple(float(q) for q in quantile_of(draws, QUANTILES, "linear"))
    return replace(Range.of_quantiles(known, unit), value=value)


def _flop_of_epochs(curves: LimitedText, epochs: int) -> float:
    """The compute whose best run reads the text so often, between the points of the curve on the
    logarithm.
    """
    after = curves.epochs > 1.0
    log_epochs = np.concatenate([[0.0], np.log(curves.epochs[after])])
    log_flop = np.log(np.concatenate([[curves.wall_flop], curves.training_flop[after]]))
    return float(np.exp(np.interp(np.log(epochs), log_epochs, log_flop)))
