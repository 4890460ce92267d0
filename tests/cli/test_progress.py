from __future__ import annotations

import time

import pytest

from compute_forecast import progress as module
from compute_forecast.progress import progress


def test_what_is_done_at_once_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("Working"):
        pass
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_says_so_on_stderr_unless_quiet(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT_S", 0.01)
    for quiet, said in ((False, "Working …\n"), (True, "")):
        with progress("Working", quiet=quiet):
            time.sleep(0.2)
        assert capsys.readouterr() == ("", said)
