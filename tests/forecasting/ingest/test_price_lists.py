"""Lists of prices as people and vendors write them: read in dollars for one chip and one hour, or
asked about.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import forecasting as fc
from forecasting.ingest.dates import day_of, is_day_first
from forecasting.ingest.own_prices import OwnPrices, read_own_prices
from forecasting.ingest.price_columns import price_role
from forecasting.ingest.runs import RunFile
from forecasting.user_runs.own_files import read_own_file

CASES = Path(__file__).parents[2] / "fixtures" / "runs" / "cases"
H100 = "NVIDIA H100 SXM5 80GB"


def prices_of(text: str | Path) -> OwnPrices:
    own = read_own_file(text, data=fc.bundled())
    assert isinstance(own, OwnPrices)
    return own


def dollars(prices: OwnPrices) -> list[float]:
    return [round(contract.usd_per_chip_hour, 10) for contract in prices.contracts]


def test_the_price_of_a_machine_is_divided_by_its_chips_and_said() -> None:
    prices = prices_of(CASES / "price_of_a_machine_with_eight_chips.csv")
    assert dollars(prices) == [12.29, 4.09625]
    assert "Prices of machines of 8 chips are divided by 8." in prices.answer


def test_usual_headers_are_read() -> None:
    prices = prices_of(CASES / "usual_headers_of_price_lists.csv")
    assert dollars(prices) == [2.49, 1.29]
    assert {contract.date for contract in prices.contracts} == {dt.date(2026, 6, 22)}


def test_runs_with_a_column_of_prices_are_runs() -> None:
    own = read_own_file(CASES / "runs_with_a_price_column.csv", data=fc.bundled())
    assert isinstance(own, RunFile)
    assert len(own.read()) == 18


def test_dates_with_points_and_with_slashes_are_read() -> None:
    prices = prices_of(CASES / "dates_as_people_write_them.csv")
    assert [contract.date for contract in prices.contracts] == [dt.date(2026, 1, 31)] * 2


@pytest.mark.parametrize(
    "header",
    [
        "$/hr",
        "$/GPU-hr",
        "Price per hour (USD)",
        "Price per chip-hour (on-demand)",
        "on_demand_usd_per_hour",
        "hourly_price",
        "USD/h",
        "price_per_gpu_hour",
    ],
)
@pytest.mark.parametrize("cell", ["2.49", "$2.49", "$2.49/hr", "2.49 USD"])
def test_a_price_for_an_hour_is_found_whatever_its_column_is_called(header: str, cell: str) -> None:
    prices = prices_of(f"gpu,{header}\nH100 SXM,{cell}\n")
    assert dollars(prices) == [2.49]
    assert prices.contracts[0].chip == H100


@pytest.mark.parametrize(
    ("header", "cell", "usd"),
    [
        ("Input ($/1M tokens)", "2.5", 2.5),
        ("input_price_per_million", "2.5", 2.5),
        ("Input price (USD per 1K tokens)", "0.0025", 2.5),
        ("input_cost_per_token", "0.0000025", 2.5),
        ("usd_per_mtok_in", "2.5", 2.5),
    ],
)
def test_token_prices_are_read_per_thousand_million_or_token(
    header: str, cell: str, usd: float
) -> None:
    prices = prices_of(f"Model,{header}\nGPT-4o,{cell}\n")
    assert prices.token_prices["usd_per_mtok_in"].tolist() == pytest.approx([usd], rel=1e-12)
    assert bool(prices.notes) == (usd != float(cell))


def test_a_price_of_cached_tokens_is_not_taken_for_that_of_input() -> None:
    assert price_role("Cached input ($/1M tokens)") is None
    assert price_role("usd_per_kwh_hour") is None


def test_euros_are_asked_about_or_taken_at_the_rate_of_a_column() -> None:
    for text in ("gpu,eur_per_hour\nH100,2\n", "gpu;price per hour\nH100;2,00 €\n"):
        with pytest.raises(fc.NotEnoughDataError, match="add a column usd_per_eur"):
            read_own_prices(text, fc.bundled())
    prices = prices_of("gpu,price_per_hour,currency,usd_per_eur\nH100,2,EUR,1.1\nA100,2,USD,\n")
    assert dollars(prices) == [2.2, 2.0]
    assert "Euros are converted at $1.10." in prices.answer


def test_tiers_stand_side_by_side_and_spot_is_no_ones_first_choice() -> None:
    prices = prices_of(
        "gpu,on_demand_usd_per_hour,spot_usd_per_hour,1yr_usd_per_hour\nH100,3,1,2\n"
    )
    assert [contract.term for contract in prices.contracts] == ["on demand", "spot", "1 year"]
    contract = prices.contract(H100, fc.bundled())
    assert contract is not None
    assert contract.usd_per_chip_hour == 2.0


def test_a_price_of_a_machine_without_its_chips_is_asked_about() -> None:
    prices = prices_of("gpu,price per instance hour\nH100,98\n8x H100,24\n")
    assert dollars(prices) == [3.0]
    assert "add a column gpu_count" in prices.problems[0].remedy


def test_a_price_far_from_the_markets_is_named_and_stays() -> None:
    prices = prices_of("gpu,hourly_price\nH100,98.32\n")
    assert dollars(prices) == [98.32]
    assert "more than 10 times above" in prices.problems[0].remedy
    assert prices.problems[0].kept


@pytest.mark.parametrize(
    ("name", "chip"),
    [
        ("H100", H100),
        ("NVIDIA H100 SXM", H100),
        ("Tesla H100-SXM-80G HBM3 GPU", H100),
        ("A100-SXM4-80GB", "NVIDIA A100 SXM4 80 GB"),
        ("RTX 4090", "NVIDIA GeForce RTX 4090"),
        ("MI300X", "AMD Instinct MI300X"),
        ("TPU v5e", "Google TPU v5e"),
    ],
)
def test_chips_are_known_by_the_names_of_price_lists(name: str, chip: str) -> None:
    assert prices_of(f"gpu,price_per_hour\n{name},2\n").contracts[0].chip == chip


@pytest.mark.parametrize(
    ("text", "day_first"),
    [
        ("2026-01-31", None),
        ("31.01.2026", None),
        ("01/31/2026", None),
        ("31/01/2026", None),
        ("2026/1/31", None),
        ("Jan 31, 2026", None),
        ("31 January 2026", None),
        ("2026-01-31T09:00:00Z", None),
    ],
)
def test_dates_that_can_be_one_day_only_are_read(text: str, day_first: bool | None) -> None:
    assert day_of(text, day_first) == dt.date(2026, 1, 31)


def test_a_date_that_could_be_two_days_is_told_by_its_column_or_refused() -> None:
    assert day_of("03/04/2026", is_day_first(["03/04/2026", "31/01/2026"])) == dt.date(2026, 4, 3)
    assert day_of("03/04/2026", is_day_first(["03/04/2026", "1/31/2026"])) == dt.date(2026, 3, 4)
    assert is_day_first(["31/01/2026", "1/31/2026"]) is None
    with pytest.raises(ValueError, match="two different days"):
        day_of("03/04/2026", None)
    prices = prices_of("gpu,price_per_hour,date\nH100,2,03/04/2026\nA100,1,2026-01-01\n")
    assert [problem.row for problem in prices.problems] == [2]


def test_a_list_of_prices_without_a_known_price_is_answered_as_one() -> None:
    with pytest.raises(fc.InputError, match=r"a list of prices.*usd_per_chip_hour"):
        read_own_file("gpu,price per month\nH100,1500\n", data=fc.bundled())
