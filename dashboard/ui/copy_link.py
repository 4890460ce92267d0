"""The button *Copy link*: one touch, and the link is in the clipboard."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_STYLE = """
.copy-link { display: inline-flex; align-items: center; gap: 0.6rem; flex-wrap: wrap; }
.copy-link button {
  display: inline-flex; align-items: center; gap: 0.4rem; min-height: 2.25rem;
  padding: 0.25rem 0.7rem; font: 400 0.875rem var(--st-font); cursor: pointer;
  color: var(--st-text-color); background: transparent; white-space: nowrap;
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
.copy-link button:hover { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.copy-link button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
.copy-link [role="status"] {
  max-width: 24rem; font-size: 0.875rem; font-family: var(--st-font); overflow-wrap: anywhere;
}
.copy-link [role="status"]:empty { display: none; }
"""
#: The sign of a link.
_ICON = (
    '<svg width="18" height="18" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">'
    '<path d="M3.9 12a3.1 3.1 0 0 1 3.1-3.1h4V7H7a5 5 0 0 0 0 10h4v-1.9H7A3.1 3.1 0 0 1 3.9 12z'
    "M8 13h8v-2H8v2zm9-6h-4v1.9h4a3.1 3.1 0 0 1 0 6.2h-4V17h4a5 5 0 0 0 0-10z"
    '"/></svg>'
)
_mount = st.components.v2.component(
    "compute_forecast_copy_link",
    html=(
        f'<div class="copy-link"><button type="button">{_ICON}<span class="copy-label">Copy'
        ' link</span></button><span role="status"></span></div>'
    ),
    css=_STYLE,
    js=Path(__file__).with_name("copy_link.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def copy_link(link: str, *, note: str, key: str) -> None:
    """Show the button.

    Parameters
    ----------
    link : str
        What it copies.
    note : str
        What does not go with the link; said when it is copied. Empty where all does.
    key : str
        Its identity.
    """
    _mount(key=key, data={"link": link, "note": note}, width="content")
