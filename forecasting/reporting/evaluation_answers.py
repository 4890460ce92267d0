"""How good forecasts have been, in words."""

from __future__ import annotations

import numpy as np

from forecasting.answers import answer_of, lines_of
from forecasting.data.dataset import DataSet
from forecasting.evaluation.all_records import NOT_FOR_ALL_POINTS, AllRecords, method_coverage
from forecasting.evaluation.backtest import CutOffs
from forecasting.evaluation.forecast_ledger import ForecastLedger, LedgerEntry
from forecasting.evaluation.law_track_record import FORMS, LAW_FORMS, LawTrackRecord
from forecasting.evaluation.reliability import Reliability
from forecasting.evaluation.track_record import LEVEL, METHOD_TITLES, TrackRecord, possible_cut_offs
from forecasting.formatting import counted, in_percent, significant
from forecasting.trends.state_space import STATE_SPACE_METHODS
from forecasting.trends.trend import DEFAULT_METHOD, Kind


@answer_of.register
def all_records_answer(result: AllRecords) -> str:
    """On how many series the default's bands were about as wide as they should be."""
    held, _, count, _ = _over_series(result, None)
    return (
        "The default method's 80% ranges contained 70–90% of later points on"
        f" {held} of {counted(count, 'series', 'series')}."
    )


@lines_of.register
def all_records_lines(result: AllRecords) -> tuple[str, ...]:
    """Apart for series that it was not chosen on; its score; what fails."""
    held, plain, count, gain = _over_series(result, False)
    failed = calibration_failures(result)
    unseen = (
        f"On the {counted(count, 'series', 'series')} it was not chosen on: {held}, against"
        f" {plain} for a textbook trend line."
        if count
        else ""
    )
    score = (
        f"Its score there is {abs(gain):.0%} {'better' if gain >= 0 else 'worse'} than that line's"
        " on average."
        if count
        else ""
    )
    return (unseen, score, f"Needs care: {'; '.join(failed)}." if failed else "")


def _over_series(result: AllRecords, chosen_on: bool | None) -> tuple[int, int, int, float]:
    """On how many series the default's bands held 70 to 90% of later points, the textbook line's
    on how many, of how many, and how much better the default scores in the mean.

    Parameters
    ----------
    result : AllRecords
        The records.
    chosen_on : bool or None
        Only the series that the method was chosen on, only others, or (None) all.
    """
    both = [
        (
            result.rows.get((each.key, DEFAULT_METHOD)),
            result.rows.get((each.key, "textbook")),
        )
        for each in result.series
        if chosen_on is None or each.chosen_on == chosen_on
    ]
    pairs = [(ours, plain) for ours, plain in both if ours is not None and plain is not None]
    held, before = (
        sum(0.695 <= pair[at]["coverage_80"] < 0.905 for pair in pairs) for at in (0, 1)
    )
    ratios = [ours["crps_oom"] / plain["crps_oom"] for ours, plain in pairs]
    return held, before, len(pairs), 1.0 - float(np.mean(ratios)) if ratios else 0.0


def calibration_failures(result: AllRecords, method: str = DEFAULT_METHOD) -> list[str]:
    """What fails, in words: the series on which the bands of a method contained less than 70% or
    more than 90% of later points.
    """
    sentences = []
    for series in result.series:
        row = result.rows.get((series.key, method))
        if row is None:
            continue
        value = round(row["coverage_80"], 2)
        if value < 0.70:
            sentences.append(f"{series.label}, too narrow ({value:.0%})")
        elif value > 0.90:
            sentences.append(f"{series.label}, too wide ({value:.0%})")
    return sentences


@answer_of.register
def reliability_answer(result: Reliability) -> str:
    """What 80% bands of the method held in the mean of all series."""
    held = result.by_method[result.scenario.method][1]
    return (
        f"80% ranges of “{METHOD_TITLES[result.scenario.method]}” contained {held.mean:.0%} of"
        f" later points on average over {counted(held.series, 'series', 'series')}."
    )


@lines_of.register
def reliability_lines(result: Reliability) -> tuple[str, ...]:
    """The other levels; the spread over series; the textbook line."""
    half, most, nearly_all = result.by_method[result.scenario.method]
    against = ""
    if result.scenario.method != "textbook":
        plain = [f"{row.mean:.0%}" for row in result.by_method["textbook"]]
        against = f"Those of a textbook line contained {plain[0]}, {plain[1]} and {plain[2]}."
    return (
        f"Its 50% ranges contained {half.mean:.0%}, its 95% ranges {nearly_all.mean:.0%}.",
        f"By series its 80% ranges contained {most.low:.0%} to {most.high:.0%} (middle 80%).",
        against,
    )


@answer_of.register
def law_track_record_answer(result: LawTrackRecord) -> str:
    """How far the Chinchilla form misses what it has not seen."""
    chinchilla, *_ = (result.median_error_of(form, RUNS) for form in LAW_FORMS)
    return (
        "Fitted to the smaller runs, the Chinchilla law misses the loss of the larger ones by a"
        f" median of {_error(chinchilla)}."
    )


@lines_of.register
def law_track_record_lines(result: LawTrackRecord) -> tuple[str, ...]:
    """Simpler laws; the intervals; learning curves."""
    _, shared, straight, same = (result.median_error_of(form, RUNS) for form in LAW_FORMS)
    held = [check.held for check in result.checks if check.held is not None]
    best = min(FORMS, key=lambda form: result.median_error_of(form, CURVES))
    worst = max(FORMS, key=lambda form: result.median_error_of(form, CURVES))
    return (
        (
            f"With one exponent it misses by {_error(shared)}, a power law of compute alone by"
            f" {_error(straight)}, the best loss so far by {_error(same)}."
        ),
        f"Its 80% ranges contained {np.mean(held):.0%} of the held-out runs.",
        (
            f"Of the learning-curve forms {best} extrapolates best (median error"
            f" {_error(result.median_error_of(best, CURVES))}), {worst} worst"
            f" ({_error(result.median_error_of(worst, CURVES))})."
        ),
    )


RUNS, CURVES = "training runs", "learning curves"


def _error(share: float) -> str:
    return in_percent(share, 2)


#: Forecasts that were off by more than this factor, at the farthest horizon, are said to have been.
OFF_BY = 3.0


@answer_of.register
def track_record_answer(result: TrackRecord) -> str:
    """What would have been forecast then, and what came."""
    s, share = result.scenario, result.held
    years = f"{s.years_ahead} years" if s.years_ahead > 1 else "year"
    came = (
        f"contained {share.value:.0%} of the {counted(share.points, 'later point')}"
        if share
        else "can't be evaluated: there are no later points"
    )
    return (
        f"{result.series.label}: on 1 January {result.cut_off_year}, the 80% range for the next"
        f" {years} {came}."
    )


def track_record_note(result: TrackRecord) -> str:
    """Why another cut-off is shown than the one asked for; empty where it is that one."""
    if result.cut_off_year == result.scenario.cut_off_year:
        return ""
    first, last = possible_cut_offs(result.series)
    return (
        f"“{result.series.label}” can be evaluated from {first} to {last}: before, fewer than"
        f" {CutOffs().fewest_known} points were known; after, there are no later points. Shown as"
        f" of 1 January {result.cut_off_year} instead of {result.scenario.cut_off_year}."
    )


@lines_of.register
def track_record_lines(result: TrackRecord) -> tuple[str, ...]:
    """The record over all cut-offs."""
    return record_lines(result)


def horizon_answers(result: TrackRecord) -> tuple[str, ...]:
    """The record, how far off the forecasts were at the farthest horizon, and which simpler
    method scores better; the first of them the answer.
    """
    held, *rest = record_lines(result)
    first = f"{result.series.label}: {held[:1].lower()}{held[1:]}"
    return first, *[said for said in (_off_by(result), _better(result), *rest) if said][:3]


def _off_by(result: TrackRecord) -> str:
    last = result.record.by_horizon.iloc[-1]
    if abs(last["bias_oom"]) <= np.log10(OFF_BY):
        return ""
    factor = significant(10.0 ** abs(last["bias_oom"]), 2)
    return (
        f"At {last['years_ahead_above']:.0f} to {last['years_ahead_up_to']:.0f} years ahead"
        f" the forecasts were {factor} times too {'high' if last['bias_oom'] > 0 else 'low'}, by"
        f" the median of {last['points']:.0f} points."
    )


def _better(result: TrackRecord) -> str:
    alike = [
        each
        for each in result.simple
        if each.crps.size == result.record.crps.size and each.method != result.record.method
    ]
    best = min(alike, key=lambda each: each.mean_crps, default=None)
    if best is None or best.mean_crps > 0.995 * result.record.mean_crps:
        return ""
    gain = 1.0 - best.mean_crps / result.record.mean_crps
    return (
        f"“{METHOD_TITLES[best.method]}”, which needs no fit, scores {gain:.0%} better on this"
        " series."
    )


def record_lines(result: TrackRecord) -> tuple[str, ...]:
    """The record over all cut-offs: how often its bands held, those of the textbook line, and how
    the two score.
    """
    share, plain, count = (
        result.record.coverage(LEVEL),
        result.textbook.coverage(LEVEL),
        result.record.cut_offs.size,
    )
    held = (
        f"From {counted(count, 'date')}, 80% ranges up to five years ahead contained"
        f" {share.value:.0%} of {share.points:,} later points."
    )
    if result.scenario.method == "textbook":
        return (held,)
    gain = 1.0 - result.record.mean_crps / result.textbook.mean_crps
    score = (
        f"{abs(gain):.0%} {'better' if gain >= 0 else 'worse'} than that line's"
        if abs(gain) >= 0.005
        else "the same as that line's"
    )
    return (
        held,
        f"Those of the textbook line contained {plain.value:.0%}.",
        f"Its score (CRPS) is {score}.",
    )


def coverage_words(method: str, kind: Kind, data: DataSet) -> str:
    """What to say beside a band of a method.

    Parameters
    ----------
    method : str
        A method of fit_trend.
    kind : str
        "observation" for a new point, "trend" for the trend.
    data : DataSet
        The tables.
    """
    if method in NOT_FOR_ALL_POINTS:
        return (
            "This estimator is for the best points only, so its bands are not evaluated on all"
            " later points."
        )
    if method in STATE_SPACE_METHODS:
        return (
            "The page Track record shows how often bands of this method contained later points, for"
            " any series and cut-off."
        )
    share = method_coverage(method, kind, data)
    what = "later points" if kind == "observation" else "medians of later years"
    return (
        f"In backtests on the eight series of the track record, 80% ranges contained"
        f" {share.value:.0%} of {share.points:,} {what} (target 80%; by series"
        f" {share.low:.0%} to {share.high:.0%})."
    )


@answer_of.register
def ledger_answer(result: ForecastLedger) -> str:
    """How many forecasts are on record, how many have been measured and how those did."""
    count, resolved = counted(len(result.entries), "forecast"), len(result.resolved)
    if not resolved:
        return f"{count} {'is' if count == '1 forecast' else 'are'} on record; none is due yet."
    inside = "all" if result.inside == resolved else f"{result.inside}"
    return (
        f"Of {count} on record, {resolved} can be scored by now, {inside} of them inside the 80%"
        " range."
    )


@lines_of.register
def ledger_lines(result: ForecastLedger) -> tuple[str, ...]:
    """What is open, the forecast that was furthest off, and which were written down in
    retrospect.
    """
    waiting = result.open
    later = [entry for entry in result.entries if entry.in_retrospect]
    days = " and ".join(f"{day:%B %Y}" for day in sorted({entry.made_on for entry in later}))
    return (
        f"{len(waiting)} open; the next is due on {waiting[0].day}." if waiting else "",
        f"Furthest off: {entry_words(result.worst)}." if result.worst is not None else "",
        f"{len(later)} were computed in retrospect, from the tables of {days}." if later else "",
    )


def entry_words(entry: LedgerEntry) -> str:
    """A forecast on record in short: quantity, day, figure with its range, and what was
    measured.
    """
    came = "" if entry.measured is None else f"; measured: {entry.words(entry.measured)}"
    return f"{entry.label}, {entry.day}: {entry.range.with_range(entry.words)}{came}"
