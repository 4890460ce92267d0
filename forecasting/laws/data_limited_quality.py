r"""Quality of a run whose text may run out, as the training compute that would do as well with text
unlimited; many runs at once.

.. math:: C_{\mathrm{eq}}(N, D; U) = \Big(\frac{L(N, D; U) - E}{K}\Big)^{-1/\gamma}

with L the repeated-data law (Muennighoff et al. 2023) on the coefficients of the law in use.
Everything is a natural logarithm here, and the derivatives come along: ln C_eq is concave in (ln N,
ln D), which is what makes the best split one point that Newton steps find.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from forecasting.arrays import FloatArray, IntArray
from forecasting.errors import InputError
from forecasting.laws.law_draws import LawDraws
from forecasting.laws.repeated_data_law import R_D_STAR, R_N_STAR

Rows = IntArray
#: e to this power is far beyond any number of epochs, and not yet beyond the largest float.
LARGEST_LOG = 600.0


@dataclass(frozen=True, eq=False)
class Slopes:
    """ln C_eq with its first and second derivatives in n = ln N and d = ln D, and the first in ln
    U; all of shape (rows,).
    """

    value: FloatArray
    n: FloatArray
    d: FloatArray
    nn: FloatArray
    nd: FloatArray
    dd: FloatArray
    unique: FloatArray


@dataclass(frozen=True, eq=False)
class DataLimitedQuality:
    """One law (ln of A, B, G and K of its `LawDraws`) and one amount of text a row; all of shape
    (rows,), `log_unique` may be infinite.
    """

    log_a: FloatArray
    log_b: FloatArray
    alpha: FloatArray
    beta: FloatArray
    log_g: FloatArray
    log_k: FloatArray
    log_unique: FloatArray

    @classmethod
    def of_draws(cls, laws: LawDraws, unique_tokens: FloatArray) -> DataLimitedQuality:
        """Row i is law i with `unique_tokens[i]` distinct tokens; raises InputError for a law in
        which size or text does not matter.
        """
        for name in ("A", "B"):
            if np.any(getattr(laws, name) <= 0.0):
                raise InputError(
                    name,
                    0.0,
                    "A plan needs a law in which both parameters and tokens lower the loss: give A"
                    " and B above 0.",
                )
        log_a, log_b = np.log(laws.A), np.log(laws.B)
        log_k = np.logaddexp(
            log_a - laws.alpha * laws.log_G, log_b + laws.beta * laws.log_G
        ) + laws.gamma * np.log(6.0)
        return cls(log_a, log_b, laws.alpha, laws.beta, laws.log_G, log_k, np.log(unique_tokens))

    @property
    def gamma(self) -> FloatArray:
        """αβ/(α+β)."""
        result: FloatArray = self.alpha * self.beta / (self.alpha + self.beta)
        return result

    def rows(self, chosen: Rows) -> DataLimitedQuality:
        """These rows alone."""
        return DataLimitedQuality(*(getattr(self, field.name)[chosen] for field in fields(self)))

    def slopes(self, n: FloatArray, d: FloatArray) -> Slopes:
        """ln C_eq at these ln N and ln D, with its derivatives.

        d′ = ln D′ is d up to ln U and flattens beyond; n′ = ln N′ = ν + φ(n − ν), where ν is the
        size that the text feeds. The loss above its floor is e^a + e^b with a = ln A − α·n′, b = ln
        B − β·d′, so the derivatives weigh those of a and b by their shares.
        """
        short = d <= self.log_unique
        ratio = self.beta / self.alpha
        fed = self.log_g + ratio * (self.log_g + np.minimum(d, self.log_unique))
        worth_n, worth_n1, worth_n2 = _worth(n - fed, R_N_STAR)
        worth_d, worth_d1, worth_d2 = _worth(
            np.where(short, 0.0, d - np.where(short, 0.0, self.log_unique)), R_D_STAR
        )
        a = self.log_a - self.alpha * (fed + worth_n)
        b = self.log_b - self.beta * (np.minimum(d, self.log_unique) + worth_d)
        excess = np.logaddexp(a, b)
        p = np.exp(a - excess)
        q = 1.0 - p
        fed_d = np.where(short, ratio, 0.0)
        a_n, a_d, b_d = (
            -self.alpha * worth_n1,
            -self.alpha * fed_d * (1.0 - worth_n1),
            -self.beta * worth_d1,
        )
        a_nn = -self.alpha * worth_n2
        scale = -1.0 / self.gamma
        return Slopes(
            value=scale * (excess - self.log_k),
            n=scale * p * a_n,
            d=scale * (p * a_d + q * b_d),
            nn=scale * (p * q * a_n * a_n + p * a_nn),
            nd=scale * (p * q * a_n * (a_d - b_d) - p * fed_d * a_nn),
            dd=scale * (p * q * (a_d - b_d) ** 2 + p * fed_d**2 * a_nn - q * self.beta * worth_d2),
            unique=np.where(
                short,
                0.0,
                scale
                * (-p * self.alpha * ratio * (1.0 - worth_n1) - q * self.beta * (1.0 - worth_d1)),
            ),
        )


def _worth(log_ratio: FloatArray, scale: float) -> tuple[FloatArray, FloatArray, FloatArray]:
    """φ(m) = ln(1 + R*·(1 − e^(−(e^m − 1)/R*))) for m > 0 and m itself below, with its first and
    second derivatives.

    m is the logarithm of what there is over what is fresh (or fed), φ that of what it is worth.
    """
    m = np.clip(log_ratio, 0.0, LARGEST_LOG)
    z = np.exp(m)
    fading = np.exp((1.0 - z) / scale)
    worth = 1.0 + scale * (1.0 - fading)
    first = z * fading / worth
    second = first * (1.0 - z / scale - first)
    more = log_ratio > 0.0
    # Up to the fresh amount everything counts in full, so there the slope is 1 and nothing bends.
    return (
        np.where(more, np.log(worth), np.minimum(log_ratio, 0.0)),
        np.where(more, first, 1.0),
        np.where(more, second, 0.0),
    )


def fresh_epochs(tokens: FloatArray, unique_tokens: FloatArray) -> FloatArray:
    """How often the text is read: D/U, and 1 where there is more text than is read."""
    result: FloatArray = np.maximum(tokens / unique_tokens, 1.0)
    return result
