"""What programs say of the company's own fields, checked before it is taken in: whoever says it hears it at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from amity.channels.own_fields import OwnField, ReadDate
from amity.channels.records import Unreadable
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid
from amity.people.domain.fields.definition import PREFIX, Definition
from amity.people.domain.fields.values import Notation, Refused, read
from amity.people.field_words import refusal
from amity.people.queries.fields import all_fields, fields_for, may_write


def with_custom_facts(
    said: Mapping[str, Any], *, actor: Actor, definitions: Sequence[Definition] | None = None
) -> dict[str, Any]:
    """`said` with its `custom` (key → value) as facts in their one spelling.

    Raises `Invalid` (`fields` by `custom.<key>`) for an unknown field or what is no value, `Forbidden` for a field that
    is not the actor's to write. `definitions` are `fields_for(actor)`, where the caller has them.
    """
    custom = said.get("custom") or {}
    rest = {name: value for name, value in said.items() if name != "custom"}
    if not custom:
        return rest
    known = {one.key: one for one in (fields_for(actor) if definitions is None else definitions)}
    facts, wrong = dict(rest.get("facts") or {}), {}
    for key, value in custom.items():
        definition = known.get(key)
        if definition is None:
            wrong[f"custom.{key}"] = _("There is no field “%(field)s”.") % {"field": key[:40]}
            continue
        if not may_write(actor, definition):
            words = _("“%(label)s” is not for your role to change.") % {"label": definition.label}
            raise Forbidden(words, field=key)
        try:
            text = read(definition, as_text(value))
        except Refused as error:
            wrong[f"custom.{key}"] = refusal(definition, error)
            continue
        if text:
            facts[PREFIX + key] = text
        else:
            wrong[f"custom.{key}"] = _("Say a value. What was said before is kept, and the newest is shown.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return rest | {"facts": facts}


def as_text(value: object) -> str:
    """A value of JSON as somebody would type it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return format(Decimal(str(value)), "f") if isinstance(value, float) else str(value)


class OwnFieldsForFiles:
    """Tells `amity.channels` which fields columns may fill, and reads their cells."""

    def all(self) -> Sequence[OwnField]:
        return [
            OwnField(one.fact, one.label, one.is_hidden, partial(_read_cell, one)) for one in all_fields()
        ]


def _read_cell(definition: Definition, text: str, decimal_comma: bool, date: ReadDate) -> str:
    try:
        return read(definition, text, Notation(decimal_comma, date))
    except Refused as error:
        raise Unreadable(f"own_{error.code}", refusal(definition, error)) from error
