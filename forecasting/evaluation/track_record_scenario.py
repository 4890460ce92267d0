"""The inputs of all forecasts of a track record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from forecasting.evaluation.all_records import AllRecordsInputs
from forecasting.evaluation.forecast_ledger import LedgerInputs
from forecasting.evaluation.law_track_record import TriedLawsInputs
from forecasting.evaluation.reliability import ReliabilityInputs
from forecasting.evaluation.track_record import TrackRecordInputs
from forecasting.scenario import Scenario


class TrackRecordScenario(
    TriedLawsInputs, AllRecordsInputs, ReliabilityInputs, TrackRecordInputs, LedgerInputs, Scenario
):
    """Inputs of all forecasts of a track record."""

    NAME: ClassVar[str] = "track-record"
    VERSION: ClassVar[int] = 2
    #: Version 1 judged the method whose bands are set by the series alone, and peers on demand.
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {
        1: {"method": "calibrated", "peers": False}
    }
