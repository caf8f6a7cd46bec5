"""Requests that come at once share a walk through the corridor, and each gets its own outcome."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from amity.channels import inlet
from amity.channels.adapters import RawItem
from amity.channels.models import Item
from amity.commerce.models import Order
from amity.commerce.services import record_order
from amity.kernel.actor import Role
from amity.kernel.errors import Invalid
from amity.people.models import Person
from amity.people.services import record_person
from amity.site.tests.api.calling import colleague

AT_ONCE = 12


@pytest.mark.django_db(transaction=True)
def test_people_who_are_told_at_once_share_walks_and_each_teller_hears_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor, walks, gate = colleague().actor(), [], threading.Event()
    take_in = inlet.take_in

    def counted(source: Any, raws: Sequence[RawItem], **more: Any) -> Any:
        walks.append(len(raws))
        gate.wait(10)  # the first walk holds until all the others wait
        if any(b"broken" in raw.raw for raw in raws):
            raise ValueError
        return take_in(source, raws, **more)

    monkeypatch.setattr(inlet, "take_in", counted)
    outcomes: dict[int, Any] = {}

    def tell(number: int) -> None:
        name = "broken" if number == 7 else f"Person {number}"
        said = {"external_id": str(number), "facts": {"name": name}}
        try:
            outcomes[number] = record_person(said, actor=actor, at=timezone.now(), program="Shop")
        except ValueError as error:
            outcomes[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    while sum(len(group) for group in inlet._waiting.values()) < AT_ONCE - 1:
        threading.Event().wait(0.01)
    gate.set()
    for thread in threads:
        thread.join(30)

    assert walks[:2] == [1, AT_ONCE - 1]
    assert isinstance(outcomes.pop(7), ValueError)  # alone, though it stood among the others
    names = dict(Person.objects.values_list("id", "name"))
    assert {number: names[one.person_id] for number, one in outcomes.items()} == {
        number: f"Person {number}" for number in outcomes
    }
    assert Item.objects.count() == AT_ONCE - 1
    assert not inlet._waiting
    assert not inlet._led


@pytest.mark.django_db(transaction=True)
def test_who_tells_one_order_at_once_with_another_buyer_is_told_so_and_the_first_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor, gate = colleague(Role.OWNER).actor(), threading.Event()
    take_in = inlet.take_in

    def slow(source: Any, raws: Sequence[RawItem], **more: Any) -> Any:
        gate.wait(10)
        return take_in(source, raws, **more)

    monkeypatch.setattr(inlet, "take_in", slow)
    outcomes: dict[str, Any] = {}

    def tell(order: str, buyer: str) -> None:
        said = {
            "external_id": order, "ordered_at": "2026-03-17T09:30:00Z", "amount": "5.00", "currency": "EUR",
            "buyer": {"identities": [{"network": "email", "address": f"{buyer}@vogel.example"}]},
        }  # fmt: skip
        try:
            outcomes[buyer] = record_order(said, actor=actor, at=timezone.now(), program="Shop")
        except Invalid as error:
            outcomes[buyer] = error
        finally:
            connection.close()

    told = [("1", "first"), ("2", "hanna"), ("2", "tom")]
    threads = [threading.Thread(target=tell, args=one) for one in told]
    for place, thread in enumerate(threads):  # the first walks, the others wait in their order
        thread.start()
        while sum(len(group) for group in inlet._waiting.values()) < place or not inlet._led:
            threading.Event().wait(0.01)
    gate.set()
    for thread in threads:
        thread.join(30)
    assert outcomes["hanna"].is_new
    assert isinstance(outcomes["tom"], Invalid)
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_who_waited_too_long_leaves_and_those_who_come_later_are_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    actor, gate = colleague().actor(), threading.Event()
    take_in = inlet.take_in

    def slow(source: Any, raws: Sequence[RawItem], **more: Any) -> Any:
        gate.wait(10)
        return take_in(source, raws, **more)

    monkeypatch.setattr(inlet, "take_in", slow)
    monkeypatch.setattr(inlet, "LONGEST_WAIT_S", 0.2)
    outcomes: dict[str, Any] = {}

    def tell(name: str) -> None:
        said = {"external_id": name, "facts": {"name": name}}
        try:
            outcomes[name] = record_person(said, actor=actor, at=timezone.now(), program="Shop")
        except TimeoutError as error:
            outcomes[name] = error
        finally:
            connection.close()

    first, second = (threading.Thread(target=tell, args=(name,)) for name in ("First", "Second"))
    first.start()
    while not inlet._led:
        threading.Event().wait(0.01)
    second.start()
    second.join(10)
    assert isinstance(outcomes["Second"], TimeoutError)
    gate.set()
    first.join(30)
    tell("Third")
    assert set(Person.objects.values_list("name", flat=True)) == {"First", "Third"}
    assert not inlet._waiting
    assert not inlet._led


@pytest.mark.django_db(transaction=True)
def test_who_leads_after_a_shared_walk_waits_for_those_who_ask_again(monkeypatch: pytest.MonkeyPatch) -> None:
    actor, walks = colleague().actor(), []
    take_in = inlet.take_in

    def counted(source: Any, raws: Sequence[RawItem], **more: Any) -> Any:
        walks.append(len(raws))
        return take_in(source, raws, **more)

    monkeypatch.setattr(inlet, "take_in", counted)
    monkeypatch.setattr(inlet, "COMPANY_WAIT_S", 5.0)
    monkeypatch.setattr(inlet, "_last_walk", (("person", "api-shop", actor), 0, 0.0))

    def tell(number: int) -> None:
        said = {"external_id": str(number), "facts": {"name": f"Person {number}"}}
        record_person(said, actor=actor, at=timezone.now(), program="Shop")
        connection.close()

    tell(0)
    assert not inlet._awaited
    group, _shared, ended = inlet._last_walk
    monkeypatch.setattr(inlet, "_last_walk", (group, 2, ended))
    first, second = (threading.Thread(target=tell, args=(number,)) for number in (1, 2))
    first.start()
    while not inlet._awaited and first.is_alive():
        threading.Event().wait(0.01)
    second.start()
    for thread in (first, second):
        thread.join(2.0)  # far less than the wait: the second wakes the first
        assert not thread.is_alive()
    assert walks == [1, 2]
    assert not inlet._awaited
