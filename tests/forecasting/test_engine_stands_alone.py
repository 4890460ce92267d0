from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import forecasting

ROOT = Path(__file__).parents[2]

#: Modules and packages of the engine from the ground up: each may use those before it, and none
#: after it.
LAYERS = (
    "answers", "arrays", "units", "formatting", "errors", "parsing", "validation", "stats", "data",
    "scenario",
    "trends", "laws", "fitting", "ingest", "context",
    "compute_cost", "supply", "scaling", "text_limits", "serving", "inference", "planning",
    "user_runs", "evaluation", "reporting", "sweeps", "refreshing",
)  # fmt: skip


def test_importing_the_engine_loads_neither_streamlit_nor_plotly() -> None:
    # scipy.stats takes as long to import as the rest of the engine; scipy.special has its numbers.
    code = (
        "import sys; from forecasting import *; print([m for m in ('streamlit', 'plotly',"
        " 'statsmodels', 'scipy.stats', 'dashboard', 'altair') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_imported_when_it_is_first_used() -> None:
    assert set(forecasting._modules()) == set(forecasting.__all__) <= set(dir(forecasting))
    for name, (module, in_module) in forecasting._modules().items():
        assert getattr(forecasting, name) is getattr(importlib.import_module(module), in_module)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = forecasting.nothing  # type: ignore[attr-defined]


def test_importing_the_engine_loads_no_heavy_library() -> None:
    code = (
        "import sys, forecasting; print([m for m in ('numpy', 'pandas', 'scipy', 'pydantic',"
        " 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("folder", "banned"),
    [
        ("forecasting", ("dashboard", "compute_forecast", "streamlit", "plotly")),
        ("dashboard", ("app", "compute_forecast", "tests", "benchmarks")),
        ("compute_forecast", ("app", "plotly", "tests", "benchmarks")),
    ],
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


def imported_layers(tree: ast.AST) -> list[str]:
    """The layers that a module imports from, for type checkers alone or not."""
    layers = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("forecasting."):
            layers.append(str(node.module).split(".")[1])
        layers += imported_layers(node)
    return layers


@pytest.mark.parametrize("layer", LAYERS)
def test_a_layer_uses_only_those_below_it(layer: str) -> None:
    folder = ROOT / "forecasting" / layer
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]:
        for used in imported_layers(ast.parse(path.read_text())):
            assert LAYERS.index(used) <= LAYERS.index(layer), f"{path} imports from {used}"


def test_every_module_and_package_of_the_engine_is_one_of_the_layers() -> None:
    found = {
        path.stem
        for path in (ROOT / "forecasting").iterdir()
        if path.stem[0] not in "_." and (path.is_dir() or path.suffix == ".py")
    }
    assert found == set(LAYERS)
