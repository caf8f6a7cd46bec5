"""Quality's part of the corridor: what breaks a rule that only flags is marked once it is known whose it is.

Nothing is judged here: figures are made at night and whenever something is put right.
"""

from __future__ import annotations

from amity.activity.shaping import identity_id
from amity.channels.checking import as_judged
from amity.channels.records import PersonRecord
from amity.channels.stages import ITEMS, RULES
from amity.kernel.copying import copy_insert
from amity.kernel.pipeline import Batch


def note_flags(batch: Batch) -> Batch:
    """Write down which rows were taken in although they break a rule."""
    people = [
        (item.raw.position, record)
        for item in batch.get(ITEMS)
        for record in as_judged(item.records)
        if isinstance(record, PersonRecord)
    ]
    if not people:
        return batch
    rules = batch.get(RULES)
    rows = [
        (batch.source_id, batch.run_id, position, identity_id(record.handles[0]), field, rule, batch.at)
        for position, record in people
        for field, rule in rules.flags(record)
    ]
    if rows:
        copy_insert(
            "quality_flag",
            ["source_id", "run_id", "position", "identity_id", "field", "rule", "flagged_at"],
            rows,
        )
    return batch
