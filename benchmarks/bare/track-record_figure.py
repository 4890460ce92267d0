"""The yardstick: one slider, and the very figure that the page Track record draws for that cut-off.
Its forecasts are made beforehand.
"""

import streamlit as st

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.past_forecast import past_forecast_chart
from forecasting.evaluation.track_record import track_record
from forecasting.evaluation.track_record_scenario import TrackRecordScenario


@st.cache_resource
def results():
    return {
        year: track_record(TrackRecordScenario(cut_off_year=year)) for year in range(2013, 2027)
    }


year = st.slider("Forecast as of 1 January", 2013, 2026, 2020, key="year")
result = results()[year]
chart = past_forecast_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
