"""Fields are made, renamed, moved, hidden; what they are stays, and so do values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from amity.people import fields
from amity.people.domain.fields.definition import MOST_FIELDS
from amity.people.models import CustomField
from amity.people.queries.fields import all_fields, fields_for, may_write
from amity.people.tests.fields.own import EVERY, make_field
from amity.people.tests.records import AT, make_actor

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"label": " "}, "label"),
        ({"label": "x" * 81}, "label"),
        ({"label": "TIER"}, "label"),  # another is called so
        ({"kind": "colour"}, "kind"),
        ({"kind": "money"}, "currency"),
        ({"kind": "choice"}, "options"),
        ({"kind": "choice", "options": ["A", "a"]}, "options"),
        ({"kind": "choice", "options": [str(n) for n in range(201)]}, "options"),
        ({"kind": "choice", "options": ["x" * 81]}, "options"),
        ({"purposes": []}, "purposes"),
        ({"purposes": ["fun"]}, "purposes"),
        ({"writers": ["king"]}, "writers"),
        ({"help": "x" * 301}, "help"),
        ({"resource": "order"}, "resource"),
    ],
)
def test_what_cannot_be_a_field_is_refused_where_it_is_wrong(told: dict[str, Any], field: str) -> None:
    make_field("Tier", "choice", options=["Gold"])
    with pytest.raises(Invalid) as refused:
        make_field(**{"label": "Other", "kind": "text"} | told)
    assert set(refused.value.fields) == {field}
    assert CustomField.objects.count() == 1


def test_only_who_keeps_settings_makes_and_changes_fields() -> None:
    made = make_field("Tier", "choice", options=["Gold", "Silver"])
    agent = make_actor()
    attempts: list[Callable[[], object]] = [
        lambda: fields.add_field("person", label="X", kind="text", purposes=EVERY, actor=agent, at=AT),
        lambda: fields.change_field(made.id, {"label": "X"}, actor=agent),
        lambda: fields.move_field(made.id, 1, actor=agent),
        lambda: fields.hide_field(made.id, actor=agent, at=AT),
        lambda: fields.put_back_field(made.id, actor=agent),
        lambda: fields.remove_option(made.id, "gold", gone="clear", actor=agent),
        lambda: fields.put_back_option(made.id, "gold", actor=agent),
    ]
    for attempt in attempts:
        with pytest.raises(Forbidden):
            attempt()
    assert all_fields() == (made,)


def test_there_are_only_so_many() -> None:
    owner = make_actor(Role.OWNER)
    CustomField.objects.bulk_create(
        CustomField(resource="person", key=f"k{n}", label=f"K{n}", kind="text", created_at=AT)
        for n in range(MOST_FIELDS)
    )
    with pytest.raises(Invalid, match="100 fields"):
        fields.add_field("person", label="One more", kind="text", purposes=EVERY, actor=owner, at=AT)
    fields.add_field("organisation", label="One more", kind="text", purposes=EVERY, actor=owner, at=AT)


def test_a_renamed_field_keeps_its_key_and_its_kind_stays() -> None:
    owner, made = make_actor(Role.OWNER), make_field("Tier", "choice", options=["Gold", "Silver"])
    options = [{"key": "silver", "label": "Silber"}, {"label": "Holz"}, {"key": "gold", "label": "Gold"}]
    changed = fields.change_field(made.id, {"label": "Stufe", "options": options}, actor=owner).definition()
    assert (changed.key, changed.label) == ("tier", "Stufe")
    assert [(one.key, one.label) for one in changed.options] == [
        ("silver", "Silber"),
        ("holz", "Holz"),
        ("gold", "Gold"),
    ]
    for fixed, value in (("kind", "text"), ("currency", "USD"), ("key", "t"), ("resource", "organisation")):
        with pytest.raises(Invalid, match="stays as it was made"):
            fields.change_field(made.id, {fixed: value}, actor=owner)
    with pytest.raises(Invalid, match="no option"):
        fields.change_field(made.id, {"options": [{"key": "tin", "label": "Tin"}]}, actor=owner)
    with pytest.raises(NotFound):
        fields.change_field(made.id + 1, {"label": "X"}, actor=owner)


def test_fields_are_moved_among_those_of_their_kind_of_record() -> None:
    owner = make_actor(Role.OWNER)
    one, two, three = (make_field(label) for label in ("One", "Two", "Three"))
    make_field("Other", resource="organisation")
    fields.move_field(three.id, -1, actor=owner)
    fields.move_field(one.id, -1, actor=owner)
    assert [field.key for field in all_fields()] == ["one", "three", "two"]
    fields.move_field(one.id, 1, actor=owner)
    assert [field.key for field in all_fields()] == ["three", "one", "two"]
    assert two.id in {field.id for field in all_fields()}


def test_a_hidden_label_may_be_given_again_and_then_the_hidden_one_does_not_come_back() -> None:
    owner, made = make_actor(Role.OWNER), make_field("Tier")
    fields.hide_field(made.id, actor=owner, at=AT)
    other = make_field("Tier", "number")
    assert other.key == "tier_2"
    with pytest.raises(Invalid, match="called so"):
        fields.put_back_field(made.id, actor=owner)


def test_options_are_taken_out_with_a_word_about_values_and_never_all() -> None:
    owner, made = make_actor(Role.OWNER), make_field("Tier", "choice", options=["Gold", "Silver"])
    for gone, becomes in (("", ""), ("lost", ""), ("becomes", ""), ("becomes", "gold"), ("becomes", "tin")):
        with pytest.raises(Invalid):
            fields.remove_option(made.id, "gold", gone=gone, becomes=becomes, actor=owner)
    fields.remove_option(made.id, "gold", gone="clear", actor=owner)
    with pytest.raises(NotFound):
        fields.remove_option(made.id, "gold", gone="clear", actor=owner)
    with pytest.raises(Invalid, match="last option"):
        fields.remove_option(made.id, "silver", gone="clear", actor=owner)
    fields.change_field(made.id, {"options": [{"key": "silver", "label": "Gold"}]}, actor=owner)
    with pytest.raises(Conflict):
        fields.put_back_option(made.id, "gold", actor=owner)


def test_who_sees_and_who_writes_a_field_follows_from_purposes_and_writers() -> None:
    made = make_field("Margin", "number", purposes=["sales", "marketing"], writers=["sales"])
    for role in Role:
        actor = make_actor(role)
        sees = role in (
            Role.OWNER,
            Role.ADMINISTRATOR,
            Role.SALES,
            Role.MARKETER,
            Role.PR,
            Role.COMMUNITY_MANAGER,
        )
        assert (made in fields_for(actor)) == sees, role
        assert policy.sees_field(actor, "person", made.fact) == sees, role
        assert may_write(actor, made) == (role in (Role.OWNER, Role.ADMINISTRATOR, Role.SALES)), role
