"""The page Track record."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.pages.declaration import Page, Section
from dashboard.state.display import Display
from forecasting.evaluation.all_records import every_series
from forecasting.evaluation.forecast_ledger import forecast_ledger
from forecasting.evaluation.law_track_record import tried_laws
from forecasting.evaluation.reliability import reliability
from forecasting.evaluation.track_record import track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario


class TrackRecordDisplay(Display):
    """How the page is shown: which section."""

    view: Literal["then", "horizon", "reliability", "all", "laws", "ledger"] = Field(
        "then", description="Section"
    )


PAGE = Page(
    title="Track record",
    question="How good have such forecasts been?",
    icon=":material/fact_check:",
    scenario=TrackRecordScenario,
    display=TrackRecordDisplay,
    page_wide_tables=(
        "ai_models",
        "chip_rental_prices",
        "computing_cost_1857_2001",
        "gpu_prices",
        "ml_chips",
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "text_dataset_sizes",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "translation_learning_curves",
        "us_consumer_prices",
        "vision_learning_curves",
    ),
    sections=(
        Section(
            "then",
            "One forecast",
            track_record,
            "dashboard.pages.track_record.series:show_then",
            figure="then_figure",
            numbers="horizon_numbers",
            notes="NOTES",
            methods=(
                "forecasting.evaluation.backtest",
                "forecasting.evaluation.forecast_scores",
            ),
        ),
        Section(
            "horizon",
            "By horizon",
            track_record,
            "dashboard.pages.track_record.series:show_horizon",
            figure="horizon_figure",
            numbers="horizon_numbers",
            notes="NOTES",
            exported_as="then",
        ),
        Section(
            "reliability",
            "Reliability",
            reliability,
            "dashboard.pages.track_record.series:show_reliability",
            figure="reliability_figure",
            numbers="reliability_numbers",
            notes="NOTES",
            is_slow=True,
        ),
        Section(
            "all",
            "All series and methods",
            every_series,
            "dashboard.pages.track_record.series:show_all",
            is_slow=True,
        ),
        Section(
            "laws",
            "Scaling laws",
            tried_laws,
            "dashboard.pages.track_record.series:show_laws",
            is_slow=True,
        ),
        Section(
            "ledger",
            "Forecasts we made",
            forecast_ledger,
            "dashboard.pages.track_record.ledger:show_ledger",
            figure="ledger_figure",
            numbers="statements",
            notes="LEDGER_NOTES",
            methods=(
                "forecasting.evaluation.forecast_ledger",
                "forecasting.evaluation.ledger_measures",
            ),
        ),
    ),
)
