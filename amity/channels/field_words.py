"""What the fields of a row are called, and what is told of values that were left out. Also for files and programs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.outcomes import Outcome
from amity.channels.own_fields import CONSENT, is_own, own_fields
from amity.channels.records import LeftOut

FACTS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "organisation": gettext_lazy("Organisation"),
    "job_title": gettext_lazy("Job title"),
    "street": gettext_lazy("Street"),
    "postcode": gettext_lazy("Postcode"),
    "region": gettext_lazy("Region"),
    "city": gettext_lazy("City"),
    "country": gettext_lazy("Country"),
    "language": gettext_lazy("Language"),
    "birthday": gettext_lazy("Birthday"),
    "anniversary": gettext_lazy("Anniversary"),
    "website": gettext_lazy("Website"),
}
"""Facts of people by name."""

NETWORKS: dict[str, str | Promise] = {
    "email": gettext_lazy("E-mail address"),
    "phone": gettext_lazy("Phone number"),
}


def changed_words(found: Sequence[Outcome]) -> list[list[str]]:
    """Of each row the fields of which it said something new, as the screens call them, and what stays refused."""
    labels = field_labels({name for one in found for name in (*one.fields, *one.still_refused)})
    return [
        [
            _("%(field)s (still refused)") % {"field": labels[name]}
            if name in one.still_refused
            else labels[name]
            for name in dict.fromkeys((*one.fields, *one.still_refused))
        ]
        for one in found
    ]


def field_labels(names: Iterable[str]) -> dict[str, str]:
    """What fields of people are called on the screens; what a source named itself keeps its name."""
    listed = list(names)
    own = own_fields() if any(map(is_own, listed)) else {}
    return {name: _label(name, own[name].label if name in own else "") for name in listed}


def _label(name: str, own: str) -> str:
    if own:
        return own
    if name.startswith(CONSENT):  # of a purpose that there is not any more
        return name.removeprefix(CONSENT).replace(":", ", ")
    return str(FACTS.get(name) or NETWORKS.get(name) or name.partition(":")[2] or name)


_LEFT_OUT: dict[str, str | Promise] = {
    "email": gettext_lazy("“%(column)s”: “%(text)s” is no e-mail address, left out"),
    "phone": gettext_lazy("“%(column)s”: “%(text)s” is no phone number, left out"),
    "account": gettext_lazy("“%(column)s”: “%(text)s” is no account, left out"),
    "day": gettext_lazy("“%(column)s”: there is no day “%(text)s”, left out"),
    "consent": gettext_lazy("“%(column)s”: “%(text)s” does not say whether they agreed, left out"),
    "consent_day": gettext_lazy(
        "“%(column)s”: “%(text)s” is no day. Nobody knows when they agreed, so only refusals of this row count"
    ),
}
_TITLES: dict[str, str | Promise] = {
    "email": gettext_lazy("No e-mail address, left out"),
    "phone": gettext_lazy("No phone number, left out"),
    "account": gettext_lazy("No account, left out"),
    "day": gettext_lazy("No such day, left out"),
    "consent": gettext_lazy("Does not say whether they agreed, left out"),
    "consent_day": gettext_lazy("No day of the consent, only refusals count"),
}


def left_out_words(found: Sequence[LeftOut]) -> list[str]:
    """What is told of each value that was left out, and why. It quotes the row."""
    return [
        str(_LEFT_OUT.get(one.code) or _("“%(column)s”: “%(text)s” cannot be read, left out"))
        % {"column": one.column, "text": one.text}
        for one in found
    ]


def left_out_title(code: str, column: str) -> str:
    """A cause in a few words, without what the row says."""
    words = str(_TITLES.get(code) or _("Cannot be read, left out"))
    return f"{words}: {column}" if column else words
