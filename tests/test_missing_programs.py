"""Where a browser or PostgreSQL is missing, the summary says so once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.programs import Program, split_runnable

ROOT = Path(__file__).parents[1]


def run_without_browser(
    empty: Path, *options: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Runs a file of browser tests and one without, where no browser is to be found."""
    environment = os.environ | {"PATH": str(empty), "PLAYWRIGHT_BROWSERS_PATH": str(empty)}
    environment = {k: v for k, v in environment.items() if k != "CI"} | variables
    files = ["tests/browser/test_labels.py", "tests/forecasting/test_units.py"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, *files],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_one_line_says_that_browser_tests_did_not_run(tmp_path: Path) -> None:
    ran = run_without_browser(tmp_path, "-n", "1")  # a worker hands over what it misses
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("NO BROWSER: ") == 1
    assert "tests did not run" in ran.stdout
    assert "SKIPPED" not in ran.stdout
    assert "passed" in ran.stdout


def test_a_missing_browser_fails_the_run_where_ci_is_set(tmp_path: Path) -> None:
    ran = run_without_browser(tmp_path, CI="true")
    assert ran.returncode == 1, ran.stdout
    assert ran.stdout.count("NO BROWSER: ") == 1


MISSING = Program("Oracle", "oracle", lambda: None, "Install it.")


@pytest.mark.parametrize("database", ["sqlite", "oracle"])
def test_a_program_may_be_needed_by_one_parameter(
    request: pytest.FixtureRequest, database: str
) -> None:
    able, unable, lines = split_runnable([request.node], (MISSING,))
    if database == "oracle":
        assert (able, unable) == ([], [request.node])
        assert lines == ["NO ORACLE: 1 tests did not run. Install it."]
    else:
        assert (able, unable, lines) == ([request.node], [], [])


def test_what_is_found_runs(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    found = Program("temporary folder", "tmp_path", lambda: tmp_path, "")
    assert split_runnable([request.node], (found,)) == ([request.node], [], [])
