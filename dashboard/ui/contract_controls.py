"""The controls of the terms on which chips are rented, as several pages have them."""

from __future__ import annotations

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.ui.controls import Controls
from forecasting.compute_cost.lost_work import LostWorkFields
from forecasting.formatting import significant

CONTRACTS = {
    "on_demand": "On demand",
    "spot": "Spot",
    "marketplace": "On a marketplace",
    "one_year": "For one year",
    "three_year": "For three years",
}


def lost_work_controls(controls: Controls, fields: LostWorkFields) -> None:
    """What preemption costs a run on spot chips."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.number("preemptions_per_day", step=0.5, form="%g")
        controls.number("checkpoint_minutes", step=1, form="%g")
        controls.number("restart_minutes", step=5, form="%g")
        controls.number("checkpoint_interval_minutes", step=5, empty="Young/Daly", form="%g")
    st.caption(escape_markdown(lost_work_words(fields)))


def lost_work_words(fields: LostWorkFields) -> str:
    """How often the run saves its state, and what share of paid hours is lost."""
    interval = f"{significant(fields.interval_minutes, 2)} minutes"
    if fields.checkpoint_interval_minutes is None:
        interval += " (the interval of Young and Daly, which loses the least work)"
    return f"A checkpoint every {interval}: {fields.lost_share:.1%} of paid hours are lost."
