"""The yardstick: one slider, and the very figure that the page Supply and contracts draws for these
hours in use. Its forecasts are made beforehand.
"""

import streamlit as st

from benchmarks.timed_pages import SHARES
from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.rent_or_own import rent_or_own_chart
from forecasting.supply.ownership import rent_or_own
from forecasting.supply.ownership_inputs import OwnershipScenario


@st.cache_resource
def results():
    return {share: rent_or_own(OwnershipScenario(utilisation=share)) for share in SHARES}


share = st.slider("Hours in use", 0.0, 1.0, 0.7, 0.01, key="share")
result = results()[round(share, 2)]
chart = rent_or_own_chart(result, ChartBuilder(levels=(0.8,)))
st.plotly_chart(
    {"data": chart.data, "layout": chart.layout},
    key="chart",
    alt=result.answer,
    config=style.toolbar("bare", "svg"),
)
