"""Accounts in words: how they are, what is wrong, what to do about it, what happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from amity.channels.adapters.email.trial import Step
from amity.channels.models import Account, AccountState, LedgerEntry

Words = str | Promise

TROUBLE: Mapping[str, tuple[Words, Words]] = {
    "mail.sign_in": (
        gettext_lazy("The server does not accept the user name or the password."),
        gettext_lazy("Enter the password again. Many providers want an app password made for this purpose."),
    ),
    "mail.certificate": (
        gettext_lazy("The server's certificate cannot be trusted."),
        gettext_lazy(
            "Check the name of the server. For a server of your own, have a valid certificate installed."
        ),
    ),
    "mail.no_tls": (
        gettext_lazy("The server does not speak TLS on this port."),
        gettext_lazy("Choose STARTTLS, or another port: 993 for incoming, 465 or 587 for outgoing mail."),
    ),
    "mail.private_address": (
        gettext_lazy("This server is not on the public internet, or its port is unusual."),
        gettext_lazy("If it is a server of your own, an administrator ticks “Our own server”."),
    ),
    "mail.unencrypted": (
        gettext_lazy("Without encryption the password would be readable on the way."),
        gettext_lazy("Choose TLS or STARTTLS. Only a server of your own may go without."),
    ),
    "mail.unreachable": (
        gettext_lazy("The server cannot be reached."),
        gettext_lazy(
            "Check its name and port. If both are right it may be down; Amity tries again by itself."
        ),
    ),
    "mail.silent": (
        gettext_lazy("The server does not answer."),
        gettext_lazy("It may be busy. Amity tries again by itself."),
    ),
    "mail.no_folder": (
        gettext_lazy("A folder does not exist any more."),
        gettext_lazy("Change the folders in the settings of the account."),
    ),
    "mail.broken": (
        gettext_lazy("The line to the server broke."),
        gettext_lazy("Amity connects again by itself. Nothing is lost: mail waits on the server."),
    ),
    "vault": (
        gettext_lazy("The stored password cannot be opened with this installation's key."),
        gettext_lazy("Enter the password again, or put back the vault_key that belongs to this database."),
    ),
    "internal": (
        gettext_lazy("Amity failed on this account."),
        gettext_lazy("It tries again by itself. The log of the worker says more."),
    ),
}
STEPS: Mapping[str, Words] = {
    "incoming": gettext_lazy("Sign in for incoming mail"),
    "folders": gettext_lazy("Look into the inbox"),
    "outgoing": gettext_lazy("Sign in for outgoing mail"),
}


@dataclass(frozen=True, slots=True)
class Health:
    """How an account is, as a chip and a sentence; `remedy` is empty where nothing is to be done."""

    tone: str
    icon: str
    word: str
    text: str
    remedy: str = ""
    detail: str = ""


def health_of(account: Account, waiting: int, now: datetime) -> Health:
    """The health of an account at `now`; `waiting` counts mails that are known and not read yet."""
    if account.state == AccountState.PAUSED:
        return Health(
            "quiet", "pause", _("paused"), _("Nothing is read or sent. The server keeps what comes.")
        )
    if account.state == AccountState.REMOVED:
        return Health("quiet", "unlink", _("removed"), _("What it brought is still here."))
    if account.problem:
        what, remedy = TROUBLE.get(account.problem, TROUBLE["internal"])
        return Health("bad", "circle-x", pgettext("health", "broken"), str(what), str(remedy), account.detail)
    if account.looked_at is None or waiting:
        text = ngettext("%(n)s mail waits to be read.", "%(n)s mails wait to be read.", waiting) % {
            "n": waiting
        }
        text = text if waiting else _("It is being read for the first time.")
        return Health("info", "refresh-cw", _("reading"), text)
    if (now - account.looked_at).total_seconds() > SILENT_S:
        return Health(
            "caution", "clock-alert", _("not watched"), _("Nobody has looked into it for some minutes."),
            _("The worker does that. Start it with “amity run”."),
        )  # fmt: skip
    text = _("New mail shows within seconds.") if account.watching else _("It is looked into every minute.")
    return Health("good", "circle-check", _("works"), text)


SILENT_S = 300.0


def step_words(step: Step) -> dict[str, object]:
    """A step of a trial as the screen shows it."""
    what, remedy = TROUBLE.get(step.problem, ("", "")) if step.problem else ("", "")
    said = ""
    if step.is_good and step.name == "folders":
        said = ngettext("%(n)s mail lies there.", "%(n)s mails lie there.", step.mails) % {"n": step.mails}
        if not step.detail:
            said += " " + _("No folder of sent mail was found: answers written elsewhere stay unseen.")
    elif step.is_good:
        said = step.detail
    return {
        "is_good": step.is_good, "label": str(STEPS[step.name]), "said": said, "what": str(what),
        "remedy": str(remedy), "detail": step.detail if step.problem else "",
    }  # fmt: skip


def entry_words(entry: LedgerEntry) -> str:
    """A line of the ledger as a sentence."""
    n = entry.figures
    words = {
        "connected": _("Connected"),
        "changed": _("Settings changed"),
        "paused": _("Paused"),
        "went_on": _("Went on"),
        "removed": _("Removed"),
        "asked": _("Asked to read everything again"),
        "recovered": _("Works again"),
        "renumbered": _("The server counts anew: read again from the beginning"),
    }
    if entry.kind == "read":
        return _("Read to its end: %(came)s came, %(same)s were here before") % {
            "came": n.get("came", 0), "same": n.get("same", 0)
        }  # fmt: skip
    if entry.kind == "gap":
        return ngettext("%(n)s mail was missing and is read now", "%(n)s mails were missing and are read now",
                        n.get("gaps", 0)) % {"n": n.get("gaps", 0)}  # fmt: skip
    if entry.kind == "trouble":
        return str(TROUBLE.get(entry.problem, TROUBLE["internal"])[0])
    return words.get(entry.kind, entry.kind)
