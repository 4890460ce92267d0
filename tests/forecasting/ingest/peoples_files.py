"""Files as trackers, trainers, papers and people write them, each of the same known runs.

What is `right` is a set of readings: arrays of N, D and loss. Where none is given, the file does
not tell, and must be asked about or refused.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from tests.forecasting.ingest.made_runs import RUNS, loss_of

FULL = tuple((N, D, loss_of(N, D)) for N, D in RUNS)
#: Parameters without embeddings, tokens of one batch, and how many tokens a second.
EMBEDDING = 20e6
BATCH = 524_288.0


@dataclass(frozen=True, eq=False)
class PeoplesFile:
    """A file: `content`, its `name`, and the readings that are `right`."""

    kind: str
    content: bytes
    right: tuple[FloatArray, ...] = ()
    name: str = ""


Run = tuple[float, float, float]
Cell = Callable[[Run], object]


def n(run: Run) -> str:
    """Parameters in full."""
    return f"{run[0]:.0f}"


def d(run: Run) -> str:
    """Tokens in full."""
    return f"{run[1]:.0f}"


def c(run: Run) -> str:
    """FLOP."""
    return f"{6 * run[0] * run[1]:.6e}"


def loss(run: Run) -> str:
    """The loss in nats."""
    return f"{run[2]:.6f}"


def scaled(at: int, factor: float, digits: int = 7) -> Cell:
    """N, D or the loss over a factor."""
    return lambda run: f"{run[at] / factor:.{digits}g}"


def suffixed(at: int, gap: str = "") -> Cell:
    """N or D as 1.4B."""

    def written(run: Run) -> str:
        power, suffix = next(
            (p, s) for p, s in ((1e12, "T"), (1e9, "B"), (1e6, "M")) if run[at] >= p
        )
        return f"{run[at] / power:.6g}{gap}{suffix}"

    return written


def flop(factor: float = 1.0) -> Cell:
    """The compute over a factor."""
    return lambda run: f"{6 * run[0] * run[1] / factor:.7g}"


def constant(value: object) -> Cell:
    """The same in each row."""
    return lambda run: value


def train(run: Run) -> str:
    """A loss of training, below that of validation."""
    return f"{0.97 * run[2]:.6f}"


def table(
    columns: dict[str, Cell],
    runs: Sequence[Run] = FULL,
    separator: str = ",",
    above: Iterable[str] = (),
    below: Iterable[str] = (),
) -> bytes:
    """A table with a column each."""
    lines = [separator.join(columns)]
    lines += [separator.join(str(cell(run)) for cell in columns.values()) for run in runs]
    return "\n".join([*above, *lines, *below, ""]).encode()


def numbered() -> Cell:
    """run-0, run-1 …"""
    numbers = iter(range(10**6))
    return lambda run: f"run-{next(numbers)}"


def truth(runs: Sequence[Run] = FULL, loss_factor: float = 1.0) -> FloatArray:
    """The runs as an array."""
    return np.array(runs) * np.array([1.0, 1.0, loss_factor])


RIGHT = (truth(),)
#: Without embeddings, by the same file: either count of parameters is a reading if it is said.
BODY = tuple((N - EMBEDDING, D, L) for N, D, L in FULL)


def peoples_files() -> Iterator[PeoplesFile]:
    """All of them."""
    yield from tracker_exports()
    yield from tables_of_papers()
    yield from doubtful_columns()
    yield from no_losses()
    yield from units_beside()
    yield from written_otherwise()
    yield from shapes()
    yield from json_files()
    yield from logs()


def tracker_exports() -> Iterator[PeoplesFile]:
    """Weights & Biases, MLflow and other trackers."""
    wandb: dict[str, Cell] = {
        "Name": numbered(),
        "State": constant("finished"),
        "Notes": constant("-"),
        "User": constant("me"),
        "Tags": constant(""),
        "Created": constant("2026-01-02T03:04:05Z"),
        "Runtime": constant("3600"),
        "Sweep": constant(""),
    }
    yield PeoplesFile(
        "a runs table of Weights & Biases with a group",
        table(
            {
                **wandb,
                "Group": constant("isoflop"),
                "n_params": n,
                "tokens": d,
                "train/loss": train,
                "eval/loss": loss,
                "_step": constant("1000"),
                "lr": constant("3e-4"),
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "a runs table of Weights & Biases with nested names",
        table(
            {
                **wandb,
                "model.n_params": n,
                "data.train_tokens": d,
                "optim.lr": constant("1e-3"),
                "summary.val_loss": loss,
                "summary.train_loss": train,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "a runs table with tokens from the optimiser",
        table(
            {
                **wandb,
                "model/num_params": n,
                "optim/n_tokens": d,
                "throughput/device/tokens_per_second": constant("41000"),
                "eval/val/loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "OLMo columns",
        table(
            {
                **wandb,
                "model.num_params": n,
                "throughput/total_tokens": d,
                "train/CrossEntropyLoss": train,
                "eval/c4_en-validation/CrossEntropyLoss": loss,
                "eval/c4_en-validation/Perplexity": lambda run: f"{math.exp(run[2]):.6g}",
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "two losses of validation in a runs table",
        table(
            {
                **wandb,
                "n_params": n,
                "tokens": d,
                "eval/c4/loss": loss,
                "eval/pile/loss": lambda run: f"{1.1 * run[2]:.5f}",
            }
        ),
    )
    yield PeoplesFile(
        "MLflow",
        table(
            {
                "Start Time": constant("2026-01-02 03:04:05"),
                "Duration": constant("1.2h"),
                "Run ID": numbered(),
                "Name": numbered(),
                "Source Type": constant("LOCAL"),
                "User": constant("me"),
                "Status": constant("FINISHED"),
                "n_params": n,
                "train_tokens": d,
                "lr": constant("1e-3"),
                "val_loss": loss,
                "train_loss": train,
            }
        ),
        RIGHT,
    )
    rows = []
    for N, D, L in FULL:
        for at in range(1, 21):
            rows.append(f"gpt-{N / 1e6:.0f}m-{D / N:.0f}x,train/loss,{at},{L + 2 / at - 0.3:.5f}")
            rows.append(f"gpt-{N / 1e6:.0f}m-{D / N:.0f}x,val/loss,{at},{L + 2 / at - 0.1:.5f}")
    yield PeoplesFile(
        "key and value, training and validation",
        ("run,metric,step,value\n" + "\n".join(rows) + "\n").encode(),
    )
    yield PeoplesFile(
        "a log of runs with tokens",
        table_of_log("run_name,step,n_params,tokens,train_loss,val_loss"),
        RIGHT,
    )


def table_of_log(header: str, steps: int = 40) -> bytes:
    """A log with the columns run, step, N, D, loss of training, of validation."""
    lines = [header]
    for at, (N, D, L) in enumerate(FULL):
        for step in range(1, steps + 1):
            share = step / steps
            now = L + 0.5 * (1 / share - 1)
            lines.append(
                f"exp-{at},{step * 100},{N:.0f},{D * share:.0f},{now * 0.97:.6f},{now:.6f}"
            )
    return ("\n".join(lines) + "\n").encode()


def tables_of_papers() -> Iterator[PeoplesFile]:
    """Tables as papers and their repositories give them."""
    yield PeoplesFile(
        "Chinchilla as digitised",
        table({"": numbered(), "Model Size": n, "Training FLOP": c, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "Chinchilla with tokens",
        table({"Model Size": n, "Training Tokens": d, "Training FLOP": c, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "names of models with sizes",
        table({"model": lambda run: f"pythia-{run[0] / 1e6:g}m", "tokens": d, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "nanochat",
        table(
            {
                "flops_budget": c,
                "depth": constant("12"),
                "model_dim": constant("768"),
                "num_params": n,
                "num_iterations": lambda run: f"{run[1] / BATCH:.0f}",
                "tokens_trained": d,
                "param_data_ratio": lambda run: f"{run[1] / run[0]:.5g}",
                "val_bpb": lambda run: f"{run[2] / math.log(2):.6f}",
                "train_time_sec": constant("100"),
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "N, D, L with units in brackets",
        table(
            {"N (M)": scaled(0, 1e6), "D (B)": scaled(1, 1e9), "C (EFLOP)": flop(1e18), "L": loss}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "powers of ten with superscripts",
        table({"N (×10⁶)": scaled(0, 1e6), "D (×10⁹)": scaled(1, 1e9), "Loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "divided by a power",
        table({"params / 1e6": scaled(0, 1e6), "tokens / 1e9": scaled(1, 1e9), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "Kaplan's units",
        table({"N (non-embedding)": n, "Compute (PF-days)": flop(8.64e19), "Test Loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "arrows in names",
        table({"Params": suffixed(0), "Tokens": suffixed(1), "Val Loss ↓": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "loss, lower is better",
        table({"Params": suffixed(0), "Tokens": suffixed(1), "Loss (lower is better)": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "layers as L beside perplexity",
        table(
            {
                "L": lambda run: f"{6 + run[0] // 3e8:.0f}",
                "d_model": constant("512"),
                "N": n,
                "D": d,
                "ppl": lambda run: f"{math.exp(run[2]):.6f}",
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "width as d",
        table(
            {
                "n_layer": constant("12"),
                "d": lambda run: f"{256 + run[0] // 1e6:.0f}",
                "params": n,
                "flops": c,
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "ratio D/N",
        table({"N": n, "D/N": lambda run: f"{run[1] / run[0]:g}", "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "ratio in words",
        table(
            {"params": n, "tokens per parameter": lambda run: f"{run[1] / run[0]:g}", "loss": loss}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "Chinchilla multiples",
        table(
            {
                "params": n,
                "chinchilla_multiplier": lambda run: f"{run[1] / run[0] / 20:g}",
                "loss": loss,
            }
        ),
    )
    yield PeoplesFile(
        "parameters without a suffix in names of columns",
        table({"model_size_m": scaled(0, 1e6), "tokens_b": scaled(1, 1e9), "final_val_loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "LaTeX",
        "\n".join(
            ["Params & Tokens & Loss \\\\", "\\hline"]
            + [f"{suffixed(0)(run)} & {suffixed(1)(run)} & {run[2]:.6f} \\\\" for run in FULL]
            + [""]
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "Markdown",
        "\n".join(
            ["| Params | Tokens | Loss |", "|---|---:|---:|"]
            + [f"| {suffixed(0)(run)} | {suffixed(1)(run)} | {run[2]:.6f} |" for run in FULL]
            + [""]
        ).encode(),
        RIGHT,
    )


def doubtful_columns() -> Iterator[PeoplesFile]:
    """Several columns that could be the same thing, or that only sound like it."""
    body: Cell = lambda run: f"{run[0] - EMBEDDING:.0f}"  # noqa: E731
    either = (truth(), truth(BODY))
    yield PeoplesFile(
        "total and non-embedding parameters",
        table({"total_params": n, "non_embedding_params": body, "tokens": d, "loss": loss}),
        either,
    )
    yield PeoplesFile(
        "total and non-embedding parameters in brackets",
        table({"Params (total)": n, "Params (non-emb)": body, "Tokens": d, "Loss": loss}),
        either,
    )
    yield PeoplesFile(
        "N and N without embeddings",
        table({"N": n, "N_no_emb": body, "D": d, "L": loss}),
        either,
    )
    yield PeoplesFile(
        "active and total parameters",
        table(
            {
                "total_params": lambda run: f"{8 * run[0]:.0f}",
                "active_params": n,
                "tokens": d,
                "loss": loss,
            }
        ),
        (truth(), truth([(8 * N, D, L) for N, D, L in FULL])),
    )
    yield PeoplesFile(
        "training and validation loss",
        table({"params": n, "tokens": d, "train_loss": train, "val_loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "final training and validation loss",
        table({"params": n, "tokens": d, "Final Train Loss": train, "Final Val Loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "loss and its smoothed value",
        table({"params": n, "tokens": d, "loss_ema": train, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "validation loss and its smoothed value",
        table({"params": n, "tokens": d, "val_loss_smoothed": train, "val_loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "mean and deviation over seeds",
        table({"params": n, "tokens": d, "loss_mean": loss, "loss_std": constant("0.004")}),
        RIGHT,
    )
    yield PeoplesFile(
        "deviation first",
        table({"params": n, "tokens": d, "std_loss": constant("0.004"), "mean_loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "measured and predicted loss",
        table({"params": n, "tokens": d, "predicted_loss": train, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "predicted loss first",
        table({"params": n, "tokens": d, "loss_pred": train, "loss_true": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "loss at the start and at the end",
        table({"params": n, "tokens": d, "initial_loss": constant("10.9"), "end_loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "loss with auxiliary terms",
        table(
            {
                "params": n,
                "tokens": d,
                "loss": lambda run: f"{run[2] + 0.02:.6f}",
                "lm_loss": loss,
                "aux_loss": constant("0.02"),
                "z_loss": constant("0.001"),
            }
        ),
        (truth(), truth([(N, D, L + 0.02) for N, D, L in FULL])),
    )
    yield PeoplesFile(
        "losses of two test sets",
        table({"params": n, "tokens": d, "loss_c4": loss, "loss_pile": train}),
    )
    yield PeoplesFile(
        "FLOP of a token, of a step, and in all",
        table(
            {
                "params": n,
                "flops_per_token": lambda run: f"{6 * run[0]:.6g}",
                "flops_per_step": lambda run: f"{6 * run[0] * BATCH:.6g}",
                "total_flops": c,
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "only FLOP of a token",
        table({"params": n, "flops_per_token": lambda run: f"{6 * run[0]:.6g}", "loss": loss}),
    )
    yield PeoplesFile(
        "FLOP of a token called flops",
        table({"params": n, "tokens": d, "flops": lambda run: f"{6 * run[0]:.6g}", "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "speed beside tokens",
        table(
            {"params": n, "tokens/s": constant("41000"), "tokens (B)": scaled(1, 1e9), "loss": loss}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "speed alone",
        table({"params": n, "tokens_per_sec": constant("41000"), "loss": loss}),
    )
    yield PeoplesFile(
        "speed called throughput tokens",
        table(
            {"params": n, "train_tokens_per_second": constant("41000"), "flops": c, "loss": loss}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "steps, batch and length",
        table(
            {
                "params": n,
                "steps": lambda run: f"{run[1] / BATCH:.8g}",
                "batch_size": constant("256"),
                "seq_len": constant("2048"),
                "val_loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "steps and tokens of a step",
        table(
            {
                "params": n,
                "steps": lambda run: f"{run[1] / BATCH:.8g}",
                "tokens_per_step": constant(f"{BATCH:.0f}"),
                "val_loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "tokens of a batch called tokens",
        table(
            {
                "params": n,
                "tokens": constant(f"{BATCH:.0f}"),
                "steps": lambda run: f"{run[1] / BATCH:.8g}",
                "val_loss": loss,
            }
        ),
    )
    yield PeoplesFile(
        "number of seeds as n",
        table({"params": n, "tokens": d, "n": constant("3"), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "a checkpoint's size in MB as size",
        table(
            {"size": lambda run: f"{run[0] * 2 / 1e6:.6g}", "tokens": d, "flops": c, "loss": loss}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "planned and real parameters",
        table(
            {
                "target_params": lambda run: f"{float(f'{run[0]:.1g}'):.0f}",
                "actual_params": n,
                "tokens": d,
                "loss": loss,
            }
        ),
        (truth(), truth([(float(f"{N:.1g}"), D, L) for N, D, L in FULL])),
    )
    yield PeoplesFile(
        "planned tokens, and those seen",
        table({"params": n, "max_tokens": constant("1e12"), "tokens_seen": d, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "token budget",
        table({"params": n, "token_budget": d, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "size of the vocabulary and tokens",
        table({"params": n, "vocab_size": constant("50304"), "num_tokens": d, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "unique tokens and epochs",
        table(
            {
                "params": n,
                "unique_tokens": lambda run: f"{run[1] / 2:.0f}",
                "epochs": constant("2"),
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "tokens and epochs",
        table(
            {
                "params": n,
                "dataset_tokens": lambda run: f"{run[1] / 4:.0f}",
                "epochs": constant("4"),
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "bits beside nats",
        table(
            {
                "params": n,
                "tokens": d,
                "val_bpb": lambda run: f"{run[2] / 2.9:.6f}",
                "val_loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "GPU hours as compute",
        table(
            {
                "params": n,
                "compute (GPU hours)": lambda run: f"{6 * run[0] * run[1] / 1.4e18:.6g}",
                "loss": loss,
            }
        ),
    )
    yield PeoplesFile(
        "compute in words",
        table({"params": n, "compute (exaFLOPs)": flop(1e18), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "compute over a power",
        table({"params": n, "FLOPs (1e18)": flop(1e18), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "compute in multiples of 10^21",
        table({"params": n, "Total FLOPs (x 10^21)": flop(1e21), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "compute as an exponent",
        table(
            {
                "params": n,
                "log10 FLOPs": lambda run: f"{math.log10(6 * run[0] * run[1]):.7f}",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "compute in PF-days without a unit",
        table({"params": n, "compute": flop(8.64e19), "loss": loss}),
    )


def no_losses() -> Iterator[PeoplesFile]:
    """Columns that have “loss” in their name and hold something of it, or made of it."""
    for name, written in {
        "excess_loss": lambda L: L - 1.7, "reducible_loss": lambda L: L - 1.7,
        "delta_loss": lambda L: L - 1.7, "L - E": lambda L: L - 1.7,
        "normalized_loss": lambda L: L / 10, "relative_loss": lambda L: L / 10,
        "loss_base2": lambda L: L / math.log(2), "loss (x100)": lambda L: L * 100,
    }.items():  # fmt: skip
        cell: Cell = lambda run, written=written: f"{written(run[2]):.6f}"  # noqa: E731
        yield PeoplesFile(f"{name} alone", table({"N": n, "D": d, name: cell}))
        yield PeoplesFile(
            f"{name} beside the loss", table({"N": n, "D": d, name: cell, "val_loss": loss}), RIGHT
        )
    yield PeoplesFile(
        "losses of three seeds",
        table({"N": n, "D": d, "loss_seed0": loss, "loss_seed1": train, "loss_seed2": train}),
    )
    yield PeoplesFile(
        "an interval of the loss",
        table({"N": n, "D": d, "loss_lower": train, "loss_upper": train, "loss_median": loss}),
        RIGHT,
    )
    for role, name, at in (("N", "logN", 0), ("D", "logD", 1)):
        logs: dict[str, Cell] = {"N": n, "D": d, "L": loss}
        logs = {name if key == role else key: cell for key, cell in logs.items()}
        logs[name] = lambda run, at=at: f"{math.log(run[at]):.7f}"
        yield PeoplesFile(f"{name} in natural logarithms", table(logs), RIGHT)
    yield PeoplesFile(
        "three logarithms",
        table(
            {
                "logN": lambda run: f"{math.log(run[0]):.7f}",
                "logD": lambda run: f"{math.log(run[1]):.7f}",
                "logL": lambda run: f"{math.log(run[2]):.7f}",
            }
        ),
    )


def units_beside() -> Iterator[PeoplesFile]:
    """Units and marks that stand beside the numbers, and headers below others."""
    first, second = FULL[:9], FULL[9:]
    plain: dict[str, Cell] = {"params": n, "tokens": d, "loss": loss}
    yield PeoplesFile(
        "a column with the unit of the loss",
        table({**plain, "loss": lambda run: f"{run[2] / math.log(2):.6f}",
               "loss_unit": constant("bits")}),
        RIGHT,
    )  # fmt: skip
    yield PeoplesFile(
        "columns with units of counts",
        table({"params": scaled(0, 1e6), "params_unit": constant("M"), "tokens": scaled(1, 1e9),
               "tokens_unit": constant("B"), "loss": loss}),
        RIGHT,
    )  # fmt: skip
    yield PeoplesFile(
        "a header behind a mark, as numpy writes it",
        b"# " + table({"params (M)": scaled(0, 1e6), "tokens (B)": scaled(1, 1e9), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "a second table in other units",
        table(plain, first)
        + b"\n"
        + table({"params (M)": scaled(0, 1e6), "tokens (B)": scaled(1, 1e9), "loss": loss}, second),
    )
    yield PeoplesFile(
        "a second table with its columns swapped",
        table(plain, first) + b"\n" + table({"tokens": d, "params": n, "loss": loss}, second),
    )
    steps = (1000, 3000, 10_000, 50_000, 143_000)
    lines = [
        f"{N:.0f},{step},{step * 2_097_152},{L + 1000 / step:.5f}"
        for N, L in ((70e6, 3.0), (160e6, 2.8), (410e6, 2.6), (1.4e9, 2.4))
        for step in steps
    ]
    yield PeoplesFile(
        "checkpoints by step, unevenly spaced",
        "\n".join(["params,step,tokens,loss", *lines, ""]).encode(),
    )
    yield PeoplesFile(
        "half of the parameters are missing, compute is full",
        table({"params": lambda run: n(run) if run[1] / run[0] < 50 else "", "tokens": d,
               "flops": c, "loss": loss}),
        RIGHT,
    )  # fmt: skip
    yield PeoplesFile(
        "an empty column of tokens beside a full one",
        table({"params": n, "tokens": constant(""), "token_num": d, "loss": loss}), RIGHT,
    )  # fmt: skip
    yield PeoplesFile(
        "compute by another count",
        table({**plain, "flops": flop(3.0)}), RIGHT,
    )  # fmt: skip


def written_otherwise() -> Iterator[PeoplesFile]:
    """Numbers, encodings, quotes and separators."""
    plain: dict[str, Cell] = {"params": n, "tokens": d, "loss": loss}
    text = table(plain).decode()
    yield PeoplesFile("UTF-16", text.encode("utf-16"), RIGHT)
    yield PeoplesFile("UTF-16 without a mark", text.encode("utf-16-le"), RIGHT)
    yield PeoplesFile("a byte order mark", text.encode("utf-8-sig"), RIGHT)
    yield PeoplesFile("Windows line ends", text.replace("\n", "\r\n").encode(), RIGHT)
    yield PeoplesFile("old line ends", text.replace("\n", "\r").encode(), RIGHT)
    yield PeoplesFile("Latin-1", text.replace("loss", "loss µ").encode("latin-1"), RIGHT)
    yield PeoplesFile(
        "quotes",
        "\n".join(
            ",".join(f'"{x}"' for x in line.split(",")) if line else "" for line in text.split("\n")
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "single quotes",
        "\n".join(
            ",".join(f"'{x}'" for x in line.split(",")) if line else "" for line in text.split("\n")
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile("sep=;", ("sep=;\n" + text.replace(",", ";")).encode(), RIGHT)
    yield PeoplesFile("separators at the end", text.replace("\n", ",\n").encode(), RIGHT)
    yield PeoplesFile("spaces beside commas", text.replace(",", " , ").encode(), RIGHT)
    yield PeoplesFile("tabs and spaces", text.replace(",", "\t ").encode(), RIGHT)
    yield PeoplesFile(
        "columns of spaces",
        "\n".join(
            "".join(f"{x:>18}" for x in line.split(",")) for line in text.split("\n")
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "thousands with points, decimal commas",
        table(
            {
                "params": lambda run: f"{run[0]:,.0f}".replace(",", "."),
                "tokens": lambda run: f"{run[1]:,.0f}".replace(",", "."),
                "loss": lambda run: loss(run).replace(".", ","),
            },
            separator=";",
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "thousands with points and losses in whole thousandths",
        table(
            {
                "params (M)": lambda run: f"{run[0] / 1e6:,.0f}".replace(",", "."),
                "tokens (B)": lambda run: f"{run[1] / 1e9:.3f}".replace(".", ","),
                "loss": lambda run: f"{run[2]:.3f}".replace(".", ","),
            },
            separator=";",
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "three decimals after a comma, tabs",
        table(
            {
                "params (M)": scaled(0, 1e6, 6),
                "tokens (B)": lambda run: f"{run[1] / 1e9:.3f}".replace(".", ","),
                "loss": lambda run: f"{run[2]:.3f}".replace(".", ","),
            },
            separator="\t",
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "three decimals, billions with a point",
        table(
            {
                "params": n,
                "tokens (B)": lambda run: f"{run[1] / 1e9:.3f}",
                "loss": lambda run: f"{run[2]:.3f}",
            }
        ),
        RIGHT,
    )
    for mark, kind in (
        ("_", "underscores"),
        (" ", "spaces"),
        ("'", "apostrophes"),
        ("\u202f", "thin spaces"),
        ("\u00a0", "hard spaces"),
    ):
        yield PeoplesFile(
            f"thousands with {kind}",
            table(
                {
                    "params": lambda run, mark=mark: f"{run[0]:,.0f}".replace(",", mark),
                    "tokens": lambda run, mark=mark: f"{run[1]:,.0f}".replace(",", mark),
                    "loss": loss,
                }
            ),
            RIGHT,
        )
    yield PeoplesFile(
        "about",
        table(
            {
                "params": lambda run: f"~{suffixed(0)(run)}",
                "tokens": lambda run: f"≈{suffixed(1)(run)}",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "footnotes",
        table({"params": suffixed(0), "tokens": suffixed(1), "loss": lambda run: f"{loss(run)}*"}),
        RIGHT,
    )
    yield PeoplesFile(
        "bold",
        table(
            {"params": suffixed(0), "tokens": suffixed(1), "loss": lambda run: f"**{loss(run)}**"}
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "words in cells",
        table(
            {
                "params": suffixed(0, " "),
                "tokens": lambda run: f"{run[1] / 1e9:g} billion tokens",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "powers in cells",
        table(
            {
                "params": lambda run: f"{run[0] / 1e6:g} x 10^6",
                "tokens": lambda run: f"{run[1] / 1e9:g}×10^9",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "powers with superscripts in cells",
        table(
            {
                "params": lambda run: f"{run[0] / 1e6:g}·10⁶",
                "tokens": lambda run: f"{run[1] / 1e9:g}×10⁹",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "G for billions",
        table(
            {
                "params": lambda run: f"{run[0] / 1e9:g}G",
                "tokens": lambda run: f"{run[1] / 1e9:g}G",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "suffixes in a column in millions",
        table({"params (M)": suffixed(0), "tokens (B)": suffixed(1), "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "Excel's powers",
        table(
            {
                "params": lambda run: f"{run[0]:.6E}",
                "tokens": lambda run: f"{run[1]:.6E}",
                "loss": loss,
            }
        ),
        RIGHT,
    )
    yield PeoplesFile(
        "a minus sign before the loss",
        table({"params": n, "tokens": d, "loss": lambda run: f"-{loss(run)}"}),
    )
    yield PeoplesFile(
        "log-likelihood",
        table({"params": n, "tokens": d, "log_likelihood": lambda run: f"-{loss(run)}"}),
    )
    short = FULL[:-2]
    bad = [(*FULL[-2][:2], math.nan), (*FULL[-1][:2], math.nan)]
    for word in ("NaN", "-", "n/a", "diverged", "inf", "OOM", "#DIV/0!", "#N/A", "TBD", "None"):
        yield PeoplesFile(
            f"missing losses as {word}",
            table(
                {
                    "params": n,
                    "tokens": d,
                    "loss": lambda run, word=word: word if math.isnan(run[2]) else loss(run),
                },
                [*short, *bad],
            ),
            (truth(short),),
        )
    for word in ("0", "-1", "999", "1e9"):
        yield PeoplesFile(
            f"missing losses as {word}",
            table(
                {
                    "params": n,
                    "tokens": d,
                    "loss": lambda run, word=word: word if math.isnan(run[2]) else loss(run),
                },
                [*short, *bad],
            ),
            (truth(short),),
        )
    for word in ("0", "-1"):
        yield PeoplesFile(
            f"missing tokens as {word}",
            table(
                {
                    "params": n,
                    "tokens": lambda run, word=word: word if math.isnan(run[2]) else d(run),
                    "loss": lambda run: "3.0" if math.isnan(run[2]) else loss(run),
                },
                [*short, *bad],
            ),
            (truth(short),),
        )


def shapes() -> Iterator[PeoplesFile]:
    """Tables laid out otherwise."""
    plain: dict[str, Cell] = {"params": n, "tokens": d, "loss": loss}
    sizes, ratios = sorted({N for N, _, _ in FULL}), sorted({round(D / N) for N, D, _ in FULL})
    body = table(plain).decode()
    yield PeoplesFile("an index", table({"": numbered(), **plain}), RIGHT)
    yield PeoplesFile("an index of pandas", table({"Unnamed: 0": numbered(), **plain}), RIGHT)
    yield PeoplesFile(
        "an empty column between",
        table({"params": n, "": constant(""), "tokens": d, "loss": loss}),
        RIGHT,
    )
    yield PeoplesFile(
        "empty columns first", table({"": constant(""), " ": constant(""), **plain}), RIGHT
    )
    yield PeoplesFile("the loss twice", table({**plain, "loss ": loss}), RIGHT)
    yield PeoplesFile(
        "two columns called loss",
        table({"params": n, "tokens": d, "loss": loss, "loss ": train}).replace(
            b"loss \n", b"loss\n"
        ),
    )
    yield PeoplesFile("no header", body.split("\n", 1)[1].encode())
    yield PeoplesFile(
        "a title and a date above",
        ("Scaling study,,\nDate: 2026-01-02,,\n,,\n" + body).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "a comment at the end of rows",
        body.replace("\n", "  # ok\n").replace("loss  # ok", "loss").encode(),
        RIGHT,
    )
    yield PeoplesFile("comments between", body.replace("\n1", "\n# group\n1").encode(), RIGHT)
    yield PeoplesFile("two slashes between", body.replace("\n4", "\n// group\n4").encode(), RIGHT)
    yield PeoplesFile("a footer", (body + ",,\nn = 18 runs,,\n").encode(), RIGHT)
    yield PeoplesFile(
        "a footer of means", (body + f"Mean,,{np.mean([r[2] for r in FULL]):.5f}\n").encode(), RIGHT
    )
    yield PeoplesFile(
        "a footer of a sum", (body + f"Total,{sum(r[1] for r in FULL):.0f},\n").encode(), RIGHT
    )
    best = min(FULL, key=lambda run: run[2])
    yield PeoplesFile(
        "a footer of the best run",
        table({"run": constant("x"), **plain})
        + f"Best,{best[0]:.0f},{best[1]:.0f},{best[2]:.6f}\n".encode(),
        RIGHT,
    )
    yield PeoplesFile("the header again", (body + body).encode(), RIGHT)
    yield PeoplesFile(
        "one column a run, one row a quantity",
        "\n".join(
            ["," + ",".join(f"run {at}" for at in range(len(FULL)))]
            + [
                f"{name}," + ",".join(str(cell(run)) for run in FULL)
                for name, cell in plain.items()
            ]
            + [""]
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "one row a quantity without names of runs",
        "\n".join(
            f"{name}," + ",".join(str(cell(run)) for run in FULL) for name, cell in plain.items()
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "a matrix: sizes down, tokens a parameter across",
        "\n".join(
            ["params," + ",".join(f"{ratio}x" for ratio in ratios)]
            + [f"{N:.0f}," + ",".join(f"{loss_of(N, N * r):.6f}" for r in ratios) for N in sizes]
        ).encode(),
        RIGHT,
    )
    amounts = (1e9, 5e9, 20e9)
    grid = [(N, D, loss_of(N, D)) for N in sizes for D in amounts]
    yield PeoplesFile(
        "a matrix: sizes down, tokens across",
        "\n".join(
            ["params," + ",".join(f"{D / 1e9:g}B" for D in amounts)]
            + [f"{N:.0f}," + ",".join(f"{loss_of(N, D):.6f}" for D in amounts) for N in sizes]
        ).encode(),
        (truth(grid),),
    )
    yield PeoplesFile(
        "a matrix with a blank corner",
        "\n".join(
            ["," + ",".join(f"{D / 1e9:g}B" for D in amounts)]
            + [f"{N / 1e6:g}M," + ",".join(f"{loss_of(N, D):.6f}" for D in amounts) for N in sizes]
        ).encode(),
        (truth(grid),),
    )
    yield PeoplesFile(
        "loss at tokens",
        "\n".join(
            ["params," + ",".join(f"loss@{D / 1e9:g}B" for D in amounts)]
            + [f"{N:.0f}," + ",".join(f"{loss_of(N, D):.6f}" for D in amounts) for N in sizes]
        ).encode(),
        (truth(grid),),
    )
    yield PeoplesFile(
        "a matrix: tokens down, sizes across",
        "\n".join(
            ["tokens," + ",".join(f"{N / 1e6:g}M" for N in sizes)]
            + [f"{D:.0f}," + ",".join(f"{loss_of(N, D):.6f}" for N in sizes) for D in amounts]
        ).encode(),
        (truth([(N, D, loss_of(N, D)) for D in amounts for N in sizes]),),
    )
    yield PeoplesFile(
        "a chart with an axis of tokens",
        "\n".join(
            ["tokens," + ",".join(f"gpt-{N / 1e6:g}M - val/loss" for N in sizes)]
            + [f"{D:.0f}," + ",".join(f"{loss_of(N, D):.6f}" for N in sizes) for D in amounts]
        ).encode(),
        (truth([(N, amounts[-1], loss_of(N, amounts[-1])) for N in sizes]),),
    )
    yield PeoplesFile(
        "rows cut short",
        (body + "1100000000,6600000000\n").encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "the last line cut",
        body.rstrip("\n")[:-6].encode(),
        (truth(FULL[:-1]), truth()),
    )
    yield PeoplesFile("learning rates in a sweep", sweep(), (sweep_truth(),))
    yield PeoplesFile(
        "blocks of two tables",
        (
            body.replace("\n", ",\n", 1).replace(",\n", "\n", 1) + "\nchip,price\nH100,2\nA100,1\n"
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "prices", b"gpu,price per hour (USD),term\nH100,2.1,on demand\nA100,1.2,spot\n"
    )
    yield PeoplesFile(
        "scores of benchmarks",
        b"model,mmlu,arc,hellaswag\npythia-70m,0.25,0.22,0.27\npythia-1b,0.26,0.25,0.4\n",
    )


def sweep() -> bytes:
    """Three learning rates of each run."""
    lines = ["run,lr,params,tokens,val_loss"]
    for at, (N, D, L) in enumerate(FULL):
        for rate, factor in ((1e-4, 1.03), (3e-4, 1.0), (1e-3, 1.05)):
            lines.append(f"s{at}-{rate:g},{rate:g},{N:.0f},{D:.0f},{L * factor:.6f}")
    return ("\n".join(lines) + "\n").encode()


def sweep_truth() -> FloatArray:
    """All runs of the sweep: which count is a named choice."""
    return truth([(N, D, L * factor) for N, D, L in FULL for factor in (1.03, 1.0, 1.05)])


def json_files() -> Iterator[PeoplesFile]:
    """JSON as APIs and data frames write it."""
    records = [{"params": N, "tokens": D, "loss": L} for N, D, L in FULL]
    yield PeoplesFile("JSON list", json.dumps(records).encode(), RIGHT)
    yield PeoplesFile("JSON list, indented", json.dumps(records, indent=2).encode(), RIGHT)
    yield PeoplesFile("JSON lines", "\n".join(map(json.dumps, records)).encode(), RIGHT)
    yield PeoplesFile(
        "JSON of runs by name",
        json.dumps({f"run-{at}": each for at, each in enumerate(records)}).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "JSON of columns",
        json.dumps({key: [each[key] for each in records] for key in records[0]}).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "JSON of columns by row",
        json.dumps(
            {key: {str(at): each[key] for at, each in enumerate(records)} for key in records[0]}
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "JSON of columns and data",
        json.dumps(
            {
                "columns": ["params", "tokens", "loss"],
                "index": list(range(len(FULL))),
                "data": [list(run) for run in FULL],
            }
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "JSON of an API",
        "\n".join(
            json.dumps(
                {
                    "name": f"run-{at}",
                    "state": "finished",
                    "config": {"n_params": N, "lr": 1e-3},
                    "summary": {"val/loss": L, "tokens": D, "_step": 1000},
                }
            )
            for at, (N, D, L) in enumerate(FULL)
        ).encode(),
        RIGHT,
    )
    yield PeoplesFile(
        "JSON rows as lists", json.dumps([["params", "tokens", "loss"], *FULL]).encode(), RIGHT
    )


def logs() -> Iterator[PeoplesFile]:
    """What training scripts print of one run."""
    N, D, L = FULL[4]
    steps = 20
    curve = [L + 0.6 * (steps / at - 1) for at in range(1, steps + 1)]
    batch = D / steps
    one = (truth([(N, D, L)]),)
    yield PeoplesFile(
        "nanoGPT",
        (
            f"number of parameters: {N / 1e6:.2f}M\ntokens per iteration will be: {batch:,.0f}\n"
            + "\n".join(
                f"step {at}: train loss {x - 0.05:.4f}, val loss {x:.4f}\n"
                f"iter {at}: loss {x - 0.1:.4f}, time 100.00ms, mfu 30%"
                for at, x in enumerate(curve, start=1)
            )
            + "\n"
        ).encode(),
        one,
    )
    yield PeoplesFile(
        "modded-nanogpt",
        (
            "\n".join(
                f"step:{at}/{steps} val_loss:{x:.4f} train_time:{at * 100}ms step_avg:100.00ms"
                for at, x in enumerate(curve, start=1)
            )
            + "\n"
        ).encode(),
    )
    yield PeoplesFile(
        "a trainer's dictionaries",
        (
            "\n".join(
                f"{{'loss': {x - 0.05:.4f}, 'grad_norm': 0.5, 'epoch': {at / steps:.2f}}}\n"
                f"{{'eval_loss': {x:.4f}, 'eval_runtime': 3.2, 'epoch': {at / steps:.2f}}}"
                for at, x in enumerate(curve, start=1)
            )
            + "\n"
        ).encode(),
    )
    history = [
        {"step": at * 10, "eval_loss": x, "epoch": at / steps}
        for at, x in enumerate(curve, start=1)
    ]
    yield PeoplesFile(
        "trainer_state.json",
        json.dumps(
            {"global_step": steps * 10, "total_flos": 6 * N * D, "log_history": history}
        ).encode(),
    )
    yield PeoplesFile(
        "a log with dates",
        (
            "\n".join(
                f"[2026-01-02 03:04:{at:02d}] INFO step={at * 10} loss={x - 0.05:.4f}"
                f" val_loss={x:.4f} lr=3e-4 tok/s=41000"
                for at, x in enumerate(curve, start=1)
            )
            + "\n"
        ).encode(),
    )
