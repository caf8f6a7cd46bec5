"""The rule of a segment: a tree of all/any/not over conditions, from JSON and back; what it decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from uuid import UUID

MOST_CONDITIONS, DEEPEST = 40, 6
GROUPS = ("all", "any")


class BrokenRule(ValueError):
    """A rule that cannot be read. `path` says where: places in the groups, from the outside in."""

    def __init__(self, message: str, path: tuple[int, ...] = (), **words: object) -> None:
        super().__init__(message)
        self.message, self.path, self.words = message, path, words


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition. `of` narrows what is counted (a channel, a currency, a product), `within_days` when."""

    field: str
    op: str
    value: Any = None
    within_days: int | None = None
    of: str = ""

    def to_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {"field": self.field, "op": self.op}
        if self.value is not None:
            said["value"] = list(self.value) if isinstance(self.value, tuple) else self.value
        if self.within_days is not None:
            said["within_days"] = self.within_days
        if self.of:
            said["of"] = self.of
        return said


@dataclass(frozen=True, slots=True)
class Group:
    """`all` or `any` of its parts; `negated` says that the whole does not hold."""

    kind: str
    parts: tuple[Node, ...]
    negated: bool = False

    def to_json(self) -> dict[str, Any]:
        said: dict[str, Any] = {self.kind: [part.to_json() for part in self.parts]}
        return {"not": said} if self.negated else said


Node: TypeAlias = "Leaf | Group"
_LEAF_KEYS = {"field", "op", "value", "within_days", "of"}


def read(said: object) -> Group:
    """The tree that a JSON value tells. Its top is a group. Raises `BrokenRule`."""
    node = _node(said, (), 1)
    tree = node if isinstance(node, Group) else Group("all", (node,))
    if sum(1 for _ in leaves(tree)) > MOST_CONDITIONS:
        raise BrokenRule("too_many", most=MOST_CONDITIONS)
    return tree


def _node(said: object, path: tuple[int, ...], depth: int) -> Node:
    if not isinstance(said, Mapping):
        raise BrokenRule("no_object", path)
    if depth > DEEPEST:
        raise BrokenRule("too_deep", path, most=DEEPEST)
    if set(said) == {"not"}:
        inner = _node(said["not"], path, depth)
        if isinstance(inner, Leaf):
            return Group("all", (inner,), negated=True)
        return Group(inner.kind, inner.parts, not inner.negated)
    for kind in GROUPS:
        if set(said) == {kind}:
            if not isinstance(said[kind], list):
                raise BrokenRule("no_list", path)
            parts = (_node(part, (*path, place), depth + 1) for place, part in enumerate(said[kind]))
            return Group(kind, tuple(parts))
    return _leaf(said, path)


def _leaf(said: Mapping[str, Any], path: tuple[int, ...]) -> Leaf:
    if not isinstance(said.get("field"), str) or not isinstance(said.get("op"), str):
        raise BrokenRule("no_condition", path)
    if odd := sorted(str(key) for key in set(said) - _LEAF_KEYS):
        raise BrokenRule("unknown_key", path, key=odd[0])
    within = said.get("within_days")
    if within is not None and (isinstance(within, bool) or not isinstance(within, int)):
        raise BrokenRule("no_number", path)
    value = said.get("value")
    if isinstance(value, list):
        value = tuple(value)
    of = said.get("of") or ""
    if not isinstance(of, str):
        raise BrokenRule("no_text", path)
    return Leaf(said["field"], said["op"], value, within, of)


def leaves(node: Node, path: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], Leaf]]:
    """Every condition with its place, in the order of the rule."""
    if isinstance(node, Leaf):
        yield path, node
        return
    for place, part in enumerate(node.parts):
        yield from leaves(part, (*path, place))


def decide(node: Node, holds: Callable[[Leaf], bool]) -> bool:
    """Whether the rule holds where `holds` says it of each condition. An empty group holds for nobody."""
    if isinstance(node, Leaf):
        return holds(node)
    if not node.parts:
        return False
    every = all if node.kind == "all" else any
    return every(decide(part, holds) for part in node.parts) is not node.negated


def named_segments(tree: Node, field: str = "segment") -> set[UUID]:
    """The segments whose members a rule asks for."""
    return {UUID(str(leaf.value)) for _, leaf in leaves(tree) if leaf.field == field}


def in_order(needs: Mapping[UUID, Iterable[UUID]]) -> list[UUID]:
    """The segments so that each stands behind those that it asks for. Raises `BrokenRule` where that is a circle."""
    order: list[UUID] = []
    state: dict[UUID, bool] = {}  # False while its needs are being placed

    def place(one: UUID) -> None:
        if state.get(one) is False:
            raise BrokenRule("circle", id=one)
        if one in state:
            return
        state[one] = False
        for need in sorted(set(needs.get(one, ())) & needs.keys(), key=str):
            place(need)
        state[one] = True
        order.append(one)

    for one in sorted(needs, key=str):
        place(one)
    return order
