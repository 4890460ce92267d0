"""N workers behind one address: started, started again when they die, replaced one after another
without a pause.

It is one loop in the main thread, a step every tenth of a second. Each of the N workers has two
seats, a and b. A restart starts a successor in the empty seat, sends new visitors to it once it is
warm, and lets those of the other one finish (“drain”): a page that is open stays with its process
until it is closed or the time for it is over, and then comes back, by its address, on another.
"""

from __future__ import annotations

import enum
import logging
import secrets
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from dashboard.server.memory import VARIABLE as MALLOC_ARENAS
from dashboard.server.settings import PROXIES
from dashboard.server.upload_ledger import VARIABLE as UPLOAD_LEDGER
from dashboard.server.upload_ledger import forget
from dashboard.server.workers.balancer import (
    DRAIN,
    LOOPBACK,
    OFF,
    READY,
    STATUS,
    Balancer,
    BalancerError,
    Listening,
    Seen,
    Upstream,
)
from dashboard.server.workers.status import StatusServer
from dashboard.server.workers.worker import Command, Worker

logger = logging.getLogger(__name__)
COOKIE_SECRET = "STREAMLIT_SERVER_COOKIE_SECRET"
SERVES = "Worker %s serves, as process %d."
STEP_S = 0.1
#: A worker that has lived so long is started again at once; one that has not, after a pause that
#: doubles each time, up to the longest.
LIVED_S, FIRST_PAUSE_S, LONGEST_PAUSE_S = 60.0, 0.5, 30.0
#: How long workers may take to be ready; a successor also to be warm, else it serves as it is.
READY_WITHIN_S, WARM_WITHIN_S = 300.0, 180.0
#: A restart is given up when a successor has died so often before it served.
MAX_FAILED_STARTS = 3
#: A worker is done when it has answered nobody for so long.
QUIET_S = 3.0
#: How often it is looked whether workers answer, and how long one may not, beside the half minute
#: after which HAProxy sends it nobody.
LOOK_EVERY_S, SILENT_S = 5.0, 60.0
#: How long a worker may take to end after it was asked to.
END_WITHIN_S = 15.0


class State(enum.Enum):
    """What a seat's worker does."""

    EMPTY = "empty"
    STARTING = "starting"
    SERVING = "serving"
    DRAINING = "draining"
    ENDING = "ending"


#: What HAProxy sends to a seat.
TAKES = {State.SERVING: READY, State.DRAINING: DRAIN}


@dataclass
class Seat:
    """One of the two places of a worker: its name, such as 2a, and who is in it. Times are of the
    monotonic clock, in seconds.
    """

    name: str
    state: State = State.EMPTY
    worker: Worker | None = None
    #: When the next thing is due: a start, the end of a drain, the killing of what does not end.
    due: float = 0.0
    failures: int = 0
    quiet_since: float | None = None

    @property
    def number(self) -> str:
        """The number of the worker."""
        return self.name[:-1]

    @property
    def upstream(self) -> Upstream:
        """The seat as HAProxy is to see it."""
        port = 1 if self.worker is None else self.worker.port
        return Upstream(self.name, port, TAKES.get(self.state, OFF))


@dataclass
class Supervisor:
    """The workers and the balancer before them.

    Parameters
    ----------
    listening : Listening
        Where visitors come in.
    number : int
        How many workers there are.
    command : Command
        The command of a worker, which must listen on the port it is given, of this machine alone.
    environment : mapping of str to str
        The variables that workers get; they share one secret of cookies and one ledger of uploads,
        have one heap for all threads, and trust the balancer.
    drain_s : float
        How long pages that are open stay with a worker that is replaced, in seconds.
    silent_s : float
        After how many seconds in which it answered no check a worker that lives is killed.
    """

    listening: Listening
    number: int
    command: Command
    environment: Mapping[str, str]
    drain_s: float = 600.0
    silent_s: float = SILENT_S
    seats: list[Seat] = field(default_factory=list)
    _renewing: list[str] = field(default_factory=list)
    _asked: list[int] = field(default_factory=list)
    _told: dict[str, Upstream] = field(default_factory=dict)
    _starts: int = 0

    def __post_init__(self) -> None:
        trusted = self.environment.get(PROXIES, "")
        self.environment = {
            COOKIE_SECRET: secrets.token_hex(32),
            MALLOC_ARENAS: "1",
            **self.environment,
            PROXIES: f"{trusted}, {LOOPBACK}" if trusted.strip() else LOOPBACK,
        }
        self.seats = [Seat(f"{k}{half}") for k in range(1, self.number + 1) for half in "ab"]

    def run(self, when_ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT; SIGHUP restarts the workers one after another. Raises
        BalancerError where the first workers or HAProxy can't be started.
        """
        with (
            tempfile.TemporaryDirectory(prefix="compute-forecast-") as folder,
            _told_of(self._asked),
        ):
            self._uploads = Path(folder) / "uploads"
            self._uploads.mkdir()
            self.environment = {**self.environment, UPLOAD_LEDGER: str(self._uploads)}
            self._balancer = Balancer(self.listening, Path(folder))
            status = StatusServer(Path(folder) / STATUS, self._serving, self._numbers)
            try:
                if self._start():
                    when_ready()
                    self._serve()
            finally:
                self._end()
                status.shutdown()
                status.server_close()

    def _start(self) -> bool:
        """Start all and wait until each is ready; False where the end was asked for meanwhile."""
        first = [seat for seat in self.seats if seat.name.endswith("a")]
        for seat in first:
            self._launch(seat)
        until = time.monotonic() + READY_WITHIN_S
        while waiting := [seat for seat in first if seat.state is State.STARTING]:
            for seat in waiting:
                worker = seat.worker
                if worker is None or not worker.lives:
                    code = "" if worker is None else f" (exit code {worker.process.returncode})"
                    raise BalancerError(f"Worker {seat.number} ended before it was ready{code}.")
                if worker.is_ready(warm=False):
                    seat.state = State.SERVING
                    logger.info(SERVES, seat.name, worker.process.pid)
            if time.monotonic() > until:
                raise BalancerError(f"Worker {waiting[0].number} is not ready after 5 minutes.")
            if self._stop_was_asked:
                return False
            time.sleep(STEP_S)
        self._start_balancer()
        return True

    def _serve(self) -> None:
        looked = -LOOK_EVERY_S
        while not self._stop_was_asked:
            if signal.SIGHUP in self._asked:
                self._asked.remove(signal.SIGHUP)
                self._renew_all()
            self._look_at_balancer()
            seen: Mapping[str, Seen] = {}
            if self._has(State.DRAINING) or time.monotonic() - looked > LOOK_EVERY_S:
                looked, seen = time.monotonic(), self._balancer.seen()
            for seat in self.seats:
                self._look_at(seat, seen.get(seat.name))
            if self._renewing and not self._has(State.STARTING):
                self._renew(self._renewing.pop(0))
            time.sleep(STEP_S)

    def _serving(self) -> dict[str, Worker]:
        """Who has visitors, by place."""
        return {
            seat.name: seat.worker
            for seat in self.seats
            if seat.state in TAKES and seat.worker is not None
        }

    def _numbers(self) -> dict[str, tuple[str, float]]:
        """The supervisor's own metrics."""
        return {
            "compute_forecast_workers": ("Workers that there should be.", self.number),
            "compute_forecast_worker_starts_total": ("Starts of workers.", self._starts),
        }

    @property
    def _stop_was_asked(self) -> bool:
        return signal.SIGTERM in self._asked or signal.SIGINT in self._asked

    def _has(self, state: State) -> bool:
        return any(seat.state is state for seat in self.seats)

    def _other(self, seat: Seat) -> Seat:
        return next(each for each in self.seats if each.number == seat.number and each is not seat)

    def _look_at_balancer(self) -> None:
        """Start it again where it has ended, and tell it again what it did not hear."""
        if not self._balancer.is_running:
            logger.warning("HAProxy has ended and is started again.")
            time.sleep(FIRST_PAUSE_S)
            self._start_balancer()
        for seat in self.seats:
            if self._told.get(seat.name) != seat.upstream:
                self._tell(seat)

    def _start_balancer(self) -> None:
        self._told = {seat.name: seat.upstream for seat in self.seats}
        self._balancer.start(self._told.values())

    def _tell(self, seat: Seat) -> None:
        try:
            self._balancer.tell(seat.upstream)
        except OSError as error:
            logger.warning("HAProxy was not told of worker %s: %s", seat.name, error)
        else:
            self._told[seat.name] = seat.upstream

    def _look_at(self, seat: Seat, seen: Seen | None) -> None:
        """Take the next step of one seat, if one is due."""
        now = time.monotonic()
        if seat.worker is not None and not seat.worker.lives:
            self._has_died(seat, now)
        elif seat.state is State.STARTING:
            self._look_at_start(seat, now)
        elif seat.state is State.SERVING:
            if seen is not None and seen.down_s > self.silent_s and seat.worker is not None:
                logger.warning("Worker %s does not answer and is killed.", seat.name)
                seat.worker.process.kill()
        elif seat.state is State.DRAINING:
            if seen is None or seen.busy:
                seat.quiet_since = None
            elif seat.quiet_since is None:
                seat.quiet_since = now
            if now > seat.due or (seat.quiet_since and now - seat.quiet_since > QUIET_S):
                self._ask_to_end(seat)
        elif seat.state is State.ENDING and now > seat.due and seat.worker is not None:
            seat.worker.process.kill()

    def _look_at_start(self, seat: Seat, now: float) -> None:
        worker = seat.worker
        if worker is None:
            if now >= seat.due:
                self._launch(seat)
            return
        other = self._other(seat)
        waits = other.state is State.SERVING and worker.age_s < WARM_WITHIN_S
        if worker.is_ready(warm=waits):
            seat.state = State.SERVING
            self._tell(seat)
            logger.info(SERVES, seat.name, worker.process.pid)
            if other.state is State.SERVING:
                self._drain(other)
        elif worker.age_s > READY_WITHIN_S:
            logger.warning("Worker %s is not ready after 5 minutes and is ended.", seat.name)
            worker.process.kill()

    def _launch(self, seat: Seat) -> None:
        seat.state, seat.quiet_since = State.STARTING, None
        seat.worker = Worker.start(self.command, self.environment, self.listening.base)
        self._starts += 1

    def _has_died(self, seat: Seat, now: float) -> None:
        worker, was = seat.worker, seat.state
        assert worker is not None
        forget(self._uploads, worker.process.pid)
        seat.worker = None
        if was in (State.DRAINING, State.ENDING):
            seat.state = State.EMPTY
            self._tell(seat)
            return
        seat.state = State.STARTING
        self._tell(seat)
        seat.failures = 0 if worker.age_s > LIVED_S else seat.failures + 1
        if seat.failures >= MAX_FAILED_STARTS and self._other(seat).state is State.SERVING:
            seat.state, seat.failures, self._renewing = State.EMPTY, 0, []
            logger.error("The restart is given up: its workers end; the ones before serve on.")
            return
        pause = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (seat.failures - 1))
        seat.due = now + (pause if seat.failures else 0.0)
        logger.warning(
            "Worker %s has ended (%s) and is started again.", seat.name, worker.process.returncode
        )

    def _renew_all(self) -> None:
        """Replace every worker, one after the other; those that still drain end now."""
        for seat in self.seats:
            if seat.state is State.DRAINING:
                self._ask_to_end(seat)
        self._renewing = [str(k) for k in range(1, self.number + 1)]
        logger.info("All workers are replaced, one after another.")

    def _renew(self, number: str) -> None:
        own = [seat for seat in self.seats if seat.number == number]
        empty = [seat for seat in own if seat.state is State.EMPTY]
        if not empty:  # the one that was there is still ending
            self._renewing.append(number)
            return
        empty[0].failures = 0
        self._launch(empty[0])

    def _drain(self, seat: Seat) -> None:
        seat.state, seat.quiet_since = State.DRAINING, None
        seat.due = time.monotonic() + self.drain_s
        self._tell(seat)

    def _ask_to_end(self, seat: Seat) -> None:
        assert seat.worker is not None
        seat.state, seat.due = State.ENDING, time.monotonic() + END_WITHIN_S
        self._tell(seat)
        seat.worker.process.terminate()

    def _end(self) -> None:
        """End all: what is being answered is, then sockets are closed."""
        self._balancer.let_finish()
        workers = [seat.worker for seat in self.seats if seat.worker is not None]
        for worker in workers:
            worker.process.terminate()
        until = time.monotonic() + END_WITHIN_S
        while any(worker.lives for worker in workers) and time.monotonic() < until:
            time.sleep(STEP_S)
        for worker in workers:
            worker.process.kill()
            worker.process.wait()
        self._balancer.end()


@contextmanager
def _told_of(asked: list[int]) -> Iterator[None]:
    """Note signals that ask for the end or a restart, instead of what they do otherwise."""

    def note(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {
        number: signal.signal(number, note)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
