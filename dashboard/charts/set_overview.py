"""Chart of the optimal model size by compute, a line a run set: what the sets agree on, and what
they do not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dashboard.charts import style
from forecasting.formatting import in_flop, in_words
from forecasting.scaling.set_overview import SetOverview
from forecasting.stats.bands import Bands

#: Names take this share of the width again.
NAME_ROOM = 0.22
STYLES = ((style.BLUE, "solid"), (style.VERMILION, "dash"), (style.GREEN, "dashdot"))


def set_overview_chart(result: SetOverview, *, levels: Sequence[float], log: bool) -> go.Figure:
    """Within a set's own span of compute its line is thick, beyond thin."""
    flop = result.scenario.training_flop
    grid = np.geomspace(1e18, max(1e26, flop * 3.0), 60)
    lines = [np.asarray(fit.law.optimal(grid)[0]) for fit in result.fits]
    # Beyond the lines there is room for their names.
    end = float(grid[-1] * (grid[-1] / grid[0]) ** NAME_ROOM)
    chart = style.xy_figure(
        style.Axis("Training compute in FLOP", in_flop, ends=(float(grid[0]), end)),
        style.Axis(
            "Best model size (parameters)",
            in_words,
            values=[*lines, np.array([4.0 * max(line[-1] for line in lines)])],
            log=log,
        ),
    )
    last = max(float(fit.runs.training_flop.max()) for fit in result.fits)
    style.mark_beyond(chart, last, end, "beyond all runs", log_x=True)
    span = [np.log10(line[-1]) if log else line[-1] for line in lines]
    low, high = chart.layout.yaxis.range
    places = style.spread([float(end) for end in span], 0.06 * (high - low))
    words = (in_flop, in_words)
    for fit, row, line, place, (colour, dash) in zip(
        result.fits, result.rows, lines, places, STYLES, strict=False
    ):
        style.add_bands(chart, Bands.of_draws(grid, fit.draws.optimal(grid)[0]), levels, colour)
        style.add_curve(
            chart, grid, line, colour, name=row.title, words=words, dash=dash, width=1.5
        )
        inside = (grid >= row.low) & (grid <= row.high)
        if inside.sum() > 1:
            style.add_curve(
                chart,
                grid[inside],
                line[inside],
                colour,
                name=f"{row.title}, within its runs",
                words=words,
                width=4,
            )
        y = 10.0**place if log else place
        style.point_label(chart, end, y, row.title.split(",")[0], colour, log=(True, log))
    style.mark_moment(chart, flop, f"{in_words(flop)} FLOP", log_x=True)
    return chart
