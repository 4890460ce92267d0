"""The yardstick: one slider, and the very figure that the page Running out of text draws for that
horizon. Its forecasts are made beforehand.
"""

import streamlit as st

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.text_exhaustion import text_exhaustion_chart
from forecasting.text_limits.text_exhaustion import text_exhaustion
from forecasting.text_limits.text_scenario import TextScenario


@st.cache_resource
def results():
    return {year: text_exhaustion(TextScenario(horizon_year=year)) for year in range(2030, 2066)}


year = st.slider("Look ahead to", 2030, 2100, 2050, key="year")
result = results()[year]
chart = text_exhaustion_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
