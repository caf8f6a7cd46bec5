"""Undoing an import gives what there would be if it had never been: whatever else was imported before, after, twice."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.activity.files import path_of
from amity.activity.models import Attachment, Upload
from amity.channels.models import ImportRun, OutboundMessage
from amity.commerce.models import Product
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM
from amity.kernel.models import Timer, Transition
from amity.people.models import Fact, Identity, Organisation, Person
from amity.site import ingest
from amity.site.undo_outlook import look
from tests.flows.stories import colleague, conversations, fingerprint, jsonl, message, order, take_in, tweets

pytestmark = pytest.mark.django_db

_TOLD = {
    "people": """
        SELECT p.name, p.email, p.city, p.last_activity_at, o.name,
            (SELECT array_agg(i.address ORDER BY i.address) FROM people_link l
             JOIN people_identity i ON i.id = l.identity_id WHERE l.person_id = p.id AND l.revoked_at IS NULL)
        FROM people_person p LEFT JOIN people_organisation o ON o.id = p.organisation_id""",
    "identities": "SELECT network, address, is_ours FROM people_identity",
    "facts": """SELECT DISTINCT i.address, f.field, f.value, max(f.observed_at) FROM people_fact f
        JOIN people_identity i ON i.id = f.identity_id GROUP BY 1, 2, 3""",
    "organisations": "SELECT name FROM people_organisation",
    "orders": """SELECT o.external_id, o.amount, o.items, i.address,
        (SELECT array_agg(l.name ORDER BY l.name) FROM commerce_orderline l WHERE l.order_id = o.id)
        FROM commerce_order o JOIN people_identity i ON i.id = o.buyer_id""",
    "products": "SELECT sku FROM commerce_product",
    "totals": """SELECT i.address, t.currency, t.orders, t.amount, t.first_at, t.last_at FROM commerce_buyertotal t
        JOIN people_identity i ON i.id = t.identity_id""",
    "counts": "SELECT day, channel, direction, mood, count FROM activity_dailycount",
    "activities": "SELECT external_id, (SELECT address FROM people_identity i WHERE i.id = a.actor_id), "
    "(SELECT address FROM people_identity i WHERE i.id = a.about_id) FROM activity_activity a",
    "refs": "SELECT ref FROM activity_threadref",
    "wanted": "SELECT DISTINCT ref FROM activity_threadwanted",
    "conversations": """
        SELECT c.state, c.messages, c.opened_at, c.waiting_since, c.due_at, c.preview, i.address,
            (SELECT array_agg(a.external_id ORDER BY a.external_id) FROM conversations_conversationthread t
             JOIN activity_activity a ON a.thread_id = t.thread_id WHERE t.conversation_id = c.id)
        FROM conversations_conversation c LEFT JOIN people_identity i ON i.id = c.customer_id""",
}


def told() -> dict[str, list[str]]:
    """Everything that people see, without the ids that depend on who came first."""
    found = {}
    with connection.cursor() as cursor:
        for name, statement in _TOLD.items():
            cursor.execute(statement)
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


def alone(path: Path, at: datetime, **options: Any) -> dict[str, list[str]]:
    """What there is after importing this file into an Amity that holds nothing else of the story."""
    with transaction.atomic():
        take_in(path, at, **options)
        found = told()
        transaction.set_rollback(True)
    return found


def undo(run: ImportRun) -> None:
    ingest.undo(run.id, actor=SYSTEM)


def test_what_two_imports_say_of_somebody_stays_when_one_is_undone(tmp_path: Path, at: datetime) -> None:
    facts = {"city": "Leipzig", "organisation": "Roast GmbH"}
    take_in(jsonl(tmp_path / "z.jsonl", [message("z", at - timedelta(days=1))]), at)
    first = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at, facts=facts)]), at)
    take_in(jsonl(tmp_path / "b.jsonl", [message("b", at, facts=facts)]), at)
    undo(first)
    assert Person.objects.get().city == "Leipzig"
    assert Organisation.objects.get().name == "Roast GmbH"


def test_wrong_facts_go_although_somebody_wrote_since(tmp_path: Path, at: datetime) -> None:
    later = jsonl(tmp_path / "b.jsonl", [message("b", at)])
    expected = alone(later, at, source="other")
    wrong = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at, facts={"city": "Nowhere"})]), at)
    take_in(later, at, source="other")
    undo(wrong)
    assert not Fact.objects.filter(value="Nowhere").exists()
    assert told() == expected


def test_the_newest_statement_is_shown_although_it_was_made_before(tmp_path: Path, at: datetime) -> None:
    for day, city in enumerate(["Leipzig", "Halle", "Leipzig"]):
        take_in(
            jsonl(
                tmp_path / f"{day}.jsonl",
                [message(f"m{day}", at + timedelta(days=day), facts={"city": city})],
            ),
            at,
        )
    assert Person.objects.get().city == "Leipzig"


def test_the_last_activity_of_a_person_goes_back(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "z.jsonl", [message("z", at)]), at)
    before = fingerprint()
    undo(take_in(jsonl(tmp_path / "a.jsonl", [message("a", at + timedelta(days=9))]), at))
    assert fingerprint() == before


def test_an_address_that_another_order_names_too_stays(tmp_path: Path, at: datetime) -> None:
    buyer = [("customer:shop", "77"), ("email", "hanna@roast.example")]
    later = jsonl(tmp_path / "b.jsonl", [order("o1", at, buyer, "9")])
    expected = alone(later, at, source="shop")
    first = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at)]), at)
    second = take_in(later, at, source="shop")
    undo(first)
    assert told() == expected
    undo(second)
    assert not Person.objects.exists()
    assert not Identity.objects.exists()


def test_persons_whom_only_the_undone_import_joined_are_two_again(tmp_path: Path, at: datetime) -> None:
    others = jsonl(tmp_path / "b.jsonl", [message("b", at), order("o2", at, [("customer:shop", "77")], "5")])
    expected = alone(others, at, source="other")
    joined = take_in(
        jsonl(
            tmp_path / "a.jsonl",
            [order("o1", at, [("customer:shop", "77"), ("email", "hanna@roast.example")], "9")],
        ),
        at,
    )
    take_in(others, at, source="other")
    undo(joined)
    assert told()["people"] == expected["people"]


def test_our_own_account_stays_while_something_of_it_is_there(tmp_path: Path, at: datetime) -> None:
    ours = {"direction": "out", "to": [{"network": "email", "address": "hanna@roast.example"}]}
    later = jsonl(tmp_path / "b.jsonl", [message("b", at, "shop@tamp.example", **ours)])
    expected = alone(later, at, source="other")
    first = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at, "shop@tamp.example", **ours)]), at)
    take_in(later, at, source="other")
    undo(first)
    assert told() == expected


def test_organisations_and_products_leave_with_the_last_who_named_them(tmp_path: Path, at: datetime) -> None:
    def records(part: str) -> list[dict[str, Any]]:
        line = {"sku": "G1", "name": "Grinder", "amount": "9"}
        who = f"{part}@roast.example"
        return [
            message(f"m-{part}", at, who, facts={"organisation": "Roast GmbH"}),
            order(f"o-{part}", at, [("email", who)], "9", lines=[line]),
        ]

    runs = [take_in(jsonl(tmp_path / f"{part}.jsonl", records(part)), at) for part in "ab"]
    undo(runs[0])
    assert (Organisation.objects.count(), Product.objects.count()) == (1, 1)
    undo(runs[1])
    assert (Organisation.objects.count(), Product.objects.count()) == (0, 0)


def test_a_parent_that_comes_again_finds_its_answers(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "a.jsonl", [message("answer", at, in_reply_to=["parent"])]), at)
    parent = jsonl(tmp_path / "b.jsonl", [message("parent", at - timedelta(days=1), "tom@roast.example")])
    before = told()
    undo(take_in(parent, at))
    assert told() == before
    take_in(parent, at)
    assert list(conversations().values()) == [{"answer", "parent"}]


def test_threads_that_the_undone_import_joined_are_two_again(tmp_path: Path, at: datetime) -> None:
    others = [
        message("one", at),
        message("two", at, "tom@roast.example", in_reply_to=["bridge"]),
    ]
    take_in(jsonl(tmp_path / "a.jsonl", others), at)
    before = told()
    bridge = jsonl(tmp_path / "b.jsonl", [message("bridge", at, "eva@roast.example", in_reply_to=["one"])])
    undo(take_in(bridge, at))
    assert told() == before
    take_in(bridge, at)
    assert len(conversations()) == 1


def test_an_answer_of_ours_is_about_nobody_again(tmp_path: Path, at: datetime) -> None:
    ours = ("10", "shop", "False", "2026-02-01 10:05:00", "Sorry to hear that.", "", "11")
    theirs = ("11", "77", "True", "2026-02-01 10:00:00", "my grinder is broken", "10", "")
    take_in(tweets(tmp_path / "ours.csv", [ours]), at)
    before = told()
    undo(take_in(tweets(tmp_path / "theirs.csv", [theirs]), at))
    assert told() == before


def test_files_that_came_with_an_undone_import_leave_the_disk(tmp_path: Path, at: datetime) -> None:
    def mail(number: int, *files: str) -> bytes:
        from email.message import EmailMessage

        letter = EmailMessage()
        letter["From"], letter["To"] = "hanna@roast.example", "shop@tamp.example"
        letter["Date"], letter["Message-ID"] = "Tue, 17 Mar 2026 09:30:00 +0000", f"<m{number}@roast.example>"
        letter.set_content(f"Letter {number}")
        for text in files:
            letter.add_attachment(text.encode(), maintype="text", subtype="x-note", filename="note.txt")
        return bytes(letter)

    runs = []
    for number, files in enumerate((("shared", "first only"), ("shared",))):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(mail(number, *files))
        runs.append(take_in(path, at))
    digests = dict(Attachment.objects.values_list("digest", "size_bytes"))
    assert len(digests) == 2
    undo(runs[0])
    kept = set(Attachment.objects.values_list("digest", flat=True))
    assert len(kept) == 1
    assert {digest for digest in digests if path_of(digest).exists()} == kept
    undo(runs[1])
    assert not any(path_of(digest).exists() for digest in digests)


def test_a_draft_of_a_conversation_that_is_undone_leaves_no_files(tmp_path: Path, at: datetime) -> None:
    run = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at)]), at)
    talk, ines = Conversation.objects.get(), colleague().actor()
    waiting = services.attach(talk.id, actor=ines, at=at, filename="bill.pdf", content=b"%PDF only here")
    assert path_of(waiting.digest).exists()
    undo(run)
    assert not Upload.objects.exists()
    assert not path_of(waiting.digest).exists()


def test_undo_leaves_no_timer_and_no_history_of_what_is_gone(tmp_path: Path, at: datetime) -> None:
    run = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at)]), at)
    conversation = Conversation.objects.get()
    services.snooze(conversation.id, actor=colleague().actor(), at=at, until=at + timedelta(days=1))
    undo(run)
    assert not Conversation.objects.exists()
    assert not Timer.objects.exists()
    assert not Transition.objects.filter(subject_id=conversation.id).exists()


def test_a_conversation_that_somebody_was_given_stays(tmp_path: Path, at: datetime) -> None:
    run = take_in(jsonl(tmp_path / "a.jsonl", [message("a", at), message("b", at, "tom@roast.example")]), at)
    [given] = [id for id, names in conversations().items() if "a" in names]
    ines = colleague()
    services.assign(given, actor=ines.actor(), at=at, assignee_id=ines.id)
    assert look(run).kept_conversations == 1
    undo(run)
    assert conversations() == {given: {"a"}}
    assert Person.objects.get().name == "Hanna"


def test_a_message_of_a_thread_that_was_joined_to_another_can_be_withdrawn(
    tmp_path: Path, at: datetime
) -> None:
    records = [
        message("one", at - timedelta(days=1)),
        message("two", at, in_reply_to=["bridge"]),
    ]
    take_in(jsonl(tmp_path / "a.jsonl", records), at)
    ines = colleague().actor()
    [talk] = [id for id, names in conversations().items() if "two" in names]
    answer = services.reply(talk, actor=ines, at=at + timedelta(minutes=1), text="We look into it.")
    take_in(jsonl(tmp_path / "b.jsonl", [message("bridge", at, in_reply_to=["one"])]), at)
    one = Conversation.objects.get()
    assert OutboundMessage.objects.get().thread_id == one.threads.get().thread_id
    assert Transition.objects.filter(subject="conversation").exclude(subject_id=one.id).count() == 0
    services.withdraw_reply(answer.message.id, actor=ines, at=at + timedelta(minutes=2))
    assert conversations() == {one.id: {"one", "two", "bridge"}}


def test_a_clock_goes_back_with_the_orders_that_hurried_it(tmp_path: Path, at: datetime) -> None:
    """Whatever came first; also where the orders alone told that two addresses are one person's."""
    talks = jsonl(tmp_path / "a.jsonl", [message("a", at), message("b", at, "tom@roast.example")])
    small = jsonl(tmp_path / "b.jsonl", [order("o1", at, [("email", "hanna@roast.example")], "900")])
    buyer = [("email", "tom@roast.example"), ("customer:shop", "77"), ("email", "hanna@roast.example")]
    large = jsonl(tmp_path / "c.jsonl", [order("o2", at, buyer, "2300")])
    for kept, gone in (
        ([talks, small], large),
        ([talks], small),
        ([small, large], talks),
        ([talks, large], small),
    ):
        expected = _after(kept, at)
        for place in range(len(kept) + 1):
            assert _after([*kept[:place], gone, *kept[place:]], at, without=gone) == expected


def _after(files: list[Path], at: datetime, *, without: Path | None = None) -> list[str]:
    """When whoever waits is due after these files came and one was undone, then everything is as before."""
    with transaction.atomic():
        runs = {path: take_in(path, at, source=path.stem) for path in files}
        if without is not None:
            undo(runs[without])
        found = told()["conversations"]
        transaction.set_rollback(True)
    return found


PLACES = ["Leipzig", "Halle", ""]


def _world(rng: random.Random, at: datetime) -> list[dict[str, Any]]:
    """Ten records about four humans. Orders name both handles: a person whom two records begin apart stays two."""
    names = ["hanna", "tom", "eva", "kim"]
    records: list[dict[str, Any]] = []
    for n in range(10):
        who, when = rng.choice(names), at + timedelta(minutes=n)
        facts = {"city": rng.choice(PLACES), "organisation": rng.choice(["Roast", "Brew", ""])}
        handles = [("email", f"{who}@roast.example"), ("customer:shop", f"{len(who)}-{who}")]
        if rng.random() < 0.6:
            ours = {"direction": "out", "to": [{"network": "email", "address": f"{who}@roast.example"}]}
            is_ours = rng.random() < 0.25
            records.append(
                message(
                    f"m{n}", when, "shop@tamp.example" if is_ours else f"{who}@roast.example",
                    facts={} if is_ours else facts, in_reply_to=[f"m{rng.randrange(10)}"] if rng.random() < 0.6 else [],
                    **(ours if is_ours else {}),
                )
            )  # fmt: skip
        else:
            rng.shuffle(handles)
            line = {"sku": rng.choice("AB"), "amount": "2"}
            amount = rng.choice(["5", "1900"])  # of which two make a customer whose clock runs faster
            records.append(order(f"o{n}", when, handles, amount, facts=facts, lines=[line]))
    rng.shuffle(records)
    return records


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_what_stays_is_what_the_other_imports_bring_alone(
    seed: int, tmp_path_factory: pytest.TempPathFactory, at: datetime
) -> None:
    rng = random.Random(seed)
    records, folder = _world(rng, at), tmp_path_factory.mktemp("undo")
    cut, gone = rng.randrange(1, 10), rng.randrange(2)
    files = [jsonl(folder / f"{n}.jsonl", part) for n, part in enumerate((records[:cut], records[cut:]))]
    source = f"undo-{seed}"
    empty = told()
    expected = [alone(path, at, source=source) for path in files]
    with transaction.atomic():
        runs = [take_in(path, at, source=source) for path in files]
        undo(runs[gone])
        assert told() == expected[1 - gone]
        undo(runs[1 - gone])
        assert told() == empty
        transaction.set_rollback(True)
