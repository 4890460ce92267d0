"""The rows of a run file as numbers by role, a row a run; the steps of a training log are reduced
to the row that stands for each run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from forecasting.arrays import BoolArray, FloatArray, IntArray
from forecasting.errors import InputError, NotEnoughDataError, shown
from forecasting.formatting import in_words
from forecasting.ingest.cell_numbers import number_of
from forecasting.ingest.column_mapping import (
    NUMERIC_ROLES,
    ROLE_WORDS,
    ROLES,
    TEXT_ROLES,
    ColumnMapping,
    MissingColumnError,
)
from forecasting.ingest.column_names import normalised, role_of, unit_of_role_name
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.csv_reading import Batch, ProblemList, Sheet
from forecasting.ingest.measure_guesses import right_values
from forecasting.ingest.one_run import (
    MAX_SUMMARY_SHARE,
    counts_up,
    diverged,
    named_families,
    summaries,
    unnamed_summaries,
)
from forecasting.ingest.reading_report import Answer, Choice, RowStep
from forecasting.ingest.run_logs import known_at, last_known, reduced
from forecasting.ingest.tracker_exports import (
    SHAPE_WORDS,
    Shape,
    WideColumn,
    first_axis,
    matrix_columns,
    of_metric,
    size_in,
    sizes_in,
    wide_columns,
)
from forecasting.ingest.units import LOG_BASES, USUAL, in_plain, is_usual, ratio_is_usual
from forecasting.ingest.wide_cells import wide_cells

#: A table whose run column repeats, without a column of steps, is a log from this many rows a run
#: on.
ROWS_OF_A_LOG = 30
#: And a table with a column of steps but none of runs, from this many rows a model size on.
STEPS_OF_A_LOG = 20
#: Columns without a role that are searched for rows called Mean or Total.
MAX_LABELS = 8
#: Names tell the sizes where this share of them holds one.
SHARE_WITH_SIZE = 0.9
#: Columns of unknown names that are offered.
MAX_FITTING = 3
#: Columns of a file that are looked at for it.
MAX_LOOKED_AT = 200
#: Columns of one role that differ by more are named.
DIFFERING_SHARE = 0.01
#: Parts of names of counts that are known to be others.
_OTHER_COUNTS = frozenset({"embedding", "active", "dense", "unique"})
_EXPONENT = r"^\s*[+-]?[\d.,]+[eE][+-]?\d+\s*$"
_STEP_NAMES = frozenset({"step", "global_step", "trainer_global_step", "iteration", "iter"})


@dataclass(eq=False)
class RowReader:
    """One reading of one file. `frame` has the columns of the mapping by role, `row` for where they
    stood; `notes` say what was assumed.
    """

    sheet: Sheet
    shape: Shape
    file_name: str
    limits: Limits
    mapping: ColumnMapping
    notes: list[str] = field(default_factory=list)
    rows_read: int = 0
    row_of_units: int = 0
    diverged: int = 0
    steps: list[RowStep] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    _used: set[str] = field(default_factory=set)

    @property
    def problems(self) -> ProblemList:
        """What is wrong in the file."""
        return self.sheet.problems

    def frame(self) -> pd.DataFrame:
        """A row a run, unchecked; raises MissingColumnError and InputError."""
        is_wide = self.shape in ("wandb_chart", "matrix") and not self.mapping.loss
        return self._wide_frame() if is_wide else self._long_frame()

    def _long_frame(self) -> pd.DataFrame:
        """The columns by role, a row a run; of a log, the row that stands for each run."""
        self._require_columns()
        mapping = self.mapping
        columns = _Columns()
        roles = {
            role: mapping.column(role)
            for role in (*NUMERIC_ROLES, *TEXT_ROLES)
            if mapping.column(role)
        }
        self._used = set(roles.values())
        roles |= self._labels(roles)
        for batch in self._batches(list(dict.fromkeys(roles.values()))):
            columns.capacity = columns.capacity or self.sheet.rows_like(len(batch.rows))
            for role, name in roles.items():
                if role in NUMERIC_ROLES:
                    read = self.sheet.numbers(batch.columns[name])
                    if role == "loss":
                        columns.add_nan(batch.columns[name], read[0])
                    columns.add_numbers(
                        role,
                        batch.columns[name],
                        read,
                        mapping.scales.get(role, 1.0),
                        mapping.units.get(role, ""),
                    )
                else:
                    columns.add_words(role, batch.columns[name], self.limits.name_length)
            columns.add_rows(batch.rows)
            self.rows_read += len(batch.rows)
            most = 10 * self.limits.runs
            if "run" not in roles and "step" not in roles and self.rows_read > most:
                raise InputError(
                    "runs",
                    f"more than {most:,} rows",
                    f"At most {self.limits.runs:,} runs can be fitted. When each row is a step of a"
                    " run, say which column names the run (run); else give fewer runs.",
                )
            if "run" in columns.words and len(columns.words["run"]) > most:
                raise InputError(
                    "run",
                    f"more than {most:,} names",
                    "Name the column that tells runs apart.",
                )
        if not self.rows_read:
            first = next((problem for problem in self.problems.found if not problem.kept), None)
            remedy = (
                f"No row can be used. {first}"
                if first
                else "The file has a header and no rows: add a row for each run."
            )
            raise NotEnoughDataError(0, 1, remedy)
        self._leave_out_summaries(columns, roles)
        run = self._run_codes(columns)
        if run is None:
            return self._row_frame(columns)
        return self._reduced_frame(columns, run)

    def _batches(self, names: list[str]) -> Iterator[Batch]:
        """The rows of runs: without a row of units below the header."""
        at = self.row_of_units
        for batch in self.sheet.batches(names):
            if at and batch.rows.size and batch.rows[0] == at:
                batch = Batch(
                    {name: cells.slice(1) for name, cells in batch.columns.items()}, batch.rows[1:]
                )
            batch = _without_headings(batch, names, self._used)
            if batch.rows.size:
                yield batch

    def _labels(self, roles: Mapping[str, str]) -> dict[str, str]:
        """Columns of text without a role, in which a row may be called a mean or a total."""
        sheet = self.sheet
        used = set(roles.values())
        names = [name for name in sheet.header if name and name not in used and sheet.sample]
        if sheet.is_large:
            names = [name for name in names if name == sheet.header[0]]
        texts = [
            name
            for name in names
            if not any(_is_number(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name))
        ]
        return {f"label {at}": name for at, name in enumerate(texts[:MAX_LABELS])}

    def _leave_out_summaries(self, columns: _Columns, roles: dict[str, str]) -> None:
        """Takes away rows that sum up others, by their names or as the last ones by their numbers,
        and lists them.
        """
        labels = {role: name for role, name in roles.items() if role.startswith("label ")}
        for role in labels:
            roles.pop(role)
        found: dict[int, tuple[str, str]] = {}
        for role, name in [*labels.items(), ("run", self.mapping.run or "")]:
            codes = columns.code(role)
            if codes is None:
                continue
            words = list(columns.words[role])
            rows = np.flatnonzero(summaries(words)[codes])
            if rows.size <= MAX_SUMMARY_SHARE * columns.count:
                found |= {int(row): (name, words[codes[row]]) for row in rows}
        loss = columns.number("loss")
        sizes = [columns.number(role) for role in ("params", "tokens", "training_flop")]
        known = [each for each in (*sizes, loss) if each is not None]
        if not found and columns.number("step") is None and len(known) > 2 and loss is not None:
            found = {
                columns.count - at: (self.mapping.loss or "", f"{loss[-at]:g}")
                for at in range(1, unnamed_summaries(known) + 1)
            }
        if not found:
            return
        self.steps.append(RowStep(len(found), "Rows that sum up others, such as Mean and Total."))
        for at, (name, value) in sorted(found.items()):
            self.problems.add(
                int(columns.row_numbers()[at]),
                name,
                value,
                "The row sums up other rows and is no run: it is left out.",
            )
        columns.leave_out(np.array(sorted(found)))

    def _require_columns(self) -> None:
        mapping, header = self.mapping, self.sheet.header
        if not mapping.loss:
            raise MissingColumnError(
                ["loss"],
                header,
                "Name a column loss (or val_loss, perplexity, accuracy …), or say which one holds"
                " it: mapping loss.",
                self._fitting(["loss"]),
            )
        has = {
            "params": bool(
                mapping.params
                or mapping.all_params
                or mapping.params_of_run
                or self.shape == "tensorboard"
            ),
            "tokens": bool(
                mapping.tokens
                or mapping.tokens_per_param
                or (mapping.step and (mapping.tokens_per_step or mapping.all_tokens_per_step))
            ),
            "training_flop": bool(mapping.training_flop),
        }
        if self.shape == "tensorboard" and not (
            mapping.all_params or mapping.params_of_run or size_in(self.file_name)
        ):
            raise MissingColumnError(
                ["all_params"],
                header,
                "TensorBoard exports no model size: give the parameters of this run.",
            )
        if self.shape == "tensorboard" and not has["tokens"]:
            raise MissingColumnError(
                ["all_tokens_per_step"],
                header,
                "TensorBoard counts steps: give the tokens in a step (batch size times sequence"
                " length).",
            )
        if sum(has.values()) < 2 and not has["params"]:
            has["params"] = self._take_sizes_from_names()
            mapping = self.mapping
        if sum(has.values()) < 2:
            missing = [role for role, there in has.items() if not there]
            self._refuse_columns_without_numbers(missing)
            words = {"params": "parameters", "tokens": "tokens", "training_flop": "training_flop"}
            remedy = (
                "Two of params, tokens and training_flop are needed: add a column"
                f" {' or '.join(words[role] for role in missing)}"
            )
            if mapping.step and not has["tokens"]:
                missing.insert(0, "all_tokens_per_step")
                remedy += ", or say how many tokens a step takes"
            raise MissingColumnError(missing, header, remedy + ".", self._fitting(missing))
        self._name_alternatives()
        derived = [
            role
            for role in ("params", "tokens")
            if not has[role] and not mapping.params_of_run and self.shape == "table"
        ]
        for answer in self._fitting(derived) if derived else []:
            self.choices.append(
                Choice(
                    f"No column is named as the {ROLE_WORDS[derived[0]]}, which follow from C ="
                    f" 6·N·D; the numbers of {answer.words.partition(' (')[0]} fit them.",
                    (Answer(f"Take {answer.words}", answer.change),),
                )
            )
        for name in self._without_numbers([role for role, there in has.items() if not there]):
            seen = next(iter(self.sheet.sample_of(name)), "")
            if seen:
                self.notes.append(
                    f"The column {shown(name, 30)} holds no numbers ({shown(seen, 30)}) and is not"
                    " used."
                )

    def _without_numbers(self, roles: list[str]) -> list[str]:
        """The columns that are named as one of the roles and hold no number in the first rows."""
        sheet = self.sheet
        named = [name for name in sheet.header if role_of(name, roles)] if sheet.sample else []
        return [
            name
            for name in named
            if not any(_is_number(cell, sheet.dialect.decimal) for cell in sheet.sample_of(name))
        ]

    def _refuse_columns_without_numbers(self, roles: list[str]) -> None:
        """Where the columns are there and hold no number, another column is not what is wanting."""
        empty = self._without_numbers(roles)
        if not empty:
            return
        seen = next((cell for name in empty for cell in self.sheet.sample_of(name)), "")
        columns = (
            f"column{'s' if len(empty) > 1 else ''}"
            f" {' and '.join(shown(name, 30) for name in empty[:3])}"
        )
        raise InputError(
            empty[0],
            seen,
            f"The rows hold no numbers in the {columns}: write numbers, such as 7e9, 7B or 1.4T.",
        )

    def _run_codes(self, columns: _Columns) -> NDArray[np.int32] | None:
        """The run of each row where rows are steps of runs, None where each row is a run; says
        which it took them for.
        """
        mapping = self.mapping
        run = columns.code("run")
        step = columns.number("step")
        if mapping.one_row_is == "run":
            return None
        if self.shape == "tensorboard":
            columns.words["run"] = {self.file_name or "run": 0}
            return np.zeros(self.rows_read, dtype=np.int32)
        if run is not None:
            a_run = columns.count / max(len(columns.words["run"]), 1)
            is_open = a_run > 1.0 and mapping.one_row_is is None
            why_runs = self._why_runs(columns, run) if is_open else ""
            if mapping.one_row_is == "step" or (
                not why_runs and ((step is not None and a_run > 1.0) or a_run >= ROWS_OF_A_LOG)
            ):
                self._say_log(
                    f"the column {shown(mapping.column('run'))} names {len(columns.words['run']):,}"
                    " runs"
                )
                return run
            if a_run > 1.0:
                why_runs = why_runs or (
                    f"though names in {shown(mapping.column('run'))} repeat and no column counts"
                    " steps"
                )
                self.notes.append(f"Each row is taken for a run, {why_runs}.")
            return None
        if step is None and mapping.one_row_is is None:
            return None
        params = columns.number("params")
        group = columns.code("group")
        keys = np.nan_to_num(params, nan=-1.0) if params is not None else np.zeros(self.rows_read)
        pairs = np.stack([keys, group if group is not None else np.zeros(self.rows_read)])
        found, codes = np.unique(pairs, axis=1, return_inverse=True)
        a_run = columns.count / found.shape[1]
        numbered: NDArray[np.int32] = codes.ravel().astype(np.int32)
        is_log = normalised(mapping.column("step")) in _STEP_NAMES and a_run >= STEPS_OF_A_LOG
        loss = columns.number("loss")
        if is_log and mapping.one_row_is is None and step is not None and loss is not None:
            is_log = counts_up(numbered, step, loss)
            if not is_log:
                self.notes.append(
                    f"Each row is taken for a run: {shown(mapping.column('step'))} does not count"
                    " up within a model size, so that it is the length of finished runs."
                )
        if mapping.one_row_is != "step" and not is_log:
            return None
        self._say_log(
            "rows of one model size are taken for one run, since no column names the runs"
        )
        columns.words["run"] = {
            f"{in_words(float(size), 4)} parameters #{at}": at for at, size in enumerate(found[0])
        }
        return numbered

    def _why_runs(self, columns: _Columns, run: NDArray[np.int32]) -> str:
        """Why rows of one name are finished runs and no steps, "" where they may be steps."""
        name = shown(self.mapping.column("run"))
        if self.shape in ("wandb_runs", "mlflow"):
            return f"as in every {SHAPE_WORDS[self.shape].removeprefix('a ')}; names repeat"
        params, tokens, flop = (
            columns.number(role) for role in ("params", "tokens", "training_flop")
        )
        if params is None and tokens is not None and flop is not None:
            with np.errstate(all="ignore"):
                params = flop / (6.0 * tokens)
        if params is not None and named_families(run, params):
            if not self.mapping.group:
                self.mapping = replace(self.mapping, group=self.mapping.run, run="")
                columns.words["group"] = columns.words.pop("run")
                columns.codes["group"] = columns.codes.pop("run")
            return f"since the column {name} names families: rows of one name differ in size"
        loss = columns.number("loss")
        order = next(
            (
                values
                for role in ("step", "tokens", "training_flop")
                if (values := columns.number(role)) is not None
            ),
            None,
        )
        if order is not None and loss is not None and not counts_up(run, order, loss):
            what = "steps" if columns.number("step") is not None else "tokens"
            return f"since rows of one name in {name} repeat the number of {what}"
        return ""

    def _say_log(self, why: str) -> None:
        how = {
            "last": "last loss",
            "lowest": "lowest loss",
            "smoothed": "mean loss of the last tenth",
        }[self.mapping.take]
        self.notes.append(f"Rows are steps of training: {why}; of each run the {how} is taken.")
        self.mapping = replace(self.mapping, one_row_is="step")

    def _row_frame(self, columns: _Columns) -> pd.DataFrame:
        self.mapping = replace(self.mapping, one_row_is="run")
        frame: dict[str, Any] = {"row": columns.row_numbers()}
        roles = {role: self.mapping.column(role) for role in ROLES if self.mapping.column(role)}
        for role, name in roles.items():
            if role in NUMERIC_ROLES:
                frame[role] = columns.number(role)
                if role in columns.bad:
                    bad = columns.unreadable(role)
                    self._list_unreadable(role, name, bad, frame["row"])
                    frame[f"{role}:bad"] = bad
            else:
                frame[role] = columns.text(role)
        return pd.DataFrame(frame)

    def _reduced_frame(self, columns: _Columns, run: NDArray[np.int32]) -> pd.DataFrame:
        rows = columns.row_numbers()
        loss = columns.number("loss")
        assert loss is not None
        for role in ("loss", "params", "tokens", "training_flop", "step"):
            if role in columns.bad:
                self._list_unreadable(
                    role, self.mapping.column(role), columns.unreadable(role), rows
                )
        loss = np.where(np.isfinite(loss), loss, np.nan)
        order = next(
            (
                values
                for role in ("step", "tokens", "training_flop")
                if (values := columns.number(role)) is not None
            ),
            None,
        )
        order = np.full(loss.size, np.nan) if order is None else order
        run, order, loss = self._leave_out_diverged(columns, run, order, loss)
        kept = reduced(run, order, loss, self.mapping.take)
        names = np.array(list(columns.words["run"]), dtype=object)
        without = len(names) - len(kept.run) - self.diverged
        if without > 0:
            self.notes.append(
                f"{without} run{'s have' if without > 1 else ' has'} no loss in any row and"
                f" {'are' if without > 1 else 'is'} left out."
            )
        frame: dict[str, Any] = {
            "row": rows[kept.at],
            "run": names[kept.run],
            "loss": kept.loss,
            "log_rows": kept.rows,
        }
        for role in ("tokens", "training_flop", "step"):
            values = columns.number(role)
            if values is not None:
                frame[role] = known_at(run, order, values, kept)
        for role in ("params", "unique_tokens", "cost_usd", "tokens_per_step", "tokens_per_param"):
            values = columns.number(role)
            if values is not None:
                frame[role] = last_known(run, values, kept.run)
        for role in ("group", "date", "state"):
            words = columns.text(role)
            if words is not None:
                frame[role] = words[kept.at]
        return pd.DataFrame(frame)

    def _leave_out_diverged(
        self,
        columns: _Columns,
        run: NDArray[np.int32],
        order: FloatArray,
        loss: FloatArray,
    ) -> tuple[NDArray[np.int32], FloatArray, FloatArray]:
        """Runs that end without a loss have no final one: those whose cells say NaN are left out,
        all are named.
        """
        names = list(columns.words["run"])
        gone = []
        for code, (rows, has_nan) in diverged(run, order, loss, columns.nan).items():
            is_out = has_nan and self.mapping.checkpoints != "all"
            at = int(columns.row_numbers()[np.flatnonzero(run == code)[-1]])
            remedy = f"The run has no loss in its last {rows:,} rows: did it diverge? " + (
                "It is left out; checkpoints all keeps it."
                if is_out
                else "It is kept with its last loss."
            )
            self.problems.add(at, self.mapping.column("run"), names[code], remedy, kept=not is_out)
            if is_out:
                gone.append(code)
        if gone:
            loss = np.where(np.isin(run, gone), np.nan, loss)
            self.steps.append(
                RowStep(int(np.isin(run, gone).sum()), "Runs that end without a loss.")
            )
        self.diverged = len(gone)
        return run, order, loss

    def _wide_frame(self) -> pd.DataFrame:
        wide = wide_of(self.sheet.header, self.shape, self.mapping.metric)
        self._name_metric(wide)
        axis = self.sheet.header[0]
        role = first_axis(self.sheet.header)
        if self.mapping.tokens or self.mapping.training_flop or self.mapping.step:
            role = next(r for r in ("tokens", "training_flop", "step") if self.mapping.column(r))
            axis = self.mapping.column(role)
        if not role:
            raise MissingColumnError(
                ["tokens", "step"],
                self.sheet.header[:1],
                "Say what the first column counts: tokens, FLOP or steps.",
            )
        curves = self.shape == "wandb_chart" and self.mapping.one_row_is != "run"
        cells, self.rows_read = wide_cells(
            self.sheet,
            axis,
            wide,
            self.mapping.take if curves else None,
            right_values(self.mapping.measure or "loss"),
            self.limits,
        )
        if not self.rows_read:
            raise NotEnoughDataError(0, 1, "The file has a header and no rows.")
        if curves:
            self._say_log(f"the export has {len(cells)} columns of losses, one a run")
        else:
            self.notes.append("Each cell is taken for a run of the model size above it.")
        codes, values, row = cells.run, cells.loss, cells.row
        order = cells.order * self.mapping.scales.get(role, 1.0)
        names = np.array([column.run for column in wide], dtype=object)
        params = np.array([params_of_run(column.run, self.mapping) for column in wide])
        unknown = [column.run for column, size in zip(wide, params, strict=True) if np.isnan(size)]
        if unknown and role != "training_flop":
            remedy = (
                f"Give the parameters of {shown(unknown[0])}: name them in the run (7B, N=7e9), or"
                " in params_of_run."
            )
            raise MissingColumnError(["params_of_run"], unknown, remedy)
        (
            self.notes.append("Model sizes are read from the names of the runs.")
            if not self.mapping.params_of_run
            else None
        )
        frame = pd.DataFrame(
            {"row": row, "run": names[codes], "loss": values, "params": params[codes], role: order}
        )
        if role == "step" and not self.mapping.all_tokens_per_step:
            raise MissingColumnError(
                ["all_tokens_per_step"],
                [axis],
                "The first column counts steps: say how many tokens a step takes.",
            )
        return frame

    def _name_metric(self, wide: Sequence[WideColumn]) -> None:
        """Says which of several losses of a run are taken."""
        if self.shape != "wandb_chart":
            return
        others = {each.metric for each in wide_columns(self.sheet.header)} - {wide[0].metric}
        if others and len(wide) < len(wide_columns(self.sheet.header)):
            self.choices.append(
                Choice(
                    f"Of each run the losses of {shown(wide[0].metric)} are taken; the export also"
                    f" holds {', '.join(shown(name) for name in sorted(others)[:4])}.",
                    tuple(Answer(f"Take {name}", {"metric": name}) for name in sorted(others)[:4]),
                )
            )

    def _take_sizes_from_names(self) -> bool:
        """Whether the names of the runs tell their sizes; the column is then the runs'. Raises
        MissingColumnError where names tell several.
        """
        sheet, mapping = self.sheet, self.mapping
        texts = [mapping.run] if mapping.run else [name for name in sheet.header if name]
        for name in texts:
            cells = sheet.sample_of(name) if name and name not in self._taken() else []
            if mapping.run == name:
                cells = sheet.sample_of(name)
            if any(_is_number(cell, sheet.dialect.decimal) for cell in cells[:20]):
                continue
            sizes = [sizes_in(cell) for cell in cells]
            if len(cells) < 2 or np.mean([bool(found) for found in sizes]) < SHARE_WITH_SIZE:
                continue
            open_names = [cell for cell, found in zip(cells, sizes, strict=True) if len(found) > 1]
            if open_names:
                raise MissingColumnError(
                    ["params_of_run", "params"],
                    open_names[:3],
                    f"Names such as {shown(open_names[0])} tell more than one size: give a column"
                    " params, or the parameters by run in params_of_run.",
                )
            self.mapping = replace(mapping, run=name)
            by_size = {found[0]: cell for cell, found in zip(cells, sizes, strict=True) if found}
            told = ", ".join(
                f"{shown(by_size[size], 40)} {in_words(size, 4)}" for size in sorted(by_size)[:12]
            )
            self.notes.append(
                f"No column holds the parameters: they are read from the names in {shown(name)}:"
                f" {told}. Are they right?"
            )
            return True
        return False

    def _name_alternatives(self) -> None:
        """Names columns of a role that is taken whose numbers differ from those that are used."""
        for role in ("params", "tokens", "training_flop"):
            used = self.mapping.column(role)
            if not used or used in (self.mapping.run, self.mapping.group):
                continue
            here = self._sample_numbers(used, self.mapping.units.get(role, ""))
            for name in self.sheet.header:
                if not name or name in self._taken() or role_of(name, [role]) is None:
                    continue
                if set(normalised(name).split("_")) & _OTHER_COUNTS:
                    continue
                other = in_plain(self._sample_numbers(name, ""), unit_of_role_name(role, name))
                both = np.isfinite(here) & np.isfinite(other) & (here > 0.0) & is_usual(role, other)
                if not both.any():
                    continue
                factor = float(np.max(np.abs(np.log(other[both] / here[both]))))
                if factor > DIFFERING_SHARE:
                    words = f"{shown(name, 30)} ({ROLE_WORDS[role]})"
                    self.choices.append(
                        Choice(
                            f"{shown(used, 30)} and {shown(name, 30)} both name the"
                            f" {ROLE_WORDS[role]} and differ by a factor of up to"
                            f" {in_words(float(np.exp(factor)), 3)}: {shown(used, 30)} is used.",
                            (Answer(f"Take {words}", {role: name}),),
                        )
                    )

    def _taken(self) -> set[str]:
        return {self.mapping.column(role) for role in ROLES}

    def _fitting(self, roles: Sequence[str]) -> list[Answer]:
        """Columns without a role whose numbers fit one of the roles, and only that one."""
        sheet = self.sheet
        cells = {
            role: self._sample_numbers(self.mapping.column(role), self.mapping.units.get(role, ""))
            for role in ("params", "tokens", "training_flop")
            if self.mapping.column(role)
        }
        found: list[Answer] = []
        for name in sheet.header[:MAX_LOOKED_AT]:
            if not name or name in self._taken() or len(found) >= MAX_FITTING:
                continue
            values = self._sample_numbers(name, "")
            known = values[np.isfinite(values)]
            if known.size < 0.9 * len(sheet.sample) or known.size < 3 or np.ptp(known) == 0.0:
                continue
            fits = [role for role in roles if _may_be(role, values, cells)]
            if len(fits) == 1:
                words = f"{shown(name, 30)} ({ROLE_WORDS[fits[0]]})"
                found.append(Answer(words, {fits[0]: name}))
        return found

    def _sample_numbers(self, name: str, unit: str) -> FloatArray:
        at = self.sheet.header.index(name)
        read = (number_of(row[at], self.sheet.dialect.decimal) for row in self.sheet.sample)
        return in_plain(np.array([np.nan if each is None else each for each in read]), unit)

    def _list_unreadable(self, role: str, name: str, bad: BoolArray, rows: IntArray) -> None:
        """Names the cells that hold no number; they are read a second time, since only numbers were
        kept.
        """
        at = np.flatnonzero(bad)
        wanted = {int(row) for row in rows[at[: self.problems.most]]}
        optional = role in (
            "unique_tokens",
            "cost_usd",
            "step",
            "tokens_per_step",
            "tokens_per_param",
            "total_steps",
            "progress",
        )
        remedy = (
            right_values(self.mapping.measure or "loss")
            if role == "loss"
            else "Write a number, such as 7e9, 7B or 1.4T."
        )
        listed = 0
        quiet = ProblemList(most=0)
        for batch in replace(self.sheet, problems=quiet).batches(
            [name, self.sheet.header[0]] if name != self.sheet.header[0] else [name]
        ):
            for index in np.flatnonzero(np.isin(batch.rows, list(wanted))):
                row = int(batch.rows[index])
                self.problems.add(
                    row, name, batch.columns[name][int(index)].as_py(), remedy, kept=optional
                )
                listed += 1
            if listed >= len(wanted):
                break
        self.problems.count += int(bad.sum()) - listed


def wide_of(header: tuple[str, ...], shape: Shape, metric: str | None) -> list[WideColumn]:
    """The columns of losses of a wide export.

    Parameters
    ----------
    header : tuple of str
        The names of all columns.
    shape : str
        The kind of export.
    metric : str or None
        Which losses of a run count where there are several; None: the best known.
    """
    if shape == "wandb_chart":
        return of_metric(wide_columns(header), metric)
    return matrix_columns(header)


def params_of_run(run: str, mapping: ColumnMapping) -> float:
    """The parameters of a run that no column gives: as said, or as its name tells; NaN where
    neither does.
    """
    if run in mapping.params_of_run:
        return float(mapping.params_of_run[run])
    return size_in(run) or mapping.all_params or np.nan


def _may_be(role: str, values: FloatArray, cells: Mapping[str, FloatArray]) -> bool:
    """Whether numbers may be those of a role, beside those of the roles that are known."""
    known = values[np.isfinite(values)]
    if role == "loss":
        return bool(known.min() > 0.3 and known.max() < 12.0 and np.any(known % 1.0))
    if role not in USUAL or not is_usual(role, values) or known.min() < 1e4:
        return False
    columns = {**cells, role: values}
    with np.errstate(all="ignore"):
        params = columns.get("params")
        tokens = columns.get("tokens")
        if params is None and tokens is not None and "training_flop" in columns:
            params = columns["training_flop"] / (6.0 * tokens)
        if tokens is None and params is not None and "training_flop" in columns:
            tokens = columns["training_flop"] / (6.0 * params)
    if params is None or tokens is None:
        return False
    return is_usual("params", params) and ratio_is_usual(params, tokens)


def _without_headings(batch: Batch, names: Sequence[str], used: set[str]) -> Batch:
    """Without rows that fill none of the columns that are used, such as headings between blocks."""
    others = [name for name in names if name in used]
    if len(others) == len(names) or not batch.rows.size:
        return batch
    filled = None
    for name in others:
        here = pc.not_equal(batch.columns[name], "")
        filled = here if filled is None else pc.or_(filled, here)
    if filled is None or pc.all(filled).as_py():
        return batch
    columns = {name: cells.filter(filled) for name, cells in batch.columns.items()}
    return Batch(columns, batch.rows[filled.to_numpy(zero_copy_only=False)])


def _is_number(cell: str, decimal: str) -> bool:
    value = number_of(cell, decimal)
    return value is not None and not np.isnan(value)


class _Growing:
    """An array that grows at its end; with a good guess of its length it is never moved, so that no
    second copy is made.
    """

    def __init__(self, dtype: type[np.generic], capacity: int) -> None:
        self._values: NDArray[Any] = np.empty(max(capacity, 1), dtype=dtype)
        self._length = 0

    def add(self, values: NDArray[Any]) -> None:
        end = self._length + len(values)
        if end > len(self._values):
            larger = np.empty(max(end, len(self._values) * 3 // 2), dtype=self._values.dtype)
            larger[: self._length] = self._values[: self._length]
            self._values = larger
        self._values[self._length : end] = values
        self._length = end

    def keep(self, rows: BoolArray) -> None:
        """Only the rows that are marked."""
        self.replace(self.values[rows])

    def replace(self, values: NDArray[Any]) -> None:
        """Other values in place of all."""
        self._values, self._length = values, len(values)

    @property
    def values(self) -> NDArray[Any]:
        return self._values[: self._length]


class _Columns:
    """Numbers and codes of text, gathered batch by batch; `capacity` guesses the number of rows."""

    def __init__(self) -> None:
        self.capacity = 0
        self.numbers: dict[str, _Growing] = {}
        self.bad: dict[str, list[IntArray]] = {}
        self.codes: dict[str, _Growing] = {}
        self.words: dict[str, dict[str, int]] = {}
        self.rows: _Growing | None = None
        self.count = 0
        self._nan: list[BoolArray] = []

    def add_nan(self, cells: pa.StringArray, values: FloatArray) -> None:
        """Where the loss is written as NaN or inf, rather than left empty."""
        if np.isfinite(values).all():
            self._nan.append(np.zeros(values.size, dtype=np.bool_))
            return
        named = pc.match_substring_regex(cells, r"^\s*[+-]?(nan|inf(inity)?)\s*$", ignore_case=True)
        self._nan.append(named.to_numpy(zero_copy_only=False))

    @property
    def nan(self) -> BoolArray:
        """Where the loss is written as NaN or inf."""
        return np.concatenate(self._nan) if self._nan else np.zeros(self.count, dtype=np.bool_)

    def leave_out(self, rows: IntArray) -> None:
        """Without some rows, given by their places."""
        keep = np.ones(self.count, dtype=np.bool_)
        keep[rows] = False
        self.bad = {role: [np.flatnonzero(self.unreadable(role)[keep])] for role in self.bad}
        self._nan = [self.nan[keep]]
        for columns in (self.numbers, self.codes):
            for growing in columns.values():
                growing.keep(keep)
        if self.rows is not None:
            self.rows.keep(keep)
        for role, words in self.words.items():
            left, codes = np.unique(self.codes[role].values, return_inverse=True)
            names = list(words)
            self.words[role] = {names[code]: at for at, code in enumerate(left)}
            self.codes[role].replace(codes.astype(np.int32))
        self.count = int(keep.sum())

    def add_numbers(
        self,
        role: str,
        cells: pa.StringArray,
        read: tuple[FloatArray, BoolArray],
        scale: float,
        unit: str,
    ) -> None:
        values, bad = read
        if scale != 1.0 or unit in LOG_BASES:
            # A cell such as 70M tells its own unit.
            own = pc.match_substring_regex(cells, r"\d\s*[a-zA-Z]").to_numpy(zero_copy_only=False)
            own &= ~pc.match_substring_regex(cells, _EXPONENT).to_numpy(zero_copy_only=False)
            scaled = in_plain(values, unit) if unit in LOG_BASES else values * scale
            values = np.where(own, values, scaled)
        self._column(self.numbers, role, np.float64).add(values)
        if bad.any():
            self.bad.setdefault(role, []).append(np.flatnonzero(bad) + self.count)

    def add_words(self, role: str, cells: pa.StringArray, length: int) -> None:
        words = self.words.setdefault(role, {})
        encoded = cells.dictionary_encode()
        known = np.array(
            [
                words.setdefault(word.strip()[:length], len(words))
                for word in encoded.dictionary.to_pylist()
            ],
            dtype=np.int32,
        )
        self._column(self.codes, role, np.int32).add(known[encoded.indices.to_numpy()])

    def add_rows(self, rows: IntArray) -> None:
        """The rows of a batch, once its cells have been added."""
        if self.rows is None:
            self.rows = _Growing(np.int64, self.capacity)
        self.rows.add(rows)
        self.count += len(rows)

    def number(self, role: str) -> FloatArray | None:
        return self.numbers[role].values if role in self.numbers else None

    def code(self, role: str) -> NDArray[np.int32] | None:
        return self.codes[role].values if role in self.codes else None

    def row_numbers(self) -> IntArray:
        return np.array([], dtype=np.int64) if self.rows is None else self.rows.values

    def _column(self, columns: dict[str, _Growing], role: str, dtype: type[np.generic]) -> _Growing:
        if role not in columns:
            columns[role] = _Growing(dtype, self.capacity)
        return columns[role]

    def unreadable(self, role: str) -> BoolArray:
        """Which rows hold something that is no number."""
        found = np.zeros(self.count, dtype=np.bool_)
        for at in self.bad.get(role, ()):
            found[at] = True
        return found

    def text(self, role: str) -> NDArray[Any] | None:
        codes = self.code(role)
        return None if codes is None else np.array(list(self.words[role]), dtype=object)[codes]
