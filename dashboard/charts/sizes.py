"""Charts of cheap tries against dear ones: the Pythia sizes at equal cost, and the published case
of SWE-bench Lite.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_dollars, in_percent, in_words, significant
from forecasting.inference.equal_cost import SizeComparison, SweBenchCase


def size_chart(result: SizeComparison) -> Figure:
    """Every size over cost; the two that are compared stand out, the small one also with the
    imperfect verifier.
    """
    s = result.scenario
    costs = np.concatenate([curve.cost for curve in result.curves])
    until = float(costs.max())
    x_ends = (float(costs.min()), until * 1.6)
    chart = ChartBuilder().xy(
        style.Axis(
            f"Cost per problem, in tries of {s.big_model}",
            plain_number,
            ends=x_ends,
            hover=lambda cost: (
                f"{plain_number(cost)} {'try' if plain_number(cost) == '1' else 'tries'}"
                f" of {s.big_model}"
            ),
        ),
        style.Axis("Problems solved (share)", percent, ends=(0.0, 1.0), log=False),
    )
    colours = {s.small_model: style.BLUE, s.big_model: style.VERMILION}
    for curve in result.curves:
        colour = colours.get(curve.model, style.translucent(style.GREY, 0.6))
        shown = curve.cost <= x_ends[1]
        width = 3.0 if curve.model in colours else 1.2
        dash = "dash" if curve.model == s.big_model else "solid"
        chart.curve(
            curve.cost[shown], curve.solved[shown], colour, name=curve.model, dash=dash, width=width
        )
        if curve.model == s.small_model:
            checked = f"{curve.model} with the verifier"
            chart.curve(
                curve.cost[shown],
                curve.with_verifier[shown],
                colour,
                name=checked,
                dash="dot",
                width=2,
            )
            at = int(0.75 * (shown.sum() - 1))
            chart.label(
                curve.cost[at],
                curve.with_verifier[at],
                checked,
                colour,
                anchor="center",
                below=True,
            )
        name = curve.model if curve.model in colours else curve.model.removeprefix("Pythia ")
        last = int(shown.sum() - 1)
        chart.label(
            curve.cost[last],
            curve.solved[last],
            name,
            colours.get(curve.model, style.GREY),
            anchor="right",
        )
    chart.mark_moment(1.0, f"one try of {s.big_model}", at_top=True)
    both = np.ones(2), np.array([result.small_at_equal_cost, result.big_once])
    hover = [
        f"{s.small_model}, {result.tries_for_one} tries: {percent(both[1][0])}",
        f"{s.big_model}, one try: {percent(both[1][1])}",
    ]
    chart.points(*both, hover, style.GREY, name="at equal cost", size=10, opacity=1)
    return chart.figure


def swe_bench_chart(result: SweBenchCase) -> Figure:
    """Solved issues over cost an issue: one try of the dear models, one to 250 of the cheap one."""
    cheap = result.cheap
    most = result.coverage_points[-1][0]
    tries = np.geomspace(1.0, 10.0 * most, 81)
    dollars = tries * cheap.usd_per_try
    solved = result.law.coverage(tries)[0]
    x_ends = (0.7 * float(dollars[0]), float(dollars[-1]))
    chart = ChartBuilder().xy(
        style.Axis(
            "Cost per issue (USD of mid-2024)",
            in_dollars,
            ends=x_ends,
            hover=lambda usd: f"{in_dollars(usd, 2)} per issue",
        ),
        style.Axis("Issues solved (share)", percent, ends=(0.0, 0.85), log=False),
    )
    seen = most * cheap.usd_per_try
    chart.mark_beyond(seen, x_ends[1], f"beyond the {most} tries published")
    for part, dash in ((tries <= most * 1.01, "solid"), (tries >= most / 1.1, "dash")):
        chart.curve(
            dollars[part], solved[part], style.BLUE, name=f"{cheap.model}, law", dash=dash, width=2
        )
    for k, share in result.coverage_points:
        hover = (
            f"{cheap.model}, {k} {'try' if k == 1 else 'tries'}: {in_percent(share)} solved for"
            f" {in_dollars(k * cheap.usd_per_try, 2)}"
        )
        chart.point(k * cheap.usd_per_try, share, hover, style.BLUE, name=cheap.model, size=10)
        tried = f"{k} {'try' if k == 1 else 'tries'}"
        chart.label(
            k * cheap.usd_per_try, share, tried, style.BLUE, anchor="auto", arrow=(-14, -26)
        )
    middle = int(0.58 * (tries.size - 1))
    chart.label(
        dollars[middle], solved[middle], cheap.model, style.BLUE, anchor="auto", arrow=(-46, -46)
    )
    for case, colour, symbol, place in zip(
        result.cases[1:],
        (style.VERMILION, style.PURPLE),
        ("square", "diamond"),
        ((-46, 18), (34, 46)),
        strict=False,
    ):
        hover = (
            f"{case.model}, one try: {in_percent(case.solved)} solved for"
            f" {in_dollars(case.usd_per_issue)}"
        )
        at = (case.usd_per_issue, case.solved)
        chart.point(*at, hover, colour, name=case.model, symbol=symbol, size=10)
        chart.label(*at, case.model, colour, anchor="auto", arrow=place)
    chart.mark_level(
        result.best_single, f"best single attempt then: {in_percent(result.best_single)}"
    )
    budget = result.scenario.budget_usd_per_task
    if x_ends[0] <= budget <= x_ends[1]:
        chart.mark_moment(budget, f"budget {in_dollars(budget)}")
    return chart.figure


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)


def plain_number(value: float) -> str:
    """A number without an exponent."""
    return in_words(value, 2) if value >= 1000 else significant(value, 2)
