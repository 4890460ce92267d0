"""Dates at which text was said to run out, each with what its author meant by text, when it was
said, and where.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PublishedDate:
    """One statement: `low` and `high` are decimal years that hold `level` of the probability (None:
    no level was stated).
    """

    who: str
    said: str
    means: str
    value: float | None
    low: float | None
    high: float | None
    level: float | None
    source: str

    @property
    def words(self) -> str:
        """The date with its range."""
        middle = (
            ""
            if self.value is None
            else f"{self.value:.1f}"
            if self.value % 1
            else f"{self.value:.0f}"
        )
        if self.low is None or self.high is None:
            return middle
        digits = 1 if self.low % 1 or self.high % 1 else 0
        ends = f"{self.low:.{digits}f}–{self.high:.{digits}f}"
        level = "" if self.level is None else f" ({self.level:.0%})"
        return f"{middle}, likely {ends}{level}" if middle else f"{ends}{level}"


#: The forecast whose model this is.
THE_PAPER = PublishedDate(
    "Villalobos et al. (version 2)",
    "2024-06-04",
    "public human text, cleaned and repeated",
    2028.0,
    2026.0,
    2032.0,
    0.8,
    "arXiv 2211.04325v2",
)
#: Newest first; read November 2026.
PUBLISHED_DATES = (
    PublishedDate(
        "The source article",
        "2025-01-17",
        "all text that is fit for training, about a fifth of the web",
        None,
        2025.0,
        2028.0,
        None,
        "table article_claims",
    ),
    PublishedDate(
        "E. Musk, in a talk",
        "2025-01-08",
        "“the cumulative sum of human knowledge”; no method given",
        2024.0,
        None,
        None,
        None,
        "newsbytesapp.com, 2025-01-09",
    ),
    THE_PAPER,
    PublishedDate(
        "… over-trained 5 times",
        "2024-06-06",
        "the same; 5 times the tokens per parameter",
        2027.0,
        None,
        None,
        None,
        "epoch.ai, Will we run out of data to train large language models?",
    ),
    PublishedDate(
        "… over-trained 100 times",
        "2024-06-06",
        "the same; 100 times the tokens per parameter",
        2025.0,
        None,
        None,
        None,
        "epoch.ai, Will we run out of data to train large language models?",
    ),
    PublishedDate(
        "J. Sevilla, ahead of version 2",
        "2024-04-15",
        "enough public data “five or six years from now”",
        None,
        2029.0,
        2030.0,
        None,
        "semafor.com, Is there enough text to feed the AI beast?",
    ),
    PublishedDate(
        "Villalobos et al. (version 1), all text",
        "2022-10-26",
        "low-quality language data; datasets growing as they had",
        2032.4,
        2028.4,
        2039.2,
        0.9,
        "arXiv 2211.04325v1, table 1",
    ),
    PublishedDate(
        "Villalobos et al. (version 1), the best text",
        "2022-10-26",
        "high-quality language data; datasets growing as they had",
        2024.5,
        2023.5,
        2025.7,
        0.9,
        "arXiv 2211.04325v1, table 1",
    ),
)
