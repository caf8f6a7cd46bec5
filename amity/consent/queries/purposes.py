"""The purposes of the company."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Prefetch

from amity.consent.models import Purpose, Wording
from amity.kernel.purposes import asked_once


def all_purposes() -> tuple[Purpose, ...]:
    """Every purpose, in order, with its wordings; those that are hidden included."""
    return asked_once("consent purposes", _read)


def _read() -> tuple[Purpose, ...]:
    wordings = Prefetch("wordings", Wording.objects.select_related("made_by").order_by("-version"))
    return tuple(Purpose.objects.prefetch_related(wordings))


def purposes_in_use() -> tuple[Purpose, ...]:
    """Those that are not hidden."""
    return tuple(one for one in all_purposes() if one.hidden_at is None)


def purposes_by_key() -> Mapping[str, Purpose]:
    """Those that are not hidden, by key."""
    return {one.key: one for one in purposes_in_use()}


def wording_of(purpose: Purpose) -> Wording | None:
    """The words with which consent is asked for now; None where nobody wrote any."""
    return next(iter(purpose.wordings.all()), None)
