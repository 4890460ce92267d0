"""The glossary of the documentation, and the links to it."""

from __future__ import annotations

from docs.generate import concepts, glossary
from forecasting.reporting.glossary import TERMS


def test_every_term_stands_on_a_concept_page_so_that_none_is_explained_for_nothing() -> None:
    text = "\n".join(concepts.pages().values())
    assert [term.name for term in TERMS if not term.pattern.search(text)] == []


def test_the_first_use_of_a_term_is_linked_and_no_other() -> None:
    linked = glossary.linked("<p>A FLOP, and <b>a FLOP</b> of MFU.</p>", "glossary.html")
    assert linked.count('href="glossary.html#flop"') == 1
    assert linked.index("#flop") < linked.index("<b>a FLOP</b>") < linked.index("#mfu")
    assert 'title="Floating-point operation,' in linked


def test_headings_links_and_code_stay_as_they_are() -> None:
    html = '<h2>FLOP</h2><code>MFU</code><a href="#">OOM <b>PUE</b></a>'
    assert glossary.linked(html, "glossary.html") == html


def test_the_page_explains_every_term_at_its_anchor() -> None:
    page = glossary.page()
    for term in TERMS:
        assert f'<span id="{glossary.anchor(term)}"></span>**{term.name}**' in page
    assert len({glossary.anchor(term) for term in TERMS}) == len(TERMS)
