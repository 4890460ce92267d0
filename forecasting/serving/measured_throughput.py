"""What was measured of serving, and what the model says of the same: one case a measurement.

cases = measured_cases(bundled())
[case.modelled_tokens_per_s_per_chip() for case in cases]
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.serving.hardware import PRECISIONS, Efficiency
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import (
    MEAN_OF_P99_TPOT,
    Replica,
    Traffic,
    largest_batches,
    replica_sizes,
)
from forecasting.serving.serving_tables import THROUGHPUT, served_models, serving_chips

#: Chips that share a layer at most, where that was not published: those of a server.
MAX_CHIPS_PER_REPLICA = 8
STATIC, FIXED_LENGTHS = "Static batch", ("LLM-Inference-Bench", "TensorRT-LLM")


@dataclass(frozen=True, eq=False)
class MeasuredCase:
    """A measurement: `tokens_per_s_per_chip` counts output tokens; `batch` is the number of
    requests sent at once, NaN where the server chose; `chips_per_replica` those that may share a
    layer.
    """

    row_id: str
    source: str
    scenario: str
    served: ServedOn
    traffic: Traffic
    chips_per_replica: tuple[int, ...]
    batch: float
    tpot_limit_s: float
    tokens_per_s_per_chip: float

    @property
    def cell(self) -> tuple[str, ...]:
        """What measurements that are alike have in common: in a fit each cell weighs the same."""
        served = self.served
        return self.source, served.chip.name, served.model.name, self.scenario, served.precision

    def modelled_tokens_per_s_per_chip(self, efficiency: Efficiency | None = None) -> FloatArray:
        """Output tokens a second and chip by the model, with the best number of chips of those that
        may share a layer; NaN where the model does not fit or no batch meets the limit.

        `efficiency` may hold arrays, then so does the result; None takes the generation's.
        """
        served = self.served
        if efficiency is not None:
            served = replace(served, efficiency=efficiency)
        speeds = [self._speed(served, chips) for chips in self.chips_per_replica]
        with np.errstate(invalid="ignore"):
            best: FloatArray = np.fmax.reduce(speeds)
        return best

    def _speed(self, served: ServedOn, chips: int) -> FloatArray:
        # Of a batch larger than the memory holds, the rest waits.
        holds = served.memory_batch(self.traffic.context, chips)
        batch: float | FloatArray = np.clip(self.batch, 1.0, np.maximum(holds, 1.0))
        if math.isnan(self.batch):
            batch = largest_batches(
                served, self.traffic, chips=float(chips), tpot_limit_s=self.tpot_limit_s
            )
        replica = Replica(served=served, traffic=self.traffic, chips=chips, batch=batch)
        return replica.tokens_per_s_per_chip


def measured_cases(data: DataSet, rows: pd.DataFrame | None = None) -> list[MeasuredCase]:
    """The measurements of the table serving_throughput whose chip, precision and lengths are known,
    or those of its `rows`.

    Left out are mixed and unlisted chips, 4- and 8-bit integers, and production, whose caches and
    load are not those of a benchmark.
    """
    return list(_cases(data, data[THROUGHPUT] if rows is None else rows))


def _cases(data: DataSet, rows: pd.DataFrame) -> Iterator[MeasuredCase]:
    models, chips = served_models(data), serving_chips(data)
    for row in rows.to_dict("records"):
        if (
            row["chip"] not in chips
            or row["precision"] not in PRECISIONS
            or row["scenario"].startswith("Production")
            or not row["tokens_out"] >= 1.0
            or math.isnan(row["tokens_in"])
        ):
            continue
        is_fixed = row["source"].startswith(FIXED_LENGTHS)
        together = row["tensor_parallel"]
        sizes = tuple(replica_sizes(min(MAX_CHIPS_PER_REPLICA, int(row["chips"]))))
        limit = row["tpot_limit_s"]
        yield MeasuredCase(
            row_id=row["row_id"],
            source=row["source"],
            scenario=row["scenario"],
            served=ServedOn(
                model=models[row["model"]],
                chip=chips[row["chip"]],
                precision=row["precision"],
            ),
            traffic=Traffic(
                tokens_in=row["tokens_in"],
                tokens_out=row["tokens_out"],
                variation=0.0 if is_fixed else 1.0,
            ),
            chips_per_replica=sizes if math.isnan(together) else (int(together),),
            batch=row["concurrency"] if row["scenario"] == STATIC else math.nan,
            tpot_limit_s=math.inf if math.isnan(limit) else MEAN_OF_P99_TPOT * limit,
            tokens_per_s_per_chip=row["tokens_per_s_per_chip"],
        )
