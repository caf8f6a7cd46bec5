"""Kinds of fields, and why a text is no value of one, in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import LONGEST_TEXT, Refused

KINDS: dict[Kind, str | Promise] = {
    Kind.TEXT: pgettext_lazy("field", "Text"),
    Kind.NUMBER: pgettext_lazy("field", "Number"),
    Kind.MONEY: pgettext_lazy("field", "Money"),
    Kind.DATE: pgettext_lazy("field", "Date"),
    Kind.CHOICE: pgettext_lazy("field", "Choice"),
    Kind.CHOICES: pgettext_lazy("field", "Several choices"),
    Kind.PERSON: pgettext_lazy("field", "Person"),
    Kind.URL: pgettext_lazy("field", "Web address"),
    Kind.YES_NO: pgettext_lazy("field", "Yes or no"),
}
RESOURCES: dict[str, str | Promise] = {
    "person": gettext_lazy("People"),
    "organisation": gettext_lazy("Organisations"),
}
_NAMED_OPTIONS = 12


def refusal(definition: Definition, error: Refused) -> str:
    """Why this is no value of the field, and what one looks like."""
    words = {
        "label": definition.label,
        "text": error.text[:80],
        "currency": definition.currency,
        "most": LONGEST_TEXT,
        "known": _known(definition),
    }
    return {
        "too_long": _("“%(label)s” takes %(most)s characters at most."),
        "number": _("“%(text)s” is no number for “%(label)s”. Write it like 1234.5."),
        "too_precise": _(
            "“%(text)s” has too many digits for “%(label)s”: 15 before the point and 6 behind it are kept."
        ),
        "currency": _("“%(label)s” is in %(currency)s, and “%(text)s” is not."),
        "date": _("“%(text)s” is no date for “%(label)s”. Write it like 2026-03-04."),
        "choice": _("“%(text)s” is no choice of “%(label)s”. Known: %(known)s."),
        "person": _("“%(text)s” names nobody for “%(label)s”. Write an e-mail address of theirs."),
        "url": _("“%(text)s” is no web address for “%(label)s”. Write it like https://example.org."),
        "yes_no": _("“%(text)s” is neither yes nor no for “%(label)s”."),
    }[error.code] % words


def _known(definition: Definition) -> str:
    labels = [option.label for option in definition.offered]
    more = [_("%(n)s more") % {"n": len(labels) - _NAMED_OPTIONS}] if len(labels) > _NAMED_OPTIONS else []
    return ", ".join([*labels[:_NAMED_OPTIONS], *more])
