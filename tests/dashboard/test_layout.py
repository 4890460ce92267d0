from __future__ import annotations

import pytest

from dashboard.layout import plain, prose


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "![x](http://evil)", "**bold**", "$a$", ":red[x]", "`code`", "[a](javascript:b)"]
)
def test_text_from_outside_loses_every_markdown_meaning(text: str) -> None:
    shown = plain(text)
    for character in "<>![]()*$`:":
        assert shown.count(character) == shown.count("\\" + character)


def test_dollars_in_our_own_sentences_are_money() -> None:
    assert prose("from $30 to $40") == "from \\$30 to \\$40"
