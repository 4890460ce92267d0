"""The page Data and methods: every table, every formula, how to cite."""

from __future__ import annotations

import pytest

from dashboard.pages.data.catalogue import methods
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import bundled
from forecasting.reporting.data_catalogue import DataScenario, data_catalogue
from forecasting.reporting.glossary import TERMS
from tests.dashboard.harness import page_alone, tables_of, text_of

PAGE = "data"


def test_it_lists_every_table_with_source_licence_and_date() -> None:
    result = data_catalogue(DataScenario())
    assert set(result.table["table"]) == set(bundled().names) == set(DataScenario.TABLES)
    for column in ("sources", "licences", "as_of"):
        assert (result.table[column].str.len() > 3).all()
    test = page_alone(PAGE)
    assert not test.exception
    assert result.answer in text_of(test)


@pytest.mark.parametrize("name", ["gpu_prices", "levels_of_agi"])
def test_a_table_is_shown_whole_with_the_meaning_of_its_columns(name: str) -> None:
    test = page_alone(PAGE, {"v": "1", "table_name": name})
    assert not test.exception
    assert len(test.dataframe[0].value) == len(bundled()[name])
    assert list(tables_of(test)[0]["column"]) == list(bundled()[name].columns)


def test_every_method_says_its_formula_in_the_words_of_the_code() -> None:
    found = methods()
    forecasting_pages = {page.title for page in PAGES.values()} - {
        PAGES[name].title for name in ("overview", "runs", "data")
    }
    assert {method.subject for method in found} == forecasting_pages
    for method in found:
        assert len(method.title) > 20
        assert method.where.startswith("forecasting/")


def test_formulas_load_when_their_subject_is_opened() -> None:
    test = page_alone(PAGE, {"v": "1", "view": "methods"})
    assert not test.exception
    assert "The numbers rest on" in text_of(test)


def test_it_says_how_to_cite_and_what_is_left_out() -> None:
    test = page_alone(PAGE, {"v": "1", "view": "cite"})
    assert not test.exception
    assert any("@misc{computeforecast" in code.value for code in test.code)
    assert "Failed runs" in text_of(test)


def test_an_unknown_table_of_a_link_is_said() -> None:
    test = page_alone(PAGE, {"v": "1", "table_name": "nonsense"})
    assert "“table_name” is “nonsense”" in text_of(test)
    assert not test.exception


def test_the_glossary_has_every_term_with_its_meaning() -> None:
    test = page_alone(PAGE, {"v": "1", "view": "glossary"})
    assert not test.exception
    table = tables_of(test)[0]
    assert list(table["Term"]) == [term.name for term in TERMS]
    assert list(table["Meaning"].str.len() > 20) == [True] * len(TERMS)
