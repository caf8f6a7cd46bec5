from uuid import UUID

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy


class SourcesOfTeams:
    """Tells the access policy which sources belong to teams that an actor is not in."""

    def hidden_from(self, team_ids: frozenset[UUID]) -> list[UUID]:
        from amity.channels.models import Source

        hidden = Source.objects.filter(team__isnull=False).exclude(team_id__in=team_ids)
        return list(hidden.values_list("id", flat=True))


class ChannelsConfig(AppConfig):
    name = "amity.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        policy.provide_team_sources(SourcesOfTeams())
