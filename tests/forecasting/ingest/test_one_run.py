"""Which rows of a file are runs: families, checkpoints, seeds, sweeps, sums, runs that diverged."""

from __future__ import annotations

import numpy as np
import pytest

import forecasting as fc
from forecasting.ingest.runs import ParsedRuns, read_runs
from tests.forecasting.ingest.made_runs import (
    CASES,
    RUNS,
    SIZES,
    assert_are_the_runs,
    csv_of,
    loss_of,
)


def offered(runs: ParsedRuns) -> list[dict[str, object]]:
    """What the choices of a reading would change."""
    return [dict(answer.change) for choice in runs.choices for answer in choice.answers]


def assert_follow_the_law(runs: ParsedRuns, tolerance: float = 2e-4) -> None:
    expected = [loss_of(N, D) for N, D in runs.table[["params", "tokens"]].itertuples(index=False)]
    np.testing.assert_allclose(runs.table["loss"], expected, rtol=tolerance)


def test_families_in_a_column_of_experiments_are_groups_of_runs() -> None:
    runs = read_runs(CASES / "families_as_experiments.csv")
    assert len(runs) == 36
    assert_follow_the_law(runs)
    assert set(runs.table["group"]) == {"dense-web"}
    assert "names families" in runs.notes[0]
    assert len(read_runs(CASES / "families_as_experiments.csv", {"one_row_is": "step"})) == 1


def test_an_iteration_that_does_not_count_up_is_the_length_of_finished_runs() -> None:
    runs = read_runs(CASES / "iterations_of_a_sweep.csv")
    assert len(runs) == 60
    lowest = read_runs(CASES / "iterations_of_a_sweep.csv", {"repeats": "lowest"})
    assert len(lowest) == 12
    assert_follow_the_law(lowest)
    unnamed = (CASES / "iterations_of_a_sweep.csv").read_text().replace("job,", "note,")
    read = read_runs(unnamed, {"repeats": "lowest"})
    assert len(read) == 12
    assert any("does not count up within a model size" in note for note in read.notes)


@pytest.mark.parametrize("as_tracker", [True, False])
def test_seeds_of_one_name_are_runs_and_can_be_averaged(as_tracker: bool) -> None:
    text = (CASES / "seeds_under_one_name.csv").read_text()
    text = text if as_tracker else text.replace("Created", "x").replace("Runtime", "y")
    runs = read_runs(text)
    assert len(runs) == 36
    assert offered(runs) == [{"repeats": "lowest"}, {"repeats": "average"}]
    assert "seeds" in runs.choices[0].sentence
    average = read_runs(text, {"repeats": "average"})
    assert len(average) == 12
    assert_follow_the_law(average)
    assert average.steps[-1].rows == 24
    lowest = read_runs(text, {"repeats": "lowest"})
    assert (lowest.table["loss"] < average.table["loss"]).all()


@pytest.mark.parametrize("case", ["checkpoints_by_steps", "checkpoints_by_portion"])
def test_checkpoints_that_columns_tell_are_left_out_and_offered(case: str) -> None:
    runs = read_runs(CASES / f"{case}.csv")
    assert sorted(runs.table["params"]) == list(SIZES)
    assert_follow_the_law(runs)
    assert [step.rows for step in runs.steps] == [54]
    assert offered(runs) == [{"checkpoints": "all"}]
    assert len(read_runs(CASES / f"{case}.csv", {"checkpoints": "all"})) == 60


def test_checkpoints_that_only_their_spacing_tells_are_asked_about() -> None:
    runs = read_runs(CASES / "checkpoints_by_spacing.csv")
    assert len(runs) == 60
    assert offered(runs) == [{"checkpoints": "last"}]
    last = read_runs(CASES / "checkpoints_by_spacing.csv", {"checkpoints": "last"})
    assert len(last) == 6
    assert_follow_the_law(last)


def test_finished_runs_at_several_ratios_are_no_checkpoints() -> None:
    rows = [(N, D, loss_of(N, D)) for N, D in RUNS]
    assert not read_runs(csv_of(["params", "tokens", "loss"], rows)).choices


@pytest.mark.parametrize(("written", "kept"), [("NaN", 5), ("inf", 5), ("", 6)])
def test_a_run_that_diverged_is_left_out_or_named(written: str, kept: int) -> None:
    text = (CASES / "run_that_diverged.csv").read_text().replace("NaN", written)
    runs = read_runs(text)
    assert len(runs) == kept
    said = [problem for problem in runs.problems if "did it diverge" in problem.remedy]
    assert [(problem.value, problem.kept) for problem in said] == [("r2", kept == 6)]
    assert "in its last 6 rows" in said[0].remedy
    assert len(read_runs(text, {"checkpoints": "all"})) == 6


def test_train_and_val_of_one_run_in_a_chart_are_one_run() -> None:
    steps = {"all_tokens_per_step": 524288 * 4}
    runs = read_runs(CASES / "chart_with_train_and_val.csv", steps)
    assert sorted(runs.table["params"]) == list(SIZES[:4])
    assert runs.table["loss"].max() == pytest.approx(5 - 1.5 + 0.06)
    assert offered(runs) == [{"metric": "train/loss"}]
    train = read_runs(CASES / "chart_with_train_and_val.csv", {**steps, "metric": "train/loss"})
    assert train.table["loss"].max() == pytest.approx(5 - 1.5)


def test_two_metrics_of_a_chart_that_are_alike_are_asked_about() -> None:
    text = (CASES / "chart_with_train_and_val.csv").read_text().replace("train/loss", "eval/loss")
    with pytest.raises(fc.ReadingQuestionError) as caught:
        read_runs(text, {"all_tokens_per_step": 524288})
    assert [answer.words for answer in caught.value.answers] == ["eval/loss", "val/loss"]


@pytest.mark.parametrize("named", [True, False])
def test_rows_of_means_and_totals_are_no_runs(named: bool) -> None:
    text = (CASES / "mean_and_total.csv").read_text()
    if not named:
        text = "\n".join(line.partition(",")[2] for line in text.splitlines()) + "\n"
    runs = read_runs(text)
    assert_are_the_runs(runs)
    assert [problem.row for problem in runs.problems] == [20, 21]
    assert runs.steps[0].rows == 2


def test_means_are_found_in_a_column_of_another_name_and_runs_of_such_names_stay() -> None:
    text = (CASES / "mean_and_total.csv").read_text()
    assert_are_the_runs(read_runs(text.replace("run,", "remark,", 1)))
    rows = [(f"mean {n}", N, D, loss_of(N, D)) for n, (N, D) in enumerate(RUNS)]
    assert_are_the_runs(read_runs(csv_of(["run", "params", "tokens", "loss"], rows)))
    pooled = [("average" if n % 2 else "max", N, D, loss_of(N, D)) for n, (N, D) in enumerate(RUNS)]
    assert_are_the_runs(read_runs(csv_of(["pooling", "params", "tokens", "loss"], pooled)))


def test_a_run_in_the_middle_of_the_others_or_the_largest_is_no_sum() -> None:
    grid = [(n, k * n, 3.0) for n in (1e8, 2e8, 4e8) for k in (5, 20, 80)]
    assert len(read_runs(csv_of(["params", "tokens", "loss"], grid))) == 9
    middle = [(N, D, loss_of(N, D)) for N, D in RUNS]
    frame = np.median(np.array(middle), axis=0)
    assert len(read_runs(csv_of(["params", "tokens", "loss"], [*middle, frame]))) == 19


def test_a_sweep_is_named_and_its_lowest_losses_are_offered() -> None:
    runs = read_runs(CASES / "sweep_of_learning_rates.csv")
    assert len(runs) == 72
    assert "72 runs have only 18 pairs of size and tokens" in runs.choices[0].sentence
    assert "a sweep" in runs.choices[0].sentence
    assert_are_the_runs(read_runs(CASES / "sweep_of_learning_rates.csv", {"repeats": "lowest"}))


def test_the_fuller_column_that_says_the_same_gives_the_parameters() -> None:
    assert_are_the_runs(read_runs(CASES / "headings_between_blocks.csv"))
    rows = [
        (f"{N:g}" if at % 3 == 0 else "", D, N, loss_of(N, D)) for at, (N, D) in enumerate(RUNS)
    ]
    assert_are_the_runs(read_runs(csv_of(["params", "tokens", "N", "loss"], rows)))
    rows = [(N if at % 3 == 0 else "", D, 2 * N, 3.0) for at, (N, D) in enumerate(RUNS)]
    with pytest.raises(fc.AmbiguousColumnError):
        read_runs(csv_of(["params", "tokens", "N", "loss"], rows))


def test_two_full_columns_of_one_role_that_differ_are_named_and_offered() -> None:
    rows = [(N, D, 1.02 * N, loss_of(N, D)) for N, D in RUNS]
    text = csv_of(["params", "tokens", "N", "loss"], rows)
    runs = read_runs(text)
    assert_are_the_runs(runs)
    assert offered(runs) == [{"params": "N"}]
    assert "differ by a factor of up to 1.02" in runs.choices[0].sentence
    assert read_runs(text, {"params": "N"}).table["params"].min() == pytest.approx(1.02 * 60e6)


def test_parameters_that_follow_where_their_column_is_empty_are_counted() -> None:
    rows = [(N if n % 3 else "", D, 6 * N * D, loss_of(N, D)) for n, (N, D) in enumerate(RUNS)]
    runs = read_runs(csv_of(["params", "tokens", "flops", "loss"], rows))
    assert_are_the_runs(runs)
    said = "6 of 18 runs have no value in the column “params”: there it is C / (6·D)."
    assert said in runs.notes


def test_sizes_are_read_from_names_and_listed() -> None:
    runs = read_runs(CASES / "size_in_the_name.csv")
    assert_are_the_runs(runs)
    assert "they are read from the names in “Name”" in runs.notes[0]
    assert "1.1 billion" in runs.notes[0]
    told = {column.role: column.why for column in runs.columns}
    assert told["params"] == "the names of the runs"
    plain = (CASES / "size_in_the_name.csv").read_text()
    plain = plain.replace("State", "a").replace("Created", "b").replace("Name", "model")
    assert_are_the_runs(read_runs(plain))
    said = {"params_of_run": {"llama-60M-x6": 61e6}}
    assert read_runs(CASES / "size_in_the_name.csv", said).table["params"].min() == 60e6


def test_names_with_two_sizes_are_asked_about() -> None:
    text = (CASES / "size_in_the_name.csv").read_text().replace("llama-", "from-7B-to-")
    with pytest.raises(fc.MissingColumnError, match="more than one size"):
        read_runs(text)
    with_tokens = (CASES / "size_in_the_name.csv").read_text().replace("llama-", "5B-tokens-")
    assert_are_the_runs(read_runs(with_tokens))


@pytest.mark.parametrize(
    ("header", "change"),
    [
        (["params", "corpus passed", "loss"], {"tokens": "corpus passed"}),
        (["weights in the model", "tokens", "loss"], {"params": "weights in the model"}),
        (["params", "tokens", "final value"], {"loss": "final value"}),
    ],
)
def test_a_column_of_unknown_name_whose_numbers_fit_is_offered(
    header: list[str], change: dict[str, str]
) -> None:
    text = csv_of(header, [(N, D, loss_of(N, D)) for N, D in RUNS])
    with pytest.raises(fc.MissingColumnError) as caught:
        read_runs(text)
    assert [dict(answer.change) for answer in caught.value.answers] == [change]
    assert_are_the_runs(read_runs(text, change))


def test_a_column_that_fits_what_follows_from_compute_is_offered() -> None:
    rows = [(N, D, 12 * N * D, loss_of(N, D)) for N, D in RUNS]
    text = csv_of(["params", "corpus passed", "flops", "loss"], rows)
    runs = read_runs(text)
    assert offered(runs) == [{"tokens": "corpus passed"}]
    assert_are_the_runs(read_runs(text, {"tokens": "corpus passed"}))


def test_groups_that_differ_are_warned_of_and_each_alone_is_not() -> None:
    runs = read_runs(CASES / "two_groups.csv")
    assert len(runs) == 48
    fit = fc.fit_scaling_law(runs, bootstrap=50)
    warning = fit.warnings[0]
    assert warning.kind == "large_residuals"
    assert not {"curvature", "not_identified", "outliers"} & {each.kind for each in fit.warnings}
    assert warning.numbers["groups"] == 2
    assert warning.numbers["spread"] > 0.3
    assert "Fit one group at a time" in warning.sentence
    for group in ("byte", "bpe"):
        alone = fc.fit_scaling_law(runs.table[runs.table["group"] == group], bootstrap=0)
        assert "large_residuals" not in {each.kind for each in alone.warnings}
        assert alone.law.alpha == pytest.approx(0.34, abs=0.01)


def test_runs_far_about_their_law_are_warned_of_without_groups() -> None:
    text = (CASES / "two_groups.csv").read_text().replace("architecture", "remark")
    fit = fc.fit_scaling_law(read_runs(text), bootstrap=0)
    warning = next(each for each in fit.warnings if each.kind == "large_residuals")
    assert warning.numbers["groups"] == 0
    assert "Fit different kinds of runs separately" in warning.sentence


def test_rows_of_one_size_that_count_steps_are_all_kept_and_the_last_ones_offered() -> None:
    path = CASES.parent / "guess_log_no.csv"
    runs = read_runs(path)
    assert len(runs) == 32
    choice = runs.choices[0]
    assert choice.sentence.startswith("8 series of one model count steps: are these checkpoints")
    assert len(read_runs(path, choice.answers[0].change)) == 8
    plural = path.read_text().replace("step,", "steps,", 1)
    assert not read_runs(plural).choices
