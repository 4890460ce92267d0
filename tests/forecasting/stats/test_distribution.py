"""Uncertain inputs given by the range that holds a share of them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from forecasting.errors import InputError
from forecasting.planning.plan_scenario import PlanScenario
from forecasting.scenario import Scenario, quantity
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.text_limits.text_scenario import TextScenario
from forecasting.validation import input_error

SHAPES = ("lognormal", "normal", "uniform")
ends = st.floats(1e-6, 1e15)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_range_holds_its_share(shape: str, rng: np.random.Generator) -> None:
    drawn = Distribution(2.0, 5.0, 0.8, shape).draw(100_000, rng)
    assert np.mean((drawn >= 2.0) & (drawn <= 5.0)) == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize("shape", SHAPES)
def test_quantiles_at_the_ends_of_the_share_are_low_and_high(shape: str) -> None:
    low, middle, high = Distribution(2.0, 5.0, 0.9, shape).quantile(np.array([0.05, 0.5, 0.95]))
    assert (low, high) == pytest.approx((2.0, 5.0))
    assert middle == pytest.approx(np.sqrt(10.0) if shape == "lognormal" else 3.5)


def test_a_fixed_value_has_no_spread(rng: np.random.Generator) -> None:
    assert set(Distribution.fixed(3.0).draw(10, rng)) == {3.0}


@given(
    low=ends, factor=st.floats(1.0, 1e3), share=st.floats(0.01, 0.99), shape=st.sampled_from(SHAPES)
)
def test_its_text_reads_back_as_itself(low: float, factor: float, share: float, shape: str) -> None:
    given_one = Distribution(low, low * factor, share, shape)
    assert TypeAdapter(Distribution).validate_python(str(given_one)) == given_one


def test_a_fixed_value_reads_back_as_itself() -> None:
    assert TypeAdapter(Distribution).validate_python(
        str(Distribution.fixed(0.25))
    ) == Distribution.fixed(0.25)


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ((5.0, 2.0), "low"),
        ((0.0, 2.0), "low"),
        ((1.0, 2.0, 1.5), "share"),
        ((1.0, float("inf")), "high"),
        ((1.0, 2.0, 0.9, "odd"), "shape"),
    ],
)
def test_a_range_that_cannot_be_is_refused_by_name(values: tuple, named: str) -> None:
    with pytest.raises(InputError) as caught:
        Distribution(*values)
    assert caught.value.parameter == named


@pytest.mark.parametrize("text", ["", "a", "1~2", "1~2~0.9~odd", "1~2~0.9", "~~~"])
def test_text_that_is_no_range_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Distribution).validate_python(text)
    assert "low~high~share~shape" in input_error(caught.value).remedy


class Bounded(Scenario):
    """A scenario with bounded ranges."""

    size: Annotated[Distribution, RangeBounds(1.0, 1e18)] = quantity(
        Distribution(75e9, 1e12), unit="1", label="Size"
    )
    share: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(Distribution.fixed(0.5), unit="1", label="Share")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"size": Distribution(0.5, 1e12)}, "`size` is 0.5. Use a range from 1 to 10¹⁸."),
        (
            {"size": Distribution(0.5, 1e30)},
            "`size` is “0.5 and 10³⁰”. Use a range from 1 to 10¹⁸.",
        ),
        ({"size": Distribution.fixed(1e30)}, "`size` is 10³⁰. Use a value from 1 to 10¹⁸."),
        (
            {"share": Distribution(0.0, 0.5, 0.9, "normal")},
            "`share` is 0.0. A share is at most 100%. Use a range above 0 and up to 1.",
        ),
    ],
)
def test_ends_out_of_bounds_are_named_with_what_would_be_right(values: dict, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Bounded(**values)
    assert str(caught.value) == said
    assert caught.value.parameter == next(iter(values))


@pytest.mark.parametrize("scenario", [TextScenario, PlanScenario])
def test_every_range_of_a_page_has_bounds_and_a_link_beyond_them_is_answered_with_a_sentence(
    scenario: type[Scenario],
) -> None:
    for name, info in scenario.model_fields.items():
        if info.annotation is Distribution:
            with pytest.raises(InputError, match="Use a range") as caught:
                scenario(**{name: Distribution(-1e300, 1e300, 0.9, "normal")})
            assert caught.value.parameter == name
            assert "and" in str(caught.value.value)
