"""What of webhooks stands on the Status screen."""

from __future__ import annotations

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from amity.kernel import policy
from amity.kernel.health import MOST_COUNTED, Finding, Health, Look, capped, register_check
from amity.webhooks.models import DeliveryState, Endpoint, EndpointState, OffWhy
from amity.webhooks.queries import deliveries_known_to


@register_check("webhooks", order=75)
def webhooks(look: Look) -> Finding | None:
    """Endpoints that hear nothing any more, those that fail, and what waits."""
    endpoints = policy.visible(Endpoint.objects.all(), look.actor)
    figures = endpoints.aggregate(
        endpoints=Count("pk"),
        failing=Count("pk", filter=Q(failures__gt=0, state=EndpointState.ON)),
        given_up=Count("pk", filter=Q(off_why__in=[OffWhy.FAILING, OffWhy.GONE, OffWhy.OWNER])),
    )
    if not figures["endpoints"]:
        return None
    waiting = deliveries_known_to(look.actor).filter(endpoint__in=endpoints, state=DeliveryState.WAITING)
    figures["waiting"] = waiting.order_by()[:MOST_COUNTED].count()
    words = ngettext("%(waiting)s delivery waits.", "%(waiting)s deliveries wait.", figures["waiting"])
    words = words % {"waiting": capped(figures["waiting"])}
    health, remedy = Health.GOOD, ""
    if figures["given_up"]:
        health = Health.BAD
        words = _("Amity has switched off a webhook that could not be reached, or lost its owner.")
        remedy = _("Open Settings, Webhooks: there it can be mended, switched on, and told what it missed.")
    elif figures["failing"]:
        health = Health.CAUTION
        words = _("%(failing)s of %(endpoints)s fail.") % figures + " " + words
        remedy = _("They are tried again for three days. Open Settings, Webhooks for their answers.")
    return Finding("webhooks", _("Webhooks"), health, words, remedy, dict(figures), link="settings-webhooks")
