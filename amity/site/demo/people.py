"""The three thousand people of the demo company's address book, doubles included.

The population depends on the seed alone, so the same person has the same addresses whatever the day.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from functools import lru_cache
from random import Random
from typing import Any

from amity.site.demo.dice import dice
from amity.site.demo.grammar import LANGUAGES, load

RECORDS = 3_000  # people as an address book counts them, each double once more
DOUBLES = 240  # records whose human has another record too
CAFES = 46
_LANGUAGE_WEIGHTS = (36, 37, 27)
_SOCIAL = frozenset({"mastodon", "community", "twitter", "phone"})
_NETWORKS = ("email", "customer", "mastodon", "twitter", "community", "phone", "chat")


@dataclass(frozen=True, slots=True)
class Person:
    """One record: the handles that belong together for anybody who looks, and what is known."""

    key: str
    name: str
    language: str
    city: str
    country: str
    handles: dict[str, str]  # network -> address, in the order of _NETWORKS
    organisation: str = ""
    job_title: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    double_of: str = ""
    is_cafe: bool = False
    orders: tuple[Any, ...] = ()  # scripted: [days before now, clock, number, lines, status]
    many_orders: int = 0
    said: int = 0  # messages that the pictures count
    did: int = 0

    @property
    def given(self) -> str:
        """How we address them: a café by its whole name."""
        return self.name if self.is_cafe else self.name.split(" ")[0]

    @property
    def human(self) -> str:
        """The same for all records of one human."""
        return self.double_of or self.key

    @property
    def is_buyer(self) -> bool:
        return "customer" in self.handles


@dataclass(frozen=True, slots=True)
class Population:
    people: tuple[Person, ...]
    by_key: dict[str, Person]


def network_of(kind: str) -> str:
    """The name of the network in a record; shop customer numbers belong to the source `shop`."""
    return "customer:shop" if kind == "customer" else kind


def handle(person: Person, kind: str) -> dict[str, str]:
    return {"network": network_of(kind), "address": person.handles[kind], "name": person.name}


def main_handle(person: Person) -> dict[str, str]:
    return handle(person, next(iter(person.handles)))


def slug(text: str) -> str:
    """Latin letters and figures of a name, as people choose addresses."""
    text = text.lower().replace("ß", "ss").replace("ø", "o").replace("æ", "ae")
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c if c.isascii() and c.isalnum() else "." if c in " -'" else "" for c in plain).strip(".")


class _Registry:
    """Hands out addresses and numbers that nobody else has."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.taken: set[str] = set()

    def claim(self, address: str) -> None:
        self.taken.add(address)

    def email(self, name: str, hosts: list[str]) -> str:
        words = [word for word in slug(name).split(".") if word]
        first, last = words[0], words[-1]
        patterns = (f"{first}.{last}", f"{first[0]}.{last}", f"{last}.{first}", f"{first}{last}")
        local = self.rng.choice(patterns)
        host = self.rng.choice(hosts)
        return self._free(f"{local}@{host}", f"{local}{{}}@{host}")

    def account(self, name: str, instance: str = "") -> str:
        words = [word for word in slug(name).split(".") if word]
        local = self.rng.choice((f"{words[0]}{words[-1][:1]}", f"{words[0][:1]}{words[-1]}", "".join(words)))
        tail = f"@{instance}" if instance else ""
        return self._free(f"{local}{tail}", f"{local}{{}}{tail}")

    def number(self, prefixes: list[str], digits: int) -> str:
        while True:
            found = f"{self.rng.choice(prefixes)}{self.rng.randrange(10**digits):0{digits}d}"
            if found not in self.taken:
                self.taken.add(found)
                return found

    def _free(self, wish: str, pattern: str) -> str:
        while wish in self.taken:
            wish = pattern.format(self.rng.randint(2, 99))
        self.taken.add(wish)
        return wish


def _ordered(handles: dict[str, str]) -> dict[str, str]:
    return {kind: handles[kind] for kind in _NETWORKS if handles.get(kind)}


def heroes() -> list[Person]:
    """The people of the pictures, and the ugly data, as `heroes.toml` tells them."""
    found = []
    for row in load("heroes")["person"]:
        entry = dict(row)
        entry["handles"] = _ordered(entry["handles"])
        entry["orders"] = tuple(entry.get("orders", ()))
        found.append(Person(**entry, is_cafe="many_orders" in entry))
    return found


def _customer_number(index: int) -> str:
    return str(6_000 + index)


def _phone(registry: _Registry, names: dict[str, Any]) -> str:
    return registry.number(names["phones"], 2 if names["country"] == "ES" else 3)


def _country(names: dict[str, Any], city: str) -> str:
    """Where a town lies: some who speak a language live elsewhere."""
    return str(names["abroad"].get(city, names["country"]))


def _facts(rng: Random, names: dict[str, Any]) -> dict[str, str]:
    if rng.random() < 0.4:
        return {}
    street = f"{rng.choice(names['streets'])} {rng.randint(1, 140)}"
    return {"street": street, "postcode": f"{rng.randint(10_000, 99_999)}"}


def _ordinary(rng: Random, registry: _Registry, index: int, is_buyer: bool) -> Person:
    language = rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)[0]
    names = load("names")[language]
    name = f"{rng.choice(names['given'])} {rng.choice(names['family'])}"
    handles: dict[str, str] = {}
    if is_buyer or rng.random() < 0.45:
        handles["email"] = registry.email(name, names["hosts"])
    if is_buyer:
        handles["customer"] = _customer_number(index)
    if rng.random() < (0.2 if is_buyer else 0.55):
        handles["mastodon"] = registry.account(name, rng.choice(names["instances"]))
    if rng.random() < 0.04:
        handles["twitter"] = registry.account(name)
    if rng.random() < 0.16:
        handles["community"] = registry.account(name)
    if rng.random() < 0.24:
        handles["phone"] = _phone(registry, names)
    if rng.random() < 0.2 or not handles:
        handles["chat"] = registry.number(["visitor-"], 6)
    job = rng.choice(load("names")["jobs"]["names"]) if rng.random() < 0.2 else ""
    city = rng.choice(names["cities"])
    facts = _facts(rng, names) if is_buyer else {}
    key = f"p{index}"
    return Person(
        key, name, language, city, _country(names, city), _ordered(handles), job_title=job, facts=facts
    )


def _cafe(rng: Random, registry: _Registry, index: int) -> Person:
    language = rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)[0]
    names = load("names")[language]
    city = rng.choice(names["cities"])
    name = str(rng.choice(names["cafe"]))
    name = name.format(family=rng.choice(names["family"]), place=rng.choice(names["place"]), city=city)
    host = f"{slug(name).replace('..', '.').replace('.', '-')}-{index}.example"
    local = {"de": "bestellung", "en": "orders", "es": "pedidos"}[language]
    handles = {"email": f"{local}@{host}", "customer": _customer_number(index)}
    handles["phone"] = _phone(registry, names)
    if rng.random() < 0.5:
        handles["mastodon"] = registry.account(name, "")
    if rng.random() < 0.5:
        handles["chat"] = registry.number(["visitor-"], 6)
    facts = {"website": f"https://{host}/", "tax_number": f"DEMO-{index:05d}"}
    key = f"p{index}"
    handles = _ordered(handles)
    return Person(
        key, name, language, city, _country(names, city), handles, name, "Café", facts, is_cafe=True
    )


def _misspelt(rng: Random, name: str) -> str:
    first, _, last = name.partition(" ")
    kind = rng.randrange(4)
    if kind == 0:
        return f"{first[0]}. {last}"
    if kind == 1:
        plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
        return "".join(c for c in plain if not unicodedata.combining(c))
    if kind == 2 and len(last) > 4:
        cut = rng.randint(1, len(last) - 3)
        return f"{first} {last[:cut]}{last[cut + 1]}{last[cut]}{last[cut + 2 :]}"
    return name


def _double(rng: Random, registry: _Registry, index: int, one: Person) -> tuple[Person, Person]:
    """The same human a second time: a second account, or an account split off the first record."""
    names = load("names")[one.language]
    social = [kind for kind in one.handles if kind in _SOCIAL]
    key = f"p{index}"
    name = _misspelt(rng, one.name)
    if social and len(one.handles) > 2 and rng.random() < 0.6:
        kept = {kind: a for kind, a in one.handles.items() if kind not in social}
        moved = {kind: one.handles[kind] for kind in social}
        twin = replace(one, key=key, name=name, handles=moved, double_of=one.key, facts={}, job_title="")
        return replace(one, handles=kept), twin
    handles = {"email": registry.email(name, names["hosts"])}
    if rng.random() < 0.75:
        handles["customer"] = _customer_number(index)
    facts = dict(one.facts)
    if "phone" in one.handles and rng.random() < 0.6:
        facts["phone"] = "0" + one.handles["phone"][3:]
    if rng.random() < 0.3:
        facts.pop("street", None)
    twin = replace(one, key=key, name=name, handles=handles, double_of=one.key, facts=facts)
    return one, twin


@lru_cache(maxsize=4)
def population(seed: int) -> Population:
    """All records, heroes first, in an order that never changes for a seed."""
    rng = dice(seed, "people")
    registry = _Registry(rng)
    people = heroes()
    for person in people:
        for address in person.handles.values():
            registry.claim(address)
    doubles_left = DOUBLES - sum(1 for one in people if one.double_of)
    ordinary = RECORDS - len(people) - doubles_left
    people.extend(_cafe(rng, registry, index) for index in range(1, CAFES + 1))
    for index in range(CAFES + 1, ordinary + 1):
        people.append(_ordinary(rng, registry, index, is_buyer=rng.random() < 0.77))
    first = len(people) - (ordinary - CAFES)
    chosen = sorted(rng.sample(range(first, len(people)), doubles_left))
    for offset, place in enumerate(chosen, start=1):
        people[place], twin = _double(rng, registry, ordinary + offset, people[place])
        people.append(twin)
    return Population(tuple(people), {one.key: one for one in people})
