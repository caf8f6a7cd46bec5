"""How well replies are told from what they quote, on recorded cases of three open-source parsers.

The cases disagree about signatures. Two of the three count a signature as part of the reply, as they find it in a
second step; the third folds it and says so in `compare`. So the first are held against `Reply.unquoted`, the last
against `Reply.visible`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

from amity.channels.mime.html_text import html_to_text
from amity.channels.mime.mail import parse_mail
from amity.channels.mime.reply import Reply, split_reply
from amity.channels.mime.reply_html import split_reply_html

_SPACE = re.compile(r"\s+")
_DOCUMENT_TAG = re.compile(r"</?(?:html|head|body)\b[^>]*>", re.IGNORECASE)


def run(data: Path) -> dict[str, float]:
    """Measure on `reply_parsing/cases.jsonl` under `data`: cases, right, share right, wall time in ms a case."""
    cases = list(_cases(data))
    started = time.perf_counter()
    right = sum(is_right(case) for case in cases)
    elapsed_ms = (time.perf_counter() - started) * 1000
    return {
        "cases": len(cases),
        "right": right,
        "share_right": round(right / len(cases), 4) if cases else 0.0,
        "ms_per_case": round(elapsed_ms / len(cases), 3) if cases else 0.0,
    }


def wrong_cases(data: Path) -> list[str]:
    """The ids of the cases that come out differently from what is expected."""
    return [case["id"] for case in _cases(data) if not is_right(case)]


def _cases(data: Path) -> Iterator[dict[str, Any]]:
    with (data / "reply_parsing" / "cases.jsonl").open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def is_right(case: dict[str, Any]) -> bool:
    """Compare one case in the way that it asks for: exact, stripped, or ignoring all white space."""
    compare, expected = str(case["compare"]), str(case["expected_reply"])
    got = reply_of(case)
    if compare.startswith("html"):
        return _bare(got) == _bare(expected)
    if compare.startswith("ignoring"):
        return _SPACE.sub("", html_to_text(got)) == _SPACE.sub("", expected)
    return got == expected if compare == "exact" else got.strip() == expected.strip()


def reply_of(case: dict[str, Any]) -> str:
    """What we take for the reply in a case, with the signature unless the case folds it."""
    reply = _split(case)
    return reply.visible if "email_reply_parser" in case["compare"] else reply.unquoted


def _split(case: dict[str, Any]) -> Reply:
    if case["format"] == "eml":
        return split_reply(parse_mail(case["source"].encode()).text)
    return split_reply(case["source"]) if case["format"] == "text" else split_reply_html(case["source"])


def _bare(html: str) -> str:
    """HTML without white space and without the tags of the document around it."""
    return _SPACE.sub("", unescape(_DOCUMENT_TAG.sub("", html))).replace("<br/>", "<br>")
