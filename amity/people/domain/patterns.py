"""What somebody typed, as patterns of words: each can be asked of PostgreSQL in two ways, and read in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from amity.people.domain.folding import fold

MOST_WORDS = 8
MOST_WRONG = 3
"""So many letters of all words together may be wrong."""
LEAST_DIGITS = 4
_NUMBER = re.compile(r"[-+0-9 ()/.]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One of these folded words, or any that begins with `start`."""

    words: tuple[str, ...] = ()
    start: str = ""

    def fits(self, words: Collection[str]) -> bool:
        """Whether one of `words` is meant."""
        if any(word in words for word in self.words):
            return True
        return bool(self.start) and any(word.startswith(self.start) for word in words)

    def query(self) -> str:
        """As a part of a tsquery in the configuration `simple`."""
        parts = [f"'{word}'" for word in self.words] + ([f"'{self.start}':*"] if self.start else [])
        return f"({' | '.join(parts)})"

    def expression(self) -> str:
        """As a regular expression of PostgreSQL over words that single spaces part. Words hold no sign of one."""
        parts = [f"{word}( |$)" for word in self.words] + ([self.start] if self.start else [])
        return f"(^| )({'|'.join(parts)})"


Pattern: TypeAlias = tuple[Term, ...]
"""All of these."""


def fits(patterns: Iterable[Pattern], words: Collection[str]) -> bool:
    """Whether one of the patterns fits these words."""
    return any(all(term.fits(words) for term in pattern) for pattern in patterns)


def query_of(patterns: Iterable[Pattern]) -> str:
    """The patterns as one tsquery: any of them."""
    return " | ".join(f"({' & '.join(term.query() for term in pattern)})" for pattern in patterns)


def words_of(typed: str) -> tuple[str, ...]:
    """The folded words of what was typed, each once, at most `MOST_WORDS`."""
    return tuple(dict.fromkeys(fold(typed[:200]).split()[:MOST_WORDS]))


def digits_of(typed: str) -> str:
    """The digits of a number in any notation, without the one or two zeros in front, which stand for no country or for
    another; "" for what is no number or a short one.

    >>> digits_of("+49 (341) 123-45"), digits_of("0341 12345"), digits_of("K4711"), digits_of("12")
    ('4934112345', '34112345', '', '')
    """
    if not _NUMBER.fullmatch(typed.strip()):
        return ""
    digits = re.sub("^00?", "", "".join(re.findall("[0-9]", typed)))
    return digits if len(digits) >= LEAST_DIGITS else ""


def exact(typed: str) -> list[Pattern]:
    """Every word stands there as it was typed."""
    return _with_number(typed, lambda word: Term(words=(word,)))


def beginning(typed: str) -> list[Pattern]:
    """Every word is the beginning of one that stands there."""
    return _with_number(typed, lambda word: Term(start=word))


def _with_number(typed: str, term: Callable[[str], Term]) -> list[Pattern]:
    words = words_of(typed)
    if not words:
        return []
    joined = "".join(words)
    patterns = [tuple(term(word) for word in words)]
    if len(words) > 1 and digits_of(typed):
        patterns.append((term(joined),))
    return patterns


Alike: TypeAlias = Mapping[str, Mapping[int, Sequence[str]]]
"""For each typed word those that it may mean, by how many letters of it are wrong then (1 or more)."""


def similar(words: Sequence[str], alike: Alike, unknown: Collection[str], count: int) -> list[Pattern]:
    """Patterns with `count` letters wrong in all. `unknown` are typed words with which none begins."""
    options: list[dict[int, Term]] = []
    for word in words:
        right = {} if word in unknown else {0: Term(start=word)}
        wrong = {count: Term(words=tuple(meant)) for count, meant in alike.get(word, {}).items() if meant}
        options.append(right | wrong)
    return list(_chosen(options, count))


def each_by_itself(words: Sequence[str], alike: Alike, unknown: Collection[str]) -> Pattern | None:
    """Every word right, or wrong by as many letters as it may be by itself; None where no more can be wrong so than
    `MOST_WRONG` in all, or a word can mean nothing."""
    if sum(max(alike.get(word, {}), default=0) for word in words) <= MOST_WRONG:
        return None
    terms = tuple(
        Term(
            words=tuple(meant for near in alike.get(word, {}).values() for meant in near),
            start="" if word in unknown else word,
        )
        for word in words
    )
    return terms if all(term.words or term.start for term in terms) else None


def _chosen(options: Sequence[Mapping[int, Term]], count: int) -> Iterator[Pattern]:
    """One term for each word, with `count` letters wrong in all."""
    if not options:
        if count == 0:
            yield ()
        return
    for wrong, term in options[0].items():
        if wrong <= count:
            for rest in _chosen(options[1:], count - wrong):
                yield (term, *rest)
