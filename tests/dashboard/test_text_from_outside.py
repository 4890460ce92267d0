"""Names of a user's own, written to be taken for markup: they are letters wherever they are shown,
for their owner and for whoever opens what that shared.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from dashboard import links
from dashboard.export import documents, exports
from dashboard.export.exports import page_export
from dashboard.pages.declaration import Page, Section
from dashboard.pages.registry import PAGES
from dashboard.server.app import routes
from dashboard.state import own_data
from dashboard.store import Share, shared_links
from forecasting.context import Context
from forecasting.data.dataset import DataSet, bundled
from forecasting.errors import ForecastingError
from forecasting.ingest.own_prices import ChipContract, OwnPrices
from forecasting.ingest.runs import ParsedRuns, read_runs
from forecasting.ingest.sample_counts import problem_counts
from tests.dashboard.harness import SECTION_OF_EACH_PAGE, _show

#: Everything at once that a reader could take for ours, or that a browser could run.
EVIL = (
    "evil [x](https://evil.example) **b** :red[r] <img src=x onerror=alert(1)> <b>q</b> $x$"
    " ![](https://evil.example/p) `c`\u202e https://evil.example <a href='https://evil.example'>"
)
COUNTS = {"problem": [EVIL, "b", "c"], "samples": [100, 90, 80], "correct": [3, 40, 79]}
#: The same names as an own table, list or file would carry them.
MARKUP = re.compile(
    r"(?<!\\)(?:\[x|\(https|\*\*b|:red|<img|<b>|\$x|!\[|`c|<a )|//evil|[\u202e\n]evil"
)
#: Fields of elements that are no Markdown: data, plain text, what is typed, keys.
NO_MARKDOWN = frozenset(
    ("id", "spec", "config", "options", "value", "default", "code_text", "form_id", "url", "theme")
) | frozenset(
    ("formatted_value", "raw_value", "raw_values", "data", "alt", "placeholder", "json", "mixed")
)
#: What would be markup in a report, where round brackets count only after square ones.
REPORT_MARKUP = re.compile(r"(?<!\\)(?:\[x|\*\*b|<img|<b>|\$x|`c|<a )|//evil|\u202e")


@cache
def tables() -> DataSet:
    """The bundled tables with a newest, largest and best row of that name in each that a user may
    replace.
    """
    data = bundled()
    models, chips = data["ai_models"], data["ml_chips"]
    model = models.sort_values("training_flop").dropna(subset=["training_flop"]).tail(1)
    model = model.assign(
        model=EVIL,
        organization=EVIL,
        date=pd.Timestamp(2026, 6, 1),
        training_flop=model["training_flop"] * 30,
    )
    chip = chips[chips["chip"] == "NVIDIA H100 SXM5 80GB"].tail(1)
    assert len(chip)
    chip = chip.assign(chip=EVIL, vendor=EVIL, release_date=pd.Timestamp(2026, 1, 1))
    for name in chip.columns[chip.columns.str.endswith("_per_s")]:
        chip[name] = chip[name] * 3
    return data.replaced(
        ai_models=pd.concat([models, model], ignore_index=True),
        ml_chips=pd.concat([chips, chip], ignore_index=True),
    )


@cache
def runs() -> ParsedRuns:
    """Runs whose names and groups are that."""
    head = f'run,group,params,tokens,loss,"{EVIL}"\n'
    rows = "".join(
        f'"{EVIL}{i}{j}","{EVIL}{j % 2}",{10.0**i},{10.0**j},{2 + 3e2 / 10 ** (0.3 * i)},"{EVIL}"\n'
        for i in (7, 8, 9)
        for j in (9, 10, 11, 12)
    )
    return read_runs(head + rows, name=EVIL)


@cache
def context() -> Context:
    """What a forecast reads of it, once for all tests: a section's is made once, too."""
    contract = ChipContract(EVIL, 0.1, dt.date(2026, 1, 5), EVIL, vendor=EVIL)
    return Context(
        tables(),
        runs=runs(),
        counts=problem_counts(pd.DataFrame(COUNTS)),
        prices=OwnPrices((contract,), notes=(EVIL,)),
    )


def own() -> own_data.OwnData:
    """A session that holds nothing else."""
    return own_data.OwnData(
        runs=context().runs,
        counts=context().counts,
        prices=context().prices,
        frames={name: tables()[name] for name in ("ai_models", "ml_chips")},
        context=context(),
    )


def query_of(page: Page, section: Section) -> dict[str, str]:
    """A link to the section with that name as every input that takes one."""
    query = {"v": str(page.scenario.VERSION), **page.query(section)}
    for name in page.scenario.model_fields:
        known = page.scenario.choices(name, tables())
        if known is not None and EVIL in known:
            query[name] = EVIL
        elif name == "draws" or name == "resamples":
            query[name] = "200"
    return query


def opened(page: Page, query: dict[str, str], held: own_data.OwnData | None) -> AppTest:
    """The page, as the session with those data has it."""
    test = AppTest.from_function(_show, default_timeout=300, args=(page.name,))
    if held is not None:
        test.session_state[own_data.KEY] = held
    for name, value in query.items():
        test.query_params[name] = value
    test.run()
    assert not test.exception, test.exception[0].message
    return test


def elements(node: Any) -> Iterator[Any]:
    """The messages of all elements and blocks below a node."""
    for each in getattr(node, "children", {}).values():
        proto = getattr(each, "proto", None)
        if hasattr(proto, "ListFields"):
            yield proto
        yield from elements(each)


def markdown_in(message: Any) -> Iterator[str]:
    """The texts of a message that a browser takes for Markdown."""
    for field, value in message.ListFields():
        if field.name in NO_MARKDOWN:
            continue
        for each in value if isinstance(value, list) or hasattr(value, "append") else [value]:
            if isinstance(each, str):
                yield each
            elif hasattr(each, "ListFields"):
                yield from markdown_in(each)


def assert_letters(test: AppTest) -> None:
    """Nothing that the page says of EVIL is markup."""
    for message in elements(test._tree):
        for text in markdown_in(message):
            assert not ("evil" in text and MARKUP.search(text)), (message.DESCRIPTOR.name, text)
    for table in test.table:
        for text in (*table.value.columns, *table.value.to_numpy().ravel()):
            assert not ("evil" in str(text) and MARKUP.search(str(text))), text


def figure_in(message: Any) -> str:
    """The figure that a chart's element holds, as JSON."""
    for _, value in message.ListFields():
        if isinstance(value, str) and value.startswith('{"figure"'):
            return str(json.loads(value)["figure"])
        if hasattr(value, "ListFields") and (found := figure_in(value)):
            return found
    return ""


def assert_harmless_chart(content: str) -> None:
    """A figure's JSON in which no tag is from outside."""
    for tag in ("<img", "<a ", "<b>q", "\\u202e", "\u202e"):
        assert tag not in content, content[max(content.index(tag) - 200, 0) :][:400]


@pytest.mark.parametrize(("page", "section"), SECTION_OF_EACH_PAGE)
def test_every_page_shows_names_of_ones_own_as_letters(page: Page, section: Section) -> None:
    test = opened(page, query_of(page, section), own())
    assert_letters(test)
    for message in elements(test._tree):
        assert_harmless_chart(figure_in(message))


@pytest.mark.parametrize(("page", "section"), SECTION_OF_EACH_PAGE)
def test_every_export_holds_names_of_ones_own_as_letters(page: Page, section: Section) -> None:
    query = list(query_of(page, section).items())
    found = links.open_link(query, page.scenario, page.display, tables())
    try:
        shown = page_export(
            page, found.scenario, found.display, context(), base="http://x", query="v=1"
        )
    except ForecastingError:
        return
    report = exports.report_of(shown)
    said = report.partition("```bibtex")[0].replace(shown.link, "")
    for line in said.splitlines():
        assert not ("evil" in line and REPORT_MARKUP.search(line)), line
    json.loads(exports.json_of(shown))
    if shown.has_figure and shown.figure is not None:
        assert_harmless_chart(shown.figure.to_json())
    if section.name == page.sections[0].name:
        for made in (documents.docx_bytes, documents.pdf_bytes, documents.xlsx_bytes):
            assert made(shown)


def shared(answer: str) -> str:
    """The id of a link that says so of itself, from other tables than today's."""
    rows = {"rows": [[answer, 1.0]], "columns": [answer, "usd"]}
    import gzip

    kept = gzip.compress(json.dumps(rows).encode())
    share = Share("cost", "v=3&model=GPT-3", answer, "00000000", "cost.3/0.0.1", {"result": kept})
    return shared_links().save(share).id


def test_what_somebody_shared_is_letters_for_whoever_opens_it() -> None:
    held = {"v": "3", "model": "GPT-3", "s": shared(EVIL)}
    test = opened(PAGES["cost"], held, None)
    assert any("evil" in each.value for each in test.info)
    test.session_state["cost.then"] = True
    assert_letters(test.run())


def test_the_first_paint_of_what_somebody_shared_holds_no_tag_of_theirs() -> None:
    with TestClient(Starlette(routes=routes)) as client:
        got = client.get(f"/cost?v=3&model=GPT-3&s={shared(EVIL)}")
    assert "evil" in got.text
    for tag in ("<img src=x", "<b>q", "<a href='https://evil", "\u202e"):
        assert tag not in got.text


@pytest.mark.parametrize("name", ["model", "unknown", "p1", "d", "v", "s", "view", "year"])
def test_no_value_of_a_link_becomes_markup_or_a_link(name: str) -> None:
    test = opened(PAGES["cost"], {"v": "3"} | {name: EVIL[:200]}, None)
    assert_letters(test)
    with TestClient(Starlette(routes=routes)) as client:
        got = client.get("/cost", params={name: "https://evil.example"})
    assert 'href="https://evil' not in got.text
