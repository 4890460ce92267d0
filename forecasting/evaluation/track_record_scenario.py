"""The inputs of all forecasts of a track record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

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
    #: Version 1 judged the methods of statsmodels only where asked to.
    VERSION: ClassVar[int] = 2
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: {"peers": False}}
