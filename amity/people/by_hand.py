"""What colleagues type about a person: facts like those of any source, shown until somebody chooses otherwise.

A typed value is a fact with the name of who typed it, and a choice to show it (`FieldLock`). One act makes both, and
taking the act back ends both; what was chosen before counts again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.imports import ensure_source
from amity.channels.inlet import take_turn_now
from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.kernel.ids import uuid7
from amity.kernel.purposes import known_as
from amity.people.domain.fields.definition import PREFIX, Definition
from amity.people.domain.fields.values import CANONICAL, Notation, Refused, read
from amity.people.domain.survivorship import is_choosable
from amity.people.employing import note_employers
from amity.people.field_words import refusal
from amity.people.locks import choose, release_of_acts
from amity.people.models import NO_RUN, Fact, FieldLock, Sighting
from amity.people.queries.fields import fields_for, may_write
from amity.people.queries.grouped import known_root, under
from amity.people.queries.record import PersonRecord, person_record
from amity.people.regrouping import bring_up_to_date
from amity.people.services import anchor_of

HAND = "hand"
"""Key of the source of what is typed; with a team's or a colleague's id behind it where only they know the person."""
TYPED_BY_HAND = "Typed by hand"
LONGEST = {"country": 80, "language": 12, "name": 400}
_FACT = f"""
    INSERT INTO people_fact (identity_id, field, value, source_id, observed_at, said_by_id)
    VALUES (%s, %s, %s, %s, %s, %s)
    ON CONFLICT (identity_id, field, source_id, COALESCE(run_id, '{NO_RUN}'::uuid), md5(value))
    DO UPDATE SET observed_at = excluded.observed_at, said_by_id = excluded.said_by_id,
        first_at = LEAST(COALESCE(people_fact.first_at, people_fact.observed_at), excluded.observed_at)
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """Whose record it became, and the act with which it is taken back."""

    person_id: UUID
    act_id: UUID


def say(
    person_id: UUID,
    said: Mapping[str, str],
    *,
    actor: Actor,
    at: datetime,
    notation: Notation = CANONICAL,
    unchanged: Callable[[PersonRecord], None] | None = None,
) -> Typed:
    """Have these values stand for a person: name of the fact → what a colleague typed.

    Raises `NotFound` for whom the actor does not know, `Forbidden` for a field that is not theirs to write, `Invalid`
    (`fields` by name) for what is no value. `unchanged` may refuse: it sees the record when nobody else writes.
    """
    policy.require(actor, "write", "person")
    values = canonical_values(said, actor=actor, notation=notation)
    act = uuid7(at)
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        record = person_record(actor, person)
        if unchanged is not None:
            unchanged(record)
        anchor = anchor_of(person_id, record)
        source = hand_source(anchor, actor=actor, at=at)
        with connection.cursor() as cursor:
            for name, value in values.items():
                cursor.execute(_FACT, [anchor, name, value, source.id, at, actor.staff_id])
        note_employers((anchor, value) for name, value in values.items() if name == "organisation")
        choose(person, values, actor=actor, at=at, act_id=act)
        bring_up_to_date([person], at=at)
    return Typed(person, act)


def canonical_values(
    said: Mapping[str, str], *, actor: Actor, notation: Notation = CANONICAL
) -> dict[str, str]:
    """What was typed, each in the one spelling of its field. Raises `Invalid`, `Forbidden`."""
    own = {one.fact: one for one in fields_for(actor)} if any(one.startswith(PREFIX) for one in said) else {}
    values, wrong = {}, {}
    for name, typed in said.items():
        text = typed.replace("\x00", "")
        try:
            values[name] = (
                _own(own.get(name), name, text, notation, actor)
                if _is_own(name)
                else _plain(name, text, actor)
            )
        except Refused as error:
            wrong[name] = refusal(own[name], error)
        except Invalid as error:
            wrong[name] = error.message
    for name in [name for name, value in values.items() if not value]:
        wrong[name] = _("Type a value. To take back what was typed, choose “Take back”.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return values


def _is_own(name: str) -> bool:
    return name.startswith(PREFIX)


def _own(definition: Definition | None, name: str, text: str, notation: Notation, actor: Actor) -> str:
    if definition is None:
        raise Invalid(_("There is no field “%(field)s”.") % {"field": name.removeprefix(PREFIX)[:40]})
    if not may_write(actor, definition):
        raise Forbidden(
            _("“%(label)s” is not for your role to change.") % {"label": definition.label}, field=name
        )
    return read(definition, text, notation)


def _plain(name: str, text: str, actor: Actor) -> str:
    words, most = " ".join(text.split()), LONGEST.get(name, 200)
    if not is_choosable(name) or name == "email":
        raise Invalid(_("“%(field)s” is not typed by hand.") % {"field": name[:40]})
    if not policy.sees_field(actor, "person", known_as("person", name)):
        raise Forbidden(_("Your role does not allow this. Ask an administrator for it."), field=name)
    if len(words) > most:
        raise Invalid(_("Up to %(most)s characters.") % {"most": most})
    return words


def take_back(person_id: UUID, act_id: UUID, *, actor: Actor, at: datetime) -> UUID:
    """End what an act typed: its facts go, and what was chosen before counts again. Gives whose record it was.

    Raises `NotFound` for whom the actor does not know, or for an act that is over.
    """
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        homes = under([person])[person]
        locks = list(
            FieldLock.objects.select_for_update().filter(
                act_id=act_id, person_id__in=homes, released_at__isnull=True
            )
        )
        if not locks:
            raise NotFound(_("This was taken back already."))
        _require_writable([lock.field for lock in locks], actor)
        identities = person_record(actor, person).identity_ids
        release_of_acts([act_id], actor=actor, at=at)
        for lock in locks:
            _forget_typed(lock, identities)
        bring_up_to_date([person], at=at)
    return person


def _require_writable(fields: list[str], actor: Actor) -> None:
    own = {one.fact: one for one in fields_for(actor)}
    for field in fields:
        if not policy.sees_field(actor, "person", known_as("person", field)) or (
            field.startswith(PREFIX) and not (field in own and may_write(actor, own[field]))
        ):
            raise Forbidden(_("Your role does not allow this. Ask an administrator for it."), field=field)


def _forget_typed(lock: FieldLock, identities: tuple[UUID, ...]) -> None:
    """The fact that this act made; where the same was typed before, it is as old as that again."""
    typed = Fact.objects.filter(
        identity_id__in=identities,
        field=lock.field,
        value=lock.value,
        said_by__isnull=False,
        run_id__isnull=True,
    )
    facts = typed.filter(observed_at=lock.locked_at)
    held = list(
        FieldLock.objects.filter(
            person_id=lock.person_id, field=lock.field, value=lock.value, released_at__isnull=True, act_id__isnull=False
        )
        .exclude(pk=lock.pk)
        .order_by("locked_at")
    )  # fmt: skip
    if not held:
        facts.delete()
        return
    facts.update(observed_at=held[-1].locked_at, said_by=held[-1].locked_by)
    typed.update(first_at=held[0].locked_at if len(held) > 1 else None)


def hand_source(identity_id: UUID, *, actor: Actor, at: datetime) -> Source:
    """The source of what is typed about the person with this identity.

    Whom only a team's source, or a colleague's own, names is known to nobody else: what is typed about them is theirs
    too, or others would learn of them by it.
    """
    named = Sighting.objects.filter(identity_id=identity_id).values("source_id")
    sources = list(Source.objects.filter(pk__in=named).exclude(pk__in=policy.hidden_source_ids(actor)))
    closed = sorted(
        (one for one in sources if one.team_id or one.owner_id),
        key=lambda one: (one.team_id is None, str(one.pk)),
    )
    if not closed or len(closed) < len(sources):
        return ensure_source(HAND, name=TYPED_BY_HAND, adapter=ADAPTER_NAME, at=at)
    team, owner = closed[0].team_id, closed[0].owner_id
    source = ensure_source(f"{HAND}-{team or owner}", name=TYPED_BY_HAND, adapter=ADAPTER_NAME, at=at)
    if (source.team_id, source.owner_id) != (team, owner):
        Source.objects.filter(pk=source.pk).update(team_id=team, owner_id=owner)
        source.team_id, source.owner_id = team, owner
    return source
