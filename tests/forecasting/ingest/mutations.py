"""Files as people change them: six tables of known runs, each written in many ways."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from tests.forecasting.ingest.made_runs import RUNS, SIZES, loss_of


@dataclass(frozen=True)
class Table:
    """A table as text: `names` and `cells` of its columns, `above` and `below` whole lines."""

    names: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    runs: tuple[tuple[float, float, float], ...]
    separator: str = ","
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()

    @property
    def content(self) -> bytes:
        """As it is uploaded."""
        lines = [self.separator.join(row) for row in (self.names, *self.cells)]
        return "\n".join([*self.above, *lines, *self.below, ""]).encode()

    def column(
        self, role: str, name: str, written: Callable[[float, float, float], float]
    ) -> Table:
        """With another name and other numbers in the column of a role (0: N, 1: D or C, 2: L)."""
        at = ROLES_AT[role](self.names)
        if at is None:
            raise KeyError(role)
        cells = tuple(
            (*row[:at], text(written(*run)), *row[at + 1 :])
            for row, run in zip(self.cells, self.runs, strict=True)
        )
        return replace(self, names=(*self.names[:at], name, *self.names[at + 1 :]), cells=cells)


def text(value: float) -> str:
    return f"{value:.7g}"


def place(*names: str) -> Callable[[tuple[str, ...]], int | None]:
    return lambda header: next((at for at, name in enumerate(header) if name in names), None)


ROLES_AT = {
    "N": place("params", "n_params", "N"),
    "D": place("tokens", "train_tokens", "D"),
    "C": place("flops", "training_flop", "C"),
    "L": place("loss", "val_loss", "eval/loss"),
}


def made(names: tuple[str, ...], runs: list[tuple[float, float]]) -> Table:
    """A table of finished runs."""
    full = tuple((N, D, loss_of(N, D)) for N, D in runs)
    cell = {
        "params": lambda N, D, L: N, "n_params": lambda N, D, L: N, "N": lambda N, D, L: N,
        "tokens": lambda N, D, L: D, "train_tokens": lambda N, D, L: D, "D": lambda N, D, L: D,
        "flops": lambda N, D, L: 6 * N * D, "training_flop": lambda N, D, L: 6 * N * D,
        "C": lambda N, D, L: 6 * N * D,
        "loss": lambda N, D, L: L, "val_loss": lambda N, D, L: L, "eval/loss": lambda N, D, L: L,
        "lr": lambda N, D, L: 3e-4,
    }  # fmt: skip
    rows = [
        tuple(f"run-{at}" if name == "run" else text(cell[name](*run)) for name in names)
        for at, run in enumerate(full)
    ]
    return Table(names, tuple(rows), full)


GRID = list(RUNS)
BASES = {
    "three columns": made(("params", "tokens", "loss"), GRID),
    "with compute": made(("N", "D", "C", "loss"), GRID),
    "size and compute": made(("params", "flops", "loss"), GRID),
    "named runs": made(("run", "n_params", "train_tokens", "lr", "val_loss"), GRID),
    "data and compute": made(("run", "tokens", "training_flop", "eval/loss"), GRID),
    "one ratio": made(
        ("run", "params", "tokens", "loss"),
        [(N * k, 20 * N * k * j) for N in SIZES for k in (1, 1.5) for j in (1, 1.3)],
    ),
}
COUNTS = {
    "thousands": (1e3, ("{}_k", "{} (K)", "{} [thousands]")),
    "millions": (1e6, ("{}_m", "{} (M)", "{} (millions)", "{} [10^6]")),
    "billions": (1e9, ("{}_b", "{} (B)", "{}_in_billions", "{} (1e9)")),
}
FLOPS = {
    "GFLOP": (1e9, ("total_gflops", "{} (GFLOP)")), "TFLOP": (1e12, ("total_tflops", "{} [TFLOP]")),
    "PFLOP": (1e15, ("train_pflops",)), "EFLOP": (1e18, ("{}_eflop", "{} (1e18)")),
    "ZFLOP": (1e21, ("{} (ZFLOP)",)), "PF-days": (8.64e19, ("pf_days", "compute (PF-days)")),
}  # fmt: skip
LOSSES: dict[str, tuple[Callable[[float], float], tuple[str, ...]]] = {
    "bits": (lambda loss: loss / math.log(2), ("loss (bits)", "bits_per_token", "val_loss_bits")),
    "perplexity": (math.exp, ("ppl", "val_perplexity", "loss")),
    "ln": (math.log, ("ln(loss)", "log_loss")),
    "log10": (math.log10, ("log10_loss",)),
    "nats": (lambda loss: loss, ("loss (nats)", "log_ppl", "nll", "final loss", "test_loss")),
}
Mutation = Callable[[Table], Table]


def mutations() -> Iterator[tuple[str, Mutation]]:
    """All changes, by name; one that does not apply to a table raises KeyError."""
    yield from unit_mutations()
    yield from loss_mutations()
    yield from shape_mutations()
    yield from header_mutations()


def rewritten(role: str, name: str, written: Callable[[float, float, float], float]) -> Mutation:
    """Another name and other numbers in one column."""
    return lambda table: table.column(role, name, written)


def in_unit(role: str, factor: float) -> Callable[[float, float, float], float]:
    """A size, tokens or compute in a unit."""
    return lambda N, D, L: {"N": N, "D": D, "C": 6 * N * D}[role] / factor


def in_log(role: str, base: float) -> Callable[[float, float, float], float]:
    """The logarithm of it."""
    return lambda N, D, L: math.log({"N": N, "D": D, "C": 6 * N * D}[role], base)


def of_loss(written: Callable[[float], float]) -> Callable[[float, float, float], float]:
    """What is written for a loss."""
    return lambda N, D, L: written(L)


def unit_mutations() -> Iterator[tuple[str, Mutation]]:
    """Counts, compute and logarithms, with and without a word."""
    for role, word in (("N", "params"), ("D", "tokens")):
        for unit, (factor, forms) in COUNTS.items():
            for form in (*forms, "{}"):
                name = form.format(word)
                yield f"{role} in {unit} as {name}", rewritten(role, name, in_unit(role, factor))
        for base, form in itertools.product((10.0, math.e), ("log {}", "{}")):
            name = form.format(word)
            what = f"log of {role} to base {base:.3g} as {name}"
            yield what, rewritten(role, name, in_log(role, base))
    for unit, (factor, forms) in FLOPS.items():
        for form in (*forms, "flops"):
            name = form.format("compute")
            yield f"C in {unit} as {name}", rewritten("C", name, in_unit("C", factor))
    yield "log10 of C", rewritten("C", "log10_flops", in_log("C", 10.0))
    yield "N and D in millions and billions without a word", _both_without_a_word
    yield "a row of units", _row_of_units


def _both_without_a_word(table: Table) -> Table:
    table = table.column("N", "params", lambda N, D, L: N / 1e6)
    return table.column("D", "tokens", lambda N, D, L: D / 1e9)


def _row_of_units(table: Table) -> Table:
    table = _both_without_a_word(table)
    words = {"params": "millions", "tokens": "billions", "C": "FLOP"}
    row = tuple(words.get(name, "nats" if "loss" in name else "") for name in table.names)
    return replace(table, cells=(row, *table.cells), runs=table.runs)


def loss_mutations() -> Iterator[tuple[str, Mutation]]:
    """Losses in other units."""
    for kind, (written, names) in LOSSES.items():
        for name in names:
            yield f"{kind} as {name}", rewritten("L", name, of_loss(written))


def shape_mutations() -> Iterator[tuple[str, Mutation]]:
    """Separators, rows that are no runs, further columns, cells with units."""
    for name, separator in (("semicolons", ";"), ("tabs", "\t"), ("bars", "|")):
        yield name, lambda table, separator=separator: replace(table, separator=separator)
    yield (
        "decimal commas",
        lambda table: replace(
            table,
            separator=";",
            cells=tuple(
                tuple(
                    cell.replace(".", ",") if not cell.startswith("run") else cell for cell in row
                )
                for row in table.cells
            ),
        ),
    )
    yield "a comment above", lambda table: replace(table, above=("# my runs", ""))
    yield "a title above", lambda table: replace(table, above=("My runs of 2026", ""))
    for label in ("Mean", "Total"):
        yield f"a row {label}", lambda table, label=label: _footer(table, label)
    yield "a footer", lambda table: replace(table, below=("", "Source: our cluster"))
    yield "an empty row", lambda table: replace(table, below=(table.separator * 2,))
    yield "suffixes in cells", lambda table: _cells(table, _suffixed)
    yield "thousands in quotes", lambda table: _cells(table, _grouped)
    yield "one size in another unit", _one_cell_in_millions
    yield "a summary of pandas", _described
    yield "all rows twice", lambda table: replace(table, cells=table.cells * 2)
    yield "the columns in reverse", _reversed
    yield "a column of text", lambda table: _with_column(table, "note", "ok")
    yield "a column of numbers", lambda table: _with_column(table, "lr_end", "1e-5")
    yield "a column of the same date", lambda table: _with_column(table, "date", "2026-01-02")


def _footer(table: Table, label: str) -> Table:
    summed = np.mean if label == "Mean" else np.sum
    values = np.array(
        [[np.nan if cell.startswith("run") else float(cell) for cell in row] for row in table.cells]
    )
    row = [label if np.isnan(value) else text(value) for value in summed(values, axis=0)]
    return replace(table, below=(table.separator.join(row),))


def _cells(table: Table, written: Callable[[str], str]) -> Table:
    return replace(table, cells=tuple(tuple(written(cell) for cell in row) for row in table.cells))


def _suffixed(cell: str) -> str:
    if cell.startswith("run") or float(cell) < 1e6:
        return cell
    power, suffix = next(
        (p, s) for p, s in ((1e12, "T"), (1e9, "B"), (1e6, "M")) if float(cell) >= p
    )
    return f"{float(cell) / power:.7g}{suffix}"


def _grouped(cell: str) -> str:
    return cell if cell.startswith("run") or float(cell) < 1e4 else f'"{float(cell):,.0f}"'


def _one_cell_in_millions(table: Table) -> Table:
    at = ROLES_AT["N"](table.names)
    if at is None:
        raise KeyError("N")
    first = table.cells[0]
    cell = text(float(first[at]) / 1e6)
    cells = ((*first[:at], cell, *first[at + 1 :]), *table.cells[1:])
    return replace(table, cells=cells, runs=table.runs[1:])


def _described(table: Table) -> Table:
    """Two lines of a summary, unnamed."""
    if table.names[0] == "run":
        raise KeyError("run")
    values = np.array([[float(cell) for cell in row] for row in table.cells])
    sums = (values.mean(axis=0), values.std(axis=0, ddof=1))
    return replace(table, below=tuple(",".join(text(value) for value in row) for row in sums))


def _reversed(table: Table) -> Table:
    return replace(table, names=table.names[::-1], cells=tuple(row[::-1] for row in table.cells))


def _with_column(table: Table, name: str, cell: str) -> Table:
    cells = tuple((*row, cell) for row in table.cells)
    return replace(table, names=(*table.names, name), cells=cells)


def header_mutations() -> Iterator[tuple[str, Mutation]]:
    """Other names."""
    for role, names in {
        "N": ("Trainable parameters", "parameter_count", "num_scaling_params", "model_size", "n",
              "weights"),
        "D": ("Total tokens seen", "token_num", "optim/n_tokens", "throughput/total_tokens", "data",
              "corpus passed"),
        "C": ("training compute", "total_flops", "FLOPs", "budget"),
        "L": ("Final Loss", "validation_loss", "evalLoss", "cross entropy", "result"),
    }.items():  # fmt: skip
        for name in names:
            yield (
                f"{role} named {name}",
                lambda table, role=role, name=name: _named(table, role, name),
            )
    yield (
        "D as tokens per parameter",
        lambda table: table.column("D", "tokens_per_param", lambda N, D, L: D / N),
    )
    for name in ("params", "tokens", "loss"):
        yield (
            f"{name} in capitals",
            lambda table, name=name: replace(
                table, names=tuple(each.upper() if each == name else each for each in table.names)
            ),
        )


def _named(table: Table, role: str, name: str) -> Table:
    at = ROLES_AT[role](table.names)
    if at is None:
        raise KeyError(role)
    return replace(table, names=(*table.names[:at], name, *table.names[at + 1 :]))
