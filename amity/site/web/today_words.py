"""Today in words: what an item says, why it stands where it stands, and where its button leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.insight.domain.ranking import Item, Kind, Reason, Why
from amity.site.templatetags.marks import channel as channel_mark
from amity.site.templatetags.wording import duration, number

CALLS = frozenset({"call", "phone", "voicemail"})
MOST_REASONS = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """An item as `components/today_item.html` draws it, and its points for "Why this order"."""

    rank: int
    title: str
    icon: str
    reason: str
    minutes: timedelta
    url: str
    action: str
    is_open: bool
    points: int
    because: tuple[tuple[str, int], ...]
    basis: str


def address(name: str, *arguments: object, query: Mapping[str, str] | None = None) -> str:
    """The address of a screen; Today itself where that screen is not there."""
    try:
        found = reverse(name, args=arguments)
    except NoReverseMatch:
        return reverse("today")
    return f"{found}?{urlencode(query)}" if query else found


def conversation_url(conversation_id: UUID | None) -> str:
    return address("conversation", conversation_id) if conversation_id else address("inbox")


def show(item: Item, rank: int, conversation_of: Mapping[UUID, UUID | None]) -> Shown:
    """`conversation_of` names the conversation of promises and messages, by their id."""
    title, action = _TITLES[item.kind](item)
    said = [(reason_words(reason, item), reason.points) for reason in item.reasons]
    spoken = [
        words
        for reason, (words, points) in zip(item.reasons, said, strict=True)
        if points >= 0 and reason.why is not Why.PUBLIC  # the title says it, or it matters to the order only
    ] or [_waits(item)]
    return Shown(
        rank=rank,
        title=title,
        icon=_icon(item),
        reason=_sentence(spoken[:MOST_REASONS], item),
        minutes=timedelta(minutes=item.minutes),
        url=_url(item, conversation_of),
        action=action,
        is_open=rank == 1,
        points=item.points,
        because=tuple(said),
        basis=_basis(item),
    )


# -------------------------------------------------------------------------------------------------------------- titles


def _who(item: Item) -> str:
    return item.name or _("somebody")


def _answer(item: Item) -> tuple[str, str]:
    who = {"name": _who(item)}
    if item.channel in CALLS:
        return _("Call %(name)s back") % who, _("Call")
    if any(reason.why is Why.PUBLIC for reason in item.reasons):
        return _("Answer %(name)s in public") % who, _("Answer")
    return _("Answer %(name)s") % who, _("Answer")


def _same(item: Item) -> tuple[str, str]:
    people = {"count": counted(len(item.ids)), "question": item.words}
    return _("%(count)s people ask the same: %(question)s") % people, _("Answer %(count)s") % {
        "count": len(item.ids)
    }


def _promise(item: Item) -> tuple[str, str]:
    if item.name:
        return _("Keep your promise to %(name)s: %(what)s") % {"name": item.name, "what": item.words}, _(
            "Open"
        )
    return _("Keep your promise: %(what)s") % {"what": item.words}, _("Open")


def _not_sent(item: Item) -> tuple[str, str]:
    if any(reason.why is Why.UNKNOWN_SENT for reason in item.reasons):
        return _("Look whether your answer to %(name)s arrived") % {"name": _who(item)}, _("Look")
    if any(reason.why is Why.RETURNED for reason in item.reasons):
        return _("Reach %(name)s on another way: your answer came back") % {"name": _who(item)}, _("Open")
    return _("Send your answer to %(name)s again") % {"name": _who(item)}, _("Open")


def _import(item: Item) -> tuple[str, str]:
    return _("Look at the import %(file)s") % {"file": item.name}, _("Open import")


_TITLES: dict[Kind, Callable[[Item], tuple[str, str]]] = {
    Kind.ANSWER: _answer,
    Kind.SAME: _same,
    Kind.PROMISE: _promise,
    Kind.NOT_SENT: _not_sent,
    Kind.IMPORT: _import,
}


def _icon(item: Item) -> str:
    whys = {reason.why for reason in item.reasons}
    if item.kind is Kind.ANSWER:
        return "flame" if {Why.LATE, Why.PUBLIC} <= whys else channel_mark(item.channel).icon
    fixed = {
        Kind.SAME: "layers",
        Kind.PROMISE: "handshake",
        Kind.NOT_SENT: "circle-alert",
        Kind.IMPORT: "file-up",
    }
    return fixed[item.kind]


def _url(item: Item, conversation_of: Mapping[UUID, UUID | None]) -> str:
    if item.kind is Kind.ANSWER:
        return conversation_url(item.id)
    if item.kind is Kind.SAME:
        return address("inbox", query={"view": "waiting", "q": " ".join(item.search)})
    if item.kind is Kind.IMPORT:
        return address("import", item.id)
    return conversation_url(conversation_of.get(item.id))


# ------------------------------------------------------------------------------------------------------------- reasons


def reason_words(reason: Reason, item: Item) -> str:
    """One reason as a clause."""
    amount = reason.amount
    time = duration(amount) if isinstance(amount, timedelta) else ""
    count = amount if isinstance(amount, int) else 0
    tier = _("%(name)s tier") % {"name": reason.name} if reason.name else ""
    return {
        Why.LATE: lambda: _("late by %(time)s") % {"time": time},
        Why.DUE_SOON: lambda: _("answer due in %(time)s") % {"time": time},
        Why.MOOD_ANGRY: lambda: _("angry"),
        Why.MOOD_UNHAPPY: lambda: _("unhappy"),
        Why.MOOD_PLEASED: lambda: _("pleased, can wait"),
        Why.GOLD: lambda: tier or _("gold tier"),
        Why.SILVER: lambda: tier or _("silver tier"),
        Why.PUBLIC: lambda: _("everybody can read it"),
        Why.MANY: lambda: _("one answer serves all %(count)s") % {"count": count},
        Why.PROMISE_LATE: lambda: _("you promised, %(time)s ago") % {"time": time},
        Why.PROMISE_SOON: lambda: _("you promised it in %(time)s") % {"time": time},
        Why.PROMISE_TODAY: lambda: _("you promised it for today"),
        Why.MINE: lambda: _("yours"),
        Why.NOT_SENT: lambda: item.words.rstrip(".") or _("it did not leave the house"),
        Why.RETURNED: lambda: item.words.rstrip(".") or _("it was not delivered"),
        Why.UNKNOWN_SENT: lambda: _("the line broke while it was sent"),
        Why.IMPORT_FAILED: lambda: _("it stopped with an error; nothing that was read is lost"),
        Why.QUARANTINE: lambda: (
            ngettext("%(count)s row was not taken", "%(count)s rows were not taken", count)
            % {"count": number(count)}
        ),
    }[reason.why]()


def _waits(item: Item) -> str:
    return _("nobody else has it") if item.kind is Kind.ANSWER else _("waits for you")


def _sentence(clauses: list[str], item: Item) -> str:
    """The clauses as one line, and for an answer the customer's own words."""
    line = ", ".join(clauses)
    line = line[:1].upper() + line[1:]
    words = " ".join(item.words.split()) if item.kind is Kind.ANSWER else ""
    return _("%(reasons)s. “%(words)s”") % {"reasons": line, "words": words} if words else line


def _basis(item: Item) -> str:
    """Where the estimate of minutes comes from."""
    return {
        Kind.ANSWER: _("Rule of thumb for this channel, and a minute for each message beyond three"),
        Kind.SAME: _("Ten minutes to write it once, one for each person"),
        Kind.PROMISE: _("Rule of thumb"),
        Kind.NOT_SENT: _("Rule of thumb"),
        Kind.IMPORT: _("Rule of thumb"),
    }[item.kind]


# ------------------------------------------------------------------------------------------------------------- numbers


def counted(count: int) -> str:
    """A count at the beginning of a sentence, in words up to twelve."""
    words = (
        _("No"), _("One"), _("Two"), _("Three"), _("Four"), _("Five"), _("Six"), _("Seven"), _("Eight"), _("Nine"),
        _("Ten"), _("Eleven"), _("Twelve"),
    )  # fmt: skip
    return words[count] if count < len(words) else number(count)


def things(count: int, minutes: int) -> str:
    """ "Seven things, about 1 h 10"."""
    about = duration(timedelta(minutes=max(5, 5 * round(minutes / 5))))
    words = ngettext("%(number)s thing, about %(time)s", "%(number)s things, about %(time)s", count)
    return words % {"number": counted(count), "time": about}
