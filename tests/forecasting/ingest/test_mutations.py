"""Files as people write and change them: a reading is right, or asks, or refuses; none is wrong
without a word. `python -m benchmarks reading` prints the whole score sheet.
"""

from __future__ import annotations

import numpy as np
import pytest

from tests.forecasting.ingest.mutations import BASES
from tests.forecasting.ingest.reading_scores import (
    counted,
    scores_of_cases,
    scores_of_mutations,
    scores_of_peoples_files,
    verdict,
)


def test_every_base_is_read_right() -> None:
    found = {verdict(table.content, [np.array(table.runs)]) for table in BASES.values()}
    assert found == {"right"}


def test_every_case_is_read_right_or_asked_about() -> None:
    counts, wrong = counted(scores_of_cases())
    assert not wrong
    assert not counts["refused"]


def test_some_ways_of_writing_two_tables_are_read_right_asked_about_or_refused() -> None:
    counts, wrong = counted(scores_of_mutations(["three columns", "data and compute"], step=6))
    assert not wrong
    assert counts["right"] > 12
    assert counts["refused"] < 0.1 * counts.total()


def test_some_files_as_people_write_them_are_not_misread() -> None:
    counts, wrong = counted(scores_of_peoples_files(step=4))
    assert not wrong
    assert counts["right"] > 0.7 * counts.total()


@pytest.mark.soak
def test_no_file_as_people_write_them_is_misread_without_a_word() -> None:
    counts, wrong = counted(scores_of_peoples_files())
    assert not wrong
    assert counts["right"] > 0.75 * counts.total()


@pytest.mark.soak
def test_no_way_of_writing_any_table_is_misread_without_a_word() -> None:
    counts, wrong = counted(scores_of_mutations())
    assert not wrong
    assert counts.total() > 550
    assert counts["right"] > 0.6 * counts.total()
    assert counts["refused"] < 0.1 * counts.total()
