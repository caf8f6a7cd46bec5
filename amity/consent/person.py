"""What consent says on the page of a person, and what a merge does to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.consent.queries.answers import (
    Answered,
    answers_of_people,
    answers_together,
    refusal_of_everything,
)
from amity.consent.words import BY_CHANNEL, name_of
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people import panels
from amity.people.panels import Head, Mark, Moved, Panel, Subject
from amity.people.web.words import day_of_year


def register() -> None:
    """Called once at start."""
    panels.register_panel(
        Panel(
            "consent", gettext_lazy("Consent"), "person-consent", 50, "consent", style="consent/consent.css"
        )
    )
    panels.register_head("consent", head)
    panels.register_changed("consent", changed)


def head(subject: Subject) -> Head:
    """The chip of somebody who wants to be left alone, with what they agreed to since."""
    if subject.person_id is None or not policy.may(subject.actor, "read", "consent"):
        return Head()
    refused = refusal_of_everything(subject.actor, subject.identity_ids, subject.at)
    if refused is None:
        return Head()
    answers = answers_of_people(subject.actor, [subject.person_id], subject.at)[subject.person_id]
    day = day_of_year(refused.said_at, subject.at)
    return Head(marks=(Mark("ban", _("Leave alone"), _why(day, answers), "bad"),))


def changed(actor: Actor, sides: Sequence[Sequence[UUID]], at: datetime) -> Iterable[Moved]:
    """The answers that become stricter once these people are one."""
    if not policy.may(actor, "read", "consent"):
        return
    found = answers_together(actor, sides, at)
    if found is None:
        return
    apart, together = found
    allowed = {(one.purpose.pk, one.channel) for answers in apart for one in answers if one.is_allowed}
    lost: dict[tuple[str, str], list[str]] = {}
    for one in together:
        if (one.purpose.pk, one.channel) in allowed and not one.is_allowed:
            lost.setdefault((name_of(one.purpose), one.reason), []).append(str(BY_CHANNEL[one.channel]))
    for (purpose, reason), channels in lost.items():
        words = _("%(purpose)s: no more %(channels)s") % {
            "purpose": purpose,
            "channels": ", ".join(channels),
        }
        yield Moved("ban", words, reason)


def _why(day: str, answers: Iterable[Answered]) -> str:
    allowed = [one.label for one in answers if one.is_allowed]
    if allowed:
        return _("Refused everything on %(day)s; since then only: %(allowed)s") % {
            "day": day,
            "allowed": ", ".join(allowed),
        }
    return _("Refused everything on %(day)s") % {"day": day}
