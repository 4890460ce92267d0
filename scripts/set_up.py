"""Set up the virtual environment: `python3 scripts/set_up.py .venv requirements.txt`, as make does.

It uses uv where that is installed and pip otherwise, whose progress is shown. What goes wrong ends
in one sentence that says what to do. Nothing is installed yet when this runs, and Python may be too
old, so it keeps to the standard library and to the syntax of Python 3.6.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

MIN_PYTHON = (3, 11)
#: Interpreters to look for where the one that runs this is too old, the newest first.
NEWER_PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
DEFAULT_INDEX = "https://pypi.org/simple"
#: What an installation takes; and what a disk is at most left with when it was full.
MIN_FREE_MB = 1000
MAX_FULL_MB = 50
PROBE_TIMEOUT_S = 10


class SetUpError(Exception):
    """Why the set-up ended, in one sentence for the user."""


def free_mb(folder: Path) -> int:
    """Megabytes free where the folder is or will be."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(str(folder)).free // 10**6


def check_disk(folder: Path, needed_mb: int) -> None:
    """Raise SetUpError where less is free."""
    free = free_mb(folder)
    if free < needed_mb:
        raise SetUpError(
            f"The disk is full: {folder} has {free} MB free, and the set-up needs about"
            f" {MIN_FREE_MB} MB. Make room, or put the environment on another disk: make run"
            " VENV=/path/to/venv"
        )


def package_index() -> str:
    """The address that packages come from, as the environment sets it."""
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL") if shutil.which("uv") else ("PIP_INDEX_URL",)
    return next((os.environ[name] for name in names if os.environ.get(name)), DEFAULT_INDEX)


def check_index(index: str) -> None:
    """Raise SetUpError where nothing answers at the address; any answer will do."""
    try:
        urllib.request.urlopen(index, timeout=PROBE_TIMEOUT_S).close()
    except urllib.error.HTTPError:
        pass
    except (OSError, ValueError) as error:
        # The host alone: an address may hold a password.
        raise SetUpError(
            f"The package registry {urllib.parse.urlsplit(index).hostname or index} can't be"
            f" reached ({getattr(error, 'reason', error)}). Check the network and the proxy, or"
            f" name a mirror: {'UV_DEFAULT_INDEX' if shutil.which('uv') else 'PIP_INDEX_URL'}=…"
        ) from None


def suitable_python() -> str:
    """This interpreter, or a newer one where this is too old. What uv can fetch is left to uv."""
    wanted = ".".join(map(str, MIN_PYTHON))
    if sys.version_info[:2] >= MIN_PYTHON:
        return sys.executable
    if shutil.which("uv"):
        return f">={wanted}"
    newer = next(filter(None, map(shutil.which, NEWER_PYTHONS)), None)
    if newer is None:
        found = ".".join(map(str, sys.version_info[:2]))
        raise SetUpError(
            f"Python {wanted} or newer is needed, and {sys.executable} is {found}. Install one"
            f" and name it: make run PYTHON=/path/to/python{wanted}"
        )
    return newer


def run(command: "list[str]", venv: Path) -> None:
    """Run a step with its output in sight; a failure is explained by what can be found out."""
    if subprocess.call(command) == 0:
        return
    for folder in (venv, Path(tempfile.gettempdir()), Path.home()):
        check_disk(folder, MAX_FULL_MB)
    check_index(package_index())
    raise SetUpError(f"The set-up failed; the lines above say why. Failed: {' '.join(command)}")


def has(python: Path, code: str) -> bool:
    """Whether the interpreter exists and runs the code."""
    command = [str(python), "-c", code]
    return python.exists() and subprocess.call(command, stderr=subprocess.DEVNULL) == 0


def create(venv: Path) -> None:
    """Make the virtual environment; one that was left half made is replaced."""
    if has(venv / "bin" / "python", "pass"):
        return
    check_disk(venv, MIN_FREE_MB)
    python, uv = suitable_python(), shutil.which("uv")
    print(f"Making a virtual environment in {venv}", flush=True)
    if uv:
        run([uv, "venv", "--quiet", "--clear", "--python", python, str(venv)], venv)
    else:
        run([python, "-m", "venv", "--clear", str(venv)], venv)


def install(venv: Path, requirements: str) -> None:
    """Install the packages that a requirements file lists."""
    python, uv = venv / "bin" / "python", shutil.which("uv")
    name = "uv" if uv else "pip; uv would be faster: https://docs.astral.sh/uv"
    print(f"Installing the packages of {requirements} ({name})", flush=True)
    if uv:
        run([uv, "pip", "install", "--python", str(python), "-r", requirements], venv)
        return
    if not has(python, "import pip"):  # made by uv
        run([str(python), "-m", "ensurepip"], venv)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check"]
    run([*pip, "-r", requirements], venv)


def main() -> None:
    """Set up the environment that the arguments name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("venv", type=Path)
    parser.add_argument("requirements")
    arguments = parser.parse_args()
    try:
        create(arguments.venv)
        install(arguments.venv, arguments.requirements)
    except SetUpError as error:
        sys.exit(f"\n{error}")


if __name__ == "__main__":
    main()
