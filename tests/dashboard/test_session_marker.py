"""What a tab tells of an earlier session, checked before it is shown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.ui.session_marker import LostRuns, mark_in

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("mark", "lost"),
    [
        ({"session": "a", "runs": 18, "share": ""}, LostRuns(18, "")),
        ({"session": "a", "runs": 18, "share": "Ab_9-x"}, LostRuns(18, "Ab_9-x")),
        ({"session": "a", "runs": 18, "share": "../delete?token=1"}, LostRuns(18, "")),
        ({"session": "a", "runs": 0, "share": ""}, None),
        ({"session": "a", "runs": "18"}, None),
        ({"session": "a", "runs": True}, None),
        (None, None),
    ],
)
def test_a_mark_is_read_and_a_name_that_is_no_link_is_dropped(
    mark: Any, lost: LostRuns | None
) -> None:
    assert mark_in(mark) == lost


@given(JSON, JSON)
def test_whatever_a_browser_sends_is_a_mark_or_none(runs: Any, share: Any) -> None:
    for value in (runs, {"runs": runs, "share": share}):
        found = mark_in(value)
        assert found is None or (found.runs > 0 and "/" not in found.share)
