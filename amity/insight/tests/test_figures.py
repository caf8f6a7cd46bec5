"""Law 5: every figure opens to its records, and recomputing it from them gives the figure. Law 3: hidden is hidden."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from amity.channels.models import Source
from amity.commerce.models import Order
from amity.conversations.models import ConversationState
from amity.insight.domain.reckoning import reckon
from amity.insight.queries.figures import Figure, part_of, read_many, records_page, series_of
from amity.insight.queries.registry import BY_KEY, FIGURES, figure
from amity.insight.tests import making
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Forbidden
from amity.kernel.keyset import Cursor
from amity.kernel.models import Staff, Team
from amity.people.models import Link
from amity.teamwork.models import PromiseState

AT = datetime(2026, 3, 17, 9, 30, tzinfo=UTC)
Minutes = st.integers(0, 60 * 24 * 40)
DAY = 60 * 24


def ago(minutes: int) -> datetime:
    return AT - timedelta(minutes=minutes)


def recomputed(one: Figure, actor: Actor) -> float | None:
    return reckon(one.how, [part_of(record) for record in one.records(actor, AT)])


class TestLawFive(TestCase):
    """Random worlds; each example is rolled back."""

    @settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(
        messages=st.lists(
            st.tuples(
                Minutes,
                st.sampled_from([None, -0.9, -0.3, -0.25, 0.0, 0.25, 0.26, 1.0]),
                st.sampled_from(["in", "out"]),
            ),
            max_size=14,
        ),
        talks=st.lists(st.tuples(Minutes, st.integers(0, 900), st.booleans(), st.booleans()), max_size=8),
        promises=st.lists(
            st.tuples(
                st.integers(-2_000, 60_000), st.sampled_from(list(PromiseState)), st.integers(-600, 600)
            ),
            max_size=8,
        ),
        orders=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 800)), max_size=10),
    )
    def test_recomputing_every_figure_from_its_records_gives_the_figure(
        self,
        messages: list[tuple[int, float | None, str]],
        talks: list[tuple[int, int, bool, bool]],
        promises: list[tuple[int, PromiseState, int]],
        orders: list[tuple[int, int]],
    ) -> None:
        source, owner = making.a_source(AT), making.a_colleague(AT)
        for minutes, sentiment, direction in messages:
            making.said(source, [ago(minutes)], sentiment=sentiment, direction=direction)
        for minutes, took, is_open, waits in talks:
            first = ago(minutes + took)
            making.a_talk(
                source,
                AT,
                state=ConversationState.OPEN if is_open else ConversationState.CLOSED,
                closed_at=None if is_open else ago(minutes),
                first_inbound_at=first,
                first_answer_at=None if waits else ago(minutes),
                waiting_since=first if waits else None,
                due_at=first + timedelta(hours=4),
            )
        for minutes, state, late in promises:
            due = ago(minutes)
            settled = None if state is PromiseState.OPEN else due + timedelta(minutes=late)
            making.a_promise(source, owner, due, state=state, settled_at=settled)
        buyers = [making.a_customer(AT) for _ in range(4)]
        for buyer, days in orders:
            making.an_order(source, buyers[buyer], AT - timedelta(days=days, seconds=len(orders)))
        self.check()

    def check(self) -> None:
        together = read_many(FIGURES, SYSTEM, AT)
        trends = series_of(FIGURES, SYSTEM, AT)
        for one in FIGURES:
            reading = one.compute(SYSTEM, AT)
            assert reading == together[one.key], one.key
            assert reading.count == one.records(SYSTEM, AT).count(), one.key
            assert reading.value == pytest.approx(recomputed(one, SYSTEM), abs=1e-9), one.key
            if trends[one.key]:
                last = trends[one.key][-1]
                assert (last.value, last.count) == (reading.value, reading.count), one.key


@pytest.fixture
def world(db: None) -> Callable[[], None]:
    """Something for every figure, in a source of everybody; call it again for as much again."""
    made = {"source": making.a_source(AT), "owner": making.a_colleague(AT, "Priya Nair", Role.ADMINISTRATOR)}

    def more() -> None:
        fill(made["source"], made["owner"])  # type: ignore[arg-type]  # a source and a colleague

    more()
    return more


def fill(source: Source, owner: Staff) -> None:
    making.said(source, [ago(minutes) for minutes in (5, 100, 5_000)], sentiment=-0.8)
    making.said(source, [ago(30)], sentiment=0.8)
    making.said(source, [ago(20)], direction="out")
    making.a_talk(source, AT, due_at=ago(5))
    making.a_talk(source, AT, first_answer_at=ago(10), waiting_since=None)
    making.a_talk(source, AT, state=ConversationState.CLOSED, closed_at=ago(15), waiting_since=None)
    making.a_promise(source, owner, ago(60), state=PromiseState.KEPT, settled_at=ago(90))
    making.a_promise(source, owner, ago(90), state=PromiseState.KEPT, settled_at=ago(30))
    buyer = making.a_customer(AT)
    for days in (370, 100):
        making.an_order(source, buyer, AT - timedelta(days=days))


@pytest.fixture
def outsiders(db: None) -> tuple[Team, Staff, Staff]:
    """A team with a source of its own, a colleague in it and one who is not."""
    team = Team.objects.create(name="Legal")
    return team, making.a_colleague(AT, "In Side", team=team), making.a_colleague(AT, "Out Side")


@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_what_a_colleague_may_not_see_changes_no_figure(
    key: str, world: Callable[[], None], outsiders: tuple[Team, Staff, Staff]
) -> None:
    team, insider, outsider = outsiders
    one = BY_KEY[key]

    def seen_by(staff: Staff) -> object:
        actor = staff.actor()
        return (
            one.compute(actor, AT),
            one.series(actor, AT),
            [record.id for record in one.records(actor, AT)],
            read_many(FIGURES, actor, AT),
        )

    before, inside_before = seen_by(outsider), one.compute(insider.actor(), AT)
    fill(making.a_source(AT, "secret", team), insider)
    assert seen_by(outsider) == before
    assert one.compute(insider.actor(), AT).count > inside_before.count


@pytest.mark.parametrize("key", sorted(BY_KEY))
def test_pages_of_records_hold_every_record_once_newest_first(key: str, world: Callable[[], None]) -> None:
    world()
    world()
    one, after, seen = BY_KEY[key], None, []
    while True:
        page, after = records_page(one, SYSTEM, AT, after, limit=2)
        seen += [(record.moment, record.id) for record in page]
        after = Cursor.read(str(after)) if after else None
        if after is None:
            break
    assert seen == [(record.moment, record.id) for record in one.records(SYSTEM, AT)]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == one.compute(SYSTEM, AT).count > 2


def test_a_promise_kept_late_counts_as_broken(world: Callable[[], None]) -> None:
    assert BY_KEY["promises_kept"].compute(SYSTEM, AT).value == 0.5
    assert BY_KEY["promises_kept_today"].compute(SYSTEM, AT).value == 2


def test_a_withdrawn_promise_and_one_that_is_not_due_yet_do_not_count(db: None) -> None:
    source, owner = making.a_source(AT), making.a_colleague(AT)
    making.a_promise(source, owner, ago(60), state=PromiseState.WITHDRAWN, settled_at=ago(70))
    making.a_promise(source, owner, AT + timedelta(minutes=1))
    reading = BY_KEY["promises_kept"].compute(SYSTEM, AT)
    assert (reading.value, reading.count) == (None, 0)


def test_the_first_answer_is_the_middle_one_in_minutes(db: None) -> None:
    source = making.a_source(AT)
    for minutes in (10, 20, 600):
        making.a_talk(source, AT, first_inbound_at=ago(minutes + 30), first_answer_at=ago(30))
    assert BY_KEY["first_answer_median"].compute(SYSTEM, AT).value == 20


def test_two_identities_of_one_person_are_one_buyer_who_came_back(db: None) -> None:
    source, first, second = making.a_source(AT), making.a_customer(AT), making.a_customer(AT)
    making.an_order(source, first, AT - timedelta(days=370))
    making.an_order(source, second, AT - timedelta(days=369))
    assert BY_KEY["buyers_come_back"].compute(SYSTEM, AT).value == 0
    Link.objects.filter(identity=second).update(revoked_at=AT)
    person = Link.objects.get(identity=first).person
    Link.objects.create(identity=second, person=person, method="staff", confidence=1.0, linked_at=AT)
    reading = BY_KEY["buyers_come_back"].compute(SYSTEM, AT)
    assert (reading.value, reading.count) == (1.0, 1)


def test_an_order_that_was_given_back_is_no_reason_to_say_that_a_buyer_came_back(db: None) -> None:
    source, buyer, other = making.a_source(AT), making.a_customer(AT), making.a_customer(AT)
    making.an_order(source, buyer, AT - timedelta(days=370))
    for who in (buyer, other):
        again = making.an_order(source, who, AT - timedelta(days=369))
        Order.objects.filter(pk=again.pk).update(status="refunded")
    reading = BY_KEY["buyers_come_back"].compute(SYSTEM, AT)
    assert (reading.value, reading.count) == (0.0, 1)


def test_who_may_not_read_figures_gets_none(db: None) -> None:
    partner = Actor(Role.PARTNER)
    with pytest.raises(Forbidden):
        FIGURES[0].compute(partner, AT)
    with pytest.raises(Forbidden):
        records_page(FIGURES[0], partner, AT, None)


def test_every_figure_says_what_it_is() -> None:
    assert len(BY_KEY) == len(FIGURES)
    for one in FIGURES:
        assert str(one.name)
        assert str(one.formula).endswith(".")
        assert str(one.source).endswith(".")
        assert one.good_when in ("higher", "lower")
    assert figure("nonsense") is None
