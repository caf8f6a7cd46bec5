"""The access policy in words: the one table of who may do what, for the reference and for Settings.

Roles that may do the same stand together. Nothing is told here that the policy does not hold; it is read from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.kernel import policy, purposes
from amity.kernel.actor import Actor, Role
from amity.kernel.policy import Grant, Scope

RESOURCES: dict[str, str | Promise] = {
    "conversation": gettext_lazy("Conversations"),
    "activity": gettext_lazy("Timeline and attachments"),
    "person": gettext_lazy("People"),
    "organisation": gettext_lazy("Organisations"),
    "consent": gettext_lazy("What people agreed to and refused"),
    "purpose": gettext_lazy("What people are contacted for"),
    "segment": gettext_lazy("Segments"),
    "order": gettext_lazy("Orders and products"),
    "promise": gettext_lazy("Promises"),
    "erasure": gettext_lazy("Erasure, access requests, register of personal data"),
    "import": gettext_lazy("Imports"),
    "source": gettext_lazy("Sources"),
    "account": gettext_lazy("Accounts of colleagues"),
    "own_source": gettext_lazy("One's own mailboxes"),
    "role": gettext_lazy("This table"),
    "settings": gettext_lazy("Settings of the company"),
    "webhook": gettext_lazy("Webhooks"),
    "audit": gettext_lazy("Audit trail"),
    "status": gettext_lazy("Status"),
    "objective": gettext_lazy("Objectives"),
    "figure": gettext_lazy("Figures"),
}
ACTIONS: dict[str, str | Promise] = {
    "read": gettext_lazy("read"),
    "write": gettext_lazy("change"),
    "delete": gettext_lazy("remove"),
    "export": gettext_lazy("export"),
}
REACH: dict[Scope, str | Promise] = {
    Scope.ALL: gettext_lazy("all teams"),
    Scope.SHARED: gettext_lazy("shared, and of their teams"),
    Scope.OWN: gettext_lazy("assigned to them"),
    Scope.NONE: "",
}
FIELDS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "organisation": gettext_lazy("Organisation"),
    "job_title": gettext_lazy("Job title"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Accounts and customer numbers"),
    "street": gettext_lazy("Street"),
    "postcode": gettext_lazy("Postcode"),
    "tax_number": gettext_lazy("Tax number"),
    "birthday": gettext_lazy("Birthday"),
    purposes.OTHER: gettext_lazy("Whatever else a source told"),
}


@dataclass(frozen=True, slots=True)
class RightsRow:
    """A kind of record, and for each group of roles what they do with it ("" for nothing) and which of it."""

    resource: str
    label: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class FieldRow:
    """Fields that may be used for the same, for what, and the roles that therefore see them."""

    fields: tuple[str, ...]
    purposes: tuple[str, ...]
    roles: tuple[str, ...]


def groups() -> list[tuple[Role, ...]]:
    """Roles in order; those with the same rights to everything stand together."""
    found: dict[tuple[Grant, ...], list[Role]] = {}
    for role in Role:
        found.setdefault(tuple(grants[role] for grants in policy.TABLE.values()), []).append(role)
    return [tuple(roles) for roles in found.values()]


def rights(of: Sequence[tuple[Role, ...]] | None = None) -> list[RightsRow]:
    """One row for each kind of record, a cell for each of these groups (all of them unless told)."""
    firsts = [roles[0] for roles in (groups() if of is None else of)]
    return [
        RightsRow(resource, str(RESOURCES[resource]), tuple(_cell(grants[role]) for role in firsts))
        for resource, grants in policy.TABLE.items()
    ]


def _cell(grant: Grant) -> tuple[str, str]:
    if not grant.actions or grant.scope is Scope.NONE:
        return "", ""
    return ", ".join(str(words) for action, words in ACTIONS.items() if action in grant.actions), str(
        REACH[grant.scope]
    )


def fields(resource: str = "person") -> list[FieldRow]:
    """The personal fields of a record by what they may be used for, the widest first."""
    found: dict[frozenset[purposes.Purpose], list[str]] = {}
    for field, allowed in purposes.OF_FIELD[resource].items():
        found.setdefault(allowed, []).append(field)
    rows = sorted(found.items(), key=lambda row: -len(row[0]))
    return [
        FieldRow(
            tuple(str(FIELDS[field]) for field in names),
            purposes_in_words(allowed),
            tuple(role.label for role in Role if policy.sees_field(Actor(role), resource, names[0])),
        )
        for allowed, names in rows
    ]


def hidden_from(role: Role, resource: str = "person") -> tuple[str, ...]:
    """The personal fields that this role does not see, in words."""
    hidden = policy.hidden_fields(Actor(role), resource)
    return tuple(str(FIELDS[field]) for field in purposes.OF_FIELD[resource] if field in hidden)


def purposes_in_words(allowed: frozenset[purposes.Purpose]) -> tuple[str, ...]:
    """In the order of the list of purposes."""
    return tuple(str(purpose.label) for purpose in purposes.Purpose if purpose in allowed)


def scope_meaning() -> str:
    """What `resource:action` of a token means."""
    return _(
        "A token acts as its colleague. A scope such as person:read names a kind of record and an action; it never "
        "reaches further than the role does, and ends when the colleague leaves."
    )
