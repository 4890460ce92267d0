"""The law that a page uses, by the text of its scenario."""

from __future__ import annotations

import pytest

from forecasting.context import Context, law_in_use
from forecasting.data.dataset import DataSet
from forecasting.errors import ForecastingError, InputError, UnknownNameError
from forecasting.fitting.law_choice import (
    LawInUse,
    checked_law_name,
    chinchilla_runs,
    custom_law,
    custom_name,
    law_names,
)
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.published_laws import published_law


def test_the_default_law_is_the_refit_and_has_draws(tables: DataSet) -> None:
    found = law_in_use("refit", tables)
    assert found.has_range
    assert found.law.beta == pytest.approx(published_law("refit").law.beta, rel=1e-9)


def test_the_refit_leaves_out_the_five_highest_losses(tables: DataSet) -> None:
    assert len(chinchilla_runs(tables)) == 240


@pytest.mark.parametrize("name", law_names())
def test_every_published_law_of_the_form_can_be_used(name: str, tables: DataSet) -> None:
    assert law_in_use(name, tables).law.loss(7e9, 2e12) > 1.0


def test_kaplans_law_is_not_of_the_form() -> None:
    assert "kaplan" not in law_names()
    with pytest.raises(UnknownNameError):
        checked_law_name("kaplan")


def test_own_coefficients_read_back_to_the_last_digit(tables: DataSet) -> None:
    law = law_in_use("refit", tables).law
    assert custom_law(custom_name(law)) == law
    assert not law_in_use(custom_name(law), tables).has_range


@pytest.mark.parametrize(
    "name",
    [
        "custom:",
        "custom:1,2,3",
        "custom:a,b,c,d,e",
        "custom:1.7,400,400,-0.3,0.3",
        "custom:nan,1,1,1,1",
    ],
)
def test_own_coefficients_that_are_none_are_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        checked_law_name(name)
    assert caught.value.parameter == "law"


def test_a_law_of_own_runs_is_found_where_the_tables_hold_it(tables: DataSet) -> None:
    law = published_law("besiroglu").law
    mine = LawInUse("yours", "My runs", law, LawDraws.of_law(law), "own runs", is_yours=True)
    assert law_in_use("yours", Context(tables, laws={"yours": mine})) is mine


def test_a_law_of_own_runs_that_are_not_here_says_what_to_do(tables: DataSet) -> None:
    with pytest.raises(ForecastingError, match="upload them"):
        law_in_use("s:0123", tables)
