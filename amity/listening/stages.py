"""Listening's part of the corridor: language and sentiment of everything that customers say."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from amity.activity.rows import ROWS
from amity.channels.records import Direction
from amity.kernel.pipeline import Batch

if TYPE_CHECKING:
    from amity.listening.understander import Understander


@cache
def model() -> Understander:
    """The shipped model, loaded when the first text is read and kept for the life of the process."""
    from amity.listening.understander import Understander  # numpy is loaded only where text is understood

    return Understander()


def understand(batch: Batch) -> Batch:
    """Set language, sentiment (-1 to 1) and confidence (0 to 1) on inbound messages; our own get their language."""
    rows = [row for row in batch.get(ROWS) if row.is_message and row.text]
    found = model().understand_many([row.text[:2_000] for row in rows], [row.language for row in rows])
    for row, understood in zip(rows, found, strict=True):
        row.language = row.language or understood.language
        if row.direction == Direction.IN:
            row.sentiment = understood.sentiment
            row.confidence = understood.confidence
    return batch
