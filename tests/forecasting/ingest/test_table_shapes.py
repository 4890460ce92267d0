"""Files as people lay them out: read with the right values, or refused as what they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import forecasting as fc
from forecasting.ingest.runs import ParsedRuns, read_runs

CASES = Path(__file__).parents[2] / "fixtures" / "runs" / "cases"
#: The runs of every case: parameters, tokens and loss.
SIZES = (7e7, 1.6e8, 4.1e8, 1e9, 1.4e9, 2.8e9)
LOSSES = (
    4.2217, 3.6873, 3.3248, 3.6676, 3.2436, 2.9560, 3.1845, 2.8587, 2.6377,
    2.8374, 2.5836, 2.4114, 2.7288, 2.4978, 2.3411, 2.5369, 2.3466, 2.2176,
)  # fmt: skip
ROWS = "70000000,350000000,4.2217\n160000000,3200000000,3.2436\n410000000,8200000000,2.8587\n"
HEADER = "params,tokens,loss\n"


def runs_of(runs: ParsedRuns) -> list[list[float]]:
    rows: list[list[float]] = runs.table[["params", "tokens", "loss"]].to_numpy().tolist()
    return rows


PLAIN = [[7e7, 3.5e8, 4.2217], [1.6e8, 3.2e9, 3.2436], [4.1e8, 8.2e9, 2.8587]]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("title_above_the_header.csv", "Row 1 stands above the header"),
        ("swiss_thousands.csv", ""),
        ("loss_with_plus_minus.csv", "“4.2217 ± 0.003”, the first value is used"),
        ("json_lines.jsonl", "lines of JSON"),
    ],
)
def test_the_eighteen_runs_of_each_case_are_read_with_their_values(file: str, said: str) -> None:
    runs = read_runs(CASES / file)
    expected = [
        [size, ratio * size, loss]
        for (size, ratio), loss in zip(
            [(size, ratio) for size in SIZES for ratio in (5, 20, 80)], LOSSES, strict=True
        )
    ]
    assert runs_of(runs) == expected
    assert not said or any(said in note for note in runs.notes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("params  tokens  loss\n" + ROWS.replace(",", "    "), "separated by spaces"),
        ("params tokens loss\n" + ROWS.replace(",", " "), "separated by spaces"),
        (
            "| params | tokens | loss |\n|:---|---:|---|\n"
            + "".join(f"| {row.replace(',', ' | ')} |\n" for row in ROWS.split()),
            "",
        ),
        ("Model,,Results\n" + HEADER + ROWS, "“Model”"),
        ("Exported by X;;\n" + (HEADER + ROWS).replace(",", ";"), "“Exported by X”"),
        ("Sweep\n\n" + (HEADER + ROWS).replace(",", "\t"), "Rows 1 to 2"),
        ("params,tokens,loss,note\n" + ROWS, "Rows 2, 3, 4 hold fewer cells"),
        (HEADER + "// a remark\n% another\n" + ROWS, ""),
        (HEADER + ROWS.replace("4.2217", "4.2217 (0.02)"), "“4.2217 (0.02)”"),
        (HEADER + ROWS.replace("160000000", "160 000 000"), ""),
        (HEADER.strip() + ",,\n" + ROWS.replace("\n", ",,\n"), ""),
    ],
)
def test_the_same_runs_are_read_however_they_are_laid_out(text: str, said: str) -> None:
    runs = read_runs(text)
    assert runs_of(runs) == PLAIN
    assert not said or any(said in note for note in runs.notes), runs.notes


def test_two_rows_of_header_are_joined_where_the_second_alone_is_not_unique() -> None:
    text = "size,data,train,,eval,\n,,loss,acc,loss,acc\n"
    rows = "70M,350M,4.1,0.1,4.2217,0.2\n160M,3.2B,3.1,0.1,3.2436,0.2\n410M,8.2B,2.7,1,2.8587,2\n"
    runs = read_runs(text + rows)
    assert runs_of(runs) == PLAIN
    assert runs.mapping.loss == "eval loss"


def test_headings_between_blocks_count_for_the_rows_below() -> None:
    text = "params,tokens,loss\n70M,,\n,1B,4\n,2B,3.9\n160M,,\n,1B,3.5\n,2B,3.4\n"
    runs = read_runs(text)
    assert runs_of(runs) == [[7e7, 1e9, 4], [7e7, 2e9, 3.9], [1.6e8, 1e9, 3.5], [1.6e8, 2e9, 3.4]]
    assert "2 headings" in runs.notes[0]


def test_rows_keep_their_numbers_below_a_title() -> None:
    runs = read_runs("Title\n\n" + HEADER + ROWS + "1e6,1e9,x\nTotal,1,2\n5e6,1e9,y\n")
    assert [(p.row, p.value) for p in runs.problems] == [(7, "x"), (8, "Total"), (9, "y")]


def test_a_footer_is_listed_and_no_run() -> None:
    runs = read_runs(HEADER + ROWS + "Source: our own cluster\n")
    assert runs_of(runs) == PLAIN
    assert [(p.row, p.value) for p in runs.problems] == [(5, "1 cells: Source: our own cluster")]


def test_an_uncertainty_with_a_unit_or_a_power_is_not_guessed() -> None:
    runs = read_runs(HEADER + ROWS + "7.0 ± 0.1B,1e9,3\n(4 ± 1) x 10^9,1e9,3\n")
    assert runs_of(runs) == PLAIN
    assert [p.row for p in runs.problems] == [5, 6]


NANOGPT = (
    "number of parameters: 123.59M\ntokens per iteration will be: 491,520\n"
    "step 0: train loss 10.9, val loss 10.95\niter 0: loss 10.94, time 12.00ms, mfu -100.00%\n"
    "iter 10: loss 5.94, time 12.00ms, mfu 30.00%\nstep 50: train loss 3.31, val loss 3.42\n"
    "iter 50: loss 3.20, time 12.00ms, mfu 30.00%\n"
)
MODDED = "import torch\n" + "".join(
    f"step:{at}/6000 val_loss:{4 - at / 6000:.4f} train_time:{at * 100}ms step_avg:100.14ms\n"
    f"step:{at + 1}/6000 train_time:1ms step_avg:100.14ms\n"
    for at in range(0, 6001, 1000)
)
LLMC = "".join(
    f"s:{at} tel:{4 - at / 6000:.4f}\ns:{at} trl:{4.5 - at / 6000:.4f} lr:0.0001 norm:0.1\n"
    for at in range(0, 6001, 1000)
)
LLMC_PRINTED = (
    "| num_parameters | 124475904 |\n| total batch size | 524288 |\nval loss 11.0\n"
    + "".join(
        f"step {at:4d}/600 | loss {4.1 - at / 600:.4f} (+0.1z)| norm 0.1 | lr 6.00e-04 | 322.1 ms\n"
        for at in range(1, 600, 10)
    )
    + "val loss 3.28\n"
)
NANOCHAT = "Number of parameters: 560,988,160\nTotal batch size 524,288 => steps\n" + "".join(
    f"Step {at:05d} | Validation bpb: {1.2 - at / 10_000:.4f}\n"
    f"step {at:05d}/21400 (0.1%) | loss: {4 - at / 1000:.6f} | lrm: 1.00 | dt: 300.0ms\n"
    for at in range(0, 1001, 250)
)
TRAINER = json.dumps(
    {
        "global_step": 200,
        "total_flos": 1.2e18,
        "log_history": [
            {"loss": 3.0, "step": 100},
            {"eval_loss": 3.2, "step": 100},
            {"loss": 2.5, "step": 200},
            {"eval_loss": 2.8, "step": 200},
            {"train_loss": 2.75, "total_flos": 1.2e18, "step": 200},
        ],
    },
    indent=2,
)
SAID = {"all_params": 1e8, "all_tokens_per_step": 1000}


@pytest.mark.parametrize(
    ("text", "mapping", "run", "loss_column"),
    [
        (NANOGPT, {}, [123.59e6, 50 * 491_520, 3.42], "val_loss"),
        (MODDED, SAID, [1e8, 6e6, 3.0], "val_loss"),
        (LLMC, SAID, [1e8, 6e6, 3.0], "val_loss"),
        (LLMC_PRINTED, {}, [124_475_904, 591 * 524_288, 3.28], "val_loss"),
        (NANOCHAT, {}, [560_988_160, 1000 * 524_288, 3.0], "train_loss"),
        (TRAINER, {"all_params": 1e8}, [1e8, 2e9, 2.8], "eval_loss"),
    ],
    ids=["nanogpt", "modded-nanogpt", "llm.c", "llm.c printed", "nanochat", "trainer_state"],
)
def test_logs_of_training_scripts_are_one_run_and_never_mix_training_and_validation(
    text: str, mapping: dict[str, float], run: list[float], loss_column: str
) -> None:
    runs = read_runs(text, mapping)
    assert runs_of(runs) == [run]
    assert runs.mapping.loss == loss_column


def test_a_list_of_json_is_read_with_what_is_nested() -> None:
    records = [
        {"config": {"params": 7e7}, "tokens": 3.5e8, "summary": {"val_loss": 4.2217}, "tags": [1]},
        {"config": {"params": 1.6e8}, "tokens": 3.2e9, "summary": {"val_loss": 3.2436}},
    ]
    assert runs_of(read_runs(json.dumps(records, indent=1))) == PLAIN[:2]
    assert runs_of(read_runs(json.dumps({"runs": records}) + "\n")) == PLAIN[:2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps({"results": {}, "configs": {}}) + "\n", "a results file of lm-eval"),
        ('{"log_history": [{"loss": 3,\n', "JSON that is damaged or incomplete"),
        ("[" * 100_000 + "\n", "JSON that is damaged or incomplete"),
        (json.dumps({"a": 1, "b": [1, 2]}, indent=1), "JSON without a table of runs"),
        ("<!DOCTYPE html>\n<html><body>\n", "a web page"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "a pointer of Git LFS"),
        ('{"nbformat": 4,\n"cells": []}', "a notebook"),
    ],
)
def test_a_file_of_another_kind_is_answered_as_what_it_is(text: str, said: str) -> None:
    with pytest.raises(fc.InputError, match=said):
        read_runs(text)


def test_a_good_table_is_read_as_it_stands() -> None:
    runs = read_runs(HEADER + ROWS)
    assert runs_of(runs) == PLAIN
    assert runs.notes == ()
