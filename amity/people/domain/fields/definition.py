"""What a field of the company's own is: its kind, what may be chosen, who sees and who writes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

PREFIX = "custom:"
"""How the facts are called that hold values of such fields; what else sources tell never begins so."""
MOST_FIELDS = 100
MOST_OPTIONS = 200
LONGEST_KEY, LONGEST_LABEL, LONGEST_HELP, LONGEST_OPTION = 32, 80, 300, 80


class Kind(StrEnum):
    """What the values of a field are. It stays as it was made: values of one kind are not those of another."""

    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON = "person"
    URL = "url"
    YES_NO = "yes_no"

    @property
    def has_options(self) -> bool:
        return self in (Kind.CHOICE, Kind.CHOICES)

    @property
    def is_measured(self) -> bool:
        """Whether values lie before and after one another, so that one asks for those from … to …"""
        return self in (Kind.NUMBER, Kind.MONEY, Kind.DATE)


class Gone(StrEnum):
    """What became of the values when an option was taken out."""

    KEEP = "keep"  # who has it keeps it; nobody can choose it any more
    CLEAR = "clear"  # who has it has nothing
    BECOMES = "becomes"  # who has it has another option


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values of a choice. Its key stays when it is renamed, so values do. `gone` is "" while it is there."""

    key: str
    label: str
    gone: str = ""
    becomes: str = ""

    def to_json(self) -> dict[str, str]:
        plain = {"key": self.key, "label": self.label, "gone": self.gone, "becomes": self.becomes}
        return {name: value for name, value in plain.items() if value}


@dataclass(frozen=True, slots=True)
class Definition:
    """A field. `purposes` decide who sees it, `writers` (roles; empty: all who change such records) who writes it."""

    id: int
    resource: str
    key: str
    label: str
    kind: Kind
    help: str = ""
    options: tuple[Option, ...] = ()
    currency: str = ""
    purposes: frozenset[str] = frozenset()
    writers: frozenset[str] = frozenset()
    position: int = 0
    is_listed: bool = False
    is_hidden: bool = False

    @property
    def fact(self) -> str:
        """The name of the facts that hold its values."""
        return PREFIX + self.key

    @property
    def offered(self) -> tuple[Option, ...]:
        """The options that can be chosen."""
        return tuple(option for option in self.options if not option.gone)

    def option(self, key: str) -> Option | None:
        return next((option for option in self.options if option.key == key), None)

    def settled(self, key: str) -> str:
        """The key of the option that somebody has who was given this one; "" where it was cleared or never was."""
        for _ in range(len(self.options) + 1):
            option = self.option(key)
            if option is None or option.gone == Gone.CLEAR:
                return ""
            if option.gone != Gone.BECOMES:
                return key
            key = option.becomes
        return ""


def options_from_json(found: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    """What `Option.to_json` wrote."""
    return tuple(
        Option(one["key"], one["label"], one.get("gone", ""), one.get("becomes", "")) for one in found
    )


def with_option(options: Sequence[Option], changed: Option) -> tuple[Option, ...]:
    """The options with this one in the place of the one with its key."""
    return tuple(changed if option.key == changed.key else option for option in options)


def offered_again(options: Sequence[Option], key: str) -> tuple[Option, ...]:
    """The options with this one offered as before it was taken out."""
    return tuple(replace(option, gone="", becomes="") if option.key == key else option for option in options)


def free_key(wanted: str, taken: Sequence[str], otherwise: str = "field") -> str:
    """A key like `wanted` (folded words) that is not taken: small letters, digits and _, beginning with a letter.

    >>> free_key("loyalty tier", ["loyalty_tier"])
    'loyalty_tier_2'
    """
    plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in wanted).strip("_")
    base = (plain if plain[:1].isalpha() else f"{otherwise}_{plain}".strip("_"))[:LONGEST_KEY].rstrip("_")
    if base not in taken:
        return base
    for number in range(2, len(taken) + 3):
        numbered = f"{base[: LONGEST_KEY - len(str(number)) - 1]}_{number}"
        if numbered not in taken:
            return numbered
    return base
