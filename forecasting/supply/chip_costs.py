"""What a chip costs to buy, in dollars of one year, and what power it draws: Epoch AI's approximate
unit cost, else the launch price.
"""

from __future__ import annotations

import numpy as np

from forecasting.data.dataset import DataSet
from forecasting.data.inflation import to_price_year
from forecasting.units import decimal_years

#: The unit costs are of September 2026, in dollars of the day.
UNIT_COSTS_DATE = 2026.75


def chip_cost(chip: str, price_year: int, data: DataSet) -> tuple[float, float]:
    """The cost of one chip in USD of the price year, and its design power in W.

    Parameters
    ----------
    chip : str
        A chip of chip_unit_costs with its power, or of ml_chips with launch price, date and power.
    price_year : int
        The year of the dollars.
    data : DataSet
        The tables.
    """
    costs, chips = data["chip_unit_costs"], data["ml_chips"]
    row = costs[(costs["chip"] == chip) & costs["tdp_watts"].notna()]
    if len(row):
        usd, date = float(row["approx_unit_cost_usd"].iloc[0]), UNIT_COSTS_DATE
    else:
        row = chips[chips["chip"] == chip]
        usd = float(row["price_usd"].iloc[0])
        date = float(decimal_years(row["release_date"].to_numpy())[0])
    in_year = to_price_year(np.array([usd]), np.array([date]), price_year, data)
    return float(in_year[0]), float(row["tdp_watts"].iloc[0])
