"""The list of people filters by what the decision says of each: random histories, every purpose and channel."""

from __future__ import annotations

import random
from uuid import UUID, uuid4

import pytest
from django.db.models import QuerySet

from amity.activity.shaping import identity_id
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.consent.domain.answering import Said, Verdict
from amity.consent.domain.channels import Channel
from amity.consent.models import Purpose, Statement
from amity.consent.purposes import add_purpose
from amity.consent.queries.answers import answers_of_people
from amity.consent.queries.contactable import have_refused, may_be_contacted
from amity.kernel.actor import Actor, Role
from amity.kernel.models import Team
from amity.people.merging import merge
from amity.people.models import Person
from amity.people.queries.visibility import known_people
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("beginning")]


@pytest.mark.parametrize("seed", range(3))
def test_the_list_says_of_everybody_what_the_decision_says(seed: int) -> None:
    draw = random.Random(seed)
    owner = make_actor(Role.OWNER)
    team = Team.objects.create(name="Care")
    sources = [make_source("open"), make_source("closed", team=team)]
    told = {"name": "Tastings", "basis": "consent", "channels": list(Channel), "months": 2}
    add_purpose(told, actor=owner, at=AT)
    add_purpose(told | {"name": "Recalls", "basis": "vital_interests"}, actor=owner, at=AT)
    handles = []
    for number in range(25):
        own = [
            email(f"{number}@roast.example", f"No {number}"), Handle("phone", f"+4915100000{number:03}"),
            Handle("mastodon", f"no{number}"), Handle("customer:shop", str(number)),
        ]  # fmt: skip
        draw.shuffle(own)
        handles.append(own[: draw.randint(1, 4)])
        take_in(sources[0] if draw.random() < 0.8 else sources[1], listed(*handles[-1]))
    _say_at_random(draw, [one for own in handles for one in own], sources)
    for _merge in range(4):
        one, other = draw.sample(handles, 2)
        if person_of(one[0]) != person_of(other[0]):
            merge(person_of(one[0]).id, [person_of(other[0]).id], actor=owner, at=AT)
    for actor in (owner, make_actor(Role.AGENT, team), make_actor(Role.AGENT)):
        _compare(actor)


def _say_at_random(draw: random.Random, handles: list[Handle], sources: list[Source]) -> None:
    purposes = list(Purpose.objects.all())
    for _statement in range(150):
        said = draw.choice(list(Said))
        Statement.objects.create(
            act_id=uuid4(), identity_id=identity_id(draw.choice(handles)),
            purpose=draw.choice([*purposes, None] if said.is_refusal and draw.random() < 0.2 else purposes),
            channel=draw.choice(["", *Channel]), said=said.value, said_at=AT - days(draw.choice([-1, 0, 1, 30, 90])),
            recorded_at=AT, is_dated=draw.random() < 0.7, how="staff", source_id=draw.choice(sources).id,
            revoked_at=AT if draw.random() < 0.1 else None,
        )  # fmt: skip


def _compare(actor: Actor) -> None:
    people = known_people(actor)
    ids = list(people.values_list("pk", flat=True))
    decided = answers_of_people(actor, ids, AT)
    refused = {Verdict.OBJECTED, Verdict.WITHDRAWN}
    for purpose in Purpose.objects.all():
        for channel in map(Channel, purpose.channels):
            answers = {
                person: next(one for one in those if (one.purpose, one.channel) == (purpose, channel))
                for person, those in decided.items()
            }
            allowed = {person for person, one in answers.items() if one.is_allowed}
            no = {person for person, one in answers.items() if one.answer.verdict in refused}
            assert _ids(may_be_contacted(actor, people, purpose, channel, AT)) == allowed
            assert _ids(have_refused(actor, people, purpose, channel, AT)) == no


def _ids(people: QuerySet[Person]) -> set[UUID]:
    return set(people.values_list("pk", flat=True))
