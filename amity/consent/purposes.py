"""What the company contacts people for: made, changed, hidden and put back. What was said stays, whatever they do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from amity.consent.domain.answering import Basis
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose, Wording
from amity.consent.queries.purposes import wording_of
from amity.consent.words import STARTING, name_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.purposes import forget_what_was_asked
from amity.people.domain.fields.definition import free_key
from amity.people.domain.folding import fold

MOST_PURPOSES, MOST_MONTHS = 40, 600
LONGEST_NAME, LONGEST_WORDS, LONGEST_WORDING = 80, 500, 4_000
Unchanged = Callable[[Purpose], None] | None


BEGINNING: dict[str, tuple[Basis, tuple[Channel, ...]]] = {
    "support": (Basis.CONTRACT, tuple(Channel)),
    "newsletter": (Basis.CONSENT, (Channel.EMAIL,)),
    "surveys": (Basis.LEGITIMATE_INTERESTS, (Channel.EMAIL, Channel.TEXT)),
}
"""What a new workspace has; migration 0001 writes it."""


def begin(at: datetime) -> None:
    """Have the purposes with which Amity begins, where there are none at all."""
    with transaction.atomic():
        if Purpose.objects.exists():
            return
        for position, (key, (basis, channels)) in enumerate(BEGINNING.items(), 1):
            named = [one.value for one in channels]
            Purpose.objects.create(
                key=key, basis=basis.value, channels=named, position=position, created_at=at
            )
    forget_what_was_asked()


def together() -> AbstractContextManager[None]:
    """Several changes of a purpose that happen all or not at all."""
    return transaction.atomic()


def add_purpose(told: Mapping[str, Any], *, actor: Actor, at: datetime) -> Purpose:
    """Make a purpose of `name`, `words`, `basis`, `channels`, `months`, `wording`. Its key follows from the name and
    stays. Raises `Invalid`, `Forbidden`."""
    policy.require(actor, "write", "purpose")
    with transaction.atomic():
        there = list(Purpose.objects.select_for_update())
        if len(there) >= MOST_PURPOSES:
            raise _invalid("name", _("There can be %(most)s purposes. Hide one.") % {"most": MOST_PURPOSES})
        made = Purpose(created_at=at, created_by_id=actor.staff_id)
        _set(made, told, there)
        made.key = free_key(fold(made.name), [one.key for one in there], "purpose")
        made.position = max((one.position for one in there), default=0) + 1
        made.save()
        _word(made, str(told.get("wording", "")), actor, at)
    forget_what_was_asked()
    return made


def change_purpose(
    key: str, told: Mapping[str, Any], *, actor: Actor, at: datetime, unchanged: Unchanged = None
) -> Purpose:
    """Set what `told` names. Another `wording` is another version: what was agreed to before points at the old one.

    Raises `Invalid`, `NotFound`, `Forbidden`.
    """
    policy.require(actor, "write", "purpose")
    with transaction.atomic():
        found = _locked(key)
        if unchanged is not None:
            unchanged(found)
        _set(found, told, list(Purpose.objects.exclude(pk=found.pk)))
        found.save()
        if "wording" in told:
            _word(found, str(told["wording"]), actor, at)
    forget_what_was_asked()
    return found


def hide_purpose(key: str, *, actor: Actor, at: datetime) -> Purpose:
    """Contact nobody for it any more. What was said of it is kept, and counts again when it is put back."""
    return _set_hidden(key, at, actor)


def put_back_purpose(key: str, *, actor: Actor) -> Purpose:
    """Use a hidden purpose again. Raises `Invalid` where its name was given to another."""
    return _set_hidden(key, None, actor)


def place_purpose(key: str, place: int, *, actor: Actor) -> Purpose:
    """Have it stand at this place (from 1) among those in use."""
    there = [one.key for one in Purpose.objects.filter(hidden_at__isnull=True)]
    return move_purpose(key, place - 1 - there.index(key), actor=actor) if key in there else _found(key)


def move_purpose(key: str, steps: int, *, actor: Actor) -> Purpose:
    """Move it up (-1) or down (1) among those in use."""
    policy.require(actor, "write", "purpose")
    with transaction.atomic():
        there = [one for one in Purpose.objects.select_for_update() if one.hidden_at is None]
        places = {one.key: place for place, one in enumerate(there)}
        if key in places:
            there.insert(max(0, places[key] + steps), there.pop(places[key]))
        for position, one in enumerate(there, 1):
            if one.position != position:
                Purpose.objects.filter(pk=one.pk).update(position=position)
    forget_what_was_asked()
    return _found(key)


def _set_hidden(key: str, at: datetime | None, actor: Actor) -> Purpose:
    policy.require(actor, "write", "purpose")
    with transaction.atomic():
        found = _locked(key)
        if (found.hidden_at is None) != (at is None):
            found.hidden_at = at
            if at is None:
                _refuse_taken(found, list(Purpose.objects.exclude(pk=found.pk)))
            found.save(update_fields=["hidden_at"])
    forget_what_was_asked()
    return found


def _locked(key: str) -> Purpose:
    found = Purpose.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise NotFound(_("This purpose does not exist."))
    return found


def _found(key: str) -> Purpose:
    found = Purpose.objects.filter(key=key).first()
    if found is None:
        raise NotFound(_("This purpose does not exist."))
    return found


def _set(purpose: Purpose, told: Mapping[str, Any], others: Sequence[Purpose]) -> None:
    for field, setter in _SETTERS.items():
        if field in told:
            setter(purpose, told[field])
    if not purpose.name and purpose.key not in STARTING:
        raise _invalid("name", _("Give it a name."))
    if purpose.basis not in set(Basis):
        raise _invalid("basis", _("Choose a lawful basis."))
    if not purpose.channels:
        raise _invalid("channels", _("Choose at least one channel."))
    _refuse_taken(purpose, others)


def _set_name(purpose: Purpose, told: object) -> None:
    purpose.name = _own(purpose, 0, _text(told, "name", LONGEST_NAME))


def _set_words(purpose: Purpose, told: object) -> None:
    purpose.words = _own(purpose, 1, _text(told, "words", LONGEST_WORDS))


def _own(purpose: Purpose, place: int, text: str) -> str:
    """ "" where it is what Amity says itself: then it goes on being said in the reader's language."""
    starting = STARTING.get(purpose.key)
    return "" if starting and text == str(starting[place]) else text


def _set_basis(purpose: Purpose, told: object) -> None:
    purpose.basis = str(told)


def _set_channels(purpose: Purpose, told: Collection[str]) -> None:
    purpose.channels = [one.value for one in Channel if one.value in told]
    if len(purpose.channels) != len(set(told)):
        raise _invalid("channels", _("There is no such channel."))


def _set_months(purpose: Purpose, told: int | None) -> None:
    if told is not None and not 1 <= told <= MOST_MONTHS:
        raise _invalid("months", _("Between 1 and %(most)s months.") % {"most": MOST_MONTHS})
    purpose.months = told


_SETTERS: dict[str, Callable[[Purpose, Any], None]] = {
    "name": _set_name,
    "words": _set_words,
    "basis": _set_basis,
    "channels": _set_channels,
    "months": _set_months,
}


def _text(value: object, field: str, most: int) -> str:
    text = " ".join(str(value).replace("\x00", "").split())
    if len(text) > most:
        raise _invalid(field, _("Up to %(most)s characters.") % {"most": most})
    return text


def _refuse_taken(purpose: Purpose, others: Sequence[Purpose]) -> None:
    taken = {fold(name_of(one)) for one in others if one.hidden_at is None}
    if purpose.hidden_at is None and fold(name_of(purpose)) in taken:
        raise _invalid("name", _("Another purpose is called so. Colleagues could not tell them apart."))


def _word(purpose: Purpose, text: str, actor: Actor, at: datetime) -> None:
    """A version of its own for each text: the words to which somebody agreed stay what they were."""
    tidy = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(tidy) > LONGEST_WORDING:
        raise _invalid("wording", _("Up to %(most)s characters.") % {"most": LONGEST_WORDING})
    now = wording_of(purpose)
    if tidy == (now.text if now else ""):
        return
    last = Wording.objects.filter(purpose=purpose).aggregate(last=Max("version"))["last"] or 0
    Wording.objects.create(
        purpose=purpose, version=last + 1, text=tidy, made_at=at, made_by_id=actor.staff_id
    )


def _invalid(field: str, words: str) -> Invalid:
    return Invalid(words, fields={field: words})
