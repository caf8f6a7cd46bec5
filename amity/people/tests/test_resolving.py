"""Who it is: identities become people when their records come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.activity.shaping import identity_id
from amity.channels.records import Handle
from amity.people.domain.grouping import assign
from amity.people.models import Fact, Identity, Link, Organisation, Person
from amity.people.tests.records import (
    AT,
    answered,
    days,
    email,
    listed,
    make_source,
    ordered,
    person_of,
    said,
    take_in,
)

HANNAH, SHOP, MASTODON = (
    email("hannah@vogel.example", "Hannah Vogel"),
    Handle("customer:shop", "3112"),
    Handle("mastodon", "hvogel"),
)


@pytest.mark.django_db
def test_the_handles_of_one_record_are_one_person() -> None:
    take_in(make_source(), listed(HANNAH, SHOP, MASTODON, city="Leipzig"))
    assert person_of(HANNAH) == person_of(SHOP) == person_of(MASTODON)
    assert set(Link.objects.values_list("method", flat=True)) == {"first_seen", "same_record"}


@pytest.mark.django_db
def test_a_new_handle_joins_the_person_of_the_known_one_beside_it() -> None:
    source = make_source()
    take_in(source, said(HANNAH))
    first = person_of(HANNAH)
    take_in(source, ordered(SHOP, HANNAH))
    assert person_of(SHOP) == first
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_two_people_whom_a_record_names_together_stay_two() -> None:
    source = make_source()
    take_in(source, said(HANNAH), said(MASTODON))
    take_in(source, listed(HANNAH, MASTODON))
    assert person_of(HANNAH) != person_of(MASTODON)


@pytest.mark.django_db
def test_our_own_address_gets_no_person() -> None:
    take_in(make_source(), said(HANNAH), answered(HANNAH))
    ours = Identity.objects.get(address="care@tamp.example")
    assert ours.is_ours
    assert not Link.objects.filter(identity=ours).exists()
    assert Person.objects.count() == 1


@pytest.mark.django_db
def test_taking_the_same_record_in_again_changes_nothing() -> None:
    source, record = make_source(), listed(HANNAH, SHOP, city="Leipzig")
    take_in(source, record)
    before = [list(model.objects.order_by("pk").values()) for model in (Person, Identity, Link, Fact)]
    take_in(source, record)
    assert [list(model.objects.order_by("pk").values()) for model in (Person, Identity, Link, Fact)] == before


@pytest.mark.django_db
def test_the_newest_statement_is_shown_whatever_the_order_in_which_they_come() -> None:
    source = make_source()
    take_in(source, listed(HANNAH, city="Leipzig", at=AT), listed(HANNAH, city="Halle", at=AT - days(30)))
    take_in(source, listed(HANNAH, city="Dresden", at=AT - days(90), organisation="Vogel Röstkurse"))
    person = person_of(HANNAH)
    assert (person.name, person.city, person.email) == ("Hannah Vogel", "Leipzig", "hannah@vogel.example")
    assert person.organisation == Organisation.objects.get(name="Vogel Röstkurse")


@pytest.mark.django_db
def test_a_name_of_parts_wins_over_a_handle() -> None:
    take_in(
        make_source(),
        said(Handle("twitter", "hv", "hv@coffee")),
        listed(Handle("twitter", "hv"), given_name="Hannah", family_name="Vogel"),
    )
    assert person_of(Handle("twitter", "hv")).name == "Hannah Vogel"


@pytest.mark.django_db
def test_a_person_of_whom_only_an_address_is_known_is_shown_by_it() -> None:
    take_in(make_source(), said(email("nobody@web.example")))
    assert person_of(email("nobody@web.example")).name == "nobody@web.example"


@pytest.mark.django_db
def test_last_activity_is_the_latest_word_of_the_customer_not_ours() -> None:
    source = make_source()
    take_in(source, said(HANNAH, at=AT), said(HANNAH, at=AT - days(2)), answered(HANNAH, at=AT + days(1)))
    assert person_of(HANNAH).last_activity_at == AT
    assert identity_id(HANNAH) in set(Identity.objects.values_list("id", flat=True))


identity_sets = st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=4), max_size=8)


@given(groups=identity_sets, linked=st.dictionaries(st.integers(0, 8), st.integers(100, 103), max_size=4))
def test_every_identity_gets_exactly_one_person_and_keeps_the_one_it_has(
    groups: list[list[int]], linked: dict[int, int]
) -> None:
    answer = assign(groups, linked, lambda identity: 1_000 + identity)
    given_out = [identity for identity, _person, _founded in answer.links]
    assert len(given_out) == len(set(given_out))
    assert set(given_out) == {identity for group in groups for identity in group} - set(linked)
    assert {person for _identity, person, founded in answer.links if founded} == set(answer.new_persons)
