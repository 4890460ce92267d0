from __future__ import annotations

import email
import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import forecasting
from forecasting.data.dataset import TABLES_VARIABLE
from hatch_build import requirement_sections
from tests.packaging.built import ROOT
from tests.server.served import free_port, wait_until_healthy
from tests.vintage import shipped

#: Of which Plotly's script is 0.4.
MAX_WHEEL_MIB = 2.5
FORECAST = (
    "import forecasting as fc; from forecasting.data.dataset import BUNDLED_FOLDER;"
    "print(fc.__file__); print(BUNDLED_FOLDER);"
    "print(fc.model_cost(fc.CostScenario(model='GPT-3')).answer)"
)


def output_of(command: Sequence[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != TABLES_VARIABLE} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_packages_tables_and_what_the_dashboard_serves(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    assert wheel.stat().st_size < MAX_WHEEL_MIB * 2**20
    tables = {f"forecasting/datasets/{info.file}" for info in shipped().catalogue.values()}
    assert names >= tables | {
        "forecasting/py.typed",
        "forecasting/datasets/datapackage.json",
        "dashboard/launch/app.py",
        "dashboard/launch/.streamlit/config.toml",
        "compute_forecast/main.py",
        f"compute_forecast-{forecasting.__version__}.dist-info/licenses/LICENSE",
    }
    beside_modules = {
        path.relative_to(ROOT).as_posix()
        for package in ("forecasting", "dashboard", "compute_forecast")
        for path in (ROOT / package).rglob("*.*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert beside_modules <= names
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"forecasting", "dashboard", "compute_forecast"}


def test_what_the_wheel_requires_is_what_the_requirements_files_list(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = email.message_from_bytes(archive.read(name))
    required = [Requirement(line) for line in metadata.get_all("Requires-Dist", [])]
    listed = [
        Requirement(line)
        for file in ("requirements.txt", "requirements-postgresql.txt")
        for line in (ROOT / file).read_text().splitlines()
        if line[:1].isalpha()
    ]
    assert {(each.name, each.specifier) for each in required} == {
        (each.name, each.specifier) for each in listed
    }
    of_the_dashboard = {
        each.name
        for each in required
        if each.marker and each.marker.evaluate({"extra": "dashboard"})
    }
    assert of_the_dashboard == {
            "streamlit", "orjson", "brotli", "sqlalchemy", "pillow", "pypdfium2",
            "reportlab", "python-docx", "xlsxwriter",
        }  # fmt: skip
    assert metadata["License-Expression"] == "MIT"


def test_a_requirement_in_no_section_is_refused() -> None:
    assert requirement_sections("# [a]\nx>=1  # why\n\n# [b]\ny\n") == {"a": ["x>=1"], "b": ["y"]}
    with pytest.raises(ValueError, match="stands in no section"):
        requirement_sections("x>=1\n# [a]\ny\n")


def test_the_unpacked_wheel_forecasts_from_its_own_tables(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    empty = tmp_path / "empty"
    empty.mkdir()
    said = output_of([sys.executable, "-c", FORECAST], empty, PYTHONPATH=str(place)).splitlines()
    assert said[0] == str(place / "forecasting" / "__init__.py")
    assert said[1] == str(place / "forecasting" / "datasets")
    assert said[2].startswith("Repeating GPT-3's training run")
    code = "from compute_forecast.serve import script; from dashboard.store.settings import "
    code += "default_file; print(script()); print(default_file())"
    script, store = output_of(
        [sys.executable, "-c", code], empty, PYTHONPATH=str(place), XDG_DATA_HOME=str(tmp_path)
    ).splitlines()
    assert script == str(place / "dashboard" / "launch" / "app.py")
    assert store == str(tmp_path / "compute-forecast" / "shared.sqlite3")


@pytest.mark.soak
def test_a_clean_environment_forecasts_without_the_dashboard_and_then_serves_it(
    wheel: Path, tmp_path: Path
) -> None:
    place = tmp_path / "venv"
    venv.create(place, with_pip=True)
    python, command = place / "bin" / "python", str(place / "bin" / "compute-forecast")
    install = [str(python), "-m", "pip", "install", "--quiet"]
    empty = tmp_path / "empty"
    empty.mkdir()

    output_of([*install, str(wheel)], empty)
    installed = json.loads(output_of([str(python), "-m", "pip", "list", "--format=json"], empty))
    assert not {"streamlit", "plotly", "sqlalchemy"} & {each["name"] for each in installed}
    said = output_of([str(python), "-c", FORECAST], empty).splitlines()
    assert said[0].startswith(str(place))
    shown = json.loads(output_of([command, "cost", "--json", "--model", "GPT-3"], empty))
    assert shown["answer"].startswith("Repeating GPT-3's training run")
    refused = subprocess.run([command, "serve"], cwd=empty, capture_output=True, text=True)
    assert refused.returncode == 1
    assert "pip install 'compute-forecast[dashboard]'" in refused.stderr

    output_of([*install, f"{wheel}[dashboard]"], empty)
    port = free_port()
    process = subprocess.Popen(
        [command, "serve", f"--port={port}"],
        cwd=empty,
        env=os.environ | {"XDG_DATA_HOME": str(tmp_path / "share")},
    )
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait(timeout=30)
    assert list(empty.iterdir()) == []
