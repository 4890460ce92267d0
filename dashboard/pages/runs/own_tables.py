"""Newer tables and own prices that came in: what they are, what they change, and the way back."""

from __future__ import annotations

import streamlit as st

from dashboard.escaping import escape_markdown
from dashboard.pages.runs import intake as run_intake
from dashboard.pages.runs.intake import Intake
from dashboard.state import own_data
from dashboard.ui.navigation import pages
from forecasting.inference.sampled_model import OWN_COUNTS

PROBLEMS_IN_SIGHT = 5


def show_own_tables(taken: Intake) -> None:
    """Offers of newer tables, and the prices in use."""
    held = own_data.own()
    for release, changes in taken.newer:
        lines = "\n".join(f"- {escape_markdown(line)}" for line in changes)
        st.info(
            f"{escape_markdown(release.answer)}\n\n**What it changes**\n\n{lines}",
            icon=":material/dataset:",
        )
        if held.frames.get(release.table) is release.frame:
            st.button(
                "Back to the bundled table",
                on_click=own_data.drop_frame,
                args=(release.table,),
                key=f"runs.drop.{release.table}",
            )
        else:
            st.button(
                "Use it on all pages",
                type="primary",
                on_click=run_intake.use_newer,
                args=(release,),
                key=f"runs.newer.{release.table}",
            )
    if held.prices is not None:
        problems = [
            f"- {escape_markdown(str(problem))}"
            for problem in held.prices.problems[:PROBLEMS_IN_SIGHT]
        ]
        more = len(held.prices.problems) - len(problems)
        rest = [f"- … and {more} more"] if more else []
        st.success(
            "\n".join([escape_markdown(held.prices.answer), "", *problems, *rest]),
            icon=":material/payments:",
        )
        st.button(
            "Back to the market's prices",
            on_click=own_data.drop_prices,
            key="runs.drop.prices",
            icon=":material/undo:",
        )
    if held.counts is not None:
        st.success(
            f"Your counts of {len(held.counts):,} problems are used on the page Train or infer.",
            icon=":material/checklist:",
        )
        st.page_link(
            pages()["inference"],
            label="See them there",
            icon=":material/arrow_forward:",
            query_params={"v": "1", "sampled_model": OWN_COUNTS},
        )
