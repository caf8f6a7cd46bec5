"""Notes about people: one in full, and those in which words stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from amity.activity.models import Activity, ActivityQuerySet
from amity.activity.queries import BEFORE, CHANGED_AT, REMOVED, instant_of
from amity.activity.words import notes_saying
from amity.channels.records import Direction
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.kernel.models import Staff
from amity.people.queries.record import person_record
from amity.people.queries.visibility import known_links, names_of

NOTE = "note"
"""The channel and the object of a note. One about a person is in no thread, or it would be of a conversation."""


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note about a person. `is_own`: the reader wrote it; `may_return`: what stood there before can be put back."""

    id: UUID
    person_id: UUID
    text: str
    by: str
    staff_id: UUID | None
    written_at: datetime
    changed_at: datetime | None
    is_removed: bool
    is_own: bool
    may_return: bool


@dataclass(frozen=True, slots=True)
class FoundNote:
    """A note in which the words stand, and about whom it is."""

    id: UUID
    words: str
    person_id: UUID
    name: str


def note_row(note_id: UUID) -> ActivityQuerySet:
    """The note of this id. Its id tells when it was written, so that one month alone is looked at."""
    at = instant_of(note_id)
    return Activity.objects.filter(
        occurred_at__gte=at - timedelta(seconds=1), occurred_at__lt=at + timedelta(seconds=1), id=note_id, channel=NOTE,
        direction=Direction.INTERNAL, thread_id__isnull=True,
    )  # fmt: skip


def note_about(actor: Actor, person_id: UUID, note_id: UUID) -> NoteShown:
    """One note about a person, in full. Raises `NotFound` for whom or what the actor does not know."""
    record = person_record(actor, person_id)
    note = policy.visible(note_row(note_id).about(list(record.identity_ids)), actor).first()
    if note is None:
        raise NotFound(_("This note does not exist."))
    kept = note.payload or {}
    wrote = (
        Staff.objects.filter(pk=note.staff_id).values_list("name", flat=True).first()
        if note.staff_id
        else None
    )
    is_own = note.staff_id is not None and note.staff_id == actor.staff_id
    return NoteShown(
        note.id, record.id, note.text, wrote or "", note.staff_id, note.occurred_at,
        datetime.fromisoformat(kept[CHANGED_AT]) if CHANGED_AT in kept else None,
        REMOVED in kept, is_own, is_own and (REMOVED in kept or BEFORE in kept),
    )  # fmt: skip


def find_notes(actor: Actor, typed: str, limit: int, *, at: datetime) -> list[FoundNote]:
    """Notes about people in which all these words stand, the last one also as a beginning, newest first."""
    if not policy.may(actor, "read", "activity") or not policy.may(actor, "read", "person"):
        return []
    hits = notes_saying(typed, hidden=policy.hidden_source_ids(actor), most=limit * 4, at=at)
    # As on their timeline: of somebody who is known otherwise too, an account that is not for this actor is not theirs.
    theirs = (
        known_links(actor).filter(identity_id__in={about for _id, about, _text in hits if about})
        if hits
        else ()
    )
    known = names_of(actor, {link.identity_id for link in theirs}) if theirs else {}
    found = [(id, text, known.get(about)) for id, about, text in hits if about]
    return [FoundNote(id, text, one.id, one.name) for id, text, one in found if one][:limit]
