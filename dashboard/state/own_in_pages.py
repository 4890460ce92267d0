"""What is a user's own, in the states of all pages of the session: which use the law of own runs,
and which tables they hold.
"""

from __future__ import annotations

from dataclasses import replace

from dashboard.links import D, S
from dashboard.state import own_data
from dashboard.state.page_state import PageState, memories, portable
from dashboard.state.widget_values import put
from dashboard.store import StoreError, shared_runs
from dashboard.store.shared_links import no_link
from forecasting.fitting.law_choice import STORED, YOURS, LawInUse, custom_name


def use_own_law(law: LawInUse, runs: own_data.StoredRuns) -> None:
    """Make the law of own runs the law of all pages, in this session, until `drop_own_law`; for
    callbacks.
    """
    before = dict(own_data.own().laws_before)
    for memory in memories():
        scenario = memory.state.scenario
        if getattr(scenario, "law", YOURS) != YOURS:
            before[scenario.NAME] = scenario.law
            memory.state = replace(memory.state, scenario=scenario.replaced(law=YOURS))
    own_data.change(law=law, behind_law=runs, laws_before=before)


def drop_own_law() -> None:
    """Every page back to the law that it had; pins keep the coefficients. For callbacks."""
    held = own_data.own()
    for memory in memories():
        state = memory.state
        scenario = state.scenario
        if getattr(scenario, "law", None) == YOURS:
            law = held.laws_before.get(scenario.NAME, scenario.defaults()["law"])
            scenario = scenario.replaced(law=law)
        pins = tuple(portable(pin, state.context) for pin in state.pins)
        put(memory, replace(state, scenario=scenario, pins=pins))
    own_data.change(law=None, behind_law=None, laws_before={})


def take_new_context() -> None:
    """Let go of what pages not in view still hold, once own data has been removed; for
    callbacks.
    """
    for memory in memories():
        memory.state = replace(memory.state, context=own_data.context())


def with_own_law(scenario: S, chosen: bool = False) -> S:
    """The scenario with the own law in use, where it names no other (`chosen`) or names it by its
    coefficients.
    """
    law = own_data.own().law
    if law is None or not hasattr(scenario, "law"):
        return scenario
    return (
        scenario.replaced(law=YOURS)
        if not chosen or scenario.law == custom_name(law.law)
        else scenario
    )


def without_deleted_links(state: PageState[S, D]) -> PageState[S, D]:
    """The state without what shared links kept that were deleted since they were opened."""
    held = own_data.own().stored
    left = {
        name: law
        for name, law in held.items()
        if not shared_runs.is_gone(name.removeprefix(STORED))
    }
    if len(left) < len(held):
        own_data.change(stored=left)
        take_new_context()
        state = replace(state, context=own_data.context())
    if state.share is not None and shared_runs.is_gone(state.share.id):
        state = replace(state, share=None, warnings=(*state.warnings, no_link()))
    return state


def with_stored_laws(state: PageState[S, D]) -> PageState[S, D]:
    """The state with a context that holds the stored laws it names; one that is gone is said."""
    try:
        found = shared_runs.missing_laws(state.context, (state.scenario, *state.pins))
    except StoreError as error:
        return replace(state, warnings=(*state.warnings, str(error)))
    if not found:
        return state
    held = own_data.change(stored={**own_data.own().stored, **found})
    return replace(state, context=held.context)
