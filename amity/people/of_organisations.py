"""What is said of organisations in the company's own fields: the newest is shown, the others stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.people.domain.fields.values import CANONICAL, Notation, Refused, read
from amity.people.field_words import refusal
from amity.people.models import Organisation, OrganisationFact
from amity.people.queries.fields import ORGANISATION, fields_for, may_write
from amity.people.queries.organisations import organisation_of


def say_of_organisation(
    organisation_id: UUID,
    said: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    notation: Notation = CANONICAL,
    unchanged: Callable[[], None] | None = None,
) -> list[UUID]:
    """Have these values stand for an organisation: key of the field → what was typed. Gives the facts, to take back.

    Raises `NotFound` for one that the actor does not know, `Forbidden` for a field that is not theirs to write,
    `Invalid` (`fields` by key) for what is no value. `unchanged` may refuse, in the turn of this change.
    """
    policy.require(actor, "write", "organisation")
    known = {one.key: one for one in fields_for(actor, ORGANISATION)}
    values, wrong = {}, {}
    for key, typed in said.items():
        definition = known.get(key)
        if definition is None:
            wrong[key] = _("There is no field “%(field)s”.") % {"field": key[:40]}
        elif not may_write(actor, definition):
            words = _("“%(label)s” is not for your role to change.") % {"label": definition.label}
            raise Forbidden(words, field=key)
        else:
            try:
                values[definition.fact] = read(definition, typed.replace("\x00", ""), notation)
            except Refused as error:
                wrong[key] = refusal(definition, error)
            if values.get(definition.fact) == "":
                wrong[key] = _("Type a value. To take back what was typed, choose “Take back”.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    with transaction.atomic():
        found = organisation_of(actor, organisation_id)
        Organisation.objects.select_for_update().get(pk=found.id)
        if unchanged is not None:
            unchanged()
        made = OrganisationFact.objects.bulk_create(
            OrganisationFact(
                id=uuid7(at), organisation_id=found.id, field=name, value=value, said_by_id=actor.staff_id,
                observed_at=at,
            )
            for name, value in values.items()
        )  # fmt: skip
    return [one.pk for one in made]


def take_back_of_organisation(organisation_id: UUID, fact_id: UUID, *, actor: Actor) -> str:
    """Remove what was said: what was said before stands there again. Gives the key of the field."""
    policy.require(actor, "write", "organisation")
    with transaction.atomic():
        found = organisation_of(actor, organisation_id)
        fact = (
            OrganisationFact.objects.select_for_update().filter(pk=fact_id, organisation_id=found.id).first()
        )
        known = {one.fact: one for one in fields_for(actor, ORGANISATION)}
        if fact is None or fact.field not in known:
            raise NotFound(_("This was taken back already."))
        if not may_write(actor, known[fact.field]):
            words = _("“%(label)s” is not for your role to change.") % {"label": known[fact.field].label}
            raise Forbidden(words, field=fact.field)
        fact.delete()
    return known[fact.field].key
