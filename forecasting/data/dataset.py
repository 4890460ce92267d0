"""The tables that the forecasts read: bundled in datasets/, or replaced by newer ones.

    tables = bundled()
    tables["gpu_prices"]                    # a DataFrame: numbers float64, dates datetime64[s],
                                            text str, missing NaN or NaT
    tables.catalogue["gpu_prices"].sources  # where it comes from
    tables.replaced(gpu_prices=mine)        # the same set with one table swapped, checked against
                                            the same schema
    tables.kept(key, compute)               # a result of these tables, computed once and gone with
                                            them

Importing this module reads nothing; a table is read and parsed when it is first asked for.
"""

from __future__ import annotations

import copy
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cache, cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, Self, TypeVar

import pandas as pd

from forecasting.data.catalogue import (
    CATALOGUE_FILE,
    ColumnInfo,
    Licence,
    Source,
    TableInfo,
    read_catalogue,
)
from forecasting.data.schema import (
    check_table,
    constraint_problems,
    frame_digest,
    read_csv,
    read_frame,
    sha256_of,
)
from forecasting.errors import TableError, UnknownNameError

if TYPE_CHECKING:
    from forecasting.fitting.law_choice import LawInUse
    from forecasting.inference.sample_counts import ProblemCounts
    from forecasting.ingest.own_prices import OwnPrices
    from forecasting.ingest.runs import Runs

__all__ = [
    "BUNDLED_FOLDER",
    "ColumnInfo",
    "Licence",
    "Source",
    "TableInfo",
    "Tables",
    "bundled",
    "cached_with",
    "check_table",
]

#: In an installed wheel the tables stand inside the package, in a checkout beside it.
BUNDLED_FOLDER = Path(__file__).resolve().parents[1] / "datasets"
if not BUNDLED_FOLDER.is_dir():
    BUNDLED_FOLDER = BUNDLED_FOLDER.parents[1] / "datasets"
FINGERPRINT_DIGITS = 8
#: How many results a set of tables keeps.
MAX_KEPT = 512

P = ParamSpec("P")
R = TypeVar("R")


class Tables:
    """A set of tables with its catalogue, read from a folder with a datapackage.json (None: the
    bundled one).

    Frames are to be read only: what is handed out is a shallow copy, so writing to it (pandas
    copies on write) never reaches the cache. Reading checks that columns are there and cells parse;
    `check_table` checks every constraint. Safe to share between threads: at worst two of them read
    the same file, with the same result.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = BUNDLED_FOLDER if folder is None else Path(folder)
        #: Laws of own runs, by the name that a scenario's `law` gives them; see law_choice.
        self.laws: Mapping[str, LawInUse] = {}
        #: Own runs, which the page Your runs fits in place of its example.
        self.runs: Runs | None = None
        #: Own counts of repeated sampling; see sample_counts.
        self.counts: ProblemCounts | None = None
        #: Own prices of chips and own MFU, used in place of the market's; see own_prices.
        self.prices: OwnPrices | None = None
        self._plain: Tables | None = None
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._under_way: dict[Hashable, threading.Event] = {}
        self._lock = threading.Lock()
        self._content: dict[str, bytes] = {}
        self._frames: dict[str, pd.DataFrame] = {}
        self._digests: dict[str, str] = {}
        self._fingerprints: dict[tuple[str, ...], str] = {}

    @cached_property
    def catalogue(self) -> Mapping[str, TableInfo]:
        """The entry of each table by its name; raises TableError when the catalogue can't be
        read.
        """
        return read_catalogue(self.folder / CATALOGUE_FILE)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the tables, in the catalogue's order."""
        return tuple(self.catalogue)

    def __getitem__(self, name: str) -> pd.DataFrame:
        """The table as a typed frame, columns in the catalogue's order.

        Raises UnknownNameError for a name that is not in the catalogue and TableError when the file
        does not match its entry.
        """
        frame = self._frames.get(name)
        if frame is None:
            frame = self._frames[name] = read_csv(self._info(name), self._bytes(name))
        return frame.copy(deep=False)

    def table(self, name: str) -> pd.DataFrame:
        """The same as `tables[name]`."""
        return self[name]

    def fingerprint(self, names: Iterable[str]) -> str:
        """The first 8 hex digits of the sha256 over the named tables' names and contents, whatever
        the order of names.

        A bundled table counts with its file's bytes, a replaced one with its cells. Raises
        UnknownNameError.
        """
        wanted = tuple(sorted(set(names)))
        known = self._fingerprints.get(wanted)
        if known is None:
            known = sha256_of(f"{name} {self._digest(name)}" for name in wanted)[
                :FINGERPRINT_DIGITS
            ]
            self._fingerprints[wanted] = known
        return known

    def replaced(self, **frames: pd.DataFrame) -> Tables:
        """A new set with these tables swapped; this one stays as it is. Cells may be typed or text.

        Raises UnknownNameError for an unknown name and TableError when a frame breaks its schema. A
        frame equal to the table it would replace changes nothing, so that the fingerprint tells of
        changed content only.
        """
        other = self.plain._copy()
        other._plain = None
        other._content = dict(self._content)
        other._frames = dict(self._frames)
        other._digests = dict(self._digests)
        other._fingerprints = {}
        for name, given in frames.items():
            info = self._info(name)
            frame = read_frame(info, given)
            if problems := constraint_problems(info, frame):
                raise TableError(name, problems)
            if not frame.equals(self[name]):
                other._frames[name] = frame
                other._digests[name] = frame_digest(frame)
        return (
            other.with_own(laws=self.laws, runs=self.runs, counts=self.counts, prices=self.prices)
            if self._plain is not None
            else other
        )

    def with_laws(self, laws: Mapping[str, LawInUse]) -> Tables:
        """The same tables with these laws of own runs in place of those it had."""
        return self.with_own(laws=laws, runs=self.runs, counts=self.counts, prices=self.prices)

    def with_own(
        self,
        *,
        laws: Mapping[str, LawInUse] | None = None,
        runs: Runs | None = None,
        counts: ProblemCounts | None = None,
        prices: OwnPrices | None = None,
    ) -> Tables:
        """The same tables with this, and nothing else, of a user's own beside them."""
        other = self._copy()
        other._plain = self.plain
        other.laws = dict(laws or {})
        other.runs = runs
        other.counts = counts
        other.prices = prices
        return other

    @property
    def plain(self) -> Tables:
        """The same tables without what is a user's own beside them, so that results which do not
        use it can be kept in one place.
        """
        return self if self._plain is None else self._plain

    def kept(self, key: Hashable, compute: Callable[[], R]) -> R:
        """What `compute` gives, computed once a key. Results are kept here and nowhere else: they
        go when the tables go.

        A cache of its own for each set keeps what stems from a user's own data from outliving the
        session that holds it.
        """
        while True:
            with self._lock:
                if key in self._kept:
                    self._kept.move_to_end(key)
                    known: R = self._kept[key]
                    return known
                under_way = self._under_way.get(key)
                if under_way is None:
                    done = self._under_way[key] = threading.Event()
                    break
            # Another thread computes it. Should that fail, this one tries and meets the error
            # itself.
            under_way.wait()
        try:
            result = compute()
            with self._lock:
                self._kept[key] = result
                while len(self._kept) > MAX_KEPT:
                    self._kept.popitem(last=False)
            return result
        finally:
            with self._lock:
                del self._under_way[key]
            done.set()

    def _copy(self) -> Self:
        other = copy.copy(self)
        other._kept = OrderedDict()
        other._under_way = {}
        other._lock = threading.Lock()
        return other

    def __repr__(self) -> str:
        return f"Tables({str(self.folder)!r}): {len(self.names)} tables"

    def _info(self, name: str) -> TableInfo:
        info = self.catalogue.get(name)
        if info is None:
            raise UnknownNameError("table", name, self.names)
        return info

    def _bytes(self, name: str) -> bytes:
        # Kept, half a megabyte in all, so that a frame and its fingerprint always stem from the
        # same reading of the file.
        content = self._content.get(name)
        if content is None:
            path = self.folder / self._info(name).file
            try:
                content = path.read_bytes()
            except OSError as error:
                raise TableError(
                    name, [f"{path} can't be read ({error.strerror}). Put the file there."]
                ) from None
            content = self._content.setdefault(name, content)
        return content

    def _digest(self, name: str) -> str:
        digest = self._digests.get(name)
        if digest is None:
            digest = self._digests[name] = sha256_of(self._bytes(name))
        return digest


@cache
def bundled() -> Tables:
    """The tables that come with the product: one instance for the process."""
    return Tables()


def cached_with(function: Callable[P, R]) -> Callable[P, R]:
    """Makes a function of hashable arguments and `tables`, its last one, keep its results with the
    plain tables.

    Use it in place of a cache of the module: that would hold a user's own tables after the session
    has ended.
    """

    @wraps(function)
    def keeping(*args: P.args, **kwargs: P.kwargs) -> R:
        rest: tuple[Any, ...] = args
        named: dict[str, Any] = dict(kwargs)
        tables: Tables = named.pop("tables") if "tables" in named else rest[-1]
        rest = rest if "tables" in kwargs else rest[:-1]
        plain = tables.plain
        call: Callable[..., R] = function
        return plain.kept(
            (function.__module__, function.__qualname__, rest, *named.items()),
            lambda: call(*rest, **named, tables=plain),
        )

    return keeping
