"""The bundled learning curves: what each architecture is, how large, and its fitted curve. Sizes
are never pooled into one fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.errors import NotEnoughDataError
from forecasting.fitting.learning_curves import MIN_POINTS, CurveFit, Form, fit_learning_curve
from forecasting.formatting import in_words

DRAWS = 1000
TABLE_OF_TASK = {"vision": "vision_learning_curves", "translation": "translation_learning_curves"}
LOSS_COLUMN = {"vision": "error_rate", "translation": "loss"}


@dataclass(frozen=True)
class Architecture:
    """`name` as in the table, `title` in words, `family`, parameters without the pre-training head
    (None: not given), and their source.
    """

    name: str
    title: str
    family: str
    params: float | None
    source: str

    @property
    def label(self) -> str:
        """What sentences call it: its name, or in words where the name is an abbreviation."""
        return self.title if self.params is None else self.name


_BIT = "Kolesnikov et al. 2020 (BiT, arXiv 1912.11370), counted with a head of 1,000 classes"
_NMT = "layers as in Bansal et al. 2022 (arXiv 2202.01994); parameters are not given with the data"
ARCHITECTURES: dict[str, dict[str, Architecture]] = {
    "vision": {
        one.name: one
        for one in (
            Architecture(
                "ViT/B/16",
                "ViT-B/16",
                "vision transformer",
                86e6,
                "Dosovitskiy et al. 2021 (arXiv 2010.11929), table 1",
            ),
            Architecture(
                "ViT/S/16",
                "ViT-S/16",
                "vision transformer",
                22e6,
                "Touvron et al. 2021 (arXiv 2012.12877), table 1",
            ),
            Architecture("BiT/50/1", "ResNet-50×1 (BiT)", "convolutional network", 25.5e6, _BIT),
            Architecture("BiT/101/3", "ResNet-101×3 (BiT)", "convolutional network", 388e6, _BIT),
            Architecture(
                "MiX/B/16",
                "MLP-Mixer B/16",
                "MLP-Mixer",
                59e6,
                "Tolstikhin et al. 2021 (arXiv 2105.01601), table 1",
            ),
            Architecture(
                "MiX/L/16",
                "MLP-Mixer L/16",
                "MLP-Mixer",
                207e6,
                "Tolstikhin et al. 2021 (arXiv 2105.01601), table 1",
            ),
        )
    },
    "translation": {
        one.name: one
        for one in (
            Architecture(
                "6 Enc, 6 Dec", "transformer with 6 + 6 layers", "transformer", None, _NMT
            ),
            Architecture(
                "28 Enc, 6 Dec", "transformer with 28 + 6 layers", "transformer", None, _NMT
            ),
            Architecture(
                "6 Enc, 28 Dec", "transformer with 6 + 28 layers", "transformer", None, _NMT
            ),
            Architecture("Dec-only", "decoder-only transformer", "transformer", None, _NMT),
            Architecture(
                "TEnc-LSTM",
                "transformer encoder with LSTM decoder",
                "recurrent decoder",
                None,
                _NMT,
            ),
        )
    },
}


@dataclass(frozen=True, eq=False)
class CurvePoints:
    """Measured points of one architecture: those to fit, and the later ones held out
    (`held_examples`, `held_losses`).
    """

    examples: FloatArray
    losses: FloatArray
    held_examples: FloatArray
    held_losses: FloatArray


@cached_with
def curve_points(task: str, name: str, data: DataSet) -> CurvePoints:
    """The points of an architecture, fewest examples first.

    Parameters
    ----------
    task : str
        The task of the set, a key of TABLE_OF_TASK.
    name : str
        The architecture.
    data : DataSet
        The tables.
    """
    table = data[TABLE_OF_TASK[task]]
    rows = table[table["model"] == name].sort_values("seen_examples", kind="stable")
    columns = [
        rows[column].to_numpy(dtype=np.float64) for column in ("seen_examples", LOSS_COLUMN[task])
    ]
    fitted = rows["training"].to_numpy(dtype=np.float64) == 1.0
    return CurvePoints(
        *(column[fitted] for column in columns), *(column[~fitted] for column in columns)
    )


@cached_with
def fitted_curve(
    task: str, name: str, form: Form, above: float, seed: int, data: DataSet
) -> CurveFit:
    """The curve through an architecture's points, by least squares on ln error, with draws (M4:
    none).

    Parameters
    ----------
    task : str
        The task of the set, a key of TABLE_OF_TASK.
    name : str
        The architecture.
    form : str
        "M1", "M2" or "M4".
    above : float
        Points of fewer examples are left out.
    seed : int
        Seed of the draws.
    data : DataSet
        The tables.

    Raises
    ------
    NotEnoughDataError
        Where too few points are left.
    """
    points = curve_points(task, name, data)
    keep = points.examples >= above
    if (found := int(keep.sum())) < MIN_POINTS[form]:
        raise NotEnoughDataError(
            found, MIN_POINTS[form], f"Fit {name} from fewer examples than {in_words(above)}."
        )
    return fit_learning_curve(
        points.examples[keep], points.losses[keep], form=form, bootstrap=DRAWS, seed=seed
    )
