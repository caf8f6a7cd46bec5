"""Many people at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal
from uuid import UUID

from ninja import Query, Router, Schema
from pydantic import Field

from amity.channels.bulk import Mode, Outcome
from amity.kernel.api.operations import ApiRequest, operation
from amity.kernel.api.rows import body_of, checked, read_rows
from amity.people.api.schemas import PersonIn
from amity.people.bulk import record_people

router = Router(tags=["people"])


class BulkQuery(Schema):
    """Which rows are meant, and whether anything is kept of them."""

    mode: Literal["create", "update", "upsert"] = Field(
        "upsert", description="create: only new ones; update: only known ones, by any handle; upsert: both."
    )
    dry_run: bool = Field(False, description="Say what would become of the rows, and keep nothing.")


class RowOut(Schema):
    """What became of a row, in the order of the rows.

    created, updated, unchanged; exists (create), missing (update), invalid, failed: then nothing of it is kept.
    """

    status: Literal["created", "updated", "unchanged", "exists", "missing", "invalid", "failed"]
    id: UUID | None
    code: str = Field(description="What is wrong, for programs; empty where nothing is.")
    reason: str = Field(description="The same in words.")


class BulkOut(Schema):
    counts: dict[str, int] = Field(description="How many rows came to which status.")
    rows: list[RowOut] = Field(description="What became of each row, in their order.")


@operation(
    router, "POST", "/people/bulk", of="person", does="write", answer=BulkOut, extra=body_of("PersonIn")
)
def bulk_people(request: ApiRequest, wanted: Query[BulkQuery]) -> Mapping[str, Any]:
    """Tell up to 10,000 people at once, as a JSON array or one object a line. Each row has an outcome of its own."""
    rows = read_rows(request)
    good, bad = checked(rows, PersonIn)
    found = record_people(
        [row for _place, row in good], mode=Mode(wanted.mode), actor=request.actor, at=request.now,
        program=request.token_name, dry_run=wanted.dry_run,
    )  # fmt: skip
    outcomes = {place: outcome for (place, _row), outcome in zip(good, found, strict=True)}
    outcomes |= {place: Outcome("invalid", None, "invalid", reason) for place, reason in bad.items()}
    ordered = [outcomes[place] for place in range(len(rows))]
    return {"counts": Counter(one.status for one in ordered), "rows": ordered}
