"""What compute buys once text is limited: after the wall of public text, and for a corpus of one's
own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import pandas as pd
import streamlit as st

from dashboard.charts.builder import ChartBuilder
from dashboard.charts.figure import Figure
from dashboard.charts.limited_text import limited_text_chart
from dashboard.escaping import escape_markdown
from dashboard.pages.text.controls import State, main_controls
from dashboard.ui import layout
from dashboard.ui.controls import Controls
from dashboard.ui.display_bar import display_bar
from forecasting.fitting.law_choice import LawInUse
from forecasting.formatting import in_words, significant
from forecasting.reporting.methods import formulas
from forecasting.stats.bands import Range
from forecasting.stats.range_level import range_heading
from forecasting.text_limits.text_corpus import TextCorpus, text_corpus
from forecasting.text_limits.text_wall import TextWall, text_wall


def wall_figure(state: State, result: TextWall, _pins: Sequence[TextWall] = ()) -> Figure:
    """Loss by compute, with and without enough text."""
    return limited_text_chart(
        result.curves,
        ChartBuilder.of(state.display),
        result.law.law.E,
        bands=result.repeated,
        marks=[(result.curves.wall_flop, "all text needed")],
    )


def show_wall(state: State) -> None:
    """What compute alone still buys once all public text is needed."""
    result = layout.answered(state, text_wall)
    main_controls(state, law=True)
    display_bar(state, result, can_pin=False)
    if result is None:
        return
    chart = wall_figure(state, result)
    layout.chart(state, chart, key="text-wall-chart", alt=result.answer, name="text-after-the-wall")
    st.caption(
        escape_markdown(
            f"{law_words(result.law)} Curves: the median text of {result.year:.0f}; bands: draws of"
            " the text alone."
        )
    )
    layout.numbers(
        lambda: wall_numbers(result),
        key=state.key("numbers-wall"),
        alt="Losses beyond the wall",
        is_open=True,
    )
    with st.expander(
        "Key figures with ranges",
        key=state.key("wall-figures"),
        on_change="rerun",
        icon=":material/straighten:",
    ) as opened:
        if opened.open:
            layout.table(wall_figures(result), alt=f"Key figures with {range_heading()}s")
    layout.method(
        LIMIT_FORMULAS, WALL_NOTES, limit_sources(state, result.law), key=state.key("method-wall")
    )


def corpus_figure(state: State, result: TextCorpus, _pins: Sequence[TextCorpus] = ()) -> Figure:
    """Loss by compute on this corpus."""
    marks = [(result.once_flop.value, "read once"), (state.scenario.corpus_flop, "your run")]
    if result.worthwhile_epochs > 1:
        marks.append((result.worthwhile_flop, f"{result.worthwhile_epochs} epochs"))
    return limited_text_chart(
        result.curves, ChartBuilder(log=state.display.log), result.law.law.E, marks=marks
    )


def show_corpus(state: State) -> None:
    """How large a run a corpus feeds, and how many epochs over it are worthwhile."""
    result = layout.answered(state, text_corpus)
    controls = Controls(state)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        controls.quantity("corpus_tokens", (6, 16))
        controls.quantity("corpus_flop", (17, 30))
        controls.slider("corpus_worth", low=0.05, high=0.95, step=0.05)
        controls.law()
    display_bar(state, result, can_pin=False, has_bands=False)
    if result is None:
        return
    chart = corpus_figure(state, result)
    layout.chart(state, chart, key="text-corpus-chart", alt=result.answer, name="text-my-corpus")
    st.caption(escape_markdown(law_words(result.law)))
    layout.numbers(
        lambda: epoch_numbers(result),
        key=state.key("numbers-corpus"),
        alt="What each epoch teaches",
        is_open=True,
    )
    layout.method(
        LIMIT_FORMULAS,
        CORPUS_NOTES,
        limit_sources(state, result.law),
        key=state.key("method-corpus"),
    )


def law_words(law: LawInUse) -> str:
    """Which law, and where its repetition comes from."""
    return (
        f"Law: {law.title}. How fast repeated text loses value comes from another fit (Muennighoff"
        " et al. 2023)."
    )


def wall_numbers(result: TextWall) -> pd.DataFrame:
    """Losses at multiples of the compute at the wall."""
    table = result.table
    rows = []
    for row in table.to_dict("records"):
        finite = math.isfinite(row["compute_times_wall"])
        rows.append(
            {
                "Compute against the wall": (
                    f"×{row['compute_times_wall']:,.0f}" if finite else "unlimited"
                ),
                "Training FLOP": in_words(row["training_flop"], 2) if finite else "unlimited",
                "Loss, text unlimited": f"{row['loss_unlimited_text_nats_per_token']:.4f}",
                "Loss, repeated": f"{row['loss_repeated_nats_per_token']:.4f}",
                "Loss, read once": f"{row['loss_read_once_nats_per_token']:.4f}",
                "Epochs of the best run": significant(row["epochs_of_best_run"], 2)
                if finite
                else "–",
            }
        )
    return pd.DataFrame(rows)


def wall_figures(result: TextWall) -> pd.DataFrame:
    """Key figures with their ranges."""

    def words(figure: Range, digits: int = 2) -> str:
        return figure.in_brackets(partial(in_words, digits=digits))

    rows = (
        (f"Unique public text of {result.year:.0f} (tokens)", words(result.unique_tokens)),
        (
            "Compute at which a compute-optimal run needs all of it (FLOP)",
            words(result.training_flop),
        ),
        ("Parameters of that run", words(result.params)),
        ("Its loss (nats per token)", words(result.loss, 4)),
        ("Compute alone can lower it by, text repeated", words(result.gain_repeated)),
        ("… read once", words(result.gain_once)),
        ("… with text unlimited", words(result.gain_unlimited)),
    )
    return pd.DataFrame(rows, columns=["Figure", f"Median ({range_heading()})"])


def epoch_numbers(result: TextCorpus) -> pd.DataFrame:
    """What each epoch teaches, in words."""
    table = result.table
    return pd.DataFrame(
        {
            "Epochs": table["epochs"],
            "Tokens read": [in_words(value) for value in table["tokens_read"]],
            "Worth in fresh tokens": [in_words(value) for value in table["worth_in_fresh_tokens"]],
            "The last epoch teaches": [
                f"{share:.0%} of fresh text"
                for share in table["worth_of_last_epoch_share_of_fresh"]
            ],
        }
    )


def limit_sources(state: State, law: LawInUse) -> list[str]:
    """The law's source, Muennighoff's, and the tables."""
    repeated = (
        "Repeated data: Muennighoff et al. 2023, Scaling Data-Constrained Language Models, arXiv"
        " 2305.16264"
    )
    return [
        escape_markdown(f"{law.title}: {law.source}"),
        escape_markdown(repeated),
        *layout.source_lines(state, ("runs_chinchilla",)),
    ]


REPEATED_LOSS, REPEATED_TOKENS = formulas("forecasting.laws.repeated_data_law:RepeatedDataLaw")
LIMIT_FORMULAS = (
    (
        r"C = 6\,N_{\mathrm{opt}}(U)\,U",
        "The compute at which the compute-optimal run needs all of the text U.",
    ),
    (
        REPEATED_TOKENS,
        (
            "What D tokens are worth, of which U are distinct (R* = 15.4); parameters in excess of"
            " the text lose worth likewise (R* = 5.3)."
        ),
    ),
    (REPEATED_LOSS, "Loss in nats per token by the law in use."),
)
WALL_NOTES = (
    "The text counted is public, cleaned, and unique: the curves compare repetition.",
    (
        "Key figures vary the text and, where the law has draws, the law; the bands of the chart"
        " vary the text alone."
    ),
    (
        "A lower loss is not the same as a more useful model: see the pages Scaling laws and Train"
        " or infer."
    ),
    (
        "Figures in the sentence are medians over text and law; the table varies the text alone, so"
        " the two may differ slightly."
    ),
    "Left out: better data and better algorithms, which move the whole curve.",
)
CORPUS_NOTES = (
    (
        "The law was fitted to runs on general web text: on other text its level differs, its"
        " slopes less so. Fit your own law on the page Your runs."
    ),
    (
        "Worthwhile epochs: up to the last one that teaches at least the chosen share of what as"
        " much fresh text would."
    ),
    (
        "Left out: mixing the corpus with public text, and over-fitting beyond what Muennighoff et"
        " al. measured (up to 1,500 epochs)."
    ),
)
