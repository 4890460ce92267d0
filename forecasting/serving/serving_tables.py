"""The bundled models and chips of serving, and the measured throughputs.

served_models(bundled())["Llama-3-70B"]
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import UnknownNameError
from forecasting.serving.hardware import PRECISIONS, ServingChip
from forecasting.serving.served_model import ServedModel

MODELS, CHIPS, THROUGHPUT = "served_models", "serving_chips", "serving_throughput"


@cached_with
def served_models(data: DataSet) -> Mapping[str, ServedModel]:
    """The models of the table served_models by name."""
    frame = data[MODELS].drop(columns="source_url").rename(columns={"model": "name"})
    return {row["name"]: ServedModel(**row) for row in _records(frame)}


@cached_with
def serving_chips(data: DataSet) -> Mapping[str, ServingChip]:
    """The chips of the table serving_chips by name."""
    return {row["chip"]: _chip(row) for row in _records(data[CHIPS])}


def name_in(parameter: str, given: str, known: Iterable[str]) -> str:
    """The known name that is meant, whatever its case and with or without the maker's name before
    it: “h100 sxm” is “NVIDIA H100 SXM”.

    Parameters
    ----------
    parameter : str
        The name of the input in the error.
    given : str
        What was given.
    known : iterable of str
        The names there are.

    Raises
    ------
    UnknownNameError
        For a name that is none of them.
    """
    names = list(known)
    wanted = given.strip().casefold()
    for name in names:
        if wanted in (name.casefold(), name.partition(" ")[2].casefold()):
            return name
    raise UnknownNameError(parameter, given, names)


def _chip(row: Mapping[str, Any]) -> ServingChip:
    peaks = {name: row[f"{name}_flop_per_s"] for name in PRECISIONS}
    return ServingChip(
        name=row["chip"],
        flop_per_s={name: peak for name, peak in peaks.items() if not math.isnan(peak)},
        memory_bytes=row["memory_bytes"],
        memory_bytes_per_s=row["memory_bytes_per_s"],
        link_bytes_per_s=row["link_bytes_per_s"],
        tdp_watts=row["tdp_watts"],
        generation=row["generation"],
    )


def _records(frame: Any) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = frame.to_dict("records")
    return records
