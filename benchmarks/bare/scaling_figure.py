"""The yardstick: one slider, and the very figure that the page Scaling laws draws for it. Its
forecasts are made beforehand.
"""

import streamlit as st

from benchmarks.timed_pages import IMAGES
from dashboard.charts import style
from dashboard.charts.architectures import architectures_chart
from dashboard.charts.builder import ChartBuilder
from forecasting.formatting import in_words
from forecasting.scaling.architectures import architectures
from forecasting.scaling.scaling_scenario import ScalingScenario


@st.cache_resource
def results():
    return {at: architectures(ScalingScenario(at_examples=at)) for at in IMAGES}


at = st.select_slider("Compare at (images seen)", IMAGES, 3e8, format_func=in_words, key="at")
result = results()[at]
chart = architectures_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
