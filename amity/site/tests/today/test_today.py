"""Today as colleagues see it: it changes with what is done, is another one for every role, and costs a fixed amount."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amity.channels.models import OutboundMessage, OutboundState, Source
from amity.conversations import services as talks
from amity.conversations.models import Conversation
from amity.insight.tests import making
from amity.kernel.actor import SYSTEM, Role
from amity.kernel.models import Staff, Team
from amity.people.models import Person
from amity.program.services import Goal, set_objective
from amity.site.tests.shell.factories import signed_in
from amity.site.web import today_board
from amity.site.web.today import greeting
from amity.teamwork.models import PromiseState
from amity.teamwork.services import settle_promise

pytestmark = pytest.mark.django_db
OWN_QUERIES = 14
KNOWN_S = 0.0145  # of `_known_work` on a core of its own, where Today has to take less than a tenth
SHELL_QUERIES = 8  # session, colleague, teams, settings of the company, preferences, counts of the rail


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def ines(now: datetime) -> Staff:
    return making.a_colleague(now)


def page(staff: Staff) -> str:
    answer = signed_in(staff).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def spoken(source: Source, now: datetime, name: str, **fields: object) -> Conversation:
    """A conversation with its message on the stream, as after an import."""
    customer = making.a_customer(now, name)
    talk = making.a_talk(source, now, customer, **fields)
    making.said(source, [now - timedelta(minutes=30)], about=customer.id, thread=talk.threads.get().thread_id)
    return talk


def test_the_most_urgent_comes_first_with_its_reason_and_its_points(now: datetime, ines: Staff) -> None:
    source = making.a_source(now)
    making.a_talk(source, now, making.a_customer(now, "Calm Customer"))
    late = now - timedelta(minutes=22)
    making.a_talk(
        source,
        now,
        making.a_customer(now, "Tomás Arrieta"),
        channel="post",
        due_at=late,
        sentiment=-0.9,
        confidence=0.9,
    )
    html = page(ines)
    text = words(html)
    assert text.index("Answer Tomás Arrieta in public") < text.index("Answer Calm Customer")
    assert "Late by 22 min, angry" in text
    assert "Two things, about 20 min" in text
    assert "everybody can read it +16" in text
    assert html.count("data-first") == 1


def test_an_answered_conversation_leaves_today_and_is_counted_as_done(now: datetime, ines: Staff) -> None:
    talk = spoken(making.a_source(now), now, "Hannah Vogel")
    assert "Answer Hannah Vogel" in page(ines)
    talks.reply(talk.id, actor=ines.actor(), at=timezone.now(), text="They leave on Friday.")
    text = words(page(ines))
    assert "Answer Hannah Vogel" not in text
    assert "1 answered" in text


def test_a_closed_conversation_leaves_today(now: datetime, ines: Staff) -> None:
    talk = spoken(making.a_source(now), now, "Hannah Vogel")
    talks.close(talk.id, actor=ines.actor(), at=timezone.now())
    text = words(page(ines))
    assert "Answer Hannah Vogel" not in text
    assert "1 closed" in text


def test_a_kept_promise_leaves_today(now: datetime, ines: Staff) -> None:
    due = now + timedelta(minutes=1)
    promise = making.a_promise(making.a_source(now), ines, due, what="Refund decision")
    assert "Keep your promise to Hannah Vogel: Refund decision" in words(page(ines))
    settle_promise(promise.id, PromiseState.KEPT, actor=ines.actor(), at=timezone.now())
    text = words(page(ines))
    assert "Refund decision" not in text
    assert "1 promise kept" in text


def test_a_message_that_did_not_leave_says_why(now: datetime, ines: Staff) -> None:
    talk = spoken(making.a_source(now), now, "Hannah Vogel")
    message = talks.reply(talk.id, actor=ines.actor(), at=timezone.now(), text="Hello").message
    OutboundMessage.objects.filter(pk=message.pk).update(
        state=OutboundState.FAILED, error="The address is unknown."
    )
    text = words(page(ines))
    assert "Send your answer to Hannah Vogel again" in text
    assert "The address is unknown" in text


def test_at_most_seven_things_and_the_rest_is_counted(now: datetime, ines: Staff) -> None:
    source = making.a_source(now)
    for number in range(12):
        making.a_talk(
            source, now, making.a_customer(now, f"Customer {number}"), preview=f"Matter{number} only"
        )
    html = page(ines)
    assert html.count('class="today-item__rank"') == 7
    text = words(html)
    assert "5 other things come after these." in text
    assert "Show the 5 others" in text
    assert "5 replies due within 4 hours" in text


def test_four_people_who_ask_the_same_are_one_thing(now: datetime, ines: Staff) -> None:
    source = making.a_source(now)
    for name in ("Anna", "Ben", "Cleo", "Dora"):
        making.a_talk(source, now, making.a_customer(now, name), preview="Where is the batch number?")
    text = words(page(ines))
    assert "Four people ask the same: Where is the batch number?" in text
    assert "Answer 4" in text


@pytest.mark.parametrize("role", [Role.LEGAL, Role.ANALYST])
def test_who_does_not_answer_customers_sees_figures_and_no_queue(now: datetime, role: Role) -> None:
    making.a_talk(making.a_source(now), now)
    html = page(making.a_colleague(now, "Samir Patel", role))
    assert "Net sentiment" in html
    assert "/figures/promises_kept/" in html
    assert "today-item" not in html
    assert "Why this order" not in html
    assert "Answer Hannah Vogel" not in html


def test_a_partner_sees_their_own_and_no_figures(now: datetime) -> None:
    marek = making.a_colleague(now, "Marek Novak", Role.PARTNER)
    source = making.a_source(now)
    making.a_talk(source, now, making.a_customer(now, "Somebody Else"))
    making.a_talk(source, now, making.a_customer(now, "My Customer"), assignee=marek)
    html = page(marek)
    assert "Answer My Customer" in html
    assert "Somebody Else" not in html
    assert "/figures/" not in html


def test_an_empty_house_says_what_will_stand_here_and_offers_the_import_to_who_may(
    now: datetime, ines: Staff
) -> None:
    assert "No conversations yet" in page(ines)
    assert "Import a file" not in page(ines)
    owner = making.a_colleague(now, "Tilde Sandberg", Role.OWNER)
    assert "No conversations yet" in page(owner)
    assert "/settings/channels/new/" in page(owner)
    assert "/settings/channels/new/" not in page(making.a_colleague(now, "Samir Patel", Role.ANALYST))


def test_when_nothing_waits_today_is_calm(now: datetime, ines: Staff) -> None:
    making.said(making.a_source(now), [now - timedelta(days=1)])
    text = words(page(ines))
    assert "Nothing waits for you" in text
    assert "No conversations yet" not in text


def test_a_hidden_source_changes_not_a_letter_of_today(now: datetime, ines: Staff) -> None:
    team = Team.objects.create(name="Legal")
    secret = making.a_source(now, "secret", team)
    spoken(making.a_source(now), now, "Hannah Vogel")

    def seen() -> str:
        return re.sub(
            r"\d{1,2}:\d\d(:\d\d)?(\.\d+)?|\b[A-Za-z0-9]{64}\b", "", page(ines)
        )  # times and form tokens

    seen()
    before = seen()
    spoken(secret, now, "Nobody May Know", due_at=now - timedelta(hours=9))
    making.a_promise(secret, ines, now + timedelta(minutes=3), what="A secret")
    making.said(secret, [now - timedelta(seconds=n) for n in range(30)], sentiment=-0.9)
    assert seen().splitlines() == before.splitlines()


def test_ugly_names_and_words_are_escaped_and_kept_apart(now: datetime, ines: Staff) -> None:
    making.a_talk(
        making.a_source(now), now, making.a_customer(now, "<b>Bold</b>"), preview="<script>x</script>"
    )
    html = page(ines)
    assert "<b>Bold</b>" not in html
    assert "<script>x</script>" not in html
    Person.objects.update(name="x" * 300)
    assert "x" * 300 in page(ines)


def test_the_number_of_queries_does_not_grow_with_the_work(now: datetime, ines: Staff) -> None:
    source = making.a_source(now)
    set_objective(Goal("Keep", "promises_kept", 0.5, 0.9, ines.id), actor=SYSTEM, at=now)
    making.said(source, [now - timedelta(days=9)], sentiment=-0.5)
    making.said(source, [now - timedelta(seconds=n) for n in range(12)], sentiment=-0.9)
    client = signed_in(ines)
    client.get("/")
    counts = []
    for _round in range(2):
        for number in range(6):
            making.a_talk(
                source,
                now,
                making.a_customer(now, f"Customer {number}"),
                preview="Where is the batch number?",
            )
            making.a_promise(source, ines, now + timedelta(minutes=5))
        with CaptureQueriesContext(connection) as asked:
            client.get("/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert counts[0] <= OWN_QUERIES + SHELL_QUERIES


def test_today_answers_within_a_tenth_of_a_second(now: datetime, ines: Staff) -> None:
    source = making.a_source(now)
    for number in range(60):
        making.a_talk(
            source, now, making.a_customer(now, f"Customer {number}"), preview=f"Matter {number % 9} and more"
        )
    making.said(source, [now - timedelta(hours=n) for n in range(600)], sentiment=-0.5)
    client = signed_in(ines)
    client.get("/")
    took, known = [], []
    for _try in range(
        30
    ):  # the best of many, beside work of known length: a core that is shared is slower for both
        took.append(_cpu_s(lambda: client.get("/")))
        known.append(_cpu_s(_known_work))
    assert min(took) <= 0.1 * max(1.0, min(known) / KNOWN_S)


def _cpu_s(work: Callable[[], object]) -> float:
    started = time.process_time()  # of this process alone: other work on the machine does not count
    work()
    return time.process_time() - started


def _known_work() -> int:
    return sum(len(str(number)) + isinstance(number, int) for number in range(100_000))


@pytest.mark.parametrize(
    ("hour", "said"),
    [
        (5, "Good morning"),
        (11, "Good morning"),
        (12, "Good afternoon"),
        (18, "Good evening"),
        (2, "Good evening"),
    ],
)
def test_the_greeting_follows_the_readers_day(hour: int, said: str) -> None:
    assert greeting(hour, "Ines") == f"{said}, Ines"


def test_colleagues_of_the_last_ten_minutes_are_here(now: datetime, ines: Staff) -> None:
    making.a_colleague(now, "Jonas Brandt")
    owen = making.a_colleague(now, "Owen Falk")
    Staff.objects.filter(name="Jonas Brandt").update(last_seen_at=now - timedelta(minutes=9))
    Staff.objects.filter(pk=owen.pk).update(last_seen_at=now - timedelta(minutes=11))
    found = today_board.side(ines.actor(), now, [])
    assert [one.name for one in found.here] == ["Jonas Brandt"]
    assert found.staff == 3


@pytest.mark.parametrize("path", ["/figures/", "/figures/waiting_now/", "/figures/net_sentiment/"])
def test_figures_open_and_a_partner_finds_none(now: datetime, ines: Staff, path: str) -> None:
    spoken(making.a_source(now), now, "Hannah Vogel")
    answer = signed_in(ines).get(path)
    assert answer.status_code == 200
    assert signed_in(making.a_colleague(now, "Marek Novak", Role.PARTNER)).get(path).status_code == 404


def test_a_figure_shows_its_records_with_formula_and_time(now: datetime, ines: Staff) -> None:
    spoken(making.a_source(now), now, "Hannah Vogel")
    text = words(signed_in(ines).get("/figures/waiting_now/").content.decode())
    assert "Open conversations in which the customer had the last word, now." in text
    assert "Hannah Vogel" in text
    assert "Computed from the records at" in text
    assert signed_in(ines).get("/figures/nonsense/").status_code == 404


def test_a_broken_place_in_the_records_is_the_first_page(now: datetime, ines: Staff) -> None:
    spoken(making.a_source(now), now, "Hannah Vogel")
    answer = signed_in(ines).get("/figures/waiting_now/", {"after": "nonsense"})
    assert "Hannah Vogel" in answer.content.decode()
