"""The rail: which screens there are, who sees which, and how much waits in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy
from amity.kernel.actor import Actor

MOST_COUNTED = 10_001


@dataclass(frozen=True, slots=True)
class Entry:
    """A place to go. `resource` is what the actor must be allowed to read; None is open to every colleague.

    `query` picks a view of the screen `url_name`; `keys` are the shortcut, as in `data-key`.
    """

    key: str
    label: str | Promise
    url_name: str
    icon: str
    resource: str | None = None
    query: str = ""
    keys: str = ""
    children: tuple[Entry, ...] = field(default=())

    def may_be_seen_by(self, actor: Actor) -> bool:
        return self.resource is None or policy.may(actor, "read", self.resource)

    def url(self) -> str:
        return reverse(self.url_name) + (f"?{self.query}" if self.query else "")


def _box(key: str, label: str | Promise, icon: str) -> Entry:
    return Entry(f"inbox.{key}", label, "inbox", icon, "conversation", query=f"view={key}")


WORK = (
    Entry("today", _("Today"), "today", "sun", keys="g t"),
    Entry(
        "inbox",
        _("Inbox"),
        "inbox",
        "inbox",
        "conversation",
        keys="g i",
        children=(
            _box("waiting", _("Waiting on us"), "clock"),
            _box("mine", _("Mine"), "user"),
            _box("unassigned", _("Unassigned"), "user-plus"),
            _box("promised", _("Promised today"), "handshake"),
            _box("closed", _("Closed"), "check-check"),
        ),
    ),
    Entry("people", _("People"), "people", "users-round", "person", keys="g p"),
    Entry("duplicates", _("Duplicates"), "duplicates", "git-compare", "person", keys="g d"),
    Entry("segments", _("Segments"), "segments", "target", "segment", keys="g e"),
    Entry("quality", _("Data quality"), "quality", "badge-check", "person", keys="g q"),
    Entry("organisations", _("Organisations"), "organisations", "building-2", "organisation", keys="g c"),
    Entry("orders", _("Orders"), "orders", "package", "order", keys="g o"),
    Entry("imports", _("Imports"), "imports", "file-up", "import", keys="g m"),
)
STEERING = (
    Entry("status", _("Status"), "status", "gauge", "status", keys="g s"),
    Entry("settings", _("Settings"), "settings", "settings", keys="g ,"),
)
SECTIONS: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (("", WORK), (_("Steering"), STEERING))

SETTINGS_PARTS: tuple[tuple[str, str, str | Promise, str | None], ...] = (
    ("settings", "user", _("You"), None),
    ("settings-password", "lock", _("Password"), None),
    ("settings-security", "shield-check", _("Security"), None),
    ("settings-colleagues", "users-round", _("Colleagues"), "account"),
    ("settings-roles", "id-card", _("Roles"), "role"),
    ("settings-sign-in", "log-in", _("Signing in"), "settings"),
    ("settings-workspace", "building-2", _("Company"), "settings"),
    ("settings-tiers", "gem", _("Tiers"), "settings"),
    ("settings-teams", "users", _("Teams"), "settings"),
    ("settings-fields", "tag", _("Fields"), "settings"),
    ("settings-survivorship", "layers", _("Which value is shown"), "settings"),
    ("settings-purposes", "shield-check", _("Purposes and consent"), "purpose"),
    ("settings-channels", "mail", _("Channels"), "own_source"),
    ("settings-sources", "inbox", _("Sources"), "source"),
    ("settings-api-tokens", "bot", _("API tokens"), None),
    ("settings-webhooks", "send", _("Webhooks"), "webhook"),
    ("settings-backup", "archive", _("Backup"), "settings"),
    ("settings-personal-data", "eye", _("Personal data"), "erasure"),
    ("settings-retention", "hourglass", _("Retention"), "erasure"),
    ("settings-audit", "history", _("Audit"), "audit"),
)
"""Parts of the Settings screen: URL name, icon, label, and the resource that one must be allowed to read."""

Counter = Callable[[Actor], int]
_counters: dict[str, Counter] = {}
_alarms: set[str] = set()


def register_count(key: str, counter: Counter, *, alarm: bool = False) -> None:
    """Show beside the entry `key` how many wait there for the actor. Zero shows nothing; `alarm` draws it red.

    Counters run on every page: they read a rollup or stop counting at `MOST_COUNTED`. See `amity.site.counts`.
    """
    _counters[key] = counter
    _alarms.discard(key)
    if alarm:
        _alarms.add(key)


def entries_for(actor: Actor) -> list[Entry]:
    """The screens that this actor may open, in order, without children."""
    return [entry for _label, entries in SECTIONS for entry in entries if _is_open(entry, actor)]


def sections(actor: Actor, current: str = "") -> list[dict[str, Any]]:
    """The rail as the layout draws it: sections with items, counts filled in. Children only under the open screen."""
    drawn = [
        {
            "label": str(label),
            "items": [_item(entry, actor, current) for entry in entries if _is_open(entry, actor)],
        }
        for label, entries in SECTIONS
    ]
    return [section for section in drawn if section["items"]]


def _is_open(entry: Entry, actor: Actor) -> bool:
    return entry.may_be_seen_by(actor) and _has_page(entry)


def _has_page(entry: Entry) -> bool:
    return _is_installed(entry.url_name)


@cache
def _is_installed(url_name: str) -> bool:
    try:
        reverse(url_name)
    except NoReverseMatch:  # its package is not installed
        return False
    return True


def _item(entry: Entry, actor: Actor, current: str) -> dict[str, Any]:
    is_here = current == entry.key or current.startswith(f"{entry.key}.")
    return {
        "key": entry.key,
        "label": str(entry.label),
        "url": entry.url(),
        "icon": entry.icon,
        "keys": entry.keys,
        "count": counted(entry.key, actor),
        "alarm": entry.key in _alarms,
        "children": [_item(child, actor, current) for child in entry.children] if is_here else [],
    }


def counted(key: str, actor: Actor) -> int | None:
    """How many wait at `key`, at most `MOST_COUNTED` (then it is "more than 10,000"); None where nothing is counted."""
    if key not in _counters:
        return None
    return min(_counters[key](actor), MOST_COUNTED)


def current_key(url_name: str, view: str) -> str:
    """The entry of the page that is open: `inbox` with `view=mine` is `inbox.mine`; "" for pages not in the rail."""
    for _label, entries in SECTIONS:
        for entry in entries:
            if entry.url_name == url_name:
                child = f"{entry.key}.{view}"
                return child if any(child == one.key for one in entry.children) else entry.key
    return ""


def key_of_path(path: str) -> str:
    """The entry whose screen a page lies below: `/people/018f…/` is `people`; "" for none."""
    for _label, entries in SECTIONS:
        for entry in entries:
            if entry.url_name != "today" and _has_page(entry) and path.startswith(reverse(entry.url_name)):
                return entry.key
    return ""
