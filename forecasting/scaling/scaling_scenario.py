"""Inputs of all forecasts with scaling laws: architectures, what a budget buys, the surface of a
run set, Kaplan's lines.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from forecasting.fitting import fit_fields
from forecasting.fitting.law_choice import LawName, law_field
from forecasting.fitting.power_law_fit import LossFunction
from forecasting.fitting.power_law_problem import ResidualsIn
from forecasting.fitting.scaling_fit import DEFAULT_INTERVAL, IntervalKind
from forecasting.laws import size_fields
from forecasting.scenario import Scenario, quantity

Task = Literal["vision", "translation", "routing"]
VisionModel = Literal["ViT/B/16", "ViT/S/16", "BiT/50/1", "BiT/101/3", "MiX/B/16", "MiX/L/16"]
TranslationModel = Literal[
    "6 Enc, 6 Dec", "28 Enc, 6 Dec", "6 Enc, 28 Dec", "Dec-only", "TEnc-LSTM"
]
Router = Literal["S-Base", "RL-R", "Hash"]
RoutedRows = Literal["one_expert", "half_routed", "all"]
RunSetName = Literal["chinchilla", "overtraining", "repeated"]
TrainingSet = Literal["rpj", "c4_original", "rw_original"]
Panel = Literal["compute", "params", "tokens"]


class ScalingScenario(Scenario):
    """Inputs of all forecasts with scaling laws."""

    NAME: ClassVar[str] = "scaling"
    VERSION: ClassVar[int] = 1
    TABLES: ClassVar[tuple[str, ...]] = (
        "runs_chinchilla",
        "runs_overtraining",
        "runs_repeated_data",
        "runs_routed_vs_dense",
        "translation_learning_curves",
        "vision_learning_curves",
    )

    task: Task = quantity("vision", unit="name", label="Task")
    vision_model: VisionModel = quantity("ViT/B/16", unit="name", label="Architecture")
    vision_others: tuple[VisionModel, ...] = quantity(
        ("BiT/50/1", "BiT/101/3"),
        unit="name",
        label="Against",
        why="The source article compares a vision transformer with ResNets.",
    )
    translation_model: TranslationModel = quantity(
        "6 Enc, 6 Dec", unit="name", label="Architecture"
    )
    translation_others: tuple[TranslationModel, ...] = quantity(
        ("TEnc-LSTM",), unit="name", label="Against"
    )
    at_examples: float = quantity(
        3e8,
        unit="examples",
        label="Compare at (images seen)",
        why=(
            "The source article, 2025-01-17: with hundreds of millions of images the vision"
            " transformer overtakes."
        ),
        gt=0,
        le=1e15,
    )
    at_pairs: float = quantity(
        2.56e8, unit="examples", label="Compare at (sentence pairs seen)", gt=0, le=1e15
    )
    from_examples: float = quantity(
        5e7,
        unit="images",
        label="Fit the curves from (images seen)",
        why=(
            "Below it the curves still bend: warm-up, and errors near chance. Alabdulmohsin et al."
            " 2022 fit late points too."
        ),
        ge=1e6,
        le=1e9,
    )
    curve_form: Literal["M2", "M1"] = quantity(
        "M2",
        unit="name",
        label="Form of the curve",
        why="M2 has a floor, M1 has none; M2 misses the held-out points by less.",
    )

    routers: tuple[Router, ...] = quantity(("S-Base", "RL-R", "Hash"), unit="name", label="Routers")
    experts: int = quantity(
        64,
        unit="1",
        label="Experts",
        why="Runs of Clark et al. 2022 have 2 to 512.",
        ge=2,
        le=100_000,
    )
    routed_rows: RoutedRows = quantity(
        "one_expert",
        unit="name",
        label="Runs kept",
        why=(
            "The crossover depends on the runs kept, by a factor of two and more: read its order of"
            " magnitude only."
        ),
    )

    law: LawName = law_field()
    training_flop: float = size_fields.training_flop("Training compute")

    run_set: RunSetName = quantity("chinchilla", unit="name", label="Run set")
    left_out: int = quantity(
        5,
        unit="runs",
        label="Highest losses left out",
        why=(
            "Besiroglu et al. 2024 leave out the five highest losses: runs cut before their"
            " learning rate had decayed."
        ),
        ge=0,
        le=100,
    )
    training_set: TrainingSet = quantity(
        "rpj",
        unit="name",
        label="Trained on",
        why="Runs on different text are never pooled; the loss is that on C4.",
    )
    most_epochs: float = quantity(
        4.0,
        unit="epochs",
        label="Runs with at most so many epochs",
        why=(
            "Up to about four epochs repeated text is nearly as good as new (Muennighoff et al."
            " 2023)."
        ),
        ge=1.0,
        le=10_000.0,
    )
    loss_function: LossFunction = fit_fields.loss_function()
    delta: float = fit_fields.delta()
    residuals: ResidualsIn = quantity("log", unit="name", label="Residuals of")
    resampling: Literal["smooth", "counts"] = quantity(
        "smooth",
        unit="name",
        label="Bootstrap weights",
        why="Smooth: Bayesian bootstrap. Counts: drawn with replacement, as published.",
    )
    bootstrap_by: Literal["row", "params"] = quantity(
        "row",
        unit="name",
        label="Resample",
        why="Runs of one size may err alike: resampling whole sizes allows for it.",
    )
    interval_kind: IntervalKind = quantity(
        DEFAULT_INTERVAL,
        unit="name",
        label="Interval",
        why=(
            "Holds the truth as often as it says in simulated runs"
            " (benchmarks/scaling_coverage.py); published ones are plain percentiles."
        ),
    )
    predict: Literal["compute", "run", "params", "tokens"] = quantity(
        "compute", unit="name", label="Predict the loss at"
    )
    target_flop: float = size_fields.training_flop("Target: training compute")
    target_params: float = size_fields.params("Target: parameters")
    target_tokens: float = size_fields.tokens("Target: tokens")
    budget_flop: float = quantity(
        1e22, unit="FLOP", label="Budget for the next run", ge=1.0, le=1e35
    )

    panel: Panel = quantity("compute", unit="name", label="Loss against")
    limit_share: float = quantity(
        0.35,
        unit="1",
        label=(
            "Not limited: the other quantity makes up at most this share of the loss above the"
            " floor"
        ),
        why=(
            "Kaplan's L(N) and L(D) each hold for the other unlimited; no measured run is quite"
            " that. Below 0.3 hardly any is left."
        ),
        ge=0.05,
        le=0.5,
    )
    joint_params: float = quantity(
        1e12, unit="parameters", label="Joint law: parameters", ge=1.0, le=1e17
    )
    joint_tokens: float = quantity(
        1000.0,
        unit="tokens",
        label="Joint law: tokens",
        why="One example of a thousand tokens.",
        ge=1.0,
        le=1e19,
    )
