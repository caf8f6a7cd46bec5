"""State graphs: anything with a life declares its states and transitions in one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from amity.kernel.errors import Conflict

S = TypeVar("S", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class StateGraph(Generic[S]):
    """Which state may follow which. `first` is where a life begins; `labels` are the states as people call them."""

    name: str
    first: S
    allowed: Mapping[S, frozenset[S]]
    labels: Mapping[S, str | Promise] = field(default_factory=dict)

    def may(self, current: str, to: S) -> bool:
        return any(current == state and to in followers for state, followers in self.allowed.items())

    def check(self, current: str, to: S) -> None:
        """Refuse a step that the graph does not have, with `Conflict`."""
        if not self.may(current, to):
            label = next((str(label) for state, label in self.labels.items() if state == current), current)
            raise Conflict(
                _("This cannot be done now. How it stands: %(current)s.") % {"current": label},
                graph=self.name,
            )
