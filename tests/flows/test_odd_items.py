"""Items that no honest system would write: each costs itself at most, never the import."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from amity.activity.models import Activity
from amity.activity.partitions import ensure_months
from amity.channels.models import Item, RunState
from amity.commerce.models import Order
from amity.conversations import services
from amity.conversations.models import Conversation
from amity.people.models import Identity
from tests.flows.stories import colleague, jsonl, message, order, take_in

pytestmark = pytest.mark.django_db


def noise(length: int) -> str:
    """Text that no compression makes short."""
    rng = random.Random(length)
    return "".join(rng.choice("abcdefghijklmnopqrstuvwxyz0123456789") for _ in range(length))


def words(length: int) -> str:
    rng = random.Random(length)
    return " ".join(f"{rng.getrandbits(60):x}" for _ in range(length // 16))


def taken_among_good_ones(tmp_path: Path, at: datetime, *odd: dict[str, Any]) -> tuple[int, list[str]]:
    """Import odd items between two good ones; how many were not taken, and why."""
    good = [message("good-1", at), message("good-2", at)]
    run = take_in(jsonl(tmp_path / "odd.jsonl", [good[0], *odd, good[1]]), at)
    assert run.state == RunState.DONE, run.error
    assert Activity.objects.filter(external_id__startswith="good").count() == 2
    return run.rows_quarantined, list(
        Item.objects.filter(state="quarantined").values_list("error_code", flat=True)
    )


def test_two_addresses_that_differ_behind_the_limit_do_not_stop_an_import(
    tmp_path: Path, at: datetime
) -> None:
    handle = "x" * 400
    odd = [
        message(f"odd-{end}", at) | {"from": {"network": "mastodon", "address": handle + end}} for end in "ab"
    ]
    assert taken_among_good_ones(tmp_path, at, *odd) == (2, ["too_long", "too_long"])
    assert not Identity.objects.filter(network="mastodon").exists()


def test_names_that_no_index_can_hold_are_refused(tmp_path: Path, at: datetime) -> None:
    assert taken_among_good_ones(tmp_path, at, message(noise(9_000), at)) == (1, ["too_long"])


def test_an_answer_to_a_name_that_no_index_can_hold_begins_a_thread(tmp_path: Path, at: datetime) -> None:
    assert taken_among_good_ones(tmp_path, at, message("odd", at, in_reply_to=[noise(9_000)])) == (0, [])


def test_a_text_of_two_megabytes_is_taken_whole(tmp_path: Path, at: datetime) -> None:
    text = words(2_000_000)
    assert taken_among_good_ones(tmp_path, at, message("odd", at, text=text)) == (0, [])
    kept = Activity.objects.get(external_id="odd")
    assert kept.full_text == text
    assert text.startswith(kept.text)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00"])
def test_times_that_no_zone_can_show_are_refused(tmp_path: Path, at: datetime, when: str) -> None:
    odd = message("odd", at) | {"at": when}
    assert taken_among_good_ones(tmp_path, at, odd) == (1, ["date"])


def test_an_export_with_many_impossible_amounts_is_taken_without_them(tmp_path: Path, at: datetime) -> None:
    odd = [order(f"o{n}", at, [("customer:shop", "77")], "99999999999999") for n in range(60)]
    refused, codes = taken_among_good_ones(tmp_path, at, *odd)
    assert (refused, set(codes)) == (60, {"amount"})
    assert not Order.objects.exists()


def test_numbers_of_items_that_no_column_holds_are_refused(tmp_path: Path, at: datetime) -> None:
    odd = order("o1", at, [("customer:shop", "77")], "1", items=99_999_999_999)
    assert taken_among_good_ones(tmp_path, at, odd) == (1, ["amount"])


def test_long_words_of_other_systems_are_cut(tmp_path: Path, at: datetime) -> None:
    odd = [
        message(f"odd-{n}", at, channel="a channel with a very long name " * 3, language="x" * 90)
        for n in range(30)
    ]
    assert taken_among_good_ones(tmp_path, at, *odd) == (0, [])


def test_characters_that_no_database_holds_are_left_out(tmp_path: Path, at: datetime) -> None:
    odd = message(
        "odd", at, text="a\x00b", extra={"k\x00": ["\x00", {"deep": "\x00"}]}, facts={"city": "\x00"}
    )
    path = jsonl(tmp_path / "odd.jsonl", [odd])
    path.write_text(path.read_text().replace("Message", "\\ud800"), encoding="utf-8")
    assert take_in(path, at).rows_quarantined == 0
    assert Activity.objects.get().text == "ab"


def test_a_message_from_the_future_does_not_close_its_month(tmp_path: Path, at: datetime) -> None:
    later = timezone.now().replace(day=15) + timedelta(days=31 * 5)
    take_in(jsonl(tmp_path / "early.jsonl", [message("early", later)]), at)
    ensure_months([later], later)
    take_in(jsonl(tmp_path / "late.jsonl", [message("answer", later, in_reply_to=["early"])]), at)
    assert Activity.objects.filter(occurred_at__gte=later - timedelta(days=1)).count() == 2
    services.reply(Conversation.objects.get().id, actor=colleague().actor(), at=later, text="We do.")
    assert Activity.objects.count() == 3
