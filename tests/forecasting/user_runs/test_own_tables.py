"""Own prices and newer tables: read from files of several shapes, used in place of the market's,
what can't be used named.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.compute_cost.chip_hours import rented_chip_hour
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.compute_price import compute_price_draws
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.trained_models import trained_model
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.own_prices import ChipContract, OwnPrices, is_price_file, read_own_prices
from forecasting.ingest.runs import open_runs
from forecasting.reporting.user_runs_answers import table_changes
from forecasting.user_runs.epoch_tables import NewerTable, epoch_table_of, read_epoch_table
from forecasting.user_runs.own_files import read_own_file

EPOCH = Path(__file__).parents[2] / "fixtures" / "epoch"
CASES = Path(__file__).parents[2] / "fixtures" / "runs" / "cases"
TODAY = dt.date(2026, 1, 1)


@pytest.mark.parametrize("columns", [47, 57, 61])
def test_a_release_of_the_models_is_known_by_any_of_its_columns_names(columns: int) -> None:
    newer = read_epoch_table(EPOCH / f"models_{columns}_columns.csv")
    assert newer.table == "ai_models"
    assert newer.columns_seen == columns
    assert newer.missing == ()
    assert newer.left_out == {"without model": 0, "without date": 1, "that repeat a name": 1}
    bundled = fc.bundled()["ai_models"].set_index("model")
    read = newer.frame.set_index("model").drop(index="A newer model")
    for name in ("params", "training_flop", "dataset_size", "mfu", "cost_cloud_2023_usd"):
        np.testing.assert_allclose(read[name], bundled.loc[read.index, name], rtol=1e-12)


def test_the_hardware_release_replaces_the_bundled_chips() -> None:
    newer = read_epoch_table(EPOCH / "hardware.csv")
    assert newer.table == "ml_chips"
    assert newer.missing == ()
    tables = fc.bundled().replaced(ml_chips=newer.frame)
    assert "A newer chip" in set(tables["ml_chips"]["chip"])
    assert tables.fingerprint(["ml_chips"]) != fc.bundled().fingerprint(["ml_chips"])
    lines = table_changes(newer)
    assert lines[0] == "Rows: 161 before, 162 now; 1 new names, 0 no longer there."
    assert "9 quadrillion now" in lines[2]
    assert len(lines) > 3


def test_a_release_of_models_says_what_changes() -> None:
    lines = table_changes(read_epoch_table(EPOCH / "models_61_columns.csv"))
    assert "A newer model, 2026-10-01" in lines[1]
    assert "2.5 × 10²⁷ now" in lines[2]


def test_a_release_that_names_gpt4_otherwise_breaks_no_forecast() -> None:
    newer = read_epoch_table(CASES / "epoch_release_that_names_gpt4_otherwise.csv")
    lines = table_changes(newer)
    assert "GPT-4 is its row “GPT-4”." in lines
    assert "It has no training compute of GPT-2: the bundled table's is used." in lines
    assert not any("can't be computed" in line for line in lines)
    tables = fc.bundled().replaced(ai_models=newer.frame)
    cost = fc.model_cost(fc.CostScenario(), data=tables)
    assert cost.model.name == "GPT-4"
    assert cost.model.training_flop == 2.1e25


@pytest.mark.parametrize(
    ("named", "flop"),
    [
        ("GPT-4 (Mar 2023)", 3e25),
        ("GPT-4", 3e25),
        ("GPT-4 (Jun 2023)", 3e25),
        ("GPT-4 Turbo", 2.1e25),
        ("Another", 2.1e25),
    ],
)
def test_an_alias_is_the_row_of_its_name_or_the_bundled_one(named: str, flop: float) -> None:
    table = fc.bundled()["ai_models"]
    rows = table[table["model"] == "GPT-4 (Mar 2023)"].assign(model=named, training_flop=3e25)
    tables = fc.bundled().replaced(ai_models=rows)
    assert trained_model("GPT-4", tables).training_flop == flop


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Name,Country,Status,H100 equivalents,Certainty", "GPU clusters"),
        ("Name,Current power (MW),Current H100 equivalents", "data centres"),
        ("Chip type,Quarter,Compute estimate in H100e (median)", "chips sold"),
        (
            "Name,Status,Certainty,Single cluster?,Max OP/s (log),H100 equivalents,"
            "Chip type (primary),Chip quantity (primary),Country,Owner,First Operational Date,"
            "Power Capacity (MW),Training data center",
            "GPU clusters",
        ),
        (
            "Handle,Title,Project,Address,Latitude,Longitude,Owner,Users,"
            "Current H100 equivalents,Current power (MW),Current total capital cost (2025 USD"
            " billions)",
            "data centres",
        ),
        (
            "Date,Data center,Construction status,Power (MW),H100 equivalents,Buildings"
            " operational,Performance (8-bit OP/s)",
            "data centres",
        ),
        (
            "Chip manufacturer,Start date,End date,Compute estimate in H100e (median),Power in MW"
            " (median),Incomplete",
            "chips sold",
        ),
        ("Id,Company,Close date,Status,Funding (equity),Valuation (post-money)", "companies"),
    ],
)
def test_another_table_of_epoch_ai_is_answered_as_what_it_is(header: str, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        read_own_file(f"{header}\n{',' * header.count(',')}1\n", data=fc.bundled())


#: The names of columns that releases of models since 2025 have in common, and some of their own.
LARGE_SCALE = (
    "Model,Domain,Task,Authors,Model accessibility,Link,Citations,Reference,Publication date,"
    "Organization,Parameters,Parameters notes,Training compute (FLOP),Training compute notes,"
    "(DEPRECATED) Training dataset size (datapoints),Training time (hours),Training hardware,"
    "Confidence,Hardware quantity,Hardware utilization (MFU),Training compute cost (cloud)"
)
FRONTIER = (
    "Model,Domain,Task,Authors,Notability criteria,Link,Publication date,Organization,Parameters,"
    "Training compute (FLOP),Epochs,Training time (hours),Training hardware,Confidence,"
    "Training dataset size,Training compute lower bound,Training power draw (W),FLOP/$,"
    "Training compute cost (2023 USD),Hardware utilization (MFU),Training dataset size (gradients)"
)


@pytest.mark.parametrize("header", [LARGE_SCALE, FRONTIER])
def test_releases_of_large_and_of_frontier_models_are_models(header: str) -> None:
    cells = {
        "Model": "A", "Domain": "Language", "Publication date": "2026-01-02",
        "Parameters": "34100000000.0", "Training compute (FLOP)": "9.8e+24",
        "(DEPRECATED) Training dataset size (datapoints)": "2e13", "Training dataset size": "2e13",
        "Training dataset size (gradients)": "", "Confidence": "Confident",
    }  # fmt: skip
    row = ",".join(cells.get(name, "") for name in header.split(","))
    newer = read_own_file(f"{header}\n{row}\n", data=fc.bundled())
    assert isinstance(newer, NewerTable)
    assert newer.table == "ai_models"
    assert newer.frame["training_flop"].tolist() == [9.8e24]
    if header == LARGE_SCALE:
        assert newer.frame["dataset_size"].tolist() == [2e13]


def test_a_release_that_spells_chips_otherwise_keeps_their_prices() -> None:
    content = (EPOCH / "hardware.csv").read_text(encoding="utf-8")
    plain = read_epoch_table(content).frame["chip"]
    respelt = content.replace("NVIDIA H100 SXM5 80GB", "Nvidia H100-SXM5 80 GB")
    assert respelt != content
    assert read_epoch_table(respelt).frame["chip"].tolist() == plain.tolist()


def test_runs_and_prices_are_no_epoch_tables() -> None:
    assert epoch_table_of(["params", "tokens", "loss"]) is None
    assert epoch_table_of(["Model", "Publication date", "Training compute (FLOP)"]) is None
    with pytest.raises(fc.TableError):
        read_epoch_table("params,tokens,loss\n1,2,3\n")


def test_contracts_take_the_place_of_the_market() -> None:
    prices = read_own_prices(
        "GPU;Price per GPU hour;Term;Start date\nH100;1,50;1 year;2025-07-01\n", fc.bundled()
    )
    assert [contract.term for contract in prices.contracts] == ["1 year"]
    tables = fc.Context(fc.bundled(), prices=prices)
    chip_hour = rented_chip_hour("best", 2024, 10, tables, np.random.default_rng(0))
    assert chip_hour.basis.startswith("yours: ")
    assert np.ptp(chip_hour.hardware_usd) == 0.0
    assert chip_hour.usd_per_hour == pytest.approx(
        1.50, rel=0.06
    )  # dollars of 2025 in dollars of 2024
    market, own = (
        model_cost(CostScenario(model="GPT-3"), data=each) for each in (fc.bundled(), tables)
    )
    assert own.hardware_at_year.value != market.hardware_at_year.value
    assert not fc.Context(fc.bundled()).has_user_data


def test_a_plan_buys_compute_at_the_contracts_price() -> None:
    contracts = "GPU;Price per GPU hour;Start date\nH100;0,50;2025-07-01\n"
    tables = fc.Context(fc.bundled(), prices=read_own_prices(contracts, fc.bundled()))
    scenario = fc.PlanScenario(draws=50, last_year=2027)
    market, own = (fc.plan(scenario, data=each) for each in (fc.bundled(), tables))
    assert (own.table["score_oom_q50"] > market.table["score_oom_q50"]).all()
    assert fc.plan(scenario).table.equals(market.table)


def test_a_plan_uses_an_own_mfu_unless_it_says_another() -> None:
    tables = fc.Context(fc.bundled(), prices=read_own_prices("mfu\n50%\n", fc.bundled()))
    scenario = fc.PlanScenario(draws=50, last_year=2027)
    by_own, by_hand = fc.plan(scenario, data=tables), fc.plan(scenario.replaced(mfu_train=0.5))
    assert by_own.table.equals(by_hand.table)
    other = scenario.replaced(mfu_train=0.3)
    assert fc.plan(other, data=tables).table.equals(fc.plan(other).table)


def test_a_chip_without_a_contract_keeps_the_markets_price() -> None:
    prices = OwnPrices((ChipContract("NVIDIA A100 SXM4 80 GB", 1.0, TODAY, ""),))
    chip = rented_chip_hour(
        "NVIDIA H100 SXM5 80GB", 2024, 10, fc.Context(fc.bundled()), np.random.default_rng(0)
    ).chip
    mine = rented_chip_hour(
        chip, 2024, 10, fc.Context(fc.bundled(), prices=prices), np.random.default_rng(0)
    )
    assert not mine.basis.startswith("yours")


def test_the_latest_contract_counts_and_of_one_day_the_cheapest() -> None:
    contracts = [("2025-01-01", 1.0), ("2026-01-01", 2.0), ("2026-01-01", 1.5)]
    prices = OwnPrices(
        tuple(
            ChipContract("NVIDIA H100 SXM5 80GB", usd, dt.date.fromisoformat(day), "")
            for day, usd in contracts
        )
    )
    contract = prices.contract("NVIDIA H100 SXM5 80GB", fc.bundled())
    assert contract is not None
    assert contract.usd_per_chip_hour == 1.5


def test_an_own_mfu_takes_the_place_of_the_default_and_of_nothing_else() -> None:
    tables = fc.Context(fc.bundled(), prices=read_own_prices("mfu\n50%\n", fc.bundled()))
    years = np.array([2026.0])
    draws = [
        compute_price_draws(CostScenario(), years, data=each).mfu for each in (fc.bundled(), tables)
    ]
    assert np.median(draws[0]) == pytest.approx(0.375, rel=0.03)
    assert np.median(draws[1]) == pytest.approx(0.50, rel=0.03)
    chosen = compute_price_draws(CostScenario(mfu=0.3), years, data=tables).mfu
    assert np.median(chosen) == pytest.approx(0.30, rel=0.03)


def test_own_token_prices_take_the_place_of_the_same_models() -> None:
    table = fc.bundled()["token_prices_2025_2026"]
    model = str(table["model"].iloc[0])
    prices = read_own_prices(
        f"model,date,input price,output price\n{model},2026-01-01,0.5,1.5\n", fc.bundled()
    )
    merged = fc.bundled().replaced(token_prices_2025_2026=prices.with_token_prices(table))[
        "token_prices_2025_2026"
    ]
    rows = merged[merged["model"] == model]
    assert rows[["provider", "usd_per_mtok_in", "usd_per_mtok_out"]].to_numpy().tolist() == [
        ["yours", 0.5, 1.5]
    ]


def test_bad_prices_are_named_and_the_good_ones_go_on() -> None:
    text = (
        "chip,usd_per_chip_hour,date,mfu\nH100,1.9,2026-01-01,\nfoo,2,,\nH100,-1,,\n"
        "H100,2,soon,\nH100,,,140%\n"
    )
    prices = read_own_prices(text, fc.bundled())
    assert len(prices.contracts) == 1
    assert [(p.row, p.column) for p in prices.problems] == [
        (3, "chip"),
        (4, "usd_per_chip_hour"),
        (5, "date"),
        (6, "mfu"),
    ]
    with pytest.raises(fc.NotEnoughDataError, match="Row 2"):
        read_own_prices("chip,usd_per_chip_hour\nfoo,2\n", fc.bundled())


def test_price_files_are_told_from_runs() -> None:
    assert is_price_file(["GPU", "USD per GPU hour"])
    assert is_price_file(["mfu"])
    assert is_price_file(["model", "usd_per_mtok_in", "usd_per_mtok_out"])
    assert not is_price_file(["params", "tokens", "loss"])
    assert not is_price_file(["run", "params", "tokens", "loss", "mfu"])


@given(
    st.lists(st.lists(st.text(max_size=10), max_size=5), max_size=6),
    st.sampled_from(["chip,usd_per_hour,date", "mfu,term", "model,price_in"]),
)
def test_no_price_file_raises_anything_but_a_reason(rows: list[list[str]], header: str) -> None:
    text = header + "\n" + "\n".join(",".join(row) for row in rows)
    try:
        read_own_prices(text.encode("utf-8", "replace"), fc.bundled())
    except fc.ForecastingError:
        return


@given(st.binary(max_size=300), st.integers(0, 4000))
def test_no_damage_to_an_epoch_file_raises_anything_but_a_reason(damage: bytes, at: int) -> None:
    content = (EPOCH / "models_47_columns.csv").read_bytes()[:6000]
    try:
        newer = read_epoch_table(content[:at] + damage + content[at + len(damage) :])
        fc.bundled().replaced(**{newer.table: newer.frame})
    except fc.ForecastingError:
        return


def test_limits_hold_for_every_kind_of_file() -> None:
    with pytest.raises(fc.InputError, match="columns"):
        open_runs(",".join(f"c{i}" for i in range(6000)) + "\n", limits=Limits())
    assert isinstance(read_epoch_table(EPOCH / "hardware.csv").frame, pd.DataFrame)
