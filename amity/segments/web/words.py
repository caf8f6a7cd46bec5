"""Rules and reasons as templates draw them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.people.web import words as people_words
from amity.segments.conditions import Field, all_fields
from amity.segments.domain.drafts import KINDS
from amity.segments.domain.trees import Group, Leaf, Node, leaves, read
from amity.segments.queries import Reason, names_for
from amity.segments.words import found_words, leaf_words


def kind_words() -> list[tuple[str, str]]:
    """The kinds of groups, as they are chosen."""
    words = (_("All of these"), _("Any of these"), _("Not all of these"), _("None of these"))
    return list(zip(KINDS, words, strict=True))


@dataclass(slots=True)
class Line:
    """One line of a rule: a condition in words, or the head of a group with its lines. `found` tells of one person."""

    words: str
    lines: list[Line] = field(default_factory=list)
    holds: bool | None = None
    found: str = ""


class Teller:
    """Puts the rule of a segment into words for one actor. `names`: what `names_for` said of this rule and others."""

    def __init__(self, rule: Any, actor: Actor, names: Mapping[tuple[str, str], str] | None = None) -> None:
        self.tree, self.fields = read(rule), all_fields()
        self._names = names_for(actor, self.tree) if names is None else names

    def lines(self, reasons: Sequence[Reason] = ()) -> Line:
        """The whole rule, with what each condition found where `reasons` are given."""
        found = {reason.path: reason for reason in reasons}
        return self._line(self.tree, (), found)

    def _line(self, node: Node, path: tuple[int, ...], found: Mapping[tuple[int, ...], Reason]) -> Line:
        if isinstance(node, Leaf):
            reason = found.get(path)
            field = self.fields.get(node.field)
            words = leaf_words(node, field, self.name)
            if reason is None:
                return Line(words)
            return Line(words, [], reason.found.holds, found_words(reason.found.value, field))
        if len(node.parts) == 1 and path:
            return self._alone(node, self._line(node.parts[0], (*path, 0), found))
        kind = f"not_{node.kind}" if node.negated else node.kind
        lines = [self._line(part, (*path, place), found) for place, part in enumerate(node.parts)]
        return Line(dict(kind_words())[kind], lines)

    def _alone(self, group: Group, line: Line) -> Line:
        """A group of one is what it holds, or its contrary."""
        if not group.negated:
            return line
        if line.lines:
            return Line(_("Not:"), [line])
        holds = None if line.holds is None else not line.holds
        return Line(_("Not: %(condition)s") % {"condition": line.words}, [], holds, line.found)

    def name(self, kind: str, word: str) -> str:
        """What a word in a rule stands for."""
        if kind in ("source", "product", "segment"):
            return self._names.get((kind, word)) or _("unknown")
        return channel_words(word) if kind == "channel" else word

    def short_why(self, kept: Sequence[Sequence[Any]] | None, rule: Group | None) -> str:
        """What the conditions that held found when somebody came in by this `rule`, in one line; "" where the reader
        may not know of it."""
        if kept is None:
            return _("when the rule was made")
        there: dict[tuple[int, ...], Leaf] = dict(leaves(rule)) if rule else {}
        said = [
            self._short(there[tuple(path)], value)
            for path, holds, value in kept
            if holds and tuple(path) in there
        ]
        return ", ".join(said[:3])

    def _short(self, leaf: Leaf, found: Any) -> str:
        known: Field | None = self.fields.get(leaf.field)
        return f"{known.label if known else leaf.field}: {found_words(found, known)}"


def channel_words(word: str) -> str:
    """A channel as people call it."""
    return people_words.network_word(word)


def rule_in_one_line(teller: Teller) -> str:
    """A rule for lists, which cut it where the place ends."""
    return _in_one_line(teller.lines(), teller.tree)


def _in_one_line(line: Line, node: Node) -> str:
    if not line.lines or isinstance(node, Leaf):
        return line.words
    if len(node.parts) == 1 and isinstance(node.parts[0], Group) and line.words == _("Not:"):
        return f"{line.words} ({_in_one_line(line.lines[0], node.parts[0])})"
    joint = _(" and ") if node.kind == "all" else _(" or ")
    inner = []
    for one, part in zip(line.lines, node.parts, strict=True):
        told = _in_one_line(one, part)
        inner.append(f"({told})" if one.lines else told)
    told = joint.join(inner)
    return _("Not: %(condition)s") % {"condition": told} if node.negated else told
