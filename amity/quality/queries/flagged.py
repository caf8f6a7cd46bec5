"""Rows that were taken in although they break a rule."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries.visibility import names_of
from amity.quality.models import Flag
from amity.quality.queries.known import fields_for

PAGE = 50


@dataclass(frozen=True, slots=True)
class FlaggedRow:
    """`person_id` is None for whom the actor does not know any more."""

    id: int
    person_id: UUID | None
    name: str
    source: str
    field: str
    rule: str
    position: int
    run_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FlaggedPage:
    """Newest first, and where the next page starts."""

    rows: tuple[FlaggedRow, ...]
    after: int | None


def flagged_page(
    actor: Actor, at: datetime, run_id: UUID | None = None, after: int | None = None, limit: int = PAGE
) -> FlaggedPage:
    """What was flagged, as far as this actor may see the source and the field."""
    policy.require(actor, "read", "person")
    fields = [one.key for one in fields_for(actor, at)]
    found = Flag.objects.exclude(source_id__in=policy.hidden_source_ids(actor)).filter(field__in=fields)
    if run_id is not None:
        found = found.filter(run_id=run_id)
    if after is not None:
        found = found.filter(id__lt=after)
    rows = list(found.order_by("-id")[: limit + 1])
    page = rows[:limit]
    names = names_of(actor, {one.identity_id for one in page})
    sources = dict(Source.objects.filter(pk__in={one.source_id for one in page}).values_list("id", "name"))
    shown = tuple(
        FlaggedRow(
            one.pk,
            names[one.identity_id].id if one.identity_id in names else None,
            names[one.identity_id].name if one.identity_id in names else "",
            sources.get(one.source_id, ""),
            one.field,
            one.rule,
            one.position,
            one.run_id,
            one.flagged_at,
        )
        for one in page
    )
    return FlaggedPage(shown, page[-1].pk if len(rows) > limit else None)
