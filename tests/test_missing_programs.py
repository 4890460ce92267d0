"""Where a browser or PostgreSQL is missing, the summary says so once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests import conftest
from tests.programs import Program, split_runnable

ROOT = Path(__file__).parents[1]


def test_one_line_says_that_browser_tests_did_not_run_and_fails_the_run_where_ci_is_set(
    tmp_path: Path,
) -> None:
    """Of a file of browser tests and one without, where no browser is to be found."""
    nowhere = {"PATH": str(tmp_path), "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path)}
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("-n", "1"),  # a worker hands over what it misses
            *("tests/browser/test_labels.py", "tests/forecasting/test_units.py"),
        ],
        cwd=ROOT,
        env=os.environ | nowhere | {"CI": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1, ran.stdout
    assert ran.stdout.count("NO BROWSER: ") == 1
    assert "tests did not run" in ran.stdout
    assert "SKIPPED" not in ran.stdout
    assert "passed" in ran.stdout
    assert "failed" not in ran.stdout


@pytest.mark.parametrize(
    ("ci", "exit_code"), [("true", pytest.ExitCode.TESTS_FAILED), ("", pytest.ExitCode.OK)]
)
def test_a_missing_program_fails_a_run_only_where_ci_is_set(
    monkeypatch: pytest.MonkeyPatch, ci: str, exit_code: pytest.ExitCode
) -> None:
    monkeypatch.setenv("CI", ci)
    config = SimpleNamespace(stash={conftest.MISSING: ["NO BROWSER: 1 tests did not run."]})
    session = SimpleNamespace(config=config, exitstatus=pytest.ExitCode.OK)
    conftest.pytest_sessionfinish(session)  # type: ignore[arg-type]
    assert session.exitstatus == exit_code


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
