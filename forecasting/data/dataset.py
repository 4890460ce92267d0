"""The tables that the forecasts read: bundled in datasets/, or newer ones in a folder that the
environment variable COMPUTE_FORECAST_TABLES names.

    data = bundled()
    data["gpu_prices"]                      # a DataFrame: numbers float64, dates datetime64[s],
                                            text str, missing NaN or NaT
    data.catalogue["gpu_prices"].sources    # where it comes from
    data.replaced(gpu_prices=mine)          # the same set with one table swapped, checked against
                                            the same schema

Importing this module reads nothing; a table is read and parsed when it is first asked for.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path

import pandas as pd

from forecasting.data.catalogue import (
    CATALOGUE_FILE,
    ColumnInfo,
    Licence,
    Source,
    TableInfo,
    read_catalogue,
)
from forecasting.data.replacement import read_file
from forecasting.data.schema import (
    check_table,
    constraint_problems,
    frame_digest,
    read_csv,
    read_frame,
    sha256_of,
)
from forecasting.errors import TableError, UnknownNameError

__all__ = [
    "BUNDLED_FOLDER",
    "ColumnInfo",
    "DataSet",
    "Licence",
    "Source",
    "TableInfo",
    "bundled",
    "check_table",
]

#: In an installed wheel the tables stand inside the package, in a checkout beside it.
BUNDLED_FOLDER = Path(__file__).resolve().parents[1] / "datasets"
if not BUNDLED_FOLDER.is_dir():
    BUNDLED_FOLDER = BUNDLED_FOLDER.parents[1] / "datasets"
#: The environment variable that names a folder of tables to use instead of the bundled one.
TABLES_VARIABLE = "COMPUTE_FORECAST_TABLES"
FINGERPRINT_DIGITS = 8


class DataSet:
    """A set of tables with its catalogue, read from a folder with a datapackage.json (None: the
    one in use, see `tables_folder`).

    Frames are to be read only: what is handed out is a shallow copy, so writing to it (pandas
    copies on write) never reaches the cache. Reading checks that columns are there and cells parse;
    `check_table` checks every constraint. Safe to share between threads: at worst two of them read
    the same file, with the same result.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = tables_folder() if folder is None else Path(folder)
        self._content: dict[str, bytes] = {}
        self._frames: dict[str, pd.DataFrame] = {}
        self._digests: dict[str, str] = {}
        self._fingerprints: dict[tuple[str, ...], str] = {}
        self._replaced: frozenset[str] = frozenset()

    @classmethod
    def read_whole(cls, folder: Path) -> DataSet:
        """A set with every file in memory, so that it stays what it is when the files are replaced;
        raises TableError where one is missing or is not the one that the catalogue describes, by
        its sha256.
        """
        made = cls(folder)
        for name, info in made.catalogue.items():
            made._bytes(name)
            if made._digest(name) != info.sha256:
                raise TableError(
                    name, [f"{info.file} is not the file that the catalogue describes (sha256)."]
                )
        return made

    def hold(self) -> None:
        """The same for this set as far as its files can be read, checked or not."""
        for name in self.names:
            with suppress(TableError):
                self._bytes(name)

    def check_successor_of(self, known: DataSet) -> None:
        """Whether this set can be used in place of another. Files that are the same share its
        frames and are not checked again.

        Raises TableError where it lacks a table or a column of the other, or a table breaks its
        schema.
        """
        for needed in known.catalogue.values():
            there = self.catalogue.get(needed.name)
            columns = {column.name for column in there.columns} if there else set()
            if missing := [each.name for each in needed.columns if each.name not in columns]:
                what = f"its columns {', '.join(missing)}" if there else "its entry"
                raise TableError(needed.name, [f"The catalogue of {self.folder} lacks {what}."])
        for name, info in self.catalogue.items():
            content = self._bytes(name)
            if (
                known._content.get(name) == content
                and known.catalogue[name].columns == info.columns
            ):
                self._content[name] = known._content[name]
                if name in known._frames and name not in known.replaced_names:
                    self._frames[name] = known._frames[name]
            elif problems := check_table(info, content):
                raise TableError(name, problems)

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

    @property
    def replaced_names(self) -> frozenset[str]:
        """The tables that others were put in place of; what the catalogue says of their date and
        rows holds for them no more.
        """
        return self._replaced

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
        """The same as `data[name]`."""
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

    def replaced(self, **frames: pd.DataFrame) -> DataSet:
        """A new set with these tables swapped; this one stays as it is. Cells may be typed or text.

        Raises UnknownNameError for an unknown name and TableError when a frame breaks its schema. A
        frame equal to the table it would replace changes nothing, so that the fingerprint tells of
        changed content only.
        """
        other = copy.copy(self)
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
                other._replaced |= {name}
        return other

    def __repr__(self) -> str:
        return f"DataSet({str(self.folder)!r}): {len(self.names)} tables"

    def _info(self, name: str) -> TableInfo:
        info = self.catalogue.get(name)
        if info is None:
            raise UnknownNameError("table", name, self.names)
        return info

    def _bytes(self, name: str) -> bytes:
        # Held, half a megabyte in all, so that a frame and its fingerprint always stem from the
        # same reading of the file.
        content = self._content.get(name)
        if content is None:
            path = self.folder / self._info(name).file
            try:
                content = read_file(self.folder, path.name)
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


def tables_folder() -> Path:
    """The folder of the tables in use: what COMPUTE_FORECAST_TABLES names, else the bundled one."""
    return Path(os.environ.get(TABLES_VARIABLE) or BUNDLED_FOLDER)


class _InUse:
    """The set that `bundled` gives."""

    def __init__(self) -> None:
        self.data: DataSet | None = None


_in_use = _InUse()


def bundled() -> DataSet:
    """The tables in use, as a rule those that come with the product: one instance for the process.

    Only a running server takes up newer ones (`take_up`); what it handed out before stays what it
    was.
    """
    if _in_use.data is None:
        _in_use.data = DataSet()
    return _in_use.data


def take_up(data: DataSet) -> None:
    """Make this the set that `bundled` gives from now on."""
    _in_use.data = data
