"""Who is in a segment, said slowly: from the records of each person, in plain Python, knowing nothing of traits.

It shares with `amity.segments` the meaning of conditions alone, not a line of how they are answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from amity.activity.models import Activity
from amity.channels.models import Source
from amity.commerce.models import Order, OrderLine
from amity.conversations.models import Conversation
from amity.people.domain.folding import fold
from amity.people.domain.survivorship import Statement, golden_record
from amity.people.models import Fact, FieldLock, Identity, Link, Person, Sighting
from amity.site.bench.segmenting import consent, own
from amity.teamwork.models import Promise

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Life:
    """All that open sources say of one person."""

    id: UUID
    shown: Mapping[str, str]
    networks: set[str]
    domains: set[str]
    first_seen: datetime
    own: Mapping[str, str] = field(default_factory=dict)
    accounts: set[UUID] = field(default_factory=set)
    opened: set[UUID] = field(default_factory=set)
    wrote: list[Activity] = field(default_factory=list)
    sent: list[Activity] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    lines: list[OrderLine] = field(default_factory=list)
    talks: list[Conversation] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)


def everybody(among: Iterable[UUID] | None = None) -> list[Life]:
    """Everybody whom open sources know, read from the records; `among`: of these people alone."""
    opened = set(Source.objects.filter(team=None, owner=None).values_list("pk", flat=True))
    all_open = opened == set(Source.objects.values_list("pk", flat=True))
    lives = []
    people = Person.objects.filter(merged_into=None)
    for person in people if among is None else people.filter(pk__in=list(among)):
        life = _life(person, opened)
        if life is not None or all_open:
            lives.append(life or Life(person.id, {}, set(), set(), person.first_seen_at))
    return lives


def _life(person: Person, opened: set[UUID]) -> Life | None:
    links = list(Link.objects.filter(person=person, revoked_at=None))
    ids = [link.identity_id for link in links]
    seen = list(Sighting.objects.filter(identity_id__in=ids, source_id__in=opened))
    facts = list(Fact.objects.filter(identity_id__in=ids, source_id__in=opened))
    said = [one for one in Activity.objects.filter(about_id__in=ids) if one.source_id in opened]
    if not (seen or facts or said):
        return None
    # Of whom nobody stated anything, the record is all there is; else it may tell what closed sources said.
    stored = "" if Fact.objects.filter(identity_id__in=ids).exists() else person
    told = {one.identity_id for one in seen} | {
        one
        for one in ids
        if not Sighting.objects.filter(identity_id=one).exclude(source_id__in=opened).exists()
    }
    pairs = [(one.network, one.address) for one in Identity.objects.filter(pk__in=set(ids) & told)]
    golden = golden_record(
        [Statement(one.field, one.value, one.observed_at) for one in facts if one.identity_id in told],
        pairs,
        _chosen(person, [one for one in links if _is_told(one.identity_id, opened)]),
    )
    sightings = [one.at for one in seen]
    hidden = Sighting.objects.exclude(source_id__in=opened).exists()
    talk = sorted(
        (one for one in said if one.object_type != "order"), key=lambda one: (one.occurred_at, one.id)
    )
    orders = [one for one in Order.objects.filter(buyer_id__in=ids) if one.source_id in opened]
    bought = [one for one in orders if one.status not in ("cancelled", "refunded")]
    shown = {
        name: str(getattr(stored or golden, name) or "")
        for name in ("name", "city", "country", "language", "job_title", "organisation")
    }
    if "@" in shown["name"] or not any(map(str.isalpha, shown["name"])):  # an address, as they have no name
        shown["name"] = ""
    return Life(
        id=person.id,
        shown={name: fold(value) for name, value in shown.items()},
        networks={network for network, _ in pairs},
        domains={address.split("@")[1] for network, address in pairs if network == "email"},
        own={} if stored else golden.custom,
        accounts=set(ids) & told,
        opened=opened,
        first_seen=min(sightings) if hidden and sightings else person.first_seen_at,
        wrote=[one for one in talk if one.direction == "in"],
        sent=[one for one in talk if one.direction == "out"],
        orders=bought,
        lines=list(OrderLine.objects.filter(order__in=bought)),
        talks=[
            one
            for one in Conversation.objects.filter(customer_id__in=ids, state="open")
            if one.source_id in opened
        ],
        promises=[one for one in Promise.objects.filter(about_id__in=ids) if one.source_id in opened],
    )


def _is_told(identity_id: UUID, opened: set[UUID]) -> bool:
    rows = (Sighting.objects.filter(identity_id=identity_id), Fact.objects.filter(identity_id=identity_id))
    return not Source.objects.exclude(pk__in=opened).exists() or any(
        one.filter(source_id__in=opened).exists() for one in rows
    )


def _chosen(person: Person, links: Iterable[Link]) -> dict[str, str]:
    """Own choices before those of who was merged in, the newest first."""
    chosen: dict[str, tuple[tuple[bool, datetime], str]] = {}
    for home in {link.home_id or link.person_id for link in links}:
        for lock in FieldLock.objects.filter(person_id=home, released_at=None):
            rank = (home == person.id, lock.locked_at)
            if lock.field not in chosen or rank > chosen[lock.field][0]:
                chosen[lock.field] = (rank, lock.value)
    return {name: value for name, (_, value) in chosen.items()}


def members(
    rules: Mapping[UUID, object], at: datetime, among: Iterable[UUID] | None = None
) -> dict[UUID, set[UUID]]:
    """Who is in each segment at this instant, counted over everybody, or over `among` alone."""
    lives = everybody(among)
    found: dict[UUID, set[UUID]] = {}

    def count(segment: UUID) -> set[UUID]:
        if segment not in found:
            found[segment] = {life.id for life in lives if _holds(rules[segment], life, at, count)}
        return found[segment]

    for segment in rules:
        count(segment)
    return found


def _holds(rule: Any, life: Life, at: datetime, members_of: Any) -> bool:
    if "not" in rule:
        inner = rule["not"]
        empty = isinstance(inner.get("all", inner.get("any")), list) and not inner.get(
            "all", inner.get("any")
        )
        return not empty and not _holds(inner, life, at, members_of)
    if "all" in rule:
        return bool(rule["all"]) and all(_holds(part, life, at, members_of) for part in rule["all"])
    if "any" in rule:
        return any(_holds(part, life, at, members_of) for part in rule["any"])
    if rule["field"] == "segment":
        return bool((life.id in members_of(UUID(rule["value"]))) == (rule["op"] == "in"))
    return _condition(rule, life, at)


def _condition(rule: Mapping[str, Any], life: Life, at: datetime) -> bool:
    key, op, value = rule["field"], rule["op"], rule.get("value")
    if key.startswith("own:"):
        return own.holds(rule, life.own, at)
    if key.startswith("consent:"):
        return consent.holds(rule, life.accounts, life.opened, at)
    start = _start(at, rule.get("within_days"))
    if key in ("name", "city", "country", "language", "job_title", "organisation"):
        return _text(life.shown.get(key, ""), op, value)
    if key in ("email_domain", "network"):
        return _several(life.domains if key == "email_domain" else life.networks, op, value)
    if key in ("first_seen", "last_wrote", "first_wrote", "last_sent", "last_order", "first_order"):
        return _instant(_when(key, life), op, value, at)
    if key == "waiting":
        return _waiting(life, op, value, at)
    if key == "mood":
        moods = [
            round(one.sentiment * 1000)
            for one in life.wrote
            if one.sentiment is not None and _floor(one.occurred_at) > start
        ]
        if not moods:
            return False
        mean = Decimal(sum(moods)) / len(moods) / 1000
        return mean >= Decimal(str(value)) if op == "at_least" else mean <= Decimal(str(value))
    n = _amount(rule, life, start) if key == "spent" else _count(key, rule.get("of"), life, start)
    wanted = Decimal(str(value))
    return n >= wanted if op == "at_least" else n <= wanted


def _floor(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _start(at: datetime, days: int | None) -> datetime:
    """The last minute before the window."""
    return datetime.min.replace(tzinfo=UTC) if days is None else _floor(at) - timedelta(days=days)


def _text(said: str, op: str, value: Any) -> bool:
    values = [fold(one) or one for one in ([value] if isinstance(value, str) else value or [])]
    if op in ("is", "is_not"):
        return (said in values) == (op == "is")
    if op == "contains":
        return any(one in said for one in values)
    return (said != "") == (op == "known")


def _several(there: set[str], op: str, value: Any) -> bool:
    if op in ("known", "unknown"):
        return bool(there) == (op == "known")
    values = {value} if isinstance(value, str) else set(value)
    return bool(there & values) == (op == "has")


def _when(key: str, life: Life) -> datetime | None:
    if key == "first_seen":
        return life.first_seen
    first = key.startswith("first")
    whole: Sequence[datetime] = [one.occurred_at for one in life.wrote]
    if key == "last_sent":
        whole = [one.occurred_at for one in life.sent]
    if key.endswith("order"):
        whole = [one.ordered_at for one in life.orders]
    return (min(whole) if first else max(whole)) if whole else None


def _instant(when: datetime | None, op: str, value: Any, at: datetime) -> bool:
    if op in ("never", "ever"):
        return (when is None) == (op == "never")
    if when is None:
        return False
    if op in ("in_last", "longer_ago"):
        return (_floor(when) > _start(at, value)) == (op == "in_last")
    day = date.fromisoformat(value)
    return (when.astimezone(UTC).date() >= day) == (op == "since")


def _waiting(life: Life, op: str, value: Any, at: datetime) -> bool:
    since = [one.waiting_since for one in life.talks if one.waiting_since]
    if op in ("yes", "no"):
        return bool(since) == (op == "yes")
    return bool(since) and bool(value) and _floor(min(since)) <= _floor(at) - timedelta(hours=value)


def _amount(rule: Mapping[str, Any], life: Life, start: datetime) -> Decimal:
    paid = [
        one.amount for one in life.orders if one.currency == rule["of"] and _floor(one.ordered_at) > start
    ]
    return sum(paid, Decimal(0))


def _count(key: str, of: str | None, life: Life, start: datetime) -> int:
    wrote = [one for one in life.wrote if _floor(one.occurred_at) > start]
    sent = [one for one in life.sent if _floor(one.occurred_at) > start]
    said: dict[str, Callable[[], Sequence[Activity] | set[date]]] = {
        "wrote": lambda: [one for one in wrote if not of or one.channel == of],
        "heard": lambda: [one for one in wrote if str(one.source_id) == of],
        "did": lambda: [one for one in wrote if one.verb == of],
        "sent": lambda: [one for one in sent if not of or one.channel == of],
        "active_days": lambda: {one.occurred_at.astimezone(UTC).date() for one in wrote},
        "unhappy": lambda: [one for one in wrote if one.sentiment is not None and one.sentiment < -0.25],
        "replied": lambda: [one for one in wrote if _is_answer(one, life)],
    }
    if key in said:
        return len(said[key]())
    orders = {one.id for one in life.orders if _floor(one.ordered_at) > start}
    if key == "orders":
        return len(orders)
    if key == "bought":
        return len({one.order_id for one in life.lines if str(one.product_id) == of} & orders)
    if key == "open_conversations":
        return len(life.talks)
    assert key == "broken_promises"
    return sum(
        1
        for one in life.promises
        if _floor(one.due_at) > start
        and (
            one.state == "broken" or (one.state == "kept" and one.settled_at and one.settled_at > one.due_at)
        )
    )


def _is_answer(one: Activity, life: Life) -> bool:
    return one.thread_id is not None and any(
        ours.thread_id == one.thread_id and (ours.occurred_at, ours.id) < (one.occurred_at, one.id)
        for ours in life.sent
    )
