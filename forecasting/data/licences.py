"""The licences of the tables as a document: `python -m forecasting.data.licences` prints it, and
datasets/LICENSES.md is what it printed last.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping

from forecasting.data.catalogue import TableInfo

HEAD = """\
# Licences of the tables

The code is under the MIT License; each table keeps the terms of its source. Made from
`datapackage.json` by `make licences`.

| table | what it holds | licence | source |
|---|---|---|---|
"""


def licences_page(catalogue: Mapping[str, TableInfo]) -> str:
    """A row a table, in Markdown: its file, title, licences and sources."""
    return HEAD + "".join(
        f"| `{info.file}` | {_cell(info.title)} |"
        f" {'; '.join(_linked(each.title, each.path) for each in info.licences)} |"
        f" {'; '.join(_linked(each.title, each.path) for each in info.sources)} |\n"
        for info in sorted(catalogue.values(), key=lambda info: info.name)
    )


def _linked(title: str, path: str | None) -> str:
    return f"[{_cell(title)}]({path})" if path else _cell(title)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    from forecasting.data.dataset import bundled

    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.write(licences_page(bundled().catalogue))
