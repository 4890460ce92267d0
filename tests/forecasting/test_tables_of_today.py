"""The tables that the product ships: every section draws on them, and their figures beside those of
the vintage (METHODS, section 7).
"""

from __future__ import annotations

import pytest

from forecasting.data.catalogue import RHYTHMS
from tests.vintage import shipped

NAMES = shipped().names


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_how_often_it_changes_and_where_newer_data_come_from(name: str) -> None:
    info = shipped().catalogue[name]
    assert info.rhythm in RHYTHMS
    if info.refresh.adapter is None:
        assert info.refresh.by_hand.endswith(".")
    else:
        assert info.refresh.url is not None
        assert info.refresh.url.startswith("https://")
