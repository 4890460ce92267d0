"""Models whose cost can be asked for: those of the table ai_models with a known training compute,
or one's own N and D.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import cached_with
from forecasting.errors import UnknownNameError
from forecasting.units import decimal_years

OWN_MODEL = "own"
#: Short names that people use, and the row of ai_models that they mean.
MODEL_ALIASES = {
    "GPT-2": "GPT-2 (1.5B)",
    "GPT-3": "GPT-3 175B (davinci)",
    "GPT-4": "GPT-4 (Mar 2023)",
}
#: Factor within which 90% of estimates lie, by Epoch AI's word for its confidence
#: (epoch.ai/data/ai-models-documentation/estimation; read November 2026).
FLOP_FACTOR_90 = {"Confident": 3.0, "Likely": 10.0, "Speculative": 31.0}
UNSTATED_FACTOR_90 = 31.0
COST_COLUMNS = {
    "Epoch AI, amortised": "cost_amortized_2023_usd",
    "Epoch AI, cloud price": "cost_cloud_2023_usd",
}


@dataclass(frozen=True)
class TrainedModel:
    """A model: its name, date (decimal year), training FLOP and how far that may be off (90% within
    ×/÷ `flop_factor_90`).
    """

    name: str
    date: float
    training_flop: float
    flop_factor_90: float
    confidence: str
    published_costs_2023_usd: tuple[tuple[str, float], ...] = ()


@cached_with
def model_names(data: DataSet) -> tuple[str, ...]:
    """Names of the models with a date and a training compute, newest first."""
    table = data["ai_models"]
    known = table[table["training_flop"].notna() & table["date"].notna()]
    return tuple(known.sort_values("date", ascending=False, kind="stable")["model"])


def named_row(name: str, table: pd.DataFrame) -> str | None:
    """What a table calls the model of this name or alias, None where it has no such row: the row
    that the alias means, the name itself, or the name and more in brackets.
    """
    names = set(table["model"])
    for known in (MODEL_ALIASES.get(name, name), name):
        if known in names:
            return known
    if name in MODEL_ALIASES:
        longer = [known for known in table["model"] if known.startswith(f"{name} (")]
        return longer[0] if longer else None
    return None


def _rows(name: str, data: DataSet, *, timed: bool) -> pd.DataFrame:
    """The rows of this name or alias; `timed` asks for a date and a training compute. Releases name
    models otherwise and leave some out: what a newer table lacks is taken from the bundled one.
    """
    for tables in (data, bundled()):
        table = tables["ai_models"]
        if timed:
            table = table[table["training_flop"].notna() & table["date"].notna()]
        known = named_row(name, table)
        if known is not None:
            return table[table["model"] == known]
    return table.iloc[:0]


def model_row(name: str, data: DataSet) -> dict[Any, Any]:
    """The row of ai_models of this name or alias; raises UnknownNameError, which names the nearest
    ones.
    """
    rows = _rows(name, data, timed=False)
    if rows.empty:
        raise UnknownNameError("model", name, data["ai_models"]["model"])
    row: dict[Any, Any] = rows.iloc[0].to_dict()
    return row


def trained_model(name: str, data: DataSet) -> TrainedModel:
    """The model of this name or alias; raises UnknownNameError."""
    rows = _rows(name, data, timed=True)
    if rows.empty:
        raise UnknownNameError("model", name, (*MODEL_ALIASES, OWN_MODEL, *model_names(data)))
    row = rows.iloc[0]
    confidence = str(row["confidence"]) if pd.notna(row["confidence"]) else "not stated"
    costs = tuple(
        (label, float(row[column]))
        for label, column in COST_COLUMNS.items()
        if pd.notna(row[column])
    )
    return TrainedModel(
        name=name,
        date=float(decimal_years([row["date"].to_datetime64()])[0]),
        training_flop=float(row["training_flop"]),
        flop_factor_90=FLOP_FACTOR_90.get(confidence, UNSTATED_FACTOR_90),
        confidence=confidence,
        published_costs_2023_usd=costs,
    )


def own_model(params: float, tokens: float, year: float) -> TrainedModel:
    """One's own model of N parameters and D tokens: C = 6·N·D (Kaplan et al. 2020), taken as
    exactly known.

    Parameters
    ----------
    params : float
        N.
    tokens : float
        D.
    year : float
        Date of training, as a decimal year.
    """
    return TrainedModel("your own model", year, 6 * params * tokens, 1.0, "your own figures")
