"""Words that stay out of names, docstrings, comments and documents: the usual term stands instead.

A word is added here when the last use of it has gone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = (
    "forecasting", "dashboard", "compute_forecast", "scripts", "tests", "benchmarks", "docs",
)  # fmt: skip
SUFFIXES = {".py", ".js", ".css", ".md", ".toml", ".yml", ".yaml", ".conf"}
LETTER = "[^\\W\\d_]"


@dataclass(frozen=True)
class Word:
    """A pattern, what to write instead, and the legitimate uses that contain it."""

    pattern: str
    instead: str
    allowed: str = ""

    def found_in(self, line: str) -> bool:
        """Whether the line has the word in another than an allowed use."""
        rest = re.sub(self.allowed, " ", line, flags=re.IGNORECASE) if self.allowed else line
        return self.stands_in(rest)

    def stands_in(self, text: str) -> bool:
        """Whether the text, of one line or many, has the word in any use."""
        # A name such as `in_house_rules` is made of words, too.
        pattern = rf"(?<!{LETTER})(?:{self.pattern})(?!{LETTER})"
        return re.search(pattern, text, re.IGNORECASE) is not None


WORDS = (
    Word("rooms", "packages, layers"),
    Word("houses?", "the project's, standard", r"White House|in-house"),
    Word("glances?", "summary"),
    Word("judging", "evaluation, scoring", r"of judging|judging a|test_judging_has_a_cost"),
    Word("sharpen(s|ed|ing)?", "refine"),
    Word("foretells?|foretold|foretelling", "predict"),
    Word("reckon(s|ed|ing)?", "compute, use"),
    Word("number's way", "data flow"),
    Word("behind the times", "lagging"),
    Word("(is|are) no news|beyond (all )?numbers", "overflow is expected"),
    Word("said_not_raised", "error_boundary"),
    Word("kept_with_tables|kept_law_track_record", "cached_with"),
    Word("heard_?out", "DrainRequestBody"),
    Word("spread_out", "parallel"),
    Word("bracketed_newton", "rootfind"),
    Word("(?-i:(MOST|FEWEST|LEAST)_[A-Z_]+)", "MAX_, MIN_"),
)


def texts() -> Iterator[Path]:
    """Files that are written by hand: code, style sheets, documents; not this list."""
    for path in sorted(ROOT.iterdir()):
        if path.suffix in SUFFIXES or path.name == "Makefile":
            yield path
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES and path != Path(__file__):
                yield path


@cache
def contents() -> list[tuple[Path, str]]:
    """Every file with what it holds."""
    return [(path, path.read_text(encoding="utf-8")) for path in texts()]


def lines_with(word: Word) -> Iterator[tuple[str, str]]:
    """The lines of files that have the word in any use, each with its place."""
    for path, content in contents():
        if word.stands_in(content):
            for number, line in enumerate(content.splitlines(), start=1):
                yield f"{path.relative_to(ROOT)}:{number}", line.strip()


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.instead)
def test_the_usual_term_is_used(word: Word) -> None:
    found = [f"{place}: {line}" for place, line in lines_with(word) if word.found_in(line)]
    assert not found, "\n".join([f"write {word.instead} instead:", *found])


@pytest.mark.parametrize(
    ("line", "is_found"),
    [
        ("def house_rules():", True),
        ("ROOM_IN_HOUSE = 1", True),
        ("# The house's own", True),
        ("households in the White House, some in-house", False),
    ],
)
def test_words_are_found_in_names_and_sentences_but_not_in_allowed_uses(
    line: str, is_found: bool
) -> None:
    assert Word("houses?", "", "White House|in-house").found_in(line) is is_found
