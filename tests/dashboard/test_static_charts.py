"""The picture of a chart shows what the figure holds: every trace, label, band and mark."""

from __future__ import annotations

import io
import math
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dashboard.charts.figure import Figure
from dashboard.export.static.axes import Axis
from dashboard.export.static.chart import drawn, is_in_sight
from dashboard.export.static.cutting import cut
from dashboard.export.static.drawing import Disc, Drawing, Ink, Shape, Words
from dashboard.export.static.fonts import rich_lines, text_width, wrapped
from dashboard.export.static.picture import Caption, picture
from dashboard.export.static.png import png_of
from dashboard.export.static.svg import roles, svg_of
from dashboard.export.static.theme import COLOURS, Theme
from dashboard.pages.declaration import Page, Section
from tests.dashboard.section_figures import CHARTED, figure_of
from tests.examples import SOAK

SVG = "{http://www.w3.org/2000/svg}"


def figure(**layout: Any) -> Figure:
    axes = {"xaxis": {"range": [0.0, 10.0]}, "yaxis": {"range": [0.0, 10.0]}}
    return Figure({"height": 300, "margin": {"l": 8, "r": 8, "t": 36, "b": 8}, **axes, **layout})


def in_plot(figure: Figure, trace: dict[str, Any]) -> np.ndarray[Any, Any]:
    """Which points of a trace lie on its axes."""
    there = np.ones(len(trace["x"]), dtype=bool)
    for letter in "xy":
        axis = figure.layout[f"{letter}axis{str(trace.get(f'{letter}axis', letter))[1:]}"]
        values = np.asarray(trace[letter], dtype=float)
        if axis.get("type") == "log":
            values = np.log10(np.where(values > 0, values, np.nan))
        low, high = sorted(axis["range"])
        there &= (values >= low) & (values <= high)
    return there


@pytest.mark.parametrize(("page", "section"), CHARTED)
def test_every_trace_label_band_and_mark_is_in_the_picture(page: Page, section: Section) -> None:
    figure = figure_of(page, section)
    drawing = drawn(figure, 880)
    found = Counter(roles(drawing.parts))
    by_role = {part.role: part for part in drawing.parts}
    for number, trace in enumerate(figure.data):
        role, inside = (
            f"trace{number}",
            in_plot(figure, trace) if trace["type"] != "heatmap" else [],
        )
        if trace["type"] == "heatmap":
            assert found[f"{role}:"] == 0
            assert found[role] == 1
            continue
        if trace["type"] == "bar":
            assert found[f"{role}:bar"] == len(trace["x"])
            continue
        mode, line = trace["mode"], trace.get("line", {})
        if "fill" in trace:
            area = by_role[f"{role}:area"]
            assert isinstance(area, Shape)
            assert area.is_closed
            assert area.outlines
            assert area.ink.fill == trace["fillcolor"]
        if "lines" in mode and line.get("width", 2) > 0:
            drawn_line = by_role[f"{role}:line"]
            assert isinstance(drawn_line, Shape)
            assert drawn_line.outlines
            assert drawn_line.ink.stroke == line["color"]
            assert bool(drawn_line.ink.dash) == (line.get("dash", "solid") != "solid")
        if "markers" in mode:
            assert found[f"{role}:mark"] == inside.sum()
        if "text" in mode:
            assert found[f"{role}:text"] == len(trace["text"])
        assert found[f"{role}:error_x"] == ("error_x" in trace)
        assert found[f"{role}:error_y"] == ("error_y" in trace)
    for number in range(len(figure.layout.get("shapes", []))):
        assert found[f"shape{number}"] == 1
    words: dict[str, list[str]] = {}
    for part in drawing.parts:
        if isinstance(part, Words):
            words.setdefault(part.role, []).append(part.text)
    for number, label in enumerate(figure.annotations):
        lines = [line for line, _ in rich_lines(label["text"])]
        assert words.get(f"annotation{number}", []) == lines * is_in_sight(label, figure.layout)
    for name in (name for name in figure.layout if name[1:5] == "axis"):
        axis, short = figure.layout[name], name[0] + name[5:]
        title = axis.get("title", {}).get("text", "")
        assert words.get(f"title:{short}", []) == [title] * bool(title)
        shown = words.get(f"tick:{short}", [])
        assert bool(shown) == axis.get("showticklabels", True) or axis.get("tickvals") == []
        if "ticktext" in axis:
            assert set(shown) <= {line for text in axis["ticktext"] for line, _ in rich_lines(text)}


@pytest.mark.parametrize(("page", "section"), CHARTED)
@pytest.mark.parametrize(
    ("width", "theme"),
    [(960, "light"), pytest.param(360, "dark", marks=pytest.mark.soak)],
)
def test_it_is_sound_xml_within_its_bounds(
    page: Page, section: Section, width: int, theme: Theme
) -> None:
    caption = Caption("A <title> & more", "An answer.", ["Sources: <none>"], "http://here/?a=1&b=2")
    drawing = picture(figure_of(page, section), caption, width=width, theme=theme)
    root = ElementTree.fromstring(svg_of(drawing, title="title", about="answer"))
    assert len(list(root.iter())) > 10
    assert root.find(f"{SVG}rect").get("fill") == COLOURS[theme].ground  # type: ignore[union-attr]
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert {"A <title> & more", "An answer.", "Sources: <none>"} <= set(texts)
    assert [a.get("href") for a in root.iter(f"{SVG}a")] == ["http://here/?a=1&b=2"]
    for path in root.iter(f"{SVG}path"):
        places = [float(number) for number in re.findall(r"-?[\d.]+", path.get("d", ""))]
        assert all(math.isfinite(place) for place in places)
        assert all(-200 <= place <= drawing.height + drawing.width + 200 for place in places)


def test_values_out_of_all_bounds_are_cut_and_gaps_stay_gaps() -> None:
    wild = figure()
    wild.add_scatter(
        x=[0, 5, math.nan, 6, 1e300], y=[1, 1e300, 2, -1e300, 5], mode="lines+markers",
        line={"color": "#2b83ba", "width": 2},
    )  # fmt: skip
    wild.add_scatter(
        x=[-1e200, 1e200, 1e200, -1e200], y=[4, 4, 6, 6], mode="lines", fill="toself",
        fillcolor="rgba(43,131,186,0.16)", line={"width": 0},
    )  # fmt: skip
    drawing = drawn(wild, 600)
    line, area = (
        next(part for part in drawing.parts if part.role == role)
        for role in ("trace0:line", "trace1:area")
    )
    assert isinstance(line, Shape)
    assert isinstance(area, Shape)
    for outline in (*line.outlines, *area.outlines):
        assert (outline >= 0).all()
        assert (outline <= 600).all()
    assert np.ptp(area.outlines[0][:, 0]) > 500
    assert png_of(drawing, zoom=1).startswith(b"\x89PNG")


def test_a_logarithmic_axis_puts_decades_at_equal_steps_and_zero_nowhere() -> None:
    axis = Axis({"type": "log", "range": [0.0, 3.0]}, 100.0, 400.0)
    assert axis.at([1.0, 10.0, 1000.0]).tolist() == pytest.approx([100.0, 200.0, 400.0])
    assert np.isnan(axis.at([0.0, -1.0])).all()
    assert axis.at_place(2.0) == pytest.approx(300.0)


def test_years_are_whole_and_few() -> None:
    axis = Axis({"range": [2018.0, 2035.0], "tickformat": "d"}, 0.0, 800.0)
    assert [words for _, words in axis.ticks()] == [str(year) for year in range(2018, 2036, 2)]
    one = Axis({"range": [2026.0, 2027.0], "tickformat": "d"}, 0.0, 800.0)
    assert [words for _, words in one.ticks()] == ["2026", "2027"]


@given(
    st.lists(st.tuples(*[st.floats(-50, 150, allow_nan=False)] * 2), min_size=2, max_size=8),
    st.booleans(),
)
def test_what_is_cut_lies_in_the_box_and_what_lay_there_stays(
    corners: list[tuple[float, float]], is_closed: bool
) -> None:
    outline, box = np.array(corners), (0.0, 0.0, 100.0, 100.0)
    parts = cut(outline, box, is_closed=is_closed)
    for part in parts:
        assert (part >= -1e-9).all()
        assert (part <= 100 + 1e-9).all()
    if ((outline > 0) & (outline < 100)).all():
        assert len(parts) == 1
        assert (parts[0] == outline).all()
    if not is_closed and ((outline > 0) & (outline < 100)).all(axis=1).any():
        assert parts or (np.diff(outline, axis=0) == 0).all()


def test_labels_that_would_lie_on_each_other_are_moved_apart() -> None:
    close = figure()
    for number in range(3):
        close.add_annotation(
            x=5.0, y=5.0, text=f"the label {number}", name="label", showarrow=False,
            xanchor="center", yanchor="bottom", font={"size": 13},
        )  # fmt: skip
    at = [part.y for part in drawn(close, 600).parts if part.role.startswith("annotation")
          and isinstance(part, Words)]  # fmt: skip
    across = [part.x for part in drawn(close, 600).parts if isinstance(part, Words)
              and part.role.startswith("annotation")]  # fmt: skip
    for first in range(3):
        for second in range(first):
            assert abs(at[first] - at[second]) > 10 or abs(across[first] - across[second]) > 60


def test_every_mark_that_charts_use_is_known_and_others_are_told() -> None:
    marks = figure()
    marks.add_scatter(
        x=[1, 2, 3], y=[1, 2, 3], mode="markers",
        marker={"symbol": ["circle", "diamond-open", "line-ns-open"], "color": "#222222"},
    )  # fmt: skip
    parts = [part for part in drawn(marks, 600).parts if part.role == "trace0:mark"]
    assert isinstance(parts[0], Disc)
    assert [part.ink.fill for part in parts if isinstance(part, Shape)] == [None, None]
    marks.data[0]["type"] = "pie"
    with pytest.raises(ValueError, match="pie"):
        drawn(marks, 600)


def test_text_is_as_wide_as_its_letters_and_wraps_between_words() -> None:
    assert text_width("WWW", 10) == pytest.approx(3 * text_width("W", 10))
    assert text_width("compute", 10, is_bold=True) > text_width("compute", 10)
    lines = wrapped("one two three four five six seven", 12, 80)
    assert " ".join(lines) == "one two three four five six seven"
    assert all(text_width(line, 12) <= 80 for line in lines)
    assert wrapped("one two three four five six seven", 12, 80, most=2)[-1].endswith(" …")
    assert "".join(wrapped("x" * 60, 12, 80)) == "x" * 60


def test_the_typeface_has_every_letter_that_a_chart_writes() -> None:
    from PIL import ImageFont

    from dashboard.export.static.fonts import REGULAR

    font = ImageFont.truetype(str(REGULAR), 100)
    missing = bytes(font.getmask("\N{SNOWMAN}"))
    written = {
        letter
        for param in CHARTED
        if SOAK or not param.marks
        for part in drawn(figure_of(*param.values), 600).parts  # type: ignore[arg-type]
        if isinstance(part, Words)
        for letter in part.text
        if not letter.isspace()
    }
    assert written
    assert not {letter for letter in written if bytes(font.getmask(letter)) == missing}


def pixels(png: bytes) -> np.ndarray[Any, Any]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def test_a_drawing_without_parts_is_a_picture_of_its_ground() -> None:
    painted = pixels(png_of(Drawing(20, 10, "#123456"), zoom=2))
    assert painted.shape == (20, 40, 3)
    assert (painted == (0x12, 0x34, 0x56)).all()


def test_a_picture_has_each_shape_where_it_was_drawn_in_its_own_colour() -> None:
    square = np.array([[10.0, 5.0], [20.0, 5.0], [20.0, 15.0], [10.0, 15.0]])
    shape = Shape([square], Ink(fill="#ff0000", opacity=0.5), is_closed=True)
    painted = pixels(png_of(Drawing(40, 30, "#ffffff", [shape]), zoom=2))
    assert (np.abs(painted[12:28, 22:38].astype(int) - (255, 128, 128)) <= 1).all()
    assert (painted[:8] == 255).all()
    assert (painted[:, 44:] == 255).all()


def test_pictures_asked_for_at_once_are_those_made_one_by_one() -> None:
    drawings = [Drawing(60, 30, f"#{shade:02x}8040") for shade in range(0, 256, 16)]
    with ThreadPoolExecutor(8) as threads:
        at_once = list(threads.map(png_of, drawings))
    assert at_once == [png_of(drawing) for drawing in drawings]


def test_a_text_keeps_the_space_that_holds_it_off_its_mark() -> None:
    words = Words(5.0, 5.0, " $2 a  b", 12.0, "#000000")
    text = next(
        ElementTree.fromstring(svg_of(Drawing(60, 20, "#ffffff", [words]))).iter(f"{SVG}text")
    )
    assert text.text == "\N{NO-BREAK SPACE}$2 a  b"


def test_a_text_of_control_characters_is_painted_without_them() -> None:
    plain, wild = (
        png_of(Drawing(60, 20, "#ffffff", [Words(5.0, 15.0, text, 12.0, "#000000")]))
        for text in ("model", "mo\x00d\x1be\x07l")
    )
    assert plain == wild
