"""Keys kept in step with people, candidates from the database, weights kept in a table."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from pytest_django import DjangoAssertNumQueries

from amity.channels.records import Handle
from amity.kernel.actor import Role
from amity.kernel.models import Team
from amity.people.adding import Typed, who_may_be
from amity.people.domain.matching.records import Said
from amity.people.matching import (
    candidates_for,
    current_model,
    forget,
    keep_in_step,
    rebuild,
    rescore,
    train,
)
from amity.people.matching.finding import MOST_SCORED
from amity.people.matching.keeping import load
from amity.people.matching.reading import from_json, said_of, to_json
from amity.people.models import MatchKey, MatchModel, MatchRecord, Person
from amity.people.tests.matching.people_of_ours import HANNAH, of, town
from amity.people.tests.records import AT, email, listed, make_actor, make_source, person_of, take_in

pytestmark = pytest.mark.django_db
BILL = email("william.quinn@post.example", "William Quinn")
WORK = email("bill.quinn@quinn.example", "Bill Quinn")


@pytest.fixture
def learnt() -> list[UUID]:
    """A town whose people are in the database, and weights learnt from it."""
    records, _ = town()
    ids = [uuid4() for _ in records]
    load(zip(ids, records, strict=True), at=AT)
    assert train(at=AT) is not None
    return ids


def test_what_sources_say_of_a_person_is_what_is_compared() -> None:
    take_in(
        make_source(),
        listed(BILL, Handle("phone", "+4915112345678"), Handle("customer:shop", "77"), city="Leipzig"),
    )
    person = person_of(BILL).pk
    said = said_of([person])[person]
    assert said.emails == (BILL.address,)
    assert said.phones == ("+4915112345678",)
    assert said.identifiers == ("customer:shop:77",)
    assert (said.full_name, said.place) == ("William Quinn", "Leipzig")
    assert from_json(to_json(said)) == said


def test_two_cafes_of_a_town_are_not_one_person_for_their_trade(learnt: list[UUID]) -> None:
    cafes = [
        listed(
            email(f"orders@{host}.example", name), Handle("customer:shop", number), Handle("chat", visitor),
            city="Bristol", country="GB", organisation=name, tax_number=tax, website=f"https://{host}.example/",
        )
        for name, host, number, visitor, tax in (
            ("The Station Café", "the-station-cafe", "6001", "visitor-085798", "DEMO-00001"),
            ("The Mill Café", "the-mill-cafe", "6046", "visitor-067050", "DEMO-00046"),
        )
    ]  # fmt: skip
    take_in(make_source(), *cafes)
    one, other = said_of([person_of(record.handles[0]).pk for record in cafes]).values()
    model = current_model()
    assert model is not None
    score = model.score(model.prepare(one), model.prepare(other))
    assert score.bits < 0, score.evidence
    codes = {line.code for line in score.evidence}
    assert {"identifier.different", "handle.different"} <= codes
    assert not {code for code in codes if code.startswith(("given_name", "work"))}


def test_keys_follow_what_is_said_and_go_with_the_person() -> None:
    source = make_source()
    take_in(source, listed(BILL, city="Leipzig"))
    person = person_of(BILL).pk
    keep_in_step([person], at=AT)
    before = set(MatchKey.objects.values_list("key", flat=True))
    assert before
    take_in(source, listed(BILL, Handle("phone", "+4915112345678"), city="Leipzig"))
    keep_in_step([person], at=AT)
    assert set(MatchKey.objects.values_list("key", flat=True)) > before
    assert MatchRecord.objects.count() == 1
    forget([person])
    assert not MatchKey.objects.exists()
    assert not MatchRecord.objects.exists()


def test_people_who_are_gone_lose_their_keys() -> None:
    load([(uuid4(), HANNAH)], at=AT)
    keep_in_step(MatchRecord.objects.values_list("person_id", flat=True), at=AT)
    assert not MatchKey.objects.exists()


def test_rebuilding_gives_the_keys_that_keeping_in_step_gave() -> None:
    take_in(make_source(), listed(BILL, city="Leipzig"), listed(WORK, city="Leipzig"))
    keep_in_step(Person.objects.values_list("pk", flat=True), at=AT)
    kept = sorted(MatchKey.objects.values_list("key", flat=True))
    assert rebuild(at=AT) == 2
    assert sorted(MatchKey.objects.values_list("key", flat=True)) == kept


def test_the_same_person_is_found_first_with_evidence_that_adds_up(learnt: list[UUID]) -> None:
    records, _ = town()
    asked = of(records[0], phones=(), place="")
    found = candidates_for(asked)
    assert found[0].person_id == learnt[0]
    assert sum(line.bits for line in found[0].evidence) == pytest.approx(found[0].bits)
    assert {line.code for line in found[0].evidence} >= {"prior", "born_on.same"}


def test_live_and_batch_give_the_same_score(learnt: list[UUID]) -> None:
    pairs = {frozenset((pair.one, pair.other)): pair for pair in rescore().pairs}
    records, _ = town()
    compared = 0
    for person, said in list(zip(learnt, records, strict=True))[:40]:
        for candidate in candidates_for(said):
            pair = pairs.get(frozenset((person, candidate.person_id)))
            if candidate.person_id != person and pair is not None:
                assert pair.bits == pytest.approx(candidate.bits, abs=0.001)
                compared += 1
    assert compared > 10


def test_groups_are_people_who_would_be_one(learnt: list[UUID]) -> None:
    _, numbers = town()
    number = dict(zip(learnt, numbers, strict=True))
    groups = rescore().groups
    assert len(groups) > 80
    assert sum(len({number[person] for person in group}) == 1 for group in groups) / len(groups) > 0.98


def test_before_the_first_training_nobody_is_a_candidate() -> None:
    load([(uuid4(), HANNAH)], at=AT)
    assert candidates_for(HANNAH) == []
    assert rescore().pairs == []
    assert train(at=AT) is None


def test_nothing_said_is_nobody(learnt: list[UUID]) -> None:
    assert candidates_for(Said()) == []
    assert candidates_for(uuid4()) == []


def test_the_newest_weights_are_used_and_say_what_they_were_learnt_from(learnt: list[UUID]) -> None:
    newest = MatchModel.objects.latest("trained_at")
    assert newest.figures["people"] == len(learnt)
    assert newest.trained_at == AT


def test_no_candidate_costs_more_than_two_questions(
    learnt: list[UUID], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # Which weights are the newest, what they are (kept after the first time), and the candidates.
    candidates_for(HANNAH)
    with django_assert_num_queries(2):
        candidates_for(HANNAH)


def test_the_migration_is_whole() -> None:
    call_command("makemigrations", "people", check=True, dry_run=True, verbosity=0)


def test_whom_a_colleague_does_not_know_takes_no_place_among_those_who_may_be_the_one(
    learnt: list[UUID],
) -> None:
    said: dict[str, Any] = {"birthday": "1984-03-02", "city": "Leipzig", "postcode": "04109"}
    hidden = make_source("vip", team=Team.objects.create(name="VIP"))
    names = [email(f"h{n}@vip.example", "Hannah Vogel") for n in range(MOST_SCORED + 5)]
    take_in(hidden, *(listed(one, **said) for one in names))
    keep_in_step(Person.objects.values_list("pk", flat=True), at=AT)
    known = email("hannah@post.example", "Hannah Vogel")
    take_in(make_source(), listed(known, **said))
    keep_in_step([person_of(known).pk], at=AT)
    typed = Typed(facts={"name": "Hannah Vogel", "birthday": "1984-03-02", "city": "Leipzig"})
    (found,) = who_may_be(typed, actor=make_actor(Role.AGENT))
    assert found.person_id == person_of(known).pk
    assert found.probability is not None
