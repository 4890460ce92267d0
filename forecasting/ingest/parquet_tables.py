"""A Parquet file as a CSV, a batch of rows at a time: columns of lists and structures left out.

content, notes = parquet_as_csv(content, limits, deadline)
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from forecasting.errors import InputError, shown
from forecasting.ingest.archives import size_words
from forecasting.ingest.csv_bytes import Deadline, Limits

MARK = b"PAR1"
#: Values of a batch, and characters of a cell that are kept.
_BATCH_VALUES = 400_000
_CELL_CHARACTERS = 1_000
#: Values of all rows and columns, and for each byte of a larger file: repeats take no room in it.
MAX_VALUES, MAX_VALUES_A_BYTE = 4_000_000, 2


def parquet_as_csv(
    content: bytes, limits: Limits, deadline: Deadline
) -> tuple[bytes, tuple[str, ...]]:
    """The rows as CSV of UTF-8, and notes on what was done.

    Parameters
    ----------
    content : bytes
        The file.
    limits : Limits
        Its largest number of rows, columns and bytes as CSV.
    deadline : Deadline
        When reading must have ended.

    Raises
    ------
    InputError
        For damage and beyond a limit.
    """
    # Imported where it is needed: few sessions read such a file.
    import pyarrow.parquet as pq

    try:
        # Text that repeats stays in memory once.
        with pq.ParquetFile(io.BytesIO(content)) as first:
            schema = first.schema_arrow
            _check_size(first.metadata, limits, len(content))
        names = _plain_names(schema)
        texts = [each.name for each in schema if _is_text(each.type)]
        with pq.ParquetFile(io.BytesIO(content), read_dictionary=texts) as file:
            return _written(file, names, schema, limits, deadline)
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError):
        raise InputError(
            "file", "a damaged or encrypted Parquet file", "Write it again, or save it as CSV."
        ) from None


def _check_size(metadata: Any, limits: Limits, size: int) -> None:
    rows, columns = metadata.num_rows, metadata.num_columns
    most_rows = limits.most_rows(size)
    if rows > most_rows:
        raise InputError("file", f"{rows:,} rows", f"Give at most {most_rows:,}.")
    if columns > limits.columns:
        raise _too_many_columns(columns, limits)
    most_values = max(MAX_VALUES, MAX_VALUES_A_BYTE * size)
    if rows * columns > most_values:
        raise InputError(
            "file",
            f"{rows:,} rows of {columns:,} columns in a Parquet file",
            f"Give at most {most_values:,} values: leave out columns that the fit does not use.",
        )
    plain = sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))
    if plain > limits.unpacked_bytes:
        most = size_words(limits.unpacked_bytes)
        raise InputError("file", f"{size_words(plain)} unpacked", f"Give at most {most}.")


def _written(
    file: Any, names: list[str], schema: Any, limits: Limits, deadline: Deadline
) -> tuple[bytes, tuple[str, ...]]:
    out = io.BytesIO()
    out.write(_header(names))
    for batch in _batches(file, names):
        deadline.check()
        _write(batch, out)
        if out.tell() > limits.unpacked_bytes:
            most = size_words(limits.unpacked_bytes)
            raise InputError(
                "file", f"a Parquet file of more than {most} as CSV", f"Give at most {most}."
            )
    notes = ["The file is Parquet: its first record is row 2."]
    nested = [each.name for each in schema if pa.types.is_nested(each.type)]
    if nested:
        told = ", ".join(shown(name, 30) for name in nested[:5])
        notes.append(f"Columns of lists or structures are left out: {told}.")
    return out.getvalue(), tuple(notes)


def rows_as_csv(
    file: Any, groups: Iterable[int], most_bytes: int, limits: Limits
) -> Iterator[tuple[bytes, int]]:
    """The rows of some groups as CSVs of about so many bytes, each with the header, and how many
    rows each has; columns of lists and structures are left out.

    Parameters
    ----------
    file : pyarrow.parquet.ParquetFile
        The opened file.
    groups : iterable of int
        The groups of rows.
    most_bytes : int
        When another CSV is begun.
    limits : Limits
        The largest number of columns.

    Raises
    ------
    InputError
        For duplicate or missing names of columns, and beyond the limit.
    """
    schema = file.schema_arrow
    names = _plain_names(schema)
    if len(schema.names) > limits.columns:
        raise _too_many_columns(len(schema.names), limits)
    out, rows = io.BytesIO(), 0
    out.write(_header(names))
    for batch in _batches(file, names, list(groups)):
        _write(batch, out)
        rows += batch.num_rows
        if out.tell() >= most_bytes:
            yield out.getvalue(), rows
            out, rows = io.BytesIO(), 0
            out.write(_header(names))
    if rows:
        yield out.getvalue(), rows


def _plain_names(schema: Any) -> list[str]:
    """The columns that are no lists or structures."""
    names = [each.name for each in schema if not pa.types.is_nested(each.type)]
    if not names or len(set(schema.names)) < len(schema.names):
        raise InputError(
            "file", "a Parquet file with duplicate or missing column names", "Save it as CSV."
        )
    return names


def _too_many_columns(count: int, limits: Limits) -> InputError:
    return InputError("file", f"{count:,} columns", f"Give at most {limits.columns:,}.")


def _header(names: list[str]) -> bytes:
    header = [name.replace("\n", " ").replace("\r", " ") for name in names]
    return (",".join(_quoted(name) for name in header) + "\n").encode("utf-8", "replace")


def _batches(file: Any, names: list[str], groups: list[int] | None = None) -> Iterator[Any]:
    size = max(1, min(65_536, _BATCH_VALUES // len(names)))
    batches: Iterator[Any] = file.iter_batches(
        batch_size=size, columns=names, row_groups=groups, use_threads=False
    )
    return batches


def _write(batch: Any, out: io.BytesIO) -> None:
    options = pacsv.WriteOptions(include_header=False, quoting_style="needed")
    cells = [_cells(column) for column in batch.columns]
    pacsv.write_csv(pa.table(cells, names=[str(at) for at in range(len(cells))]), out, options)


def _cells(column: Any) -> Any:
    """Numbers as they are, all else as text of one line, cut."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_null(kind):
        return column.cast(pa.float32()) if pa.types.is_float16(kind) else column
    if pa.types.is_boolean(kind):
        return column
    if not pa.types.is_dictionary(kind):
        column = column.cast(pa.string()).dictionary_encode()
    words = column.dictionary
    if not pa.types.is_string(words.type):
        words = words.cast(pa.string())
    words = pc.utf8_slice_codeunits(words, 0, _CELL_CHARACTERS)
    words = pc.replace_substring_regex(words, r"[\r\n]+", " ")
    return words.take(column.indices)


def _is_text(kind: Any) -> bool:
    types = pa.types
    return bool(types.is_string(kind) or types.is_binary(kind) or types.is_large_string(kind))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if any(mark in name for mark in ',"#') else name


__all__ = ["MARK", "parquet_as_csv", "rows_as_csv"]
