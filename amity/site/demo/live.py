"""New activity after the history: what `amity run --live` plays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from heapq import heappop, heappush
from random import Random
from typing import Any

from amity.site.demo import voice
from amity.site.demo.chatter import Customers, Topics, Writer
from amity.site.demo.clock import Office
from amity.site.demo.dice import dice
from amity.site.demo.history import order_record
from amity.site.demo.orders import Order, order_lines
from amity.site.demo.people import Person, population
from amity.site.demo.threads import Thread, message

_PAUSE = (25, 75)  # seconds between two new things; answers come in between
_ORDER_SHARE = 0.22
_FAULT_SHARE = 0.1
_ANGRY_SHARE = 0.08
_ANSWERED_SHARE = 0.35  # the rest waits for whoever watches
_AGAIN_SHARE = 0.3
_QUICK = (90, 900)  # seconds until somebody writes back while one watches


class _Stage:
    """Keeps what is still to come in the order of time."""

    def __init__(self, start: int, rng: Random) -> None:
        self.start = start
        self.rng = rng
        self.coming: list[tuple[int, int, Thread, int]] = []
        self.count = 0

    def code(self) -> str:
        self.count += 1
        return f"live-{self.start}-{self.count}"

    def plan(self, thread: Thread, place: int) -> None:
        heappush(self.coming, (thread.lines[place].at, self.count * 100 + place, thread, place))

    def due(self, until: int) -> Iterator[dict[str, Any]]:
        """The planned messages up to an instant."""
        while self.coming and self.coming[0][0] <= until:
            _, _, thread, place = heappop(self.coming)
            thread.lines[place].code = self.code()
            yield message(thread, place)


def _perform(writer: Writer, rng: Random, topics: Topics, customers: Customers, at: int) -> Thread:
    """One new conversation; some are answered by colleagues within a quarter of an hour and go on."""
    topic, mood, channel = topics.draw(rng, is_angry_day=rng.random() < _ANGRY_SHARE)
    if rng.random() < _FAULT_SHARE:
        topic = rng.choice(("shavings", "serial", "recall"))
        mood, channel = rng.choice(("angry", "unhappy", "neutral")), rng.choice(("post", "email", "direct"))
    writer.begin(topic, mood, channel, customers.draw(rng, channel), at)
    if rng.random() < _ANSWERED_SHARE:
        writer.us(writer.answer())
        writer.at = writer.thread.lines[-1].at = at + rng.randint(*_QUICK)
        if rng.random() < _AGAIN_SHARE:
            again = rng.choice(("followup", "gratitude"))
            writer.customer(writer.say(again), at=writer.at + rng.randint(*_QUICK))
    elif rng.random() < _AGAIN_SHARE and channel == "chat":
        text = voice.reminder(writer.scene, mood, channel, writer.thread.customer.name)
        writer.customer(text, at=at + rng.randint(*_QUICK))
    return writer.thread


def _purchase(rng: Random, buyer: Person, at: int, code: str) -> dict[str, Any]:
    order = Order(at, buyer, order_lines(rng, buyer, is_first=False), "paid", "shop", f"L{code[5:]}", code)
    return order_record(order)


def live(start: datetime, seed: int = 2241) -> Iterator[dict[str, Any]]:
    """Endless plausible records after `start`, about one every 35 seconds of their own time, in time order:
    orders, new messages of known people (a few of them angry), some answers by colleagues and what follows.

    Ids begin with `live-<start>-` and never meet those of the history; replies name ids of this stream only.
    """
    office = Office(start)
    rng = dice(seed, f"live:{office.now}")
    people = [one for one in population(seed).people if one.key[1:].isdigit()]
    buyers = [one for one in people if one.is_buyer]
    customers, topics = Customers(people, []), Topics()
    writer = Writer(rng, office, customers)
    stage = _Stage(office.now, rng)
    at = office.now
    while True:
        at += rng.randint(*_PAUSE)
        yield from stage.due(at)
        if rng.random() < _ORDER_SHARE:
            yield _purchase(rng, rng.choice(buyers), at, stage.code())
            continue
        thread = _perform(writer, rng, topics, customers, at)
        stage.count += 1
        for place in range(len(thread.lines)):
            stage.plan(thread, place)
        yield from stage.due(at)
