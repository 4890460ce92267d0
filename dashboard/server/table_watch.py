"""Takes up newer tables while the server runs: a thread looks at the folder's catalogue, and what
has changed, if it is whole, is used by sessions and API calls that begin from then on. Sessions
that are open stay with the tables they were opened on.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forecasting.data.catalogue import CATALOGUE_FILE
from forecasting.data.dataset import DataSet, bundled, take_up
from forecasting.data.replacement import read_file
from forecasting.errors import TableError

logger = logging.getLogger(__name__)
#: A reading of one file, outside of any session's run.
LOOK_EVERY_S = 10.0


class TableWatch:
    """Looks at the folder of the tables in use.

    Parameters
    ----------
    folder : Path
        The folder with its datapackage.json.
    taken_up : function of no arguments
        Called once newer tables are in use, such as to compute what visitors will ask for first.
    """

    def __init__(self, folder: Path, taken_up: Callable[[], None] = lambda: None) -> None:
        self.folder = folder
        self.taken_up = taken_up
        self._catalogue = self._read()
        self._refused = ""
        self._hold_first()

    def look(self) -> bool:
        """Whether there are newer tables, which are then in use. A set that is not whole is refused
        with a line in the log, and looked at again the next time.
        """
        catalogue = self._read()
        if catalogue is None or catalogue == self._catalogue:
            return False
        known = bundled()
        try:
            newer = DataSet.read_whole(self.folder)
            newer.check_successor_of(known)
        except TableError as error:
            self._refuse(str(error))
            return False
        self._catalogue, self._refused = catalogue, ""
        if newer.catalogue == known.catalogue:
            return False
        take_up(newer)
        changed = [
            name
            for name in newer.names
            if name not in known.names or newer.fingerprint([name]) != known.fingerprint([name])
        ]
        logger.info("Newer tables are in use: %s.", ", ".join(changed) or "catalogue only")
        self.taken_up()
        return True

    def run(self) -> None:
        """Look for as long as the process lives."""
        while True:
            time.sleep(LOOK_EVERY_S)
            try:
                self.look()
            except Exception:
                logger.exception("Looking for newer tables failed; it will be tried again.")

    def start(self) -> None:
        """Look in a thread of its own."""
        threading.Thread(target=self.run, name="table-watch", daemon=True).start()

    def _hold_first(self) -> None:
        """The tables of start-up, read whole, so that they stay what they are."""
        try:
            first = DataSet.read_whole(self.folder)
        except TableError as error:
            # As complete as can be; looked at again, since it may be half-written.
            self._refuse(str(error))
            self._catalogue = None
            with suppress(TableError):
                bundled().hold()
            return
        take_up(first)

    def _read(self) -> bytes | None:
        try:
            return read_file(self.folder, CATALOGUE_FILE)
        except (OSError, ValueError, KeyError) as error:
            self._refuse(f"{self.folder / CATALOGUE_FILE} can't be read ({error}).")
            return None

    def _refuse(self, reason: str) -> None:
        if reason != self._refused:
            logger.warning("The tables in %s are not used: %s", self.folder, reason)
        self._refused = reason
