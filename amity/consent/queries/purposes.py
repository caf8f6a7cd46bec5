"""The purposes of the company."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from amity.consent.models import Purpose, Wording
from amity.kernel.purposes import asked_once


def all_purposes() -> tuple[Purpose, ...]:
    """Every purpose, in order; those that are hidden included."""
    return asked_once("consent purposes", lambda: tuple(Purpose.objects.all()))


def purposes_in_use() -> tuple[Purpose, ...]:
    """Those that are not hidden."""
    return tuple(one for one in all_purposes() if one.hidden_at is None)


def purposes_by_key() -> Mapping[str, Purpose]:
    """Those that are not hidden, by key."""
    return {one.key: one for one in purposes_in_use()}


def wordings_of(purpose: Purpose) -> tuple[Wording, ...]:
    """The words with which consent was ever asked for, newest first."""
    return _wordings().get(purpose.pk, ())


def wording_of(purpose: Purpose) -> Wording | None:
    """The words with which consent is asked for now; None where nobody wrote any."""
    return next(iter(wordings_of(purpose)), None)


def _wordings() -> Mapping[int, tuple[Wording, ...]]:
    return asked_once("consent wordings", _read_wordings)


def _read_wordings() -> Mapping[int, tuple[Wording, ...]]:
    found: dict[int, list[Wording]] = defaultdict(list)
    for one in Wording.objects.select_related("made_by").order_by("-version"):
        found[one.purpose_id].append(one)
    return {purpose: tuple(those) for purpose, those in found.items()}
