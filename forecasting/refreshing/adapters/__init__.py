"""What turns the bodies of a source into a table of ours, one adapter a file.

Each checks what it meets against what it expects and raises UnexpectedShapeError rather than
guess. None was run against its live source when it was written: the shapes are those of public
copies and public readers (docs/refresh.md).
"""

from __future__ import annotations

from collections.abc import Mapping

from forecasting.refreshing.adapters import (
    arc_prize,
    bls_cpi,
    epoch_chip_sales,
    epoch_data_centers,
    epoch_tables,
    gpurentalprices,
    token_prices,
)
from forecasting.refreshing.adapters.shapes import Adapter

#: By the name that the catalogue gives.
ADAPTERS: Mapping[str, Adapter] = {
    "arc_prize": arc_prize.adapt,
    "bls_cpi": bls_cpi.adapt,
    "epoch_chip_sales": epoch_chip_sales.adapt,
    "epoch_chips": epoch_tables.adapt,
    "epoch_data_centers": epoch_data_centers.adapt,
    "epoch_models": epoch_tables.adapt,
    "gpurentalprices": gpurentalprices.adapt,
    "token_prices": token_prices.adapt,
}
