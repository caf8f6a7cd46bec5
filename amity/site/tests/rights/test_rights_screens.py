"""Erasure and the file of all that is known, through the pages and the interface."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.channels.models import Source
from amity.commerce.tiering import choose_tier
from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.filestore import store
from amity.kernel.models import AuditEntry, Team, Timer
from amity.kernel.timers import wake_due
from amity.people import by_hand, disclosures, erasures, relations
from amity.people.domain.relations import Kind
from amity.people.models import Person, PersonDisclosure, PersonErasure
from amity.people.relations import End, Terms
from amity.people.tests.fields.own import make_field
from amity.segments.keeping import catch_up
from amity.segments.services import create_segment
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import make_staff, signed_in
from tests.flows.erasing import CITY, EVERYTHING, MAIL, NAME, NEIGHBOUR, mbox, messages, orders, person_of
from tests.flows.stories import jsonl, take_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("django.conf.settings.MEDIA_ROOT", tmp_path / "home" / "files")
    monkeypatch.setattr("django.conf.settings.HOME", tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def person(tmp_path: Path) -> Person:
    at = timezone.now() - timedelta(days=30)
    take_in(jsonl(tmp_path / "mails.jsonl", messages(at)), at)
    take_in(jsonl(tmp_path / "orders.jsonl", orders(at)), at, source="shop")
    take_in(mbox(tmp_path / "letters.mbox", at), at, source="letters")
    return Person.objects.get(pk=person_of(MAIL))


def test_the_page_says_what_goes_and_what_stays_and_wants_a_word(person: Person) -> None:
    owner = signed_in(make_staff(role=Role.OWNER))
    page = owner.get(f"/people/{person.pk}/erasure/").content.decode()
    assert "4 things that they said" in page
    assert "1 order" in page
    assert "At once" in page
    refused = owner.post(f"/people/{person.pk}/erasure/", {"ground": "request", "word": "yes"})
    assert refused.status_code == 422
    assert not PersonErasure.objects.exists()


def test_it_waits_for_a_day_can_be_stopped_and_asked_for_again(person: Person) -> None:
    legal = signed_in(make_staff(role=Role.LEGAL))
    assert "At once" not in legal.get(f"/people/{person.pk}/erasure/").content.decode()
    asked = {"ground": "request", "word": " Erase "}
    answer = legal.post(f"/people/{person.pk}/erasure/", asked)
    waiting = PersonErasure.objects.get()
    assert answer["Location"] == f"/erasures/{waiting.pk}/"
    assert waiting.due_at - waiting.asked_at == erasures.TIME_TO_STOP
    assert "Erasure on" in legal.get(f"/people/{person.pk}/?tab=who").content.decode()
    assert legal.get(f"/people/{person.pk}/erasure/").status_code == 302  # there is one already
    assert legal.post(f"/erasures/{waiting.pk}/beginning/").status_code == 403
    assert legal.post(f"/erasures/{waiting.pk}/stop/").status_code == 302
    assert not Timer.objects.exists()
    assert legal.post(f"/erasures/{waiting.pk}/stop/").status_code == 409
    assert legal.post(f"/people/{person.pk}/erasure/", asked).status_code == 302


def test_when_the_day_is_over_a_job_does_it_and_the_certificate_names_nobody(person: Person) -> None:
    owner = signed_in(make_staff(role=Role.OWNER))
    owner.post(f"/people/{person.pk}/erasure/", {"ground": "objection", "word": "erase"})
    made = PersonErasure.objects.get()
    assert wake_due(made.due_at - timedelta(minutes=1)) == 0
    assert wake_due(made.due_at) == 1
    made.refresh_from_db()
    assert made.state == "running"
    assert "Is being done" in owner.get(f"/erasures/{made.pk}/").content.decode()
    erasures.work_on(made.pk, clock=lambda: made.due_at)
    page = owner.get(f"/erasures/{made.pk}/").content.decode()
    assert "Accounts and addresses" in page
    file = owner.get(f"/erasures/{made.pk}/certificate/")
    told = json.loads(file.content)
    assert told["sha256"] == erasures.digest_of(told["certificate"])
    assert not any(value in file.content.decode() for value in EVERYTHING)
    assert owner.get(f"/people/{person.pk}/").status_code == 404
    entry = AuditEntry.objects.get(action="person.erased")
    assert entry.after is not None
    assert entry.after["certificate"] == told["sha256"]
    assert "Done" in owner.get("/erasures/").content.decode()


def test_programs_ask_look_stop_and_have_the_certificate(person: Person) -> None:
    owner = program(Role.OWNER)
    told = owner.get(f"/people/{person.pk}/erasure").json()
    assert [one["what"] for one in told["stays"]] == ["1 order"]
    assert told["waiting"] is None
    made = owner.post(f"/people/{person.pk}/erasure", {"ground": "request"}).json()
    assert made["state"] == "waiting"
    assert owner.post(f"/people/{person.pk}/erasure", {"ground": "request"}).status_code == 409
    assert owner.get(f"/erasures/{made['id']}/certificate").status_code == 404
    assert owner.post(f"/erasures/{made['id']}/stop", {}).json()["state"] == "stopped"
    again = owner.post(f"/people/{person.pk}/erasure", {"ground": "request", "now": True}).json()
    assert again["state"] == "running"
    erasures.work_on(UUID(again["id"]), clock=timezone.now)
    assert owner.get(f"/erasures/{again['id']}/certificate").json()["certificate"]["ground"] == "request"
    states = [one["state"] for one in owner.get("/erasures?limit=1").json()["items"]]
    assert states == ["done"]
    assert program(Role.AGENT).get(f"/people/{person.pk}/erasure").status_code == 403


def test_the_file_holds_all_that_is_known_to_read_and_for_machines(person: Person) -> None:
    staff = make_staff(role=Role.LEGAL)
    legal = signed_in(staff)
    answer = legal.post(f"/people/{person.pk}/disclosure/")
    made = PersonDisclosure.objects.get()
    assert answer["Location"] == f"/disclosures/{made.pk}/"
    assert "is being made" in legal.get(f"/disclosures/{made.pk}/").content.decode()
    assert legal.get(f"/disclosures/{made.pk}/file/").status_code == 404
    disclosures.make(made.pk, at=timezone.now())
    assert "is ready" in legal.get(f"/disclosures/{made.pk}/").content.decode()
    body = b"".join(legal.get(f"/disclosures/{made.pk}/file/"))
    packed = zipfile.ZipFile(BytesIO(body))
    page = packed.read("index.html").decode()
    assert all(word in page for word in (NAME, MAIL, "grumblefitz", "VXQ-77120-Z", "Vexgasse 7117"))
    assert "This is not all" not in page
    assert "<script" not in page
    data = {name: json.loads(packed.read(f"data/{name}.json")) for name in ("facts", "messages", "orders")}
    assert [len(rows) for rows in data.values()] == [len(data["facts"]), 4, 1]
    files = [name for name in packed.namelist() if name.startswith("files/")]
    assert [packed.read(name) for name in files] == [b"scanned zorptastic receipt"]
    assert CITY not in page  # nobody told it here
    other = signed_in(make_staff(role=Role.LEGAL))
    assert (
        other.get(f"/disclosures/{made.pk}/").status_code == 404
    )  # it was made as far as its colleague may see
    kinds = AuditEntry.objects.filter(action="export.made", subject="person").values_list("after", flat=True)
    assert [one["format"] for one in kinds if one] == ["zip", "zip"]


def test_two_files_of_one_name_are_both_in_the_file(person: Person) -> None:
    letter = Activity.objects.get(external_id="<with-file@vexmail.example>")
    for words in (b"first picture", b"second picture"):
        digest = store(words)
        Attachment.objects.create(
            id=uuid4(), activity_id=letter.id, source_id=letter.source_id, filename="image.png",
            content_type="image/png", size_bytes=len(words), digest=digest,
        )  # fmt: skip
    made = disclosures.ask(
        person.pk, actor=make_staff(role=Role.LEGAL).actor(), at=timezone.now(), language="en"
    )
    disclosures.make(made.pk, at=timezone.now())
    packed = zipfile.ZipFile(disclosures.file_of(made))
    found = {packed.read(name) for name in packed.namelist() if name.startswith("files/")}
    assert {b"first picture", b"second picture"} <= found
    page = packed.read("index.html").decode()
    assert page.count("image.png") >= 2


def test_a_closed_source_is_left_out_of_the_file_and_the_file_says_so(person: Person) -> None:
    Source.objects.filter(key="letters").update(team=Team.objects.create(name="Works council"))
    staff = make_staff(role=Role.LEGAL)
    made = disclosures.ask(person.pk, actor=staff.actor(), at=timezone.now(), language="en")
    disclosures.make(made.pk, at=timezone.now())
    packed = zipfile.ZipFile(disclosures.file_of(made))
    page = packed.read("index.html").decode()
    assert "This is not all" in page
    assert "zorptastic" not in page
    assert not [name for name in packed.namelist() if name.startswith("files/")]
    assert (
        "Some sources are closed to you"
        in signed_in(staff).get(f"/people/{person.pk}/erasure/").content.decode()
    )


def test_the_file_tells_own_fields_whom_they_belong_with_and_how_rules_sort_them(person: Person) -> None:
    owner, now = make_staff(role=Role.OWNER).actor(), timezone.now()
    for field, value in (
        (make_field("Roast"), "dark as grumble"),
        (make_field("Deal", purposes=["sales"]), "sold-twice"),
    ):
        by_hand.say(person.pk, {field.fact: value}, actor=owner, at=now)
    other = person_of(NEIGHBOUR)
    relations.relate(
        End("person", person.pk),
        End("person", other),
        Kind.SPOUSE,
        Terms("since school"),
        actor=owner,
        at=now,
    )
    rule = {"all": [{"field": "email_domain", "op": "has", "value": MAIL.partition("@")[2]}]}
    choose_tier(person.pk, "gold", reason="Sings for us", until_on=None, actor=owner, at=now)
    create_segment(name="Loud ones", rule=rule, actor=owner, at=now)
    catch_up(now)
    made = disclosures.ask(person.pk, actor=make_staff(role=Role.LEGAL).actor(), at=now, language="en")
    disclosures.make(made.pk, at=now)
    packed = zipfile.ZipFile(disclosures.file_of(made))
    page = packed.read("index.html").decode()
    data = {
        name: json.loads(packed.read(f"data/{name}.json"))
        for name in ("facts", "belongs_with", "tier", "segments")
    }
    assert ("Roast", "dark as grumble") in {(one["field"], one["value"]) for one in data["facts"]}
    assert "sold-twice" not in page  # sales alone may use it
    assert "This is not all" in page
    assert [(one["what"], one["words"]) for one in data["belongs_with"]] == [("spouse", "since school")]
    assert NEIGHBOUR not in page  # others are not named
    assert [one["segment"] for one in data["segments"]] == ["Loud ones"]
    assert data["tier"] == [{"tier": "Gold", "why": "Sings for us"}]  # no colleague is named


def test_such_files_go_after_a_week_and_with_the_person(person: Person) -> None:
    owner, now = make_staff(role=Role.OWNER).actor(), timezone.now()
    old, young = (disclosures.ask(person.pk, actor=owner, at=now, language="de") for _ in range(2))
    disclosures.make(old.pk, at=now - timedelta(days=8))
    disclosures.make(young.pk, at=now)
    assert disclosures.remove_old(now) == 1
    assert (disclosures.file_of(old).exists(), disclosures.file_of(young).exists()) == (False, True)
    made = erasures.ask(person.pk, ground="request", actor=owner, at=now, now=True)
    erasures.work_on(made.pk, clock=lambda: now)
    assert not disclosures.file_of(young).exists()
    assert set(PersonDisclosure.objects.values_list("state", "person_id")) == {("gone", None)}


def test_values_of_fields_of_our_own_are_in_it_as_far_as_its_colleague_sees_them(person: Person) -> None:
    open_to_legal = make_field("Contract", purposes=["legal"])
    closed = make_field("Mood", purposes=["service"])
    owner, legal = make_staff(role=Role.OWNER), make_staff(role=Role.LEGAL)
    now = timezone.now()
    by_hand.say(person.pk, {open_to_legal.fact: "K-17", closed.fact: "grumpy"}, actor=owner.actor(), at=now)
    told = {}
    for staff in (owner, legal):
        made = disclosures.ask(person.pk, actor=staff.actor(), at=now, language="en")
        PersonDisclosure.objects.filter(pk=made.pk).update(sections=3, rows=40)  # what a crash left
        made = disclosures.make(made.pk, at=now)
        packed = zipfile.ZipFile(disclosures.file_of(made))
        facts = json.loads(packed.read("data/facts.json"))
        told[staff.role] = {one["value"]: one["purposes"] for one in facts}
        index = json.loads(packed.read("data/index.json"))
        assert made.sections == len(index["sections"])
        assert index["leaves_out"] == (not policy.sees_field(staff.actor(), "person", closed.fact))
    assert told[Role.OWNER]["K-17"] == "legal duties"
    assert "K-17" in told[Role.LEGAL]
    assert ("grumpy" in told[Role.OWNER], "grumpy" in told[Role.LEGAL]) == (True, False)


def test_two_files_of_one_name_in_one_message_are_both_in_it(person: Person) -> None:
    named = Attachment.objects.exclude(digest="").get()
    for filename, content in ((named.filename, b"another receipt"), (named.filename.upper(), b"a third")):
        Attachment.objects.create(
            id=uuid4(), activity_id=named.activity_id, source_id=named.source_id, filename=filename,
            content_type=named.content_type, size_bytes=len(content), digest=store(content),
        )  # fmt: skip
    now = timezone.now()
    made = disclosures.ask(person.pk, actor=make_staff(role=Role.OWNER).actor(), at=now, language="en")
    disclosures.make(made.pk, at=now)
    packed = zipfile.ZipFile(disclosures.file_of(made))
    files = [name for name in packed.namelist() if name.startswith("files/")]
    assert {packed.read(name) for name in files} == {
        b"scanned zorptastic receipt",
        b"another receipt",
        b"a third",
    }
    assert len({name.lower() for name in files}) == 3  # also where capitals are small letters
    page = packed.read("index.html").decode()
    assert all(quote(name) in page for name in files)
