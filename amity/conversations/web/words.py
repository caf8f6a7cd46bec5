"""The words of the inbox that code chooses: names of boxes, filters, moods, steps, channels, languages."""

from __future__ import annotations

from datetime import datetime

from babel import Locale, UnknownLocaleError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy, to_locale
from django.utils.translation import gettext as _

from amity.activity.domain.filekinds import Risk
from amity.channels.machine_mail import REASONS, Automatic
from amity.channels.mime import MailKind, Outcome, Reason
from amity.conversations.domain.filters import View

VIEWS = {
    View.WAITING: gettext_lazy("Waiting on us"),
    View.MINE: gettext_lazy("Mine"),
    View.UNASSIGNED: gettext_lazy("Unassigned"),
    View.PROMISED: gettext_lazy("Promised today"),
    View.SNOOZED: gettext_lazy("Snoozed"),
    View.CLOSED: gettext_lazy("Closed"),
    View.ALL: gettext_lazy("All"),
}
# "Most urgent" is the order of Today and of nothing else: see `amity.conversations.queries.lists`.
ORDERS = {
    View.WAITING: gettext_lazy("Due first"),
    View.MINE: gettext_lazy("Due first"),
    View.UNASSIGNED: gettext_lazy("Due first"),
    View.PROMISED: gettext_lazy("Due first"),
    View.SNOOZED: gettext_lazy("Back first"),
    View.CLOSED: gettext_lazy("Newest first"),
    View.ALL: gettext_lazy("Newest first"),
}
EMPTY = {
    View.WAITING: (
        gettext_lazy("Nobody waits for us"),
        gettext_lazy(
            "When a customer writes and has the last word, it stands here, what is due first on top."
        ),
    ),
    View.MINE: (
        gettext_lazy("Nobody waits for you"),
        gettext_lazy("What is given to you, or what you answer first, stands here while the customer waits."),
    ),
    View.UNASSIGNED: (
        gettext_lazy("Everything has an owner"),
        gettext_lazy("What nobody has taken yet stands here. Take it with A, or just answer it."),
    ),
    View.PROMISED: (
        gettext_lazy("No promise is due today"),
        gettext_lazy(
            "When you promise a customer something, it appears here on its day. Kept promises are trust."
        ),
    ),
    View.SNOOZED: (
        gettext_lazy("Nothing sleeps"),
        gettext_lazy(
            "Put a conversation aside with H: it comes back by itself, or when the customer writes."
        ),
    ),
    View.CLOSED: (
        gettext_lazy("Nothing is closed yet"),
        gettext_lazy("What is done stands here. It opens again by itself when the customer writes."),
    ),
    View.ALL: (
        gettext_lazy("No conversations yet"),
        gettext_lazy("What customers write to you, on any channel, becomes a conversation here."),
    ),
}
MOODS = {
    "angry": pgettext_lazy("mood", "angry"),
    "unhappy": pgettext_lazy("mood", "unhappy"),
    "neutral": pgettext_lazy("mood", "neutral"),
    "pleased": pgettext_lazy("mood", "pleased"),
    "delighted": pgettext_lazy("mood", "delighted"),
}
FILTERS = {
    "q": gettext_lazy("Words"),
    "channel": gettext_lazy("Channel"),
    "assignee": gettext_lazy("Assigned to"),
    "mood": gettext_lazy("Mood"),
    "language": gettext_lazy("Language"),
    "source": gettext_lazy("Source"),
    "late": gettext_lazy("Clock"),
}
SNOOZES = {
    "hour": gettext_lazy("In an hour"),
    "tomorrow": gettext_lazy("Tomorrow morning"),
    "monday": gettext_lazy("Next Monday"),
}
PROMISES = {
    "tonight": gettext_lazy("This evening"),
    "tomorrow": gettext_lazy("Tomorrow noon"),
    "friday": gettext_lazy("Friday noon"),
    "week": gettext_lazy("In a week"),
}
_CHANNELS = {
    "email": gettext_lazy("E-mail"),
    "tweet": gettext_lazy("Public post"),
    "post": gettext_lazy("Public post"),
    "direct": gettext_lazy("Direct message"),
    "message": gettext_lazy("Message"),
    "chat": gettext_lazy("Chat"),
    "sms": gettext_lazy("Text message"),
    "review": gettext_lazy("Review"),
    "call": gettext_lazy("Call"),
    "voicemail": gettext_lazy("Voicemail"),
    "community": gettext_lazy("Community"),
    "forum": gettext_lazy("Forum"),
    "list": gettext_lazy("Mailing list"),
    "comment": gettext_lazy("Comment"),
}


def channel(kind: str) -> str:
    """What a channel is called; one that we do not know is called as its adapter calls it."""
    return str(_CHANNELS.get(kind, kind.replace("_", " ").capitalize()))


_NETWORK_ICONS = {"twitter": "post", "mastodon": "post", "bluesky": "post", "phone": "call"}
_NETWORKS = {
    "twitter": "Twitter",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "phone": gettext_lazy("Phone"),
}


def network(name: str) -> str:
    """What a network is called."""
    return str(_NETWORKS.get(name) or channel(name))


def network_icon(name: str) -> str:
    """The kind of channel whose icon stands for a network."""
    return _NETWORK_ICONS.get(name, name)


def language(code: str) -> str:
    """The name of a language in the reader's language; the code itself where nobody has named it."""
    try:
        reader = Locale.parse(to_locale(get_language() or "en"))
        return (Locale.parse(code.replace("-", "_")).get_display_name(reader) or code).capitalize()
    except (UnknownLocaleError, ValueError):
        return code


def why_mood(mood: str, score: float, confidence: float) -> str:
    """How a mood was told, in words: what was read, how strongly, how sure."""
    strength = abs(score)
    steps = ((0.75, _("strongly")), (0.5, _("clearly")), (0.25, _("a little")), (0.0, _("hardly")))
    said = next(word for least, word in steps if strength >= least)
    side = _("unhappy") if score < 0 else _("happy")
    if mood == "neutral":
        said_so = _("The words sound neither happy nor unhappy.")
    else:
        said_so = _("The words sound %(how_much)s %(side)s.") % {"how_much": said, "side": side}
    sure = (
        _("Very sure")
        if confidence >= 0.85
        else _("Fairly sure")
        if confidence >= 0.65
        else _("Not very sure")
    )
    return _("%(said)s Score %(score)s from −1 to 1. %(sure)s, %(percent)s %%.") % {
        "said": said_so,
        "score": f"{score:.2f}".replace("-", "−"),
        "sure": sure,
        "percent": round(confidence * 100),
    }


def closed(count: int) -> str:
    return ngettext("Closed %(count)s conversation", "Closed %(count)s conversations", count) % {
        "count": count
    }


def snoozed(count: int, until: str) -> str:
    words = ngettext(
        "%(count)s conversation sleeps until %(until)s",
        "%(count)s conversations sleep until %(until)s",
        count,
    )
    return words % {"count": count, "until": until}


def assigned(count: int, name: str) -> str:
    if name:
        words = ngettext(
            "%(count)s conversation given to %(name)s", "%(count)s conversations given to %(name)s", count
        )
        return words % {"count": count, "name": name}
    words = ngettext(
        "%(count)s conversation has no owner now", "%(count)s conversations have no owner now", count
    )
    return words % {"count": count}


def size(size_bytes: int) -> str:
    """The size of a file for people."""
    if size_bytes < 1_000:
        return _("%(count)s bytes") % {"count": size_bytes}
    if size_bytes < 1_000_000:
        return _("%(count)s kB") % {"count": round(size_bytes / 1_000)}
    return _("%(count)s MB") % {"count": f"{size_bytes / 1_000_000:.1f}"}


_AUTOMATIC = {
    MailKind.BOUNCE: (gettext_lazy("Not delivered"), "circle-alert"),
    MailKind.DELAY: (gettext_lazy("Not delivered yet"), "clock"),
    MailKind.AUTO_REPLY: (gettext_lazy("Automatic answer"), "bot"),
}
_RECEIPTS = {
    Outcome.READ: (gettext_lazy("Was read"), "eye"),
    Outcome.DELETED: (gettext_lazy("Deleted without being read"), "eye"),
    Outcome.ARRIVED: (gettext_lazy("Was delivered"), "check"),
}


def automatic(said: Automatic) -> tuple[str, str]:
    """What a mail of a program is, and its icon."""
    if said.kind == MailKind.RECEIPT and said.told:
        word, icon = _RECEIPTS.get(Outcome(said.told[0].outcome), _RECEIPTS[Outcome.READ])
    else:
        word, icon = _AUTOMATIC.get(
            MailKind(said.kind or MailKind.AUTO_REPLY), _AUTOMATIC[MailKind.AUTO_REPLY]
        )
    return str(word), icon


def unreachable(reason: str, since: datetime) -> str:
    """That mails to an address come back, why and since when."""
    day = date_format(timezone.localtime(since), "j M Y")
    why = REASONS.get(reason, REASONS[Reason.OTHER])
    return _("The last mail to this address came back on %(day)s. %(why)s") % {"day": day, "why": why}


RISKS = {
    Risk.PROGRAM: gettext_lazy("a program: open it only if you asked for it"),
    Risk.PAGE: gettext_lazy("may hold a program: open it only if you expect it"),
    Risk.MACROS: gettext_lazy("holds macros: open it only if you asked for it"),
    Risk.DISGUISED: gettext_lazy("not what its name says: do not open it"),
}
