"""All strings that a reader may meet, by file, to be read once from top to bottom as an editor
would: python -m tests.tools.strings [folder …]

Docstrings and comments are left out, and so are names, formats and addresses: what is printed has
at least two words with a space between them.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("dashboard", "forecasting", "compute_forecast")


def strings_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every string of a file that reads as words; what is filled in is “…”."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parts = {id(part) for node in ast.walk(tree) for part in _parts_of(node)}
    for node in ast.walk(tree):
        if id(node) in parts:
            continue
        text = _text_of(node)
        if text and " " in text.strip() and any(letter.isalpha() for letter in text):
            yield getattr(node, "lineno", 0), " ".join(text.split())


def _parts_of(node: ast.AST) -> list[ast.AST]:
    """What is inside another string, or is a docstring."""
    if isinstance(node, ast.JoinedStr):
        return list(node.values)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]
    return []


def _text_of(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
        )
    return ""


def main(folders: list[str]) -> None:
    """Print them."""
    for folder in folders or FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            found = sorted(set(strings_of(path)))
            if found:
                print(f"\n{path.relative_to(ROOT)}")
                for line, text in found:
                    print(f"{line:5d}  {text}")


if __name__ == "__main__":
    main(sys.argv[1:])
