"""Find or do: search functions of every package, and what they find, in the order of their sections."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import Spelling
from amity.site.domain.highlight import Piece, pieces

LEAST_LETTERS = 2
PER_SECTION = 5
WITHOUT_WORDS = 12  # the list that opens with the palette is a menu: screens and actions, all of them


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found. `detail` says why it is worth opening; `kind` is how it is drawn: `person` with initials of the
    label, everything else with `icon`. `method` is `post` for what changes something; `keys` is its shortcut.
    `spelling` says how what was typed stands in it, where that is told; `section` is where it belongs, where that is
    not the section of its finder."""

    label: str
    detail: str
    url: str
    icon: str
    kind: str
    method: str = "get"
    keys: str = ""
    spelling: str = ""
    section: str = ""

    @property
    def is_similar(self) -> bool:
        """Whether it is spelt like what was typed, but not so."""
        return self.spelling == Spelling.SIMILAR

    @property
    def initials(self) -> str:
        words = [word for word in self.label.split() if word[0].isalnum()]
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper()


@dataclass(frozen=True, slots=True)
class Shown:
    """A hit with its label and detail cut where they match what was typed."""

    hit: Hit
    label: list[Piece]
    detail: list[Piece]


@dataclass(frozen=True, slots=True)
class Section:
    """What one kind of thing holds of it. What is only spelt alike comes last."""

    key: str
    label: str
    shown: list[Shown]

    @property
    def right(self) -> list[Shown]:
        """What is spelt as typed."""
        return [one for one in self.shown if not one.hit.is_similar]

    @property
    def similar(self) -> list[Shown]:
        """What is spelt alike."""
        return [one for one in self.shown if one.hit.is_similar]


@dataclass(frozen=True, slots=True)
class Found:
    typed: str
    sections: list[Section]
    took_ms: int

    @property
    def count(self) -> int:
        return sum(len(section.shown) for section in self.sections)


Finder: TypeAlias = Callable[[Actor, str, int], Iterable[Hit]]

SECTIONS: dict[str, str | Promise] = {
    "people": _("People"),
    "organisations": _("Organisations"),
    "conversations": _("Conversations"),
    "notes": _("Notes"),
    "orders": _("Orders"),
    "go": _("Go to"),
    "do": _("Do"),
}
ALSO_WITHOUT_WORDS = frozenset({"go", "do"})
_finders: dict[str, list[Finder]] = {key: [] for key in SECTIONS}


def finds(section: str) -> Callable[[Finder], Finder]:
    """Register a search function for a section of `SECTIONS`.

    It is called as `finder(actor, text, limit)` with at least two letters of text (sections Go to and Do also with
    none), returns what this actor may see, best first, and must answer within some 20 ms.
    """

    def register(finder: Finder) -> Finder:
        if finder not in _finders[section]:
            _finders[section].append(finder)
        return finder

    return register


def find(actor: Actor, text: str, per_section: int = PER_SECTION) -> Found:
    """Everything that fits `text`, section by section; empty sections are left out."""
    typed = " ".join(text.split())[:200]
    started = time.perf_counter()
    with policy.one_look():
        sections = _sections(actor, typed, per_section)
    return Found(typed, sections, round((time.perf_counter() - started) * 1_000))


def _sections(actor: Actor, typed: str, per_section: int) -> list[Section]:
    most = per_section if typed else max(per_section, WITHOUT_WORDS)
    hits: dict[str, list[Hit]] = {key: [] for key in SECTIONS}
    for key in SECTIONS:
        if len(typed) >= LEAST_LETTERS or key in ALSO_WITHOUT_WORDS:
            for finder in _finders[key]:
                for hit in finder(actor, typed, most):
                    hits[hit.section or key].append(hit)
    return [
        Section(key, str(SECTIONS[key]), [_shown(hit, typed) for hit in found[:most]])
        for key, found in hits.items()
        if found
    ]


def _shown(hit: Hit, typed: str) -> Shown:
    named = (
        hit.is_similar and hit.kind != "conversation"
    )  # of that one what is said is not what is spelt alike
    return Shown(hit, pieces(hit.label, typed, named), pieces(hit.detail, typed, hit.is_similar))
