"""From an export to the inbox and back: the main job, end to end, on PostgreSQL."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.activity.models import Activity
from amity.channels import imports
from amity.channels.models import ImportRun, Item, RunState
from amity.commerce.models import BuyerTotal, Order
from amity.conversations import services
from amity.conversations.models import Conversation, ConversationState
from amity.kernel.actor import SYSTEM
from amity.kernel.pipeline import Batch
from amity.people.models import Fact, Identity, Link, Person
from amity.people.tests.fields.own import make_field
from amity.site import ingest
from amity.site.corridor import CORRIDOR
from tests.flows.stories import (
    colleague,
    conversations,
    draft,
    fingerprint,
    jsonl,
    message,
    order,
    take_in,
    tweets,
)

pytestmark = pytest.mark.django_db

TALK = [
    ("10", "shop", "False", "2026-02-01 10:05:00", "@77 Sorry to hear that. Which one?", "12", "11"),
    ("11", "77", "True", "2026-02-01 10:00:00", "@shop my grinder is broken", "10", ""),
    ("12", "77", "True", "2026-02-01 10:09:00", "@shop the black one", "", "10"),
    ("13", "88", "True", "2026-02-02 08:00:00", "@shop where is my parcel", "", ""),
]


def test_tweets_become_threads_people_and_our_answers(tmp_path: Path, at: datetime) -> None:
    run = take_in(tweets(tmp_path / "tweets.csv", TALK), at)
    assert (run.state, run.rows_read, run.rows_new) == (RunState.DONE, 4, 4)
    assert sorted(map(sorted, conversations().values())) == [["10", "11", "12"], ["13"]]
    assert set(Identity.objects.filter(is_ours=False).values_list("address", flat=True)) == {"77", "88"}
    assert Identity.objects.get(address="shop").is_ours
    assert Person.objects.count() == 2
    answer = Activity.objects.get(external_id="10")
    assert answer.direction == "out"
    assert answer.about_id == Identity.objects.get(address="77").id


def test_importing_again_changes_nothing_and_undo_takes_all_of_it_back(tmp_path: Path, at: datetime) -> None:
    empty = fingerprint()
    first = take_in(tweets(tmp_path / "tweets.csv", TALK), at)
    filled = fingerprint()
    again = take_in(tmp_path / "tweets.csv", at)
    assert (again.rows_new, again.rows_same) == (0, 4)
    assert fingerprint() == filled
    ingest.undo(again.id, actor=SYSTEM)
    assert fingerprint() == filled
    ingest.undo(first.id, actor=SYSTEM)
    assert fingerprint() == empty


def test_undo_leaves_what_another_import_brought(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "a.jsonl", [message("a1", at, facts={"city": "Leipzig"})]), at)
    kept = fingerprint()
    second = take_in(
        jsonl(tmp_path / "b.jsonl", [
            message("b1", at + timedelta(hours=1), in_reply_to=["a1"], facts={"city": "Halle", "name": "Hanna K."}),
            order("o1", at, [("email", "hanna@roast.example"), ("customer:shop", "77")], "12.50"),
        ]),
        at,
    )  # fmt: skip
    assert fingerprint() != kept
    ingest.undo(second.id, actor=SYSTEM)
    assert fingerprint() == kept


def test_undo_keeps_a_conversation_in_which_a_colleague_wrote(tmp_path: Path, at: datetime) -> None:
    run = take_in(
        jsonl(tmp_path / "a.jsonl", [message("a1", at), message("a2", at, "tom@roast.example")]), at
    )
    worked = Conversation.objects.get(customer__address="hanna@roast.example")
    services.reply(worked.id, actor=colleague().actor(), at=timezone.now(), text="We look into it.")
    ingest.undo(run.id, actor=SYSTEM)
    assert list(Conversation.objects.values_list("id", flat=True)) == [worked.id]
    assert set(Activity.objects.values_list("text", flat=True)) == {"Message a1", "We look into it."}
    assert Identity.objects.filter(is_ours=False).get().address == "hanna@roast.example"


def test_one_person_who_talks_and_buys_has_one_timeline_with_both(tmp_path: Path, at: datetime) -> None:
    take_in(jsonl(tmp_path / "talk.jsonl", [message("m1", at)]), at, source="mail")
    take_in(
        jsonl(
            tmp_path / "shop.jsonl",
            [order("o1", at, [("customer:shop", "77"), ("email", "hanna@roast.example")], "9")],
        ),
        at,
        source="shop",
    )
    person = Person.objects.get()
    about = Link.objects.filter(person=person, revoked_at=None).values_list("identity_id", flat=True)
    assert set(Activity.objects.filter(about_id__in=list(about)).values_list("verb", flat=True)) == {
        "create",
        "purchase",
    }


def test_a_conversation_waits_until_it_is_answered(tmp_path: Path, at: datetime) -> None:
    take_in(
        jsonl(
            tmp_path / "a.jsonl",
            [message("a1", at - timedelta(hours=2)), message("a2", at, in_reply_to=["a1"])],
        ),
        at,
    )
    conversation = Conversation.objects.get()
    assert conversation.state == ConversationState.OPEN
    assert conversation.waiting_since == at - timedelta(hours=2)
    services.reply(conversation.id, actor=colleague().actor(), at=at + timedelta(minutes=5), text="Done.")
    answered = Conversation.objects.get()
    assert answered.waiting_since is None
    assert answered.first_answer_at == at + timedelta(minutes=5)


def test_old_conversations_start_closed(tmp_path: Path, at: datetime) -> None:
    old = timezone.now() - timedelta(days=200)
    take_in(jsonl(tmp_path / "a.jsonl", [message("a1", old)]), at, open_days=30)
    assert Conversation.objects.get().state == ConversationState.CLOSED


def test_orders_are_counted_once_and_cancelled_ones_are_not_bought(tmp_path: Path, at: datetime) -> None:
    buyer = [("customer:shop", "77")]
    take_in(
        jsonl(tmp_path / "a.jsonl", [
            order("o1", at, buyer, "10.10"),
            order("o2", at, buyer, "5.05"),
            order("o3", at, buyer, "99", status="cancelled"),
        ]),
        at,
    )  # fmt: skip
    take_in(jsonl(tmp_path / "b.jsonl", [order("o1", at, buyer, "10.10", number="other")]), at)
    assert Order.objects.count() == 3
    total = BuyerTotal.objects.get()
    assert (total.orders, total.amount) == (2, Decimal("15.15"))


def test_what_cannot_be_read_waits_in_quarantine_and_can_be_replayed(tmp_path: Path, at: datetime) -> None:
    broken = [*TALK, ("14", "99", "True", "yesterday", "@shop hello", "", "")]
    run = take_in(tweets(tmp_path / "tweets.csv", broken), at)
    assert (run.state, run.rows_new, run.rows_quarantined) == (RunState.DONE, 4, 1)
    item = Item.objects.get(state="quarantined")
    assert b"yesterday" in bytes(item.raw)
    assert "created_at" in item.error_reason
    assert ingest.replay(run.id, actor=SYSTEM) == {"read": 1, "new": 0, "same": 0, "quarantined": 1}
    run.refresh_from_db()
    assert run.rows_quarantined == 1


def test_fields_of_our_own_in_rows_of_people_are_checked_and_spelled_as_from_every_source(
    tmp_path: Path, at: datetime
) -> None:
    make_field("Tier", "choice", options=["Gold", "Silver"])
    make_field("Score", "number")

    def row(id: str, **facts: str) -> dict[str, Any]:
        handles = [{"network": "email", "address": f"{id}@web.example"}]
        told = {f"custom:{name}": value for name, value in facts.items()}
        return {"type": "person", "id": id, "at": at.isoformat(), "handles": handles, "facts": told}

    run = take_in(jsonl(tmp_path / "p.jsonl", [row("1", tier="Gold"), row("2", score="many")]), at)
    assert (run.rows_new, run.rows_quarantined) == (1, 1)
    assert list(Fact.objects.values_list("field", "value")) == [("custom:tier", "gold")]


def test_one_item_that_breaks_a_stage_does_not_stop_the_others(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(batch: Batch) -> Batch:
        from amity.activity.rows import ROWS

        if any(row.external_id == "a7" for row in batch.get(ROWS)):
            raise ValueError("cannot bear a7")
        return batch

    monkeypatch.setattr(ingest, "CORRIDOR", (*CORRIDOR, breaks))
    run = take_in(jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at) for n in range(20)]), at)
    assert (run.state, run.rows_new, run.rows_quarantined) == (RunState.DONE, 19, 1)
    assert "cannot bear a7" in Item.objects.get(state="quarantined").error_reason
    monkeypatch.setattr(ingest, "CORRIDOR", CORRIDOR)
    assert ingest.replay(run.id, actor=SYSTEM)["new"] == 1
    assert Activity.objects.count() == 20


def test_a_fault_of_amity_stops_the_run_and_it_goes_on_later(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(batch: Batch) -> Batch:
        raise ValueError("nothing works today")

    monkeypatch.setattr(ingest, "CORRIDOR", (*CORRIDOR, broken))
    before = fingerprint()
    run = take_in(jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at) for n in range(50)]), at)
    assert run.state == RunState.FAILED
    assert fingerprint() == before
    monkeypatch.setattr(ingest, "CORRIDOR", CORRIDOR)
    imports.requeue_run(run.id, actor=SYSTEM, at=at)
    assert ingest.work_on(run.id).state == RunState.DONE
    assert Activity.objects.count() == 50


def test_a_run_that_was_interrupted_goes_on_after_its_last_whole_batch(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 7)
    run = draft(
        jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at, in_reply_to=[f"a{n - 1}"]) for n in range(40)]), at
    )

    def crash(progress: ImportRun) -> None:
        if progress.rows_read >= 21:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ingest.work_on(run.id, on_progress=crash)
    run.refresh_from_db()
    assert (run.state, run.rows_read) == (RunState.RUNNING, 21)
    done = ingest.work_on(run.id)
    assert (done.state, done.rows_read, done.rows_new) == (RunState.DONE, 40, 40)
    assert len(conversations()) == 1


def test_a_stopped_run_stops_and_can_go_on(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    run = draft(jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at) for n in range(30)]), at)

    def stop(progress: ImportRun) -> None:
        if progress.rows_read == 10:
            imports.stop_run(run.id, actor=SYSTEM, at=at)

    assert ingest.work_on(run.id, on_progress=stop).state == RunState.STOPPED
    assert Activity.objects.count() == 10
    imports.requeue_run(run.id, actor=SYSTEM, at=at)
    assert ingest.work_on(run.id).state == RunState.DONE
    assert Activity.objects.count() == 30


def test_a_run_that_is_stopped_and_sent_on_within_one_batch_goes_on(
    tmp_path: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes for it meanwhile finds it held, and goes away."""
    monkeypatch.setattr(imports, "BATCH_ROWS", 10)
    run = draft(jsonl(tmp_path / "a.jsonl", [message(f"a{n}", at) for n in range(30)]), at)

    def stop_and_go_on(progress: ImportRun) -> None:
        if progress.rows_read == 10:
            imports.stop_run(run.id, actor=SYSTEM, at=at)
            imports.requeue_run(run.id, actor=SYSTEM, at=at)

    assert ingest.work_on(run.id, on_progress=stop_and_go_on).state == RunState.DONE
    assert Activity.objects.count() == 30


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000))
def test_whatever_the_order_of_arrival_the_threads_are_the_same(
    seed: int, tmp_path_factory: pytest.TempPathFactory, at: datetime
) -> None:
    rng = random.Random(seed)
    names: dict[str, list[str]] = {
        f"m{n}": [f"m{rng.randrange(n)}"] if n and rng.random() < 0.7 else [] for n in range(12)
    }
    records: list[dict[str, Any]] = [
        message(id, at + timedelta(minutes=int(id[1:])), in_reply_to=parents) for id, parents in names.items()
    ]
    rng.shuffle(records)
    folder = tmp_path_factory.mktemp("order")
    cut = rng.randrange(13)
    runs = [
        take_in(jsonl(folder / f"{part}.jsonl", some), at, source=f"order-{seed}")
        for part, some in enumerate((records[:cut], records[cut:]))
        if some
    ]
    roots: dict[str, str] = {}
    for id, parents in names.items():
        roots[id] = roots[parents[0]] if parents else id
    expected = {frozenset(id for id in names if roots[id] == root) for root in roots.values()}
    assert {frozenset(ids) for ids in conversations().values()} == expected
    for run in reversed(runs):
        ingest.undo(run.id, actor=SYSTEM)
    assert not conversations()
