"""State graphs: anything with a life declares its states and transitions in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from django.utils.translation import gettext as _

from amity.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StateGraph(Generic[S]):
    """Which state may follow which. `first` is where a life begins."""

    name: str
    first: S
    allowed: Mapping[S, frozenset[S]]

    def may(self, current: str, to: S) -> bool:
        return any(current == state and to in followers for state, followers in self.allowed.items())

    def check(self, current: str, to: S) -> None:
        """Refuse a step that the graph does not have, with `Conflict`."""
        if not self.may(current, to):
            raise Conflict(
                _("This is %(current)s and cannot become %(to)s.") % {"current": current, "to": to},
                graph=self.name,
            )
