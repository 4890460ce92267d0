"""How many chips serve a demand within a latency, and what a million tokens cost.

serve(ServeScenario(model="Llama-3-70B", chip="H100 SXM", requests_per_second=20)).chips
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
import pandas as pd

from forecasting.answers import Answered
from forecasting.arrays import FloatArray
from forecasting.compute_cost import price_fields
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.errors import InputError
from forecasting.scenario import Scenario, quantity
from forecasting.serving import request_fields
from forecasting.serving.phases import ServedOn
from forecasting.serving.rented_chips import OwnChipPriceInputs, RentedChip, given_or_rented
from forecasting.serving.replica import (
    MEAN_OF_P99_TPOT,
    Replica,
    Traffic,
    best_replica,
    replicas_within,
)
from forecasting.serving.serving_tables import (
    CHIPS,
    MODELS,
    name_in,
    served_models,
    serving_chips,
)
from forecasting.serving.throughput_figures import tokens_per_s_per_megawatt
from forecasting.serving.uncertain_speed import solved_replica
from forecasting.stats.bands import Range
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.stats.sampling import above_zero, stratified_normals
from forecasting.units import HOURS_PER_YEAR, SECONDS_PER_HOUR

DRAWS = 1000
HOURS_PER_MONTH = HOURS_PER_YEAR / 12.0
USD, SHARE = "USD/10⁶ tokens", "share of 1"


class ServeScenario(Scenario):
    """A demand, its limits, and what serves it."""

    NAME: ClassVar[str] = "serve"
    VERSION: ClassVar[int] = 2
    #: Version 2 has what vendors ask for a chip-hour instead of an example.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: {"usd_per_chip_hour": 2.0}}
    TABLES: ClassVar[tuple[str, ...]] = (MODELS, CHIPS, *OwnChipPriceInputs.TABLES)

    model: str = quantity("Llama-3.3-70B", unit="name", label="Model")
    chip: str = quantity("NVIDIA H100 SXM", unit="name", label="Chip")
    precision: Literal["fp16", "fp8", "fp4"] = quantity("fp8", unit="name", label="Precision")
    requests_per_second: float = quantity(
        20.0, unit="requests/s", label="Requests per second", why="At the peak.", ge=0.0, le=1e12
    )
    tokens_in: float = quantity(1000.0, unit="tokens", label="Tokens in", ge=0.0, le=1e7)
    tokens_out: float = quantity(300.0, unit="tokens", label="Tokens out", ge=1.0, le=1e7)
    cached_share: float = request_fields.cached_share()
    length_variation: float = request_fields.length_variation()
    tpot_limit_s: float = quantity(
        0.05,
        unit="s",
        label="Mean time per output token, at most",
        why="0 for no limit.",
        ge=0.0,
        le=60,
    )
    tpot_p99_limit_s: float = quantity(
        0.0,
        unit="s",
        label="99th-percentile time per output token, at most",
        why="0 for no limit. Measured means are 0.74 to 0.94 of it (80%).",
        ge=0.0,
        le=60,
    )
    ttft_limit_s: float = quantity(
        0.0,
        unit="s",
        label="Mean time to first token, at most",
        why="0 for no limit. Reading the prompt, and waiting while others are read, at full load.",
        ge=0.0,
        le=3600,
    )
    utilisation: Annotated[Distribution, RangeBounds(0.01, 1.0)] = quantity(
        Distribution(0.3, 0.7, 0.8, "normal"),
        unit="share of 1",
        label="Utilisation",
        why=(
            "The share of full load at which replicas run. An assumption: demand varies over the"
            " day."
        ),
    )
    spare_replicas: int = quantity(
        1, unit="1", label="Spare replicas", why="One may fail.", ge=0, le=1000
    )
    max_chips_per_replica: int = quantity(
        8, unit="chips", label="Chips per replica, at most", why="A server has 8.", ge=1, le=64
    )
    usd_per_chip_hour: float | None = quantity(
        None,
        unit="USD/(chip·h)",
        label="Price per chip-hour",
        why="If none is given: the median of what vendors ask on demand, or your own contract.",
        ge=0.0,
        le=1e6,
    )
    pue: float = price_fields.pue()

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names of models and chips."""
        if field == "model":
            return tuple(served_models(data))
        if field == "chip":
            return tuple(serving_chips(data))
        return super().choices(field, data)

    @property
    def limit_s(self) -> float:
        """The mean time that an output token may take, by the tighter of the two limits."""
        mean, p99 = self.tpot_limit_s, MEAN_OF_P99_TPOT * self.tpot_p99_limit_s
        return min(each if each > 0.0 else math.inf for each in (mean, p99))

    @property
    def first_token_limit_s(self) -> float:
        """The mean time to the first token that is allowed."""
        return self.ttft_limit_s or math.inf

    @property
    def traffic(self) -> Traffic:
        """The requests."""
        return Traffic(
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            variation=self.length_variation,
            cached_share=self.cached_share,
        )


@dataclass(frozen=True, eq=False)
class Serving(Answered):
    """A demand served: chips, cost and latency, with 80% ranges over how far measured throughput
    lies from the model and over utilisation.

    Tokens are those written. `tokens_per_usd` is at this utilisation, infinite where a chip-hour
    costs nothing; `tokens_per_s_per_megawatt` at full load, with the thermal design power of chips,
    their servers and the data centre around them.

    `replica` is the best one at the efficiency of the chip's generation, `rent` what its chips cost
    an hour. Costs of input are NaN without tokens in.
    """

    scenario: ServeScenario
    rent: RentedChip
    replica: Replica = field(repr=False)
    chips: Range
    tokens_per_s_per_chip: Range
    usd_per_million_tokens_out: Range
    usd_per_million_tokens_in: Range
    usd_per_million_tokens_blended: Range
    usd_per_month: Range
    tokens_per_usd: Range
    tokens_per_s_per_megawatt: Range
    mfu_output: Range
    mfu_input: Range

    @property
    def chips_per_replica(self) -> int:
        """Chips of a replica."""
        return int(self.replica.chips)

    @property
    def batch(self) -> float:
        """Requests in flight in a replica, the mean at full load."""
        return float(self.replica.batch)

    @property
    def ttft_s(self) -> float:
        """Mean time to the first token at full load."""
        return float(self.replica.ttft_s)

    @property
    def tpot_s(self) -> float:
        """Mean time of an output token at full load."""
        return float(self.replica.tpot_s)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row for each size of replica that meets the limits, at the efficiency of the chip's
        generation and the median utilisation.
        """
        scenario, replica = self.scenario, self.replica
        busy = scenario.utilisation.median
        rows = []
        for each in replicas_within(
            replica.served,
            replica.traffic,
            tpot_limit_s=scenario.limit_s,
            ttft_limit_s=scenario.first_token_limit_s,
            max_chips=scenario.max_chips_per_replica,
        ):
            cost = each.usd_per_million_tokens(self.rent.usd_per_chip_hour, busy)
            needed = each.chips_for(scenario.requests_per_second, busy, scenario.spare_replicas)
            rows.append(
                {
                    "chips_per_replica": each.chips,
                    "batch": float(each.batch),
                    "tpot_s": float(each.tpot_s),
                    "ttft_s": float(each.ttft_s),
                    "tokens_per_s_per_chip": float(each.tokens_per_s_per_chip),
                    "chips": int(needed),
                    "usd_per_million_tokens_out": float(cost.output),
                    "usd_per_million_tokens_in": float(cost.input),
                    "usd_per_million_tokens_blended": float(cost.blended),
                }
            )
        return pd.DataFrame(rows)


def serve(scenario: ServeScenario, *, data: DataOrContext | None = None) -> Serving:
    """The scenario's demand on the best replica within its limits.

    Raises UnknownNameError for a model or chip that is not known, and InputError where the model
    does not fit on a replica, no batch meets the limit, or nobody rents the chip on demand and no
    price of it is given.
    """
    context = context_of(data)
    tables = context.data
    models, chips = served_models(tables), serving_chips(tables)
    served = ServedOn(
        model=models[name_in("model", scenario.model, models)],
        chip=chips[name_in("chip", scenario.chip, chips)],
        precision=scenario.precision,
    )
    replica = best_replica(
        served,
        scenario.traffic,
        tpot_limit_s=scenario.limit_s,
        ttft_limit_s=scenario.first_token_limit_s,
        max_chips=scenario.max_chips_per_replica,
    )
    rent = _rent(scenario, served.chip.name, context)
    ranges = _ranges(scenario, replica, rent.usd_per_chip_hour)
    return Serving(scenario=scenario, replica=replica, rent=rent, **ranges)


def _rent(scenario: ServeScenario, chip: str, context: Context) -> RentedChip:
    try:
        return given_or_rented(scenario.usd_per_chip_hour, chip, "on_demand", context)
    except InputError:
        raise InputError(
            "chip",
            chip,
            "Nobody is known to rent it out on demand: give usd_per_chip_hour, or choose another.",
        ) from None


def _ranges(
    scenario: ServeScenario, replica: Replica, usd_per_chip_hour: float
) -> dict[str, Range]:
    """The 80% ranges: of each figure at stratified draws of efficiency and utilisation."""
    nodes = solved_replica(
        replica,
        range_factor=replica.served.chip.range_factor,
        tpot_limit_s=scenario.limit_s,
        ttft_limit_s=scenario.first_token_limit_s,
    )
    solved = nodes.replica
    speed, normals = stratified_normals(2, DRAWS, scenario.seed)
    busy = np.clip(above_zero(scenario.utilisation, normals), 0.01, 1.0)
    cost = solved.usd_per_million_tokens(usd_per_chip_hour, 1.0)

    def drawn(values: FloatArray, otherwise: float) -> FloatArray:
        return nodes.at(speed, values, otherwise)

    def usd(values: FloatArray) -> Range:
        if not values[0] > 0.0:  # chips for nothing, or no tokens in
            return Range(values[0], values[0], values[0], USD)
        return Range.of_draws(drawn(values, math.inf) / busy, USD)

    def share(values: FloatArray) -> Range:
        if math.isnan(values[0]):
            return Range(math.nan, math.nan, math.nan, SHARE)
        return Range.of_draws(drawn(values, 0.0), SHARE)

    with np.errstate(divide="ignore"):
        rate = drawn(solved.requests_per_s, 0.0) * busy
        replicas = np.ceil(scenario.requests_per_second / rate) + scenario.spare_replicas
    chips = replica.chips * replicas
    tokens_per_s = drawn(solved.tokens_per_s_per_chip, 0.0)
    usd_per_month = chips * usd_per_chip_hour * HOURS_PER_MONTH
    return {
        "chips": Range.of_draws(chips, "chips"),
        "tokens_per_s_per_chip": Range.of_draws(tokens_per_s, "tokens/s"),
        "usd_per_million_tokens_out": usd(cost.output),
        "usd_per_million_tokens_in": usd(cost.input),
        "usd_per_million_tokens_blended": usd(cost.blended),
        "usd_per_month": Range.of_draws(usd_per_month, "USD/month"),
        "tokens_per_usd": _tokens_per_usd(tokens_per_s * busy, usd_per_chip_hour),
        "tokens_per_s_per_megawatt": Range.of_draws(
            tokens_per_s
            * tokens_per_s_per_megawatt(1.0, replica.served.chip.tdp_watts, pue=scenario.pue),
            "tokens/s/MW",
        ),
        "mfu_output": share(solved.mfu_output),
        "mfu_input": share(solved.mfu_input),
    }


def _tokens_per_usd(tokens_per_s_per_chip: FloatArray, usd_per_chip_hour: float) -> Range:
    if usd_per_chip_hour == 0.0:
        return Range(math.inf, math.inf, math.inf, "tokens/USD")
    tokens_per_hour = tokens_per_s_per_chip * SECONDS_PER_HOUR
    return Range.of_draws(tokens_per_hour / usd_per_chip_hour, "tokens/USD")
