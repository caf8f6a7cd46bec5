"""The arrays of the shipped model. DATA_CARD.md beside them says what they were made from."""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

import numpy as np

from amity.listening.domain.linear import LinearTextModel

SHIPPED: Final = "understanding.npz"


def model_bytes() -> int:
    """Size of the shipped model on disk, in bytes."""
    return len(files(__name__).joinpath(SHIPPED).read_bytes())


@cache
def shipped_model() -> LinearTextModel:
    """Read the shipped arrays (never pickled) into a model. Takes about 50 ms the first time."""
    with np.load(BytesIO(files(__name__).joinpath(SHIPPED).read_bytes()), allow_pickle=False) as arrays:
        return LinearTextModel(dict(arrays))
