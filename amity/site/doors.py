"""What a door is: of what it is about, and who gets in. The table of them stands in `amity.site.access`."""

from __future__ import annotations

from dataclasses import dataclass

from amity.kernel import policy
from amity.kernel.actor import Role

PUBLIC = "(everybody)"
SIGNED_IN = "(every colleague)"


@dataclass(frozen=True, slots=True)
class Door:
    """`resource` is one of the policy's table, `PUBLIC` or `SIGNED_IN`. `get`, `post`, `patch`, `put` and `delete` name
    the action that the method needs, "" where there is no such method. `of` names the argument of the address that is
    the id of a record: whoever may not see that one is told 404. `unless` are answers besides the usual that are right.
    """

    resource: str
    get: str = "read"
    post: str = ""
    patch: str = ""
    put: str = ""
    delete: str = ""
    of: str = ""
    unless: tuple[int, ...] = ()

    def action(self, method: str) -> str:
        """What `method` needs here; "" where it is not offered."""
        found: str = getattr(self, method.lower())
        return found

    def methods(self) -> list[str]:
        return [name for name in ("GET", "POST", "PATCH", "PUT", "DELETE") if self.action(name)]

    def lets_in(self, role: Role, method: str) -> bool:
        """Whether this role gets in with this method, as far as records allow."""
        if self.resource in (PUBLIC, SIGNED_IN):
            return True
        return self.action(method) in policy.grant(role, self.resource).actions


def verb(resource: str, of: str = "", action: str = "write") -> Door:
    return Door(resource, get="", post=action, of=of)


def of_pair() -> Door:
    """Pairs who may be one person are there only for who sees all sources."""
    return Door("person", get="", post="write", of="proposal_id", unless=(404,))
