"""How much a page makes of the code run: `python -m benchmarks structure`.

Counts the files of this project that a fresh /cost?model=GPT-3 enters and those that its rerun
without a change enters, the scenarios that a fresh /plan constructs, and the files and lines of the
product. Each page is opened once before, so that imports and shared caches are not counted.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from pydantic import BaseModel
from streamlit.testing.v1 import AppTest

from forecasting.scenario import Scenario

ROOT = Path(__file__).parents[1]
PRODUCT = ("dashboard", "forecasting", "app.py")


def run() -> None:
    """Print the counts."""
    cost = page("cost", model="GPT-3")
    cost.run()
    fresh, rerun = page("cost", model="GPT-3"), cost
    print("structure")
    print(f"  files entered by a fresh /cost?model=GPT-3: {len(files_entered(fresh.run))}")
    print(f"  files entered by its rerun without a change: {len(files_entered(rerun.run))}")
    page("plan").run()
    with constructions() as made:
        page("plan").run()
    print(f"  scenarios constructed by a fresh /plan: {len(made)}")
    files = product_files()
    lines = sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)
    print(f"  product: {len(files):,} files, {lines:,} lines")


def page(name: str, **query: str) -> AppTest:
    """A page in a new session, without the frame around it; not yet run."""
    test = AppTest.from_function(_show, default_timeout=120, args=(name,))
    for parameter, value in query.items():
        test.query_params[parameter] = value
    return test


def _show(name: str) -> None:
    # AppTest runs the source of this function alone.
    from dashboard.pages.registry import PAGES
    from dashboard.pages.run import run

    run(PAGES[name])


def product_files() -> list[Path]:
    """The Python files of the product."""
    folders = [ROOT / name for name in PRODUCT if (ROOT / name).is_dir()]
    return [*(ROOT / name for name in PRODUCT if (ROOT / name).is_file())] + [
        file for folder in folders for file in sorted(folder.rglob("*.py"))
    ]


def files_entered(action: Callable[[], Any]) -> set[str]:
    """The files of the product in which a function is called, in this thread or in new ones."""
    entered: set[CodeType] = set()

    def note(frame: FrameType, event: str, argument: object) -> None:
        del argument
        if event == "call":
            entered.add(frame.f_code)

    threading.setprofile(note)
    sys.setprofile(note)
    try:
        action()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
    product = {str(file) for file in product_files()}
    return {code.co_filename for code in entered} & product


@contextmanager
def constructions() -> Iterator[list[str]]:
    """The scenarios that are validated meanwhile, by class name."""
    made: list[str] = []
    original = BaseModel.__init__

    def counted(self: BaseModel, /, **values: Any) -> None:
        if isinstance(self, Scenario):
            made.append(type(self).__name__)
        original(self, **values)

    BaseModel.__init__ = counted  # type: ignore[method-assign]
    try:
        yield made
    finally:
        BaseModel.__init__ = original  # type: ignore[method-assign]
