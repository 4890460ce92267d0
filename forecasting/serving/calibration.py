"""A model of a service calibrated by measurements of it, with the range that their spread gives.

runs = read_benchmark_export(content)
result = calibration(runs, model="Llama-3.3-70B", chip="H100 SXM", precision="fp8", chips=4)
result.served, result.range_factor
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from scipy.special import stdtrit

from forecasting.arrays import FloatArray
from forecasting.context import DataOrContext, context_of
from forecasting.errors import InputError
from forecasting.ingest.benchmark_exports import Measurement
from forecasting.serving.hardware import PRECISIONS, precision_of
from forecasting.serving.own_measurement import ONE_SETTING_FACTOR, measured_factor
from forecasting.serving.phases import ServedOn
from forecasting.serving.replica import Traffic
from forecasting.serving.serving_tables import name_in, served_models, serving_chips

#: Chips that share a layer at most, unless given: those of a server.
CHIPS_OF_A_SERVER = 8
#: From so many settings on, which differ in lengths or load, their own spread is used.
ENOUGH_SETTINGS = 3
#: What is said about a model behind its name: tuning, format, version.
_ABOUT_MODELS = re.compile(
    r"[-_](instruct|chat|it|hf|base|preview|fp8|fp4|nvfp4|mxfp4|bf16|fp16|w8a8|dynamic|v\d+(\.\d+)*"
    r"|\d{4})(?=[-_]|$)"
)
_PRECISION_MARKS = (("fp4", r"fp4"), ("fp8", r"fp8"), ("fp16", r"bf16|fp16|float16"))


@dataclass(frozen=True, eq=False)
class Calibration:
    """A service as measured.

    Parameters
    ----------
    served : ServedOn
        The model on its chip, with the efficiency that was measured.
    factor : float
        How much higher that is than the generation's: the median of `factors`.
    range_factor : float
        80% of other settings lie within it, either way.
    factors : array of floats, shape (n,)
        The factor of each measurement.
    left_out : int
        Measurements of other models, chips or precisions.
    """

    served: ServedOn
    factor: float
    range_factor: float
    factors: FloatArray = field(repr=False)
    left_out: int


def calibration(
    measurements: Sequence[Measurement],
    *,
    model: str | None = None,
    chip: str | None = None,
    precision: str | None = None,
    chips: int | None = None,
    chips_per_replica: int | None = None,
    tokens_in: float | None = None,
    tokens_out: float | None = None,
    concurrency: float | None = None,
    data: DataOrContext | None = None,
) -> Calibration:
    """The efficiency of a service from measurements of it.

    What the file says of a measurement counts; the parameters say the rest, and which of several
    services is meant.

    Parameters
    ----------
    measurements : sequence of Measurement
        Of one service or several.
    model, chip, precision : str or None
        Names of the tables served_models and serving_chips, and a key of PRECISIONS.
    chips : int or None
        Chips of the whole service.
    chips_per_replica : int or None
        Chips that share a layer; None takes all of them, at most 8.
    tokens_in, tokens_out, concurrency : float or None
        Means a request, and requests in flight in the whole service.
    data : DataSet, Context or None
        The tables.

    Raises
    ------
    InputError
        Where no measurement is of this service, where something is said neither by the file nor by
        a parameter, which it names, or where a measurement is faster than the links allow.
    """
    tables = context_of(data).data
    models, all_chips = served_models(tables), serving_chips(tables)
    given: dict[str, Any] = {
        "model": model and name_in("model", model, models),
        "chip": chip and name_in("chip", chip, all_chips),
        "precision": precision and precision_of(precision).name,
        "chips": chips,
        "tokens_in": tokens_in,
        "tokens_out": tokens_out,
        "concurrency": concurrency,
    }
    runs = [
        replace(
            each,
            model=known_model(each.model, models),
            chip=each.chip and name_in("chip", each.chip, all_chips),
            precision=_known_precision(each),
        )
        for each in measurements
    ]
    names = ("model", "chip", "precision")
    # A file of one model under a name of its own may be said to be any; of several it may not.
    are_several = len({each.model for each in measurements}) > 1
    chosen = [
        run
        for each, run in zip(measurements, runs, strict=True)
        if all(given[name] is None or getattr(run, name) in (None, given[name]) for name in names)
        and not (are_several and each.model and run.model is None)
    ]
    whole = [_completed(run, given) for run in chosen]
    services = sorted({tuple(str(getattr(run, name)) for name in names) for run in whole})
    if len(services) != 1:
        found = "; ".join(", ".join(service) for service in services[:4])
        raise InputError(
            "model",
            model,
            f"The file measures several services: {found}. Choose one by model, chip and precision."
            if services
            else "No measurement in the file is of this model, chip and precision.",
        )
    served = ServedOn(
        model=models[str(whole[0].model)],
        chip=all_chips[str(whole[0].chip)],
        precision=str(whole[0].precision),
    )
    factors = np.array([_factor(run, served, chips_per_replica) for run in whole])
    factor = float(np.exp(np.median(np.log(factors))))
    return Calibration(
        served=served.times(factor),
        factor=factor,
        range_factor=_range_factor(factors, whole, served.chip.range_factor),
        factors=factors,
        left_out=len(runs) - len(chosen),
    )


def known_model(name: str | None, models: Iterable[str]) -> str | None:
    """The served model that a name of a repository means, as “meta-llama/Llama-3.1-8B-Instruct”;
    None for one that is not in the table.
    """
    if not name:
        return None
    wanted = _ABOUT_MODELS.sub("", name.rpartition("/")[2].casefold())
    wanted = wanted.removeprefix("meta-")
    return next((each for each in models if each.casefold() == wanted), None)


def _known_precision(run: Measurement) -> str | None:
    """The precision that the file names, or that the model's name does; None for neither."""
    for text in (run.precision, run.model):
        for name, marks in _PRECISION_MARKS:
            if text and re.search(marks, text.casefold()):
                return name
    return None


def _completed(run: Measurement, given: Mapping[str, Any]) -> Measurement:
    """The measurement with what it lacks taken from what was given."""
    whole = replace(
        run, **{name: value for name, value in given.items() if getattr(run, name) is None}
    )
    asked = {
        "model": "the model (`model`), such as Llama-3.3-70B",
        "chip": "the chip (`chip`), such as NVIDIA H100 SXM",
        "precision": f"the precision of weights (`precision`): {', '.join(PRECISIONS)}",
        "chips": "how many chips served (`chips`)",
        "tokens_in": "the tokens of a prompt (`tokens_in`)",
        "tokens_out": "the tokens of an answer (`tokens_out`)",
        "concurrency": "the requests in flight (`concurrency`)",
    }
    missing = [name for name in asked if getattr(whole, name) is None]
    if missing:
        raise InputError(
            missing[0],
            None,
            f"This measurement ({run.tool}) does not state it. Give "
            + "; ".join(asked[name] for name in missing)
            + ".",
        )
    return whole


def _factor(run: Measurement, served: ServedOn, chips_per_replica: int | None) -> float:
    """By which factor the efficiency of one measurement differs from the generation's."""
    chips = int(run.chips or 1)
    together = min(chips_per_replica or CHIPS_OF_A_SERVER, chips)
    traffic = Traffic(tokens_in=float(run.tokens_in or 0.0), tokens_out=float(run.tokens_out or 1))
    return measured_factor(
        served,
        traffic,
        chips=together,
        batch=max(float(run.concurrency or 1.0) * together / chips, 1.0),
        tokens_per_s_per_chip=run.tokens_per_s / chips,
    )


def _range_factor(factors: FloatArray, runs: Sequence[Measurement], uncalibrated: float) -> float:
    """The factor within which 80% of further measurements lie: of Student's t about the mean of the
    logarithms, for settings that differ; at most what is known without any measurement.
    """
    settings = {
        tuple(round(math.log2(max(float(value or 1.0), 1.0))) for value in described)
        for described in ((run.tokens_in, run.tokens_out, run.concurrency) for run in runs)
    }
    if len(settings) < ENOUGH_SETTINGS:
        return min(ONE_SETTING_FACTOR, uncalibrated)
    count = factors.size
    spread = float(np.std(np.log(factors), ddof=1)) * math.sqrt(1.0 + 1.0 / count)
    return float(min(math.exp(stdtrit(count - 1, 0.9) * spread), uncalibrated))
