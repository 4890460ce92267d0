"""How many bytes of uploads each client has with each worker of this machine, in a folder that the
workers share: limits hold over all of them.

Each worker writes a file of its own and reads those of the others. Who takes bytes writes them down
before it counts: of two that take the last ones at the same moment both may be refused, and never
both be served, without a lock that one could hold while it hangs.
"""

from __future__ import annotations

import json
import logging
import os
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

logger = logging.getLogger(__name__)
#: The folder, set by the supervisor for its workers; without it a process is alone.
VARIABLE = "COMPUTE_FORECAST_UPLOAD_LEDGER"


class UploadLedger:
    """The part of this process, and what others have written; clients are named by hashes."""

    def __init__(self, folder: Path | None = None) -> None:
        named = os.environ.get(VARIABLE)
        self.folder = folder or (Path(named) if named else None)
        self._written: dict[str, int] = {}

    def write(self, bytes_by_client: Mapping[str, int]) -> None:
        """What clients have with this process now."""
        counted = {_hashed(client): held for client, held in bytes_by_client.items() if held}
        if self.folder is None or counted == self._written:
            return
        file = _file(self.folder, os.getpid())
        try:
            new = file.with_suffix(".new")
            new.write_text(json.dumps(counted), encoding="utf-8")
            new.replace(file)  # so that it is whole whenever another reads it
            self._written = counted
        except OSError as error:
            logger.warning("Other workers were not told of uploads: %s", error)

    def held_by_others(self, client: str) -> tuple[int, int]:
        """Bytes of this client, and of all, with the other processes."""
        found: Counter[str] = Counter()
        if self.folder is not None:
            own = _file(self.folder, os.getpid())
            for file in self.folder.glob("*.json"):
                if file != own:
                    with suppress(FileNotFoundError):  # its worker has just ended
                        found.update(json.loads(file.read_text(encoding="utf-8")))
        return found[_hashed(client)], found.total()


def forget(folder: Path, process: int) -> None:
    """Remove what a process that has ended wrote."""
    _file(folder, process).unlink(missing_ok=True)


def _file(folder: Path, process: int) -> Path:
    return folder / f"{process}.json"


def _hashed(client: str) -> str:
    return sha256(client.encode()).hexdigest()
