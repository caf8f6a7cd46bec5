"""What is shown of a person: texts, accounts, when they were first seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.people.domain.folding import fold
from amity.segments.conditions import Field, Found, Moment, Op, Sql
from amity.segments.domain.traits import Traits
from amity.segments.domain.trees import Leaf

IS, IS_NOT = Op("is", pgettext_lazy("segment", "is"), "text"), Op("is_not", _("is not"), "text")
CONTAINS = Op("contains", _("contains"), "text")
KNOWN, UNKNOWN = Op("known", _("is known")), Op("unknown", _("is not known"))


def values_of(leaf: Leaf) -> tuple[str, ...]:
    """The values that are asked for, as the rule has them."""
    return leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Field):
    """A text of the record, compared without case and accents."""

    column: str
    ops: ClassVar = (IS, IS_NOT, CONTAINS, KNOWN, UNKNOWN)

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        column = f"t.{self.column}"
        wanted = _folded(leaf)
        if leaf.op == "is":
            return Sql(f"{column} = ANY(%s::text[])", (wanted,))
        if leaf.op == "is_not":
            return Sql(f"{column} <> ALL(%s::text[])", (wanted,))
        if leaf.op == "contains":
            some = " OR ".join(f"position(%s in {column}) > 0" for _ in wanted)
            return Sql(f"({some})", tuple(wanted))
        return Sql(f"{column} {'<>' if leaf.op == 'known' else '='} ''")

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        said: str = getattr(traits, self.column)
        wanted = _folded(leaf)
        if leaf.op in ("is", "is_not"):
            return Found((said in wanted) == (leaf.op == "is"), said)
        if leaf.op == "contains":
            return Found(any(one in said for one in wanted), said)
        return Found(bool(said) == (leaf.op == "known"), said)


def _folded(leaf: Leaf) -> list[str]:
    """What is asked for; of signs alone nothing would be left, which stands in every text, so they stay."""
    return [] if leaf.value is None else [fold(value) or value for value in values_of(leaf)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OneOfSeveral(Field):
    """Accounts and domains, of which a person has several."""

    column: str
    ops: ClassVar = (
        Op("has", _("has"), "text"), Op("has_not", _("has not"), "text"), KNOWN, UNKNOWN,
    )  # fmt: skip

    def sql(self, leaf: Leaf, moment: Moment) -> Sql:
        if leaf.value is None:
            return Sql(f"t.{self.column} IS {'NOT ' if leaf.op == 'known' else ''}NULL")
        wanted = [value.lower() for value in values_of(leaf)]
        has = f"COALESCE(t.{self.column} && %s::text[], false)"
        return Sql(has if leaf.op == "has" else f"NOT {has}", (wanted,))

    def look(self, leaf: Leaf, traits: Traits, moment: Moment) -> Found:
        there = getattr(traits, self.column)
        if leaf.value is None:
            return Found(bool(there) == (leaf.op == "known"), len(there))
        shared = sorted({value.lower() for value in values_of(leaf)} & set(there))
        return Found(bool(shared) == (leaf.op == "has"), ", ".join(shared))
