from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

import forecasting

ROOT = Path(__file__).parents[2]


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_citation_and_changelog_agree_on_the_version() -> None:
    citation = yaml.safe_load(text_of("CITATION.cff"))
    released = re.findall(
        r"^## \[(\d+\.\d+\.\d+)\] - (\d{4}-\d{2}-\d{2})$", text_of("CHANGELOG.md"), re.M
    )
    assert released[0] == (forecasting.__version__, citation["date-released"])
    assert citation["version"] == forecasting.__version__
    assert citation["license"] == "MIT"
    assert released == sorted(released, key=lambda each: each[1], reverse=True)


def test_the_changelog_has_an_unreleased_section_and_only_the_usual_headings() -> None:
    changelog = text_of("CHANGELOG.md")
    assert changelog.index("## [Unreleased]") < changelog.index("## [0.")
    usual = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", changelog, re.M)) <= usual


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_files_and_make_targets_named_in_a_page_exist(name: str) -> None:
    text = text_of(name)
    for path in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (ROOT / path).exists(), path
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.M))
    assert (
        set(re.findall(r"\bmake (run|test|soak|lint|bench|docs|lock|licences)\b", text)) <= targets
    )


@pytest.mark.parametrize(
    ("job", "script", "targets"),
    [("test", ".ci/run", ["test"]), ("check", ".ci/check", ["lint", "docs"])],
)
def test_the_workflow_runs_the_same_scripts_as_everyone(
    job: str, script: str, targets: list[str]
) -> None:
    workflow = yaml.safe_load(text_of(".github/workflows/ci.yml"))
    commands = [step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step]
    assert commands == [f"bash {script}"]
    assert re.findall(r"^make (\w+)$", text_of(script), re.M) == targets


def test_hooks_before_a_commit_run_the_tools_of_make_lint() -> None:
    hooks = yaml.safe_load(text_of(".pre-commit-config.yaml"))["repos"][0]["hooks"]
    entries = [hook["entry"].removeprefix(".venv/bin/").split() for hook in hooks]
    lint = text_of("Makefile").split("\nlint:")[1].split("\n\n")[0]
    assert {entry[0] for entry in entries if entry[0] != "make"} == set(
        re.findall(r"^\t\$\(BIN\)/(ruff|mypy)", lint, re.MULTILINE)
    )
    assert [entry[-1] for entry in entries if entry[0] == "make"] == re.findall(
        r"\$\(MAKE\) --no-print-directory (\S+)", lint
    )


def test_no_tracked_file_is_ignored() -> None:
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--ignored", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ""
