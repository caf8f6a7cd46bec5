"""Settings, Channels: mailboxes with how they are, what happened to them, and what can be done."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.channels import accounts, mailboxes
from amity.channels.adapters import live_adapter
from amity.channels.adapters.email.servers import MailSettings
from amity.channels.mailboxes import Choices, TrialFailed
from amity.channels.models import Account, AccountState, Feed, Item, ItemState, LedgerEntry
from amity.kernel import policy
from amity.kernel.errors import DomainError, Invalid, NotFound
from amity.kernel.requests import ActingRequest
from amity.site import errors
from amity.site.accounts.web.confirming import confirmed
from amity.site.toasts import Undo, toast
from amity.site.web.channel_forms import EVERYBODY, MINE, AddressForm, MailboxForm, guess_for
from amity.site.web.channel_words import entry_words, health_of, step_words
from amity.site.web.forms import show_errors
from amity.site.web.settings_page import show_part

PART = "settings-channels"
MOST_ENTRIES = 50
NOTES = {
    "app-password": gettext_lazy(
        "This provider wants an app password, made in the security settings of the account."
    ),
    "oauth": gettext_lazy(
        "This provider has given up passwords for most accounts. An app password may still work."
    ),
    "switch-on-imap": gettext_lazy(
        "At this provider IMAP is switched on in the settings of the mailbox first."
    ),
}


@require_safe
def channels(request: ActingRequest) -> HttpResponse:
    """Every mailbox that the actor may know of."""
    policy.require(request.actor, "read", "own_source")
    found = (
        Account.objects.visible_to(request.actor)
        .exclude(state=AccountState.REMOVED)
        .select_related("source__team", "source__owner")
        .annotate(waiting=Sum("feeds__waiting"), came=Sum("feeds__came"))
    )
    rows = [{"account": one, "health": health_of(one, one.waiting or 0, request.now)} for one in found]
    return show_part(request, PART, {"rows": rows})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def new(request: ActingRequest) -> HttpResponse:
    """Connect a mailbox: first the address, then servers and password, tried before anything is kept."""
    policy.require(request.actor, "write", "own_source")
    first = AddressForm(request.POST or request.GET or None)
    if not first.is_bound or not first.is_valid():
        return _form(request, {"first": first}, 422 if request.method == "POST" else 200)
    address = first.cleaned_data["address"]
    found = guess_for(address)
    shown: dict[str, object] = {"address": address, "note": NOTES.get(found.note, "")}
    if request.method != "POST":
        start = {**MailboxForm.guessed(address, found), "belongs": EVERYBODY}
        return _form(request, shown | {"form": MailboxForm(initial=start, actor=request.actor)})
    form = MailboxForm(request.POST, actor=request.actor)
    if not form.is_valid():
        return _form(request, shown | {"form": form}, 422)
    belongs = form.cleaned_data["belongs"]
    try:
        account = mailboxes.connect_mailbox(
            address, chosen=Choices(**form.chosen()), password=form.cleaned_data["password"], days=form.days_back(),
            team_id=None if belongs in {EVERYBODY, MINE} else UUID(belongs), personal=belongs == MINE,
            anyway="anyway" in request.POST, actor=request.actor, at=request.now,
        )  # fmt: skip
    except TrialFailed as error:
        steps = [step_words(step) for step in error.steps]
        return _form(request, shown | {"form": form, "steps": steps, "is_good": False}, error.status)
    except DomainError as error:
        show_errors(form, error)
        return errors.with_wait(_form(request, shown | {"form": form}, error.status), error)
    toast(request, _("%(address)s is connected") % {"address": address})
    return redirect("settings-channel", account.pk)


def _form(request: ActingRequest, shown: dict[str, Any], status: int = 200) -> HttpResponse:
    return show_part(request, PART, shown, status, template="site/settings_channel_new.html")


def _account(request: ActingRequest, source_id: UUID) -> Account:
    policy.require(request.actor, "read", "own_source")
    visible = Account.objects.visible_to(request.actor).select_related("source__team", "source__owner")
    found = visible.filter(pk=source_id).first()
    if found is None:
        raise NotFound(_("There is no such account."))
    return found


def _may_change(request: ActingRequest, account: Account) -> bool:
    is_own = account.source.owner_id is not None
    return policy.may(request.actor, "write", "own_source" if is_own else "source")


@require_safe
def channel(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """One mailbox: how it is, how far it was read, what happened."""
    return _show(request, _account(request, source_id), {})


def _show(
    request: ActingRequest, account: Account, more: dict[str, object], status: int = 200
) -> HttpResponse:
    feeds = list(Feed.objects.filter(account=account))
    entries = LedgerEntry.objects.filter(account=account).select_related("staff").order_by("-at", "-id")
    waiting = sum(feed.waiting for feed in feeds)
    shown: dict[str, object] = {
        "account": account,
        "health": health_of(account, waiting, request.now),
        "feeds": feeds,
        "entries": [{"row": one, "words": entry_words(one)} for one in entries[:MOST_ENTRIES]],
        "quarantined": Item.objects.filter(source_id=account.pk, state=ItemState.QUARANTINED).count(),
        "may_change": _may_change(request, account),
    }
    return show_part(request, PART, shown | more, status, template="site/settings_channel.html")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def change(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Other servers, another password, further addresses."""
    account = _account(request, source_id)
    if not _may_change(request, account):
        policy.require(request.actor, "write", "source")
    before = MailSettings.from_json(account.settings)
    form = MailboxForm(
        request.POST or None,
        initial=MailboxForm.initial_of(before, before.name),
        actor=request.actor,
        is_new=False,
    )
    if request.method == "POST" and form.is_valid() and _changed(request, account, form):
        toast(request, _("Saved. It is tried at once."))
        return redirect("settings-channel", source_id)
    status = 422 if form.is_bound and form.errors else 200
    shown: dict[str, object] = {
        "account": account,
        "address": account.address,
        "form": form,
        "is_change": True,
    }
    return _form(request, shown, status)


def _changed(request: ActingRequest, account: Account, form: MailboxForm) -> bool:
    """Whether what was typed is kept; what stands against it is put into the form."""
    try:
        mailboxes.change_mailbox(
            account.pk, form.chosen(), password=form.cleaned_data["password"], actor=request.actor, at=request.now
        )  # fmt: skip
    except Invalid as error:
        show_errors(form, error)
        return False
    return True


@require_POST
def trial(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Try the connection now and show each step."""
    account = _account(request, source_id)
    steps = mailboxes.try_mailbox(account, actor=request.actor)
    return _show(request, account, {"steps": [step_words(step) for step in steps]})


@require_POST
def pause(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Neither read nor send for now."""
    account = accounts.pause(_account(request, source_id).pk, actor=request.actor, at=request.now)
    undo = Undo(reverse("settings-channel-continuation", args=[source_id]), {})
    toast(request, _("%(address)s is paused") % {"address": account.address}, undo=undo)
    return redirect("settings-channel", source_id)


@require_POST
def continuation(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Go on where it was."""
    account = accounts.go_on(_account(request, source_id).pk, actor=request.actor, at=request.now)
    toast(request, _("%(address)s goes on") % {"address": account.address})
    return redirect("settings-channel", source_id)


@require_POST
def reading(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Compare everything on the server with what came, `days` back (empty: all)."""
    given = request.POST.get("days", "")
    days = int(given) if given.isdecimal() and 0 < int(given) < 100_000 else None
    accounts.read_again(_account(request, source_id).pk, actor=request.actor, at=request.now, days=days)
    toast(request, _("It is read again. What is here already stays as it is."))
    return redirect("settings-channel", source_id)


@require_POST
def replay(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Read what could not be read once more."""
    from amity.site import ingest

    account = _account(request, source_id)
    if not _may_change(request, account):
        policy.require(request.actor, "write", "source")
    adapter = live_adapter(account.source.adapter)
    if adapter is not None:
        counts = ingest.replay_mailbox(account.pk, adapter=adapter, actor=request.actor, at=request.now)
        toast(
            request, _("%(new)s of %(all)s could be read now") % {"new": counts["new"], "all": counts["read"]}
        )
    return redirect("settings-channel", source_id)


@require_POST
def removal(request: ActingRequest, source_id: UUID) -> HttpResponse:
    """Disconnect it; its password is forgotten, what it brought stays."""
    account = accounts.remove(_account(request, source_id).pk, actor=request.actor, at=request.now)
    toast(request, _("%(address)s is removed. What it brought is still here.") % {"address": account.address})
    return redirect("settings-channels")
