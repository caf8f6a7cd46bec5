"""Administrators make the company's own fields, rename, reorder and hide them: values stay whatever they do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from amity.kernel import policy
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Invalid, NotFound
from amity.kernel.purposes import forget_what_was_asked
from amity.people.domain.fields.definition import (
    LONGEST_HELP,
    LONGEST_LABEL,
    LONGEST_OPTION,
    MOST_FIELDS,
    MOST_OPTIONS,
    Definition,
    Gone,
    Kind,
    Option,
    free_key,
    offered_again,
    with_option,
)
from amity.people.domain.folding import fold
from amity.people.models import CustomField, CustomValue
from amity.people.queries.fields import ORGANISATION, PERSON, as_purposes

SETTLE = "people.settle_options"
AT_ONCE = 5_000
"""As many values are changed in the request that takes an option out; more are for a job."""
Unchanged = Callable[[CustomField], None] | None


def together() -> AbstractContextManager[None]:
    """Several changes of a field that happen all or not at all."""
    return transaction.atomic()


def no_field() -> str:
    return _("This field does not exist.")


def add_field(
    resource: str,
    *,
    label: str,
    kind: str,
    actor: Actor,
    at: datetime,
    help: str = "",  # noqa: A002 - its name everywhere
    options: Sequence[str] = (),
    currency: str = "",
    purposes: Sequence[str] = (),
    writers: Sequence[str] = (),
    is_listed: bool = False,
) -> CustomField:
    """Make a field. Its key follows from the label and stays; so does its kind. Raises `Invalid`."""
    policy.require(actor, "write", "settings")
    if resource not in (PERSON, ORGANISATION):
        raise _invalid("resource", _("Fields are of people or of organisations."))
    if kind not in set(Kind):
        raise _invalid("kind", _("Choose what its values are."))
    if Kind(kind) is Kind.MONEY and not _is_currency(currency):
        raise _invalid("currency", _("Use the three capital letters of a currency, for example EUR."))
    made = CustomField(
        resource=resource, kind=kind, currency=currency if Kind(kind) is Kind.MONEY else "",
        created_at=at, created_by_id=actor.staff_id, position=0,
    )  # fmt: skip
    _set(made, label=label, help=help, purposes=purposes, writers=writers, is_listed=is_listed)
    if Kind(kind).has_options:
        made.options = [one.to_json() for one in _options((), [{"label": label} for label in options])]
        if not made.options:
            raise _invalid("options", _("Give at least one option, one a line."))
    with transaction.atomic():
        there = list(CustomField.objects.select_for_update().filter(resource=resource))
        if len(there) >= MOST_FIELDS:
            raise _invalid("label", _("There can be %(most)s fields. Rename one.") % {"most": MOST_FIELDS})
        _refuse_taken(made, there)
        made.key = free_key(fold(made.label), [one.key for one in there])
        made.position = max((one.position for one in there), default=0) + 1
        made.save()
    forget_what_was_asked()
    return made


def change_field(
    field_id: int, changes: dict[str, Any], *, actor: Actor, unchanged: Unchanged = None
) -> CustomField:
    """Set label, help, purposes, writers, is_listed, options (`{key?, label}` in their order). Raises `Invalid`.

    An option that is not named stays where it was; a name without a key is a new one. `kind` and `currency` may be
    named as they are, and are refused otherwise.
    """
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        found = _locked(field_id)
        if unchanged is not None:
            unchanged(found)
        for fixed in ("kind", "currency", "resource", "key"):
            if changes.get(fixed, getattr(found, fixed)) != getattr(found, fixed):
                raise _invalid(fixed, _("This stays as it was made. Make another field, and hide this one."))
        if "options" in changes and Kind(found.kind).has_options:
            found.options = [
                one.to_json() for one in _options(found.definition().options, changes["options"])
            ]
        rest = {"label": found.label, "help": found.help, "purposes": found.purposes, "writers": found.writers,
                "is_listed": found.is_listed}  # fmt: skip
        _set(found, **rest | {name: value for name, value in changes.items() if name in rest})
        _refuse_taken(found, list(CustomField.objects.filter(resource=found.resource).exclude(pk=found.pk)))
        found.save()
    forget_what_was_asked()
    return found


def move_field(field_id: int, steps: int, *, actor: Actor) -> CustomField:
    """Move a field up (-1) or down (1) among those of its kind of record."""
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        found = _locked(field_id)
        rows = CustomField.objects.select_for_update().filter(resource=found.resource, hidden_at__isnull=True)
        there = list(rows)
        if found.pk in {one.pk for one in there}:
            place = [one.pk for one in there].index(found.pk)
            there.insert(max(0, place + steps), there.pop(place))
        for position, one in enumerate(there, 1):
            if one.position != position:
                CustomField.objects.filter(pk=one.pk).update(position=position)
    forget_what_was_asked()
    found.refresh_from_db()
    return found


def hide_field(field_id: int, *, actor: Actor, at: datetime) -> CustomField:
    """Take a field away from every screen. Its values stay, and count again when it is put back."""
    return _set_hidden(field_id, at, actor)


def put_back_field(field_id: int, *, actor: Actor) -> CustomField:
    """Show a hidden field again, with its values. Raises `Invalid` where its label was given to another."""
    return _set_hidden(field_id, None, actor)


def _set_hidden(field_id: int, at: datetime | None, actor: Actor) -> CustomField:
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        found = _locked(field_id)
        if (found.hidden_at is None) != (at is None):
            found.hidden_at = at
            _refuse_taken(
                found, list(CustomField.objects.filter(resource=found.resource).exclude(pk=found.pk))
            )
            found.save(update_fields=["hidden_at"])
    forget_what_was_asked()
    return found


def remove_option(field_id: int, key: str, *, gone: str, actor: Actor, becomes: str = "") -> CustomField:
    """Take an option out: who has it keeps it (`keep`), has nothing (`clear`) or has another (`becomes`)."""
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        found = _locked(field_id)
        definition = found.definition()
        option = definition.option(key)
        if option is None or option.gone:
            raise NotFound(_("This option is gone already."))
        if gone not in set(Gone):
            raise _invalid("gone", _("Say what happens to those who have it."))
        others = [one.key for one in definition.offered if one.key != key]
        if gone == Gone.BECOMES and becomes not in others:
            raise _invalid("becomes", _("Choose one of the other options."))
        if not others:
            raise _invalid("gone", _("The last option stays. Hide the field instead."))
        changed = replace(option, gone=gone, becomes=becomes if gone == Gone.BECOMES else "")
        _keep_options(found, with_option(definition.options, changed))
    return found


def put_back_option(field_id: int, key: str, *, actor: Actor) -> CustomField:
    """Offer an option again; who had it has it again."""
    policy.require(actor, "write", "settings")
    with transaction.atomic():
        found = _locked(field_id)
        definition = found.definition()
        option = definition.option(key)
        if option is None:
            raise NotFound(_("This option does not exist."))
        if any(fold(one.label) == fold(option.label) for one in definition.offered if one.key != key):
            raise Conflict(_("Another option is called so now. Rename that one first."))
        _keep_options(found, offered_again(definition.options, key))
    return found


def _keep_options(found: CustomField, options: Sequence[Option]) -> None:
    found.options = [one.to_json() for one in options]
    found.save(update_fields=["options"])
    forget_what_was_asked()
    if CustomValue.objects.filter(field_id=found.pk)[: AT_ONCE + 1].count() > AT_ONCE:
        app.configure_task(SETTLE, queue="maintenance").defer(field_id=found.pk)
    else:
        settle_options(found.pk)


_SETTLE = """
    WITH told(value, word) AS (SELECT * FROM unnest(%(keys)s::text[], %(words)s::text[])),
    stale AS (SELECT v.person_id, v.place, told.word FROM people_customvalue v JOIN told ON told.value = v.value
        WHERE v.field_id = %(field)s AND v.word IS DISTINCT FROM told.word LIMIT %(most)s)
    UPDATE people_customvalue v SET word = stale.word FROM stale
    WHERE v.person_id = stale.person_id AND v.field_id = %(field)s AND v.place = stale.place
"""


def settle_options(field_id: int, most: int = 20_000) -> int:
    """Bring up to `most` stored values to what became of their options; how many were changed."""
    definition = CustomField.objects.get(pk=field_id).definition()
    keys = [option.key for option in definition.options]
    told: dict[str, Any] = {
        "field": field_id,
        "keys": keys,
        "words": [definition.settled(key) for key in keys],
        "most": most,
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, told)
        return int(cursor.rowcount)


def _locked(field_id: int) -> CustomField:
    found = CustomField.objects.select_for_update().filter(pk=field_id).first()
    if found is None:
        raise NotFound(no_field())
    return found


def _set(
    field: CustomField,
    *,
    label: str,
    help: str,  # noqa: A002 - its name everywhere
    purposes: Sequence[str],
    writers: Sequence[str],
    is_listed: bool,
) -> None:
    field.label = " ".join(label.replace("\x00", "").split())
    field.help = " ".join(help.replace("\x00", "").split())
    if not fold(field.label) or len(field.label) > LONGEST_LABEL:
        raise _invalid("label", _("Give it a name of up to %(most)s characters.") % {"most": LONGEST_LABEL})
    if len(field.help) > LONGEST_HELP:
        raise _invalid("help", _("Up to %(most)s characters.") % {"most": LONGEST_HELP})
    named = as_purposes(list(purposes))
    if not named or len(named) < len(set(purposes)):
        raise _invalid("purposes", _("Choose at least one purpose: it decides who sees the field."))
    if set(writers) - {role.value for role in Role}:
        raise _invalid("writers", _("Choose among the roles."))
    field.purposes = sorted(named)
    field.writers = sorted(set(writers))
    field.is_listed = is_listed


def _options(before: Sequence[Option], named: Sequence[dict[str, Any]]) -> tuple[Option, ...]:
    """The options as named, then those that are not named, with keys for those that are new."""
    known = {option.key: option for option in before}
    found: list[Option] = []
    for one in named:
        label = " ".join(str(one.get("label", "")).replace("\x00", "").split())
        if not label:
            continue
        if len(label) > LONGEST_OPTION or not fold(label):
            words = _("Give each option a name of up to %(most)s characters.")
            raise _invalid("options", words % {"most": LONGEST_OPTION})
        key = str(one.get("key", ""))
        if key and key not in known:
            raise _invalid("options", _("There is no option “%(key)s”.") % {"key": key[:40]})
        taken = [*known, *(option.key for option in found)]
        there = known.pop(key, None) if key else None
        found.append(
            replace(there, label=label) if there else Option(free_key(fold(label), taken, "option"), label)
        )
    whole = (*found, *known.values())
    offered = [fold(option.label) for option in whole if not option.gone]
    twice = next(
        (option.label for option in whole if not option.gone and offered.count(fold(option.label)) > 1), ""
    )
    if twice:
        raise _invalid("options", _("“%(label)s” stands there twice.") % {"label": twice})
    if len(whole) > MOST_OPTIONS:
        raise _invalid("options", _("There can be %(most)s options.") % {"most": MOST_OPTIONS})
    return whole


def _refuse_taken(field: CustomField, others: Sequence[CustomField]) -> None:
    if field.hidden_at is None and any(
        fold(one.label) == fold(field.label) for one in others if one.hidden_at is None
    ):
        raise _invalid("label", _("Another field is called so. Colleagues could not tell them apart."))


def _is_currency(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def _invalid(field: str, words: str) -> Invalid:
    return Invalid(words, fields={field: words})


def definition_of(field_id: int, *, actor: Actor) -> Definition:
    """A field for who keeps them. Raises `NotFound`."""
    policy.require(actor, "read", "settings")
    found = CustomField.objects.filter(pk=field_id).first()
    if found is None:
        raise NotFound(no_field())
    return found.definition()


def used_by(field_id: int, key: str = "") -> int:
    """How many values of a field there are, or of one of its options; at most 10,001."""
    rows = CustomValue.objects.filter(field_id=field_id)
    return (rows.filter(word=key) if key else rows)[:10_001].count()
