"""When text runs out: stock against demand by year, the probability by date, definitions, presets
and published dates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.text_chance import text_chance_chart
from dashboard.charts.text_exhaustion import text_exhaustion_chart
from dashboard.escaping import escape_markdown
from dashboard.forecasts import forecast
from dashboard.pages.text.controls import DEMAND_NAMES, PRESET_NAMES, State, main_controls
from dashboard.state.pins import pinned_results
from dashboard.ui import layout
from dashboard.ui.display_bar import display_bar, pinned
from forecasting.formatting import in_words, significant
from forecasting.stats.bands import Range
from forecasting.stats.range_level import level_in_words, range_heading
from forecasting.stats.year_ranges import when_in_words
from forecasting.text_limits.text_dataset_growth import SOURCES
from forecasting.text_limits.text_exhaustion import FIRST_YEAR, TextExhaustion, text_exhaustion
from forecasting.text_limits.text_inputs import BASE_YEAR, SUPPLIES
from forecasting.text_limits.text_published_dates import PUBLISHED_DATES, THE_PAPER
from forecasting.text_limits.text_scenario import PRESETS, preset, preset_of

Drawn = Callable[[State, TextExhaustion, Sequence[TextExhaustion]], Figure]


def date_figure(
    state: State, result: TextExhaustion, pins: Sequence[TextExhaustion] = ()
) -> Figure:
    """Stock and demand by year."""
    return text_exhaustion_chart(result, ChartBuilder.of(state.display, pins))


def show_date(state: State) -> None:
    """Stock and demand on one chart."""
    _show(state, "text-date", date_figure, date_note, has_bands=True)


def chance_figure(
    state: State, result: TextExhaustion, pins: Sequence[TextExhaustion] = ()
) -> Figure:
    """The probability by date."""
    return text_chance_chart(result, ChartBuilder.of(state.display, pins))


def show_chance(state: State) -> None:
    """The probability by date."""
    _show(state, "text-chance", chance_figure, chance_note, has_bands=False)


def _show(
    state: State, name: str, drawn: Drawn, note: Callable[[TextExhaustion], str], *, has_bands: bool
) -> None:
    result = layout.answered(state, text_exhaustion)
    main_controls(state)
    pins = pinned_results(state, text_exhaustion)
    display_bar(state, result, has_bands=has_bands, has_log=has_bands)
    pinned(state, [scenario_name(pin) for pin in pins])
    if result is None:
        return
    chart = drawn(state, result, pins)
    layout.chart(state, chart, key=f"{name}-chart", alt=result.answer, name=name)
    st.caption(escape_markdown(note(result)))
    layout.coverage(state, "ols", "trend")
    if pins:
        layout.table(difference_table(result, pins), alt="Pinned scenarios beside the current one")
    st.markdown(definitions_table(result))
    layout.numbers(
        lambda: year_numbers(result),
        key=state.key("numbers-date"),
        alt=f"Stock, demand and probability by year, {range_heading()}s",
    )
    with st.expander(
        "Published dates and ours",
        key=state.key("published"),
        on_change="rerun",
        icon=":material/event:",
    ) as opened:
        if opened.open:
            layout.table(published_table(result), alt="Published dates beside ours")
            st.caption(
                "Each defines text differently, so the dates contradict each other less than they"
                " seem to."
            )
    with st.expander(
        "Presets side by side",
        key=state.key("presets"),
        on_change="rerun",
        icon=":material/compare:",
    ) as opened:
        if opened.open:
            layout.table(presets_table(state), alt="The presets and their dates")
    layout.method(
        DATE_FORMULAS,
        date_notes(result),
        layout.source_lines(state, DATE_TABLES),
        key=state.key("method-date"),
    )


def scenario_name(result: TextExhaustion) -> str:
    """A preset's name, or the demand and date."""
    name = preset_of(result.scenario)
    return (
        PRESET_NAMES[name]
        if name
        else f"{DEMAND_NAMES[result.scenario.demand].lower()}, {result.when.split(' (')[0]}"
    )


def date_note(result: TextExhaustion) -> str:
    """What the lines, bands and marks are."""
    growth = result.growth.oom_per_year
    low, high = (10.0**end for end in growth.interval(0.95))
    own = result.scenario.growth_from == "own"
    source = SOURCES["ai_models" if result.scenario.growth_from == "ai_models" else "paper"]
    fit = (
        "Growth of datasets: your own range."
        if own
        else (
            "Growth of datasets is not used: demand follows the compute forecast."
            if result.scenario.demand == "compute"
            else (
                f"Growth of datasets: by a factor of {significant(10**growth.value, 3)} per year"
                f" (95% range {significant(low, 3)} to {significant(high, 3)}), fitted to"
                f" {result.growth.fitted.dates.size} of {source}."
            )
        )
    )
    newer = result.disclosed.dates > result.growth.sizes.dates[-1]
    words = "" if result.scenario.growth_from == "ai_models" else " (at 0.75 words per token)"
    words += "; diamonds: those disclosed since" if newer.any() else ""
    return (
        "Bands are over draws of every factor. Points: training sets above a billion"
        f" tokens{words}. {fit} Ring and bar: the date at which half of the draws have demand above"
        f" stock, and its {range_heading()}; it need not lie where the two medians cross. Above the"
        " stock, the dashed demand is what runs would need, not what they could get."
    )


def chance_note(result: TextExhaustion) -> str:
    """What the curves are."""
    later = result.later_share
    never = "Every draw gets there" if later == 0 else f"{later:.1%} of draws do not get there"
    return (
        f"The curve is the share of draws in which demand has met the stock. {never} by"
        f" {result.scenario.horizon_year}. Diamond: the paper's own median and 80% range, published"
        " in June 2024. Our run of its inputs (preset Epoch AI 2024) is later, since its compute"
        " paths are not public and its code rounds dates down to quarters."
    )


def definitions_table(result: TextExhaustion) -> str:
    """What is meant by text, how much there is, and when it is used up, as a Markdown table."""
    s = result.scenario
    lines = [
        f"| What counts as text | Tokens in {BASE_YEAR:.0f} ({range_heading()}) | Used up |",
        "|---|---|---|",
    ]
    added = any(getattr(s, name).high > 0 for name in SUPPLIES)
    for at, each in enumerate(result.definitions):
        what = f"{each.meaning}{', with what you added' if added and at < 2 else ''}"
        cells = [
            *map(escape_markdown, (what, amount(each.tokens), years(each.dates, s.horizon_year)))
        ]
        cells[0] = f"**{cells[0]}**" if at == 1 else cells[0]
        lines.append(f"| {' | '.join(cells)} |")
    left_out = (
        "Not counted unless you add them: private text, images and sound, text written by models."
    )
    return "\n".join(lines) + f"\n\n{left_out}"


def amount(figure: Range) -> str:
    """Tokens with their range."""
    return figure.in_brackets(partial(in_words, digits=2))


def years(figure: Range, horizon: int) -> str:
    """A date with its range."""
    return when_in_words(figure, FIRST_YEAR, horizon)


def year_numbers(result: TextExhaustion) -> pd.DataFrame:
    """Stock, demand and probability by year in words, with their ranges."""
    stock_low, stock_high = result.stock.interval(level_in_words())
    demand_low, demand_high = result.demand.interval(level_in_words())
    chance = result.dates.share_by(result.stock.x)
    shown = np.flatnonzero(result.stock.x >= BASE_YEAR - 2)
    return pd.DataFrame(
        {
            "Start of": [str(int(result.stock.x[at])) for at in shown],
            "Public text (tokens)": [in_words(result.stock.median[at], 2) for at in shown],
            f"{range_heading()}, text": [
                f"{in_words(stock_low[at], 2)} to {in_words(stock_high[at], 2)}" for at in shown
            ],
            "Largest run needs (tokens)": [in_words(result.demand.median[at], 2) for at in shown],
            f"{range_heading()}, run": [
                f"{in_words(demand_low[at], 2)} to {in_words(demand_high[at], 2)}" for at in shown
            ],
            "Probability used up by then": [f"{chance[at]:.1%}" for at in shown],
        }
    )


def published_table(result: TextExhaustion) -> pd.DataFrame:
    """What others have said, and what this scenario says, by definition."""
    horizon = result.scenario.horizon_year
    ours = [
        {
            "Who": "This scenario",
            "Said": "now",
            "When": years(each.dates, horizon),
            "Kind of text": each.meaning,
            "Source": "this page",
        }
        for each in result.definitions
    ]
    theirs = [
        {
            "Who": each.who,
            "Said": each.said,
            "When": each.words,
            "Kind of text": each.means,
            "Source": each.source,
        }
        for each in PUBLISHED_DATES
    ]
    return pd.DataFrame([*ours, *theirs])


def presets_table(state: State) -> pd.DataFrame:
    """Each preset with its date and what it changes."""
    rows = []
    for name, (why, _) in PRESETS.items():
        result = forecast(text_exhaustion, preset(name, state.scenario), state.context)
        rows.append(
            {
                "Preset": PRESET_NAMES[name],
                "Used up": years(result.dates.range(), result.scenario.horizon_year),
                "Published": THE_PAPER.words if name == "epoch_2024" else "–",
                "Tokens in 2024": amount(result.definitions[1].tokens),
                "What it is": why,
            }
        )
    return pd.DataFrame(rows)


def difference_table(result: TextExhaustion, pins: list[TextExhaustion]) -> pd.DataFrame:
    """The current scenario and its pins, with the difference in years."""
    rows = []
    for name, each in [
        ("Current", result),
        *((f"Pin {number}", pin) for number, pin in enumerate(pins, start=1)),
    ]:
        apart = (
            each.median_year - result.median_year
            if np.isfinite([each.median_year, result.median_year]).all()
            else np.nan
        )
        rows.append(
            {
                "Scenario": name,
                "What": scenario_name(each),
                "Used up": years(each.dates.range(), each.scenario.horizon_year),
                "Against current": "–" if np.isnan(apart) else f"{apart:+.1f} years",
                "Text in 2024 (tokens)": in_words(each.definitions[1].tokens.value, 2),
            }
        )
    return pd.DataFrame(rows)


DATE_TABLES = (
    "text_dataset_sizes",
    "text_sizes_2023_2026",
    "ai_models",
    "world_population",
    "article_claims",
)
DATE_FORMULAS = (
    (
        r"S(t) = \mathrm{pages}\cdot\frac{\mathrm{bytes\ a\ page}}{\mathrm{bytes\ a\ token}}\cdot"
        r" \mathrm{quality}\cdot \mathrm{repetition}"
        r"\cdot(1+\mathrm{added})\cdot g_S^{\,t-2024}",
        (
            "Stock of text: every factor a range, drawn 10,000 times. Growth is that of a page's"
            " text times that of the number of pages."
        ),
    ),
    (
        (
            r"D_{\mathrm{history}}(t) = D_{2024}\cdot g^{\,t-2024}\qquad D_{\mathrm{compute}}(t) ="
            r" 20\sqrt{C(t)/120}"
        ),
        (
            "Demand of the largest run: training sets growing as they have, or the compute-optimal"
            " text of the compute forecast."
        ),
    ),
    (
        r"P(t) = \Pr[D(t) \ge S(t)]",
        (
            "The date is where P is one half. The mixture takes either demand with its weight, so"
            " that it lies between them."
        ),
    ),
)


def date_notes(result: TextExhaustion) -> list[str]:
    """Assumptions, and what the model leaves out."""
    return [
        (
            "Model and ranges: Villalobos et al. 2024 (arXiv 2211.04325v2) and its published code;"
            " each factor's source is next to it."
        ),
        (
            "The paper says 2028, 80% 2026 to 2032. Our run of the model on its ranges (preset"
            " Epoch AI 2024) gives 2029.8, 2027.7 to 2035.7. Its code rounds down to quarter years,"
            " and its compute paths are not public, so ours are drawn from the median and 90% range"
            " it cites."
        ),
        (
            f"Draws that do not cross by {result.scenario.horizon_year} count as later, tied at the"
            " end."
        ),
        (
            "Over-training by k: k times the tokens per parameter at the same compute needs √k"
            " times the text. Some authors mean k times the text."
        ),
        (
            "Resampling whole years instead of models widens the growth of datasets (0.12 to 0.65"
            " OOM per year) and the range of dates: see “Uncertainty of the growth”."
        ),
        (
            "The source article's 2025 to 2028 is compared, not used: its input is that about 20%"
            " of the web is usable."
        ),
        (
            "Left out: text behind paywalls and logins unless added, data licensing deals, gains in"
            " data efficiency, and demand that falls as text becomes expensive. Epochs by the law"
            " use Muennighoff's constants, which come from another fit."
        ),
    ]
