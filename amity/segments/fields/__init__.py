"""The fields that Amity knows by itself. Later packages and fields of administrators are added to the same registry."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amity.segments import conditions
from amity.segments.conditions import Field, Words
from amity.segments.domain.parts import BOUGHT, CASES, PROMISES, TALK, WHO
from amity.segments.fields.counts import Count, InSegment, Mood, Number, Spent, Waiting
from amity.segments.fields.dates import When
from amity.segments.fields.profile import OneOfSeveral, Text

ABOUT, SAID, PAID, DID = _("Who they are"), _("What they said"), _("What they bought"), _("What we did")
GROUPED = _("Segments")


def _texts() -> tuple[Field, ...]:
    texts = {
        "name": _("Name"), "city": _("City"), "country": _("Country"), "language": _("Language"),
        "job_title": _("Job title"), "organisation": _("Organisation"),
    }  # fmt: skip
    return tuple(
        Text(key=key, column=key, label=label, group=ABOUT, part=WHO, personal=(key,))
        for key, label in texts.items()
    )


ADDRESSES = ("email", "address")

_WHO: tuple[Field, ...] = (
    *_texts(),
    OneOfSeveral(
        key="email_domain", label=_("E-mail domain"), group=ABOUT, part=WHO, column="domains", personal=ADDRESSES
    ),
    OneOfSeveral(
        key="network", label=_("Account at"), group=ABOUT, part=WHO, column="networks", personal=("address",)
    ),
    When(
        key="first_seen", label=_("First seen"), group=ABOUT, part=WHO, column="first_seen", listed=False,
        edge="first_seen",
    ),
)  # fmt: skip


def _talk(kind: type[Any], key: str, label: Words, column: str, group: Words = SAID, **more: Any) -> Field:
    """A field of what was said, which changes with time as activities do."""
    made: Field = kind(key=key, label=label, group=group, part=TALK, column=column, edge="activity", **more)
    return made


_TALK: tuple[Field, ...] = (
    _talk(Count, "wrote", _("Wrote to us"), "wrote", beside="wrote_via", of="channel"),
    _talk(
        Count, "heard", _("Wrote through source"), "wrote", beside="wrote_from", of="source", of_needed=True
    ),
    _talk(Count, "did", _("Did"), "wrote", beside="wrote_verb", of="verb", of_needed=True),
    _talk(When, "last_wrote", _("Last wrote"), "wrote"),
    _talk(When, "first_wrote", _("First wrote"), "wrote", first=True),
    _talk(Count, "active_days", _("Days on which they wrote"), "active"),
    _talk(Count, "replied", _("Answered us"), "replied"),
    _talk(Count, "unhappy", _("Unhappy messages"), "bad"),
    Mood(key="mood", label=_("Mean mood"), group=SAID, part=TALK),
    _talk(Count, "sent", _("We wrote"), "sent", DID, beside="sent_via", of="channel"),
    _talk(When, "last_sent", _("We last wrote"), "sent", DID),
)


def _order(kind: type[Any], key: str, label: Words, column: str = "orders", **more: Any) -> Field:
    made: Field = kind(key=key, label=label, group=PAID, part=BOUGHT, column=column, edge="order", **more)
    return made


_ORDERS: tuple[Field, ...] = (
    _order(Count, "orders", pgettext_lazy("segment", "Orders")),
    Spent(key="spent", label=_("Spent"), group=PAID, part=BOUGHT),
    _order(When, "last_order", _("Last order")),
    _order(When, "first_order", _("First order"), first=True),
    _order(Count, "bought", _("Bought"), "bought", beside="bought_what", of="product", of_needed=True),
)
_CASES: tuple[Field, ...] = (
    Number(
        key="open_conversations", label=_("Open conversations"), group=DID, part=CASES, column="open_count"
    ),
    Waiting(key="waiting", label=_("Waits for our answer"), group=DID, part=CASES),
    Count(
        key="broken_promises",
        label=_("Promises broken"),
        group=DID,
        part=PROMISES,
        column="broken",
        edge="promise",
    ),
)
FIELDS: tuple[Field, ...] = (
    *_WHO, *_TALK, *_ORDERS, *_CASES, InSegment(key="segment", label=_("Segment"), group=GROUPED, part=0),
)  # fmt: skip


def register() -> None:
    """Bring them into the registry."""
    conditions.register(*FIELDS)
