"""Purposes, bases, channels and statements in words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from amity.consent.domain.answering import Basis, Said
from amity.consent.domain.channels import Channel
from amity.consent.models import How, Purpose

BASES: dict[Basis, str | Promise] = {
    Basis.CONSENT: gettext_lazy("Consent"),
    Basis.CONTRACT: gettext_lazy("Contract"),
    Basis.LEGAL_OBLIGATION: gettext_lazy("Legal obligation"),
    Basis.VITAL_INTERESTS: gettext_lazy("Vital interests"),
    Basis.PUBLIC_TASK: gettext_lazy("Public task"),
    Basis.LEGITIMATE_INTERESTS: gettext_lazy("Legitimate interests"),
}
ARTICLES: dict[Basis, str] = dict(zip(Basis, "abcdef", strict=True))
"""The letter of GDPR, article 6(1)."""
BASIS_MEANS: dict[Basis, str | Promise] = {
    Basis.CONSENT: gettext_lazy("Nobody is contacted who did not agree. It can be withdrawn at any time."),
    Basis.CONTRACT: gettext_lazy("Needed for what they bought or asked for."),
    Basis.LEGAL_OBLIGATION: gettext_lazy("A law requires it, such as a recall."),
    Basis.VITAL_INTERESTS: gettext_lazy("It protects somebody's life."),
    Basis.PUBLIC_TASK: gettext_lazy("A task in the public interest."),
    Basis.LEGITIMATE_INTERESTS: gettext_lazy(
        "We have a reason that weighs more. Whoever objects is left alone."
    ),
}
CHANNELS: dict[Channel, str | Promise] = {
    Channel.EMAIL: gettext_lazy("E-mail"),
    Channel.PHONE: gettext_lazy("Phone"),
    Channel.TEXT: gettext_lazy("Text message"),
    Channel.LETTER: gettext_lazy("Letter"),
    Channel.DIRECT: gettext_lazy("Direct message"),
}
BY_CHANNEL: dict[Channel, str | Promise] = {
    Channel.EMAIL: pgettext_lazy("channel", "by e-mail"),
    Channel.PHONE: pgettext_lazy("channel", "by phone"),
    Channel.TEXT: pgettext_lazy("channel", "by text message"),
    Channel.LETTER: pgettext_lazy("channel", "by letter"),
    Channel.DIRECT: pgettext_lazy("channel", "by direct message"),
}
CHANNEL_ICONS: dict[Channel, str] = {
    Channel.EMAIL: "mail",
    Channel.PHONE: "phone",
    Channel.TEXT: "message-square-text",
    Channel.LETTER: "stamp",
    Channel.DIRECT: "at-sign",
}
NO_ACCOUNT: dict[Channel, str | Promise] = {
    Channel.EMAIL: gettext_lazy("There is no e-mail address."),
    Channel.PHONE: gettext_lazy("There is no phone number."),
    Channel.TEXT: gettext_lazy("There is no phone number."),
    Channel.LETTER: gettext_lazy("There is nobody to write to."),
    Channel.DIRECT: gettext_lazy("There is no account to write to."),
}
SAID: dict[Said, str | Promise] = {
    Said.GIVEN: pgettext_lazy("consent", "Agreed"),
    Said.PENDING: pgettext_lazy("consent", "Asked for, not confirmed"),
    Said.WITHDRAWN: pgettext_lazy("consent", "Withdrew"),
    Said.OBJECTED: pgettext_lazy("consent", "Objected"),
}
HOWS: dict[How, str | Promise] = {
    How.FORM: gettext_lazy("on a form"),
    How.IMPORT: gettext_lazy("by an import"),
    How.MAIL: gettext_lazy("in a mail"),
    How.PHONE: gettext_lazy("on the phone"),
    How.IN_PERSON: gettext_lazy("in person"),
    How.LETTER: gettext_lazy("in a letter"),
    How.STAFF: gettext_lazy("noted by a colleague"),
    How.PROGRAM: gettext_lazy("told by a program"),
    How.LIST_UNSUBSCRIBE: gettext_lazy("by the unsubscribe button of their mail program"),
    How.BEFORE_ERASURE: gettext_lazy("before they were erased"),
}
BY_HAND = (How.FORM, How.MAIL, How.PHONE, How.IN_PERSON, How.LETTER, How.STAFF)
"""What a colleague may choose; the others are said by whoever knows."""

STARTING: dict[str, tuple[str | Promise, str | Promise]] = {
    "support": (
        gettext_lazy("Support"),
        gettext_lazy("Answers to what you ask us, and what concerns your orders."),
    ),
    "newsletter": (
        gettext_lazy("Newsletter"),
        gettext_lazy("News and offers, as often as you agreed to."),
    ),
    "surveys": (
        gettext_lazy("Surveys"),
        gettext_lazy("Now and then we ask how satisfied you are."),
    ),
}
"""Those with which Amity begins, by key: name, and what it is for."""
EVERYTHING = gettext_lazy("Everything")


def name_of(purpose: Purpose) -> str:
    """What a purpose is called."""
    return purpose.name or str(STARTING.get(purpose.key, (purpose.key, ""))[0])


def words_of(purpose: Purpose) -> str:
    """What it is for, in words for customers."""
    return purpose.words or str(STARTING.get(purpose.key, ("", ""))[1])
