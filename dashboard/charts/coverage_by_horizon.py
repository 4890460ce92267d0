"""Chart of how often bands held, by how far ahead they looked, against what they promise."""

from __future__ import annotations

import numpy as np

from dashboard.charts import style
from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from forecasting.evaluation.track_record import METHOD_TITLES, TrackRecord
from forecasting.formatting import significant

STYLES = ((style.BLUE, "circle", "solid", -0.08), (style.GREY, "diamond-open", "dot", 0.08))


def coverage_by_horizon_chart(result: TrackRecord, builder: ChartBuilder[TrackRecord]) -> Figure:
    """One line a method and level, with the 80% interval of its sampling error; the promised level
    is a line across.
    """
    x = style.Axis("Years ahead", significant, log=False, ends=(-1.3, 5.0))
    y = style.Axis("Later points inside the band", "{:.0%}".format, log=False, ends=(0.0, 1.0))
    chart = builder.xy(x, y)
    records = (
        [result.record]
        if result.scenario.method == "textbook"
        else [result.record, result.textbook]
    )
    levels = builder.levels or (0.8,)
    for level in levels:
        chart.mark_level(level, f"target {level:.0%}")
        for record, (colour, symbol, dash, shift) in zip(records, STYLES, strict=False):
            table = record.by_horizon
            name = f"coverage_{level:.0%}"
            at = ((table["years_ahead_above"] + table["years_ahead_up_to"]) / 2 + shift).to_numpy()
            value, low, high = (table[f"{name}{end}"].to_numpy() for end in ("", "_q10", "_q90"))
            title = METHOD_TITLES[record.method]
            hover = [
                f"{title}, {ahead:.0f} to {ahead + 1:.0f} years ahead<br>{v:.0%} of {count:.0f}"
                f" points (80% range {a:.0%} to {b:.0%})"
                for ahead, v, a, b, count in zip(
                    table["years_ahead_above"], value, low, high, table["points"], strict=True
                )
            ]
            chart.estimates(
                at, value, (low, high), hover, colour, name=title, symbol=symbol, dash=dash
            )
    for record, (colour, _, _, _), below in zip(records, STYLES, (False, True), strict=False):
        table = record.by_horizon
        ends = table[f"coverage_{max(levels):.0%}"].to_numpy()
        lowest = int(np.argmin(ends)) if below else int(np.argmax(ends))
        chart.label(
            float(table["years_ahead_above"].iloc[lowest]) + 0.5,
            table[f"coverage_{max(levels):.0%}{'_q10' if below else '_q90'}"].iloc[lowest],
            METHOD_TITLES[record.method],
            colour,
            anchor="right" if lowest >= len(table) - 2 else "left",
            below=below,
        )
    return chart.figure
