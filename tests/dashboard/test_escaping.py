"""What is from outside is escaped before a reader sees it: by each language's function, and on
every way into Streamlit.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dashboard.charts.figure import Figure
from dashboard.escaping import chart_text, escape_bibtex, escape_html, escape_markdown
from forecasting.reporting.report_markdown import JOINER, escape_report

DASHBOARD = Path(__file__).parents[2] / "dashboard"
#: What Streamlit takes for Markdown: the first argument of these, and any `help` or `label`.
SINKS = frozenset(
    ("markdown", "caption", "info", "warning", "error", "success", "title", "subheader", "header")
) | frozenset(
    ("expander", "button", "popover", "page_link", "spinner", "download_button", "toggle", "pills")
)
WIDGETS = frozenset(
    ("selectbox", "segmented_control", "slider", "select_slider", "number_input", "text_input")
) | frozenset(("text_area", "file_uploader", "form_submit_button", "link_button", "progress"))
#: What makes Markdown of text from outside, or writes nothing but numbers.
ESCAPES = frozenset(("escape_markdown", "len", "in_words", "significant", "isoformat", "int"))
#: What has only words of ours, or has escaped what is not: functions that return Markdown.
OURS = frozenset(
    ("source_lines", "explained", "code_spans", "pages", "from_tables", "credit", "recency_words")
) | frozenset(("definitions_table", "cheapest_words", "_label", "_help", "address", "get"))
#: Names in a function that hold literals of ours, or Markdown made elsewhere; by module.
LITERALS = {
    "pages/cost/model.py": ("tells",),
    "pages/data/catalogue.py": ("refresh", "rhythm", "days", "subject"),
    "pages/overview/figures.py": ("CLAIMED_ON", "counts", "claims", "by_forecast", "menu_title"),
    "pages/plan/years.py": ("rate",),
    "pages/runs/column_choices.py": ("words",),
    "pages/runs/reading_form.py": ("label", "lines", "more", "count"),
    "pages/scaling/architectures.py": ("state",),
    "pages/scaling/surface.py": ("advice",),
    "pages/track_record/series.py": ("kind",),
    "ui/comparison.py": ("number", "same"),
    "ui/display_bar.py": ("kind", "label", "session"),
    "ui/layout.py": (
        *("title", "changed", "made_on", "without_law", "why", "words", "base", "state", "read"),
        *("terms", "source"),
    ),
}


class Words:
    """Whether an expression in a function holds nothing from outside."""

    def __init__(self, function: ast.AST, literals: tuple[str, ...]) -> None:
        self.function = function
        self.literals = literals

    def are_ours(self, node: Any, seen: tuple[str, ...] = ()) -> bool:
        if isinstance(node, ast.Constant):
            return True
        if isinstance(node, ast.FormattedValue):
            return _is_number(node) or self.are_ours(node.value, seen)
        if isinstance(node, ast.Call):
            return self._call(node, seen)
        if isinstance(node, ast.Attribute | ast.Subscript):
            return self.are_ours(node.value, seen) or _name(node) in self.literals
        if isinstance(node, ast.Name):
            return self._variable(node.id, seen)
        parts: Callable[[], list[Any]] | None = {
            ast.JoinedStr: lambda: node.values,
            ast.BoolOp: lambda: node.values,
            ast.BinOp: lambda: [node.left, node.right],
            ast.IfExp: lambda: [node.body, node.orelse],
            ast.List: lambda: node.elts,
            ast.Tuple: lambda: node.elts,
            ast.GeneratorExp: lambda: [node.elt],
            ast.ListComp: lambda: [node.elt],
            ast.Starred: lambda: [node.value],
        }.get(type(node))
        return parts is not None and all(self.are_ours(part, seen) for part in parts())

    def _call(self, node: ast.Call, seen: tuple[str, ...]) -> bool:
        name = _name(node.func)
        if name in ESCAPES or name in OURS:
            return True
        if name == "map":
            return _name(node.args[0]) in ESCAPES
        if name in ("join", "filter"):
            return self.are_ours(node.args[-1], seen)
        if name in ("lstrip", "capitalize") and isinstance(node.func, ast.Attribute):
            return self.are_ours(node.func.value, seen)
        return False

    def _variable(self, name: str, seen: tuple[str, ...]) -> bool:
        if name in self.literals or name.isupper() or name in seen:
            return True
        values = list(_values_of(self.function, name))
        return bool(values) and all(self.are_ours(value, (*seen, name)) for value in values)


def _name(node: ast.AST) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))


def _is_number(node: ast.FormattedValue) -> bool:
    spec = getattr(node.format_spec, "values", [])
    return any(str(getattr(part, "value", "") or " ")[-1] in ",fgdeE%" for part in spec)


def _values_of(function: ast.AST, name: str) -> Iterator[ast.AST]:
    """All that a variable is set to, and what is appended to it."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if _name(target) == name:
                    yield node.value
                elif isinstance(target, ast.Tuple):
                    values = getattr(node.value, "elts", [node.value] * len(target.elts))
                    yield from (
                        value
                        for each, value in zip(target.elts, values, strict=False)
                        if _name(each) == name
                    )
        elif isinstance(node, ast.AugAssign | ast.NamedExpr | ast.AnnAssign):
            if _name(node.target) == name and node.value is not None:
                yield node.value
        elif isinstance(node, ast.comprehension) and _name(node.target) == name:
            yield node.iter
        elif isinstance(node, ast.Call) and _name(node.func) == "append":
            appended = _name(node.func.value) == name  # type: ignore[attr-defined]
            yield from node.args if appended else ()


def unescaped(source: str, literals: tuple[str, ...] = ()) -> list[str]:
    """What of a module's source reaches Streamlit as Markdown without being escaped."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        if _name(node.func.value) != "st" or node.func.attr not in SINKS | WIDGETS:
            continue
        function: ast.AST = node
        while function in parents and not isinstance(function, ast.FunctionDef):
            function = parents[function]
        words = Words(function, literals)
        if any(getattr(k.value, "value", "") == "collapsed" for k in node.keywords):
            continue  # no label is shown; screen readers get it as it is
        said = [*node.args[:1], *(k.value for k in node.keywords if k.arg in ("help", "label"))]
        found += [f"{a.lineno}: {ast.unparse(a)[:120]}" for a in said if not words.are_ours(a)]
    return found


@pytest.mark.parametrize(
    "module", sorted(path.relative_to(DASHBOARD).as_posix() for path in DASHBOARD.rglob("*.py"))
)
def test_nothing_reaches_streamlit_as_markdown_that_was_not_escaped(module: str) -> None:
    source = (DASHBOARD / module).read_text(encoding="utf-8")
    if "st." in source:
        assert unescaped(source, LITERALS.get(module, ())) == []


@pytest.mark.parametrize(
    "line",
    [
        "st.caption(result.answer)",
        "st.markdown(f'**{name}**')",
        "st.button('Go', help=note)",
        "st.info('\\n'.join(f'- {line}' for line in lines))",
    ],
)
def test_a_call_that_forgets_to_escape_is_found(line: str) -> None:
    assert unescaped(f"def show(result, name, note, lines):\n    {line}\n")
    escaped = line.replace("result.answer", "escape_markdown(result.answer)")
    escaped = escaped.replace("{name}", "{escape_markdown(name)}").replace(
        "=note", "=escape_markdown(note)"
    )
    escaped = escaped.replace("{line}", "{escape_markdown(line)}")
    assert not unescaped(f"def show(result, name, note, lines):\n    {escaped}\n")


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("[x](y)", r"\[x\]\(y\)"),
        ("$30 to $40", r"\$30 to \$40"),
        ("https://evil.example", rf"https\://{JOINER}evil\.example"),
        ("www.evil.example", rf"www{JOINER}\.evil\.example"),
        ("me@evil.example", rf"me@{JOINER}evil\.example"),
        (":smile:", rf"\:{JOINER}smile\:"),
        ("a\nb\u202ec\u2028d", "a bc d"),
        ("10:30", r"10\:30"),
    ],
)
def test_markdown_shows_a_text_letter_by_letter(text: str, markdown: str) -> None:
    assert escape_markdown(text) == markdown


def test_a_report_is_escaped_where_it_must_be_and_stays_to_be_read() -> None:
    assert escape_report("GPT-4 (2023) costs $40, 1.5 × more.") == (
        r"GPT-4 (2023) costs \$40, 1.5 × more."
    )
    assert escape_report("[x](https://evil.example) | <b>") == (
        rf"\[x\](https://{JOINER}evil.example) \| \<b\>"
    )
    assert escape_report("# head") == r"\# head"
    assert escape_report("1. item") == r"1\. item"


def test_html_of_a_chart_keeps_tags_of_ours_alone() -> None:
    assert escape_html("<b>q</b>") == "&lt;b&gt;q&lt;/b&gt;"
    assert chart_text("<b>ours</b><br><a href='x'>no</a> <img> 1 < 2") == (
        "<b>ours</b><br>&lt;a href='x'>no&lt;/a> &lt;img> 1 &lt; 2"
    )
    figure = Figure({"xaxis": {}, "yaxis": {}})
    figure.add_scatter(x=[1], y=[1], text=["<a>"], name="<img>", customdata=[["<a>"]])
    figure.add_annotation(text="<a>")
    figure.update_yaxes(ticktext=["<a>"])
    assert "<a>" not in figure.to_json()
    assert "<img>" not in figure.to_json()


def test_bibtex_takes_every_sign_of_its_own_as_a_letter() -> None:
    assert escape_bibtex(r"{a}_b 50% & $5 #1 ~x^2 \y") == (
        r"\{a\}\_b 50\% \& \$5 \#1 \textasciitilde{}x\textasciicircum{}2 \textbackslash{}y"
    )
