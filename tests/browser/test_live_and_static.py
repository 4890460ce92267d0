"""The live chart and its picture are the same chart: every trace, band, mark, label, shape and tick
that Plotly's script draws in a browser stands in the picture, and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboard.charts.style import toolbar
from dashboard.export.static.chart import drawn
from dashboard.export.static.drawing import Drawing, Words
from dashboard.export.static.fonts import rich_lines
from dashboard.pages.declaration import Page as DeclaredPage
from dashboard.pages.declaration import Section
from dashboard.ui.chart_element import LIBRARY, SCRIPT
from tests.dashboard.section_figures import CHARTED, figure_of

pytestmark = pytest.mark.browser

WIDTH = 900
#: Lines, bands and marks; bars; cells; error bars. The others are for the soak.
QUICK = ("cost-model", "plan-cluster", "scaling-surface", "inference-scores")
START = """async ([source, library]) => {
  document.body.innerHTML = `<div style="width: 900px"><div class="chart"></div></div>`;
  document.body.style.setProperty("--st-background-color", "#ffffff");
  document.body.style.setProperty("--st-text-color", "#1c2733");
  const script = document.createElement("script");
  script.textContent = library;
  document.head.append(script);
  window.computeForecastPlotly = Promise.resolve(window.Plotly);
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  window.show = (await import(address)).default;
}"""
DRAW = """async ([figure, config, height]) => {
  const frame = document.querySelector("div");
  frame.innerHTML = `<div class="chart"></div>`;
  window.show({
    data: { figure, config, height, alt: "", address: "" }, parentElement: frame,
  });
  const host = frame.firstChild;
  while (!host.dataset.drawn) await new Promise((done) => setTimeout(done, 20));
  const count = (selector) => host.querySelectorAll(selector).length;
  const texts = (selector) => [...host.querySelectorAll(selector)].map((each) => {
    const lines = [...each.querySelectorAll("tspan.line")].map((line) => line.textContent);
    return lines.length ? lines : [each.textContent];
  }).flat().filter((text) => text.trim());
  const drawn = (selector) => [...host.querySelectorAll(selector)]
    .filter((each) => each.getAttribute("d") && each.getAttribute("d") !== "M0,0Z");
  // A line with gaps is one path for each stretch.
  const lines = drawn(".scatterlayer .js-line")
    .filter((each) => getComputedStyle(each).strokeWidth !== "0px")
    .map((each) => each.closest(".trace"));
  return {
    lines: new Set(lines).size,
    areas: drawn(".scatterlayer .js-fill").length,
    marks: count(".scatterlayer .point"),
    words: texts(".scatterlayer .textpoint text"),
    bars: drawn(".barlayer .point path").length,
    cells: count(".heatmaplayer image"),
    whiskers: count(".errorbar"),
    shapes: count(".shapelayer path"),
    labels: texts(".infolayer .annotation-text"),
    titles: texts(".infolayer :is(.g-xtitle, .g-ytitle, .g-y2title) text"),
    ticks: texts(":is(.xaxislayer-above, .yaxislayer-above) text"),
  };
}"""


@pytest.fixture(scope="module")
def blank(browser: Browser) -> Iterator[Page]:
    """A page that has the chart's script and the library, and nothing else."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.evaluate(START, [SCRIPT, LIBRARY.read_text(encoding="utf-8")])
    yield page
    page.close()


def words_of(drawing: Drawing, start: str, end: str = "") -> Counter[str]:
    return plain(
        [
            part.text
            for part in drawing.parts
            if isinstance(part, Words) and part.role.startswith(start) and part.role.endswith(end)
        ]
    )


def plain(texts: Sequence[str]) -> Counter[str]:
    """With plain spaces, and without lines that are empty."""
    return Counter(words for text in texts if (words := " ".join(text.split())))


@pytest.mark.parametrize(
    ("page", "section"),
    [
        pytest.param(*each.values, id=each.id, marks=[] if each.id in QUICK else [pytest.mark.soak])
        for each in CHARTED
    ],
)
def test_the_picture_has_what_the_live_chart_draws(
    page: DeclaredPage, section: Section, blank: Page
) -> None:
    figure = figure_of(page, section)
    live: dict[str, Any] = blank.evaluate(
        DRAW,
        [figure.to_json(), json.dumps(toolbar("chart", "svg")), figure.layout["height"]],
    )
    picture = drawn(figure, WIDTH)
    roles = Counter(
        part.role.partition(":")[2] for part in picture.parts if part.role[:5] == "trace"
    )
    assert {
        name: live[name] for name in ("lines", "areas", "marks", "bars", "cells", "shapes")
    } == {
        "lines": roles["line"],
        "areas": roles["area"],
        "marks": roles["mark"],
        "bars": roles["bar"],
        "cells": roles[""],
        "shapes": sum(part.role.startswith("shape") for part in picture.parts),
    }
    assert plain(live["words"]) == words_of(picture, "trace", ":text")
    assert plain(live["labels"]) == words_of(picture, "annotation")
    assert plain(live["titles"]) == words_of(picture, "title:")
    named = {
        line
        for name, axis in figure.layout.items()
        if name[1:5] == "axis" and "ticktext" in axis
        for text in axis["ticktext"]
        for line, _ in rich_lines(text)
    }
    if named:
        # Which of the ticks have room is each drawer's own choice.
        assert set(words_of(picture, "tick:")) & named
        assert set(plain(live["ticks"])) & named
