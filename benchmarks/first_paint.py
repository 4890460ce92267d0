"""What a reader waits for who opens a link for the first time, by the browser's own tools: each
page against a bare Streamlit app with one Plotly chart in the same run.
`python -m benchmarks first_paint`, `first_paint:cost` for one page.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, Page, TimeoutError, sync_playwright

from benchmarks.browser_speed import chromium
from benchmarks.servers import Server, Target, served
from benchmarks.timed_pages import PRODUCT
from dashboard.pages.registry import PAGES

LOADS = 3
PATIENT_MS = 120_000.0
#: How long a chart may take once its page is live.
CHART_MS = 5_000.0
#: How often the page is asked whether it stands.
LOOK_MS = 100.0
#: After the page stands, for what still shifts.
AFTER_MS = 1_500.0
#: Sections without a chart in their default state.
CHARTLESS = frozenset(
    page.name for page in PAGES.values() if not page.section(page.scenario(), page.display()).figure
)

#: Notes the first frame in which each thing is seen, and what the browser itself observes.
WATCH = """
window.seen = {}; window.shifts = 0; window.longTasks = 0;
const observe = (type, each) => new PerformanceObserver((list) => list.getEntries().forEach(each))
  .observe({ type, buffered: true });
observe("layout-shift", (entry) => { if (!entry.hadRecentInput) window.shifts += entry.value; });
observe("paint", (entry) => { window.seen[entry.name] = entry.startTime; });
observe("largest-contentful-paint", (entry) => { window.seen.lcp = entry.startTime; });
observe("longtask", (entry) => { window.longTasks += entry.duration; });
const WANTED = {
  answer: () => document.querySelector("#first-paint .answer:not(:empty)"),
  picture: () => document.querySelector("#first-paint figure svg"),
  live: () => !document.getElementById("first-paint") &&
    document.querySelector('[data-testid="stMain"] :is(h1, [data-testid="stSlider"])'),
  drawn: () => document.querySelector(".js-plotly-plot .main-svg .xy"),
};
const look = () => {
  for (const [name, found] of Object.entries(WANTED)) {
    if (window.seen[name] !== undefined || !found()) continue;
    window.seen[name] = null;
    // The frame that is being made is painted when the task after it runs.
    requestAnimationFrame(() => setTimeout(() => { window.seen[name] = performance.now(); }));
  }
};
new MutationObserver(look).observe(document, { childList: true, subtree: true });
"""


@dataclass(frozen=True)
class Profile:
    """A machine and its network: processor so many times slower, latency, bits a second."""

    name: str
    viewport: tuple[int, int]
    slower: float
    latency_ms: float = 0.0
    bits_per_s: float = 0.0
    budgets: Mapping[str, float] = field(default_factory=dict)


PROFILES = (
    Profile(
        "desktop",
        (1280, 800),
        1.0,
        budgets={"answer": 500, "picture": 800, "live": 2000, "kib": 1638, "shifts": 0.05},
    ),
    Profile(
        "phone (4x slower, 1.6 Mbit/s, 150 ms)",
        (400, 800),
        4.0,
        150.0,
        1.6e6,
        budgets={"answer": 1000, "picture": 1500, "live": 6000, "kib": 1638, "shifts": 0.05},
    ),
)
COLUMNS = ("answer", "picture", "live", "drawn", "kib", "requests", "shifts")


class PlainApp(Target):
    """A script that Streamlit serves as it comes."""

    @property
    def script(self) -> str:
        return f"benchmarks/bare/{self.bare_app}"


BARE = PlainApp("bare Streamlit app", "", "", "x", values=(), bare_app="plain_chart.py")


def run(name: str | None = None) -> None:
    """Print for both machines what each page takes."""
    names = [name] if name else list(PAGES)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(
        f"first paint: medians of {LOADS} loads with an empty cache, in ms after the address is"
        f" entered; load of the machine {load:.1f} on {os.cpu_count()} processors"
    )
    with (
        sync_playwright() as playwright,
        served(PRODUCT) as product,
        served(BARE) as bare,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        warm(browser, product, names)
        for profile in PROFILES:
            print(f" {profile.name}: {', '.join(COLUMNS)}; answer needs no script")
            base = measured(browser, bare, "", profile, has_chart=True, chart_ms=PATIENT_MS)
            show("bare Streamlit app", base, {}, base)
            for each in names:
                page = measured(
                    browser, product, PAGES[each].path, profile, has_chart=each not in CHARTLESS
                )
                show(each, page, profile.budgets, base)
        browser.close()


def warm(browser: Browser, server: Server, names: Sequence[str]) -> None:
    """Open each page once: the server is warm, the browser's cache is not."""
    for name in names:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/{PAGES[name].path}")
        page.wait_for_function("() => !document.getElementById('first-paint')", timeout=PATIENT_MS)
        context.close()


def measured(
    browser: Browser,
    server: Server,
    path: str,
    profile: Profile,
    *,
    has_chart: bool,
    chart_ms: float | None = None,
) -> dict[str, float]:
    """The median of each figure; `chart_ms` is how long the chart may take once the page lives."""
    wait_ms = CHART_MS * profile.slower if chart_ms is None else chart_ms
    if not has_chart:
        wait_ms = 0.0
    loads = [_load(browser, server, path, profile, wait_ms) for _ in range(LOADS)]
    return {
        name: statistics.median(each[name] for each in loads)
        for name in loads[0]
        if all(name in each for each in loads)
    }


def _load(
    browser: Browser, server: Server, path: str, profile: Profile, wait_ms: float
) -> dict[str, float]:
    width, height = profile.viewport
    context = browser.new_context(viewport={"width": width, "height": height})
    page = context.new_page()
    page.add_init_script(WATCH)
    counts = _slowed(page, profile)
    page.goto(f"http://127.0.0.1:{server.port}/{path}", wait_until="commit", timeout=PATIENT_MS)
    _wait_until_seen(page, "live", PATIENT_MS)
    if wait_ms:
        # One below the first screen is drawn only when the reader comes near.
        with suppress(TimeoutError):
            _wait_until_seen(page, "drawn", wait_ms)
    page.wait_for_timeout(AFTER_MS)
    seen = page.evaluate("window.seen")
    found = {name: float(value) for name, value in seen.items() if value is not None}
    found |= {
        "shifts": float(page.evaluate("window.shifts")),
        "long tasks": float(page.evaluate("window.longTasks")),
        "kib": counts["bytes"] / 1024,
        "requests": float(counts["requests"]),
    }
    context.close()
    return found


def _wait_until_seen(page: Page, what: str, patient_ms: float) -> None:
    # Asked at each frame, as by default, it would take a tenth of the processor that it measures.
    page.wait_for_function(
        f"() => Number.isFinite(window.seen.{what})", timeout=patient_ms, polling=LOOK_MS
    )


def _slowed(page: Page, profile: Profile) -> dict[str, int]:
    """Slow the page down as the profile says; counts the bytes and requests that it will take."""
    counts = {"bytes": 0, "requests": 0}
    tools = page.context.new_cdp_session(page)
    tools.send("Network.enable")

    def ended(event: dict[str, Any]) -> None:
        counts["bytes"] += int(event["encodedDataLength"])
        counts["requests"] += 1

    def received(event: dict[str, Any]) -> None:
        # Frames of the page's own messages, which are binary, come as base64.
        counts["bytes"] += len(event["response"]["payloadData"]) * 3 // 4

    tools.on("Network.loadingFinished", ended)
    tools.on("Network.webSocketFrameReceived", received)
    if profile.bits_per_s:
        tools.send(
            "Network.emulateNetworkConditions",
            {
                "offline": False,
                "latency": profile.latency_ms,
                "downloadThroughput": profile.bits_per_s / 8,
                "uploadThroughput": profile.bits_per_s / 8,
            },
        )
    if profile.slower > 1:
        tools.send("Emulation.setCPUThrottlingRate", {"rate": profile.slower})
    return counts


def show(
    name: str, found: Mapping[str, float], budgets: Mapping[str, float], base: Mapping[str, float]
) -> None:
    """One line: each figure, with a mark where it is over its budget, and the ratio to the bare
    app.
    """
    words = []
    for column in COLUMNS:
        value = found.get(column)
        over = value is not None and column in budgets and value > budgets[column]
        digits = ".3f" if column == "shifts" else ".0f"
        text = "-" if value is None else f"{value:{digits}}{'!' if over else ''}"
        words.append(f"{column} {text:>7s}")
    ratio = found["live"] / base["drawn"]
    print(f"  {name:20s} {'  '.join(words)}  | live / bare drawn {ratio:.2f}", flush=True)
