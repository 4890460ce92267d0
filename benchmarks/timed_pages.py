"""The pages that are timed, each beside a bare app that draws the very same figure.

A new page: a file in bare/ that draws its default figure beside one slider of the same label, and
an entry here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.servers import Target
from dashboard.charts.plan_split import projection_words as plan_projection_words
from dashboard.charts.rent_or_own import use_words
from dashboard.pages.registry import PAGES as DECLARED
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.formatting import in_dollars, in_words, significant
from forecasting.laws.law_inputs import FLOP_PER_PARAM_AND_TOKEN
from forecasting.text_limits.text_dataset_growth import dataset_sizes
from forecasting.user_runs.own_runs import RunsScenario

PLAIN_CHART = Target(
    "bare chart", "", "", "x", values=tuple(range(2010, 2046)), start=20, bare_app="plain_chart.py"
)


@dataclass(frozen=True)
class TimedPage:
    """A page and its yardsticks: the bare app with the same figure, and the floor."""

    page: Target
    same_figure: Target

    @property
    def targets(self) -> tuple[Target, Target, Target]:
        """Page, bare app with the same figure, bare chart."""
        return self.page, self.same_figure, PLAIN_CHART


def timed(
    path: str,
    slider: str,
    values: Sequence[float],
    start: float,
    words: Callable[[Any], str] = str,
    view: str = "",
    earlier: str = "",
) -> TimedPage:
    """The page at `path`, whose slider with that label takes `values`; its yardstick
    is bare/<path>_figure.py. `view` is the section, where it is not the first, `earlier` what an
    older checkout calls the slider.

    `values` are numbers of a slider, or positions of a select slider; `start` is the one it opens
    with. `words` gives the annotation that a browser waits for.
    """
    page = Target(
        f"{path} page",
        path,
        f"v={DECLARED[path].scenario.VERSION}{view and f'&view={view}'}",
        slider,
        tuple(values),
        values.index(start),
        tuple(map(words, values)),
        earlier=earlier,
    )
    return TimedPage(
        page,
        replace(
            page, name="bare app, same figure", path="", query="", bare_app=f"{path}_figure.py"
        ),
    )


def projection_words(horizon: int) -> str:
    """What the chart of text says of its horizon."""
    last = float(dataset_sizes("paper", bundled()).dates[-1])
    return f"projection, {significant(horizon - last, 2)} years beyond the data"


#: The steps of the slider of the page Scaling laws.
IMAGES = [step * 10.0**decade for decade in range(7, 11) for step in (1, 2, 3, 5)] + [1e11]
#: The steps of the budget on the page Train or infer.
BUDGETS = [step * 10.0**decade for decade in range(5, 12) for step in (1, 2, 3, 5)] + [1e12]
#: The steps of the size of the big run on the page Your runs.
SIZES = sorted(
    {step * 10.0**decade for decade in range(7, 13) for step in (1, 2, 3, 5)} | {7e10, 1e13}
)


#: The steps of the hours in use on the page Supply and contracts.
SHARES = [step / 100.0 for step in range(101)]


def beyond_runs_words(params: float) -> str:
    """What the chart of own runs says of a big run of that size."""
    most_flop = FLOP_PER_PARAM_AND_TOKEN * params * RunsScenario().target_tokens * 2.0
    beyond = math.log10(most_flop / float(chinchilla_runs(bundled()).training_flop.max()))
    return f"projection, {significant(beyond, 2)} orders of magnitude beyond the runs"


PAGES = {
    "cost": timed("cost", "Year of training", range(2010, 2046), 2030),
    "scaling": timed(
        "scaling",
        "Compare at (images seen)",
        range(len(IMAGES)),
        IMAGES.index(3e8),
        lambda at: in_words(IMAGES[at]),
        view="architectures",
    ),
    "plan": timed("plan", "Plan to", range(2026, 2046), 2032, plan_projection_words),
    "inference": timed(
        "inference",
        "Budget for training and answers (USD)",
        range(len(BUDGETS)),
        BUDGETS.index(1e9),
        lambda at: f"budget {in_dollars(BUDGETS[at])}",
    ),
    "text": timed("text", "Look ahead to", range(2030, 2066), 2050, projection_words),
    "runs": timed(
        "runs",
        "Big run: parameters",
        range(len(SIZES)),
        SIZES.index(7e10),
        lambda at: beyond_runs_words(SIZES[at]),
    ),
    "supply": timed("supply", "Hours in use", SHARES, 0.7, use_words),
    "track-record": timed(
        "track-record",
        "Forecast as of 1 January",
        range(2013, 2027),
        2020,
        "1 January {}".format,
        earlier="Stand on 1 January of",
    ),
}
#: The pages that are not timed, and why.
UNTIMED: Mapping[str, str] = {
    "overview": "it has no slider: nothing is computed anew while one is on it",
    "data": "it draws no chart",
}
#: The dashboard, for whoever needs it running.
PRODUCT = PAGES["cost"].page


def chosen(name: str | None) -> dict[str, TimedPage]:
    """The timed page of that name, or all."""
    return PAGES if name is None else {name: PAGES[name]}
