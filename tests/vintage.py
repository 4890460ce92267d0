"""The tables that certified numbers and released links are tested on: those of February 2026.

They stay as they are when the product's tables are refreshed. The rental offers of summer 2026 had
not been seen then: of their table, which may not be empty, it has one row that no forecast uses.

Importing this module makes them the tables in use and the last day of that month today, for this
process and for servers and commands that tests start. What the product ships today is `shipped()`;
tests/forecasting/test_tables_of_today.py draws every section on it.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from forecasting.data.dataset import BUNDLED_FOLDER, TABLES_VARIABLE, DataSet
from forecasting.data.today import TODAY_VARIABLE

VINTAGE_FOLDER = Path(__file__).parent / "fixtures" / "tables_2026_02"

os.environ[TABLES_VARIABLE] = str(VINTAGE_FOLDER)
#: The day of that vintage, so that no test changes as time passes.
os.environ[TODAY_VARIABLE] = "2026-02-28"


@cache
def shipped() -> DataSet:
    """The tables that the product ships."""
    return DataSet(BUNDLED_FOLDER)
