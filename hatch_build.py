"""Hatchling's hooks: the dependencies of the package are those of the requirements files, and the
tables go into the wheel without what refreshes keep beside them.

`requirements.txt` is the one list of what a user needs. A comment such as `# [engine]` opens a
section: [engine] is what `pip install compute-forecast` installs, every other section an extra of
its name. One marked file instead of one for each section, because `pip install -r requirements.txt`
and whoever reads the list find everything in it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

BASE_SECTION = "engine"
_SECTION = re.compile(r"# \[([a-z]+)\]")


def requirement_sections(text: str) -> dict[str, list[str]]:
    """The requirements of each marked section, by the section's name; raises ValueError for one
    that stands in none.
    """
    sections: dict[str, list[str]] = {}
    section = ""
    for line in text.splitlines():
        if opened := _SECTION.match(line):
            section = opened[1]
            sections[section] = []
            continue
        requirement = line.split(" #")[0].strip()
        if not requirement or requirement.startswith(("#", "-")):
            continue
        if not section:
            raise ValueError(f"{requirement!r} stands in no section: write '# [name]' above it.")
        sections[section].append(requirement)
    return sections


class RequirementsHook(MetadataHookInterface):
    """Fills in `dependencies` and `optional-dependencies`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called by Hatchling with the table [project]."""
        sections: dict[str, list[str]] = {}
        for name in ("requirements.txt", "requirements-postgresql.txt"):
            path = Path(self.root) / name
            sections |= requirement_sections(path.read_text(encoding="utf-8"))
        metadata["dependencies"] = sections.pop(BASE_SECTION)
        metadata["optional-dependencies"] = sections


class TablesHook(BuildHookInterface):
    """Takes the files of datasets/, not its folders: .refresh holds answers that were refused."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called by Hatchling before it builds the wheel."""
        for path in sorted((Path(self.root) / "datasets").iterdir()):
            if path.is_file():
                build_data["force_include"][str(path)] = f"forecasting/datasets/{path.name}"
