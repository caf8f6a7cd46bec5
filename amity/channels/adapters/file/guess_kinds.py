"""From columns that are understood to a mapping, for messages, orders and people."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from amity.channels.adapters.file.guess_columns import ColumnGuess
from amity.channels.adapters.file.mapping import (
    DirectionRule,
    HandleSource,
    Mapping,
    RecordKind,
    Source,
    column_key,
)
from amity.channels.adapters.file.patterns import Profile
from amity.channels.adapters.file.shape import Shape
from amity.channels.adapters.file.values import words

GUESSED = "guessed-"
"""How the name of a mapping begins that was made from the columns of one file."""
SAVED = "saved-"
"""How the name of one begins that somebody saved for further files."""

WHO = ("email", "phone", "handle", "customer")
_FACTS = words(
    "given_name family_name organisation job_title street postcode city country region birthday website"
)
_PLAIN: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.MESSAGE: words("id at text html subject in_reply_to thread language direction public staff"),
    RecordKind.ORDER: words(
        "id at amount currency status items line_sku line_name line_quantity line_price line_amount"
    ),
    RecordKind.PERSON: words("id at"),
}
WANTED: dict[RecordKind, tuple[str, ...]] = {
    RecordKind.MESSAGE: (*_PLAIN[RecordKind.MESSAGE], *WHO, "name", "to", "rating", "city", "country"),
    RecordKind.ORDER: (*_PLAIN[RecordKind.ORDER], *WHO, "name", "city", "country", "organisation"),
    RecordKind.PERSON: (*_PLAIN[RecordKind.PERSON], *WHO, "name", "language", *_FACTS),
}
"""What is looked for in a file of each kind."""

_NETWORKS = {"email": "email", "phone": "phone"}
_KNOWN_NETWORKS = ("twitter", "mastodon", "bluesky", "instagram", "facebook", "slack", "telegram")
_THEIRS = frozenset(
    words("in inbound incoming customer user client contact enduser kunde eingehend entrante entrant")
)
_OURS = frozenset(
    words("out outbound outgoing agent staff admin brand company operator us mitarbeiter ausgehend")
)
_INTERNAL = frozenset(words("internal note private privatenote intern"))
_YES = frozenset(words("true yes 1 y t ja oui si sí wahr vrai"))
_NO = frozenset(words("false no 0 n f nein non falsch faux"))


def build_mapping(
    kind: RecordKind, chosen: Sequence[ColumnGuess], profiles: Sequence[Profile], shape: Shape
) -> Mapping:
    """The mapping that puts the chosen columns to use."""
    by_field = {guess.field: guess.column for guess in reversed(chosen)}
    if "given_name" in by_field and "name" in by_field and "family_name" not in by_field:
        by_field["family_name"] = by_field.pop("name")  # beside a given name, “Name” is the other one
    fields = {field: Source((by_field[field],)) for field in _PLAIN[kind] if field in by_field}
    named = {RecordKind.MESSAGE: "author_name", RecordKind.ORDER: "buyer_name", RecordKind.PERSON: "name"}[
        kind
    ]
    if "name" in by_field:
        fields[named] = Source((by_field["name"],))
    for fact in (*_FACTS, *(["language"] if kind is RecordKind.PERSON else [])):
        if fact in by_field:
            fields[f"facts.{fact}"] = Source((by_field[fact],))
    if "rating" in by_field:
        fields["extra.rating"] = Source((by_field["rating"],))
    fields.pop("direction", None)
    mapping = Mapping(
        name=f"{GUESSED}{kind}",
        title=f"Guessed from the columns: {kind}",
        record=kind,
        source="import",
        fields=fields,
        handles=_handles(chosen, by_field),
        formats=(shape.format,),
        options={"keep_other_columns": True} if kind is RecordKind.PERSON else {},
    )
    return _with_details(mapping, by_field, {profile.name: profile for profile in profiles})


def _with_details(mapping: Mapping, by_field: dict[str, str], seen: dict[str, Profile]) -> Mapping:
    if "at" in by_field and (date := seen[by_field["at"]].date):
        mapping = replace(mapping, date_format=date.date_format)
    if mapping.record is RecordKind.ORDER:
        has_lines = any(field.startswith("line_") for field in by_field)
        repeats = "id" in by_field and seen[by_field["id"]].distinct_share < 1
        return replace(mapping, options={"lines": True}) if has_lines and repeats else mapping
    if mapping.record is RecordKind.MESSAGE:
        return _with_conversation(mapping, by_field, seen)
    return mapping


def _with_conversation(mapping: Mapping, by_field: dict[str, str], seen: dict[str, Profile]) -> Mapping:
    if "direction" in by_field:
        mapping = replace(mapping, direction=_direction(seen[by_field["direction"]]))
    if "to" in by_field:
        is_mail = seen[by_field["to"]].share("email") >= 0.5 or not mapping.handles
        network = "email" if is_mail else mapping.handles[0].network
        mapping = replace(
            mapping, recipients=(HandleSource(network, Source((by_field["to"],)), separator=","),)
        )
    if "rating" in by_field:
        mapping = replace(mapping, channel="review", is_public=True)
    elif "subject" in by_field and "email" in by_field:
        mapping = replace(mapping, channel="email", options={"fold_quotes": True})
    mentions = (
        sum(example.startswith("@") for example in seen[by_field["text"]].examples)
        if "text" in by_field
        else 0
    )
    return replace(mapping, recipients_from_mentions=mentions >= 2 and "handle" in by_field)


def _handles(chosen: Sequence[ColumnGuess], by_field: dict[str, str]) -> tuple[HandleSource, ...]:
    handles = []
    for field in WHO:
        for guess in chosen:
            if guess.field == field:
                network = _NETWORKS.get(field) or _network_named(guess.column)
                handles.append(HandleSource(network, Source((guess.column,))))
    if not handles and "name" in by_field:
        handles.append(HandleSource("customer:{source}", Source((by_field["name"],), transform="lower")))
    return tuple(handles)


def _network_named(column: str) -> str:
    words = re.findall(r"[a-z]+", column.lower())
    return next((network for network in _KNOWN_NETWORKS if network in words), "customer:{source}")


def _direction(profile: Profile) -> DirectionRule:
    """Which values mean ours: words for it, or yes and no under a name such as “inbound”."""
    source = Source((profile.name,))
    words = {column_key(value): value for value in sorted(profile.values)}
    if set(words) <= _YES | _NO:
        ours = (
            _YES
            if re.search(r"out|agent|staff|ausgehend|saliente|sortant", profile.name, re.IGNORECASE)
            else _NO
        )
        return DirectionRule(source, ours=tuple(words[key] for key in words if key in ours))
    return DirectionRule(
        source,
        ours=tuple(words[key] for key in words if key in _OURS),
        internal=tuple(words[key] for key in words if key in _INTERNAL),
        theirs=tuple(words[key] for key in words if key in _THEIRS),
    )
