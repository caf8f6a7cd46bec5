"""What is judged is what is shown, by whichever rule."""

from __future__ import annotations

import pytest

from amity.kernel.actor import Role
from amity.people.survivorship import change_rules
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in
from amity.quality.domain.fields import Problem
from amity.quality.domain.judging import judge
from amity.quality.queries.known import known_fields
from amity.quality.queries.told import told_of_people

pytestmark = pytest.mark.django_db
TOMAS = email("tomas@lindero.example", "Tomás Arrieta")


def test_a_trusted_source_decides_what_is_judged() -> None:
    shop = make_source()
    take_in(shop, listed(TOMAS, country="ES", at=AT - days(9)))
    take_in(make_source("desk"), listed(TOMAS, country="Atlantis", at=AT))
    person = person_of(TOMAS)
    told = told_of_people([person.id])[person.id]
    assert told.wins == {}
    fields = [one for one in known_fields(AT) if one.key == "country"]
    assert ("country", Problem.INVALID) in judge(told, fields, None)
    change_rules({"country": "trusted"}, [str(shop.id)], actor=make_actor(Role.OWNER), at=AT)
    told = told_of_people([person.id])[person.id]
    assert told.wins == {"country": "ES"}
    assert ("country", Problem.INVALID) not in judge(told, fields, None)
