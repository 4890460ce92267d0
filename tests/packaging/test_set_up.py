"""The set-up of `make run`: what it installs, and its sentence for each way it can fail."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts import set_up

SCRIPT = Path(set_up.__file__)
UNREACHABLE = "http://user:secret@127.0.0.1:9/simple"


def set_up_with(
    interpreter: str | Path, venv: Path, requirements: Path, path: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the script as make does, with only what is in `path` to be found."""
    return subprocess.run(
        [str(interpreter), str(SCRIPT), str(venv), str(requirements)],
        env=os.environ | {"PATH": str(path), "PIP_CONFIG_FILE": os.devnull} | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def last_line(ran: subprocess.CompletedProcess[str]) -> str:
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stderr
    return ran.stderr.splitlines()[-1]


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A folder for PATH in which no program is found."""
    (tmp_path / "empty").mkdir()
    return tmp_path / "empty"


@pytest.fixture
def requirements(tmp_path: Path) -> Path:
    """A list with one small package that lies beside it, so that no network is needed."""
    wheel = tmp_path / "pebble-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pebble.py", "weight = 1\n")
        info = "pebble-1.0.dist-info"
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: pebble\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "pebble.py,,\n")
    listed = tmp_path / "requirements.txt"
    listed.write_text(f"{wheel}\n")
    return listed


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """An interpreter that takes itself for Python 3.9."""
    program = (
        "import sys, runpy; sys.version_info = (3, 9, 18, 'final', 0); sys.argv = sys.argv[1:];"
        " runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    wrapper = tmp_path / "python3.9"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{program}" "$@"\n')
    wrapper.chmod(0o755)
    return wrapper


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 6 MB, which only root can make."""
    place = tmp_path / "small"
    place.mkdir()
    mounted = os.getuid() == 0 and (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)],
            check=False,
            capture_output=True,
        ).returncode
        == 0
    )
    if not mounted:
        pytest.skip("NO ROOT: a full disk could not be made; its sentence was not tested.")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("tool", [pytest.param("pip", marks=pytest.mark.soak), "uv"])
def test_it_installs_with_uv_where_that_is_found_and_with_pip_otherwise(
    tool: str, tmp_path: Path, empty: Path, requirements: Path
) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if tool == "uv":
        assert uv is not None
        (empty / "uv").symlink_to(uv)
    venv = tmp_path / "venv"
    ran = set_up_with(sys.executable, venv, requirements, empty)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    first, second = [line for line in ran.stdout.splitlines() if str(tmp_path) in line][:2]
    assert first == f"Making a virtual environment in {venv}"
    assert second.startswith(f"Installing the packages of {requirements} ({tool}")
    subprocess.run([venv / "bin" / "python", "-c", "import pebble"], check=True)


def test_python_too_old_names_what_is_needed(
    tmp_path: Path, empty: Path, requirements: Path, old_python: Path
) -> None:
    line = last_line(set_up_with(old_python, tmp_path / "venv", requirements, empty))
    assert line.startswith("Python 3.11 or newer is needed, and ")
    assert line.endswith(" is 3.9. Install one and name it: make run PYTHON=/path/to/python3.11")
    assert not (tmp_path / "venv").exists()


def test_a_newer_python_that_is_installed_beside_the_old_one_is_taken(
    empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = empty / "python3.12"
    newer.symlink_to(sys.executable)
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setattr(sys, "version_info", (3, 9, 18, "final", 0))
    assert set_up.suitable_python() == str(newer)


def test_a_registry_that_cannot_be_reached_is_named_without_its_password(
    tmp_path: Path, empty: Path
) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("a-package-that-no-one-has==1\n")
    ran = set_up_with(
        sys.executable, Path(sys.prefix), wanted, empty, PIP_INDEX_URL=UNREACHABLE, PIP_RETRIES="0"
    )
    line = last_line(ran)
    assert line.startswith("The package registry 127.0.0.1 can't be reached (")
    assert line.endswith("Check the network and the proxy, or name a mirror: PIP_INDEX_URL=…")
    assert "secret" not in line


def test_a_failure_of_another_kind_points_to_the_lines_above(tmp_path: Path, empty: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wanted.write_text("this is no requirement\n")
    index = wanted.as_uri()  # answers
    ran = set_up_with(sys.executable, Path(sys.prefix), wanted, empty, PIP_INDEX_URL=index)
    assert last_line(ran).startswith("The set-up failed; the lines above say why. Failed: ")
    assert "this is no requirement" in ran.stderr


def test_a_disk_with_too_little_room_is_told_before_anything_is_written(
    small_disk: Path, empty: Path, requirements: Path
) -> None:
    line = last_line(set_up_with(sys.executable, small_disk / "venv", requirements, empty))
    assert line.startswith(f"The disk is full: {small_disk / 'venv'} has 6 MB free")
    assert list(small_disk.iterdir()) == []


def test_a_disk_that_fills_up_meanwhile_is_told_as_such(
    small_disk: Path, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(empty))
    monkeypatch.setattr(set_up, "MIN_FREE_MB", 0)
    with pytest.raises(set_up.SetUpError, match=r"^The disk is full: .* has 0 MB free"):
        set_up.create(small_disk / "venv")
