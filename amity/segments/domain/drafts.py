"""A rule while it is being made: what a form holds, what its buttons do to it, and the rule that it is meant to be.

The form names every value by its place in the tree: `r.kind` is the kind of the outermost group, `r.0.field` the field
of its first condition, `r.1.0.op` the operator of the first condition of the group at its second place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from amity.segments.domain.trees import DEEPEST, Group, Leaf, Node

ROOT = "r"
KINDS = ("all", "any", "not_all", "not_any")
_VALUES = ("field", "op", "value", "days", "of")


@dataclass(slots=True)
class DraftLeaf:
    """One condition as it was typed."""

    path: str
    field: str = ""
    op: str = ""
    value: str = ""
    days: str = ""
    of: str = ""


@dataclass(slots=True)
class DraftGroup:
    path: str
    kind: str = "all"
    parts: list[Draft] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return self.path.count(".") + 1

    @property
    def may_hold_groups(self) -> bool:
        return self.depth < DEEPEST - 1


Draft: TypeAlias = "DraftLeaf | DraftGroup"


def read_form(values: Mapping[str, str]) -> DraftGroup:
    """What a form holds; at least the outermost group."""
    read = _read(values, ROOT)
    return read if isinstance(read, DraftGroup) else DraftGroup(ROOT)


def _read(values: Mapping[str, str], path: str) -> Draft:
    if f"{path}.field" in values and path != ROOT:
        return DraftLeaf(path, **{name: values.get(f"{path}.{name}", "") for name in _VALUES})
    kind = values.get(f"{path}.kind", "all")
    places = sorted({
        int(head)
        for key in values
        if key.startswith(f"{path}.") and (head := key[len(path) + 1 :].split(".")[0]).isdecimal() and len(head) < 4
    })  # fmt: skip
    deep = path.count(".") + 1 >= DEEPEST
    parts = [] if deep else [_read(values, f"{path}.{place}") for place in places]
    return DraftGroup(path, kind if kind in KINDS else "all", parts)


def change(tree: DraftGroup, deed: str, first_field: str) -> DraftGroup:
    """The tree after a button: `add:r.1`, `group:r`, `drop:r.0`; anything else changes nothing."""
    verb, _, path = deed.partition(":")
    if verb in ("add", "group"):
        group = _find(tree, path)
        if isinstance(group, DraftGroup) and (verb == "add" or group.may_hold_groups):
            leaf = DraftLeaf("", first_field)
            group.parts.append(leaf if verb == "add" else DraftGroup("", "any", [leaf]))
    elif verb == "drop" and path != ROOT:
        parent = _find(tree, path.rpartition(".")[0])
        if isinstance(parent, DraftGroup):
            parent.parts = [part for part in parent.parts if part.path != path]
    return _placed(tree, ROOT)


def _find(node: Draft, path: str) -> Draft | None:
    if node.path == path:
        return node
    for part in node.parts if isinstance(node, DraftGroup) else ():
        if part.path == path or path.startswith(f"{part.path}."):
            return _find(part, path)
    return None


def _placed(group: DraftGroup, path: str) -> DraftGroup:
    """The same with each part named by its place."""
    parts: list[Draft] = []
    for place, part in enumerate(group.parts):
        here = f"{path}.{place}"
        if isinstance(part, DraftGroup):
            parts.append(_placed(part, here))
        else:
            parts.append(DraftLeaf(here, part.field, part.op, part.value, part.days, part.of))
    return DraftGroup(path, group.kind, parts)


def draft_of(tree: Group) -> DraftGroup:
    """The form of a rule that is kept."""
    made = _draft(tree, ROOT)
    assert isinstance(made, DraftGroup)
    return made


def _draft(node: Node, path: str) -> Draft:
    if isinstance(node, Leaf):
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        typed = ", ".join(_typed(value) for value in values if value is not None)
        return DraftLeaf(
            path,
            node.field,
            node.op,
            typed,
            "" if node.within_days is None else str(node.within_days),
            node.of,
        )
    kind = f"not_{node.kind}" if node.negated else node.kind
    return DraftGroup(path, kind, [_draft(part, f"{path}.{place}") for place, part in enumerate(node.parts)])


def _typed(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def rule_of_draft(node: Draft, takes: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    """The rule that was meant, as JSON. `takes` says what stands behind an operator of a field."""
    if isinstance(node, DraftGroup):
        kind = node.kind.removeprefix("not_")
        inner: dict[str, Any] = {kind: [rule_of_draft(part, takes) for part in node.parts]}
        return {"not": inner} if node.kind.startswith("not_") else inner
    said: dict[str, Any] = {"field": node.field, "op": node.op}
    wanted = takes.get((node.field, node.op), "")
    if wanted:
        said["value"] = _value(wanted, node.value)
    if node.days.strip():
        said["within_days"] = _number(node.days)
    if node.of.strip():
        said["of"] = node.of.strip()
    return said


def _value(takes: str, typed: str) -> Any:
    if takes in ("text", "option"):
        values = [one.strip() for one in typed.split(",") if one.strip()]
        return values[0] if len(values) == 1 else values or ""
    if takes in ("date", "segment"):
        return typed.strip()
    return _number(typed)


def _number(typed: str) -> Any:
    """The number that was typed, with a comma or a point; the words as they are where it is none."""
    bare = typed.strip().replace(" ", "").replace(",", ".")
    try:
        number = float(bare)
    except ValueError:
        return typed.strip()
    return int(number) if abs(number) < 1e15 and number == int(number) else number


def conditions(node: Draft) -> Iterable[DraftLeaf]:
    """Every condition of a draft."""
    if isinstance(node, DraftLeaf):
        yield node
        return
    for part in node.parts:
        yield from conditions(part)
