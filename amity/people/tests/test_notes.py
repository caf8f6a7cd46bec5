"""Notes about people: written on their page, their author's alone, with a way back, gone with the person."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from amity.activity.disclosing import tell
from amity.activity.emptying import empty
from amity.activity.models import Activity, ActivityKey
from amity.activity.queries import Lane, timeline
from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.models import Source
from amity.channels.records import Direction, Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.disclosing import Whose
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import AuditEntry, Staff, Team
from amity.kernel.timers import wake_due
from amity.people import erasures, holds
from amity.people.merging import merge, unmerge
from amity.people.models import Merge, Person
from amity.people.noting import KEPT, change_note, remove_note, restore_note, write_note
from amity.people.queries import person_record
from amity.people.queries.noted import find_notes, note_about
from amity.people.tests.records import (
    AT,
    answered,
    days,
    email,
    listed,
    make_actor,
    make_source,
    make_staff,
    person_of,
    said,
    take_in,
)

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")
LATER = AT + days(2)
WEEK_AFTER = LATER + KEPT + timedelta(minutes=1)


@pytest.fixture
def ines() -> Staff:
    return make_staff(Role.AGENT)


@pytest.fixture
def tomas() -> Person:
    """He has never written: there is no conversation with him."""
    take_in(make_source(), listed(TOMAS, city="Bilbao"))
    return person_of(TOMAS)


def client_of(colleague: Staff) -> Client:
    client = Client()
    client.force_login(colleague, backend="amity.site.signin.StaffBackend")
    return client


def notes_of(actor: Actor, person: Person) -> list[str]:
    page = timeline(actor, person_record(actor, person.id).identity_ids)
    return [one.text for one in page.moments if one.channel == "note"]


def page_of(client: Client, person: Person) -> str:
    return client.get(reverse("person", args=[person.id])).content.decode()


def test_a_note_is_a_deed_of_ours_that_only_colleagues_see(tomas: Person, ines: Staff) -> None:
    done = write_note(tomas.id, "  Likes it dark.  ", actor=ines.actor(), at=LATER)
    (moment,) = timeline(ines.actor(), person_record(ines.actor(), tomas.id).identity_ids).moments
    assert (moment.id, moment.text, moment.lane) == (done.note_id, "Likes it dark.", Lane.DID)
    assert (moment.direction, moment.staff_id, moment.occurred_at) == (Direction.INTERNAL, ines.pk, LATER)
    assert moment.thread_id is None


def test_it_is_written_on_the_page_with_a_plain_form_and_taken_back_from_the_toast(
    tomas: Person, ines: Staff
) -> None:
    client = client_of(ines)
    page = page_of(client, tomas)
    assert f'action="{reverse("person-notes", args=[tomas.id])}"' in page
    assert 'data-key="n"' in page
    answer = client.post(reverse("person-notes", args=[tomas.id]), {"text": "Likes <it> dark"}, follow=True)
    page = answer.content.decode()
    assert "Likes &lt;it&gt; dark" in page
    assert "Internal note" in page
    assert f"{ines.name.split()[0]} noted" in page
    (note,) = Activity.objects.filter(channel="note")
    client.post(reverse("person-note-removal", args=[tomas.id, note.id]))
    page = page_of(client, tomas)
    assert "Likes &lt;it&gt; dark" not in page
    assert "removed a note" in page
    client.post(reverse("person-note-restoration", args=[tomas.id, note.id]))
    assert "Likes &lt;it&gt; dark" in page_of(client, tomas)


def test_a_note_without_words_is_refused_with_what_is_wrong_beside_it(tomas: Person, ines: Staff) -> None:
    answer = client_of(ines).post(reverse("person-notes", args=[tomas.id]), {"text": " \n "})
    assert answer.status_code == 422
    assert "Write something first." in answer.content.decode()
    with pytest.raises(Invalid):
        write_note(tomas.id, "x" * 50_001, actor=ines.actor(), at=LATER)


def test_a_long_note_is_read_in_full_on_a_page_of_its_own(tomas: Person, ines: Staff) -> None:
    long = "He told the whole story. " * 100 + "The end."
    done = write_note(tomas.id, long, actor=ines.actor(), at=LATER)
    reader = client_of(make_staff(Role.ANALYST))
    page = reader.get(reverse("person-note", args=[tomas.id, done.note_id])).content.decode()
    assert "The end." in page
    assert "<textarea" not in page
    assert reverse("person-note", args=[tomas.id, done.note_id]) in page_of(reader, tomas)


def test_its_author_changes_it_and_has_the_words_from_before_back(tomas: Person, ines: Staff) -> None:
    done = write_note(tomas.id, "Likes it dark", actor=ines.actor(), at=LATER)
    client = client_of(ines)
    client.post(reverse("person-note", args=[tomas.id, done.note_id]), {"text": "Likes it light"})
    assert notes_of(ines.actor(), tomas) == ["Likes it light"]
    assert '<span class="quiet">changed</span>' in page_of(client, tomas)
    client.post(reverse("person-note-restoration", args=[tomas.id, done.note_id]))
    assert notes_of(ines.actor(), tomas) == ["Likes it dark"]


def test_a_note_comes_back_as_it_was_also_with_the_words_from_before_a_change(
    tomas: Person, ines: Staff
) -> None:
    actor = ines.actor()
    note = write_note(tomas.id, "Old words", actor=actor, at=LATER).note_id
    change_note(tomas.id, note, "New words", actor=actor, at=LATER)
    remove_note(tomas.id, note, actor=actor, at=LATER + days(1))
    assert not note_about(actor, tomas.id, note).changed_at
    (section,) = tell(Whose(tomas.id, person_record(actor, tomas.id).identity_ids, actor, LATER))
    assert [set(row["text"].split("\n\n")) for row in section.rows] == [{"Old words", "New words"}]
    restore_note(tomas.id, note, actor=actor, at=LATER + days(2))
    shown = note_about(actor, tomas.id, note)
    assert (shown.text, shown.changed_at, shown.may_return) == ("New words", LATER, True)
    restore_note(tomas.id, note, actor=actor, at=LATER + days(2))
    assert notes_of(actor, tomas) == ["Old words"]
    remove_note(tomas.id, note, actor=actor, at=LATER + days(3))
    restore_note(tomas.id, note, actor=actor, at=LATER + days(4))
    wake_due(LATER + days(2) + KEPT)  # a week after the change, not after it was put back
    assert not note_about(actor, tomas.id, note).may_return
    assert notes_of(actor, tomas) == ["Old words"]


def test_what_a_rule_took_of_a_note_is_still_said_after_it_was_removed_and_put_back(
    tomas: Person, ines: Staff
) -> None:
    actor = ines.actor()
    note = write_note(tomas.id, "Old words", actor=actor, at=LATER).note_id
    empty([(LATER, note)], {"rule": "After a year", "months": 12})
    remove_note(tomas.id, note, actor=actor, at=LATER)
    restore_note(tomas.id, note, actor=actor, at=LATER)
    assert "After a year" in page_of(client_of(ines), tomas)
    change_note(tomas.id, note, "Written anew", actor=actor, at=LATER)
    with pytest.raises(Conflict):  # there are no words from before
        restore_note(tomas.id, note, actor=actor, at=LATER)


def test_nobody_else_changes_or_removes_it(tomas: Person, ines: Staff) -> None:
    done = write_note(tomas.id, "Likes it dark", actor=ines.actor(), at=LATER)
    owner = make_staff(Role.OWNER)
    with pytest.raises(Forbidden):
        change_note(tomas.id, done.note_id, "No", actor=owner.actor(), at=LATER)
    for deed in (remove_note, restore_note):
        with pytest.raises(Forbidden):
            deed(tomas.id, done.note_id, actor=owner.actor(), at=LATER)
    page = page_of(client_of(owner), tomas)
    assert reverse("person-note-removal", args=[tomas.id, done.note_id]) not in page
    assert notes_of(ines.actor(), tomas) == ["Likes it dark"]


def test_readers_write_none_and_who_does_not_see_the_person_is_told_of_nobody(ines: Staff) -> None:
    team = Team.objects.create(name="Works council")
    take_in(make_source("closed", team=team), listed(TOMAS))
    hidden = person_of(TOMAS)
    with pytest.raises(NotFound):
        write_note(hidden.id, "Hello", actor=ines.actor(), at=LATER)
    assert (
        client_of(ines).post(reverse("person-notes", args=[hidden.id]), {"text": "Hello"}).status_code == 404
    )
    member = make_staff(Role.AGENT)
    member.teams.add(team)
    done = write_note(hidden.id, "Between us", actor=member.actor(), at=LATER)
    assert Source.objects.get(pk=Activity.objects.get(id=done.note_id).source_id).team_id == team.pk
    reader = make_staff(Role.ANALYST)
    reader.teams.add(team)
    with pytest.raises(Forbidden):
        write_note(hidden.id, "Hello", actor=reader.actor(), at=LATER)
    assert "person-note-text" not in page_of(client_of(reader), hidden)


def test_a_program_that_does_not_read_the_stream_writes_nothing_instead_of_twice(
    tomas: Person, ines: Staff
) -> None:
    narrow = replace(ines.actor(), scopes=frozenset({"person:read", "person:write"}))
    with pytest.raises(Forbidden):
        write_note(tomas.id, "Likes it dark", actor=narrow, at=LATER)
    assert not Activity.objects.filter(channel="note").exists()


def test_after_an_unmerge_a_note_stays_with_whom_it_was_written_about(tomas: Person, ines: Staff) -> None:
    take_in(make_source("till"), listed(ARRIETA, city="Getxo"))
    arrieta, actor = person_of(ARRIETA), ines.actor()
    write_note(arrieta.id, "Before", actor=actor, at=LATER)
    merge(tomas.id, [arrieta.id], actor=actor, at=LATER)
    write_note(arrieta.id, "By the old address", actor=actor, at=LATER + timedelta(seconds=1))
    write_note(tomas.id, "Of both", actor=actor, at=LATER + timedelta(seconds=2))
    assert notes_of(actor, tomas) == ["Of both", "By the old address", "Before"]
    unmerge([Merge.objects.get().pk], actor=actor, at=LATER + days(1))
    assert notes_of(actor, tomas) == ["Of both"]
    assert notes_of(actor, arrieta) == ["By the old address", "Before"]


def test_what_was_removed_is_forgotten_after_a_week_and_so_is_what_was_changed(
    tomas: Person, ines: Staff
) -> None:
    actor = ines.actor()
    gone = write_note(tomas.id, "Gone", actor=actor, at=LATER)
    changed = write_note(tomas.id, "Old words", actor=actor, at=LATER)
    remove_note(tomas.id, gone.note_id, actor=actor, at=LATER)
    change_note(tomas.id, changed.note_id, "New words", actor=actor, at=LATER)
    wake_due(LATER + KEPT - timedelta(minutes=1))
    assert note_about(actor, tomas.id, gone.note_id).may_return
    wake_due(WEEK_AFTER)
    with pytest.raises(NotFound):
        restore_note(tomas.id, gone.note_id, actor=actor, at=WEEK_AFTER)
    with pytest.raises(Conflict):
        restore_note(tomas.id, changed.note_id, actor=actor, at=WEEK_AFTER)
    assert notes_of(actor, tomas) == ["New words"]
    assert note_about(actor, tomas.id, changed.note_id).changed_at == LATER
    assert not ActivityKey.objects.filter(activity_id=gone.note_id).exists()
    held = json.dumps(list(Activity.objects.filter(channel="note").values_list("text", "payload")))
    assert "Gone" not in held
    assert "Old words" not in held


def test_nothing_is_forgotten_while_the_person_is_held(tomas: Person, ines: Staff) -> None:
    actor = ines.actor()
    gone = write_note(tomas.id, "Evidence", actor=actor, at=LATER)
    remove_note(tomas.id, gone.note_id, actor=actor, at=LATER)
    holds.place(tomas.id, reason="Lawsuit", actor=make_actor(Role.LEGAL), at=LATER)
    wake_due(WEEK_AFTER)
    restore_note(tomas.id, gone.note_id, actor=actor, at=WEEK_AFTER)
    assert notes_of(actor, tomas) == ["Evidence"]


def test_no_words_are_lost_by_changes_while_the_person_is_held(tomas: Person, ines: Staff) -> None:
    actor, legal = ines.actor(), make_actor(Role.LEGAL)
    note = write_note(tomas.id, "Evidence", actor=actor, at=LATER).note_id
    hold = holds.place(tomas.id, reason="Lawsuit", actor=legal, at=LATER)
    for words in ("Something else", "Nothing of interest"):
        change_note(tomas.id, note, words, actor=actor, at=LATER)
    remove_note(tomas.id, note, actor=actor, at=LATER)
    wake_due(WEEK_AFTER)
    whose = Whose(tomas.id, person_record(actor, tomas.id).identity_ids, actor, LATER)
    (section,) = tell(whose)
    every = {"Evidence", "Something else", "Nothing of interest"}
    assert [set(row["text"].split("\n\n")) for row in section.rows] == [every]
    restore_note(tomas.id, note, actor=actor, at=WEEK_AFTER)
    (section,) = tell(whose)
    assert [set(row["text"].split("\n\n")) for row in section.rows] == [every]
    holds.release(hold.pk, why="Settled", actor=legal, at=WEEK_AFTER)
    wake_due(WEEK_AFTER + KEPT)
    (section,) = tell(whose)
    assert [row["text"] for row in section.rows] == ["Nothing of interest"]


def test_the_trail_tells_who_did_it_and_not_what_was_written(tomas: Person, ines: Staff) -> None:
    actor = ines.actor()
    done = write_note(tomas.id, "Likes it dark", actor=actor, at=LATER)
    change_note(tomas.id, done.note_id, "Likes it light", actor=actor, at=LATER)
    remove_note(tomas.id, done.note_id, actor=actor, at=LATER)
    restore_note(tomas.id, done.note_id, actor=actor, at=LATER)
    entries = AuditEntry.objects.filter(
        subject="person", subject_id=str(tomas.id), actor_id=ines.pk
    ).order_by("id")
    assert list(entries.values_list("action", flat=True)) == [
        "note.written", "note.changed", "note.removed", "note.restored",
    ]  # fmt: skip
    assert not [one for one in AuditEntry.objects.all() if "Likes" in json.dumps([one.before, one.after])]


def test_all_that_is_known_of_somebody_holds_their_notes_also_the_words_that_can_be_put_back(
    tomas: Person, ines: Staff
) -> None:
    actor = ines.actor()
    write_note(tomas.id, "Likes it dark", actor=actor, at=LATER)
    removed = write_note(tomas.id, "Owes us one", actor=actor, at=LATER)
    remove_note(tomas.id, removed.note_id, actor=actor, at=LATER)
    whose = Whose(tomas.id, person_record(actor, tomas.id).identity_ids, make_actor(Role.OWNER), LATER)
    (section,) = tell(whose)
    assert sorted(row["text"] for row in section.rows) == ["Likes it dark", "Owes us one"]


def test_columns_of_a_file_are_not_taken_for_what_became_of_a_note(tomas: Person, ines: Staff) -> None:
    columns = {"removed": "yes", "before": ["anything"], "changed_at": "2026-03-01"}
    take_in(make_source("desk"), said(TOMAS, "Where is it?", extra=columns), answered(TOMAS, extra=columns))
    actor, owner = ines.actor(), make_actor(Role.OWNER)
    moments = timeline(actor, person_record(actor, tomas.id).identity_ids).moments
    assert [(one.is_removed, one.is_changed) for one in moments] == [(False, False)] * 2
    assert "removed a note" not in page_of(client_of(ines), tomas)
    (section,) = tell(Whose(tomas.id, person_record(owner, tomas.id).identity_ids, owner, LATER))
    assert sorted(row["text"] for row in section.rows) == ["We are on it", "Where is it?"]


def test_notes_go_with_the_person(ines: Staff) -> None:
    source = make_source()
    Source.objects.update(adapter=ADAPTER_NAME)  # its raw items can be read again, as an erasure does
    take_in(source, said(TOMAS), listed(TOMAS, city="Bilbao"))
    tomas, actor, owner = person_of(TOMAS), ines.actor(), make_actor(Role.OWNER)
    write_note(tomas.id, "Likes it dark", actor=actor, at=LATER)
    removed = write_note(tomas.id, "Owes us one", actor=actor, at=LATER)
    remove_note(tomas.id, removed.note_id, actor=actor, at=LATER)
    asked = erasures.ask(tomas.id, ground="request", why="", actor=owner, at=LATER)
    erasures.begin(asked.pk, actor=owner, at=LATER)
    erasures.work_on(asked.pk, clock=lambda: LATER)
    assert not Activity.objects.filter(channel="note").exists()
    wake_due(WEEK_AFTER)  # the timer of what was removed finds nothing, and breaks nothing


def test_words_of_a_note_are_found_by_those_who_see_the_person(tomas: Person, ines: Staff) -> None:
    done = write_note(tomas.id, "Allergic to hazelnuts", actor=ines.actor(), at=LATER)
    (found,) = find_notes(ines.actor(), "hazeln", 5, at=AT)
    assert (found.id, found.person_id, found.words) == (done.note_id, tomas.id, "Allergic to hazelnuts")
    assert find_notes(make_actor(Role.PARTNER), "hazeln", 5, at=AT) == []
    remove_note(tomas.id, done.note_id, actor=ines.actor(), at=LATER)
    assert find_notes(ines.actor(), "hazeln", 5, at=AT) == []
    assert "Allergic" not in client_of(ines).get("/find/?q=hazelnuts").content.decode()
    restore_note(tomas.id, done.note_id, actor=ines.actor(), at=LATER)
    assert "Allergic" in client_of(ines).get("/find/?q=hazelnuts").content.decode()


def test_words_about_an_account_that_was_closed_since_are_found_by_nobody_else(
    tomas: Person, ines: Staff
) -> None:
    till = make_source("till")
    take_in(till, listed(ARRIETA, city="Getxo"))
    actor, arrieta = ines.actor(), person_of(ARRIETA)
    write_note(arrieta.id, "Allergic to hazelnuts", actor=actor, at=LATER)
    merge(tomas.id, [arrieta.id], actor=actor, at=LATER)
    assert find_notes(actor, "hazelnuts", 5, at=AT)
    Source.objects.filter(pk=till.pk).update(team=Team.objects.create(name="Works council"))
    assert notes_of(actor, tomas) == []
    assert find_notes(actor, "hazelnuts", 5, at=AT) == []


def test_a_program_writes_changes_and_removes_its_own_notes(tomas: Person, ines: Staff) -> None:
    client, notes = client_of(ines), f"/api/v1/people/{tomas.id}/notes"
    headers = {"Sec-Fetch-Site": "same-origin"}

    def ask(method: str, path: str, body: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        answer = client.generic(
            method, path, json.dumps(body or {}), content_type="application/json", headers=headers
        )
        return answer.status_code, answer.json()

    status, made = ask("POST", notes, {"text": "Likes it dark"})
    assert (status, made["text"], made["by"], made["is_removed"]) == (201, "Likes it dark", ines.name, False)
    one = f"{notes}/{made['id']}"
    assert ask("PUT", one, {"text": "Likes it light"})[1]["text"] == "Likes it light"
    assert ask("DELETE", one)[1] == made | {"text": "", "is_removed": True, "changed_at": None}
    assert ask("PUT", one, {"text": "No"})[0] == 409
    assert ask("POST", f"{one}/restoration")[1]["text"] == "Likes it light"
    assert ask("GET", one)[1]["text"] == "Likes it light"
    (item,) = client.get(f"/api/v1/people/{tomas.id}/timeline").json()["items"]
    assert (item["id"], item["lane"], item["text"]) == (made["id"], "did", "Likes it light")
