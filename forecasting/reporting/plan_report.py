"""A plan as one page of Markdown: answer, table, what binds, what it gains, assumptions with their
reasons, sources.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from forecasting.formatting import in_dollars, in_words, in_years, significant
from forecasting.planning.plan import LIMITS, MIN_GAIN, PlanResult, YearlyPlanInputs, years_in_words
from forecasting.reporting.answer_mfu_notes import plan_mfu_words, time_words
from forecasting.reporting.planning_answers import LIMIT_WORDS, dollar_words
from forecasting.reporting.report_markdown import escape_report
from forecasting.scenario import Inputs
from forecasting.stats.distribution import Distribution
from forecasting.stats.range_level import level_in_words

#: What the best split is compared with, by the names of PlanResult.gain_years.
ALTERNATIVES = {
    "training_only": "putting all into training, with one pass per answer,",
    "first_split": "keeping the split of {year}",
}
#: Inputs that count only under another input's choice.
ONLY_WITH: Mapping[str, tuple[str, ...]] = {
    "usd_per_chip_hour": ("price", "own"),
    "price_decline": ("price", "own"),
    "own_tokens": ("text", "own"),
    "text_quality": ("text", "public"),
    "text_share": ("text", "public"),
    "own_chips": ("chips_from", "own"),
    "own_power_mw": ("power_from", "own"),
    "buyer_share": ("chips_from", "stock"),
    "shipments_growth": ("chips_from", "stock"),
    "site_share": ("power_from", "site", "owner"),
    "site_delay_years": ("power_from", "site", "owner"),
    "site_growth": ("power_from", "site", "owner"),
    "contract": ("price", "rented"),
    "preemptions_per_day": ("contract", "spot"),
    "checkpoint_minutes": ("contract", "spot"),
    "restart_minutes": ("contract", "spot"),
    "checkpoint_interval_minutes": ("contract", "spot"),
    "mfu_input": ("answer_mfu", "own"),
    "mfu_output": ("answer_mfu", "own"),
    "serving_utilisation": ("answer_mfu", "model"),
}
#: What answers are served on: this counts for their utilisation and for their time.
SERVED_ON = ("serving_chip", "serving_precision", "tpot_limit_ms")


def plan_report(result: PlanResult, *, link: str, sources: Sequence[str]) -> str:
    """The report, as Markdown.

    Parameters
    ----------
    result : PlanResult
        The plan.
    link : str
        A URL that reopens it.
    sources : sequence of str
        Lines of Markdown, one a table.
    """
    first, last = int(result.years[0]), int(result.years[-1])
    lines = [
        f"# Compute plan {first}–{last}",
        "",
        escape_report(result.answer),
        "",
        *(f"- {escape_report(line)}" for line in result.lines),
        "",
        (
            f"Figures are medians of {result.scenario.draws:,} draws with {level_in_words():.0%}"
            f" ranges; money in {dollar_words(result)}."
        ),
        "",
        *_year_table(result),
        "",
        "## What limits the plan, and when",
        "",
        *_limit_lines(result),
        "",
        *(escape_report(line) for line in (time_words(result), "") if time_words(result)),
        "## What the best split gains",
        "",
        *(f"- {escape_report(line)}" for line in gain_lines(result)),
        "",
        "## Assumptions",
        "",
        escape_report(plan_mfu_words(result)),
        "",
        "| Input | Value | Why |",
        "|---|---|---|",
        *(f"| {' | '.join(map(escape_report, row))} |" for row in assumption_rows(result.scenario)),
        "",
        escape_report(
            f"Scaling law: {result.law.title}. {result.law.source}. {result.law.note} For repeated"
            " data it uses R* of Muennighoff et al. 2023, which comes from another fit."
        ),
        "",
        ("Left out: staff; bought or synthetic data; models distilled from larger ones."),
        "",
        "## Sources",
        "",
        *(f"- {source}" for source in sources),
        "",
        f"Compute Forecast: {link}",
        "",
    ]
    return "\n".join(lines)


def gain_lines(result: PlanResult) -> list[str]:
    """What the best split gains over two simpler plans in the last year, one line each."""
    last = int(result.years[-1])
    lines = []
    for name, words in ALTERNATIVES.items():
        if name == "first_split" and len(result.years) == 1:
            continue  # the first year is the last
        gain, years = result.range_at(f"gain_over_{name}_oom", last), result.gain_years.get(name)
        over = f"In {last} the best split beats {words.format(year=int(result.years[0]))}"
        if gain.high < MIN_GAIN:
            lines.append(f"{over} by almost nothing.")
            continue
        size = (
            "almost nothing"
            if gain.value < MIN_GAIN
            else f"{significant(gain.value, 2)} orders of magnitude of training compute"
        )
        unit = " orders of magnitude of training compute" if gain.value < MIN_GAIN else ""
        low, high, level = gain.ends
        line = f"{over} by {size}, likely {_oom(low)} to {_oom(high)}{unit} ({level:.0%})"
        if years is not None and gain.value >= MIN_GAIN:
            line += f", about {in_years(years.value)} of progress"
        lines.append(f"{line}.")
    return lines


def assumption_rows(scenario: YearlyPlanInputs) -> list[tuple[str, str, str]]:
    """Label, value in words and reason of every input that counts in this plan."""
    rows, whole = [], ""
    for name, info in type(scenario).model_fields.items():
        if name == "seed" or not counts(name, scenario):
            continue
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        label = str(info.description)
        # “… reading prompts” goes on from the label before it, which in a table may be read without
        # it.
        label = label.replace("…", whole, 1) if label.startswith("…") else label
        whole = whole if str(info.description).startswith("…") else label.split(":")[0]
        rows.append(
            (
                label,
                value_words(getattr(scenario, name), str(extra.get("unit", ""))),
                str(extra.get("why", "")),
            )
        )
    return rows


#: Units that lose an s after one.
PLURALS = ("years", "days", "months", "tokens", "parameters", "chips", "epochs")


def counts(name: str, inputs: Inputs) -> bool:
    """Whether an input counts under the choices of the others."""
    if name in SERVED_ON and not getattr(inputs, "answer_time_limit_s", 0.0):
        return getattr(inputs, "answer_mfu", "model") == "model"
    chooser, *choices = ONLY_WITH.get(name, ("", ""))
    # Of a spot contract nothing counts where nothing is rented.
    is_chosen = not chooser or getattr(inputs, chooser, choices[0]) in choices
    return is_chosen and (chooser not in ONLY_WITH or counts(chooser, inputs))


def value_words(value: object, unit: str) -> str:
    """A value with its unit in plain words; a range as its ends and the probability between
    them.
    """
    if isinstance(value, Distribution):
        if value.shape == "fixed" or value.low == value.high:
            return value_words(value.low, unit)
        return (
            f"{value_words(value.low, '')} to {value_words(value.high, unit)} ({value.share:.0%},"
            f" {value.shape})"
        )
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if unit == "year":
        return str(value)
    if unit == "USD":
        return in_dollars(float(value))
    if unit in ("", "1", "name"):
        return in_words(float(value))
    singular = unit.removesuffix("s") if value == 1 and unit in PLURALS else unit
    return f"{in_words(float(value))} {singular}"


def _oom(value: float) -> str:
    return "0" if value < MIN_GAIN else significant(value, 2)


def _year_table(result: PlanResult) -> list[str]:
    columns: dict[str, tuple[str, Callable[[float], str]]] = {
        "Inference": ("inference_share", lambda x: f"{x:.0%}"),
        "Parameters": ("params", lambda x: in_words(x, 2)),
        "Tokens": ("tokens", lambda x: in_words(x, 2)),
        "Epochs": ("epochs", lambda x: significant(x, 2)),
        "Training FLOP": ("training_flop", lambda x: in_words(x, 2)),
        "Passes per answer": ("answer_compute", lambda x: in_words(x, 2)),
        "Loss": ("loss_with_algorithms", lambda x: significant(x, 4)),
    }
    lines = [
        "| Year | " + " | ".join(columns) + " | Most likely limit |",
        "|---|" + "---|" * (len(columns) + 1),
    ]
    for at, year in enumerate(result.years):
        cells = []
        for name, words in columns.values():
            low, high = result.bands[name].interval(level_in_words())
            cells.append(
                f"{words(result.bands[name].median[at])} ({words(low[at])}–{words(high[at])})"
            )
        likely = int(np.argmax(result.binding[:, at]))
        lines.append(
            f"| {int(year)} | "
            + " | ".join(cells)
            + f" | {LIMIT_WORDS[LIMITS[likely]]}, {result.binding[likely, at]:.0%} |"
        )
    return lines


def _limit_lines(result: PlanResult) -> list[str]:
    last = int(result.years[-1])
    lines = []
    for limit in LIMITS[1:]:
        if result.ever[limit] < 0.005:
            lines.append(f"- {LIMIT_WORDS[limit].capitalize()}: not within this plan.")
            continue
        when, chance = years_in_words(result.starts[limit], last), f"{result.ever[limit]:.0%}"
        first = f"; first {when}" if when else ""
        lines.append(
            f"- {LIMIT_WORDS[limit].capitalize()}: the limiting factor at some time with a chance"
            f" of {chance}{first}."
        )
    return lines
