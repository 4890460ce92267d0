"""The yardstick: one slider, and the very figure that the plan page draws for that horizon. Its
forecasts are made beforehand.
"""

import streamlit as st

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.plan_split import plan_split_chart
from dashboard.ui.progressive import FEW_DRAWS
from forecasting.planning.plan import plan
from forecasting.planning.plan_scenario import PlanScenario


@st.cache_resource
def results():
    return {year: plan(PlanScenario(last_year=year, draws=FEW_DRAWS)) for year in range(2026, 2046)}


year = st.slider("Plan to", 2026, 2045, 2032, key="year")
result = results()[year]
chart = plan_split_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
