"""The yardstick: one slider, and the very figure that the page Your runs draws for that size. Its
forecasts are made beforehand.
"""

import streamlit as st

from benchmarks.timed_pages import SIZES
from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.own_law import own_law_chart
from forecasting.formatting import in_words
from forecasting.reporting.user_runs_answers import target_answer
from forecasting.user_runs.own_runs import RunsScenario, own_runs


@st.cache_resource
def results():
    return {size: own_runs(RunsScenario(target_params=size)) for size in SIZES}


size = st.select_slider("Big run: parameters", SIZES, 7e10, format_func=in_words, key="size")
result = results()[size]
chart = own_law_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=f"{result.answer} {target_answer(result)}",
    config=style.toolbar("bare", "svg"),
)
