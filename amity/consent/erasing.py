"""What somebody agreed to and refused who is erased. Of a refusal a mark without a name stays (see `returning`)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.consent.models import Statement
from amity.consent.returning import note_refusals
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells


@erases_person("consent", 35)
def erase(subject: Subject) -> Counts:
    """Remove every statement, with its proof."""
    note_refusals(subject.identity_ids, at=subject.at)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM consent_statement WHERE identity_id = ANY(%s) RETURNING id, act_id",
            [subject.identity_ids],
        )
        rows = cursor.fetchall()
    subject.add("statement", (id for id, _act in rows))
    return {"consent_statement": len(rows)}


@foretells("consent", 25)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """What they agreed to and refused, as far as the actor knows."""
    if not policy.may(actor, "read", "consent"):
        return
    count = policy.visible(Statement.objects.filter(identity_id__in=identity_ids), actor).count()
    if count:
        words = ngettext(
            "%(count)s thing agreed to or refused", "%(count)s things agreed to or refused", count
        )
        yield Line(
            "shield-check",
            words % {"count": f"{count:,}"},
            _("with its proof; that they refused stays as a mark without a name"),
        )
