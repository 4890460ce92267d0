"""An uncertain input: a distribution given by the range that holds a share of it.

LN(a, b; w), the lognormal whose central w% interval is [a, b], is `Distribution(a, b, w / 100)`. As
text, in links and files, it reads “75e9~1e12~0.95~lognormal”; a fixed value is its number alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, Self, get_args

import numpy as np
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, core_schema
from scipy.special import ndtri

from forecasting.arrays import FloatArray
from forecasting.errors import InputError
from forecasting.formatting import in_words
from forecasting.validation import input_error

Shape = Literal["lognormal", "normal", "uniform", "fixed"]


class Distribution(BaseModel):
    """`low` to `high` holds the central `share` of the probability; for "fixed" both are the value
    itself.

    A lognormal needs ends above 0. Raises InputError for low above high, and for a share that is
    not between 0 and 1 (exclusive).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    low: float
    high: float
    share: float = Field(0.9, gt=0.0, lt=1.0)
    shape: Shape = "lognormal"

    def __init__(
        self, low: float, high: float, share: float = 0.9, shape: Shape = "lognormal"
    ) -> None:
        try:
            super().__init__(low=low, high=high, share=share, shape=shape)
        except ValidationError as error:
            raise input_error(error) from None

    def __str__(self) -> str:
        if self.shape == "fixed":
            return repr(self.low)
        return f"{self.low!r}~{self.high!r}~{self.share!r}~{self.shape}"

    @property
    def words(self) -> str:
        """The range in plain words: 75 billion to 1 trillion (95%)."""
        if self.shape == "fixed":
            return in_words(self.low)
        return f"{in_words(self.low)} to {in_words(self.high)} ({self.share:.0%})"

    @classmethod
    def fixed(cls, value: float) -> Distribution:
        """A value known exactly."""
        return cls(value, value, 0.5, "fixed")

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, given: Any) -> Any:
        if isinstance(given, int | float) and not isinstance(given, bool):
            return {"low": given, "high": given, "share": 0.5, "shape": "fixed"}
        if not isinstance(given, str):
            return given
        parts = given.split("~")
        remedy = (
            "Write low~high~share~shape, such as 1e9~4e9~0.9~lognormal, or a number alone for a"
            " fixed value."
        )
        try:
            numbers = [float(part) for part in parts[:3]]
        except ValueError:
            raise InputError("range", given, remedy) from None
        if len(parts) == 1:
            return {"low": numbers[0], "high": numbers[0], "share": 0.5, "shape": "fixed"}
        if len(parts) != 4 or parts[3] not in get_args(Shape):
            raise InputError("range", given, remedy)
        return {"low": numbers[0], "high": numbers[1], "share": numbers[2], "shape": parts[3]}

    @model_validator(mode="after")
    def _ends_fit(self) -> Self:
        if self.low > self.high:
            raise InputError(
                "low",
                self.low,
                f"Use a low end no higher than the high end, which is {in_words(self.high)}.",
            )
        if self.shape == "lognormal" and self.low <= 0.0:
            raise InputError(
                "low",
                self.low,
                "A lognormal range needs ends above 0; use another shape for ranges that reach 0.",
            )
        return self

    @property
    def median(self) -> float:
        """The value with half of the probability below it."""
        return float(self.quantile(np.array([0.5]))[0])

    def quantile(self, q: FloatArray) -> FloatArray:
        """The values that shares `q` of the probability stay below, of the shape of `q`."""
        if self.shape == "fixed" or self.low == self.high:
            return np.full(np.shape(q), self.low)
        if self.shape == "uniform":
            middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2 / self.share
            result: FloatArray = middle + half * (2.0 * np.asarray(q) - 1.0)
            return result
        return self.of_normal(ndtri(q))

    def of_normal(self, z: FloatArray) -> FloatArray:
        """The values at standard normal deviates `z`, so that draws can be shared between scenarios
        and correlated.
        """
        if self.shape == "fixed" or self.low == self.high:
            return np.full(np.shape(z), self.low)
        if self.shape == "uniform":
            from scipy.special import ndtr

            return self.quantile(ndtr(z))
        width = 2.0 * float(ndtri(0.5 + self.share / 2.0))
        if self.shape == "normal":
            normal: FloatArray = (self.low + self.high) / 2 + (self.high - self.low) / width * z
            return normal
        middle = (math.log(self.low) + math.log(self.high)) / 2
        lognormal: FloatArray = np.exp(middle + math.log(self.high / self.low) / width * z)
        return lognormal

    def draw(self, count: int, rng: np.random.Generator) -> FloatArray:
        """`count` draws."""
        return self.of_normal(rng.standard_normal(count))


@dataclass(frozen=True)
class RangeBounds:
    """Bounds of an uncertain input: `pages: Annotated[Distribution, RangeBounds(1.0, 1e18)]`.

    Both ends of the range lie from `lowest` to `highest`; `above` and `below` say that these
    themselves are not allowed. Raises InputError with the ends that do not, and a sentence for what
    would be right.
    """

    lowest: float
    highest: float
    above: bool = False
    below: bool = False
    #: A sentence that says why, where the bounds alone do not.
    because: str = ""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_after_validator_function(self._checked, handler(source))

    @property
    def words(self) -> str:
        """The bounds in words: from 1 to 1,000; above 0 and up to 1."""
        lowest, highest = in_words(self.lowest), in_words(self.highest)
        if not self.above and not self.below:
            return f"from {lowest} to {highest}"
        return (
            f"{'above' if self.above else 'from'} {lowest} and {'below' if self.below else 'up to'}"
            f" {highest}"
        )

    def _checked(self, value: Distribution, info: ValidationInfo) -> Distribution:
        wrong = [end for end in dict.fromkeys((value.low, value.high)) if not self._holds(end)]
        if wrong:
            seen = wrong[0] if len(wrong) == 1 else " and ".join(map(in_words, wrong))
            remedy = f"Use a {'value' if value.shape == 'fixed' else 'range'} {self.words}."
            raise InputError(info.field_name or "range", seen, f"{self.because} {remedy}".lstrip())
        return value

    def _holds(self, end: float) -> bool:
        return (self.lowest < end if self.above else self.lowest <= end) and (
            end < self.highest if self.below else end <= self.highest
        )
