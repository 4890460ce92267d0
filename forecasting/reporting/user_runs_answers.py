"""What a user's own runs and tables say, in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from forecasting.answers import answer_of, lines_of
from forecasting.compute_cost.trained_models import MODEL_ALIASES, named_row
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import ForecastingError
from forecasting.formatting import (
    counted,
    in_dollars,
    in_flop,
    in_words,
    likely,
    range_in_words,
    significant,
)
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.stats.bands import Range
from forecasting.stats.range_level import level_in_words, range_heading
from forecasting.user_runs.epoch_tables import EpochTable, NewerTable
from forecasting.user_runs.own_runs import LARGEST_COUNT, LARGEST_LOSS, RunsForecast

TITLES: dict[EpochTable, str] = {
    "ai_models": "Epoch AI's models",
    "ml_chips": "Epoch AI's machine learning hardware",
}


@answer_of.register
def newer_table_answer(result: NewerTable) -> str:
    """What was read, in a sentence."""
    out = sum(result.left_out.values())
    why = (
        f" {out} rows are left out"
        f" ({', '.join(f'{n} {why}' for why, n in result.left_out.items() if n)})."
        if out
        else ""
    )
    lacks = (
        " The release has no column for"
        f" {', '.join(name.replace('_', ' ') for name in result.missing)}."
        if result.missing
        else ""
    )
    return (
        f"A release of {TITLES[result.table]} with {result.columns_seen} columns:"
        f" {len(result.frame):,} rows can be used.{why}{lacks}"
    )


def table_changes(result: NewerTable, before: DataSet | None = None) -> list[str]:
    """What the release changes of a set (None: the bundled one), a sentence each: rows, newest
    entry, largest values, and the key figures of the overview.
    """
    before = bundled() if before is None else before
    name, date = ("model", "date") if result.table == "ai_models" else ("chip", "release_date")
    old, new = before[result.table], result.frame
    added = sorted(set(new[name]) - set(old[name]))
    gone = len(set(old[name]) - set(new[name]))
    newest = new.sort_values(date).iloc[-1]
    lines = [
        (
            f"Rows: {len(old):,} before, {len(new):,} now; {len(added):,} new names, {gone:,}"
            " no longer there."
        ),
        (
            f"Newest entry: {newest[name]}, {newest[date].date()} (before:"
            f" {old[date].max().date()})."
        ),
    ]
    column, what = {
        "ai_models": ("training_flop", "training compute in FLOP"),
        "ml_chips": ("tensor_fp16_flop_per_s", "tensor FP16 rate in FLOP/s"),
    }[result.table]
    tops = [float(frame[column].max()) for frame in (old, new)]
    lines.append(
        f"Largest {what}: {in_words(tops[0])} before,"
        f" {in_words(tops[1]) if np.isfinite(tops[1]) else 'none'} now."
    )
    if result.table == "ai_models":
        lines += _names_of_defaults(new)
    return lines + _figures(result, before)


def _names_of_defaults(table: pd.DataFrame) -> list[str]:
    """What the release calls the models that pages name by default, where it is another name."""
    told = table[table["training_flop"].notna()]
    lines = []
    for name, usual in MODEL_ALIASES.items():
        known = named_row(name, told)
        if known is None:
            lines.append(f"It has no training compute of {name}: the bundled table's is used.")
        elif known != usual:
            lines.append(f"{name} is its row “{known}”.")
    return lines


def _figures(result: NewerTable, before: DataSet) -> list[str]:
    """The key figures of the overview that are not the same with this table."""
    after = before.replaced(**{result.table: result.frame})
    try:
        old, new = (
            overview(OverviewScenario(seed=0), data=each).figures for each in (before, after)
        )
    except ForecastingError as error:
        return [f"The overview can't be computed with it: {error}"]
    changed = [
        f"{b.label}: {a.words} before, {b.words} now."
        for a, b in zip(old, new, strict=True)
        if a.words != b.words
    ]
    return changed or ["No key figure of the overview changes."]


def budget_words(result: RunsForecast) -> str:
    """The budget as it was asked for."""
    if result.scenario.budget_in == "flop":
        return f"A budget of {in_flop(result.scenario.budget_flop, 2)} FLOP"
    return (
        f"{in_dollars(result.scenario.budget_usd, 2)} of compute in {result.scenario.year},"
        f" {in_flop(result.budget_flop.value, 2)} FLOP,"
    )


@answer_of.register
def runs_forecast_answer(result: RunsForecast) -> str:
    """What the big run would reach by the law of the runs, with its range."""
    if result.undetermined:
        return f"{_whose(result)} do not determine a scaling law."
    loss = result.target_loss.with_range(loss_words, goes_on=True)
    return (
        f"{_whose(result)} predict a loss of {loss} for {in_words(result.target_params, 2)}"
        f" parameters on {in_words(result.target_tokens, 2)} tokens"
        f" ({significant(result.tokens_per_param, 2)} per parameter)."
    )


def _whose(result: RunsForecast) -> str:
    runs = counted(len(result.fit.runs), "run")
    return f"The example's {runs}" if result.is_example else f"Your {runs}"


@lines_of.register
def runs_forecast_lines(result: RunsForecast) -> tuple[str, ...]:
    """How to spend the budget; what the big run takes; the exponents."""
    if result.undetermined:
        whose = _whose(result)
        return (
            result.undetermined.replace("These runs", whose, 1),
            "So they determine neither how to spend a budget nor what a larger run would reach.",
        )
    level = level_in_words()
    alpha, beta = (
        likely(*result.fit.interval(name, level), level, "{:.2f}".format)
        for name in ("alpha", "beta")
    )
    law = result.law
    return (
        (
            f"{budget_words(result)} is best spent on {count_words(result.tokens.value)} tokens"
            f" and {result.params.with_range(count_words, 'parameters')}."
        ),
        target_answer(result),
        (
            f"Exponents: {law.alpha:.2f} for parameters{f', {alpha}' if alpha else ''};"
            f" {law.beta:.2f} for data{f', {beta}' if beta else ''}."
        ),
    )


def law_latex(law: ChinchillaLaw, digits: int = 4) -> str:
    """A law as one formula with its numbers, in LaTeX."""
    E, A, B, alpha, beta = (
        significant(value, digits).replace(",", r"\,")
        for value in (_floor(law), law.A, law.B, law.alpha, law.beta)
    )
    return rf"L(N, D) = {E} + \frac{{{A}}}{{N^{{{alpha}}}}} + \frac{{{B}}}{{D^{{{beta}}}}}"


def _floor(law: ChinchillaLaw) -> float:
    """The irreducible loss, 0 where it is none to three digits."""
    return law.E if law.E >= 1e-4 else 0.0


def flop_words(result: RunsForecast) -> str:
    """What the compute of runs is."""
    if result.fit.runs.flop is None:
        return "Compute is 6·N·D."
    return "Compute is the runs' own count, or 6·N·D where they give none."


def target_answer(result: RunsForecast) -> str:
    """What the big run takes: compute, cost and days."""
    if result.undetermined:
        return "These runs do not determine what a larger run would reach."
    return (
        f"The run takes {in_flop(result.target_flop, 2)} FLOP:"
        f" {usd_words(result.target_usd.value)} in {result.scenario.year},"
        f" {counted(float(f'{result.target_days.value:.2g}'), 'day')} on"
        f" {counted(result.cluster_chips, 'chip')} ({result.chip})."
    )


def big_run_table(result: RunsForecast) -> pd.DataFrame:
    """The big run in full, a row a quantity, with ranges in words."""
    chips = f"{result.cluster_chips:,} chip{'s' if result.cluster_chips > 1 else ''}"
    ranges: list[tuple[str, Range, Callable[[float], str]]] = [
        (f"Loss, {result.loss_unit}", result.target_loss, loss_words),
        (f"Hours of {result.chip}", result.target_chip_hours, hours_words),
        (f"Cost of compute in {result.scenario.year}", result.target_usd, usd_words),
        (f"Days on {chips}", result.target_days, hours_words),
        ("Best tokens at this size", result.optimal_tokens, count_words),
    ]
    rows = [
        ("Parameters", in_words(result.target_params), ""),
        ("Training tokens", in_words(result.target_tokens), ""),
        ("Tokens per parameter", significant(result.tokens_per_param, 3), ""),
        ("Training compute, FLOP", in_flop(result.target_flop), ""),
        *(
            (what, words(figure.value), range_in_words(*figure.ends[:2], words))
            for what, figure, words in ranges
        ),
    ]
    return pd.DataFrame(rows, columns=["The big run", "Value", range_heading()])


def hours_words(value: float) -> str:
    """A count of hours or days to two digits."""
    return in_words(value, 2)


def usd_words(value: float) -> str:
    """Dollars to two digits."""
    return in_dollars(value, 2)


def count_words(value: float) -> str:
    """A count in words; beyond all that is, “no limit”."""
    if value > LARGEST_COUNT:
        return "no limit"
    return in_words(value, 2) if value >= 1.0 else "none"


def count_range(figure: Range) -> str:
    """A count with its range."""
    return figure.with_range(count_words)


def loss_words(value: float) -> str:
    """A loss to two decimals, a small or a large one to three digits."""
    if 1.0 <= value < 10.0:
        return f"{value:.2f}"
    return significant(value, 3) if value < LARGEST_LOSS else "no limit"


def loss_range(figure: Range) -> str:
    """A loss with its range."""
    return figure.with_range(loss_words)
