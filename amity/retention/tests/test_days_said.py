"""The day that is said is the day on which somebody goes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from amity.kernel.actor import Role
from amity.people.erasures import TIME_TO_STOP
from amity.people.models import PersonErasure
from amity.people.tests.records import AT, days, make_actor
from amity.retention.limits import Limits, change_limits, next_night
from amity.retention.outlooks import foresee
from amity.retention.queries import get_due, list_dues
from amity.retention.tests.people import ADA, BO, a_night, a_rule, a_segment, let_time_pass, on, silent, there

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
NOTICE = days(14)


def test_who_waits_for_there_are_more_than_go_in_one_night_is_told_a_day_that_comes() -> None:
    silent(ADA, BO)
    change_limits(Limits(most_a_night=1), actor=make_actor(Role.LEGAL), at=AT)
    on(a_rule(a_segment()))
    for night in (AT, AT + DAY, AT + NOTICE + DAY):
        a_night(night)
    legal, now = make_actor(Role.LEGAL), AT + NOTICE + DAY + timedelta(hours=1)
    told = {one.due.state: one.erased_at for one in list_dues(legal, at=now).dues}
    assert told["asked"] == PersonErasure.objects.get().due_at
    assert told["announced"] == next_night(now) + TIME_TO_STOP > now
    (waiting,) = [one for one in list_dues(legal, at=now).dues if one.due.state == "announced"]
    assert get_due(legal, waiting.due.pk, at=now).erased_at == waiting.erased_at


@pytest.mark.parametrize("turned_on", [AT, AT.replace(hour=0, minute=30), AT.replace(hour=23, minute=59)])
def test_the_first_ones_are_gone_on_the_day_that_was_said(turned_on: datetime) -> None:
    silent(ADA)
    rule = a_rule(a_segment(at=turned_on), at=turned_on)
    said = foresee(rule, turned_on).first_on
    on(rule, at=turned_on)
    night = next_night(turned_on)
    assert timedelta(0) < night - turned_on <= days(1)
    gone = None
    while gone is None:
        a_night(night)
        told = [one.erased_at.date() for one in list_dues(make_actor(Role.LEGAL), at=night).dues]
        assert told in ([], [said])
        if let_time_pass(night) and not there(ADA):
            gone = night
        night += days(1)
        assert night - turned_on < days(60)
    assert gone.date() == said
