"""Notes that colleagues write about a person: deeds on the stream about an identity of theirs, with a way back.

A note is its author's: nobody else changes or removes it. What stood there before stays for `KEPT` with the deed, so
that it comes back as it was, is disclosed while it is there, and goes with the person; then it is forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.activity.models import Activity
from amity.activity.queries import BEFORE, CHANGED_AT, EARLIER, REMOVED, UNDER
from amity.activity.services import Deed, record_deed, rewrite, take_back
from amity.channels.inlet import take_turn_now
from amity.channels.records import Direction
from amity.kernel import audit, policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.timers import clear_timer, set_timer
from amity.people.by_hand import hand_source
from amity.people.holds import none_is_placed
from amity.people.queries.held import holds_on
from amity.people.queries.noted import NOTE, note_row
from amity.people.queries.record import person_record
from amity.people.queries.visibility import people_of
from amity.people.services import anchor_of

LONGEST = 50_000
KEPT = timedelta(days=7)
"""How long the words of a note that was changed or removed can be had back."""
FORGET = "note.forget"


@dataclass(frozen=True, slots=True)
class Noted:
    """Whose page it stands on now, and the note."""

    person_id: UUID
    note_id: UUID


@transaction.atomic
def write_note(person_id: UUID, text: str, *, actor: Actor, at: datetime) -> Noted:
    """Write something about a person that only colleagues see.

    It is said of the person who was named, also where they were merged into another: after an unmerge it stays theirs.
    Raises `NotFound` for whom the actor does not know, `Invalid` (`text`) for no words or too many, and `Forbidden`,
    also for a program that may not read the stream: it would be told that what it has just written is not there.
    """
    policy.require(actor, "write", "person")
    policy.require(actor, "read", "activity")
    words = _written(text)
    take_turn_now()
    record = person_record(actor, person_id)
    anchor = anchor_of(person_id, record)
    source = hand_source(anchor, actor=actor, at=at)
    deed = record_deed(Deed(
        source_id=source.id, thread_id=None, about_id=anchor, direction=Direction.INTERNAL, channel=NOTE, verb="add",
        object_type=NOTE, text=words,
    ), actor=actor, at=at)  # fmt: skip
    _tell("note.written", record.id, deed.id, actor=actor, at=at)
    return Noted(record.id, deed.id)


@transaction.atomic
def change_note(person_id: UUID, note_id: UUID, text: str, *, actor: Actor, at: datetime) -> Noted:
    """Have other words stand in one's own note. `Forbidden` for somebody else's, `Conflict` for a removed one."""
    words = _written(text)
    person, note = _own(person_id, note_id, actor)
    if REMOVED in _kept(note):
        raise Conflict(_("This note was removed. Put it back first."))
    if words != note.text:
        rewrite(note, text=words, payload=_after_change(note, at))
        set_timer(FORGET, note.id, at + KEPT)
        _tell("note.changed", person, note.id, actor=actor, at=at)
    return Noted(person, note.id)


@transaction.atomic
def remove_note(person_id: UUID, note_id: UUID, *, actor: Actor, at: datetime) -> Noted:
    """Take one's own note away. Its words can be had back for `KEPT`; that there was one is said until then."""
    person, note = _own(person_id, note_id, actor)
    if REMOVED not in _kept(note):
        rewrite(
            note, text="", payload={REMOVED: note.text} | ({UNDER: kept} if (kept := _kept(note)) else {})
        )
        set_timer(FORGET, note.id, at + KEPT)
        _tell("note.removed", person, note.id, actor=actor, at=at)
    return Noted(person, note.id)


@transaction.atomic
def restore_note(person_id: UUID, note_id: UUID, *, actor: Actor, at: datetime) -> Noted:
    """Put back what was removed, or the words that stood there before the last change.

    Raises `Conflict` where neither was done, or too long ago.
    """
    person, note = _own(person_id, note_id, actor)
    kept = _kept(note)
    if REMOVED in kept:
        under = kept.get(UNDER, {})
        rewrite(note, text=kept[REMOVED], payload=under or None)
        if BEFORE in under:
            set_timer(FORGET, note.id, datetime.fromisoformat(under[CHANGED_AT]) + KEPT)
        else:
            clear_timer(FORGET, note.id)
    elif BEFORE in kept:
        rewrite(note, text=kept[BEFORE], payload=kept | {BEFORE: note.text, CHANGED_AT: at.isoformat()})
        set_timer(FORGET, note.id, at + KEPT)
    else:
        raise Conflict(_("There is nothing to put back: the words from before are not kept any longer."))
    _tell("note.restored", person, note.id, actor=actor, at=at)
    return Noted(person, note.id)


@transaction.atomic
def forget_words(note_id: UUID, *, at: datetime) -> None:
    """The time to think again is over: a removed note goes, and so do the words from before a change.

    Nothing of somebody goes who is held: that waits until the hold is released.
    """
    none_is_placed()
    note = note_row(note_id).select_for_update().first()
    if note is None:
        return  # erased meanwhile
    if _is_held(note):
        set_timer(FORGET, note_id, at + timedelta(days=1))
        return
    kept = _kept(note)
    if REMOVED in kept:
        take_back(note.id, note.occurred_at)
    elif BEFORE in kept:
        rewrite(note, text=note.text, payload={CHANGED_AT: kept[CHANGED_AT]})


def _written(text: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words:
        raise Invalid(_("Write something first."), fields={"text": _("Write something first.")})
    if len(words) > LONGEST:
        raise Invalid(_("This is too long."), fields={"text": _("At most 50,000 characters.")})
    return words


def _own(person_id: UUID, note_id: UUID, actor: Actor) -> tuple[UUID, Activity]:
    """The actor's note about this person, locked, and whose page it stands on."""
    policy.require(actor, "write", "person")
    take_turn_now()
    record = person_record(actor, person_id)
    note = (
        policy.visible(note_row(note_id).about(list(record.identity_ids)), actor).select_for_update().first()
    )
    if note is None:
        raise NotFound(_("This note does not exist."))
    if note.staff_id is None or note.staff_id != actor.staff_id:
        raise Forbidden(_("Only who wrote a note changes or removes it."))
    return record.id, note


def _after_change(note: Activity, at: datetime) -> dict[str, Any]:
    """What is kept of the words that a change takes away. While the person is held those from before stay as well."""
    if not note.text:  # a rule took them
        return {CHANGED_AT: at.isoformat()}
    kept = _kept(note)
    earlier = [*kept.get(EARLIER, ()), *([kept[BEFORE]] if BEFORE in kept else ())]
    stays = {EARLIER: earlier} if earlier and _is_held(note) else {}
    return {BEFORE: note.text, CHANGED_AT: at.isoformat()} | stays


def _is_held(note: Activity) -> bool:
    person = people_of([note.about_id]).get(note.about_id) if note.about_id else None
    return person is not None and bool(holds_on(person))


def _kept(note: Activity) -> dict[str, Any]:
    return note.payload or {}


def _tell(action: str, person: UUID, note: UUID, *, actor: Actor, at: datetime) -> None:
    """The trail tells who did what when. What was written stays with the note: it goes with the person."""
    audit.record(action, actor=actor, at=at, subject="person", subject_id=person, after={"note": str(note)})
