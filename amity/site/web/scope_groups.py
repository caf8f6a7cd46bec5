"""The scopes of a token as people choose them: by what they are about, each with what it means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

GROUPS: dict[str, tuple[Words, Words, tuple[str, ...]]] = {
    "talk": (
        _("Conversations"),
        _("What customers and we said, and what was promised."),
        ("conversation", "activity", "promise"),
    ),
    "people": (
        _("People"),
        _("Customers with what is known of them, their organisations, and segments."),
        ("person", "organisation", "segment"),
    ),
    "consent": (
        _("Purposes and consent"),
        _("What people are contacted for, and what they agreed to and refused."),
        ("consent", "purpose"),
    ),
    "commerce": (_("Orders"), _("What was bought, by whom, for how much."), ("order",)),
    "sources": (
        _("Sources and imports"),
        _("Files, mailboxes and other places where things come from."),
        ("import", "source", "own_source"),
    ),
    "insight": (_("Figures"), _("How it goes, and the goals."), ("figure", "objective")),
    "company": (
        _("The company"),
        _("Settings, colleagues and roles, webhooks, the audit trail, how the machine does."),
        ("settings", "account", "role", "webhook", "audit", "status", "erasure"),
    ),
}
"""By key: title, what it is about, the resources of the policy in it."""

RESOURCES: dict[str, Words] = {
    "conversation": _("conversations"),
    "activity": _("what was said and done"),
    "promise": _("promises"),
    "person": _("people"),
    "organisation": _("organisations"),
    "segment": _("segments"),
    "consent": _("what people agreed to and refused"),
    "purpose": _("what people are contacted for"),
    "order": _("orders and products"),
    "import": _("imports"),
    "source": _("sources, and mailboxes of everybody and of teams"),
    "own_source": _("one's own mailbox"),
    "figure": _("figures"),
    "objective": _("goals"),
    "settings": _("settings, teams, backups"),
    "account": _("colleagues and invitations"),
    "role": _("what roles may do"),
    "webhook": _("webhooks and inlets"),
    "erasure": _("erasures, and files of all that is known of people"),
    "audit": _("the audit trail"),
    "status": _("how the machine does"),
}
ACTIONS: dict[str, Words] = {
    "read": _("Read: %(what)s"),
    "write": _("Add and change: %(what)s"),
    "delete": _("Remove: %(what)s"),
    "export": _("Take away as a file: %(what)s"),
}
TOGETHER: dict[str, Words] = {
    "account:write": _("together with settings:write also how everybody signs in"),
}
"""What a scope lets a program do only beside another one, by the scope."""
READ, WRITE = "read", "write"


@dataclass(frozen=True, slots=True)
class ScopeChoice:
    """One scope with what it means."""

    scope: str
    words: str


@dataclass(frozen=True, slots=True)
class ScopeGroup:
    """Scopes about one thing. `can_write`: some of them are for more than reading."""

    key: str
    title: str
    words: str
    choices: Sequence[ScopeChoice]

    @property
    def can_write(self) -> bool:
        return any(not _is_reading(one.scope) for one in self.choices)


def groups_of(scopes: Iterable[str]) -> list[ScopeGroup]:
    """These scopes in their groups; a group without any is left out."""
    mine = list(scopes)
    found = []
    for key, (title, words, resources) in GROUPS.items():
        choices = [
            ScopeChoice(scope, words_of(scope))
            for resource in resources
            for scope in (f"{resource}:{action}" for action in ACTIONS)
            if scope in mine
        ]
        if choices:
            found.append(ScopeGroup(key, str(title), str(words), choices))
    return found


def words_of(scope: str) -> str:
    """What a scope lets a program do."""
    resource, _colon, action = scope.partition(":")
    words = str(ACTIONS[action]) % {"what": RESOURCES[resource]}
    return f"{words}; {TOGETHER[scope]}" if scope in TOGETHER else words


def all_of(wanted: Iterable[str], scopes: Iterable[str]) -> set[str]:
    """The scopes for choices such as `people:read` (read all of it) and `people:write` (all that there is to it)."""
    chosen = set(wanted)
    found = set()
    for group in groups_of(scopes):
        reads, writes = f"{group.key}:{READ}" in chosen, f"{group.key}:{WRITE}" in chosen
        found |= {one.scope for one in group.choices if writes or (reads and _is_reading(one.scope))}
    return found


def _is_reading(scope: str) -> bool:
    return scope.endswith(":read")
