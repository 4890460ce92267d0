"""The tables in words of the section Serve."""

from __future__ import annotations

import math

import pandas as pd

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.formatting import in_dollars, in_month, in_words, significant
from forecasting.reporting.serving_answers import in_milliseconds, volume_words
from forecasting.serving.bought_tokens import cheapest_by_maker
from forecasting.serving.chip_comparison import ChipComparison
from forecasting.serving.served_demand import DAYS_PER_MONTH, ServedDemand
from forecasting.serving.service_frontier import ServiceFrontier
from forecasting.stats.bands import Range


def buy_or_serve_numbers(result: ServedDemand, tables: DataSet) -> pd.DataFrame:
    """The demand's bill at today's list prices, and the break-even with each."""
    models = cheapest_by_maker(result.scenario, tables)
    chosen = result.bought
    if chosen is not None and chosen.listed not in [each.listed for each in models]:
        models = [chosen, *models]
    rows: list[dict[str, str]] = [
        {
            "Model": f"Served: {result.service.served.model.name}",
            "Cost per month": result.usd_per_month.in_brackets(_usd),
            "Serving is cheaper above (requests per day)": "",
            "In": _cost(result.usd_per_million_tokens_in),
            "Out": _cost(result.usd_per_million_tokens_out),
            "Cached": "",
            "Batch price in, out": "",
        }
    ]
    for each in models:
        prices = each.listed.prices
        in_batch = (
            f"{in_dollars(prices.usd_per_mtok_batch_in)},"
            f" {in_dollars(prices.usd_per_mtok_batch_out)}"
        )
        rows.append(
            {
                "Model": f"{each.listed.name} ({each.listed.provider},"
                f" {in_month(each.listed.first_seen)})",
                "Cost per month": in_dollars(
                    result.scenario.requests_per_day * DAYS_PER_MONTH * each.usd_per_request
                ),
                "Serving is cheaper above (requests per day)": _met(
                    result.break_even_with(each)[0]
                ),
                "In": in_dollars(prices.usd_per_mtok_in),
                "Out": in_dollars(prices.usd_per_mtok_out),
                "Cached": _known(prices.usd_per_mtok_cached),
                "Batch price in, out": in_batch if prices.has_batch else "–",
            }
        )
    return pd.DataFrame(rows)


def replica_numbers(results: list[ServedDemand]) -> pd.DataFrame:
    """The replica, one row a scenario."""
    rows = []
    for number, result in enumerate(results):
        replica, served = result.replica, result.service.served
        rows.append(
            {
                "Scenario": f"Pin {number}" if number else "Current",
                "Model": served.model.name,
                "Chip": f"{served.chip.name}, {served.precision.upper()}",
                "Chips per replica": str(replica.chips),
                "Requests in flight": in_words(float(replica.batch), 3),
                "TPOT": _ms(replica.tpot_s),
                "TTFT": _ms(replica.ttft_s),
                "Tokens/s per chip": significant(float(replica.tokens_per_s_per_chip), 3),
                "Chips": result.chips.in_brackets(in_words),
                "Cost per month": result.usd_per_month.in_brackets(_usd),
            }
        )
    return pd.DataFrame(rows)


def chip_numbers(result: ChipComparison) -> pd.DataFrame:
    """A row a chip."""
    rows = []
    for each in result.demands:
        replica, figure = each.replica, each.usd_per_million_tokens_blended
        rows.append(
            {
                "Chip": each.service.served.chip.name,
                "Chip-hour": in_dollars(each.rent.usd_per_chip_hour),
                "Chips per replica": str(replica.chips),
                "Tokens/s per chip": significant(float(replica.tokens_per_s_per_chip), 3),
                "TPOT": _ms(replica.tpot_s),
                "TTFT": _ms(replica.ttft_s),
                "Chips": each.chips.in_brackets(in_words),
                "Cost per month": _known(each.usd_per_month.value),
                "Per million output tokens, prompts included": figure.in_brackets(_usd),
            }
        )
    return pd.DataFrame(rows)


def measured_numbers(result: ServiceFrontier) -> pd.DataFrame:
    """The measurements as their sources name them."""
    return pd.DataFrame(
        {
            "Source": [f"{each.source} {each.round}".strip() for each in result.measured],
            "By": [each.submitter for each in result.measured],
            "Scenario": [each.scenario for each in result.measured],
            "Model": [each.model for each in result.measured],
            "Precision": [each.precision.upper() for each in result.measured],
            "Chips": [each.chips for each in result.measured],
            "Tokens in": [each.tokens_in for each in result.measured],
            "Tokens out": [each.tokens_out for each in result.measured],
            "TPOT": [_ms(each.tpot_s) for each in result.measured],
            "Tokens/s per chip (derived)": [each.tokens_per_s_per_chip for each in result.measured],
            "Where": [each.source_url for each in result.measured],
        }
    )


def _met(met: Range) -> str:
    """From how many requests a day on serving is cheaper, with its range."""
    if met.low == met.high:
        return volume_words(met.value)
    if math.isinf(met.value):
        return f"never; at best {volume_words(met.low)}"
    return met.in_brackets(volume_words)


def _ms(seconds: float | FloatArray) -> str:
    """A latency whose unit stays beside it."""
    return in_milliseconds(float(seconds)).replace(" ", "\N{NO-BREAK SPACE}")


def _cost(figure: Range | None) -> str:
    return "–" if figure is None else _known(figure.value)


def _known(usd: float) -> str:
    return in_dollars(usd) if math.isfinite(usd) else "–"


def _usd(usd: float) -> str:
    return "no limit" if usd >= 1e300 else _known(usd)
