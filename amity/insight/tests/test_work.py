"""What waits for whom, what burns, how goals stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from amity.channels.models import ImportRun, RunState
from amity.commerce.models import BuyerTotal
from amity.conversations.models import Conversation, ConversationState
from amity.insight.domain.ranking import Kind, Why
from amity.insight.domain.standing import Standing
from amity.insight.queries import work
from amity.insight.queries.burning import burning
from amity.insight.queries.goals import goals
from amity.insight.tests import making
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.models import Team
from amity.kernel.workspace import Workspace
from amity.people.models import Person
from amity.program.services import Goal, set_objective
from amity.teamwork.models import PromiseState

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
pytestmark = pytest.mark.django_db
RULES = Workspace()


def test_an_agent_has_their_own_and_nobodys_conversations_and_who_leads_has_all() -> None:
    source, ines, owen = making.a_source(AT), making.a_colleague(AT), making.a_colleague(AT, "Owen Falk")
    priya = making.a_colleague(AT, "Priya Nair", Role.ADMINISTRATOR)
    mine, free = making.a_talk(source, AT, assignee=ines), making.a_talk(source, AT)
    his = making.a_talk(source, AT, assignee=owen)
    making.a_talk(source, AT, state=ConversationState.CLOSED)

    def for_whom(actor: Actor) -> set[object]:
        return {talk.id for talk in work.waiting_talks(actor) if talk.is_for_me}

    assert for_whom(ines.actor()) == {mine.id, free.id}
    assert for_whom(priya.actor()) == {mine.id, free.id, his.id}


def test_a_talk_knows_name_tier_and_mood() -> None:
    source, customer = making.a_source(AT), making.a_customer(AT, "Tomás Arrieta")
    BuyerTotal.objects.create(
        identity=customer, currency="EUR", orders=2, amount=3_500, first_at=AT, last_at=AT
    )
    making.a_talk(source, AT, customer=customer, sentiment=-0.9, confidence=0.9, channel="post")
    (talk,) = work.waiting_talks(SYSTEM)
    assert (talk.name, talk.tier, talk.mood, talk.is_public) == ("Tomás Arrieta", "gold", "angry", True)


def test_one_answer_for_four_people_stands_once_and_they_do_not_stand_alone() -> None:
    source, ines = making.a_source(AT), making.a_colleague(AT)
    for name in ("Anna", "Ben", "Cleo", "Dora"):
        making.a_talk(
            source, AT, making.a_customer(AT, name), preview=f"Hello. Where is the batch number? {name}"
        )
    other = making.a_talk(source, AT, preview="My parcel is late")
    items = work.talk_items(work.waiting_talks(ines.actor()), AT)
    assert [item.kind for item in items] == [Kind.SAME, Kind.ANSWER]
    assert items[0].words == "Where is the batch number?"
    assert len(items[0].ids) == 4
    assert items[1].id == other.id


def test_a_promise_in_a_waiting_conversation_is_its_reason_and_no_second_item() -> None:
    source, ines = making.a_source(AT), making.a_colleague(AT)
    talk = making.a_talk(source, AT)
    thread = talk.threads.get().thread_id
    making.a_promise(source, ines, AT + timedelta(hours=1), thread_id=thread)
    alone = making.a_promise(source, ines, AT + timedelta(hours=2))
    making.a_promise(source, making.a_colleague(AT, "Owen Falk"), AT + timedelta(hours=1))
    making.a_promise(source, ines, AT + timedelta(days=2))
    due = work.due_promises(ines.actor(), AT)
    talks, left = work.with_promises(work.waiting_talks(ines.actor()), due, AT + timedelta(hours=12))
    (item,) = work.talk_items(talks, AT)
    assert Why.PROMISE_SOON in [reason.why for reason in item.reasons]
    assert [one.id for one in left] == [alone.id]


def test_a_broken_promise_is_shown_for_three_days() -> None:
    source, ines = making.a_source(AT), making.a_colleague(AT)
    making.a_promise(source, ines, AT - timedelta(days=2), state=PromiseState.BROKEN, settled_at=AT)
    making.a_promise(source, ines, AT - timedelta(days=4), state=PromiseState.BROKEN, settled_at=AT)
    assert len(work.due_promises(ines.actor(), AT)) == 1


def test_imports_stand_only_on_the_day_of_those_who_import() -> None:
    source = making.a_source(AT)
    ImportRun.objects.create(
        source=source, filename="orders.csv", stored_path="x", digest="x", size_bytes=1, state=RunState.DONE,
        rows_quarantined=229, created_at=AT,
    )  # fmt: skip
    (item,) = work.import_items(making.a_colleague(AT, "Priya Nair", Role.ADMINISTRATOR).actor(), AT)
    assert item.reasons[0].amount == 229
    assert work.import_items(making.a_colleague(AT).actor(), AT) == []


def test_the_tally_parts_what_waits() -> None:
    source, ines, owen = making.a_source(AT), making.a_colleague(AT), making.a_colleague(AT, "Owen Falk")
    making.a_talk(source, AT, due_at=AT - timedelta(minutes=1))
    making.a_talk(source, AT, due_at=AT + timedelta(hours=9), assignee=ines)
    making.a_talk(source, AT, assignee=owen)
    wakes = AT + timedelta(days=1)
    making.a_talk(source, AT, state=ConversationState.SNOOZED, snoozed_until=wakes, assignee=ines)
    assert work.tally(ines.actor(), AT) == work.Tally(2, 1, 1, 1, 1, wakes)


def test_a_hidden_source_leaves_no_trace_in_what_waits() -> None:
    team = Team.objects.create(name="Legal")
    ines, insider = making.a_colleague(AT), making.a_colleague(AT, "In Side", Role.LEGAL, team)
    source, secret = making.a_source(AT), making.a_source(AT, "secret", team)
    making.a_talk(source, AT)
    actor = ines.actor()

    def seen() -> object:
        return (
            work.waiting_talks(actor),
            work.due_promises(actor, AT),
            work.stuck_messages(actor),
            work.tally(actor, AT),
            burning(actor, AT),
        )

    before = seen()
    making.a_talk(secret, AT)
    making.a_promise(secret, ines, AT + timedelta(hours=1))
    making.said(secret, [AT - timedelta(days=9, minutes=5)])
    making.said(secret, [AT - timedelta(minutes=n) for n in range(20)], sentiment=-0.9)
    assert seen() == before
    assert work.tally(insider.actor(), AT).mine == 2


def test_it_burns_when_unhappy_messages_are_many_times_the_usual() -> None:
    timezone.activate("UTC")
    source = making.a_source(AT)
    making.said(source, [AT - timedelta(days=day, minutes=20) for day in range(1, 28)], sentiment=-0.5)
    assert burning(SYSTEM, AT) is None
    talk = making.a_talk(source, AT)
    thread = talk.threads.get().thread_id
    making.said(source, [AT - timedelta(minutes=n) for n in range(5)], sentiment=-0.9, thread=thread)
    making.said(source, [AT - timedelta(minutes=n) for n in range(4)], sentiment=-0.9)
    found = burning(SYSTEM, AT)
    assert found is not None
    assert (found.fire.seen, found.fire.low, found.fire.high) == (9, 1, 1)
    assert (found.customers, found.unanswered) == (9, 1)
    assert set(found.words) == {"burr", "sheds"} or len(found.words) == 2
    assert found.trend[-1] == 9


def test_unhappy_messages_later_on_usual_days_are_not_compared_with_this_hour() -> None:
    timezone.activate("UTC")
    source = making.a_source(AT)
    making.said(source, [AT - timedelta(days=day, minutes=20) for day in range(1, 28)], sentiment=-0.5)
    evenings = [
        AT - timedelta(days=day) + timedelta(hours=6, minutes=n) for day in range(1, 28) for n in range(9)
    ]
    making.said(source, evenings, sentiment=-0.5)
    making.said(source, [AT - timedelta(minutes=n) for n in range(9)], sentiment=-0.9)
    assert burning(SYSTEM, AT) is not None


def test_a_goal_says_where_its_figure_stands() -> None:
    source, owner = making.a_source(AT), making.a_colleague(AT)
    for days in (40, 70, 100):
        making.a_promise(source, owner, AT - timedelta(days=days), state=PromiseState.BROKEN, settled_at=AT)
    due = AT - timedelta(days=1)
    making.a_promise(source, owner, due, state=PromiseState.KEPT, settled_at=due)
    set_objective(Goal("Keep", "promises_kept", 0.5, 0.9, owner.id), actor=SYSTEM, at=AT)
    set_objective(Goal("Lost", "no_such_figure", 1, 2, owner.id, position=1), actor=SYSTEM, at=AT)
    kept, lost = goals(SYSTEM, AT)
    assert (kept.value, kept.standing) == (1.0, Standing.REACHED)
    assert (lost.value, lost.figure, lost.standing) == (None, None, Standing.UNKNOWN)
    assert goals(Actor(Role.PARTNER), AT) == []


def test_people_without_a_name_do_not_stop_the_day() -> None:
    making.a_talk(making.a_source(AT), AT)
    Person.objects.update(name="")
    (talk,) = work.waiting_talks(SYSTEM)
    assert talk.name == ""
    assert Conversation.objects.count() == 1
