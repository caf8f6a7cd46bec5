"""Who may be one person is found, looked at, decided on, and never asked about again without a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from amity.channels.records import Handle, PersonRecord
from amity.kernel.actor import SYSTEM, Actor, Role
from amity.kernel.errors import Conflict, Forbidden, NotFound
from amity.kernel.models import Team
from amity.kernel.workspace import change_workspace
from amity.people import matching
from amity.people.models import Merge, MergeMethod, Proposal, ProposalState
from amity.people.proposing import (
    ask_for_a_look,
    check,
    look_for_duplicates,
    merge_all,
    merge_proposed,
    put_off,
    reopen,
    tell_proposed_apart,
    uncheck,
)
from amity.people.queries.judged import checked_of, thresholds
from amity.people.queries.looking import Step, look_of
from amity.people.queries.proposed import checks_of, evidence_of, queue_of, record_of
from amity.people.tests.records import AT, days, email, listed, make_actor, make_source, person_of, take_in

pytestmark = pytest.mark.django_db

GIVEN = "Ada Bo Cleo Dag Eve Finn Gro Hal Ida Jon Kim Lea".split()
FAMILY = "Roth Lind Marsh Sand Vogel Berg Stein Holm Falk Brandt Kern Wolff".split()
TOMAS = Handle("customer:shop", "5521"), email("tomas.arrieta@lindero.example")
ARRIETA = Handle("customer:desk", "17"), email("tomas.arrieta@mail.example")
LATER = AT + days(1)


def somebody(number: int) -> PersonRecord:
    """One of many customers who have nothing to do with each other."""
    given, family = GIVEN[number % 12], FAMILY[(number * 5 + number // 12) % 12]
    return listed(
        email(f"{given}.{family}{number}@mail{number % 7}.example".lower()), given_name=given, family_name=family,
        city=("Leipzig", "Halle", "Kiel", "Bonn")[number % 4], postcode=f"{10_000 + number * 371}",
        street=f"{('Am Markt', 'Parkweg', 'Hafenstr', 'Lindenallee', 'Kirchplatz')[number % 5]} {number + 3}",
        birthday=f"19{50 + number % 45}-0{1 + number % 9}-1{number % 10}",
    )  # fmt: skip


@pytest.fixture
def ines() -> Actor:
    return make_actor(Role.AGENT)


@pytest.fixture
def crowd() -> None:
    """Eighty customers; one of them is there twice, as two shops tell of him."""
    facts: dict[str, Any] = {
        "given_name": "Tomás",
        "family_name": "Arrieta",
        "city": "Bilbao",
        "postcode": "48001",
        "birthday": "1981-05-17",
        "street": "Calle Ripa 4",
    }
    take_in(make_source("shop"), *(somebody(number) for number in range(80)), listed(*TOMAS, **facts))
    take_in(make_source("desk"), listed(*ARRIETA, **facts | {"given_name": "Tomas"}))
    look_for_duplicates(at=AT)


def pair() -> Proposal:
    one, other = sorted((person_of(TOMAS[0]).id, person_of(ARRIETA[0]).id))
    return Proposal.objects.get(one_id=one, other_id=other)


@pytest.mark.usefixtures("crowd")
def test_who_is_there_twice_is_proposed_first_with_evidence_that_adds_up(ines: Actor) -> None:
    queue = queue_of(ines)
    assert queue.pairs[0].id == pair().id
    assert {queue.pairs[0].one.name, queue.pairs[0].other.name} == {"Tomás Arrieta", "Tomas Arrieta"}
    told = evidence_of(pair(), ines)
    assert sum(bits for *_, bits in told.lines) == pytest.approx(told.bits)
    assert told.probability > 0.99
    assert queue.count == Proposal.objects.filter(state=ProposalState.OPEN).count()


@pytest.mark.usefixtures("crowd")
def test_they_are_merged_with_the_evidence_and_it_is_taken_back_from_the_queue(ines: Actor) -> None:
    before = person_of(TOMAS[0]), person_of(ARRIETA[0])
    act = merge_proposed(pair().id, actor=ines, at=LATER)
    kept = Merge.objects.get(act_id=act)
    assert (kept.method, kept.merged_by_id) == (MergeMethod.STAFF, ines.staff_id)
    assert kept.evidence["evidence"]
    assert person_of(TOMAS[0]) == person_of(ARRIETA[0])
    assert pair_state(act) == ProposalState.MERGED
    with pytest.raises(Conflict):
        merge_proposed(kept.evidence["proposal"], actor=ines, at=LATER)
    reopen(kept.evidence["proposal"], actor=ines, at=LATER)
    assert (person_of(TOMAS[0]), person_of(ARRIETA[0])) == before
    assert queue_of(ines).pairs[0].id == pair().id


@pytest.mark.usefixtures("crowd")
def test_two_people_are_never_proposed_again(ines: Actor) -> None:
    tell_proposed_apart(pair().id, actor=ines, at=LATER)
    look_for_duplicates(at=LATER)
    assert pair().id not in {one.id for one in queue_of(ines).pairs}
    assert pair().state == ProposalState.TWO
    reopen(pair().id, actor=ines, at=LATER)
    assert pair().id in {one.id for one in queue_of(ines).pairs}


@pytest.mark.usefixtures("crowd")
def test_what_was_put_off_comes_back_after_a_month(ines: Actor) -> None:
    put_off(pair().id, actor=ines, at=LATER)
    assert pair().id not in {one.id for one in queue_of(ines).pairs}
    look_for_duplicates(at=LATER + days(1))
    assert pair().state == ProposalState.LATER
    look_for_duplicates(at=LATER + days(31))
    assert pair().id in {one.id for one in queue_of(ines).pairs}


@pytest.mark.usefixtures("crowd")
def test_many_are_merged_at_once_and_what_became_one_meanwhile_is_left_out(ines: Actor) -> None:
    chosen = [one.id for one in queue_of(ines).pairs][:1]
    assert len(merge_all([*chosen, *chosen], actor=ines, at=LATER)) == 1
    assert merge_all(chosen, actor=ines, at=LATER) == []
    told = record_of(ines, since=AT)
    assert (told.merged, told.two, told.linked_by_rule) == (1, 0, 0)
    assert told.last_look is not None
    assert told.last_look["people"] == 82


@pytest.mark.usefixtures("crowd")
def test_a_look_tells_how_far_it_is_and_what_came_of_it(ines: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[Step | None, int]] = []
    real = matching.rescore

    def watched(**more: Any) -> Any:
        look = look_of(ines, LATER + days(1))
        told.append((look.step, look.people))
        return real(**more)

    before = look_of(ines, LATER).last
    assert before is not None
    assert ask_for_a_look(at=LATER)
    assert look_of(ines, LATER).step is Step.WAITING
    assert not ask_for_a_look(at=LATER), "it is asked for already"
    monkeypatch.setattr(matching, "rescore", watched)
    look_for_duplicates(at=LATER + days(1))
    assert told == [(Step.COMPARING, 82)]
    found = look_of(ines, LATER + days(1))
    assert (found.step, found.broke_off, found.last_at) == (None, False, LATER + days(1))


@pytest.mark.usefixtures("crowd")
def test_a_look_that_died_says_so_and_one_that_is_over_does_not(
    ines: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(**_more: Any) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patched:
        patched.setattr(matching, "rescore", dies)
        with pytest.raises(RuntimeError):
            look_for_duplicates(at=LATER)
    look = look_of(ines, LATER)
    assert (look.step, look.broke_off) == (None, True)
    look_for_duplicates(at=LATER + days(1))
    assert not look_of(ines, LATER).broke_off


@pytest.mark.usefixtures("crowd")
def test_nobody_is_merged_by_rule_until_somebody_allows_it_and_the_share_of_wrong_ones_is_told(
    ines: Actor,
) -> None:
    assert not Merge.objects.exists()
    change_workspace({"link_duplicates": True}, actor=SYSTEM, at=LATER)
    told = look_for_duplicates(at=LATER)
    assert told["linked"] == 1
    merged = Merge.objects.get()
    assert (merged.method, merged.merged_by_id) == (MergeMethod.RULE, None)
    assert person_of(TOMAS[0]) == person_of(ARRIETA[0])
    assert record_of(ines, since=AT).wrong_share == 0
    reopen(Proposal.objects.get(act_id=merged.act_id).pk, actor=ines, at=LATER)
    assert record_of(ines, since=AT).wrong_share == 1
    assert look_for_duplicates(at=LATER + days(1))["linked"] == 0, "people know better than the rule"


@pytest.mark.usefixtures("crowd")
def test_a_sample_of_what_a_rule_merged_tells_how_often_it_is_wrong(ines: Actor) -> None:
    change_workspace({"link_duplicates": True}, actor=SYSTEM, at=LATER)
    look_for_duplicates(at=LATER)
    assert [one.id for one in checks_of(ines).pairs] == [pair_by_rule().pk]
    check(pair_by_rule().pk, is_right=True, actor=ines, at=LATER)
    found = checked_of(ines, since=AT)
    assert (found.checked, found.wrong, found.left, found.share) == (1, 0, 0, 0.0)
    with pytest.raises(Conflict):
        check(pair_by_rule().pk, is_right=False, actor=ines, at=LATER)
    uncheck(pair_by_rule().pk, actor=ines)
    check(pair_by_rule().pk, is_right=False, actor=ines, at=LATER)
    found = checked_of(ines, since=AT)
    assert (found.checked, found.wrong) == (1, 1)
    assert person_of(TOMAS[0]) != person_of(ARRIETA[0])
    assert look_for_duplicates(at=LATER + days(1))["linked"] == 0
    assert not checks_of(make_actor(Role.ANALYST)).pairs


def pair_by_rule() -> Proposal:
    return Proposal.objects.get(is_by_rule=True)


@pytest.mark.usefixtures("crowd")
def test_decisions_tell_from_how_sure_on_colleagues_are_asked_and_a_rule_merges(ines: Actor) -> None:
    change_workspace({"link_duplicates": True}, actor=SYSTEM, at=LATER)
    before = thresholds()
    assert before.merges is not None
    Proposal.objects.update(bits=before.merges + 2)  # sure enough for the rule, and a colleague knows better
    tell_proposed_apart(pair().pk, actor=ines, at=LATER)
    after = thresholds()
    assert after.merges is not None
    assert (after.learnt.decided, after.merges > before.merges, after.asks > before.asks) == (1, True, True)


@pytest.mark.usefixtures("crowd")
def test_whom_a_team_keeps_to_itself_is_merged_by_no_rule() -> None:
    team = Team.objects.create(name="VIP")
    take_in(make_source("vip", team=team), listed(ARRIETA[1], city="Bilbao"))
    change_workspace({"link_duplicates": True}, actor=SYSTEM, at=LATER)
    assert look_for_duplicates(at=LATER)["linked"] == 0


@pytest.mark.usefixtures("crowd")
def test_the_queue_is_for_who_sees_all_sources_and_addresses(ines: Actor) -> None:
    analyst = make_actor(Role.ANALYST)
    assert queue_of(analyst).pairs == ()
    with pytest.raises(NotFound):
        merge_proposed(pair().id, actor=analyst, at=LATER)
    make_source("vip", team=Team.objects.create(name="VIP"))
    assert queue_of(ines).pairs == ()
    with pytest.raises((NotFound, Forbidden)):
        put_off(pair().id, actor=ines, at=LATER)
    assert pair().state == ProposalState.OPEN


def pair_state(act: UUID) -> str:
    return str(Proposal.objects.get(act_id=act).state)
