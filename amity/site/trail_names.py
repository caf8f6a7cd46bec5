"""What the records of the trail are called, for who reads it: a name instead of an id, where they may know it.

A name is looked up as it is now, through the same policy as everywhere. People, their accounts and their organisations
are made of what all sources said together: to whom a source or addresses are hidden, they keep their ids here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Model

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.audit_triggers import declared
from amity.people.queries.visibility import is_unlimited
from amity.site.models import AccountLink
from amity.site.trail import OF_ALL_SOURCES, Line

Key = tuple[str, str]

# By the name under which the trail knows a kind of record: the field that says what one is called.
NAMED = {
    "account": "address",
    "accountlink": "email",
    "apitoken": "name",
    "conversation": "subject",
    "customfield": "label",
    "endpoint": "url",
    "identity": "address",
    "importrun": "filename",
    "inlet": "name",
    "objective": "name",
    "order": "number",
    "organisation": "name",
    "outboundmessage": "subject",
    "person": "name",
    "product": "name",
    "promise": "what",
    "purpose": "name",
    "savedmapping": "name",
    "savedview": "name",
    "segment": "name",
    "singlesignon": "name",
    "source": "name",
    "staff": "name",
    "team": "name",
}
_NO_KEYS = {("staff", "teams"): "team"}  # lists of ids that stand in entries about accounts


@cache
def _models() -> dict[str, type[Model]]:
    """The model behind each kind that has names."""
    own = ((str(model._meta.model_name), model) for model, audited in declared() if not audited.subject)
    return {kind: model for kind, model in own if kind in NAMED}


@cache
def pointers() -> dict[Key, str]:
    """Which fields of an entry hold the id of another record: by subject and field, the kind of that record."""
    found = dict(_NO_KEYS)
    for model, audited in declared():
        subject = audited.subject or str(model._meta.model_name)
        for field in model._meta.local_fields:
            if field.related_model and field.column:
                kind = str(field.related_model._meta.model_name)
                if kind in NAMED:
                    found[subject, field.column] = kind
    return found


class Names:
    """The names of the records of some entries, by kind and id."""

    def __init__(self, found: dict[Key, str]) -> None:
        self._found = found

    def of(self, kind: str, id: object) -> str:
        """What it is called; "" for what has no name, is gone, or is not for the reader."""
        return self._found.get((kind, str(id)), "")

    def pointed_at(self, subject: str, field: str, value: Any) -> str:
        """What a value of a field is called, if it is an id of a record, or a list of them."""
        kind = pointers().get((subject, field))
        if kind is None or not value:
            return ""
        named = [self.of(kind, one) or str(one) for one in (value if isinstance(value, list) else [value])]
        return ", ".join(named)


def names_of(lines: Iterable[Line], actor: Actor) -> Names:
    """The names that stand in these entries: one query for each kind of record in them."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    for line in lines:
        for kind, id in _mentioned(line):
            if kind in NAMED and (key := _uuid(id)):
                wanted[kind].add(key)
    found: dict[Key, str] = {}
    for kind, ids in wanted.items():
        found |= {(kind, str(id)): name for id, name in _names(kind, ids, actor)}
    invited = {id for id in wanted["staff"] if ("staff", str(id)) not in found}  # they have no account yet
    found |= {("staff", str(id)): name for id, name in _named(AccountLink, "email", invited)}
    return Names(found)


def called(kind: str, id: object, actor: Actor) -> str:
    """What one record is called; "" for what has no name, is gone, or is not for the actor."""
    key = _uuid(id)
    if kind not in NAMED or key is None:
        return ""
    return next((name for _id, name in _names(kind, {key}, actor)), "")


def _mentioned(line: Line) -> Iterator[tuple[str, object]]:
    if line.is_withheld:
        return
    subject = line.entry.subject
    yield subject, line.entry.subject_id
    for values in (line.before, line.after):
        for field, value in values.items():
            kind = pointers().get((subject, field))
            if kind is not None:
                for one in value if isinstance(value, list) else [value]:
                    yield kind, one


def _names(kind: str, ids: set[UUID], actor: Actor) -> list[tuple[Any, str]]:
    if kind in OF_ALL_SOURCES and not is_unlimited(actor):
        return []
    return _named(_models()[kind], NAMED[kind], ids, actor)


def _named(
    model: type[Model], field: str, ids: set[UUID], actor: Actor | None = None
) -> list[tuple[Any, str]]:
    if not ids:
        return []
    rows = model._default_manager.filter(pk__in=ids)
    if actor is not None and hasattr(model, "access"):
        rows = policy.visible(rows, actor)
    return list(rows.values_list("pk", field))


def _uuid(text: object) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None
