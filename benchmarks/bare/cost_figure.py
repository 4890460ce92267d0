"""The yardstick: one slider, and the very figure that the cost page draws for that year. Its
forecasts are made beforehand.
"""

import streamlit as st

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.model_cost import model_cost_chart
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario


@st.cache_resource
def results():
    return {year: model_cost(CostScenario(year=year)) for year in range(2010, 2046)}


year = st.slider("Year of training", 2010, 2045, 2030, key="year")
result = results()[year]
chart = model_cost_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
