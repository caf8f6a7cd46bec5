"""Orders by the beginning or the end of their number, in capitals or not."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Reverse, Upper

from amity.commerce.models import Order
from amity.kernel.actor import Actor

LAST_CHARACTER = "\U0010ffff"
LEAST_END, MOST_ENDING = 4, 1_000
"""Letters of a number from which on those are found that end so: of fewer there would be too many."""
_NUMBERED = """
    SELECT EXISTS (
            SELECT FROM unnest(%(written)s::text[]) AS begun(low), LATERAL (
                SELECT number FROM commerce_order WHERE number >= low ORDER BY number LIMIT 1) AS first
            WHERE number < low || %(last)s)
        OR EXISTS (SELECT FROM commerce_order WHERE reverse(upper(number)) LIKE %(backwards)s)
"""


def is_a_number(typed: str) -> bool:
    """Whether a number of any order begins or ends so: hardly anything that is searched for does, and to tell it is a
    tenth of the work of looking for the orders that an actor may see."""
    asked = {
        "written": _written(typed),
        "last": LAST_CHARACTER,
        "backwards": connection.ops.prep_for_like_query(typed.upper()[::-1]) + "%"
        if _may_end(typed)
        else None,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NUMBERED, asked)
        (found,) = cursor.fetchone() or (False,)
    return bool(found)


def _written(typed: str) -> list[str]:
    return list(dict.fromkeys((typed, typed.upper(), typed.lower())))


def _may_end(typed: str) -> bool:
    return len(typed) >= LEAST_END and any(map(str.isdecimal, typed))


def numbered(actor: Actor, typed: str) -> Q:
    """The condition of orders whose number begins or ends so. Each way to write it reads the index of numbers, their
    end that of numbers from behind (migration 0005)."""
    found = Q(pk__in=[])
    for words in _written(typed):
        found |= Q(number__gte=words, number__lt=words + LAST_CHARACTER)
    if _may_end(typed):  # as ids: as a query inside, the planner would look at every order
        orders = Order.objects.visible_to(actor).annotate(backwards=Reverse(Upper("number")))
        ending = orders.filter(backwards__startswith=typed.upper()[::-1]).order_by("-ordered_at", "-id")
        found |= Q(pk__in=list(ending.values_list("pk", flat=True)[:MOST_ENDING]))
    return found
