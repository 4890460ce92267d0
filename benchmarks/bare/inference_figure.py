"""The yardstick: one slider, and the very figure that the page Train or infer draws for that
budget. Its forecasts are made beforehand.
"""

import streamlit as st

from benchmarks.timed_pages import BUDGETS
from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.compute_map import compute_map_chart
from forecasting.formatting import in_dollars
from forecasting.inference.compute_map import compute_map
from forecasting.inference.inference_scenario import InferenceScenario


@st.cache_resource
def results():
    return {usd: compute_map(InferenceScenario(budget_usd=usd)) for usd in BUDGETS}


budget = st.select_slider(
    "Budget for training and answers (USD)", BUDGETS, 1e9, format_func=in_dollars, key="budget"
)
result = results()[budget]
chart = compute_map_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
