"""What of this package stands on the Status screen: what comes in, what could not be read, what goes out."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.channels.account_models import Account, AccountState
from amity.channels.models import ImportRun, Item, ItemState, OutboundMessage, OutboundState, RunState, Source
from amity.kernel import policy
from amity.kernel.health import MOST_COUNTED, Finding, Health, Look, capped, register_check

STUCK_IMPORT = timedelta(minutes=2)
LASTING_TROUBLE = timedelta(hours=1)
RECENT_FAILURE = timedelta(days=7)
LATE_MESSAGE, STALE_MESSAGE = timedelta(minutes=5), timedelta(minutes=15)


@register_check("imports", order=50)
def imports(look: Look) -> Finding:
    """Files on their way in."""
    runs = policy.visible(ImportRun.objects.all(), look.actor).aggregate(
        running=Count("pk", filter=Q(state__in=[RunState.RUNNING, RunState.UNDOING])),
        queued=Count("pk", filter=Q(state=RunState.QUEUED)),
        failed=Count("pk", filter=Q(state=RunState.FAILED, created_at__gte=look.at - RECENT_FAILURE)),
        stuck=Count("pk", filter=Q(state=RunState.RUNNING, heartbeat_at__lt=look.at - STUCK_IMPORT)),
    )
    words = _("%(running)s running, %(queued)s waiting, %(failed)s failed in the last seven days.") % runs
    health, remedy = Health.INFO if runs["running"] else Health.GOOD, ""
    if runs["stuck"]:
        health, remedy = (
            Health.CAUTION,
            _("One has not moved for two minutes. It goes on where it was when the worker does."),
        )
    elif runs["failed"]:
        health, remedy = (
            Health.CAUTION,
            _("Open it to see the reason; it can go on where it stopped, or be undone."),
        )
    if not any(runs.values()):
        words = _("Nothing is being imported.")
    return Finding("imports", _("Imports"), health, words, remedy, dict(runs), link="imports")


@register_check("accounts", order=55)
def accounts(look: Look) -> Finding | None:
    """Live accounts: how many are connected, and which trouble lasts. Nothing where none was set up."""
    mine = policy.visible(Account.objects.exclude(state=AccountState.REMOVED), look.actor)
    long_since = look.at - LASTING_TROUBLE
    counts = mine.aggregate(
        connected=Count("pk", filter=Q(state=AccountState.ACTIVE)),
        paused=Count("pk", filter=Q(state=AccountState.PAUSED)),
        troubled=Count("pk", filter=Q(state=AccountState.ACTIVE) & ~Q(problem="")),
        cut_off=Count(
            "pk", filter=Q(state=AccountState.ACTIVE, problem_since__lt=long_since) & ~Q(problem="")
        ),
        looked_at=Min("looked_at", filter=Q(state=AccountState.ACTIVE)),
    )
    oldest = counts.pop("looked_at")
    if not counts["connected"] + counts["paused"]:
        return None
    health = Health.BAD if counts["cut_off"] else Health.CAUTION if counts["troubled"] else Health.GOOD
    figures = {**counts, **({"oldest_look_seconds": (look.at - oldest).total_seconds()} if oldest else {})}
    return Finding(
        "accounts",
        _("Accounts"),
        health,
        _("%(connected)s connected, %(troubled)s of them in trouble, %(paused)s paused.") % counts,
        _("Its page under Settings says what the server answers, and what to do.")
        if counts["troubled"]
        else "",
        figures,
    )


@register_check("quarantine", order=60)
def quarantine(look: Look) -> Finding:
    """Items that could not be understood, kept whole for another try."""
    rows = policy.visible(Item.objects.filter(state=ItemState.QUARANTINED), look.actor)
    count = rows.order_by()[:MOST_COUNTED].count()
    if not count:
        return Finding(
            "quarantine", _("Quarantine"), Health.GOOD, _("Every item could be read."), figures={"items": 0}
        )
    words = ngettext("%(count)s item could not be read.", "%(count)s items could not be read.", count)
    return Finding(
        "quarantine",
        _("Quarantine"),
        Health.CAUTION,
        words % {"count": capped(count)},
        _("They are kept whole with their reason. Open their import to see them and try again."),
        {"items": count},
        link="imports",
    )


@register_check("outbox", order=70)
def outbox(look: Look) -> Finding:
    """Messages on their way out, and those of which nobody knows whether they arrived."""
    mine = OutboundMessage.objects.filter(source__in=policy.visible(Source.objects.all(), look.actor))
    counts = mine.exclude(state__in=[OutboundState.SENT, OutboundState.WITHDRAWN]).aggregate(
        waiting=Count("pk", filter=Q(state__in=[OutboundState.QUEUED, OutboundState.SENDING])),
        stale=Count("pk", filter=Q(state=OutboundState.QUEUED, send_at__lt=look.at - STALE_MESSAGE)),
        late=Count("pk", filter=Q(state=OutboundState.QUEUED, send_at__lt=look.at - LATE_MESSAGE)),
        failed=Count("pk", filter=Q(state=OutboundState.FAILED)),
        unknown=Count("pk", filter=Q(state=OutboundState.UNKNOWN)),
    )
    words = _("%(waiting)s waiting, %(failed)s failed, %(unknown)s of which we do not know.") % counts
    health, remedy = Health.INFO if counts["waiting"] else Health.GOOD, ""
    if counts["unknown"]:
        remedy = _(
            "The line broke while they were sent. Look whether they arrived, then mark them or send them again."
        )
    elif counts["failed"]:
        remedy = _("Open the conversation: it says why, and the text is safe.")
    elif counts["late"]:
        remedy = _("The worker sends them; see background work above.")
    if remedy:
        health = Health.BAD if counts["stale"] else Health.CAUTION
    if not any(counts.values()):
        words = _("Everything is sent.")
    return Finding("outbox", _("Outbox"), health, words, remedy, dict(counts))
