"""Many tries: what do more samples, a verifier, or steps checked one by one buy?"""

from __future__ import annotations

from dashboard import layout
from dashboard.display import InferenceDisplay
from dashboard.session import PageState
from forecasting.inference_scenario import InferenceScenario


def show_tries(state: PageState[InferenceScenario, InferenceDisplay]) -> None:
    """Coverage, selection, steps, sizes, and the published case."""
    del state
    layout.answer("Being built.")
