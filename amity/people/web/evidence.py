"""What speaks for and against two records being one person, in the reader's words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.kernel.actor import Actor
from amity.people.panels import Bits, register_evidence
from amity.people.queries.proposed import evidence_between

MOST_VALUE = 40
LEAST_BITS = 0.05  # less is no line of its own
NAMES = frozenset({"given_name", "family_name", "middle_name", "place"})
PLAIN = NAMES | {"email", "phone", "postcode", "born_on", "handle", "identifier"}
"""Comparisons whose value is worth showing; the others compare what they cut down."""
OF_WHAT: dict[str, str | Promise] = {
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "middle_name": gettext_lazy("Middle name"),
    "name_order": gettext_lazy("Order of the names"),
    "born_on": gettext_lazy("Birthday"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "identifier": gettext_lazy("Number"),
    "gender": gettext_lazy("Gender"),
    "house_number": gettext_lazy("House number"),
    "number": gettext_lazy("House number"),
    "street": gettext_lazy("Street"),
    "address_line": gettext_lazy("Address"),
    "line": gettext_lazy("Address"),
    "place": gettext_lazy("Place"),
    "postcode": gettext_lazy("Postcode"),
    "region": gettext_lazy("Region"),
    "work": gettext_lazy("Work"),
    "handle": gettext_lazy("Handle"),
    "handle_and_name": gettext_lazy("Handle and name"),
    "handle_and_label": gettext_lazy("Handle and title"),
    "profile": gettext_lazy("Profile links"),
    "other": gettext_lazy("What is not for your role"),
}
AS_WHAT: dict[str, str | Promise] = {
    "same": gettext_lazy("the same"),
    "short_form": gettext_lazy("a short form"),
    "typing_error": gettext_lazy("a typing error apart"),
    "digit_wrong": gettext_lazy("one digit apart"),
    "two_digits_wrong": gettext_lazy("two digits apart"),
    "initial": gettext_lazy("only the initial"),
    "part": gettext_lazy("one part of it"),
    "swapped": gettext_lazy("swapped"),
    "straight": gettext_lazy("as usual"),
    "day_and_month_swapped": gettext_lazy("day and month swapped"),
    "same_local_part": gettext_lazy("the same before the @"),
    "same_end": gettext_lazy("the same last digits"),
    "same_district": gettext_lazy("the same district"),
    "same_core": gettext_lazy("the same but for additions"),
    "both_ways": gettext_lazy("they lead to each other"),
    "one_way": gettext_lazy("one leads to the other, which anybody can say"),
    "same_page": gettext_lazy("both name one page"),
    "different": gettext_lazy("different"),
    "nothing": gettext_lazy("nothing in common"),
    "none": gettext_lazy("nothing in common"),
}
ALIKE = gettext_lazy("alike")


def told(lines: Sequence[Sequence[Any]]) -> list[Bits]:
    """Lines of code, value, value and bits as a waterfall shows them, the strongest first after the beginning."""
    first = [Bits(_("Any two people"), bits) for code, *_values, bits in lines if code == "prior"]
    telling = (line for line in lines if line[0] != "prior" and abs(line[3]) >= LEAST_BITS)
    rest = sorted(telling, key=lambda line: -line[3])
    return [*first, *(Bits(_label(str(code), str(one), str(other)), bits) for code, one, other, bits in rest)]


def reason(name: str) -> str:
    """What a comparison is about, for a row of the list."""
    return str(OF_WHAT.get(name) or OF_WHAT.get(name.partition("_of_")[0]) or name.replace("_", " "))


def _label(code: str, one: str, other: str) -> str:
    name, _dot, level = code.partition(".")
    if not level:
        return reason(name)
    value = (one or other)[:MOST_VALUE]
    values = {
        "what": reason(name),
        "how": AS_WHAT.get(level, ALIKE),
        "value": value.title() if name in NAMES else value,
    }
    if level == "same" and value and name.partition("_of_")[0] in PLAIN:
        return _("%(what)s the same: %(value)s") % values
    return _("%(what)s: %(how)s") % values


def _between(actor: Actor, one: UUID, other: UUID) -> Sequence[Bits]:
    found = evidence_between(actor, one, other)
    return told(found.lines) if found else ()


register_evidence(_between)
