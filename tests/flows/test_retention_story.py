"""Old words and raw items go, night by night, and nothing else changes; somebody nobody hears of goes in the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from amity.activity.models import Activity, Attachment
from amity.activity.shaping import identity_id
from amity.channels.models import Item, OutboundMessage
from amity.channels.records import Handle
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.conversations.refreshing import refresh
from amity.kernel import register
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.people import erasures
from amity.people.holds import place
from amity.people.models import Person, PersonErasure
from amity.retention import night, records, rules
from amity.retention.models import Run
from amity.retention.outlooks import foresee
from amity.retention.queries import rules_by_table
from amity.retention.rules import Draft
from amity.site import ingest, scanning
from amity.site.tests.shell.factories import signed_in
from tests.flows.erasing import person_of
from tests.flows.keeping import ADA, BO, a_rule, close_all, said, talk, what_stays, words, years_ago
from tests.flows.stories import colleague, jsonl, message, take_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("home")]
__all__ = ["said"]  # a fixture


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
