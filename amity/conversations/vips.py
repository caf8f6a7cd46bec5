"""Who is answered sooner, as a condition of SQL: whoever has a tier of VIPs by the rules in force.

It tells of no order, account or choice that somebody who sees the conversation may not see: their source is everybody's
or of the same team or colleague as that of the conversation. Periods end with the wait, not with the day on which it is
reckoned, so that the same messages and orders give the same clock whenever they come.
"""

from __future__ import annotations

from typing import Any

from amity.commerce.domain.tiers import Rule
from amity.commerce.stages import NOT_BOUGHT
from amity.commerce.standings import Tiers, tiers_in_force

_SEEN = """JOIN channels_source told_by ON told_by.id = {source}
            JOIN conversations_conversation one ON one.id = {waiting}.id
            JOIN channels_source came_by ON came_by.id = one.source_id
                AND (told_by.team_id IS NULL OR told_by.team_id = came_by.team_id)
                AND (told_by.owner_id IS NULL OR told_by.owner_id = came_by.owner_id)"""
_THEIRS = """people_link l JOIN people_link k ON k.person_id = l.person_id AND k.revoked_at IS NULL"""
_CUSTOMER = (
    "l.identity_id = {waiting}.customer_id AND l.revoked_at IS NULL AND {waiting}.waiting_since IS NOT NULL"
)
_PURCHASES = f"""(SELECT {{sum}} FROM {_THEIRS}
            JOIN commerce_order b ON b.buyer_id = k.identity_id AND b.status <> ALL(%(not_bought)s) {{since}}
            {_SEEN.replace("{source}", "b.source_id")} WHERE {_CUSTOMER})"""
_REACH = f"""(SELECT sum(most) FROM (SELECT max(newest.n) AS most FROM (
                SELECT DISTINCT ON (f.identity_id) i.network,
                    CASE WHEN f.value ~ '^[0-9]{{{{1,15}}}}$' THEN f.value::bigint END AS n
                FROM {_THEIRS} JOIN people_fact f ON f.identity_id = k.identity_id AND f.field = 'followers'
                JOIN people_identity i ON i.id = f.identity_id
                {_SEEN.replace("{source}", "f.source_id")} WHERE {_CUSTOMER}
                ORDER BY f.identity_id, f.observed_at DESC, f.value DESC) newest GROUP BY newest.network) each)"""
_CHOSEN = f"""(SELECT t.tier = ANY(%(vip_keys)s) FROM {_THEIRS}
            JOIN commerce_tierchoice t ON t.identity_id = k.identity_id AND t.revoked_at IS NULL
                AND t.tier = ANY(%(tier_keys)s) AND (t.until_on IS NULL OR t.until_on > {{waiting}}.waiting_since::date)
            JOIN people_sighting s ON s.identity_id = t.identity_id {_SEEN.replace("{source}", "s.source_id")}
            WHERE {_CUSTOMER} ORDER BY t.chosen_at DESC, t.id DESC LIMIT 1)"""


def is_vip(waiting: str) -> tuple[str, dict[str, Any]]:
    """The condition for the customer of `waiting`, a row with id, customer_id and waiting_since, and its parameters."""
    tiers = tiers_in_force()
    parameters: dict[str, Any] = {"not_bought": NOT_BOUGHT, "currency": tiers.currency}
    cases = [_case(waiting, place, rule, parameters) for place, rule in enumerate(_deciding(tiers))]
    by_rules = f"CASE {' '.join(filter(None, cases))} ELSE false END" if any(cases) else "false"
    if not tiers.has_choices:
        return f"({by_rules})", parameters
    parameters["vip_keys"] = [one.key for one in tiers.rules if one.is_vip]
    parameters["tier_keys"] = [one.key for one in tiers.rules]
    return f"COALESCE({_CHOSEN.format(waiting=waiting)}, {by_rules})", parameters


def _deciding(tiers: Tiers) -> tuple[Rule, ...]:
    """The rules down to the last one of VIPs: below it nobody is one."""
    last = max((place for place, one in enumerate(tiers.rules) if one.is_vip), default=-1)
    return tiers.rules[: last + 1]


def _case(waiting: str, place: int, rule: Rule, parameters: dict[str, Any]) -> str:
    conditions = []
    since = ""
    if rule.days is not None:
        parameters[f"days_{place}"] = rule.days
        since = f"AND b.ordered_at >= {waiting}.waiting_since - make_interval(days => %(days_{place})s)"
    for name, least, measure in (
        (
            "bought",
            rule.bought_from,
            _purchases(waiting, "sum(b.amount) FILTER (WHERE b.currency = %(currency)s)", since),
        ),
        ("orders", rule.orders_from, _purchases(waiting, "count(*)", since)),
        ("reach", rule.reach_from, _REACH.format(waiting=waiting)),
    ):
        if least is not None:
            parameters[f"{name}_{place}"] = least
            conditions.append(f"COALESCE({measure}, 0) >= %({name}_{place})s")
    return f"WHEN {' OR '.join(conditions)} THEN {'true' if rule.is_vip else 'false'}" if conditions else ""


def _purchases(waiting: str, total: str, since: str) -> str:
    return _PURCHASES.format(sum=total, since=since, waiting=waiting)
