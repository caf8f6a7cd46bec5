"""Which tier somebody has, and why: the first rule, from the highest tier down, of which one condition holds.

A colleague's choice counts before all rules, until its day has come.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

GOLD, SILVER = "gold", "silver"
TONES = ("outline", "accent", "good", "caution", "info")
MOST_TIERS, MOST_DAYS = 8, 3_650


class Ground(StrEnum):
    """What a tier follows from."""

    BOUGHT = "bought"
    ORDERS = "orders"
    REACH = "reach"
    HAND = "hand"


@dataclass(frozen=True, slots=True)
class Rule:
    """A tier. Each number that is set is a condition, and one of them is enough; without any it is given by hand alone.

    `days`: purchases of so many last days count, None for all that were ever made. `name` is "" for those that Amity
    brings along and calls itself. Who is a VIP is answered within the shorter time.
    """

    key: str
    name: str = ""
    tone: str = "outline"
    is_vip: bool = False
    bought_from: int | None = None
    orders_from: int | None = None
    days: int | None = None
    reach_from: int | None = None

    def as_value(self) -> dict[str, Any]:
        """As settings keep it."""
        return {name: getattr(self, name) for name in type(self).__dataclass_fields__}

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Rule:
        """The rule that `as_value` wrote; fields of later versions are passed over."""
        return cls(**{name: value[name] for name in cls.__dataclass_fields__ if name in value})


def usual(silver_from: int, gold_from: int) -> tuple[Rule, ...]:
    """The tiers of a company that never said otherwise."""
    return (Rule(GOLD, is_vip=True, bought_from=gold_from), Rule(SILVER, bought_from=silver_from))


@dataclass(frozen=True, slots=True)
class Choice:
    """That a colleague gave somebody a tier: why, and until which day, on which it is over."""

    key: str
    reason: str = ""
    by: str = ""
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Measures:
    """What is known of somebody. By `days` of the rules: what they bought, in one currency, and how often."""

    bought: Mapping[int | None, Decimal] = field(default_factory=dict)
    orders: Mapping[int | None, int] = field(default_factory=dict)
    reach: int | None = None
    chosen: Choice | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier, and what it follows from: `amount` is what they have, `least` where the tier starts."""

    rule: Rule
    ground: Ground
    amount: Decimal = Decimal(0)
    least: int = 0
    choice: Choice | None = None


def standing_of(measures: Measures, rules: Sequence[Rule]) -> Standing | None:
    """The tier of somebody; `rules` from the highest down. None for none."""
    chosen = measures.chosen
    by_key = {rule.key: rule for rule in rules}
    if chosen is not None and chosen.key in by_key:
        return Standing(by_key[chosen.key], Ground.HAND, choice=chosen)
    for rule in rules:
        for ground, amount, least in _conditions(measures, rule):
            if amount is not None and least is not None and amount >= least:
                return Standing(rule, ground, amount, least)
    return None


def _conditions(measures: Measures, rule: Rule) -> tuple[tuple[Ground, Decimal | None, int | None], ...]:
    reach = None if measures.reach is None else Decimal(measures.reach)
    return (
        (Ground.BOUGHT, measures.bought.get(rule.days, Decimal(0)), rule.bought_from),
        (Ground.ORDERS, Decimal(measures.orders.get(rule.days, 0)), rule.orders_from),
        (Ground.REACH, reach, rule.reach_from),
    )
