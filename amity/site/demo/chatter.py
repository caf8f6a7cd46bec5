"""Ordinary conversations over two years: who writes about what, where, in which mood, and how it goes on."""

from __future__ import annotations

import re
from itertools import accumulate
from random import Random
from typing import Any

from amity.site.demo import voice
from amity.site.demo.clock import DAY, Office
from amity.site.demo.company import Colleague
from amity.site.demo.dice import dice
from amity.site.demo.grammar import Scene, load
from amity.site.demo.orders import SPAN_DAYS, Calendar, Order
from amity.site.demo.people import Person
from amity.site.demo.threads import (
    Line,
    Thread,
    answer_delay,
    colleague_for,
    customer_delay,
    speaks_with,
)

_DURATION = re.compile(r"Voicemail, (\d+):(\d\d)")
CHANNELS = ("email", "post", "direct", "chat", "review", "call", "community")
_ANSWERED = {"review": 0.45, "post": 0.86, "community": 0.55}
_NOTE_SHARE = 0.1
LONGEST = 12  # messages in a conversation


class Customers:
    """Finds somebody to speak: people who bought more have more to say."""

    def __init__(self, people: list[Person], orders: list[Order], helpers: tuple[Person, ...] = ()) -> None:
        self.helpers = helpers
        bought: dict[str, list[Order]] = {}
        for order in orders:
            bought.setdefault(order.buyer.key, []).append(order)
        self.bought = bought
        self._pools: dict[tuple[str, str], tuple[list[Person], list[float]]] = {}
        for channel in CHANNELS:
            for language in ("", "en", "de", "es"):
                pool = [p for p in people if speaks_with(p, channel) and language in ("", p.language)]
                weights = [1.0 + min(8, len(bought.get(p.key, ()))) ** 0.7 for p in pool]
                self._pools[channel, language] = (pool, list(accumulate(weights)))

    def pool(self, channel: str, language: str = "") -> tuple[list[Person], list[float]]:
        """Everybody who can speak there, and their cumulative weights."""
        return self._pools[channel, language]

    def draw(self, rng: Random, channel: str, language: str = "") -> Person:
        pool, weights = self._pools[channel, language]
        return rng.choices(pool, cum_weights=weights)[0]

    def peer(self, rng: Random, language: str) -> Person:
        """Somebody who answers in the community: a quarter of the answers come from a known helper."""
        known = [one for one in self.helpers if one.language == language]
        if known and rng.random() < 0.25:
            return rng.choice(known)
        return self.draw(rng, "community", language)

    def last_order(self, person: Person, at: int) -> Order | None:
        earlier = [order for order in self.bought.get(person.key, ()) if order.at <= at]
        return earlier[-1] if earlier else None


class Writer:
    """Writes one conversation, line by line, the clock moving on with each."""

    def __init__(self, rng: Random, office: Office, customers: Customers) -> None:
        self.rng = rng
        self.office = office
        self.customers = customers

    def begin(self, topic: str, mood: str, channel: str, person: Person, at: int) -> None:
        """The customer's first message."""
        facts = {"given": person.given, "name": person.name, "city": person.city}
        order = self.customers.last_order(person, at)
        if order:
            facts["number"] = order.number
            facts["amount"] = str(int(order.amount))
        self.scene = Scene(self.rng, person.language, {key: value for key, value in facts.items() if value})
        self.staff = colleague_for(self.rng, person.language, topic, channel)
        self._staff_facts(self.staff)
        self.thread = Thread(topic, mood, person)
        self.channel = channel
        self.at = at
        subject = channel in ("email", "community", "review")
        self.subject = self.scene.about(topic, "subject") if subject else ""
        text = voice.opening(self.scene, topic, mood, channel, person.name)
        self._add(Line(at, channel, text, person, subject=self.subject, extra=self._measured(mood, text)))

    def _staff_facts(self, colleague: Colleague) -> None:
        others = [name for name in ("Jonas", "Owen", "Maite", "Ines", "Lena") if name != colleague.given]
        self.scene.facts |= {"staff": colleague.given, "staff_name": colleague.name}
        self.scene.facts["colleague"] = self.rng.choice(others)
        self.scene.facts["workshop"] = "Marek" if colleague.key == "jonas" else "Jonas"

    def _measured(self, mood: str, text: str) -> dict[str, Any]:
        if self.channel == "review":
            stars = {"pleased": (4, 5, 5), "neutral": (3, 4), "unhappy": (2, 3), "angry": (1, 1, 2)}
            return {"rating": self.rng.choice(stars[mood])}
        if self.channel == "post":
            return {"seen_by": int(20 * self.rng.paretovariate(0.9)) % 4_000 + 5}
        spoken = _DURATION.match(text)
        return {"duration_seconds": int(spoken[1]) * 60 + int(spoken[2])} if spoken else {}

    def _add(self, line: Line) -> None:
        line.language = self.scene.language
        self.thread.lines.append(line)

    def _again(self) -> str:
        if self.channel != "email" or not self.subject:
            return ""
        prefix = "AW: " if self.scene.language == "de" else "Re: "
        return prefix + self.subject

    def customer(self, text: str, *, at: int | None = None) -> None:
        """The customer writes once more."""
        self.at = at if at is not None else self.at + customer_delay(self.rng, self.channel)
        if self.channel == "call" and "email" in self.thread.customer.handles:
            self.channel, self.subject = "email", self.scene.about(self.thread.topic, "subject")
        self._quote_and_add(text)

    def _quote_and_add(self, text: str) -> None:
        earlier = self.thread.lines[-1]
        if self.channel == earlier.channel == "email" and not earlier.is_note and self.rng.random() < 0.3:
            text += voice.quoted(self.scene, earlier.text.split("\n> ")[0])
        self._add(Line(self.at, self.channel, text, self.thread.customer, subject=self._again()))

    def us(self, text: str) -> None:
        """A colleague answers, in the time that it takes."""
        self.at += answer_delay(self.rng, self.office, self.at, self.channel)
        self._add(Line(self.at, self.channel, text, staff=self.staff, subject=self._again()))

    def note(self, topic: str) -> None:
        self.at += self.rng.randint(60, 1_500)
        text = voice.note(self.scene, topic)
        self._add(Line(self.at, self.channel, text, staff=self.staff, is_note=True))

    def peers(self, topic: str) -> None:
        """Other customers answer in the community, mostly before we do."""
        for _ in range(self.rng.choices((0, 1, 2, 3), (22, 45, 23, 10))[0]):
            peer = self.customers.peer(self.rng, self.thread.customer.language)
            if peer is self.thread.customer:
                continue
            self.at += customer_delay(self.rng, "community")
            helped = self.rng.random() < 0.4
            extra = {"accepted": True, "helpful": self.rng.randint(1, 40)} if helped else {}
            text = voice.peer(self.scene, topic)
            self._add(Line(self.at, "community", text, peer, extra=extra, answers=0))

    def answer(self) -> str:
        return voice.answer(self.scene, self.thread.topic, self.channel)

    def say(self, how: str) -> str:
        """The customer's words for `followup`, `gratitude` or `reminder`, here and in this mood."""
        thread, name = self.thread, self.thread.customer.name
        if how == "followup":
            return voice.followup(self.scene, thread.topic, thread.mood, self.channel, name)
        if how == "reminder":
            return voice.reminder(self.scene, thread.mood, self.channel, name)
        return voice.gratitude(self.scene, self.channel, name)

    def go_on(self) -> None:
        """Our answer and everything after it."""
        rng, topic = self.rng, self.thread.topic
        if self.channel == "community" and "peer" in self.scene.bank[topic]:
            self.peers(topic)
        if rng.random() > _ANSWERED.get(self.channel, 0.985):
            return
        if topic != "praise" and self.channel in ("email", "direct", "call") and rng.random() < 0.07:
            self.customer(self.say("reminder"), at=self.at + int(rng.uniform(1.2, 4) * DAY))
            self.us(voice.apology(self.scene, self.channel))
        if rng.random() < _NOTE_SHARE:
            self.note(topic)
        self.us(self.answer())
        self._further()

    def _further(self) -> None:
        rng, person = self.rng, self.thread.customer
        if self.channel == "review" or rng.random() < 0.3:
            return
        if self.channel == "post" and rng.random() < 0.4:
            self.channel = "direct"
        rounds = rng.choices((0, 1, 2, 3, 4), (52, 27, 13, 6, 2))[0]
        if self.thread.topic in ("praise", "review_good"):
            rounds = min(rounds, 1)
        for _ in range(rounds):
            if len(self.thread.lines) > LONGEST - 4:
                return
            if self.channel == "direct" and "email" in person.handles and rng.random() < 0.15:
                self.channel, self.subject = "email", self.scene.about(self.thread.topic, "subject")
            self.customer(self.say("followup"))
            if rng.random() < _NOTE_SHARE:
                self.note(self.thread.topic)
            self.us(self.answer())
        if rng.random() < 0.62:
            self.customer(self.say("gratitude"))
            if rng.random() < 0.25:
                self.us(self.scene.common("welcome"))


class Topics:
    """Draws situation, channel and mood; on an angry day what hurts comes up more."""

    def __init__(self) -> None:
        self.table: dict[str, Any] = load("situations")
        self.names = list(self.table)

    def draw(self, rng: Random, is_angry_day: bool) -> tuple[str, str, str]:
        weights = [row["weight"] * (row["bias"] if is_angry_day else 1) for row in self.table.values()]
        topic = rng.choices(self.names, weights)[0]
        row = self.table[topic]
        channel = rng.choices(CHANNELS, row["channels"])[0]
        moods = list(row["mood"])
        if is_angry_day:
            moods[3] *= 3
        return topic, rng.choices(voice.MOODS, moods)[0], channel


def angry_days(seed: int) -> frozenset[int]:
    """Nine days (counted back from today) on which much went wrong: strikes, a broken shop, a bad parcel run."""
    rng = dice(seed, "angry")
    return frozenset(rng.sample(range(20, SPAN_DAYS - 20), 9))


def chatter(office: Office, seed: int, customers: Customers, wanted: int) -> list[Thread]:
    """Ordinary conversations with about `wanted` messages in all, finished or answered, none waiting."""
    rng = dice(seed, "chatter")
    calendar, topics, angry = Calendar(office), Topics(), angry_days(seed)
    writer = Writer(rng, office, customers)
    threads: list[Thread] = []
    written = 0
    while written < wanted:
        on_angry_day = rng.random() < 0.05
        day = rng.choice(sorted(angry)) if on_angry_day else 0
        at = calendar.moment(rng, cafe=rng.random() < 0.6, **_window(day))
        topic, mood, channel = topics.draw(rng, office.days_ago(at) in angry)
        person = customers.draw(rng, channel)
        writer.begin(topic, mood, channel, person, at)
        writer.go_on()
        thread = settle(writer.thread, writer.staff, office)
        if thread:
            threads.append(thread)
            written += len(thread.lines)
    return threads


def _window(day: int) -> dict[str, int]:
    return {"oldest": day, "newest": day} if day else {}


def settle(thread: Thread, colleague: Colleague, office: Office) -> Thread | None:
    """Cuts a conversation at the present. If the customer would be waiting, the last of their lines that we
    had not answered go; None when nothing is left that we have answered."""
    past = [line for line in thread.lines if line.at <= office.now]
    was_cut = len(past) < len(thread.lines)
    if was_cut:
        while past and (past[-1].is_inbound or past[-1].is_note):
            past.pop()
    if not past:
        return None
    thread.lines = past
    thread.assignee = colleague.key
    fresh = office.now - past[-1].at < 2 * DAY
    thread.state = "answered" if fresh and not thread.spoken()[-1].is_inbound else "closed"
    return thread
