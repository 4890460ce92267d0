"""The how-tos: notebooks as pages of the site; `python -m docs.generate.notebooks` runs all of them
again, saves what they give today and how long each takes from its start to its result.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "how-to"
TIME_LIMIT_S = 300


def paths() -> list[Path]:
    """All notebooks."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> dict[str, Any]:
    """A notebook as it was saved."""
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def executed(path: Path) -> dict[str, Any]:
    """The notebook with all of its cells run in a new kernel, in its own folder."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    started = time.perf_counter()
    run_cells(notebook)
    notebook.metadata["seconds"] = round(time.perf_counter() - started)
    run: dict[str, Any] = json.loads(nbformat.writes(notebook))
    return run


def run_cells(notebook: Any) -> None:
    """Run the cells of a notebook of nbformat in a new kernel, in the folder of the how-tos."""
    from nbclient import NotebookClient

    client = NotebookClient(
        notebook,
        timeout=TIME_LIMIT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(FOLDER)}},
        record_timing=False,
        coalesce_streams=True,
        extra_arguments=["--log-level=ERROR"],  # else it warns of its ports on this machine
    )
    # The checkout's own packages, whether they are installed or not.
    client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})


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
    notebook = read(path)
    end = (
        f"[Download this notebook]({path.name}){{ download }}. From start to result it takes"
        f" {notebook['metadata']['seconds']} seconds, as `make notebooks` measured on two cores."
    )
    return "\n\n".join([*_parts(notebook), end]) + "\n"


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
    if "text/html" in data:  # a table, in the style of the site's own
        html = re.sub(r"<style.*?</style>", "", _text(data["text/html"]), flags=re.DOTALL)
        html = re.sub(r"<table[^>]*>", "<table>", html).replace("\n", "")
        return f'<div class="output">{html}</div>'
    text = _text(output["text"] if "text" in output else data["text/plain"])
    return f"``` {{ .text .printed }}\n{text.rstrip()}\n```"


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "".join(value)


def main() -> None:
    """Run every notebook again and save it with what it gives today."""
    for path in paths():
        run = executed(path)
        path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{path.name}: {run['metadata']['seconds']} s", flush=True)


if __name__ == "__main__":
    main()
