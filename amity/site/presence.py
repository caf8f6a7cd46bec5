"""Who else is here: which colleagues have something open now, and what they do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.live import announce
from amity.kernel.names import given_name
from amity.site.models import Presence

GONE_AFTER = timedelta(seconds=45)  # a page tells every 20 s: one lost message is forgiven
FORGOTTEN_AFTER = timedelta(minutes=10)
TOPIC = "presence"


@dataclass(frozen=True, slots=True)
class Subject:
    """Something that can be open: its id, and the source that decides who may hear of it."""

    id: UUID
    source_id: UUID | None


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who is here. `words` is a whole sentence: "Jonas is writing a note"."""

    staff_id: UUID
    name: str
    initials: str
    state: str
    words: str


Lookup = Callable[[Actor, UUID], Subject | None]
_lookups: list[Lookup] = []


def watches(lookup: Lookup) -> Lookup:
    """Register how subjects of one kind are found, under the actor's access: `lookup(actor, id)`."""
    if lookup not in _lookups:
        _lookups.append(lookup)
    return lookup


def _subject(actor: Actor, subject_id: UUID) -> Subject:
    for lookup in _lookups:
        found = lookup(actor, subject_id)
        if found is not None:
            return found
    raise NotFound(_("There is nothing here. It may have been merged or removed."))


def tell(subject_id: UUID, *, actor: Actor, state: str, at: datetime) -> None:
    """The actor has this open now. Others are told when that is news. Raises `NotFound`, `Invalid`."""
    if state not in Presence.State.values or actor.staff_id is None:
        raise Invalid(_("This is not something that one can be doing here."))
    subject = _subject(actor, subject_id)
    with transaction.atomic():
        before = Presence.objects.filter(subject_id=subject_id, staff_id=actor.staff_id).first()
        Presence.objects.update_or_create(
            subject_id=subject_id, staff_id=actor.staff_id, defaults={"state": state, "seen_at": at}
        )
        Presence.objects.filter(seen_at__lt=at - FORGOTTEN_AFTER).delete()
        if before is None or before.state != state or at - before.seen_at > GONE_AFTER:
            _announce(subject)


def leave(subject_id: UUID, *, actor: Actor) -> None:
    """The actor closed it."""
    if actor.staff_id is None:
        return
    subject = _subject(actor, subject_id)
    with transaction.atomic():
        gone, _per_model = Presence.objects.filter(subject_id=subject_id, staff_id=actor.staff_id).delete()
        if gone:
            _announce(subject)


def who_else(subject_id: UUID, *, actor: Actor, at: datetime) -> list[Present]:
    """Colleagues other than the actor who have it open, writers first. Raises `NotFound` for what is hidden."""
    _subject(actor, subject_id)
    rows = Presence.objects.filter(subject_id=subject_id, seen_at__gte=at - GONE_AFTER, staff__is_active=True)
    others = rows.exclude(staff_id=actor.staff_id) if actor.staff_id else rows
    here = others.select_related("staff").order_by("staff__name")
    found = [
        Present(row.staff_id, row.staff.name, row.staff.initials, row.state, _words(row)) for row in here
    ]
    return sorted(found, key=lambda present: present.state == Presence.State.VIEWING)


def _words(row: Presence) -> str:
    first_name = given_name(row.staff.name)
    sentences = {
        Presence.State.VIEWING: _("%(name)s is looking at this"),
        Presence.State.WRITING: _("%(name)s is writing a reply"),
        Presence.State.NOTING: _("%(name)s is writing a note"),
    }
    return sentences[Presence.State(row.state)] % {"name": first_name}


def _announce(subject: Subject) -> None:
    announce(TOPIC, subject.id, source_id=subject.source_id or "")
