"""A sum of power laws against measured losses: residuals, the summed loss function, and its exact
derivatives for many replicates.

A law is L_i = E + Σ_k exp(a_k − α_k·x_ki) with x_ki a centred ln of parameters, tokens or examples.
One term gives a learning curve, two the Chinchilla form. power_law_newton minimises it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

from forecasting.arrays import BoolArray, FloatArray

ResidualsIn = Literal["log", "loss"]

#: Exponents are sought between these; published ones lie between 0.05 and 1.
SMALLEST_EXPONENT, LARGEST_EXPONENT = 1e-4, 4.0
#: A term is sought from this share of the mean loss at the centre of the data (below, it is as good
#: as absent) up to that many times it.
SMALLEST_TERM, LARGEST_TERM = 1e-7, 1e3
#: Longest step: of the ln of a term, of an exponent, and of the floor as a share of the mean loss.
LONGEST_STEP = (1.5, 0.3, 0.5)


@dataclass(frozen=True, eq=False)
class PowerLawProblem:
    """Rows and loss function of a fit.

    `covariates` has shape (K, n), centred logarithms; `losses` n values above zero. Residuals are
    ln L(θ) − ln L ("log") or L(θ) − L ("loss"). Each counts r²/2 up to `delta` and delta·(|r| −
    delta/2) beyond, weighted and summed; infinite delta is least squares. Parameters θ are (a_1,
    α_1, …, a_K, α_K, E), or (a_1, …, a_K, α, E) when all terms share one exponent.
    """

    covariates: FloatArray
    losses: FloatArray
    delta: float
    residuals: ResidualsIn = "log"
    shared_exponent: bool = False

    @property
    def terms(self) -> int:
        """K, the number of power-law terms."""
        return int(self.covariates.shape[0])

    @property
    def rows(self) -> int:
        """n, the number of rows."""
        return int(self.losses.size)

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.terms + 2 if self.shared_exponent else 2 * self.terms + 1

    @cached_property
    def mean_loss(self) -> float:
        """The geometric mean of the losses."""
        return float(np.exp(np.mean(np.log(self.losses))))

    @cached_property
    def expansion(self) -> FloatArray | None:
        """The matrix from shared-exponent parameters to (a_1, α_1, …, E); None where they are the
        same.
        """
        if not self.shared_exponent:
            return None
        full = np.zeros((2 * self.terms + 1, self.size))
        for term in range(self.terms):
            full[2 * term, term] = full[2 * term + 1, self.terms] = 1.0
        full[-1, -1] = 1.0
        return full

    def full(self, theta: FloatArray) -> FloatArray:
        """θ as (…, a_1, α_1, …, a_K, α_K, E)."""
        return theta if self.expansion is None else theta @ self.expansion.T

    def reduced(self, full: FloatArray) -> FloatArray:
        """The θ of (…, a_1, α_1, …, E); exponents are averaged where they are shared."""
        if self.expansion is None:
            return full
        result: FloatArray = full @ (self.expansion / self.expansion.sum(axis=0))
        return result

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest value of each parameter, each of length `size`."""
        term = (np.log(SMALLEST_TERM * self.mean_loss), np.log(LARGEST_TERM * self.mean_loss))
        low = self.reduced(np.array([term[0], SMALLEST_EXPONENT] * self.terms + [0.0]))
        high = self.reduced(
            np.array([term[1], LARGEST_EXPONENT] * self.terms + [10.0 * self.mean_loss])
        )
        return low, high

    @cached_property
    def longest_step(self) -> FloatArray:
        """The longest step of each parameter."""
        return self.reduced(
            np.array([*LONGEST_STEP[:2]] * self.terms + [LONGEST_STEP[2] * self.mean_loss])
        )

    @cached_property
    def log_losses(self) -> FloatArray:
        """ln of the losses."""
        result: FloatArray = np.log(self.losses)
        return result

    @cached_property
    def _products(self) -> tuple[tuple[FloatArray, ...], ...]:
        # Column sets that turn weighted sums over rows into gradient and Hessian entries of a term,
        # and of a pair of terms.
        one = np.ones(self.rows)
        return tuple(
            tuple(
                (
                    np.stack([one, x, x * x], axis=1)
                    if k == j
                    else np.stack([one, x, z, x * z], axis=1)
                )
                for j, z in enumerate(self.covariates)
            )
            for k, x in enumerate(self.covariates)
        )

    def predicted(self, theta: FloatArray) -> FloatArray:
        """L(θ) at every row: shape (replicates, n)."""
        full = self.full(theta)
        loss = np.repeat(full[:, -1:], self.rows, axis=1)
        for k in range(self.terms):
            loss += self._term(full, k)
        return loss

    def residuals_of(self, theta: FloatArray) -> FloatArray:
        """The residuals at every row: shape (replicates, n)."""
        loss = self.predicted(theta)
        result: FloatArray = (
            np.log(loss) - self.log_losses if self.residuals == "log" else loss - self.losses
        )
        return result

    def objective(self, theta: FloatArray) -> FloatArray:
        """The summed loss of each replicate."""
        r = self.residuals_of(theta)
        psi = np.clip(r, -self.delta, self.delta)
        result: FloatArray = (psi * (r - 0.5 * psi)).sum(axis=1)
        return result

    def _term(self, full: FloatArray, k: int) -> FloatArray:
        exponent: FloatArray = full[:, 2 * k + 1 : 2 * k + 2] * -self.covariates[k]
        exponent += full[:, 2 * k : 2 * k + 1]
        np.exp(exponent, out=exponent)
        return exponent

    def jacobian(self, theta: FloatArray, places: FloatArray | None = None) -> FloatArray:
        """The derivatives of the residuals by each parameter at one θ (q): shape (n, q), or (m, q)
        at other `places` (K, m).
        """
        if places is not None:
            return replace(self, covariates=places, losses=np.ones(places.shape[1])).jacobian(theta)
        full = self.full(theta[None])
        columns = []
        for k in range(self.terms):
            part = self._term(full, k)[0]
            columns += [part, -part * self.covariates[k]]
        result: FloatArray = np.stack([*columns, np.ones(self.rows)], axis=1)
        if self.residuals == "log":
            result /= self.predicted(theta[None])[0][:, None]
        return result if self.expansion is None else result @ self.expansion

    def leverage(self, theta: FloatArray) -> FloatArray:
        """How far each row pulls the fit at one θ (q) towards itself, 0 to 1: the diagonal of the
        least-squares hat matrix.
        """
        jacobian = self.jacobian(theta)
        # A parameter at zero has no column; the others keep their pull.
        left, sizes, _ = np.linalg.svd(
            jacobian / np.maximum(np.linalg.norm(jacobian, axis=0), 1e-300), full_matrices=False
        )
        result: FloatArray = (left[:, sizes > 1e-10] ** 2).sum(axis=1)
        return result

    def derivatives(self, theta: FloatArray, weights: FloatArray) -> Derivatives:
        """Objective, gradient and curvature of a block of replicates; `weights` has shape
        (replicates, n).
        """
        full = self.full(theta)
        parts = [self._term(full, k) for k in range(self.terms)]
        loss = parts[0] + full[:, -1:]
        for part in parts[1:]:
            loss += part
        if self.residuals == "log":
            r = np.log(loss)
            r -= self.log_losses
            floor = np.reciprocal(loss, out=loss)
            for part in parts:
                part *= floor
        else:
            r = loss
            r -= self.losses
            floor = np.ones_like(r)
        psi = np.clip(r, -self.delta, self.delta)
        inside = psi == r
        slope = psi * weights
        psi *= 0.5
        objective = np.einsum("rn,rn->r", slope, r - psi)
        # Second derivative of the loss by the logarithms of the terms: curve·(term_i·term_j) +
        # slope·term_i where i = j.
        curve = weights * inside
        if self.residuals == "log":
            curve -= slope
        size = 2 * self.terms + 1
        gradient = np.empty((len(theta), size))
        linear = []
        for k, part in enumerate(parts):
            sums = (slope * part) @ self._products[k][k]
            linear.append(sums)
            gradient[:, 2 * k], gradient[:, 2 * k + 1] = sums[:, 0], -sums[:, 1]
        gradient[:, -1] = np.einsum("rn,rn->r", slope, floor)
        hessian = self._gram(curve, parts, floor)
        for k, sums in enumerate(linear):
            a, b = 2 * k, 2 * k + 1
            hessian[:, a, a] += sums[:, 0]
            hessian[:, a, b] -= sums[:, 1]
            hessian[:, b, a] -= sums[:, 1]
            hessian[:, b, b] += sums[:, 2]
        # The curvature of the parabolas that touch the loss from above (reweighted least squares):
        # never negative, a safe metric.
        if np.isfinite(self.delta):
            np.abs(r, out=r)
            np.maximum(r, self.delta, out=r)
            np.divide(self.delta, r, out=r)
            r *= weights
            touching = r
        else:
            touching = weights
        metric = self._gram(touching, parts, floor)
        if (expansion := self.expansion) is not None:
            gradient = gradient @ expansion
            hessian, metric = expansion.T @ hessian @ expansion, expansion.T @ metric @ expansion
        return Derivatives(objective, gradient, hessian, metric)

    def _gram(self, weight: FloatArray, parts: list[FloatArray], floor: FloatArray) -> FloatArray:
        """Σ_rows weight·J·Jᵀ of each replicate, J the derivatives (t_k, −t_k·x_k, …, floor)."""
        size = 2 * self.terms + 1
        gram = np.empty((len(weight), size, size))
        for k, part in enumerate(parts):
            weighted = weight * part
            a, b = 2 * k, 2 * k + 1
            sums = (weighted * part) @ self._products[k][k]
            gram[:, a, a], gram[:, b, b] = sums[:, 0], sums[:, 2]
            gram[:, a, b] = gram[:, b, a] = -sums[:, 1]
            for j in range(k + 1, self.terms):
                c, d = 2 * j, 2 * j + 1
                sums = (weighted * parts[j]) @ self._products[k][j]
                gram[:, a, c] = gram[:, c, a] = sums[:, 0]
                gram[:, b, c] = gram[:, c, b] = -sums[:, 1]
                gram[:, a, d] = gram[:, d, a] = -sums[:, 2]
                gram[:, b, d] = gram[:, d, b] = sums[:, 3]
            weighted *= floor
            sums = weighted @ self._products[k][k][:, :2]
            gram[:, a, -1] = gram[:, -1, a] = sums[:, 0]
            gram[:, b, -1] = gram[:, -1, b] = -sums[:, 1]
        gram[:, -1, -1] = np.einsum("rn,rn,rn->r", weight, floor, floor)
        return gram


@dataclass(frozen=True, eq=False)
class Derivatives:
    """Objective (r), gradient (r, q), Hessian (r, q, q) and safe metric (r, q, q) of r
    replicates.
    """

    objective: FloatArray
    gradient: FloatArray
    hessian: FloatArray
    metric: FloatArray

    def take(self, rows: BoolArray) -> Derivatives:
        """Those replicates alone."""
        return Derivatives(
            self.objective[rows], self.gradient[rows], self.hessian[rows], self.metric[rows]
        )

    def put(self, rows: BoolArray, other: Derivatives) -> None:
        """Writes `other`, of the marked replicates alone, in place."""
        for name in ("objective", "gradient", "hessian", "metric"):
            getattr(self, name)[rows] = getattr(other, name)
