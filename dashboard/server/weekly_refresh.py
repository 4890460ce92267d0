"""The server renews its tables itself once a week, where COMPUTE_FORECAST_REFRESH says so.

It runs `compute-forecast refresh` in a process of its own, so that no session waits for it; what
that writes is taken up as any other change of the folder (see table_watch). Of several servers on
one folder one does it: whoever claims the week first.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from forecasting.data.dataset import TABLES_VARIABLE
from forecasting.data.replacement import WORK_FOLDER, locked
from forecasting.errors import FolderInUseError, InputError

logger = logging.getLogger(__name__)
VARIABLE = "COMPUTE_FORECAST_REFRESH"
CLAIM_FILE = "weekly"
WEEK_S = 7 * 86_400.0
LOOK_EVERY_S = 3_600.0
LONGEST_S = 3_600.0
LOW_PRIORITY = 10
ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "compute_forecast", "refresh", "--quiet")


def is_weekly() -> bool:
    """Whether the environment asks for it; raises InputError for a word that is not known."""
    given = os.environ.get(VARIABLE, "").strip().lower()
    if given not in ("", "off", "weekly"):
        raise InputError(VARIABLE, given, "Write “weekly”, or unset it.")
    return given == "weekly"


def start(folder: Path) -> None:
    """Renew the tables of this folder weekly, in a thread, where the environment asks for it."""
    try:
        if not is_weekly():
            return
    except InputError as error:
        logger.warning("The tables are not refreshed: %s", error)
        return
    threading.Thread(target=_run, args=(folder,), name="weekly-refresh", daemon=True).start()


def _run(folder: Path) -> None:
    while True:
        try:
            refresh_when_due(folder)
        except Exception:
            logger.exception("The weekly refresh failed; the tables are as they were.")
        time.sleep(LOOK_EVERY_S)


def refresh_when_due(folder: Path, command: Sequence[str] = COMMAND) -> bool:
    """Run the command where no server has claimed this week yet; whether it was run."""
    if not claimed(folder, time.time()):
        return False
    environment = os.environ | {TABLES_VARIABLE: str(folder.resolve())}
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        if hasattr(os, "setpriority"):
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, LOW_PRIORITY)
        try:
            said, _ = process.communicate(timeout=LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            said, _ = process.communicate()
    level = logging.INFO if process.returncode == 0 else logging.WARNING
    logger.log(level, "Weekly refresh of %s: %s", folder, said.strip() or process.returncode)
    return True


def claimed(folder: Path, now: float) -> bool:
    """Whether this call is the first one in a week, of all processes on the folder.

    Parameters
    ----------
    folder : Path
        The folder of tables.
    now : float
        The time in seconds since 1970.
    """
    claim = folder / WORK_FOLDER / CLAIM_FILE
    try:
        with locked(folder):
            with suppress(FileNotFoundError):
                if 0.0 <= now - claim.stat().st_mtime < WEEK_S:
                    return False
            claim.touch()
            os.utime(claim, (now, now))
            return True
    except FolderInUseError:
        return False
    except OSError as error:
        logger.warning("The tables in %s can't be refreshed: %s", folder, error)
        return False
