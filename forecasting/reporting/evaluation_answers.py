"""How good forecasts have been, in words."""

from __future__ import annotations

import numpy as np

from forecasting.answers import answer_of, answers_of
from forecasting.data.dataset import DataSet
from forecasting.evaluation.all_records import NOT_FOR_ALL_POINTS, AllRecords, method_coverage
from forecasting.evaluation.backtest import CutOffs
from forecasting.evaluation.forecast_ledger import ForecastLedger, LedgerEntry
from forecasting.evaluation.law_track_record import FORMS, LAW_FORMS, LawTrackRecord
from forecasting.evaluation.track_record import LEVEL, METHOD_TITLES, TrackRecord, possible_cut_offs
from forecasting.formatting import significant
from forecasting.trends.state_space import STATE_SPACE_METHODS
from forecasting.trends.trend import Kind


@answer_of.register
def all_records_answer(result: AllRecords) -> str:
    """How the default has done over all series, against the textbook line, and what fails."""
    said = []
    for chosen_on, words in (
        (True, "the eight series that it was chosen on"),
        (False, "series that it had not seen"),
    ):
        keys = [each.key for each in result.series if each.chosen_on == chosen_on]
        both = [
            (result.records.get((key, "calibrated")), result.records.get((key, "textbook")))
            for key in keys
        ]
        pairs = [(ours, plain) for ours, plain in both if ours is not None and plain is not None]
        if not pairs:
            continue
        held, before = (
            sum(0.695 <= pair[at].coverage(LEVEL).value < 0.905 for pair in pairs) for at in (0, 1)
        )
        gain = 1.0 - float(np.mean([ours.mean_crps / plain.mean_crps for ours, plain in pairs]))
        said.append(
            f"On {words}, its 80% bands held 70 to 90% of later points on {held} of"
            f" {len(pairs)} (the textbook line's on {before}), and its score is {gain:.0%}"
            " better in the mean."
        )
    failed = calibration_failures(result)
    fails = [f"What fails: {' '.join(failed)}"] if failed else []
    return " ".join(["The default method, calibrated by past errors:", *said, *fails])


def calibration_failures(result: AllRecords, method: str = "calibrated") -> list[str]:
    """What fails, in words: the series on which the bands of a method held less than 70% or
    more than 90%.
    """
    sentences = []
    for series in result.series:
        record = result.records.get((series.key, method))
        if record is None:
            continue
        value = round(record.coverage(LEVEL).value, 2)
        if value < 0.70:
            sentences.append(f"{series.label}: too narrow, 80% bands held {value:.0%}.")
        elif value > 0.90:
            sentences.append(f"{series.label}: too wide, 80% bands held {value:.0%}.")
    return sentences


@answer_of.register
def law_track_record_answer(result: LawTrackRecord) -> str:
    """What the checks say, in two sentences."""
    runs, curves = "training runs", "learning curves"
    chinchilla, shared, straight, same = (result.median_error_of(form, runs) for form in LAW_FORMS)
    held = [check.held for check in result.checks if check.held is not None]
    best = min(FORMS, key=lambda form: result.median_error_of(form, curves))
    worst = max(FORMS, key=lambda form: result.median_error_of(form, curves))
    errors = {form: f"{100 * result.median_error_of(form, curves):.0f}%" for form in (best, worst)}
    return (
        "Fitted to the smaller runs, the Chinchilla form misses the loss of the larger ones by"
        f" a median of {100 * chinchilla:.1f}% (with one exponent for parameters and tokens"
        f" {100 * shared:.1f}%), a power law of compute alone by {100 * straight:.1f}%, the"
        f" best loss so far by {100 * same:.1f}%; its 80% intervals held {np.mean(held):.0%} of"
        f" them. Of the learning-curve forms {best} extrapolates best (median {errors[best]}),"
        f" {worst} worst ({errors[worst]})."
    )


#: Forecasts that were off by more than this factor, at the farthest horizon, are said to have been.
OFF_BY = 3.0


@answer_of.register
def track_record_answer(result: TrackRecord) -> str:
    """What would have been said then, what came, and how often such bands have held."""
    s, share = result.scenario, result.held
    years = f"{s.years_ahead} years" if s.years_ahead > 1 else "year"
    came = (
        f"held {share.value:.0%} of the {share.points} points that came"
        if share
        else "can't be judged: no point has come since"
    )
    return (
        f"{result.series.label}: on 1 January {result.cut_off_year}, knowing"
        f" {int(result.known.sum())} points, the 80% band for the next {years} {came}."
    )


def track_record_note(result: TrackRecord) -> str:
    """Why another cut-off is shown than the one asked for; empty where it is that one."""
    if result.cut_off_year == result.scenario.cut_off_year:
        return ""
    first, last = possible_cut_offs(result.series)
    return (
        f"“{result.series.label}” can be judged from {first} to {last}: before, fewer than"
        f" {CutOffs().fewest_known} points were known; after, nothing has come. Shown as"
        f" on 1 January {result.cut_off_year} instead of {result.scenario.cut_off_year}."
    )


@answers_of.register
def track_record_answers(result: TrackRecord) -> tuple[str, str]:
    """The sentences that the page begins with."""
    return result.answer, record_answer(result)


def horizon_answers(result: TrackRecord) -> tuple[str, ...]:
    """The record, how far off the forecasts were at the farthest horizon, and which simpler
    method scores better.
    """
    return tuple(
        said
        for said in (
            f"{result.series.label}:",
            record_answer(result),
            _off_by(result),
            _better(result),
        )
        if said
    )


def _off_by(result: TrackRecord) -> str:
    last = result.record.by_horizon.iloc[-1]
    if abs(last["bias_oom"]) <= np.log10(OFF_BY):
        return ""
    factor = significant(10.0 ** abs(last["bias_oom"]), 2)
    return (
        f"But {last['years_ahead_above']:.0f} to {last['years_ahead_up_to']:.0f} years ahead"
        f" the forecasts were {factor}× too {'high' if last['bias_oom'] > 0 else 'low'} (median"
        f" of {last['points']:.0f} points)."
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
        f"On this series “{METHOD_TITLES[best.method]}”, which needs no fit, scores better:"
        f" {gain:.0%} lower CRPS."
    )


def record_answer(result: TrackRecord) -> str:
    """The record over all cut-offs."""
    share, plain, count = (
        result.record.coverage(LEVEL),
        result.textbook.coverage(LEVEL),
        result.record.cut_offs.size,
    )
    against = ""
    if result.scenario.method != "textbook":
        gain = 1.0 - result.record.mean_crps / result.textbook.mean_crps
        score = (
            f"{abs(gain):.0%} {'better' if gain >= 0 else 'worse'} than that line's"
            if abs(gain) >= 0.005
            else "the same as that line's"
        )
        against = (
            f"; those of the textbook line held {plain.value:.0%}. Its score (CRPS) is {score}"
        )
    return (
        f"From {count} date{'s' if count > 1 else ''}, up to five years ahead, 80% bands of"
        f" this method held {share.value:.0%} of {share.points:,} later points (80% range of"
        f" the sampling error {100 * share.low:.0f} to {100 * share.high:.0f}%){against}."
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
            "This estimator is for the best points only, so its bands are not judged on all later"
            " points."
        )
    if method in STATE_SPACE_METHODS:
        return (
            "The page Track record tells how often bands of this method have held, on any series"
            " and cut-off."
        )
    share = method_coverage(method, kind, data)
    what = "later points" if kind == "observation" else "medians of later years"
    return (
        f"80% bands of this method held {share.value:.0%} of {share.points:,} {what} on the eight"
        f" series of the track record ({share.low:.0%} to {share.high:.0%} by series)."
    )


@answer_of.register
def ledger_answer(result: ForecastLedger) -> str:
    """How many forecasts are on record, how many have been measured and how those did."""
    count, resolved, waiting = len(result.entries), len(result.resolved), result.open
    answer = f"{count} forecasts are on record."
    if resolved:
        answer += (
            f" {resolved} can be scored by now:"
            f" {'all' if result.inside == resolved else result.inside} of them came inside the 80%"
            " range;"
            f" their mean score (CRPS) is {significant(result.mean_crps, 2)} factors of ten."
        )
    if waiting:
        answer += (
            f" {len(waiting)} {'are' if len(waiting) > 1 else 'is'} open; the next is for"
            f" {waiting[0].day}, which the tables that measure it do not reach yet."
        )
    return answer


@answers_of.register
def ledger_answers(result: ForecastLedger) -> tuple[str, ...]:
    """The answer, the forecast that was furthest off, and which were written down in retrospect."""
    said = [result.answer]
    if result.worst is not None:
        said.append(f"Furthest off: {entry_words(result.worst)}.")
    later = [entry for entry in result.entries if entry.in_retrospect]
    if later:
        days = sorted({entry.made_on for entry in later})
        said.append(
            f"{len(later)} were written down in retrospect, from the tables of"
            f" {' and '.join(f'{day:%B %Y}' for day in days)}."
        )
    return tuple(said)


def entry_words(entry: LedgerEntry) -> str:
    """A forecast on record in short: quantity, day, figure with its range, and what was
    measured.
    """
    came = "" if entry.measured is None else f"; measured: {entry.words(entry.measured)}"
    return f"{entry.label}, {entry.day}: {entry.range.with_range(entry.words)}{came}"
