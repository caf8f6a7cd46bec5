"""Rules about people who come in: which there are, who sets them, and what they do with a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels import checking
from amity.channels.records import OF_KNOWN, PersonRecord, Record, Unreadable
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.errors import Invalid
from amity.kernel.models import WorkspaceSetting
from amity.quality.domain.fields import RECORD, Field
from amity.quality.domain.scoring import Dimension
from amity.quality.models import Flag
from amity.quality.queries.known import SETTINGS_KEY, Settings, known_fields, settings


class Rule(StrEnum):
    """What is asked of a field."""

    REQUIRED = "required"
    VALID = "valid"


class Outcome(StrEnum):
    """What becomes of a row that breaks a rule."""

    REFUSE = "refuse"
    FLAG = "flag"


RULE_WORDS: Mapping[Rule, Any] = {
    Rule.REQUIRED: gettext_lazy("is required"),
    Rule.VALID: gettext_lazy("must be valid"),
}


@dataclass(frozen=True)
class Rules:
    """The rules as they are now, for people who come in. Messages and orders are never refused for them."""

    fields: Mapping[str, Field]
    rules: Mapping[str, Mapping[str, str]]

    def refuse(self, record: Record) -> None:
        """Raise `Unreadable` for the first rule that refuses the record."""
        for one, rule, value in self._broken(record, Outcome.REFUSE):
            raise Unreadable("rule", _reason(one, rule, value))

    def flags(self, record: Record) -> Sequence[tuple[str, str]]:
        """The field and the rule of each that only flags, and is broken."""
        return [(one.key, rule.value) for one, rule, _ in self._broken(record, Outcome.FLAG)]

    def _broken(self, record: Record, outcome: Outcome) -> list[tuple[Field, Rule, str]]:
        if not self.rules or not isinstance(record, PersonRecord):
            return []
        broken = []
        for name, rules in self.rules.items():
            one = self.fields.get(name)
            if one is None:
                continue
            values = _values(one, record)
            if rules.get(Rule.REQUIRED) == outcome and not (values or record.extra.get(OF_KNOWN)):
                broken.append((one, Rule.REQUIRED, ""))
            wrong = next((value for value in values if one.check(value)), None)
            if rules.get(Rule.VALID) == outcome and wrong is not None:
                broken.append((one, Rule.VALID, wrong))
        return broken


def _values(one: Field, record: PersonRecord) -> list[str]:
    if one.network:
        return [
            handle.address
            for handle in record.handles
            if handle.network == one.network or handle.network.startswith(f"{one.network}:")
        ]
    value = record.facts.get(one.key, "").strip()
    if one.key == "name" and not value:
        parts = (record.facts.get("given_name", ""), record.facts.get("family_name", ""))
        value = " ".join(part.strip() for part in parts if part.strip())
    return [value] if value else []


def _reason(one: Field, rule: Rule, value: str) -> str:
    if rule is Rule.REQUIRED:
        return _("“%(field)s” is required here. Fill it, or change the rule under Data quality.") % {
            "field": one.label
        }
    return _(
        "“%(field)s” is not valid: “%(value)s”. Put it right, or change the rule under Data quality."
    ) % {
        "field": one.label,
        "value": value[:80],
    }


def rules_now() -> Rules:
    """The rules that hold now: one small query."""
    kept = settings().rules
    fields = {one.key: one for one in known_fields(timezone.now())} if kept else {}
    return Rules(fields, kept)


def flagged(run_id: UUID) -> Mapping[tuple[str, str], int]:
    """How many rows of an import were flagged, by field and rule."""
    rows = Flag.objects.filter(run_id=run_id).values_list("field", "rule")
    return {
        (field, rule): count
        for field, rule, count in rows.annotate(n=Count("position", distinct=True)).order_by("-n", "field")
    }


def words_of(field: str, rule: str) -> str:
    """A rule as a sentence without its end: "E-mail must be valid"."""
    label = next((one.label for one in known_fields(timezone.now()) if one.key == field), field)
    return f"{label} {RULE_WORDS[Rule(rule)]}" if rule in list(Rule) else f"{label} {rule}"


def register() -> None:
    """Called once at start."""
    checking.provide_rules(rules_now, flagged, words_of)


# ------------------------------------------------------------------------------------------------------------- setting


def change_settings(
    *,
    actor: Actor,
    at: datetime,
    months: int | None = None,
    fields: Mapping[str, int] | None = None,
    dimensions: Mapping[str, int] | None = None,
    rules: Mapping[str, Mapping[str, str]] | None = None,
) -> Settings:
    """Set what counts how much, what is fresh, and the rules; what is not given stays. Raises `Invalid`."""
    policy.require(actor, "write", "settings")
    known = {one.key for one in known_fields(at)}
    with transaction.atomic():
        before = settings()
        after = {
            "months": before.months if months is None else _between(months, 0, 240, "months"),
            "fields": dict(before.fields if fields is None else _weights(fields, known, "fields")),
            "dimensions": dict(
                before.dimensions
                if dimensions is None
                else _weights(dimensions, {one.value for one in Dimension}, "dimensions")
            ),
            "rules": before.rules if rules is None else _rules(rules, known - {RECORD}),
        }
        WorkspaceSetting.objects.update_or_create(
            key=SETTINGS_KEY,
            defaults={"value": after, "changed_by_id": actor.staff_id, "changed_at": at},
        )
    return settings()


def _weights(given: Mapping[str, int], known: set[str], name: str) -> dict[str, int]:
    unknown = given.keys() - known
    if unknown:
        raise Invalid(_("There is no such field."), fields={name: ", ".join(sorted(unknown))[:80]})
    return {key: _between(value, 0, 10, name) for key, value in given.items()}


def _between(value: int, least: int, most: int, name: str) -> int:
    if not least <= value <= most:
        words = _("Give a number from %(least)s to %(most)s.") % {"least": least, "most": most}
        raise Invalid(words, fields={name: words})
    return value


def _rules(given: Mapping[str, Mapping[str, str]], known: set[str]) -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = {}
    for field, rules in given.items():
        if (
            field not in known
            or rules.keys() - set(Rule)
            or set(rules.values()) - {*(one.value for one in Outcome), ""}
        ):
            raise Invalid(_("There is no such rule."), fields={"rules": field[:60]})
        if on := {rule: outcome for rule, outcome in rules.items() if outcome}:
            kept[field] = on
    return kept
