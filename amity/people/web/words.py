"""Identities, evidence and facts in the reader's words."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from amity.channels.machine_mail import REASONS
from amity.channels.mime import Reason
from amity.kernel.written import day_as, reader
from amity.people.domain.precedence import Reason as Why
from amity.people.models import LinkMethod
from amity.people.queries import KnownAs
from amity.people.queries.accounts import Account
from amity.people.queries.reach import Unreachable
from amity.people.queries.record import Said

_NETWORKS = {
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Phone"),
    "twitter": "Twitter",
    "mastodon": "Mastodon",
    "bluesky": "Bluesky",
    "slack": "Slack",
    "community": gettext_lazy("Community"),
    "chat": gettext_lazy("Chat"),
    "customer": gettext_lazy("Customer number"),
}
# Which mark of the design system stands for a network; the others have the mark of a public post.
_MARKS = {"email": "email", "phone": "phone", "community": "community", "chat": "chat", "customer": "account",
          "slack": "chat"}  # fmt: skip
_PLAIN = frozenset({"email", "phone"})
ADDED_BY_HAND = "customer:hand"
"""The network of the numbers of those whom a colleague added without any address."""

FACT_LABELS = {
    "name": gettext_lazy("Name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "city": gettext_lazy("Place"),
    "country": gettext_lazy("Country"),
    "organisation": gettext_lazy("Works at"),
    "job_title": gettext_lazy("Works as"),
    "language": gettext_lazy("Language"),
    "phone": gettext_lazy("Phone"),
    "email": gettext_lazy("E-mail"),
    "website": gettext_lazy("Website"),
    "street": gettext_lazy("Street"),
    "postcode": gettext_lazy("Postcode"),
    "region": gettext_lazy("Region"),
    "department": gettext_lazy("Department"),
    "nickname": gettext_lazy("Nickname"),
    "notes": gettext_lazy("Notes"),
    "birthday": gettext_lazy("Birthday"),
    "tax_number": gettext_lazy("Tax number"),
}


def kind_of(network: str) -> str:
    """`customer:shop` is a kind of `customer`."""
    return network.partition(":")[0]


def network_word(network: str) -> str:
    """What a network is called; an unknown one by its own name."""
    kind = kind_of(network)
    return str(_NETWORKS.get(kind) or kind.replace("_", " ").replace("-", " ").capitalize())


def network_mark(network: str) -> str:
    """The channel whose icon stands for a network."""
    return _MARKS.get(kind_of(network), "post")


def country_name(code: str) -> str:
    """The name of a country by its ISO 3166 code; whatever else a source wrote stays."""
    return str(reader().territories.get(code.upper(), code)) if len(code) == 2 else code


def language_name(code: str) -> str:
    """The name of a language by its code; whatever else a source wrote stays."""
    return str(reader().languages.get(code.partition("-")[0].lower(), code)) if code else ""


def day(instant: datetime) -> str:
    """A day in full: 4 May 2022."""
    return day_as("yMMMd", timezone.localtime(instant))


def short_day(instant: datetime) -> str:
    """A day of these years: Fri, 13 Mar."""
    return day_as("MMMEd", timezone.localtime(instant))


def day_of_year(instant: datetime, now: datetime) -> str:
    """A day in a sentence: 3 Mar, with the year where it is another."""
    local = timezone.localtime(instant)
    skeleton = "MMMd" if local.year == timezone.localtime(now).year else "yMMMd"
    return day_as(skeleton, local)


def address_words(identity: KnownAs | Account) -> str:
    """An identity as one reads it: an address alone, a handle with its network."""
    if not identity.address:
        return _("%(network)s, hidden for your role") % {"network": network_word(identity.network)}
    if identity.network in _PLAIN:
        return identity.address
    word = network_word(identity.network)
    handle = identity.address
    if identity.network == ADDED_BY_HAND:
        return _("Added by hand, %(number)s") % {"number": handle}
    if kind_of(identity.network) in ("twitter", "mastodon", "bluesky"):
        handle = f"@{handle}"
    return f"{handle}, {word}"


def evidence_sentence(identity: KnownAs) -> str:
    """Why we say that an identity belongs to the person."""
    values = {
        "day": day(identity.since),
        "source": identity.source,
        "beside": identity.beside,
        "who": identity.linked_by,
    }
    if identity.method == LinkMethod.STAFF:
        return _("Joined by %(who)s") % values if identity.linked_by else _("Joined by a colleague")
    if identity.method == LinkMethod.SAME_RECORD:
        if identity.beside and identity.source:
            return _("In one record with %(beside)s, %(source)s") % values
        if identity.beside:
            return _("In one record with %(beside)s") % values
        return _("In one record with another identity of theirs")
    if identity.source:
        return _("First seen %(day)s, %(source)s") % values
    return _("First seen %(day)s") % values


USES = {
    "work": gettext_lazy("work"),
    "private": gettext_lazy("private"),
    "other": gettext_lazy("other"),
}
WAYS = {
    "told": gettext_lazy("they told us"),
    "answered": gettext_lazy("they answered there"),
    "document": gettext_lazy("it stood on a document"),
}


def address_marks(identity: KnownAs, now: datetime) -> list[str]:
    """What an address is for, and how somebody made sure that it is theirs."""
    marks = [str(USES[identity.use])] if identity.use in USES else []
    said = identity.verified
    if said is not None and said.value in WAYS:
        values = {
            "how": WAYS[said.value],
            "who": said.by or said.source,
            "day": day_of_year(said.observed_at, now),
        }
        marks.append(_("verified: %(how)s (%(who)s, %(day)s)") % values)
    return marks


def unreachable(told: Unreachable) -> str:
    """That mails to an address come back, since when and why."""
    why = REASONS.get(told.reason, REASONS[Reason.OTHER])
    return _("Mails come back since %(day)s. %(why)s") % {"day": day(told.since), "why": why}


def source_words(said: Said) -> str:
    """Who said it: a colleague who typed it, or a source by its name."""
    return _("%(who)s, typed by hand") % {"who": said.by} if said.by else said.source


def fact_label(field: str) -> str:
    """What a field is called; a field of the source by its own name."""
    return str(FACT_LABELS.get(field) or field.replace("_", " ").capitalize())


def fact_value(field: str, value: str) -> str:
    """A value as the reader writes it."""
    if field == "country":
        return country_name(value)
    if field == "language":
        return language_name(value)
    return value


def why_words(why: Why, source: str = "") -> str:
    """By what a value is the one that is shown; "" where a colleague chose it, which is told with their name."""
    if why is Why.TRUSTED:
        return (
            _("most trusted source: %(source)s") % {"source": source}
            if source
            else _("most trusted: a colleague typed it")
        )
    return "" if why is Why.CHOSEN else str(_WHY[why])


_WHY = {
    Why.NEWEST: gettext_lazy("newest"),
    Why.COMPLETE: gettext_lazy("most complete"),
    Why.FIRST: gettext_lazy("first in the alphabet"),
    Why.PARTS: gettext_lazy("given and family name, newest of each"),
}


def source_and_day(said: Said) -> str:
    """Which source, or who, said it, and when."""
    return f"{source_words(said)}, {day(said.observed_at)}"
