"""Old words and raw items go, night by night, and nothing else changes; somebody nobody hears of goes in the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction

from amity.activity.models import Activity, Attachment, DailyCount
from amity.activity.shaping import identity_id
from amity.channels.models import ImportRun, Item, OutboundMessage
from amity.channels.records import Handle
from amity.conversations import refreshing, services
from amity.conversations.models import Conversation
from amity.conversations.refreshing import refresh
from amity.kernel import register
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Conflict
from amity.kernel.models import Staff
from amity.people import erasures
from amity.people.holds import place, release
from amity.people.models import LegalHold, Link, Person, PersonErasure
from amity.retention import night, records, rules
from amity.retention.keeping import keep
from amity.retention.models import Due, Rule, Run
from amity.retention.outlooks import foresee, how_much
from amity.retention.queries import rules_by_table
from amity.retention.rules import Draft
from amity.site import ingest, scanning, undo_portions
from amity.site.tests.shell.factories import signed_in
from tests.flows.erasing import person_of
from tests.flows.stories import colleague, jsonl, message, order, take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
ADA, BO = "ada@roast.example", "bo@roast.example"


def years_ago(at: datetime, years: float) -> datetime:
    return at - timedelta(days=365 * years)


@pytest.fixture
def said(tmp_path: Path, at: datetime) -> None:
    """Three years of mail of two people: one talk of long ago is open, one is closed, the newest is of this year."""
    old, new = years_ago(at, 3), years_ago(at, 0.5)
    rows = [
        message("a1", old, ADA, subject="A grinder", text="It grinds zorptastic coffee badly"),
        message("a2", old + timedelta(hours=1), ADA, in_reply_to=["a1"], text="Still zorptastic"),
        message("a3", new, ADA, subject="Beans", text="The new beans are lovely"),
        message("b1", old, BO, subject="A kettle", text="My zorptastic kettle leaks"),
        order("o1", old, [("email", ADA)], "24.80", number="No 1"),
    ]
    take_in(jsonl(tmp_path / "mails.jsonl", rows), at)
    Item.objects.update(received_at=at)  # a real clock says when they came


def talk(subject: str) -> Conversation:
    return Conversation.objects.get(subject__startswith=subject)


def close_all(owner: Actor, at: datetime, *but: str) -> None:
    for one in Conversation.objects.filter(state="open"):
        if one.subject not in but:
            services.close(one.id, actor=owner, at=at)


def a_rule(kind: str, owner: Actor, at: datetime, months: int = 24, source_id: UUID | None = None) -> Rule:
    draft = Draft("Two years of words", "Storage limitation", months=months, source_id=source_id)
    made = rules.create_rule(kind, draft, actor=owner, at=at)
    return rules.turn_on(made.pk, told=how_much(made, at), actor=owner, at=at)


def what_stays() -> dict[str, object]:
    """All that must be as it was: who, when, where, in which mood, and what is counted."""
    kept = ("id", "occurred_at", "actor_id", "about_id", "thread_id", "direction", "channel", "verb", "sentiment",
            "language", "external_id", "amount")  # fmt: skip
    talks = ("id", "customer_id", "state", "messages", "channel", "sentiment", "language", "first_answer_at",
             "last_activity_at", "closed_at", "waiting_since", "due_at")  # fmt: skip
    return {
        "said": list(Activity.objects.order_by("id").values(*kept)),
        "days": list(DailyCount.objects.order_by("pk").values()),
        "talks": list(Conversation.objects.order_by("id").values(*talks)),
    }


def words() -> dict[str, str]:
    rows = Activity.objects.exclude(object_type="order").exclude(verb="promise")
    return dict(rows.values_list("external_id", "text"))


def test_old_words_go_and_all_that_is_counted_stays(said: None, owner: Actor, at: datetime) -> None:
    close_all(owner, at)
    before = what_stays()
    rule = a_rule("words", owner, at)
    assert foresee(rule, at).count == 3
    (run,) = night.work(lambda: at)
    assert (run.emptied, run.removed) == (3, 3)
    assert run.finished_at == at
    assert words() == {"a1": "", "a2": "", "b1": "", "a3": "The new beans are lovely"}
    assert what_stays() == before
    left = b"".join(bytes(raw) for raw in Item.objects.values_list("raw", flat=True))
    assert b"zorptastic" not in left
    assert b"lovely" in left
    refresh(list(Conversation.objects.values_list("id", flat=True)))
    assert what_stays() == before  # also when a conversation is told again
    assert not Conversation.objects.filter(subject__contains="grinder").exists()
    assert foresee(rule, at).count == 0


def test_what_stands_where_the_words_were_says_which_rule_took_them(
    said: None, owner: Actor, at: datetime
) -> None:
    close_all(owner, at)
    grinder = talk("A grinder").id
    a_rule("words", owner, at)
    night.work(lambda: at)
    client = signed_in(colleague("priya@tamp.example", Role.ADMINISTRATOR))
    told = "Removed after 24 months by the rule “Two years of words”"
    assert told in client.get(f"/inbox/{grinder}/").content.decode()
    page = client.get(f"/people/{person_of(ADA)}/").content.decode()
    assert told in page
    assert "lovely" in page


def test_an_open_conversation_keeps_its_words_until_it_is_closed(
    said: None, owner: Actor, at: datetime
) -> None:
    close_all(owner, at, "A grinder")
    Conversation.objects.filter(subject="A grinder").update(state="open", closed_at=None)
    a_rule("words", owner, at)
    (run,) = night.work(lambda: at)
    assert run.emptied == 1
    assert words()["a1"].startswith("It grinds")
    services.close(talk("A grinder").id, actor=owner, at=at)
    (run,) = night.work(lambda: at + timedelta(days=1))
    assert run.emptied == 2
    assert words()["a1"] == ""


def test_a_legal_hold_keeps_words_and_raw_items(said: None, owner: Actor, at: datetime) -> None:
    close_all(owner, at)
    place(person_of(ADA), reason="A lawsuit", actor=owner, at=at)
    of_words, of_items = a_rule("words", owner, at), a_rule("items", owner, at, months=1)
    later = at + timedelta(days=90)
    assert (foresee(of_words, later).count, foresee(of_items, later).count) == (1, 1)
    night.work(lambda: later)
    assert words()["a1"].startswith("It grinds")
    assert words()["b1"] == ""
    left = [bytes(raw) for raw in Item.objects.values_list("raw", flat=True)]
    assert len(left) == 4
    assert all(ADA.encode() in raw for raw in left)


def test_files_and_what_we_sent_lose_their_words_too(said: None, owner: Actor, at: datetime) -> None:
    old = years_ago(at, 3) + timedelta(hours=2)
    services.reply(talk("A kettle").id, actor=owner, at=old, text="A zorptastic answer of ours")
    OutboundMessage.objects.update(state="sent", settled_at=old)
    close_all(owner, at)
    about = Activity.objects.get(external_id="b1")
    Attachment.objects.create(
        id=identity_id(Handle("email", "file")), activity_id=about.id, source_id=about.source_id,
        filename="leak.pdf", content_type="application/pdf", size_bytes=4,
    )  # fmt: skip
    a_rule("words", owner, at)
    (run,) = night.work(lambda: at)
    assert (run.emptied, run.files) == (4, 1)
    assert OutboundMessage.objects.get().text == ""
    assert not Attachment.objects.exists()


def holding(word: str) -> set[str]:
    """The tables in which it stands, but those that say what was done."""
    names = {trace.place.split(".")[1] for trace in scanning.in_database([word])}
    declared = [one.name for one in register.register() if not one.is_folder]
    return {max((one for one in declared if name.startswith(one)), key=len) for name in names}


def test_the_register_names_every_table_out_of_which_a_rule_about_words_takes_them(
    said: None, owner: Actor, at: datetime
) -> None:
    close_all(owner, at, "Beans")
    before = holding("zorptastic")
    a_rule("words", owner, at)
    night.work(lambda: at)
    gone = before - holding("zorptastic")
    reached = {name for name, told in rules_by_table(owner).items() if told}
    assert {"activity_activity", "channels_item", "conversations_conversation"} <= gone <= reached
    assert holding("lovely") & reached, "the newer ones keep theirs"


def test_raw_items_go_and_what_was_read_from_them_stays_also_when_the_import_is_undone(
    said: None, owner: Actor, at: datetime, tmp_path: Path
) -> None:
    before = words()
    rule = a_rule("items", owner, at, months=1)
    later = at + timedelta(days=60)
    assert foresee(rule, later).count == Item.objects.count() == 5
    (run,) = night.work(lambda: later)
    assert (run.removed, Item.objects.count()) == (5, 0)
    assert words() == before
    again = take_in(jsonl(tmp_path / "again.jsonl", [message("b1", years_ago(at, 3), BO)]), later)
    assert Activity.objects.filter(external_id="b1").count() == 1
    ingest.undo(again.pk, actor=SYSTEM)
    assert words() == before


def test_a_rule_of_one_source_leaves_the_others_alone(
    said: None, owner: Actor, at: datetime, tmp_path: Path
) -> None:
    other = take_in(
        jsonl(tmp_path / "other.jsonl", [message("c1", years_ago(at, 3), "cy@roast.example")]),
        at,
        source="letters",
    )
    close_all(owner, at)
    a_rule("words", owner, at, source_id=other.source_id)
    (run,) = night.work(lambda: at)
    assert run.emptied == 1
    assert words()["a1"] != ""
    assert words()["c1"] == ""


def test_a_night_of_words_that_breaks_off_goes_on_where_it_was(
    said: None, owner: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_all(owner, at)
    a_rule("words", owner, at)
    monkeypatch.setattr(records, "WORDS_AT_ONCE", 2)
    calls = iter([True, False])

    def dies(run_id: UUID, instant: datetime) -> bool:
        if not next(calls, False):
            raise SystemExit
        return records.empty_some(run_id, instant)

    monkeypatch.setattr(night, "empty_some", dies)
    with pytest.raises(SystemExit):
        night.work(lambda: at)
    assert Run.objects.get().emptied == 2
    monkeypatch.setattr(night, "empty_some", records.empty_some)
    (run,) = night.work(lambda: at)
    assert (run.emptied, run.finished_at) == (3, at)


def test_somebody_with_an_order_that_must_be_kept_stays_and_goes_when_it_need_not(
    said: None, owner: Actor, at: datetime
) -> None:
    """From the first look to the certificate, with the clock in hand."""
    from amity.kernel.timers import wake_due
    from amity.retention.limits import Limits, change_limits
    from amity.segments.keeping import catch_up
    from amity.segments.services import create_segment

    close_all(owner, at)
    everybody = {"all": [{"field": "wrote", "op": "at_least", "value": 1}]}
    segment = create_segment(name="Wrote once", rule=everybody, actor=owner, at=at)
    until = 50
    while until and not segment.members:
        catch_up(at)  # the first reading waits for whoever writes now, in any database of the server
        segment.refresh_from_db()
        until -= 1
    made = rules.create_rule("people", Draft("Gone", "Not needed", segment.id, 0), actor=owner, at=at)
    found = foresee(made, at).people
    assert found is not None
    assert (found.due, found.bought, found.goes) == (2, 1, 1)
    rules.turn_on(made.pk, told=1, actor=owner, at=at)
    night.work(lambda: at)
    night.work(lambda: at + timedelta(days=14))
    wake_due(at + timedelta(days=15))
    erasure = PersonErasure.objects.get()
    done = erasures.work_on(erasure.pk, clock=lambda: at + timedelta(days=15))
    assert done.certificate is not None
    assert done.certificate["ground"] == "purpose"
    assert not Activity.objects.filter(about_id=identity_id(Handle("email", BO))).exists()
    assert Person.objects.filter(pk=person_of(ADA)).exists()
    change_limits(Limits(orders_years=2, notice_days=1), actor=owner, at=at)
    night.work(lambda: at + timedelta(days=16))
    night.work(lambda: at + timedelta(days=17))
    assert PersonErasure.objects.filter(state="waiting").count() == 1


def test_an_import_that_named_somebody_who_is_held_is_not_taken_back(
    said: None, tmp_path: Path, at: datetime, owner: Actor
) -> None:
    rows = [message("c1", at, BO, text="Once more"), message("c2", at, "cy@roast.example", text="New here")]
    run = take_in(jsonl(tmp_path / "more.jsonl", rows), at)
    hold = place(person_of(BO), reason="Lawsuit 4 O 17/26", actor=owner, at=at)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)
    assert Activity.objects.filter(external_id="c2").exists()
    page = signed_in(Staff.objects.get(email="tilde@tamp.example")).post(f"/imports/{run.pk}/undo/")
    assert (page.status_code, "legal hold" in page.content.decode()) == (409, True)
    release(hold.pk, why="It was settled", actor=owner, at=at)
    ingest.undo(run.pk, actor=owner)
    assert not Activity.objects.filter(external_id__in=["c1", "c2"]).exists()


def test_a_hold_that_is_placed_while_raw_items_are_removed_keeps_theirs(
    said: None, owner: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_rule("items", owner, at, months=1)
    later = at + timedelta(days=90)

    def held_meanwhile(*, with_items: bool = False) -> records.Spared:
        found = records.spared(with_items=with_items)
        if not LegalHold.objects.exists():
            place(person_of(ADA), reason="A lawsuit", actor=owner, at=later)
        return found

    monkeypatch.setattr(night, "spared", held_meanwhile)
    (run,) = night.work(lambda: later)
    left = [bytes(raw) for raw in Item.objects.values_list("raw", flat=True)]
    assert (len(left), run.removed) == (4, 1)
    assert all(ADA.encode() in raw for raw in left)


def test_a_hold_waits_for_the_portion_that_is_emptied_at_this_moment(
    said: None, owner: Actor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_all(owner, at)
    a_rule("words", owner, at)
    placed, ada = threading.Event(), person_of(ADA)
    early: list[bool] = []

    def placing() -> None:
        place(ada, reason="A lawsuit", actor=owner, at=at)
        placed.set()
        connection.close()

    colleague = threading.Thread(target=placing)

    def hold(conversations: Sequence[UUID]) -> None:
        colleague.start()
        early.append(placed.wait(1))
        original(conversations)

    original = refreshing.hold
    monkeypatch.setattr(records, "hold", hold)
    night.work(lambda: at)
    colleague.join(10)
    assert early == [False]  # nobody is told that nothing goes while it does
    assert placed.is_set()


def test_a_hold_that_is_placed_while_an_import_is_taken_back_keeps_what_is_left(
    tmp_path: Path, at: datetime, owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"type": "person", "id": f"k{n}", "at": at.isoformat(), "facts": {"name": f"Person {n}"},
         "handles": [{"network": "email", "address": f"p{n}@roast.example"}]}
        for n in range(3)
    ]  # fmt: skip
    run = take_in(jsonl(tmp_path / "people.jsonl", rows), at)
    monkeypatch.setattr(undo_portions, "PERSONS", 1)
    note = undo_portions._note
    left: list[str] = []

    def held_after_the_first(run: ImportRun, told: dict[str, Any]) -> None:
        note(run, told)
        if not left:
            left.extend(Link.objects.values_list("identity__address", flat=True))
            placed.append(place(person_of(left[0]), reason="A lawsuit", actor=owner, at=at))

    placed: list[LegalHold] = []
    monkeypatch.setattr(undo_portions, "_note", held_after_the_first)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)
    with pytest.raises(Conflict, match="legal hold"):
        ingest.undo(run.pk, actor=owner)  # a worker that takes it up again
    assert set(Link.objects.values_list("identity__address", flat=True)) == set(left)
    staff = Staff.objects.get(email="tilde@tamp.example")
    assert "legal hold" in signed_in(staff).get(f"/imports/{run.pk}/").content.decode()
    release(placed[0].pk, why="It was settled", actor=owner, at=at)
    assert ingest.undo(run.pk, actor=owner).state == "undone"
    assert not Link.objects.exists()


@pytest.mark.parametrize("subject", ["", "See the picture"])
def test_pictures_without_a_word_go_too_and_no_mood_changes(
    said: None, owner: Actor, at: datetime, subject: str
) -> None:
    kettle = Activity.objects.get(external_id="b1")
    kept = {field.attname: getattr(kettle, field.attname) for field in Activity._meta.concrete_fields}
    picture = kept | {
        "id": uuid4(), "occurred_at": kettle.occurred_at + timedelta(hours=1), "external_id": "b2", "text": "",
        "full_text": "", "html": "", "subject": subject, "sentiment": None,
    }  # fmt: skip
    Activity.objects.create(**{name: value for name, value in picture.items() if name != "pk"})
    Attachment.objects.create(
        id=uuid4(), activity_id=picture["id"], source_id=kettle.source_id, filename="leak.jpg",
        content_type="image/jpeg", size_bytes=4,
    )  # fmt: skip
    refresh(list(Conversation.objects.values_list("id", flat=True)))
    close_all(owner, at)
    before = what_stays()
    rule = a_rule("words", owner, at)
    (run,) = night.work(lambda: at)
    assert (run.emptied, run.files) == (4, 1)
    assert not Attachment.objects.exists()
    refresh(list(Conversation.objects.values_list("id", flat=True)))
    assert what_stays() == before
    assert foresee(rule, at).count == 0


def test_whoever_keeps_somebody_waits_for_the_timer_of_the_erasure_and_stands_in_nobodys_way(
    said: None, owner: Actor, at: datetime
) -> None:
    asked = erasures.ask(person_of(BO), ground="purpose", actor=owner, at=at)
    due = Due.objects.create(
        rule=a_rule("words", owner, at), person_id=person_of(BO), state="asked", announced_at=at, due_on=at.date(),
        erasure_id=asked.pk,
    )  # fmt: skip

    def keeping() -> None:
        keep(due.pk, reason="A friend", actor=owner, at=at)
        connection.close()

    colleague = threading.Thread(target=keeping)
    with transaction.atomic():
        PersonErasure.objects.select_for_update().get()  # as the timer does first
        colleague.start()
        time.sleep(0.5)
        Due.objects.select_for_update(nowait=True).get()
    colleague.join(10)
    asked.refresh_from_db()
    assert asked.state == "stopped"
