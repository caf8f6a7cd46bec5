"""What the customer wants, in their own words.

The last question of their last message; else the first sentence that says what they need; else the first at all.
"""

from __future__ import annotations

import re

LONGEST = 140
_GREETING_WORDS = 4
_MARKS = ".!?…。！？؟"
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:\w|z\.?b|bzw|ca|dr|nr|no|mr|mrs|ms|prof|sr|sra|st|vs|etc|e\.g|i\.e)\.$", re.IGNORECASE
)
_GREETING = re.compile(
    r"(hi|hello|hey|dear|hallo|liebe[rs]?|guten|sehr|moin|hola|buenos|buenas|estimad\w+|bonjour|ciao)\b", re.IGNORECASE
)  # fmt: skip
_NEEDS = re.compile(
    r"\b(need|want|would like|waiting for|brauch\w*|benötig\w*|möchte\w*|hätte\w* gern|warte\w*"
    r"|necesit\w*|quier\w*|quisiera|espero)\b",
    re.IGNORECASE,
)
_QUESTIONS = ("?", "？", "؟")


def sentences(text: str) -> list[str]:
    """The sentences of a text, without surrounding space. Joined without space they are the text without space."""
    found: list[str] = []
    for line in text.splitlines():
        found += _of_line(line)
    return found


def _of_line(line: str) -> list[str]:
    found, start, place = [], 0, 0
    while place < len(line):
        if line[place] not in _MARKS:
            place += 1
            continue
        end = place + 1
        while end < len(line) and line[end] in _MARKS:
            end += 1
        is_end = end == len(line) or line[end].isspace() or line[place] in "。！？"
        if is_end and not _ABBREVIATION.search(line[start:end][-12:]):
            found.append(line[start:end].strip())
            start = end
        place = end
    rest = line[start:].strip()
    return [part for part in [*found, rest] if part]


def _says_something(sentence: str) -> bool:
    is_greeting = _GREETING.match(sentence) is not None and len(sentence.split()) <= _GREETING_WORDS
    return any(letter.isalnum() for letter in sentence) and not is_greeting


def wish(text: str, longest: int = LONGEST) -> str:
    """One line for "They want": at most `longest` characters, cut at a word; "" for a text without words."""
    told = [sentence for sentence in sentences(text[:5_000]) if _says_something(sentence)]
    asked = [sentence for sentence in told if sentence.endswith(_QUESTIONS)]
    needed = [sentence for sentence in told if _NEEDS.search(sentence)]
    chosen = (asked[-1:] or needed[:1] or told[:1] or [""])[0]
    chosen = " ".join(chosen.split())
    if len(chosen) <= longest:
        return chosen
    cut = chosen[: longest - 1]
    at_word = cut.rsplit(" ", 1)[0]
    return (at_word if len(at_word) > longest // 2 else cut) + "…"
