"""The how-tos are notebooks: each is run, and what it shows is what it gives today."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from docs.generate import notebooks
from docs.how_to_runs import FILE, MAX_FLOP, RUNS, sixty_runs
from forecasting.data.dataset import TABLES_VARIABLE


@pytest.fixture(scope="module")
def given() -> dict[Path, list[list[str]]]:
    """What each how-to gives, one after another in one kernel, whose start takes longer than most;
    none sees a name of another one.
    """
    pytest.importorskip("nbclient", reason="requirements-dev.txt has it")
    import nbformat
    from nbformat.v4 import new_code_cell

    together = nbformat.read(notebooks.paths()[0], as_version=4)
    together.cells, ends = [], {}
    for path in notebooks.paths():
        together.cells += nbformat.read(path, as_version=4).cells
        together.cells.append(new_code_cell("%reset -f"))
        ends[path] = len(together.cells) - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(TABLES_VARIABLE)  # a reader has the tables that the product ships
        notebooks.run_cells(together)
    starts = (0, *(end + 1 for end in ends.values()))
    return {
        path: notebooks.outputs({"cells": together.cells[start:end]})
        for start, (path, end) in zip(starts, ends.items(), strict=False)
    }


@pytest.mark.parametrize("path", notebooks.paths(), ids=lambda path: path.stem)
def test_a_how_to_gives_the_numbers_that_it_shows(
    path: Path, given: dict[Path, list[list[str]]]
) -> None:
    saved = notebooks.outputs(notebooks.read(path))
    assert all(saved)
    assert given[path] == saved, "make notebooks saves the new ones"


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        (
            "budget",
            ["spend 72%", "$80 million (2025 dollars) in all", "Money is the limiting"],
        ),
        ("own_runs", ["2.04, likely 2.01–2.06 (80%)", "33 billion parameters", "by about 23%"]),
        ("article", ["in 2028, likely 2026–2033 (80%)", "chance by the end of 2030: 82%"]),
        ("spreadsheet", ["about $510,000, likely $170,000 to $1.5 million (80%)", "422"]),
    ],
)
def test_the_numbers_of_a_how_to_are_those_of_today(name: str, numbers: list[str]) -> None:
    page = notebooks.page(notebooks.FOLDER / f"{name}.ipynb")
    assert [number for number in numbers if number not in page] == []


def test_a_page_holds_text_code_results_and_the_time_that_they_take() -> None:
    page = notebooks.page(notebooks.FOLDER / "budget.ipynb")
    assert page.startswith("# Budget three years for a board\n")
    assert "```python\nimport forecasting as fc\n" in page
    assert '<div class="output"><div>' in page
    assert "[Download this notebook](budget.ipynb){ download }" in page
    seconds = notebooks.read(notebooks.FOLDER / "budget.ipynb")["metadata"]["seconds"]
    assert f"it takes {seconds} seconds" in page


def test_the_runs_of_the_how_to_are_drawn_from_the_bundled_ones() -> None:
    saved = pd.read_csv(FILE)
    assert len(saved) == RUNS
    assert (6 * saved["params"] * saved["tokens"] <= 1.001 * MAX_FLOP).all()
    pd.testing.assert_frame_equal(saved, sixty_runs().reset_index(drop=True), rtol=1e-5)
