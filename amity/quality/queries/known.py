"""Which fields are judged, and how administrators set it: one place for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import WorkspaceSetting
from amity.kernel.purposes import OWN, known_as
from amity.quality.domain.fields import RECORD, Field, plain_fields
from amity.quality.domain.scoring import USUAL_WEIGHTS, Dimension
from amity.quality.models import ALL, SOURCE, TEAM

LABELS: Mapping[str, Any] = {
    RECORD: _("Whole record"),
    "name": _("Name"),
    "email": _("E-mail"),
    "phone": _("Phone"),
    "city": _("Place"),
    "country": _("Country"),
    "language": _("Language"),
    "organisation": _("Works at"),
    "job_title": _("Works as"),
    "birthday": _("Birthday"),
    "customer": _("Customer number"),
}
_SEEN_AS = {"customer": "address", RECORD: "address"}
_more: list[Callable[[], Iterable[Field]]] = []


def register_fields(fields: Callable[[], Iterable[Field]]) -> None:
    """Have more fields judged: those that a company made for itself, say. Asked whenever people are judged."""
    _more.append(fields)


def known_fields(at: datetime) -> tuple[Field, ...]:
    """Every field that is judged, in the order in which they are shown."""
    return (*plain_fields(dict(LABELS), at.date()), *(one for more in _more for one in more()))


def fields_for(actor: Actor, at: datetime) -> tuple[Field, ...]:
    """Those that this actor may know of. Whether a record is there twice is known to who sees all sources."""
    sees_all = not policy.hidden_source_ids(actor)
    return tuple(
        one
        for one in known_fields(at)
        if policy.sees_field(actor, "person", _policy_name(one.key)) and (sees_all or one.key != RECORD)
    )


def set_for(actor: Actor, at: datetime) -> tuple[Field, ...]:
    """Those of whose settings this actor may know: of the company's own ones, who sees them."""
    return tuple(
        one
        for one in known_fields(at)
        if not (name := _policy_name(one.key)).startswith(OWN) or policy.sees_field(actor, "person", name)
    )


def _policy_name(key: str) -> str:
    return known_as("person", _SEEN_AS.get(key, key))


# ------------------------------------------------------------------------------------------------------------ settings

SETTINGS_KEY, LAST_LOOK_KEY = "quality", "quality_last_look"
MONTH = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Settings:
    """`months`: after how many nobody's word is fresh any more (0: never). Weights by field and by dimension, where
    they are not the usual ones. `rules`: field → rule → what becomes of a row that breaks it."""

    months: int = 24
    fields: Mapping[str, int] = field(default_factory=dict)
    dimensions: Mapping[str, int] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def fresh_since(self, at: datetime) -> datetime | None:
        return at - self.months * MONTH if self.months else None

    @property
    def of_dimension(self) -> dict[Dimension, int]:
        return {one: self.dimensions.get(one.value, usual) for one, usual in USUAL_WEIGHTS.items()}


def settings() -> Settings:
    """What is set now."""
    found = WorkspaceSetting.objects.filter(key=SETTINGS_KEY).values_list("value", flat=True).first()
    return Settings(**found) if found else Settings()


def last_look() -> datetime | None:
    """When everybody was judged last; None before the first time."""
    found = WorkspaceSetting.objects.filter(key=LAST_LOOK_KEY).values_list("value", flat=True).first()
    return datetime.fromisoformat(found["at"]) if found else None


# -------------------------------------------------------------------------------------------------------------- scopes


@dataclass(frozen=True, slots=True)
class Scope:
    """By whose words people are judged."""

    kind: str = ALL
    id: UUID | None = None
    name: str = ""

    @property
    def ref(self) -> str | None:
        """The id as text, as findings name it."""
        return None if self.id is None else str(self.id)

    def __str__(self) -> str:
        return self.kind if self.id is None else f"{self.kind}:{self.id}"


EVERYTHING = Scope()


def scopes_for(actor: Actor) -> tuple[Scope, ...]:
    """All sources together, each team's and each alone, as far as this actor may know of them."""
    rows = list(
        Source.objects.exclude(pk__in=policy.hidden_source_ids(actor))
        .order_by("name", "id")
        .select_related("team")
    )
    teams = {one.team.id: one.team.name for one in rows if one.team is not None}
    return (
        EVERYTHING,
        *(Scope(TEAM, team, name) for team, name in sorted(teams.items(), key=lambda pair: pair[1])),
        *(Scope(SOURCE, one.id, one.name) for one in rows),
    )


def scope_named(actor: Actor, text: str) -> Scope | None:
    """The scope that `str(scope)` wrote, where the actor may know of it."""
    if text in ("", ALL):
        return EVERYTHING
    return next((one for one in scopes_for(actor) if str(one) == text), None)


def teams_of_sources() -> dict[str, str]:
    """The team of each source that has one, ids as text."""
    rows = Source.objects.filter(team__isnull=False).values_list("id", "team_id")
    return {str(source): str(team) for source, team in rows}
