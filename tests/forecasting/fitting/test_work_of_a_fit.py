"""How much a fit works at the settings that pages allow, counted in residuals computed."""

from __future__ import annotations

from typing import Any

import pytest

from forecasting.arrays import FloatArray
from forecasting.data.dataset import bundled
from forecasting.fitting.law_choice import chinchilla_runs
from forecasting.fitting.power_law_problem import Derivatives, PowerLawProblem
from forecasting.fitting.scaling_fit import fit_scaling_law
from forecasting.user_runs.own_runs import RunFitInputs

BOOTSTRAP = 400


def residuals_computed(monkeypatch: pytest.MonkeyPatch, **how: Any) -> int:
    """How often a fit of the 240 runs computes a residual with its derivatives."""
    count, derivatives = 0, PowerLawProblem.derivatives

    def counted(self: PowerLawProblem, theta: FloatArray, weights: FloatArray) -> Derivatives:
        nonlocal count
        count += len(theta) * self.rows
        return derivatives(self, theta, weights)

    with monkeypatch.context() as patch:
        patch.setattr(PowerLawProblem, "derivatives", counted)
        fit_scaling_law(chinchilla_runs(bundled()), bootstrap=BOOTSTRAP, **how)
    return count


def smallest_delta() -> float:
    """The least δ that a page takes."""
    bounds = RunFitInputs.model_fields["delta"].metadata
    return next(float(bound.ge) for bound in bounds if hasattr(bound, "ge"))


@pytest.mark.parametrize(
    "how", [{"delta": smallest_delta()}, {"loss_function": "least_absolute"}], ids=str
)
def test_the_dearest_settings_of_a_page_take_at_most_ten_times_the_work_of_the_default(
    how: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = residuals_computed(monkeypatch)
    assert usual < residuals_computed(monkeypatch, **how) <= 10 * usual
