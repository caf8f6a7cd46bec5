"""What somebody bought who is erased: sums, days and products stay for the books, under an account without a name.

Order numbers name the buyer to whoever has the shop, so orders get other numbers and other ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.commerce.models import Order
from amity.commerce.stages import refresh_totals
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.erasing import Counts, Line, Subject, erases_person, foretells

NETWORK = "erased"
"""Where accounts stand that have no name: what is left of people who were erased."""

_RENAME = (
    # Lines and what was told first hang on the id; their constraints are looked at when the transaction ends.
    """UPDATE commerce_order o SET id = n.new, external_id = 'erased:' || n.new, number = %(number)s,
        buyer_id = %(buyer)s, extra = NULL FROM erasing_order n WHERE o.id = n.old""",
    "UPDATE commerce_orderline l SET order_id = n.new FROM erasing_order n WHERE l.order_id = n.old",
    """UPDATE commerce_firsttelling f SET order_id = n.new, number = %(number)s FROM erasing_order n
        WHERE f.order_id = n.old""",
    """UPDATE activity_activity a SET object_id = n.new, external_id = 'order:erased:' || n.new, subject = %(number)s,
        actor_id = %(buyer)s, about_id = %(buyer)s, item_id = NULL, payload = NULL, text = '', full_text = '', html = ''
        FROM erasing_order n WHERE a.about_id = ANY(%(ids)s) AND a.object_type = 'order' AND a.object_id = n.old""",
    """DELETE FROM activity_activitykey k USING erasing_order n
        WHERE k.source_id = n.source_id AND k.external_id = 'order:' || n.external_id""",
    """DELETE FROM activity_retold r USING erasing_order n
        WHERE r.source_id = n.source_id AND r.external_id = 'order:' || n.external_id""",
)
_ITEMS = """
    SELECT a.item_id FROM activity_activity a WHERE a.about_id = ANY(%(ids)s) AND a.object_type = 'order'
        AND a.item_id IS NOT NULL
    UNION SELECT r.item_id FROM activity_retold r JOIN erasing_order n
        ON r.source_id = n.source_id AND r.external_id = 'order:' || n.external_id
"""


@erases_person("commerce", 40)
def erase(subject: Subject) -> Counts:
    """Take the buyer's name, number and words off their orders."""
    orders = list(
        Order.objects.filter(buyer_id__in=subject.identity_ids).values_list("pk", "source_id", "external_id")
    )
    subject.add("order", (id for id, _source, _key in orders))
    named: dict[str, Any] = {
        "ids": subject.identity_ids,
        "buyer": subject.pseudonym,
        "number": str(_("erased")),
    }
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM commerce_buyertotal WHERE identity_id = ANY(%s)", [subject.identity_ids])
        cursor.execute(
            "DELETE FROM commerce_tierchoice WHERE identity_id = ANY(%s) RETURNING id", [subject.identity_ids]
        )
        choices = [id for (id,) in cursor.fetchall()]
        subject.add("tier_choice", choices)
        done: Counts = {"commerce_tierchoice": len(choices)}
        if not orders:
            return done
        _make_pseudonym(subject)
        cursor.execute("DROP TABLE IF EXISTS pg_temp.erasing_order")
        cursor.execute(
            "CREATE TEMP TABLE erasing_order ON COMMIT DROP AS SELECT * FROM unnest("
            "%s::uuid[], %s::uuid[], %s::uuid[], %s::text[]) AS n(old, new, source_id, external_id)",
            [
                [id for id, _source, _key in orders],
                [uuid4() for _order in orders],
                [source for _id, source, _key in orders],
                [key for _id, _source, key in orders],
            ],
        )
        cursor.execute(_ITEMS, named)
        subject.add("item", (id for (id,) in cursor.fetchall()))
        for statement in _RENAME:
            cursor.execute(statement, named)
    refresh_totals({subject.pseudonym})
    return done | {"commerce_order:kept": len(orders)}


def _make_pseudonym(subject: Subject) -> None:
    """An account that says nothing: no person, no name, and an address that was drawn by lot."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO people_identity (id, network, address, is_ours, first_seen_at) "
            "VALUES (%s, %s, %s, false, %s) ON CONFLICT DO NOTHING",
            [subject.pseudonym, NETWORK, subject.pseudonym.hex, subject.at],
        )


@foretells("commerce", 30)
def tell(identity_ids: Sequence[UUID], actor: Actor) -> Iterable[Line]:
    """How many orders stay without a name."""
    if not policy.may(actor, "read", "order"):
        return
    if count := policy.visible(Order.objects.filter(buyer_id__in=identity_ids), actor).count():
        words = ngettext("%(count)s order", "%(count)s orders", count)
        note = _(
            "sum, day and products stay; name, number and address go. Who came back is counted without them"
        )
        yield Line("package", words % {"count": f"{count:,}"}, note, is_kept=True)
