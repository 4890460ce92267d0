from __future__ import annotations

import math

import numpy as np
import pytest

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.state.display import Display
from forecasting.formatting import in_dollars, in_words
from forecasting.stats.bands import Bands
from tests.dashboard.figures import checked

YEARS = np.arange(2020.0, 2031.0)
BANDS = Bands(YEARS, np.outer([0.3, 0.5, 0.8, 1.0, 1.3, 2.0, 4.0], 10.0 * 2.0 ** (YEARS - 2020.0)))


def over_time(builder: ChartBuilder[Bands], log: bool | None = None):
    return builder.over_time(
        "Cost (USD)", in_dollars, values=[BANDS.median], years=(2020.0, 2030.0), log=log
    )


@pytest.mark.parametrize("log", [True, False])
def test_labels_and_levels_stand_where_the_axis_has_the_value(log: bool) -> None:
    chart = over_time(ChartBuilder(log=log))
    chart.label(2025.0, 320.0, "cost", style.BLUE)
    chart.mark_level(1000.0, "budget")
    places = [annotation.y for annotation in checked(chart.figure).layout.annotations]
    assert places == pytest.approx([math.log10(320.0), 3.0] if log else [320.0, 1000.0])
    assert checked(chart.figure).layout.annotations[0].x == 2025.0
    # Shapes, other than annotations, take values.
    assert checked(chart.figure).layout.shapes[0].y0 == 1000.0


def test_moments_and_grounds_of_a_log_axis_are_named_at_the_logarithm() -> None:
    chart = ChartBuilder().xy(
        style.Axis("Compute (FLOP)", in_words, ends=(1e20, 1e26)),
        style.Axis("Share", "{:.0%}".format, ends=(0.0, 1.0), log=False),
    )
    chart.mark_moment(1e22, "run")
    chart.mark_beyond(1e23, 1e26, "beyond the runs")
    assert [annotation.x for annotation in checked(chart.figure).layout.annotations] == [22.0, 26.0]
    assert [shape.x0 for shape in checked(chart.figure).layout.shapes] == [1e22, 1e23]


def test_a_place_on_the_axis_gives_its_value_back() -> None:
    for log in (True, False):
        chart = over_time(ChartBuilder(log=log))
        assert chart.value_y(chart.place_y(320.0)) == pytest.approx(320.0)


def test_a_chart_may_have_a_linear_axis_whatever_the_reader_chose() -> None:
    assert checked(over_time(ChartBuilder(log=True)).figure).layout.yaxis.type == "log"
    assert checked(over_time(ChartBuilder(log=True), log=False).figure).layout.yaxis.type is None


def test_bands_are_those_of_the_display_widest_first_or_those_given() -> None:
    chart = over_time(ChartBuilder.of(Display(bands=("50", "95"))))
    chart.bands(BANDS, style.BLUE)
    assert [trace.name for trace in checked(chart.figure).data] == ["95% band", "50% band"]
    assert checked(chart.figure).data[0].y[0] == pytest.approx(40.0)
    chart.bands(BANDS, style.BLUE, levels=(0.8,))
    assert checked(chart.figure).data[-1].name == "80% band"


def test_the_widest_band_must_fit_and_without_bands_the_median() -> None:
    low, high = ChartBuilder[Bands](levels=(0.95, 0.5)).outermost(BANDS)
    assert (low[0], high[0]) == pytest.approx((3.0, 40.0))
    (middle,) = ChartBuilder[Bands]().outermost(BANDS)
    assert middle == pytest.approx(BANDS.median)


def test_each_pin_has_a_name_colour_dash_and_marker_of_its_own() -> None:
    pins = list(ChartBuilder(pins=[BANDS] * 4).pinned())
    assert [pin.name for pin in pins] == ["pin 1", "pin 2", "pin 3", "pin 4"]
    for looks in zip(*((pin.colour, pin.dash, pin.symbol) for pin in pins), strict=True):
        assert len(set(looks)) == 4


def test_a_line_is_solid_where_it_was_observed_and_joins_its_dashed_part() -> None:
    chart = over_time(ChartBuilder())
    chart.line(BANDS, style.BLUE, name="cost", solid_until=2024.0)
    solid, dashed = checked(chart.figure).data
    assert (solid.line.dash, dashed.line.dash) == ("solid", "dash")
    assert solid.x[-1] == dashed.x[0] == 2024.0
    assert dashed.text[-1] == "cost, 2030: $10,200"


def test_a_curve_says_its_values_in_the_words_for_hover() -> None:
    chart = ChartBuilder().xy(
        style.Axis("Tries", in_words, ends=(1.0, 1e4), hover="{:.0f} tries".format),
        style.Axis("Share", "{:.0%}".format, ends=(0.0, 1.0), log=False),
    )
    chart.curve(np.array([10.0]), np.array([0.5]), style.BLUE, name="law")
    assert checked(chart.figure).data[0].text == ("law<br>10 tries: 50%",)
    assert "tries" not in str(checked(chart.figure).layout.xaxis.ticktext)
