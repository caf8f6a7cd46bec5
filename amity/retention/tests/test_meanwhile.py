"""What happens to rules and to people between two looks: holds, other rules, colleagues, purposes, a restore."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amity.consent.purposes import begin, hide_purpose
from amity.kernel.actor import Role
from amity.kernel.errors import Conflict
from amity.kernel.models import AuditEntry
from amity.kernel.restored import Moment, put_right
from amity.people import erasures
from amity.people.models import PersonErasure
from amity.people.queries.erased import list_erasures
from amity.people.tests.records import AT, days, make_actor, person_of
from amity.retention import rules
from amity.retention.keeping import keep, take_back_keep
from amity.retention.limits import Limits, change_limits
from amity.retention.models import Due, Keep, Run
from amity.retention.queries import list_rules, list_runs
from amity.retention.rules import Draft
from amity.retention.tests.people import (
    ADA,
    BO,
    a_night,
    a_rule,
    a_segment,
    announced,
    let_time_pass,
    on,
    silent,
    there,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOTICE = days(14)


def test_a_keep_is_taken_back_also_where_another_rule_announced_them_meanwhile() -> None:
    silent(ADA)
    legal = make_actor(Role.LEGAL)
    first = on(a_rule(a_segment()))
    a_night(AT)
    kept = keep(Due.objects.get().pk, reason="A friend", actor=legal, at=AT)
    second = on(a_rule(a_segment(name="Silent as well")))
    a_night(AT + DAY)
    assert announced(second) == {person_of(ADA).id}
    take_back_keep(kept.pk, actor=legal, at=AT + DAY)
    assert Keep.objects.get().revoked_at is not None
    assert announced(first) == set()
    assert announced(second) == {person_of(ADA).id}


def test_keeping_somebody_whose_erasure_began_a_moment_ago_is_refused() -> None:
    silent(ADA)
    on(a_rule(a_segment()))
    a_night(AT)
    a_night(AT + NOTICE)
    erasures.begin(PersonErasure.objects.get().pk, actor=make_actor(Role.OWNER), at=AT + NOTICE)
    with pytest.raises(Conflict):
        keep(Due.objects.get().pk, reason="A friend", actor=make_actor(Role.LEGAL), at=AT + NOTICE)
    assert not Keep.objects.exists()


def test_taking_back_a_change_does_not_turn_on_what_was_turned_off_since() -> None:
    silent(ADA)
    legal = make_actor(Role.LEGAL)
    rule = on(a_rule(a_segment()))
    was = rules.draft_of(rule)
    longer = Draft(was.name, was.reason, was.segment_id, 30)
    rules.change_rule(rule.pk, longer, actor=legal, at=AT)
    on(rule, AT)
    rules.turn_off(rule.pk, actor=legal, at=AT)
    assert not rules.take_back_change(rule.pk, actor=legal, at=AT).is_on
    on(rule, AT)
    rules.change_rule(rule.pk, longer, actor=legal, at=AT)
    rules.remove_rule(rule.pk, actor=legal, at=AT)
    rules.restore_rule(rule.pk, actor=legal, at=AT)
    back = rules.take_back_change(rule.pk, actor=legal, at=AT)
    assert (back.is_on, back.for_days) == (False, 0)


def test_a_rule_stands_still_when_a_purpose_that_its_segment_asks_for_is_hidden() -> None:
    """A condition whose field is gone holds for nobody, and what denies it for everybody."""
    begin(AT)
    silent(ADA, BO)
    agreed = {"field": "consent:surveys:email", "op": "allowed"}
    not_agreed: dict[str, Any] = {"all": [{"not": agreed}, {"field": "wrote", "op": "at_least", "value": 1}]}
    segment = a_segment(not_agreed)
    rule = on(a_rule(segment))
    owner = make_actor(Role.OWNER)
    hide_purpose("surveys", actor=owner, at=AT)
    (run,) = a_night(AT + DAY)
    assert (run.announced, run.stood_still) == (0, "segment_field_gone")
    assert announced() == set()
    (listed,) = list_rules(owner)
    assert listed.still == "segment_field_gone"
    with pytest.raises(Conflict):
        on(rule, AT + DAY)


def test_all_nights_of_rules_that_began_together_are_listed_page_by_page() -> None:
    silent(ADA)
    segment = a_segment()
    for name in ("One", "Two", "Three"):
        made = rules.create_rule(
            "people", Draft(name, "Not needed", segment.id, 0), actor=make_actor(Role.LEGAL), at=AT
        )
        on(made)
    Run.objects.all().delete()
    a_night(AT)
    Run.objects.update(stood_still="segment_changed")
    legal = make_actor(Role.LEGAL)
    first = list_runs(legal, limit=2)
    rest = list_runs(legal, before=(first[-1].started_at, first[-1].pk), limit=2)
    assert {one.pk for one in (*first, *rest)} == set(Run.objects.values_list("pk", flat=True))
    assert (len(first), len(rest)) == (2, 1)


def test_all_erasures_that_a_rule_asked_for_at_once_are_listed_page_by_page() -> None:
    silent(ADA, BO)
    on(a_rule(a_segment()))
    a_night(AT)
    a_night(AT + NOTICE)
    legal = make_actor(Role.LEGAL)
    (first,) = list_erasures(legal, limit=1)
    (second,) = list_erasures(legal, before=(first.asked_at, first.pk), limit=1)
    assert first.pk != second.pk


def test_rules_are_listed_with_as_many_questions_for_many_as_for_one() -> None:
    silent(ADA)
    segment = a_segment()
    legal = make_actor(Role.LEGAL)

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            list_rules(legal)
        return len(caught)

    on(a_rule(segment))
    a_night(AT)
    one = asked()
    for _number in range(3):
        on(a_rule(segment))
    for number in range(1, 4):
        a_night(AT + days(number))
    assert asked() == one


def test_after_a_restore_no_rule_works_until_somebody_looked() -> None:
    """Holds and keeps of after the backup are not there any more."""
    change_limits(Limits(notice_days=1), actor=make_actor(Role.OWNER), at=AT)
    silent(ADA)
    rule = on(a_rule(a_segment()))
    a_night(AT)
    told = put_right(Moment(saved_at=AT, at=AT + days(30)))
    assert any("retention rules are off" in words for words in told)
    a_night(AT + days(30))
    assert let_time_pass(AT + days(32)) == 0
    assert there(ADA) == {ADA.address}
    on(rule, AT + days(32))
    a_night(AT + days(32))
    assert announced() == {person_of(ADA).id}


def test_why_somebody_was_kept_goes_with_them_from_the_audit_trail_too() -> None:
    silent(ADA)
    legal = make_actor(Role.LEGAL)
    on(a_rule(a_segment()))
    a_night(AT)
    made = keep(Due.objects.get().pk, reason="Zorptastic poet", actor=legal, at=AT)
    take_back_keep(made.pk, actor=legal, at=AT)
    asked = erasures.ask(person_of(ADA).id, ground="request", actor=make_actor(Role.OWNER), at=AT, now=True)
    erasures.work_on(asked.pk, clock=lambda: AT)
    left = [f"{one.before}{one.after}{one.why}" for one in AuditEntry.objects.all()]
    assert not any("Zorptastic" in words for words in left)


def test_why_others_are_kept_names_nobody_who_was_erased() -> None:
    silent(ADA, BO)
    on(a_rule(a_segment()))
    a_night(AT)
    due = Due.objects.get(person_id=person_of(ADA).id)
    keep(due.pk, reason="The aunt of Bo Roth", actor=make_actor(Role.LEGAL), at=AT)
    asked = erasures.ask(person_of(BO).id, ground="request", actor=make_actor(Role.OWNER), at=AT, now=True)
    erasures.work_on(asked.pk, clock=lambda: AT)
    assert Keep.objects.get().reason == ""
    a_night(AT + NOTICE)
    assert there(ADA) == {ADA.address}
