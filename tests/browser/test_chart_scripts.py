"""The functions of the dashboard's scripts, each alone in a blank page of a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from dashboard.charts import style
from dashboard.charts.contrast import legible
from dashboard.export.static.theme import COLOURS
from dashboard.ui.chart_element import SCRIPT

pytestmark = pytest.mark.browser

PAUSE_TIMER = Path(__file__).parents[2] / "dashboard" / "ui" / "pause_timer.js"
TESTED = (
    "Ink",
    "moved",
    "overlap",
    "candidates",
    "placeLabels",
    "move",
    "axesOf",
    "followZoom",
    "configuration",
    "template",
    "plotly",
    "legible",
    "seriesOfLabels",
)

IMPORT = """async (source) => {
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  window.script = await import(address);
}"""

#: A label of 40 × 10 pixels at (x, y) and, like Plotly, what the figure says of it.
LABEL = """
  const label = (x, y, kind = "label", given = {}) => ({
    box: { left: x, right: x + 40, top: y, bottom: y + 10 }, point: [x, y + 5], kind, given,
  });
"""


@pytest.fixture(scope="module")
def charts(browser: Browser) -> Iterator[Page]:
    """A blank page that has imported the chart's script with its inner functions exported; no test
    leaves anything there that another one sees.
    """
    page = browser.new_page()
    page.evaluate(IMPORT, f"{SCRIPT}\nexport {{ {', '.join(TESTED)} }};")
    yield page
    page.close()


def run(page: Page, body: str) -> Any:
    """What the body of a function returns that has the script's functions at hand."""
    return page.evaluate(f"() => {{ const {{ {', '.join(TESTED)} }} = window.script; {body} }}")


def test_every_session_that_waits_is_told_that_the_page_is_live(charts: Page) -> None:
    told = run(
        charts,
        """const told = [];
        const ask = window.fetch;
        window.fetch = async (address) => told.push(address);
        const parentElement = document.createElement("div");
        parentElement.style.cssText = "position: absolute; top: 100000px";
        parentElement.innerHTML = '<div class="chart"></div>';
        document.body.append(parentElement);
        const drawn = (tellLive) =>
          window.script.default({ data: { alt: "", tellLive }, parentElement });
        drawn("/live/first");
        drawn("");
        const leave = drawn("/live/after-another-worker-took-over");
        return new Promise((resolve) => setTimeout(resolve)).then(() => {
          window.fetch = ask;
          parentElement.remove();
          leave();
          return told;
        });""",
    )
    assert told == ["/live/first", "/live/after-another-worker-took-over"]


def test_ink_counts_what_is_drawn_in_a_box(charts: Page) -> None:
    inside, beside, twice = run(
        charts,
        """const ink = new Ink(100, 100);
        ink.dot(50, 50, 0.6); ink.dot(50, 50, 0.4); ink.dot(-5, 300, 1);
        ink.summed();
        const all = { left: 0, right: 100, top: 0, bottom: 100 };
        return [
          ink.within({ left: 45, right: 55, top: 45, bottom: 55 }),
          ink.within({ left: 60, right: 90, top: 60, bottom: 90 }),
          ink.within(all),
        ];""",
    )
    assert inside == twice == pytest.approx(0.6)
    assert beside == 0


def test_the_ink_of_a_line_is_in_every_cell_that_it_crosses(charts: Page) -> None:
    row, below = run(
        charts,
        """const ink = new Ink(99, 99);
        ink.line(0, 50, 99, 50, 1); ink.line(0, NaN, 99, 50, 1); ink.line(0, 0, 1e9, 0, 1);
        ink.summed();
        const row = [];
        for (let left = 0; left < 96; left += 4)
          row.push(ink.within({ left, right: left + 4, top: 48, bottom: 52 }));
        return [row, ink.within({ left: 0, right: 99, top: 60, bottom: 99 })];""",
    )
    assert set(row) == {1}
    assert below == 0


@pytest.mark.parametrize(
    ("dx", "dy", "apart"), [(0, 0, False), (39, 9, False), (44, 0, True), (0, 10, True)]
)
def test_boxes_overlap_with_four_pixels_between_words(
    charts: Page, dx: int, dy: int, apart: bool
) -> None:
    cost = run(
        charts,
        f"{LABEL} const box = label(0, 0).box; return overlap(box, moved(box, [{dx}, {dy}]));",
    )
    assert (cost == 0) is apart


def test_the_worse_two_boxes_overlap_the_more_it_costs(charts: Page) -> None:
    costs = run(
        charts,
        f"""{LABEL} const box = label(0, 0).box;
        return [0, 10, 20, 30, 40, 50].map((dx) => overlap(box, moved(box, [dx, 0])));""",
    )
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 0 < costs[-2]


def test_a_label_may_go_near_its_point_first(charts: Page) -> None:
    places = run(charts, f"{LABEL} return candidates(label(0, 0), {{ w: 500, h: 300 }});")
    distances = [dx * dx + dy * dy for dx, dy in places]
    assert places[0] == [0, 0]
    assert distances == sorted(distances)


@pytest.mark.parametrize(("anchor", "sign"), [("top", 1), ("bottom", -1)])
def test_the_label_of_a_moment_stays_beside_its_vertical_line(
    charts: Page, anchor: str, sign: int
) -> None:
    places = run(
        charts,
        f"""{LABEL} const given = {{ xanchor: "left", yanchor: "{anchor}" }};
        return candidates(label(0, 0, "moment", given), {{ w: 500, h: 300 }});""",
    )
    assert {dx for dx, _ in places} == {0, -44}
    assert all(0 <= sign * dy < 300 - 10 for _, dy in places)


def test_the_label_of_a_level_stays_above_or_below_its_horizontal_line(charts: Page) -> None:
    places = run(charts, f'{LABEL} return candidates(label(0, 0, "level"), {{ w: 500, h: 300 }});')
    assert {dy for _, dy in places} == {0, 12}
    assert all(0 <= dx < 500 - 40 for dx, _ in places)


PLACE = (
    LABEL
    + """
  const size = { l: 20, t: 20, w: 400, h: 200 };
  const place = (labels, fixed = [], ink = new Ink(440, 240)) => {
    placeLabels(labels, fixed, ink.summed(), size, 440);
    return labels.map((each) => moved(each.box, each.at));
  };
"""
)


def test_a_label_with_room_around_it_stays(charts: Page) -> None:
    assert run(charts, f"{PLACE} const one = label(100, 100); place([one]); return one.at;") == [
        0,
        0,
    ]


@pytest.mark.parametrize("count", [2, 5])
def test_labels_of_one_point_end_apart_and_inside_the_plot(charts: Page, count: int) -> None:
    boxes = run(
        charts, f"{PLACE} return place(Array.from({{ length: {count} }}, () => label(30, 30)));"
    )
    for at, box in enumerate(boxes):
        assert 20 <= box["left"] < box["right"] <= 424
        assert 0 <= box["top"] < box["bottom"] <= 220
        for other in boxes[:at]:
            across = min(box["right"], other["right"]) - max(box["left"], other["left"])
            down = min(box["bottom"], other["bottom"]) - max(box["top"], other["top"])
            assert across <= 0 or down <= 0


def test_a_label_gives_way_to_what_may_not_move_and_to_lines(charts: Page) -> None:
    before, fixed, after = run(
        charts,
        f"""{PLACE} const ink = new Ink(440, 240); ink.line(0, 105, 440, 105, 1);
        const one = label(100, 100), fixed = label(100, 112).box;
        const before = ink.summed().within(one.box);
        const [box] = place([one], [fixed], ink);
        return [before, overlap(box, fixed), ink.within(box)];""",
    )
    assert before > 0
    assert fixed == after == 0


def test_a_label_beyond_the_edge_comes_back(charts: Page) -> None:
    (box,) = run(charts, f"{PLACE} return place([label(410, 100)]);")
    assert box["right"] <= 424


MOVE = (
    LABEL
    + """
  const move_by = (at, given) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.innerHTML = '<g class="annotation"><g class="annotation-text-g"></g></g>';
    const element = svg.firstChild, full = { font: { color: "red" }, ...given };
    const written = {};
    move({ ...label(100, 100, "label", full), element, at }, written);
    const transform = element.querySelector(".annotation-text-g").getAttribute("transform");
    return [written, transform.trim(), element.querySelector("path")?.getAttribute("d") ?? null];
  };
"""
)


def test_a_label_moved_a_little_is_shifted_without_a_line(charts: Page) -> None:
    written, transform, line = run(charts, f"{MOVE} return move_by([12, -6], {{ yshift: 4 }});")
    assert written == {"xshift": 12, "yshift": 10}
    assert transform == "translate(12,-6)"
    assert line is None


def test_a_label_moved_far_is_joined_to_its_point(charts: Page) -> None:
    written, _, line = run(charts, f"{MOVE} return move_by([60, 0], {{}});")
    assert line == "M160,105L100,105"
    assert (written["showarrow"], written["ax"], written["ay"]) == (True, 80, 0)


def test_the_arrow_of_a_label_follows_it(charts: Page) -> None:
    written, _, _ = run(
        charts, f"{MOVE} return move_by([60, 6], {{ showarrow: true, ax: 10, ay: -20 }});"
    )
    assert written == {"ax": 70, "ay": -14}


def test_axes_are_told_from_the_rest_of_a_layout(charts: Page) -> None:
    layout = "{ xaxis: {}, yaxis2: {}, xaxis12: {}, axis: {}, width: 1, xaxisy: {}, yaxis: {} }"
    assert run(charts, f"return axesOf({layout});") == ["xaxis", "yaxis2", "xaxis12", "yaxis"]


def test_a_configuration_is_made_anew_only_when_it_changes(charts: Page) -> None:
    same, other, buttons, bar = run(
        charts,
        """const host = document.createElement("div");
        const state = { host, data: { config: '{"modeBarButtons": [["toImage"]]}' } };
        const first = configuration(state, "hover"), again = configuration(state, "hover");
        const narrow = configuration(state, false);
        return [first === again, first === narrow, narrow.modeBarButtons, narrow.displayModeBar];
        """,
    )
    assert (same, other, bar) == (True, False, False)
    assert buttons[0] == ["toImage"]
    assert [each["name"] for each in buttons[1]] == ["fullscreen"]


def test_colours_follow_the_theme_of_the_page(charts: Page) -> None:
    themed, plain = run(
        charts,
        """const host = document.body.appendChild(document.createElement("div"));
        const plain = template(host).layout;
        host.style.setProperty("--st-text-color", " rgb(1, 2, 3) ");
        host.style.setProperty("--st-border-color", "#123456");
        return [template(host).layout, plain];""",
    )
    assert themed["font"]["color"] == themed["hoverlabel"]["font"]["color"] == "rgb(1, 2, 3)"
    assert themed["xaxis"]["gridcolor"] == themed["yaxis"]["linecolor"] == "#123456"
    assert plain["font"]["color"] == "rgb(0, 0, 0)"


def test_a_label_has_the_colour_that_it_has_in_pictures(charts: Page) -> None:
    asked = [
        [colour, ground]
        for colour in (style.BLUE, style.VERMILION, style.GREEN, style.PURPLE, style.GREY)
        for ground in (COLOURS["light"].ground, COLOURS["dark"].ground)
    ]
    given = run(charts, f"return {asked}.map(([colour, ground]) => legible(colour, ground));")
    assert given == [legible(*each) for each in asked]


def test_a_label_switches_what_is_drawn_in_its_colour_where_there_are_others(charts: Page) -> None:
    several, alone = run(
        charts,
        """const label = (color, more) => ({ name: "label", font: { color }, ...more });
        const line = (color) => ({ type: "scatter", mode: "lines", line: { color } });
        const annotations = [
          label("#010203"), label("#0a0b0c"), label("#0a0b0c", { showarrow: true }),
          label("#ffffff"), label(undefined), { name: "moment", font: { color: "#010203" } },
        ];
        const band = { type: "scatter", fillcolor: "rgba(10,11,12,0.16)", line: { width: 0 } };
        const layout = { annotations };
        return [
          seriesOfLabels({ data: [line("#010203"), band], layout }),
          seriesOfLabels({ data: [line("#010203")], layout }),
        ];""",
    )
    assert several == ["1,2,3", "10,11,12", None, None, None, None]
    assert alone == [None] * 6


ZOOM = """
  const handlers = {}, host = { on: (name, handler) => (handlers[name] = handler) };
  const state = { given: { xaxis: { range: [0, 10] }, yaxis: {}, width: 3 }, zoom: {} };
  followZoom(host, state);
  const zoom = (axis, low, high) =>
    handlers.plotly_relayout({ [axis + ".range[0]"]: low, [axis + ".range[1]"]: high });
"""


def test_a_zoom_is_remembered_by_axis_until_the_axis_is_reset(charts: Page) -> None:
    zoomed, reset, cleared = run(
        charts,
        ZOOM
        + """state.zoom.yaxis = [5, 6];
        zoom("xaxis", 2, 3);
        const zoomed = { ...state.zoom };
        zoom("xaxis", 0, 10);
        const reset = { ...state.zoom };
        handlers.plotly_doubleclick();
        return [zoomed, reset, state.zoom];""",
    )
    assert zoomed == {"xaxis": [2, 3], "yaxis": [5, 6]}
    assert reset == {"yaxis": [5, 6]}
    assert cleared == {}


def test_a_library_that_could_not_be_loaded_is_asked_for_again(charts: Page) -> None:
    charts.route("**/missing.js", lambda route: route.abort())
    error, is_shared, is_forgotten = run(
        charts,
        """const missing = "http://localhost/missing.js", first = plotly(missing);
        const isShared = plotly(missing) === first;
        return first.catch((error) =>
          [error.message, isShared, window.computeForecastPlotly === undefined]);""",
    )
    assert error == "the chart library could not be loaded"
    assert is_shared
    assert is_forgotten


TIMER = """([milliseconds, cancel]) => {
  window.told = [];
  const stop = window.script.default({
    data: { state: "v=1&year=2030", milliseconds },
    setTriggerValue: (...told) => window.told.push(told),
  });
  if (cancel) stop();
}"""
APP = """(states) => {
  const app = document.querySelector("[data-test-script-state]") ?? document.createElement("div");
  app.dataset.testConnectionState = states[0];
  app.dataset.testScriptState = states[1];
  app.innerHTML = states[2];
  document.body.append(app);
}"""
ROUGH = '<p class="st-key-rough">From 100 draws; computing all …</p>'
TOLD = ["paused", "v=1&year=2030"]


@pytest.fixture
def timed(page: Page) -> Page:
    """A page with the pause timer, and with a clock that only tests move: on a busy machine 700 ms
    of real time pass between two calls.
    """
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.evaluate(IMPORT, PAUSE_TIMER.read_text(encoding="utf-8"))
    return page


@pytest.mark.parametrize(("cancel", "told"), [(False, [TOLD]), (True, [])])
def test_the_pause_timer_tells_the_server_once_unless_the_page_changes(
    timed: Page, cancel: bool, told: list[list[str]]
) -> None:
    timed.evaluate(APP, ["CONNECTED", "notRunning", ROUGH])
    timed.evaluate(TIMER, [700, cancel])
    timed.clock.run_for(690)
    assert timed.evaluate("window.told") == []
    timed.clock.run_for(3000)
    assert timed.evaluate("window.told") == told


def test_the_pause_timer_interrupts_no_run_that_a_move_has_asked_for(timed: Page) -> None:
    timed.evaluate(APP, ["CONNECTED", "rerunRequested", ROUGH])
    timed.evaluate(TIMER, [700, False])
    timed.clock.run_for(2000)
    assert timed.evaluate("window.told") == []
    timed.evaluate(APP, ["CONNECTED", "notRunning", ROUGH])
    timed.clock.run_for(300)
    assert timed.evaluate("window.told") == [TOLD]


def test_the_pause_timer_tells_again_while_the_numbers_are_rough(timed: Page) -> None:
    timed.evaluate(APP, ["CONNECTED", "notRunning", ROUGH])
    timed.evaluate(TIMER, [700, False])
    timed.clock.run_for(1000)
    # What it told was lost with the connection.
    timed.evaluate(APP, ["PINGING_SERVER", "notRunning", ROUGH])
    timed.clock.run_for(9000)
    assert timed.evaluate("window.told") == [TOLD]
    timed.evaluate(APP, ["CONNECTED", "notRunning", ROUGH])
    timed.clock.run_for(300)
    assert timed.evaluate("window.told") == [TOLD, TOLD]
    timed.evaluate(APP, ["CONNECTED", "notRunning", ""])
    timed.clock.run_for(9000)
    assert timed.evaluate("window.told") == [TOLD, TOLD]
