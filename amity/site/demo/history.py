"""Two years of Tamp & Co, put together: people, orders, conversations, promises."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from amity.site.demo import outcome
from amity.site.demo.chatter import Customers, chatter
from amity.site.demo.clock import DAY, Office, text
from amity.site.demo.company import BY_SKU
from amity.site.demo.dice import dice
from amity.site.demo.fault import Crisis
from amity.site.demo.orders import SPAN_DAYS, Order, order_book
from amity.site.demo.outcome import Assignment
from amity.site.demo.people import Person, Population, handle, main_handle, population
from amity.site.demo.story import earlier_talk, others_waiting, scripted
from amity.site.demo.threads import Thread, message, person_record

MESSAGES = 8_600
_HELPERS = ("ruairi", "dara")


@dataclass(frozen=True, slots=True)
class History:
    office: Office
    population: Population
    orders: list[Order]
    threads: list[Thread]
    joined: list[tuple[int, Person]]  # when a person's address-book row was written


def _is_ordinary(person: Person) -> bool:
    return person.key.startswith("p") and person.key[1:].isdigit()


def _write_threads(office: Office, seed: int, people: Population, orders: list[Order]) -> list[Thread]:
    ordinary = [one for one in people.people if _is_ordinary(one)]
    helpers = tuple(people.by_key[key] for key in _HELPERS)
    waiting = others_waiting(office, seed, Customers(ordinary, orders, helpers))
    busy = {thread.customer.human for thread in waiting}
    customers = Customers([one for one in ordinary if one.human not in busy], orders, helpers)
    threads = scripted(office, people)
    threads += earlier_talk(office, seed, people, threads)
    threads += waiting
    threads += Crisis(office, seed, customers).threads(threads)
    threads += chatter(office, seed, customers, MESSAGES - sum(len(thread.lines) for thread in threads))
    return threads


def _first_seen(orders: list[Order], threads: list[Thread]) -> dict[str, int]:
    seen: dict[str, int] = {}
    for order in orders:
        seen[order.buyer.key] = min(order.at, seen.get(order.buyer.key, order.at))
    for thread in threads:
        for line in thread.lines:
            if line.who:
                seen[line.who.key] = min(line.at, seen.get(line.who.key, line.at))
    return seen


def _joined(office: Office, seed: int, people: Population, seen: dict[str, int]) -> list[tuple[int, Person]]:
    """Who has a row in the address book: all whose handles no order ties together, and all who are silent."""
    rng = dice(seed, "joined")
    rows = []
    for person in people.people:
        quiet = rng.randint(office.now - SPAN_DAYS * DAY, office.now - DAY)
        first = seen.get(person.key)
        tied = set(person.handles) <= {"email", "customer"} or len(person.handles) < 2
        if first is None or not tied or not _is_ordinary(person):
            rows.append((quiet if first is None else first - rng.randint(30, 3_000), person))
    return rows


def _number(history: History) -> None:
    """Ids follow the order of time, so they are the same whenever the history is written."""
    lines = [
        (line.at, number, place, line)
        for number, t in enumerate(history.threads)
        for place, line in enumerate(t.lines)
    ]
    for count, (_, _, _, line) in enumerate(sorted(lines, key=lambda row: row[:3]), start=1):
        line.code = f"m{count}"
    for count, order in enumerate(history.orders, start=1):
        order.code = f"o{count}"


@lru_cache(maxsize=2)
def _write(now: int, seed: int) -> History:
    office = Office(datetime.fromtimestamp(now, UTC))
    people = population(seed)
    orders = order_book(office, seed, people)
    threads = _write_threads(office, seed, people, orders)
    joined = _joined(office, seed, people, _first_seen(orders, threads))
    joined.sort(key=lambda row: (row[0], row[1].key))
    history = History(office, people, orders, threads, joined)
    _number(history)
    return history


def history(now: datetime, seed: int) -> History:
    """The whole history up to `now`, written once per (`now`, `seed`) and kept."""
    return _write(Office(now).now, seed)


def order_record(order: Order) -> dict[str, Any]:
    """The record of an order; its id and number must be given."""
    buyer = order.buyer
    facts = {"name": buyer.name, "city": buyer.city, "country": buyer.country, "language": buyer.language}
    facts |= {"organisation": buyer.organisation} | buyer.facts
    return {
        "type": "order",
        "id": order.code,
        "number": order.number,
        "at": text(order.at),
        "buyer": [handle(buyer, kind) for kind in ("customer", "email") if kind in buyer.handles],
        "amount": str(order.amount),
        "currency": "EUR",
        "status": order.status,
        "items": sum(quantity for _, quantity in order.lines),
        "lines": [
            {
                "sku": sku,
                "name": BY_SKU[sku].name,
                "quantity": quantity,
                "amount": str(BY_SKU[sku].price * quantity),
            }
            for sku, quantity in order.lines
        ],
        "facts": {key: value for key, value in facts.items() if value},
    }


def records(now: datetime, seed: int = 2241) -> Iterator[dict[str, Any]]:
    """Everything that happened up to `now`, in time order, as Amity JSON Lines objects: `message`, `order`
    and `person`. Every object is fresh, the caller may change it."""
    told = history(now, seed)
    entries: list[tuple[int, int, int, int, Any]] = []
    entries.extend((at, 0, place, 0, person) for place, (at, person) in enumerate(told.joined))
    entries.extend((order.at, 1, place, 0, order) for place, order in enumerate(told.orders))
    for thread in told.threads:
        entries.extend(
            (line.at, 2, int(line.code[1:]), place, thread) for place, line in enumerate(thread.lines)
        )
    entries.sort(key=lambda entry: entry[:4])
    people = 0
    for at, kind, _, place, what in entries:
        if kind == 0:
            people += 1
            yield person_record(what, at, f"p{people}")
        elif kind == 1:
            yield order_record(what)
        else:
            yield deepcopy(message(what, place))


def promises(now: datetime, seed: int = 2241) -> list[dict[str, Any]]:
    """Who promised what to whom: `staff` (e-mail), `handle`, `thread` and `message` (ids), `what`, `made_at`,
    `due_at`, `kept_at` (None: open, or broken when `due_at` has passed)."""
    told = history(now, seed)
    return outcome.promises(told.office, seed, told.threads)


def assignments(now: datetime, seed: int = 2241) -> dict[str, Assignment]:
    """The state of every conversation at `now`, by the id of its first message."""
    told = history(now, seed)
    return outcome.assignments(told.office, seed, told.threads)


def duplicates(now: datetime, seed: int = 2241) -> list[tuple[dict[str, str], dict[str, str]]]:
    """The truth about doubles: pairs of handles of two records that belong to one human."""
    people = history(now, seed).population
    doubles = [one for one in people.people if one.double_of]
    return [(main_handle(people.by_key[one.double_of]), main_handle(one)) for one in doubles]
