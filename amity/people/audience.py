"""Reach and influence on the screens of people: a figure, a chip, a column and a filter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.kernel.actor import Actor
from amity.kernel.written import compact, whole
from amity.people import columns, panels
from amity.people.columns import Cell, Column, Flag
from amity.people.models import Person
from amity.people.panels import Figure, Head, Mark, Subject
from amity.people.queries.audience import WIDE, reach_by_identities, reach_of_people, reaching
from amity.people.web.words import network_word

MANY = 1_000_000


def register() -> None:
    """Called once at start."""
    panels.register_head("audience", head)
    columns.register_column(Column("reach", gettext_lazy("Reach"), 40, "person", reach_cells, is_rare=True))
    columns.register_flag(Flag("wide_reach", gettext_lazy("Reaches 10,000 or more"), 40, "person", wide))


def head(subject: Subject) -> Head:
    """How many listen to a person; nothing of an organisation, or where no network told."""
    if subject.person_id is None:
        return Head()
    reach = reach_by_identities(subject.actor, subject.identity_ids)
    if reach is None:
        return Head()
    url = reverse("person-reach", args=[subject.person_id])
    figure = Figure(
        "reach", gettext_lazy("Reach"), gettext_lazy("Reach"), 50, url, words=roughly(reach.people)
    )
    why = _("Influence %(influence)s of 100. Followers: %(networks)s") % {
        "influence": reach.influence,
        "networks": ", ".join(f"{network_word(one)} {whole(count)}" for one, count in reach.by_network),
    }
    marks = []
    if reach.people >= WIDE:
        words = _("Reaches %(people)s") % {"people": roughly(reach.people)}
        marks.append(Mark("radio", words, why))
    if reach.is_verified:
        marks.append(Mark("badge-check", _("Verified"), _("A network says that it checked who this is")))
    return Head(figures=(figure,), marks=tuple(marks))


def roughly(number: int) -> str:
    """A large number as a word: 12K."""
    return compact(number, digits=1 if number >= WIDE / 10 else 0)


def reach_cells(actor: Actor, person_ids: Sequence[UUID]) -> Mapping[UUID, Cell]:
    """The column of the list of people."""
    return {
        person: Cell(words=roughly(reach.people), url=reverse("person-reach", args=[person]))
        for person, reach in reach_of_people(actor, person_ids).items()
    }


def wide(actor: Actor, people: QuerySet[Person]) -> QuerySet[Person]:
    """The filter of the list."""
    return reaching(actor, people)
