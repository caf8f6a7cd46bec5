"""Whether a mail reaches somebody: addresses from which ours came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from amity.activity.models import Activity
from amity.channels.records import Direction
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.models import UNREACHABLE, Fact


@dataclass(frozen=True, slots=True)
class Unreachable:
    """`reason` is a value of `amity.channels.mime.Reason`."""

    reason: str
    since: datetime


def unreachable(identity_ids: Iterable[UUID], *, actor: Actor) -> Mapping[UUID, Unreachable]:
    """Which of these identities nothing reaches, as sources that the actor sees tell; newest word first.

    Whoever wrote since from there is reached again.
    """
    wrote = Activity.objects.filter(
        about_id=OuterRef("identity_id"), direction=Direction.IN, occurred_at__gt=OuterRef("observed_at")
    )
    rows = Fact.objects.filter(~Exists(wrote), identity_id__in=list(identity_ids), field=UNREACHABLE)
    told = rows.exclude(source_id__in=policy.hidden_source_ids(actor)).order_by("observed_at")
    return {one.identity_id: Unreachable(one.value, one.observed_at) for one in told}
