"""What teamwork says on the page of a person: promises, and how many were kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.activity.queries import Moment
from amity.kernel import policy
from amity.kernel.names import given_name
from amity.people import panels
from amity.people.panels import Detail, Due, Figure, Head, Moved, Panel, Subject
from amity.people.web.words import short_day
from amity.teamwork.models import Promise, PromiseState
from amity.teamwork.queries import promises_due, promises_of, score_of


def register() -> None:
    """Called once at start."""
    panels.register_panel(Panel("promises", gettext_lazy("Promises"), "person-promises", 30, "promise"))
    panels.register_head("teamwork", head)
    panels.register_details("teamwork", details)
    panels.register_dues("teamwork", dues)
    panels.register_moved("teamwork", moved)


def head(subject: Subject) -> Head:
    """Promises kept, of those whose time has come."""
    if not policy.may(subject.actor, "read", "promise"):
        return Head()
    score = score_of(subject.actor, subject.identity_ids, subject.at)
    words = (
        _("%(kept)s of %(settled)s") % {"kept": score.kept, "settled": score.settled} if score.settled else ""
    )
    url = reverse("person-promises", args=[subject.person_id]) if subject.person_id else ""
    figure = Figure("promises", gettext_lazy("Promises kept"), gettext_lazy("Kept"), 10, url, words=words)
    return Head(figures=(figure,))


def details(subject: Subject, moments: Sequence[Moment]) -> Mapping[UUID, Detail]:
    """What became of the promises of a timeline, and whose they are."""
    ids = [moment.object_id for moment in moments if moment.object_type == "promise" and moment.object_id]
    if not ids:
        return {}
    promises = Promise.objects.visible_to(subject.actor).filter(pk__in=ids).select_related("owner")
    found = {promise.id: promise for promise in promises}
    return {
        moment.id: _detail(promise, subject.at)
        for moment in moments
        if moment.object_id and (promise := found.get(moment.object_id))
    }


def _detail(promise: Promise, at: datetime) -> Detail:
    name = given_name(promise.owner.name)
    owner = _("%(name)s owns it") % {"name": name}
    if promise.state == PromiseState.OPEN and promise.due_at > at:
        return Detail(words=promise.what, due_at=promise.due_at, left=promise.due_at - at, owner=owner)
    words, tone = {
        PromiseState.OPEN: (_("Late"), "bad"),
        PromiseState.KEPT: (_("Promise kept"), "good"),
        PromiseState.BROKEN: (_("Promise broken"), "bad"),
        PromiseState.WITHDRAWN: (_("Withdrawn"), "outline"),
    }[PromiseState(promise.state)]
    return Detail(words=promise.what, due_at=promise.due_at, chip=words, chip_tone=tone, owner=owner)


def dues(subject: Subject, start: datetime, end: datetime) -> Iterable[Due]:
    """Open promises between two instants."""
    if not policy.may(subject.actor, "read", "promise"):
        return []
    promises = promises_due(subject.actor, subject.identity_ids, start, end)
    return [Due(one.due_at, _("%(what)s, promised") % {"what": one.what}) for one in promises]


def moved(subject: Subject) -> Iterable[Moved]:
    """The open promises that go along with a record, the soonest with its time."""
    if not policy.may(subject.actor, "read", "promise"):
        return
    found = promises_of(subject.actor, subject.identity_ids, [PromiseState.OPEN])
    if found:
        words = ngettext(
            "%(count)s promise, due %(day)s", "%(count)s promises, the first due %(day)s", len(found)
        ) % {"count": len(found), "day": short_day(found[0].due_at)}
        yield Moved("handshake", words, _("%(name)s owns it") % {"name": given_name(found[0].owner)})
