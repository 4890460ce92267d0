"""The chart element: Plotly charts that keep zoom and redraw only what changed, whatever the rerun.

Streamlit's own Plotly element takes its identity from the figure's content, so that every changed
figure is a new chart: zoom is lost, and the browser draws everything anew. This one is keyed; its
script, which chart_loader.js fetches, is chart_element.js; chart_labels.js places its labels,
chart_colours.js makes them legible on the page's ground, and chart_series.js makes them switches of
their series.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.charts.figure import Figure

#: The part of plotly.js that has the kinds of traces which charts use, as npm's package
#: plotly.js-cartesian-dist-min has it, with its licence beside it.
LIBRARY = Path(__file__).parent / "plotly" / "plotly-cartesian.min.js"
#: Its content is named in the address, so that browsers may keep the library for good.
LIBRARY_ADDRESS = f"/assets/plotly-{hashlib.sha256(LIBRARY.read_bytes()).hexdigest()[:12]}.min.js"
SCRIPT = "".join(
    Path(__file__).with_name(name).read_text(encoding="utf-8")
    for name in ("chart_labels.js", "chart_colours.js", "chart_series.js", "chart_element.js")
)
#: That of the script, named in the same way.
SCRIPT_ADDRESS = f"/assets/chart-{hashlib.sha256(SCRIPT.encode()).hexdigest()[:12]}.js"
STYLE = """
.chart { width: 100%; margin-top: 0.75rem; }
.chart:fullscreen { background: var(--st-background-color); }
.chart .annotation-text {
  paint-order: stroke; stroke: var(--st-background-color); stroke-opacity: 0.75;
  stroke-width: 3px; stroke-linejoin: round;
}
.chart .series-switch .annotation-text-g { cursor: pointer; }
.chart .series-switch .annotation-text-g:hover text { text-decoration: underline; }
.chart .series-switch .annotation-text-g:focus-visible {
  outline: 2px solid var(--st-primary-color); outline-offset: 2px;
}
.chart .series-hidden text { text-decoration: line-through; }
.chart .series-hidden .annotation-arrow-g { opacity: 0.3; }
/* The tool bar stands above the chart, where no words are. */
.chart .js-plotly-plot { overflow: visible; }
.chart .modebar-container { top: -1.75rem !important; }
"""

_mount = st.components.v2.component(
    "compute_forecast_chart",
    html='<div class="chart" role="figure"></div>\n',
    css=STYLE,
    js=Path(__file__).with_name("chart_loader.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def base_path() -> str:
    """The path in front of all addresses, such as /forecast; "" at the root."""
    path = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


def plotly_chart(
    figure: Figure, *, key: str, alt: str, config: dict[str, Any], tell_live: str = ""
) -> None:
    """Draw the figure; `key` is its identity, `alt` what it says in words, `tell_live` the address
    at which its script tells that the page is live, if it should.
    """
    base = base_path()
    _mount(
        key=key,
        data={
            "figure": figure.to_json(),
            "config": json.dumps(config),
            "alt": alt,
            "height": figure.layout["height"],
            "script": base + SCRIPT_ADDRESS,
            "address": base + LIBRARY_ADDRESS,
            "tellLive": tell_live,
        },
    )
