"""Words of the vocabulary that a typed one may mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import connection

from amity.people.domain.patterns import Alike, Pattern, similar
from amity.people.domain.spelling import keys_of, wrong_letters

_ALIKE = """
    SELECT typed, word FROM unnest(%s::text[], %s::text[]) AS asked(typed, typed_keys), people_word
    WHERE keys && typed_keys::int[] AND length(word) BETWEEN length(typed) - 2 AND length(typed) + 2
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

    @cached_property
    def levels(self) -> list[list[Pattern]]:
        """Patterns by how many letters are wrong in all, fewest first."""
        return list(similar(self.words, alike(self.words), self.unknown))

    @cached_property
    def levels_of_unknown(self) -> list[list[Pattern]]:
        """The same where only those words are wrong with which no word begins: for half the cost. Which ones these are
        follows from hidden records too, so this is only for who sees everybody."""
        if not self.unknown or len(self.unknown) == len(self.words):
            return []
        return list(similar(self.words, alike(sorted(self.unknown)), self.unknown))

    @cached_property
    def unknown(self) -> set[str]:
        """The words with which no word of the vocabulary begins."""
        with connection.cursor() as cursor:
            cursor.execute(_UNKNOWN, [list(self.words), "\U0010ffff"])
            return {word for (word,) in cursor.fetchall()}


def alike(words: Sequence[str]) -> Alike:
    """For each word those of the vocabulary that are spelt like it, by how many letters are wrong."""
    asked = {word: keys for word in words if (keys := keys_of(word))}
    if not asked:
        return {}
    with connection.cursor() as cursor:
        as_text = ["{" + ",".join(map(str, keys)) + "}" for keys in asked.values()]
        cursor.execute(_ALIKE, [list(asked), as_text])
        near = cursor.fetchall()
    found: dict[str, dict[int, list[str]]] = {}
    for typed, word in sorted(near):
        if wrong := wrong_letters(typed, word):
            found.setdefault(typed, {}).setdefault(wrong, []).append(word)
    return found
