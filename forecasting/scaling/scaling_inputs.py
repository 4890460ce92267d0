"""The inputs that forecasts with scaling laws share: which runs of a set are used, how a law is
fitted to them, how learning curves are fitted, for which compute.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from forecasting.fitting import fit_fields
from forecasting.fitting.power_law_fit import LossFunction
from forecasting.fitting.power_law_problem import ResidualsIn
from forecasting.laws import size_fields
from forecasting.scenario import Inputs, SeededInputs, quantity

RunSetName = Literal["chinchilla", "overtraining", "repeated"]
TrainingSet = Literal["rpj", "c4_original", "rw_original"]
RoutedRows = Literal["one_expert", "half_routed", "all"]


class FreshRunsInputs(Inputs):
    """Which runs are used of the sets whose text is not repeated."""

    TABLES: ClassVar[tuple[str, ...]] = ("runs_chinchilla", "runs_overtraining")

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
        why="Runs on different text are never pooled; the loss is measured on C4.",
    )


class UsedRunsInputs(FreshRunsInputs):
    """Which runs are used of each set."""

    TABLES: ClassVar[tuple[str, ...]] = ("runs_repeated_data",)

    most_epochs: float = quantity(
        4.0,
        unit="epochs",
        label="Runs with at most this many epochs",
        why=(
            "Up to about four epochs repeated text is nearly as good as new (Muennighoff et al."
            " 2023)."
        ),
        ge=1.0,
        le=10_000.0,
    )


class OptimumInputs(Inputs):
    """What decides where the best fit to runs lies."""

    loss_function: LossFunction = fit_fields.loss_function()
    delta: float = fit_fields.delta()
    residuals: ResidualsIn = quantity("log", unit="name", label="Residuals of")


class FitInputs(OptimumInputs, SeededInputs):
    """How a law is fitted to runs, and resampled."""

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
        why="Runs of one size may share errors: resampling whole sizes allows for that.",
    )
    #: By default enough for 90% intervals that two seeds agree on within a few percent.
    resamples: int = fit_fields.resamples(2000, most=5000)


class RunSetInputs(UsedRunsInputs):
    """One set of runs."""

    run_set: RunSetName = quantity("chinchilla", unit="name", label="Run set")


class SetOptimumInputs(RunSetInputs, OptimumInputs):
    """One set of runs, and what decides where its best fit lies."""


class FittedSetInputs(SetOptimumInputs, FitInputs):
    """One set of runs, and how its law is fitted."""


class TargetInputs(Inputs):
    """At what a loss is predicted."""

    predict: Literal["compute", "run", "params", "tokens"] = quantity(
        "compute", unit="name", label="Predict the loss at"
    )
    target_flop: float = size_fields.training_flop("Target: training compute")
    target_params: float = size_fields.params("Target: parameters")
    target_tokens: float = size_fields.tokens("Target: tokens")


class TrainingComputeInputs(Inputs):
    """The compute that is to be spent at best."""

    training_flop: float = size_fields.training_flop("Training compute")


class RoutedRunsInputs(SeededInputs):
    """Which runs of routed and dense models are used."""

    TABLES: ClassVar[tuple[str, ...]] = ("runs_routed_vs_dense",)

    routed_rows: RoutedRows = quantity(
        "one_expert",
        unit="name",
        label="Runs kept",
        why=(
            "The crossover depends on the runs kept, by a factor of two or more: only its order of"
            " magnitude is meaningful."
        ),
    )


class CurvePointsInputs(SeededInputs):
    """Which points of learning curves are fitted."""

    TABLES: ClassVar[tuple[str, ...]] = ("translation_learning_curves", "vision_learning_curves")

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


class CurveFitInputs(CurvePointsInputs):
    """How learning curves are fitted."""

    curve_form: Literal["M2", "M1"] = quantity(
        "M2",
        unit="name",
        label="Form of the curve",
        why="M2 has a floor, M1 has none; M2 has smaller errors on held-out points.",
    )
