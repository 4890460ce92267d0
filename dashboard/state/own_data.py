"""What a session holds of a user's own: a law fitted to own runs, own counts, newer tables, own
prices. In memory, for this session alone.

Pages take what forecasts may read from `context()`, which holds the law under the name “yours” (see
forecasting.fitting.law_choice). Nothing here is ever put into a cache that sessions share. Only
*Share* may take it out of memory, and all that it may take of a law is `behind_law`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
import streamlit as st

from forecasting.context import Context, context_of
from forecasting.data.dataset import DataSet, bundled
from forecasting.fitting.law_choice import YOURS, LawInUse
from forecasting.ingest.own_prices import OwnPrices
from forecasting.ingest.runs import ParsedRuns
from forecasting.ingest.sample_counts import ProblemCounts

#: Where a session holds it.
KEY = "own:data"
TOKEN_PRICES = "token_prices_2025_2026"
#: Headers whose mapping a session remembers.
MAX_MAPPINGS = 50


@dataclass(frozen=True, eq=False)
class StoredRuns:
    """What *Share* stores of own runs: the cleaned table, how its columns were read, and how the
    law was fitted; never the file.
    """

    table: pd.DataFrame = field(repr=False)
    mapping: Mapping[str, Any]
    fit_settings: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class OwnData:
    """A session's own: `law` (None: none in use), `runs` as read, `counts` of repeated sampling,
    `frames` by the name of the table they replace.

    `behind_law` is what *Share* may store of the law in use; `laws_before` the law that each page
    had, for undoing; `stored` are laws of shared links, by the name that scenarios use; `tables`
    the set that the session was opened on, since a server may take up newer ones meanwhile.
    `shared_as` is the shared link that keeps the runs, "" where none does; `mappings` hold, by the
    header of a file, how the user said that its columns are to be read.
    """

    law: LawInUse | None = None
    behind_law: StoredRuns | None = None
    runs: ParsedRuns | None = field(default=None, repr=False)
    frames: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    laws_before: Mapping[str, str] = field(default_factory=dict)
    counts: ProblemCounts | None = field(default=None, repr=False)
    stored: Mapping[str, LawInUse] = field(default_factory=dict)
    prices: OwnPrices | None = field(default=None, repr=False)
    context: Context = field(default_factory=context_of, repr=False)
    tables: DataSet = field(default_factory=bundled, repr=False)
    shared_as: str = ""
    mappings: Mapping[tuple[str, ...], Mapping[str, Any]] = field(default_factory=dict, repr=False)


def own() -> OwnData:
    """What this session holds; at first the tables in use, with which it stays until it ends."""
    held: OwnData | None = st.session_state.get(KEY)
    if held is None:
        tables = bundled()
        held = st.session_state[KEY] = OwnData(context=Context(tables), tables=tables)
    return held


def context() -> Context:
    """What forecasts of this session read: the bundled tables, with what is the user's own in their
    place or beside them.
    """
    return own().context


def change(**changes: Any) -> OwnData:
    """Hold other values of OwnData's fields; the context follows."""
    if "runs" in changes:
        changes.setdefault("shared_as", "")
    changed = replace(own(), **changes)
    data = changed.tables
    frames = dict(changed.frames)
    if changed.prices is not None and not changed.prices.token_prices.empty:
        table = frames.get(TOKEN_PRICES, data[TOKEN_PRICES])
        frames[TOKEN_PRICES] = changed.prices.with_token_prices(table)
    if frames:
        data = data.replaced(**frames)
    laws = dict(changed.stored) | ({YOURS: changed.law} if changed.law is not None else {})
    made = Context(data, laws, changed.runs, changed.counts, changed.prices)
    st.session_state[KEY] = changed = replace(changed, context=made)
    return changed


def remember_mapping(header: tuple[str, ...], mapping: Mapping[str, Any]) -> None:
    """Read files with this header so from now on; an empty mapping: by the names of columns."""
    kept = {known: each for known, each in own().mappings.items() if known != header}
    if mapping:
        kept = dict([*kept.items(), (header, mapping)][-MAX_MAPPINGS:])
    # Nothing that a forecast reads: the context, and with it all results, stays.
    st.session_state[KEY] = replace(own(), mappings=kept)


def note_share(share_id: str) -> None:
    """The runs in use are kept by that shared link."""
    st.session_state[KEY] = replace(own(), shared_as=share_id)


def drop_frame(name: str) -> None:
    """Back to the bundled table of that name; for callbacks."""
    change(frames={known: frame for known, frame in own().frames.items() if known != name})


def drop_prices() -> None:
    """Back to the market's prices; for callbacks."""
    change(prices=None)
