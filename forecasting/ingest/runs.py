"""The user's own training runs, from a CSV of any common dialect or tracker.

runs = read_runs("my_runs.csv")                      # or bytes, an open file, text with line
                                                     breaks, or a list of such
runs.table                                           # params, tokens, training_flop, loss; a row a
                                                     run
runs.problems                                        # row, column, value, remedy
runs = read_runs("my_runs.csv", {"loss": "val_loss"})  # when a column was taken for another
fit_scaling_law(runs)
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import IO, Any

import pandas as pd

from forecasting.errors import (
    ForecastingError,
    InputError,
    NotEnoughDataError,
    UnknownNameError,
    shown,
)
from forecasting.formatting import in_words
from forecasting.ingest.archives import is_workbook, unpacked
from forecasting.ingest.cell_numbers import OddCells
from forecasting.ingest.column_mapping import (
    ALL_SHEETS,
    ROLES,
    TEXT_ROLES,
    AmbiguousColumnError,
    ColumnMapping,
)
from forecasting.ingest.column_names import is_loss_name, measure_of, normalised, role_of
from forecasting.ingest.column_readings import column_readings
from forecasting.ingest.column_search import found_mapping
from forecasting.ingest.csv_bytes import CsvText, Deadline, Limits, csv_text
from forecasting.ingest.csv_reading import Problem, ProblemList, Sheet, Watch, open_sheet
from forecasting.ingest.measure_guesses import MeasureGuess
from forecasting.ingest.other_forms import as_csv
from forecasting.ingest.parquet_tables import MARK as PARQUET
from forecasting.ingest.parquet_tables import parquet_as_csv
from forecasting.ingest.price_columns import price_role
from forecasting.ingest.reading_report import (
    Answer,
    Choice,
    ColumnReading,
    ReadingQuestionError,
    RowStep,
)
from forecasting.ingest.run_checks import RunChecks, without_repeats
from forecasting.ingest.run_reading import RunReading
from forecasting.ingest.run_rows import run_frame
from forecasting.ingest.tracker_exports import SHAPE_WORDS, Shape, shape_of
from forecasting.ingest.unit_checks import unit_row, with_unit_row
from forecasting.ingest.units import factor_of
from forecasting.ingest.wide_rows import wide_of
from forecasting.ingest.workbooks import BookSheet, sheets_of

Source = str | os.PathLike[str] | bytes | IO[bytes] | IO[str]

DEFAULT_LIMITS = Limits()
#: A file of whose runs a larger share can't be used is not read as it was meant.
MAX_LOST_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class ParsedRuns:
    """Runs as read: `table` has a row a run with the columns params, tokens, training_flop (FLOP)
    and loss, further ones where known.

    `problems` are the first thousand of `problem_count`; `notes` say what was taken for granted, a
    sentence each; `guess` what the loss column might hold instead. `mapping` is complete: give it
    back, changed, to read the file another way. `data_hash` is the sha256 of the file.

    `columns` tell what each column was taken for, in which unit and why; `steps` which rows were
    taken away; `choices` what was assumed where the file leaves it open, with the other readings.
    `places` say where in the file each run of the table stands, `given` what the user said of the
    columns.
    """

    table: pd.DataFrame
    problems: tuple[Problem, ...]
    problem_count: int
    notes: tuple[str, ...]
    guess: MeasureGuess | None
    mapping: ColumnMapping
    shape: Shape
    data_hash: str
    rows_read: int
    header: tuple[str, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    steps: tuple[RowStep, ...] = ()
    choices: tuple[Choice, ...] = ()
    places: tuple[str, ...] = field(default=(), repr=False)
    given: ColumnMapping = field(default_factory=ColumnMapping)

    def __len__(self) -> int:
        return len(self.table)

    @property
    def loss_unit(self) -> str:
        """In what the losses of the table are."""
        mapping = self.mapping
        per_byte = mapping.measure == "bits_per_byte" and not mapping.bytes_per_token
        if mapping.measure in ("accuracy", "error"):
            return "error rate"
        return "nats per byte" if per_byte else "nats per token"

    @property
    def left_out(self) -> int:
        """How many of the problems cost a row."""
        return self.problem_count - sum(problem.kept for problem in self.problems)

    @property
    def doubts(self) -> tuple[str, ...]:
        """What should be confirmed before anything is computed, a sentence each: what was assumed
        where the file leaves it open, and many rows that can't be used.
        """
        found = [choice.sentence for choice in self.choices]
        if self.guess is not None:
            found.append(self.guess.sentence)
        if self.shape in ("table", "wandb_runs", "mlflow") and any(
            column.role == "params" and column.is_assumed and not column.column
            for column in self.columns
        ):
            found.append(
                "No column gives the parameters: they are those in the names of the runs. Are they"
                " the sizes of the models?"
            )
        if self.left_out > MAX_LOST_SHARE * (self.left_out + len(self)):
            found.append(
                f"{self.left_out:,} rows can't be used, {len(self):,} runs are left: is the file"
                " read as intended?"
            )
        return tuple(found)

    def without(self, runs: Collection[int]) -> ParsedRuns:
        """The same without some of the runs.

        Parameters
        ----------
        runs : collection of int
            Which ones, counted from 0 in the table.

        Raises
        ------
        InputError
            For a run that the table does not have.
        NotEnoughDataError
            Where none would be left.
        """
        for run in runs:
            if not 0 <= run < len(self):
                raise InputError("runs", run, f"Runs are numbered 0 to {len(self) - 1:,}.")
        if not runs:
            return self
        kept = [run for run in range(len(self)) if run not in runs]
        if not kept:
            raise NotEnoughDataError(0, 1, "All runs are left out: restore some.")
        which = ", ".join(self.place_of(run) for run in sorted(runs)[:5])
        more = f" and {len(runs) - 5:,} more" if len(runs) > 5 else ""
        step = RowStep(len(runs), f"Left out by you: {which}{more}.")
        return replace(
            self,
            table=self.table.iloc[kept].reset_index(drop=True),
            places=tuple(self.places[run] for run in kept) if self.places else (),
            steps=(*self.steps, step),
        )

    def place_of(self, run: int) -> str:
        """Where a run of the table, counted from 0, stands: its row in the file."""
        return self.places[run] if self.places else f"run {run + 1}"

    @property
    def problem_table(self) -> pd.DataFrame:
        """The problems as a table: row, column, value, remedy, kept; and file, where there are
        many.
        """
        rows = [(p.row, p.column, p.value, p.remedy, p.kept, p.file) for p in self.problems]
        table = pd.DataFrame(rows, columns=["row", "column", "value", "remedy", "kept", "file"])
        return table if table["file"].any() else table.drop(columns="file")

    @cached_property
    def answer(self) -> str:
        """What was read, in a sentence."""
        sizes, flop = self.table["params"], self.table["training_flop"]
        return (
            f"{len(self):,} run{'s' if len(self) != 1 else ''} of {in_words(float(sizes.min()), 2)}"
            f" to {in_words(float(sizes.max()), 2)} parameters and {in_words(float(flop.min()), 2)}"
            f" to {in_words(float(flop.max()), 2)} FLOP were read from {self.rows_read:,} rows"
            f" ({SHAPE_WORDS[self.shape]})."
        )


@dataclass(frozen=True, eq=False)
class RunFile:
    """An opened file: its `sheet` and `shape` are known, its rows not yet read. Holds the file's
    text until it is dropped.
    """

    name: str
    sheet: Sheet
    shape: Shape
    text: CsvText = field(repr=False)
    data_hash: str
    limits: Limits
    sheets: Mapping[str, RunFile] = field(default_factory=dict, repr=False)

    def piece(self, content: bytes) -> RunFile:
        """Other rows of the same file.

        Parameters
        ----------
        content : bytes
            UTF-8 text that begins with the lines of this file down to its header.
        """
        deadline = Deadline(self.limits.seconds)
        sheet = open_sheet(content, self.limits, deadline)
        return replace(self, sheet=sheet, text=CsvText(content, self.text.encoding))

    @property
    def mapping(self) -> ColumnMapping:
        """The columns as they are found by name; raises what `read` would raise for want of a
        decision.
        """
        if self.sheets:
            raise self._question()
        return self._mapping(ColumnMapping())

    def read(
        self,
        mapping: ColumnMapping | Mapping[str, Any] | None = None,
        watch: Watch | None = None,
    ) -> ParsedRuns:
        """The runs, columns read as `mapping` says; what it leaves open is found. `watch` is told
        of the progress.
        """
        given = ColumnMapping.of(mapping)
        if self.sheets:
            return self._of_sheets(given, watch)
        reading = self.begun(given, watch)
        return self.checked(reading, run_frame(reading), given)

    def begun(self, given: ColumnMapping, watch: Watch | None = None) -> RunReading:
        """A reading of the rows, of which none is read yet.

        Parameters
        ----------
        given : ColumnMapping
            What the user said of the columns.
        watch : function or None
            Is told of the progress.
        """
        full = self._mapping(given)
        row_of_units = unit_row(self.sheet) if self.shape == "table" else None
        if row_of_units is not None:
            units = with_unit_row(given, full, row_of_units)
            scales = {role: factor_of(unit) or 1.0 for role, unit in units.items()}
            full = replace(full, units={**full.units, **units}, scales={**full.scales, **scales})
        # Each reading lists its own problems, and may take its own time.
        problems = ProblemList(
            found=list(self.sheet.problems.found), count=self.sheet.problems.count
        )
        sheet = replace(
            self.sheet,
            problems=problems,
            _deadline=Deadline(self.limits.seconds),
            _odd=OddCells(self.limits.odd_cells),
            _watch=watch,
        )
        reading = RunReading(
            sheet, self.shape, self.name, self.limits, full, notes=list(sheet.notes)
        )
        if row_of_units is not None:
            reading.row_of_units = row_of_units.row
            reading.steps.append(RowStep(1, f"Row {row_of_units.row} holds units, not a run."))
            reading.notes.append(
                f"Row {row_of_units.row} is read as the units of the columns below it."
            )
        return reading

    def checked(self, reading: RunReading, frame: pd.DataFrame, given: ColumnMapping) -> ParsedRuns:
        """The runs of a reading, checked.

        Parameters
        ----------
        reading : RunReading
            What was read and said.
        frame : pd.DataFrame
            A row a run, as `run_frame` gives it.
        given : ColumnMapping
            What the user said of the columns.
        """
        problems = reading.problems
        row_of_units = unit_row(self.sheet) if self.shape == "table" else None
        checks = RunChecks(
            reading.mapping,
            self.shape,
            self.name,
            problems,
            reading.notes,
            given.measure is None,
            given,
        )
        table = checks.table(frame)
        if len(table) > self.limits.runs:
            remedy = (
                "When each row is a step of a run, say which column names the run (run); else give"
                " fewer runs."
            )
            raise InputError(
                "runs",
                f"{len(table):,} runs",
                f"At most {self.limits.runs:,} can be fitted. {remedy}",
            )
        return ParsedRuns(
            table=table,
            problems=tuple(sorted(problems.found, key=lambda problem: problem.row or 0)),
            problem_count=problems.count,
            notes=tuple(reading.notes),
            guess=checks.guess,
            mapping=reading.mapping,
            shape=self.shape,
            data_hash=self.data_hash,
            rows_read=reading.rows_read,
            header=self.sheet.header,
            columns=column_readings(self.sheet, reading.mapping, given, row_of_units),
            steps=(*reading.steps, *checks.steps),
            choices=(*reading.choices, *checks.choices),
            places=tuple(f"row {row}" for row in checks.rows),
            given=given,
        )

    def columns_found(
        self, mapping: ColumnMapping | Mapping[str, Any] | None = None
    ) -> tuple[ColumnMapping, tuple[ColumnReading, ...]]:
        """What the columns are taken for before any row is read, those between which the user must
        decide left out.
        """
        given = ColumnMapping.of(mapping)
        if self.sheets:
            full, columns = self.chosen(given.sheet).columns_found(replace(given, sheet=None))
            return replace(full, sheet=given.sheet), columns
        open_roles: dict[str, Any] = {}
        while True:
            try:
                full = self._mapping(replace(given, **open_roles))
            except AmbiguousColumnError as error:
                open_roles[error.role] = ""
                continue
            row_of_units = unit_row(self.sheet) if self.shape == "table" else None
            return full, column_readings(self.sheet, full, given, row_of_units)

    def chosen(self, sheet: str | None) -> RunFile:
        """The sheet of that name of a workbook with several; the first where there is none so
        called, and the file itself where it has no others.
        """
        return self.sheets.get(sheet or "", next(iter(self.sheets.values()), self))

    def _question(self) -> ReadingQuestionError:
        titles = list(self.sheets)
        answers = [Answer(f"the sheet {shown(title, 40)}", {"sheet": title}) for title in titles]
        answers.append(Answer("all of them, one after the other", {"sheet": ALL_SHEETS}))
        return ReadingQuestionError(
            ["sheet"],
            ", ".join(titles[:6]),
            "Several sheets of the workbook have runs: say which one (sheet).",
            answers,
        )

    def _of_sheets(self, given: ColumnMapping, watch: Watch | None) -> ParsedRuns:
        """The runs of one sheet of several, or of all."""
        plain = replace(given, sheet=None)
        if given.sheet is None:
            raise self._question()
        if given.sheet == ALL_SHEETS:
            runs = read_together([replace(file, name=title) for title, file in self.sheets.items()],
                                 plain)  # fmt: skip
        elif given.sheet in self.sheets:
            runs = self.sheets[given.sheet].read(plain, watch)
        else:
            raise UnknownNameError("sheet", given.sheet, list(self.sheets))
        return replace(runs, mapping=replace(runs.mapping, sheet=given.sheet), given=given)

    def _mapping(self, given: ColumnMapping) -> ColumnMapping:
        if self.shape == "tensorboard" and given.loss is None:
            names = {normalised(name): name for name in self.sheet.header}
            given = replace(
                given,
                loss=names["value"],
                step=names["step"],
                date="",
                one_row_is="step",
                measure=given.measure or "loss",
            )
        if self.shape in ("wandb_chart", "matrix") and given.loss is None:
            wide = wide_of(self.sheet.header, self.shape, given.metric)
            measure = given.measure or (measure_of(wide[0].metric) if wide[0].metric else "loss")
            return replace(
                given, loss="", measure=measure, run="", params="", state="", date="", group=""
            )
        return found_mapping(self.sheet, given)


def is_known_name(name: str) -> bool:
    """Whether a column of this name could hold something of runs or of prices."""
    if len(name) > DEFAULT_LIMITS.name_length:
        return False
    roles = [role for role in ROLES if role != "loss"]
    return is_loss_name(name) or role_of(name, roles) is not None or price_role(name) is not None


def open_runs(source: Source, *, name: str = "", limits: Limits = DEFAULT_LIMITS) -> RunFile:
    """Opens a CSV without reading its rows: encoding, dialect, header and kind.

    Parameters
    ----------
    source : path, bytes, open file, or str with line breaks
        The CSV.
    name : str
        Its name in messages; "": that of the file.
    limits : Limits
        Its largest sizes.

    Raises
    ------
    InputError
        For what is no CSV.
    """
    content, found_name = _content(source, limits)
    deadline = Deadline(limits.seconds)
    data_hash = hashlib.sha256(content).hexdigest()
    content = unpacked(content, limits, deadline)
    named = name or found_name
    if is_workbook(content):
        return _of_workbook(sheets_of(content, limits, deadline), named, data_hash, limits)
    notes: tuple[str, ...] = ()
    if content.startswith(PARQUET):
        content, notes = parquet_as_csv(content, limits, deadline)
    file = _of_text(content, named, data_hash, limits, deadline)
    return replace(file, sheet=replace(file.sheet, notes=(*notes, *file.sheet.notes)))


def _of_text(
    content: bytes, name: str, data_hash: str, limits: Limits, deadline: Deadline
) -> RunFile:
    text = csv_text(content, deadline)
    form = as_csv(text.content, name, limits, deadline, is_known_name)
    if form is not None:
        text = replace(text, content=form.content)
    sheet = open_sheet(text.content, limits, deadline, is_known_name)
    if form is not None:
        sheet = replace(sheet, notes=(form.note, *sheet.notes))
    return RunFile(name, sheet, shape_of(sheet.header), text, data_hash, limits)


def _of_workbook(sheets: Sequence[BookSheet], name: str, data_hash: str, limits: Limits) -> RunFile:
    """The sheet with runs; where several have some, the first, with all of them in `sheets`."""
    files: dict[str, RunFile] = {}
    reasons: list[ForecastingError] = []
    for sheet in sheets:
        try:
            file = _of_text(sheet.content, name, data_hash, limits, Deadline(limits.seconds))
        except ForecastingError as error:
            reasons.append(error)
            continue
        notes = (*sheet.notes, *file.sheet.notes)
        files[sheet.title] = replace(file, sheet=replace(file.sheet, notes=notes))
    if not files:
        raise reasons[0]
    with_runs = [title for title, file in files.items() if _has_runs(file)]
    known = with_runs or [
        title for title, file in files.items() if sum(map(is_known_name, file.sheet.header)) > 1
    ]
    first = files[known[0] if known else next(iter(files))]
    if len(known) > 1 and with_runs:
        return replace(first, sheets={title: files[title] for title in known})
    if len(sheets) > 1:
        title = next(title for title, file in files.items() if file is first)
        others = ", ".join(shown(each.title, 30) for each in sheets if each.title != title)
        why = ", the only one with runs" if with_runs else ""
        note = f"From the workbook, the sheet {shown(title, 30)} is read{why}; not read: {others}."
        first = replace(first, sheet=replace(first.sheet, notes=(note, *first.sheet.notes)))
    return first


def _has_runs(file: RunFile) -> bool:
    """Whether a sheet's header has a loss and a size, or is one of a tracker."""
    header = file.sheet.header
    sizes = ("params", "tokens", "training_flop", "step", "tokens_per_param")
    has_size = any(role_of(name, sizes) for name in header)
    return file.shape != "table" or (any(map(is_loss_name, header)) and has_size)


def read_runs(
    source: Source | Sequence[Source],
    mapping: ColumnMapping | Mapping[str, Any] | None = None,
    *,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> ParsedRuns:
    """The runs of a CSV, or of several, one after the other.

    Bad rows are left out and listed in `problems`, and so is a file of several that gives no run.

    Parameters
    ----------
    source : path, bytes, open file, str with line breaks, or a sequence of these
        The CSV or CSVs.
    mapping : ColumnMapping, mapping or None
        Names columns where their names don't tell (see ColumnMapping).
    name : str
        Name of a single CSV in messages; "": that of the file.
    limits : Limits
        Largest sizes of each.

    Raises
    ------
    MissingColumnError
        Where a needed column is not found.
    AmbiguousColumnError
        Where several columns could be the one.
    ReadingQuestionError
        Where numbers can't be in plain units and several others fit.
    InputError
        For limits and for what is no CSV.
    NotEnoughDataError
        Where no row is left.
    """
    if isinstance(source, list | tuple):
        opened, refused = opened_runs(
            [(f"file {number}", each) for number, each in enumerate(source, start=1)], limits=limits
        )
        return read_together(opened, mapping, refused)
    return open_runs(source, name=name, limits=limits).read(mapping)  # type: ignore[arg-type]


def runs_of_table(table: pd.DataFrame, *, name: str = "") -> ParsedRuns:
    """Runs from the `table` of ParsedRuns that were read before: as they would be read from a CSV
    of it, each row a run and each column by its own name. Its numbers are taken as they are.

    `data_hash` is the sha256 of that CSV. Raises NotEnoughDataError where no row can be used.
    """
    header = tuple(str(column) for column in table.columns)
    columns: dict[str, Any] = {role: role if role in header else "" for role in ROLES}
    mapping = ColumnMapping(**columns, measure="loss", one_row_is="run")
    frame = table[[column for column in header if column in ROLES]].reset_index(drop=True)
    for role in TEXT_ROLES:
        if role in frame:
            frame[role] = frame[role].fillna("").astype(str)
    frame["row"] = range(2, len(frame) + 2)
    notes: list[str] = []
    problems = ProblemList()
    checks = RunChecks(mapping, "table", name, problems, notes, True, may_ask=False)
    return ParsedRuns(
        table=checks.table(frame),
        problems=tuple(problems.found),
        problem_count=problems.count,
        notes=tuple(notes),
        guess=checks.guess,
        mapping=mapping,
        shape="table",
        data_hash=hashlib.sha256(table.to_csv(index=False).encode("utf-8")).hexdigest(),
        rows_read=len(frame),
        header=header,
        places=tuple(f"row {row}" for row in checks.rows),
    )


def opened_runs(
    named: Sequence[tuple[str, Source]], *, limits: Limits = DEFAULT_LIMITS
) -> tuple[list[RunFile], list[tuple[str, ForecastingError]]]:
    """Several files, given by name, opened; and those that are no CSV, each with its reason."""
    opened: list[RunFile] = []
    refused: list[tuple[str, ForecastingError]] = []
    for name, source in named:
        try:
            opened.append(open_runs(source, limits=limits))
        except ForecastingError as error:
            refused.append((name, error))
    return opened, refused


def read_together(
    files: Sequence[RunFile],
    mapping: ColumnMapping | Mapping[str, Any] | None = None,
    refused: Sequence[tuple[str, ForecastingError]] = (),
    watch: Watch | None = None,
) -> ParsedRuns:
    """The runs of several opened files as one table; a file without a run is a problem beside the
    refused ones.

    Parameters
    ----------
    files : sequence of RunFile
        The opened files.
    mapping : ColumnMapping, mapping or None
        Names columns of all of them.
    refused : sequence of (str, ForecastingError)
        Names of files that could not be opened, and why.
    watch : function or None
        Is told how many rows have been read, and which share of all files that is.

    Raises
    ------
    ForecastingError
        The first reason where no file has a run; InputError for none.
    """
    refused = list(refused)
    several: list[ParsedRuns] = []
    sizes = [len(file.text.content) for file in files]
    for number, file in enumerate(files, start=1):
        watched = None
        if watch is not None:
            watched = _part_of(
                watch,
                sum(runs.rows_read for runs in several),
                sum(sizes[: number - 1]) / sum(sizes),
                sizes[number - 1] / sum(sizes),
            )
        try:
            several.append(file.read(mapping, watched))
        except ForecastingError as error:
            refused.append((file.name or f"file {number}", error))
    if not several and refused:
        raise refused[0][1]
    return combined(several, refused)


def _part_of(watch: Watch, rows_before: int, share_before: float, share: float) -> Watch:
    """The same, told of one file of several: after so many rows and such a share of all bytes."""
    return lambda rows, of_file: watch(rows_before + rows, share_before + share * of_file)


def combined(
    several: Sequence[ParsedRuns],
    refused: Sequence[tuple[str, ForecastingError]] = (),
    *,
    name_files: bool = True,
) -> ParsedRuns:
    """The runs of several files as one table, a run that stands in two of them once.

    Parameters
    ----------
    several : sequence of ParsedRuns
        The runs of each.
    refused : sequence of (str, ForecastingError)
        Names of files that can't be used, and why: they are listed as problems.
    name_files : bool
        Whether the places of runs are to name the file.

    Raises
    ------
    InputError
        For none.
    """
    if not several:
        raise InputError("runs", "no file", "Give at least one.")
    named = tuple(
        Problem(None, "", name, "Nothing in this file can be used: " + str(error).replace("`", ""))
        for name, error in refused
    )
    kept: list[ParsedRuns] = []
    for runs in several:
        if not any(
            runs.data_hash == other.data_hash and runs.table.equals(other.table) for other in kept
        ):
            kept.append(runs)
    again = len(several) - len(kept)
    first = kept[0]
    if len(several) == 1 and not named:
        return first
    places = [
        f"{place} of file {number}" if name_files else place
        for number, runs in enumerate(kept, 1)
        for place in runs.places
    ]
    table = pd.concat([runs.table for runs in kept], ignore_index=True).assign(place=places)
    table, notes = without_repeats(table)
    if again:
        count = sum(len(runs) for runs in several) - sum(len(runs) for runs in kept)
        which = "One file is" if again == 1 else f"{again} files are"
        notes.append(
            f"{which} the same as another: {count:,} run{'s' if count > 1 else ''} that would"
            " repeat are counted once."
        )
    return ParsedRuns(
        table=table.drop(columns="place"),
        problems=(*named, *(problem for runs in kept for problem in runs.problems))[:1000],
        problem_count=len(named) + sum(runs.problem_count for runs in kept),
        notes=tuple(dict.fromkeys([*notes, *(note for runs in kept for note in runs.notes)])),
        guess=next((runs.guess for runs in kept if runs.guess), None),
        mapping=first.mapping,
        shape=first.shape,
        data_hash=(
            first.data_hash
            if len(kept) == 1
            else hashlib.sha256("".join(runs.data_hash for runs in kept).encode()).hexdigest()
        ),
        rows_read=sum(runs.rows_read for runs in several),
        header=first.header,
        columns=first.columns,
        steps=tuple(step for runs in kept for step in runs.steps),
        choices=tuple(choice for runs in kept for choice in runs.choices),
        places=tuple(table["place"]),
        given=first.given,
    )


def _content(source: Source, limits: Limits) -> tuple[bytes, str]:
    most = limits.content_bytes + 1
    if isinstance(source, bytes | bytearray | memoryview):
        return bytes(source), ""
    if isinstance(source, str) and ("\n" in source or "\r" in source):
        return source.encode("utf-8", "replace"), ""
    if isinstance(source, str | os.PathLike):
        try:
            with Path(source).open("rb") as file:
                return file.read(most), Path(source).stem
        except (OSError, ValueError) as error:
            raise InputError(
                "file",
                # A file's name may hold bytes that are no text.
                str(source).encode("utf-8", "replace").decode("utf-8"),
                f"It can't be read ({getattr(error, 'strerror', None) or error}).",
            ) from None
    read = source.read(most)
    return (read.encode("utf-8", "replace") if isinstance(read, str) else read), Path(
        str(getattr(source, "name", ""))
    ).stem
