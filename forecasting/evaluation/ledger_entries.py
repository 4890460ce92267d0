"""Write forecasts down: rows for the table forecast_ledger, which only grows.

    rows = ledger_rows(data, made_on)           # what is forecast by the tables of `data`
    content = appended(ledger_csv, rows)        # the file's new content

A question is written down again only when a table that its forecast reads has changed since its
last row. As a command, for the tables in use, with --dry-run to see the statements alone:

    python -m forecasting.evaluation.ledger_entries [--dry-run]
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import hashlib
import io
import json
from collections.abc import Mapping, Sequence

from forecasting.data.catalogue import CATALOGUE_FILE
from forecasting.data.dataset import DataSet, bundled
from forecasting.data.replacement import locked, read_file, replace_files
from forecasting.data.today import today
from forecasting.errors import ForecastingError
from forecasting.evaluation.forecast_ledger import QUANTILE_COLUMNS, TABLE
from forecasting.evaluation.ledger_measures import decimal_year
from forecasting.evaluation.ledger_questions import QUESTIONS, LedgerQuestion

COLUMNS = (
    "made_on",
    "made_in_retrospect",
    "question",
    "statement",
    "unit",
    "resolves_on",
    *QUANTILE_COLUMNS,
    "tables_date",
    "tables_fingerprint",
)
DIGITS = 6
Row = Mapping[str, str]


def ledger_rows(
    data: DataSet,
    made_on: dt.date,
    *,
    in_retrospect: bool = False,
    on_record: Sequence[Row] = (),
) -> list[dict[str, str]]:
    """What the tables forecast, as rows of the ledger; cells are text, as in its file.

    Parameters
    ----------
    data : DataSet
        The tables to forecast from.
    made_on : datetime.date
        The day of the forecast.
    in_retrospect : bool
        Whether it is written down later than that day.
    on_record : sequence of rows
        The rows that the ledger has: a question whose last one was made from the same tables is
        left out, as is one that the tables do not allow to forecast.
    """
    last = {row["question"]: row["tables_fingerprint"] for row in on_record}
    rows = []
    for question in QUESTIONS.values():
        fingerprint = data.fingerprint(question.tables)
        if last.get(question.key) == fingerprint:
            continue
        days = question.days_after(made_on)
        try:
            forecasts = [question.forecast(data, decimal_year(day)) for day in days]
        except ForecastingError:  # these tables do not allow it
            continue
        for day, quantiles in zip(days, forecasts, strict=True):
            figures = (f"{value:.{DIGITS}g}" for value in quantiles)
            cells = (
                made_on.isoformat(),
                str(int(in_retrospect)),
                question.key,
                question.stated(day, quantiles),
                question.unit,
                day.isoformat(),
                *figures,
                tables_date(question, data),
                fingerprint,
            )
            rows.append(dict(zip(COLUMNS, cells, strict=True)))
    return rows


def tables_date(question: LedgerQuestion, data: DataSet) -> str:
    """The date of the newest table that a forecast reads, of those that are renewed where there are
    any: year, month or day.
    """
    entries = [data.catalogue[name] for name in question.tables]
    renewed = [entry for entry in entries if entry.rhythm != "none"]
    return max(entry.date for entry in renewed or entries)


def rows_of(content: str) -> list[dict[str, str]]:
    """The rows of a ledger's file."""
    return list(csv.DictReader(io.StringIO(content)))


def appended(content: str, rows: Sequence[Row]) -> str:
    """A ledger's file with rows added at its end; what it holds stays as it is.

    Parameters
    ----------
    content : str
        The file as it is; empty for a new one.
    rows : sequence of rows
        The rows to add.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    if not content:
        writer.writeheader()
    writer.writerows(rows)
    return content + text.getvalue()


def updated_ledger(data: DataSet, made_on: dt.date) -> str:
    """The content of the ledger's file once what `data` forecasts is written down; the same as
    before where none of its tables has changed.

    Parameters
    ----------
    data : DataSet
        The tables, ledger included.
    made_on : datetime.date
        The day of the forecast.
    """
    content = (data.folder / data.catalogue[TABLE].file).read_text(encoding="utf-8")
    return appended(content, ledger_rows(data, made_on, on_record=rows_of(content)))


def write_ledger(data: DataSet, made_on: dt.date) -> int:
    """Write down what `data` forecasts, in its own folder; return how many rows were added.

    The ledger's file and its entry in the catalogue are replaced together or not at all; hold the
    folder's lock while calling it.

    Parameters
    ----------
    data : DataSet
        The tables, ledger included.
    made_on : datetime.date
        The day of the forecast.
    """
    content = updated_ledger(data, made_on)
    added = len(rows_of(content)) - data.catalogue[TABLE].rows
    if added:
        package = json.loads(read_file(data.folder, CATALOGUE_FILE))
        entry = next(each for each in package["resources"] if each["name"] == TABLE)
        entry["date"] = made_on.isoformat()
        entry["rows"] = len(rows_of(content))
        entry["sha256"] = hashlib.sha256(content.encode()).hexdigest()
        catalogue = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
        contents = {data.catalogue[TABLE].file: content, CATALOGUE_FILE: catalogue}
        replace_files(data.folder, {name: text.encode("utf-8") for name, text in contents.items()})
    return added


def main() -> None:
    """Write down what the tables in use forecast today."""
    parser = argparse.ArgumentParser(prog="python -m forecasting.evaluation.ledger_entries")
    parser.add_argument("--dry-run", action="store_true", help="print the statements only")
    data = bundled()
    if parser.parse_args().dry_run:
        known = rows_of((data.folder / data.catalogue[TABLE].file).read_text(encoding="utf-8"))
        for row in ledger_rows(data, today(), on_record=known):
            print(row["statement"])
        return
    with locked(data.folder):
        print(f"{write_ledger(data, today())} forecasts written down in {data.folder}")


if __name__ == "__main__":
    main()
