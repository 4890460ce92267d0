"""Runs from CSVs: five dialects that give one fit, tracker exports, guesses with a case for and
against, and what is refused.
"""

from __future__ import annotations

import codecs
import dataclasses
import gzip
import io
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import forecasting as fc
from forecasting.formatting import significant
from forecasting.ingest.csv_bytes import Limits
from forecasting.ingest.runs import ParsedRuns, combined, open_runs, read_runs, runs_of_table

FIXTURES = Path(__file__).parents[2] / "fixtures" / "runs"
TOKENS_PER_STEP = 524288

REFERENCE_SETS: dict[str, tuple[str, str]] = {
    "chinchilla": ("runs_chinchilla", "loss"),
    "repeated": ("runs_repeated_data", "loss"),
    "overtraining": ("runs_overtraining", "loss_c4"),
}


def reference(name: str) -> pd.DataFrame:
    table, loss = REFERENCE_SETS[name]
    frame = fc.bundled()[table].rename(columns={loss: "loss"})
    return frame[["params", "tokens", "loss"]].dropna().reset_index(drop=True)


def suffixed(value: float) -> str:
    """The value with a suffix, to the last digit: 6795600349.29 as 6.79560034929B."""
    for power, suffix in ((12, "T"), (9, "B"), (6, "M")):
        if value >= 10.0**power:
            whole, _, part = (
                f"{value!r}".partition(".") if "e" not in repr(value) else (f"{value:.0f}", "", "")
            )
            part = "" if part == "0" else part
            return f"{whole[:-power]}.{whole[-power:]}{part}{suffix}"
    return repr(value)


def other_names(frame: pd.DataFrame) -> bytes:
    return (
        frame.rename(columns={"params": "n_params", "tokens": "train_tokens", "loss": "eval/loss"})
        .to_csv(index=False)
        .encode()
    )


def tabs_and_comments(frame: pd.DataFrame) -> bytes:
    text = "# exported by hand\n\n" + frame.rename(columns={"params": "N", "tokens": "D"}).to_csv(
        index=False, sep="\t", quoting=1
    )
    lines = text.split("\n")
    lines.insert(10, "# a remark, in between")
    return codecs.BOM_UTF8 + "\r\n".join(lines).encode()


def suffixes(frame: pd.DataFrame) -> bytes:
    rows = [f"{suffixed(n)},{suffixed(d)},{loss!r}" for n, d, loss in frame.itertuples(index=False)]
    return gzip.compress(("Model size,Tokens,Final loss\n" + "\n".join(rows)).encode())


def decimal_commas(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False, sep=";", decimal=",").encode("utf-16")


def wide(frame: pd.DataFrame) -> bytes:
    """As a tracker exports a chart: one column a run, tokens down the side, each loss in the row
    where its run ended.
    """
    runs = [f"run-{at} N={n!r} - val_loss" for at, n in enumerate(frame["params"])]
    rows = []
    for at, (tokens, loss) in enumerate(zip(frame["tokens"], frame["loss"], strict=True)):
        cells = [""] * len(runs)
        cells[at] = repr(loss)
        rows.append([repr(tokens), *cells])
    table = pd.DataFrame(rows, columns=["train_tokens", *runs])
    return table.to_csv(index=False, quoting=1).encode()


DIALECTS: tuple[Callable[[pd.DataFrame], bytes], ...] = (
    other_names,
    tabs_and_comments,
    suffixes,
    decimal_commas,
    wide,
)


@cache
def direct_fit(name: str) -> fc.ScalingFit:
    """The fit of a reference set that was not read from a file."""
    return fc.fit_scaling_law(reference(name), bootstrap=0)


@pytest.mark.parametrize("name", REFERENCE_SETS)
@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.__name__)
def test_every_dialect_of_a_reference_set_gives_the_same_fit_to_the_last_digit(
    name: str, dialect: Callable[[pd.DataFrame], bytes]
) -> None:
    frame = reference(name)
    runs = read_runs(dialect(frame))
    assert runs.problem_count == 0
    np.testing.assert_array_equal(
        runs.table[["params", "tokens", "loss"]].to_numpy(), frame.to_numpy()
    )
    direct, read = direct_fit(name), fc.fit_scaling_law(runs, bootstrap=0)
    assert (read.law, read.objective) == (direct.law, direct.objective)


def test_a_path_bytes_text_and_an_open_file_are_read_alike() -> None:
    path = fc.bundled().folder / "runs_chinchilla.csv"
    expected = read_runs(path)
    for source in (
        str(path),
        path.read_bytes(),
        path.read_text(),
        io.BytesIO(path.read_bytes()),
        io.StringIO(path.read_text()),
    ):
        got = read_runs(source)
        pd.testing.assert_frame_equal(got.table, expected.table)
        assert got.data_hash == expected.data_hash


@pytest.mark.parametrize(
    ("text", "N", "D"),
    [
        ("params,tokens,loss", 7e9, 1.4e12),
        ("Parameters (B),Tokens (T),Val Loss", 7.0, 1.4),
        ("model_size,compute,final_loss", 7e9, 5.88e22),
        ("flops,train_tokens,nll", 5.88e22, 1.4e12),
        ("n_params_billions,tokens_in_trillions,validation_loss", 7.0, 1.4),
        ("params,pf_days,loss", 7e9, 5.88e22 / 8.64e19),
    ],
)
def test_the_third_of_size_data_and_compute_follows_and_units_in_names_count(
    text: str, N: float, D: float
) -> None:
    table = read_runs(f"{text}\n{N!r},{D!r},2.1\n").table
    assert table["params"][0] == pytest.approx(7e9)
    assert table["tokens"][0] == pytest.approx(1.4e12)
    assert table["training_flop"][0] == pytest.approx(5.88e22)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("7B", 7e9),
        ("7 bn", 7e9),
        ("1.4T", 1.4e12),
        ("70M params", 70e6),
        ("3e21 FLOP", 3e21),
        ("1,234,567", 1234567.0),
        ("2 ZFLOP", 2e21),
    ],
)
def test_numbers_may_carry_suffixes_and_units(cell: str, value: float) -> None:
    from forecasting.ingest.cell_numbers import number_of

    assert number_of(cell) == value


@given(st.floats(min_value=1e3, max_value=1e15))
def test_a_suffix_never_changes_a_digit(value: float) -> None:
    from forecasting.ingest.cell_numbers import number_of

    assert number_of(suffixed(value)) == value


def test_each_bad_row_is_named_with_row_column_value_and_remedy_and_the_good_ones_stay() -> None:
    text = (
        "params,tokens,loss\n1e9,2e10,3.0\n1e9,abc,3\n-5,2e10,3\n1e30,2e10,3\n1e9,2e10,\n"
        "1e9,2e10,inf\n1e9,2e10,-1\n1,2\n2e9,4e10,2.8\n"
    )
    runs = read_runs(text)
    assert list(runs.table["params"]) == [1e9, 2e9]
    problems = sorted(runs.problems, key=lambda problem: problem.row or 0)
    assert [(p.row, p.column, p.value) for p in problems] == [
        (3, "tokens", "abc"), (4, "params", "-5"), (5, "params", "1e+30"), (6, "loss", ""), (7,
        "loss", "inf"), (8, "loss", "-1"),
        (9, "", "2 cells: 1,2"),
    ]  # fmt: skip
    assert all(problem.remedy for problem in runs.problems)
    assert list(runs.problem_table) == ["row", "column", "value", "remedy", "kept"]


def test_rows_are_counted_as_in_a_spreadsheet_whatever_stands_between() -> None:
    text = '# head\n\nparams,tokens,loss,remark\n1e9,2e10,3,"two\nlines"\n# note\n\n1,2\n1e9,x,3,\n'
    assert [problem.row for problem in read_runs(text).problems] == [7, 8]


def test_a_compute_that_is_not_six_n_d_is_said_once_or_by_row() -> None:
    good = "".join(f"{n}e8,{n}e10,{6 * n * n}e18,{4 - n / 10}\n" for n in range(1, 9))
    single = read_runs("params,tokens,flops,loss\n" + good + "1e9,2e10,9e22,2.9\n")
    assert [(p.row, p.kept) for p in single.problems] == [(10, True)]
    assert len(single) == 9
    assert not single.notes
    assert single.table["training_flop"].iloc[-1] == pytest.approx(6 * 1e9 * 2e10)
    units = "".join(f"{n}e8,{n}e10,{6 * n * n}e15,{4 - n / 10}\n" for n in range(1, 9))
    systematic = read_runs("params,tokens,flops,loss\n" + units)
    assert not systematic.problems
    assert "0.001 times 6·N·D" in systematic.notes[0]


def test_a_compute_counted_otherwise_is_kept_and_said_with_its_factor() -> None:
    rows = "".join(
        f"{n}e8,{n}e10,{6 * n * n * 0.2 * n**0.5}e18,{4 - n / 10}\n" for n in range(1, 13)
    )
    runs = read_runs("params,tokens,flops,loss\n" + rows)
    assert not runs.problems
    assert "0.2 to 0.69 times 6·N·D" in runs.notes[0]
    assert "Compute is taken from the column" in runs.notes[0]
    assert runs.table["training_flop"].iloc[0] == pytest.approx(1.2e18)


def test_a_budget_is_compute_where_it_can_be_no_sum_of_money() -> None:
    """Public IsoFLOP sets call the compute that their authors count a budget."""
    rows = "".join(
        f"{n}e8,{3 / n}e10,6e18,{4 - n / 10}\n{n}e8,{9 / n}e10,1.8e19,{3.9 - n / 10}\n"
        for n in range(1, 9)
    )
    runs = read_runs("params,tokens,budget,loss\n" + rows)
    assert set(runs.table["training_flop"]) == {6e18, 1.8e19}
    assert "0.33 times 6·N·D" in runs.notes[0]
    dollars = read_runs("params,tokens,budget,loss\n" + rows.replace("e18", "").replace("e19", ""))
    assert dollars.table["training_flop"].iloc[0] == pytest.approx(6 * 1e8 * 3e10)


@pytest.mark.parametrize("file", ["wandb_runs", "mlflow_page", "mlflow_command", "wandb_chart"])
def test_tracker_exports_are_known_by_their_columns(file: str) -> None:
    runs = read_runs(
        FIXTURES / f"{file}.csv",
        {"all_tokens_per_step": TOKENS_PER_STEP} if file == "wandb_chart" else None,
    )
    assert runs.shape == {"mlflow_page": "mlflow", "mlflow_command": "mlflow"}.get(file, file)
    assert runs.table["params"].min() == 44e6
    assert runs.table["params"].max() == 6.9e9
    unfinished = {"wandb_runs": 2, "mlflow_page": 1, "mlflow_command": 1, "wandb_chart": 0}[file]
    assert runs.left_out == unfinished
    if file != "wandb_chart":  # whose runs all have 20 tokens a parameter
        assert fc.fit_scaling_law(runs, bootstrap=0).law.alpha == pytest.approx(0.347, abs=0.08)


def test_unfinished_runs_stay_when_no_column_holds_the_state() -> None:
    assert len(read_runs(FIXTURES / "wandb_runs.csv", {"state": ""})) == 20


def test_a_chart_without_tokens_per_step_asks_for_them() -> None:
    with pytest.raises(fc.MissingColumnError) as caught:
        read_runs(FIXTURES / "wandb_chart.csv")
    assert caught.value.roles == ("all_tokens_per_step",)


def test_tensorboard_asks_for_tokens_per_step_and_takes_the_size_from_the_files_name() -> None:
    files = sorted(FIXTURES.glob("tensorboard_*.csv"))
    with pytest.raises(fc.MissingColumnError) as caught:
        read_runs(files[0])
    assert caught.value.roles == ("all_tokens_per_step",)
    runs = read_runs(files, {"all_tokens_per_step": TOKENS_PER_STEP})
    assert list(runs.table["params"]) == [124e6, 410e6]
    assert list(runs.table["tokens"]) == [20000.0 * TOKENS_PER_STEP] * 2
    with pytest.raises(fc.MissingColumnError) as unnamed:
        read_runs(files[0].read_bytes(), {"all_tokens_per_step": TOKENS_PER_STEP})
    assert unnamed.value.roles == ("all_params",)
    assert (
        read_runs(
            files[0].read_bytes(), {"all_tokens_per_step": TOKENS_PER_STEP, "all_params": 5e6}
        ).table["params"][0]
        == 5e6
    )


def test_a_matrix_of_sizes_is_a_run_a_cell() -> None:
    runs = read_runs("tokens,70M,1.4B\n1e9,3.9,3.5\n2e9,3.7,\n")
    assert runs.shape == "matrix"
    assert sorted(runs.table["params"]) == [70e6, 70e6, 1.4e9]


LOG = "run,step,params,tokens,loss\n" + "".join(
    f"{name},{step},{size},{step * 1e6:.0f},{loss}\n"
    for name, size in (("b", 2e9), ("a", 1e9))
    for step, loss in zip(
        (3, 1, 2, 4, 5, 6, 7, 8, 9, 10),
        (3.0, 9.0, 4.0, 2.9, 2.8, 2.0, 2.7, 2.6, 2.5, 2.4),
        strict=True,
    )
)


@pytest.mark.parametrize(
    ("take", "loss", "tokens"), [("last", 2.4, 10e6), ("lowest", 2.0, 6e6), ("smoothed", 2.4, 10e6)]
)
def test_a_log_gives_a_row_a_run(take: str, loss: float, tokens: float) -> None:
    runs = read_runs(LOG, {"take": take})
    assert list(runs.table["run"]) == ["b", "a"]
    assert list(runs.table["loss"]) == pytest.approx([loss] * 2)
    assert list(runs.table["tokens"]) == [tokens] * 2
    assert list(runs.table["log_rows"]) == [10, 10]
    assert "steps of training" in runs.notes[0]


def test_smoothed_is_the_mean_of_the_last_tenth() -> None:
    text = "run,step,params,tokens,loss\n" + "".join(
        f"a,{i},1e9,{i}e6,{3 + (i % 2)}\n" for i in range(1, 41)
    )
    assert read_runs(text, {"take": "smoothed"}).table["loss"][0] == 3.5


def test_a_log_may_leave_cells_empty_between_evaluations() -> None:
    rows = ["run,step,n_params,tokens,train_loss,val_loss"]
    rows += [
        f"a,{i},{'1e9' if i == 1 else ''},{i}e6,3.{i:02d},{'2.5' if i == 18 else ''}"
        for i in range(1, 21)
    ]
    runs = read_runs("\n".join(rows))
    assert runs.table[["params", "tokens", "loss"]].to_numpy().tolist() == [[1e9, 18e6, 2.5]]
    assert not runs.problems


GUESSES: tuple[tuple[str, Callable[[ParsedRuns], bool]], ...] = (
    ("perplexity", lambda runs: runs.guess is not None and runs.guess.measure == "perplexity"),
    ("accuracy", lambda runs: runs.guess is not None and runs.guess.measure == "accuracy"),
    ("log", lambda runs: runs.mapping.one_row_is == "step"),
    (
        "decimal_comma",
        lambda runs: (
            len(runs) == 20
            and 2 < runs.table["loss"].median() < 5
            and ";" in str(runs.header) + ";"
        ),
    ),
)


@pytest.mark.parametrize(("name", "made"), GUESSES[:3], ids=[name for name, _ in GUESSES[:3]])
def test_a_guess_is_made_where_it_should_be_and_nowhere_else(
    name: str, made: Callable[[ParsedRuns], bool]
) -> None:
    assert made(read_runs(FIXTURES / f"guess_{name}_yes.csv"))
    assert not made(read_runs(FIXTURES / f"guess_{name}_no.csv"))


def test_a_decimal_comma_is_told_from_a_comma_between_thousands() -> None:
    assert open_runs(FIXTURES / "guess_decimal_comma_yes.csv").sheet.dialect.decimal == ","
    assert open_runs(FIXTURES / "guess_decimal_comma_no.csv").sheet.dialect.decimal == "."
    losses = [
        read_runs(FIXTURES / f"guess_decimal_comma_{case}.csv").table["loss"].median()
        for case in ("yes", "no")
    ]
    assert losses[0] == pytest.approx(losses[1], rel=0.05)


def test_clean_runs_raise_no_guess() -> None:
    for name in REFERENCE_SETS:
        assert read_runs(reference(name).to_csv(index=False)).guess is None


def test_perplexity_and_accuracy_are_converted_by_name_or_on_request() -> None:
    named = read_runs(FIXTURES / "named_perplexity.csv")
    assert named.mapping.measure == "perplexity"
    assert "natural logarithm" in named.notes[0]
    assert 2 < named.table["loss"].median() < 4
    asked = read_runs(FIXTURES / "guess_perplexity_yes.csv", {"measure": "perplexity"})
    assert 2 < asked.table["loss"].median() < 4
    assert asked.guess is None
    accuracy = read_runs(FIXTURES / "named_accuracy.csv")
    assert accuracy.table["loss"].between(0.2, 0.75).all()
    bits = read_runs("params,tokens,bits_per_token\n1e9,2e10,4\n")
    assert bits.table["loss"][0] == pytest.approx(4 * math.log(2))


def test_two_candidates_for_one_column_are_asked_about() -> None:
    text = "params,tokens,val_loss,eval_loss\n1e9,2e10,3.0,3.1\n2e9,2e10,2.9,3.0\n"
    with pytest.raises(fc.AmbiguousColumnError) as caught:
        read_runs(text)
    assert caught.value.role == "loss"
    assert caught.value.candidates == ("val_loss", "eval_loss")
    assert list(read_runs(text, {"loss": "eval_loss"}).table["loss"]) == [3.1, 3.0]


def test_two_columns_that_say_the_same_need_no_decision() -> None:
    assert len(read_runs("params,n_params,tokens,loss\n1e9,1e9,2e10,3.0\n")) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("params,tokens\n1e9,2e10\n", "`loss` is “missing"),
        ("params,loss\n1e9,3\n", "Two of params, tokens and training_flop are needed"),
        ("1e9,2e10,3\n2e9,2e10,3\n", "The first row must name the columns"),
        ("", "empty"),
        ("params,tokens,loss\n", "no rows"),
        ("# nothing\n# here\n", "comments only"),
        (
            "params,tokens,loss\nx,y,z\n",
            "The rows hold no numbers in the columns “params” and “tokens”",
        ),
        (
            "params,tokens,loss\nnan,nan,nan\nnan,nan,nan\n",
            "The rows hold no numbers in the columns “params” and “tokens”",
        ),
        ('params,tokens,"loss\n1e9,2e10,3\n', "A quote opens in line 1 and is never closed"),
        (
            'params,tokens,loss\n"1e9,2e10,3\n2e9,2e10,3\n',
            "A quote opens in line 2 and is never closed",
        ),
        (
            "params,tokens,loss\n" + "".join(f"{n}e9,2e10,{n}e200\n" for n in range(1, 9)),
            "No run ends at such a loss",
        ),
        ("params,tokens,loss\n1e9,2e10,z\n", "Row 2, column loss: “z”. Give the loss in nats"),
        (
            "params,tokens,loss\n-1,2e10,3\n",
            "No point is left and at least 1 is needed. No row can be used. Row 2, column params:"
            " “-1”. A run has 1,000 to",
        ),
    ],
)
def test_what_gives_no_runs_is_refused_with_a_reason(text: str, said: str) -> None:
    with pytest.raises(fc.ForecastingError) as caught:
        read_runs(text.encode())
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest of a workbook", "Excel"),
        (b"%PDF-1.7 ...", "PDF"),
        (bytes(range(256)) * 40, "not text"),
        (gzip.compress(b"params,tokens,loss\n" * 5, mtime=0)[:-12], "gzip archive that ends early"),
        (b"\x1f\x8b" + b"junk" * 20, "damaged gzip"),
    ],
)
def test_what_is_no_csv_is_named(content: bytes, said: str) -> None:
    with pytest.raises(fc.InputError) as caught:
        read_runs(content)
    assert said in str(caught.value)


def test_a_zip_bomb_stops_at_the_limit() -> None:
    bomb = 300 * gzip.compress(bytes(2**20))
    assert len(bomb) < 2**20
    with pytest.raises(fc.InputError, match="unpacked"):
        read_runs(bomb)


def test_each_limit_has_its_message() -> None:
    text = "params,tokens,loss\n" + "".join(f"1e9,2e10,{3 + row / 100}\n" for row in range(50))
    for limits, said in (
        (Limits(content_bytes=100), "at most 100 bytes"),
        (Limits(rows=10), "more than 10 rows"),
        (Limits(columns=2), "Give at most 2"),
        (Limits(runs=10), "At most 10 can be fitted"),
        (Limits(seconds=-1.0), "not read within"),
    ):
        with pytest.raises(fc.InputError) as caught:
            read_runs(text, limits=limits)
        assert said in str(caught.value)
    long_name = read_runs(f"params,tokens,loss,{'x' * 500}\n1e9,2e10,3,\n")
    assert "200 characters" in long_name.problems[0].remedy
    many = ",".join(f"c{i}" for i in range(10_000))
    with pytest.raises(fc.InputError, match="10,000 columns"):
        read_runs(f"{many}\n{many}\n")
    with pytest.raises(fc.InputError, match="KiB"):
        read_runs('params,tokens,loss\n1e9,2e10,3\n1e9,2e10,"' + "x" * 3_000_000)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends_are_found(encoding: str, newline: str) -> None:
    text = newline.join(["group,params,tokens,loss", "Größe é,1e9,2e10,3.0", "naïve,2e9,2e10,2.9"])
    assert list(read_runs(text.encode(encoding)).table["group"]) == ["Größe é", "naïve"]


def test_optional_columns_come_along() -> None:
    text = (
        "arch,params,tokens,unique_tokens,date,cost_usd,loss\n"
        "moe,1e9,2e10,1e10,2025-01-02,$1200,3\ndense,1e9,2e10,?,,-4,3.1\n"
    )
    runs = read_runs(text)
    first = runs.table.iloc[0].to_dict()
    assert (first["group"], first["unique_tokens"], first["date"], first["cost_usd"]) == (
        "moe",
        1e10,
        "2025-01-02",
        1200.0,
    )
    assert np.isnan(runs.table["cost_usd"][1])


def test_fewer_than_six_runs_and_one_size_are_refused_by_the_fit() -> None:
    few = read_runs("params,tokens,loss\n" + "".join(f"{i}e9,2e10,3.{i}\n" for i in range(1, 5)))
    with pytest.raises(fc.NotEnoughDataError, match="Only 4"):
        fc.fit_scaling_law(few)
    one_size = read_runs(
        "params,tokens,loss\n" + "".join(f"1e9,{i}e10,3.{10 - i}\n" for i in range(1, 9))
    )
    with pytest.raises(fc.InputError, match="1 billion in all 8 runs"):
        fc.fit_scaling_law(one_size)


def test_a_wrong_mapping_is_refused_by_name() -> None:
    for mapping, said in (
        ({"loss": "nope"}, "nope"),
        ({"lss": "loss"}, "lss"),
        ({"take": "first"}, "first"),
        ({"all_params": -1}, "-1"),
    ):
        with pytest.raises(fc.InputError) as caught:
            read_runs("params,tokens,loss\n1e9,2e10,3\n", mapping)
        assert said in str(caught.value)


def test_files_are_combined_and_hashed_together() -> None:
    parts = [read_runs(f"params,tokens,loss\n{n}e9,2e10,3\n") for n in (1, 2)]
    both = combined(parts)
    assert len(both) == 2
    assert both.data_hash not in {part.data_hash for part in parts}


def test_a_loss_that_no_run_can_have_is_named_by_row_and_the_good_ones_stay() -> None:
    runs = read_runs(
        "params,tokens,loss\n1e9,2e10,3\n2e9,2e10,1e200\n3e9,2e10,1e-30\n4e9,2e10,40000\n"
    )
    assert [(p.row, p.column, p.value) for p in runs.problems] == [
        (3, "loss", "1e+200"),
        (4, "loss", "1e-30"),
    ]
    assert "No run ends at such a loss" in runs.problems[0].remedy
    assert list(runs.table["loss"]) == [3.0, 40000.0]


def test_a_run_that_stands_twice_is_said_and_counted_once() -> None:
    header, rows = "params,tokens,loss\n", [f"{n}e9,2e10,{3 - n / 10}\n" for n in range(1, 9)]
    runs = read_runs(header + "".join(rows + rows[:2]))
    assert len(runs) == 8
    assert "2 runs repeat an earlier one exactly (rows 10, 11)" in runs.notes[0]
    grouped = read_runs("group,params,tokens,loss\nmoe,1e9,2e10,3\ndense,1e9,2e10,3\n")
    assert (len(grouped), grouped.notes) == (2, ())
    twice = read_runs([(header + "".join(rows)).encode()] * 2)
    assert len(twice) == 8
    assert "8 runs that would repeat are counted once" in twice.notes[0]
    overlapping = read_runs([(header + "".join(part)).encode() for part in (rows, rows[3:6])])
    assert len(overlapping) == 8
    assert "3 runs repeat an earlier one exactly" in overlapping.notes[0]


def test_runs_reduced_from_logs_may_end_alike() -> None:
    log = "run,step,params,tokens,loss\n" + "".join(
        f"{run},{k},1e9,{k}e9,{4 - k / 50}\n" for run in "ab" for k in range(1, 40)
    )
    assert len(read_runs(log)) == 2


def test_a_file_without_runs_does_not_keep_the_others_out() -> None:
    good = "params,tokens,loss\n" + "".join(f"{n}e9,2e10,{3 - n / 10}\n" for n in range(1, 9))
    for bad, said in ((b"", "empty"), (b"params,tokens,loss\n", "no rows")):
        runs = read_runs([bad, good.encode()])
        assert len(runs) == 8
        assert [(p.row, p.value) for p in runs.problems] == [(None, "file 1")]
        assert said in runs.problems[0].remedy
        assert runs.problem_count == 1
    with pytest.raises(fc.ForecastingError, match="empty"):
        read_runs([b"", b""])


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1e6, 1e9])
def test_a_compute_that_contradicts_size_and_data_is_said_with_count_and_worst_and_not_used(
    scale: float,
) -> None:
    rows = "".join(
        f"{n}e8,{n}e10,{6e18 * n * n * scale * (10 if n == 5 else 1)!r},{4 - n / 10}\n"
        for n in range(1, 9)
    )
    runs = read_runs("params,tokens,training_flop,loss\n" + rows)
    assert "8 of 8 runs differ from 6·N·D; the largest difference is in row" in runs.notes[0]
    assert [problem.row for problem in runs.problems] == [6]
    assert runs.table["training_flop"].to_numpy() == pytest.approx(
        6.0 * runs.table["params"] * runs.table["tokens"]
    )


def test_a_column_of_compute_without_numbers_is_said_to_be_unused() -> None:
    rows = "".join(f"{n}e9,2e10,run-{n},{4 - n / 10}\n" for n in range(1, 9))
    assert read_runs("params,tokens,training_flop,loss\n" + rows).notes == (
        "The column “training_flop” holds no numbers (“run-1”) and is not used.",
    )
    empty = "".join(f"{n}e9,2e10,,{4 - n / 10}\n" for n in range(1, 9))
    assert not read_runs("params,tokens,training_flop,loss\n" + empty).notes


def test_where_half_of_the_computes_are_right_only_the_others_are_named() -> None:
    rows = "".join(
        f"{n}e8,{n}e10,{6e18 * n * n * (1e-12 if n > 4 else 1)!r},{4 - n / 10}\n"
        for n in range(1, 9)
    )
    runs = read_runs("params,tokens,training_flop,loss\n" + rows)
    assert [problem.row for problem in runs.problems] == [6, 7, 8, 9]
    assert not runs.notes


@pytest.mark.parametrize(
    ("cells", "bad"),
    [
        ("10% 30% 50% 150%", "1.5 (150%)"),
        ("0.1 0.3 0.5 1.5", "1.5 (150%)"),
        ("10 30 50 150", "150"),
    ],
)
def test_an_accuracy_beyond_all_is_named_by_row_and_changes_no_other(cells: str, bad: str) -> None:
    rows = "".join(f"{n}e9,2e10,{cell}\n" for n, cell in enumerate(cells.split(), start=1))
    runs = read_runs("params,tokens,accuracy\n" + rows)
    assert list(runs.table["loss"]) == pytest.approx([0.9, 0.7, 0.5])
    assert [(p.row, p.column, p.value) for p in runs.problems] == [(5, "accuracy", bad)]
    assert "between 0% and 100%" in runs.problems[0].remedy


@pytest.mark.parametrize("cell", ['"5e9,2e10,2.5', '5e9,2e10,"2.5', '5e9,"2e10,2.5'])
def test_a_quote_that_is_never_closed_is_named_once_with_its_line(cell: str) -> None:
    text = "params,tokens,loss\n1e9,2e10,3\n" + cell + "\n6e9,2e10,2.4\n7e9,2e10,2.3\n"
    runs = read_runs(text)
    assert len(runs) == 1
    assert "A quote opens in line 3 and is never closed" in runs.problems[0].remedy
    fine = read_runs('params,tokens,loss,remark\n1e9,2e10,3,"two\nlines"\n2e9,2e10,2.9,5" disk\n')
    assert (len(fine), fine.problems) == (2, ())


CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "nan",
            "inf",
            "-inf",
            "-1",
            "0",
            "1e400",
            "1e30",
            "7B",
            "1,4T",
            "3.1",
            "2.9",
            "=1+1",
            "<b>x</b>",
            "é",
            '"',
            "\x00",
            "1e9",
            "2e10",
        ]
    ),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.text(max_size=12),
)
NAMES = st.sampled_from(
    [
        "params",
        "n_params",
        "tokens",
        "loss",
        "val_loss",
        "flops",
        "step",
        "run",
        "Step",
        "a - loss",
        "7B",
        "<img>",
        "=cmd()",
        "",
        "loss",
    ]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    header = draw(st.lists(st.one_of(NAMES, st.text(max_size=8)), min_size=0, max_size=8))
    rows = draw(st.lists(st.lists(CELLS, max_size=9), max_size=12))
    separator = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    newline = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    text = newline.join(separator.join(row) for row in [header, *rows])
    content = text.encode(
        draw(st.sampled_from(["utf-8", "utf-16", "utf-16-be", "latin-1", "utf-32"])), "replace"
    )
    if draw(st.booleans()):
        content = content[: draw(st.integers(0, len(content)))]
    if draw(st.integers(0, 5)) == 0:
        content = draw(st.binary(max_size=40)) + content
    if draw(st.integers(0, 3)) == 0:
        content = gzip.compress(content)
        content = content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content
    return content


def reads_or_says_why(content: bytes) -> None:
    """Never a traceback: runs that can be, or a sentence."""
    try:
        runs = read_runs(content)
    except fc.ForecastingError:
        return
    assert len(runs)
    numbers = runs.table[["params", "tokens", "training_flop", "loss"]].to_numpy()
    assert np.isfinite(numbers).all()
    assert (numbers > 0).all()
    assert all(problem.remedy for problem in runs.problems)


@given(files())
@example(b"\n-")
def test_no_file_raises_anything_but_a_reason(content: bytes) -> None:
    reads_or_says_why(content)


@given(st.binary(max_size=400), st.integers(0, 3000))
def test_no_damage_to_a_good_file_raises_anything_but_a_reason(damage: bytes, at: int) -> None:
    good = (FIXTURES / "wandb_runs.csv").read_bytes()
    reads_or_says_why(good[:at] + damage + good[at + len(damage) :])


def test_ambiguous_signs_do_not_reach_the_numbers() -> None:
    assert (
        significant(
            read_runs("params;tokens;loss\n1.000.000;2.000.000.000;3,25\n").table["params"][0]
        )
        == "1,000,000"
    )


@pytest.mark.parametrize("cut", [b"?\xed", b"\xed", b"\xf0\x9f\x92", b"1e8,1e9,3.1,\xc3"])
def test_a_file_that_ends_within_a_character_names_its_last_row(cut: bytes) -> None:
    rows = "".join(f"{n}e8,{k}e9,{3 + 1 / n + 1 / k}\n" for n in (1, 2, 4, 8) for k in (1, 4, 16))
    runs = read_runs(("params,tokens,loss\n" + rows).encode() + cut)
    assert len(runs) == 12
    assert runs.problems[-1].row == 14
    assert "�" in str(runs.problems[-1].value)


@pytest.mark.parametrize(
    "name",
    ["chinchilla", "wandb_runs", "mlflow_page", "named_perplexity", "guess_accuracy_yes"],
)
def test_runs_of_a_table_are_those_of_a_csv_of_it_to_the_last_digit(name: str) -> None:
    is_reference = name in REFERENCE_SETS
    table = reference(name) if is_reference else read_runs(FIXTURES / f"{name}.csv").table
    direct = runs_of_table(table, name="shared runs")
    by_csv = fc.read_runs(table.to_csv(index=False).encode(), name="shared runs")
    pd.testing.assert_frame_equal(direct.table, by_csv.table, check_exact=True)
    for field in dataclasses.fields(by_csv):
        if field.name not in ("table", "columns"):  # a table has no cells to show
            assert getattr(direct, field.name) == getattr(by_csv, field.name), field.name


def test_in_a_table_of_runs_each_row_stays_a_run_whatever_its_name() -> None:
    table = reference("chinchilla").head(40).assign(run="ours")
    assert len(runs_of_table(table)) == 40
