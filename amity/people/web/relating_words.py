"""Relations and employers in words: what one is to the other, seen from either side, and from when until when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.kernel.written import day_as
from amity.people.domain.relations import PERSON, Kind
from amity.people.queries.employment import Employment, Former
from amity.people.queries.relations import RelationShown

# What this side is to the other, and what the other is to this side.
LABELS: dict[Kind, tuple[str | Promise, str | Promise]] = {
    Kind.EMPLOYED: (gettext_lazy("Works at"), gettext_lazy("Employs")),
    Kind.OWNER: (gettext_lazy("Owns"), gettext_lazy("Belongs to")),
    Kind.CONTACT: (gettext_lazy("Contact for"), gettext_lazy("Contact")),
    Kind.MEMBER: (gettext_lazy("Member of"), gettext_lazy("Member")),
    Kind.SPOUSE: (gettext_lazy("Married to"), gettext_lazy("Married to")),
    Kind.CHILD: (gettext_lazy("Child of"), gettext_lazy("Parent of")),
    Kind.ASSISTANT: (gettext_lazy("Assistant of"), gettext_lazy("Assisted by")),
    Kind.REFERS: (pgettext_lazy("brought a customer", "Referred"), gettext_lazy("Referred by")),
    Kind.PART: (gettext_lazy("Part of"), gettext_lazy("Includes")),
    Kind.SUPPLIER: (gettext_lazy("Supplies"), gettext_lazy("Supplied by")),
}
_ICONS = {Kind.SPOUSE: "heart", Kind.OWNER: "building-2", Kind.EMPLOYED: "building-2"}


@dataclass(frozen=True, slots=True)
class RelationLine:
    """One line: `id` is set where it was said by hand, and can be changed. `dates` are those of the form."""

    label: str
    name: str
    url: str
    words: str
    period: str
    exact: str
    note: str
    icon: str
    is_over: bool
    id: str = ""
    from_on: str = ""
    until_on: str = ""


def period(begins: date | None, ends: date | None) -> str:
    """From when until when: 2023–2025, Mar–Aug 2025, since 2023, until 2025; "" where nobody said.

    Years where they tell enough, months where they do not.
    """
    if begins and ends:
        if begins.year != ends.year:
            return f"{begins.year}–{ends.year}"
        months = [day_as("MMM", one) for one in (begins, ends)]
        return (
            f"{months[0]} {begins.year}" if months[0] == months[1] else f"{months[0]}–{months[1]} {ends.year}"
        )
    if begins:
        return _("since %(year)s") % {"year": begins.year}
    return _("until %(year)s") % {"year": ends.year} if ends else ""


def exactly(begins: date | None, ends: date | None) -> str:
    """The same with days, for the tip."""
    days = [day_as("yMMMd", one) if one else "…" for one in (begins, ends)]
    return f"{days[0]} – {days[1]}" if begins or ends else ""


def lines_of_relations(relations: Iterable[RelationShown]) -> list[RelationLine]:
    """Those that were said by hand, in their order."""
    return [_line(one) for one in relations]


def _line(one: RelationShown) -> RelationLine:
    kind = Kind(one.kind)
    label = LABELS[kind][0 if one.is_from else 1]
    is_person = one.what == PERSON
    url = reverse("person" if is_person else "organisation", args=[one.other_id])
    by = {"who": one.by, "day": exact_day(one.at)}
    note = _("said by %(who)s, %(day)s") % by if one.by else _("said %(day)s") % by
    if one.method != "staff":
        note = _("%(note)s, by %(program)s") % {"note": note, "program": one.method}
    return RelationLine(
        str(label), one.other or _("Unknown"), url, one.words, period(one.from_on, one.until_on),
        exactly(one.from_on, one.until_on), note, _ICONS.get(kind, "user" if is_person else "building-2"), one.is_over,
        str(one.id), one.from_on.isoformat() if one.from_on else "", one.until_on.isoformat() if one.until_on else "",
    )  # fmt: skip


def lines_of_employments(employments: Iterable[Employment]) -> list[RelationLine]:
    """What sources told of employers, newest first."""
    return [
        RelationLine(
            _("Works at") if one.spell.until_at is None else _("Worked at"),
            one.name,
            reverse("organisation", args=[one.organisation_id]) if one.organisation_id else "",
            one.spell.titles[0] if one.spell.titles else "",
            period(_day(one.spell.from_at), _day(one.spell.until_at)),
            exactly(_day(one.spell.from_at), _day(one.spell.until_at)),
            _sources(one.spell.sources),
            "building-2",
            one.spell.until_at is not None,
        )
        for one in employments
    ]


def lines_of_former(former: Iterable[Former]) -> list[RelationLine]:
    """People who worked somewhere before, as lines of its page."""
    return [
        RelationLine(
            "", one.name or _("Unknown"), reverse("person", args=[one.person_id]),
            one.spell.titles[0] if one.spell.titles else "",
            period(_day(one.spell.from_at), _day(one.spell.until_at)),
            exactly(_day(one.spell.from_at), _day(one.spell.until_at)), _sources(one.spell.sources), "user", True,
        )
        for one in former
    ]  # fmt: skip


def _sources(names: Sequence[str]) -> str:
    return ", ".join(names[:3])


def _day(instant: datetime | None) -> date | None:
    return timezone.localtime(instant).date() if instant else None


def exact_day(instant: datetime) -> str:
    return day_as("yMMMd", timezone.localtime(instant))
