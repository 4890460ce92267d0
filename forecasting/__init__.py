"""Compute Forecast's engine: numbers in, numbers out. What AI compute costs, and when; with ranges.

>>> import forecasting as fc
>>> fc.model_cost(fc.CostScenario(model="GPT-3", convention="rented")).answer  # doctest: +SKIP
"""

from forecasting.bands import Bands, Range
from forecasting.compute_cost import CostScenario, ModelCost, model_cost
from forecasting.errors import ForecastingError, InputError, NotEnoughDataError, TableError, UnknownNameError
from forecasting.estimate import Estimate
from forecasting.gpt2_claim import Gpt2Claim, gpt2_claim
from forecasting.overview import Overview, OverviewScenario, overview
from forecasting.price_series import PriceSeries, SeriesChoice, price_series
from forecasting.price_trend import PriceTrend, price_trend
from forecasting.scenario import Scenario
from forecasting.structural_break import Break, find_break
from forecasting.tables import Tables, bundled
from forecasting.trend import Forecast, Trend, fit_trend

__all__ = [
    "Bands",
    "Break",
    "CostScenario",
    "Estimate",
    "Forecast",
    "ForecastingError",
    "Gpt2Claim",
    "InputError",
    "ModelCost",
    "NotEnoughDataError",
    "Overview",
    "OverviewScenario",
    "PriceSeries",
    "PriceTrend",
    "Range",
    "Scenario",
    "SeriesChoice",
    "TableError",
    "Tables",
    "Trend",
    "UnknownNameError",
    "bundled",
    "find_break",
    "fit_trend",
    "gpt2_claim",
    "model_cost",
    "overview",
    "price_series",
    "price_trend",
]
