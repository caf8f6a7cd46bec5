"""Rules about people: looked at, turned on, announced, kept or not, erased, in the time that they take."""

from __future__ import annotations

import random
from datetime import timedelta
from uuid import UUID

import pytest

from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Forbidden, Invalid
from amity.kernel.models import AuditEntry, Team
from amity.people.holds import place
from amity.people.merging import merge
from amity.people.models import Link, PersonErasure
from amity.people.tests.records import AT, days, make_actor, person_of, said, take_in
from amity.retention import announcing, night, rules
from amity.retention.announcing import settle_some
from amity.retention.examples import EXAMPLES, make_example
from amity.retention.keeping import keep, take_back_keep
from amity.retention.limits import Limits, change_limits
from amity.retention.models import Due, Rule, Run
from amity.retention.outlooks import foresee, who
from amity.retention.queries import list_dues, list_rules
from amity.retention.rules import Draft
from amity.retention.tests.people import (
    ADA,
    BO,
    CY,
    a_night,
    a_rule,
    a_segment,
    a_source,
    announced,
    let_time_pass,
    on,
    silent,
    somebody,
    there,
)
from amity.segments.services import change_segment

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOTICE = days(14)


def test_a_rule_is_off_until_somebody_says_that_they_saw_how_many_it_lets_go() -> None:
    silent(ADA, BO)
    rule = a_rule(a_segment())
    a_night(AT)
    assert announced() == set()
    assert foresee(rule, AT).count == 2
    with pytest.raises(Conflict, match="2"):
        rules.turn_on(rule.pk, told=1, actor=make_actor(Role.LEGAL), at=AT)
    on(rule)
    a_night(AT)
    assert announced() == {person_of(ADA).id, person_of(BO).id}


def test_they_are_announced_wait_for_the_notice_and_are_erased_like_everybody_who_is() -> None:
    silent(ADA)
    on(a_rule(a_segment()))
    (run,) = a_night(AT)
    assert (run.announced, run.asked) == (1, 0)
    (listed,) = list_dues(make_actor(Role.LEGAL), at=AT).dues
    assert listed.person is not None
    assert listed.due.due_on == AT.date() + NOTICE
    assert not PersonErasure.objects.exists()
    a_night(AT + NOTICE - DAY)
    assert not PersonErasure.objects.exists()
    (run,) = a_night(AT + NOTICE)
    assert (run.announced, run.asked) == (0, 1)
    asked = PersonErasure.objects.get()
    assert (asked.ground, asked.asked_why, asked.asked_by_id) == ("purpose", "Erase Silent", None)
    assert let_time_pass(AT + NOTICE + DAY) == 1
    asked.refresh_from_db()
    assert asked.state == "done"
    assert there(ADA) == set()
    assert not Due.objects.exists()
    assert sum(Run.objects.values_list("asked", flat=True)) == 1
    assert AuditEntry.objects.filter(action="retention.worked").count() == 2


def test_who_writes_before_the_day_comes_stays() -> None:
    silent(ADA, BO)
    on(a_rule(a_segment()))
    a_night(AT)
    take_in(a_source("mail"), said(ADA, at=AT + days(3)), at=AT + days(3))
    (run,) = a_night(AT + NOTICE)
    assert (run.asked, run.dropped) == (1, 1)
    assert Due.objects.get(person_id=person_of(ADA).id).why == "left"
    let_time_pass(AT + NOTICE + DAY)
    assert there(ADA, BO) == {ADA.address}


def test_who_writes_in_the_day_in_which_the_erasure_waits_stays_too() -> None:
    silent(ADA)
    on(a_rule(a_segment()))
    a_night(AT)
    a_night(AT + NOTICE)
    later = AT + NOTICE + timedelta(hours=5)
    take_in(a_source("mail"), said(ADA, at=later), at=later)
    assert let_time_pass(AT + NOTICE + DAY) == 0  # what changed about her is not even counted yet
    stopped = PersonErasure.objects.get()
    assert stopped.state == "stopped"
    assert stopped.stopped_why
    assert there(ADA) == {ADA.address}


def test_a_person_must_have_been_in_the_segment_for_long_enough() -> None:
    silent(ADA)
    rule = a_rule(a_segment(), for_days=30)
    assert foresee(rule, AT).count == 0
    on(rule)
    a_night(AT + days(29))
    assert announced() == set()
    a_night(AT + days(30))
    assert announced() == {person_of(ADA).id}


def test_a_colleague_keeps_somebody_with_a_reason_and_takes_that_back() -> None:
    silent(ADA, BO)
    rule = a_rule(a_segment())
    on(rule)
    a_night(AT)
    legal = make_actor(Role.LEGAL)
    due = Due.objects.get(person_id=person_of(ADA).id)
    with pytest.raises(Invalid):
        keep(due.pk, reason=" ", actor=legal, at=AT)
    made = keep(due.pk, reason="Our founder's mother", actor=legal, at=AT)
    assert announced() == {person_of(BO).id}
    assert foresee(rule, AT).people == foresee(rule, AT + DAY).people
    found = foresee(rule, AT).people
    assert found is not None
    assert (found.due, found.kept, found.goes) == (2, 1, 1)
    a_night(AT + NOTICE)
    assert PersonErasure.objects.count() == 1
    take_back_keep(made.pk, actor=legal, at=AT + NOTICE)
    take_back_keep(made.pk, actor=legal, at=AT + NOTICE)
    due.refresh_from_db()
    assert (due.state, due.due_on) == ("announced", (AT + NOTICE + NOTICE).date())
    with pytest.raises(Forbidden):
        keep(due.pk, reason="Mine", actor=make_actor(Role.AGENT), at=AT)


def test_keeping_somebody_whose_erasure_waits_stops_it() -> None:
    silent(ADA)
    on(a_rule(a_segment()))
    a_night(AT)
    a_night(AT + NOTICE)
    keep(Due.objects.get().pk, reason="A friend", actor=make_actor(Role.LEGAL), at=AT + NOTICE)
    assert PersonErasure.objects.get().state == "stopped"
    a_night(AT + NOTICE + DAY)
    assert announced() == set()
    with pytest.raises(Conflict):
        keep(Due.objects.get().pk, reason="A friend", actor=make_actor(Role.LEGAL), at=AT + NOTICE)


def test_a_legal_hold_keeps_whoever_a_rule_announced() -> None:
    silent(ADA, BO, CY)
    rule = a_rule(a_segment())
    place(person_of(CY).id, reason="A lawsuit", actor=make_actor(Role.LEGAL), at=AT)
    found = foresee(rule, AT).people
    assert found is not None
    assert (found.due, found.held, found.goes) == (3, 1, 2)
    on(rule)
    a_night(AT)
    assert announced() == {person_of(ADA).id, person_of(BO).id}
    place(person_of(ADA).id, reason="A lawsuit", actor=make_actor(Role.LEGAL), at=AT)
    a_night(AT + NOTICE)
    assert Due.objects.get(person_id=person_of(ADA).id).why == "held"
    place(person_of(BO).id, reason="An audit", actor=make_actor(Role.LEGAL), at=AT + NOTICE)
    assert let_time_pass(AT + NOTICE + DAY) == 0
    assert there(ADA, BO, CY) == {ADA.address, BO.address, CY.address}


def test_one_night_takes_no_more_than_it_may_over_all_rules() -> None:
    owner = make_actor(Role.OWNER)
    change_limits(Limits(most_a_night=3, notice_days=2), actor=owner, at=AT)
    silent(*(somebody(number) for number in range(8)))
    on(a_rule(a_segment()))
    on(a_rule(a_segment(name="Silent as well")))
    runs = a_night(AT)
    assert [run.announced for run in runs] == [3, 0]
    assert [run.announced for run in a_night(AT + DAY)] == [3, 0]
    assert [(run.asked, run.announced) for run in a_night(AT + days(2))] == [(3, 2), (0, 0)]
    assert PersonErasure.objects.count() == 3
    assert a_night(AT + days(2))[0].asked == 3  # the same night, asked again, does nothing more
    assert PersonErasure.objects.count() == 3


def test_a_night_that_breaks_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    silent(*(somebody(number) for number in range(25)))
    on(a_rule(a_segment()))
    a_night(AT)
    portions = 0

    def dies(*args: object) -> bool:
        nonlocal portions
        portions += 1
        if portions == 2:
            raise SystemExit
        return settle_some(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(night, "settle_some", dies)
    with pytest.raises(SystemExit):
        a_night(AT + NOTICE)
    run = Run.objects.get(on=(AT + NOTICE).date())
    assert (run.asked, run.finished_at) == (announcing.ASKED_AT_ONCE, None)
    assert PersonErasure.objects.count() == announcing.ASKED_AT_ONCE
    monkeypatch.setattr(night, "settle_some", settle_some)
    (run,) = a_night(AT + NOTICE)
    assert (run.asked, run.finished_at) == (25, AT + NOTICE)
    assert PersonErasure.objects.count() == 25


def test_a_rule_stands_still_when_its_segment_gets_another_rule() -> None:
    silent(ADA)
    take_in(a_source("mail"), said(BO, at=AT - days(2)))
    segment = a_segment()
    rule = on(a_rule(segment))
    everybody = {"all": [{"field": "wrote", "op": "at_least", "value": 1}]}
    change_segment(segment.id, rule=everybody, actor=make_actor(Role.MARKETER), at=AT)
    (run,) = a_night(AT)
    assert (run.stood_still, run.announced) == ("segment_changed", 0)
    (listed,) = list_rules(make_actor(Role.LEGAL))
    assert listed.still is not None
    on(rule, AT + DAY)
    a_night(AT + DAY)
    assert len(announced()) == 2


def test_who_was_merged_since_is_announced_anew_as_who_they_are_now() -> None:
    silent(ADA, BO)
    on(a_rule(a_segment()))
    a_night(AT)
    gone = person_of(BO).id
    merge(person_of(ADA).id, [gone], actor=make_actor(Role.AGENT), at=AT + DAY)
    a_night(AT + NOTICE)
    assert Due.objects.get(person_id=gone).why == "merged"
    assert let_time_pass(AT + NOTICE + DAY) == 1
    assert there(ADA, BO) == set()


def test_people_of_whom_a_closed_source_tells_are_left_alone() -> None:
    silent(ADA, BO)
    council = a_source("council", team=Team.objects.create(name="Works council"))
    take_in(council, said(ADA, at=AT - days(1)))
    rule = a_rule(a_segment())
    found = foresee(rule, AT).people
    assert found is not None
    assert (found.due, found.closed, found.goes) == (2, 1, 1)
    on(rule)
    a_night(AT)
    assert announced() == {person_of(BO).id}


def test_turning_a_rule_off_stops_all_that_it_began() -> None:
    change_limits(Limits(most_a_night=1, notice_days=1), actor=make_actor(Role.OWNER), at=AT)
    silent(ADA, BO)
    rule = on(a_rule(a_segment()))
    a_night(AT)
    a_night(AT + DAY)
    assert PersonErasure.objects.filter(state="waiting").count() == 1
    rules.turn_off(rule.pk, actor=make_actor(Role.LEGAL), at=AT + DAY)
    assert PersonErasure.objects.get().state == "stopped"
    assert set(Due.objects.values_list("state", "why")) == {("dropped", "off")}
    assert let_time_pass(AT + days(3)) == 0
    assert there(ADA, BO) == {ADA.address, BO.address}


def test_a_change_that_lets_go_of_others_turns_the_rule_off_and_is_taken_back() -> None:
    silent(ADA)
    legal = make_actor(Role.LEGAL)
    rule = on(a_rule(a_segment()))
    said_now = rules.draft_of(rule)
    named = rules.change_rule(
        rule.pk, Draft("Another name", said_now.reason, said_now.segment_id, 0), actor=legal, at=AT
    )
    assert (named.is_on, named.name) == (True, "Another name")
    longer = rules.change_rule(
        rule.pk, Draft("Another name", said_now.reason, said_now.segment_id, 90), actor=legal, at=AT
    )
    assert (longer.is_on, longer.for_days) == (False, 90)
    back = rules.take_back_change(rule.pk, actor=legal, at=AT)
    assert (back.is_on, back.for_days, back.before) == (True, 0, None)
    with pytest.raises(Conflict):
        rules.take_back_change(rule.pk, actor=legal, at=AT)
    gone = rules.remove_rule(rule.pk, actor=legal, at=AT)
    assert list_rules(legal) == []
    assert not rules.restore_rule(gone.pk, actor=legal, at=AT).is_on


def test_who_may_not_know_of_erasures_makes_no_rules_and_reads_none() -> None:
    silent(ADA)
    rule = a_rule(a_segment())
    agent = make_actor(Role.AGENT)
    for refused in (
        lambda: list_rules(agent),
        lambda: list_dues(agent, at=AT),
        lambda: on(rule, actor=agent),
        lambda: rules.turn_off(rule.pk, actor=agent, at=AT),
        lambda: change_limits(Limits(), actor=agent, at=AT),
        lambda: make_example("silent", actor=agent, at=AT),
    ):
        with pytest.raises(Forbidden):
            refused()


@pytest.mark.parametrize("key", EXAMPLES)
def test_each_suggested_rule_can_be_made_and_is_off(key: str) -> None:
    made = make_example(key, actor=make_actor(Role.OWNER), at=AT)
    assert not made.is_on
    again = make_example(key, actor=make_actor(Role.OWNER), at=AT)
    assert again.segment_id == made.segment_id


def test_what_makes_no_sense_is_refused_beside_its_field() -> None:
    legal = make_actor(Role.LEGAL)
    with pytest.raises(Invalid) as refused:
        rules.create_rule("people", Draft("", "", None, -1), actor=legal, at=AT)
    assert set(refused.value.fields) == {"name", "reason", "segment", "for_days"}
    with pytest.raises(Invalid) as refused:
        rules.create_rule("words", Draft("Words", "Old", months=0), actor=legal, at=AT)
    assert set(refused.value.fields) == {"months"}
    with pytest.raises(Invalid):
        change_limits(Limits(notice_days=0), actor=legal, at=AT)
    assert not Rule.objects.exists()


@pytest.mark.parametrize("seed", range(6))
def test_what_the_nights_took_is_what_the_preview_said(seed: int) -> None:
    """Whoever is held, kept, known to a closed source, or not silent for long enough stays; all others go."""
    draw = random.Random(seed)  # an invented life, no secret
    everybody = [somebody(number) for number in range(14)]
    source, council = a_source(), a_source("council", team=Team.objects.create(name="Council"))
    for one in everybody:
        take_in(source, said(one, at=AT - days(draw.choice([10, 200, 500, 900]))))
        if draw.random() < 0.15:
            take_in(council, said(one, at=AT - days(700)))
    for one, other in zip(everybody[::5], everybody[1::5], strict=False):
        if draw.random() < 0.5:
            merge(person_of(one).id, [person_of(other).id], actor=make_actor(Role.AGENT), at=AT)
    legal = make_actor(Role.LEGAL)
    change_limits(Limits(most_a_night=draw.choice([2, 5, 50]), notice_days=3), actor=legal, at=AT)
    rule = a_rule(a_segment())
    for one in everybody:
        if draw.random() < 0.2:
            place(person_of(one).id, reason="A lawsuit", actor=legal, at=AT)
    foretold = {
        address
        for found in who(rule, legal, AT, limit=100).people
        if found.person is not None
        for address in _addresses(found.person.id)
    }
    assert len(who(rule, legal, AT, limit=100).people) == foresee(rule, AT).count
    on(rule)
    for night_number in range(25):
        at = AT + days(night_number)
        let_time_pass(at)
        a_night(at)
    assert {one.address for one in everybody} - there(*everybody) == foretold


def _addresses(person_id: UUID) -> set[str]:
    rows = Link.objects.filter(person_id=person_id, revoked_at__isnull=True)
    return set(rows.values_list("identity__address", flat=True))
