"""What is shipped is what is computed now: parts of it here, all of it in the soak."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.shipped_results import ShippedResults
from forecasting.evaluation import law_track_record
from forecasting.evaluation.law_track_record import checks_of, tried_laws
from forecasting.scaling import set_overview
from forecasting.scaling.set_overview import SetOverviewInputs
from tests.vintage import shipped

BOTH = pytest.mark.parametrize("data", [bundled(), shipped()], ids=["vintage", "shipped"])
REMEDY = "run make precompute"


def alike(record: Any) -> dict[str, Any]:
    """The same record but for rounding."""
    return {
        name: pytest.approx(value, rel=1e-6, nan_ok=True) if isinstance(value, float) else value
        for name, value in asdict(record).items()
    }


@BOTH
def test_one_check_of_each_form_of_law_is_what_was_shipped(data: DataSet) -> None:
    found = law_track_record.SHIPPED.of(data)
    assert found is not None, REMEDY
    forms = set()
    for (_name, check), shipped_check in zip(checks_of(data), found["checks"], strict=False):
        if shipped_check["form"] not in forms:
            forms.add(shipped_check["form"])
            assert shipped_check == alike(check()), REMEDY
    assert forms >= {*law_track_record.LAW_FORMS, *law_track_record.FORMS, "routing law"}


@BOTH
def test_the_row_of_the_default_runs_is_what_was_shipped(data: DataSet) -> None:
    rows = set_overview.SHIPPED.of(data)
    assert rows is not None, REMEDY
    scenario = SetOverviewInputs()
    computed = set_overview.run_row(scenario.of_set("chinchilla"), scenario.training_flop, data)
    assert rows[0] == alike(computed), REMEDY


@pytest.mark.soak
@BOTH
def test_every_shipped_result_is_what_is_computed_now(data: DataSet) -> None:
    record = law_track_record.law_track_record(data)
    found = law_track_record.SHIPPED.of(data)
    assert len(record.checks) == len(found["checks"])
    for check, shipped_check in zip(record.checks, found["checks"], strict=True):
        assert shipped_check == alike(check), REMEDY
    assert list(record.left_out) == found["left_out"]
    rows = set_overview.set_rows(SetOverviewInputs(), data)
    for row, shipped_row in zip(rows, set_overview.SHIPPED.of(data), strict=True):
        assert shipped_row == alike(row), REMEDY


def test_the_record_of_laws_is_read_and_not_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("computed")

    monkeypatch.setattr(law_track_record, "law_track_record", never)
    data = DataSet(bundled().folder)
    record = tried_laws(law_track_record.TriedLawsInputs(), data=data)
    assert len(record.table) == len(record.checks) > 50


def test_other_tables_or_another_seed_are_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(law_track_record, "law_track_record", lambda _data, seed: seed)
    fewer = bundled().replaced(runs_chinchilla=bundled()["runs_chinchilla"].iloc[1:])
    assert law_track_record.cached_law_track_record(0, fewer) == 0
    assert law_track_record.cached_law_track_record(3, DataSet(bundled().folder)) == 3


def test_results_are_found_by_the_tables_that_they_were_computed_from(tmp_path: Path) -> None:
    file = ShippedResults(str(tmp_path / "module.py"), "results.json", ("ml_chips",))
    fewer = bundled().replaced(ml_chips=bundled()["ml_chips"].iloc[1:])
    file.write([(bundled(), {"answer": 1.5}), (fewer, {"answer": 2.5})])
    assert file.of(bundled()) == {"answer": 1.5}
    assert file.of(fewer) == {"answer": 2.5}
    assert file.of(shipped()) is None
