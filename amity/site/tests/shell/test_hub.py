"""The hub: who is told what, without a socket."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.live import Announcement
from amity.site.stream.hub import MOST_PENDING, REMEMBERED, Client, Hub, Listener, TooManyListeners

SECRET = "0195a3b4-0000-7000-8000-000000000001"


def listener(staff_id: UUID | None = None, *hidden: str, key: str = "s") -> Listener:
    return Listener(key, staff_id or uuid4(), frozenset(hidden))


def join(hub: Hub, who: Listener | None = None, last: str = "", at: float = 100.0) -> Client:
    return hub.join(who or listener(), last_event_id=last, at_seconds=at)


def taken(hub: Hub, client: Client) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    for frame in client.take(hub.boot):
        lines = dict(line.split(": ", 1) for line in frame.decode().strip().splitlines())
        fields = json.loads(lines["data"])
        events.append((lines["event"], fields.get("topic", "") + fields.get("id", "")))
    return events


def test_everybody_is_told_what_they_may_hear() -> None:
    hub = Hub()
    one, two = join(hub), join(hub, listener(None, SECRET))
    hub.publish(Announcement("inbox", "1", SECRET), at_seconds=100)
    hub.publish(Announcement("inbox", "2"), at_seconds=100)
    assert taken(hub, one) == [("change", "inbox1"), ("change", "inbox2")]
    assert taken(hub, two) == [("change", "inbox2")]
    assert taken(hub, one) == []


def test_access_that_changed_in_between_holds_for_what_waits() -> None:
    hub = Hub()
    client = join(hub)
    hub.publish(Announcement("inbox", "1", SECRET), at_seconds=100)
    client.listener = listener(client.listener.staff_id, SECRET)
    assert taken(hub, client) == []


def test_the_same_change_waits_once() -> None:
    hub = Hub()
    client = join(hub)
    for _ in range(500):
        hub.publish(Announcement("inbox"), at_seconds=100)
    assert taken(hub, client) == [("change", "inbox")]


def test_a_slow_client_is_told_to_ask_again_and_holds_no_more_than_its_share() -> None:
    hub = Hub()
    client = join(hub)
    for number in range(MOST_PENDING + 1):
        hub.publish(Announcement("person", str(number)), at_seconds=100)
    assert len(client.pending) <= MOST_PENDING
    assert taken(hub, client) == [("resync", "")]


def test_who_comes_back_hears_what_they_missed() -> None:
    hub = Hub()
    first = join(hub)
    hub.publish(Announcement("inbox", "1"), at_seconds=10)
    last_id = first.take(hub.boot)[0].decode().splitlines()[0].removeprefix("id: ")
    hub.leave(first)
    hub.publish(Announcement("inbox", "2"), at_seconds=11)
    assert taken(hub, join(hub, last=last_id)) == [("change", "inbox2")]


@pytest.mark.parametrize("last", ["other-1", "nonsense", "{boot}-99", "{boot}-x", "{boot}-²"])
def test_who_comes_back_from_too_long_ago_asks_again(last: str) -> None:
    hub = Hub()
    assert taken(hub, join(hub, last=last.format(boot=hub.boot))) == [("resync", "")]


def test_what_is_no_longer_remembered_is_a_resync() -> None:
    hub = Hub()
    for number in range(REMEMBERED + 5):
        hub.publish(Announcement("person", str(number)), at_seconds=1)
    assert taken(hub, join(hub, last=f"{hub.boot}-1")) == [("resync", "")]


def test_a_new_page_hears_what_happened_while_it_was_drawn() -> None:
    hub = Hub()
    hub.publish(Announcement("inbox", "old"), at_seconds=50)
    hub.publish(Announcement("inbox", "new"), at_seconds=98)
    assert taken(hub, join(hub, at=100)) == [("change", "inboxnew")]


def test_one_person_has_six_streams_at_most_and_all_have_a_limit() -> None:
    hub, staff_id = Hub(most=8), uuid4()
    clients = [join(hub, listener(staff_id)) for _ in range(6)]
    with pytest.raises(TooManyListeners) as refused:
        join(hub, listener(staff_id))
    assert refused.value.of_one_person
    hub.leave(clients[0])
    hub.leave(clients[0])
    join(hub, listener(staff_id))
    join(hub)
    join(hub)
    with pytest.raises(TooManyListeners) as refused:
        join(hub)
    assert not refused.value.of_one_person


def test_a_session_that_ended_is_sent_away_and_others_stay() -> None:
    hub = Hub()
    gone, stays = join(hub, listener(key="a")), join(hub, listener(key="b"))
    unasked = join(hub, listener(key="c"))
    hub.recheck({"a", "b"}, [stays.listener])
    assert taken(hub, gone) == [("bye", "")]
    assert gone.is_over
    assert not stays.is_over
    assert not unasked.is_over


def test_when_the_process_ends_nobody_is_told_to_stay_away() -> None:
    hub = Hub()
    client = join(hub)
    hub.publish(Announcement("inbox", "1"), at_seconds=100)
    hub.close()
    assert taken(hub, client) == [("change", "inbox1")]
    assert client.is_over


def test_who_may_see_more_or_less_than_before_asks_again() -> None:
    hub = Hub()
    client = join(hub, listener(key="a"))
    hub.recheck({"a"}, [Listener("a", client.listener.staff_id, frozenset({SECRET}))])
    assert taken(hub, client) == [("resync", "")]
    hub.publish(Announcement("inbox", "1", SECRET), at_seconds=100)
    assert taken(hub, client) == []


def test_when_the_line_was_down_everybody_asks_again() -> None:
    hub = Hub()
    client = join(hub)
    hub.publish(Announcement("inbox", "1"), at_seconds=100)
    hub.resync()
    assert taken(hub, client) == [("resync", "")]


SOURCES = st.sampled_from(["", "a", "b", "c"])


@given(st.frozensets(st.sampled_from("abc")), st.lists(st.tuples(st.integers(0, 9), SOURCES), max_size=60))
def test_hidden_sources_change_nothing_in_what_is_heard(
    hidden: frozenset[str], told: list[tuple[int, str]]
) -> None:
    def heard(announcements: list[tuple[int, str]]) -> list[tuple[str, str]]:
        hub = Hub()
        client = join(hub, Listener("s", uuid4(), hidden))
        for number, source in announcements:
            hub.publish(Announcement("t", f"{number}{source}", source), at_seconds=100)
        return taken(hub, client)

    assert heard(told) == heard([entry for entry in told if entry[1] not in hidden])
