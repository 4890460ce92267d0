"""The parts of a sweep that are done, in a folder beside its output. Each is written whole or not
at all, so that a sweep that was killed goes on where it was.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from forecasting.errors import ForecastingError

MANIFEST = "sweep.json"
ROW, PROBLEM = "row", "problem"


@dataclass(frozen=True)
class Part:
    """What a run of rows gave: a table with the number of the scenario in the column `row`, and of
    the rows that could not be used number and sentence.
    """

    number: int
    rows: int
    table: pa.Table
    problems: Sequence[tuple[int, str]]


class Parts:
    """The folder of parts of the output at `output`, for the sweep that `about` describes; raises
    ForecastingError where the folder is of another one.
    """

    def __init__(self, output: Path, about: Mapping[str, object]) -> None:
        self.output = output
        self.folder = output.with_name(f"{output.name}.parts")
        self.problems = output.with_name(f"{output.stem}.problems.csv")
        manifest = self.folder / MANIFEST
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not manifest.exists():
                _written(manifest, lambda place: place.write_text(json.dumps(dict(about))))
            found = json.loads(manifest.read_text())
        except (OSError, ValueError) as error:
            raise ForecastingError(f"{self.folder} can't be used: {error}.") from None
        if other := sorted(name for name, value in about.items() if found.get(name) != value):
            raise ForecastingError(
                f"{self.folder} holds parts of another sweep, with other {', '.join(other)}: name"
                " another output, or remove that folder."
            )

    def is_done(self, number: int) -> bool:
        """Whether the part of that number is there."""
        return self._place(number).exists()

    def write(self, part: Part) -> None:
        """Write a part."""
        about = {b"rows": str(part.rows).encode(), b"problems": json.dumps(part.problems).encode()}
        table = part.table.replace_schema_metadata(about)
        _written(self._place(part.number), lambda place: pq.write_table(table, place))

    def join(self, count: int) -> tuple[int, list[tuple[int, str]]]:
        """Write the output from parts 0 to `count` − 1, and the file of problems where there are
        any; gives the number of rows and the problems. The folder of parts goes.
        """
        files = [pq.ParquetFile(self._place(number)) for number in range(count)]
        schemas = [file.schema_arrow.remove_metadata() for file in files]
        about = [file.schema_arrow.metadata for file in files]
        problems = [
            (int(row), str(said)) for each in about for row, said in json.loads(each[b"problems"])
        ]
        filled = [schema for schema in schemas if len(schema)]
        schema = (
            pa.unify_schemas(filled, promote_options="permissive")
            if filled
            else pa.schema([(ROW, pa.int64())])
        )

        def write(place: Path) -> None:
            with pq.ParquetWriter(place, schema) as writer:
                for file in files:
                    if len(file.schema_arrow):
                        writer.write_table(_as(file.read(), schema))

        _written(self.output, write)
        self.problems.unlink(missing_ok=True)
        if problems:
            _written(self.problems, lambda place: _write_problems(place, problems))
        for file in files:
            file.close()
        shutil.rmtree(self.folder)
        return sum(int(each[b"rows"]) for each in about), problems

    def _place(self, number: int) -> Path:
        return self.folder / f"{number:08d}.parquet"


def joined(parts: Iterator[Part]) -> tuple[int, pa.Table, list[tuple[int, str]]]:
    """The same in memory: rows, table and problems of parts in any order."""
    done = sorted(parts, key=lambda part: part.number)
    tables = [part.table for part in done if part.table.num_columns]
    table = (
        pa.concat_tables(tables, promote_options="permissive")
        if tables
        else pa.table({ROW: pa.array([], pa.int64())})
    )
    return sum(part.rows for part in done), table, [each for part in done for each in part.problems]


def _as(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with the columns of the schema, empty where it has none."""
    columns = [
        table[field.name].cast(field.type)
        if field.name in table.column_names
        else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _write_problems(place: Path, problems: Sequence[tuple[int, str]]) -> None:
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((ROW, PROBLEM))
        writer.writerows(problems)


def _written(place: Path, write: Callable[[Path], object]) -> None:
    """Write a file whole or not at all."""
    unfinished = place.with_name(f"{place.name}.{os.getpid()}.unfinished")
    try:
        write(unfinished)
        with unfinished.open("rb") as file:
            os.fsync(file.fileno())
        unfinished.replace(place)
    except OSError as error:
        raise ForecastingError(f"{place} can't be written ({error.strerror}).") from None
    finally:
        unfinished.unlink(missing_ok=True)
