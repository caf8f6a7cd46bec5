"""A first mapping for a file that nobody has described, with reasons that a person can check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from amity.channels.adapters.file.guess_columns import ColumnGuess, assign
from amity.channels.adapters.file.guess_kinds import GUESSED, SAVED, WANTED, WHO, build_mapping
from amity.channels.adapters.file.mapping import Mapping, RecordKind, all_sources, column_key, column_keys
from amity.channels.adapters.file.patterns import Profile, detect_date, profile_column, uses_decimal_comma
from amity.channels.adapters.file.shape import Shape
from amity.channels.adapters.file.values import date_parser

_NATIVE_TYPES = frozenset({"message", "order", "person"})
_NEEDED: dict[RecordKind, tuple[tuple[str, ...], ...]] = {
    RecordKind.MESSAGE: (("text", "html"), ("at",), (*WHO, "name")),
    RecordKind.ORDER: (("amount", "line_amount", "line_price"), ("at",), ("id",), (*WHO, "name")),
    RecordKind.PERSON: (WHO,),
}


@dataclass(frozen=True, slots=True)
class Guess:
    """A mapping to start from. `confidence` is 0 to 1; `questions` are what only a person can answer."""

    mapping: Mapping
    confidence: float
    columns: tuple[ColumnGuess, ...] = ()
    questions: tuple[str, ...] = ()


def guess_mapping(shape: Shape, shipped: Iterable[Mapping]) -> list[Guess]:
    """Mappings that may fit a file, the best first: shipped or saved ones that know it, then one for each
    kind of record that its columns allow. May be empty."""
    profiles = _profiles(shape)
    found = [guess for mapping in shipped if (guess := _recognised(mapping, shape))]
    if shape.format.has_columns:
        found += [guess for kind in _NEEDED if (guess := _built(kind, profiles, shape))]
    return sorted(found, key=lambda guess: -guess.confidence)


def by_columns(shape: Shape) -> list[Mapping]:
    """One mapping for each kind of record that a table can hold, with the columns that may be meant, also where the
    most needed ones are missing: then its `problems` say which to choose. None for mail."""
    if not shape.format.has_columns or not shape.columns:
        return []
    profiles = _profiles(shape)
    return [
        fit_mapping(build_mapping(kind, assign(profiles, WANTED[kind]), profiles, shape), shape)
        for kind in _NEEDED
    ]


def fit_mapping(mapping: Mapping, shape: Shape) -> Mapping:
    """`mapping` with the date format and decimal sign that the values of this file are in."""
    dates = _cells_of(mapping, shape, ("at",))
    if dates and (date := detect_date(dates)) and date.is_sure:
        mapping = replace(mapping, date_format=date.date_format)
    amounts = _cells_of(mapping, shape, ("amount", "line_amount", "line_price"))
    if amounts and (comma := uses_decimal_comma(amounts)) is not None:
        mapping = replace(mapping, decimal_comma=comma)
    return mapping


def in_time_zone(mapping: Mapping, shape: Shape, time_zone: str) -> Mapping:
    """`mapping` with its times read in `time_zone`, where it was guessed and the file does not say the zone itself."""
    dates = _cells_of(mapping, shape, ("at",))
    if not mapping.name.startswith(GUESSED) or not any(
        _is_naive(mapping.date_format, cell) for cell in dates
    ):
        return mapping
    return replace(mapping, timezone=time_zone)


def _is_naive(date_format: str, cell: str) -> bool:
    """True for a time that is another instant in another place."""
    try:
        return date_parser(date_format)(cell) != date_parser(date_format, "Asia/Tokyo")(cell)
    except (ValueError, OverflowError):
        return False


def _profiles(shape: Shape) -> list[Profile]:
    return [
        profile_column(name, [row[index] for row in shape.sample]) for index, name in enumerate(shape.columns)
    ]


def _cells_of(mapping: Mapping, shape: Shape, fields: Iterable[str]) -> list[str]:
    keys = column_keys(shape.columns)
    cells: list[str] = []
    for field in fields:
        source = mapping.fields.get(field)
        for column in source.columns if source else ():
            if name := keys.get(column_key(column)):
                index = shape.columns.index(name)
                cells += [row[index].strip() for row in shape.sample if row[index].strip()]
    return cells


def _recognised(mapping: Mapping, shape: Shape) -> Guess | None:
    if shape.format not in mapping.formats:
        return None
    if not shape.format.has_columns:
        return Guess(mapping, 1.0, questions=_mail_questions(mapping))
    keys = column_keys(shape.columns)
    if not mapping.recognise or not all(column_key(name) in keys for name in mapping.recognise):
        return None
    if mapping.record is RecordKind.MIXED:
        types = (
            {row[shape.columns.index("type")] for row in shape.sample} if "type" in shape.columns else set()
        )
        return Guess(mapping, 0.99) if types and types <= _NATIVE_TYPES else None
    fitted = fit_mapping(mapping, shape)
    uses = _uses(fitted, keys)
    coverage = len(uses) / len(shape.columns)
    confidence = min(0.8, 0.5 + 0.07 * len(mapping.recognise)) + 0.19 * coverage
    if mapping.name.startswith(SAVED) and {column_key(name) for name in mapping.recognise} == keys.keys():
        confidence = 1.0  # somebody said how a file with just these columns is read
    columns = tuple(
        ColumnGuess(name, uses.get(name, ""), 1.0, "a column of this export" if name in uses else "not used")
        for name in shape.columns
    )
    return Guess(fitted, round(confidence, 2), columns, _questions(fitted, shape))


def _mail_questions(mapping: Mapping) -> tuple[str, ...]:
    if mapping.own_addresses or mapping.record is not RecordKind.MESSAGE:
        return ()
    return ("Which e-mail addresses are yours? Mail from them counts as sent by you.",)


def _uses(mapping: Mapping, keys: dict[str, str]) -> dict[str, str]:
    uses: dict[str, str] = {}
    for field, source in all_sources(mapping):
        for column in source.columns:
            if name := keys.get(column_key(column)):
                uses.setdefault(name, field)
    return uses


def _built(kind: RecordKind, profiles: Sequence[Profile], shape: Shape) -> Guess | None:
    chosen = assign(profiles, WANTED[kind])
    scores = [
        max((guess.confidence for guess in chosen if guess.field in options), default=0.0)
        for options in _NEEDED[kind]
    ]
    if not profiles or not all(scores):
        return None
    mapping = fit_mapping(build_mapping(kind, chosen, profiles, shape), shape)
    confidence = 0.9 * sum(scores) / len(scores) * _fitness(kind, chosen, profiles)
    return Guess(
        mapping, round(confidence, 2), _explained(kind, chosen, profiles), _questions(mapping, shape)
    )


def _fitness(kind: RecordKind, chosen: Sequence[ColumnGuess], profiles: Sequence[Profile]) -> float:
    """Less than 1 where the file has what this kind of record would leave out, or lacks what is usual."""
    fields = {guess.field for guess in chosen}
    if kind is RecordKind.PERSON:
        talks = any(profile.words_share > 0.5 and profile.mean_length > 40 for profile in profiles)
        # However short they are: what has a subject and words is what somebody said, not a note about a contact.
        talks = talks or len(assign(profiles, ["subject", "text"])) == 2
        buys = any(
            guess.field == "amount" and guess.confidence > 0.6 for guess in assign(profiles, ["amount"])
        )
        named = bool(fields & {"name", "given_name", "family_name"})
        reachable = bool(fields & {"email", "phone"})
        return (0.5 if talks or buys else 1.0) * (1.0 if named else 0.8) * (1.0 if reachable else 0.7)
    if kind is RecordKind.MESSAGE:
        text = next((guess for guess in chosen if guess.field in {"text", "html"}), None)
        sentences = next((profile for profile in profiles if text and profile.name == text.column), None)
        return 1.0 if sentences and sentences.words_share > 0.3 else 0.5
    return 1.0


def _explained(
    kind: RecordKind, chosen: Sequence[ColumnGuess], profiles: Sequence[Profile]
) -> tuple[ColumnGuess, ...]:
    by_column = {guess.column: guess for guess in chosen}
    rest = "kept as a fact" if kind is RecordKind.PERSON else "not used"
    return tuple(
        by_column.get(profile.name, ColumnGuess(profile.name, "", 0.0, rest if profile.filled else "empty"))
        for profile in profiles
    )


def _questions(mapping: Mapping, shape: Shape) -> tuple[str, ...]:
    asked = []
    dates = _cells_of(mapping, shape, ("at",))
    date = detect_date(dates) if dates else None
    if date and not date.is_sure:
        asked.append(f"Is the first number of {dates[0]} the day or the month?")
    asked += [problem.reason for problem in mapping.problems(shape)]
    if mapping.record is RecordKind.MESSAGE and not (
        mapping.direction.source.columns or mapping.own_addresses
    ):
        asked.append("Which accounts are yours? Messages from them count as answers.")
    return tuple(asked)
