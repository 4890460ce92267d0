"""Scores beside people's: what does a benchmark score cost at answer time, and which people does it match?"""

from __future__ import annotations

from dashboard import layout
from dashboard.display import InferenceDisplay
from dashboard.session import PageState
from forecasting.inference_scenario import InferenceScenario


def show_scores(state: PageState[InferenceScenario, InferenceDisplay]) -> None:
    """Score against cost per task, with the people's rows."""
    del state
    layout.answer("Being built.")
