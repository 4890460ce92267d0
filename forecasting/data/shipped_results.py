"""Results that take seconds and are the same for all: computed when the tables are released, and
shipped as JSON beside the module that computes them.

    found = ShippedResults(__file__, "law_records.json", tables).of(data)  # None: compute it

A result is found by the fingerprint of the tables that it was computed from, and not used for
others. `make precompute` writes the files; tests compute parts of them anew.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from forecasting.data.dataset import DataSet


class ShippedResults:
    """The results of one forecast at its defaults, by tables.

    Parameters
    ----------
    module : str
        `__file__` of the module that computes them.
    name : str
        The name of the file beside it.
    tables : sequence of str
        The tables that the forecast reads.
    """

    def __init__(self, module: str, name: str, tables: Sequence[str]) -> None:
        self.file = Path(module).with_name(name)
        self.tables = tuple(tables)

    def of(self, data: DataSet) -> Any:
        """What was computed from these tables, as JSON has it; None where nothing was."""
        return _read(self.file).get(data.fingerprint(self.tables))

    def write(self, results: Sequence[tuple[DataSet, Any]]) -> None:
        """Replace the file by results with the tables that each was computed from."""
        found = {data.fingerprint(self.tables): result for data, result in results}
        lines = ",\n".join(
            f"{json.dumps(key)}: {json.dumps(result, ensure_ascii=False)}"
            for key, result in found.items()
        )
        self.file.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
        _read.cache_clear()


@cache
def _read(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found
