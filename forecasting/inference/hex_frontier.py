r"""How strong a Hex player a training compute buys, by size of the board (Jones 2021,
arXiv:2104.03113).

.. math::
    \mathrm{Elo}(C, b) =
    \min\big(0,\ \max(m_b\, b + c_p,\ m_f \log_{10} C + m_s\, b + c_f)\big)

On boards of b rows, 0 is perfect play. A plateau of chance play, an incline, perfect play. Fitted
by least squares to the frontier of Jones's agents, who search 64 positions a move. The pieces meet
where the coefficients put them, so each step fits every piece to the rows it now holds, until none
changes hands; from several starts, since where the pieces meet the sum of squares has small dents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.laws.law_inputs import as_given, finite_positive

#: Positions searched a move by the agents of the frontier (Jones 2021).
FRONTIER_SEARCH = 64.0
#: Jones's printed coefficients, where the fit starts.
PRINTED = (-270.0, 570.0, 510.0, -430.0, -4400.0)
#: The starts: the incline moved by so many Elo.
START_SHIFTS = (-300.0, 0.0, 300.0)
MAX_STEPS = 100


@dataclass(frozen=True)
class HexFrontier:
    """The fitted frontier; slopes in Elo per row of the board and per OOM of training FLOP.

    `slope_range` is the 80% range of `elo_per_oom` when whole boards are left out and resampled
    (jackknife, normal).
    """

    plateau_per_size: float
    plateau: float
    elo_per_oom: float
    incline_per_size: float
    incline: float
    slope_range: tuple[float, float]
    least_flop: float
    most_flop: float

    def elo(self, training_flop: ArrayLike, board_size: ArrayLike) -> Any:
        """Elo against perfect play, 0 at most."""
        C = finite_positive("training_flop", training_flop, "FLOP", "1e15")
        size = finite_positive("board_size", board_size, "rows", "9")
        rising = self.elo_per_oom * np.log10(C) + self.incline_per_size * size + self.incline
        return as_given(
            np.minimum(0.0, np.maximum(self.plateau_per_size * size + self.plateau, rising))
        )

    def ends(self, board_size: float) -> tuple[float, float]:
        """The training FLOP at which play on a board leaves chance, and at which it is perfect."""
        size = float(finite_positive("board_size", board_size, "rows", "9"))
        start = self.incline_per_size * size + self.incline
        floor = self.plateau_per_size * size + self.plateau
        return 10 ** ((floor - start) / self.elo_per_oom), 10 ** (-start / self.elo_per_oom)


@cached_with
def hex_frontier(data: DataSet) -> HexFrontier:
    """The frontier fitted to all rows of hex_elo_frontier."""
    table = data["hex_elo_frontier"]
    size, log_flop, elo = (
        table[name].to_numpy(dtype=np.float64) for name in ("board_size", "log10_train_flop", "elo")
    )
    best = _fitted(size, log_flop, elo)
    boards = np.unique(size)
    without = np.array(
        [
            _fitted(size[keep], log_flop[keep], elo[keep])[2]
            for keep in (size != board for board in boards)
        ]
    )
    error = float(
        np.sqrt((boards.size - 1) / boards.size * ((without - without.mean()) ** 2).sum())
    )
    at_80 = 1.2816 * error
    return HexFrontier(
        plateau_per_size=float(best[0]),
        plateau=float(best[1]),
        elo_per_oom=float(best[2]),
        incline_per_size=float(best[3]),
        incline=float(best[4]),
        slope_range=(float(best[2]) - at_80, float(best[2]) + at_80),
        least_flop=float(10 ** log_flop.min()),
        most_flop=float(10 ** log_flop.max()),
    )


def _fitted(size: FloatArray, log_flop: FloatArray, elo: FloatArray) -> FloatArray:
    """The coefficients of the lowest sum of squares that the steps come by."""
    flat = np.column_stack([size, np.ones_like(size)])
    steep = np.column_stack([log_flop, size, np.ones_like(size)])
    found = [
        _stepped(flat, steep, elo, np.array([*PRINTED[:-1], PRINTED[-1] + shift]))
        for shift in START_SHIFTS
    ]
    return min(found, key=lambda each: each[0])[1]


def _stepped(
    flat: FloatArray, steep: FloatArray, elo: FloatArray, theta: FloatArray
) -> tuple[float, FloatArray]:
    """The lowest sum of squares from one start, with its coefficients."""
    best, lowest, before = theta, np.inf, None
    for _ in range(MAX_STEPS):
        low, rising = flat @ theta[:2], steep @ theta[2:]
        squares = float(((np.minimum(0.0, np.maximum(low, rising)) - elo) ** 2).sum())
        if squares < lowest:
            best, lowest = theta, squares
        perfect, chance = np.maximum(low, rising) >= 0.0, low >= rising
        pieces = np.where(perfect, 2, np.where(chance, 0, 1))
        if before is not None and (pieces == before).all():
            break
        before = pieces
        theta = np.concatenate(
            [
                np.linalg.lstsq(rows[pieces == piece], elo[pieces == piece], rcond=None)[0]
                for piece, rows in ((0, flat), (1, steep))
            ]
        )
    return lowest, best
