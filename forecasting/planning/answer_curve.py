"""Utilisation in answers over sizes and passes as a table, from which it is read for many models at
once.

curve = answer_curve(model, data)
curve.at(np.log([7e9, 7e10]), np.log([1.0, 30.0])).size_elasticity

The model of serving tries replicas of 1, 2, 4 … chips for each size, which takes too long for every
draw of a plan. Between the sizes and passes of the table logarithms are interpolated along both;
beyond its ends the outermost lines go on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import results_of
from forecasting.inference.answer_mfu import AnswerModel

#: ln of the sizes and of the passes of the table, a factor of 2 apart as replicas are.
LOG_PARAMS = np.log(1e7) + np.log(2.0) * np.arange(34.0)
LOG_PASSES = np.log(2.0) * np.arange(21.0)
#: Elasticities of price are held inside these. Where a size is too large for the time of a token,
#: the price jumps.
MIN_SIZE_ELASTICITY, MAX_ELASTICITY = -0.7, 3.0


@dataclass(frozen=True, eq=False)
class CurvePoint:
    """Some models as they are served, arrays of one shape: utilisation at full load as a share of
    the dense fp16 peak, mean times, and the powers of size and of passes with which the price of
    answering a parameter and that of a token written grow.
    """

    mfu_input: FloatArray
    mfu_output: FloatArray
    ttft_s: FloatArray
    tpot_s: FloatArray
    size_elasticity: FloatArray
    length_elasticity: FloatArray


@dataclass(frozen=True, eq=False)
class AnswerCurve:
    """The table: `logs` of the utilisations and times of a CurvePoint in its order, and the two
    elasticities, shape (6, sizes, passes).
    """

    values: FloatArray

    def at(self, log_params: FloatArray, log_passes: FloatArray) -> CurvePoint:
        """Models of these ln sizes and ln passes, arrays of one shape."""
        row, down = _place(log_params, LOG_PARAMS)
        column, right = _place(log_passes, LOG_PASSES)
        flat = self.values.reshape(len(self.values), -1)
        corner = row * LOG_PASSES.size + column
        upper = flat[:, corner] * (1.0 - right) + flat[:, corner + 1] * right
        corner += LOG_PASSES.size
        lower = flat[:, corner] * (1.0 - right) + flat[:, corner + 1] * right
        found = upper + (lower - upper) * down
        size = np.clip(found[4], MIN_SIZE_ELASTICITY, MAX_ELASTICITY)
        mfu_input, mfu_output, ttft_s, tpot_s = np.exp(found[:4])
        return CurvePoint(
            mfu_input=mfu_input,
            mfu_output=mfu_output,
            ttft_s=ttft_s,
            tpot_s=tpot_s,
            size_elasticity=size,
            length_elasticity=np.clip(found[5], 0.0, MAX_ELASTICITY),
        )


def answer_curve(model: AnswerModel, data: DataSet) -> AnswerCurve:
    """The table of a model of serving on a chip of this data set, with which it is kept."""

    def tabulated() -> AnswerCurve:
        passes = np.exp(LOG_PASSES)
        speed = model.speed(np.exp(LOG_PARAMS)[:, None], passes)
        price = model.tokens_in / speed.mfu_input + model.tokens_out * passes / speed.mfu_output
        logs = np.log(np.stack([speed.mfu_input, speed.mfu_output, speed.ttft_s, speed.tpot_s]))
        # With no tokens at all nothing has a price.
        by_size = np.gradient(np.log(price), LOG_PARAMS, axis=0) if price.all() else 0.0 * price
        by_length = np.gradient(-logs[1], LOG_PASSES, axis=1)
        return AnswerCurve(np.concatenate([logs, by_size[None], by_length[None]]))

    asked = model.chip.name, model.precision, model.tpot_limit_s, model.tokens_in, model.tokens_out
    return results_of(data).get(("answer curve", *asked), tabulated)


def _place(values: FloatArray, lattice: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """Which interval of an even lattice each value is in, the outermost ones for those beyond, and
    how far along it.
    """
    steps = (values - lattice[0]) / (lattice[1] - lattice[0])
    before = np.clip(steps.astype(np.intp), 0, lattice.size - 2)
    return before, steps - before
