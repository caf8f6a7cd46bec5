"""What the pictures of the product show is in the demo company's data."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from statistics import median
from typing import Any

from amity.site.demo import assignments, company, live, promises, records
from amity.site.demo.fault import TOPICS
from amity.site.demo.history import history

NOW = datetime(2026, 3, 12, 13, 52, tzinfo=UTC)
Record = dict[str, Any]


@cache
def messages() -> tuple[Record, ...]:
    return tuple(record for record in records(NOW) if record["type"] == "message")


def last_words(name: str) -> Record:
    return [m for m in messages() if m["direction"] == "in" and m["from"]["name"] == name][-1]


def minutes_waiting(name: str) -> int:
    return round((NOW - datetime.fromisoformat(last_words(name)["at"])).total_seconds() / 60)


def thread_of(message: Record) -> list[Record]:
    """The conversation of a message, by following what it answers."""
    root: dict[str, str] = {}
    for one in messages():
        first = one["in_reply_to"][0] if one["in_reply_to"] else one["id"]
        root[one["id"]] = root.get(first, first)
    return [one for one in messages() if root[one["id"]] == root[message["id"]]]


def test_the_people_of_the_inbox_wait_as_long_as_in_the_picture() -> None:
    expected = {
        "Hannah Vogel": 14,
        "Tomás Arrieta": 112,
        "Café Lindero": 38,
        "Beth Calloway": 125,
        "Lukas Reinhardt": 242,
        "Jørn Aas": 404,
        "Priscilla Dunmore": 320,
        "Ruairi Quinn": 190,
        "Noor Haddad": 211,
    }
    assert {name: minutes_waiting(name) for name in expected} == expected


def test_hannahs_conversation_moves_over_the_channels_of_the_picture() -> None:
    thread = thread_of(last_words("Hannah Vogel"))
    steps = [(one["channel"], one["direction"]) for one in thread]
    assert steps == [
        ("post", "in"),
        ("post", "out"),
        ("direct", "out"),
        ("direct", "in"),
        ("direct", "out"),
        ("direct", "in"),
        ("email", "in"),
        ("email", "internal"),
        ("email", "out"),
        ("email", "in"),
    ]
    assert [one["at"][11:16] for one in thread][:2] == ["08:52", "09:20"]
    assert thread[-2]["at"][11:16] == "10:48"
    assert "@Priya" in thread[-3]["text"]
    assert sum(1 for line in thread[-1]["text"].split("\n") if line.startswith(">")) == 24


def test_hannahs_figures_are_those_of_the_picture() -> None:
    said = [m for m in messages() if m["from"]["name"] == "Hannah Vogel"]
    ours = [m for m in messages() if any(to["name"] == "Hannah Vogel" for to in m["to"])]
    assert (len(said), len(ours) + 1) == (41, 23)  # and the note of Jonas
    orders = [r for r in records(NOW) if r["type"] == "order" and r["facts"]["name"] == "Hannah Vogel"]
    assert [order["number"] for order in orders] == ["12210", "19877", "20418"]
    assert sum(float(order["amount"]) for order in orders) == 1212.8
    hers = [one for one in promises(NOW) if one["handle"]["name"] == "Hannah Vogel"]
    settled = [one for one in hers if one["due_at"] < "2026-03-12"]
    assert (sum(1 for one in settled if one["kept_at"]), len(settled)) == (7, 8)


def test_thirty_eight_wait_six_for_ines_nine_for_nobody() -> None:
    waiting = [one for one in assignments(NOW).values() if one.is_waiting]
    assert len(waiting) == 38
    assert sum(1 for one in waiting if one.staff == "ines@tamp.example") == 6
    assert sum(1 for one in waiting if one.staff is None) == 9
    assert sum(1 for one in waiting if one.approver) == 3


def test_a_conversation_waits_when_the_customer_had_the_last_word_and_it_is_open() -> None:
    told = history(NOW, 2241)
    states = assignments(NOW)
    for thread in told.threads:
        state = states[thread.lines[0].code]
        customer_had_the_last_word = thread.spoken()[-1].is_inbound
        assert state.is_waiting == (customer_had_the_last_word and not state.is_closed)
        assert state.snoozed_until is None or state.snoozed_until > NOW


def test_the_fault_grows_to_thirty_one_posts_today() -> None:
    told = history(NOW, 2241)
    days: Counter[int] = Counter()
    for thread in told.threads:
        if thread.topic in TOPICS | {"burrtalk"}:
            for line in thread.lines:
                if line.is_inbound and line.channel in ("post", "community"):
                    days[told.office.days_ago(line.at)] += 1
    assert [days[day] for day in range(4)] == [31, 26, 19, 14]
    normal = [days[day] for day in range(11, 60)]
    assert 2 <= sum(normal) / len(normal) <= 3


def test_nobody_with_a_burr_of_the_batch_is_told_to_go_on() -> None:
    fine = (
        "is not in the batch",
        "from another batch",
        "gehört nicht dazu",
        "anderen Charge",
        "no está en el lote",
    )
    told_so = [m for m in messages() if m["direction"] == "out" and any(word in m["text"] for word in fine)]
    assert told_so
    assert not [m["text"] for m in told_so if "2241-" in m["text"]]


def test_answers_in_public_get_quicker_and_slow_down_in_the_crisis() -> None:
    told = history(NOW, 2241)
    delays: dict[str, list[int]] = {"first year": [], "last quarter": [], "crisis": []}
    for thread in told.threads:
        first = thread.lines[0]
        answer = next((line for line in thread.lines if line.staff and not line.is_note), None)
        if answer is None or first.channel != "post":
            continue
        days = told.office.days_ago(first.at)
        period = "first year" if days > 365 else "crisis" if days < 3 else "last quarter" if days < 90 else ""
        if period:
            delays[period].append(answer.at - first.at)
    first_year, quarter, crisis = (median(delays[period]) for period in delays)
    assert first_year > 2 * quarter
    assert crisis > 1.4 * quarter


def test_most_promises_are_kept_and_some_are_due_today_and_tomorrow() -> None:
    found = promises(NOW)
    due = [(datetime.fromisoformat(one["due_at"]), one) for one in found]
    past = [one for at, one in due if at <= NOW]
    kept = [one for one in past if one["kept_at"] and one["kept_at"] <= one["due_at"]]
    assert 0.8 < len(kept) / len(past) < 0.95
    today = [one for at, one in due if NOW < at <= NOW + timedelta(hours=9)]
    tomorrow = [one for at, one in due if NOW + timedelta(hours=9) < at <= NOW + timedelta(hours=33)]
    assert len(today) >= 3
    assert tomorrow
    ids = {message["id"] for message in messages()}
    assert all(one["message"] in ids and one["thread"] in assignments(NOW) for one in found)


def test_the_company_has_the_staff_and_products_of_the_pictures() -> None:
    found = company(NOW)
    assert found.name == "Tamp & Co"
    names = {one.name for one in found.staff}
    assert {"Ines Okafor", "Jonas Brandt", "Maite Ruiz", "Priya Nair", "Owen Falk"} <= names
    roles = {one.role for one in found.staff}
    assert roles == {
        *("owner", "administrator", "agent", "sales", "marketer", "community_manager", "pr", "legal"),
        *("analyst", "partner"),
    }
    assert any(one.name == "Kestrel, steel" for one in found.products)
    assert sorted(email for team in found.teams for email in team.members) == sorted(
        one.email for one in found.staff
    )
    assert "Café Lindero" in found.organisations


def test_live_goes_on_in_time_order_with_new_ids() -> None:
    found = list(islice(live(NOW), 1_500))
    assert found == list(islice(live(NOW), 1_500))
    times = [datetime.fromisoformat(record["at"]) for record in found]
    assert times == sorted(times)
    assert times[0] > NOW
    assert 20 <= (times[-1] - times[0]).total_seconds() / len(times) <= 60
    seen: set[str] = set()
    for record in found:
        assert set(record.get("in_reply_to", ())) <= seen
        seen.add(record["id"])
    assert len(seen) == len(found)
    assert not seen & {record["id"] for record in records(NOW)}
    known = {
        (one["network"], one["address"])
        for record in records(NOW)
        for one in record.get("handles", record.get("buyer", [record.get("from")]))
    }
    writers = [record["from"] for record in found if record.get("direction") == "in"]
    assert sum((one["network"], one["address"]) in known for one in writers) > 0.9 * len(writers)
