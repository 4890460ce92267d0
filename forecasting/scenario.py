"""What all scenarios share: a frozen, validated record of a page's inputs, with units, bounds and a
version.

A scenario constructs with no arguments. Its defaults belong to its VERSION: whoever changes a
default raises VERSION and writes the old value into PREVIOUS_DEFAULTS, so that a link made under
the old version keeps its numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from forecasting.data.dataset import DataSet
from forecasting.validation import input_error

Migration = Callable[[dict[str, Any]], dict[str, Any]]


def quantity(default: Any, *, unit: str, label: str, why: str = "", **bounds: Any) -> Any:
    """A scenario field with its unit, its label and the reason for its default (`why`: source and
    date).
    """
    return Field(default, description=label, json_schema_extra={"unit": unit, "why": why}, **bounds)


class Scenario(BaseModel):
    """Inputs of one page. Every field has a default, a unit and bounds; wrong values raise
    InputError.

    PAGE is the page's address; TABLES are the tables that its forecast reads, in the `d` of its
    links.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, str_max_length=200)

    PAGE: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    TABLES: ClassVar[tuple[str, ...]] = ()
    #: For each older version, the defaults that differed from those of the version after it.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {}
    #: For each older version, what turns its raw parameters into those of the version after it
    #: (renamed or dropped fields).
    MIGRATIONS: ClassVar[Mapping[int, Migration]] = {}

    seed: int = Field(
        0,
        ge=0,
        le=2**31 - 1,
        description="Seed of the random draws",
        json_schema_extra={"unit": "1"},
    )

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise input_error(error) from None

    @classmethod
    def defaults(cls, version: int | None = None) -> dict[str, Any]:
        """The defaults as they were in `version` (the current one where None), by field name."""
        values = {name: field.get_default() for name, field in cls.model_fields.items()}
        for older in range(cls.VERSION - 1, (version or cls.VERSION) - 1, -1):
            values.update(cls.PREVIOUS_DEFAULTS.get(older, {}))
        return values

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names that a field may take where they come from a table, else None."""
        del field, data
        return None

    def replaced(self, **changes: Any) -> Self:
        """A copy with these fields changed, validated again."""
        return type(self)(**(dict(self) | changes))
