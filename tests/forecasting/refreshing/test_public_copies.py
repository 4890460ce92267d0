"""Excerpts of public copies of the sources, as they stood in 2026, letter by letter: Epoch AI (AI
chip sales, AI data centers; CC BY 4.0), gpurentalprices.com (CC BY 4.0), genai-prices (MIT).
"""

from __future__ import annotations

import datetime as dt
import json

import pytest

from forecasting.refreshing.adapters import ADAPTERS
from forecasting.refreshing.adapters.shapes import Adapted, Body, Known
from forecasting.refreshing.adapters.token_prices import _prices
from tests.forecasting.refreshing.source_bodies import zipped
from tests.vintage import shipped

DAY = dt.date(2026, 11, 29)
CHIP_TYPES = """\
Name,ML Hardware (linked),Designer,Primarily for Chinese market,TDP (W) (from ML Hardware (linked)),16-bit FLOP/s,8-bit OP/s,Notes,Memory,Memory bandwidth,H100e,Cost per chip (approx.),Release date,Unofficial estimated TDP (W)
Rubin,NVIDIA Vera Rubin Superchip,Nvidia,,,4000000000000000,17500000000000000,,288000000000,22000000000000,8.842849924204144,,,
MI325X,,,,,,,,,,0.0,,,
TPU v3,Google TPU v3,Google,,450,123000000000000,123000000000000,,32000000000,900000000000,0.06215260232440627,3600.0,2018-05-18,
A800,NVIDIA A800 SXM,Nvidia,True,400,311800000000000,624000000000000,Chinese-spec version of A100,80000000000,2040000000000,0.31531076301162203,12000.0,2022-08-11,
Ascend 910B,Huawei Ascend 910B,Huawei,True,400,,376000000000000,"In terms of cost:

""distributors are selling the Huawei 910B at above 120,000 yuan per card"" per Reuters.",32000000000,1228000000000,0.18999494694290045,15000.0,2022-03-17,
B200,NVIDIA GB200,Nvidia,,1200,2500000000000000,5000000000000000,,186000000000,8000000000000,2.526528549772612,37000.0,2025-02-15,
TPU v8i,Google TPU v8i,Google,,,,10100000000000000,,288000000000,8601000000000,5.103587670540677,17500.0,2026-08-02,
"""  # noqa: E501
DESIGNERS = """\
Name,Chip manufacturer,Start date,End date,Number of units (5th percentile),Number of units (median),Number of units (95th percentile),Compute estimate in H100e (5th percentile),Compute estimate in H100e (median),Compute estimate in H100e (95th percentile),Power in MW (5th percentile),Power in MW (median),Power in MW (95th percentile),Incomplete,Notes
Nvidia total Q1 2022 to Q4 2025,Nvidia,1/1/2022,12/31/2025,8973271,10477887,12079633,11899055,13659258,15548902,7413,8562,9782,,Estimates generated on: 03-25-2026 14:07
Nvidia total Q1 2022 to Q1 2026,Nvidia,1/1/2022,3/31/2026,9277232,10814257,12459439,12640579,14510043,16519167,7804,9010,10286,checked,Incomplete: based on Nvidia fiscal quarters ending 1/25/2026. Estimates generated on: 03-25-2026 14:07
"""  # noqa: E501
TIMELINES = """\
Data center,Date,Construction status,Buildings operational,IT power (MW),Power (MW),H100 equivalents,Performance (8-bit OP/s),Total capital cost (2025 USD billions),Compute cost (2025 USD billions),Construction cost (2025 USD billions),Annual operating cost (2025 USD billions),Water use (MGD),Current H100 equivalents (from Data center)
Colossus 2,2025-02-28,Land clearing begins next to the existing building.,0.0,0.0,0.0,0.0,0,0.0,0.0,0.0,0.0,,1111672.5618999496
Colossus 2,2026-06-15,"The site is estimated to have at least ~830 MW of GPU server power, with ""at least 220,000"" more",2.0,946.0,1276.0,1111672.5618999496,2.2e+21,35.836372,24.702897999999998,11.133474,0.8532919999999999,,1111672.5618999496
Colossus 2,2027-02-25,Building 3 is estimated to be completed.,3.0,1531.0,2065.0,1824153.6129358262,3.61e+21,57.997341999999996,39.979003,18.018338999999997,1.380962,,1111672.5618999496
"""  # noqa: E501
SITES = """\
Name,Current H100 equivalents,Current power (MW),Current total capital cost (2025 USD billions),Owner,Users,Selected Sources,Calculations sheet,Project,Current chip types,All chip types,Investors,Construction companies,Energy companies,Country,Address
Colossus 2,1111672.5618999496,946,35.836372,SpaceXAI #confident,"Anthropic #confident, Cursor #confident, SpaceXAI #confident","- [WSJ profile](https://www.wsj.com/tech)
- [S-1](https://www.sec.gov)
",,,"B200,B300","B200,B300",,,,United States,"5420 Tulane Rd, Memphis, TN 38109"
"""  # noqa: E501
OPUS = {
    "id": "claude-opus-4-6",
    "prices": [
        {
            "prices": {
                "input_mtok": {"base": 5, "tiers": [{"start": 200000, "price": 10}]},
                "cache_read_mtok": {"base": 0.5, "tiers": [{"start": 200000, "price": 1}]},
                "output_mtok": {"base": 25, "tiers": [{"start": 200000, "price": 37.5}]},
            }
        },
        {
            "constraint": {"start_date": "2026-03-13"},
            "prices": {"input_mtok": 5, "cache_read_mtok": 0.5, "output_mtok": 25},
        },
    ],
}
HAIKU = {"id": "claude-3-haiku", "prices": {"input_mtok": 0.25, "output_mtok": 1.25}}


def adapted(table: str, *contents: bytes) -> Adapted:
    info = shipped().catalogue[table]
    known = Known(info, shipped()[table], DAY)
    return ADAPTERS[str(info.refresh.adapter)]([Body("copy", each) for each in contents], known)


def chip_sales() -> bytes:
    return zipped(
        {
            "chip_types.csv": CHIP_TYPES.encode(),
            "cumulative_timelines_by_designer.csv": DESIGNERS.encode(),
        }
    )


def test_unit_costs_are_those_of_the_table() -> None:
    result = adapted("chip_unit_costs", chip_sales())
    frame = shipped().replaced(chip_unit_costs=result.frame)["chip_unit_costs"]
    old = shipped()["chip_unit_costs"].set_index("chip")
    assert len(frame) == 5
    for row in frame.set_index("chip").itertuples():
        known = old.loc[row.Index]
        assert row.approx_unit_cost_usd == known["approx_unit_cost_usd"]
        assert row.h100_equivalents == known["h100_equivalents"]
        assert row.designer == known["designer"]
        assert row.release_date == known["release_date"]
    assert result.notes == ("2 rows without name, cost or day left out.",)


def test_the_stock_has_its_range_and_says_what_is_incomplete() -> None:
    frame = adapted("ai_chip_stock", chip_sales()).frame
    assert frame["designer"].tolist() == ["NVIDIA", "NVIDIA"]
    assert frame["quarter_end"].tolist() == ["2025-12-31", "2026-03-31"]
    assert frame["incomplete"].tolist() == [0, 1]
    assert frame["chips_cumulative"].tolist() == [10477887, 10814257]
    assert frame["h100_equivalents_p95"].tolist() == [15548902, 16519167]


def test_a_site_has_its_power_costs_in_dollars_and_users_without_marks() -> None:
    frame = adapted("data_center_timelines", TIMELINES.encode(), SITES.encode()).frame
    assert frame["projected"].tolist() == [0, 0, 1]
    assert frame["users"].tolist() == ["Anthropic, Cursor, SpaceXAI"] * 3
    assert frame["owner"].unique().tolist() == ["SpaceXAI"]
    assert frame["it_power_mw"].tolist() == [0, 946, 1531]
    assert frame["capital_cost_2025_usd"].tolist()[1] == pytest.approx(35.836372e9)
    assert frame["operating_cost_2025_usd_per_year"].tolist()[2] == pytest.approx(1.380962e9)


def test_list_prices_are_those_in_force_below_the_first_tier() -> None:
    others = [{"id": f"claude-{number}", "prices": HAIKU["prices"]} for number in range(20)]
    provider = {"id": "anthropic", "name": "Anthropic", "models": [OPUS, HAIKU, *others]}
    resale = {"id": "aws", "models": [{"id": "nova", "prices": {"input_mtok": 1}}]}
    body = Body("copy", json.dumps([provider, resale]).encode())
    source, prices = _prices(body, DAY)
    assert source == "genai-prices"
    assert len(prices) == 22
    opus, haiku = prices[:2]
    assert (opus.maker, opus.usd_in, opus.usd_out, opus.usd_cached) == ("Anthropic", 5, 25, 0.5)
    assert (haiku.usd_in, haiku.usd_out, haiku.usd_cached) == (0.25, 1.25, None)
    _, early = _prices(body, dt.date(2026, 3, 1))
    assert (early[0].usd_in, early[0].usd_out) == (5, 25)
