"""Rules to start with. Those about people bring the segment that they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import NotFound
from amity.retention.models import Kind, Rule
from amity.retention.rules import Draft, create_rule
from amity.segments.domain.trees import read
from amity.segments.models import Segment
from amity.segments.services import create_segment

Words = str | Promise
_LIMITATION = gettext_lazy(
    "Storage limitation, GDPR art. 5(1)(e): personal data is kept no longer than what it was collected for needs."
)


@dataclass(frozen=True, slots=True)
class Example:
    """`rule` is that of the segment, for rules about people; `segment` its name."""

    name: Words
    description: Words
    kind: Kind
    reason: Words = _LIMITATION
    months: int | None = None
    for_days: int | None = None
    segment: Words = ""
    rule: Mapping[str, Any] | None = None


def _not_in(field: str, days: int) -> dict[str, Any]:
    return {"not": {"field": field, "op": "in_last", "value": days}}


THREE_YEARS = 1_095
EXAMPLES: Mapping[str, Example] = {
    "silent": Example(
        gettext_lazy("Nothing heard, nothing bought for 36 months"),
        gettext_lazy("Whoever neither wrote nor bought for three years is nobody's customer any more."),
        Kind.PEOPLE, for_days=30, segment=gettext_lazy("Silent for 36 months"),
        rule={"all": [
            _not_in("last_order", THREE_YEARS), _not_in("last_wrote", THREE_YEARS), _not_in("first_seen", THREE_YEARS),
        ]},
    ),
    "never": Example(
        gettext_lazy("Known for a year, never a word"),
        gettext_lazy("Entries of old address books: nobody ever heard of them, and they bought nothing."),
        Kind.PEOPLE, for_days=30, segment=gettext_lazy("Known for a year, never a word"),
        rule={"all": [
            {"field": "wrote", "op": "at_most", "value": 0}, {"field": "orders", "op": "at_most", "value": 0},
            _not_in("first_seen", 365),
        ]},
    ),
    "words": Example(
        gettext_lazy("Words of messages after two years"),
        gettext_lazy("Who wrote when and in which mood is still counted; what they said is gone."),
        Kind.WORDS, months=24,
    ),
    "items": Example(
        gettext_lazy("Raw items after one year"),
        gettext_lazy("What channels and files delivered, as it came: needed to read again what was read wrongly."),
        Kind.ITEMS, months=12,
    ),
}  # fmt: skip


@transaction.atomic
def make_example(key: str, *, actor: Actor, at: datetime) -> Rule:
    """Make the rule of an example, off, with its segment where there is none of the same rule yet.

    Raises `NotFound`, and `Forbidden` for a segment that the actor may not make.
    """
    policy.require(actor, "write", "erasure")
    example = EXAMPLES.get(key)
    if example is None:
        raise NotFound(_("There is no such example."))
    segment = _segment_of(example, actor, at) if example.rule else None
    said = Draft(
        str(example.name),
        str(example.reason),
        segment.id if segment else None,
        example.for_days,
        example.months,
    )
    return create_rule(example.kind, said, actor=actor, at=at)


def _segment_of(example: Example, actor: Actor, at: datetime) -> Segment:
    rule = read(example.rule).to_json()  # as segments keep it
    there = Segment.objects.there().filter(rule=rule).first()
    return there or create_segment(
        name=str(example.segment), description=str(example.description), rule=example.rule, actor=actor, at=at
    )
