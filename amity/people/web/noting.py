"""Notes about a person: written on their page, changed and removed by their author, each with its way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from amity.activity.queries import Moment
from amity.kernel import policy
from amity.kernel.errors import Invalid
from amity.people import panels
from amity.people.noting import LONGEST, Noted, change_note, remove_note, restore_note, write_note
from amity.people.panels import Detail, Subject
from amity.people.queries import person_record
from amity.people.queries.noted import NOTE, NoteShown, note_about
from amity.people.web.answers import say

if TYPE_CHECKING:
    from amity.kernel.requests import ActingRequest


def register() -> None:
    """Called once at start."""
    panels.register_details("notes", details)


def details(subject: Subject, moments: Sequence[Moment]) -> Mapping[UUID, Detail]:
    """Where each note about the person opens, and what its author can do with it."""
    if subject.person_id is None:
        return {}
    person, found = subject.person_id, {}
    may_write = policy.may(subject.actor, "write", "person")
    for moment in moments:
        if not _is_about_person(moment):
            continue
        at = [person, moment.id]
        is_own = may_write and moment.staff_id is not None and moment.staff_id == subject.actor.staff_id
        may_change = is_own and not moment.is_removed
        found[moment.id] = Detail(
            url="" if moment.is_removed else reverse("person-note", args=at),
            change_url=reverse("person-note", args=at) if may_change else "",
            removal_url=reverse("person-note-removal", args=at) if may_change else "",
            return_url=reverse("person-note-restoration", args=at) if is_own and moment.is_removed else "",
        )
    return found


def _is_about_person(moment: Moment) -> bool:
    return moment.channel == NOTE and moment.is_internal and moment.thread_id is None


@require_http_methods(["GET", "HEAD", "POST"])
def person_notes(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Write `text` about a person, for colleagues only. What is wrong is said on a page with the text."""
    policy.require(request.actor, "write", "person")
    record = person_record(request.actor, person_id)
    text, problem = request.POST.get("text", ""), ""
    if request.method == "POST":
        try:
            done = write_note(person_id, text, actor=request.actor, at=request.now)
        except Invalid as error:
            problem = error.fields.get("text", error.message)
        else:
            say(request, _("Noted"), reverse("person-note-removal", args=[done.person_id, done.note_id]))
            return _to(done)
    shown: dict[str, Any] = {
        "person": record, "text": text, "problem": problem, "may_write": True,
        "url": reverse("person-notes", args=[record.id]), "longest": LONGEST,
    }  # fmt: skip
    return render(request, "people/note.html", shown, status=422 if problem else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def person_note(request: ActingRequest, person_id: UUID, note_id: UUID) -> HttpResponse:
    """A note in full; its author has other words stand there with `text`."""
    note = note_about(request.actor, person_id, note_id)
    if request.method != "POST":
        return _page(request, note, note.text)
    text = request.POST.get("text", "")
    try:
        done = change_note(person_id, note_id, text, actor=request.actor, at=request.now)
    except Invalid as error:
        return _page(request, note, text, error.fields.get("text", error.message))
    say(request, _("Note changed"), reverse("person-note-restoration", args=[done.person_id, done.note_id]))
    return _to(done)


@require_POST
def note_removal(request: ActingRequest, person_id: UUID, note_id: UUID) -> HttpResponse:
    """Its author takes it away."""
    done = remove_note(person_id, note_id, actor=request.actor, at=request.now)
    say(request, _("Note removed"), reverse("person-note-restoration", args=[done.person_id, done.note_id]))
    return _to(done)


@require_POST
def note_restoration(request: ActingRequest, person_id: UUID, note_id: UUID) -> HttpResponse:
    """The way back of both: the note, or its words from before the change, stand there again."""
    done = restore_note(person_id, note_id, actor=request.actor, at=request.now)
    say(request, _("As it was"))
    return _to(done)


def _to(done: Noted) -> HttpResponse:
    return redirect(f"{reverse('person', args=[done.person_id])}#moment-{done.note_id}")


def _page(request: ActingRequest, note: NoteShown, text: str, problem: str = "") -> HttpResponse:
    shown: dict[str, Any] = {
        "person": person_record(request.actor, note.person_id), "note": note, "text": text, "problem": problem,
        "may_write": note.is_own and not note.is_removed and policy.may(request.actor, "write", "person"),
        "url": reverse("person-note", args=[note.person_id, note.id]), "longest": LONGEST,
    }  # fmt: skip
    return render(request, "people/note.html", shown, status=422 if problem else 200)
