"""Whether bytes or words name somebody: by an address, a number in any notation, or a name that only they have."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote, quote_plus, unquote_plus

SHORTEST = 5
"""Characters of an address that is looked for as words. A shorter one (customer 4711) would be found everywhere."""
SHORTEST_NUMBER, ENDING = 7, 9
_NUMBER = re.compile(rb"\d[\d ()./-]{5,}\d")
_NO_DIGIT = re.compile(rb"\D+")
# joann@x.example does not name ann@x.example, and ann@x.example.net is another address.
_BEFORE, _AFTER = rb"(?<![A-Za-z0-9._%+-])", rb"(?![A-Za-z0-9_-]|\.[A-Za-z0-9])"


@dataclass(frozen=True, slots=True)
class Mentions:
    """What somebody is found by, ready to be looked for."""

    words: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    _pattern: re.Pattern[bytes] | None = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_pattern", _compiled(self.words))

    def are_in(self, raw: bytes) -> bool:
        """Whether these bytes name them, in one of the usual encodings, whatever the case of ASCII letters."""
        if self._pattern is not None and self._pattern.search(raw):
            return True
        if not self.numbers:
            return False
        return any(
            _NO_DIGIT.sub(b"", found.group()).endswith(number.encode())
            for found in _NUMBER.finditer(raw)
            for number in self.numbers
        )

    def are_in_text(self, text: str) -> bool:
        """The same for words, also as they stand in the address of a page."""
        return self.are_in(text.encode()) or self.are_in(unquote_plus(text).encode())

    def patterns(self) -> list[str]:
        """The words as patterns of LIKE, by which rows are found that are worth a closer look."""
        spelt = {one for word in self.words for one in (word, quote(word), quote_plus(word), _in_json(word))}
        return sorted(f"%{_escaped(one)}%" for one in spelt | set(self.numbers))


def mentions_of(addresses: Iterable[str], names: Iterable[str]) -> Mentions:
    """What to look for. Of a number the last digits count: notations differ in what stands before them."""
    listed = list(addresses)
    words = [one for one in (*listed, *names) if len(one) >= SHORTEST]
    numbers = [one for address in listed if (one := _number(address))]
    return Mentions(tuple(dict.fromkeys(words)), tuple(dict.fromkeys(numbers)))


def _number(address: str) -> str:
    digits = re.sub(r"\D", "", address)
    is_number = re.fullmatch(r"\+?[\d\s()./-]+", address) and len(digits) >= SHORTEST_NUMBER
    return digits[-ENDING:] if is_number else ""


def _compiled(words: Iterable[str]) -> re.Pattern[bytes] | None:
    plain, wide = set(), set()
    for word in words:
        plain |= {word.encode(), quote(word).encode(), _in_json(word).encode()}
        wide |= {word.encode("utf-16-le"), word.encode("utf-16-be")}
        if not word.isascii():
            plain.add(word.encode("latin-1", "replace"))
    if not plain:
        return None
    whole = _BEFORE + b"(?:" + b"|".join(map(re.escape, sorted(plain))) + b")" + _AFTER
    return re.compile(whole + b"|" + b"|".join(map(re.escape, sorted(wide))), re.IGNORECASE)


def _in_json(word: str) -> str:
    return json.dumps(word)[1:-1]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
