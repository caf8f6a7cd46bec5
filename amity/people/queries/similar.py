"""Words of the vocabulary that a typed one may mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db import connection

from amity.people.domain.patterns import MOST_WRONG, Alike, Pattern, each_by_itself, similar
from amity.people.domain.spelling import keys_of, wrong_letters

_ALIKE = """
    SELECT typed, word FROM unnest(%s::text[], %s::text[]) AS asked(typed, typed_keys), people_word
    WHERE keys && typed_keys::int[] AND length(word) BETWEEN length(typed) - %s AND length(typed) + %s
"""
_UNKNOWN = """
    SELECT typed FROM unnest(%s::text[]) AS asked(typed)
    WHERE typed ~ '[^0-9]' AND NOT EXISTS (SELECT FROM people_word WHERE word >= typed AND word < typed || %s)
"""


@dataclass
class Meant:
    """What folded words may mean. It is looked up when somebody asks for it, and once.

    The patterns hold words of all records, of hidden ones too: of what they find show only what the actor may see, and
    never the words themselves.
    """

    words: Sequence[str]
    wrong: int = 0
    """So many letters were taken for wrong at most until now."""
    _near: dict[tuple[bool, int], Alike] = field(default_factory=dict)

    def levels(self, *, unknown_only: bool = False, most: int = MOST_WRONG) -> Iterator[list[Pattern]]:
        """Patterns by how many letters are wrong in all, fewest first, `most` at most; at last with each word wrong by
        itself, whatever the others are: one more question, where nothing else was enough.

        With `unknown_only` none but the words with which no word begins are taken for wrong, for half the cost. Which
        ones these are follows from hidden records too, so that is for who sees everybody.
        """
        for count in range(1, most + 1):
            self.wrong = max(self.wrong, count)
            # One wrong letter is looked for first: it is most often so, and costs a quarter.
            asked = unknown_only, min(count, 2)
            if asked not in self._near:
                self._near[asked] = alike(sorted(self.unknown) if unknown_only else self.words, asked[1])
            if patterns := similar(self.words, self._near[asked], self.unknown, count):
                yield patterns
        if not unknown_only and most == MOST_WRONG:
            pattern = each_by_itself(self.words, self._near[False, 2], self.unknown)
            if pattern is not None:
                yield [pattern]

    @cached_property
    def unknown(self) -> set[str]:
        """The words with which no word of the vocabulary begins."""
        with connection.cursor() as cursor:
            cursor.execute(_UNKNOWN, [list(self.words), "\U0010ffff"])
            return {word for (word,) in cursor.fetchall()}

    @property
    def is_partly_known(self) -> bool:
        """Whether some words are known and some are not."""
        return 0 < len(self.unknown) < len(self.words)


def alike(words: Sequence[str], most: int = 2) -> Alike:
    """For each word those of the vocabulary that are spelt like it, by how many letters are wrong: at most `most`."""
    asked = {word: keys for word in words if (keys := keys_of(word, most))}
    if not asked:
        return {}
    with connection.cursor() as cursor:
        as_text = ["{" + ",".join(map(str, keys)) + "}" for keys in asked.values()]
        cursor.execute(_ALIKE, [list(asked), as_text, most, most])
        near = cursor.fetchall()
    found: dict[str, dict[int, list[str]]] = {}
    for typed, word in sorted(near):
        if (wrong := wrong_letters(typed, word)) and wrong <= most:
            found.setdefault(typed, {}).setdefault(wrong, []).append(word)
    return found
