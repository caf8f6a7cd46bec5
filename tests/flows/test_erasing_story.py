"""A person is erased: a scan of every table and file finds nothing of them, and nobody else is touched."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from amity.activity.models import Activity
from amity.channels.models import Item
from amity.commerce.models import Order
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel import audit, sealing
from amity.kernel.acting import acting
from amity.kernel.actor import Actor, Role
from amity.people import erasures
from amity.people.merging import merge
from amity.people.models import Person, PersonErasure
from amity.site.models import SavedView
from amity.site.scanning import in_database, in_files
from tests.flows.erasing import (
    ANSWERED,
    EVERYTHING,
    MAIL,
    NAME,
    NEIGHBOUR,
    NOTED,
    OTHER_MAIL,
    PROMISED,
    address_book,
    messages,
    orders,
    person_of,
)
from tests.flows.stories import colleague, jsonl, take_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> Path:
    settings.MEDIA_ROOT = tmp_path / "home" / "files"  # type: ignore[attr-defined]
    settings.HOME = tmp_path / "home"  # type: ignore[attr-defined]
    return tmp_path / "home"


@pytest.fixture
def owner() -> Actor:
    return colleague("tilde@tamp.example", Role.OWNER).actor()


@pytest.fixture
def person(tmp_path: Path, at: datetime, owner: Actor) -> Person:
    """Everything that happens to somebody in a year."""
    take_in(jsonl(tmp_path / "mails.jsonl", messages(at)), at)
    take_in(jsonl(tmp_path / "orders.jsonl", orders(at)), at, source="shop")
    take_in(address_book(tmp_path / "book.csv"), at, source="book")
    with acting(owner, via="page"):
        there = person_of(MAIL)
        conversation = Conversation.objects.get(customer__address=MAIL, subject__startswith="Kerfuffle")
        later = at + timedelta(hours=3)
        services.reply(conversation.id, actor=owner, at=later, text=ANSWERED)
        services.note(conversation.id, actor=owner, at=later, text=NOTED)
        services.promise(
            conversation.id, actor=owner, at=later, what=PROMISED, due_at=later + timedelta(days=2)
        )
        merge(there, [person_of(OTHER_MAIL)], actor=owner, at=later)
        audit.exported("person", actor=owner, at=later, filters={"q": NAME})
        SavedView.objects.create(
            owner_id=owner.staff_id, screen="people", name="her", query="q=Zubrowka+Quillfeather"
        )
    sealing.seal_all()
    return Person.objects.get(pk=there)


def erased(person: Person, owner: Actor, at: datetime) -> PersonErasure:
    with acting(owner, via="page"):
        asked = erasures.ask(person.pk, ground="request", actor=owner, at=at, now=True)
    return erasures.work_on(asked.pk, clock=lambda: at)


def test_before_it_all_of_it_is_found(person: Person, home: Path) -> None:
    """The scan can fail."""
    found = {trace.value for trace in in_database(EVERYTHING)} | {t.value for t in in_files(home, EVERYTHING)}
    assert found == set(EVERYTHING) - {"zorptastic"}


def test_after_it_no_table_and_no_file_names_them(
    person: Person, owner: Actor, at: datetime, home: Path
) -> None:
    done = erased(person, owner, at + timedelta(days=1))
    assert done.state == "done"
    left = in_database(EVERYTHING)
    print(*left, sep="\n")
    assert left == []
    assert in_files(home, EVERYTHING) == []
