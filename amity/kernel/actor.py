"""Who acts: a member of staff, or the system on behalf of nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils.translation import pgettext_lazy


class Role(StrEnum):
    """What somebody is here for. The names are those of the program's stakeholders."""

    OWNER = "owner"
    ADMINISTRATOR = "administrator"
    AGENT = "agent"
    SALES = "sales"
    MARKETER = "marketer"
    COMMUNITY_MANAGER = "community_manager"
    PR = "pr"
    LEGAL = "legal"
    ANALYST = "analyst"
    PARTNER = "partner"

    @property
    def label(self) -> str:
        return str(_ROLE_LABELS[self])


_ROLE_LABELS = {
    Role.OWNER: pgettext_lazy("role", "Owner"),
    Role.ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
    Role.AGENT: pgettext_lazy("role", "Agent"),
    Role.SALES: pgettext_lazy("role", "Sales"),
    Role.MARKETER: pgettext_lazy("role", "Marketer"),
    Role.COMMUNITY_MANAGER: pgettext_lazy("role", "Community manager"),
    Role.PR: pgettext_lazy("role", "Public relations"),
    Role.LEGAL: pgettext_lazy("role", "Legal"),
    Role.ANALYST: pgettext_lazy("role", "Analyst"),
    Role.PARTNER: pgettext_lazy("role", "Partner"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who reads or writes, as the access policy sees them.

    `staff_id` is None for the system itself (jobs, imports that nobody started by hand). `scopes` is what a token was
    made for, as `resource:action`; None for a colleague in person, whom only the role limits. `is_visited`: somebody
    else sits there and sees what this colleague sees, but for what is the colleague's alone.
    """

    role: Role | None
    staff_id: UUID | None = None
    team_ids: frozenset[UUID] = frozenset()
    name: str = ""
    scopes: frozenset[str] | None = None
    is_visited: bool = False

    @property
    def is_system(self) -> bool:
        return self.role is None

    @property
    def keeper_id(self) -> UUID | None:
        """Whose own sources are open: this colleague's, as long as nobody else sits there."""
        return None if self.is_visited else self.staff_id


SYSTEM = Actor(role=None, name="Amity")
