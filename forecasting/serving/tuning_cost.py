"""What it takes to tune a model: supervised fine-tuning, low-rank adapters, and reinforcement
learning from sampled answers.

fine_tuning_flop(params=8e9, tokens=50e6, epochs=3)

A token costs 2 FLOP a parameter forwards, 2 backwards to the activations and 2 to the weights
(Kaplan et al. 2020, arXiv:2001.08361). Attention is left out: up to 8,000 tokens of context it adds
less than a fifth to models from 8 billion parameters on. So is what is lost between jobs.
"""

from __future__ import annotations

from dataclasses import dataclass

from forecasting.laws.law_inputs import checked_coefficient
from forecasting.serving.replica import Replica, checked_share
from forecasting.units import SECONDS_PER_HOUR

FORWARD_FLOP, BACKWARD_FLOP, WEIGHT_FLOP = 2.0, 2.0, 2.0


def fine_tuning_flop(*, params: float, tokens: float, epochs: float = 1.0) -> float:
    """FLOP of supervised fine-tuning of all weights: 6 N D, each epoch.

    Parameters
    ----------
    params : float
        Parameters that a token uses.
    tokens : float
        Tokens of the examples.
    epochs : float
        How often they are seen.
    """
    read = checked_coefficient("tokens", tokens) * checked_coefficient("epochs", epochs)
    per_token = FORWARD_FLOP + BACKWARD_FLOP + WEIGHT_FLOP
    return per_token * checked_coefficient("params", params) * read


def adapter_flop(
    *, params: float, adapter_params: float, tokens: float, epochs: float = 1.0
) -> float:
    """FLOP of training low-rank adapters: frozen weights need no gradients of their own, so 4 N D
    and 6 D for each parameter of the adapters (Hu et al. 2021, arXiv:2106.09685).

    Parameters
    ----------
    params : float
        Parameters of the frozen model that a token uses.
    adapter_params : float
        Parameters of the adapters.
    tokens : float
        Tokens of the examples.
    epochs : float
        How often they are seen.
    """
    read = checked_coefficient("tokens", tokens) * checked_coefficient("epochs", epochs)
    frozen = (FORWARD_FLOP + BACKWARD_FLOP) * checked_coefficient("params", params)
    return read * frozen + fine_tuning_flop(params=adapter_params, tokens=tokens, epochs=epochs)


def training_chip_hours(flop: float, *, peak_flop_per_s: float, mfu: float) -> float:
    """Chip-hours of a training job.

    Parameters
    ----------
    flop : float
        Its FLOP.
    peak_flop_per_s : float
        The peak of a chip at the precision of training.
    mfu : float
        The utilisation of that peak, above 0 and at most 1.
    """
    per_s = checked_coefficient("peak_flop_per_s", peak_flop_per_s) * checked_share("mfu", mfu)
    return checked_coefficient("flop", flop) / per_s / SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True)
class ReinforcementJob:
    """Reinforcement learning in which each of `steps` samples `answers` to each of `prompts` and
    updates all weights on them once, as GRPO does (Shao et al. 2024, arXiv:2402.03300).

    `keeps_reference` reads each answer once more with the model as it was, for a penalty on drift.
    """

    steps: float
    prompts: float
    answers: float
    keeps_reference: bool = True

    def __post_init__(self) -> None:
        for name in ("steps", "prompts", "answers"):
            object.__setattr__(self, name, checked_coefficient(name, getattr(self, name)))

    @property
    def sampled(self) -> float:
        """Answers that are sampled in all."""
        return self.steps * self.prompts * self.answers

    def rollout_chip_hours(self, replica: Replica, utilisation: float) -> float:
        """Chip-hours of sampling. A prompt is read for each of its answers: caches that share it
        make this an upper bound.

        Parameters
        ----------
        replica : Replica
            What samples, with the lengths of prompts and answers in its traffic.
        utilisation : float
            The share of full load at which it runs: the longest answers keep the others waiting.
        """
        per_s = float(replica.requests_per_s) * checked_share("utilisation", utilisation)
        return float(self.sampled / per_s * replica.chips / SECONDS_PER_HOUR)

    def update_flop(self, replica: Replica) -> float:
        """FLOP of the updates: 6 N for each token of prompts and answers, and 2 N where the
        reference reads them.
        """
        traffic = replica.traffic
        tokens = self.sampled * float(traffic.tokens_in + traffic.tokens_out)
        active = float(replica.served.model.active_params)
        reference = FORWARD_FLOP * active * tokens if self.keeps_reference else 0.0
        return fine_tuning_flop(params=active, tokens=tokens) + reference
