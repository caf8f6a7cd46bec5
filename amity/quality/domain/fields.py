"""Which fields of people are judged, and by what. One function lists them all, so that later ones join.

A field is plain: how its values are called by sources (`key`, or the network of addresses), what is wrong with a value,
what it should be, and which questions make sense of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from amity.people.domain.folding import fold
from amity.quality.domain import checks
from amity.quality.domain.checks import Check, Suggestion


class Problem(StrEnum):
    """What can be wrong with a field of somebody. Each is counted against one dimension."""

    MISSING = "missing"  # completeness
    INVALID = "invalid"  # validity
    SHARED = "shared"  # uniqueness
    STALE = "stale"  # freshness
    CONFLICT = "conflict"  # consistency


@dataclass(frozen=True, slots=True)
class Field:
    """`network`: its values are addresses there, not facts. `ages`: it should be confirmed from time to time.
    `identifies`: two people should not share a value. `is_single`: sources should agree on it. `weight` is how much it
    counts unless an administrator says otherwise. `counts`: what is left of a value today, "" for nothing. `named`: how
    it is shown. `is_settled`: the same value is always judged alike."""

    key: str
    label: Any
    check: Check = checks.check_words
    suggest: Callable[[str], Suggestion | None] = checks.suggest_words
    network: str = ""
    weight: int = 0
    ages: bool = True
    identifies: bool = False
    is_single: bool = True
    same: Callable[[str], str] = fold
    counts: Callable[[str], str] = str
    named: Callable[[str], str] = str
    is_settled: bool = True

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What can be said of it."""
        if self.key == RECORD:
            return (Problem.SHARED,)
        found = [Problem.MISSING, Problem.INVALID]
        if self.identifies:
            found.append(Problem.SHARED)
        if self.ages:
            found.append(Problem.STALE)
        if self.is_single or self.network == "phone":
            found.append(Problem.CONFLICT)
        return tuple(found)


RECORD = "record"
"""Stands for the whole record, of which one thing is asked: whether it may be there twice."""


def _country(value: str) -> str:
    found = checks.suggest_country(value)
    return found.value if found else fold(value)


def _language(value: str) -> str:
    found = checks.suggest_language(value)
    return (found.value if found else value.lower()).partition("-")[0]


def plain_fields(labels: dict[str, Any], today: date) -> tuple[Field, ...]:
    """The fields that every installation has; `labels` names them for people."""

    def field(key: str, **more: Any) -> Field:
        return Field(key, labels.get(key, key), **more)

    named: dict[str, Any] = {"check": checks.check_name}
    return (
        field(RECORD, weight=3),
        field("name", weight=3, ages=False, **named),
        field("email", network="email", weight=3, check=checks.check_email, suggest=checks.suggest_email,
              identifies=True, is_single=False),
        field("phone", network="phone", weight=2, check=checks.check_phone, suggest=lambda _: None,
              identifies=True, is_single=False),
        field("city", weight=1, **named),
        field("country", weight=1, check=checks.check_country, suggest=checks.suggest_country, same=_country),
        field("language", weight=1, check=checks.check_language, suggest=checks.suggest_language, same=_language),
        field("organisation", weight=1, **named),
        field("job_title", **named),
        field("birthday", check=checks.birthday_check(today), suggest=checks.suggest_date, ages=False),
        field("customer", network="customer", check=checks.check_words, ages=False, is_single=False),
    )  # fmt: skip
