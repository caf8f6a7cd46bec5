"""Fields of the company's own in random lives: made, told by sources and by hand, changed; conditions that ask for
them, and the slow answer to these."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from amity.kernel.actor import Actor
from amity.people import by_hand, fields
from amity.people.domain.folding import fold
from amity.people.models import CustomField, Person

_VALUES: Mapping[str, tuple[str, ...]] = {
    "tier": ("gold", "silver", "bronze"),
    "tastes": ("floral", "nutty", "floral,nutty", "fruity"),
    "note": ("Wholesale, Größe L", "retail", "!!"),
    "score": ("10", "-2.5", "0.3"),
    "spent": ("99.5", "1500000"),
    "partner": ("yes", "no"),
    "page": ("https://Anna.example/a", "https://bo.example"),
}
_OPS: Mapping[str, tuple[str, ...]] = {
    "tier": ("any_of", "none_of"), "tastes": ("any_of", "none_of"), "note": ("is", "is_not", "contains"),
    "score": ("at_least", "at_most"), "spent": ("at_least", "at_most"), "partner": ("yes", "no"), "page": ("contains",),
    "visit": ("in_last", "in_next", "longer_ago", "since", "before"),
}  # fmt: skip
_ASKED: Mapping[str, tuple[Any, ...]] = {
    "tier": ("gold", "silver", ["gold", "bronze"]), "tastes": ("nutty", "fruity", ["floral", "fruity"]),
    "note": ("RETAIL", "grosse l", ["retail", "!!"]), "score": (10, -2.5, 0.3), "spent": (99.5, 100),
    "page": ("ANNA", "example"),
}  # fmt: skip
_PURPOSES = ("service", "marketing")


def make_fields(actor: Actor, at: datetime) -> None:
    """One of each kind that can be asked for a value."""
    for label, kind, more in (
        ("Tier", "choice", {"options": ["Gold", "Silver", "Bronze"]}),
        ("Tastes", "choices", {"options": ["Floral", "Nutty", "Fruity"]}),
        ("Note", "text", {}), ("Score", "number", {}), ("Spent", "money", {"currency": "EUR"}),
        ("Partner", "yes_no", {}), ("Page", "url", {}), ("Visit", "date", {}),
    ):  # fmt: skip
        told: dict[str, Any] = {"purposes": _PURPOSES, **more}
        fields.add_field("person", label=label, kind=kind, actor=actor, at=at, **told)


def some_facts(draw: random.Random, today: date) -> dict[str, str]:
    """What a source says of up to three of them."""
    return {
        f"custom:{key}": _value(draw, key, today) for key in draw.sample(sorted(_OPS), draw.randint(0, 3))
    }


def _value(draw: random.Random, key: str, today: date) -> str:
    if key == "visit":
        return (today + timedelta(days=draw.randint(-40, 40))).isoformat()
    return draw.choice(_VALUES[key])


def say_by_hand(draw: random.Random, actor: Actor, at: datetime) -> None:
    """A colleague types a value."""
    people = list(Person.objects.filter(merged_into=None).order_by("id").values_list("pk", flat=True))
    if people:
        key = draw.choice(sorted(_OPS))
        by_hand.say(draw.choice(people), {f"custom:{key}": _value(draw, key, at.date())}, actor=actor, at=at)


def change_a_field(draw: random.Random, actor: Actor, at: datetime) -> None:
    """An administrator takes an option out or offers it again, hides a field or puts it back."""
    field = draw.choice(list(CustomField.objects.order_by("id")))
    if not field.options or draw.random() < 0.3:
        if field.hidden_at is None:
            fields.hide_field(field.pk, actor=actor, at=at)
        else:
            fields.put_back_field(field.pk, actor=actor)
        return
    option = draw.choice(field.options)
    if option.get("gone"):
        fields.put_back_option(field.pk, option["key"], actor=actor)
        return
    gone = draw.choice(("keep", "clear", "becomes", "becomes"))
    other = draw.choice([one["key"] for one in field.options if one is not option])
    becomes = other if gone == "becomes" else ""
    fields.remove_option(field.pk, option["key"], gone=gone, actor=actor, becomes=becomes)


def leaf(draw: random.Random, today: date) -> dict[str, Any]:
    """A condition on one of them."""
    key = draw.choice(sorted(_OPS))
    op = draw.choice((*_OPS[key], *_OPS[key], "set", "not_set"))
    made: dict[str, Any] = {"field": f"own:{key}", "op": op}
    if op in ("since", "before"):
        made["value"] = (today + timedelta(days=draw.randint(-10, 10))).isoformat()
    elif op in ("in_last", "in_next", "longer_ago"):
        made["value"] = draw.choice((1, 7, 30))
    elif op in _OPS[key] and key in _ASKED:
        made["value"] = draw.choice(_ASKED[key])
    return made


# ------------------------------------------------------------------------------------------------------ the slow answer


def holds(rule: Mapping[str, Any], told: Mapping[str, str], at: datetime) -> bool:
    """Whether a condition holds of somebody of whom this is told, by names of facts. A hidden field is not there."""
    field = CustomField.objects.get(resource="person", key=rule["field"].removeprefix("own:"))
    if field.hidden_at is not None:
        return False
    value, op, wanted = told.get(f"custom:{field.key}", ""), str(rule["op"]), rule.get("value")
    if field.options:
        return _of_options(field.options, value, op, wanted)
    if op in ("set", "not_set"):
        return bool(value) == (op == "set")
    if op == "is_not":
        return not value or not _of_value(field.kind, value, "is", wanted, at)
    return bool(value) and _of_value(field.kind, value, op, wanted, at)


def _of_options(options: list[dict[str, Any]], value: str, op: str, wanted: Any) -> bool:
    by_key: dict[str, dict[str, str]] = {one["key"]: one for one in options}

    def now(key: str) -> str:
        seen: set[str] = set()
        while key in by_key and key not in seen and by_key[key].get("gone") == "becomes":
            seen.add(key)
            key = by_key[key]["becomes"]
        return "" if key in seen or by_key.get(key, {"gone": "clear"}).get("gone") == "clear" else key

    has = {now(key) for key in value.split(",") if value} - {""}
    if op in ("set", "not_set"):
        return bool(has) == (op == "set")
    asked: set[str] = {now(key) for key in ([wanted] if isinstance(wanted, str) else wanted)}
    return bool(has & asked) == (op == "any_of")


def _of_value(kind: str, value: str, op: str, wanted: Any, at: datetime) -> bool:
    if kind in ("number", "money"):
        more = Decimal(value) - Decimal(str(wanted))
        return more >= 0 if op == "at_least" else more <= 0
    if kind == "yes_no":
        return value == op
    if kind == "url":
        return str(wanted).lower() in value.lower()
    if kind == "text":
        words = [fold(one) or one for one in ([wanted] if isinstance(wanted, str) else wanted)]
        mine = fold(value) or value
        return mine in words if op == "is" else any(one in mine for one in words)
    return _of_day((date.fromisoformat(value) - at.astimezone(UTC).date()).days, value, op, wanted)


def _of_day(ahead: int, value: str, op: str, wanted: Any) -> bool:
    if op in ("since", "before"):
        return (date.fromisoformat(value) >= date.fromisoformat(wanted)) == (op == "since")
    if op == "in_next":
        return 0 <= ahead <= int(wanted)
    return -int(wanted) <= ahead <= 0 if op == "in_last" else ahead < -int(wanted)
