"""What somebody chose for a file is chosen again for the next one of its kind, and the screen says because of what."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from amity.channels.models import ImportRun
from amity.channels.tests.web.stories import form_of, importing, signed_in, upload
from amity.consent.purposes import begin
from amity.kernel.actor import SYSTEM
from amity.people.tests.fields.own import make_field
from amity.people.tests.records import AT
from amity.site import ingest

pytestmark = pytest.mark.django_db
HEAD = "Name,E-mail,Town,Branch"
ROWS = ("Anna Vogel,anna@vogel.example,Kiel,North", "Bert Quinn,bert@quinn.example,Bonn,West")


def book(head: str = HEAD, *more: str) -> bytes:
    return "\r\n".join((head, *ROWS, *more)).encode()


@pytest.fixture
def client() -> Client:
    return signed_in()


def because(client: Client, run: ImportRun) -> dict[str, str]:
    """By column what the screen says why it is read so."""
    page = client.get(f"/imports/{run.id}/mapping/").content.decode()
    rows = re.findall(r'<th scope="row" class="wrap">(.*?)</th>.*?columns__why">(.*?)</td>', page, re.DOTALL)
    return {re.sub("<.*?>|[\u2066-\u2069]", "", name): why.strip() for name, why in rows}


def as_region(client: Client, run: ImportRun) -> ImportRun:
    return importing(client, run, **{"use-3": "facts.region"})


def test_a_changed_mapping_is_remembered_for_a_file_of_the_same_name_and_columns(client: Client) -> None:
    first = upload(client, book(), "friends-2026-01.csv")
    assert because(client, first)["Branch"] == "kept as a fact"
    as_region(client, first)
    again = upload(client, book(HEAD, "Cleo Aas,cleo@aas.example,Ulm,South"), "friends-2026-02.csv")
    assert again.mapping["fields"]["facts.region"]["columns"] == ["Branch"]
    assert again.mapping["source"] == first.mapping["source"]
    assert set(because(client, again).values()) == {"as in “friends-2026-01.csv”"}
    page = client.get(f"/imports/{again.id}/mapping/").content.decode()
    assert "Read as somebody chose for" in page
    client.post(f"/imports/{again.id}/mapping/", form_of(client, again) | {"use-2": ""})
    assert because(client, again)["Town"] == "You chose this"
    assert because(client, again)["Branch"] == "as in “friends-2026-01.csv”"


def test_other_names_other_columns_and_what_was_taken_back_are_guessed_anew(client: Client) -> None:
    first = as_region(client, upload(client, book(), "friends.csv"))
    other = upload(client, book(), "strangers.csv")
    wider = upload(client, book(f"{HEAD},Age"), "friends.csv")
    ingest.undo(first.id, actor=SYSTEM)
    back = upload(client, book(), "friends.csv")
    for run in (other, wider, back):
        assert "facts.region" not in run.mapping["fields"]
        assert "You chose this" not in because(client, run).values()


def test_a_guess_that_nobody_changed_is_made_anew_with_what_is_known_now(client: Client) -> None:
    importing(client, upload(client, book(), "friends.csv"))
    make_field("Branch", "text")
    run = upload(client, book(), "friends.csv")
    assert run.mapping["fields"]["facts.custom:branch"]["columns"] == ["Branch"]
    assert because(client, run)["Branch"] == "its name says so"


def test_a_consent_column_is_not_told_as_chosen_by_somebody(client: Client) -> None:
    begin(AT)
    content = "\r\n".join(("Name,E-mail,Newsletter opt-in", "Anna Vogel,anna@vogel.example,yes")).encode()
    assert because(client, upload(client, content, "list.csv"))["Newsletter opt-in"] == "its name says so"


def test_a_saved_mapping_wins_over_a_guess_for_just_its_columns(client: Client) -> None:
    first = upload(client, book(), "friends.csv")
    form = form_of(client, first) | {"use-3": "facts.region", "saved_name": "Our friends"}
    client.post(f"/imports/{first.id}/saved-mapping/", form)
    run = upload(client, book(), "strangers.csv")
    assert run.mapping["title"] == "Our friends"
    assert set(because(client, run).values()) == {"as in the mapping “Our friends”"}
