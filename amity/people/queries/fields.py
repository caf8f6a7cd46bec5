"""The company's own fields, and what an actor may do with each."""

from __future__ import annotations

from amity.kernel import policy, purposes
from amity.kernel.actor import Actor, Role
from amity.people.domain.fields.definition import Definition
from amity.people.models import CustomField

PERSON, ORGANISATION = "person", "organisation"
STEERING = (Role.OWNER, Role.ADMINISTRATOR)


class OwnFieldsOfPeople:
    """Tells the access policy what these fields may be used for."""

    def purposes_of(self, resource: str) -> purposes.Purposes:
        return {one.fact: as_purposes(one.purposes) for one in all_fields(resource)}


def as_purposes(named: object) -> frozenset[purposes.Purpose]:
    """Purposes by name; what is none is left out."""
    known = set(named) if isinstance(named, list | tuple | set | frozenset) else set()
    return frozenset(purpose for purpose in purposes.Purpose if purpose.value in known)


def all_fields(resource: str = PERSON) -> tuple[Definition, ...]:
    """Every field of such records, in order, those that are hidden included."""
    return purposes.asked_once(f"fields {resource}", lambda: _read(resource))


def _read(resource: str) -> tuple[Definition, ...]:
    return tuple(one.definition() for one in CustomField.objects.filter(resource=resource))


def sees(actor: Actor, definition: Definition) -> bool:
    """Whether the field is there for this actor: `policy.sees_field`, for a definition at hand."""
    if definition.is_hidden:
        return False
    if actor.role is None:
        return True
    shared = as_purposes(definition.purposes) & purposes.OF_ROLE[actor.role]
    return bool(shared) and "read" in policy.grant(actor.role, definition.resource).actions


def fields_for(actor: Actor, resource: str = PERSON) -> tuple[Definition, ...]:
    """The fields of such records that this actor sees, in order."""
    return tuple(one for one in all_fields(resource) if sees(actor, one))


def may_write(actor: Actor, definition: Definition) -> bool:
    """Whether this actor may say something for the field; owners and administrators always may."""
    if not sees(actor, definition) or not policy.may(actor, "write", definition.resource):
        return False
    if actor.role is None or actor.role in STEERING or not definition.writers:
        return True
    return actor.role.value in definition.writers
