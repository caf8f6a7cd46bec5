"""Rules and names of segments that look for somebody who is erased: the words go, and the members are counted anew."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel.actor import SYSTEM
from amity.kernel.erasing import Counts
from amity.people.domain.mentions import Mentions, mentions_of
from amity.people.sweeping import sweeps
from amity.segments.models import Segment, Version
from amity.segments.services import change_segment

NOBODY = "erased"
"""What stands in a rule where somebody's name or address stood: it is nobody's."""


@sweeps("segments", 45)
def sweep_segments(scope: dict[str, Any]) -> Counts:
    """Take out of rules, their versions, and names what names them."""
    who = mentions_of(scope["addresses"], [*scope["names"], *scope.get("rare", ())])
    done = {"segments_segment": 0, "segments_version": 0}
    if not who.words:
        return done
    with transaction.atomic():
        for segment in Segment.objects.order_by("pk"):
            rule = _without(segment.rule, who)
            told = who.are_in_text(f"{segment.name} {segment.description}")
            if told or rule != segment.rule:
                change_segment(
                    segment.pk, actor=SYSTEM, at=datetime.fromisoformat(scope["at"]), rule=rule,
                    name=_("Segment") if told else None, description="" if told else None,
                )  # fmt: skip
                done["segments_segment"] += 1
        for version in Version.objects.order_by("pk"):
            if (rule := _without(version.rule, who)) != version.rule:
                version.rule = rule
                version.save(update_fields=["rule"])
                done["segments_version"] += 1
    return done


def _without(value: Any, who: Mentions) -> Any:
    if isinstance(value, str):
        return NOBODY if who.are_in_text(value) else value
    if isinstance(value, dict):
        return {key: _without(one, who) for key, one in value.items()}
    if isinstance(value, list):
        return [_without(one, who) for one in value]
    return value
