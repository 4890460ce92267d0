"""The page Your runs in Streamlit's test harness: files dropped on it, and its fields by label."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.dashboard.harness import page_alone

PAGE = "runs"
#: As few resamples as the first number comes from, so that a page shows its last one at once.
QUICK = {"v": "1", "resamples": "100"}
FIXTURES = Path(__file__).parents[1] / "fixtures" / "runs"


def uploaded(*files: str | tuple[str, bytes]) -> AppTest:
    """The page with these files, by name among the fixtures or as name and content."""
    return drop(page_alone(PAGE, QUICK), *files)


def drop(test: AppTest, *files: str | tuple[str, bytes]) -> AppTest:
    """The page once these files have been dropped on it."""
    for each in files:
        name, content = (each, (FIXTURES / each).read_bytes()) if isinstance(each, str) else each
        test.file_uploader[0].upload(name, content, "text/csv")
    return test.run()


def selected(test: AppTest, label: str) -> Any:
    """The list of that label."""
    return next(box for box in test.selectbox if box.label == label)


def typed(test: AppTest, label: str) -> Any:
    """The text field of that label."""
    return next(field for field in test.text_input if field.label == label)
