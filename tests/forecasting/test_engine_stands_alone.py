from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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
