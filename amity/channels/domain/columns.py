"""The columns of a file and what each is used for, as a person sees and changes it: one use a column."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from amity.channels.adapters.file.mapping import (
    FIELDS,
    DirectionRule,
    HandleSource,
    Mapping,
    RecordKind,
    Source,
    column_key,
    column_keys,
)

WHO: Final = "handles"
TO: Final = "recipients"
SPEAKER: Final = "direction"
KEEP: Final = "keep"
NOT_USED: Final = ""
OWN_NUMBER: Final = "customer:{source}"
NETWORKS = (
    "email", "phone", OWN_NUMBER, "twitter", "mastodon", "bluesky", "instagram", "facebook", "slack", "telegram",
)  # fmt: skip

_FACTS: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.MESSAGE: ("organisation", "city", "country"),
    RecordKind.ORDER: ("organisation", "city", "country"),
    RecordKind.PERSON: (
        "given_name", "family_name", "organisation", "job_title", "street", "postcode", "city", "region",
        "country", "language", "birthday", "website",
    ),
    RecordKind.MIXED: (),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Use:
    """What a column is for: a field, `handles`, `recipients`, `direction`, `facts.…`, `extra.…`, or nothing.

    `network` is told for handles and recipients only.
    """

    role: str = NOT_USED
    network: str = ""


def roles_of(kind: RecordKind) -> tuple[str, ...]:
    """Everything that a column of such a file may be used for, besides nothing at all."""
    talks = (TO, SPEAKER) if kind is RecordKind.MESSAGE else ()
    facts = tuple(f"facts.{name}" for name in _FACTS[kind])
    return (WHO, *talks, *FIELDS[kind], *facts, KEEP)


def uses_of(mapping: Mapping, columns: Sequence[str]) -> dict[str, Use]:
    """The first use of every column, in the order of the file."""
    keys = column_keys(columns)
    found = dict.fromkeys(columns, Use())

    def note(source: Source, use: Use) -> None:
        for column in source.columns:
            name = keys.get(column_key(column))
            if name is not None and not found[name].role:
                found[name] = use

    for handle in mapping.handles:
        note(handle.source, Use(WHO, handle.network))
    for handle in mapping.recipients:
        note(handle.source, Use(TO, handle.network))
    for field, source in mapping.fields.items():
        note(source, Use(field))
    note(mapping.direction.source, Use(SPEAKER))
    return found


def change_use(mapping: Mapping, column: str, use: Use) -> Mapping:
    """`mapping` with `column` used for this and nothing else. Where only one column can be used so, it takes over."""
    mapping = without(mapping, column)
    source = Source((column,))
    if use.role == NOT_USED:
        return mapping
    if use.role == WHO:
        return replace(mapping, handles=(*mapping.handles, HandleSource(use.network or OWN_NUMBER, source)))
    if use.role == TO:
        other = HandleSource(use.network or OWN_NUMBER, source, separator=",")
        return replace(mapping, recipients=(*mapping.recipients, other))
    if use.role == SPEAKER:
        return replace(mapping, direction=replace(mapping.direction, source=source))
    role = kept_role(mapping.record, column) if use.role == KEEP else use.role
    return replace(mapping, fields={**mapping.fields, role: source})


def kept_role(kind: RecordKind, column: str) -> str:
    """Where a column is kept that means nothing else: a fact of the person, or an extra of the message or order."""
    return f"{'facts' if kind is RecordKind.PERSON else 'extra'}.{column_key(column) or 'column'}"


def without(mapping: Mapping, column: str) -> Mapping:
    """`mapping` with no use of `column`; what it alone filled is gone."""
    key = column_key(column)

    def is_other(name: str) -> bool:
        return column_key(name) != key

    fields = {field: kept for field, source in mapping.fields.items() if (kept := _without(source, is_other))}
    return replace(
        mapping,
        fields=fields,
        handles=_other_handles(mapping.handles, is_other),
        recipients=_other_handles(mapping.recipients, is_other),
        direction=replace(mapping.direction, source=_without(mapping.direction.source, is_other) or Source()),
    )


def _without(source: Source, is_other: Callable[[str], bool]) -> Source | None:
    columns = tuple(filter(is_other, source.columns))
    if columns == source.columns:
        return source
    return replace(source, columns=columns) if columns or source.constant else None


def _other_handles(
    handles: tuple[HandleSource, ...], is_other: Callable[[str], bool]
) -> tuple[HandleSource, ...]:
    kept = []
    for handle in handles:
        source = _without(handle.source, is_other)
        if source is not None:
            label = _without(handle.label, is_other) if handle.label else None
            kept.append(replace(handle, source=source, label=label))
    return tuple(kept)


def speakers(rule: DirectionRule) -> dict[str, str]:
    """Which word means whom: `in`, `out` or `internal`."""
    told = dict.fromkeys(rule.theirs, "in") | dict.fromkeys(rule.ours, "out")
    return told | dict.fromkeys(rule.internal, "internal")


def with_speakers(rule: DirectionRule, told: dict[str, str]) -> DirectionRule:
    """`rule` with these words for customers (`in`), us (`out`) and notes (`internal`)."""

    def words(whom: str) -> tuple[str, ...]:
        return tuple(word for word, meant in told.items() if meant == whom)

    return replace(rule, theirs=words("in"), ours=words("out"), internal=words("internal"))
