"""What is to be known beside a service's figures: where the model of serving is known to fail, and
where a price comes from.
"""

from __future__ import annotations

from forecasting.compute_cost.rental_offers import COMMITMENT_LABELS
from forecasting.formatting import in_dollars, in_month, significant
from forecasting.serving.bought_tokens import BoughtModel
from forecasting.serving.hardware import EFFICIENCIES, KNOWN_FACTOR, UNSEEN_FACTOR
from forecasting.serving.rented_chips import RentedChip
from forecasting.serving.service_frontier import ServiceFrontier
from forecasting.serving.service_inputs import Service

#: Below this share of parameters that a token uses, measured models had two thirds of the speed.
VERY_SPARSE = 0.05
#: Generations whose software was still gaining speed in the measurements.
YOUNG = ("Blackwell", "CDNA4", "RTX Blackwell")


def service_limits(service: Service) -> list[str]:
    """Where the model of serving is known to fail for this model, chip and precision, the gravest
    first.
    """
    served, notes = service.served, []
    model, chip = served.model, served.chip
    if service.calibration is not None:
        notes.append(
            f"Calibrated with your measurement: {significant(service.calibration, 2)} times the"
            " speed that the model gives by itself. At other lengths and batches of the same"
            f" service, 80% of measurements lie within a factor of {service.range_factor:g}."
        )
    elif chip.generation not in EFFICIENCIES:
        notes.append(
            f"No chip of the generation of {chip.name} has been measured: its speed is known to a"
            f" factor of {UNSEEN_FACTOR:g} (80%), against {KNOWN_FACTOR:g} for one that has."
        )
    if model.active_params < VERY_SPARSE * model.params:
        notes.append(
            f"A token of {model.name} uses {model.active_params / model.params:.0%} of its"
            " parameters. Models as sparse were measured at two thirds of the speed given here"
            " (median; a fifth on chips without FP4): lower the throughput, or give a measurement."
        )
    elif model.is_sparse:
        notes.append(
            "Mixtures of experts: experts loaded unevenly are not modelled. Qwen3-235B was"
            " measured 1.3 times slower than given here."
        )
    if chip.flop_per_s.get(served.precision) is None:
        used = next(
            name
            for name in ("fp8", "fp16")
            if chip.flop_per_s.get(name) == chip.peak_flop_per_s(served.precision)
        )
        notes.append(
            f"{chip.name} has no {served.precision.upper()} units: its {used.upper()} peak is"
            f" used, with weights kept in {served.precision.upper()}."
        )
    if chip.generation in YOUNG and service.calibration is None:
        notes.append(
            "Software for this chip is young: DeepSeek-R1 on B200 gained a factor of two to three"
            " between MLPerf v5.1 and v6.0, seven months apart."
        )
    if chip.generation == "CDNA3" and service.calibration is None:
        notes.append(
            "Of measurements on this generation 59% lie within a factor of 1.5; those of 2024 ran"
            " early software."
        )
    return [
        *notes,
        (
            "Speculative decoding is left out: with it DeepSeek-R1 was measured three to 17 times"
            " as fast in MLPerf's interactive scenario. Reading prompts on separate chips,"
            " splitting layers over servers and keeping weights off the chip are also left out."
        ),
    ]


def rent_words(rent: RentedChip) -> str:
    """Where the price of a chip-hour comes from."""
    hour = f"{in_dollars(rent.usd_per_chip_hour)} per chip-hour"
    if rent.terms == "own_price":
        return f"{hour}, as you set it."
    if rent.terms == "own_contract":
        return f"{hour}, by your own contract."
    terms, when = COMMITMENT_LABELS[rent.terms], in_month(rent.date)
    if rent.vendors == 1:
        return f"{hour}: one vendor's offer {terms}, {when}."
    return (
        f"{hour}: the median of {rent.vendors} vendors' offers {terms} to {when}, which go from"
        f" {in_dollars(rent.low)} to {in_dollars(rent.high)}."
    )


def bought_words(bought: BoughtModel) -> str:
    """A list price in words."""
    listed, prices = bought.listed, bought.listed.prices
    kinds = f"{in_dollars(prices.usd_per_mtok_in)} in and {in_dollars(prices.usd_per_mtok_out)} out"
    return f"{listed.name} ({listed.provider}, {in_month(listed.first_seen)}: {kinds})"


def measured_note(result: ServiceFrontier) -> str:
    """What the measurements are, as MLPerf asks that its results are quoted."""
    count, chip = len(result.measured), result.service.served.chip.name
    without = (
        f" {result.without_latency} more publish no latency." if result.without_latency else ""
    )
    if not count:
        return f"No latency has been measured of this model on {chip}.{without}"
    mlperf = (
        " Results of MLPerf Inference, closed division, datacenter, are named with round and"
        " submitter; figures per chip are derived from them and are not MLPerf results. MLPerf is a"
        " trademark of MLCommons."
        if any(each.is_mlperf for each in result.measured)
        else ""
    )
    ratio = result.modelled_of_measured
    against = (
        f" For those the model gives {significant(ratio.value, 2)} (80% range"
        f" {significant(ratio.low, 2)} to {significant(ratio.high, 2)}) times what was measured"
        " (they are among those it was fitted to)."
        if ratio is not None
        else ""
    )
    return (
        f"Points: {count} measurements on {chip} of this model or one of its shape, at their own"
        f" lengths and precision.{against}{without}{mlperf}"
    )
