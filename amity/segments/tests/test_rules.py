"""Rules: what can be asked, what is refused, and what a form makes of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from amity.segments.conditions import Moment, all_fields
from amity.segments.domain.drafts import change, draft_of, read_form, rule_of_draft
from amity.segments.domain.traits import A_DAY, Traits, cutoff_of
from amity.segments.domain.trees import BrokenRule, Leaf, decide, in_order, leaves, read
from amity.segments.rules import checked

pytestmark = (
    pytest.mark.django_db
)  # which fields there are is asked of the database: companies make their own
ORDERS = {"field": "orders", "op": "at_least", "value": 2, "within_days": 90}


def test_a_rule_is_read_and_told_again_as_it_was() -> None:
    said = {"all": [ORDERS, {"not": {"any": [{"field": "city", "op": "is", "value": ["Leipzig", "Halle"]}]}}]}
    assert read(said).to_json() == said


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ([], "no_object"),
        ({"all": {}}, "no_list"),
        ({"all": [{"field": "orders"}]}, "no_condition"),
        ({"all": [{**ORDERS, "since": 1}]}, "unknown_key"),
        ({"all": [{**ORDERS, "field": "shoe_size"}]}, "unknown_field"),
        ({"all": [{**ORDERS, "op": "is"}]}, "unknown_op"),
        ({"all": [{**ORDERS, "value": "two"}]}, "no_number"),
        ({"all": [{**ORDERS, "value": True}]}, "no_number"),
        ({"all": [{**ORDERS, "value": 501}]}, "out_of_range"),
        ({"all": [{**ORDERS, "value": 1.5}]}, "no_number"),
        ({"all": [{**ORDERS, "value": float("nan")}]}, "no_number"),
        ({"all": [{**ORDERS, "value": float("inf")}]}, "no_number"),
        ({"all": [{**ORDERS, "value": 10**400}]}, "out_of_range"),
        ({"all": [{**ORDERS, "within_days": 0}]}, "days"),
        ({"all": [{**ORDERS, "of": "EUR"}]}, "nothing_to_narrow"),
        ({"all": [{"field": "wrote", "op": "at_least", "value": 1, "of": "a\0"}]}, "too_long"),
        ({"all": [{"field": "spent", "op": "at_least", "value": 5}]}, "of_needed"),
        ({"all": [{"field": "city", "op": "is", "value": ""}]}, "no_text"),
        ({"all": [{"field": "city", "op": "known", "value": "x"}]}, "no_value"),
        ({"all": [{"field": "city", "op": "known", "within_days": 3}]}, "no_window"),
        ({"all": [{"field": "first_seen", "op": "since", "value": "yesterday"}]}, "no_date"),
        ({"all": [{"field": "segment", "op": "in", "value": "x"}]}, "no_segment"),
        ({"all": [ORDERS] * 41}, "too_many"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_says_why(said: Any, wrong: str) -> None:
    with pytest.raises(BrokenRule) as refused:
        checked(said, all_fields())
    assert refused.value.message == wrong


def test_groups_lie_at_most_six_deep() -> None:
    said: dict[str, Any] = ORDERS
    for _ in range(7):
        said = {"all": [said]}
    with pytest.raises(BrokenRule, match="too_deep"):
        read(said)


def test_an_empty_group_holds_for_nobody_also_when_it_is_negated() -> None:
    empty: list[dict[str, Any]] = [{"all": []}, {"any": []}, {"not": {"all": []}}]
    for said in empty:
        assert not decide(read(said), lambda _leaf: True)


def test_segments_stand_behind_those_they_ask_for_and_circles_are_found() -> None:
    one, two, three = sorted((uuid4() for _ in range(3)), key=str)
    assert in_order({one: [two], two: [three], three: []}) == [three, two, one]
    with pytest.raises(BrokenRule, match="circle"):
        in_order({one: [two], two: [one]})


def test_a_window_ends_with_its_last_minute() -> None:
    traits = Traits(UUID(int=1), orders=[0, 1, A_DAY])
    assert [traits.count("orders", cutoff_of(A_DAY + late, 1)) for late in (-1, 0, 1, A_DAY)] == [3, 2, 1, 0]


def test_a_form_gives_the_rule_that_it_was_made_of() -> None:
    said = {
        "all": [
            ORDERS,
            {"not": {"any": [{"field": "spent", "op": "at_most", "value": 9.5, "of": "EUR"}, ORDERS]}},
        ]
    }
    draft = draft_of(read(said))
    takes = {(key, op.key): op.takes for key, one in all_fields().items() for op in one.ops}
    assert rule_of_draft(draft, takes) == said
    typed = {"r.kind": "all", "r.0.field": "orders", "r.0.op": "at_least", "r.0.value": "2", "r.0.days": "90"}
    assert rule_of_draft(read_form(typed), takes) == {"all": [ORDERS]}


def test_signs_alone_stand_in_no_text_and_are_no_empty_one() -> None:
    moment, fields = Moment(A_DAY), all_fields()
    for op, holds in (("contains", False), ("is", False), ("is_not", True)):
        leaf = Leaf("city", op, "!!")
        for city in ("", "leipzig"):
            found = fields["city"].look(leaf, Traits(UUID(int=1), city=city), moment)
            assert found.holds == holds


def test_buttons_add_and_drop_conditions_and_groups() -> None:
    tree = change(read_form({"r.kind": "any", "r.0.field": "city"}), "group:r", "orders")
    tree = change(tree, "add:r.1", "orders")
    assert [leaf.path for leaf in _paths(tree)] == ["r.0", "r.1.0", "r.1.1"]
    tree = change(tree, "drop:r.0", "orders")
    assert [leaf.path for leaf in _paths(tree)] == ["r.0.0", "r.0.1"]
    assert change(tree, "drop:nowhere", "orders") == tree


def _paths(tree: Any) -> Any:
    from amity.segments.domain.drafts import conditions

    return conditions(tree)


def test_a_comma_parts_several_values_of_a_text() -> None:
    takes = {("city", "is"): "text"}
    typed = {"r.kind": "all", "r.0.field": "city", "r.0.op": "is", "r.0.value": " Leipzig , Halle,"}
    said = rule_of_draft(read_form(typed), takes)
    assert next(leaves(read(said)))[1].value == ("Leipzig", "Halle")
