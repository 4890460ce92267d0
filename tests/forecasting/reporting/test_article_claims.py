"""The claims of the source article, judged by the engine's own forecasts."""

from __future__ import annotations

from functools import cache
from typing import get_args

import pytest

from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.compute_cost.gpt2_claim import gpt2_claim
from forecasting.data.dataset import bundled
from forecasting.reporting.article_claims import (
    CLAIMED_SITE,
    JUDGES,
    JudgedClaim,
    Verdict,
    claims_table,
    judged_claims,
)
from tests.vintage import shipped


@cache
def claims() -> dict[str, JudgedClaim]:
    return {each.claim: each for each in judged_claims(bundled())}


def test_every_claim_of_the_table_has_a_judge_and_every_judge_a_claim() -> None:
    assert set(JUDGES) == set(bundled()["article_claims"]["claim"]) == set(claims())


def test_each_has_a_figure_and_one_of_the_four_verdicts() -> None:
    for each in claims().values():
        assert each.judgement.verdict in get_args(Verdict)
        assert each.judgement.figure
    table = claims_table(tuple(claims().values()))
    assert len(table) == 26
    assert set(table["claimed_on"]) == {"2025-01-17"}


@pytest.mark.parametrize(
    ("claim", "verdict", "figure"),
    [
        (
            "GPT-2 can be reproduced by any student for about 30 dollars five years later",
            "too early",
            "$672 in 2024",
        ),
        (
            "Loss is a straight line in log-log against compute, data and parameters",
            "too strong",
            "1.82 nats",
        ),
        (
            "All text data is used up between 2025 and 2028",
            "holds",
            "by our forecast, 2028, likely 2026–2033 (80%), with demand from what is known in 2026;"
            " Epoch AI published 2028, likely 2026–2032 (80%) in June 2024, and our run of its"
            " inputs gives 2029, likely 2027–2035 (80%)",
        ),
        (
            "Each next generation of models needs 100 times more of everything",
            "too strong",
            "11× the parameters on 9.4× the text",
        ),
        (
            "From 3000 to 5000 Elo by training alone takes 100000 times the compute",
            "holds",
            "100,000 times",
        ),
        (
            "Repeated sampling with unit tests lets a weaker open model beat GPT-4o",
            "holds",
            "29.6% for $10.80",
        ),
        ("A step verifier raises accuracy on mathematics by 25 percent", "too strong", "+8%"),
        ("GPT-3 solved 0 percent of ARC-AGI", "not judged by our data", "only by the article"),
    ],
)
def test_a_claim_is_judged_by_its_figure(claim: str, verdict: str, figure: str) -> None:
    judgement = claims()[claim].judgement
    assert judgement.verdict == verdict
    assert figure in judgement.figure


def test_a_judgement_by_our_forecast_names_the_scenario_that_shows_it() -> None:
    for each in claims().values():
        if each.judgement.verdict != "not judged by our data":
            assert each.judgement.scenario is not None


def test_what_has_not_come_yet_holds_by_our_forecast_alone_and_how_far_off_that_was_is_said() -> (
    None
):
    judgement = claims()["In a few years the same will hold for GPT-3"].judgement
    assert judgement.by_forecast
    assert judgement.figure.startswith("by our forecast, ")
    times = gpt2_claim(CostScenario()).ratio_to_forecast
    assert 5 < times < 20
    assert f"measured runs of GPT-2's quality cost {times:.0f}× that forecast" in judgement.figure
    assert not claims()[
        "From 3000 to 5000 Elo by training alone takes 100000 times the compute"
    ].judgement.by_forecast


@pytest.mark.parametrize(
    ("claim", "verdict", "figure"),
    [
        (
            "The cost of computing has fallen exponentially for about a hundred years",
            "holds",
            "doubled every 2.6 years from 2018 to 2026, though rents rose in August 2026",
        ),
        (
            "GPT-5 class models still gain from training scale, GPT-6 class models will find it"
            " hard",
            "holds",
            "takes 2.1 × 10²⁹ FLOP, the largest run known 10²⁷ (GPT-6 Astra)",
        ),
        (
            "A cluster of 100000 H100 was built in 122 days",
            "holds",
            "no power on 24 April 2024 and 100,000 H100 equivalents on 2 September 2024, 131 days",
        ),
    ],
)
def test_a_claim_is_judged_anew_on_the_tables_of_today(
    claim: str, verdict: str, figure: str
) -> None:
    judgement = {each.claim: each for each in judged_claims(shipped())}[claim].judgement
    assert judgement.verdict == verdict
    assert figure in judgement.figure


def test_a_site_that_is_not_in_the_table_is_not_judged() -> None:
    sites = shipped()["data_center_timelines"]
    without = shipped().replaced(data_center_timelines=sites[sites["data_center"] != CLAIMED_SITE])
    judged = {each.claim: each for each in judged_claims(without)}
    judgement = judged["A cluster of 100000 H100 was built in 122 days"].judgement
    assert judgement.verdict == "not judged by our data"
