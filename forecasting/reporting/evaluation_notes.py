"""Why a cut-off is left out of a track record, in words."""

from __future__ import annotations

from forecasting.answers import sentence_of
from forecasting.evaluation.backtest import NotFitted, TooFewKnown, TooFewLater


@sentence_of.register
def too_few_known_sentence(note: TooFewKnown) -> str:
    """Too few points to fit."""
    return f"only {note.known} points were known; at least {note.needed} are needed"


@sentence_of.register
def too_few_later_sentence(note: TooFewLater) -> str:
    """Too few points to score by."""
    gap = "a gap in the series: " if note.is_gap else ""
    return f"{gap}only {note.later} points in the {note.years_ahead:g} years after it"


@sentence_of.register
def not_fitted_sentence(note: NotFitted) -> str:
    """No fit to what was known."""
    return f"the method can't be fitted: {note.error}"
