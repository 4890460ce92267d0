"""A measurement of one's own: by which factor a service is faster or slower than the model says.

factor = measured_factor(served, traffic, chips=8, batch=64, tokens_per_s_per_chip=900)
calibrated = served.times(factor)
"""

from __future__ import annotations

from dataclasses import replace

from forecasting.errors import InputError
from forecasting.laws.law_inputs import checked_coefficient
from forecasting.serving.hardware import Efficiency
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Replica, Traffic

#: 80% of throughputs lie within this factor of what one measurement of the same service says of
#: other lengths and batches: 1.38 in MLPerf Inference, 1.56 in TensorRT-LLM's table and 1.94 in
#: LLM-Inference-Bench.
ONE_SETTING_FACTOR = 1.5


def measured_factor(
    served: ServedOn, traffic: Traffic, *, chips: int, batch: float, tokens_per_s_per_chip: float
) -> float:
    """The factor on both efficiencies with which the model gives what was measured.

    Of the time a request takes, A/f + C, the roofline A is divided by the factor, while C, the
    overhead of steps and what chips tell each other, is not: f = A/(T - C).

    Parameters
    ----------
    served : ServedOn
        The model on its chip.
    traffic : Traffic
        The requests that were measured.
    chips : int
        Chips of a replica.
    batch : float
        Requests in flight in a replica, the mean.
    tokens_per_s_per_chip : float
        Output tokens a second and chip, as measured.

    Raises
    ------
    InputError
        Where the measurement is faster than overhead and links alone allow.
    """
    checked_coefficient("batch", batch)
    measured = checked_coefficient("tokens_per_s_per_chip", tokens_per_s_per_chip)
    taken_s = float(traffic.tokens_out) / (measured * chips)
    modelled_s = _request_s(served, traffic, chips, batch, served.reached)
    # Peaks that are reached without limit leave overhead and links alone.
    apart_s = _request_s(served, traffic, chips, batch, Efficiency(1e30, 1e30))
    if taken_s <= apart_s:
        fastest = traffic.tokens_out / (apart_s * chips)
        raise InputError(
            "tokens_per_s_per_chip",
            measured,
            f"With {batch:g} requests in flight, overhead and links of {chips} {served.chip.name}"
            f" allow at most {fastest:,.0f}. Check that it counts output tokens per chip, or give"
            " more requests in flight.",
        )
    return (modelled_s - apart_s) / (taken_s - apart_s)


def _request_s(
    served: ServedOn, traffic: Traffic, chips: int, batch: float, efficiency: Efficiency
) -> float:
    """Seconds of the replica that a request takes."""
    changed = replace(served, efficiency=efficiency)
    replica = Replica(served=changed, traffic=traffic, chips=chips, batch=batch)
    return 1.0 / float(replica.requests_per_s)
