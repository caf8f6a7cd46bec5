"""Values are put right and given back exactly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from amity.channels.records import Handle
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.models import AuditEntry, Team
from amity.people.queries.visibility import known_people
from amity.people.tests.records import AT, email, listed, make_actor, make_source, person_of, take_in
from amity.quality.domain.fields import Problem
from amity.quality.looking import look_at_all
from amity.quality.queries.counting import Sight
from amity.quality.queries.records import Wanted, bad_people, wanted_named
from amity.quality.repairs import put_right, put_right_all, withdraw

pytestmark = pytest.mark.django_db
NOW = AT + timedelta(days=1)
TABLES = (
    "people_person",
    "people_identity",
    "people_link",
    "people_fact",
    "people_sighting",
    "quality_verdict",
)


def state() -> dict[str, Any]:
    """All rows that a repair can touch, but when they were judged, and choices that ended."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT to_jsonb(t) - 'judged_at' FROM {table} t ORDER BY 1")
            found[table] = [row for (row,) in cursor.fetchall()]
        cursor.execute("SELECT count(*) FROM people_fieldlock WHERE released_at IS NULL")
        found["choices"] = cursor.fetchall()
    return found


def invalid(field: str) -> Wanted:
    found = wanted_named(SYSTEM, NOW, field, "invalid", "all")
    assert found is not None
    return found


def count(field: str, problem: str = "invalid") -> int:
    return Sight(SYSTEM, NOW).count(("all", None, field, problem))


def test_all_safe_suggestions_are_applied_and_taken_back_exactly() -> None:
    shop = make_source("shop")
    take_in(shop, listed(email("anna@gmial.com"), name="Anna  Vogel", country="Germany", city="Bonn"))
    take_in(shop, listed(email("tomas@tamp.example"), Handle("phone", "0301234567"), country="DE", name="T"))
    take_in(shop, listed(email("bo@tamp.example"), country="Atlantis"))
    look_at_all(at=NOW)
    before = state()
    actor = make_actor()
    done = [put_right_all(invalid(key), actor=actor, at=NOW) for key in ("email", "country", "name", "phone")]
    assert [one.repair.people if one.repair else 0 for one in done] == [1, 1, 1, 1]
    assert [one.left for one in done] == [0, 1, 0, 0]
    anna = person_of(email("anna@gmail.com"))
    assert (anna.email, anna.name, anna.country) == ("anna@gmail.com", "Anna Vogel", "DE")
    assert count("email") == count("name") == count("phone") == 0
    assert count("country") == 1
    assert AuditEntry.objects.filter(action="person.corrected", subject_id=str(anna.pk)).count() == 3
    for one in reversed(done):
        assert one.repair is not None
        withdraw(one.repair.pk, actor=actor, at=NOW)
    assert state() == before
    with pytest.raises(Conflict):
        withdraw(done[0].repair.pk, actor=actor, at=NOW)  # type: ignore[union-attr]  # it is there, see above


def test_what_was_said_since_stays_when_a_repair_is_taken_back() -> None:
    shop = make_source("shop")
    take_in(shop, listed(email("anna@gmial.com"), name="Anna Vogel"))
    look_at_all(at=NOW)
    made = put_right_all(invalid("email"), actor=make_actor(), at=NOW).repair
    assert made is not None
    take_in(make_source("desk"), listed(email("anna@gmail.com"), city="Bonn"), at=NOW)
    withdraw(made.pk, actor=make_actor(Role.OWNER), at=NOW)
    anna = person_of(email("anna@gmail.com"))
    assert (anna.pk, anna.city, anna.email) == (
        person_of(email("anna@gmial.com")).pk,
        "Bonn",
        "anna@gmail.com",
    )


def test_nobody_is_given_the_address_of_somebody_else() -> None:
    shop = make_source("shop")
    take_in(shop, listed(email("anna@gmial.com")), listed(email("anna@gmail.com")))
    look_at_all(at=NOW)
    (bad,) = bad_people(Sight(SYSTEM, NOW), invalid("email")).people
    assert bad.suggestion is None
    assert put_right_all(invalid("email"), actor=make_actor(), at=NOW).repair is None
    before = state()
    with pytest.raises(Conflict):
        put_right(bad.person_id, "email", "anna@gmail.com", actor=make_actor(), at=NOW)
    assert state() == before


def test_one_value_is_put_right_or_refused_by_the_rule_of_its_field() -> None:
    take_in(make_source("shop"), listed(email("anna@tamp.example")))
    look_at_all(at=NOW)
    anna = person_of(email("anna@tamp.example")).pk
    actor = make_actor()
    put_right(anna, "country", "germany", actor=actor, at=NOW)
    assert person_of(email("anna@tamp.example")).country == "DE"
    before = state()
    for field, value in (
        ("country", "Atlantis"),
        ("name", "n/a"),
        ("record", "x"),
        ("shoe", "43"),
        ("city", " "),
    ):
        with pytest.raises(Invalid):
            put_right(anna, field, value, actor=actor, at=NOW)
    assert state() == before


def test_what_only_a_team_knows_is_not_told_to_others_by_putting_it_right() -> None:
    team = Team.objects.create(name="Works council")
    secret, shop = make_source("secret", team=team), make_source("shop")
    take_in(secret, listed(email("anna@tamp.example"), country="Germany"))
    take_in(shop, listed(email("tomas@tamp.example"), name="Tomas Lind"))
    take_in(secret, listed(email("tomas@tamp.example"), country="Sweden"))
    look_at_all(at=NOW)
    outsider, member = make_actor(Role.AGENT), make_actor(Role.AGENT, team)
    before = _known(outsider)
    anna = person_of(email("anna@tamp.example")).pk
    with pytest.raises(NotFound):
        put_right(anna, "country", "DE", actor=outsider, at=NOW)
    done = put_right_all(invalid("country"), actor=member, at=NOW)
    assert done.repair is not None
    assert done.repair.people == 2
    assert _known(outsider) == before


def _known(actor: Any) -> list[Any]:
    from amity.people.queries.visibility import shown_as

    people = list(known_people(actor).order_by("id"))
    return [(person.pk, shown_as(actor, [person])[person.pk]) for person in people]


def test_a_contradiction_ends_with_a_choice_in_the_list() -> None:
    take_in(make_source("shop"), listed(email("anna@tamp.example"), city="Bonn"))
    take_in(make_source("desk"), listed(email("anna@tamp.example"), at=NOW, city="Berlin"))
    look_at_all(at=NOW)
    wanted = wanted_named(SYSTEM, NOW, "city", "conflict", "")
    assert wanted is not None
    assert wanted.problem is Problem.CONFLICT
    (bad,) = bad_people(Sight(SYSTEM, NOW), wanted).people
    assert bad.values == ("Berlin", "Bonn")
