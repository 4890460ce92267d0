"""Chart of the optimal model size by compute, a line a run set: what the sets agree on, and what
they do not.
"""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.formatting import in_flop, in_words
from forecasting.scaling.set_overview import SetOverview
from forecasting.stats.bands import Bands

#: Names take this share of the width again.
NAME_ROOM = 0.22
STYLES = ((style.BLUE, "solid"), (style.VERMILION, "dash"), (style.GREEN, "dashdot"))


def set_overview_chart(result: SetOverview, builder: ChartBuilder[SetOverview]) -> Figure:
    """Within a set's own span of compute its line is thick, beyond thin."""
    flop = result.scenario.training_flop
    grid = np.geomspace(1e18, max(1e26, flop * 3.0), 60)
    lines = [np.asarray(fit.law.optimal(grid)[0]) for fit in result.fits]
    # Beyond the lines there is room for their names.
    end = float(grid[-1] * (grid[-1] / grid[0]) ** NAME_ROOM)
    chart = builder.xy(
        style.Axis("Training compute in FLOP", in_flop, ends=(float(grid[0]), end), unit="FLOP"),
        style.Axis(
            "Best model size (parameters)",
            in_words,
            values=[*lines, np.array([4.0 * max(line[-1] for line in lines)])],
            log=builder.log,
            unit="parameters",
        ),
    )
    last = max(float(fit.runs.training_flop.max()) for fit in result.fits)
    chart.mark_beyond(last, end, "beyond all runs")
    low, high = chart.figure.range_y
    places = style.spread([chart.place_y(line[-1]) for line in lines], 0.06 * (high - low))
    for fit, row, line, place, (colour, dash) in zip(
        result.fits, result.rows, lines, places, STYLES, strict=False
    ):
        chart.bands(Bands.of_draws(grid, fit.draws.optimal(grid)[0]), colour)
        chart.curve(grid, line, colour, name=row.title, dash=dash, width=1.5)
        inside = (grid >= row.low) & (grid <= row.high)
        if inside.sum() > 1:
            chart.curve(
                grid[inside], line[inside], colour, name=f"{row.title}, within its runs", width=4
            )
        chart.label(end, chart.value_y(place), row.title.split(",")[0], colour)
    chart.mark_moment(flop, f"{in_words(flop)} FLOP")
    return chart.figure
