"""A legal hold: nothing of a person goes, whatever is merged, split or taken back."""

from __future__ import annotations

from uuid import UUID

import pytest

from amity.channels.adapters.api.adapter import ADAPTER_NAME
from amity.channels.models import Source
from amity.channels.records import Handle
from amity.kernel.actor import Actor, Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.kernel.models import AuditEntry, Transition
from amity.kernel.timers import wake_due
from amity.people import adding, erasures
from amity.people.holds import Held, place, release
from amity.people.merging import merge, unmerge
from amity.people.models import HeldAccount, LegalHold, Merge, Person, PersonErasure
from amity.people.queries.held import holds_of, holds_on, in_hold, list_holds
from amity.people.splitting import split
from amity.people.tests.records import (
    AT,
    days,
    email,
    identities_of,
    listed,
    make_actor,
    make_source,
    person_of,
    said,
    take_in,
)

pytestmark = pytest.mark.django_db

TOMAS = email("tomas@lindero.example", "Tomás Arrieta")
ARRIETA = Handle("customer:shop", "5521", "T. Arrieta Lindero")
LATER = AT + days(2)


@pytest.fixture
def legal() -> Actor:
    return make_actor(Role.LEGAL)


@pytest.fixture
def pair() -> tuple[Person, Person]:
    source = make_source()
    Source.objects.update(adapter=ADAPTER_NAME)  # its raw items can be read again, as an erasure does
    take_in(source, said(TOMAS), listed(TOMAS, city="Bilbao"))
    take_in(source, listed(ARRIETA, city="Getxo"))
    return person_of(TOMAS), person_of(ARRIETA)


def hold(person_id: UUID, actor: Actor, reason: str = "Lawsuit 4 O 17/26") -> LegalHold:
    return place(person_id, reason=reason, actor=actor, at=AT)


def test_an_erasure_asked_for_by_hand_is_refused_until_the_hold_is_released(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    made = hold(pair[0].id, legal)
    with pytest.raises(Held, match="legal hold"):
        erasures.ask(pair[0].id, ground="request", actor=legal, at=AT)
    assert not PersonErasure.objects.exists()
    erasures.ask(pair[1].id, ground="request", actor=legal, at=AT)
    release(made.pk, why="It was settled", actor=legal, at=LATER)
    assert erasures.ask(pair[0].id, ground="request", actor=legal, at=LATER).state == "waiting"


def test_an_erasure_that_waits_is_stopped_when_its_time_is_over_and_says_why(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    waiting = erasures.ask(pair[0].id, ground="request", actor=legal, at=AT)
    hold(pair[0].id, legal)
    with pytest.raises(Held):
        erasures.begin(waiting.pk, actor=make_actor(Role.OWNER), at=AT)
    assert wake_due(AT + days(2)) == 1
    waiting.refresh_from_db()
    assert (waiting.state, waiting.stopped_at) == ("stopped", AT + days(2))
    assert "legal hold" in waiting.stopped_why
    assert Transition.objects.get(subject_id=waiting.pk, after="stopped").why == waiting.stopped_why


def test_an_erasure_of_somebody_who_was_merged_since_is_kept_back_by_a_hold_on_who_stays(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    waiting = erasures.ask(pair[0].id, ground="request", actor=legal, at=AT)
    merge(pair[1].id, [pair[0].id], actor=make_actor(Role.OWNER), at=AT)
    hold(pair[1].id, legal)
    with pytest.raises(Held):
        erasures.begin(waiting.pk, actor=make_actor(Role.OWNER), at=AT)
    wake_due(LATER)
    waiting.refresh_from_db()
    assert (waiting.state, "legal hold" in waiting.stopped_why) == ("stopped", True)
    assert person_of(TOMAS).id == pair[1].id


def test_a_hold_placed_after_it_began_still_keeps_all_that_is_there(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    begun = erasures.ask(pair[0].id, ground="request", actor=make_actor(Role.OWNER), at=AT, now=True)
    hold(pair[0].id, legal)
    done = erasures.work_on(begun.pk, clock=lambda: LATER)
    assert (done.state, done.scope, done.person_id) == ("stopped", None, pair[0].id)
    assert person_of(TOMAS) == pair[0]


def test_an_erasure_that_has_begun_is_stopped_by_nobody(pair: tuple[Person, Person], legal: Actor) -> None:
    owner = make_actor(Role.OWNER)
    begun = erasures.ask(pair[0].id, ground="request", actor=owner, at=AT, now=True)
    with pytest.raises(Conflict):
        erasures.stop(begun.pk, actor=legal, at=AT)
    for step in (erasures.SEARCH, erasures.ERASE):
        begun.refresh_from_db()
        assert begun.step == step
        erasures._STEPS[step](begun, AT)
    with pytest.raises(Conflict):  # all rows are gone, and files and the trail name them still
        erasures.stop(begun.pk, actor=legal, at=AT)
    assert erasures.work_on(begun.pk, clock=lambda: AT).state == "done"


def test_an_erasure_is_asked_for_with_its_timer_or_not_at_all(
    pair: tuple[Person, Person], legal: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as broken:
        broken.setattr(erasures, "set_timer", breaks)
        with pytest.raises(SystemExit):
            erasures.ask(pair[0].id, ground="request", actor=legal, at=AT)
    assert erasures.ask(pair[0].id, ground="request", actor=legal, at=AT).state == "waiting"


def test_merged_records_are_held_as_a_whole_and_each_again_as_it_was_when_that_is_taken_back(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    tomas, arrieta = pair
    before = set(HeldAccount.objects.values_list("hold_id", "identity_id"))
    made = hold(arrieta.id, legal)
    held = set(HeldAccount.objects.values_list("hold_id", "identity_id"))
    ines = make_actor(Role.AGENT)
    act = merge(tomas.id, [arrieta.id], actor=ines, at=LATER)
    assert holds_on(tomas.id) == [made.pk]
    with pytest.raises(Held):
        erasures.ask(tomas.id, ground="request", actor=legal, at=LATER)
    assert [one.id for one in in_hold(legal, Person.objects.all())] == [tomas.id]
    unmerge([Merge.objects.get(act_id=act).pk], actor=ines, at=LATER)
    assert (holds_on(tomas.id), holds_on(arrieta.id)) == ([], [made.pk])
    assert set(HeldAccount.objects.values_list("hold_id", "identity_id")) == held
    assert before == set()


def test_who_is_split_off_a_person_that_is_held_is_held_too(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    tomas, arrieta = pair
    ines = make_actor(Role.AGENT)
    merge(tomas.id, [arrieta.id], actor=ines, at=AT)
    made = hold(tomas.id, legal)
    off = split(tomas.id, list(identities_of(tomas))[:1], actor=ines, at=LATER)
    assert holds_on(tomas.id) == [made.pk]
    assert holds_on(off.into_id) == [made.pk]


def test_only_owners_administrators_and_legal_know_of_it(pair: tuple[Person, Person], legal: Actor) -> None:
    made = hold(pair[0].id, legal)
    agent = make_actor(Role.AGENT)
    assert holds_of(agent, pair[0].id) == []
    for refused in (
        lambda: list_holds(agent),
        lambda: hold(pair[1].id, agent),
        lambda: release(made.pk, why="No", actor=agent, at=AT),
    ):
        with pytest.raises(Forbidden):
            refused()
    (found,) = list_holds(make_actor(Role.ADMINISTRATOR))
    assert [one.id for one in found.people] == [pair[0].id]
    assert (found.hold.reason, found.others) == ("Lawsuit 4 O 17/26", 0)


def test_it_needs_a_reason_and_is_released_once(pair: tuple[Person, Person], legal: Actor) -> None:
    with pytest.raises(Invalid):
        hold(pair[0].id, legal, "  ")
    made = hold(pair[0].id, legal)
    release(made.pk, why="Over", actor=legal, at=LATER)
    with pytest.raises(Conflict):
        release(made.pk, why="Over", actor=legal, at=LATER)
    with pytest.raises(NotFound):
        release(pair[0].id, why="Over", actor=legal, at=LATER)
    told = AuditEntry.objects.filter(subject="person", subject_id=str(pair[0].id), action__startswith="hold.")
    assert sorted(told.values_list("action", "after__reason")) == [
        ("hold.placed", "Lawsuit 4 O 17/26"),
        ("hold.released", "Over"),
    ]


def test_somebody_just_added_by_hand_stays_while_they_are_held(legal: Actor) -> None:
    made = adding.add_person(
        adding.Typed(email="nora@berg.example", facts={"name": "Nora Berg"}),
        actor=make_actor(Role.OWNER),
        at=AT,
    )
    hold(made, legal)
    with pytest.raises(Conflict):
        adding.remove_added(made, actor=make_actor(Role.AGENT), at=AT)


def test_what_was_said_of_a_released_hold_goes_with_the_person(
    pair: tuple[Person, Person], legal: Actor
) -> None:
    made = hold(pair[0].id, legal)
    release(made.pk, why="Over", actor=legal, at=LATER)
    asked = erasures.ask(pair[0].id, ground="request", actor=make_actor(Role.OWNER), at=LATER, now=True)
    done = erasures.work_on(asked.pk, clock=lambda: LATER)
    assert done.certificate is not None
    assert done.certificate["removed"]["people_legalhold"] == 1
    assert not LegalHold.objects.exists()
    assert not HeldAccount.objects.exists()
    left = [f"{one.before}{one.after}{one.why}" for one in AuditEntry.objects.all()]
    assert not any("4 O 17/26" in words for words in left)
