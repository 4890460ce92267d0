"""The floor: one slider and one line of 1,000 points."""

import numpy as np
import plotly.graph_objects as go
import streamlit as st

x = st.slider("x", 2010, 2045, 2030, key="x")
t = np.linspace(0, 10, 1000)
chart = go.Figure(go.Scatter(x=t, y=np.sin(t + x), mode="lines"))
chart.add_annotation(x=5, y=0, text=str(x), showarrow=False)
st.plotly_chart(chart, key="chart")
