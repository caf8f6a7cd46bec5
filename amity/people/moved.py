"""What of a record goes along when it becomes part of another, as far as people and what they said are concerned."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.activity import queries as stream
from amity.people import panels
from amity.people.panels import Moved, Subject


def register() -> None:
    """Called once at start."""
    panels.register_moved("people", moved)


def moved(subject: Subject) -> Iterable[Moved]:
    """Their accounts, what they said and what we did for them."""
    count = len(subject.identity_ids)
    words = ngettext("%(count)s account or address", "%(count)s accounts and addresses", count)
    yield Moved("id-card", words % {"count": count}, _("with their evidence"))
    counts = stream.lane_counts(subject.actor, subject.identity_ids)
    if counts.said:
        words = ngettext("%(count)s thing said", "%(count)s things said", counts.said)
        yield Moved("message-square-text", words % {"count": counts.said}, _("all kept in order"))
    if counts.did:
        words = ngettext("%(count)s thing that we did", "%(count)s things that we did", counts.did)
        yield Moved("square-pen", words % {"count": counts.did}, _("all kept in order"))
