"""Styles and scripts of ours that every run of a page sends."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent


@dataclass(frozen=True)
class OwnHtml:
    """HTML for `st.html`, its indentation taken out once: of a plain text Streamlit takes it out at
    every run.
    """

    text: str

    @classmethod
    def of(cls, text: str) -> OwnHtml:
        """The HTML as Streamlit would send the text."""
        return cls(dedent(text).strip())

    def _repr_html_(self) -> str:
        return self.text
