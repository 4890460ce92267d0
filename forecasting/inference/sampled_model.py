"""Whose counts of repeated sampling a forecast uses: those of a bundled model, or one's own."""

from __future__ import annotations

from typing import ClassVar

from forecasting.data.dataset import DataSet
from forecasting.scenario import Inputs, quantity

#: The name of one's own counts among the models.
OWN_COUNTS = "own"


class SampledModelInputs(Inputs):
    """Whose counts of repeated sampling are used."""

    TABLES: ClassVar[tuple[str, ...]] = ("repeated_sampling_counts",)

    sampled_model: str = quantity(
        "Pythia 12B",
        unit="name",
        label="Model",
        why="Seven sizes on 128 MATH problems, 10,000 tries each: Brown et al. 2024.",
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The models that were sampled, and one's own counts."""
        if field == "sampled_model":
            return (*sampled_models(data), OWN_COUNTS)
        return super().choices(field, data)


def sampled_models(data: DataSet) -> tuple[str, ...]:
    """The models whose counts are bundled."""
    return tuple(str(name) for name in data["repeated_sampling_counts"]["model"].unique())
