from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: The rooms of the engine from the ground up: each may use those before it, and none after it.
ROOMS = ("core", "trends", "laws", "fits", "reading", "cost", "scaling", "text", "inference", "planning", "glance", "own", "judging")


def test_importing_the_engine_loads_neither_streamlit_nor_plotly() -> None:
    code = "import sys, forecasting; print([m for m in ('streamlit', 'plotly', 'statsmodels', 'dashboard', 'altair') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("folder", "banned"), [("forecasting", ("dashboard", "streamlit", "plotly")), ("dashboard", ("app", "tests", "benchmarks"))]
)
def test_dependencies_go_one_way(folder: str, banned: tuple[str, ...]) -> None:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{path} imports relatively"
                names = [node.module or ""]
            for name in names:
                assert name.split(".")[0] not in banned, f"{path} imports {name}"


def imported_rooms(tree: ast.AST) -> list[str]:
    """The rooms that a module imports from when it runs; imports for type checkers alone do not count."""
    rooms = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("forecasting."):
            rooms.append(str(node.module).split(".")[1])
        rooms += imported_rooms(node)
    return rooms


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_uses_only_those_below_it(room: str) -> None:
    for path in sorted((ROOT / "forecasting" / room).glob("*.py")):
        for used in imported_rooms(ast.parse(path.read_text())):
            assert ROOMS.index(used) <= ROOMS.index(room), f"{path} imports from {used}"


def test_every_folder_of_the_engine_is_one_of_the_rooms() -> None:
    assert {path.parent.name for path in (ROOT / "forecasting").glob("*/__init__.py")} == set(ROOMS)
