"""The register of personal data in words: for its page, its files, the interface and the reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amity.kernel import register
from amity.kernel.actor import Actor
from amity.kernel.register import Declared, Holds
from amity.retention.queries import ListedRule, rules_by_table


@dataclass(frozen=True, slots=True)
class Row:
    """A table or folder: what it holds of customers (kind → columns), of colleagues, what an erasure does, and the
    rules of retention that take something out of it: in words, and `by` which."""

    name: str
    package: str
    is_folder: bool
    holds: tuple[tuple[str, tuple[str, ...]], ...]
    of_colleagues: tuple[str, ...]
    fate: str
    fate_words: str
    rules: tuple[str, ...]
    by: tuple[By, ...]


@dataclass(frozen=True, slots=True)
class By:
    """A rule of retention: its id, its name, and what it says."""

    id: str
    name: str
    words: str


def rows(actor: Actor, *, empty: bool = True) -> list[Row]:
    """All of it; without `empty` only what holds something of somebody. Raises `Forbidden`."""
    rules = rules_by_table(actor)
    found = [_row(one, rules.get(one.name, ())) for one in register.register()]
    return found if empty else [row for row in found if row.holds or row.of_colleagues]


def _row(one: Declared, rules: Sequence[ListedRule]) -> Row:
    by_kind: dict[Holds, list[str]] = {}
    for column, kind in one.personal.items():
        by_kind.setdefault(kind, []).append(column)
    colleagues = by_kind.pop(Holds.COLLEAGUE, [])
    return Row(
        name=one.name,
        package=one.package,
        is_folder=one.is_folder,
        holds=tuple((str(kind.label), tuple(sorted(by_kind[kind]))) for kind in Holds if kind in by_kind),
        of_colleagues=tuple(sorted(colleagues)),
        fate=one.fate.value,
        fate_words=str(one.fate.label),
        rules=tuple(each.words for each in rules),
        by=tuple(By(str(each.rule.pk), each.rule.name, each.words) for each in rules),
    )


def as_csv_rows(actor: Actor) -> list[tuple[str, ...]]:
    """A row for each column that holds something. Raises `Forbidden`."""
    rules = rules_by_table(actor)
    return [
        (
            one.name,
            column,
            kind.value,
            one.fate.value,
            " ".join(each.words for each in rules.get(one.name, ())),
        )
        for one in register.register()
        for column, kind in sorted(one.personal.items())
    ]
