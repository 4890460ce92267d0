"""Every method of this engine with its formula, its meaning and its source, read from the docstrings of the code that computes it.

What the page Data and methods shows is what the code says of itself; there is no second copy that could drift.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

#: Modules by what they are about, and of each the public names whose docstrings hold more of the method ("" for the module's own).
METHODS: Mapping[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "Cost of compute": (
        ("forecasting.trend", ("", "fit_trend")),
        ("forecasting.calibrated_trend", ("",)),
        ("forecasting.structural_break", ("",)),
        ("forecasting.chip_hours", ("",)),
        ("forecasting.compute_cost", ("", "model_cost")),
        ("forecasting.gpt2_claim", ("",)),
        ("forecasting.records", ("running_top",)),
    ),
    "Scaling laws": (
        ("forecasting.chinchilla_law", ("", "ChinchillaLaw.optimal", "ChinchillaLaw.K", "ChinchillaLaw.gamma")),
        ("forecasting.kaplan_law", ("", "KaplanLaw")),
        ("forecasting.repeated_data_law", ("", "RepeatedDataLaw")),
        ("forecasting.overtraining_law", ("",)),
        ("forecasting.learning_curves", ("",)),
        ("forecasting.routing_law", ("",)),
        ("forecasting.scaling_fit", ("fit_scaling_law",)),
        ("forecasting.fit_bootstrap", ("",)),
        ("forecasting.isoflop", ("isoflop_analysis",)),
        ("forecasting.group_comparison", ("Crossover",)),
        ("forecasting.next_run", ("next_run",)),
    ),
    "Running out of text": (
        ("forecasting.text_stock", ("",)),
        ("forecasting.text_demand", ("",)),
        ("forecasting.text_exhaustion", ("",)),
        ("forecasting.text_wall", ("",)),
        ("forecasting.text_corpus", ("",)),
    ),
    "Train or infer": (
        ("forecasting.repeated_sampling", ("",)),
        ("forecasting.coverage_laws", ("",)),
        ("forecasting.selection", ("",)),
        ("forecasting.step_search", ("",)),
        ("forecasting.exchange_rate", ("",)),
        ("forecasting.hex_frontier", ("",)),
        ("forecasting.allocation", ("",)),
        ("forecasting.human_parity", ("",)),
    ),
    "Plan": (
        ("forecasting.best_split", ("",)),
        ("forecasting.split_solver", ("",)),
        ("forecasting.data_limited_quality", ("",)),
        ("forecasting.plan", ("",)),
        ("forecasting.supplies", ("",)),
        ("forecasting.goal_seek", ("",)),
        ("forecasting.value_of_information", ("",)),
        ("forecasting.generations", ("",)),
        ("forecasting.cluster", ("",)),
        ("forecasting.plan_backtest", ("",)),
    ),
    "Track record": (("forecasting.backtest", ("",)), ("forecasting.forecast_scores", ("",))),
}


@dataclass(frozen=True)
class Method:
    """One method: `subject` it belongs to, `title` (the first line of its docstring), the rest as `text`, and `where` it is computed."""

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
