"""Fits linear classifiers over hashed features and packs them into small arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import minimize

from amity.listening.domain.characters import Positions, read_characters
from amity.listening.domain.hashing import Hashes, to_buckets
from amity.listening.domain.linear import Features, Floats, chances

Kinds = Callable[[Features], list[tuple[Hashes, Positions]]]
Matrix = Any
"""A scipy.sparse matrix in row form; scipy ships no types."""

Floats32 = npt.NDArray[np.float32]
_INT8: Final = 127


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights (bucket × class) and bias of a classifier, before they are rounded."""

    weights: Floats32
    bias: Floats32


def count_features(texts: Sequence[str], kinds: Kinds, bits: int, piece: int = 2_000) -> Matrix:
    """How often each text holds each bucket; divided by the root of its number of features, as when it is used."""
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.uint32]] = []
    for start in range(0, len(texts), piece):
        for hashes, edges in kinds(Features.of(read_characters(texts[start : start + piece]))):
            used = np.flatnonzero(hashes)
            rows.append(np.searchsorted(edges, used, side="right") - 1 + start)
            columns.append(to_buckets(hashes[used], bits))
    row, column = np.concatenate(rows), np.concatenate(columns)
    values = np.ones(len(row), dtype=np.float32)
    counts = sparse.csr_matrix((values, (row, column)), shape=(len(texts), 1 << bits))
    total = np.maximum(np.bincount(row, minlength=len(texts)), 1)
    return (sparse.diags((1 / np.sqrt(total)).astype(np.float32)) @ counts).tocsr()


def document_counts(matrix: Matrix) -> npt.NDArray[np.int64]:
    """In how many texts each bucket occurs."""
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def fit(
    matrix: Matrix,
    labels: npt.NDArray[np.int64],
    weights: Floats32,
    classes: int,
    *,
    strength: float,
    rounds: int,
) -> Fitted:
    """Multinomial logistic regression with an L2 penalty of 1/strength, by L-BFGS. Deterministic."""
    count, width = matrix.shape
    transposed, place = matrix.T.tocsr(), np.arange(count)
    truth = np.zeros((count, classes), dtype=np.float32)
    truth[place, labels] = 1

    def loss(flat: Floats) -> tuple[float, Floats]:
        both = flat.astype(np.float32)
        table = both[: width * classes].reshape(width, classes)
        scores = matrix @ table + both[width * classes :]
        scores -= scores.max(axis=1, keepdims=True)
        powers = np.exp(scores)
        total = powers.sum(axis=1, keepdims=True)
        missed = (weights * (np.log(total[:, 0]) - scores[place, labels])).sum(dtype=np.float64)
        slope = (powers / total - truth) * weights[:, None]
        gradient = np.concatenate([(transposed @ slope + table / strength).ravel(), slope.sum(axis=0)])
        penalty = 0.5 / strength * np.square(table).sum(dtype=np.float64)
        return float(missed + penalty), gradient.astype(np.float64)

    start = np.zeros((width + 1) * classes)
    options = {"maxiter": rounds, "maxcor": 10, "ftol": 1e-9}
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options=options).x.astype(np.float32)
    return Fitted(found[: width * classes].reshape(width, classes), found[width * classes :])


def temperature(scores: Floats, labels: npt.NDArray[np.int64], weights: npt.NDArray[Any]) -> float:
    """The softmax temperature that makes the chances of held-out texts most honest (least log loss)."""
    grid = np.exp(np.linspace(np.log(0.3), np.log(4.0), 80))
    place = np.arange(len(labels))
    losses = [-(weights * np.log(chances(scores, t)[place, labels] + 1e-12)).sum() for t in grid]
    return float(grid[int(np.argmin(losses))])


def pack(
    name: str, fitted: Fitted, importance: Floats32, bits: int, keep: int
) -> dict[str, npt.NDArray[Any]]:
    """The `keep` most important buckets as gaps, int8 weights and one scale. Bucket 0 stays free."""
    importance = importance.copy()
    importance[0] = -1
    chosen = np.sort(np.argsort(-importance, kind="stable")[:keep])
    chosen = chosen[importance[chosen] > 0]
    table = fitted.weights[chosen] - fitted.weights[chosen].mean(axis=1, keepdims=True)
    scale = float(np.abs(table).max()) / _INT8
    gaps = np.diff(chosen, prepend=0)
    return {
        f"{name}_bits": np.array(bits, dtype=np.uint8),
        f"{name}_gaps": gaps.astype(np.uint16 if gaps.max() < 1 << 16 else np.uint32),
        f"{name}_weights": np.rint(table / scale).astype(np.int8),
        f"{name}_scale": np.array(scale, dtype=np.float32),
        f"{name}_bias": fitted.bias.astype(np.float32),
    }
