"""The pages of the documentation: written by hand, and made from the code."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import forecasting
from compute_forecast.main import COMMANDS
from dashboard.api.openapi import description
from dashboard.pages.data.catalogue import methods
from dashboard.pages.registry import PAGES
from docs.generate import concepts, glossary, reference
from docs.screenshots import FOLDER as PICTURES
from docs.screenshots import SHOTS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def made_pages() -> set[str]:
    """Addresses of the pages that the build makes."""
    return {
        *concepts.pages(), *reference.python_pages(), "reference/cli.md", "reference/http.md",
        glossary.PAGE,
    }  # fmt: skip


def written_pages() -> list[Path]:
    return [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), *DOCS.rglob("*.ipynb")]


def test_every_link_of_a_written_page_leads_to_a_file_or_a_page_that_is_made() -> None:
    made = {(DOCS / uri).resolve() for uri in made_pages()}
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in written_pages()
        for link in LINK.findall(page.read_text(encoding="utf-8"))
        if not (target := (page.parent / link).resolve()).exists() and target not in made
    ]
    assert not broken


def addresses(nav: list[Any]) -> list[str]:
    found = []
    for entry in nav:
        [target] = entry.values()
        found += addresses(target) if isinstance(target, list) else [target]
    return found


def test_the_navigation_names_every_page_once() -> None:
    [nav] = re.findall(r"^nav:\n(?:[ -].*\n)+", (ROOT / "mkdocs.yml").read_text("utf-8"), re.M)
    named = addresses(yaml.safe_load(nav)["nav"])
    folders = [each for each in named if each.endswith("/")]
    pages = {
        str(path.relative_to(DOCS)) for path in written_pages() if path.is_relative_to(DOCS)
    } | {uri for uri in made_pages() if not uri.startswith(tuple(folders))}
    assert sorted(set(named) - set(folders)) == sorted(pages)
    assert len(named) == len(set(named))
    assert all(any(uri.startswith(folder) for uri in made_pages()) for folder in folders)


def test_every_page_of_the_dashboard_has_a_picture_and_all_pictures_can_be_made() -> None:
    assert set(PAGES) <= set(SHOTS)
    without = set(SHOTS) - {path.stem for path in PICTURES.iterdir()}
    assert not without, f"run python -m docs.screenshots {' '.join(sorted(without))}"
    assert {path.stem for path in PICTURES.iterdir()} == set(SHOTS)


def test_concepts_hold_every_method_of_the_dashboard_and_the_formulas_of_its_sections() -> None:
    text = "\n".join(concepts.pages().values())
    for method in methods():
        assert f"`{method.where}`" in text
    for page in PAGES.values():
        for section in page.sections:
            for formula, _ in concepts.formulas(section):
                assert f"$$\n{formula}\n$$" in text


def test_a_section_that_shows_a_method_has_formulas_or_notes_in_the_concepts() -> None:
    for page in PAGES.values():
        for section in page.sections:
            module = importlib.import_module(section.show.partition(":")[0])
            if "layout.method(" in Path(str(module.__file__)).read_text(encoding="utf-8"):
                assert concepts.formulas(section) or concepts.notes(section), section.show


def test_tables_of_a_concept_are_linked_to_their_sources() -> None:
    tables = concepts.pages()["concepts/cost.md"].split("## Tables")[1]
    assert "`ai_models.csv`" in tables
    assert "(https://epoch.ai/data/notable-ai-models)" in tables


def test_the_reference_of_the_command_line_has_every_command_with_its_options() -> None:
    page = reference.cli()
    for name in COMMANDS:
        assert f"\n## {name}\n" in page
    for option in ("--port", "--budget_usd", "--delta", "--column ROLE=COLUMN"):
        assert option in page


def test_the_reference_of_the_api_has_every_address_and_input() -> None:
    page = reference.http()
    for path, operations in description()["paths"].items():
        assert f"{path}`" in page
        for operation in operations.values():
            for each in operation.get("parameters", ()):
                assert f"| `{each['name']}` |" in page


def test_the_reference_of_python_has_every_public_name() -> None:
    pages = reference.python_pages()
    documented = re.findall(r"^::: (\S+)$", "\n".join(pages.values()), re.M)
    modules = forecasting._modules()
    assert sorted(documented) == sorted(
        {f"{modules[name][0]}.{modules[name][1]}" for name in forecasting.__all__}
    )


@pytest.mark.skipif(importlib.util.find_spec("mkdocs") is None, reason="make docs installs it")
def test_the_site_builds_without_a_warning_and_loads_nothing_from_another_host(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--site-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "WARNING" not in done.stderr.replace("NO_MKDOCS_2_WARNING", "")
    cost = (tmp_path / "concepts" / "cost.html").read_text(encoding="utf-8")
    assert cost.count('href="../glossary.html#flop"') == 1
    assert "<math" in (tmp_path / "concepts" / "scaling.html").read_text(encoding="utf-8")
