from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.tools import soak
from tests.tools.soak import Outcome, last_line

TESTS = """
import os
import pytest

def test_passes(): assert os.environ["COMPUTE_FORECAST_SOAK"] == "1"
def test_fails(): assert {passes}
@pytest.mark.skip(reason="always")
def test_is_skipped(): ...
"""


def test_a_part_that_fails_hides_neither_the_next_nor_itself(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "test_first.py").write_text(TESTS.format(passes=False))
    (tmp_path / "test_second.py").write_text(TESTS.format(passes=True))
    parts = {name: [str(tmp_path / f"test_{name}.py")] for name in ("first", "second")}
    assert soak.run(parts) == 1
    last = capfd.readouterr().out.splitlines()[-1]
    assert last.startswith("make soak: 3 passed, 1 failed, 2 skipped in ")
    assert "(first: 1 passed, 1 failed, 1 skipped in " in last
    assert "; second: 2 passed, 0 failed, 1 skipped in " in last


def test_the_last_line_has_the_time_of_all_and_names_what_did_not_end() -> None:
    outcomes = {
        "load": Outcome(0, 125.0, Counter(passed=2)),
        "the rest": Outcome(-9, 2_000.4),
    }
    assert last_line(outcomes) == (
        "make soak: 2 passed, 0 failed in 35 min 25 s (load: 2 passed, 0 failed in 2 min 5 s;"
        " the rest: 0 passed, 0 failed in 33 min 20 s, ended with exit code -9)"
    )


def test_the_load_comes_first_and_alone_and_no_test_twice() -> None:
    load, rest = soak.PARTS.values()
    assert load == [soak.LOAD]
    assert (soak.ROOT / soak.LOAD).is_file()
    assert f"--ignore={soak.LOAD}" in rest
