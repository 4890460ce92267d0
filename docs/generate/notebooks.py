"""Notebooks: as pages of the site, and run again in place: `make notebooks`."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "how-to"
TIME_LIMIT_S = 120


def paths() -> list[Path]:
    """All notebooks."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> dict[str, Any]:
    """A notebook as it was saved."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def executed(path: Path) -> dict[str, Any]:
    """The notebook with all of its cells run anew in a kernel of their own, beside the file."""
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=TIME_LIMIT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        store_widget_state=False,
        record_timing=False,
    )
    client.execute()
    run: dict[str, Any] = json.loads(nbformat.writes(notebook))
    return run


def outputs(notebook: dict[str, Any]) -> list[list[str]]:
    """What each code cell printed and returned, as text."""
    return [
        [
            _text(output["text"] if "text" in output else output["data"]["text/plain"])
            for output in cell["outputs"]
        ]
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


def page(path: Path) -> str:
    """The notebook as Markdown: its text, its code and what that gave."""
    link = f"[Download this notebook]({path.name}){{ download }}"
    return "\n\n".join([*_parts(read(path)), link]) + "\n"


def _parts(notebook: dict[str, Any]) -> Iterator[str]:
    for cell in notebook["cells"]:
        source = _text(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
            continue
        yield f"```python\n{source}\n```"
        for output in cell["outputs"]:
            yield _shown(output)


def _shown(output: dict[str, Any]) -> str:
    data = output.get("data", {})
    if "image/svg+xml" in data:
        drawn = base64.b64encode(_text(data["image/svg+xml"]).encode()).decode()
        return f"![{_text(data['text/plain'])}](data:image/svg+xml;base64,{drawn})"
    if "text/html" in data:
        return f'<div class="output" markdown="0">\n{_text(data["text/html"])}\n</div>'
    text = _text(output["text"] if "text" in output else data["text/plain"])
    return f'```text title="Output"\n{text.rstrip()}\n```'


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def main() -> None:
    """Run every notebook again and save it with what it gives today."""
    for path in paths():
        path.write_text(
            json.dumps(executed(path), indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        print(path.name)


if __name__ == "__main__":
    main()
