"""Identifiers, amounts, state graphs, the pipeline and bulk writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from amity.kernel.copying import copy_insert, inserting_together
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.ids import stable_id, uuid7, uuid7_of
from amity.kernel.models import AuditEntry, Staff, Team
from amity.kernel.money import Money
from amity.kernel.pipeline import Batch, Key, run_stages
from amity.kernel.states import StateGraph
from amity.kernel.workspace import change_workspace, workspace

INSTANTS = st.integers(86_400_000, 7_258_118_400_000).map(
    lambda milliseconds: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
)


@given(INSTANTS, INSTANTS)
def test_ids_of_version_seven_sort_by_time(one: datetime, other: datetime) -> None:
    if one != other:
        assert (uuid7(one) < uuid7(other)) == (one < other)
    assert uuid7(one).version == 7
    assert uuid7_of(one, "a").version == 7


def test_ids_made_of_the_same_parts_are_the_same_and_others_are_not(at: datetime) -> None:
    assert uuid7_of(at, "a", "b") == uuid7_of(at, "a", "b")
    assert uuid7_of(at, "a", "b") != uuid7_of(at, "ab", "")
    assert stable_id("x", "1") == stable_id("x", "1")
    assert stable_id("x", "1") != stable_id("x1", "")


def test_currencies_are_never_mixed() -> None:
    assert Money(Decimal("1.10"), "EUR") + Money(Decimal("2.20"), "EUR") == Money(Decimal("3.30"), "EUR")
    with pytest.raises(ValueError, match="GBP"):
        _ = Money(Decimal(1), "EUR") + Money(Decimal(1), "GBP")


class Light(StrEnum):
    RED = "red"
    GREEN = "green"


def test_a_state_graph_allows_what_it_declares_and_nothing_else() -> None:
    graph = StateGraph("light", Light.RED, {Light.RED: frozenset({Light.GREEN}), Light.GREEN: frozenset()})
    graph.check("red", Light.GREEN)
    with pytest.raises(Conflict):
        graph.check("green", Light.RED)


def test_a_refused_step_is_told_in_the_words_of_the_screen() -> None:
    graph = StateGraph("light", Light.RED, {Light.GREEN: frozenset[Light]()}, {Light.GREEN: "Free to go"})
    with pytest.raises(Conflict) as refused:
        graph.check("green", Light.RED)
    assert refused.value.message == "This cannot be done now. How it stands: Free to go."


def test_stages_run_in_order_and_are_timed(at: datetime) -> None:
    words: Key[list[str]] = Key("words")

    def first(batch: Batch) -> Batch:
        batch.put(words, ["first"])
        return batch

    def second(batch: Batch) -> Batch:
        batch.get(words).append("second")
        return batch

    batch = run_stages([first, second], Batch(uuid4(), at))
    assert batch.get(words) == ["first", "second"]
    assert len(batch.seconds) == 2
    with pytest.raises(KeyError):
        run_stages([second], Batch(uuid4(), at))


@pytest.mark.django_db
def test_bulk_rows_that_exist_are_left_alone_and_not_returned() -> None:
    one, other = uuid4(), uuid4()
    columns = ["id", "name"]
    assert copy_insert("kernel_team", columns, [(one, "Care")], returning=["id"]) == [(one,)]
    rows = [(other, "Care"), (uuid4(), "Sales")]
    written = copy_insert("kernel_team", columns, rows, on_conflict="(name) DO NOTHING", returning=["name"])
    assert written == [("Sales",)]
    assert set(Team.objects.values_list("name", flat=True)) == {"Care", "Sales"}


@pytest.mark.django_db
def test_few_rows_and_many_are_kept_as_they_are_given(at: datetime) -> None:
    odd = ["it's", "back\\slash", "100 % %s %(n)s", "'; DROP TABLE kernel_team; --", "né – 猫", "", "a\nb"]
    columns = ["at", "actor_name", "action", "subject", "subject_id", "after"]
    for copies in (1, 20):  # literals, and a staging table
        subject = f"odd {copies}"
        rows = [
            (
                at + timedelta(microseconds=number),
                text,
                "",
                subject,
                str(-number),
                Jsonb({"text": text, "n": -1.5}),
            )
            for number, text in enumerate(odd * copies)
        ]
        copy_insert("kernel_audit_entry", columns, rows)
        kept = AuditEntry.objects.filter(subject=subject).order_by("at")
        assert [
            (one.at, one.actor_name, one.action, one.subject, one.subject_id, one.after) for one in kept
        ] == [(*row[:5], row[5].obj) for row in rows]


@pytest.mark.django_db
def test_inserts_together_go_in_their_order_and_only_if_all_were_said() -> None:
    ids = [uuid4() for _ in range(4)]
    with inserting_together() as insert:
        first = insert("kernel_team", ["id", "name"], [(ids[0], "Care")], returning=["id"])
        insert("kernel_team", ["id", "name"], [(ids[1], "Sales")])
        again = insert("kernel_team", ["id", "name"], [(ids[2], "Care"), (ids[3], "PR")], returning=["name"])
        assert not first
    assert (first, again) == ([(ids[0],)], [("PR",)])

    def break_off() -> None:
        with inserting_together() as insert:
            insert("kernel_team", ["id", "name"], [(uuid4(), "Legal")])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert set(Team.objects.values_list("name", flat=True)) == {"Care", "Sales", "PR"}


@pytest.mark.django_db
def test_settings_of_the_workspace_are_typed(at: datetime) -> None:
    owner = Staff.objects.create(email="o@tamp.example", name="O", role="owner", joined_at=at)
    changed = change_workspace({"reply_target_minutes": 30}, actor=owner.actor(), at=at)
    assert changed.reply_target == timedelta(minutes=30)
    assert workspace() == changed
    for wrong in ({"reply_target_minutes": "soon"}, {"unknown": 1}):
        with pytest.raises(Invalid):
            change_workspace(wrong, actor=owner.actor(), at=at)
    assert workspace() == changed


def test_initials_are_those_of_the_first_and_last_name(at: datetime) -> None:
    assert Staff(name="Ines Maria Okafor", joined_at=at).initials == "IO"
    assert Staff(name="Plato", joined_at=at).initials == "P"
