"""The whole engine, on people of our own invention: laws of the score, learning, joining, saving."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.people.domain.matching.clustering import join
from amity.people.domain.matching.engine import TOPICS, bits_of, prepared, resolve
from amity.people.domain.matching.keys import keys_of
from amity.people.domain.matching.records import Said
from amity.people.domain.matching.saved import OtherWeights, from_json, to_json
from amity.people.domain.matching.table import table_of
from amity.people.domain.matching.training import chances_of, score_pairs, train
from amity.people.tests.matching.people_of_ours import HANNAH, of, resolved_town

words = st.text("aehmnostv '-öß", max_size=9)
said = st.builds(
    Said,
    given_name=st.one_of(words, st.sampled_from(["Hannah", "William", "Bill", "H."])),
    middle_name=words,
    family_name=st.one_of(words, st.sampled_from(["Vogel", "Vogl", "Hannah", "van der Berg"])),
    full_name=st.one_of(st.just(""), words),
    emails=st.lists(st.sampled_from(["hannah@post.example", "hanna@post.example", "@", "x"]), max_size=2).map(
        tuple
    ),
    phones=st.lists(st.sampled_from(["+4915112345678", "015112345678", "5"]), max_size=2).map(tuple),
    handles=st.lists(st.sampled_from(["hvogel", "@drvogel84", "bill", "---"]), max_size=2).map(tuple),
    born_on=st.sampled_from(["", "1984-03-02", "1984-02-03", "1984-99-99"]),
    lines=st.lists(words, max_size=3).map(tuple),
    place=words,
    postcode=st.sampled_from(["", "04109", "0410", "SW1"]),
    links=st.lists(st.sampled_from(["https://hvogel.example", "hvogel.example/x", ":"]), max_size=1).map(
        tuple
    ),
    labels=st.lists(st.sampled_from(["kv", "7", ""]), max_size=2).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(said, said)
def test_the_score_is_the_same_from_both_sides_and_its_evidence_adds_up(one: Said, other: Said) -> None:
    model = resolved_town()[2].model
    there = model.score(model.prepare(one), model.prepare(other))
    back = model.score(model.prepare(other), model.prepare(one))
    assert there.bits == pytest.approx(back.bits)
    assert sum(line.bits for line in there.evidence) == pytest.approx(there.bits)
    assert 0 <= there.probability <= 1


@settings(max_examples=20, deadline=None)
@given(st.lists(said, min_size=2, max_size=12))
def test_one_record_scores_the_same_live_and_in_the_batch(records: list[Said]) -> None:
    model = resolved_town()[2].model
    found = resolve(records, model=model)
    for one, other, bits in zip(found.one.tolist(), found.other.tolist(), found.bits.tolist(), strict=True):
        score = model.score(model.prepare(records[one]), model.prepare(records[other]))
        assert score.bits == pytest.approx(bits, abs=0.001)


@settings(max_examples=40, deadline=None)
@given(said)
def test_a_record_shares_its_keys_with_itself_and_nothing_speaks_against_it(one: Said) -> None:
    model = resolved_town()[2].model
    assert keys_of(prepared(one)) == keys_of(prepared(one))
    names = [line.code for line in model.score(model.prepare(one), model.prepare(one)).evidence]
    assert not [code for code in names if code.endswith(".different") and not code.startswith("middle")]


def test_the_people_of_a_town_are_found_without_being_told_who_is_who() -> None:
    _, numbers, found = resolved_town()
    truth = np.array(numbers)
    sure = found.bits >= 0
    right = truth[found.one] == truth[found.other]
    assert (sure & right).sum() / sure.sum() > 0.98
    assert (sure & right).sum() / right.sum() > 0.98
    linked = found.bits >= bits_of(0.9999)
    assert linked.sum() > 50
    assert not (linked & ~right).any()


def test_agreeing_on_a_rare_name_says_more_than_on_a_common_one() -> None:
    records = [*resolved_town()[0], *[Said(given_name=f"G{n}", family_name="Meyer") for n in range(60)]]
    model = resolve(records).model

    def bits(family: str) -> float:
        one = model.prepare(Said(family_name=family))
        return model.score(one, one).bits

    assert bits("Zwetkov") > bits("Meyer") + 3


def test_neighbours_of_one_family_are_not_one_person() -> None:
    model = resolved_town()[2].model
    brother = of(given_name="Matthias", emails=(), phones=(), born_on="1981-07-19")
    score = model.score(model.prepare(HANNAH), model.prepare(brother))
    assert score.probability < 0.5


def test_a_name_alone_never_links_by_itself() -> None:
    model = resolved_town()[2].model
    one = model.prepare(Said(given_name="Hannah", family_name="Vogel"))
    assert model.score(one, one).bits < bits_of(0.9999)


def test_one_wrong_link_does_not_melt_two_people() -> None:
    one = np.array([0, 0, 1, 3, 3, 4, 2, 0, 1], np.int32)
    other = np.array([1, 2, 2, 4, 5, 5, 3, 3, 4], np.int32)
    bits = np.array([9, 9, 9, 9, 9, 9, 2, -8, -8], np.float32)
    assert join(6, one, other, bits).tolist() == [0, 0, 0, 3, 3, 3]


def test_two_people_of_whom_a_third_record_could_be_stay_two() -> None:
    one, other = np.array([0, 1, 0], np.int32), np.array([2, 2, 1], np.int32)
    persons = join(3, one, other, np.array([3, 5, -9], np.float32))
    assert persons.tolist() == [0, 1, 1]


def test_an_account_has_one_owner_at_most() -> None:
    chances = chances_of(np.array([6, 6, 6, -20], np.float32), np.array([0, 0, 1, 1], np.int32))
    assert chances[:2] == pytest.approx([0.496, 0.496], abs=0.01)
    assert chances[2] == pytest.approx(0.985, abs=0.01)


def test_accounts_find_their_owners_by_name() -> None:
    names = [f"{given} {family}" for given in ("Hannah", "Owen", "Tomas", "Ines") for family in
             ("Vogel", "Dunmore", "Arrieta", "Lindero", "Okafor", "Brandt", "Novak", "Haddad")]  # fmt: skip
    accounts = [
        Said(handles=(name.replace(" ", "") if n % 2 else f"{name[0]}{name.split()[1]}",))
        for n, name in enumerate(names)
    ]
    table = table_of([*accounts, *(Said(full_name=name) for name in names)], TOPICS, split=len(accounts))
    one, other = (axis.ravel().astype(np.int32) for axis in np.indices((len(names), len(names))))
    other = other + np.int32(len(names))
    model = train(table, one, other, exclusive=True)
    chances = chances_of(score_pairs(table, model, one, other), one).reshape(len(names), len(names))
    full = np.arange(len(names)) % 2 == 1
    assert (chances.argmax(axis=1)[full] == np.flatnonzero(full)).all()
    assert (chances.max(axis=1)[full] > 0.5).all()


def test_weights_survive_being_saved() -> None:
    records, _, found = resolved_town()
    kept = json.loads(
        json.dumps(to_json(found.model), sort_keys=True)
    )  # as a database keeps it: in its own order
    again = from_json(kept, TOPICS)
    for one, other in ((0, 1), (1, 2), (5, 40)):
        first, second = found.model.prepare(records[one]), found.model.prepare(records[other])
        assert again.score(first, second) == found.model.score(first, second)
    assert "hannah.vogel" not in json.dumps(kept)


def test_weights_of_another_version_are_refused() -> None:
    kept = to_json(resolved_town()[2].model)
    with pytest.raises(OtherWeights):
        from_json(kept | {"format": 0}, TOPICS)
    del kept["comparisons"]["email"]
    with pytest.raises(OtherWeights):
        from_json(kept, TOPICS)
