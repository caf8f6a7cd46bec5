"""Settings, Audit, its export and its operation: who reads the trail, what they find, and what is kept from them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils.html import strip_tags

from amity.channels import imports
from amity.channels.models import ImportRun, Source
from amity.conversations.models import Conversation
from amity.kernel.acting import acting
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.audit import record
from amity.kernel.models import AuditEntry, Staff, Team
from amity.kernel.sealing import head, seal_all
from amity.people.models import Fact, Identity, Link, Organisation, Person
from amity.site import trail
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import make_outbound, make_source, make_staff, signed_in
from amity.site.trail import Wanted

pytestmark = pytest.mark.django_db
PAGE = "/settings/audit/"
AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)


def put_down(staff: Staff, action: str, *, at: datetime = AT, **more: Any) -> AuditEntry:
    with acting(staff.actor(), via="page", address="203.0.113.9"):
        record(action, actor=staff.actor(), at=at, **more)
    return AuditEntry.objects.latest("id")


def text(client: Client, path: str = PAGE) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMINISTRATOR, Role.LEGAL])
def test_the_trail_is_read_by_those_who_answer_for_it(role: Role) -> None:
    put_down(make_staff(), "test.done")
    assert "test.done" in text(signed_in(make_staff(role=role)))


@pytest.mark.parametrize("role", [Role.AGENT, Role.ANALYST, Role.PARTNER])
def test_others_get_neither_the_page_nor_an_entry_nor_the_export(role: Role) -> None:
    entry = put_down(make_staff(), "test.done")
    client = signed_in(make_staff(role=role))
    for path in (PAGE, f"{PAGE}{entry.id}/", f"{PAGE}export/"):
        assert client.get(path).status_code == 403
    assert program(role).get("/audit").status_code == 403
    assert not AuditEntry.objects.filter(action="export.made").exists()


def test_an_entry_opens_with_before_and_after_and_how_it_came() -> None:
    staff, behind = make_staff(), make_staff("Tilde Brandt")
    team = Team.objects.create(name="Service")
    with acting(staff.actor(), via="api", address="203.0.113.9", token_id="t-1", on_behalf_of=behind.pk):
        team.name = "Care"
        team.save()
    entry = AuditEntry.objects.get(subject="team")
    shown = text(signed_in(staff), f"{PAGE}{entry.id}/")
    for words in ("Service", "Care", "203.0.113.9", "t-1", "Tilde Brandt", str(team.id)):
        assert words in shown
    changes = shown.partition("audit-changes")[2]
    assert changes.index("Service") < changes.index("Care")
    assert signed_in(staff).get(f"{PAGE}{entry.id + 999}/").status_code == 404
    assert signed_in(staff).get(f"{PAGE}{10**30}/").status_code == 404


def test_the_filters_find_who_what_when_and_which() -> None:
    ines, jonas = make_staff(), make_staff("Jonas Brandt")
    record_id = str(uuid4())
    first = put_down(ines, "export.made", at=AT, subject="person", subject_id=record_id)
    later = put_down(jonas, "backup.made", at=AT + timedelta(days=2))
    both = {first.id, later.id}

    def found(**filters: Any) -> set[int]:
        lines = trail.page(Wanted(**filters), actor=ines.actor()).lines
        return {line.entry.id for line in lines} & both

    assert found(who=str(ines.pk)) == {first.id}
    assert found(who="nobody known") == set()
    assert found(what="backup.made") == {later.id}
    assert found(since=AT + timedelta(days=1)) == {later.id}
    assert found(before=AT + timedelta(days=1)) == {first.id}
    assert found(record=record_id) == found(subject="person") == found(text=record_id.upper()) == {first.id}
    assert found(text="backup") == {later.id}
    assert found(text=record_id[:8]) == {first.id}
    assert found(who="system") == set()


def test_what_was_done_on_behalf_of_somebody_is_found_under_both() -> None:
    ines, behind = make_staff(), make_staff("Tilde Brandt")
    with acting(ines.actor(), via="page", on_behalf_of=behind.pk):
        record("test.done", actor=ines.actor(), at=AT)
    for who in (ines, behind):
        assert len(trail.page(Wanted(who=str(who.pk)), actor=ines.actor()).lines) == 1


def test_days_are_those_of_the_reader_and_the_last_one_counts() -> None:
    staff = make_staff(time_zone="Pacific/Auckland")
    put_down(
        staff, "test.done", at=datetime(2026, 3, 17, 11, 30, tzinfo=UTC)
    )  # half past midnight of the 18th there
    client = signed_in(staff)
    assert "No entry of the trail fits" in text(client, f"{PAGE}?what=test.done&until=2026-03-17")
    assert f"{PAGE}{AuditEntry.objects.get(action='test.done').id}/" in text(
        client, f"{PAGE}?what=test.done&since=2026-03-18&until=2026-03-18"
    )
    assert client.get(f"{PAGE}?since=2026-99-99&until=9999-12-31&before=x&who=%00").status_code == 200


def test_pages_walk_the_whole_trail_once_in_order() -> None:
    staff = make_staff()
    ids = [put_down(staff, "test.done").id for _ in range(7)]
    seen: list[int] = []
    before = None
    while True:
        page = trail.page(Wanted(what="test.done"), actor=staff.actor(), before=before, limit=3)
        seen += [line.entry.id for line in page.lines]
        if page.older is None:
            break
        before = page.older
    assert seen == sorted(ids, reverse=True)


def test_every_action_can_be_chosen() -> None:
    staff = make_staff()
    for action in ("b.done", "a.done", "b.done"):
        put_down(staff, action)
    assert {"a.done", "b.done"} <= set(trail.actions())
    assert trail.actions() == sorted(set(trail.actions()))


def test_the_chain_tells_its_head_and_an_empty_trail_what_it_is_for() -> None:
    client = signed_in(make_staff())
    AuditEntry.objects.all().exists()
    put_down(make_staff(), "test.done")
    seal_all()
    assert str(head()) in text(client)
    assert "amity audit verify --head" in text(client)


def _conversation(staff: Staff, team: Team) -> Conversation:
    source = make_source("closed", team=team)
    customer = Identity.objects.create(
        id=uuid4(), network="email", address="hanna@roastery.example", first_seen_at=AT
    )
    return Conversation.objects.create(
        source=source, customer=customer, subject="Works council", opened_at=AT, last_activity_at=AT
    )


def test_values_of_records_that_are_hidden_from_the_reader_are_kept_back_on_every_way() -> None:
    owner = make_staff()
    team = Team.objects.create(name="Works council")
    with acting(owner.actor(), via="page"):
        talk = _conversation(owner, team)
    entry = AuditEntry.objects.get(subject="conversation", subject_id=str(talk.id))
    assert "Works council" in str(entry.after)
    outside = program(Role.LEGAL)
    (told,) = outside.get(f"/audit?record={talk.id}").json()["items"]
    assert (told["is_withheld"], told["after"], told["action"]) == (True, {}, "added")
    legal = signed_in(outside.staff)
    assert "Works council" not in text(legal, f"{PAGE}{entry.id}/").replace(">Works council</option>", "")
    assert "Works council" not in b"".join(legal.get(f"{PAGE}export/?record={talk.id}")).decode()
    (seen,) = program(Role.OWNER).get(f"/audit?record={talk.id}").json()["items"]
    assert seen["after"]["subject"] == "Works council"
    Conversation.objects.filter(pk=talk.pk).delete()
    (gone,) = outside.get(f"/audit?record={talk.id}").json()["items"]
    assert gone["is_withheld"]


def test_the_subject_of_a_message_of_ours_is_kept_with_its_mailbox_on_every_way() -> None:
    owner, other = make_staff(), program(Role.ADMINISTRATOR)
    own = make_source("own")
    Source.objects.filter(pk=own.pk).update(owner_id=owner.pk)
    with acting(owner.actor(), via="page"):
        message = make_outbound(send_at=AT, source=own, sender=owner, subject="My pay")
    entry = AuditEntry.objects.get(subject="outboundmessage", subject_id=str(message.id))
    assert entry.after
    put_down(owner, "test.done", subject="outboundmessage", subject_id=message.id, why="About my pay")
    mine, theirs = signed_in(owner), signed_in(other.staff)
    for path in (PAGE, f"{PAGE}{entry.id}/"):
        assert "My pay" in text(mine, path)
        assert "My pay" not in text(theirs, path)
        assert "hannah@roast.example" not in text(theirs, path)
    told = b"".join(theirs.get(f"{PAGE}export/?record={message.id}")).decode()
    told += other.get(f"/audit?record={message.id}").content.decode()
    for words in ("My pay", "About my pay", "hannah@roast.example"):
        assert words not in told
    assert "About my pay" in b"".join(mine.get(f"{PAGE}export/?record={message.id}")).decode()


def test_what_sources_said_of_people_is_kept_from_whom_one_of_them_is_hidden() -> None:
    owner, plain = make_staff(), program(Role.ADMINISTRATOR)
    with acting(owner.actor(), via="page"):
        company = Organisation.objects.create(name="Vogel Roasters", key="vogel roasters", created_at=AT)
        person = Person.objects.create(name="Hanna Vogel", city="Kiel", first_seen_at=AT)
        identity = Identity.objects.create(
            id=uuid4(), network="email", address="hanna@vogel.example", first_seen_at=AT
        )
        Link.objects.create(
            identity=identity,
            person=person,
            method="staff",
            confidence=1,
            evidence={"by": "Vogel"},
            linked_at=AT,
        )
        Fact.objects.create(identity=identity, field="city", value="Kiel", source_id=uuid4(), observed_at=AT)
        person.city = ""
        person.save()
        company.delete()
    record(
        "sensitive.read",
        actor=owner.actor(),
        at=AT,
        subject="person",
        subject_id=person.id,
        after={"fields": ["address"]},
    )
    kinds = ("person", "identity", "organisation", "link", "fact")

    def told(withheld: bool) -> str:
        rows = [row for kind in kinds for row in plain.get(f"/audit?subject={kind}").json()["items"]]
        assert {row["subject"] for row in rows} == set(kinds)
        for row in rows:
            assert row["is_withheld"] is (withheld and row["action"] != "sensitive.read")
        return str(rows) + text(signed_in(plain.staff))

    words = ("Vogel", "vogel.example", "Kiel")
    open_to_all = told(withheld=False)
    assert all(word in open_to_all for word in words)
    Source.objects.filter(pk=make_source("own").pk).update(owner_id=owner.pk)
    kept = told(withheld=True)
    assert not any(word in kept for word in words)
    assert "address" in kept  # that somebody read them is for whoever answers for it


def test_the_export_is_defused_filtered_and_on_the_record_itself() -> None:
    staff = make_staff()
    put_down(staff, "test.done", why="=cmd()")
    put_down(staff, "other.done")
    answer = signed_in(staff).get(f"{PAGE}export/?what=test.done")
    assert answer.streaming
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    assert [(row["action"], row["why"]) for row in rows] == [("test.done", "'=cmd()")]
    made = AuditEntry.objects.get(action="export.made")
    assert (made.actor_id, made.subject) == (staff.pk, "audit")
    assert made.after == {"format": "csv", "rows": 1, "filters": {"what": "test.done"}}


def test_an_export_that_is_too_long_is_cut_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.site.trail_export.MOST_EXPORTED", 2)
    staff = make_staff()
    for _ in range(3):
        put_down(staff, "test.done")
    answer = signed_in(staff).get(f"{PAGE}export/?what=test.done")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))
    assert len(rows) == 1 + 2 + 1
    assert "Cut off here" in rows[-1][0]


def test_programs_page_and_filter_the_trail() -> None:
    owner = program(Role.OWNER)
    for _ in range(3):
        put_down(owner.staff, "test.done")
    first = owner.get("/audit?what=test.done&limit=2&fields=id,action").json()
    rest = owner.get(f"/audit?what=test.done&limit=2&fields=id,action&after={first['after']}").json()
    assert [len(first["items"]), len(rest["items"])] == [2, 1]
    assert set(first["items"][0]) == {"id", "action"}
    assert "after" not in rest
    assert program(Role.OWNER, scopes=["person:read"]).get("/audit").status_code == 403


def test_a_page_asks_the_database_as_often_for_one_entry_as_for_many(
    django_assert_max_num_queries: Any,
) -> None:
    staff = make_staff()
    for number in range(60):
        put_down(staff, "test.done", subject="conversation", subject_id=uuid4(), after={"n": number})
    client = signed_in(staff)
    text(client)
    with django_assert_max_num_queries(22):
        text(client)


def test_a_line_says_in_words_who_changed_what_of_whom_from_what_to_what() -> None:
    tilde, ines = make_staff("Tilde Sandberg"), make_staff("Ines Okafor", role=Role.AGENT)
    talk = _conversation(tilde, Team.objects.create(name="Service"))
    with acting(tilde.actor(), via="page"):
        talk.assignee = ines
        talk.save()
        ines.teams.add(Team.objects.create(name="Roasters"))
        ines.language = "de"
        ines.save()
        record("sign_in.failed", actor=SYSTEM, at=AT)
    client = signed_in(tilde)
    shown = " ".join(unescape(strip_tags(text(client).replace("<", " <"))).split())
    for line in (
        "Tilde Sandberg changed · Conversation Works council Assigned to: → Ines Okafor",
        "Tilde Sandberg changed · Colleague Ines Okafor Team: Roasters",
        "Tilde Sandberg changed · Colleague Ines Okafor Language: English → German",
        "Tilde Sandberg added · Team Roasters",
        "Somebody outside did not get in: wrong password",
    ):
        assert line in shown
    entry = AuditEntry.objects.get(subject="conversation", action="changed")
    opened = text(client, f"{PAGE}{entry.id}/")
    assert f'href="/inbox/{talk.id}/"' in opened
    assert "assignee_id" in opened  # what the export and programs call it


def test_what_was_changed_of_a_mapping_is_said_in_words(tmp_path: Path) -> None:
    tilde = make_staff("Tilde Sandberg")
    path = tmp_path / "orders.csv"
    path.write_text("Order,Mail,When,Total\n17,ada@roast.example,2026-03-01,9.00\n")
    run = imports.describe(imports.store_file(path, actor=tilde.actor(), at=AT))
    was = {**run.mapping, "currency": "EUR", "fields": {"id": {"columns": ["Order"]}}}
    ImportRun.objects.update(mapping=was)
    handles = [{"network": "phone", "columns": ["Mail"]}]
    with acting(tilde.actor(), via="page"):
        run.mapping = {
            **was,
            "currency": "USD",
            "handles": handles,
            "fields": {"id": {"columns": ["No", "Order"]}},
        }
        run.options = {"open_days": None}
        run.save()
    shown = " ".join(unescape(strip_tags(text(signed_in(tilde)).replace("<", " <"))).split())
    assert "Mapping › Currency: EUR → USD" in shown
    entry = AuditEntry.objects.get(subject="importrun", action="changed")
    opened = " ".join(
        unescape(strip_tags(text(signed_in(tilde), f"{PAGE}{entry.id}/").replace("<", " <"))).split()
    )
    for words in ("Mapping › Who", "Columns: Mail, Network: phone", "Mapping › Fields › Id", "No, Order"):
        assert words in opened
    assert "Time zone" not in opened  # what stayed is not told
    told = opened.partition("Before and after")[2].partition("Settings")[0]
    assert "{" not in told[: told.index("No, Order")]


def test_names_of_records_are_kept_from_those_who_may_not_know_them() -> None:
    owner = make_staff()
    team = Team.objects.create(name="Nobody's")
    talk = _conversation(owner, team)
    for subject, id in (
        ("conversation", talk.id),
        ("identity", talk.customer_id),
        ("source", talk.source_id),
    ):
        put_down(owner, "test.done", subject=subject, subject_id=id)
    names = {"subject": "Works council", "address": "hanna@roastery.example", "source": "Closed"}
    for staff, is_told in ((owner, True), (make_staff(role=Role.LEGAL), False)):
        rows = text(signed_in(staff)).partition("audit-rows")[2]
        assert {name: words in rows for name, words in names.items()} == dict.fromkeys(names, is_told)
