"""A source that misbehaves, in every way we could think of: the old tables stay, nothing is lost,
and a sentence says what happened.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from forecasting.data.dataset import DataSet
from forecasting.data.replacement import WORK_FOLDER, locked
from forecasting.data.schema import check_table
from forecasting.errors import FolderInUseError, ForecastingError
from forecasting.refreshing.download import DownloadLimits
from forecasting.refreshing.effects import Effects
from forecasting.refreshing.refresh import REFUSED_FOLDER, RefreshError, refresh
from forecasting.refreshing.report import RefreshReport
from tests.examples import SOAK
from tests.forecasting.refreshing import source_server as servers
from tests.forecasting.refreshing.conftest import TODAY
from tests.forecasting.refreshing.source_bodies import EPOCH
from tests.forecasting.refreshing.source_server import Answer, SourceServer

ROOT = Path(__file__).parents[3]
QUICK = DownloadLimits(
    connect_seconds=1.0, read_seconds=0.3, total_seconds=5.0, attempts=3, pause_seconds=0.01,
    max_bytes=8 * 1024 * 1024,
)  # fmt: skip
OFFERS = "/gpurentalprices.com/api/latest.json"
SITES = f"{EPOCH}/data_centers/data_center_timelines.csv"
HARDWARE = f"{EPOCH}/ml_hardware.csv"
PATHS = {
    "chip_rental_prices_2026": OFFERS, "data_center_timelines": SITES, "ml_chips": HARDWARE,
}  # fmt: skip


@pytest.fixture(autouse=True)
def effects_left_to_soak(monkeypatch: pytest.MonkeyPatch) -> None:
    """What new tables move is computed for seconds, and looked at in test_refresh.py."""
    if not SOAK:
        monkeypatch.setattr("forecasting.refreshing.refresh.effects", lambda *given: Effects())


def contents(folder: Path) -> dict[str, str]:
    """Every file in use, by its checksum."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.is_file()
    }


def refreshed(folder: Path, server: SourceServer, table: str, **given: object) -> RefreshReport:
    options = {"dry_run": False, "limits": QUICK} | given
    return refresh(folder, source=server.address, tables=[table], **options)  # type: ignore[arg-type]


def lines(keep: Callable[[int], bool]) -> Callable[[bytes], bytes]:
    def kept(body: bytes) -> bytes:
        rows = body.splitlines(keepends=True)
        return b"".join(row for place, row in enumerate(rows) if place == 0 or keep(place))

    return kept


def each_price(change: Callable[[float], float]) -> Callable[[bytes], bytes]:
    def changed(body: bytes) -> bytes:
        content = json.loads(body)
        content["date"] = "2026-10-01"
        for offer in content["offers"]:
            offer["usd_hr"] = change(offer["usd_hr"])
        return json.dumps(content).encode()

    return changed


def replaced(old: str, new: str) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(old.encode(), new.encode())


def without_field(name: str) -> Callable[[bytes], bytes]:
    return replaced(f'"{name}"', f'"{name}_usd"')


HTML = b"<!DOCTYPE html><html><body>Please enable JavaScript</body></html>"
BAD: dict[str, tuple[str, Answer, str]] = {
    "404": ("ml_chips", servers.status(404), r"answered 404: the source has moved"),
    "403": ("ml_chips", servers.status(403), r"answered 403"),
    "500 for good": ("ml_chips", servers.status(500), r"answered 500 \(3 attempts\)\. Try again"),
    "no answer": ("ml_chips", servers.silent, r"did not answer in time \(3 attempts\)"),
    "reset in the middle": (
        "ml_chips", servers.reset_in_the_middle, r"broke off in the middle .*\(3 attempts\)",
    ),
    "cut short": ("ml_chips", servers.cut_short, r"broke off in the middle .*\(3 attempts\)"),
    "a page with status 200": (
        "ml_chips", servers.status(200, HTML), r"answered with a web page in place of data",
    ),
    "nothing with status 200": ("ml_chips", servers.status(200), r"expected .*; found"),
    "an enormous body": ("ml_chips", servers.endless, r"more than 8 MiB"),
    "an enormous body in gzip": ("ml_chips", servers.bomb, r"more than 8 MiB"),
    "broken gzip": (
        "ml_chips", servers.status(200, b"not gzip", Content_Encoding="gzip"), "can't be unpacked",
    ),
    "a redirect to another host": (
        "ml_chips",
        servers.status(302, Location="https://elsewhere.example/ml_hardware.csv"),
        r"redirects to https://elsewhere\.example: only https and the hosts in datapackage\.json",
    ),
    "a redirect to plain http": (
        "ml_chips",
        servers.status(301, Location="http://epoch.ai/data/ml_hardware.csv"),
        r"redirects to http://epoch\.ai: only https",
    ),
    "a redirect to a file": (
        "ml_chips", servers.status(302, Location="file:///etc/passwd"), r"only https",
    ),
    "redirects without an end": (
        "ml_chips", servers.status(302, Location="?again"), r"redirects more than 5 times",
    ),
    "a renamed column": (
        "ml_chips",
        servers.body_of(replaced("TDP (W)", "Board power")),
        r"none of them tdp_watts by a known name",
    ),
    "a missing column": (
        "data_center_timelines",
        servers.body_of(replaced("IT power (MW),", "")),
        r"expected a CSV with the columns .*without IT power \(MW\)",
    ),
    "a missing field": (
        "chip_rental_prices_2026",
        servers.body_of(without_field("usd_hr")),
        r"expected offers with provider, gpu, kind and usd_hr; found 0 such",
    ),
    "prices times 100": (
        "chip_rental_prices_2026",
        servers.body_of(each_price(lambda usd: 100 * usd)),
        r"usd_per_chip_hour: \d+ of \d+ values are 100 times those known before",
    ),
    "prices in cents of another kind": (
        "chip_rental_prices_2026",
        servers.body_of(each_price(lambda usd: usd / 1000)),
        r"values are 1/1,000 of those known before",
    ),
    "half the rows gone": (
        "ml_chips",
        servers.body_of(lines(lambda place: place % 2 == 0)),
        r"\d+ of \d+ rows known before are gone; at most 10% may be",
    ),
    "duplicate rows": (
        "ml_chips",
        servers.body_of(lambda body: body + body.split(b"\n", 1)[1]),
        r"expected each name once; found \d+ repeated names",
    ),
    "duplicate keys": (
        "data_center_timelines",
        servers.body_of(lambda body: body + b"\n".join(body.splitlines()[-2:]) + b"\n"),
        r"is in an earlier row, too",
    ),
    "days to come": (
        "ml_chips",
        servers.body_of(lambda body: re.sub(rb"20\d\d-(\d\d-\d\d)", rb"2031-\1", body)),
        r"rows have a day after today \(2026-11-29\)",
    ),
    "an emptied column": (
        "ml_chips",
        servers.body_of(lambda body: re.sub(rb"https?:[^,\r\n]*", b"", body)),
        r"source_url: \d+% of the rows have a value; \d+% had one before",
    ),
    "other JSON": (
        "chip_rental_prices_2026", servers.status(200, b"[]"), r"expected a JSON object; found",
    ),
    "text in place of JSON": (
        "chip_rental_prices_2026", servers.status(200, b"Busy."), r"found “Busy\.”",
    ),
    "offers of another shape": (
        "chip_rental_prices_2026",
        servers.body_of(replaced('"offers": [', '"offers": {"of": [')),
        r"expected",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_source_leaves_every_file_as_it_was_and_says_why(
    case: str, folder: Path, server: SourceServer
) -> None:
    table, misbehave, sentence = BAD[case]
    server.misbehaves[PATHS[table]] = misbehave
    before = contents(folder)
    report = refreshed(folder, server, table)
    assert report.failed
    (outcome,) = report.outcomes
    assert outcome.status == "refused"
    assert re.search(sentence, outcome.sentence, re.DOTALL), outcome.sentence
    assert outcome.sentence.endswith(".")
    assert outcome.sentence in report.answer
    assert contents(folder) == before


@pytest.mark.parametrize(
    "misbehave",
    [servers.status(503, Retry_After="0"), servers.reset_in_the_middle, servers.silent],
    ids=["503", "reset", "time-out"],
)
def test_what_passes_is_tried_again(misbehave: Answer, folder: Path, server: SourceServer) -> None:
    server.misbehaves[SITES] = servers.first(2, misbehave)
    assert not refreshed(folder, server, "data_center_timelines", dry_run=True).failed
    assert server.requests[SITES] == 3


def test_gzip_is_unpacked_and_redirects_on_the_same_host_are_followed(
    folder: Path, server: SourceServer
) -> None:
    server.misbehaves[SITES] = servers.status(302, Location=f"{server.address}/moved.csv")
    server.bodies["/moved.csv"] = server.bodies[SITES]
    server.misbehaves["/moved.csv"] = servers.zipped
    assert not refreshed(folder, server, "data_center_timelines", dry_run=True).failed
    assert server.requests["/moved.csv"] == 1
    assert "compute-forecast/" in server.headers["User-Agent"]


def test_a_host_that_can_t_be_reached_is_waited_for_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and not listening: connections are refused
        pauses: list[float] = []
        monkeypatch.setattr("forecasting.refreshing.download.time.sleep", pauses.append)
        address = f"http://127.0.0.1:{held.getsockname()[1]}"
        report = refresh(folder, source=address, tables=["ml_chips", "ai_models"], limits=QUICK)
    assert pauses == [0.01, 0.02]
    for outcome in report.outcomes:
        assert re.search(r"can't be reached \(.*\) \(3 attempts\)\. Try again", outcome.sentence)


def test_what_was_refused_is_put_aside_with_its_reason(folder: Path, server: SourceServer) -> None:
    server.misbehaves[OFFERS] = servers.body_of(each_price(lambda usd: 100 * usd))
    report = refreshed(folder, server, "chip_rental_prices_2026")
    place = folder / WORK_FOLDER / REFUSED_FOLDER / f"{TODAY}_chip_rental_prices_2026"
    assert (place / "reason.txt").read_text().strip() == report.outcomes[0].sentence
    assert json.loads((place / "body_1").read_bytes())["offers"]


def test_a_dry_run_writes_nothing_at_all(folder: Path, server: SourceServer) -> None:
    server.misbehaves[OFFERS] = servers.body_of(each_price(lambda usd: 100 * usd))
    before = contents(folder)
    refreshed(folder, server, "chip_rental_prices_2026", dry_run=True)
    refreshed(folder, server, "data_center_timelines", dry_run=True)
    assert contents(folder) == before
    assert not (folder / WORK_FOLDER).exists()


def cheaper(server: SourceServer) -> None:
    """A believable answer: 10% cheaper offers, seen in October."""
    server.bodies[OFFERS] = each_price(lambda usd: 0.9 * usd)(server.bodies[OFFERS])


def is_whole(folder: Path) -> bool:
    """Whether every table matches its entry to the checksum."""
    data = DataSet(folder)
    return all(
        hashlib.sha256(data._bytes(name)).hexdigest() == info.sha256
        and len(data[name]) == info.rows
        for name, info in data.catalogue.items()
    )


def test_a_full_disk_is_a_sentence_and_changes_nothing(
    folder: Path, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheaper(server)
    before = contents(folder)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(RefreshError, match=r"No space left on device.*as they were; make room"):
            refreshed(folder, server, "chip_rental_prices_2026")
    assert contents(folder) == before
    assert is_whole(folder)
    assert refreshed(folder, server, "chip_rental_prices_2026").replaced


def test_a_folder_that_can_t_be_written_to_is_a_sentence(
    folder: Path, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(RefreshError, match="Permission denied"):
        refreshed(folder, server, "ml_chips")


#: Refreshes one table and kills itself before the n-th call that touches the disk.
KILLED = """
import os, signal, sys
from pathlib import Path
from forecasting.refreshing.refresh import refresh
import forecasting.data.replacement as replacement

left = int(sys.argv[3])
def counted(function):
    def wrapper(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*args, **kwargs)
    return wrapper

original = replacement.replace_files
def replace_files(*args):
    os.fsync = counted(os.fsync)
    for name in ("replace", "unlink", "mkdir"):
        setattr(Path, name, counted(getattr(Path, name)))
    original(*args)
import forecasting.refreshing.refresh as module
module.replace_files = replace_files
refresh(sys.argv[1], source=sys.argv[2], tables=["chip_rental_prices_2026"], dry_run=False)
print("done")
"""


@pytest.mark.soak
def test_a_kill_while_replacing_leaves_a_whole_set_of_tables(
    folder: Path, server: SourceServer
) -> None:
    cheaper(server)
    before = DataSet(folder).catalogue["chip_rental_prices_2026"].rows
    seen = set()
    for steps in (3, 9, 10, 400):
        command = [sys.executable, "-c", KILLED, str(folder), server.address, str(steps)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert is_whole(folder), f"not whole after {steps} steps: {done.stderr}"
        seen.add(DataSet(folder).catalogue["chip_rental_prices_2026"].rows > before)
    assert "done" in done.stdout
    assert seen == {False, True}
    assert {path.name for path in (folder / WORK_FOLDER).iterdir()} == {"lock", "requests.json"}


def test_two_refreshes_at_once_do_not_fetch_twice(folder: Path, server: SourceServer) -> None:
    cheaper(server)
    with locked(folder), pytest.raises(FolderInUseError, match=rf"process {os.getpid()} since"):
        refreshed(folder, server, "chip_rental_prices_2026")
    assert server.requests[OFFERS] == 0
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(bool(refreshed(folder, server, "chip_rental_prices_2026").replaced))
        except ForecastingError as error:
            outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    # One replaces; the others find it at work, or come after it and find nothing newer.
    assert outcomes.count(True) == 1
    assert set(outcomes) <= {True, False, "FolderInUseError"}
    assert is_whole(folder)


def test_a_folder_of_someone_s_own_files_is_left_alone(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "holiday.jpg").write_bytes(b"\xff\xd8\xff")
    (own / "ml_chips.csv").write_text("chip,price\nMine,3\n")
    (own / "us_consumer_prices.csv").write_bytes(b"\x00\x01\x02")
    (own / "data_center_timelines.csv").write_bytes((folder / "gpu_prices.csv").read_bytes())
    (own / "photos").mkdir()
    before = contents(folder)
    report = refresh(folder, source=own, dry_run=False)
    assert contents(folder) == before
    assert {each.table for each in report.outcomes if each.status == "refused"} == {
        "ml_chips", "us_consumer_prices", "data_center_timelines",
    }  # fmt: skip
    assert report.others == ("holiday.jpg is not the file of any table and was ignored.",)
    assert {path.name for path in own.iterdir()} == {
        "holiday.jpg", "ml_chips.csv", "us_consumer_prices.csv", "data_center_timelines.csv",
        "photos",
    }  # fmt: skip


def test_tables_that_pass_are_replaced_though_another_source_is_down(
    folder: Path, server: SourceServer
) -> None:
    cheaper(server)
    server.misbehaves[SITES] = servers.status(404)
    report = refresh(
        folder,
        source=server.address,
        tables=["chip_rental_prices_2026", "data_center_timelines"],
        dry_run=False,
        limits=QUICK,
    )
    assert [each.status for each in report.outcomes] == ["replaced", "refused"]
    info = DataSet(folder).catalogue["chip_rental_prices_2026"]
    assert info.date == "2026-10-01"
    assert check_table(info, folder / info.file) == []
    assert is_whole(folder)
