"""The bundled sets of training runs: what each is, as runs that a scaling law can be fitted to.
Sets are never pooled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import InputError
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.formatting import significant
from forecasting.laws.published_laws import published_law
from forecasting.laws.repeated_data_law import R_D_STAR, RepeatedDataLaw
from forecasting.scaling.scaling_inputs import RunSetInputs, RunSetName, TrainingSet

TABLE_OF_SET: dict[RunSetName, str] = {
    "chinchilla": "runs_chinchilla",
    "overtraining": "runs_overtraining",
    "repeated": "runs_repeated_data",
}
SET_TITLES: dict[RunSetName, str] = {
    "chinchilla": "Chinchilla figure",
    "overtraining": "Over-training",
    "repeated": "Repeated data",
}
TRAINING_SET_TITLES: dict[TrainingSet, str] = {
    "rpj": "RedPajama",
    "c4_original": "C4",
    "rw_original": "RefinedWeb",
}


@dataclass(frozen=True, eq=False)
class PublishedRuns:
    """One set of runs: its title, what the runs are, and the runs."""

    name: RunSetName
    title: str
    what: str
    runs: TrainingRuns


def published_runs(scenario: RunSetInputs, data: DataSet) -> PublishedRuns:
    """The scenario's run set, with what it leaves out."""
    return _reference(
        scenario.run_set, scenario.left_out, scenario.training_set, scenario.most_epochs, data
    )


@cached_with
def _reference(
    name: RunSetName, left_out: int, training_set: TrainingSet, most_epochs: float, data: DataSet
) -> PublishedRuns:
    table = data[TABLE_OF_SET[name]]
    if name == "chinchilla":
        if left_out > len(table) - 6:
            raise InputError("left_out", left_out, f"Leave at least 6 of the {len(table)} runs.")
        runs = chinchilla_runs(data, left_out)
        left = f" without the {left_out} highest losses" if left_out else ""
        return PublishedRuns(
            name, SET_TITLES[name], f"runs read off a figure of Hoffmann et al. 2022{left}", runs
        )
    if name == "overtraining":
        rows = table[table["training_set"] == training_set]
        params, tokens, loss = (
            rows[column].to_numpy(dtype=np.float64) for column in ("params", "tokens", "loss_c4")
        )
        what = (
            f"runs on {TRAINING_SET_TITLES[training_set]} by Gadre et al. 2024, loss on C4, 5 to"
            " 640 tokens per parameter"
        )
        return PublishedRuns(
            name,
            f"{SET_TITLES[name]}, {TRAINING_SET_TITLES[training_set]}",
            what,
            TrainingRuns(params, tokens, loss),
        )
    rows = table[table["epochs"] <= most_epochs]
    params, tokens, unique, loss = (
        rows[column].to_numpy(dtype=np.float64)
        for column in ("params", "tokens", "unique_tokens", "loss")
    )
    law = published_law("muennighoff").law
    worth = law.effective_tokens(tokens, unique) if isinstance(law, RepeatedDataLaw) else tokens
    what = (
        f"runs by Muennighoff et al. 2023 with up to {significant(most_epochs)} epochs, repeated"
        f" tokens counted at their worth (R* = {R_D_STAR:.1f})"
    )
    return PublishedRuns(name, SET_TITLES[name], what, TrainingRuns(params, worth, loss))
