"""The vocabulary follows what is written, whoever writes it and how."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import connection

from amity.people.models import Organisation, Person, Word, WordChange
from amity.people.tests.records import AT, days, email, listed, make_source, person_of, take_in
from amity.people.vocabulary import is_counted, settle

pytestmark = pytest.mark.django_db
HANNAH = email("hannah@vogel.example", "Hannah Vogel")


def counted() -> dict[str, int]:
    settle()
    return dict(Word.objects.values_list("word", "records"))


def recount() -> dict[str, int]:
    texts = [
        *Person.objects.values_list("search_text", flat=True),
        *Organisation.objects.values_list("key", flat=True),
    ]
    return dict(Counter(word for text in texts for word in text.split() if is_counted(word)))


def test_what_comes_changes_and_goes_is_counted_as_a_full_count_would() -> None:
    source = make_source()
    take_in(
        source,
        listed(HANNAH, organisation="Vogel Röstkurse"),
        listed(email("b@web.example", "Beth Calloway")),
    )
    assert counted() == recount()
    assert counted()["vogel"] == 2
    take_in(source, listed(HANNAH, organisation="Atelier 4711", at=AT + days(1)))
    assert counted() == recount()
    assert "4711" not in counted()
    with connection.cursor() as cursor:  # behind Django's back
        cursor.execute(
            "UPDATE people_person SET search_text = 'hanna fogel' WHERE id = %s", [person_of(HANNAH).id]
        )
    assert counted() == recount()
    Person.objects.filter(search_text__contains="beth").update(search_text="")
    assert counted() == recount()
    assert "calloway" not in counted()


def test_words_that_nobody_has_any_more_are_gone() -> None:
    take_in(make_source(), listed(HANNAH))
    assert "hannah" in counted()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM people_link; DELETE FROM people_person")
    assert counted() == recount() == {}
    assert not WordChange.objects.exists()


def test_a_change_that_shows_nothing_new_leaves_nothing_to_count() -> None:
    take_in(make_source(), listed(HANNAH))
    settle()
    Person.objects.update(city="Leipzig", last_activity_at=AT)
    Person.objects.update(search_text=Person.objects.get().search_text)
    assert not WordChange.objects.exists()


def test_counting_goes_on_where_it_stopped() -> None:
    take_in(
        make_source(), *(listed(email(f"p{number}@web.example", f"Person {number}")) for number in range(9))
    )
    assert settle(4) == 4
    assert WordChange.objects.count() == 5
    assert settle() == 5
    assert settle() == 0
    assert counted() == recount()
