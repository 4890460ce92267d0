"""What a user's own runs and tables say, in words."""

from __future__ import annotations

import numpy as np
import pandas as pd

from forecasting.answers import answer_of, answers_of
from forecasting.compute_cost.trained_models import MODEL_ALIASES, named_row
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import ForecastingError
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.reporting.overview import OverviewScenario, overview
from forecasting.stats.bands import Range
from forecasting.user_runs.epoch_tables import EpochTable, NewerTable
from forecasting.user_runs.own_runs import LARGEST_COUNT, LARGEST_LOSS, LEVEL, RunsForecast

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
        return f"{in_words(result.scenario.budget_flop)} FLOP"
    flop = (
        f"{in_words(result.budget_flop.value, 2)} FLOP ({in_words(result.budget_flop.low, 2)} to"
        f" {in_words(result.budget_flop.high, 2)})"
    )
    return f"{in_dollars(result.scenario.budget_usd)} of compute in {result.scenario.year}, {flop},"


@answer_of.register
def runs_forecast_answer(result: RunsForecast) -> str:
    """The law and its advice in a sentence with its ranges."""
    whose = (
        f"The example's {len(result.fit.runs)} runs"
        if result.is_example
        else f"Your {len(result.fit.runs)} runs"
    )
    if result.undetermined:
        return result.undetermined.replace("These runs", whose, 1)
    alpha, beta = (result.fit.interval(name, LEVEL) for name in ("alpha", "beta"))
    floor = f"{result.law.E:.3g}" if result.law.E >= 1e-4 else "0"
    return (
        f"{whose} follow L = {floor} + A/N^{result.law.alpha:.2g} + B/D^{result.law.beta:.2g} (80%"
        f" ranges: α {alpha[0]:.2g} to {alpha[1]:.2g}, β {beta[0]:.2g} to {beta[1]:.2g})."
        f" {budget_words(result)[:1].upper()}{budget_words(result)[1:]}"
        f" {'is' if result.scenario.budget_in == 'usd' else 'are'} best spent on"
        f" {count_range(result.params)} parameters and {count_range(result.tokens)} tokens, for a"
        f" loss of {loss_range(result.loss)}."
    )


@answers_of.register
def runs_forecast_answers(result: RunsForecast) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, target_answer(result)


def target_answer(result: RunsForecast) -> str:
    """What the big run would reach."""
    s = result.scenario
    if result.undetermined:
        big = f"{in_words(s.target_params)} parameters on {in_words(s.target_tokens)} tokens"
        return f"So they say neither how to spend a budget nor what a run of {big} would reach."
    return (
        f"A run of {in_words(s.target_params)} parameters on {in_words(s.target_tokens)} tokens"
        f" would end at a loss of {loss_range(result.target_loss)}."
    )


def count_words(value: float) -> str:
    """A count in words; beyond all that is, “no limit”."""
    if value > LARGEST_COUNT:
        return "no limit"
    return in_words(value, 2) if value >= 1.0 else "none"


def count_range(figure: Range) -> str:
    """A count with its 80% range."""
    return figure.with_range(count_words)


def loss_words(value: float) -> str:
    """A loss to three digits."""
    return significant(value, 3) if value < LARGEST_LOSS else "no limit"


def loss_range(figure: Range) -> str:
    """A loss with its 80% range."""
    return figure.with_range(loss_words)
