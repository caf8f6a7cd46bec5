"""The screens of people and organisations, as plain pages and as fragments."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from amity.channels.adapters.file.export import restore_cell
from amity.channels.records import Handle
from amity.kernel.actor import Role
from amity.people.tests.records import (
    AT,
    answered,
    days,
    email,
    listed,
    make_source,
    make_staff,
    ordered,
    person_of,
    said,
    take_in,
)

if TYPE_CHECKING:
    from pytest_django.fixtures import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")
FRAGMENT = {"HX-Request": "true"}


def signed_in(role: Role = Role.OWNER) -> Client:
    client = Client()
    client.force_login(make_staff(role), backend="amity.site.signin.StaffBackend")
    return client


def text_of(client: Client, address: str, headers: dict[str, str] | None = None) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_the_page_of_a_person_shows_words_orders_and_deeds_on_one_timeline() -> None:
    source = make_source()
    take_in(
        source,
        listed(HANNAH, Handle("mastodon", "hvogel"), city="Leipzig", organisation="Vogel Röstkurse"),
        said(
            Handle("mastodon", "hvogel"),
            "It chirps",
            at=AT - days(2),
            channel="post",
            is_public=True,
            external_id="x1",
        ),
        answered(HANNAH, "Which setting", at=AT - days(1), in_reply_to=("x1",)),
        ordered(HANNAH, number="20418", at=AT),
    )
    page = text_of(signed_in(), reverse("person", args=[person_of(HANNAH).id]))
    for words in (
        "Hannah Vogel",
        "It chirps",
        "Which setting",
        "Order 20418",
        "on Mastodon",
        "@hvogel, Mastodon",
        "Leipzig",
    ):
        assert words in page
    assert "data-answers" in page
    assert page.index("Order 20418") < page.index("Which setting") < page.index("It chirps")


def test_lanes_are_links_and_switching_one_off_hides_its_entries() -> None:
    take_in(make_source(), said(HANNAH, "It chirps"), ordered(HANNAH, number="20418"))
    address = reverse("person", args=[person_of(HANNAH).id])
    fragment = text_of(signed_in(), f"{address}?lanes=bought", headers=FRAGMENT)
    assert "Order 20418" in fragment
    assert "It chirps" not in fragment
    assert "<html" not in fragment


def test_earlier_entries_come_behind_a_link_that_also_works_alone() -> None:
    take_in(make_source(), *(said(HANNAH, f"Word {n:02d}.", at=AT - days(n)) for n in range(40)))
    client, address = signed_in(), reverse("person", args=[person_of(HANNAH).id])
    page = text_of(client, address)
    assert "Word 29." in page
    assert "Word 30." not in page
    earlier = page.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert "Word 30." in text_of(client, earlier)
    assert "Back to the newest entries" in text_of(client, earlier)
    assert "<html" not in text_of(client, f"{earlier}&part=earlier", headers=FRAGMENT)


def test_the_strip_stands_around_the_entry_that_was_chosen() -> None:
    take_in(
        make_source(),
        said(HANNAH, "First", at=AT - days(200), external_id="old"),
        said(HANNAH, "Last", at=AT),
    )
    from amity.activity.models import Activity

    chosen = Activity.objects.get(external_id="old")
    page = text_of(signed_in(), f"{reverse('person', args=[person_of(HANNAH).id])}?around={chosen.id}")
    assert page.count("is-chosen") == 1
    for nonsense in ("x", str(uuid4())):
        assert "is-chosen" not in text_of(
            signed_in(), f"{reverse('person', args=[person_of(HANNAH).id])}?around={nonsense}"
        )


def test_each_panel_is_an_address_of_its_own() -> None:
    take_in(make_source(), said(HANNAH))
    client, person = signed_in(), person_of(HANNAH).id
    for name in ("person-orders", "person-promises", "person-conversations"):
        address = reverse(name, args=[person])
        assert address in text_of(client, reverse("person", args=[person]))
        assert "<html" in text_of(client, address)
        assert "<html" not in text_of(client, address, headers=FRAGMENT)


def test_nobody_learns_whether_an_unknown_person_exists() -> None:
    take_in(make_source(), said(HANNAH))
    assert signed_in().get(reverse("person", args=[uuid4()])).status_code == 404
    assert signed_in(Role.PARTNER).get(reverse("person", args=[person_of(HANNAH).id])).status_code == 404


def test_ugly_data_is_shown_and_escaped() -> None:
    long, hebrew = "Wilhelmina von Hohenstein " * 12, "נוגה ברק"
    many = [Handle("email", f"address-{n}@a-very-long-domain-name.example") for n in range(40)]
    take_in(
        make_source(),
        listed(*many, name=long.strip()),
        said(email("n@web.example", hebrew), "<script>alert(1)</script>"),
    )
    take_in(make_source("mail"), said(Handle("chat", "visitor-1"), ""))
    client = signed_in()
    assert "40 identities" in text_of(client, reverse("person", args=[person_of(many[0]).id]))
    page = text_of(client, reverse("person", args=[person_of(email("n@web.example")).id]))
    assert hebrew in page
    assert "<script>alert" not in page
    assert "visitor-1" in text_of(client, reverse("person", args=[person_of(Handle("chat", "visitor-1")).id]))
    assert hebrew in text_of(client, reverse("people"))


def test_the_list_of_people_asks_the_database_little(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    who = [email(f"p{n}@web.example", f"Person {n}") for n in range(60)]
    take_in(
        make_source(),
        *(listed(one, organisation=f"Café {n}") for n, one in enumerate(who)),
        *(said(one) for one in who),
    )
    client = signed_in()
    for address, most in (
        # Of them one asks which fields the company has made, one for reach and two for tiers, for all rows at once.
        (reverse("people"), 13),
        (f"{reverse('people')}?q=person", 14),
    ):  # a search looks first
        client.get(address, headers=FRAGMENT)
        with django_assert_max_num_queries(most):
            client.get(address, headers=FRAGMENT)


def test_empty_lists_teach_and_searches_without_result_name_their_filter() -> None:
    client = signed_in()
    for name in ("people", "organisations"):
        assert "No organisations yet" in text_of(client, reverse(name)) or "Nobody here yet" in text_of(
            client, reverse(name)
        )
        assert "Nothing fits" in text_of(client, f"{reverse(name)}?q=zzz")
    assert "Which people" in text_of(client, reverse("people-filters"))


def test_nonsense_in_the_address_is_no_error() -> None:
    take_in(make_source(), said(HANNAH))
    client = signed_in()
    for query in (
        "after=x",
        "after=x~y",
        "organisation=1",
        "active=-1",
        "quiet=99999999999",
        "order=x",
        "is=x",
        "q=%00",
    ):
        assert client.get(f"{reverse('people')}?{query}").status_code == 200, query
    for query in ("before=x", "range=x", "from=x", "until=9999-12-31", "lanes=", "lanes=x", "tab=x", "q=%25"):
        assert client.get(f"{reverse('person', args=[person_of(HANNAH).id])}?{query}").status_code == 200, (
            query
        )


def exported(client: Client, query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{reverse('people-export')}{query}")
    assert answer.status_code == 200
    sheet = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]  # it streams
    rows = csv.DictReader(io.StringIO(sheet, newline=""))
    return [{key: restore_cell(value) for key, value in row.items()} for row in rows]


def test_an_export_holds_what_the_list_holds_and_comes_back_as_it_was() -> None:
    names = ["=HYPERLINK(1)", "+49", 'Comma, "Quote"', "line\nbreak", "נוגה"]
    take_in(
        make_source(),
        *(
            listed(email(f"p{n}@web.example", f"{name} x"), language="de" if n % 2 else "en")
            for n, name in enumerate(names)
        ),
    )
    everybody = exported(signed_in())
    assert {row["name"] for row in everybody} == {f"{name} x" for name in names}
    assert {row["email"] for row in exported(signed_in(), "?language=de")} == {
        "p1@web.example",
        "p3@web.example",
    }
    raw = b"".join(signed_in().get(reverse("people-export")).streaming_content).decode()  # type: ignore[attr-defined]
    assert "\"'=HYPERLINK" in raw


def test_an_export_has_no_address_for_whom_addresses_are_hidden_and_none_at_all_for_partners() -> None:
    take_in(make_source(), listed(HANNAH))
    rows = exported(signed_in(Role.ANALYST))
    assert [row["name"] for row in rows] == ["Hannah Vogel"]
    assert "email" not in rows[0]
    assert "vogel.example" not in str(rows)
    assert signed_in(Role.PARTNER).get(reverse("people-export")).status_code == 403


def test_what_can_be_changed_of_a_place_is_named_and_an_employer_stands_there_once() -> None:
    take_in(
        make_source(),
        listed(HANNAH, city="Leipzig", country="DE", organisation="Vogel Röstkurse", job_title="Trainer"),
    )
    page = text_of(signed_in(Role.AGENT), reverse("person", args=[person_of(HANNAH).id]))
    assert re.findall(
        r'fact-edit--named"[^>]*aria-label="(Change [^"]+)".*?<span>([^<]+)</span></a>', page
    ) == [
        ("Change City", "City"),
        ("Change Country", "Country"),
    ]
    assert page.count(">Works at<") == 1
    assert "Works at </span>" not in page
    organisation = person_of(HANNAH).organisation
    assert organisation is not None
    assert f'<a class="link" href="{reverse("organisation", args=[organisation.pk])}">' in page
    assert "since 2026" in page
    assert "Whom they belong with stands here" in page
    merging = page[page.index(reverse("person-merging", args=[person_of(HANNAH).id])) :]
    assert "<span>Merge with…</span></a>" in merging[: merging.index("</a>") + 4]
