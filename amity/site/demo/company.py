"""Who works at Tamp & Co, and what it sells."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from amity.site.demo.clock import Office
from amity.site.demo.people import population

NAME = "Tamp & Co"


@dataclass(frozen=True, slots=True)
class Colleague:
    key: str
    name: str
    email: str
    role: str  # owner, administrator, agent, sales, marketer, community_manager, pr, legal, analyst, partner
    job_title: str
    locale: str
    team: str
    languages: tuple[str, ...]

    @property
    def given(self) -> str:
        return self.name.removeprefix("Dr. ").split(" ")[0]


@dataclass(frozen=True, slots=True)
class Team:
    key: str
    name: str
    members: tuple[str, ...]  # e-mail addresses


@dataclass(frozen=True, slots=True)
class Product:
    sku: str
    name: str
    price: Decimal  # EUR with tax
    kind: str  # grinder, part, supply, course


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    staff: tuple[Colleague, ...]
    teams: tuple[Team, ...]
    products: tuple[Product, ...]
    organisations: tuple[str, ...]  # business customers, in the order of their first record


STAFF = tuple(
    Colleague(key, name, f"{key}@tamp.example", role, title, locale, team, tuple(languages.split()))
    for key, name, role, title, locale, team, languages in (
        ("tilde", "Tilde Sandberg", "owner", "Managing director", "en-GB", "office", "en de"),
        ("priya", "Priya Nair", "administrator", "Head of customer care", "en-GB", "care", "en"),
        ("ines", "Ines Okafor", "agent", "Customer care", "de-DE", "care", "de en"),
        ("lena", "Lena Hofer", "agent", "Customer care", "de-DE", "care", "de en"),
        ("pablo", "Pablo Serrano", "agent", "Customer care", "es-ES", "care", "es en"),
        ("jonas", "Jonas Brandt", "agent", "Workshop lead", "de-DE", "workshop", "de en es"),
        ("owen", "Owen Falk", "sales", "Cafés and dealers", "en-GB", "sales", "en de es"),
        ("maite", "Maite Ruiz", "community_manager", "Community", "es-ES", "community", "es en de"),
        ("chiara", "Chiara Moretti", "marketer", "Marketing", "en-GB", "community", "en"),
        ("fiona", "Fiona Marsh", "pr", "Press", "en-GB", "office", "en de"),
        ("anke", "Dr. Anke Weber", "legal", "Legal counsel", "de-DE", "office", "de"),
        ("samir", "Samir Patel", "analyst", "Analyst", "en-GB", "office", "en"),
        ("marek", "Marek Novak", "partner", "Repair partner, Prague", "en-GB", "workshop", "en"),
    )
)
BY_KEY = {one.key: one for one in STAFF}

TEAM_NAMES = (
    ("care", "Care"),
    ("workshop", "Workshop"),
    ("sales", "Sales"),
    ("community", "Community"),
    ("office", "Office"),
)

PRODUCTS = tuple(
    Product(sku, name, Decimal(price), kind)
    for sku, name, price, kind in (
        ("KES-STL", "Kestrel, steel", "689.00", "grinder"),
        ("KES-BLK", "Kestrel, black", "659.00", "grinder"),
        ("SOLO-BLK", "Solo, black", "499.00", "grinder"),
        ("SOLO-WHT", "Solo, white", "499.00", "grinder"),
        ("BUR-64", "Burr set, 64 mm", "89.00", "part"),
        ("BUR-54", "Burr set, 54 mm", "74.00", "part"),
        ("HOP-LID", "Hopper lid", "14.50", "part"),
        ("HOP-XL", "Hopper, 1.2 kg", "64.00", "part"),
        ("FEET-4", "Rubber feet, set of four", "11.90", "part"),
        ("SHIM-01", "Alignment shims", "16.00", "part"),
        ("TAB-12", "Cleaning tablets, bag", "12.40", "supply"),
        ("TAB-40", "Cleaning tablets, box for cafés", "96.00", "supply"),
        ("BRU-01", "Brush", "9.90", "supply"),
        ("BEL-01", "Bellows", "19.00", "supply"),
        ("CUP-58", "Dosing cup, 58 mm", "24.00", "supply"),
        ("SPR-01", "Spray bottle", "8.50", "supply"),
        ("CRS-01", "Grind course, one day", "95.00", "course"),
    )
)
BY_SKU = {one.sku: one for one in PRODUCTS}


def company(now: datetime, seed: int = 2241) -> Company:
    """The company as the loader needs it: colleagues, teams, the price list, and its business customers."""
    Office(now)  # refuses a naive instant, like every other entry point
    names: dict[str, None] = {}
    for person in population(seed).people:
        if person.organisation:
            names[person.organisation] = None
    teams = tuple(
        Team(key, name, tuple(one.email for one in STAFF if one.team == key)) for key, name in TEAM_NAMES
    )
    return Company(NAME, STAFF, teams, PRODUCTS, tuple(names))
