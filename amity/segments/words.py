"""Rules, what they found, and what is wrong with them, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from amity.segments.conditions import Field, Op, Words
from amity.segments.domain.trees import BrokenRule, Leaf

_WRONG: Mapping[str, Words] = {
    "no_object": gettext_lazy("A rule is a group of conditions."),
    "no_list": gettext_lazy("A group is a list of conditions."),
    "no_condition": gettext_lazy("A condition names a field and an operator."),
    "unknown_key": gettext_lazy("A condition has no “%(key)s”."),
    "unknown_field": gettext_lazy("There is no field “%(field)s”."),
    "unknown_op": gettext_lazy("The field “%(field)s” cannot be asked “%(op)s”."),
    "no_window": gettext_lazy("The field “%(field)s” is not counted over days."),
    "days": gettext_lazy("Choose 1 to %(most)s days."),
    "nothing_to_narrow": gettext_lazy("The field “%(field)s” cannot be narrowed."),
    "of_needed": gettext_lazy("Choose what “%(field)s” counts: a %(of)s."),
    "too_long": gettext_lazy("Use at most %(most)s characters."),
    "too_many": gettext_lazy("Use at most %(most)s conditions."),
    "too_deep": gettext_lazy("Groups lie at most %(most)s deep."),
    "too_many_values": gettext_lazy("Give 1 to %(most)s values."),
    "no_text": gettext_lazy("Fill in a text."),
    "no_option": gettext_lazy("“%(field)s” has no option “%(option)s”."),
    "no_number": gettext_lazy("Fill in a number."),
    "no_value": gettext_lazy("This condition takes no value."),
    "no_date": gettext_lazy("Fill in a day, such as 2026-03-17."),
    "no_segment": gettext_lazy("Choose a segment that exists."),
    "out_of_range": gettext_lazy("Choose a number from %(least)s to %(most)s."),
    "circle": gettext_lazy("These segments would ask for each other in a circle."),
    "itself": gettext_lazy("A segment cannot ask for its own members."),
}


def in_words(error: BrokenRule) -> str:
    """What is wrong, and where, for whoever made the rule."""
    told = str(_WRONG[error.message]) % error.words
    if not error.path:
        return told
    place = ".".join(str(one + 1) for one in error.path)
    return _("Condition %(place)s: %(told)s") % {"place": place, "told": told}


def leaf_words(leaf: Leaf, field: Field | None, name: Callable[[str, str], str]) -> str:
    """A condition as a phrase: "Orders at least 2 in the last 90 days". `name(kind, word)` says what a word names."""
    if field is None:
        return _("A field that is gone")
    op = field.op(leaf)
    words = [str(field.label)]
    if leaf.of:
        words.append(f"({name(field.of, leaf.of)})")
    words.append(_asked(field, op, leaf, name))
    if leaf.within_days:
        words.append(
            ngettext("in the last day", "in the last %(n)s days", leaf.within_days) % {"n": leaf.within_days}
        )
    return " ".join(word for word in words if word)


def _asked(field: Field, op: Op, leaf: Leaf, name: Callable[[str, str], str]) -> str:
    value = leaf.value
    if op.takes == "days":
        some = ngettext("%(n)s day", "%(n)s days", value) % {"n": value}
        phrases = {"in_last": _("in the last %(days)s"), "in_next": _("in the next %(days)s")}
        return phrases.get(op.key, _("more than %(days)s ago")) % {"days": some}
    if op.takes == "hours":
        return _("for longer than %(hours)s") % {
            "hours": ngettext("%(n)s hour", "%(n)s hours", value) % {"n": value}
        }
    if op.takes == "segment":
        return f"{op.label} “{name('segment', str(value))}”"
    if value is None:
        return str(op.label)
    values = value if isinstance(value, tuple) else (value,)
    said = _(" or ").join(field.named(one) if isinstance(one, str) else _number(one) for one in values)
    return f"{op.label} {said}"


def _number(value: float) -> str:
    return number_format(int(value) if value == int(value) else value)


_FIRST_MINUTE = 1_000_000  # counts stay far below, instants since 1971 above


def found_words(value: Any, field: Field | None) -> str:
    """What a condition on `field` found of one person, short."""
    if value is None or value == "":
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int) and value > _FIRST_MINUTE:
        return _day(value)
    if isinstance(value, int | float):
        return _number(value)
    return field.told(str(value)) if field else str(value)


def _day(minute: int) -> str:
    from django.utils.formats import date_format
    from django.utils.timezone import localtime

    from amity.segments.domain.traits import start_of

    return date_format(localtime(start_of(minute)), "DATE_FORMAT")
