"""Administrators say by which rule of several values one is shown; people follow in portions, and it is taken back.

Whoever writes what is shown of people does so in their turn (`take_turn_now`), and asks for the rules in it. So after
new rules are kept nobody writes by the old ones any more, and the portions leave nobody behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import models, transaction
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from amity.channels.inlet import take_turn_now
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.bus import publish
from amity.kernel.errors import Conflict, Invalid
from amity.kernel.purposes import forget_what_was_asked
from amity.people.deriving import derive_again
from amity.people.domain.precedence import USUAL, Rules, Way, merged_with_hidden
from amity.people.domain.survivorship import SAID_ONCE
from amity.people.events import PeopleRegrouped
from amity.people.models import Person, ShownRules
from amity.people.queries.survivorship import (
    changed_fields,
    former_rules,
    known_tellers,
    ruled_fields,
    still_shown_by,
)

SHOW = "people.show_by_rules"
PORTION = 500
"""People who are looked at in one turn: others wait for it a quarter of a second."""
MOST_TRUSTED = 500
Unchanged = Callable[[ShownRules | None], None] | None


def change_rules(
    ways: Mapping[str, str],
    trust: Sequence[str],
    *,
    actor: Actor,
    at: datetime,
    unchanged: Unchanged = None,
) -> Rules:
    """One of several values is shown by these rules from now on; gives those before. Everybody follows at once or soon.

    `ways`: field → way, those that are left out have their usual one. `trust`: ids of sources and `HAND`, most trusted
    first. What the actor does not see of it stays. Raises `Invalid` (`fields` by field). `unchanged` may refuse.
    """
    policy.require(actor, "write", "settings")
    return _keep(
        lambda before: with_what_is_hidden(read_rules(ways, trust, actor), before, actor),
        actor,
        at,
        unchanged,
    )


def take_back_rules(*, actor: Actor, at: datetime, unchanged: Unchanged = None) -> Rules:
    """The rules before count again; gives those that ended. Raises `Conflict` where there were none before.

    `unchanged` may refuse.
    """
    policy.require(actor, "write", "settings")

    def former(_before: Rules) -> Rules:
        found = former_rules()
        if found is None:
            raise Conflict(_("There are no rules from before."))
        return found

    return _keep(former, actor, at, unchanged)


def _keep(wanted: Callable[[Rules], Rules], actor: Actor, at: datetime, unchanged: Unchanged) -> Rules:
    with transaction.atomic():
        take_turn_now()
        there = ShownRules.objects.order_by("-pk").first()
        if unchanged is not None:
            unchanged(there)
        before = there.as_rules() if there else USUAL
        rules = wanted(before)
        if rules == before:
            return before
        made = ShownRules.objects.create(
            rules=rules.as_value(), said_at=at, said_by_id=actor.staff_id, of_people=_everybody().count()
        )
        if changed_fields(before, rules) or (there and there.done_at is None):
            app.configure_task(SHOW, queue="maintenance").defer(rules_id=made.pk)
        else:
            made.finish(at)
            made.save(update_fields=["done_at"])
    forget_what_was_asked()
    return before


def read_rules(ways: Mapping[str, str], trust: Sequence[str], actor: Actor) -> Rules:
    """What was asked for, as rules. Raises `Invalid` for a field, a way or a source that there is not."""
    fields = {one.name: one for one in ruled_fields()}
    wrong, kept = {}, {}
    for name, way in ways.items():
        field = fields.get(name)
        if field is None:
            wrong[name] = _("There is no rule for “%(field)s”.") % {"field": name[:40]}
        elif way not in set(field.ways):
            wrong[name] = _("This field cannot be chosen so.")
        elif way != field.usual:
            kept[name] = Way(way)
    known = {str(one.id): one.id for one in known_tellers(actor)}
    if len(set(trust)) != len(trust) or any(one not in known for one in trust):
        wrong["trust"] = _("Name each source once, of those that there are.")
    if wrong:
        raise Invalid(next(iter(wrong.values())), fields=wrong)
    return Rules(kept, tuple(known[one] for one in trust))


def with_what_is_hidden(rules: Rules, before: Rules, actor: Actor) -> Rules:
    """The same with what the actor cannot say: fields that are hidden for now, sources of others in their places."""
    asked = {one.name for one in ruled_fields()}
    ways = {name: way for name, way in before.ways.items() if name not in asked} | dict(rules.ways)
    seen = [one.id for one in known_tellers(actor)]
    return Rules(ways, merged_with_hidden(before.trust, rules.trust, seen))


def show_by_rules(rules_id: int, *, at: datetime, most: int = PORTION) -> bool:
    """Look at the next people by this version of the rules, in a turn of its own; gives whether there are more.

    It goes on where it was, whatever broke it off. A version that is not the newest any more is left.
    """
    with transaction.atomic():
        take_turn_now()
        there = ShownRules.objects.order_by("-pk").first()
        if there is None or there.pk != rules_id or there.done_at is not None:
            return False
        rest = _everybody().filter(pk__gt=there.upto) if there.upto else _everybody()
        ids: list[UUID] = list(rest.order_by("pk").values_list("pk", flat=True)[:most])
        if ids:
            changed = derive_again(ids, at=at)
            there.step(ids[-1], len(ids), len(changed))
            told = ids if _looks_at_what_is_not_kept(there) else sorted(changed)
            if told:
                publish(PeopleRegrouped(person_ids=tuple(told), at=at))
        if len(ids) < most:
            there.finish(at)
        there.save(update_fields=["upto", "looked_at", "changed", "done_at"])
    return there.done_at is None


def _everybody() -> models.QuerySet[Person]:
    """Who counts for nobody else: of the others nothing is shown."""
    return Person.objects.filter(merged_into__isnull=True)


def _looks_at_what_is_not_kept(there: ShownRules) -> bool:
    """Whether a field changes that stands in no column of a person: whoever judges it looks again."""
    rules = there.as_rules()
    return any(changed_fields(before, rules) & set(SAID_ONCE) for before in still_shown_by())
