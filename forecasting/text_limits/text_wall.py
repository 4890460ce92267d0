"""After the wall: what training compute alone still buys once a compute-optimal run needs all
public text, by the law in use.

    C = 6·N·U with N the size whose compute-optimal text is U, the unique text of the year in which
    demand meets the stock

Before it, loss falls as E + K·C^(−γ); beyond it, more epochs and larger models approach a floor
that only more text lowers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtr

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.fitting.law_choice import LawInUse
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.stats.bands import QUANTILES, Bands, Range
from forecasting.stats.quantiles import quantile_of
from forecasting.text_limits.limited_text import (
    LimitedText,
    floors,
    limited_text,
    repeated_bands,
    usable_law,
)
from forecasting.text_limits.text_exhaustion import crossing_dates, mixture_of
from forecasting.text_limits.text_factors import deviates_of
from forecasting.text_limits.text_inputs import BASE_YEAR, CrossingInputs
from forecasting.text_limits.text_stock import unique_text_draws

#: How much more compute than at the wall the table looks at; infinite: the floor.
MORE_COMPUTE = (1.0, 10.0, 100.0, 1000.0)


@dataclass(frozen=True, eq=False)
class TextWall(Answered):
    """The compute, size and loss at which text runs out, and the floors beyond; ranges are over
    draws of text and, if it has any, law.

    `curves` are for the median text; `repeated` has bands over draws of the text alone (its `years`
    are training FLOP).
    """

    scenario: CrossingInputs
    law: LawInUse
    year: float
    unique_tokens: Range
    training_flop: Range
    params: Range
    loss: Range
    gain_unlimited: Range
    gain_repeated: Range
    gain_once: Range
    curves: LimitedText
    repeated: Bands

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a multiple of the compute at the wall: losses in nats per token at the median
        text, and epochs of the best run.
        """
        flop = self.curves.wall_flop * np.array(MORE_COMPUTE)
        at = limited_text(self.law.repeated, self.curves.unique_tokens, flop)
        repeated, once = floors(
            LawDraws.of_law(self.law.law), np.array([self.curves.unique_tokens])
        )
        return pd.DataFrame(
            {
                "compute_times_wall": [*MORE_COMPUTE, math.inf],
                "training_flop": [*flop, math.inf],
                "loss_unlimited_text_nats_per_token": [*at.unlimited, self.law.law.E],
                "loss_repeated_nats_per_token": [*at.repeated, float(repeated[0])],
                "loss_read_once_nats_per_token": [*at.once, float(once[0])],
                "epochs_of_best_run": [*at.epochs, math.inf],
            }
        )


def text_wall(scenario: CrossingInputs, *, data: DataOrContext | None = None) -> TextWall:
    """What compute buys beyond the public text of the year in which demand meets the stock (of the
    horizon, if that is later).
    """
    context = context_of(data)
    law = usable_law(scenario.law, context)
    median = mixture_of(scenario, *crossing_dates(scenario, data=context)).median
    year = float(
        min(
            max(math.floor(median) if math.isfinite(median) else scenario.horizon_year, BASE_YEAR),
            scenario.horizon_year,
        )
    )
    unique = unique_text_draws(scenario, [year], data=context)[:, 0]
    laws = _laws(law.draws, scenario.seed)
    params = laws.params_of_optimal_tokens(unique)
    flop = FLOP_PER_PARAM_AND_TOKEN * params * unique
    loss = laws.E + laws.K * flop**-laws.gamma
    repeated, once = floors(laws, unique)
    middle = float(np.median(unique))
    curves = limited_text(law.repeated, middle)
    return TextWall(
        scenario=scenario,
        law=law,
        year=year,
        unique_tokens=_range(unique, "tokens"),
        training_flop=_range(flop, "FLOP"),
        params=_range(params, "parameters"),
        loss=_range(loss, "nats per token"),
        gain_unlimited=_range(loss - laws.E, "nats per token"),
        gain_repeated=_range(loss - repeated, "nats per token"),
        gain_once=_range(loss - once, "nats per token"),
        curves=curves,
        repeated=repeated_bands(law.repeated, unique, curves.training_flop),
    )


def _laws(draws: LawDraws, seed: int) -> LawDraws:
    """A law for each draw of the text, every law equally often."""
    rows = np.minimum((ndtr(deviates_of("law", seed)) * len(draws)).astype(np.intp), len(draws) - 1)
    return LawDraws(*(getattr(draws, name)[rows] for name in NAMES))


def _range(draws: FloatArray, unit: str) -> Range:
    return Range.of_quantiles(tuple(float(q) for q in quantile_of(draws, QUANTILES)), unit)
