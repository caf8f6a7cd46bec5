"""Phrases with choices and slots: `[a|b]` picks one, `{slot}` is filled from the situation."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

_TOKEN = re.compile(r"\[([^\[\]]*\|[^\[\]]*)\]|\{(\w+)\}")
_SENTENCE_START = re.compile(r"((?:^|[.?!] |\n)[¿¡]?)([a-zäöüñáéíóúß])")
_PHRASES = Path(__file__).parent / "phrases"
LANGUAGES = ("en", "de", "es")

# A piece of a phrase: plain text, the branches of a choice (phrases themselves), or the name of a slot.
Piece = tuple[str, Any]


@cache
def load(name: str) -> dict[str, Any]:
    """One file of `phrases/`, parsed. The result is shared: do not change it."""
    return tomllib.loads((_PHRASES / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def parse(phrase: str) -> tuple[Piece, ...]:
    """The pieces of a phrase, in order. Choices do not nest, slots inside a choice do work."""
    pieces: list[Piece] = []
    end = 0
    for match in _TOKEN.finditer(phrase):
        if match.start() > end:
            pieces.append(("text", phrase[end : match.start()]))
        choice, slot = match.groups()
        if slot:
            pieces.append(("slot", slot))
        else:
            pieces.append(("choice", tuple(parse(branch) for branch in choice.split("|"))))
        end = match.end()
    if end < len(phrase):
        pieces.append(("text", phrase[end:]))
    return tuple(pieces)


class Scene:
    """What one conversation is about: facts that stay (order, product) and words that vary by message."""

    _STAYS = frozenset({"product", "coffee", "machine", "room", "city", "number", "serial", "amount"})

    def __init__(self, rng: Random, language: str, facts: dict[str, str]) -> None:
        self.rng = rng
        self.language = language if language in LANGUAGES else "en"
        self.bank = load(self.language)
        self.facts = dict(facts)
        self._said: set[str] = set()

    def slot(self, name: str) -> str:
        """The words for a slot; a fact that stays is remembered for the next message."""
        if name in self.facts:
            return self.facts[name]
        value = self._draw(name)
        if name in self._STAYS:
            self.facts[name] = value
        return value

    def _draw(self, name: str) -> str:
        rng = self.rng
        if name == "n":
            return str(rng.randint(2, 14))
        if name == "setting":
            return f"{rng.randint(3, 9)}{rng.choice(('', '', '', '.5'))}"
        if name == "amount":
            return str(rng.choice((19, 24, 38, 45, 64, 74, 89, 96, 129, 180, 499, 659, 689)))
        if name == "number":
            return str(rng.randint(14_700, 20_500))
        if name == "serial":
            return f"{rng.choice((2241, 2241, 2241, 2239, 2238, 2230))}-{rng.randint(1, 899):04d}"
        options: list[str] = self.bank["lists"][name]
        return rng.choice(options)

    def say(self, options: list[str]) -> str:
        """One of the phrases, filled, its sentences starting with capitals; none twice while others are left."""
        unsaid = [phrase for phrase in options if phrase not in self._said]
        phrase = self.rng.choice(unsaid or options)
        self._said.add(phrase)
        spoken = self._spell(parse(phrase))
        return _SENTENCE_START.sub(lambda match: match[1] + match[2].upper(), spoken)

    def common(self, part: str) -> str:
        return self.say(self.bank["common"][part])

    def about(self, situation: str, part: str) -> str:
        return self.say(self.bank[situation][part])

    def _spell(self, pieces: tuple[Piece, ...]) -> str:
        words: list[str] = []
        for kind, value in pieces:
            if kind == "text":
                words.append(value)
            elif kind == "slot":
                words.append(self.slot(value))
            else:
                words.append(self._spell(self.rng.choice(value)))
        return "".join(words)
