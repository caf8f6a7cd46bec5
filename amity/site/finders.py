"""What the palette finds. Composed here, because packages do not know the site: search is their `queries`, a line of it
is made here."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from amity.commerce.queries import find_orders
from amity.conversations.queries.searching import find_conversations
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.people.queries import FoundKnown, Spelling, find_known
from amity.people.queries.noted import find_notes
from amity.site import navigation
from amity.site.domain.highlight import holds_all
from amity.site.palette import Hit, finds


@finds("go")
def screens(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Screens and their views whose name fits; without words all screens."""
    found: list[Hit] = []
    for entry in navigation.entries_for(actor):
        if holds_all(str(entry.label), text):
            found.append(Hit(str(entry.label), "", entry.url(), entry.icon, "screen", keys=entry.keys))
        if text:
            found += [
                Hit(str(child.label), str(entry.label), child.url(), child.icon, "screen")
                for child in entry.children
                if holds_all(f"{child.label} {entry.label}", text)
            ]
    if not text:
        return found
    here = str(_("Settings"))
    found += [
        Hit(str(label), here, reverse(name), icon, "screen")
        for name, icon, label, resource in navigation.SETTINGS_PARTS
        if (resource is None or policy.may(actor, "read", resource)) and holds_all(f"{label} {here}", text)
    ]
    return found[:limit]


@finds("do")
def actions(actor: Actor, text: str, limit: int) -> list[Hit]:
    """What can be done from anywhere."""
    return [hit for hit in _actions(actor) if holds_all(f"{hit.label} {hit.detail}", text)][:limit]


def _actions(actor: Actor) -> Iterator[Hit]:
    if policy.may(actor, "write", "import") and (imports := _address("imports")):
        yield Hit(_("Import a file"), _("customers, orders, messages"), imports, "upload", "action")
    yield Hit(
        _("Use the dark theme"),
        _("colours, night"),
        reverse("settings-theme", args=["dark"]),
        "moon",
        "action",
        "post",
    )
    yield Hit(
        _("Use the light theme"),
        _("colours, day"),
        reverse("settings-theme", args=["light"]),
        "sun",
        "action",
        "post",
    )
    yield Hit(_("Change your password"), _("security"), reverse("settings-password"), "lock", "action")
    if policy.may(actor, "write", "person"):
        yield Hit(_("Add a person"), _("new customer, by hand"), reverse("person-new"), "user-plus", "action")
    if policy.may(actor, "write", "settings"):
        yield Hit(_("Add a field"), _("of your own, custom"), reverse("settings-field-new"), "tag", "action")
        yield Hit(_("Add a team"), _("department, shift"), reverse("settings-teams"), "users", "action")
    yield Hit(_("Sign out"), "", reverse("logout"), "log-out", "action", "post")


@finds("people")
def people_and_theirs(actor: Actor, text: str, limit: int) -> list[Hit]:
    """People by their names, organisations, addresses and numbers, organisations by their names, both also where a
    letter is wrong; conversations by what was said in them, and with these people; notes."""
    found = find_known(actor, text, limit)
    people = [
        Hit(one.name or _("Unknown"), one.address or one.organisation or one.email or one.city,
            reverse("person", args=[one.id]), "user", "person", spelling=one.spelling)
        for one in found.people
    ]  # fmt: skip
    organisations = [
        Hit(one.name, "", reverse("organisation", args=[one.id]), "building-2", "organisation",
            spelling=one.spelling, section="organisations")
        for one in found.organisations
    ]  # fmt: skip
    return [*people, *organisations, *_conversations(actor, text, limit, found), *_notes(actor, text, limit)]


def _notes(actor: Actor, text: str, limit: int) -> list[Hit]:
    """What colleagues wrote about people."""
    return [
        Hit(one.words, one.name or _("Unknown"), reverse("person-note", args=[one.person_id, one.id]), "square-pen",
            "note", section="notes")
        for one in find_notes(actor, text, limit, at=timezone.now())
    ]  # fmt: skip


def _conversations(actor: Actor, text: str, limit: int, known: FoundKnown) -> list[Hit]:
    """With people who are spelt alike only where nobody is spelt so."""
    right = [one.id for one in known.people if one.spelling is not Spelling.SIMILAR]
    found = find_conversations(
        actor, text, limit, people=right or [one.id for one in known.people], at=timezone.now()
    )
    return [
        Hit(one.words or _("No words"), one.name, reverse("conversation", args=[one.id]), "messages-square",
            "conversation", section="conversations",
            spelling=Spelling.SIMILAR if not (right or one.is_said) else Spelling.EXACT)
        for one in sorted(found, key=lambda one: not (right or one.is_said))
    ]  # fmt: skip


@finds("orders")
def orders(actor: Actor, text: str, limit: int) -> list[Hit]:
    """Orders by the beginning or the end of their number."""
    return [
        Hit(found.number, found.person, reverse("order", args=[found.id]), "package", "order")
        for found in find_orders(actor, text, limit)
    ]


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:  # its package is not installed
        return ""
