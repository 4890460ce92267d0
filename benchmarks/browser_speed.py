"""From key press to drawn chart in headless Chromium, and the long tasks that block the browser
meanwhile: each timed page against bare apps in the same run.
"""

from __future__ import annotations

import shutil

from playwright.sync_api import Page, sync_playwright

from benchmarks.servers import Target, percentile, served
from benchmarks.timed_pages import chosen

MOVES = 35
#: How many steps up before the slider turns.
TURN = 15
QUIET = ("background-networking", "component-update", "sync", "quic", "gpu")
#: Starts at the key press, stops at the frame in which the chart carries the wanted year.
STOPWATCH = """want => new Promise(done => {
  let start = null;
  addEventListener('keydown', () => { start ??= performance.now(); }, {capture: true, once: true});
  const look = () => {
    const labels = [...document.querySelectorAll('.js-plotly-plot .annotation-text')];
    const drawn = labels.some(e => e.textContent === want);
    if (start !== null && drawn) return done(performance.now() - start);
    requestAnimationFrame(look);
  };
  look(); })"""
#: Notes what keeps the browser from answering its user, by the browser's own measure (over 50 ms).
LONG_TASKS = """() => { window.__long = [];
  new PerformanceObserver(list => list.getEntries().forEach(each => __long.push(each.duration)))
    .observe({type: 'longtask'}); }"""


def run(name: str | None = None) -> None:
    print("browser: medians over", MOVES, "moves of a slider, key press to drawn chart")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", *(f"--disable-{f}" for f in QUIET)]
        )
        for timed in chosen(name).values():
            rows, tasks = {}, {}
            for target in timed.targets:
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                rows[target.name], tasks[target.name] = _times(context.new_page(), target)
                context.close()
            base = percentile(rows[timed.same_figure.name], 0.5)
            for label, times in rows.items():
                p50, p95 = percentile(times, 0.5), percentile(times, 0.95)
                print(
                    f"  {label:24s} p50_ms {p50:.0f}  p95_ms {p95:.0f}  | p50 ratio"
                    f" {p50 / base:.2f}  | long tasks {len(tasks[label])}, longest"
                    f" {max(tasks[label], default=0):.0f} ms",
                    flush=True,
                )
        browser.close()


def chromium() -> str | None:
    """The browser of the machine; None where there is none but Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


def _times(page: Page, target: Target) -> tuple[list[float], list[float]]:
    """The milliseconds of each move, and of each long task while they were made."""
    with served(target) as server:
        page.goto(f"http://127.0.0.1:{server.port}/{target.path}?{target.query}")
        page.locator(".js-plotly-plot .annotation-text").first.wait_for(timeout=60_000)
        page.wait_for_timeout(4_000)
        slider = (
            page.get_by_test_id("stSlider")
            .filter(has_text=target.slider)
            .get_by_role("slider")
            .first
        )
        slider.focus()
        page.evaluate(LONG_TASKS)
        words = target.words or tuple(map(str, target.values))
        # Up from where the slider starts and back again, so that every press changes the value.
        low, top = target.start, min(target.start + TURN, len(words) - 1)
        at, step, times = low, 1, []
        for move in range(MOVES):
            step = 1 if at == low else -1 if at == top else step
            at += step
            page.evaluate(
                f"want => {{ window.__timed = ({STOPWATCH})(want); return 0; }}", words[at]
            )
            page.keyboard.press("ArrowRight" if step > 0 else "ArrowLeft")
            took = page.evaluate("() => window.__timed")
            if move >= 5:
                times.append(float(took))
            page.wait_for_timeout(400)
        return times, page.evaluate("() => window.__long")
