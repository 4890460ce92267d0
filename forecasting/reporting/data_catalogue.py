"""Every table of this project with its source, licence and date; and any one of them whole."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd

from forecasting.context import DataOrContext, context_of
from forecasting.data.catalogue import last_day
from forecasting.data.dataset import DataSet, TableInfo
from forecasting.errors import UnknownNameError
from forecasting.formatting import counted
from forecasting.scenario import Inputs, Scenario, quantity

#: In place of a table's name: the list of all of them.
ALL_TABLES = "all"


class DataCatalogueInputs(Inputs):
    """Which table is shown."""

    #: All of them; a test holds the list against the catalogue.
    TABLES: ClassVar[tuple[str, ...]] = (
        "ai_chip_stock",
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "chip_rental_prices",
        "chip_rental_prices_2026",
        "chip_unit_costs",
        "computing_cost_1857_2001",
        "data_center_timelines",
        "forecast_ledger",
        "gpt2_reproductions",
        "gpu_prices",
        "hex_elo_frontier",
        "levels_of_agi",
        "ml_chips",
        "nanogpt_speedrun_records",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "served_models",
        "serving_chips",
        "serving_throughput",
        "site_projections_2025",
        "text_dataset_sizes",
        "text_sizes_2023_2026",
        "token_price_declines",
        "token_price_terms",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "token_prices_first_party",
        "train_inference_tradeoffs",
        "translation_learning_curves",
        "us_consumer_prices",
        "verifier_selection_published",
        "vision_learning_curves",
        "world_population",
    )

    table_name: str = quantity(
        ALL_TABLES, unit="name", label="Table", why="“all” lists every table with its source."
    )

    @classmethod
    def choices(cls, field: str, data: DataSet) -> tuple[str, ...] | None:
        """The names of the tables, and “all”."""
        if field == "table_name":
            return (ALL_TABLES, *data.names)
        return super().choices(field, data)


class DataScenario(DataCatalogueInputs, Scenario):
    """Inputs of the catalogue as a whole."""

    NAME: ClassVar[str] = "data"
    VERSION: ClassVar[int] = 1


@dataclass(frozen=True, eq=False)
class DataCatalogue:
    """The list of tables, or the rows of one; `info` is that one's catalogue entry."""

    scenario: DataCatalogueInputs
    table: pd.DataFrame
    info: TableInfo | None

    @property
    def answer(self) -> str:
        """What there is, in one sentence."""
        if self.info is None:
            rows = int(self.table["rows"].sum())
            return (
                f"{len(self.table)} tables with {rows:,} rows underlie the forecasts, each with its"
                " source, licence and date."
            )
        return f"{self.info.title}: {counted(len(self.table), 'row')}, as of {self.info.date}."

    @property
    def lines(self) -> tuple[str, ...]:
        """Where a table comes from, and what it holds."""
        if self.info is None:
            return ("Every one can be downloaded here.",)
        # Some are repositories, whose names are words.
        titles = " and ".join(source.title.replace("_", " ") for source in self.info.sources)
        return (f"Source: {titles}.", self.info.description)

    @property
    def columns(self) -> pd.DataFrame:
        """The columns of the table shown: name, type, unit, meaning."""
        described = self.info.columns if self.info is not None else ()
        return pd.DataFrame(
            [(column.name, column.type, column.unit, column.description) for column in described],
            columns=["column", "type", "unit", "meaning"],
        )


def _oldest_first(info: TableInfo) -> tuple[bool, dt.date]:
    """Tables of which newer data are expected come before those that do not change."""
    return info.rhythm == "none", last_day(info.date)


def data_catalogue(
    scenario: DataCatalogueInputs, *, data: DataOrContext | None = None
) -> DataCatalogue:
    """The list of all tables, or one table whole; raises UnknownNameError for a name that is
    none.
    """
    tables = context_of(data).data
    if scenario.table_name != ALL_TABLES:
        if scenario.table_name not in tables.names:
            raise UnknownNameError("table_name", scenario.table_name, tables.names)
        return DataCatalogue(
            scenario, tables[scenario.table_name], tables.catalogue[scenario.table_name]
        )
    rows = [
        {
            "table": info.name,
            "title": info.title,
            "rows": len(tables[info.name]),
            "columns": len(info.columns),
            "as_of": str(info.date),
            "rhythm": info.rhythm,
            "newer_from": info.refresh.page or info.refresh.by_hand,
            "sources": "; ".join(source.title for source in info.sources),
            "licences": "; ".join(licence.title for licence in info.licences),
            "dollars_of": info.price_base or "",
            "doubts": info.notes,
        }
        for info in sorted(tables.catalogue.values(), key=_oldest_first)
    ]
    return DataCatalogue(scenario, pd.DataFrame(rows), None)
