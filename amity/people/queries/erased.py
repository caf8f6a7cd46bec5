"""Erasures as colleagues who may know of them see them: of one person, all of them, what one would do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amity.kernel import erasing, policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Line
from amity.kernel.errors import NotFound
from amity.people.models import ErasureState, PersonErasure
from amity.people.queries.grouped import under
from amity.people.queries.record import PersonRecord

MOST = 200


@dataclass(frozen=True, slots=True)
class Foretold:
    """What an erasure would do. `hides`: sources that are closed to the reader are erased too and not counted here."""

    goes: tuple[Line, ...]
    stays: tuple[Line, ...]
    hides: bool


def foretold(actor: Actor, record: PersonRecord) -> Foretold:
    """What would go, and what would stay without a name, as far as this actor sees it. Raises `Forbidden`."""
    policy.require(actor, "read", "erasure")
    lines = erasing.foretell(record.identity_ids, actor)
    return Foretold(
        goes=tuple(line for line in lines if not line.is_kept),
        stays=tuple(line for line in lines if line.is_kept),
        hides=bool(policy.hidden_source_ids(actor)),
    )


def erasure_of(actor: Actor, person_id: UUID) -> PersonErasure | None:
    """The erasure that a person waits for; None where there is none, or it is nothing that the actor may know."""
    if not policy.may(actor, "read", "erasure"):
        return None
    found = policy.visible(pending_of([person_id]).select_related("asked_by"), actor)
    return found.order_by("due_at").first()


def pending_of(person_ids: Iterable[UUID]) -> QuerySet[PersonErasure]:
    """What waits or runs for these persons, or for whoever was merged into them since it was asked for."""
    people = {one for those in under(person_ids).values() for one in those}
    pending = [ErasureState.WAITING, ErasureState.RUNNING]
    return PersonErasure.objects.filter(person_id__in=people, state__in=pending)


def get_erasure(actor: Actor, erasure_id: UUID) -> PersonErasure:
    """One of them. Raises `NotFound`."""
    policy.require(actor, "read", "erasure")
    found = policy.visible(PersonErasure.objects.select_related("asked_by", "stopped_by"), actor)
    erasure = found.filter(pk=erasure_id).first()
    if erasure is None:
        raise NotFound(_("This erasure does not exist."))
    return erasure


def list_erasures(
    actor: Actor, *, before: tuple[datetime, UUID] | None = None, limit: int = MOST
) -> Sequence[PersonErasure]:
    """The newest ones first; further ones with the `asked_at` and id of the last as `before`."""
    policy.require(actor, "read", "erasure")
    found = policy.visible(PersonErasure.objects.select_related("asked_by", "stopped_by"), actor)
    if before is not None:  # a rule asks for several at one instant
        found = found.filter(Q(asked_at__lt=before[0]) | Q(asked_at=before[0], pk__lt=before[1]))
    return list(found.order_by("-asked_at", "-id")[:limit])


def certificate_of(erasure: PersonErasure) -> dict[str, Any]:
    """The certificate with the hash that seals it. Raises `NotFound` before it is done."""
    if erasure.certificate is None:
        raise NotFound(_("There is no certificate before the erasure is done."))
    return {"certificate": erasure.certificate, "sha256": erasure.digest}
