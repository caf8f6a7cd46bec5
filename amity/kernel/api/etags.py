"""Versions of a record without a column for them: a tag says for every field which value the reader had.

The tag holds four bytes of hash for each field. That makes If-Match exact, and when it fails it still tells which
fields others changed meanwhile, so that the answer can show what was, what is, and what was wanted.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from amity.kernel.api.answers import to_json
from amity.kernel.errors import DomainError

_BYTES = 4
_VERSION = "1"


class Stale(DomainError):
    """The record is not any more what the client had. `context["problem"]` holds the three-way answer."""

    code = "precondition_failed"
    status = 412


def _hash(name: str, value: Any) -> bytes:
    return hashlib.blake2b(name.encode() + b"\x00" + to_json(value), digest_size=_BYTES).digest()


def tag_of(record: Mapping[str, Any]) -> str:
    """The strong entity tag of a record, quotes included."""
    hashes = b"".join(_hash(name, record[name]) for name in sorted(record))
    return f'"{_VERSION}.{base64.urlsafe_b64encode(hashes).rstrip(b"=").decode()}"'


def named_in(header: str, tag: str) -> bool:
    """Whether `tag` is among those of an If-Match or If-None-Match header."""
    return header.strip() == "*" or tag in {part.strip().removeprefix("W/") for part in header.split(",")}


def _hashes(tag: str) -> bytes | None:
    version, _dot, body = tag.strip().strip('"').partition(".")
    try:
        return base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)) if version == _VERSION else None
    except ValueError:
        return None


def _changed(tag: str, current: Mapping[str, Any]) -> set[str] | None:
    """The fields that differ from what the tag was made of; None for a tag of something else."""
    known, names = _hashes(tag), sorted(current)
    if known is None or len(known) != _BYTES * len(names):
        return None
    pieces = (known[n * _BYTES : (n + 1) * _BYTES] for n in range(len(names)))
    return {name for name, piece in zip(names, pieces, strict=True) if piece != _hash(name, current[name])}


@dataclass(frozen=True, slots=True)
class Past:
    """Values that a field had, as far as they are still known."""

    values_of: Callable[[str], Iterable[Any]] = lambda _name: ()

    def value(self, name: str, tag: str, current: Mapping[str, Any]) -> tuple[bool, Any]:
        """The value that the tag was made of: whether it is known, and what it was."""
        known = _hashes(tag) or b""
        place = sorted(current).index(name)
        piece = known[place * _BYTES : (place + 1) * _BYTES]
        for value in (current[name], *self.values_of(name)):
            if _hash(name, value) == piece:
                return True, value
        return False, None


NO_PAST = Past()


def require_match(
    header: str | None, current: Mapping[str, Any], wanted: Mapping[str, Any], past: Past = NO_PAST
) -> None:
    """Refuse with `Stale` where If-Match names another version than the current one.

    The problem then holds, for each field that the client wants to change, `base` (what they had, where it is
    known), `yours` and `theirs`, and the fields that can be `mergeable` because nobody else touched them.
    """
    if header is None or named_in(header, tag_of(current)):
        return
    tag = header.split(",")[0]
    changed = _changed(tag, current)
    fields: dict[str, dict[str, Any]] = {}
    for name, value in wanted.items():
        if name not in current:
            continue
        is_known, base = past.value(name, tag, current) if changed is not None else (False, None)
        fields[name] = {"yours": value, "theirs": current[name]} | ({"base": base} if is_known else {})
    mergeable = [name for name in fields if changed is not None and name not in changed]
    raise Stale(
        _(
            "Somebody changed this since you read it. Read it again, or send what can be merged with the new tag."
        ),
        problem={
            "etag": tag_of(current),
            "changed": sorted(changed) if changed is not None else None,
            "conflict": fields,
            "mergeable": mergeable,
        },
    )
