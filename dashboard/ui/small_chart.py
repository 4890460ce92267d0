"""A small chart that stands in the page as it is: SVG that takes its colours from the page's theme,
without a script that draws it.
"""

from __future__ import annotations

import streamlit as st

#: Streamlit takes SVG out of HTML; a component may hold it.
_mount = st.components.v2.component(
    "compute_forecast_small_chart",
    html='<div class="small-chart"></div>',
    js="""export default function ({ data, parentElement }) {
  const host = parentElement.querySelector(".small-chart");
  if (host.dataset.svg === data.svg) return;
  host.dataset.svg = data.svg;
  host.innerHTML = data.svg;
}""",
    css=".small-chart { color: var(--st-text-color); font-family: var(--st-font); }",
    isolate_styles=False,
)


def small_chart(svg: str, *, key: str) -> None:
    """Show the SVG, which this program has made; `key` is its identity."""
    _mount(key=key, data={"svg": svg})
