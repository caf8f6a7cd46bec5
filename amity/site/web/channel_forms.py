"""Forms of the channels: a mailbox to connect, or to change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amity.channels.adapters.email.servers import PLAIN, STARTTLS, TLS, Guess, MailSettings, Server, guess
from amity.channels.mailboxes import steers
from amity.kernel.actor import Actor
from amity.kernel.models import Team

EVERYBODY, MINE = "everybody", "mine"
_SECURITY = ((TLS, _("TLS")), (STARTTLS, _("STARTTLS")), (PLAIN, _("None, own server only")))
_PLAIN_TEXT = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}


class AddressForm(forms.Form):
    """The first step: only the address; servers are guessed from it."""

    address = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={**_PLAIN_TEXT, "placeholder": "support@…"})
    )  # fmt: skip


class MailboxForm(forms.Form):
    """Everything about a mailbox. On a change an empty password keeps the one that is stored."""

    name = forms.CharField(
        label=_("Name"), max_length=120, required=False,
        help_text=_("Customers see it behind the name of the colleague who answers."),
    )  # fmt: skip
    belongs = forms.ChoiceField(label=_("Who sees what comes in"))
    user = forms.CharField(label=_("User name"), max_length=320, widget=forms.TextInput(attrs=_PLAIN_TEXT))
    password = forms.CharField(
        label=_("Password"), strip=False, required=False, max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    imap_host = forms.CharField(
        label=_("Server for incoming mail (IMAP)"), max_length=255, widget=forms.TextInput(attrs=_PLAIN_TEXT)
    )
    imap_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535)
    imap_security = forms.ChoiceField(label=_("Encryption"), choices=_SECURITY)
    smtp_host = forms.CharField(
        label=_("Server for outgoing mail (SMTP)"), max_length=255, widget=forms.TextInput(attrs=_PLAIN_TEXT)
    )
    smtp_port = forms.IntegerField(label=_("Port"), min_value=1, max_value=65_535)
    smtp_security = forms.ChoiceField(label=_("Encryption"), choices=_SECURITY)
    is_own = forms.BooleanField(
        label=_("Our own server"), required=False,
        help_text=_("It stands in our own network, or has unusual ports. Only then may it be without encryption."),
    )  # fmt: skip
    days = forms.ChoiceField(
        label=_("How far back to read"), required=False,
        choices=[("30", _("30 days")), ("90", _("90 days")), ("365", _("One year")), ("", _("Everything"))],
    )  # fmt: skip
    aliases = forms.CharField(
        label=_("Further addresses of this mailbox"), required=False,
        widget=forms.Textarea(attrs={"rows": 2, **_PLAIN_TEXT}),
        help_text=_("One a line. Mail from them is ours, never a customer's."),
    )  # fmt: skip
    append_sent = forms.BooleanField(
        label=_("Lay a copy of what we send into the folder of sent mail"), required=False,
        help_text=_("Gmail and Outlook do that by themselves: leave it off there."),
    )  # fmt: skip
    thread_by_address = forms.BooleanField(
        label=_("Recognise answers by their address"), required=False,
        help_text=_("Answers go to name+…@: good where programs drop the thread. Your server must deliver it."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, is_new: bool = True, **more: Any) -> None:
        super().__init__(*args, **more)
        choices: list[tuple[str, Any]] = []
        may_steer = steers(actor)
        if may_steer:
            choices.append((EVERYBODY, _("Everybody")))
            choices += [(str(team.id), team.name) for team in Team.objects.order_by("name")]
        choices.append((MINE, _("Only me: it is my own mailbox")))
        self.fields["belongs"].choices = choices  # type: ignore[attr-defined]
        if not is_new:
            del self.fields["belongs"], self.fields["days"]
            self.fields["password"].help_text = _("Leave it empty to keep the stored one.")
        else:
            self.fields["password"].required = True
        if not may_steer:
            del self.fields["is_own"]

    @staticmethod
    def guessed(address: str, found: Guess) -> dict[str, Any]:
        """First values for an address."""
        return {
            **_servers(found.imap, found.smtp),
            "user": address, "days": "90",
            "append_sent": found.append_sent, "thread_by_address": found.thread_by_address,
        }  # fmt: skip

    @staticmethod
    def initial_of(settings: MailSettings, name: str) -> dict[str, Any]:
        """The values of a connected mailbox."""
        return {
            **_servers(settings.imap, settings.smtp),
            "name": name, "user": settings.user, "aliases": "\n".join(settings.aliases),
            "append_sent": settings.append_sent, "thread_by_address": settings.thread_by_address,
            "is_own": bool(settings.allow),
        }  # fmt: skip

    def chosen(self) -> dict[str, Any]:
        """What was typed, by the names of `Choices`."""
        typed = self.cleaned_data
        servers = {
            kind: Server(typed[f"{kind}_host"].strip(), typed[f"{kind}_port"], typed[f"{kind}_security"])
            for kind in ("imap", "smtp")
        }
        is_own = {"is_own_server": typed["is_own"]} if "is_own" in typed else {}
        return {
            **servers, **is_own, "user": typed["user"], "name": typed["name"],
            "aliases": tuple(typed["aliases"].splitlines()), "append_sent": typed["append_sent"],
            "thread_by_address": typed["thread_by_address"],
        }  # fmt: skip

    def days_back(self) -> int | None:
        """How far back the first reading goes; None for everything."""
        return int(self.cleaned_data["days"]) if self.cleaned_data.get("days") else None


def _servers(imap: Server, smtp: Server) -> dict[str, Any]:
    return {
        "imap_host": imap.host, "imap_port": imap.port, "imap_security": imap.security,
        "smtp_host": smtp.host, "smtp_port": smtp.port, "smtp_security": smtp.security,
    }  # fmt: skip


def guess_for(address: str) -> Guess:
    return guess(address)
