"""The inputs of a service: its model, chip and requests, the limits on its latency, a measurement
of one's own, and the demand that it meets.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Annotated, Self

from forecasting.data.dataset import DataSet
from forecasting.errors import InputError, UnknownNameError
from forecasting.ingest.benchmark_exports import Measurement
from forecasting.scenario import quantity
from forecasting.serving import request_fields
from forecasting.serving.calibration import CHIPS_OF_A_SERVER, known_model
from forecasting.serving.hardware import PRECISIONS
from forecasting.serving.own_measurement import ONE_SETTING_FACTOR, measured_factor
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import (
    MEAN_OF_P99_TPOT,
    Replica,
    Traffic,
    best_replica,
    replicas_within,
)
from forecasting.serving.request_fields import DailyRequestInputs, RequestInputs
from forecasting.serving.serving_choice import ServingChoiceInputs
from forecasting.serving.serving_tables import name_in, served_models, serving_chips
from forecasting.serving.uncertain_speed import SolvedReplica, solved_replica
from forecasting.stats.distribution import Distribution, RangeBounds


@dataclass(frozen=True)
class Service:
    """A model on its chip, with how well its speed is known: 80% of measured throughputs lie within
    `range_factor`; `calibration` is the factor by which a measurement of one's own is faster than
    the model of serving, None without one.
    """

    served: ServedOn
    range_factor: float
    calibration: float | None = None


class ServiceInputs(ServingChoiceInputs, RequestInputs):
    """What serves which requests, within which latency."""

    served_model: str = quantity("Llama-3.3-70B", unit="name", label="Model served")
    cached_share: float = request_fields.cached_share()
    length_variation: float = request_fields.length_variation()
    tpot_p99_limit_ms: float = quantity(
        0.0,
        unit="ms",
        label="99th-percentile TPOT at most (ms)",
        why="0 for no limit. Measured means are 0.74 to 0.94 of it (80%); 0.85 is taken.",
        ge=0.0,
        le=60_000.0,
    )
    ttft_limit_ms: float = quantity(
        0.0,
        unit="ms",
        label="Mean TTFT at most (ms)",
        why="0 for no limit. Reading the prompt, and waiting while others are read, at full load.",
        ge=0.0,
        le=3_600_000.0,
    )
    max_chips_per_replica: int = quantity(
        8,
        unit="chips",
        label="Chips per replica, at most",
        why="Chips with a fast interconnect: a server has 8, a GB200 rack 72.",
        ge=1,
        le=64,
    )
    measured_tokens_per_s: float = quantity(
        0.0,
        unit="tokens/s",
        label="Measured output tokens per second per chip",
        why="Of your own service, with this model, chip and precision; 0 for none.",
        ge=0.0,
        le=1e7,
    )
    measured_concurrency: float = quantity(
        64.0,
        unit="requests",
        label="… with this many requests in flight per replica",
        why="The concurrency of vLLM bench, genai-perf or inference-perf.",
        ge=1.0,
        le=1e6,
    )
    measured_chips: int = quantity(
        8, unit="chips", label="… on this many chips per replica", why="A server.", ge=1, le=64
    )
    measured_tokens_in: float = quantity(
        0.0,
        unit="tokens",
        label="… with this many tokens in",
        why="0 for those of the requests asked for.",
        ge=0.0,
        le=1e9,
    )
    measured_tokens_out: float = quantity(
        0.0,
        unit="tokens",
        label="… and out",
        why="0 for those of the requests asked for.",
        ge=0.0,
        le=1e9,
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names of models, and those of the choice."""
        if field == "served_model":
            return tuple(served_models(data))
        return super().choices(field, data)

    @property
    def traffic(self) -> Traffic:
        """The requests."""
        return Traffic(
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
            variation=self.length_variation,
            cached_share=self.cached_share,
        )

    @property
    def tpot_limit_s(self) -> float:
        """The mean time that an output token may take, by the tighter of the two limits."""
        p99 = MEAN_OF_P99_TPOT * self.tpot_p99_limit_ms / 1e3
        return min(self.mean_tpot_limit_s, p99 or math.inf)

    @property
    def ttft_limit_s(self) -> float:
        """The mean time to the first token that is allowed."""
        return self.ttft_limit_ms / 1e3 or math.inf

    def with_measurement(self, measured: Measurement, data: DataSet) -> Self:
        """The same with a measurement of one's own, and with its model, chip and precision where
        the tables know them; what it does not say stays as it is.
        """
        chips = measured.chips or self.measured_chips
        together = min(chips, CHIPS_OF_A_SERVER)
        changes: dict[str, object] = {
            "measured_tokens_per_s": measured.tokens_per_s / chips,
            "measured_chips": together,
            "measured_tokens_in": measured.tokens_in or 0.0,
            "measured_tokens_out": measured.tokens_out or 0.0,
        }
        if measured.concurrency is not None:
            changes["measured_concurrency"] = max(measured.concurrency * together / chips, 1.0)
        known = {
            "served_model": known_model(measured.model, served_models(data)),
            "serving_chip": _known_name(measured.chip, serving_chips(data)),
            "serving_precision": _known_name(measured.precision, PRECISIONS),
        }
        return self.replaced(
            **changes, **{name: value for name, value in known.items() if value is not None}
        )

    def service(self, data: DataSet, chip: str | None = None) -> Service:
        """The model on its chip, calibrated with the measurement where there is one; on another
        `chip` it is not.

        Raises InputError for a measurement that no efficiency explains.
        """
        tokens_per_s = self.measured_tokens_per_s
        chips, batch = self.measured_chips, self.measured_concurrency
        measured = replace(
            self.traffic,
            tokens_in=self.measured_tokens_in or self.tokens_in,
            tokens_out=max(self.measured_tokens_out or self.tokens_out, 1.0),
        )
        served = ServedOn(
            model=served_models(data)[self.served_model],
            chip=serving_chips(data)[chip or self.serving_chip],
            precision=self.serving_precision,
        )
        if not tokens_per_s or chip not in (None, self.serving_chip):
            return Service(served, served.chip.range_factor)
        try:
            factor = measured_factor(
                served, measured, chips=chips, batch=batch, tokens_per_s_per_chip=tokens_per_s
            )
        except InputError as error:
            raise InputError("measured_tokens_per_s", error.value, error.remedy) from None
        return Service(served.times(factor), ONE_SETTING_FACTOR, factor)

    def replica(self, service: Service, *, in_batches: bool = False) -> Replica:
        """The best replica of the service within the limits; `in_batches` without any on latency.

        Raises InputError where the model fits on none, or no batch is as fast; it names the limit
        that was given and the nearest that can be had.
        """
        limits = {} if in_batches else self.limits
        try:
            return best_replica(
                service.served, self.traffic, max_chips=self.max_chips_per_replica, **limits
            )
        except InputError as error:
            raise self._in_own_units(error) from None

    def replicas(self, service: Service, *, in_batches: bool = False) -> list[Replica]:
        """The fullest replica of each size within the limits, at least one; raises the errors of
        `replica`.
        """
        limits = {"tpot_limit_s": math.inf} if in_batches else self.limits
        found = replicas_within(
            service.served, self.traffic, max_chips=self.max_chips_per_replica, **limits
        )
        return found or [self.replica(service, in_batches=in_batches)]

    def solved(self, service: Service, replica: Replica, *, in_batches: bool) -> SolvedReplica:
        """The replica at every efficiency that is likely.

        Parameters
        ----------
        service : Service
            The service, with how well its speed is known.
        replica : Replica
            Its replica at the middle efficiency.
        in_batches : bool
            Whether there are no limits on latency.
        """
        limits = {} if in_batches else self.limits
        return solved_replica(replica, range_factor=service.range_factor, **limits)

    @property
    def limits(self) -> dict[str, float]:
        """The limits on latency by the names that replicas have for them."""
        return {"tpot_limit_s": self.tpot_limit_s, "ttft_limit_s": self.ttft_limit_s}

    def _in_own_units(self, error: InputError) -> InputError:
        """The error under the name and in the unit of the input that was given."""
        if error.parameter == "ttft_limit_s":
            return InputError("ttft_limit_ms", self.ttft_limit_ms, error.remedy)
        if error.parameter != "tpot_limit_s":
            return InputError("serving_chip", error.value, error.remedy)
        if self.tpot_limit_s == self.mean_tpot_limit_s:
            return InputError("tpot_limit_ms", self.tpot_limit_ms, error.remedy)
        return InputError(
            "tpot_p99_limit_ms",
            self.tpot_p99_limit_ms,
            f"{error.remedy} The 99th percentile is about {1.0 / MEAN_OF_P99_TPOT:.2g} times that.",
        )


class ServedDemandInputs(ServiceInputs, DailyRequestInputs):
    """A demand, and the service that is to meet it."""

    peak_factor: float = quantity(
        1.5,
        unit="1",
        label="Peak over the mean",
        why="Requests in the busiest hour relative to the average hour. An assumption.",
        ge=1.0,
        le=100.0,
    )
    batch_share: float = quantity(
        0.0,
        unit="share of 1",
        label="Share of requests that may wait for a batch",
        why="They have no latency limit and are answered when there is spare capacity.",
        ge=0.0,
        le=1.0,
    )
    peak_utilisation: Annotated[Distribution, RangeBounds(0.01, 1.0)] = quantity(
        Distribution(0.5, 0.9, 0.8, "normal"),
        unit="share of 1",
        label="Utilisation at the peak",
        why=(
            "The share of full load at which replicas run in the busiest hour. With a peak of 1.5"
            " times the mean it is 0.33 to 0.6 over the day. An assumption."
        ),
    )
    spare_replicas: int = quantity(
        1, unit="1", label="Spare replicas", why="One may fail.", ge=0, le=1000
    )


def _known_name(given: str | None, names: Iterable[str]) -> str | None:
    """The name that is meant; None where nothing is given, or what is in no list."""
    try:
        return given and name_in("name", given, names)
    except UnknownNameError:
        return None
