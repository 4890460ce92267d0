from __future__ import annotations

import io
import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl

import pandas as pd
import pytest

from compute_forecast.main import COMMANDS, main, parser_for
from dashboard import links
from dashboard.pages.registry import PAGES
from forecasting.compute_cost.compute_cost import model_cost
from forecasting.compute_cost.cost_scenario import CostScenario
from forecasting.data.dataset import bundled

ROOT = Path(__file__).parents[2]
GOOD_ROWS = "params,tokens,loss\n" + "".join(
    f"{n}e8,{d}e9,{1.69 + 406.4 / (n * 1e8) ** 0.336 + 410.7 / (d * 1e9) ** 0.283}\n"
    for n in (1, 2, 4, 8, 16)
    for d in (2, 5, 12, 30)
)


@pytest.fixture
def runs_file(tmp_path: Path) -> Path:
    path = tmp_path / "runs.csv"
    path.write_text(GOOD_ROWS)
    return path


def test_help_lists_every_command_and_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"    {name} " in out for name in COMMANDS)
    assert "exit codes: 0 all is well" in out


@pytest.mark.parametrize("command", ["cost", "text", "plan"])
def test_help_of_a_page_names_each_input_with_its_label_and_default(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, "--help"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    for name, info in PAGES[command].scenario.model_fields.items():
        assert f"--{name} " in out
        assert " ".join(str(info.description).split()) in out


def test_a_bound_a_unit_and_a_default_stand_in_the_help(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["cost", "--help"])
    out = " ".join(capsys.readouterr().out.split())
    assert "Year of training (year; at least 2010; at most 2045; default: 2030)" in out
    assert "Budget (USD; more than 0; at most 1 quadrillion; default: 1 million)" in out


def test_cost_prints_the_answer_of_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--model", "GPT-3", "--year", "2028"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert model_cost(CostScenario(model="GPT-3", year=2028)).answer in out


def test_json_holds_the_result_and_a_link_that_opens_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = ["cost", "--json", "--model", "GPT-3", "--price-year=2020", "--budget_usd", "5M"]
    assert main(words) == 0
    shown = json.loads(capsys.readouterr().out)
    scenario = CostScenario(model="GPT-3", price_year=2020, budget_usd=5e6)
    result = model_cost(scenario)
    assert shown["figures"]["hardware_at_year"]["value"] == result.hardware_at_year.value
    parts = PAGES["cost"]
    query = parse_qsl(shown["link"].partition("?")[2])
    opened = links.open_link(query, parts.scenario, parts.display, bundled())
    assert opened.scenario == scenario
    assert opened.warnings == ()


def test_view_chooses_the_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "--view", "claim", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["section"] == "claim"


def test_csv_is_the_table_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--draws", "50", "--last_year", "2028", "--csv", "--quiet"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert list(table["year"]) == [2027, 2028]
    assert "inference_share_q50" in table


def test_text_takes_an_uncertain_input_as_links_write_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["text", "--quality", "0.2~0.5~0.9~lognormal", "--json"]) == 0
    inputs = {row["name"]: row for row in json.loads(capsys.readouterr().out)["inputs"]}
    assert inputs["quality"]["value"] == "0.2~0.5~0.9~lognormal"
    assert not inputs["quality"]["is_default"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["cost", "--year", "1900"], 1, "“year” is “1900”. Use 2010 or more."),
        (["cost", "--year", "soon"], 1, "“year” is “soon”. Use a whole number."),
        (["cost", "--model", "GPT-33"], 1, "“model” is “GPT-33”. Use a known name, such as GPT-3"),
        (["cost", "--halving_months_low", "9"], 1, "Use 8.0 (halving_months) or less."),
        (["text", "--quality", "lots"], 1, "“quality” is “lots”."),
        (["cost", "--yeer", "2030"], 2, "unrecognized arguments: --yeer 2030"),
        (["cost", "--json", "--csv"], 2, "not allowed with argument"),
        (["costs"], 2, "invalid choice: 'costs'"),
        ([], 2, "the following arguments are required: COMMAND"),
        (["check"], 2, "the following arguments are required: RUNS.csv"),
        (["check", "no/such.csv"], 1, "It can't be read (No such file or directory)."),
        (["fit", "."], 1, "It can't be read (Is a directory)."),
        (["fit", "README.md", "--column", "bogus=x"], 1, "bogus"),
        (["serve", "--port", "99999"], 2, "99999 is not a port"),
    ],
)
def test_what_cannot_be_used_is_a_sentence_and_an_exit_code(
    words: list[str], code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err
    assert "Traceback" not in captured.err


def test_check_passes_where_every_row_could_be_used(
    runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(runs_file)]) == 0
    out = capsys.readouterr().out
    assert "20 runs" in out
    assert "Every row could be used." in out


def test_check_fails_and_names_row_column_and_value_where_a_row_was_left_out(
    runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_file.write_text(GOOD_ROWS + "1e9,many,3.0\n")
    assert main(["check", str(runs_file)]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "1 row was left out" in out
    assert "Row 22, column tokens: “many”." in out
    assert main(["check", str(runs_file), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["runs"], report["left_out"]) == (20, 1)
    assert report["problems"][0] | {"remedy": ""} == {
        "row": 22, "column": "tokens", "value": "many", "remedy": "", "kept": False,
    }  # fmt: skip
    assert main(["check", str(runs_file), "--csv"]) == 1
    assert list(pd.read_csv(io.StringIO(capsys.readouterr().out))["row"]) == [22]


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00", b"a,b\n1,2\n", b"\x89PNG\r\n\x1a\n"])
def test_a_file_that_is_no_table_of_runs_is_a_sentence(
    content: bytes, runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_file.write_bytes(content)
    for command in ("check", "fit"):
        assert main([command, str(runs_file), "--quiet"]) == 1
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("compute-forecast: ")
        assert "Traceback" not in captured.err


def test_control_sequences_of_a_file_never_reach_the_terminal(
    runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_file.write_text(GOOD_ROWS.replace("loss", "loss\x1b[2J") + "1e9,\x1b]0;x\x07,3.0\n")
    main(["check", str(runs_file), "--column", "loss=loss\x1b[2J"])
    main(["check", str(runs_file), "--column", "loss=\x1b[2J"])
    captured = capsys.readouterr()
    assert "]0;x" in captured.out
    assert "\x1b" not in captured.out + captured.err


def test_a_file_name_that_is_no_text_is_a_sentence(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/\xff.csv"
    Path(os.fsdecode(name)).write_text(GOOD_ROWS + "1e9,many,3.0\n")
    command = [sys.executable, "-m", "compute_forecast", "check", "--json", name, b"no\xff.csv"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert json.loads(done.stdout)["runs"] == 20
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_early_ends_it_quietly() -> None:
    command = f"{sys.executable} -m compute_forecast cost --json | head -c 10"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.startswith("{")
    assert "Broken" not in done.stderr
    assert "Traceback" not in done.stderr


def test_columns_can_be_named(runs_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs_file.write_text(GOOD_ROWS.replace("loss", "result"))
    assert main(["check", str(runs_file)]) == 1
    assert main(["check", str(runs_file), "--column", "loss=result"]) == 0
    assert main(["check", str(runs_file), "--column", "result"]) == 2
    assert "Write ROLE=COLUMN" in capsys.readouterr().err


def test_a_unit_in_doubt_is_asked_about_and_can_be_given(
    runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs_file.write_text(
        "params,tokens,loss\n" + "".join(f"{n}00,{20 * n}e9,{4 - n / 10}\n" for n in range(1, 9))
    )
    assert main(["check", str(runs_file)]) == 1
    assert "“params” in millions" in " ".join(capsys.readouterr().err.split())
    assert main(["check", str(runs_file), "--column", "units.params=millions"]) == 0
    assert "100 million to 800 million parameters" in capsys.readouterr().out


def test_fit_finds_the_law_that_made_the_runs(
    runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["fit", str(runs_file), "--resamples", "100", "--quiet"]
    assert main([*words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    law = {row["coefficient"]: row["estimate"] for row in shown["coefficients"]}
    assert law["alpha"] == pytest.approx(0.336, abs=1e-3)
    assert law["beta"] == pytest.approx(0.283, abs=1e-3)
    assert shown["answer"].startswith("Your 20 runs predict")
    assert shown["read"]["runs"] == 20
    assert main([*words, "--csv"]) == 0
    table = pd.read_csv(io.StringIO(capsys.readouterr().out), index_col="coefficient")
    assert table.loc["alpha", "estimate"] == law["alpha"]


def test_options_are_read_from_the_scenario_alone() -> None:
    parser = parser_for("cost")
    arguments = parser.parse_args(["cost"])
    assert not set(vars(arguments)) & set(CostScenario.model_fields)


def test_progress_stands_on_stderr_and_numbers_on_stdout(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "compute_forecast", "plan", "--draws", "2000", "--json"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(done.stdout)["page"] == "plan"
    assert done.stderr in ("", "Computing “Plan” …\n")


def test_a_forecast_loads_neither_streamlit_nor_plotly() -> None:
    code = (
        "import sys; from compute_forecast.main import main; main(['cost', '--csv']);"
        "print([m for m in ('streamlit', 'plotly', 'sqlalchemy') if m in sys.modules],"
        " file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_a_command_leaves_the_log_of_its_process_as_it_was() -> None:
    log = logging.getLogger("dashboard")
    level = log.level
    assert main(["cost", "--model", "GPT-3", "--json"]) == 0
    assert log.level == level
