"""What of a page is sent first: answer, controls and chart, then all the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import local_script_runner

from dashboard.pages.declaration import Page, Section
from tests.dashboard.harness import SECTION_OF_EACH_PAGE, page_alone

#: The name under which the chart's component is registered.
CHART = "compute_forecast_chart"
#: Kinds of elements that hold numbers, and of those that take inputs.
TABLES = {"table", "arrow_data_frame"}
INPUTS = {"slider", "selectbox", "text_input", "number_input", "multiselect", "radio"}
#: Sections whose chart compares what a table above it lists.
LISTED_FIRST = {("scaling", "sets")}


def sent(monkeypatch: pytest.MonkeyPatch, page: Page, section: Section) -> list[ForwardMsg]:
    """The deltas of the first run of a section, in their order."""
    runs: list[Sequence[ForwardMsg]] = []
    parsed = local_script_runner.parse_tree_from_messages

    def noted(messages: list[ForwardMsg]) -> Any:
        runs.append(list(messages))
        return parsed(messages)

    monkeypatch.setattr(local_script_runner, "parse_tree_from_messages", noted)
    test = page_alone(page.name, page.query(section))
    assert not test.exception
    return [each for each in runs[0] if each.WhichOneof("type") == "delta"]


def kinds(deltas: Sequence[ForwardMsg]) -> list[str]:
    """What each of them is: the kind of its element, or that it is a block."""
    found = []
    for each in deltas:
        kind = str(each.delta.WhichOneof("type"))
        if kind == "new_element":
            element = each.delta.new_element
            kind = str(element.WhichOneof("type"))
            if kind == "bidi_component" and element.bidi_component.component_name.endswith(CHART):
                kind = "chart"
        found.append(kind)
    return found


@pytest.mark.parametrize(("page", "section"), SECTION_OF_EACH_PAGE)
def test_answer_and_chart_are_sent_before_what_stands_below_them(
    page: Page, section: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = kinds(sent(monkeypatch, page, section))
    answer = order.index("alert")
    assert not INPUTS & set(order[:answer]), order
    if section.figure:
        chart = order.index("chart")
        assert answer < chart
        if (page.name, section.name) not in LISTED_FIRST:
            assert not TABLES & set(order[:chart]), order
