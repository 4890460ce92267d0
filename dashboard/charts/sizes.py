"""Charts of cheap tries against dear ones: the Pythia sizes at equal cost, and the published case
of SWE-bench Lite.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_dollars, in_percent, in_words, significant
from forecasting.inference.equal_cost import SizeComparison, SweBenchCase


def size_chart(result: SizeComparison) -> go.Figure:
    """Every size over cost; the two that are compared stand out, the small one also with the
    imperfect verifier.
    """
    s = result.scenario
    costs = np.concatenate([curve.cost for curve in result.curves])
    until = float(costs.max())
    x_ends = (float(costs.min()), until * 1.6)
    chart = style.xy_figure(
        style.Axis(f"Cost a problem, in tries of {s.big_model}", plain_number, ends=x_ends),
        style.Axis("Problems solved", percent, ends=(0.0, 1.0), log=False),
    )
    colours = {s.small_model: style.BLUE, s.big_model: style.VERMILION}
    for curve in result.curves:
        colour = colours.get(curve.model, style.translucent(style.GREY, 0.6))
        shown = curve.cost <= x_ends[1]
        words = (lambda cost: f"{plain_number(cost)} tries of {s.big_model}", percent)
        width = 3.0 if curve.model in colours else 1.2
        dash = "dash" if curve.model == s.big_model else "solid"
        style.add_curve(
            chart,
            curve.cost[shown],
            curve.solved[shown],
            colour,
            name=curve.model,
            words=words,
            dash=dash,
            width=width,
        )
        if curve.model == s.small_model:
            checked = f"{curve.model} with the verifier"
            style.add_curve(
                chart,
                curve.cost[shown],
                curve.with_verifier[shown],
                colour,
                name=checked,
                words=words,
                dash="dot",
                width=2,
            )
            at = int(0.75 * (shown.sum() - 1))
            style.point_label(
                chart,
                float(curve.cost[at]),
                float(curve.with_verifier[at]),
                checked,
                colour,
                log=(True, False),
                anchor="center",
                below=True,
            )
        name = curve.model if curve.model in colours else curve.model.removeprefix("Pythia ")
        last = int(shown.sum() - 1)
        style.point_label(
            chart,
            float(curve.cost[last]),
            float(curve.solved[last]),
            name,
            colours.get(curve.model, style.GREY),
            log=(True, False),
            anchor="right",
        )
    style.mark_moment(chart, 1.0, f"one try of {s.big_model}", log_x=True, at_top=True)
    both = np.ones(2), np.array([result.small_at_equal_cost, result.big_once])
    hover = [
        f"{s.small_model}, {result.tries_for_one} tries: {percent(both[1][0])}",
        f"{s.big_model}, one try: {percent(both[1][1])}",
    ]
    style.add_points(chart, *both, hover, style.GREY, name="at equal cost", size=10, opacity=1)
    return chart


def swe_bench_chart(result: SweBenchCase) -> go.Figure:
    """Solved issues over cost an issue: one try of the dear models, one to 250 of the cheap one."""
    cheap = result.cheap
    most = result.coverage_points[-1][0]
    tries = np.geomspace(1.0, 10.0 * most, 81)
    dollars = tries * cheap.usd_per_try
    solved = result.law.coverage(tries)[0]
    x_ends = (0.7 * float(dollars[0]), float(dollars[-1]))
    chart = style.xy_figure(
        style.Axis("Cost an issue (USD of mid-2024)", in_dollars, ends=x_ends),
        style.Axis("Issues solved", percent, ends=(0.0, 0.85), log=False),
    )
    seen = most * cheap.usd_per_try
    style.mark_beyond(chart, seen, x_ends[1], f"beyond the {most} tries published", log_x=True)
    words = (lambda usd: f"{in_dollars(usd, 2)} an issue", percent)
    for part, dash in ((tries <= most * 1.01, "solid"), (tries >= most / 1.1, "dash")):
        style.add_curve(
            chart,
            dollars[part],
            solved[part],
            style.BLUE,
            name=f"{cheap.model}, law",
            words=words,
            dash=dash,
            width=2,
        )
    for k, share in result.coverage_points:
        hover = [
            f"{cheap.model}, {k} {'try' if k == 1 else 'tries'}: {in_percent(share)} solved for"
            f" {in_dollars(k * cheap.usd_per_try, 2)}"
        ]
        style.add_points(
            chart,
            np.array([k * cheap.usd_per_try]),
            np.array([share]),
            hover,
            style.BLUE,
            name=cheap.model,
            size=10,
            opacity=1,
        )
        tried = f"{k} {'try' if k == 1 else 'tries'}"
        style.point_label(
            chart,
            k * cheap.usd_per_try,
            share,
            tried,
            style.BLUE,
            log=(True, False),
            anchor="auto",
            arrow=(-14, -26),
        )
    middle = int(0.58 * (tries.size - 1))
    style.point_label(
        chart,
        float(dollars[middle]),
        float(solved[middle]),
        cheap.model,
        style.BLUE,
        log=(True, False),
        anchor="auto",
        arrow=(-46, -46),
    )
    for case, colour, symbol, place in zip(
        result.cases[1:],
        (style.VERMILION, style.PURPLE),
        ("square", "diamond"),
        ((-46, 18), (34, 46)),
        strict=False,
    ):
        hover = [
            f"{case.model}, one try: {in_percent(case.solved)} solved for"
            f" {in_dollars(case.usd_per_issue)}"
        ]
        point = np.array([case.usd_per_issue]), np.array([case.solved])
        style.add_points(
            chart, *point, hover, colour, name=case.model, symbol=symbol, size=10, opacity=1
        )
        style.point_label(
            chart,
            case.usd_per_issue,
            case.solved,
            case.model,
            colour,
            log=(True, False),
            anchor="auto",
            arrow=place,
        )
    style.mark_level(
        chart,
        result.best_single,
        f"best single attempt then: {in_percent(result.best_single)}",
        log=False,
    )
    budget = result.scenario.budget_usd_per_task
    if x_ends[0] <= budget <= x_ends[1]:
        style.mark_moment(chart, budget, f"budget {in_dollars(budget)}", log_x=True)
    return chart


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)


def plain_number(value: float) -> str:
    """A number without an exponent."""
    return in_words(value, 2) if value >= 1000 else significant(value, 2)
