"""Segments as colleagues use them: made, changed, deleted, taken back; and who may know of which."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amity.kernel.actor import Role
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.models import Team
from amity.people.merging import merge, unmerge
from amity.people.models import Merge
from amity.people.tests.records import (
    AT,
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
from amity.segments import services
from amity.segments.building import end_keeping, is_idle
from amity.segments.domain.trees import read
from amity.segments.keeping import catch_up
from amity.segments.models import Member, Segment, State, Touched, Trait
from amity.segments.queries import known_segments, members_of, moved_since, preview, why

pytestmark = pytest.mark.django_db

ADA, BO = email("ada@roast.example", "Ada Roth"), email("bo@roast.example", "Bo Lind")
WROTE: dict[str, Any] = {"all": [{"field": "wrote", "op": "at_least", "value": 1, "within_days": 30}]}
AT_ROAST: dict[str, Any] = {"all": [{"field": "email_domain", "op": "has", "value": "roast.example"}]}


def make(rule: dict[str, Any] = WROTE, name: str = "Writers", **more: Any) -> Segment:
    actor = more.pop("actor", None) or make_actor(Role.MARKETER)
    made = services.create_segment(name=name, rule=rule, actor=actor, at=AT, **more)
    catch_up(AT)
    made.refresh_from_db()
    return made


def inside(segment: Segment) -> set[str]:
    rows = Member.objects.filter(segment=segment, until=None).values_list("person_id", flat=True)
    names = {person_of(one).id: one.name for one in (ADA, BO)}
    return {names[id] for id in rows}


def test_a_message_brings_somebody_in_and_time_takes_them_out_each_with_the_reason() -> None:
    source = make_source()
    take_in(source, listed(ADA), said(BO))
    segment = make()
    assert inside(segment) == {"Bo Lind"}
    take_in(source, said(ADA, at=AT))
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == {"Ada Roth", "Bo Lind"}
    catch_up(AT + days(31))
    assert inside(segment) == set()
    stay = Member.objects.get(segment=segment, person_id=person_of(ADA).id)
    assert stay.why_in == [[[0], True, 1]]
    assert stay.why_out == [[[0], False, 0]]
    segment.refresh_from_db()
    assert segment.members == 0


def test_while_nobody_has_a_segment_nothing_is_kept() -> None:
    take_in(make_source(), said(ADA))
    assert not Touched.objects.exists()
    assert not Trait.objects.exists()
    assert catch_up(AT) == 0


def test_traits_go_when_there_was_no_segment_for_a_day() -> None:
    actor = make_actor(Role.MARKETER)
    take_in(make_source(), said(ADA), listed(BO))
    segment = make(actor=actor)
    services.delete_segment(segment.id, actor=actor, at=AT)
    assert not is_idle(AT)
    assert is_idle(AT + timedelta(days=2))
    end_keeping()
    assert not Trait.objects.exists()
    services.restore_segment(segment.id, actor=actor, at=AT)
    catch_up(AT)
    assert inside(segment) == {"Ada Roth"}


def test_people_who_are_merged_are_one_and_two_again_when_that_is_taken_back() -> None:
    ines = make_actor(Role.AGENT)
    take_in(make_source(), said(ADA), said(BO))
    segment = make()
    ada, bo = person_of(ADA).id, person_of(BO).id
    merge(ada, [bo], actor=ines, at=AT)
    catch_up(AT)
    assert set(Member.objects.filter(segment=segment, until=None).values_list("person_id", flat=True)) == {
        ada
    }
    unmerge([Merge.objects.get().pk], actor=ines, at=AT)
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == {"Ada Roth", "Bo Lind"}


def test_what_a_closed_source_says_moves_nobody() -> None:
    from amity.kernel.models import Team

    team = Team.objects.create(name="Works council")
    opened, closed = make_source("shop"), make_source("closed", team=team)
    take_in(opened, listed(ADA))
    take_in(closed, said(ADA), said(BO))
    segment = make()
    assert inside(segment) == set()
    assert preview(read(AT_ROAST), AT).count == 1  # nobody learns of Bo
    closed.team = None
    closed.save(update_fields=["team"])
    catch_up(AT)
    assert inside(segment) == {"Ada Roth", "Bo Lind"}


def test_who_may_not_see_a_field_knows_of_no_segment_that_asks_for_it() -> None:
    analyst, marketer = make_actor(Role.ANALYST), make_actor(Role.MARKETER)
    direct = make(AT_ROAST, "Roasters")
    through = make({"all": [{"field": "segment", "op": "in", "value": str(direct.id)}]}, "Through another")
    plain = make()
    assert {one.id for one in known_segments(marketer)} == {direct.id, through.id, plain.id}
    assert {one.id for one in known_segments(analyst)} == {plain.id}
    with pytest.raises(Invalid):
        services.checked_rule(AT_ROAST, actor=analyst)


def test_an_address_that_stands_for_a_name_is_no_name_to_ask_for() -> None:
    take_in(make_source(), said(email("zoe@roast.example")), listed(ADA), said(BO))
    named = make({"all": [{"field": "name", "op": "known"}]})
    assert inside(named) == {"Ada Roth", "Bo Lind"}
    take_in(make_source("closed", team=Team.objects.create(name="Key accounts")), listed(BO))
    take_in(make_source("mail"), said(email("zoe@roast.example")))
    catch_up(AT)
    assert inside(named) == {"Ada Roth", "Bo Lind"}


def test_what_no_text_can_hold_is_left_out_of_a_description() -> None:
    segment = make(description=" a\0b ")
    assert segment.description == "ab"
    services.change_segment(segment.id, description="c\0", actor=make_actor(Role.MARKETER), at=AT)
    segment.refresh_from_db()
    assert segment.description == "c"


def test_whoever_only_reads_changes_nothing() -> None:
    segment, analyst = make(), make_actor(Role.ANALYST)
    for deed in (services.delete_segment, services.restore_segment):
        with pytest.raises(Forbidden):
            deed(segment.id, actor=analyst, at=AT)
    with pytest.raises(Forbidden):
        services.create_segment(name="Mine", rule=WROTE, actor=analyst, at=AT)
    with pytest.raises(Forbidden):
        services.change_segment(segment.id, name="Other", actor=analyst, at=AT)


def test_a_segment_that_others_ask_for_is_not_deleted_and_circles_are_refused() -> None:
    actor = make_actor(Role.MARKETER)
    first = make(actor=actor)
    asks = {"all": [{"field": "segment", "op": "in", "value": str(first.id)}]}
    second = make(asks, "Second", actor=actor)
    with pytest.raises(services.InUse, match="Second"):
        services.delete_segment(first.id, actor=actor, at=AT)
    circle = {"all": [{"field": "segment", "op": "in", "value": str(second.id)}]}
    for rule in (circle, asks):
        with pytest.raises(Invalid):
            services.change_segment(first.id, rule=rule, actor=actor, at=AT)
    first.refresh_from_db()
    assert first.version == 1


def test_a_change_is_a_version_that_can_be_used_again() -> None:
    actor = make_actor(Role.MARKETER)
    take_in(make_source(), said(ADA), listed(BO))
    segment = make(actor=actor)
    services.change_segment(segment.id, rule=AT_ROAST, actor=actor, at=AT)
    catch_up(AT + timedelta(seconds=1))
    assert inside(segment) == {"Ada Roth", "Bo Lind"}
    again = services.use_version(segment.id, 1, actor=actor, at=AT)
    catch_up(AT + timedelta(seconds=2))
    assert (again.version, inside(segment)) == (3, {"Ada Roth"})
    with pytest.raises(NotFound):
        services.use_version(segment.id, 9, actor=actor, at=AT)


def test_why_says_what_each_condition_finds_of_who_is_in_and_of_who_is_not() -> None:
    actor = make_actor(Role.MARKETER)
    take_in(make_source(), said(ADA), listed(BO))
    segment = make(actor=actor)
    found = [why(actor, segment, person_of(one).id, AT) for one in (ADA, BO)]
    assert [one.is_in for one in found] == [True, False]
    assert [one.reasons[0].found.value for one in found] == [1, 0]
    assert [len(one.stays) for one in found] == [1, 0]


def test_members_are_read_a_page_at_a_time_in_a_number_of_queries_that_does_not_grow() -> None:
    actor, source = make_actor(Role.MARKETER), make_source()
    take_in(source, *(said(email(f"n{number}@roast.example")) for number in range(12)))
    segment = make(actor=actor)
    asked = []
    for limit in (2, 5):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            members_of(actor, segment.id, limit=limit)
        asked.append(len(queries))
    assert asked[0] == asked[1]
    seen, after = [], None
    while True:
        page = members_of(actor, segment.id, after=after, limit=5)
        seen += [one.person.id for one in page.members]
        after = page.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 12


def test_how_many_came_and_left_is_told() -> None:
    source = make_source()
    take_in(source, said(ADA))
    segment = make()
    catch_up(AT + days(31))
    moved = moved_since([segment.id], AT - days(1))[segment.id]
    assert (moved.entered, moved.left) == (1, 1)


def test_an_event_costs_one_round_and_a_handful_of_queries() -> None:
    source = make_source()
    take_in(source, said(ADA))
    for number in range(6):
        make(name=f"Segment {number}")
    State.objects.update(minute=0)
    catch_up(AT)
    take_in(source, said(ADA, at=AT))
    with CaptureQueriesContext(connection) as queries:
        catch_up(AT)
    assert len(queries) <= 24


def test_of_people_who_go_nothing_is_kept() -> None:
    take_in(make_source(), said(ADA), said(BO))
    segment, ada = make(), person_of(ADA).id
    services.forget_people([ada])
    assert not Trait.objects.filter(pk=ada).exists()
    assert not Member.objects.filter(person_id=ada).exists()
    segment.refresh_from_db()
    assert segment.members == 1


def test_the_keeper_takes_in_what_was_committed_and_says_when_there_is_nothing_to_keep() -> None:
    from amity.segments.keeper import SegmentKeeper

    keeper = SegmentKeeper(clock=lambda: AT)
    assert keeper.keep() is False
    take_in(make_source(), listed(ADA), said(BO))
    segment = make()
    take_in(make_source("desk"), said(ADA))
    assert keeper.keep() is True
    assert inside(segment) == {"Ada Roth", "Bo Lind"}


def test_a_page_with_many_versions_asks_no_more_than_one_with_few(client: Client) -> None:
    actor = make_actor(Role.OWNER)
    inner = make(AT_ROAST, "Roasters", actor=actor)
    segment = make(actor=actor)
    client.force_login(make_staff(Role.OWNER), backend="amity.site.signin.StaffBackend")

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/segments/{segment.id}/").status_code == 200
        return len(queries)

    def change(days: int) -> None:
        named = {"field": "segment", "op": "in", "value": str(inner.id)}
        wrote = {"field": "wrote", "op": "at_least", "value": 1, "within_days": days}
        services.change_segment(segment.id, rule={"all": [wrote, named]}, actor=actor, at=AT)

    change(2)
    asked()
    few = asked()
    for number in range(3, 15):
        change(number)
    assert asked() <= few
