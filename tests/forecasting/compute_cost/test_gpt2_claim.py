from __future__ import annotations

import pytest

import forecasting as fc


@pytest.mark.parametrize(("start", "usd"), [("rented_43k", 27.6), ("rounded_50k", 32.1)])
def test_the_claims_arithmetic_gives_about_thirty_dollars(start: str, usd: float) -> None:
    assert fc.gpt2_claim(
        fc.CostScenario(claim_start=start)
    ).claimed_by_arithmetic_usd == pytest.approx(usd, abs=0.05)


def test_the_amortised_start_is_ten_times_lower() -> None:
    rented, amortised = (
        fc.gpt2_claim(fc.CostScenario(claim_start=s)) for s in ("rented_43k", "amortised_4348")
    )
    assert rented.claimed_by_arithmetic_usd / amortised.claimed_by_arithmetic_usd == pytest.approx(
        9.89, abs=0.01
    )


def test_the_measured_line_falls_by_2_68_a_year() -> None:
    assert fc.gpt2_claim(fc.CostScenario()).measured_gain_per_year == pytest.approx(2.68, abs=0.01)


def test_the_claim_is_held_against_the_nearest_run_of_the_same_target_before_it() -> None:
    result = fc.gpt2_claim(fc.CostScenario())
    assert result.nearest_before.cost_usd == 672
    assert result.verdict == "too early"
    assert 2026.2 < result.measured_line_passes_claim < 2026.6


@pytest.mark.parametrize(
    ("claimed", "verdict"),
    [(30, "too early"), (500, "holds"), (5000, "too high: it was cheaper already")],
)
def test_the_verdict_follows_from_the_claimed_figure(claimed: float, verdict: str) -> None:
    assert fc.gpt2_claim(fc.CostScenario(claim_usd=claimed)).verdict == verdict


def test_a_sentence_names_run_date_and_verdict() -> None:
    said = fc.gpt2_claim(fc.CostScenario()).full_answer
    for part in ("$30", "$670", "July 2024", "$40", "March 2026", "too early"):
        assert part in said
