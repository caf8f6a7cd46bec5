"""Rules with their fields: checked, in the order in which they are decided, as SQL and for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from amity.segments.codes import Word, known_codes
from amity.segments.conditions import Edge, Field, Found, Moment, Sql, all_fields, field_of
from amity.segments.domain.traits import Traits
from amity.segments.domain.trees import (
    BrokenRule,
    Group,
    Leaf,
    Node,
    decide,
    in_order,
    leaves,
    named_segments,
    read,
)

ANEW = 1 << 8
"""Touched like this, a person is decided on for every segment: they were not there before."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of one segment, ready to decide. `parts`: which changes can change its answer, those of the segments
    that it asks for included."""

    segment_id: UUID
    version: int
    tree: Group
    fields: Mapping[str, Field]
    parts: int = 0

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        field = self.fields.get(leaf.field)
        return field.look(leaf, traits, moment) if field else Found(False)

    def decide(self, traits: Traits, moment: Moment) -> bool:
        return decide(self.tree, lambda leaf: self.look(leaf, traits, moment).holds)

    def why(self, traits: Traits, moment: Moment) -> list[list[Any]]:
        """What each condition found: its place in the rule, whether it holds, and what there was."""
        return [
            [list(path), found.holds, found.value]
            for path, leaf in leaves(self.tree)
            for found in (self.look(leaf, traits, moment),)
        ]

    @property
    def edges(self) -> set[Edge]:
        return {
            edge
            for _, leaf in leaves(self.tree)
            if leaf.field in self.fields
            for edge in self.fields[leaf.field].edges(leaf)
        }

    @property
    def words(self) -> set[Word]:
        return {
            (self.fields[leaf.field].of, leaf.of)
            for _, leaf in leaves(self.tree)
            if leaf.of and leaf.field in self.fields
        }


def checked(said: object, fields: Mapping[str, Field]) -> Group:
    """The tree that was said, each condition as it is kept. Raises `BrokenRule` with the place of what is wrong."""

    def check(node: Node, path: tuple[int, ...]) -> Node:
        if isinstance(node, Group):
            return replace(node, parts=tuple(check(one, (*path, n)) for n, one in enumerate(node.parts)))
        try:
            return field_of(node, fields).check(node)
        except BrokenRule as error:
            error.path = path
            raise

    tree = check(read(said), ())
    assert isinstance(tree, Group)
    return tree


def rule_of(segment_id: UUID, version: int, said: object) -> Rule:
    """A kept rule. Conditions whose field is gone since hold for nobody."""
    tree, known = read(said), all_fields()
    used = {leaf.field for _, leaf in leaves(tree)}
    fields = {key: known[key] for key in used if key in known}
    parts = ANEW
    for _, leaf in leaves(tree):
        if leaf.field in fields:
            parts |= fields[leaf.field].parts(leaf)
    return Rule(segment_id, version, tree, fields, parts)


def ordered(rules: Iterable[Rule]) -> list[Rule]:
    """Each rule behind those it asks for, and touched by what touches them."""
    by_id = {rule.segment_id: rule for rule in rules}
    needs = {id: named_segments(rule.tree) for id, rule in by_id.items()}
    done: dict[UUID, Rule] = {}
    for id in in_order(needs):
        parts = by_id[id].parts
        for need in needs[id]:
            parts |= done[need].parts if need in done else 0
        done[id] = replace(by_id[id], parts=parts)
    return list(done.values())


def codes_of(rules: Iterable[Rule]) -> dict[Word, int]:
    """The numbers of all that these rules narrow to."""
    return known_codes({word for rule in rules for word in rule.words})


def selection(rule: Rule, moment: Moment) -> Sql:
    """SQL that follows SELECT: everybody of whom the rule holds, from the table of traits `t`."""
    where, params, _ = _where(rule.tree, lambda leaf: _leaf_sql(rule, leaf, moment))
    joins = ""
    for need in sorted(named_segments(rule.tree), key=str):
        name = "s_" + need.hex
        joins += (
            f" LEFT JOIN segments_member {name} ON {name}.segment_id = '{need}' AND {name}.person_id = t.person_id"
            f" AND {name}.until IS NULL"
        )
    return Sql(f"FROM segments_trait t{joins} WHERE {where}", tuple(params))


def _leaf_sql(rule: Rule, leaf: Leaf, moment: Moment) -> tuple[Sql, int]:
    field = rule.fields.get(leaf.field)
    return (field.sql(leaf, moment), field.toil) if field else (Sql("false"), 0)


def _where(node: Node, of: Callable[[Leaf], tuple[Sql, int]]) -> tuple[str, list[Any], int]:
    """The expression with its parameters, and how much work it is; of a group the quickest part comes first."""
    if isinstance(node, Leaf):
        one, toil = of(node)
        return one.text, list(one.params), toil
    if not node.parts:
        return "false", [], 0
    parts = sorted((_where(part, of) for part in node.parts), key=lambda part: part[2])
    joined = (" AND " if node.kind == "all" else " OR ").join(f"({text})" for text, _, _ in parts)
    params = [param for _, some, _ in parts for param in some]
    return f"NOT ({joined})" if node.negated else joined, params, sum(toil for _, _, toil in parts)
