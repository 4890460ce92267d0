r"""How well chips are used while models answer: by the model of serving at a size, or figures of
one's own.

.. math:: c = \frac{c_{\mathrm{chip\,hour}}}{3600\,F_{16}\,\mathrm{MFU}\,u}

c is what a FLOP of answers costs, F16 the dense fp16 peak, MFU the utilisation of a replica at full
load, u the share of full load at which replicas run. The MFU of the model of serving depends on the
size and the lengths; 80% of measured throughputs lie within a factor of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import ArrayLike

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.inference import serving_fields
from forecasting.scenario import quantity
from forecasting.serving.answer_speed import AnswerSpeed, answer_speed
from forecasting.serving.dense_shape import DenseShape, dense_shape
from forecasting.serving.hardware import ServingChip
from forecasting.serving.serving_choice import ServingChoiceInputs
from forecasting.serving.serving_tables import serving_chips
from forecasting.serving.uncertain_speed import Z80
from forecasting.stats.distribution import Distribution, RangeBounds
from forecasting.stats.sampling import stratified_normals

#: The least share of full load that is drawn.
MIN_UTILISATION = 0.01
#: Keeps these deviates apart from those of other forecasts with the same seed.
STREAM_KEY = 1620


class AnswerMfuInputs(ServingChoiceInputs):
    """Where the utilisation in answers comes from."""

    answer_mfu: Literal["model", "own"] = quantity(
        "model",
        unit="name",
        label="Utilisation in answers",
        why=(
            "From the serving model, fitted to 513 measured throughputs: it depends on size,"
            " lengths, chip, precision and latency. Or your own figures, the same for all sizes."
        ),
    )
    mfu_input: float = serving_fields.reading_mfu()
    mfu_output: float = serving_fields.writing_mfu()
    serving_utilisation: Annotated[Distribution, RangeBounds(0.01, 1.0)] = quantity(
        Distribution(0.3, 0.7, 0.8, "normal"),
        unit="share of 1",
        label="Share of full load",
        why="Average load of replicas. An assumption: demand varies over the day.",
    )

    def mfu_at(
        self, model: AnswerModel, params: ArrayLike, passes: ArrayLike = 1.0
    ) -> tuple[FloatArray, FloatArray]:
        """Utilisation in reading and in writing, idle hours counted, of models of these sizes whose
        answers take so many passes: in the middle of what was measured, or the scenario's own.

        Parameters
        ----------
        model : AnswerModel
            The model of serving on the scenario's chip.
        params : number or array-like
            Parameters.
        passes : number or array-like
            Passes an answer, which broadcast with `params`.
        """
        if self.answer_mfu == "own":
            shape = np.broadcast_shapes(np.shape(params), np.shape(passes))
            return np.full(shape, self.mfu_input), np.full(shape, self.mfu_output)
        speed, busy = model.speed(params, passes), self.serving_utilisation.median
        return busy * speed.mfu_input, busy * speed.mfu_output

    def full_load(self, model: AnswerModel, draws: int, seed: int) -> FloatArray:
        """Draws of what the utilisation of `mfu_at` is to be multiplied by, shape (draws,); ones
        where it is given.

        Parameters
        ----------
        model : AnswerModel
            The model of serving on the scenario's chip.
        draws : int
            How many.
        seed : int
            What they come from.
        """
        if self.answer_mfu == "own":
            return np.ones(draws)
        share = model.drawn_share(self.serving_utilisation, draws, [seed, STREAM_KEY])
        result: FloatArray = share / self.serving_utilisation.median
        return result

    def answer_model(
        self, tokens_in: float, tokens_out: float, data: DataSet, chip: str | None = None
    ) -> AnswerModel:
        """The model of serving for prompts and answers of these lengths.

        Parameters
        ----------
        tokens_in, tokens_out : float
            Tokens of a prompt and of an answer, written in one pass.
        data : DataSet
            The tables.
        chip : str or None
            A chip of the table serving_chips; None takes the scenario's.
        """
        served_on = serving_chips(data)[chip or self.serving_chip]
        return AnswerModel(
            chip=served_on,
            precision=self.serving_precision,
            tpot_limit_s=self.mean_tpot_limit_s,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            shape=dense_shape(data),
            range_factor=served_on.range_factor,
        )


@dataclass(frozen=True)
class AnswerModel:
    """The model of serving with all that it needs but the size: a chip, a precision, a limit on the
    mean time of a token in seconds, tokens of a prompt and of an answer, the shape of dense models.
    80% of measured throughputs lie within `range_factor` of it.
    """

    chip: ServingChip
    precision: str
    tpot_limit_s: float
    tokens_in: float
    tokens_out: float
    shape: DenseShape
    range_factor: float

    def speed(self, params: ArrayLike, passes: ArrayLike = 1.0) -> AnswerSpeed:
        """Models of these sizes at full load, whose answers write `passes` times the tokens of one
        pass, one after another; both are arrays that broadcast.
        """
        return answer_speed(
            params,
            self.chip,
            self.precision,
            tokens_in=self.tokens_in,
            tokens_out=self.tokens_out * np.asarray(passes, dtype=np.float64),
            tpot_limit_s=self.tpot_limit_s,
            shape=self.shape,
        )

    def drawn_share(self, utilisation: Distribution, draws: int, seed: list[int]) -> FloatArray:
        """Draws of what the MFU at full load is to be multiplied by, shape (draws,): how far
        measured throughput lies from the model, times the share of full load.

        Parameters
        ----------
        utilisation : Distribution
            The share of full load.
        draws : int
            How many draws.
        seed : list of int
            Seed of their order.
        """
        speed, busy = stratified_normals(2, draws, seed)
        doubt = np.exp(math.log(self.range_factor) / Z80 * speed)
        result: FloatArray = doubt * np.clip(utilisation.of_normal(busy), MIN_UTILISATION, 1.0)
        return result
