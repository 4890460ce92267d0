"""Chart of benchmark scores over cost a task: models, their frontier with its band, people, and
what the source article states.
"""

from __future__ import annotations

import math

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import Chart, ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_dollars, in_percent, in_words
from forecasting.inference.benchmark_scores import BenchmarkScores
from forecasting.inference.score_points import PEOPLE_WORDS, ScorePoint

STYLES = {
    "person": (style.VERMILION, "diamond", 12.0),
    "post": (style.PURPLE, "square", 10.0),
    "article": (style.GREY, "circle-open", 11.0),
}


def benchmark_scores_chart(
    result: BenchmarkScores, builder: ChartBuilder[BenchmarkScores]
) -> Figure:
    """Frontier models are filled and joined in steps, others faint; the smoothed trend is dashed
    where nothing was measured.
    """
    words = tokens if result.in_tokens else in_dollars
    low, high = float(result.bands.x[0]), float(result.bands.x[-1])
    title = "Tokens per task" if result.in_tokens else "Cost per task (USD)"
    priced = [point.cost for point in result.points if math.isfinite(point.cost)]
    high = max(high, 1.4 * max(priced))
    chart = builder.xy(
        style.Axis(title, words, ends=(low, high)),
        style.Axis(
            f"Score on {result.scenario.benchmark}",
            percent,
            ends=(-0.02, 1.1),
            log=False,
            ticks=style.SHARE_TICKS,
        ),
    )
    chart.mark_beyond(result.observed[1], high, "beyond what was measured")
    chart.bands(result.bands, style.BLUE, fades_after=result.observed[1])
    name = "smoothed trend"
    grid, line = result.bands.x, result.bands.median
    inside = (grid >= result.observed[0] * 0.9) & (grid <= result.observed[1] * 1.1)
    for part, dash in ((inside, "solid"), (grid >= grid[inside][-1], "dash")):
        chart.curve(grid[part], line[part], style.BLUE, name=name, dash=dash)
    _add_steps(chart, result)
    _add_models(chart, result)
    _add_rest(chart, result)
    chart.mark_moment(result.cost, result.cost_words(result.cost))
    at = int(0.42 * (grid.size - 1))
    chart.label(grid[at], line[at], name, style.BLUE, anchor="auto", arrow=(-54, -62))
    return chart.figure


def percent(share: float) -> str:
    """A share as percent."""
    return in_percent(share, 2)


def tokens(count: float) -> str:
    """A number of tokens."""
    return in_words(count, 2)


def _hover(result: BenchmarkScores, point: ScorePoint) -> str:
    note = f"<br>{point.note}" if point.note else ""
    return (
        f"{PEOPLE_WORDS.get(point.name, point.name)}: {in_percent(point.score)} for"
        f" {result.cost_words(point.cost)}{note}"
    )


def _add_steps(chart: Chart, result: BenchmarkScores) -> None:
    """The best measured at each cost or less."""
    cost, score = (
        np.array([getattr(point, name) for point in result.steps]) for name in ("cost", "score")
    )
    x, y = np.repeat(cost, 2)[1:], np.repeat(score, 2)[:-1]
    chart.curve(x, y, style.GREY, name="best score measured at this cost or less", width=1.5)


def _add_models(chart: Chart, result: BenchmarkScores) -> None:
    for keep, opacity, size in ((~result.frontier, 0.28, 6.0), (result.frontier, 0.95, 8.0)):
        shown = [
            point
            for point, kept in zip(result.points, keep, strict=True)
            if kept and point.kind == "model"
        ]
        chart.points(
            np.array([point.cost for point in shown]),
            np.array([point.score for point in shown]),
            [_hover(result, point) for point in shown],
            style.BLUE,
            name="models",
            size=size,
            opacity=opacity,
        )


def _add_rest(chart: Chart, result: BenchmarkScores) -> None:
    """People, the posts of December 2024, the article's rows: each named at its point; what has no
    cost is a level.
    """
    for point in result.points:
        if point.kind == "model":
            continue
        colour, symbol, size = STYLES[point.kind]
        if not math.isfinite(point.cost):
            chart.mark_level(point.score, f"{point.name} {in_percent(point.score)} (article)")
            continue
        chart.point(
            point.cost,
            point.score,
            _hover(result, point),
            colour,
            name=point.name,
            symbol=symbol,
            size=size,
        )
    _name_people(chart, result)
    for point in result.points:
        if point.kind not in ("post", "article") or not math.isfinite(point.cost):
            continue
        name, place = ("article", (-34, 52)) if point.kind == "article" else (point.name, (34, 40))
        if point.kind == "post" and point.cost > result.observed[1]:
            place = (-44, 26)
        chart.label(
            point.cost, point.score, name, STYLES[point.kind][0], anchor="auto", arrow=place
        )


def _name_people(chart: Chart, result: BenchmarkScores) -> None:
    """People of one score share a label at the cheapest of them, so that names do not run into each
    other.
    """
    groups: dict[float, list[ScorePoint]] = {}
    for person in sorted(result.people, key=lambda person: person.cost):
        groups.setdefault(person.score, []).append(person)
    for group in groups.values():
        words = ", ".join(PEOPLE_WORDS[person.name] for person in group)
        colour = STYLES["person"][0]
        chart.label(group[0].cost, group[0].score, words, colour, anchor="auto", arrow=(-50, -18))
