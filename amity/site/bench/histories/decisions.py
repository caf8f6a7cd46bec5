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
from amity.people.queries.grouped import roots
from amity.people.queries.visibility import told_of
from amity.people.splitting import split, unsplit
from amity.site.bench.histories.world import HANDLES, at_home, person_of, state, who_is_who


class Decider:
    """Two colleagues who decide in turn. `refused` counts what was refused, which must change nothing."""

    def __init__(
        self, draw: random.Random, colleagues: tuple[Actor, Actor], *, arrived: tuple[Arrived, ...] = ()
    ) -> None:
        self.draw, self.colleagues, self.refused, self.done = draw, colleagues, 0, 0
        self.arrived = arrived or (Arrived.AS_NAMED,)
        self.broken: list[str] = []
        self._sides: dict[UUID, dict[UUID, set[str]]] = {}

    def watch(self) -> None:
        """Remember of each merge that holds who had what before it and has never left since."""
        who, holding = who_is_who(), set(self._merges())
        self._sides = {merge_id: sides for merge_id, sides in self._sides.items() if merge_id in holding}
        leads = roots([next(iter(sides)) for sides in self._sides.values()])
        for sides in self._sides.values():
            one = str(leads[next(iter(sides))])
            for accounts in sides.values():
                accounts.intersection_update([account for account in accounts if who.get(account) == one])

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
        self.watch()

    def _merge(self, at: datetime) -> None:
        people = [person for handle in self.draw.sample(HANDLES, 3) if (person := person_of(handle))]
        if len(people) < 2:
            return
        into, others = people[0], people[1 : self.draw.randint(2, len(people))]
        chosen = self._chosen([into, *others]) if self.draw.random() < 0.4 else {}
        had = _accounts()
        act = merge(
            into, others, actor=self._somebody(), at=at, chosen=chosen, despite=self.draw.random() < 0.7
        )
        for made in Merge.objects.filter(act_id=act):
            self._sides[made.pk] = {one: set(had.get(one, ())) for one in (made.into_id, made.person_id)}

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
            self._end(self.draw.choice(merges), at, are_two=0.3)

    def _end(self, id: UUID, at: datetime, *, are_two: float = 0) -> None:
        """Take a merge back. Whatever is said of what came since: each has what they had before.

        `are_two`: how often, from 0 to 1, somebody also says that they are two.
        """
        unmerge(
            [id], actor=self._somebody(), at=at, are_two=are_two > 0 and self.draw.random() < are_two,
            arrived=self.draw.choice(self.arrived),
        )  # fmt: skip
        has = _accounts()
        for one, accounts in self._sides[id].items():
            if lost := accounts - has.get(roots([one])[one], set()):
                self.broken.append(f"a merge was taken back and {', '.join(sorted(lost))} went along")

    def _unsplit(self, at: datetime) -> None:
        if splits := self._splits():
            self._join_again(self.draw.choice(splits), at)

    def _join_again(self, id: UUID, at: datetime) -> None:
        """Take a split back: who was split off belongs to whom they came from, also within merges."""
        off = at_home(Split.objects.get(pk=id).into_id)
        unsplit(id, actor=self._somebody(), at=at)
        for sides in self._sides.values():
            for accounts in sides.values():
                accounts.difference_update(off)

    def _take_back(self, id: UUID, at: datetime) -> None:
        if Merge.objects.filter(pk=id, revoked_at__isnull=True).exists():
            self._end(id, at)
        elif Split.objects.filter(pk=id, revoked_at__isnull=True).exists():
            self._join_again(id, at)

    def _somebody(self) -> Actor:
        return self.draw.choice(self.colleagues)

    def _merges(self) -> list[UUID]:
        return sorted(Merge.objects.filter(revoked_at__isnull=True).values_list("pk", flat=True))

    def _splits(self) -> list[UUID]:
        return sorted(Split.objects.filter(revoked_at__isnull=True).values_list("pk", flat=True))


def _accounts() -> dict[UUID, set[str]]:
    """Of each person who counts."""
    found: dict[UUID, set[str]] = {}
    for account, person in who_is_who().items():
        found.setdefault(UUID(person), set()).add(account)
    return found
