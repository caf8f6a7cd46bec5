"""Mail about accounts: short, plain text, in the language of who reads it, with links to `AMITY_URL` only.

A mail is a job of the transaction in which it was decided. What it says is sealed in the queue, for it may hold a link.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from amity.kernel import vault
from amity.kernel.models import Staff
from amity.kernel.workspace import workspace

PURPOSE = "mail about an account"
Fields = dict[str, str]


def can_mail() -> bool:
    """Whether a mail server is set. Where not, links are shown to be copied."""
    return bool(settings.CAN_SEND_MAIL)


def post(kind: str, to: str, language: str, **fields: str) -> bool:
    """Have the worker send the mail `kind` (a key of `LETTERS`). False where no mail server is set."""
    from amity.site.jobs import send_account_mail

    if not can_mail():
        return False
    sealed = vault.seal(json.dumps({"kind": kind, "to": to, "language": language, **fields}), purpose=PURPOSE)
    send_account_mail.defer(sealed=sealed)
    return True


def tell(staff: Staff, kind: str, *, to: str = "", **fields: str) -> bool:
    """`post` to a colleague, at their own address unless `to` names another (the one they had before)."""
    return post(kind, to or staff.email, staff.language, name=staff.name, **fields)


def send(sealed: str) -> None:
    """Write and send what `post` put into the queue."""
    fields: Fields = json.loads(vault.unseal(sealed, purpose=PURPOSE))
    subject, body = written(fields)
    EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [fields["to"]]).send()


def written(fields: Fields) -> tuple[str, str]:
    """Subject and text."""
    known = {"company": workspace().name, "address": settings.BASE_URL, **fields}
    with translation.override(fields["language"]):
        subject, *paragraphs = LETTERS[fields["kind"]](known)
        greeting = _("Hello %(name)s,") % known if fields.get("name") else _("Hello,")
        text = "\n\n".join([greeting, *paragraphs, _("%(company)s, by Amity at %(address)s") % known])
    return " ".join(subject.split()), text + "\n"


def _invitation(known: Fields) -> tuple[str, ...]:
    return (
        _("%(inviter)s invites you to %(company)s") % known,
        _("%(inviter)s has made room for you in Amity, where %(company)s talks with its customers.") % known,
        _("Open this page, choose a password, and you are in. The link works once, until %(until)s:") % known,
        known["link"],
        _("If you do not know what this is about, do nothing: without the link nobody gets in."),
    )


def _reset(known: Fields) -> tuple[str, ...]:
    return (
        _("Choose a new password for %(company)s") % known,
        _(
            "Somebody asked for a new password for your account. If that was you, choose one here within an hour:"
        ),
        known["link"],
        _("If it was not you, do nothing. Your password stays as it is."),
    )


def _password_changed(known: Fields) -> tuple[str, ...]:
    return (
        _("Your password for %(company)s was changed") % known,
        _("The password of your account was changed just now, and every other browser was signed out."),
        _not_you(),
    )


def _address(known: Fields) -> tuple[str, ...]:
    return (
        _("Confirm your new address for %(company)s") % known,
        _("Your account is about to get this e-mail address. Confirm it within a day:"),
        known["link"],
        _("If you have no account there, do nothing."),
    )


def _address_changed(known: Fields) -> tuple[str, ...]:
    return (
        _("Your e-mail address for %(company)s was changed") % known,
        _("From now on you sign in with another address, and mail about your account goes there."),
        _not_you(),
    )


def _factor_changed(known: Fields) -> tuple[str, ...]:
    return (
        _("How you sign in to %(company)s was changed") % known,
        known["what"],
        _not_you(),
    )


def _not_you() -> str:
    return _("If that was not you, tell an administrator of your company at once.")


LETTERS: dict[str, Callable[[Fields], tuple[str, ...]]] = {
    "invitation": _invitation,
    "reset": _reset,
    "password_changed": _password_changed,
    "address": _address,
    "address_changed": _address_changed,
    "factor_changed": _factor_changed,
}


def day(at: datetime) -> str:
    """A date as mails name it."""
    return at.strftime("%Y-%m-%d %H:%M UTC")
