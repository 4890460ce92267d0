from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.compute_cost.price_series import FORMAT_COLUMNS, SERIES_KINDS


@pytest.mark.parametrize(
    ("inputs", "points", "time"),
    [
        ({"series": "gpu"}, 413, 2.49),
        ({"series": "chips", "number_format": "fp32"}, 51, 3.47),
        ({"series": "long_run"}, 107, 2.70),
        ({"series": "long_run", "from_year": 1900}, 102, 2.02),
        ({"series": "long_run", "from_year": 1945}, 85, 1.68),
        ({"series": "long_run", "from_year": 1985}, 30, 1.07),
    ],
)
def test_each_series_doubles_or_halves_as_certified(inputs: dict, points: int, time: float) -> None:
    result = fc.price_trend(fc.CostScenario(**inputs))
    assert len(result.points.dates) == points
    assert result.doubling[0] == pytest.approx(time, rel=0.01)


@pytest.mark.parametrize("method", ["ols", "robust", "frontier", "record"])
@pytest.mark.parametrize("series", list(SERIES_KINDS))
def test_every_series_can_be_fitted_by_every_estimator(series: str, method: str) -> None:
    result = fc.price_trend(fc.CostScenario(series=series, method=method))
    assert np.isfinite(result.trend_bands.values).all()
    assert result.answer.endswith(".")


@pytest.mark.parametrize("number_format", list(FORMAT_COLUMNS))
@pytest.mark.parametrize("series", ["chips", "efficiency"])
def test_every_number_format_gives_a_trend_or_a_sentence(series: str, number_format: str) -> None:
    try:
        said = fc.price_trend(fc.CostScenario(series=series, number_format=number_format)).answer
    except fc.NotEnoughDataError as error:
        said = str(error)
    assert "every" in said or "points are left" in said or "show no clear" in said


def test_the_price_year_does_not_change_the_growth() -> None:
    first, second = (
        fc.price_trend(fc.CostScenario(price_year=year)).trend.slope for year in (2010, 2024)
    )
    assert first == pytest.approx(second, rel=1e-9)


def test_an_empty_window_says_how_many_points_are_left_and_what_to_widen() -> None:
    with pytest.raises(
        fc.NotEnoughDataError,
        match=r"No point is left and at least 5 are needed\. Widen the years.*413 points",
    ):
        fc.price_trend(fc.CostScenario(series="gpu", from_year=2040))


def test_the_band_of_a_new_point_is_wider_than_that_of_the_trend() -> None:
    result = fc.price_trend(fc.CostScenario(series="gpu"))
    trend, new = (bands.interval(0.8) for bands in (result.trend_bands, result.observation_bands))
    assert (np.log(new[1] / new[0]) > np.log(trend[1] / trend[0])).all()


def test_the_published_counterpart_stands_in_the_answer() -> None:
    assert "2.5 years, range 2.2–2.7" in fc.price_trend(fc.CostScenario(series="gpu")).lines[1]
