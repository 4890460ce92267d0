"""The page Train or infer."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.forecasts import forecast
from dashboard.pages.declaration import Group, Page, Section
from dashboard.state.display import Display
from forecasting.inference.benchmark_scores import benchmark_scores
from forecasting.inference.best_of_many import best_of_many
from forecasting.inference.compute_map import compute_map
from forecasting.inference.coverage import coverage, other_curves
from forecasting.inference.equal_cost import size_comparison, swe_bench_case
from forecasting.inference.human_parity import human_parity
from forecasting.inference.inference_scenario import InferenceScenario
from forecasting.inference.serve_at_scale import serve_at_scale
from forecasting.inference.step_comparison import step_comparison
from forecasting.serving.chip_comparison import chip_comparison
from forecasting.serving.served_demand import served_demand
from forecasting.serving.service_frontier import service_frontier


class InferenceDisplay(Display):
    """How the page is shown: which section, and which part of it."""

    view: Literal["axes", "tries", "serving", "serve", "person"] = Field(
        "axes", description="Section"
    )
    tries_part: Literal["coverage", "selection", "steps", "sizes", "swe_bench"] = Field(
        "coverage", description="Part"
    )
    serving_part: Literal["demand", "frontier", "chips"] = Field("demand", description="Part")
    person_part: Literal["parity", "scores"] = Field("parity", description="Part")
    serve_shows: Literal["params", "tokens", "train_share", "saving"] = Field(
        "params", description="Over requests per day"
    )
    demand_shows: Literal["chips", "usd"] = Field("chips", description="Show")
    parity_shows: Literal["costs", "date", "prices"] = Field("costs", description="Show")


TRIES = Group("tries", "Many tries", "tries_part")
SERVING = Group("serving", "Serve", "serving_part")
PERSON = Group("person", "A machine or a person", "person_part")


def no_law(_scenario: InferenceScenario) -> str:
    """What sections say that use no law while one is in use everywhere."""
    return "this section needs no scaling law"


def no_law_in_games(scenario: InferenceScenario) -> str:
    """The same where the scenario chooses between a language model and a game."""
    return no_law(scenario) if scenario.trade in ("go", "hex") else ""


PAGE = Page(
    title="Train or infer",
    question=(
        "What is a FLOP at answer time worth, and when does a machine answer cost less than a"
        " person?"
    ),
    icon=":material/balance:",
    scenario=InferenceScenario,
    display=InferenceDisplay,
    page_wide_tables=(
        "ai_models",
        "alphago_elo",
        "arc_agi_scores",
        "article_claims",
        "hex_elo_frontier",
        "levels_of_agi",
        "o1mini_accuracy_vs_tokens",
        "o3_arc_agi_2024",
        "repeated_sampling_counts",
        "repeated_sampling_published",
        "runs_chinchilla",
        "token_price_declines",
        "token_prices_2024_2025",
        "token_prices_2025_2026",
        "token_prices_first_party",
        "train_inference_tradeoffs",
        "verifier_selection_published",
    ),
    sections=(
        Section(
            "axes",
            "Two axes",
            compute_map,
            "dashboard.pages.inference.axes:show_axes",
            figure="axes_figure",
            numbers="split_numbers",
            numbers_of_pins=True,
            notes="map_notes",
            without_law=no_law_in_games,
            methods=(
                "forecasting.inference.exchange_rate",
                "forecasting.inference.hex_frontier",
                "forecasting.inference.allocation",
                "forecasting.inference.allocation:train_share_of_exchange",
            ),
        ),
        Section(
            "coverage",
            "More tries",
            coverage,
            "dashboard.pages.inference.tries:show_coverage",
            figure="coverage_figure",
            numbers="coverage_numbers",
            notes="coverage_notes",
            group=TRIES,
            without_law=no_law,
            methods=(
                "forecasting.inference.repeated_sampling",
                "forecasting.inference.coverage_laws",
                "forecasting.inference.coverage_laws:CoveragePowerLaw",
                "forecasting.inference.coverage_laws:BetaBinomial",
            ),
            warm=(lambda context: forecast(other_curves, InferenceScenario(), context),),
        ),
        Section(
            "selection",
            "Choosing one",
            best_of_many,
            "dashboard.pages.inference.choice:show_selection",
            figure="selection_figure",
            numbers="selection_numbers",
            numbers_of_pins=True,
            notes="SELECTION_NOTES",
            group=TRIES,
            without_law=no_law,
            methods=("forecasting.inference.selection",),
        ),
        Section(
            "steps",
            "Step by step",
            step_comparison,
            "dashboard.pages.inference.choice:show_steps",
            figure="steps_figure",
            numbers="step_numbers",
            notes="STEP_NOTES",
            group=TRIES,
            without_law=no_law,
            methods=("forecasting.inference.step_search",),
        ),
        Section(
            "sizes",
            "Small model often",
            size_comparison,
            "dashboard.pages.inference.sizes:show_sizes",
            figure="sizes_figure",
            numbers="size_numbers",
            notes="SIZE_NOTES",
            group=TRIES,
            without_law=no_law,
        ),
        Section(
            "swe_bench",
            "A published case",
            swe_bench_case,
            "dashboard.pages.inference.sizes:show_swe_bench",
            figure="swe_bench_figure",
            numbers="swe_numbers",
            notes="SWE_NOTES",
            group=TRIES,
            without_law=no_law,
        ),
        Section(
            "demand",
            "Chips and cost",
            served_demand,
            "dashboard.pages.inference.serving:show_demand",
            figure="demand_figure",
            numbers="replica_numbers",
            numbers_of_pins=True,
            notes="demand_notes",
            group=SERVING,
            without_law=no_law,
            methods=(
                "forecasting.serving.fleet:fleet_of",
                "forecasting.serving.buy_or_serve:break_even",
            ),
        ),
        Section(
            "frontier",
            "Throughput and latency",
            service_frontier,
            "dashboard.pages.inference.serving:show_frontier",
            figure="frontier_figure",
            numbers="measured_numbers",
            notes="COMMON_NOTES",
            group=SERVING,
            without_law=no_law,
            methods=("forecasting.serving.phases", "forecasting.serving.replica"),
        ),
        Section(
            "chips",
            "Cost by chip",
            chip_comparison,
            "dashboard.pages.inference.serving:show_chips",
            figure="chips_figure",
            numbers="chip_numbers",
            notes="COMMON_NOTES",
            group=SERVING,
            without_law=no_law,
        ),
        Section(
            "serve",
            "Size for a demand",
            serve_at_scale,
            "dashboard.pages.inference.serve:show_serve",
            figure="serve_figure",
            numbers="serve_numbers",
            numbers_of_pins=True,
            notes="serve_notes",
            without_law=no_law_in_games,
        ),
        Section(
            "parity",
            "Cost against a person's",
            human_parity,
            "dashboard.pages.inference.parity:show_parity",
            figure="parity_figure",
            numbers="parity_numbers",
            numbers_of_pins=True,
            notes="parity_notes",
            group=PERSON,
            without_law=no_law,
            methods=("forecasting.inference.human_parity",),
        ),
        Section(
            "scores",
            "Scores beside people's",
            benchmark_scores,
            "dashboard.pages.inference.scores:show_scores",
            figure="scores_figure",
            numbers="score_numbers",
            notes="score_notes",
            group=PERSON,
            without_law=no_law,
        ),
    ),
)
