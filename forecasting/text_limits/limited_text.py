"""What training compute buys when text is limited: unlimited text, the text repeated as far as it
helps, and the text read once.

All three are the loss of the best run of each compute under one law; see repeated_data_law for
repetition and its limits.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.context import Context, law_in_use
from forecasting.errors import InputError
from forecasting.fitting.law_choice import LawInUse
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.laws.repeated_data_law import R_D_STAR, R_N_STAR, RepeatedDataLaw
from forecasting.stats.bands import QUANTILES, Bands
from forecasting.stats.quantiles import quantile_of

#: Curves go from this many OOM below the compute at which the text runs out to that many above.
OOM_BELOW, OOM_ABOVE, POINTS = 3.0, 4.0, 71


def usable_law(name: str, context: Context) -> LawInUse:
    """The law of that name; raises InputError for one in which size or text does not matter, so
    that text never runs out.
    """
    law = law_in_use(name, context)
    for term, of in (("A", "size"), ("B", "text")):
        if getattr(law.law, term) == 0.0:
            raise InputError(
                "law",
                name,
                f"Without a term for {of} text never runs out: use a law with A and B above 0.",
            )
    return law


@dataclass(frozen=True, eq=False)
class LimitedText:
    """Losses in nats per token along `training_flop`, each of shape (t,), and how often the best
    run reads the text.
    """

    unique_tokens: float
    wall_flop: float
    training_flop: FloatArray
    unlimited: FloatArray
    repeated: FloatArray
    once: FloatArray
    epochs: FloatArray


def wall_flop(law: RepeatedDataLaw, unique_tokens: float) -> float:
    """The training compute at which a compute-optimal run needs all of the text: 6·N·U with N the
    size that U feeds.
    """
    return float(
        FLOP_PER_PARAM_AND_TOKEN * law.base.params_of_optimal_tokens(unique_tokens) * unique_tokens
    )


def limited_text(
    law: RepeatedDataLaw, unique_tokens: float, training_flop: FloatArray | None = None
) -> LimitedText:
    """The three curves of the loss over compute, for a given amount of text.

    Parameters
    ----------
    law : RepeatedDataLaw
        The law.
    unique_tokens : float
        The text there is, in tokens, above 0.
    training_flop : array of floats, shape (points,), or None
        Compute in FLOP; None: about that at which the text runs out.
    """
    wall = wall_flop(law, unique_tokens)
    flop = (
        wall * np.logspace(-OOM_BELOW, OOM_ABOVE, POINTS)
        if training_flop is None
        else training_flop
    )
    params, tokens = law.optimal(flop, unique_tokens)
    once = np.minimum(law.base.optimal(flop)[1], unique_tokens)
    return LimitedText(
        unique_tokens=unique_tokens,
        wall_flop=wall,
        training_flop=flop,
        unlimited=law.base.loss_at_compute(flop),
        repeated=law.loss(params, tokens, unique_tokens),
        once=law.loss(flop / (FLOP_PER_PARAM_AND_TOKEN * once), once, unique_tokens),
        epochs=np.maximum(tokens / unique_tokens, 1.0),
    )


def repeated_bands(
    law: RepeatedDataLaw, unique_tokens: FloatArray, training_flop: FloatArray
) -> Bands:
    """Bands of the loss with repetition over draws of the text.

    More text never raises the loss, so quantiles of the loss are the losses at the opposite
    quantiles of the text.

    Parameters
    ----------
    law : RepeatedDataLaw
        The law.
    unique_tokens : array of floats, shape (draws,)
        Draws of the text, in tokens.
    training_flop : array of floats, shape (points,)
        Compute in FLOP: the `x` of the bands.
    """
    rows = [
        law.loss_at_compute(training_flop, float(u))
        for u in quantile_of(unique_tokens, [1.0 - q for q in QUANTILES], "linear")
    ]
    return Bands(training_flop, np.stack(rows))


def floors(laws: LawDraws, unique_tokens: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The losses that unlimited compute approaches with the text repeated and with the text read
    once, one a law and amount.
    """
    log_fed = np.log(laws.params_of_optimal_tokens(unique_tokens)) + np.log1p(R_N_STAR)
    size = laws.E + np.exp(np.log(laws.A) - laws.alpha * log_fed)
    log_text = np.log(unique_tokens)
    once = size + np.exp(np.log(laws.B) - laws.beta * log_text)
    repeated = size + np.exp(np.log(laws.B) - laws.beta * (log_text + np.log1p(R_D_STAR)))
    return repeated, once
