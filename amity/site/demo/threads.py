"""A conversation being written: its messages, who speaks, and how long people take."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log
from random import Random
from typing import Any

from amity.site.demo.clock import HOUR, MINUTE, Office, text
from amity.site.demo.company import STAFF, Colleague
from amity.site.demo.people import Person, handle, network_of

# Which account of a person speaks on a channel, best first.
SPEAKS_WITH = {
    "email": ("email",),
    "post": ("mastodon", "twitter"),
    "direct": ("mastodon", "twitter"),
    "chat": ("chat",),
    "review": ("customer",),
    "call": ("phone",),
    "community": ("community",),
}
PUBLIC = frozenset({"post", "review", "community"})
_OUR_ADDRESS = {"email": "care@tamp.example", "phone": "+493023125000"}
# Median minutes to a first answer two years ago and now.
_MEDIAN_MINUTES = {
    "post": (220, 38),
    "direct": (240, 55),
    "chat": (15, 4),
    "email": (900, 130),
    "call": (480, 120),
    "review": (2_900, 800),
    "community": (420, 110),
}
CRISIS_DAYS = 3
SATURDAY = 5


@dataclass(slots=True)
class Line:
    """One message of a conversation. Exactly one of `who` and `staff` is set."""

    at: int
    channel: str
    text: str
    who: Person | None = None
    staff: Colleague | None = None
    is_note: bool = False
    language: str = "en"
    subject: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    answers: int = -1  # the place of the message that this answers; -1 is the last one that is no note
    code: str = ""  # the record's id, given once everything is in order

    @property
    def is_inbound(self) -> bool:
        return self.who is not None


@dataclass(slots=True)
class Thread:
    topic: str
    mood: str
    customer: Person
    lines: list[Line] = field(default_factory=list)
    state: str = "closed"  # closed, answered, waiting
    assignee: str = ""  # key of a colleague
    draft: str = ""
    approver: str = ""
    key: str = ""  # of a scripted conversation

    def spoken(self) -> list[Line]:
        return [line for line in self.lines if not line.is_note]


def speaks_with(person: Person, channel: str) -> str:
    """The kind of handle that the person uses on the channel, empty if they are not there."""
    return next((kind for kind in SPEAKS_WITH[channel] if kind in person.handles), "")


def _ours(kind: str, name: str) -> dict[str, str]:
    """Our own account of that kind, under the name of whoever writes."""
    return {"network": network_of(kind), "address": _OUR_ADDRESS.get(kind, "tampco"), "name": name}


def _author_facts(person: Person) -> dict[str, str]:
    facts = {"name": person.name, "language": person.language}
    if person.organisation:
        facts["organisation"] = person.organisation
    return {key: value for key, value in facts.items() if value}


def message(thread: Thread, place: int) -> dict[str, Any]:
    """The record of one line; ids of all lines must be given."""
    line = thread.lines[place]
    kind = speaks_with(line.who or thread.customer, line.channel) or next(iter(thread.customer.handles))
    if line.who:
        author, recipients = handle(line.who, kind), [_ours(kind, "Tamp & Co")]
    elif line.staff is None:
        raise ValueError("a line needs somebody who says it")
    elif line.is_note:
        author = {"network": "email", "address": line.staff.email, "name": line.staff.name}
        recipients = []
    else:
        author, recipients = _ours(kind, line.staff.name), [handle(thread.customer, kind)]
    before = _before(thread, place)
    return {
        "type": "message",
        "id": line.code,
        "at": text(line.at),
        "channel": line.channel,
        "direction": "in" if line.who else "internal" if line.is_note else "out",
        "from": author,
        "to": recipients,
        "subject": line.subject,
        "text": line.text,
        "in_reply_to": [before.code] if before else [],
        "public": line.channel in PUBLIC and not line.is_note,
        "language": line.language,
        "staff": line.staff.email if line.staff else "",
        "facts": _author_facts(line.who) if line.who else {},
        "extra": line.extra,
    }


def _before(thread: Thread, place: int) -> Line | None:
    answers = thread.lines[place].answers
    if answers >= 0:
        return thread.lines[answers]
    earlier = thread.lines[:place]
    return next((line for line in reversed(earlier) if not line.is_note), earlier[-1] if earlier else None)


def person_record(person: Person, at: int, code: str) -> dict[str, Any]:
    """The address-book row of a person: all handles, all that is known."""
    given, _, family = person.name.partition(" ")
    facts = {"name": person.name, "given_name": given, "family_name": family}
    facts |= {"organisation": person.organisation, "job_title": person.job_title, "city": person.city}
    facts |= {"country": person.country, "language": person.language} | person.facts
    if person.is_cafe:
        facts |= {"given_name": "", "family_name": ""}
    handles = [handle(person, kind) for kind in person.handles]
    kept = {key: value for key, value in facts.items() if value}
    return {"type": "person", "id": code, "at": text(at), "handles": handles, "facts": kept}


_TEAM = {language: tuple(c for c in STAFF if language in c.languages) for language in ("en", "de", "es")}
_SPEAKERS = {
    "care": {"care": 8, "workshop": 2, "community": 2},
    "sales": {"sales": 10},
    "community": {"community": 9, "workshop": 1},
}


def colleague_for(rng: Random, language: str, topic: str, channel: str) -> Colleague:
    """Somebody who would plausibly answer: by team, and in the customer's language."""
    team = "sales" if topic in ("wholesale", "cafe") else "care"
    if channel in ("community", "review"):
        team = "community"
    answering = [
        c for c in _TEAM.get(language, _TEAM["en"]) if c.role in ("agent", "sales", "community_manager")
    ]
    weights = [_SPEAKERS[team].get(c.team, 0.2) for c in answering]
    return rng.choices(answering, weights)[0]


def answer_delay(rng: Random, office: Office, at: int, channel: str) -> int:
    """Seconds until we answer: a lognormal delay whose median falls over the two years and rises in the
    crisis; what would be sent at night or at a weekend waits until the office opens."""
    first, last = _MEDIAN_MINUTES[channel]
    days_ago = office.days_ago(at)
    progress = 1 - min(1.0, days_ago / 700)
    median = exp(log(first) + (log(last) - log(first)) * progress)
    if days_ago < CRISIS_DAYS:
        median *= 2.6
    sent = at + int(MINUTE * median * rng.lognormvariate(0, 0.7)) + 40
    return opening_hours(rng, office, sent, channel) - at


def _hours(days_ago: int, channel: str) -> tuple[int, int, bool]:
    """When we were at work in those days, and whether on Saturdays too. Hours grew in the second year."""
    second_year = days_ago < 365
    if channel in ("post", "chat"):
        return 7 * HOUR, (22 if second_year else 20) * HOUR, True
    return 8 * HOUR + 20 * MINUTE, (21 if second_year else 17) * HOUR, second_year


def opening_hours(rng: Random, office: Office, at: int, channel: str) -> int:
    """The first instant at or after `at` (within some minutes) at which somebody is at work."""
    days_ago = office.days_ago(at)
    opens, closes, on_saturday = _hours(days_ago, channel)
    second = at - office.start(days_ago)
    if opens <= second <= closes and _is_work_day(office, days_ago, channel, on_saturday):
        return at
    if second > closes:
        days_ago -= 1
    while not _is_work_day(office, days_ago, channel, on_saturday):
        days_ago -= 1
    return office.at(days_ago, opens + rng.randrange(80 * MINUTE))


def _is_work_day(office: Office, days_ago: int, channel: str, on_saturday: bool) -> bool:
    weekday = office.date(days_ago).weekday()
    return channel in ("post", "chat") or weekday < SATURDAY or (on_saturday and weekday == SATURDAY)


def customer_delay(rng: Random, channel: str) -> int:
    """Seconds until a customer writes back: minutes in a chat, hours by mail."""
    median = {"chat": 2, "post": 45, "direct": 50, "community": 180}.get(channel, 420)
    return int(MINUTE * median * rng.lognormvariate(0, 0.9)) + 15
