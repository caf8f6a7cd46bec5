"""Find or do as a page, without a script, and as the list of the palette: what is spelt so, and what is spelt alike."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from amity.people.tests.records import email, listed, said, take_in
from amity.people.vocabulary import settle
from amity.site.tests.shell.factories import make_source, make_staff, signed_in

pytestmark = pytest.mark.django_db
PALETTE = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def desk() -> Client:
    take_in(
        make_source(),
        said(email("hannah@vogel.example", "Hannah Vogel"), "The burr chirps"),
        listed(email("lea@web.example", "Lea <i>Vogelsang</i>"), organisation="Vogel Röstkurse"),
        listed(email("t@web.example", "Tomás Núñez")),
    )
    settle()
    return signed_in(make_staff())


def text_of(client: Client, address: str, headers: dict[str, str] | None = None) -> str:
    answer = client.get(address, headers=headers or {})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("headers", [{}, PALETTE])
def test_what_is_only_spelt_alike_says_so_and_is_marked(desk: Client, headers: dict[str, str]) -> None:
    html = text_of(desk, "/find/?q=hanah+vogl", headers)
    assert "Nothing is spelt “hanah vogl”. Spelt alike:" in html
    assert "<mark>Hannah</mark> <mark>Vogel</mark>" in html


@pytest.mark.parametrize("headers", [{}, PALETTE])
def test_what_is_spelt_so_is_marked_without_its_accents_and_says_nothing_of_others(
    desk: Client, headers: dict[str, str]
) -> None:
    html = text_of(desk, "/find/?q=nunez", headers)
    assert "Tomás <mark>Núñez</mark>" in html
    assert "Spelt alike" not in html


def test_people_and_organisations_stand_in_groups_and_names_stay_words(desk: Client) -> None:
    html = text_of(desk, "/find/?q=vogel")
    groups = re.findall(r'id="found-(\w+)"', html)
    assert groups == ["people", "organisations"]
    assert "Lea &lt;i&gt;<mark>Vogel</mark>sang&lt;/i&gt;" in html


def test_nothing_found_says_what_else_to_try_and_offers_to_drop_the_words(desk: Client) -> None:
    html = text_of(desk, "/find/?q=<script>zzqqx")
    assert "Nothing fits “&lt;script&gt;zzqqx”" in html
    assert "the end of a phone" in html
    assert "Drop the words" in html


@pytest.mark.parametrize(("list_of", "typed"), [("people", "hanah"), ("organisations", "röstkruse")])
def test_lists_show_what_is_spelt_alike_where_nothing_is_spelt_so(
    desk: Client, list_of: str, typed: str
) -> None:
    html = text_of(desk, f"/{list_of}/?q={typed}")
    assert f"Nothing is spelt “{typed}”. Spelt alike:" in html
    assert "data-row" in html
    assert "Spelt alike" not in text_of(desk, f"/{list_of}/?q=vogel")
