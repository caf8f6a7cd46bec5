"""Somebody new, typed by a colleague: who they may be already, and the way back."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from amity.activity.shaping import identity_id
from amity.channels.adapters.api.adapter import ADAPTER_NAME, PERSON, raw_item
from amity.channels.adapters.file.values import normalise_address
from amity.channels.imports import ensure_source
from amity.channels.inlet import require_readable, take_in, take_turn_now
from amity.channels.records import Handle
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Conflict, Forbidden, Invalid
from amity.people.addresses import only_typed
from amity.people.by_hand import HAND, TYPED_BY_HAND, canonical_values
from amity.people.forgetting import forget
from amity.people.models import Fact, Link
from amity.people.queries.finding import find_people
from amity.people.queries.grouped import known_root
from amity.people.queries.held import holds_on
from amity.people.queries.visibility import (
    known_links,
    known_people,
    people_of,
    sees_addresses,
    shown_as,
    told_of,
)
from amity.people.services import looking_at

if TYPE_CHECKING:  # with what matching computes with comes numpy: only when somebody is typed
    from amity.people.domain.matching.model import Evidence
    from amity.people.domain.matching.records import Said
    from amity.people.matching.reading import Row

MOST_ALIKE = 5
LEAST_LETTERS = 3
_GONE = (
    "DELETE FROM people_fact WHERE identity_id = ANY(%(identities)s)",
    "DELETE FROM people_sighting WHERE identity_id = ANY(%(identities)s)",
    "DELETE FROM people_link WHERE person_id = %(person)s",
    "DELETE FROM people_identity WHERE id = ANY(%(identities)s)",
    "DELETE FROM people_fieldlock WHERE person_id = %(person)s",
    "DELETE FROM people_customvalue WHERE person_id = %(person)s",
    "DELETE FROM people_proposal WHERE one_id = %(person)s OR other_id = %(person)s",
    "DELETE FROM people_distinction WHERE one_id = %(person)s OR other_id = %(person)s",
    "DELETE FROM people_person WHERE id = %(person)s",
)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a colleague typed of somebody: how they can be reached, and facts by name."""

    email: str = ""
    phone: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)

    def handles(self) -> list[Handle]:
        typed = (("email", self.email), ("phone", self.phone))
        return [
            Handle(network, plain) for network, text in typed if (plain := normalise_address(network, text))
        ]


@dataclass(frozen=True, slots=True)
class Alike:
    """Somebody who may be the one: `probability` 0 to 1 and why. It is None where only the name is alike: before the
    weights of evidence were learnt nothing else is known."""

    person_id: UUID
    name: str
    place: str
    probability: float | None
    has_address: bool
    evidence: tuple[Evidence, ...]


def add_person(typed: Typed, *, actor: Actor, at: datetime) -> UUID:
    """Make a person of what a colleague typed. Raises `Invalid` (`fields`), `Conflict` where an address is known.

    Who has no address gets a number of ours, so that there is something to know them by.
    """
    policy.require(actor, "write", "person")
    if (typed.email or typed.phone) and not sees_addresses(actor):
        raise Forbidden(_("Your role does not allow this. Ask an administrator for it."), field="address")
    facts = canonical_values(
        {name: value for name, value in typed.facts.items() if value.strip()}, actor=actor
    )
    handles, wrong = typed.handles(), {}
    if typed.email.strip() and not any(one.network == "email" for one in handles):
        wrong["email"] = _("This is no e-mail address. Write it like hanna@example.org.")
    if typed.phone.strip() and not any(one.network == "phone" for one in handles):
        wrong["phone"] = _("This is no phone number. Write it like +49 341 123456.")
    if not handles and "name" not in facts and not wrong:
        wrong["name"] = _("Type a name, an e-mail address or a phone number.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    said = {
        "observed_at": at.isoformat(),
        "external_id": "" if handles else secrets.token_hex(4).upper(),
        "identities": [{"network": one.network, "address": one.address} for one in handles],
        "facts": facts,
    }
    raw = raw_item(1, PERSON, said)
    with transaction.atomic():
        source = ensure_source(HAND, name=TYPED_BY_HAND, adapter=ADAPTER_NAME, at=at)
        require_readable(raw, source.key, actor)
        take_turn_now()
        _refuse_known(handles, actor)
        look = looking_at(source.key, actor)
        (found,) = take_in(source, [raw], at=at, look=look, around=look.told_once)
        theirs = Link.objects.filter(person_id=found.person_id, revoked_at__isnull=True).values("identity_id")
        Fact.objects.filter(identity_id__in=theirs, source_id=source.id, observed_at=at).update(
            said_by_id=actor.staff_id
        )
    return found.person_id


def _refuse_known(handles: Sequence[Handle], actor: Actor) -> None:
    """Somebody with this address is there: they are the one. Of whom the actor knows nothing nothing is said."""
    owners = people_of([identity_id(one) for one in handles])
    known = set(
        known_links(actor).filter(person_id__in=set(owners.values())).values_list("person_id", flat=True)
    )
    known &= set(known_people(actor).filter(pk__in=known).values_list("pk", flat=True))
    for handle in handles:
        if owners.get(identity_id(handle)) in known:
            words = _("Somebody has this address already. Open them instead.")
            raise Conflict(words, fields={handle.network: words})


def remove_added(person_id: UUID, *, actor: Actor, at: datetime) -> None:  # noqa: ARG001  # as every verb
    """Take back somebody whom only colleagues typed. Raises `Conflict` where more is known of them since."""
    policy.require(actor, "write", "person")
    with transaction.atomic():
        take_turn_now()
        person = known_root(actor, person_id)
        every = list(Link.objects.filter(person_id=person))
        identities = [one.identity_id for one in every]
        if not may_remove(person) or holds_on(person):  # who may not know of holds is not told of one
            raise Conflict(_("More is known of them since. Merge them with who they are, or leave them."))
        forget([person])
        with connection.cursor() as cursor:
            for statement in _GONE:
                cursor.execute(statement, {"person": person, "identities": identities})


def may_remove(person_id: UUID) -> bool:
    """Whether only colleagues typed this person, and nobody merged or split them."""
    links = list(Link.objects.filter(person_id=person_id).values_list("identity_id", "home_id", "revoked_at"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM people_merge WHERE person_id = %(p)s OR into_id = %(p)s) "
            "OR EXISTS (SELECT FROM people_split WHERE person_id = %(p)s OR into_id = %(p)s)",
            {"p": person_id},
        )
        (is_decided,) = cursor.fetchone() or (True,)
    return bool(links) and not is_decided and only_typed([identity for identity, _home, _revoked in links])


def who_may_be(typed: Typed, *, actor: Actor) -> list[Alike]:
    """Who may be the one that a colleague types, likeliest first: whom this actor knows, by what is told to them."""
    from amity.people.domain.matching.engine import PROPOSE_PROBABILITY
    from amity.people.matching import candidates_for

    policy.require(actor, "read", "person")
    shows = sees_addresses(actor)
    handles = typed.handles() if shows else []
    owners = set(people_of([identity_id(one) for one in handles]).values())
    said = _as_said(typed, handles)

    def known(ids: Sequence[UUID]) -> set[UUID]:
        return set(known_people(actor).filter(pk__in=ids).values_list("pk", flat=True))

    hides = bool(policy.hidden_source_ids(actor))
    candidates = candidates_for(said, at_least=PROPOSE_PROBABILITY, known=known if hides else None)
    found = [one.person_id for one in candidates]
    people = {one.id: one for one in known_people(actor).filter(pk__in={*owners, *found})}
    shown = shown_as(actor, people.values())
    scored = _scored(said, actor, list(people))
    answer = []
    for id in people:
        is_owner = id in owners and known_links(actor).filter(
            person_id=id, identity_id__in=[identity_id(one) for one in handles]
        ).exists()  # fmt: skip
        score = scored.get(id)
        if not is_owner and (score is None or score[0] < PROPOSE_PROBABILITY):
            continue
        golden = shown[id]
        answer.append(
            Alike(id, golden.name, golden.city, 1.0 if is_owner or score is None else score[0], is_owner,
                  score[1] if score else ())
        )  # fmt: skip
    answer.sort(key=lambda one: (-one.has_address, -(one.probability or 0), str(one.person_id)))
    return (answer + _called_so(typed, actor, {one.person_id for one in answer}))[:MOST_ALIKE]


def _called_so(typed: Typed, actor: Actor, without: set[UUID]) -> list[Alike]:
    """Those who are called like the one that is typed, after those for whom more speaks."""
    name = typed.facts.get("name", "").strip()
    found = find_people(actor, name, MOST_ALIKE) if len(name) >= LEAST_LETTERS else []
    return [Alike(one.id, one.name, one.city, None, False, ()) for one in found if one.id not in without]


def _as_said(typed: Typed, handles: Sequence[Handle]) -> Said:
    from amity.people.domain.matching.businesses import as_business
    from amity.people.domain.matching.profiles import account_of, profiles_of
    from amity.people.domain.matching.records import Said

    facts = typed.facts
    accounts = (account_of(one.network, one.address) for one in handles)
    said = Said(
        accounts=tuple(account for account in accounts if account),
        profiles=tuple(profiles_of([facts.get("website", "")])),
        full_name=facts.get("name", "").strip(),
        emails=tuple(one.address for one in handles if one.network == "email"),
        phones=tuple(one.address for one in handles if one.network == "phone"),
        place=facts.get("city", "").strip(),
        region=facts.get("country", "").strip(),
        work=(facts.get("organisation", "") or facts.get("job_title", "")).strip(),
        born_on=facts.get("birthday", "").strip(),
        tax_numbers=tuple(filter(None, [facts.get("tax_number", "").strip()])),
    )
    return as_business(said, facts.get("organisation", ""))


def _scored(
    said: Said, actor: Actor, people: Sequence[UUID]
) -> dict[UUID, tuple[float, tuple[Evidence, ...]]]:
    """How likely each is the one, by what is told of them to this actor and nothing else."""
    from amity.people.matching import current_model
    from amity.people.matching.reading import said_in

    model = current_model()
    if model is None or not people:
        return {}
    told, mine = told_of(actor, people), model.prepare(said)
    found = {}
    for person in people:
        rows: list[Row] = [
            (person, network, address, None, None, None)
            for network, address in sorted(told[person].addresses)
        ]
        facts = sorted(told[person].statements, key=lambda one: (one.observed_at, one.value), reverse=True)
        network, address = rows[0][1:3] if rows else ("customer:none", "")
        rows += [(person, network, address, one.field, one.value, one.observed_at) for one in facts]
        score = model.score(mine, model.prepare(said_in(rows)))
        found[person] = (score.probability, score.evidence)
    return found
