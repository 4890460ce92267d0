from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.escaping import escape_markdown
from dashboard.ui.layout import MAX_PLAIN_TABLE_ROWS


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "![x](http://evil)",
        "**bold**",
        "$a$",
        ":red[x]",
        "`code`",
        "[a](javascript:b)",
    ],
)
def test_text_from_outside_loses_every_markdown_meaning(text: str) -> None:
    shown = escape_markdown(text)
    for character in "<>![]()*$`:":
        assert shown.count(character) == shown.count("\\" + character)


def test_dollars_in_our_own_sentences_are_money() -> None:
    assert escape_markdown("from $30 to $40") == "from \\$30 to \\$40"


def test_short_tables_wrap_their_words_and_long_ones_scroll() -> None:
    def page() -> None:
        import pandas as pd

        from dashboard.ui import layout

        frame = pd.DataFrame(
            {
                "Who *said* it": ["<b>$5</b>", None],
                "On": ["2024-05-28", "2024-06"],
                "Runs": [1234, 5],
            }
        )
        layout.table(frame, alt="two rows")
        layout.table(pd.DataFrame({"row": range(layout.MAX_PLAIN_TABLE_ROWS + 1)}), alt="many rows")

    test = AppTest.from_function(page, default_timeout=300).run()
    assert not test.exception
    assert [len(each.value) for each in test.dataframe] == [MAX_PLAIN_TABLE_ROWS + 1]
    plain_table = test.table[0].value
    assert list(plain_table.columns) == [r"Who \*said\* it", "On", "Runs"]
    assert list(plain_table.iloc[:, 0]) == [r"\<b\>\$5\</b\>", ""]
    assert plain_table["On"][0] == "2024\N{NON-BREAKING HYPHEN}05\N{NON-BREAKING HYPHEN}28"
    assert plain_table["Runs"][0] == "1,234"


def test_the_terms_of_a_question_a_control_and_a_method_are_explained_beside_them() -> None:
    def page() -> None:
        import streamlit as st

        from dashboard.pages.plan import PAGE
        from dashboard.state import session
        from dashboard.ui import layout
        from dashboard.ui.controls import Controls

        state = session.open_page(PAGE.scenario, PAGE.display)
        layout.question("A page", "What does a FLOP cost?")
        layout.question("A page", "What does it cost?")
        Controls(state).slider("pue")
        st.session_state["method"] = True
        layout.method((("x", "A loss."),), ["The PUE is 1.1."], ["A paper."], key="method")

    test = AppTest.from_function(page, default_timeout=300).run()
    assert not test.exception
    with_term, without = test.markdown[0].proto.help, test.markdown[1].proto.help
    assert with_term.startswith("**FLOP**: Floating-point operation")
    assert without == ""
    [pue] = test.slider
    assert pue.help.startswith("Cottier et al. 2024")
    assert "**PUE**: Power usage effectiveness" in pue.help
    assert test.markdown[-1].value.startswith("**Terms**\n\n**loss**: How badly")
    assert "\n\n**PUE**: " in test.markdown[-1].value
