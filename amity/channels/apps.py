from uuid import UUID

from django.apps import AppConfig
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy


class SourcesOfOthers:
    """Tells the access policy which sources belong to other colleagues, or to teams that an actor is not in."""

    def hidden_from(self, team_ids: frozenset[UUID] | None, staff_id: UUID | None) -> list[UUID]:
        from amity.channels.models import Source

        hidden = Q(owner__isnull=False) & ~Q(owner_id=staff_id) if staff_id else Q(owner__isnull=False)
        if team_ids is not None:
            hidden |= Q(team__isnull=False) & ~Q(team_id__in=team_ids)
        return list(Source.objects.filter(hidden).values_list("id", flat=True))


class ChannelsConfig(AppConfig):
    name = "amity.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        policy.provide_hidden_sources(SourcesOfOthers())
