"""Two colleagues decide at the same moment, or while an import writes: one after the other, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import connection, transaction

from amity.channels.inlet import take_turn_now
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import DomainError
from amity.people.merging import merge, unmerge
from amity.people.models import Link, Merge, Person
from amity.people.tests.records import (
    AT,
    days,
    email,
    listed,
    make_actor,
    make_source,
    person_of,
    said,
    take_in,
)

pytestmark = pytest.mark.django_db(transaction=True)

ADA, BO, CLEO = (email(f"{name}@roast.example", name.title()) for name in ("ada", "bo", "cleo"))


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Do all of it in threads that start together; gives what was refused."""
    start, refused = threading.Barrier(len(deeds)), []

    def do(deed: Callable[[], object]) -> None:
        start.wait()
        try:
            deed()
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads)
    return refused


def people() -> tuple[Actor, list[UUID]]:
    take_in(make_source(), said(ADA), said(BO), said(CLEO))
    return make_actor(Role.AGENT), [person_of(one).id for one in (ADA, BO, CLEO)]


def test_each_merges_the_other_way_round_and_one_of_them_stays() -> None:
    ines, (ada, bo, _) = people()
    refused = at_once(
        lambda: merge(ada, [bo], actor=ines, at=AT), lambda: merge(bo, [ada], actor=ines, at=AT)
    )
    assert refused == ["conflict"]
    assert Merge.objects.count() == 1
    assert person_of(ADA) == person_of(BO)
    assert Person.objects.filter(merged_into__isnull=True).count() == 2


def test_a_chain_is_merged_and_taken_back_at_once_and_everybody_has_one_person() -> None:
    def an_import() -> None:
        with transaction.atomic():
            take_turn_now()  # as the corridor does before it writes
            take_in(make_source("desk"), listed(BO, Handle("phone", "+49341")))

    ines, (ada, bo, cleo) = people()
    act = merge(ada, [bo], actor=ines, at=AT)
    refused = at_once(
        lambda: merge(cleo, [ada], actor=ines, at=AT + days(1)),
        lambda: unmerge([act], actor=ines, at=AT + days(1)),
        an_import,
    )
    assert refused == []
    assert person_of(ADA).id == cleo
    assert person_of(BO).id == bo
    assert person_of(Handle("phone", "+49341")).id == bo
    assert Link.objects.filter(revoked_at__isnull=True).count() == 4


def test_taken_back_twice_at_once_is_taken_back_once() -> None:
    ines, (ada, bo, _) = people()
    act = merge(ada, [bo], actor=ines, at=AT)
    refused = at_once(*[lambda: unmerge([act], actor=ines, at=AT + days(1))] * 2)
    assert refused == ["conflict"]
    assert person_of(BO).id == bo
