"""Units of columns: read where the file says them, asked for where numbers can't be plain, and told
in the table of columns.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

import forecasting as fc
from forecasting.ingest.reading_report import with_change
from forecasting.ingest.runs import read_runs
from tests.forecasting.ingest.made_runs import CASES, RUNS, assert_are_the_runs, csv_of, loss_of


@pytest.mark.parametrize("case", ["loss_in_bits", "gflops", "row_of_units", "names_1", "names_2"])
def test_units_and_names_that_a_file_gives_are_read(case: str) -> None:
    runs = read_runs(CASES / f"{case}.csv")
    assert_are_the_runs(runs)
    assert not runs.problems


def test_bits_per_byte_are_nats_per_byte_unless_bytes_per_token_are_given() -> None:
    per_byte = read_runs(CASES / "bits_per_byte.csv")
    assert_are_the_runs(per_byte, 1 / 4.4)
    assert per_byte.loss_unit == "nats per byte"
    assert "nats per byte, not per token" in per_byte.notes[0]
    per_token = read_runs(CASES / "bits_per_byte.csv", {"bytes_per_token": 4.4})
    assert_are_the_runs(per_token)
    assert per_token.loss_unit == "nats per token"


@pytest.mark.parametrize(
    ("case", "units"),
    [
        ("no_units", {"params": "millions", "tokens": "billions"}),
        ("logarithms_without_a_name", {"params": "log10", "tokens": "log10"}),
    ],
)
def test_numbers_that_no_run_has_are_asked_about_and_the_first_answer_is_right(
    case: str, units: dict[str, str]
) -> None:
    with pytest.raises(fc.ReadingQuestionError) as caught:
        read_runs(CASES / f"{case}.csv")
    assert caught.value.roles == ("params", "tokens")
    assert caught.value.answers[0].change == {"units": units}
    assert "as they are read now" in caught.value.answers[-1].words
    assert_are_the_runs(read_runs(CASES / f"{case}.csv", caught.value.answers[0].change))
    kept = caught.value.answers[-1].change
    assert read_runs(CASES / f"{case}.csv", kept).table["params"].max() < 1e4


POWERS = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}


@pytest.mark.parametrize(
    ("params", "tokens", "N", "D"),
    [
        ("params_m", "tokens_b", 1e6, 1e9),
        ("N (M)", "D (B)", 1e6, 1e9),
        ("params [millions]", "tokens [billions]", 1e6, 1e9),
        ("mparams", "btokens", 1e6, 1e9),
        ("million_params", "billion_tokens", 1e6, 1e9),
        ("Params (mio)", "Tokens (bn)", 1e6, 1e9),
        ("n_params_millions", "Tokens in trillions", 1e6, 1e12),
        ("params (x10^6)", "tokens (10^9)", 1e6, 1e9),
        ("params_1e6", "tokens (1e9)", 1e6, 1e9),
        ("paramsK", "tokens_m", 1e3, 1e6),
        ("Trainable params (B)", "total_tokens_seen_b", 1e9, 1e9),
    ],
)
def test_units_of_counts_in_names_are_applied(params: str, tokens: str, N: float, D: float) -> None:
    rows = [(n / N, d / D, loss_of(n, d)) for n, d in RUNS]
    runs = read_runs(csv_of([params, tokens, "loss"], rows))
    assert_are_the_runs(runs)
    assert [column.is_assumed for column in runs.columns[:2]] == [False, False]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("MFLOPs", 1e6), ("total_gflops", 1e9), ("throughput/total_gflops", 1e9),
        ("train TFLOP", 1e12), ("training_pflops", 1e15), ("FLOPs (PFLOP)", 1e15),
        ("compute_eflop", 1e18), ("C (ZFLOP)", 1e21), ("zettaflops", 1e21), ("exaFLOP", 1e18),
        ("flops (1e18)", 1e18), ("flops_e18", 1e18), ("FLOPs x10^18", 1e18),
        ("pf_days", 8.64e19), ("PF-days", 8.64e19), ("PFLOP/s-days", 8.64e19),
        ("compute (petaflop/s-days)", 8.64e19), ("training_compute_pf_days", 8.64e19),
    ],
)  # fmt: skip
def test_units_of_compute_in_names_are_applied(name: str, unit: float) -> None:
    rows = [(n, 6.0 * n * d / unit, loss_of(n, d)) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of(["params", name, "loss"], rows)))


@pytest.mark.parametrize("name", ["tflops_per_gpu", "gflops/s", "TFLOP/s", "achieved_tflops"])
def test_a_speed_is_no_compute(name: str) -> None:
    rows = [(n, 150.0, loss_of(n, d)) for n, d in RUNS]
    with pytest.raises(fc.MissingColumnError):
        read_runs(csv_of(["params", name, "loss"], rows))


@pytest.mark.parametrize(
    ("params", "tokens", "base"),
    [
        ("log10(N)", "log10(D)", 10.0), ("log10_params", "log10_tokens", 10.0),
        ("log N", "log D", 10.0), ("logN", "logD", 10.0), ("lg(params)", "lg(tokens)", 10.0),
        ("ln(N)", "ln(D)", math.e), ("ln_params", "ln_tokens", math.e),
        ("log N", "log D", math.e), ("params_log10", "tokens_log10", 10.0),
        ("log2_params", "log2_tokens", 2.0),
    ],
)  # fmt: skip
def test_logarithms_are_undone_and_their_base_is_read_or_found(
    params: str, tokens: str, base: float
) -> None:
    rows = [(math.log(n, base), math.log(d, base), loss_of(n, d)) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of([params, tokens, "loss"], rows)))


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("loss_bits", lambda loss: loss / math.log(2)),
        ("val loss [bits/token]", lambda loss: loss / math.log(2)),
        ("bits_per_token", lambda loss: loss / math.log(2)),
        ("val_ppl", math.exp), ("exp(loss)", math.exp), ("test perplexity", math.exp),
        ("log_ppl", lambda loss: loss), ("log perplexity", lambda loss: loss),
        ("ln(loss)", math.log), ("ln_loss", math.log), ("log10(loss)", math.log10),
        ("loss (nats)", lambda loss: loss), ("val_loss_nats", lambda loss: loss),
    ],
)  # fmt: skip
def test_what_a_loss_column_holds_is_told_by_its_name(name: str, written: object) -> None:
    assert callable(written)
    rows = [(n, d, written(loss_of(n, d))) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of(["params", "tokens", name], rows)))


def test_a_log_loss_is_asked_about_where_its_numbers_leave_both_open() -> None:
    rows = [(n, d, math.log(loss_of(n, d))) for n, d in RUNS]
    with pytest.raises(fc.ReadingQuestionError, match="logarithm of the loss") as caught:
        read_runs(csv_of(["params", "tokens", "log_loss"], rows))
    change = caught.value.answers[0].change
    assert_are_the_runs(read_runs(csv_of(["params", "tokens", "log_loss"], rows), change))
    plain = [(n, d, loss_of(n, d)) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of(["params", "tokens", "log_loss"], plain)))


@pytest.mark.parametrize("other", ["loss_std", "aux_loss", "z_loss", "loss_scale", "loss_stderr"])
def test_a_column_about_the_loss_is_no_loss(other: str) -> None:
    rows = [(n, d, 0.01, loss_of(n, d)) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of(["params", "tokens", other, "loss"], rows)))
    with pytest.raises(fc.MissingColumnError):
        read_runs(csv_of(["params", "tokens", other, "x"], rows))


def test_a_cell_with_a_suffix_is_not_multiplied_by_the_unit_of_its_column() -> None:
    rows = [(f"{n / 1e6:g}M", d / 1e9, loss_of(n, d)) for n, d in RUNS]
    assert_are_the_runs(read_runs(csv_of(["Params (M)", "tokens (B)", "loss"], rows)))


def test_a_unit_in_a_name_that_its_numbers_belie_is_asked_about() -> None:
    rows = [(n, d, loss_of(n, d)) for n, d in RUNS]
    text = csv_of(["params (M)", "tokens", "loss"], rows)
    with pytest.raises(fc.ReadingQuestionError) as caught:
        read_runs(text)
    assert caught.value.answers[0].change == {"units": {"params": "ones"}}
    assert_are_the_runs(read_runs(text, caught.value.answers[0].change))


@pytest.mark.parametrize("unit", [1e3, 1e6, 1e9])
@pytest.mark.parametrize("role", ["params", "tokens"])
def test_one_column_in_another_unit_is_asked_about(role: str, unit: float) -> None:
    rows = [
        (
            n / (unit if role == "params" else 1),
            d / (unit if role == "tokens" else 1),
            loss_of(n, d),
        )
        for n, d in RUNS
    ]
    with pytest.raises(fc.ReadingQuestionError) as caught:
        read_runs(csv_of(["params", "tokens", "loss"], rows))
    assert role in caught.value.roles


@pytest.mark.parametrize("unit", [1e6, 1e9, 1e12, 1e15, 1e18, 8.64e19])
@pytest.mark.parametrize("with_params", [True, False])
def test_compute_in_another_unit_is_asked_about(unit: float, with_params: bool) -> None:
    rows = [(n if with_params else d, 6 * n * d / unit, loss_of(n, d)) for n, d in RUNS]
    with pytest.raises(fc.ReadingQuestionError) as caught:
        read_runs(csv_of(["params" if with_params else "tokens", "flops", "loss"], rows))
    assert "training_flop" in caught.value.roles


def test_tokens_per_parameter_give_the_tokens() -> None:
    for name in ("tokens_per_param", "D/N", "tokens/params", "token_param_ratio"):
        rows = [(n, d / n, loss_of(n, d)) for n, d in RUNS]
        runs = read_runs(csv_of(["params", name, "loss"], rows))
        assert_are_the_runs(runs)
        assert "tokens per parameter" in runs.notes[0]


def test_what_was_assumed_is_told_by_column_with_unit_and_reason() -> None:
    runs = read_runs(CASES / "gflops.csv")
    told = {column.role: (column.column, column.unit, column.is_assumed) for column in runs.columns}
    assert told == {
        "params": ("params", "parameters", True),
        "tokens": ("", "tokens", False),
        "training_flop": ("total_gflops", "GFLOP", False),
        "loss": ("loss", "nats per token", True),
    }
    assert {column.role: column.why for column in runs.columns}["tokens"] == "C / (6·N)"
    assert runs.columns[0].sample == ("60000000",) * 3


def test_a_unit_can_be_changed_by_hand_and_survives_the_mapping() -> None:
    changed = read_runs(CASES / "names_1.csv", {"units": {"tokens": "thousands"}})
    assert changed.table["tokens"].min() == pytest.approx(6 * 60e6 * 1e3)
    again = read_runs(CASES / "names_1.csv", changed.mapping.as_dict)
    np.testing.assert_array_equal(again.table["tokens"], changed.table["tokens"])
    with pytest.raises(fc.UnknownNameError, match="parsecs"):
        read_runs(CASES / "names_1.csv", {"units": {"tokens": "parsecs"}})


def test_an_answer_changes_one_unit_and_keeps_the_others() -> None:
    before = {"units": {"params": "millions"}, "take": "last"}
    mapping = with_change(before, {"units": {"tokens": "billions"}})
    assert mapping == {"units": {"params": "millions", "tokens": "billions"}, "take": "last"}
