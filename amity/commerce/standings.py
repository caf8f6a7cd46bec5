"""Who has which tier, and why, as far as the actor may know; told when it is asked for, from totals that are kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, Sum
from django.utils import timezone

from amity.commerce.domain.tiers import GOLD, SILVER, Choice, Measures, Rule, Standing, standing_of, usual
from amity.commerce.models import Order, TierChoice
from amity.commerce.queries import Bought, bought_by_people, spent
from amity.commerce.stages import NOT_BOUGHT
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import WorkspaceSetting
from amity.kernel.workspace import Workspace
from amity.people.queries.audience import reach_of_people, sees_audience
from amity.people.queries.visibility import known_links

SETTING, BY_HAND = "tiers", "tiers_by_hand"


@dataclass(frozen=True, slots=True)
class Tiers:
    """The rules in force, from the highest tier down, in which currency, and whether anybody has one by hand."""

    rules: tuple[Rule, ...]
    currency: str
    has_choices: bool = False

    @property
    def periods(self) -> set[int | None]:
        """Of which lengths of time purchases count."""
        return {one.days for one in self.rules if one.bought_from is not None or one.orders_from is not None}

    @property
    def asks_for_reach(self) -> bool:
        return any(one.reach_from is not None for one in self.rules)

    def of(self, key: str) -> Rule | None:
        return next((one for one in self.rules if one.key == key), None)


def tiers_in_force() -> Tiers:
    """One small query; callers that loop keep the result. Gold and silver start where the company's settings say."""
    keys = (SETTING, BY_HAND, "currency", "silver_from", "gold_from")
    said: dict[str, Any] = dict(WorkspaceSetting.objects.filter(key__in=keys).values_list("key", "value"))
    plain = Workspace()
    currency = said.get("currency", plain.currency)
    starts = {
        SILVER: said.get("silver_from", plain.silver_from),
        GOLD: said.get("gold_from", plain.gold_from),
    }
    if SETTING not in said:
        rules = usual(starts[SILVER], starts[GOLD])
    else:
        read = [Rule.read(value) for value in said[SETTING]]
        rules = tuple(
            replace(one, bought_from=starts[one.key])
            if one.key in starts and one.bought_from is not None
            else one
            for one in read
        )
    return Tiers(rules, currency, bool(said.get(BY_HAND)))


def standings(
    actor: Actor,
    person_ids: Iterable[UUID],
    tiers: Tiers,
    at: datetime | None = None,
    *,
    totals: Mapping[UUID, Sequence[Bought]] | None = None,
) -> dict[UUID, Standing]:
    """The tier of each of these people who has one, in as many queries as the rules need, for any number of people.

    `totals`: what they bought in all, by `bought_by` or `bought_by_people`, where that was read already.
    """
    ids = set(person_ids)
    if not ids:
        return {}
    now = at or timezone.now()
    bought: dict[UUID, dict[int | None, Decimal]] = defaultdict(dict)
    orders: dict[UUID, dict[int | None, int]] = defaultdict(dict)
    if policy.may(actor, "read", "order"):
        for days in tiers.periods:
            for person, amount, count in _bought(actor, ids, days, tiers.currency, now, totals):
                bought[person][days], orders[person][days] = amount, count
    reach = reach_of_people(actor, ids) if tiers.asks_for_reach else {}
    chosen = choices_of(actor, ids, now) if tiers.has_choices else {}
    found = {}
    for person in {*bought, *reach, *chosen}:
        people = reach[person].people if person in reach else None
        choice = chosen[person][1] if person in chosen else None
        measures = Measures(bought.get(person, {}), orders.get(person, {}), people, choice)
        standing = standing_of(measures, tiers.rules)
        if standing is not None:
            found[person] = standing
    return found


def _bought(
    actor: Actor,
    ids: set[UUID],
    days: int | None,
    currency: str,
    now: datetime,
    read: Mapping[UUID, Sequence[Bought]] | None,
) -> Iterable[tuple[UUID, Decimal, int]]:
    if days is None:
        for person, totals in (bought_by_people(actor, ids) if read is None else read).items():
            yield person, spent(totals, currency), sum(one.orders for one in totals)
        return
    rows = (
        Order.objects.visible_to(actor)
        .filter(
            buyer__links__person_id__in=ids,
            buyer__links__revoked_at__isnull=True,
            ordered_at__gte=now - timedelta(days=days),
        )
        .exclude(status__in=NOT_BOUGHT)
        .values_list("buyer__links__person_id")
        .annotate(total=Sum("amount", filter=Q(currency=currency)), n=Count("pk"))
    )
    for person, total, count in rows.order_by():
        yield person, total or Decimal(0), count


def choices_of(actor: Actor, person_ids: Iterable[UUID], now: datetime) -> Mapping[UUID, tuple[UUID, Choice]]:
    """What colleagues chose for these people and what holds today, with its id; of several the newest."""
    links = known_links(actor).filter(person_id__in=list(person_ids))
    whose = dict(
        links.filter(identity__tier_choices__revoked_at__isnull=True, identity__tier_choices__isnull=False)
        .values_list("identity_id", "person_id")
        .distinct()
    )
    if not whose:
        return {}
    today = timezone.localtime(now).date()
    rows = (
        TierChoice.objects.filter(identity_id__in=list(whose), revoked_at__isnull=True)
        .filter(Q(until_on__isnull=True) | Q(until_on__gt=today))
        .select_related("chosen_by")
        .order_by("chosen_at", "id")
    )
    return {
        whose[one.identity_id]: (
            one.pk,
            Choice(one.tier, one.reason, one.chosen_by.name if one.chosen_by else "", one.until_on),
        )
        for one in rows
    }


# ---------------------------------------------------------------------------------------------------------- how many

_MEASURES = """
    WITH bought AS ({bought}), reach AS ({reach}), chosen AS ({chosen}), everybody AS (
        SELECT person_id FROM bought UNION SELECT person_id FROM reach UNION SELECT person_id FROM chosen)
    SELECT COALESCE(c.tier, {rules}) AS tier, count(*)
    FROM everybody LEFT JOIN bought b USING (person_id) LEFT JOIN reach r USING (person_id)
    LEFT JOIN chosen c USING (person_id) GROUP BY 1
"""
_KEPT = """SELECT l.person_id, sum(t.amount) FILTER (WHERE t.currency = %(currency)s) AS amount_all,
        sum(t.orders) AS orders_all
    FROM commerce_buyertotal t JOIN people_link l ON l.identity_id = t.identity_id AND l.revoked_at IS NULL
    GROUP BY 1"""
_NO_REACH = "SELECT NULL::uuid AS person_id, 0 AS people WHERE false"
_NO_CHOICE = "SELECT NULL::uuid AS person_id, ''::text AS tier WHERE false"
_REACH = """SELECT person_id, sum(most) AS people FROM (
        SELECT l.person_id, i.network, max(f.n) AS most FROM (
            SELECT DISTINCT ON (identity_id) identity_id,
                CASE WHEN value ~ '^[0-9]{1,15}$' THEN value::bigint END AS n
            FROM people_fact WHERE field = 'followers' AND source_id <> ALL(%(hidden)s::uuid[])
            ORDER BY identity_id, observed_at DESC, value DESC) f
        JOIN people_identity i ON i.id = f.identity_id
        JOIN people_link l ON l.identity_id = f.identity_id AND l.revoked_at IS NULL
        WHERE f.n IS NOT NULL GROUP BY 1, 2) each GROUP BY 1"""
# What was chosen last, also where that tier is no more: then the rules decide.
_CHOSEN = """SELECT person_id, tier FROM (
    SELECT DISTINCT ON (l.person_id) l.person_id, t.tier FROM commerce_tierchoice t
    JOIN people_link l ON l.identity_id = t.identity_id AND l.revoked_at IS NULL
    WHERE t.revoked_at IS NULL AND (t.until_on IS NULL OR t.until_on > %(today)s)
        AND (cardinality(%(hidden)s::uuid[]) = 0 OR EXISTS (SELECT FROM people_sighting s
            WHERE s.identity_id = l.identity_id AND s.source_id <> ALL(%(hidden)s::uuid[])))
    ORDER BY l.person_id, t.chosen_at DESC, t.id DESC) last WHERE tier = ANY(%(keys)s)"""


def tier_counts(actor: Actor, tiers: Tiers, at: datetime) -> dict[str, int]:
    """How many people whom the actor may know of have each tier by these rules; reads everybody who bought once."""
    hidden = policy.hidden_source_ids(actor)
    parameters: dict[str, Any] = {
        "currency": tiers.currency, "hidden": hidden, "not_bought": list(NOT_BOUGHT),
        "today": timezone.localtime(at).date(), "keys": [one.key for one in tiers.rules],
    }  # fmt: skip
    statement = _MEASURES.format(
        bought=_bought_sql(tiers, at, parameters, hides=bool(hidden)),
        reach=_REACH if tiers.asks_for_reach and sees_audience(actor) else _NO_REACH,
        chosen=_CHOSEN if tiers.has_choices else _NO_CHOICE,
        rules=_rules_sql(tiers, parameters),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        counted: dict[str | None, int] = dict(cursor.fetchall())
    return {one.key: counted.get(one.key, 0) for one in tiers.rules}


def _column(days: int | None) -> str:
    return "all" if days is None else f"{int(days)}"


def _bought_sql(tiers: Tiers, at: datetime, parameters: dict[str, Any], *, hides: bool) -> str:
    """Sums and counts of purchases by person, for each period of the rules."""
    periods = sorted(tiers.periods, key=lambda days: (days is not None, days or 0))
    if periods in ([None], []) and not hides:
        return _KEPT
    columns = []
    for days in periods or [None]:
        since = f"AND o.ordered_at >= %(since_{_column(days)})s" if days is not None else ""
        if days is not None:
            parameters[f"since_{_column(days)}"] = at - timedelta(days=days)
        columns.append(
            f"sum(o.amount) FILTER (WHERE o.currency = %(currency)s {since}) AS amount_{_column(days)}, "
            f"count(*) FILTER (WHERE true {since}) AS orders_{_column(days)}"
        )
    return f"""SELECT l.person_id, {", ".join(columns)} FROM commerce_order o
        JOIN people_link l ON l.identity_id = o.buyer_id AND l.revoked_at IS NULL
        WHERE o.status <> ALL(%(not_bought)s) AND o.source_id <> ALL(%(hidden)s::uuid[]) GROUP BY 1"""


def _rules_sql(tiers: Tiers, parameters: dict[str, Any]) -> str:
    cases = []
    for place, one in enumerate(tiers.rules):
        conditions = []
        for name, column, least in (
            ("bought", f"b.amount_{_column(one.days)}", one.bought_from),
            ("orders", f"b.orders_{_column(one.days)}", one.orders_from),
            ("reach", "r.people", one.reach_from),
        ):
            if least is not None:
                parameters[f"{name}_{place}"] = least
                conditions.append(f"{column} >= %({name}_{place})s")
        if conditions:
            parameters[f"key_{place}"] = one.key
            cases.append(f"WHEN {' OR '.join(conditions)} THEN %(key_{place})s")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::text"
