"""An erasure that a rule asked for does not begin where the rule does not hold of the person any more."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amity.people.keeping_back import keeps_back
from amity.people.models import PersonErasure
from amity.retention.announcing import drop
from amity.retention.domain.verdicts import Verdict
from amity.retention.limits import limits_in_force
from amity.retention.models import Due, DueState
from amity.retention.segments_seen import why_still
from amity.retention.standing import verdicts
from amity.retention.words import verdict_words


@keeps_back("retention")
def keeper(erasure: PersonErasure, at: datetime) -> str:
    """Whoever wrote or bought in the day in which it waited stays, as does everybody while the segment is not sure."""
    due = Due.objects.select_for_update().filter(erasure_id=erasure.pk, state=DueState.ASKED).first()
    if due is None or erasure.person_id is None:
        return ""
    if why_still(due.rule):
        drop(due, Verdict.LATER, at)
        return verdict_words(Verdict.LATER)
    found = verdicts(due.rule, [erasure.person_id], limits_in_force(), at, but=[erasure.pk])
    verdict = found.get(erasure.person_id, Verdict.LEFT)
    if verdict is Verdict.GOES:
        return ""
    drop(due, verdict, at)
    return verdict_words(verdict) or _("The rule does not hold of this person any more.")
