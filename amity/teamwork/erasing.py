"""What we promised to somebody who is erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells
from amity.teamwork.models import Promise


@erases_person("teamwork", 30)
def erase(subject: Subject) -> Counts:
    """Remove the promises to them, and those made in a thread of theirs."""
    theirs = Promise.objects.filter(
        Q(about_id__in=subject.identity_ids) | Q(thread_id__in=[UUID(one) for one in subject.of("thread")])
    )
    ids = list(theirs.values_list("pk", flat=True))
    subject.add("promise", ids)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM teamwork_promise WHERE id = ANY(%s)", [ids])
        return {"teamwork_promise": cursor.rowcount}


@foretells("teamwork", 40)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """How many promises go."""
    if not policy.may(actor, "read", "promise"):
        return
    if count := policy.visible(Promise.objects.filter(about_id__in=identity_ids), actor).count():
        words = ngettext("%(count)s promise to them", "%(count)s promises to them", count)
        yield Line("handshake", words % {"count": f"{count:,}"}, _("figures count fewer of them"))
