"""Throughput against the time of a token for a service, beside what was measured on the same chip
of the same model, or of one of the same shape.

service_frontier(ServiceScenario(served_model="Llama-3.1-405B")).measured
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
import pandas as pd
from scipy.special import ndtri

from forecasting.answers import Answered
from forecasting.context import DataOrContext, context_of
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import results_of
from forecasting.serving.hardware import PRECISIONS
from forecasting.serving.latency_frontier import latency_frontier
from forecasting.serving.measured_throughput import STATIC, measured_cases
from forecasting.serving.replica import Replica
from forecasting.serving.served_model import ServedModel
from forecasting.serving.service_inputs import Service, ServiceInputs
from forecasting.serving.serving_tables import THROUGHPUT, served_models
from forecasting.serving.uncertain_speed import Z80
from forecasting.stats.bands import QUANTILES, Range

MLPERF = "MLPerf"
#: Models of one shape differ by less than this factor in parameters.
SAME_SIZE = 1.05


class ServiceFrontierInputs(ServiceInputs):
    """A service, to be set beside measurements."""

    TABLES: ClassVar[tuple[str, ...]] = (THROUGHPUT,)


@dataclass(frozen=True)
class MeasuredPoint:
    """A measurement: who measured which model in which round, on how many chips, with which
    precision and mean lengths; `tpot_s` is the mean time of an output token.
    """

    model: str
    source: str
    round: str
    submitter: str
    scenario: str
    chips: int
    precision: str
    tokens_in: float
    tokens_out: float
    tpot_s: float
    tokens_per_s_per_chip: float
    source_url: str

    @property
    def is_mlperf(self) -> bool:
        """Whether it is derived from a result of MLPerf."""
        return self.source.startswith(MLPERF)


@dataclass(frozen=True, eq=False)
class ServiceFrontier(Answered):
    """A replica from one request at a time to as many as fit: at the middle efficiency (`middle`)
    and at those that 2.5% to 97.5% of services stay below (`spread`: figures of shape (7, batches)
    at QUANTILES). `best` is the fullest replica within the limits.

    `without_latency` counts measurements of the same kind that publish none; `modelled_of_measured`
    is the throughput that the model of serving gives for each measurement, at its own lengths,
    precision and limit, over what was measured: None without any.
    """

    scenario: ServiceFrontierInputs
    service: Service
    best: Replica = field(repr=False)
    middle: Replica = field(repr=False)
    spread: Replica = field(repr=False)
    measured: tuple[MeasuredPoint, ...] = field(repr=False)
    without_latency: int
    modelled_of_measured: Range | None
    tokens_per_s_per_chip: Range

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a batch: latency and throughput, with the ends of their 80% ranges there."""
        columns = {"batch": self.middle.batch}
        for name in ("tpot_s", "ttft_s", "tokens_per_s_per_chip"):
            spread = getattr(self.spread, name)
            ends = spread[QUANTILES.index(0.1)], spread[QUANTILES.index(0.9)]
            columns |= {
                f"{name}_q10": np.minimum(*ends),
                name: getattr(self.middle, name),
                f"{name}_q90": np.maximum(*ends),
            }
        return pd.DataFrame(columns)


def service_frontier(
    scenario: ServiceFrontierInputs, *, data: DataOrContext | None = None
) -> ServiceFrontier:
    """The frontier of the scenario's best replica.

    Raises InputError where the model does not fit on a replica or no batch meets the limits.
    """
    tables = context_of(data).data
    service = scenario.service(tables)
    best = scenario.replica(service)
    middle = latency_frontier(service.served, scenario.traffic, chips=int(best.chips))
    deviation = math.log(service.range_factor) / Z80
    factors = np.exp(deviation * ndtri(np.array(QUANTILES)))[:, None]
    solved = scenario.solved(service, best, in_batches=False)
    ends = ndtri(np.array(QUANTILES))
    speeds = solved.at(ends, solved.replica.tokens_per_s_per_chip, 0.0)
    measured, without_latency = measured_points(service, tables)
    return ServiceFrontier(
        scenario=scenario,
        service=service,
        best=best,
        middle=middle,
        spread=replace(middle, served=service.served.times(factors)),
        measured=measured,
        without_latency=without_latency,
        modelled_of_measured=modelled_of_measured(service, tables),
        tokens_per_s_per_chip=Range.of_quantiles(
            tuple(float(speed) for speed in speeds), "tokens/s"
        ),
    )


def measured_points(service: Service, data: DataSet) -> tuple[tuple[MeasuredPoint, ...], int]:
    """What was measured on the service's chip of its model or one of the same shape, at any
    precision and lengths; and how many measurements publish no latency.

    With a fixed batch the mean time of a token is the batch over the tokens written a second. Left
    out is what is faster than the chips can read the weights that a token uses: such rows are
    mistaken.
    """
    same = _same(service, data)
    fixed = same["concurrency"] / same["tokens_per_s"]
    tpot_s = same["tpot_mean_s"].where(same["scenario"] != STATIC, fixed)
    named = {"round": "", "submitter": ""}
    points = [
        MeasuredPoint(**{name: row[name] for name in MeasuredPoint.__dataclass_fields__})
        for row in same.assign(tpot_s=tpot_s).fillna(named).to_dict("records")
        if row["tpot_s"] > _fastest_s(service, row["precision"], row["chips"])
    ]
    return tuple(points), int(tpot_s.isna().sum())


def modelled_of_measured(service: Service, data: DataSet) -> Range | None:
    """What the model of serving, uncalibrated, gives over what was measured of the same kind."""
    model, chip = service.served.model, service.served.chip

    def compared() -> Range | None:
        cases = measured_cases(data, _same(service, data))
        ratios = [
            float(case.modelled_tokens_per_s_per_chip()) / case.tokens_per_s_per_chip
            for case in cases
        ]
        known = np.array([ratio for ratio in ratios if not math.isnan(ratio)])
        return Range.of_draws(known, "1") if known.size else None

    return results_of(data).get((modelled_of_measured, model.name, chip.name), compared)


def _same(service: Service, data: DataSet) -> pd.DataFrame:
    """The measurements of the service's chip and of a model of its shape; not of production, whose
    caches and load are not those of a benchmark.
    """
    table, own = data[THROUGHPUT], service.served.model
    alike = [name for name, model in served_models(data).items() if _have_same_shape(model, own)]
    return table[
        table["model"].isin(alike)
        & (table["chip"] == service.served.chip.name)
        & ~table["scenario"].str.startswith("Production")
    ]


def _fastest_s(service: Service, precision: str, chips: int) -> float:
    """Seconds in which the chips read the weights that one token uses; 0 where the format of the
    weights is another.
    """
    if precision not in PRECISIONS:
        return 0.0
    read = float(service.served.model.active_params) * PRECISIONS[precision].bytes_per_weight
    return read / (chips * service.served.chip.memory_bytes_per_s)


def _have_same_shape(first: ServedModel, second: ServedModel) -> bool:
    """Whether two models compute alike: they may differ in name, and by their vocabulary in a few
    per cent of parameters.
    """
    size = float(first.params / second.params)
    shapes = [replace(each, name="", params=1.0, active_params=0.0) for each in (first, second)]
    return 1.0 / SAME_SIZE < size < SAME_SIZE and shapes[0] == shapes[1]
