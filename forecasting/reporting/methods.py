"""Every method of this engine with its formula, its meaning and its source, read from the
docstrings of the code that computes it.

What the page Data and methods shows is what the code says of itself; there is no second copy that
could drift.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

#: Modules by what they are about, and of each the public names whose docstrings hold more of the
#: method ("" for the module's own).
METHODS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Cost of compute": (
        ("forecasting.trends.trend", ("", "fit_trend")),
        ("forecasting.trends.calibrated_trend", ("",)),
        ("forecasting.trends.structural_break", ("",)),
        ("forecasting.compute_cost.chip_hours", ("",)),
        ("forecasting.compute_cost.compute_cost", ("", "model_cost")),
        ("forecasting.compute_cost.gpt2_claim", ("",)),
        ("forecasting.stats.record_setters", ("running_top",)),
    ),
    "Scaling laws": (
        (
            "forecasting.laws.chinchilla_law",
            ("", "ChinchillaLaw.optimal", "ChinchillaLaw.K", "ChinchillaLaw.gamma"),
        ),
        ("forecasting.laws.kaplan_law", ("", "KaplanLaw")),
        ("forecasting.laws.repeated_data_law", ("", "RepeatedDataLaw")),
        ("forecasting.laws.overtraining_law", ("",)),
        ("forecasting.fitting.learning_curves", ("",)),
        ("forecasting.laws.routing_law", ("",)),
        ("forecasting.fitting.scaling_fit", ("fit_scaling_law",)),
        ("forecasting.fitting.fit_bootstrap", ("",)),
        ("forecasting.fitting.isoflop", ("isoflop_analysis",)),
        ("forecasting.fitting.group_comparison", ("Crossover",)),
        ("forecasting.fitting.next_run", ("next_run",)),
    ),
    "Running out of text": (
        ("forecasting.text_limits.text_stock", ("",)),
        ("forecasting.text_limits.text_demand", ("",)),
        ("forecasting.text_limits.text_exhaustion", ("",)),
        ("forecasting.text_limits.text_wall", ("",)),
        ("forecasting.text_limits.text_corpus", ("",)),
    ),
    "Train or infer": (
        ("forecasting.inference.repeated_sampling", ("",)),
        ("forecasting.inference.coverage_laws", ("",)),
        ("forecasting.inference.selection", ("",)),
        ("forecasting.inference.step_search", ("",)),
        ("forecasting.inference.exchange_rate", ("",)),
        ("forecasting.inference.hex_frontier", ("",)),
        ("forecasting.inference.allocation", ("",)),
        ("forecasting.inference.human_parity", ("",)),
    ),
    "Plan": (
        ("forecasting.planning.best_split", ("",)),
        ("forecasting.planning.split_solver", ("",)),
        ("forecasting.laws.data_limited_quality", ("",)),
        ("forecasting.planning.plan", ("",)),
        ("forecasting.planning.supplies", ("",)),
        ("forecasting.planning.goal_seek", ("",)),
        ("forecasting.planning.value_of_information", ("",)),
        ("forecasting.planning.generations", ("",)),
        ("forecasting.planning.cluster", ("",)),
        ("forecasting.planning.plan_backtest", ("",)),
    ),
    "Track record": (
        ("forecasting.evaluation.backtest", ("",)),
        ("forecasting.evaluation.forecast_scores", ("",)),
    ),
}


@dataclass(frozen=True)
class Method:
    """One method: `subject` it belongs to, `title` (the first line of its docstring), the rest as
    `text`, and `where` it is computed.
    """

    subject: str
    title: str
    text: str
    where: str


@cache
def methods() -> tuple[Method, ...]:
    """All methods, in the order of the pages."""
    found = []
    for subject, modules in METHODS.items():
        for module_name, names in modules:
            module = importlib.import_module(module_name)
            for name in names:
                documented: object = module
                for part in filter(None, name.split(".")):
                    documented = getattr(documented, part)
                title, _, text = (inspect.getdoc(documented) or "").partition("\n")
                where = module_name.replace(".", "/") + ".py" + (f", {name}" if name else "")
                found.append(Method(subject, title.strip(), text.strip("\n"), where))
    return tuple(found)
