"""What a browser calls a page in a state: on its tab, in its history and among its bookmarks."""

from __future__ import annotations

from typing import Any

from dashboard.export.downloads import short_amount
from dashboard.export.exports import PRODUCT, UNNAMED, rows_of_inputs
from dashboard.pages.declaration import Page
from dashboard.state.page_state import PageState

#: Inputs that are named beside the years, and how long the name of one may be.
MAX_INPUTS, MAX_LETTERS = 2, 24
_YEARS = ("first_year", "last_year", "until_year", "horizon_year", "year")


def page_title(page: Page, state: PageState[Any, Any]) -> str:
    """The page, the section in view where it is not the first, and the inputs that differ from
    their defaults: “Plan: $40M a year to 2029 · Compute Forecast”.
    """
    section, parts = state.section, []
    if section.entry != next(iter(page.entries)):
        parts.append(section.entry_label)
    inputs = section.inputs.of(state.scenario)
    changed = [row for row in rows_of_inputs(inputs) if not row["is_default"]]
    named = [row for row in changed if row["name"] not in (*UNNAMED, *_YEARS)]
    named.sort(key=lambda row: row["unit"] != "USD")
    is_total = getattr(inputs, "budget_for", "") == "all_years"
    words = [words for row in named if (words := _words(row, is_total))][:MAX_INPUTS]
    last = next((row["value"] for row in reversed(changed) if row["name"] in _YEARS), None)
    if last is not None:
        words.append(f"to {last}")
    if words:
        parts.append(" ".join(words) if last is not None else ", ".join(words))
    name = page.menu_title if page.path else "Overview"
    return f"{name}: {', '.join(parts)} · {PRODUCT}" if parts else f"{name} · {PRODUCT}"


def _words(row: dict[str, Any], is_total: bool) -> str:
    """An input in few words; none where it takes many. `is_total` says that a budget is for all
    years.
    """
    value, unit = row["value"], row["unit"]
    if isinstance(value, bool):
        return ""
    if isinstance(value, int | float):
        amount = short_amount(value)
        if unit == "USD":
            of_plan = " in all" if is_total else " a year"
            return f"${amount}{of_plan if row['name'] == 'budget_usd' else ''}"
        return f"{amount} {unit}" if unit in ("FLOP", "tokens", "parameters") else ""
    text = str(value)
    # With an underscore it is a name of ours, for which the page has other words.
    return text if unit == "name" and len(text) <= MAX_LETTERS and "_" not in text else ""
