"""Which icon, word and shape stands for what: channels, sentiments, avatars. Tables and pure functions."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ICON_LIST = Path(__file__).resolve().parent.parent / "static/vendor/icons.txt"
TINTS = 4


@cache
def icon_names() -> frozenset[str]:
    """The icons that the sprite holds."""
    return frozenset(ICON_LIST.read_text(encoding="utf-8").split())


@dataclass(frozen=True, slots=True)
class Mark:
    """An icon with the word that always goes with it, and the tone of both (a class `said-so--<tone>`)."""

    icon: str
    word: str | Promise
    tone: str = "quiet"


# What a channel is called by adapters and what it is called here; unknown kinds get an icon that says nothing false.
CHANNELS = {
    "email": Mark("mail", _("E-mail")),
    "mail": Mark("mail", _("E-mail")),
    "mbox": Mark("mail", _("E-mail")),
    "newsletter": Mark("mail", _("Newsletter")),
    "post": Mark("at-sign", _("Public post")),
    "tweet": Mark("at-sign", _("Public post")),
    "toot": Mark("at-sign", _("Public post")),
    "microblog": Mark("at-sign", _("Public post")),
    "direct": Mark("message-square-lock", _("Direct message")),
    "message": Mark("message-square-lock", _("Direct message")),
    "chat": Mark("message-circle", _("Chat")),
    "sms": Mark("message-square", _("Text message")),
    "review": Mark("star", _("Review")),
    "call": Mark("phone", _("Call")),
    "phone": Mark("phone", _("Call")),
    "voicemail": Mark("voicemail", _("Voicemail")),
    "community": Mark("messages-square", _("Community")),
    "forum": Mark("messages-square", _("Forum")),
    "list": Mark("messages-square", _("Mailing list")),
    "comment": Mark("message-square-text", _("Comment")),
    "order": Mark("package", _("Order")),
    "invoice": Mark("receipt", _("Invoice")),
    "payment": Mark("credit-card", _("Payment")),
    "return": Mark("rotate-ccw", _("Return")),
    "note": Mark("sticky-note", _("Note")),
    "promise": Mark("handshake", _("Promise")),
    "idea": Mark("lightbulb", _("Idea")),
    "vote": Mark("vote", _("Vote")),
    "feed": Mark("rss", _("Feed")),
    "web": Mark("globe", _("Web")),
    "address": Mark("map-pin", _("Address")),
    "account": Mark("user", _("Account")),
    "file": Mark("file", _("File")),
    "import": Mark("file-up", _("Import")),
    "task": Mark("list-checks", _("Task")),
    "case": Mark("life-buoy", _("Case")),
}
UNKNOWN_CHANNEL = Mark("message-square", _("Message"))

SENTIMENTS = {
    "angry": Mark("angry", _("angry"), "bad"),
    "unhappy": Mark("frown", _("unhappy"), "caution"),
    "neutral": Mark("meh", _("neutral"), "quiet"),
    "pleased": Mark("smile", _("pleased"), "good"),
    "delighted": Mark("laugh", _("delighted"), "good"),
    "unsure": Mark("circle-question-mark", _("unsure"), "quiet"),
}

LANES = {
    "said": _("Said"),
    "bought": _("Bought"),
    "did": _("We did"),
    "due": _("Promised"),
    "planned": _("Planned"),
}


def channel(kind: str) -> Mark:
    """The mark of a channel or of a kind of record, by the name that adapters give it."""
    return CHANNELS.get(kind.strip().lower().replace("-", "_"), UNKNOWN_CHANNEL)


def initials(name: str) -> str:
    """One or two letters for an avatar: first and last word, by letters only; "?" where a name has none."""
    words = [
        word for part in name.split() if (word := "".join(letter for letter in part if letter.isalnum()))
    ]
    words = [word for word in words if unicodedata.category(word[0]).startswith("L")] or words
    if not words:
        return "?"
    picked = [words[0]] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0] for word in picked).upper()[:2]


def tint(identifier: object) -> int:
    """1 to 4, always the same for the same id, so that a face keeps its colour on every screen."""
    return hashlib.blake2b(str(identifier).encode(), digest_size=2).digest()[0] % TINTS + 1
