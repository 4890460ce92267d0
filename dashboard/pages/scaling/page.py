"""Scaling laws: how does loss fall with parameters, data and compute, and which architecture scales
best?
"""

from __future__ import annotations

from collections.abc import Callable

from dashboard.pages.scaling.architectures import show_architectures
from dashboard.pages.scaling.compute import show_compute
from dashboard.pages.scaling.kaplan import show_kaplan
from dashboard.pages.scaling.sets import show_sets
from dashboard.pages.scaling.surface import show_surface
from dashboard.state import session
from dashboard.state.display import ScalingDisplay
from dashboard.state.page_state import PageState
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from forecasting.scaling.scaling_scenario import ScalingScenario

VIEWS = {
    "architectures": "Architectures",
    "compute": "What compute buys",
    "surface": "Chinchilla's surface",
    "kaplan": "Kaplan's lines",
    "sets": "Reference sets",
}
SECTIONS: dict[str, Callable[[PageState[ScalingScenario, ScalingDisplay]], None]] = {
    "architectures": show_architectures,
    "compute": show_compute,
    "surface": show_surface,
    "kaplan": show_kaplan,
    "sets": show_sets,
}

page = session.open_page(ScalingScenario, ScalingDisplay)
layout.question(
    "Scaling laws",
    "How does loss fall with parameters, data and compute, and which architecture scales best?",
)
others = page.display.view != "compute"
layout.notices(
    page,
    without_law=(
        "this section shows published runs, “What compute buys” uses yours" if others else ""
    ),
)
Controls(page).segmented("view", list(SECTIONS), words=VIEWS.__getitem__, hidden_label=True)
with layout.error_boundary():
    SECTIONS[page.display.view](page)
session.close_page(page)
