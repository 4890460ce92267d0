"""The inputs of stock and demand, as the forecasts of text share them: every factor a range that
can be changed.

The model is that of Villalobos et al. 2024, Will we run out of data?, arXiv 2211.04325 v2
(2024-06-04), called “the paper” here; figures that its text rounds are those of its published code
(github.com/epoch-research/data-stock, read November 2026). Distributions are ranges: LN(a, b; w%)
of METHODS is Distribution(a, b, w / 100).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import model_validator

from forecasting.errors import InputError
from forecasting.fitting.law_choice import LawInputs
from forecasting.scenario import SeededInputs, quantity
from forecasting.stats.distribution import Distribution, RangeBounds

#: Stock and anchored demand are given for the start of this year.
BASE_YEAR = 2024.0
#: Supplies on top of public text, as multiples of it; 0 leaves one out.
SUPPLIES = ("multimodal", "private", "synthetic")
NONE = Distribution.fixed(0.0)


class TextStockInputs(LawInputs, SeededInputs):
    """The stock of public text; the law says what repeating it is worth, where that is chosen."""

    pages: Annotated[Distribution, RangeBounds(1.0, 1e18)] = quantity(
        Distribution(75e9, 1e12, 0.95),
        unit="pages",
        label="Indexed web pages in 2024",
        why=(
            "The paper: 75 billion unique pages in Common Crawl at least, 1 trillion at most (95%);"
            " Google's index about 111 billion by worldwidewebsize.com."
        ),
    )
    bytes_per_page: Annotated[Distribution, RangeBounds(1.0, 1e9)] = quantity(
        Distribution(6100.0, 8200.0, 0.95),
        unit="bytes",
        label="Bytes of text per page",
        why="The paper, from Common Crawl (95%).",
    )
    bytes_below_six: Annotated[
        Distribution,
        RangeBounds(0.0, 6.0, above=True, below=True, because="A token has more than 0 bytes."),
    ] = quantity(
        Distribution(1.0, 4.0, 0.95),
        unit="bytes",
        label="Bytes per token: six minus",
        why=(
            "A token has six bytes minus this number: about four. The paper: 6 minus a lognormal"
            " range of 1 to 4 (95%), over tokenizers and kinds of text."
        ),
    )
    quality: Annotated[
        Distribution, RangeBounds(0.0, 1.0, above=True, because="A share is at most 100%.")
    ] = quantity(
        Distribution(0.1, 0.4, 0.95),
        unit="1",
        label="Share of text good enough to train on",
        why=(
            "The paper (95%); RefinedWeb keeps about a quarter of English web text (Penedo et al."
            " 2023)."
        ),
    )
    repetition: Annotated[Distribution, RangeBounds(0.001, 1e4)] = quantity(
        Distribution(2.0, 5.0, 0.95),
        unit="×",
        label="What repeating adds: stock times",
        why="The paper (95%), from Muennighoff et al. 2023, table 1.",
    )
    repetition_by: Literal["paper", "law"] = quantity(
        "paper",
        unit="name",
        label="Repeated text is worth",
        why=(
            "Paper: a factor with its range. Law: what that many epochs teach by the repeated-data"
            " law of Muennighoff et al. 2023."
        ),
    )
    epochs: Annotated[
        Distribution, RangeBounds(1.0, 1e6, because="1 epoch means no repetition.")
    ] = quantity(
        Distribution.fixed(4.0),
        unit="epochs",
        label="Epochs over all text",
        why="Muennighoff et al. 2023: up to 4 epochs are nearly as good as fresh text.",
    )
    page_growth: Annotated[Distribution, RangeBounds(0.1, 10.0)] = quantity(
        Distribution(1.02, 1.04, 0.95),
        unit="×/year",
        label="Growth of a page's text",
        why="The paper, from Common Crawl 2013–2021 (95%).",
    )
    page_count_growth: Annotated[Distribution, RangeBounds(0.1, 10.0)] = quantity(
        Distribution(1.0, 1.1, 0.95),
        unit="×/year",
        label="Growth of the number of pages",
        why="The paper: at least what link rot takes away, 0–10% per year (95%).",
    )
    multimodal: Annotated[Distribution, RangeBounds(0.0, 1e6, because="0 leaves it out.")] = (
        quantity(
            NONE,
            unit="× public text",
            label="Images, audio and video",
            why=(
                "Off by default. Epoch AI, Can AI scaling continue through 2030? (2024-08-20)"
                " arrives at 400 trillion to 20 quadrillion tokens with them, against about 500"
                " trillion of raw text."
            ),
        )
    )
    private: Annotated[Distribution, RangeBounds(0.0, 1e6, because="0 leaves it out.")] = quantity(
        NONE,
        unit="× public text",
        label="Private text",
        why=(
            "Off by default. M. Cummins (educatingsilicon.com, 2024-05-09): about 1,850 trillion"
            " tokens of stored mail and messages, 3 to 4 times the indexed web, and off limits to"
            " most."
        ),
    )
    synthetic: Annotated[Distribution, RangeBounds(0.0, 1e6, because="0 leaves it out.")] = (
        quantity(
            NONE,
            unit="× public text",
            label="Synthetic text",
            why=(
                "Off by default: the worth of text written by models is unknown; it is highest"
                " where text can be verified (mathematics, code)."
            ),
        )
    )


class PeopleStockInputs(SeededInputs):
    """All text that people write online, which grows with their number."""

    TABLES: ClassVar[tuple[str, ...]] = ("world_population",)

    people_stock: Annotated[Distribution, RangeBounds(1.0, 1e24)] = quantity(
        Distribution(1.9e15, 5.2e15, 0.95),
        unit="tokens",
        label="All text people write online, to 2024",
        why=(
            "The paper's second estimate, by internet users (95%): public and private, neither"
            " cleaned nor repeated."
        ),
    )


class TextDemandInputs(SeededInputs):
    """The text that the largest training run wants."""

    TABLES: ClassVar[tuple[str, ...]] = ("ai_models", "text_dataset_sizes")

    demand: Literal["mixture", "history", "compute"] = quantity(
        "mixture",
        unit="name",
        label="Demand for text follows",
        why=(
            "History: datasets grow as they have. Compute: compute-optimal runs on the compute"
            " forecast. Mixture: either, as in the paper."
        ),
    )
    history_share: float = quantity(
        0.5,
        unit="1",
        label="Weight of history in the mixture",
        why="The paper gives both demands equal weight.",
        ge=0.0,
        le=1.0,
    )
    anchor_tokens: Annotated[Distribution, RangeBounds(1.0, 1e24)] = quantity(
        Distribution(36e12, 45e12, 0.9),
        unit="tokens",
        label="Largest training set",
        why=(
            "From the largest disclosed by then, 36 trillion tokens (Qwen3, 2025-04-29), to the"
            " largest since, 45 trillion (Inkling, 2026-07-15); the largest labs disclose none."
            " The paper, for the start of 2024: 3 to 13 trillion (90%)."
        ),
    )
    anchor_year: float = quantity(
        2025.3,
        unit="year",
        label="… in the year",
        why="April 2025, when the first of these was disclosed; the start of 2024 in the paper.",
        ge=2010.0,
        le=2030.0,
    )
    growth_from: Literal["paper", "ai_models", "own"] = quantity(
        "paper",
        unit="name",
        label="Growth of datasets from",
        why=(
            "Refitted here from the 80 sizes behind the paper, or from Epoch AI's language models"
            " to 2026; or a range of your own."
        ),
    )
    growth_rows: Literal["all", "top10", "record"] = quantity(
        "all",
        unit="name",
        label="Fitted to",
        why=(
            "All models as in the paper; those among the ten largest when they appeared; or"
            " record-setters alone."
        ),
    )
    growth_first_year: int = quantity(
        2010,
        unit="year",
        label="Datasets from",
        why="The paper fits 2010 and later.",
        ge=1950,
        le=2030,
    )
    growth_last_year: int | None = quantity(
        None, unit="year", label="Datasets to", ge=1950, le=2045
    )
    growth_errors: Literal["models", "years"] = quantity(
        "models",
        unit="name",
        label="Uncertainty of the growth",
        why=(
            "Models: resampling single models, as in the paper. Years: resampling whole years,"
            " since models of one year are alike; wider."
        ),
    )
    growth_oom_per_year: Annotated[Distribution, RangeBounds(-3.0, 3.0)] = quantity(
        Distribution(0.27, 0.48, 0.95, "normal"),
        unit="OOM/year",
        label="Own growth of datasets",
        why="The 95% range of the fit to the paper's 80 sizes.",
    )
    compute_shift_oom: Annotated[Distribution, RangeBounds(-20.0, 20.0)] = quantity(
        Distribution(0.3, 0.9, 0.8, "normal"),
        unit="OOM",
        label="Training compute above the forecast",
        why=(
            "Added to the forecast of Besiroglu et al. 2022, 8 × 10²⁵ FLOP in 2025. Grok 3, GPT-4.5"
            " and Grok 4 (5 × 10²⁶) of that year lie above its 95% line. 0.6 is the smallest value"
            " that leaves no known run above the median; 0.3 either way is a factor of two, as in"
            " Epoch AI's range for GPT-6 Astra of September 2026 (10²⁷, 5 × 10²⁶ to 2 × 10²⁷)."
        ),
    )
    overtraining: Annotated[Distribution, RangeBounds(0.001, 1e6)] = quantity(
        Distribution.fixed(1.0),
        unit="×",
        label="Over-training factor",
        why=(
            "1 is compute-optimal, 20 tokens per parameter. Llama 3 70B is at about 10 (Epoch AI"
            " 2024)."
        ),
    )
    overtraining_means: Literal["fixed_compute", "times_demand"] = quantity(
        "fixed_compute",
        unit="name",
        label="Over-training by k means",
        why=(
            "At fixed compute, k times the tokens per parameter need √k times the text. Or it means"
            " k times the text. Choose one."
        ),
    )

    @model_validator(mode="after")
    def _years_make_sense(self) -> Self:
        if self.growth_last_year is not None and self.growth_first_year > self.growth_last_year:
            raise InputError(
                "growth_first_year",
                self.growth_first_year,
                f"Use {self.growth_last_year} (growth_last_year) or earlier.",
            )
        return self


class CrossingInputs(TextStockInputs, TextDemandInputs):
    """Stock and demand, and how far ahead their crossing is looked for."""

    horizon_year: int = quantity(
        2050,
        unit="year",
        label="Look ahead to",
        why=(
            "Draws in which text is not used up by then count as later. The published compute"
            " forecast ends in 2050."
        ),
        ge=2030,
        le=2100,
    )
