"""What always holds for two years of the demo company."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.site.demo import assignments, company, duplicates, promises, records

NOW = datetime(2026, 3, 12, 13, 52, tzinfo=UTC)  # Thursday, 14:52 in the office
Record = dict[str, Any]
MESSAGE_KEYS = {
    *("type", "id", "at", "channel", "direction", "from", "to", "subject", "text", "in_reply_to", "public"),
    *("language", "staff", "facts", "extra"),
}
ORDER_KEYS = {
    *("type", "id", "number", "at", "buyer", "amount", "currency", "status", "items", "lines", "facts"),
}
NETWORKS = {"email", "mastodon", "twitter", "phone", "chat", "community", "customer:shop"}
# Ofcom's and the Bundesnetzagentur's numbers for drama, and the 555 01xx that no Spanish number can be.
FICTIONAL = re.compile(
    r"\+44(7700900|2079460|1632960|1174960)\d{3}|\+49(3023125|6990009|4066969|8999998)\d{3}|\+\d{4,5}55501\d\d"
)


@cache
def history() -> tuple[Record, ...]:
    return tuple(records(NOW))


def of(kind: str) -> list[Record]:
    return [record for record in history() if record["type"] == kind]


def handles_of(record: Record) -> list[Record]:
    if record["type"] == "message":
        return [record["from"], *record["to"]]
    return list(record["buyer"] if record["type"] == "order" else record["handles"])


def digest(found: tuple[Record, ...]) -> str:
    return sha256("\n".join(json.dumps(record) for record in found).encode()).hexdigest()


def clusters() -> dict[tuple[str, str], tuple[str, str]]:
    """The root of every customer's handle when handles of one record belong together."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def root(key: tuple[str, str]) -> tuple[str, str]:
        parent.setdefault(key, key)
        while parent[key] != key:
            key = parent[key]
        return key

    for record in history():
        if record["type"] == "message" and record["direction"] != "in":
            continue
        found = [record["from"]] if record["type"] == "message" else handles_of(record)
        keys = [(one["network"], one["address"]) for one in found]
        for key in keys:
            parent[root(key)] = root(keys[0])
    return {key: root(key) for key in parent}


def test_the_same_now_and_seed_give_the_same_bytes_in_another_process() -> None:
    code = (
        "import sys, json, hashlib; from datetime import datetime; from amity.site.demo import records\n"
        f"found = records(datetime.fromisoformat('{NOW.isoformat()}'))\n"
        "text = '\\n'.join(json.dumps(one) for one in found)\n"
        "print(hashlib.sha256(text.encode()).hexdigest())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == digest(history())


def test_another_seed_gives_other_people_and_words() -> None:
    other = tuple(records(NOW, seed=7))
    assert digest(other) != digest(history())
    assert Counter(one["type"] for one in other)["order"] == pytest.approx(12_000, rel=0.05)


def test_a_record_may_be_changed_by_the_caller() -> None:
    changed = next(one for one in records(NOW) if one["type"] == "message" and one["extra"])
    before = json.dumps(changed)
    changed["extra"]["seen_by"] = "changed"
    assert json.dumps(next(one for one in records(NOW) if one["id"] == changed["id"])) == before


def test_the_history_is_written_in_less_than_five_seconds() -> None:
    start = time.process_time()
    assert sum(1 for _ in records(NOW + timedelta(seconds=1))) > 20_000
    assert time.process_time() - start < 5


def test_it_has_the_size_that_was_asked_for() -> None:
    assert len(of("order")) == pytest.approx(12_000, rel=0.05)
    assert len(of("message")) == pytest.approx(8_600, rel=0.05)
    assert len(set(clusters().values())) == pytest.approx(3_000, rel=0.05)
    assert len(duplicates(NOW)) == pytest.approx(240, rel=0.05)


def test_records_have_exactly_the_keys_of_the_format() -> None:
    keys = {"message": MESSAGE_KEYS, "order": ORDER_KEYS, "person": {"type", "id", "at", "handles", "facts"}}
    for record in history():
        assert set(record) == keys[record["type"]]
        assert {one["network"] for one in handles_of(record)} <= NETWORKS


def test_times_are_ordered_and_none_is_after_now() -> None:
    times = [datetime.fromisoformat(record["at"]) for record in history()]
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert times[-1] <= NOW
    old = [at for at in times if at < NOW - timedelta(days=731)]
    assert len(old) <= 2  # Hannah Vogel bought her first grinder four years ago


def test_ids_are_unique_and_a_reply_names_an_earlier_one() -> None:
    seen: set[str] = set()
    for record in history():
        assert record["id"] not in seen
        for earlier in record.get("in_reply_to", ()):
            assert earlier in seen
        seen.add(record["id"])


def test_an_order_is_worth_the_sum_of_its_lines() -> None:
    numbers = set()
    for order in of("order"):
        assert Decimal(order["amount"]) == sum(Decimal(line["amount"]) for line in order["lines"])
        assert order["items"] == sum(line["quantity"] for line in order["lines"])
        assert order["buyer"][0]["network"] == "customer:shop"
        numbers.add(order["number"])
    assert len(numbers) == len(of("order"))


def test_every_colleague_named_works_here() -> None:
    staff = {one.email for one in company(NOW).staff}
    named = {record["staff"] for record in of("message") if record["staff"]}
    named |= {promise["staff"] for promise in promises(NOW)}
    named |= {one.staff for one in assignments(NOW).values() if one.staff}
    assert named <= staff
    for message in of("message"):
        assert bool(message["staff"]) == (message["direction"] != "in")


def test_all_addresses_lie_in_reserved_name_spaces() -> None:
    for record in history():
        for one in handles_of(record):
            if one["network"] == "email":
                assert one["address"].endswith(".example")
                assert one["address"] == one["address"].lower()
            if one["network"] == "phone":
                assert FICTIONAL.fullmatch(one["address"]), one
            if "@" in one["address"]:
                assert one["address"].endswith(".example")


def test_few_texts_repeat() -> None:
    texts = [message["text"] for message in of("message")]
    assert len(set(texts)) / len(texts) >= 0.85
    assert Counter(texts).most_common(1)[0][1] < 20


def test_no_choice_or_slot_is_left_unfilled() -> None:
    for message in of("message"):
        if "onerror" not in message["text"]:
            assert not re.search(r"[{}\[\]]", message["text"] + message["subject"]), message


def test_three_languages_share_the_talk() -> None:
    counts = Counter(message["language"] for message in of("message"))
    for language in ("en", "de", "es"):
        assert counts[language] > 0.2 * len(of("message"))


def test_conversations_have_one_to_twelve_messages() -> None:
    root: dict[str, str] = {}
    for message in of("message"):
        first = message["in_reply_to"][0] if message["in_reply_to"] else message["id"]
        root[message["id"]] = root.get(first, first)
    lengths = Counter(Counter(root.values()).values())
    assert set(lengths) <= set(range(1, 13))
    assert max(lengths) >= 10
    assert set(root.values()) == set(assignments(NOW))


def test_a_few_buy_very_often_and_half_buy_once() -> None:
    counts = sorted(Counter(order["buyer"][0]["address"] for order in of("order")).values())
    assert 0.4 < sum(1 for count in counts if count == 1) / len(counts) < 0.6
    assert counts[-1] > 80
    assert sum(counts[-len(counts) // 10 :]) > 0.4 * sum(counts)


def test_november_sells_more_than_july() -> None:
    months = Counter(order["at"][5:7] for order in of("order"))
    assert months["11"] > 1.5 * months["07"]


def test_doubles_are_not_tied_together_by_any_record() -> None:
    root = clusters()
    for one, other in duplicates(NOW):
        assert root[one["network"], one["address"]] != root[other["network"], other["address"]]


def test_ugly_data_is_there() -> None:
    names = [person["facts"].get("name", "") for person in of("person")]
    assert any(len(name) >= 300 for name in names)
    assert any(re.search("[\u0600-\u06ff]", name) for name in names)
    assert any(re.search("[\u0590-\u05ff]", name) for name in names)
    texts = [message["text"] for message in of("message")]
    assert any("<img" in text for text in texts)
    assert any(len(text) > 8_000 and text.count("\n>") > 100 for text in texts)
    assert any(not re.search(r"\w", text) for text in texts)


@settings(max_examples=4, deadline=None)
@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001
    st.integers(0, 10**6),
)
def test_the_laws_hold_on_any_day(now: datetime, seed: int) -> None:
    found = tuple(records(now, seed))
    times = [datetime.fromisoformat(record["at"]) for record in found]
    assert times == sorted(times)
    assert times[-1] <= now
    seen: set[str] = set()
    for record in found:
        assert set(record.get("in_reply_to", ())) <= seen
        seen.add(record["id"])
    assert len(seen) == len(found)
    states = list(assignments(now, seed).values())
    assert sum(1 for one in states if one.is_waiting) == 38
    assert Counter(record["type"] for record in found)["order"] == pytest.approx(12_000, rel=0.05)


def test_a_naive_now_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        next(records(datetime(2026, 3, 12)))  # noqa: DTZ001
