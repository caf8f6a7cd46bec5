"""Names of people in parts that can be compared: folded, without titles and particles, with their short forms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from amity.people.domain.folding import fold

TITLES = frozenset(
    "mr mrs ms miss mx dr prof professor sir dame lord lady rev revd reverend fr father sister brother hon "
    "honourable honorable capt captain col colonel gen general lt lieutenant sgt sergeant maj major "
    "herr frau hr fr dipl ing mag magister don dona dna sr sra srta senor senora mme mlle madame monsieur mons "
    "sheikh haji rabbi pastor imam doktor doctor baron baroness count countess viscount earl duke duchess".split()
)
SUFFIXES = frozenset(
    "jr sr junior senior ii iii iv phd md mba msc bsc ba ma dds esq esquire obe mbe cbe kcb qc kc mp cpa rn "
    "1st 2nd 3rd bart baronet bt filho neto".split()
)
PARTICLES = frozenset(
    "van von der den de del della di da das dos du la le les lo los las el al ter ten te zu zum zur y e i bin ibn bint "
    "ben abu af av st san santa mac mc o d l vom vander".split()
)
_LETTERS = str.maketrans(
    {
        **dict(zip("абвгдезийклмнопрстуфцыэіґ", "abvgdeziiklmnoprstufcyeig", strict=True)),
        "ж": "zh",
        "х": "kh",
        "ч": "ch",
        "ш": "sh",
        "щ": "shch",
        "ю": "yu",
        "я": "ya",
        "ё": "e",
        "ь": "",
        "ъ": "",
        "є": "ye",
        "ї": "yi",
        "ў": "u",
        "ј": "j",
        "љ": "lj",
        "њ": "nj",
        "ћ": "c",
        "ђ": "dj",
        "џ": "dz",
        **dict(zip("αβγδεζηικλμνξοπρσςτυφω", "avgdeziiklmnxoprsstyfo", strict=True)),
        "θ": "th",
        "χ": "ch",
        "ψ": "ps",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
        "ð": "d",
        "đ": "d",
        "ħ": "h",
        "ı": "i",
        "ŋ": "n",
    }
)
_BREAKS = re.compile(r"[\W_]+")
_COMMA = re.compile(r"\s*,\s*")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in parts. `given` and `family` hold no spaces, `family` no particle before another word."""

    given: str
    middle: tuple[str, ...]
    family: str
    family_words: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.given or self.family)


@lru_cache(maxsize=50_000)
def latin(text: str) -> str:
    """`text` folded (see `fold`) and, where it is Cyrillic or Greek, in Latin letters.

    >>> latin("Юрий Ковальчук"), latin("Søren Æbelø")
    ('yurii kovalchuk', 'soren aebelo')
    """
    if text.isascii():
        return text.lower() if text.isalnum() else _BREAKS.sub(" ", text.lower()).strip()
    lowered = unicodedata.normalize("NFC", text).casefold()
    return fold(unicodedata.normalize("NFKD", lowered.translate(_LETTERS)).casefold().translate(_LETTERS))


def squeezed(text: str) -> str:
    """`text` in Latin letters and digits only, without spaces: 'St. John's Rd' is 'stjohnsrd'."""
    return latin(text).replace(" ", "")


def parse_name(given: str = "", middle: str = "", family: str = "", full: str = "") -> Name:
    """The parts of a name that was given in fields, or as one text ('Dr. Ana de la Cruz', 'Cruz, Ana').

    Where fields and text are both there, the fields say which word is which and the text adds words in the middle.
    """
    if not given and not family:
        return _parse_text(full)
    first, *more = _words(given, TITLES) or [""]
    last = _words(family, SUFFIXES) or []
    between = [*more, *_words(middle, SUFFIXES)]
    if full and not between and first:
        between = [word for word in _words(full, TITLES | SUFFIXES) if word not in {first, *last}]
    words = _without_particles(last)
    return Name(first, tuple(between), "".join(words), tuple(words))


def _parse_text(full: str) -> Name:
    parts = _COMMA.split(full)
    if len(parts) > 1 and not set(latin(parts[1]).split()) <= SUFFIXES:
        return parse_name(given=parts[1], family=parts[0])
    words = _words(parts[0], TITLES | SUFFIXES)
    if not words:
        return Name("", (), "", ())
    if len(words) == 1:
        return Name(words[0], (), "", ())
    start = len(words) - 1
    while start > 1 and words[start - 1] in PARTICLES and len(words[start - 1]) > 1:
        start -= 1
    family = _without_particles(words[start:])
    return Name(words[0], tuple(words[1:start]), "".join(family), tuple(family))


def _words(text: str, dropped: frozenset[str]) -> list[str]:
    words = _plain_words(text)
    kept = [word for word in words if word not in dropped]
    return kept or words


def _plain_words(text: str) -> list[str]:
    """Words in Latin letters; a word with a digit in it is kept, because typing errors put digits into names."""
    if text.isalnum():
        return [latin(text)]
    return latin(text.replace("'", "").replace("’", "")).split()


def _without_particles(words: list[str]) -> list[str]:
    kept = [word for word in words[:-1] if word not in PARTICLES]
    return [*kept, *words[-1:]]


@cache
def _families_of_names() -> dict[str, frozenset[int]]:
    """For each name the numbers of the lines of `nicknames.csv` that it stands in."""
    found: dict[str, set[int]] = {}
    text = files("amity.people.domain.matching").joinpath("nicknames.csv").read_text("utf-8")
    for number, line in enumerate(text.splitlines()):
        for name in line.split(","):
            found.setdefault(name, set()).add(number)
    return {name: frozenset(numbers) for name, numbers in found.items()}


@cache
def _lines() -> tuple[tuple[str, ...], ...]:
    text = files("amity.people.domain.matching").joinpath("nicknames.csv").read_text("utf-8")
    return tuple(tuple(line.split(",")) for line in text.splitlines())


def roots(name: str) -> frozenset[int]:
    """Which families of given names `name` (folded) belongs to: Bill and Guillermo share one, Sandy has two."""
    return _families_of_names().get(name, _NONE)


_NONE: frozenset[int] = frozenset()


def are_forms_of_one_name(one: str, other: str) -> bool:
    """Whether both are forms of one given name: bill and william, jorge and george."""
    table = _families_of_names()
    first, second = table.get(one), table.get(other)
    return first is not None and second is not None and not first.isdisjoint(second)


@lru_cache(maxsize=5_000)
def short_forms(name: str) -> tuple[str, ...]:
    """All forms of a given name that start its line or stand in it, without itself."""
    found = dict.fromkeys(form for number in sorted(roots(name)) for form in _lines()[number])
    found.pop(name, None)
    return tuple(found)
