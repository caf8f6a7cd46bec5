"""What columns of files may say of consent, and how their cells are read. `amity.channels` asks for it.

`consent:<purpose>:<channel>` holds what was said of a purpose, `consent:*:<channel>` who wants nothing by a channel,
`consent:at` when, and `consent:text` in which words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from django.utils.translation import gettext as _

from amity.channels.own_fields import CONSENT, OwnField, ReadDate
from amity.channels.records import Unreadable
from amity.consent.domain.answering import Basis, Said
from amity.consent.domain.channels import Channel
from amity.consent.domain.reading import read_refusal, read_said
from amity.consent.models import Purpose
from amity.consent.queries.purposes import all_purposes
from amity.consent.words import BY_CHANNEL, CHANNELS, name_of
from amity.kernel.storable import EARLIEST, LATEST

WHEN, WORDS, EVERYTHING = f"{CONSENT}at", f"{CONSENT}text", "*"
_CALLED = {
    Channel.EMAIL: ("email", "e-mail", "mail"),
    Channel.PHONE: ("phone", "call", "telephone"),
    Channel.TEXT: ("sms", "text", "text message", "mobile"),
    Channel.LETTER: ("letter", "post", "postal", "mailing"),
    Channel.DIRECT: ("direct message", "social"),
}
_OUT = (
    "{0} opt out", "{0} opted out", "opt out {0}", "opted out of {0}", "do not {0}", "no {0}", "{0} unsubscribed",
    "has opted out of {0}",
)  # fmt: skip
_IN = (
    "{0} consent",
    "{0} opt in",
    "opt in {0}",
    "{0} permission",
    "{0} subscription",
    "consent {0}",
    "{0} ok",
)
_OUT_OF_ALL = ("opt out", "opted out", "unsubscribed", "do not contact")


class ConsentForFiles:
    """Tells `amity.channels` which columns say something of consent."""

    def all(self) -> Sequence[OwnField]:
        """A column for each purpose and channel, one for who refuses a channel, and when and in which words."""
        purposes = all_purposes()
        said = [one for purpose in purposes for one in _of_purpose(purpose)]
        out = [_refusing(channel) for channel in Channel]
        when = OwnField(
            WHEN, _("When consent was given or refused"), False, _read_date, "extra",
            ("consent date", "consent at", "opt in date", "opt in time", "subscribed at", "date of consent",
             "datum der einwilligung", "consent given at", "confirm time"),
        )  # fmt: skip
        words = OwnField(
            WORDS, _("In which words consent was given"), False, _read_text, "extra",
            ("consent text", "consent wording", "consent statement", "opt in text", "consent source",
             "text der einwilligung"),
        )  # fmt: skip
        # First what names no channel: “Consent text” is no refusal of text messages.
        return [when, words, *said, *out] if purposes else []


def _of_purpose(purpose: Purpose) -> Iterator[OwnField]:
    name = name_of(purpose)
    channels = [one for one in Channel if one in purpose.channels]
    for channel in channels:
        names = list(_names(purpose, name, channel))
        if channel is channels[0]:
            names += _names_of_all(purpose, name)
        label = _("Consent: %(purpose)s %(by)s") % {"purpose": name, "by": BY_CHANNEL[channel]}
        key = f"{CONSENT}{purpose.key}:{channel.value}"
        yield OwnField(key, label, purpose.hidden_at is not None, _reader(read_said), "extra", tuple(names))


def _names(purpose: Purpose, name: str, channel: Channel) -> Iterable[str]:
    called = (*_CALLED[channel], str(CHANNELS[channel]))
    for each in {name, purpose.key}:
        for by in called:
            yield from (f"{each} {by}", f"{by} {each}", f"{each} {by} opt in", f"{each} by {by}")
    if purpose.basis == Basis.CONSENT:
        for by in called:
            yield from (one.format(by) for one in _IN)


def _names_of_all(purpose: Purpose, name: str) -> Iterable[str]:
    """Names that say no channel: they are of the first one that the purpose uses."""
    for each in {name, purpose.key}:
        yield from (
            each,
            *(one.format(each) for one in _IN),
            f"{each} status",
            f"is {each}",
            f"{each} subscriber",
        )
    if purpose.basis == Basis.CONSENT:
        yield from ("consent", "opt in", "opted in", "subscribed", "marketing consent", "accepts marketing")
        yield from ("marketing opt in", "einwilligung", "email marketing status", "accepts email marketing")


def _refusing(channel: Channel) -> OwnField:
    names = [one.format(called) for called in _CALLED[channel] for one in _OUT]
    names += _OUT_OF_ALL if channel is Channel.EMAIL else ()
    label = _("Refusal: nothing %(by)s") % {"by": BY_CHANNEL[channel]}
    key = f"{CONSENT}{EVERYTHING}:{channel.value}"
    return OwnField(key, label, False, _reader(read_refusal), "extra", tuple(names))


def _reader(read: Callable[[str], Said | None]) -> Callable[[str, bool, ReadDate], str]:
    return partial(_read_said, read)


def _read_said(read: Callable[[str], Said | None], text: str, _comma: bool, _date: ReadDate) -> str:
    try:
        said = read(text)
    except ValueError:
        raise Unreadable(
            "consent", f"“{text[:40]}” does not say whether they agreed. Write yes, no, objected or pending."
        ) from None
    return said.value if said else ""


def _read_date(text: str, _comma: bool, date: ReadDate) -> str:
    try:
        found = date(text)
    except (ValueError, OverflowError):
        found = None
    if found is None or not EARLIEST <= found < LATEST:
        raise Unreadable("consent_day", f"“{text[:40]}” is no day. Write one such as 2026-03-17.")
    return found.isoformat()


def _read_text(text: str, _comma: bool, _date: ReadDate) -> str:
    return text[:4_000]
