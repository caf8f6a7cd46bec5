"""The boxes of the inbox: what is in them, in which order, for whom, and how many queries that takes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from amity.channels.records import Handle, PersonRecord
from amity.conversations import services
from amity.conversations.domain.filters import Filters, View, filters_of
from amity.conversations.queries import boxes, lists
from amity.conversations.queries.customer import Customer, customer_of, recipients
from amity.conversations.tests.factories import (
    a_conversation,
    a_message,
    a_source,
    an_actor,
    an_order,
    arrive,
    colleague_id,
)
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.people.models import Fact, Person
from amity.people.queries import find_people

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
Names = Callable[..., list[str]]


@pytest.fixture
def ines() -> Actor:
    return an_actor("Ines Okafor")


@pytest.fixture
def names(at: datetime) -> Names:
    def read(view: View, actor: Actor, **asked: str) -> list[str]:
        page = lists.page(view, filters_of(asked), actor=actor, at=at, day_ends=at + 14 * HOUR)
        return [row.name for row in page.rows]

    return read


def test_who_waits_longest_comes_first(at: datetime, ines: Actor, names: Names) -> None:
    for who, hours in (("ann", 1), ("ben", 3), ("cleo", 2)):
        a_conversation(at, who=f"{who}@roast.example", waits=hours * HOUR)
    assert names(View.WAITING, ines) == ["Ben", "Cleo", "Ann"]


def test_each_box_holds_what_its_name_says(at: datetime, ines: Actor, names: Names) -> None:
    made = {
        name: a_conversation(at, who=f"{name}@roast.example", waits=(number + 1) * HOUR)
        for number, name in enumerate(("mine", "free", "asleep", "done", "owed"))
    }
    services.assign(made["mine"].id, actor=ines, at=at, assignee_id=ines.staff_id)
    services.snooze(made["asleep"].id, actor=ines, at=at, until=at + HOUR)
    services.close(made["done"].id, actor=ines, at=at)
    services.promise(made["owed"].id, actor=ines, at=at, what="Burrs leave", due_at=at + HOUR)
    services.reply(made["owed"].id, actor=ines, at=at, text="Burrs leave today.")
    assert names(View.WAITING, ines) == ["Free", "Mine"]
    assert names(View.MINE, ines) == ["Mine"]
    assert names(View.UNASSIGNED, ines) == ["Free"]
    assert names(View.PROMISED, ines) == ["Owed"]
    assert names(View.SNOOZED, ines) == ["Asleep"]
    assert names(View.CLOSED, ines) == ["Done"]
    assert set(names(View.ALL, ines)) == {"Mine", "Free", "Asleep", "Done", "Owed"}


def test_counts_are_the_lengths_of_the_boxes(at: datetime, ines: Actor, names: Names) -> None:
    for number in range(4):
        one = a_conversation(at, who=f"c{number}@roast.example")
        if number % 2:
            services.promise(one.id, actor=ines, at=at, what="Call back", due_at=at + HOUR)
            services.assign(one.id, actor=ines, at=at, assignee_id=ines.staff_id)
    counted = boxes.counts(list(View), actor=ines, before=at + 14 * HOUR)
    assert counted == {view: len(names(view, ines)) for view in View}


def test_pages_follow_each_other_without_a_gap_or_a_repeat(at: datetime, ines: Actor) -> None:
    for number in range(7):
        a_conversation(at, who=f"c{number}@roast.example", waits=(number // 2 + 1) * HOUR)
    for view in (View.WAITING, View.ALL):
        seen, after = [], None
        for _ in range(4):
            page = lists.page(view, Filters(), actor=ines, at=at, day_ends=at, after=after, limit=2)
            seen += [row.id for row in page.rows]
            after = page.after
            if after is None:
                break
        assert len(seen) == len(set(seen)) == 7


def test_filters_narrow_a_box(at: datetime, ines: Actor, names: Names) -> None:
    a_conversation(at, who="calm@roast.example", feels=(0.0, 0.9))
    a_conversation(at, who="cross@roast.example", feels=(-0.9, 0.9), waits=30 * HOUR)
    arrive(a_message(at, "Hola", who="pablo@roast.example", channel="chat", language="es"), at=at)
    assert names(View.WAITING, ines, mood="angry") == ["Cross"]
    assert names(View.WAITING, ines, late="1") == ["Cross"]
    assert names(View.WAITING, ines, channel="chat") == ["Pablo"]
    assert names(View.WAITING, ines, language="es") == ["Pablo"]
    assert names(View.WAITING, ines, assignee="me") == []
    assert len(names(View.WAITING, ines, assignee="nobody")) == 3


def test_words_find_what_was_said_and_who_said_it(at: datetime, ines: Actor, names: Names) -> None:
    a_conversation(at, "The burr carrier chirps at setting 7", who="beth@roast.example")
    a_conversation(at, "Where is my parcel?", who="uwe@roast.example")
    assert names(View.ALL, ines, q="burr chirp") == ["Beth"]
    assert names(View.ALL, ines, q="uwe") == ["Uwe"]
    assert names(View.ALL, ines, q="roast.example uwe") == ["Uwe"]
    assert names(View.ALL, ines, q="!!! ???") == []


@pytest.mark.parametrize(
    "typed",
    ["it's (a | b) & !c:*", "'); DROP", "a\x00b", "\\' | 'none", "burr:* | nothing", "<->", "½", "_", "́a"],
)
def test_a_search_is_words_and_nothing_else(at: datetime, ines: Actor, names: Names, typed: str) -> None:
    a_conversation(at, "The burr carrier chirps", who="beth@roast.example")
    assert names(View.ALL, ines, q=typed) == []


@pytest.mark.parametrize(
    "typed", ["ana.b@mill.example", "mill.example/burr-3", "TC-2041/7", "v2.3", "-40", "o'neil", "café"]
)
def test_what_stands_there_is_found_by_its_own_letters(
    at: datetime, ines: Actor, names: Names, typed: str
) -> None:
    a_conversation(
        at,
        "O'Neil of ana.b@mill.example sent mill.example/burr-3 and TC-2041/7: v2.3, -40 degrees, Café",
        who="beth@roast.example",
    )
    assert names(View.ALL, ines, q=typed) == ["Beth"]


def test_an_address_that_is_hidden_is_not_found_by_it(at: datetime, names: Names) -> None:
    a_conversation(at, who="beth@roast.example")
    analyst = an_actor("Samir Patel", Role.ANALYST)
    assert names(View.ALL, analyst, q="beth") == ["Beth"]
    assert names(View.ALL, analyst, q="roast") == []


@pytest.mark.parametrize("facts", [{}, {"name": "hanna@roast.example", "given_name": "Jo"}])
def test_an_address_that_stands_in_for_a_name_is_not_found_by_it(
    facts: dict[str, str], at: datetime, ines: Actor, names: Names
) -> None:
    conversation = a_conversation(at)
    analyst = an_actor("Anna Lyst", Role.ANALYST)
    assert len(names(View.WAITING, analyst, q="hann")) == 1  # by the name that her mail gave
    Fact.objects.all().delete()
    assert conversation.customer_id
    for field, value in facts.items():
        Fact.objects.create(
            identity_id=conversation.customer_id, field=field, value=value, source_id=conversation.source_id,
            observed_at=at,
        )  # fmt: skip
    Person.objects.update(name="hanna@roast.example", sort_name="hanna@roast.example")
    assert names(View.WAITING, analyst, q="hann") == names(View.WAITING, analyst, q="roast.example") == []
    assert len(names(View.WAITING, ines, q="hann")) == 1
    assert find_people(analyst, "hann", 9) == []


def test_a_hidden_source_changes_nothing_in_what_one_sees(at: datetime, ines: Actor, names: Names) -> None:
    a_conversation(at, "A parcel is late", who="uwe@roast.example")
    before = [names(view, ines) for view in View], boxes.counts(list(View), actor=ines, before=at + HOUR)
    legal = Team.objects.create(name="Legal")
    source = a_source(at, "complaints", legal)
    hidden = a_conversation(at, "My lawyer says parcel", who="zoe@roast.example", source=source)
    member = an_actor("Anke Weber", teams=[legal])
    services.promise(hidden.id, actor=member, at=at, what="Answer", due_at=at + HOUR / 2)
    assert (
        [names(view, ines) for view in View],
        boxes.counts(list(View), actor=ines, before=at + HOUR),
    ) == before
    assert names(View.ALL, ines, q="lawyer") == []
    assert names(View.ALL, member, q="lawyer") == ["Zoe"]


def test_a_hidden_source_changes_nothing_in_the_column_beside_a_conversation(
    at: datetime, ines: Actor
) -> None:
    one = a_conversation(at, who="zoe@roast.example")
    source = a_source(at, "complaints", Team.objects.create(name="Legal"))

    def seen(who: Actor) -> tuple[object, ...]:
        return customer_of(one, actor=who, at=at), recipients(one, actor=who)

    before = seen(ines)
    said = {"city": "Turku", "organisation": "Café Linde", "job_title": "Spy"}
    handles = (Handle("email", "zoe@roast.example"), Handle("phone", "+35818739507"))
    arrive(PersonRecord("z", at, handles, said), at=at, source=source)
    assert seen(ines) == before
    (customer, told) = seen(an_actor("Anke Weber", teams=list(Team.objects.all())))
    assert isinstance(customer, Customer)
    assert customer.person is not None
    assert (customer.person.city, customer.person.organisation) == ("Turku", "Café Linde")
    assert isinstance(told, list)
    assert [one.network for one in told] == ["email", "phone"]


def test_a_partner_sees_what_is_given_to_them(at: datetime, ines: Actor, names: Names) -> None:
    given, _other = a_conversation(at), a_conversation(at, who="uwe@roast.example")
    partner = an_actor("Marek Novak", Role.PARTNER)
    assert names(View.ALL, partner) == []
    services.assign(given.id, actor=ines, at=at, assignee_id=colleague_id(partner))
    assert names(View.ALL, partner) == ["Hanna"]
    assert boxes.counts(list(View), actor=partner, before=at)[View.ALL] == 1


def test_a_name_is_bold_until_it_was_read(at: datetime, ines: Actor) -> None:
    one = a_conversation(at)
    assert lists.rows_of([one], actor=ines)[0].is_unread
    services.mark_read(one.id, actor=ines, at=at)
    assert not lists.rows_of([one], actor=ines)[0].is_unread


@pytest.mark.parametrize("rows", [1, 12])
def test_a_page_of_any_length_takes_seven_queries(
    at: datetime, ines: Actor, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        arrive(an_order(at - HOUR, who=f"c{number}@roast.example"), at=at)
        a_conversation(at, who=f"c{number}@roast.example")
    with django_assert_num_queries(7):
        page = lists.page(View.WAITING, Filters(), actor=ines, at=at, day_ends=at)
    assert len(page.rows) == rows


def test_what_is_new_is_counted_from_when_the_list_was_drawn(at: datetime, ines: Actor) -> None:
    a_conversation(at, waits=HOUR)
    arrive(a_message(at, "New", who="new@roast.example"), at=at)
    count = lists.new_count(View.WAITING, Filters(), actor=ines, at=at, since=at - HOUR / 2)
    assert count == 1


def test_the_first_page_is_read_from_the_index_of_what_waits(at: datetime, ines: Actor) -> None:
    a_conversation(at)
    with CaptureQueriesContext(connection) as captured, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        lists.page(View.WAITING, Filters(), actor=ines, at=at, day_ends=at)
    statement = next(one["sql"] for one in captured if '"due_at" ASC' in one["sql"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "conversations_waiting" in plan
