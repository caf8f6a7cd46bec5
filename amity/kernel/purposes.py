"""Why a personal field may be used, and what each role is here for: a field is for those who share a purpose with it.

The law asks for a purpose of every use of personal data (GDPR, article 5(1)(b)), and for no more data than it needs
(5(1)(c)). Both tables are short so that they can be read; `amity.kernel.policy.sees_field` is what follows from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from amity.kernel.actor import Role


class Purpose(StrEnum):
    """What personal data is used for."""

    SERVICE = "service"
    SALES = "sales"
    MARKETING = "marketing"
    ANALYSIS = "analysis"
    LEGAL = "legal"

    @property
    def label(self) -> Promise:
        return _LABELS[self]


_LABELS: dict[Purpose, Promise] = {
    Purpose.SERVICE: pgettext_lazy("purpose", "service"),
    Purpose.SALES: pgettext_lazy("purpose", "sales"),
    Purpose.MARKETING: pgettext_lazy("purpose", "marketing"),
    Purpose.ANALYSIS: pgettext_lazy("purpose", "analysis"),
    Purpose.LEGAL: pgettext_lazy("purpose", "legal duties"),
}

EVERY = frozenset(Purpose)
_REACHING = frozenset({Purpose.SERVICE, Purpose.SALES, Purpose.MARKETING, Purpose.LEGAL})
_SENDING = frozenset({Purpose.SERVICE, Purpose.SALES, Purpose.LEGAL})

OF_ROLE: dict[Role, frozenset[Purpose]] = {
    Role.OWNER: EVERY,
    Role.ADMINISTRATOR: EVERY,
    Role.AGENT: frozenset({Purpose.SERVICE}),
    Role.SALES: frozenset({Purpose.SALES}),
    Role.MARKETER: frozenset({Purpose.MARKETING}),
    Role.COMMUNITY_MANAGER: frozenset({Purpose.SERVICE, Purpose.MARKETING}),
    Role.PR: frozenset({Purpose.MARKETING}),
    Role.LEGAL: frozenset({Purpose.LEGAL}),
    Role.ANALYST: frozenset({Purpose.ANALYSIS}),
    Role.PARTNER: frozenset({Purpose.SERVICE}),
}

OTHER = "other"
"""Stands for every field of a source that is not named below: it could hold an address."""

OF_FIELD: dict[str, dict[str, frozenset[Purpose]]] = {
    "person": {
        "name": EVERY,
        "given_name": EVERY,
        "family_name": EVERY,
        "organisation": EVERY,
        "job_title": EVERY,
        "city": EVERY,
        "country": EVERY,
        "language": EVERY,
        "email": _REACHING,
        "phone": _REACHING,
        "address": _REACHING,  # of any network: handles, numbers of customers
        "street": _SENDING,
        "postcode": _SENDING,
        "tax_number": _SENDING,
        "birthday": frozenset({Purpose.SERVICE, Purpose.MARKETING, Purpose.LEGAL}),
        OTHER: _REACHING,
    },
}
"""By resource. What does not stand here is not personal, or is no field of a record (an id, a state)."""


T = TypeVar("T")
OWN = "custom:"
"""How the names of fields begin that a company has made for itself."""

Purposes = Mapping[str, frozenset[Purpose]]


class OwnFields(Protocol):
    """Tells what the fields may be used for that the company has made for itself. `amity.people` provides it."""

    def purposes_of(self, resource: str) -> Purposes:
        """By the name of the field, those that are hidden for now included."""


class _NoFields:
    def purposes_of(self, resource: str) -> Purposes:  # noqa: ARG002  # the shape of the protocol
        return {}


_own_fields: OwnFields = _NoFields()
_remembered: ContextVar[dict[str, Any] | None] = ContextVar("own_fields", default=None)


def provide_own_fields(provider: OwnFields) -> None:
    """Called once at start by the package that keeps them, so that the kernel need not know it."""
    global _own_fields
    _own_fields = provider


@contextmanager
def one_look() -> Iterator[None]:
    """Within it, which fields the company has made is asked once."""
    token = _remembered.set({})
    try:
        yield
    finally:
        _remembered.reset(token)


def asked_once(key: str, ask: Callable[[], T]) -> T:
    """What `ask` answers; within one look it is asked once for each `key`."""
    remembered = _remembered.get()
    if remembered is None:
        return ask()
    if key not in remembered:
        remembered[key] = ask()
    found: T = remembered[key]
    return found


def forget_what_was_asked() -> None:
    """Called by whoever changes fields: they are asked for anew."""
    remembered = _remembered.get()
    if remembered is not None:
        remembered.clear()


def own_fields(resource: str) -> Purposes:
    """What the company's own fields of such records may be used for, by name."""
    return asked_once(f"purposes {resource}", lambda: _own_fields.purposes_of(resource))


def known_as(resource: str, field: str) -> str:
    """The name under which a field that a source gave stands in the table."""
    if field.startswith(OWN):
        return field
    return field if field in OF_FIELD[resource] else OTHER


def purposes_of(resource: str, field: str) -> frozenset[Purpose] | None:
    """What a field of such records may be used for, by the name a source gave it; None for what is not personal."""
    if field.startswith(OWN):
        return own_fields(resource).get(field, OF_FIELD["person"][OTHER])
    return OF_FIELD.get(resource, {}).get(field)


def shared(role: Role, resource: str, field: str) -> bool:
    """Whether what this role is here for is something that the field may be used for."""
    purposes = purposes_of(resource, field)
    return purposes is None or bool(purposes & OF_ROLE[role])
