"""Fields that the company has made for itself, and what people agreed to, as files may fill them.

`amity.people` says which fields there are, `amity.consent` for which purposes people are asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from django.utils.translation import gettext as _

from amity.channels.adapters.file.mapping import Mapping as FileMapping
from amity.channels.adapters.file.mapping import RecordKind, Source, column_key
from amity.channels.adapters.file.patterns import detect_date, uses_decimal_comma
from amity.channels.adapters.file.shape import Shape
from amity.channels.adapters.file.values import date_parser
from amity.channels.records import Unreadable
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.purposes import OWN

ReadDate = Callable[[str], datetime]
_NAMED = re.compile(r"“([^”]{1,200})”")
CONSENT = "consent:"
"""How the names of `extra` of people begin that say what they agreed to and refused."""


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field: the name of its facts, what it is called, and how a cell becomes the one spelling of a value.

    `read` takes the text, whether decimals have a comma, and how dates are read; it raises `Unreadable`. `part` is
    where a record holds it: `facts` or `extra`. `names` are other names of columns that are taken for it.
    """

    fact: str
    label: str
    is_hidden: bool
    read: Callable[[str, bool, ReadDate], str]
    part: str = "facts"
    names: tuple[str, ...] = ()

    @property
    def role(self) -> str:
        """How a mapping names it."""
        return f"{self.part}.{self.fact}"


class OwnFields(Protocol):
    """Tells which fields people have."""

    def all(self) -> Sequence[OwnField]:
        """In order; those that are hidden now too, as files of before name them."""


class _NoFields:
    def all(self) -> Sequence[OwnField]:
        return ()


_provider: OwnFields = _NoFields()
_consent: OwnFields = _NoFields()


def provide_own_fields(provider: OwnFields) -> None:
    """Called once at start by the package that keeps them."""
    global _provider
    _provider = provider


def provide_consent(provider: OwnFields) -> None:
    """Called once at start by the package that keeps what people agreed to."""
    global _consent
    _consent = provider


def _all() -> tuple[OwnField, ...]:
    return (*_provider.all(), *_consent.all())


def is_own(name: str) -> bool:
    """Whether a name of a fact, or in `extra`, is one of these."""
    return name.startswith((OWN, CONSENT))


def own_fields() -> dict[str, OwnField]:
    """By the name of their facts."""
    return {one.fact: one for one in _all()}


def closed_words(actor: Actor) -> frozenset[str]:
    """What those fields of people are called that this actor does not see, and the names of their facts."""
    closed = (one for one in _provider.all() if not policy.sees_field(actor, "person", one.fact))
    return frozenset(word for one in closed for word in (one.label, one.fact))


def reason_for(actor: Actor, error: Unreadable) -> str:
    """Why something is not taken, without naming a field that this actor does not see."""
    named = _NAMED.match(error.reason)
    if named and named.group(1) in closed_words(actor):
        return _("A rule about a field that is not for your role refuses this. Ask an administrator.")
    return error.reason


def own_roles(kind: RecordKind) -> dict[str, str]:
    """What columns of such a file may be used for besides, with words: `facts.custom:<key>`; of people also
    `extra.consent:…`."""
    if kind is RecordKind.MIXED:
        return {}
    found = _all() if kind is RecordKind.PERSON else _provider.all()
    return {one.role: one.label for one in found if not one.is_hidden}


def cell_reader(fact: str, mapping: FileMapping, shape: Shape, source: Source) -> Callable[[str], str]:
    """A function from the text of a cell to the value of a field, in the notation of its column.

    It raises `Unreadable`, which begins with the column. A field that there is not is refused at once.
    """
    field = own_fields().get(fact)
    if field is None and fact.startswith(CONSENT):
        raise Unreadable(
            "mapping",
            f"Nobody is contacted for “{fact.removeprefix(CONSENT)}”. Choose another use for its column.",
        )
    if field is None:
        key = fact.removeprefix(OWN)
        raise Unreadable(
            "mapping", f"There is no field “{key}” in Settings, Fields. Choose another use for its column."
        )
    column = next(iter(source.columns), field.label)
    cells = _cells(shape, column)
    comma = uses_decimal_comma(cells)
    date = detect_date(cells) if cells else None
    named = date.date_format if date and date.is_sure else mapping.date_format
    # In UTC: a day is a day everywhere, the zone of the file does not move it.
    read_date, has_comma = date_parser(named), mapping.decimal_comma if comma is None else comma

    def read(text: str) -> str:
        try:
            return field.read(text, has_comma, read_date)
        except Unreadable as error:
            raise Unreadable(error.code, f"“{column}”: {error.reason}") from error

    return read


def _cells(shape: Shape, column: str) -> list[str]:
    wanted = column_key(column)
    place = next((index for index, name in enumerate(shape.columns) if column_key(name) == wanted), None)
    return [] if place is None else [cell for row in shape.sample if (cell := row[place].strip())]


class OwnFacts:
    """Checks facts (and `extra`) of records that come in our own format; asks which fields there are once, and only
    where one is named."""

    def __init__(self) -> None:
        self._known: dict[str, OwnField] | None = None

    def checked(self, facts: Any) -> Any:
        """The facts with own ones in their one spelling. Raises `Unreadable`; what is no object stays as it is."""
        if not isinstance(facts, Mapping) or not any(is_own(str(name)) for name in facts):
            return facts
        if self._known is None:
            self._known = own_fields()
        return {name: self._one(str(name), value) for name, value in facts.items()}

    def _one(self, name: str, value: Any) -> Any:
        if not is_own(name) or value in ("", None):
            return value
        assert self._known is not None
        field = self._known.get(name)
        if field is None:
            where = (
                "purpose in Settings, Purposes" if name.startswith(CONSENT) else "field in Settings, Fields"
            )
            raise Unreadable("facts", f"“{name}”: there is no such {where}.")
        text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
        text = {"True": "yes", "False": "no"}.get(text, text) if isinstance(value, bool) else text
        try:
            return field.read(text, False, date_parser("iso"))
        except Unreadable as error:
            raise Unreadable(error.code, f"“{name}”: {error.reason}") from error


def with_own_fields(mapping: FileMapping, shape: Shape) -> FileMapping:
    """A guessed mapping of people in which columns that are called like a field fill it.

    What says who somebody is, or is a fact of every company, stays; a number or a date of the row was a guess.
    """
    if mapping.record is not RecordKind.PERSON:
        return mapping
    fields = dict(mapping.fields)
    own_guesses = [name for name in ("at", "id") if name in fields and fields[name].columns]
    guessed = {column_key(fields[name].columns[0]): name for name in own_guesses}
    used = {column_key(column) for handle in mapping.handles for column in handle.source.columns}
    used |= {column_key(one) for source in fields.values() for one in source.columns} - guessed.keys()
    names = {column_key(column): column for column in shape.columns if column_key(column) not in used}
    for one in _all():
        if one.is_hidden or one.role in fields:
            continue
        for called in map(column_key, (one.label, one.fact, one.fact.removeprefix(OWN), *one.names)):
            if column := names.pop(called, ""):
                fields.pop(guessed.get(called, ""), None)
                fields[one.role] = Source((column,))
                break
    return replace(mapping, fields=fields)
