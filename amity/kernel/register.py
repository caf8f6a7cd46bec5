"""The register of personal data: what each column of each table, and each folder, holds of whom, and how it goes.

A package declares its tables in `<package>/personal.py`, which is imported at start. A column that nobody declared
fails a test: whoever adds one says what it holds, and how it is erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy


class Holds(StrEnum):
    """What a column holds of a person."""

    ACCOUNT = "account"  # an address, an account, a number at some place
    NAME = "name"
    PROFILE = "profile"  # what sources say of them
    WORDS = "words"  # what they wrote, or we to them and of them
    FILE = "file"
    PURCHASE = "purchase"
    TIME = "time"  # when they did something
    JUDGED = "judged"  # what was told from their words: mood, language
    LINK = "link"  # the id of a record of theirs
    MAYBE = "maybe"  # words of machines and colleagues that may name somebody
    COLLEAGUE = "colleague"  # of a colleague, no customer

    @property
    def label(self) -> Promise:
        return _HOLDS[self]


_HOLDS: dict[Holds, Promise] = {
    Holds.ACCOUNT: pgettext_lazy("personal data", "address or account"),
    Holds.NAME: pgettext_lazy("personal data", "name"),
    Holds.PROFILE: pgettext_lazy("personal data", "what sources say"),
    Holds.WORDS: pgettext_lazy("personal data", "words"),
    Holds.FILE: pgettext_lazy("personal data", "file"),
    Holds.PURCHASE: pgettext_lazy("personal data", "purchase"),
    Holds.TIME: pgettext_lazy("personal data", "time of a deed"),
    Holds.JUDGED: pgettext_lazy("personal data", "judged from words"),
    Holds.LINK: pgettext_lazy("personal data", "id of a record of theirs"),
    Holds.MAYBE: pgettext_lazy("personal data", "may name somebody"),
    Holds.COLLEAGUE: pgettext_lazy("personal data", "of a colleague"),
}


class Fate(StrEnum):
    """What an erasure does to the rows that are about a person."""

    REMOVED = "removed"
    EMPTIED = "emptied"  # the row stays, what names them goes
    NAMELESS = "nameless"  # the row stays under an account without a name
    KEPT = "kept"  # it names nobody
    EXPIRES = "expires"  # it goes by itself
    COLLEAGUES = "colleagues"  # of colleagues: their accounts are closed, not erased

    @property
    def label(self) -> Promise:
        return _FATES[self]


_FATES: dict[Fate, Promise] = {
    Fate.REMOVED: pgettext_lazy("erasure", "removed"),
    Fate.EMPTIED: pgettext_lazy("erasure", "emptied of what names them"),
    Fate.NAMELESS: pgettext_lazy("erasure", "kept without a name"),
    Fate.KEPT: pgettext_lazy("erasure", "kept: names nobody"),
    Fate.EXPIRES: pgettext_lazy("erasure", "goes by itself"),
    Fate.COLLEAGUES: pgettext_lazy("erasure", "about colleagues only"),
}


@dataclass(frozen=True, slots=True)
class Declared:
    """A table, or a folder of the home (its name ends with a slash): what its columns hold, and what becomes of it."""

    name: str
    fate: Fate
    personal: Mapping[str, Holds]
    plain: frozenset[str]
    package: str

    @property
    def columns(self) -> frozenset[str]:
        return self.plain | self.personal.keys()

    @property
    def is_folder(self) -> bool:
        return self.name.endswith("/")


_OF_LIBRARIES = {"account", "auth", "django", "mfa", "procrastinate", "socialaccount", "usersessions"}
_declared: dict[str, Declared] = {}


def table(name: str, fate: Fate, plain: str = "", /, **personal: Holds) -> None:
    """Declare a table: `plain` are the columns that hold nothing of a person, by name; the others say what."""
    _declared[name] = Declared(name, fate, personal, frozenset(plain.split()), _package(name))


def folder(name: str, fate: Fate, /, **holds: Holds) -> None:
    """Declare a folder below the home; `name` ends with a slash."""
    _declared[name] = Declared(name, fate, holds, frozenset(), "files")


def _package(table_name: str) -> str:
    first = table_name.partition("_")[0]
    return "libraries" if first in _OF_LIBRARIES else first


def register() -> list[Declared]:
    """All tables and folders, by package and name."""
    return sorted(_declared.values(), key=lambda one: (one.is_folder, one.package, one.name))
