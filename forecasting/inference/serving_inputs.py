"""The demand for answers and the price of a chip-hour, as forecasts of inference share them."""

from __future__ import annotations

from forecasting.compute_cost import price_fields
from forecasting.context import Context
from forecasting.inference.serving import H100_PEAK_FLOP_PER_S, ComputePrices, Demand
from forecasting.scenario import quantity
from forecasting.serving.rented_chips import (
    PRICED_CHIP,
    OwnChipPriceInputs,
    RentedChip,
    given_or_rented,
)
from forecasting.serving.request_fields import DailyRequestInputs


class ServedInputs(DailyRequestInputs):
    """The demand that a model meets while it is in service."""

    days: float = quantity(
        365.0,
        unit="days",
        label="Days of service",
        why="One year, until the next model takes over.",
        ge=0.01,
        le=36525.0,
    )

    @property
    def demand(self) -> Demand:
        """What is to be served, one sample an answer."""
        return Demand(
            requests_per_day=self.requests_per_day,
            days=self.days,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out,
        )


class ChipPriceInputs(OwnChipPriceInputs):
    """What a chip-hour costs and how well training uses it."""

    peak_flop_per_s: float = quantity(
        H100_PEAK_FLOP_PER_S,
        unit="FLOP/s",
        label="Peak of the chip",
        why="H100, dense FP16 or BF16: NVIDIA's data sheet.",
        ge=1e3,
        le=1e20,
    )
    mfu_train: float = price_fields.training_mfu(
        price_fields.MFU_OF_NEW_RUNS, "Utilisation in training (MFU)"
    )

    def rent(self, context: Context) -> RentedChip:
        """The price that is given, else that of PRICED_CHIP on demand."""
        return given_or_rented(self.usd_per_chip_hour, PRICED_CHIP, "on_demand", context)

    def prices(self, mfu_input: float, mfu_output: float, context: Context) -> ComputePrices:
        """Dollars per FLOP of each phase at this utilisation in answers, idle hours counted.

        Parameters
        ----------
        mfu_input, mfu_output : float
            Utilisation in reading and in writing.
        context : Context
            The tables, and prices of the user's own.
        """
        return ComputePrices(
            usd_per_chip_hour=self.rent(context).usd_per_chip_hour,
            peak_flop_per_s=self.peak_flop_per_s,
            mfu_train=self.mfu_train,
            mfu_input=mfu_input,
            mfu_output=mfu_output,
        )
