"""Laws of own runs behind shared links: packed to be stored, and found again by the name `s:<id>`.

What is stored of a law: its coefficients and draws, and the cleaned runs with how their columns
were read; as Parquet and JSON.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from cachetools import TTLCache

from dashboard.state.own_data import StoredRuns
from dashboard.store.errors import StoreError
from dashboard.store.settings import shared_links
from forecasting.context import Context, DataOrContext, context_of
from forecasting.data.result_cache import ResultCache
from forecasting.fitting.law_choice import STORED, LawInUse, WrittenNote
from forecasting.fitting.training_runs import TrainingRuns
from forecasting.ingest.column_mapping import ColumnMapping
from forecasting.ingest.runs import ParsedRuns, runs_of_table
from forecasting.laws.chinchilla_law import ChinchillaLaw
from forecasting.laws.law_draws import NAMES, LawDraws
from forecasting.scenario import Scenario

RUNS, DRAWS, LAW, READING = "runs", "draws", "law", "reading"
MAX_LAWS = 64

#: How long the store is believed not to have deleted a link.
BELIEVED_S = 0.5
MAX_BELIEVED = 4_096

_laws = ResultCache(MAX_LAWS)
_there: TTLCache[str, bool] = TTLCache(MAX_BELIEVED, BELIEVED_S)
_there_lock = threading.Lock()


def packed(law: LawInUse, runs: StoredRuns) -> dict[str, bytes]:
    """The parts of a share that hold a law of own runs."""
    about = {
        "title": law.title,
        "source": law.source,
        "note": law.note,
        "warning": law.warning,
        "law": {name: getattr(law.law, name) for name in NAMES},
        "mapping": dict(runs.mapping),
        "fit_settings": dict(runs.fit_settings),
    }
    return {
        LAW: json.dumps(about, ensure_ascii=False, default=str).encode("utf-8"),
        DRAWS: _parquet(pd.DataFrame({name: getattr(law.draws, name) for name in NAMES})),
        RUNS: _parquet(runs.table),
    }


def unpacked(share_id: str, parts: Mapping[str, bytes]) -> tuple[LawInUse, StoredRuns] | None:
    """The law and runs of a share's parts; None for a share without any."""
    if LAW not in parts:
        return None
    about: dict[str, Any] = json.loads(parts[LAW])
    draws = pq.read_table(io.BytesIO(parts[DRAWS])).to_pandas()
    table = pq.read_table(io.BytesIO(parts[RUNS])).to_pandas()
    law = LawInUse(
        name=f"{STORED}{share_id}",
        title=about["title"],
        law=ChinchillaLaw(**about["law"]),
        draws=LawDraws(*(draws[name].to_numpy(dtype=np.float64) for name in NAMES)),
        source=about["source"],
        about=WrittenNote(about["note"]),
        is_yours=True,
        runs=TrainingRuns.of(table),
        doubts=WrittenNote(about.get("warning", "")),
    )
    return law, StoredRuns(table, about["mapping"], about["fit_settings"])


def packed_table(runs: ParsedRuns) -> dict[str, bytes]:
    """The parts of a share of the page Your runs: the cleaned runs alone."""
    return {RUNS: _parquet(runs.table)}


def packed_reading(runs: ParsedRuns) -> dict[str, bytes]:
    """The part of a share that tells how columns of a file with the header of these runs are read;
    none where they were found by their names.
    """
    mapping = runs.given.as_dict
    if not mapping:
        return {}
    about = {"header": list(runs.header), "mapping": mapping}
    return {READING: json.dumps(about, ensure_ascii=False).encode("utf-8")}


def unpacked_table(parts: Mapping[str, bytes]) -> ParsedRuns | None:
    """The runs of such a share, to the last digit, with how the columns of their file were read;
    None for a share without any.
    """
    if RUNS not in parts:
        return None
    table = pq.read_table(io.BytesIO(parts[RUNS])).to_pandas()
    runs = runs_of_table(table, name="shared runs")
    if READING not in parts:
        return runs
    about: dict[str, Any] = json.loads(parts[READING])
    given = ColumnMapping.of(about["mapping"])
    return replace(runs, header=tuple(about["header"]), given=given)


def missing_laws(context: Context, scenarios: Iterable[Scenario]) -> dict[str, LawInUse]:
    """The stored laws that the scenarios name and the context does not hold; raises StoreError
    where a link is gone.
    """
    wanted = {str(getattr(scenario, "law", "")) for scenario in scenarios}
    missing = [
        name for name in sorted(wanted) if name.startswith(STORED) and name not in context.laws
    ]
    return {
        name: law for name in missing if (law := stored_law(name.removeprefix(STORED))) is not None
    }


def with_stored_laws(data: DataOrContext, scenarios: Iterable[Scenario]) -> Context:
    """The context with every stored law that the scenarios name; raises StoreError where a link is
    gone.
    """
    context = context_of(data)
    found = missing_laws(context, scenarios)
    return context.with_laws({**context.laws, **found}) if found else context


def is_gone(share_id: str) -> bool:
    """Whether a link that was opened has been deleted since, on whichever server; asks the store
    again after half a second. False where the store can't say: then nobody can delete either.
    """
    with _there_lock:
        believed = _there.get(share_id)
    if believed is None:
        try:
            believed = shared_links().is_there(share_id)
        except StoreError:
            return False
        with _there_lock:
            _there[share_id] = believed
    return not believed


def stored_law(share_id: str) -> LawInUse | None:
    """The law behind a shared link, cached for the next caller as long as the link is there; None
    for a link without any.
    """
    if share_id in _laws and is_gone(share_id):
        _laws.discard(share_id)

    def opened() -> LawInUse | None:
        found = unpacked(share_id, shared_links().open(share_id).parts)
        return None if found is None else found[0]

    return _laws.get(share_id, opened)


def _parquet(table: pd.DataFrame) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(table, preserve_index=False), written, compression="zstd")
    return written.getvalue()
