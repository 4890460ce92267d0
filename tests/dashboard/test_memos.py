"""Memo and workbook: what a board needs, as the page has it, in three formats from one content."""

from __future__ import annotations

import dataclasses
import io
import re
import zipfile
from types import SimpleNamespace

import docx
import openpyxl
import pandas as pd
import pytest

from dashboard.export import documents
from dashboard.export.archive import zip_of
from dashboard.export.exports import PageExport, page_export, rows_of_inputs
from dashboard.export.memo import memo_of
from dashboard.export.memo_pdf import story_of
from dashboard.export.workbook import heading_with_unit, number_format, plain_format
from dashboard.pages.registry import PAGES
from forecasting.data.dataset import bundled
from forecasting.planning.plan_scenario import PlanScenario

HOST = "http://testserver"


@pytest.fixture(scope="module")
def shown() -> PageExport:
    page = PAGES["plan"]
    scenario = PlanScenario(first_year=2027, last_year=2029, budget_usd=4e7, draws=100)
    return page_export(
        page, scenario, page.display(), bundled(), base=HOST, query="v=1&budget_usd=40000000"
    )


def test_it_says_question_answer_money_assumptions_and_sources(shown: PageExport) -> None:
    memo = memo_of(shown)
    assert memo.title == "Plan 2027–2029"
    assert memo.question == PAGES["plan"].question
    assert memo.answer == shown.answer
    assert {"Year", "Budget", "Training", "Inference"} <= set(memo.headings)
    assert [row[0] for row in memo.rows] == ["2027", "2028", "2029", "Sum of medians"]
    assert memo.rows[-1][1] == "$390 million"  # 40 + 100 + 250
    budget = next(each for each in memo.changed if each.value == "$40 million")
    assert budget.why
    assert {each.value for each in memo.changed} == {"$40 million", "2029"}
    assert "Own cluster" not in memo.unchanged  # counts only where it is chosen
    assert "What moves the split of 2029 most" in memo.what_moves
    assert any("Growth of demand" in line for line in memo.what_changes)
    assert [source.title for source in memo.sources] == [each["title"] for each in shown.sources]
    assert all(source.links and source.licences and source.date for source in memo.sources)


def test_word_holds_the_memo_and_its_chart(shown: PageExport) -> None:
    memo, made = memo_of(shown), documents.docx_bytes(shown)
    document = docx.Document(io.BytesIO(made))
    words = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for part in (memo.title, memo.question, memo.answer, memo.what_moves, *memo.what_changes):
        assert part in words
    (table,) = document.tables
    assert [[cell.text for cell in row.cells] for row in table.rows] == [memo.headings, *memo.rows]
    assert len(document.inline_shapes) == 1
    targets = {link.target_ref for link in document.part.rels.values() if link.is_external}
    assert {
        memo.link,
        *(path for each in memo.sources for _, path in each.links if path),
    } == targets
    assert document.core_properties.title == memo.title
    assert documents.docx_bytes(shown) == made


def test_pdf_holds_the_same_on_at_most_two_pages(shown: PageExport) -> None:
    memo, made = memo_of(shown), documents.pdf_bytes(shown)
    assert made.startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", made)) <= 2
    said = [part.getPlainText() for part in story_of(memo, 500) if hasattr(part, "getPlainText")]
    for part in (memo.title, memo.question, memo.answer, memo.what_moves, *memo.what_changes):
        assert part in said
    assert documents.pdf_bytes(shown) == made


def test_excel_holds_numbers_as_numbers_with_units_and_every_input_with_its_reason(
    shown: PageExport,
) -> None:
    made = documents.xlsx_bytes(shown)
    book = openpyxl.load_workbook(io.BytesIO(made))
    assert book.sheetnames == ["Answer", "Numbers", "Inputs", "Sources"]
    numbers = book["Numbers"]
    heads = [cell.value for cell in numbers[1]]
    at = heads.index("Budget usd, median (USD)") + 1
    assert [numbers.cell(row, at).value for row in (2, 3, 4)] == pytest.approx(
        shown.table["budget_usd_q50"].tolist()
    )
    assert "$" in numbers.cell(2, at).number_format
    share = heads.index("Inference share, median (share)") + 1
    assert numbers.cell(2, share).number_format == "0.0%"
    assert numbers.cell(2, 1).number_format == "0"
    inputs = [[cell.value or "" for cell in row] for row in book["Inputs"].iter_rows(min_row=2)]
    assert [row[0] for row in inputs] == [row["label"] for row in rows_of_inputs(shown.inputs)]
    assert [row[4] for row in inputs] == [row["why"] for row in rows_of_inputs(shown.inputs)]
    assert next(row for row in inputs if row[5] == "budget_usd")[1:4] == [4e7, "USD", "changed"]
    assert len(book["Sources"]["A"]) > len(shown.sources)
    assert len(book["Answer"]._images) == 1
    assert documents.xlsx_bytes(shown) == made


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_becomes_a_formula(shown: PageExport, start: str) -> None:
    table = pd.DataFrame({"name": [f"{start}cmd|' /C calc'!A1"], "usd": [1.5]})
    wild = dataclasses.replace(
        shown, result=SimpleNamespace(table=table, answer=f"{start}HYPERLINK(1)", lines=()),
        section=dataclasses.replace(shown.section, figure="", numbers="", sensitivity=None),
    )  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(documents.xlsx_bytes(wild)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert str(book["Numbers"]["A2"].value).startswith("'")
    assert book["Numbers"]["B2"].value == 1.5
    assert documents.docx_bytes(wild)
    assert documents.pdf_bytes(wild)


def test_text_from_a_table_is_never_read_as_markup(shown: PageExport) -> None:
    table = pd.DataFrame({"name": ["<b>bold</b> & <img src='x'/>\x00\x0b"], "usd": [float("inf")]})
    wild = dataclasses.replace(
        shown, result=SimpleNamespace(table=table, answer="a < b & c", lines=()),
        section=dataclasses.replace(shown.section, figure="", numbers="", sensitivity=None),
    )  # fmt: skip
    said = docx.Document(io.BytesIO(documents.docx_bytes(wild)))
    assert said.tables[0].rows[1].cells[0].text == "<b>bold</b> & <img src='x'/>"
    assert documents.pdf_bytes(wild).startswith(b"%PDF")
    book = openpyxl.load_workbook(io.BytesIO(documents.xlsx_bytes(wild)))
    assert book["Numbers"]["B2"].value == "Infinity"


def test_the_zip_holds_all_formats(shown: PageExport) -> None:
    archive = zipfile.ZipFile(io.BytesIO(zip_of(shown)))
    stem = "plan-2027-2029-40M"
    endings = ("csv", "json", "docx", "pdf", "xlsx", "svg", "png")
    assert sorted(archive.namelist()) == sorted(
        ["README.md", *(f"{stem}.{each}" for each in endings)]
    )
    assert archive.read(f"{stem}.pdf") == documents.pdf_bytes(shown)


def test_headings_name_units_and_numbers_have_formats() -> None:
    assert heading_with_unit("training_flop_q10") == "Training flop, 80% from (FLOP)"
    assert heading_with_unit("name") == "Name"
    assert number_format("usd_per_answer_q50") == "$#,##0.00"
    assert number_format("loss_q50") == ""
    assert [plain_format(value) for value in (3.0, 0.25, 1234.5, 5e23, 1e-6)] == [
        "#,##0", "#,##0.000", "#,##0", "0.000E+00", "0.000E+00",
    ]  # fmt: skip
