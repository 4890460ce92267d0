r"""The shape of a dense model of any size, as published models of that size have it.

dense_shape(bundled()).of(np.array([7e9, 70e9, 700e9]))

.. math:: L = l\,N^{\lambda},\qquad d = m\,N^{\mu}

Layers L and width d are fitted by least squares on logarithms to the dense models with
grouped-query attention of the table served_models, 7 to 405 billion parameters; beyond, the lines
are extended. All of these have eight key-value heads of 128 elements, whatever their size. A plan
knows a model by its size alone; this is what it takes the model to look like when it is served.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from forecasting.arrays import FloatArray
from forecasting.data.dataset import DataSet
from forecasting.data.result_cache import cached_with
from forecasting.serving.served_model import ServedModel
from forecasting.serving.serving_tables import served_models


@dataclass(frozen=True)
class DenseShape:
    """Slope and intercept of ln L and of ln d over ln N; elements of keys and values a layer."""

    layers: tuple[float, float]
    width: tuple[float, float]
    kv_width: float

    def of(self, params: FloatArray) -> ServedModel:
        """Dense models of these sizes, an array of any shape, in parameters above 0."""
        size = np.log(params)
        width = np.exp(np.polyval(self.width, size))
        return ServedModel(
            name="A dense model",
            params=params,
            layers=np.exp(np.polyval(self.layers, size)),
            width=width,
            attention_width=width,
            kv_width=np.minimum(self.kv_width, width),
        )


@cached_with
def dense_shape(data: DataSet) -> DenseShape:
    """Fitted to the dense models of the table served_models, each shape once."""
    shapes = np.array(
        sorted(
            {
                (float(each.params), float(each.layers), float(each.width), float(each.kv_width))
                for each in served_models(data).values()
                if not each.is_sparse and each.kv_width < each.attention_width
            }
        )
    )
    size, layers, width = np.log(shapes[:, :3]).T
    lines = (np.polyfit(size, each, 1) for each in (layers, width))
    layers_line, width_line = ((float(line[0]), float(line[1])) for line in lines)
    return DenseShape(layers_line, width_line, float(np.median(shapes[:, 3])))
