"""Many scenarios at once: a CSV whose columns are a page's inputs, a row a scenario; the same rows
come back with their results.
"""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pandas as pd

from dashboard.api.answers import own_parameters, shown_for
from dashboard.api.problems import ProblemError, bad_inputs
from dashboard.export.downloads import guarded
from dashboard.export.exports import plain_value
from dashboard.pages.declaration import Page
from forecasting.errors import TookTooLongError
from forecasting.errors import shown as quoted
from forecasting.stats.budget import Budget, within

MAX_BYTES = 256 * 1024
MAX_ROWS = 200
#: Less than the server waits for an answer, so that what is computed is also sent.
MAX_SECONDS = 20.0


def batch_csv(page: Page, body: bytes, base: str) -> bytes:
    """The results of every row: its inputs, `answer`, each key figure with its 80% range, `link`,
    or the `error` in their place.

    Raises ProblemError for what is no CSV, has too many rows, or names an input that the page does
    not have.
    """
    rows = _rows(page, body)
    results = []
    until = time.monotonic() + MAX_SECONDS
    for row in rows:
        result: dict[str, Any] = dict(row)
        left = until - time.monotonic()
        if left <= 0.0:
            results.append(
                result
                | {
                    "error": (
                        f"Not computed: the rows before it took {MAX_SECONDS:.0f} seconds, the"
                        " limit. Send it again."
                    )
                }
            )
            continue
        try:
            with within(Budget(left)):
                shown = shown_for(
                    page, [(name, text) for name, text in row.items() if text != ""], base
                )
        except TookTooLongError:
            result["error"] = (
                f"Not computed: this row and those before it took {MAX_SECONDS:.0f} seconds."
            )
        except ProblemError as problem:
            result["error"] = " ".join(problem.sentences)
        else:
            result |= {
                "answer": shown.answer,
                "answer_lines": " ".join(shown.lines),
                "link": shown.link,
                "data_version": shown.data_version,
                "data_as_of": shown.data_as_of,
                "stale": "; ".join(each["table"] for each in shown.stale),
            }
            for name, figure in shown.figures.items():
                result |= {
                    f"{name}_{part}": plain_value(figure[part]) for part in ("value", "low", "high")
                }
                result[f"{name}_unit"] = figure.get("unit", "")
        results.append(result)
    frame = pd.DataFrame(results)
    if "error" not in frame:
        frame["error"] = ""
    return guarded(frame)


def _rows(page: Page, body: bytes) -> list[dict[str, str]]:
    try:
        text = body.decode("utf-8-sig")
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise bad_inputs(
            [
                f"The batch is not a UTF-8 CSV ({error}). Send a header line with names of inputs,"
                " then one row per scenario."
            ]
        ) from None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if len(lines) < 2:
        raise bad_inputs(
            [
                "The batch has no rows. Send a header line with names of inputs, then one row per"
                " scenario."
            ]
        )
    names = [name.strip() for name in lines[0]]
    known = [*own_parameters(page.scenario), *page.display.model_fields, "v", "d"]
    wrong = [name for name in names if name not in known]
    if wrong or len(set(names)) < len(names):
        what = (
            f"The column {quoted(wrong[0])} is not an input of this page"
            if wrong
            else "A column appears twice in the header"
        )
        raise bad_inputs([f"{what}. Inputs are {', '.join(known[:40])}."])
    if len(lines) - 1 > MAX_ROWS:
        raise ProblemError(
            413,
            "The batch has too many rows",
            [f"It has {len(lines) - 1:,} rows; at most {MAX_ROWS} are computed at once."],
        )
    short = next(
        (number for number, line in enumerate(lines[1:], start=2) if len(line) != len(names)), None
    )
    if short is not None:
        raise bad_inputs(
            [f"Row {short} has {len(lines[short - 1])} cells; the header has {len(names)}."]
        )
    return [
        {name: cell.strip() for name, cell in zip(names, line, strict=True)} for line in lines[1:]
    ]
