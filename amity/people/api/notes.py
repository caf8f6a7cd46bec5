"""Notes about a person: what colleagues write for each other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from amity.kernel.api.answers import Answer
from amity.kernel.api.operations import ApiRequest, In, operation
from amity.people.noting import LONGEST, Noted, change_note, remove_note, restore_note, write_note
from amity.people.queries.noted import note_about

router = Router(tags=["people"])
_ONE = "/people/{uuid:person_id}/notes/{uuid:note_id}"


class PersonNoteOut(Schema):
    """A note about a person; customers never see it."""

    id: UUID = Field(description="The activity that it is.")
    person_id: UUID = Field(description="On whose timeline it stands now.")
    text: str = Field(description="In full; empty where it was removed.")
    staff_id: UUID | None = Field(description="Who wrote it; null where they are not here any more.")
    by: str = Field(description="Their name.")
    written_at: datetime = Field(description="When.")
    changed_at: datetime | None = Field(description="When other words were put there last; null for never.")
    is_removed: bool = Field(description="Its author took it away, and can put it back for seven days.")


class PersonNoteIn(In):
    """What colleagues should know."""

    text: str = Field(max_length=LONGEST, description="Plain words, with line breaks.")


@operation(
    router,
    "POST",
    "/people/{uuid:person_id}/notes",
    of="person",
    does="write",
    answer=PersonNoteOut,
    status=201,
)
def note_about_person(request: ApiRequest, person_id: UUID, body: PersonNoteIn) -> Answer:
    """Write something about a person that only colleagues see.

    A token needs the scope activity:read too: a note is an entry of the stream.
    """
    return Answer(_shown(request, write_note(person_id, body.text, actor=request.actor, at=request.now)), 201)


@operation(router, "GET", _ONE, of="person", does="read", answer=PersonNoteOut)
def get_note_about_person(request: ApiRequest, person_id: UUID, note_id: UUID) -> Mapping[str, Any]:
    """A note about a person in full: the timeline tells its first 1,000 characters."""
    return _shown(request, Noted(person_id, note_id))


@operation(router, "PUT", _ONE, of="person", does="write", answer=PersonNoteOut)
def change_note_about_person(
    request: ApiRequest, person_id: UUID, note_id: UUID, body: PersonNoteIn
) -> Mapping[str, Any]:
    """Have other words stand in your note. 403 for somebody else's, 409 for one that was removed."""
    return _shown(request, change_note(person_id, note_id, body.text, actor=request.actor, at=request.now))


@operation(router, "DELETE", _ONE, of="person", does="write", answer=PersonNoteOut)
def remove_note_about_person(request: ApiRequest, person_id: UUID, note_id: UUID) -> Mapping[str, Any]:
    """Take your note away. It can be put back for seven days."""
    return _shown(request, remove_note(person_id, note_id, actor=request.actor, at=request.now))


@operation(router, "POST", f"{_ONE}/restoration", of="person", does="write", answer=PersonNoteOut)
def restore_note_about_person(request: ApiRequest, person_id: UUID, note_id: UUID) -> Mapping[str, Any]:
    """Put back your note, or the words that stood there before you changed it. 409 where there is nothing."""
    return _shown(request, restore_note(person_id, note_id, actor=request.actor, at=request.now))


def _shown(request: ApiRequest, noted: Noted) -> dict[str, Any]:
    shown = asdict(note_about(request.actor, noted.person_id, noted.note_id))
    return {name: shown[name] for name in PersonNoteOut.model_fields}
