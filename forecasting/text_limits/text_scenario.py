"""The inputs of all forecasts of text, and the presets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from forecasting.errors import UnknownNameError
from forecasting.scenario import Scenario
from forecasting.stats.distribution import Distribution
from forecasting.text_limits.text_corpus import TextCorpusInputs
from forecasting.text_limits.text_exhaustion import TextExhaustionInputs
from forecasting.text_limits.text_inputs import BASE_YEAR, NONE

#: Where demand started in Villalobos et al. 2024, and in version 1 of the scenario.
DEMAND_OF_2024: Mapping[str, Any] = {
    "anchor_tokens": Distribution(3e12, 13e12, 0.9),
    "anchor_year": BASE_YEAR,
    "compute_shift_oom": NONE,
}


class TextScenario(TextCorpusInputs, TextExhaustionInputs, Scenario):
    """Inputs of all forecasts of text."""

    NAME: ClassVar[str] = "text"
    VERSION: ClassVar[int] = 2
    PREVIOUS_DEFAULTS: ClassVar[Mapping[int, Mapping[str, Any]]] = {1: DEMAND_OF_2024}


#: Named starting points: what each changes of the defaults, and why.
PRESETS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "known_2026": (
        (
            "The defaults: the paper's stock; demand from the largest training sets disclosed, 36"
            " to 45 trillion tokens, and compute shifted to the largest known runs."
        ),
        {},
    ),
    "epoch_2024": (
        (
            "The inputs of Epoch AI in June 2024, who published 2028 (80% 2026 to 2032); the date"
            " here is our run of them."
        ),
        DEMAND_OF_2024,
    ),
    "reanchored_2025": (
        (
            "Largest disclosed training set of 2025: 36 trillion tokens (Qwen3, 2025-04-29),"
            " growing as datasets have."
        ),
        {
            "demand": "history",
            "anchor_tokens": Distribution.fixed(36e12),
            "anchor_year": 2025.3,
            "compute_shift_oom": NONE,
        },
    ),
    "article": (
        (
            "The source article of 2025-01-17: about 20% of the web is usable, read once; demand as"
            " known in 2024. Its own date, 2025–2028, is not an input."
        ),
        {
            "quality": Distribution.fixed(0.2),
            "repetition": Distribution.fixed(1.0),
            **DEMAND_OF_2024,
        },
    ),
    "optimist": (
        (
            "Images, audio and video add half to ten times the public text, synthetic text a tenth"
            " to three times."
        ),
        {"multimodal": Distribution(0.5, 10.0, 0.8), "synthetic": Distribution(0.1, 3.0, 0.8)},
    ),
    "pessimist": (
        (
            "Only the best tenth is usable (5–20%), hardly worth repeating, and models take five"
            " times the compute-optimal tokens per parameter at fixed compute."
        ),
        {
            "quality": Distribution(0.05, 0.2, 0.95),
            "repetition": Distribution(1.0, 2.0, 0.95),
            "overtraining": Distribution.fixed(5.0),
        },
    ),
}


#: What a preset leaves as it is: the user's own questions, not the model of stock and demand.
KEPT_BY_PRESETS = ("seed", "horizon_year", "law", "corpus_tokens", "corpus_flop", "corpus_worth")


def preset(name: str, current: TextScenario | None = None) -> TextScenario:
    """The scenario of a preset, with the law, the horizon and the corpus of `current`; raises
    UnknownNameError.
    """
    if name not in PRESETS:
        raise UnknownNameError("preset", name, PRESETS)
    kept = {} if current is None else {field: getattr(current, field) for field in KEPT_BY_PRESETS}
    return TextScenario(**{**PRESETS[name][1], **kept})


def preset_of(scenario: TextExhaustionInputs) -> str | None:
    """The preset that inputs are, whatever their law, horizon and corpus; None if they are none."""
    defaults = TextExhaustionInputs.defaults()
    factors = {name: getattr(scenario, name) for name in defaults if name not in KEPT_BY_PRESETS}
    return next(
        (
            preset
            for preset, (_, changes) in PRESETS.items()
            if factors == {name: changes.get(name, defaults[name]) for name in factors}
        ),
        None,
    )
