"""SQLite on a disk that is full or may only be read, and a file that is moved or replaced under the
server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboard.store import NotFoundError, Saved, Share, SharedLinks, StoreError, StoreSettings
from tests.store.conftest import Clock, Opener

MIB = 2**20
DISK_MIB = 24
SHARE = Share(
    "cost", "v=1", "It costs $1.", "0032533d", "cost.1", {"runs": bytes(range(256)) * 400}
)
LARGE = Share("cost", "v=1", "It costs $2.", "0032533d", "cost.1", {"runs": bytes(8 * MIB)})


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("NO MOUNT: full and read-only disks were not tested, which takes root.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def fill(disk: Path) -> None:
    """Leave not a byte free."""
    try:
        with (disk / "other files").open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
    except OSError:
        assert shutil.disk_usage(disk).free == 0


def opened(place: Path, clock: Clock, open_store: Opener) -> SharedLinks:
    store = open_store(StoreSettings(file=place / "shared.sqlite3"))
    store.clock = clock
    return store


def kill(store: SharedLinks, disk: Path) -> None:
    """Leave the files as a server does that is killed: with a journal beside them."""
    left = disk.parent / "left"
    shutil.copytree(disk, left)
    store.close()
    for path in disk.iterdir():
        path.unlink()
    for path in left.iterdir():
        shutil.copyfile(path, disk / path.name)
    assert (disk / "shared.sqlite3-wal").stat().st_size > 0


@pytest.mark.parametrize("server", ["goes on", "starts anew", "was killed"])
def test_a_full_disk_opens_every_link_and_deletes_when_asked(
    disk: Path, clock: Clock, open_store: Opener, server: str
) -> None:
    store = opened(disk, clock, open_store)
    large, kept = store.save(LARGE), store.save(SHARE)
    if server == "was killed":
        kill(store, disk)
        (disk / "shared.sqlite3-shm").unlink()
    if server != "goes on":
        store.close()
        store = opened(disk, clock, open_store)
    fill(disk)
    clock.pass_days(1)
    assert store.open(large.id).parts["runs"] == LARGE.parts["runs"]
    assert store.open(kept.id).answer == SHARE.answer
    tried = Saved()
    with pytest.raises(StoreError, match=r"its disk (is full|fails)"):
        store.save(LARGE, saved=tried)
    with pytest.raises(NotFoundError, match="nothing was deleted"):
        store.delete(kept.id, "wrong")
    store.delete(large.id, large.delete_token)
    with pytest.raises(NotFoundError):
        store.open(large.id)
    assert store.open(kept.id).answer == SHARE.answer
    store.delete(kept.id, kept.delete_token)
    assert store.counts() == (0, 0)
    (disk / "other files").unlink()
    store.save(LARGE, saved=tried)
    assert store.open(tried.id).answer == LARGE.answer


@pytest.mark.parametrize("server", ["was stopped", "was killed"])
def test_a_disk_that_may_only_be_read_opens_every_link(
    disk: Path, clock: Clock, open_store: Opener, server: str
) -> None:
    store = opened(disk, clock, open_store)
    saved = store.save(SHARE)
    if server == "was killed":
        kill(store, disk)
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    clock.pass_days(1)
    for _ in range(2):
        assert store.open(saved.id).answer == SHARE.answer
    with pytest.raises(StoreError):
        store.delete(saved.id, saved.delete_token)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    store.save(SHARE)
    assert store.counts() == (2, 1)


def test_links_saved_after_the_file_was_replaced_are_in_the_new_one(
    tmp_path: Path, clock: Clock, open_store: Opener
) -> None:
    store = opened(tmp_path, clock, open_store)
    (tmp_path / "other").mkdir()
    other = opened(tmp_path / "other", clock, open_store)
    before, restored = store.save(SHARE), other.save(LARGE)
    other.close()
    file, moved = tmp_path / "shared.sqlite3", tmp_path / "moved" / "shared.sqlite3"
    moved.parent.mkdir()
    file.rename(moved)
    (tmp_path / "other" / "shared.sqlite3").rename(file)
    assert store.open(restored.id).answer == LARGE.answer
    after = store.save(SHARE)
    with pytest.raises(NotFoundError):
        store.open(before.id)
    store.close()
    again = opened(tmp_path, clock, open_store)
    assert again.open(after.id).answer == SHARE.answer
    assert again.open(restored.id).parts["runs"] == LARGE.parts["runs"]
    # What was moved away is whole without the journal that stayed behind.
    assert opened(moved.parent, clock, open_store).open(before.id).answer == SHARE.answer


def test_a_save_during_which_the_file_is_replaced_is_saved_in_the_new_one(
    tmp_path: Path, clock: Clock, open_store: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path, clock, open_store)
    store.save(SHARE)
    hold = store._hold

    def replaced(*arguments: object) -> None:
        hold(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(store, "_hold", hold)
        (tmp_path / "shared.sqlite3").rename(tmp_path / "moved.sqlite3")

    monkeypatch.setattr(store, "_hold", replaced)
    saved = store.save(LARGE)
    store.close()
    again = opened(tmp_path, clock, open_store)
    assert again.open(saved.id).answer == LARGE.answer
    assert again.counts() == (1, 1)
