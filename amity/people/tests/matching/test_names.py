"""Names: parts, short forms, other alphabets, swapped fields."""

from __future__ import annotations

import pytest

from amity.people.domain.matching.names import are_forms_of_one_name, latin, parse_name, short_forms
from amity.people.domain.matching.topic_names import FAMILY, GIVEN, ORDER, Names, compare_names
from amity.people.domain.matching.words import sound
from amity.people.tests.matching.people_of_ours import of


def levels(one: str, other: str) -> tuple[str, str, str]:
    found = compare_names(parse_name(full=one), parse_name(full=other))
    return GIVEN.levels[found[0]], FAMILY.levels[found[1]], ORDER.levels[found[3]]


@pytest.mark.parametrize(
    ("text", "given", "middle", "family"),
    [
        ("Dr. Ana de la Cruz", "ana", (), "cruz"),
        ("Vogel, Hannah Maria", "hannah", ("maria",), "vogel"),
        ("Wernher van der Berg jr.", "wernher", (), "berg"),
        ("Prof. Dr. Søren Æbelø", "soren", (), "aebelo"),
        ("Madonna", "madonna", (), ""),
        ("Martin Luther Calloway, Jr.", "martin", ("luther",), "calloway"),
        ("", "", (), ""),
    ],
)
def test_a_name_in_one_text_is_read_in_parts(
    text: str, given: str, middle: tuple[str, ...], family: str
) -> None:
    name = parse_name(full=text)
    assert (name.given, name.middle, name.family) == (given, middle, family)


def test_fields_say_which_word_is_which_and_the_text_adds_what_stands_between() -> None:
    name = parse_name(given="William", family="Owen", full="william pierce owen")
    assert (name.given, name.middle, name.family) == ("william", ("pierce",), "owen")


def test_names_in_other_alphabets_are_read_in_latin_letters() -> None:
    assert latin("Юрий Ковальчук") == "yurii kovalchuk"
    assert latin("Γιώργος") == "giorgos"
    assert levels("Юрий Ковальчук", "Yurii Kovalchuk") == ("same", "same", "straight")


def test_short_forms_and_forms_in_other_languages_are_one_name() -> None:
    assert are_forms_of_one_name("bill", "william")
    assert are_forms_of_one_name("guillermo", "william")
    assert not are_forms_of_one_name("bill", "robert")
    assert "liz" in short_forms("elizabeth")
    assert levels("Bill Calloway", "William Calloway") == ("short_form", "same", "straight")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Hannah Vogel", "Hannha Vogel", ("typing_error", "same", "straight")),
        ("H. Vogel", "Hannah Vogel", ("initial", "same", "straight")),
        ("Vogel Hannah", "Hannah Vogel", ("same", "same", "swapped")),
        ("Hannah Vogel", "Hannah Vogel-Brandt", ("same", "part", "straight")),
        ("Hannah Vogel", "Hannah Reinhardt", ("same", "different", "missing")),
        ("Tomas Arrieta", "Owen Dunmore", ("different", "different", "missing")),
    ],
)
def test_two_names_are_compared_part_by_part(one: str, other: str, expected: tuple[str, str, str]) -> None:
    assert levels(one, other) == expected


def test_two_half_names_that_differ_are_not_excused_as_swapped() -> None:
    found = compare_names(parse_name(given="Hannah"), parse_name(given="Owen"))
    assert GIVEN.levels[found[0]] == "different"


def test_the_best_of_several_names_counts() -> None:
    names = Names()
    married = names.prepare(of(family_name="Brandt", other_names=("Hannah Vogel",)))
    assert married is not None
    maiden = names.prepare(of())
    assert maiden is not None
    assert names.compare(married, maiden)[:2] == (1, 1)


def test_names_that_sound_alike_have_one_key() -> None:
    assert sound("meyer") == sound("maier")
    assert sound("kathrin") == sound("catherine")
    assert sound("stephen") == sound("stefan")
    assert sound("vogel") == sound("fogel")
