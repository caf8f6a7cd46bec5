"""Days, addresses of mail, phone numbers, numbers, places, and handles against names."""

from __future__ import annotations

import pytest

from amity.people.domain.matching.businesses import as_business, is_business
from amity.people.domain.matching.handles import LEVELS, cores, explain, host_labels
from amity.people.domain.matching.names import parse_name
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.topic_handles import HANDLE, Handles
from amity.people.domain.matching.topic_places import LINE, PLACE, POSTCODE, Home, Street
from amity.people.domain.matching.topic_values import (
    BIRTH,
    EMAIL,
    IDENTIFIER,
    PHONE,
    Birth,
    Email,
    Identifier,
    Phone,
    plain_phone,
)


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("1984-03-02", "19840302", "same"),
        ("1984-03-02", "1984-03-12", "digit_wrong"),
        ("1984-03-12", "1984-12-03", "day_and_month_swapped"),
        ("1984-03-02", "1984-03-28", "two_parts_same"),
        ("1984-01-31", "1984-02-15", "month_apart"),
        ("1984-03-02", "1951-11-27", "different"),
    ],
)
def test_days_of_birth(one: str, other: str, level: str) -> None:
    birth = Birth()
    first, second = birth.prepare(Said(born_on=one)), birth.prepare(Said(born_on=other))
    assert first is not None
    assert second is not None
    assert BIRTH.levels[birth.compare(first, second)[0]] == level


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Hannah+shop@Post.example", "hannah@post.example", "same"),
        ("hannah.vogel@post.example", "hannah.vogl@post.example", "typing_error"),
        ("hannah.vogel@post.example", "hannah.vogel@other.example", "same_local_part"),
        ("h.k@post.example", "f.j@post.example", "different"),
        ("hannah@post.example", "tomas@web.example", "different"),
        ("orders@mill-cafe.example", "orders@station-cafe.example", "different"),
        ("info@lindero.example", "info@lindero.example", "same"),
    ],
)
def test_addresses_of_mail(one: str, other: str, level: str) -> None:
    email = Email()
    first, second = email.prepare(Said(emails=(one,))), email.prepare(Said(emails=(other,)))
    assert first is not None
    assert second is not None
    assert EMAIL.levels[email.compare(first, second)[0]] == level


def test_phone_numbers_are_brought_into_one_form() -> None:
    assert plain_phone("0151 / 12345678", "DE") == "+4915112345678"
    assert plain_phone("+49 151 12345678") == "+4915112345678"
    assert plain_phone("12") == ""
    phone = Phone()
    assert PHONE.levels[phone.compare(("+4915112345678",), ("015112345678",))[0]] == "same_end"


def test_lines_of_an_address_may_stand_in_either_order_and_lose_spaces() -> None:
    street = Street()
    one = street.prepare(Said(number="4", lines=("Lindenhof", "Haus am See")))
    other = street.prepare(Said(number="4", lines=("Haus am See", "Linden hof")))
    assert one is not None
    assert other is not None
    assert [LINE.levels[level] for level in street.compare(one, other)[1:]] == ["same", "same"]


def test_towns_and_postcodes_bear_one_slip() -> None:
    home = Home()
    one = home.prepare(Said(place="Leipzig", postcode="04109"))
    other = home.prepare(Said(place="Leipzg", postcode="04190"))
    assert one is not None
    assert other is not None
    place, postcode, _ = home.compare(one, other)
    assert (PLACE.levels[place], POSTCODE.levels[postcode]) == ("typing_error", "digit_wrong")


@pytest.mark.parametrize(
    ("handle", "level"),
    [
        ("@HannahVogel", "full_name"),
        ("the_real_hannahvogel84", "full_name"),
        ("hvogel", "initial_and_name"),
        ("drvogel", "family_name"),
        ("hanvogel", "initial_and_name"),
        ("HannahMV", "given_name_and_initials"),
        ("hannah", "given_name"),
        ("vogelbakes", "family_name_at_edge"),
        ("owen.dunmore", "nothing"),
        ("10088293847561", "nothing"),
        ("lindenbakery", "page"),
    ],
)
def test_a_handle_is_explained_by_a_name(handle: str, level: str) -> None:
    name = parse_name(given="Hannah", middle="Maria", family="Vogel")
    found, _ = explain((handle,), ((name, "Hannah Maria Vogel"),), ("lindenbakery",), ())
    assert LEVELS[found] == level


def test_a_label_in_a_handle_counts_beside_the_name() -> None:
    name = parse_name(full="Owen Dunmore")
    assert explain(("OwenKV",), ((name, "Owen Dunmore"),), (), ("kv",)) == (LEVELS.index("given_name"), 2)


def test_what_a_machine_made_is_no_name() -> None:
    assert cores("UCxyz0Kd93jfUq28dJs0aQ11") == ()
    assert cores("100088293847561") == ()
    assert "hannah" in cores("@hannah@social.example")


def test_pages_of_ones_own_name_their_owner_and_those_of_networks_do_not() -> None:
    assert host_labels(["https://www.vogel-design.example/about"]) == ("vogeldesign",)
    assert host_labels(["https://twitter.com/"]) == ()


def test_a_handle_counts_against_a_name_only_where_its_owner_has_none() -> None:
    handles = Handles()
    account = handles.prepare(Said(handles=("hvogel",)))
    person = handles.prepare(Said(given_name="Hannah", family_name="Vogel"))
    both = handles.prepare(Said(given_name="Hannah", family_name="Vogel", handles=("hvogel",)))
    assert account is not None
    assert person is not None
    assert both is not None
    assert handles.compare(account, person)[1] == LEVELS.index("initial_and_name")
    assert handles.compare(both, person)[1] == 0


def numbers(*said: str, tax: str = "") -> tuple[str, ...]:
    prepared = Identifier().prepare(Said(identifiers=said, tax_numbers=(tax,) if tax else ()))
    assert prepared is not None
    return prepared


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (numbers("customer:shop:6031"), numbers("customer:shop:6031"), "same"),
        (numbers("customer:shop:6031"), numbers("customer:shop:6015"), "different"),  # two of one series
        (numbers("customer:shop:6034"), numbers("customer:shop:6038"), "different"),
        (numbers("4711-5521"), numbers("4711-5527"), "digit_wrong"),
        (numbers("4711-5521"), numbers("4711-5572"), "two_digits_wrong"),
        (numbers("77", tax="DE 123456789"), numbers("77", tax="DE 987654321"), "same"),
        (numbers("4711-5521", tax="DE 123456789"), numbers("4711-5527", tax="DE 987654321"), "different"),
        (numbers(tax="DEMO-00031"), numbers(tax="DEMO-00015"), "different"),
        (numbers(tax="DE 123456789"), numbers(tax="de123456789"), "missing"),  # colleagues share it
        (numbers(tax="DE 123456789"), numbers(tax="DE 123456780"), "missing"),  # a slip
    ],
)
def test_numbers(one: tuple[str, ...], other: tuple[str, ...], level: str) -> None:
    assert IDENTIFIER.levels[Identifier().compare(one, other)[0]] == level


def test_tax_numbers_are_neither_shown_as_what_is_the_same_nor_counted_for_how_rare_it_is() -> None:
    both = numbers("zeta-77", tax="DE 123456789")
    assert (Identifier().shown(both), Identifier().terms(both)) == (("zeta77",), ("zeta77",))
    shared = numbers(tax="DE 123456789")  # of a company, with all who work there
    assert (Identifier().shown(shared), Identifier().terms(shared)) == (("",), ("",))


def test_visitors_that_a_program_counts_are_not_one_for_that() -> None:
    handles = Handles()

    def level(one: str, other: str) -> str:
        first, second = (handles.prepare(Said(full_name="Ana", handles=(each,))) for each in (one, other))
        assert first is not None
        assert second is not None
        return HANDLE.levels[handles.compare(first, second)[0]]

    assert level("visitor-085798", "visitor-067050") == "different"
    assert level("visitor-085798", "visitor-085798") == "same"
    assert level("ana-lindero-4711882", "ana-lindero") == "same"


@pytest.mark.parametrize(
    ("name", "organisation", "is_one"),
    [
        ("The Station Café", "the station cafe", True),
        ("Second Cup at the Harbour", "Second Cup at the Harbour", True),
        ("Kaffeehaus am Markt", "Kaffeehaus am Markt", True),
        ("Vogel Röstkurse GmbH", "Vogel Röstkurse GmbH", True),
        ("The Station Café", "The Mill Café", False),
        ("The Station Café", "", False),
        ("Ana Lindero", "Ana Lindero", False),
        ("Ana de la Cruz y Soto", "Ana de la Cruz y Soto", False),
        ("Le An", "Le An", False),
    ],
)
def test_a_business_under_its_own_name(name: str, organisation: str, is_one: bool) -> None:
    assert is_business(name, organisation) is is_one


def test_the_name_of_a_business_is_one_word_and_told_once() -> None:
    cafe = Said(full_name="The Station Café", work="The Station Café", place="Bath")
    assert as_business(cafe, "The Station Café") == Said(family_name="thestationcafe", place="Bath")
    assert as_business(Said(full_name="Ana Lindero", work="Lindero"), "Lindero").full_name == "Ana Lindero"
