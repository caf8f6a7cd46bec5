"""Burr batch 2241: talk about burrs as always, then metal shavings, then a small crisis."""

from __future__ import annotations

from amity.site.demo.chatter import Customers, Writer, settle
from amity.site.demo.clock import DAY, HOUR, MINUTE, Office
from amity.site.demo.dice import dice
from amity.site.demo.orders import SPAN_DAYS
from amity.site.demo.people import Person
from amity.site.demo.threads import PUBLIC, Thread

TOPICS = frozenset({"shavings", "serial", "recall", "press"})
# Public posts about burrs, by days before today. Before that, two or three a day.
POSTS = {0: 31, 1: 26, 2: 19, 3: 14, 4: 5, 5: 4, 6: 5, 7: 3, 8: 4, 9: 3, 10: 3}
_FAULT_SHARE = {4: 4, 5: 3, 6: 3, 7: 2, 8: 2, 9: 1, 10: 1}
NORMAL_DAYS = 60  # before these, fewer people had a Kestrel
OWNERS = 16  # with four who are scripted and three who wait, 23 customers speak about it in public
_PRIVATE = 46
_MOODS = ("angry", "unhappy", "neutral")
_MOOD_WEIGHTS = (45, 35, 20)


def is_public_fault(thread: Thread) -> bool:
    return thread.topic in TOPICS or thread.topic == "burrtalk"


def posts_today(office: Office) -> int:
    """31, or fewer early in the morning, when a day's posts cannot have come yet."""
    elapsed = office.second_of_day(office.now) / (7.5 * HOUR)
    return POSTS[0] if elapsed >= 1 else max(1, round(POSTS[0] * elapsed))


def _already(office: Office, scripted: list[Thread]) -> dict[int, int]:
    """How many public posts of a day are in the scripted conversations."""
    counts: dict[int, int] = {}
    for thread in scripted:
        if is_public_fault(thread):
            for line in thread.lines:
                if line.is_inbound and line.channel in PUBLIC:
                    day = office.days_ago(line.at)
                    counts[day] = counts.get(day, 0) + 1
    return counts


class Crisis:
    """Writes the conversations of the last days."""

    def __init__(self, office: Office, seed: int, customers: Customers) -> None:
        self.rng = dice(seed, "fault")
        self.office = office
        self.customers = customers
        self.writer = Writer(self.rng, office, customers)
        self.owners = self._kestrel_owners()
        self.everybody, _ = customers.pool("post")
        self.outsiders = [one for one in self.everybody if not one.is_buyer]

    def _kestrel_owners(self) -> list[Person]:
        """Owners of a young Kestrel who post; `OWNERS` of them."""
        pool, _ = self.customers.pool("post")
        recent = [p for p in pool if self._bought_kestrel(p, 150)]
        older = [p for p in pool if p not in recent and self._bought_kestrel(p, 800)]
        return (self.rng.sample(recent, len(recent)) + older)[:OWNERS]

    def _bought_kestrel(self, person: Person, within_days: int) -> bool:
        oldest = self.office.now - within_days * DAY
        return any(o.has_kestrel and o.at >= oldest for o in self.customers.bought.get(person.key, ()))

    def _moment(self, days_ago: int) -> int:
        """A time on that day; today before now, and mostly by daylight."""
        start = self.office.start(days_ago)
        opens, closes = start + 6 * HOUR, start + 23 * HOUR
        if days_ago == 0:
            closes = self.office.now - 3 * MINUTE
            opens = min(opens, closes - HOUR) if closes - HOUR > start else start
        return self.rng.randint(opens, max(opens, closes))

    def post(self, days_ago: int, topic: str, owner: Person | None) -> Thread:
        """One public post, our answer if there was time for one, and what follows in private."""
        person = owner or self.rng.choice(self.outsiders if topic in TOPICS else self.everybody)
        mood = "neutral" if topic == "burrtalk" else self.rng.choices(_MOODS, _MOOD_WEIGHTS)[0]
        return self._write(topic, mood, "post", person, self._moment(days_ago))

    def _write(self, topic: str, mood: str, channel: str, person: Person, at: int) -> Thread:
        writer, rng = self.writer, self.rng
        writer.begin(topic, mood, channel, person, at)
        root = writer.thread.lines[0]
        if rng.random() < (0.4 if topic == "burrtalk" else 0.85):
            writer.us(writer.answer())
            if channel == "post":
                writer.channel = "direct"
            if topic != "burrtalk" and rng.random() < 0.35:
                writer.note(topic)
            for _ in range(rng.choices((0, 1, 2), (50, 35, 15))[0] if topic != "burrtalk" else 0):
                writer.customer(writer.say("followup"))
                writer.us(writer.answer())
        thread = settle(writer.thread, writer.staff, self.office)
        if thread is None:
            thread = writer.thread
            thread.lines, thread.state, thread.assignee = [root], "closed", writer.staff.key
        return thread

    def _day(self, days_ago: int, wanted: int) -> list[Thread]:
        threads = []
        faulty = _FAULT_SHARE.get(days_ago, wanted if days_ago < 4 else 0)
        for place in range(wanted):
            if place >= faulty:
                threads.append(self.post(days_ago, "burrtalk", None))
            elif self.rng.random() < 0.5:
                threads.append(self.post(days_ago, "shavings", self.rng.choice(self.owners)))
            else:
                topic = self.rng.choices(("recall", "serial"), (62, 38))[0]
                threads.append(self.post(days_ago, topic, None))
        return threads

    def _privately(self) -> list[Thread]:
        """Mails, chats and calls about it in the last ten days."""
        threads = []
        for _ in range(_PRIVATE):
            days_ago = self.rng.choices((0, 1, 2, 3, 4, 6, 8), (12, 12, 10, 8, 4, 2, 1))[0]
            channel = self.rng.choices(("email", "chat", "direct", "call"), (6, 3, 2, 1))[0]
            topic = self.rng.choices(("shavings", "serial"), (6, 4))[0]
            person = self.customers.draw(self.rng, channel)
            mood = self.rng.choice(("angry", "unhappy", "unhappy", "neutral"))
            threads.append(self._write(topic, mood, channel, person, self._moment(days_ago)))
        return threads

    def threads(self, scripted: list[Thread]) -> list[Thread]:
        """Everything about burrs that is not scripted; scripted posts count towards a day's number."""
        have = _already(self.office, scripted)
        threads = self._privately()
        for days_ago in range(SPAN_DAYS - 2, -1, -1):
            few = days_ago > NORMAL_DAYS
            usual = self.rng.choice((0, 0, 1, 1, 1, 2) if few else (1, 2, 2, 3, 3, 3, 4))
            wanted = POSTS.get(days_ago, usual) if days_ago else posts_today(self.office)
            threads.extend(self._day(days_ago, max(0, wanted - have.get(days_ago, 0))))
        return threads
