"""Settings, Retention and legal holds, through the pages and the interface."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from amity.commerce.stages import take_orders
from amity.kernel.actor import Role
from amity.people.models import LegalHold, PersonErasure
from amity.people.tests.records import AT, SHORT, days, make_actor, ordered, person_of, take_in
from amity.retention import limits
from amity.retention.limits import Limits
from amity.retention.models import Due, Keep, Rule, Run
from amity.retention.tests.people import ADA, BO, a_night, a_rule, a_segment, a_source, on, silent, somebody
from amity.site.tests.api.calling import program
from amity.site.tests.shell.factories import make_staff, signed_in
from amity.site.web.retention import MOST_AT_ONE_CLICK

pytestmark = pytest.mark.django_db
PAGE = "/settings/retention/"


def test_the_empty_screen_teaches_and_makes_a_rule_that_is_off() -> None:
    owner = signed_in(make_staff(role=Role.OWNER))
    page = owner.get(PAGE).content.decode()
    assert "Everything is kept for ever" in page
    assert "Nobody is under a legal hold" in page
    made = owner.post(f"{PAGE}examples/words/")
    rule = Rule.objects.get()
    assert made["Location"] == f"{PAGE}rules/{rule.pk}/"
    page = owner.get(made["Location"]).content.decode()
    assert "0 messages would lose their words" in page
    assert "Turn on" in page
    assert owner.post(f"{PAGE}rules/{rule.pk}/removal/").status_code == 302
    assert "Everything is kept for ever" in owner.get(PAGE).content.decode()
    assert owner.post(f"{PAGE}rules/{rule.pk}/restoration/").status_code == 302


def test_a_rule_is_looked_at_turned_on_and_somebody_kept() -> None:
    silent(ADA, BO)
    rule = a_rule(a_segment())
    legal = signed_in(make_staff(role=Role.LEGAL))
    page = legal.get(f"{PAGE}rules/{rule.pk}/").content.decode()
    assert "In the segment for long enough" in page
    assert "Ada Roth" in legal.get(f"{PAGE}rules/{rule.pk}/people/").content.decode()
    few = legal.post(f"{PAGE}rules/{rule.pk}/state/", {"on": "1", "told": "1"})
    assert few.status_code == 409
    assert "It would let go of 2 by now" in few.content.decode()
    assert legal.post(f"{PAGE}rules/{rule.pk}/state/", {"on": "1", "told": "2"}).status_code == 302
    a_night(AT)
    assert "Bo Roth" in legal.get(PAGE).content.decode()
    due = Due.objects.get(person_id=person_of(BO).id)
    assert "is to erase them" in legal.get(f"{PAGE}next/{due.pk}/").content.decode()
    assert legal.post(f"{PAGE}next/{due.pk}/", {"reason": ""}).status_code == 422
    assert legal.post(f"{PAGE}next/{due.pk}/", {"reason": "Our founder"}).status_code == 302
    page = legal.get(f"{PAGE}rules/{rule.pk}/").content.decode()
    assert "Our founder" in page
    assert "2 people announced" in page
    keep = Keep.objects.get()
    assert legal.post(f"{PAGE}keeps/{keep.pk}/withdrawal/").status_code == 302
    assert "Bo Roth" in legal.get(f"{PAGE}next/").content.decode()


def test_whoever_turns_on_a_rule_that_erases_many_types_how_many() -> None:
    silent(*(somebody(number) for number in range(MOST_AT_ONE_CLICK + 1)))
    rule = a_rule(a_segment())
    legal = signed_in(make_staff(role=Role.LEGAL))
    limits.change_limits(Limits(most_a_night=10), actor=make_actor(Role.LEGAL), at=AT)
    page = legal.get(f"{PAGE}rules/{rule.pk}/").content.decode()
    assert "Type 26 to turn it on" in page
    assert "10 people in the first night" in page
    for typed in ("", "25", "yes"):
        refused = legal.post(f"{PAGE}rules/{rule.pk}/state/", {"on": "1", "told": "26", "typed": typed})
        assert refused.status_code == 422
        assert "Type how many it lets go of" in refused.content.decode()
    assert legal.post(f"{PAGE}rules/{rule.pk}/state/", {"on": "1", "told": "25"}).status_code == 409
    rule.refresh_from_db()
    assert not rule.is_on
    assert (
        legal.post(f"{PAGE}rules/{rule.pk}/state/", {"on": "1", "told": "26", "typed": " 26"}).status_code
        == 302
    )
    rule.refresh_from_db()
    assert rule.is_on


def test_a_few_need_no_word() -> None:
    silent(ADA, BO)
    rule = a_rule(a_segment())
    page = signed_in(make_staff(role=Role.LEGAL)).get(f"{PAGE}rules/{rule.pk}/").content.decode()
    assert 'name="typed"' not in page
    assert "all of them in the first night" in page


def test_those_with_an_order_that_must_be_kept_can_be_looked_at() -> None:
    silent(ADA, BO)
    take_in(a_source("till"), ordered(ADA, at=AT - days(400)), stages=(*SHORT, take_orders))
    rule = a_rule(a_segment())
    legal = signed_in(make_staff(role=Role.LEGAL))
    link = f"{PAGE}rules/{rule.pk}/people/?part=bought"
    assert link in legal.get(f"{PAGE}rules/{rule.pk}/").content.decode()
    page = legal.get(link).content.decode()
    assert "Ada Roth" in page
    assert "Bo Roth" not in page
    assert "An order of theirs has to be kept." in page
    would_go = legal.get(f"{PAGE}rules/{rule.pk}/people/").content.decode()
    assert ("Ada Roth" in would_go, "Bo Roth" in would_go) == (False, True)
    assert legal.get(f"{PAGE}rules/{rule.pk}/people/?part=nonsense").status_code == 404
    told = program(Role.LEGAL).get(f"/retention/rules/{rule.pk}/people?part=bought").json()["items"]
    assert [one["person"] for one in told] == ["Ada Roth"]


def test_the_form_of_a_rule_says_what_it_needs() -> None:
    a_segment()
    legal = signed_in(make_staff(role=Role.LEGAL))
    page = legal.get(f"{PAGE}new/?kind=people").content.decode()
    label = page[page.index("People in this segment") : page.index("for so many days")]
    assert "optional" not in label
    said = {"name": "Silent ones", "segment": "", "for_days": "30", "reason": "Not needed"}
    assert legal.post(f"{PAGE}new/?kind=people", said).status_code == 422


def test_a_form_makes_and_changes_a_rule_and_limits() -> None:
    silent(ADA)
    segment = a_segment()
    legal = signed_in(make_staff(role=Role.LEGAL))
    assert legal.post(f"{PAGE}new/?kind=people", {"name": ""}).status_code == 422
    said = {"name": "Silent ones", "segment": str(segment.id), "for_days": "30", "reason": "Not needed"}
    assert legal.post(f"{PAGE}new/?kind=people", said).status_code == 302
    rule = Rule.objects.get()
    assert legal.post(f"{PAGE}rules/{rule.pk}/", said | {"for_days": "60"}).status_code == 302
    rule.refresh_from_db()
    assert rule.for_days == 60
    assert legal.post(f"{PAGE}rules/{rule.pk}/withdrawal/").status_code == 302
    rule.refresh_from_db()
    assert rule.for_days == 30
    limits = {"most_a_night": "5", "notice_days": "30", "orders_years": "7", "orders_reason": "Our law"}
    assert legal.post(f"{PAGE}limits/", limits).status_code == 302
    assert "Our law" in legal.get(PAGE).content.decode()
    assert legal.post(f"{PAGE}limits/", limits | {"notice_days": "0"}).status_code == 422


def test_a_hold_is_placed_shown_and_released_and_an_agent_sees_nothing_of_it() -> None:
    silent(ADA)
    person = person_of(ADA)
    legal, agent = signed_in(make_staff(role=Role.LEGAL)), signed_in(make_staff(role=Role.AGENT))
    before = agent.get(f"/people/{person.id}/").content.decode()
    assert "Hold" in legal.get(f"/people/{person.id}/hold/").content.decode()
    assert legal.post(f"/people/{person.id}/hold/", {"reason": "Lawsuit 17"}).status_code == 302
    hold = LegalHold.objects.get()
    assert "Lawsuit 17" in legal.get(f"/people/{person.id}/").content.decode()
    assert legal.get(f"/people/{person.id}/erasure/")["Location"] == f"/holds/{hold.pk}/"
    refused = legal.post(f"/people/{person.id}/erasure/", {"ground": "request", "word": "erase"})
    assert refused.status_code == 409
    assert "under a legal hold" in refused.content.decode()
    assert "Ada Roth" in legal.get("/people/?is=held").content.decode()
    page = agent.get(f"/people/{person.id}/").content.decode()
    assert "egal hold" not in page
    assert ("egal hold" in before) is ("egal hold" in page)
    assert agent.get(f"/holds/{hold.pk}/").status_code == 403
    assert agent.get(PAGE).status_code == 403
    assert "Under a legal hold" not in agent.get("/people/filters/").content.decode()
    assert legal.post(f"/holds/{hold.pk}/release/", {"reason": "Settled"}).status_code == 302
    assert "Settled" in legal.get(f"/holds/{hold.pk}/").content.decode()
    assert legal.post(f"/holds/{hold.pk}/release/", {"reason": "Settled"}).status_code == 409


def test_programs_do_the_same() -> None:
    silent(ADA)
    rule = a_rule(a_segment())
    owner = program(Role.OWNER)
    assert owner.get(f"/retention/rules/{rule.pk}/preview").json()["count"] == 1
    told = owner.get(f"/retention/rules/{rule.pk}/people").json()["items"]
    assert [one["person"] for one in told] == ["Ada Roth"]
    assert owner.post(f"/retention/rules/{rule.pk}/on", {"told": 0}).status_code == 409
    assert owner.post(f"/retention/rules/{rule.pk}/on", {"told": 1}).json()["is_on"] is True
    a_night(AT)
    (due,) = owner.get("/retention/next").json()["items"]
    kept = owner.post(f"/retention/next/{due['id']}/keep", {"reason": "A friend"})
    assert kept.status_code == 201
    assert owner.get("/retention/next").json()["items"] == []
    assert owner.post(f"/retention/keeps/{kept.json()['id']}/withdrawal", {}).status_code == 200
    (run,) = owner.get("/retention/runs").json()["items"]
    assert run["announced"] == 1
    seen = owner.get(f"/retention/rules/{rule.pk}")
    changed = owner.call(
        "PATCH", f"/retention/rules/{rule.pk}", {"for_days": 9}, If_Match=seen.headers["ETag"]
    )
    assert (changed.json()["for_days"], changed.json()["is_on"]) == (9, False)
    stale = owner.call("PATCH", f"/retention/rules/{rule.pk}", {"for_days": 8}, If_Match=seen.headers["ETag"])
    assert stale.status_code == 412
    assert owner.call("PATCH", "/retention/limits", {"notice_days": 20}).json()["notice_days"] == 20
    hold = owner.post(f"/people/{person_of(ADA).id}/holds", {"reason": "Lawsuit"}).json()
    assert hold["people"] == [str(person_of(ADA).id)]
    refused = owner.post(f"/people/{person_of(ADA).id}/erasure", {"ground": "request"})
    assert (refused.status_code, refused.json()["code"]) == (409, "person.held")
    assert owner.post(f"/retention/holds/{hold['id']}/release", {"reason": "Over"}).status_code == 200
    assert owner.get("/retention/holds").json()["items"] == []
    assert len(owner.get("/retention/holds?released=true").json()["items"]) == 1
    assert owner.get(f"/retention/holds/{uuid4()}").status_code == 404
    assert program(Role.AGENT).get("/retention/rules").status_code == 403


def test_programs_read_what_happened_at_one_instant_page_by_page() -> None:
    silent(ADA, BO)
    segment = a_segment()
    for _number in range(2):
        on(a_rule(segment))
    a_night(AT)
    Run.objects.update(stood_still="segment_changed")
    a_night(AT + days(14))
    legal = program(Role.LEGAL)
    for path, there in (
        ("/retention/runs", Run.objects.count()),
        ("/erasures", PersonErasure.objects.count()),
    ):
        first = legal.get(f"{path}?limit=1").json()
        seen, after = [first["items"][0]["id"]], first.get("after")
        while after:
            page = legal.get(f"{path}?limit=1&after={after}").json()
            seen.append(page["items"][0]["id"])
            after = page.get("after")
        assert len(set(seen)) == len(seen) >= 2
        assert len(seen) <= there


def test_the_list_of_rules_asks_the_database_no_more_for_more_of_them() -> None:
    silent(ADA, BO)
    on(a_rule(a_segment()))
    a_night(AT)
    owner = signed_in(make_staff(role=Role.OWNER))
    owner.get(PAGE)
    with CaptureQueriesContext(connection) as few:
        owner.get(PAGE)
    for number in range(4):
        Rule.objects.create(
            kind="words", name=f"Words {number}", reason="Old", months=24, created_at=AT, updated_at=AT
        )
    with CaptureQueriesContext(connection) as many:
        owner.get(PAGE)
    assert len(many) == len(few)
