"""Which of many short texts ask the same: texts that share two telling words belong together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)

LEAST_PEOPLE = 4
MOST_WORDS = 24  # of one text: the first words say what it is about
_WORD = re.compile(r"[^\W_][\w'-]*")
# Words that say nothing about the matter, in English, German and Spanish. Short words are dropped anyway.
_EMPTY = frozenset(
    """
    about again also another because been before better could does
    doing done each even every from give good have hello
    here into just know like look make many more most
    much must need never only other over please really same should
    since some still such take than thank thanks that their
    them then there these they thing this time very want well
    were what when where which while will with without would write wrote yesterday your today voicemail morning
    afternoon asks tell long week days team
    aber alle allem allen aller alles auch auf bitte beim
    bisher dabei damit danke dann dass dein denn dies diese diesem
    diesen dieser doch eine einem einen einer eines etwas euch euer eure ganz gern gerne geht gibt guten habe
    haben hallo hatte heute hier hoch ihnen ihre ihrem ihren
    immer ist jetzt kann kein keine keinen koennen können könnte
    mein meine meinem meinen meiner mehr mich mir muss nach nicht nichts
    noch nun nur oder ohne schon sehr sein seine seit sich sie
    sind sollte soll stehe sonst und uns unser unsere unter viel vielen vom von vor wann war was weg weil welche
    wenn wer wie wieder wir wird wo wurde zum zur über für guten tag herren damen geehrte
    ahora algo antes aqui aquí bien buen buena buenas buenos
    como cómo con cual cuál cuando cuándo dia días dias donde
    dónde del desde ellos entre era eres esta está están
    estan este esto estoy favor fue gracias hace hacer hasta hola
    las los mas más mismo mucho muchas muy nada necesito
    nos nuestra nuestro otra otro para pero poco podría por porque
    puede pueden puedo que qué quiero saludos ser ser siempre
    sin sobre solo son soy tal también tambien tarde tardes
    tengo tiene todo todos tras una uno unos usted ustedes van ya
    """.split()
)
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Group(Generic[K]):
    """`keys` in their given order; all their texts hold every one of `words`, the telling ones first."""

    words: tuple[str, ...]
    keys: tuple[K, ...]


def telling_words(text: str) -> tuple[str, ...]:
    """The words of the beginning of a text that say what it is about, each once, in their order."""
    words = (word.lower().strip("-'") for word in _WORD.findall(text))
    told = (word for word in words if len(word) >= _SHORTEST and word not in _EMPTY)
    return tuple(dict.fromkeys(list(told)[:MOST_WORDS]))


def ask_the_same(texts: Sequence[tuple[K, str, str]], least: int = LEAST_PEOPLE) -> list[Group[K]]:
    """Groups of texts that share two telling words, largest first; no text is in two groups.

    `texts` are (key, who, text). A group counts people, not texts: at least `least` different `who`.
    """
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for place, (_key, _who, text) in enumerate(texts):
        for pair in combinations(sorted(telling_words(text)), 2):
            holders[pair].add(place)
    found: list[Group[K]] = []
    taken: set[int] = set()
    while True:
        pair, places = _largest(holders, taken, texts)
        if len({texts[place][1] for place in places}) < least:
            return found
        taken |= places
        order = telling_words(texts[min(places)][2])
        words = tuple(sorted(pair, key=order.index))
        found.append(Group(words, tuple(texts[place][0] for place in sorted(places))))


def _largest(
    holders: dict[tuple[str, str], set[int]], taken: set[int], texts: Sequence[tuple[K, str, str]]
) -> tuple[tuple[str, str], set[int]]:
    best: tuple[str, str] = ("", "")
    most: set[int] = set()
    for pair in sorted(holders):
        left = holders[pair] - taken
        if len({texts[place][1] for place in left}) > len({texts[place][1] for place in most}):
            best, most = pair, left
    return best, most
