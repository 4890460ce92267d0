"""What it takes to serve a model: the demand for answers, and what a FLOP costs in each phase.

demand = Demand(requests_per_day=1e6, days=365, tokens_in=1000, tokens_out=500) prices =
ComputePrices(usd_per_chip_hour=2.0, peak_flop_per_s=989e12, mfu_train=0.40, mfu_input=0.40,
mfu_output=0.05) serving_usd(70e9, demand, prices)

Training takes 6 FLOP per parameter and token, an answer 2 (Kaplan et al. 2020, arXiv:2001.08361).
Reading a prompt keeps a chip as busy as training does; writing goes token by token and leaves most
of it idle, so a FLOP costs more there: the prices are per phase.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import ArrayLike

from forecasting.data.dataset import bundled
from forecasting.errors import InputError
from forecasting.laws.law_inputs import (
    FLOP_PER_PARAM_AND_TOKEN,
    as_given,
    checked_coefficient,
    finite_positive,
)
from forecasting.serving.rented_chips import PRICED_CHIP, rented_chip
from forecasting.units import SECONDS_PER_HOUR

FLOP_PER_PARAM_AND_SERVED_TOKEN = 2.0
#: An H100, dense FP16 or BF16: NVIDIA's data sheet, 2022.
H100_PEAK_FLOP_PER_S = 989e12
#: Chips compute up to 6.2 times as fast in FP4 as in FP16 (NVIDIA B300): no utilisation of the FP16
#: peak is higher.
MAX_MFU = 7.0


@dataclass(frozen=True, kw_only=True)
class Demand:
    """`requests_per_day` over `days` of service, each with `tokens_in` read and `tokens_out`
    written, `samples` times an answer.

    All are numbers of 0 or more. The prompt is read once however many samples are written (its
    state is kept), so `samples` multiplies written tokens only. Raises InputError.
    """

    requests_per_day: float
    days: float = 365.0
    tokens_in: float = 1000.0
    tokens_out: float = 500.0
    samples: float = 1.0

    def __post_init__(self) -> None:
        for name in ("requests_per_day", "days", "tokens_in", "tokens_out", "samples"):
            object.__setattr__(
                self, name, checked_coefficient(name, getattr(self, name), zero_allowed=True)
            )

    @property
    def requests(self) -> float:
        """Requests over the whole service."""
        return self.requests_per_day * self.days

    @property
    def read_tokens(self) -> float:
        """Tokens read over the whole service."""
        return self.requests * self.tokens_in

    @property
    def written_tokens(self) -> float:
        """Tokens written over the whole service, all samples."""
        return self.requests * self.tokens_out * self.samples

    @property
    def served_tokens(self) -> float:
        """Tokens read and written."""
        return self.read_tokens + self.written_tokens


def _asked_on_demand() -> float:
    return rented_chip(PRICED_CHIP, "on_demand", bundled()).usd_per_chip_hour


@dataclass(frozen=True, kw_only=True)
class ComputePrices:
    """Dollars per FLOP of each phase, as in `compute_cost.compute_price`.

    Without `usd_per_chip_hour` an hour of an H100 costs what vendors ask on demand, the median of
    the bundled table of rents.

    The model FLOP utilisation `mfu_train` is a share above 0 and up to 1. `mfu_input` (reading
    prompts) and `mfu_output` (writing) are of the same peak, which forecasts take at FP16: answers
    in FP8 or FP4 may be above 1, up to MAX_MFU. Where answers come from other chips than training,
    `serving_usd_per_chip_hour` and `serving_peak_flop_per_s` say so. Raises InputError.
    """

    usd_per_chip_hour: float = field(default_factory=_asked_on_demand)
    peak_flop_per_s: float = H100_PEAK_FLOP_PER_S
    mfu_train: float = 0.40
    mfu_input: float = 0.40
    mfu_output: float = 0.05
    serving_usd_per_chip_hour: float | None = None
    serving_peak_flop_per_s: float | None = None

    def __post_init__(self) -> None:
        for name in (
            "usd_per_chip_hour",
            "peak_flop_per_s",
            "serving_usd_per_chip_hour",
            "serving_peak_flop_per_s",
        ):
            given = getattr(self, name)
            if given is not None or not name.startswith("serving"):
                object.__setattr__(self, name, checked_coefficient(name, given))
        for name in ("mfu_train", "mfu_input", "mfu_output"):
            share = checked_coefficient(name, getattr(self, name))
            if share > (1.0 if name == "mfu_train" else MAX_MFU):
                raise InputError(
                    name,
                    share,
                    "Give a share above 0 and up to 1, such as 0.4."
                    if name == "mfu_train"
                    else f"Give a share of the FP16 peak above 0 and up to {MAX_MFU:g}, such as"
                    " 0.4.",
                )
            object.__setattr__(self, name, share)

    @property
    def usd_per_training_flop(self) -> float:
        """Price of a FLOP of training."""
        return self.usd_per_chip_hour / (SECONDS_PER_HOUR * self.peak_flop_per_s * self.mfu_train)

    @property
    def usd_per_input_flop(self) -> float:
        """Price of a FLOP of reading prompts."""
        return self._usd_per_serving_chip_flop / self.mfu_input

    @property
    def usd_per_output_flop(self) -> float:
        """Price of a FLOP of writing answers."""
        return self._usd_per_serving_chip_flop / self.mfu_output

    @property
    def _usd_per_serving_chip_flop(self) -> float:
        usd = (
            self.usd_per_chip_hour
            if self.serving_usd_per_chip_hour is None
            else self.serving_usd_per_chip_hour
        )
        peak = (
            self.peak_flop_per_s
            if self.serving_peak_flop_per_s is None
            else self.serving_peak_flop_per_s
        )
        return usd / (SECONDS_PER_HOUR * peak)


def training_flop(params: ArrayLike, tokens: ArrayLike) -> Any:
    """FLOP of a training run, 6·N·D."""
    N = finite_positive("params", params, "parameters", "7e9")
    D = finite_positive("tokens", tokens, "tokens", "2e12")
    return as_given(FLOP_PER_PARAM_AND_TOKEN * N * D)


def training_usd(params: ArrayLike, tokens: ArrayLike, prices: ComputePrices) -> Any:
    """Dollars of a training run.

    Parameters
    ----------
    params : number or array-like
        Parameters, above 0.
    tokens : number or array-like
        Training tokens, above 0; broadcast with `params`.
    prices : ComputePrices
        Dollars per FLOP.
    """
    return training_flop(params, tokens) * prices.usd_per_training_flop


def serving_flop(params: ArrayLike, demand: Demand) -> Any:
    """FLOP of all answers, 2·N a token."""
    N = finite_positive("params", params, "parameters", "7e9")
    return as_given(FLOP_PER_PARAM_AND_SERVED_TOKEN * N * demand.served_tokens)


def serving_usd(params: ArrayLike, demand: Demand, prices: ComputePrices) -> Any:
    """Dollars of all answers: 2·N·(tokens read · their price + tokens written · theirs).

    Parameters
    ----------
    params : number or array-like
        N, above 0.
    demand : Demand
        The answers.
    prices : ComputePrices
        Dollars per FLOP.
    """
    N = finite_positive("params", params, "parameters", "7e9")
    usd_per_param = (
        demand.read_tokens * prices.usd_per_input_flop
        + demand.written_tokens * prices.usd_per_output_flop
    )
    return as_given(FLOP_PER_PARAM_AND_SERVED_TOKEN * N * usd_per_param)


def served_as_training_tokens(demand: Demand, prices: ComputePrices | None = None) -> float:
    """The training tokens that cost what serving the demand costs, whatever the model's size.

    A third of the served tokens in FLOP; in dollars, with `prices`, (D_in·c_in +
    D_out·c_out)/(3·c_train).
    """
    ratio = FLOP_PER_PARAM_AND_SERVED_TOKEN / FLOP_PER_PARAM_AND_TOKEN
    if prices is None:
        return ratio * demand.served_tokens
    usd = (
        demand.read_tokens * prices.usd_per_input_flop
        + demand.written_tokens * prices.usd_per_output_flop
    )
    return ratio * usd / prices.usd_per_training_flop
