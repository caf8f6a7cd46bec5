"""The raw items that name somebody who is erased, and what of ours is on its way to them."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from amity.channels.emptying import SAMPLES
from amity.channels.models import OutboundMessage, OutboundState
from amity.kernel.erasing import Counts, Subject, erases_person
from amity.kernel.errors import Conflict

_REPEATS = """
    UPDATE channels_repeat r SET (digests, positions) = (
        SELECT COALESCE(array_agg(u.digest), '{}'), COALESCE(array_agg(u.position), '{}')
        FROM unnest(r.digests, r.positions) AS u(digest, position) WHERE u.digest <> ALL(%(digests)s))
    WHERE r.digests && %(digests)s
"""


class OnItsWay(Conflict):
    """A message to them is being handed over at this moment; in a minute it is known what became of it."""

    code = "erasure.message_on_its_way"

    def __init__(self) -> None:
        super().__init__(_("A message to them is leaving at this moment. It is tried again in a minute."))


@erases_person("channels.outgoing", 45)
def erase_outgoing(subject: Subject) -> Counts:
    """Withdraw what waits to be sent to them, and forget what was sent. Raises `OnItsWay`."""
    theirs = _of(subject)
    if theirs.filter(state=OutboundState.SENDING).exists():
        raise OnItsWay
    messages = list(theirs.select_for_update().values_list("pk", flat=True))
    subject.add("message", messages)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_outboundmessage WHERE id = ANY(%s)", [messages])
        return {"channels_outboundmessage": cursor.rowcount}


def _of(subject: Subject) -> QuerySet[OutboundMessage]:
    of_theirs = Q(activity_id__in=[UUID(one) for one in subject.of("activity")])
    of_theirs |= Q(thread_id__in=[UUID(one) for one in subject.of("thread")])
    return OutboundMessage.objects.filter(of_theirs | Q(address__in=subject.addresses))


@erases_person("channels", 80)
def erase_items(subject: Subject) -> Counts:
    """Remove the raw items of theirs: an import that is undone or replayed later does not know them any more."""
    items = sorted({*(UUID(one) for one in subject.of("item")), *subject.item_ids}, key=str)
    subject.add("item", items)
    done: Counts = {}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM channels_item WHERE id = ANY(%s) RETURNING digest, run_id", [items])
        rows = cursor.fetchall()
        digests = [bytes(digest) for digest, _run in rows]
        done["channels_item"] = len(rows)
        if digests:
            cursor.execute("SELECT DISTINCT run_id FROM channels_repeat WHERE digests && %s", [digests])
            runs = {run for (run,) in cursor.fetchall()} | {run for _digest, run in rows if run}
            cursor.execute(SAMPLES, [sorted(runs, key=str)])
            done["channels_importrun"] = cursor.rowcount
            cursor.execute(_REPEATS, {"digests": digests})
            done["channels_repeat"] = cursor.rowcount
    return done
