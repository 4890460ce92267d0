"""The same demand on every chip: what a million tokens cost on each that the model fits on.

chip_comparison(ServedDemandScenario()).cheapest.replica.served.chip.name
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.errors import InputError
from forecasting.serving.bought_tokens import bought_model
from forecasting.serving.served_demand import BuyOrServeInputs, ServedDemand, demand_on
from forecasting.serving.serving_tables import serving_chips
from forecasting.stats.bands import Range


@dataclass(frozen=True, eq=False)
class ChipComparison(Answered):
    """The demand on each chip, the cheapest first; `left_out` says by chip why one serves it not.

    `chosen` is the demand on the scenario's chip, None where that is left out. A measurement of
    one's own calibrates that chip alone. `usd_per_million_tokens` is the cheapest one's bill over
    the tokens it writes.
    """

    scenario: BuyOrServeInputs
    demands: tuple[ServedDemand, ...] = field(repr=False)
    left_out: Mapping[str, str]
    usd_per_million_tokens: Range

    @property
    def cheapest(self) -> ServedDemand:
        """The demand on the chip with the lowest bill."""
        return self.demands[0]

    @property
    def chosen(self) -> ServedDemand | None:
        """The demand on the scenario's chip."""
        return next((each for each in self.demands if _chip(each) == _chosen(self)), None)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a chip, the cheapest first."""
        rows = []
        for each in self.demands:
            replica = each.replica
            row: dict[str, object] = {
                "chip": _chip(each),
                "usd_per_chip_hour": each.rent.usd_per_chip_hour,
                "chips_per_replica": replica.chips,
                "batch": float(replica.batch),
                "tpot_s": float(replica.tpot_s),
                "ttft_s": float(replica.ttft_s),
                "tokens_per_s_per_chip": float(replica.tokens_per_s_per_chip),
            }
            for name in ("chips", "usd_per_month", "usd_per_million_tokens_blended"):
                figure: Range = getattr(each, name)
                row |= {
                    f"{name}_q10": figure.low,
                    f"{name}_q50": figure.value,
                    f"{name}_q90": figure.high,
                }
            rows.append(row)
        return pd.DataFrame(rows)


def chip_comparison(
    scenario: BuyOrServeInputs, *, data: DataOrContext | None = None
) -> ChipComparison:
    """The scenario's demand on every chip within the same limits.

    Raises the InputError of the scenario's own chip where no chip can serve it.
    """
    context = context_of(data)
    bought = bought_model(scenario, scenario, context.data)
    demands, left_out = [], {}
    for chip in serving_chips(context.data):
        try:
            service = scenario.service(context.data, chip)
            demands.append(demand_on(service, scenario, context, bought))
        except InputError as error:
            left_out[chip] = error.remedy
            if chip == scenario.serving_chip:
                own_chip = error
    if not demands:
        raise own_chip
    demands.sort(key=lambda each: each.usd_per_month.value)
    return ChipComparison(
        scenario=scenario,
        demands=tuple(demands),
        left_out=left_out,
        usd_per_million_tokens=demands[0].usd_per_million_tokens_blended,
    )


def _chip(demand: ServedDemand) -> str:
    return demand.service.served.chip.name


def _chosen(result: ChipComparison) -> str:
    return result.scenario.serving_chip
