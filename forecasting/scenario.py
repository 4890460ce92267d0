"""What all inputs share: frozen, validated records with units and bounds.

Inputs       what one forecast reads: its fields, and in TABLES its tables. Small groups of fields
             (a law, a demand, prices) are classes of their own, which the inputs inherit
Scenario     the inputs of several forecasts together: the union of theirs, with a name and a
             version

Both construct with no arguments. A scenario is an instance of the inputs of each of its forecasts,
so it can be handed to any of them; `of` picks out what one of them reads.

The defaults of a scenario belong to its VERSION: whoever changes a default raises VERSION and
writes the old value into PREVIOUS_DEFAULTS, so that a link made under the old version keeps its
numbers.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecasting.data.dataset import DataSet
from forecasting.validation import input_error

Migration = Callable[[dict[str, Any]], dict[str, Any]]

#: How many forecasts have their inputs class remembered.
MAX_REMEMBERED = 256


def quantity(default: Any, *, unit: str, label: str, why: str = "", **bounds: Any) -> Any:
    """A field of inputs with its unit, its label and the reason for its default.

    Parameters
    ----------
    default : object
        Its default, in its unit.
    unit : str
        The unit, such as "USD" or "name".
    label : str
        The label on pages and in reports.
    why : str
        The reason: source and date.
    **bounds : object
        Further arguments of pydantic's Field, such as ge and le.
    """
    return Field(default, description=label, json_schema_extra={"unit": unit, "why": why}, **bounds)


class Inputs(BaseModel):
    """Inputs of a forecast. Every field has a default, a unit and bounds; wrong values raise
    InputError.

    TABLES are the tables that the forecast reads: those named in the class, and those of the
    classes it inherits from.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=200)

    TABLES: ClassVar[tuple[str, ...]] = ()

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise input_error(error) from None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.TABLES = tuple(
            sorted({name for base in cls.__mro__ for name in base.__dict__.get("TABLES", ())})
        )

    @classmethod
    def of(cls, inputs: Inputs) -> Self:
        """These inputs out of a larger record, such as a scenario; raises TypeError where
        it does not have them.
        """
        if type(inputs) is cls:
            return inputs
        if not isinstance(inputs, cls):
            raise TypeError(f"{type(inputs).__name__} does not have the inputs {cls.__name__}.")
        # The values have been validated with the record that they come from.
        values = {name: getattr(inputs, name) for name in cls.model_fields}
        # pydantic's plugin for mypy takes what is constructed for the class that defines this.
        return cast("Self", cls.model_construct(**values))

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """The defaults by field name."""
        return {name: field.get_default() for name, field in cls.model_fields.items()}

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names that a field may take where they come from a table, else None. A class that
        overrides it asks `super()` for the fields of others.
        """
        del field, data
        return None

    def replaced(self, **changes: Any) -> Self:
        """A copy with these fields changed, validated again."""
        return type(self)(**(dict(self) | changes))


class SeededInputs(Inputs):
    """Inputs of a forecast that draws at random."""

    seed: int = quantity(0, unit="1", label="Seed of the random draws", ge=0, le=2**31 - 1)


class Scenario(SeededInputs):
    """Inputs of several forecasts together: the union of theirs.

    NAME is what it is called in addresses and in what is stored. Pydantic orders fields from the
    last of several bases to the first.
    """

    NAME: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    #: For each older version, the defaults that differed from those of the version after it.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {}
    #: For each older version, what turns its raw parameters into those of the version after it
    #: (renamed or dropped fields).
    MIGRATIONS: ClassVar[Mapping[int, Migration]] = {}

    @classmethod
    def opening(cls, day: dt.date) -> Self:
        """The scenario with which its page opens on a day, where no link says otherwise: the
        defaults, but for what depends on the day. A link writes what differs from the defaults, so
        it keeps its numbers as days pass.
        """
        del day
        return cls()

    @classmethod
    def defaults(cls, version: int | None = None) -> dict[str, Any]:
        """The defaults as they were in `version` (the current one where None), by field name."""
        values = super().defaults()
        for older in range(cls.VERSION - 1, (version or cls.VERSION) - 1, -1):
            values.update(cls.PREVIOUS_DEFAULTS.get(older, {}))
        return values


@lru_cache(MAX_REMEMBERED)
def inputs_class(forecast: Callable[..., Any]) -> type[Inputs]:
    """The class of a forecast's inputs: the annotation of its first parameter."""
    parameter = next(iter(inspect.signature(forecast).parameters.values()))
    found = parameter.annotation
    if isinstance(found, str):
        # Only this name is looked up: other annotations may be known to type checkers alone.
        found = inspect.unwrap(forecast).__globals__.get(found)
    if not (isinstance(found, type) and issubclass(found, Inputs)):
        raise TypeError(f"{forecast!r} does not name the class of its inputs.")
    return found
