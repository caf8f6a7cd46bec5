"""What was bought in the thirty days before and after something was said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

import amity.activity.stages as activity
import amity.commerce.stages as commerce
import amity.people.stages as people
from amity.channels.records import Record
from amity.commerce.around import SPAN, near_lines, purchases_around, when_words
from amity.kernel.actor import Role
from amity.kernel.models import Team
from amity.people.tests.records import (
    AT,
    days,
    email,
    identities_of,
    make_actor,
    make_source,
    make_staff,
    ordered,
    person_of,
    said,
    take_in,
)

ADA = email("ada@roast.example", "Ada")
STAGES = (
    activity.shape, activity.claim_keys, people.resolve, commerce.take_orders, activity.join_threads, activity.record,
)  # fmt: skip


def tell(*records: Record, key: str = "shop", team: Team | None = None) -> None:
    take_in(make_source(key, team=team), *records, stages=STAGES)


@given(st.integers(-40, 40))
def test_days_are_told_as_one_reads_a_calendar(number: int) -> None:
    words = when_words(AT + days(number), AT)
    assert words.startswith(str(abs(number))) or number == 0
    assert words.endswith("before") is (number < 0)


@pytest.mark.django_db
def test_the_nearest_purchase_stands_first_and_what_is_further_than_thirty_days_is_not_there() -> None:
    when = (-31, -30, -2, 9, 30, 31)
    tell(*(ordered(ADA, amount=f"{n + 50}.00", at=AT + days(n), lines=("Grinder",)) for n in when))
    found = purchases_around(make_actor(Role.AGENT), identities_of(person_of(ADA)), {"it": AT})["it"]
    assert [one.after for one in found] == [days(n) for n in (-2, 9, -30, 30)]
    assert [(one.when, one.what) for one in near_lines(found, AT)][:2] == [
        ("2 days before", "Grinder, 48.00\xa0€"),
        ("9 days after", "Grinder, 59.00\xa0€"),
    ]


@pytest.mark.django_db
def test_what_was_taken_back_says_so() -> None:
    tell(ordered(ADA, at=AT, status="refunded", lines=("Grinder",)))
    found = purchases_around(make_actor(Role.AGENT), identities_of(person_of(ADA)), {"it": AT})["it"]
    (line,) = near_lines(found, AT)
    assert (line.when, line.is_taken_back) == ("the same day", True)
    assert line.what.endswith("refunded")


@pytest.mark.django_db
def test_each_instant_has_its_own_and_any_number_of_them_takes_two_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    tell(*(ordered(ADA, at=AT - days(n), lines=("Beans",)) for n in range(0, 400, 7)))
    ines, identities = make_actor(Role.AGENT), identities_of(person_of(ADA))
    instants = {n: AT - days(n) for n in range(200)}
    purchases_around(ines, identities, {0: AT})
    with django_assert_num_queries(2):
        found = purchases_around(ines, identities, instants)
    for n, at in instants.items():
        assert all(abs(one.ordered_at - at) <= SPAN for one in found[n])
        assert len(found[n]) == len([k for k in range(0, 400, 7) if abs(timedelta(days=k - n)) <= SPAN])


@pytest.mark.django_db
def test_hidden_orders_and_roles_without_orders_see_none() -> None:
    council = Team.objects.create(name="Works council")
    tell(said(ADA))
    tell(ordered(ADA, at=AT), key="desk", team=council)
    identities = identities_of(person_of(ADA))
    assert purchases_around(make_actor(Role.AGENT), identities, {0: AT}) == {}
    assert purchases_around(make_actor(Role.PARTNER), identities, {0: AT}) == {}
    assert len(purchases_around(make_actor(Role.AGENT, council), identities, {0: AT})[0]) == 1


@pytest.mark.django_db
def test_it_stands_on_the_timeline() -> None:
    tell(said(ADA, "It hums", at=AT), ordered(ADA, at=AT - days(2), lines=("Grinder",)))
    client = Client()
    client.force_login(make_staff(Role.AGENT), backend="amity.site.signin.StaffBackend")
    shown = client.get(reverse("person", args=[person_of(ADA).id])).content.decode()
    assert "2 days before" in shown
