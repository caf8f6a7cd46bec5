"""What consent says on the page of a person, and what a merge does to it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.consent.queries.answers import (
    Answered,
    answers_of_people,
    refusal_of_everything,
)
from amity.kernel import policy
from amity.people import panels
from amity.people.panels import Head, Mark, Panel, Subject
from amity.people.web.words import day_of_year


def register() -> None:
    """Called once at start."""
    panels.register_panel(
        Panel(
            "consent", gettext_lazy("Consent"), "person-consent", 50, "consent", style="consent/consent.css"
        )
    )
    panels.register_head("consent", head)


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


def _why(day: str, answers: Iterable[Answered]) -> str:
    allowed = [one.label for one in answers if one.is_allowed]
    if allowed:
        return _("Refused everything on %(day)s; since then only: %(allowed)s") % {
            "day": day,
            "allowed": ", ".join(allowed),
        }
    return _("Refused everything on %(day)s") % {"day": day}
