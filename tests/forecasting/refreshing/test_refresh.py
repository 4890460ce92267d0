"""A refresh that goes well: what it changes, what it writes, what it says; and the adapters."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import forecasting as fc
from forecasting.data.catalogue import CATALOGUE_FILE
from forecasting.data.change_log import read_changes
from forecasting.data.dataset import DataSet
from forecasting.data.replacement import WORK_FOLDER
from forecasting.errors import InputError, UnknownNameError
from forecasting.refreshing.adapters import ADAPTERS
from forecasting.refreshing.adapters.bls_cpi import LEVEL
from forecasting.refreshing.adapters.shapes import (
    Adapted,
    Body,
    Known,
    UnexpectedShapeError,
    records_of,
)
from forecasting.refreshing.download import DownloadLimits
from forecasting.refreshing.effects import Effects
from forecasting.refreshing.plausibility import plausibility
from forecasting.refreshing.refresh import refresh
from forecasting.refreshing.since import changes_since
from forecasting.refreshing.table_changes import csv_bytes, in_order_of, table_changes
from tests.examples import SOAK
from tests.forecasting.refreshing import source_bodies
from tests.forecasting.refreshing.conftest import TODAY
from tests.forecasting.refreshing.source_bodies import ARC, EPOCH
from tests.forecasting.refreshing.source_server import SourceServer
from tests.vintage import VINTAGE_FOLDER, shipped

RENEWED = [info.name for info in shipped().catalogue.values() if info.refresh.urls]
QUICK = DownloadLimits(attempts=2, pause_seconds=0.01)
DAY = dt.date.fromisoformat(TODAY)
OFFERS = "/gpurentalprices.com/api/latest.json"
MODELS_DEV = "/models.dev/api.json"


def known(table: str, frame: pd.DataFrame | None = None) -> Known:
    return Known(shipped().catalogue[table], shipped()[table] if frame is None else frame, DAY)


def adapted(table: str, *bodies: bytes, frame: pd.DataFrame | None = None) -> Adapted:
    info = shipped().catalogue[table]
    named = [Body(f"body {number}", body) for number, body in enumerate(bodies)]
    return ADAPTERS[str(info.refresh.adapter)](named, known(table, frame))


def test_every_table_with_an_address_has_an_adapter_and_what_it_needs(
    folder: Path, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {shipped().catalogue[name].refresh.adapter for name in RENEWED} == set(ADAPTERS)
    monkeypatch.setattr("forecasting.refreshing.refresh.effects", lambda *given: Effects())
    report = fc.refresh(folder, source=server.address, tables=RENEWED)
    assert [each for each in report.outcomes if each.status not in ("replaced", "unchanged")] == []
    # Sources that give what the tables hold already bring no row and take none.
    assert report.changes["added"].sum() == report.changes["removed"].sum() == 0


@pytest.mark.parametrize("table", ["ai_models", "ml_chips", "us_consumer_prices"])
def test_an_adapter_reads_back_what_the_table_holds(table: str, server: SourceServer) -> None:
    paths = {
        "ai_models": [f"{EPOCH}/notable_ai_models.csv", f"{EPOCH}/frontier_ai_models.csv"],
        "ml_chips": [f"{EPOCH}/ml_hardware.csv"],
        "us_consumer_prices": ["/api.bls.gov/publicAPI/v2/timeseries/data/CUUR0000SA0"],
    }[table]
    result = adapted(table, *(server.bodies[path] for path in paths))
    info, old = shipped().catalogue[table], shipped()[table]
    new = fc.bundled().replaced(**{table: result.frame})[table]
    changes = table_changes(info, old, in_order_of(info, old, new))
    assert changes.added == changes.removed == ()
    assert len(changes.changed) <= 1  # one address of ml_chips has a run of spaces


def test_new_offers_extend_rows_begin_rows_and_end_none() -> None:
    table = "chip_rental_prices_2026"
    old = shipped()[table]
    content = json.loads(source_bodies.offers(old, "2026-09-20"))
    content["offers"] = [
        offer for offer in content["offers"] if offer["provider"] not in ("aws", "lambda")
    ]
    moved, same = content["offers"][0], content["offers"][1]
    moved["usd_hr"] *= 1.10
    same["usd_hr"] *= 1.02
    new = adapted(table, json.dumps(content).encode()).frame
    assert len(new) == len(old) + 1
    assert new.iloc[-1]["first_seen"] == new.iloc[-1]["last_seen"] == "2026-09-20"
    assert new.iloc[-1]["usd_per_chip_hour"] == moved["usd_hr"]
    seen_again = (new["last_seen"] == "2026-09-20").sum() - 1
    assert seen_again == len(content["offers"]) - 2  # without the moved one and a gaming chip
    lambdas = old["vendor"] == "lambda"
    before = [record["last_seen"] for record in records_of(old[lambdas])]
    assert new["last_seen"].iloc[: len(old)][lambdas.to_numpy()].tolist() == before


def test_an_offer_that_comes_back_after_months_begins_a_row() -> None:
    table = "chip_rental_prices_2026"
    old = shipped()[table]
    result = adapted(table, source_bodies.offers(old, "2026-11-28"))
    assert result.as_of == "2026-11-28"
    assert (result.frame["first_seen"] == "2026-11-28").sum() > 100
    assert "stale prices left out" in " ".join(result.notes)


def test_an_old_answer_does_not_put_the_table_back() -> None:
    table = "chip_rental_prices_2026"
    with pytest.raises(UnexpectedShapeError, match="found those of 2026-07-01"):
        adapted(table, source_bodies.offers(shipped()[table], "2026-07-01"))


def test_changed_and_new_token_prices_are_appended_once() -> None:
    table = "token_prices_first_party"
    old = shipped()[table]
    content = json.loads(source_bodies.models_dev(old))
    content["anthropic"]["models"]["claude-sonnet-5"]["cost"] = {"input": 2, "output": 10}
    new_cost = {"input": 1, "output": 4, "cache_read": 0.1}
    for name, released in (("gpt-7", "2026-11-20"), ("gpt-2.5", "2024-01-01")):
        model = {"id": name, "release_date": released, "cost": new_cost}
        content["openai"]["models"][name] = model
    bodies = json.dumps(content).encode(), source_bodies.genai_prices(old)
    result = adapted(table, *bodies)
    new = result.frame.iloc[len(old) :]
    assert new["model"].tolist() == ["claude-sonnet-5", "gpt-7"]
    assert new["first_seen"].tolist() == [TODAY, TODAY]
    assert new["source"].tolist() == ["models.dev", "models.dev"]
    assert new["usd_per_mtok_cached_in"].tolist()[1] == 0.1
    assert result.notes == ("1 older model that the table does not follow left out.",)
    again = fc.bundled().catalogue  # the catalogue of the vintage has the same columns
    frame = shipped().replaced(**{table: result.frame})[table]
    assert len(adapted(table, *bodies, frame=frame).frame) == len(frame)
    assert table in again


def test_genai_prices_adds_what_models_dev_lacks() -> None:
    table = "token_prices_first_party"
    old = shipped()[table]
    content = json.loads(source_bodies.models_dev(old))
    del content["zai"]["models"]["GLM-5.3"]
    genai = json.loads(source_bodies.genai_prices(old))
    (zai,) = (provider for provider in genai if provider["id"] == "zai")
    (glm,) = (model for model in zai["models"] if model["id"] == "GLM-5.3")
    glm["prices"][1]["prices"]["input_mtok"] = 0.7
    new = adapted(table, json.dumps(content).encode(), json.dumps(genai).encode()).frame
    added = new.iloc[len(old) :]
    assert added["model"].tolist() == ["GLM-5.3"]
    assert added["source"].tolist() == ["genai-prices"]
    assert added["usd_per_mtok_in"].tolist() == [0.7]


def test_a_year_without_an_annual_average_is_that_of_its_months() -> None:
    months = [("M01", "300.000"), ("M02", "301.000"), ("M03", "-"), ("M04", "303.5")]
    data = [{"year": "2027", "period": name, "value": value} for name, value in months]
    data += [{"year": "2020", "period": f"M{n:02}", "value": "1"} for n in range(1, 13)]
    data += [{"year": "2020", "period": "M13", "value": "258.811"}]
    series = [{"seriesID": "CUUR0000SA0", "data": data}]
    answer = {"status": "REQUEST_SUCCEEDED", "message": [], "Results": {"series": series}}
    result = adapted("us_consumer_prices", json.dumps(answer).encode())
    rows = result.frame.set_index("year")
    assert rows.loc[2027, LEVEL] == pytest.approx(301.5)
    assert rows.loc[2027, "months_averaged"] == 3
    assert rows.loc[2020, LEVEL] == 258.811
    assert result.as_of == "2027-04"
    assert len(rows) == len(shipped()["us_consumer_prices"]) + 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda a: a | {"status": "REQUEST_NOT_PROCESSED", "message": ["quota"]}, "quota"),
        (lambda a: a | {"Results": {}}, "the fields"),
        (lambda a: a | {"Results": {"series": [{"seriesID": "X", "data": []}]}}, "X with 0"),
    ],
)
def test_a_refusal_of_the_bureau_is_said(
    change: Callable[[dict[str, object]], dict[str, object]], found: str
) -> None:
    answer = json.loads(source_bodies.bls(shipped()["us_consumer_prices"]))
    with pytest.raises(UnexpectedShapeError, match=found):
        adapted("us_consumer_prices", json.dumps(change(answer)).encode())


def test_leaderboard_names_that_stand_twice_are_told_apart() -> None:
    bodies = source_bodies.arc_prize(shipped()["arc_agi_scores"])
    models = json.loads(bodies[f"{ARC}/models.json"])
    models[0]["displayName"] = models[1]["displayName"] = "Twin"
    bodies[f"{ARC}/models.json"] = json.dumps(models).encode()
    frame = adapted("arc_agi_scores", *bodies.values()).frame
    twins = frame[frame["model"].str.startswith("Twin")]["model"]
    assert set(twins) == {f"Twin ({models[at]['id']})" for at in (0, 1)}
    assert not frame.duplicated(["benchmark", "model"]).any()


@pytest.mark.parametrize("table", ["ai_models", "ml_chips", "arc_agi_scores", "us_consumer_prices"])
def test_the_step_from_february_to_today_is_plausible(table: str) -> None:
    old, new = DataSet(VINTAGE_FOLDER)[table], shipped()[table]
    assert plausibility(shipped().catalogue[table], old, new, DAY).problems == ()


def test_a_single_wild_value_and_a_few_lost_rows_are_no_reason_to_refuse() -> None:
    info, old = shipped().catalogue["ml_chips"], shipped()["ml_chips"]
    new = old.iloc[2:].reset_index(drop=True)
    new.loc[0, "price_usd"] = 1e6
    assert plausibility(info, old, new, DAY).problems == ()


def test_a_row_of_a_day_to_come_waits() -> None:
    info, old = shipped().catalogue["ml_chips"], shipped()["ml_chips"]
    new = old.copy()
    new.loc[5, "release_date"] = pd.Timestamp("2027-01-01")
    verdict = plausibility(info, old, new, DAY)
    assert verdict.problems == ()
    assert len(verdict.frame) == len(old) - 1
    assert verdict.notes == ("1 row of days after today (2026-11-29) left out.",)


def test_unchanged_rows_stay_in_the_file_to_the_byte(folder: Path) -> None:
    info = shipped().catalogue["ml_chips"]
    old, content = shipped()["ml_chips"], (folder / info.file).read_bytes()
    assert csv_bytes(info, old, old, content) == content
    new = old.copy()
    new.loc[3, "tdp_watts"] = 123.5
    before, after = content.splitlines(), csv_bytes(info, new, old, content).splitlines()
    assert [a != b for a, b in zip(before, after, strict=True)].index(True) == 4
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_a_refresh_replaces_table_catalogue_and_log_and_says_what_moves(
    folder: Path, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{EPOCH}/ml_hardware.csv"
    rows = server.bodies[path].splitlines(keepends=True)
    added = rows[-1].replace(rows[-1].split(b",")[0], b"NVIDIA Test 1", 1)
    server.bodies[path] = b"".join(rows) + added
    before = DataSet(folder).catalogue["ml_chips"]
    ledger = folder / "forecast_ledger.csv"
    recorded = ledger.read_text(encoding="utf-8")
    assert fc.refresh(folder, source=server.address, tables=["ml_chips"]).dry_run
    assert DataSet(folder).catalogue["ml_chips"] == before
    report = fc.refresh(folder, source=server.address, tables=["ml_chips"], dry_run=False)
    (row,) = report.changes.itertuples(index=False)
    assert (row.table, row.added, row.removed) == ("ml_chips", 1, 0)
    assert list(report.effects.columns) == ["figure", "before", "after", "by_table"]
    assert "1 row added (NVIDIA Test 1)" in report.answer
    after = DataSet(folder).catalogue["ml_chips"]
    assert after == replace(before, rows=before.rows + 1, sha256=after.sha256, date=TODAY)
    assert json.loads((folder / CATALOGUE_FILE).read_bytes())["version"] == TODAY
    logged = [line for line in read_changes(folder) if line.day == TODAY]
    assert [line.name for line in logged if line.kind == "table"][-1:] == ["ml_chips"]
    # What the new table forecasts is on record, what does not read it is not.
    was = ledger.read_text(encoding="utf-8")
    assert was.startswith(recorded)
    made = DataSet(folder)["forecast_ledger"]
    made = made[(made["made_on"] == TODAY) & (made["tables_date"] == TODAY)]
    assert {"h100_hour", "launched_flop_per_s_per_usd"} <= set(made["question"])
    assert "list_price" not in set(made["question"])
    assert DataSet(folder).catalogue["forecast_ledger"].rows == was.count("\n") - 1
    assert f"{was.count(chr(10)) - recorded.count(chr(10))} forecasts were written" in report.answer
    # The same again is not even sent again.
    again = fc.refresh(folder, source=server.address, tables=["ml_chips"], dry_run=False)
    assert again.outcomes[0].sentence == "has not changed at its source."
    assert server.not_modified == 1
    assert ledger.read_text(encoding="utf-8") == was
    # A table that was put back by hand is asked for anew.
    shutil.copy(VINTAGE_FOLDER / "ml_chips.csv", folder)
    assert refresh(folder, source=server.address, tables=["ml_chips"]).replaced
    assert server.not_modified == 1


def test_a_table_that_forecasts_can_t_use_is_refused(
    folder: Path, server: SourceServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = server.bodies[f"{EPOCH}/ml_hardware.csv"]
    server.bodies[f"{EPOCH}/ml_hardware.csv"] = names.replace(b"NVIDIA H100 SXM", b"NVIDIA Hundred")

    def needs_its_chip(scenario: object, *, data: DataSet) -> fc.Overview:
        if not data["ml_chips"]["chip"].str.startswith("NVIDIA H100 SXM").any():
            raise KeyError("NVIDIA H100 SXM5 80GB")
        raise AssertionError

    calls = [fc.overview]

    def computed(scenario: fc.OverviewScenario, *, data: DataSet) -> fc.Overview:
        return calls.pop()(scenario, data=data) if calls else needs_its_chip(scenario, data=data)

    monkeypatch.setattr("forecasting.refreshing.effects.overview", computed)
    monkeypatch.setattr("tests.forecasting.refreshing.conftest.FIGURES", {})
    report = refresh(folder, source=server.address, tables=["ml_chips"], dry_run=False)
    outcome = report.outcomes[0]
    assert outcome.status == "refused"
    assert "figures can't be computed with it (KeyError('NVIDIA H100" in outcome.sentence
    assert (folder / WORK_FOLDER / "refused" / f"{TODAY}_ml_chips" / "body_1").is_file()
    assert DataSet(folder).catalogue["ml_chips"] == shipped().catalogue["ml_chips"]


def test_files_are_taken_by_the_table_s_name_or_the_source_s(
    folder: Path, tmp_path: Path, server: SourceServer
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    (given / "data_center_timelines.csv").write_bytes(
        server.bodies[f"{EPOCH}/data_centers/data_center_timelines.csv"]
    )
    (given / "latest.json").write_bytes(
        source_bodies.offers(shipped()["chip_rental_prices_2026"], "2026-09-01")
    )
    (given / "gpu_prices.csv").write_bytes((folder / "gpu_prices.csv").read_bytes())
    report = refresh(folder, source=given)
    statuses = {each.table: each for each in report.outcomes if each.status != "not given"}
    assert statuses["chip_rental_prices_2026"].status == "replaced"
    assert statuses["gpu_prices"].status == "unchanged"
    assert "needs data_centers.csv in the same folder" in statuses["data_center_timelines"].sentence
    assert set(statuses) == {"chip_rental_prices_2026", "gpu_prices", "data_center_timelines"}
    assert report.others == ()


def test_a_source_elsewhere_and_an_unknown_table_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="Only a server on this machine"):
        refresh(folder, source="https://elsewhere.example")
    with pytest.raises(InputError, match="Give a folder that exists"):
        refresh(folder, source=folder / "nothing")
    with pytest.raises(UnknownNameError, match="ml_chips"):
        refresh(folder, tables=["ml_chip"], source=folder)


def test_only_listed_hosts_are_asked_when_there_is_no_other_source(folder: Path) -> None:
    catalogue = folder / CATALOGUE_FILE
    text = catalogue.read_text(encoding="utf-8")
    catalogue.write_text(
        text.replace("https://epoch.ai/data/ml_hard", "http://epoch.ai/data/ml_hard")
    )
    report = refresh(folder, tables=["ml_chips"], limits=QUICK)
    assert "only https and the hosts in datapackage.json are asked" in report.answer


def test_changes_since_older_tables_are_logged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not SOAK:  # what moves is computed anew for each of the tables
        monkeypatch.setattr("forecasting.refreshing.since.effects", lambda *given: Effects())
    lines = [line for line in read_changes(folder) if line.day == TODAY]
    report = changes_since(VINTAGE_FOLDER, folder, dry_run=False)
    tables = set(report.changes["table"])
    assert len([line for line in read_changes(folder) if line.day == TODAY]) > len(lines)
    assert tables <= set(shipped().names)
    assert os.listdir(folder / WORK_FOLDER) == ["lock"]
