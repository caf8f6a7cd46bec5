"""Which of several statements wins, by each rule."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.people.domain.fields.definition import Kind
from amity.people.domain.precedence import (
    FIELDS,
    HAND,
    SEEN,
    USUAL,
    Reason,
    Rules,
    Statement,
    Way,
    completeness,
    merged_with_hidden,
    rules_from,
    ways_of,
)
from amity.people.domain.survivorship import golden_record, winner, winners

AT = datetime(2026, 3, 17, tzinfo=UTC)
SHOP, DESK = uuid4(), uuid4()


def said(field: str, value: str, day: int = 0, source: UUID | str | None = SHOP) -> Statement:
    return Statement(field, value, AT + timedelta(days=day), source)


def test_the_newest_wins_unless_somebody_set_another_rule() -> None:
    cities = [said("city", "Bilbao", 0), said("city", "Getxo", 1, DESK)]
    assert golden_record(cities, []).city == "Getxo"
    assert golden_record(cities, [], rules=Rules({"city": Way.TRUSTED}, (SHOP,))).city == "Bilbao"
    assert winners(cities, USUAL) == {}


def test_who_is_not_trusted_by_name_comes_after_those_who_are_the_newest_first() -> None:
    rules = Rules({"city": Way.TRUSTED}, (HAND, SHOP))
    cities = [said("city", "A", 5, DESK), said("city", "B", 1, uuid4()), said("city", "C", 0, SHOP)]
    assert winners(cities, rules)["city"].value == "C"
    assert winners(cities[:2], rules)["city"].value == "A"
    assert winners(cities[:2], rules)["city"].reason is Reason.NEWEST
    typed = said("city", "D", -9, HAND)
    assert winners([*cities, typed], rules)["city"].value == "D"


def test_the_most_complete_has_the_most_words_and_initials_count_less() -> None:
    names = ["Tomás Arrieta Lindero", "Tomás Arrieta", "T. A. Lindero", "T. L."]
    measured = [completeness("name", one) for one in names]
    assert measured == sorted(measured, reverse=True)
    assert len(set(measured)) == len(measured)


def test_a_full_birthday_says_more_than_a_year() -> None:
    rules = Rules({"birthday": Way.COMPLETE})
    days = [said("birthday", "1984-03-12", 0), said("birthday", "1984", 4), said("birthday", "1984-03", 5)]
    assert winners(days, rules)["birthday"].value == "1984-03-12"
    assert completeness("birthday", "19840312") == completeness("birthday", "1984-03-12")


def test_of_values_that_are_alike_complete_the_newest_wins_and_it_is_said_so() -> None:
    rules = Rules({"city": Way.COMPLETE})
    won = winners([said("city", "Bilbao", 0), said("city", "Getxo", 1)], rules)["city"]
    assert (won.value, won.reason) == ("Getxo", Reason.NEWEST)


def test_a_trusted_source_gives_the_whole_name_or_none() -> None:
    rules = Rules({"name": Way.TRUSTED}, (SHOP,))
    told = [said("given_name", "Tom", 0), said("name", "Tomás Arrieta", 1, DESK)]
    assert golden_record(told, [], rules=rules).name == "Tomás Arrieta"
    told.append(said("family_name", "Arrieta", 0))
    assert golden_record(told, [], rules=rules).name == "Tom Arrieta"


def test_an_address_in_the_place_of_a_name_is_none_whoever_says_it() -> None:
    rules = Rules({"name": Way.TRUSTED}, (SHOP,))
    told = [said("name", "tomas@lindero.example", 9), said("name", "Tomás", 0, DESK)]
    assert golden_record(told, [], rules=rules).name == "Tomás"


def test_the_most_complete_name_may_be_put_together_of_its_parts() -> None:
    rules = Rules({"name": Way.COMPLETE})
    told = [
        said("given_name", "Tomás Iker"),
        said("family_name", "Arrieta"),
        said("name", "Tomás Arrieta", 5),
    ]
    assert golden_record(told, [], rules=rules).name == "Tomás Iker Arrieta"


@pytest.mark.parametrize(("way", "first"), [(Way.NEWEST, "b@a.example"), (Way.TRUSTED, "c@a.example")])
def test_of_addresses_the_newest_or_that_of_who_is_trusted(way: Way, first: str) -> None:
    seen = [
        said(SEEN, "a@a.example", 0, DESK),
        said(SEEN, "b@a.example", 2, DESK),
        said(SEEN, "c@a.example", 1, SHOP),
    ]
    pairs = [("email", one.value) for one in seen]
    assert golden_record(seen, pairs, rules=Rules({"email": way}, (SHOP,))).email == first
    assert golden_record(seen, pairs).email == "a@a.example"


def test_what_a_colleague_chose_is_shown_whatever_the_rule() -> None:
    rules = Rules({"city": Way.TRUSTED}, (SHOP,))
    cities = [said("city", "Bilbao"), said("city", "Getxo", 1, DESK)]
    assert golden_record(cities, [], {"city": "Getxo"}, rules=rules).city == "Getxo"


def test_own_fields_follow_their_rule() -> None:
    rules = Rules({"custom:bean": Way.COMPLETE})
    told = [said("custom:bean", "Floral and nutty"), said("custom:bean", "Floral", 3)]
    assert golden_record(told, [], rules=rules).custom == {"custom:bean": "Floral and nutty"}
    assert Way.COMPLETE not in ways_of("custom:score", Kind.NUMBER)


def test_rules_survive_being_kept() -> None:
    rules = Rules({"city": Way.TRUSTED, "name": Way.COMPLETE}, (SHOP, HAND, DESK))
    assert rules_from(rules.as_value()) == rules


def test_sources_of_others_stay_behind_the_one_that_they_followed() -> None:
    hidden = uuid4()
    assert merged_with_hidden([SHOP, hidden, DESK], [DESK, SHOP], [SHOP, DESK]) == (DESK, SHOP, hidden)
    assert merged_with_hidden([hidden, SHOP], [SHOP], [SHOP, DESK]) == (hidden, SHOP)


_said = st.builds(
    Statement,
    st.sampled_from(["name", "given_name", "family_name", "city", "birthday", SEEN]),
    st.sampled_from(["Ana", "Ana Luz", "A. L.", "1984", "1984-03-12", "a@b.example", "7"]),
    st.integers(0, 3).map(lambda day: AT + timedelta(days=day)),
    st.sampled_from([SHOP, DESK, HAND]),
)
_rules = st.builds(
    Rules,
    st.fixed_dictionaries({}, optional={name: st.sampled_from(ways) for name, ways in FIELDS.items()}),
    st.sampled_from([*permutations([SHOP, HAND]), (), (DESK,)]),
)


@given(st.lists(_said, max_size=7), _rules)
def test_what_is_shown_does_not_hang_on_the_order_in_which_it_is_read(
    told: list[Statement], rules: Rules
) -> None:
    pairs = [("email", one.value) for one in told if one.field == SEEN]
    assert golden_record(told, pairs, rules=rules) == golden_record(told[::-1], pairs[::-1], rules=rules)


@given(st.lists(_said, max_size=7), st.sampled_from([(), (SHOP,), (HAND, DESK)]))
def test_the_usual_ways_spelled_out_show_what_no_rules_show(
    told: list[Statement], trust: tuple[UUID | str, ...]
) -> None:
    """Also that the slow path and the quick one are one rule."""
    pairs = [("email", one.value) for one in told if one.field == SEEN]
    spelled = Rules({name: ways[0] for name, ways in FIELDS.items() if name != "email"}, trust)
    assert golden_record(told, pairs, rules=spelled) == golden_record(told, pairs)


def test_the_name_of_no_statement_is_nobody() -> None:
    assert winner("name", {}, USUAL) is None
