"""The company's own fields, judged: whether there is a value, whether it is one, whether it is fresh and agreed on."""

from __future__ import annotations

from collections.abc import Iterable

from amity.people.domain.fields.conditions import word_of
from amity.people.domain.fields.definition import Definition, Kind
from amity.people.domain.fields.values import shown, stored
from amity.people.queries.fields import all_fields
from amity.quality.domain.checks import check_words
from amity.quality.domain.fields import Field

STAYING = frozenset({Kind.DATE, Kind.PERSON})
"""What was said once stays so: the day of something, who brought whom."""


def own_fields() -> Iterable[Field]:
    """One for each field of people that is not hidden. Until an administrator says otherwise none of them counts."""
    return [_field(one) for one in all_fields() if not one.is_hidden]


def _field(one: Definition) -> Field:
    def check(value: str) -> str:
        if not stored(one, value):
            return "unknown" if one.kind.has_options else "syntax"
        return check_words(value) if one.kind is Kind.TEXT else ""

    def counts(value: str) -> str:
        """An option that was cleared is no value; what is not valid is one that is not valid."""
        return shown(one, value) if stored(one, value) else value

    def same(value: str) -> str:
        return word_of(one, counts(value))

    def named(value: str) -> str:
        if not one.kind.has_options:
            return value
        options = [(one.option(key), key) for key in counts(value).split(",")]
        return ", ".join(option.label if option else key for option, key in options)

    return Field(
        one.fact, one.label, check=check, suggest=lambda _value: None, ages=one.kind not in STAYING,
        is_single=one.kind is not Kind.CHOICES, same=same, counts=counts, named=named, is_settled=False,
    )  # fmt: skip
