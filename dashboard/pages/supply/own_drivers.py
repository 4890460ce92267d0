"""What owning rests on: each assumption with its source, and what both ends of its range do."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from forecasting.context import Context
from forecasting.formatting import in_dollars, in_percent, range_in_words, significant
from forecasting.reporting.supply_answers import use_words
from forecasting.stats.distribution import Distribution
from forecasting.supply.ownership import RentOrOwn
from forecasting.supply.ownership_drivers import OwnershipDriver, ownership_drivers
from forecasting.supply.ownership_inputs import OwnershipInputs

DRIVERS_NOTE = (
    "One assumption at a time at both ends of its range, the others as they are; medians. The"
    " widest swing of the cost stands first. Resale is drawn between its ends."
)


def _share(value: float) -> str:
    return in_percent(value, 2)


def _number(value: float) -> str:
    return significant(value, 3)


def _cost(driver: OwnershipDriver) -> str:
    low, high = min(driver.owned_usd), max(driver.owned_usd)
    return range_in_words(low, high, lambda usd: in_dollars(usd, 2))


WORDS: Mapping[str, Callable[[float], str]] = {
    "interconnect_share": _share,
    "hosting_usd_per_kw_month": in_dollars,
    "usd_per_kwh": in_dollars,
    "idle_power": _share,
    "upkeep_share": _share,
    "resale_share": _share,
    "cost_of_capital": _share,
}


def driver_numbers(result: RentOrOwn, context: Context) -> pd.DataFrame:
    """A row an assumption."""
    drivers = ownership_drivers(result.scenario, data=context)
    return pd.DataFrame([_row(result.scenario, driver) for driver in drivers])


def _row(scenario: OwnershipInputs, driver: OwnershipDriver) -> dict[str, str]:
    info = type(scenario).model_fields[driver.field]
    extra = info.json_schema_extra
    words = WORDS.get(driver.field, _number)
    value = getattr(scenario, driver.field)
    here = (
        range_in_words(value.low, value.high, words)
        if isinstance(value, Distribution)
        else words(value)
    )
    origin = "published" if driver.is_published else "assumed"
    even = "paid at all hours"
    if driver.break_even is not None:
        even = range_in_words(min(driver.break_even), max(driver.break_even), use_words)
    return {
        "Assumption": str(info.description),
        "Here": here,
        "Plausible": f"{range_in_words(*driver.ends, words)} ({origin})",
        "Owning costs": _cost(driver),
        "Costs less than renting above": even,
        "Rests on": str(extra.get("why", "")) if isinstance(extra, dict) else "",
    }
