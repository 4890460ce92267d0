"""What a forecast may read: a data set and what is a user's own beside it.

    context = Context(bundled(), runs=read_runs("my_runs.csv"))
    own_runs(scenario, data=context)
    context.without_user_data()             # the same data set alone

A forecast takes a DataSet, a Context or None (the bundled tables); `context_of` makes a Context of
each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from forecasting.data.dataset import DataSet, bundled
from forecasting.data.result_cache import ResultCache, results_of
from forecasting.errors import ForecastingError
from forecasting.fitting.law_choice import (
    STORED,
    YOURS,
    LawInUse,
    checked_law_name,
    law_without_runs,
)
from forecasting.ingest.own_prices import OwnPrices
from forecasting.ingest.runs import ParsedRuns
from forecasting.ingest.sample_counts import ProblemCounts


@dataclass(frozen=True, eq=False)
class Context:
    """A data set, and of a user's own: `laws` by the name that a scenario's `law` gives them,
    `runs` as read, `counts` of repeated sampling, `prices` of chips and tokens.

    `results` live as long as the context, so that what stems from a user's own data never outlives
    the session that holds it; a context without user data shares those of its data set.
    """

    data: DataSet
    laws: Mapping[str, LawInUse] = field(default_factory=dict, repr=False)
    runs: ParsedRuns | None = field(default=None, repr=False)
    counts: ProblemCounts | None = field(default=None, repr=False)
    prices: OwnPrices | None = field(default=None, repr=False)
    results: ResultCache = field(init=False, repr=False)

    def __post_init__(self) -> None:
        results = ResultCache() if self.has_user_data else results_of(self.data)
        object.__setattr__(self, "results", results)

    @property
    def has_user_data(self) -> bool:
        """Whether anything but the data set may be read; a replaced table is part of the data
        set.
        """
        return bool(self.laws) or any(
            each is not None for each in (self.runs, self.counts, self.prices)
        )

    def without_user_data(self) -> Context:
        """The data set alone, for results that use nothing else and can be shared."""
        return Context(self.data) if self.has_user_data else self

    def with_laws(self, laws: Mapping[str, LawInUse]) -> Context:
        """The same with these laws in place of those it had."""
        return replace(self, laws=laws)


DataOrContext = DataSet | Context


def context_of(data: DataOrContext | None = None) -> Context:
    """The context that a forecast's argument `data` stands for; None: the bundled tables."""
    if data is None:
        return Context(bundled())
    return data if isinstance(data, Context) else Context(data)


def law_in_use(name: str, data: DataOrContext | None = None) -> LawInUse:
    """The law of that name; raises UnknownNameError, and ForecastingError for a law of own runs
    that the context does not hold.
    """
    context = context_of(data)
    checked_law_name(name)
    if name == YOURS or name.startswith(STORED):
        found = context.laws.get(name)
        if found is None:
            raise ForecastingError(
                f"The law “{name}” was fitted to runs that are not here: upload them"
                " again, or choose another law."
            )
        return found
    return law_without_runs(name, context.data)
