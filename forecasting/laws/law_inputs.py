"""What every scaling law checks before it computes: sizes above zero, losses above the floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import significant

FLOP_PER_PARAM_AND_TOKEN = 6.0
PF_DAY_FLOP = 8.64e19


class LossBelowFloorError(InputError):
    """A loss that the law never reaches, however large the run. `floor` is the law's lowest
    loss.
    """

    def __init__(self, loss: float, floor: float, why: str = "this law's irreducible loss") -> None:
        self.floor = floor
        lowest = significant(floor, 6)
        super().__init__(
            "loss",
            float(f"{loss:.6g}"),
            f"No run reaches it: {why} is {lowest}. Ask for a loss above {lowest}.",
        )


def positive(parameter: str, value: ArrayLike, unit: str, example: str) -> Any:
    """The value as float64 (scalar or array), every entry above zero (infinite is allowed).

    Parameters
    ----------
    parameter : str
        Name of the input in the error.
    value : number or array-like of any shape
        What was given.
    unit : str
        Its unit in words, for the error: “Give … above 0”.
    example : str
        A value that would be right, for the error.

    Raises
    ------
    InputError
        For other values.
    """
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(parameter, value, f"Give a number of {unit}, such as {example}.") from None
    bad = ~(array > 0.0)
    if bad.any():
        raise InputError(
            parameter, float(array[bad].flat[0]), f"Give {unit} above 0, such as {example}."
        )
    return array[()]


def finite_positive(parameter: str, value: ArrayLike, unit: str, example: str) -> Any:
    """The same as `positive`, and finite.

    Parameters
    ----------
    parameter : str
        Name of the input in the error.
    value : number or array-like of any shape
        What was given.
    unit : str
        Its unit in words, for the error.
    example : str
        A value that would be right, for the error.
    """
    array = positive(parameter, value, unit, example)
    if not np.isfinite(array).all():
        raise InputError(
            parameter, "infinite", f"Give a finite number of {unit}, such as {example}."
        )
    return array


def above_floor(loss: ArrayLike, floor: float, why: str = "this law's irreducible loss") -> Any:
    """The loss as float64, every entry above a floor.

    Parameters
    ----------
    loss : number or array-like of any shape
        The loss, in the unit of the floor.
    floor : float
        What it must be above, such as E in nats per token.
    why : str
        What the floor is, for the error.

    Raises
    ------
    LossBelowFloorError
        For a loss at the floor or below.
    """
    array = finite_positive("loss", loss, "nats per token", "2.5")
    if np.any(array <= floor):
        raise LossBelowFloorError(float(np.min(array)), floor, why)
    return array


def checked_coefficient(name: str, value: float, *, zero_allowed: bool = False) -> float:
    """A law's coefficient as a float: finite, above zero (or zero where allowed).

    Parameters
    ----------
    name : str
        Name of the coefficient in the error.
    value : float
        What was given, in its own unit.
    zero_allowed : bool
        Whether it may be 0.

    Raises
    ------
    InputError
        For other values.
    """
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise InputError(name, value, "Give a number.") from None
    if not np.isfinite(number) or number < 0.0 or (number == 0.0 and not zero_allowed):
        raise InputError(
            name,
            number,
            (
                "Give a finite number of 0 or more."
                if zero_allowed
                else "Give a finite number above 0."
            ),
        )
    return number


def checked_coefficients(
    name: str, value: float | FloatArray, *, zero_allowed: bool = False
) -> Any:
    """The same for a number or an array, every entry of it.

    Parameters
    ----------
    name : str
        Name of the coefficient in the error.
    value : float or array of floats
        What was given, in its own unit.
    zero_allowed : bool
        Whether entries may be 0.
    """
    if not isinstance(value, np.ndarray):
        return checked_coefficient(name, value, zero_allowed=zero_allowed)
    bad = ~np.isfinite(value) | (value < 0.0) | ((value == 0.0) & (not zero_allowed))
    if bad.any():
        return checked_coefficient(name, float(value[bad][0]), zero_allowed=zero_allowed)
    return np.asarray(value, dtype=np.float64)


def as_given(array: Any) -> Any:
    """A float for zero-dimensional results, the array otherwise."""
    return float(array) if np.ndim(array) == 0 else array


__all__ = [
    "FLOP_PER_PARAM_AND_TOKEN",
    "PF_DAY_FLOP",
    "FloatArray",
    "LossBelowFloorError",
    "above_floor",
    "as_given",
    "checked_coefficient",
    "checked_coefficients",
    "finite_positive",
    "positive",
]
