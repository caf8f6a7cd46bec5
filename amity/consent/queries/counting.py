"""How much was said of each purpose."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count

from amity.consent.models import Statement
from amity.kernel.actor import Actor


def statements_by_purpose(actor: Actor) -> Mapping[int, int]:
    """How many statements about each purpose the actor may know of, mistakes left out."""
    rows = Statement.objects.visible_to(actor).filter(revoked_at__isnull=True, purpose__isnull=False)
    return dict(rows.order_by().values_list("purpose_id").annotate(count=Count("pk")))
