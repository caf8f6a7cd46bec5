"""What is hidden from those who ask, drawn at random: records of closed sources, and work done on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from amity.conversations import services
from amity.conversations.models import Conversation
from amity.kernel import policy
from amity.kernel.errors import DomainError
from amity.people.merging import merge
from amity.people.queries.visibility import known_people
from amity.site.bench.mirror.world import (
    CITIES,
    HIDDEN,
    HOUSES,
    NAMES,
    NOW,
    OF_A_TEAM,
    OPEN,
    PRODUCTS,
    SAID,
    World,
    message,
    order,
    person,
    take_in,
)

STRANGERS = ("Quentin", "Xenia", "Aaron", "Zoltan")


FIELDS = ("birthday", "street", "postcode", "tax_number")
"""Personal fields that are for some roles only."""


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed, in words, and the names of the askers who may not see it."""

    words: str
    unseen_by: frozenset[str]


def change(world: World, random: Random) -> Change:
    """Change something that askers may not see: mostly what is hidden from all of them, else a field from some."""
    if random.random() < 0.2:
        return _field(world, random)
    return Change(_hidden(world, random), frozenset(asker.name for asker in world.askers))


def _field(world: World, random: Random) -> Change:
    """An open source says something of somebody whom all know, which is not for every role.

    It says so of late: that an open source named somebody earlier than all others is for everybody to know.
    """
    name, who = random.choice(FIELDS), random.choice(NAMES)
    value = "1990-01-01" if name == "birthday" else f"Hidden {random.randrange(100)}"
    row = person(f"field-{name}", NOW - timedelta(minutes=random.randint(1, 60)), who, **{name: value})
    take_in(world.folder, OPEN, [row])
    blind = (asker for asker in world.askers if not policy.sees_field(asker.staff.actor(), "person", name))
    return Change(f"{OPEN}: {name} of {who}", frozenset(asker.name for asker in blind))


def _hidden(world: World, random: Random) -> str:
    source = random.choice(HIDDEN)
    rows = [_record(random, source, number) for number in range(random.randint(1, 4))]
    take_in(world.folder, source, rows)
    told = [f"{source}: {row['type']} {row}" for row in rows]
    if random.random() < 0.5:
        told.append(_work(world, random))
    if random.random() < 0.3:
        told.append(_merge(world, random))
    return "; ".join(told)


def _merge(world: World, random: Random) -> str:
    """Somebody inside merges a stranger, of whom only hidden sources tell, into somebody whom all know."""
    insider = world.insider.actor()
    known = set(known_people(world.askers[0].staff.actor()).values_list("pk", flat=True))
    all_people = known_people(insider).order_by("name", "first_seen_at", "pk")
    strangers = [one.pk for one in all_people if one.pk not in known]
    if not strangers or not known:
        return "nobody to merge"
    stays, leaves = random.choice([one.pk for one in all_people if one.pk in known]), random.choice(strangers)
    try:
        merge(stays, [leaves], actor=insider, at=NOW)
    except DomainError as error:
        return f"merge refused ({error.code})"
    return f"merged {leaves} into {stays}"


def _record(random: Random, source: str, number: int) -> dict[str, Any]:
    # A known person more often than a stranger: there is more to give away.
    who = random.choice(NAMES if random.random() < 0.75 else STRANGERS)
    at = NOW - timedelta(minutes=random.randint(1, 6_000))
    id = f"{source}-{number + 1}"
    kind = random.choice(("message", "message", "order", "person"))
    if kind == "message":
        fields: dict[str, Any] = {}
        if random.random() < 0.3:
            fields["in_reply_to"] = [random.choice((f"m{random.randrange(16)}", f"{source}-0"))]
        if random.random() < 0.3:
            fields["channel"] = random.choice(("chat", "call"))
        return message(id, at, who, random.choice(SAID), **fields)
    if kind == "order":
        status = random.choice(("paid", "cancelled", "shipped"))
        return order(
            id, at, who, random.choice((5, 900, 20_000)), random.choice((*PRODUCTS, "Ladder")), status=status
        )
    facts = {
        "name": random.choice(("Aaa Aab", "Zzz Zzy", f"{who} Hidden", f"x{who.lower()}@other.example")),
        "city": random.choice((*CITIES, "Oulu")),
        "country": random.choice(("FI", "DE", "PT")),
        "language": random.choice(("pt", "fi")),
        "organisation": random.choice((*HOUSES, "Hidden House")),
        "job_title": "Spy",
        "birthday": "1990-01-01",
    }
    said = person(
        id, at, who, **{key: facts[key] for key in random.sample(sorted(facts), random.randint(1, 5))}
    )
    if random.random() < 0.4:
        said["handles"].append({"network": "phone", "address": f"+358{random.randint(10**7, 10**8)}"})
    return said


def _work(world: World, random: Random) -> str:
    """A verb of somebody inside on a conversation that is hidden."""
    talks = list(Conversation.objects.filter(source__key=OF_A_TEAM).order_by("opened_at", "id"))
    talk, actor = random.choice(talks).id, world.insider.actor()
    whom = random.choice([None, world.insider.id, world.askers[0].staff.id])
    verbs: dict[str, Callable[[], object]] = {
        "assign": lambda: services.assign(talk, actor=actor, at=NOW, assignee_id=whom),
        "close": lambda: services.close(talk, actor=actor, at=NOW),
        "snooze": lambda: services.snooze(talk, actor=actor, at=NOW, until=NOW + timedelta(hours=5)),
        "reply": lambda: services.reply(talk, actor=actor, at=NOW, text="A hidden answer"),
        "note": lambda: services.note(talk, actor=actor, at=NOW, text="A hidden note"),
        "promise": lambda: services.promise(
            talk, actor=actor, at=NOW, what="Hidden", due_at=NOW + timedelta(hours=random.randint(1, 20))
        ),
    }
    name = random.choice(sorted(verbs))
    try:
        verbs[name]()
    except DomainError as refused:
        return f"{name} (refused: {refused.code})"
    return name
