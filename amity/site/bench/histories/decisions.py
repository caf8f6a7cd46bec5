"""What colleagues decide about who is who: merges, splits, choices and their way back, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from amity.kernel.acting import acting
from amity.kernel.actor import Actor
from amity.kernel.errors import DomainError
from amity.people.domain.survivorship import values_of
from amity.people.merging import Arrived, merge, unmerge
from amity.people.models import Link, Merge, Split
from amity.people.queries.visibility import told_of
from amity.people.splitting import split, unsplit
from amity.site.bench.histories.world import HANDLES, person_of, state


class Decider:
    """Two colleagues who decide in turn. `refused` counts what was refused, which must change nothing."""

    def __init__(
        self, draw: random.Random, colleagues: tuple[Actor, Actor], *, arrived: tuple[Arrived, ...] = ()
    ) -> None:
        self.draw, self.colleagues, self.refused, self.done = draw, colleagues, 0, 0
        self.arrived = arrived or (Arrived.AS_NAMED,)
        self.broken: list[str] = []

    def decide(self, at: datetime) -> None:
        """One decision, any that can be drawn now."""
        deed = self.draw.choice(
            (self._merge, self._merge, self._merge, self._split, self._unmerge, self._unsplit)
        )
        self._dare(deed, at)

    def take_all_back(self, at: datetime) -> None:
        """Every decision that still holds, in an order drawn at random; what must wait for another is tried again."""
        while left := [*self._merges(), *self._splits()]:
            before = self.done
            self.draw.shuffle(left)
            for id in left:
                self._dare(lambda at, id=id: self._take_back(id, at), at)  # type: ignore[misc]
            if self.done == before:
                self.broken.append(f"{len(left)} decisions cannot be taken back")
                return

    def _dare(self, deed: Callable[[datetime], None], at: datetime) -> None:
        before = state()
        with acting(self.draw.choice(self.colleagues), via="page"):
            try:
                deed(at)
            except DomainError:
                self.refused += 1
                if state() != before:
                    self.broken.append(f"{deed} was refused and changed something")
            else:
                self.done += 1

    def _merge(self, at: datetime) -> None:
        people = [person for handle in self.draw.sample(HANDLES, 3) if (person := person_of(handle))]
        if len(people) < 2:
            return
        into, others = people[0], people[1 : self.draw.randint(2, len(people))]
        chosen = self._chosen([into, *others]) if self.draw.random() < 0.4 else {}
        merge(into, others, actor=self._somebody(), at=at, chosen=chosen, despite=self.draw.random() < 0.7)

    def _chosen(self, people: list[UUID]) -> dict[str, str]:
        field = self.draw.choice(("name", "city", "email", "job_title"))
        told = told_of(self._somebody(), people)
        values = [value for one in told.values() for value in values_of(field, one.statements, one.addresses)]
        return {field: self.draw.choice(values)} if values else {}

    def _split(self, at: datetime) -> None:
        person = person_of(self.draw.choice(HANDLES))
        if person is None:
            return
        links = sorted(
            Link.objects.filter(person_id=person, revoked_at__isnull=True).values_list(
                "identity_id", flat=True
            )
        )
        if len(links) > 1:
            split(person, self.draw.sample(links, 1), actor=self._somebody(), at=at)

    def _unmerge(self, at: datetime) -> None:
        if merges := self._merges():
            unmerge(
                [self.draw.choice(merges)], actor=self._somebody(), at=at, are_two=self.draw.random() < 0.3,
                arrived=self.draw.choice(self.arrived),
            )  # fmt: skip

    def _unsplit(self, at: datetime) -> None:
        if splits := self._splits():
            unsplit(self.draw.choice(splits), actor=self._somebody(), at=at)

    def _take_back(self, id: UUID, at: datetime) -> None:
        if Merge.objects.filter(pk=id, revoked_at__isnull=True).exists():
            unmerge([id], actor=self._somebody(), at=at, arrived=self.draw.choice(self.arrived))
        elif Split.objects.filter(pk=id, revoked_at__isnull=True).exists():
            unsplit(id, actor=self._somebody(), at=at)

    def _somebody(self) -> Actor:
        return self.draw.choice(self.colleagues)

    def _merges(self) -> list[UUID]:
        return sorted(Merge.objects.filter(revoked_at__isnull=True).values_list("pk", flat=True))

    def _splits(self) -> list[UUID]:
        return sorted(Split.objects.filter(revoked_at__isnull=True).values_list("pk", flat=True))
