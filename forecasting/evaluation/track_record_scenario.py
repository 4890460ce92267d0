"""The inputs of all forecasts of a track record."""

from __future__ import annotations

from typing import ClassVar

from forecasting.evaluation.all_records import AllRecordsInputs
from forecasting.evaluation.forecast_ledger import LedgerInputs
from forecasting.evaluation.law_track_record import TriedLawsInputs
from forecasting.evaluation.track_record import TrackRecordInputs
from forecasting.scenario import Scenario


class TrackRecordScenario(
    TriedLawsInputs, AllRecordsInputs, TrackRecordInputs, LedgerInputs, Scenario
):
    """Inputs of all forecasts of a track record."""

    NAME: ClassVar[str] = "track-record"
    VERSION: ClassVar[int] = 1
