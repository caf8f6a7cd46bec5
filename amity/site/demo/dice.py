"""The one source of chance: a separate, reproducible sequence for each purpose."""

from __future__ import annotations

from random import Random


def dice(seed: int, purpose: str) -> Random:
    """The sequence of a purpose. Purposes do not disturb each other: one draw more for orders changes no
    conversation. Seeding with text goes through SHA-512, so it is the same in every process."""
    return Random(f"{seed}:{purpose}")
