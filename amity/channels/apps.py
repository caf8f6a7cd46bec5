from uuid import UUID

from django.apps import AppConfig
from django.db import connection
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy

_HIDDEN = """
    SELECT id FROM channels_source
    WHERE (owner_id IS NOT NULL AND owner_id IS DISTINCT FROM %s)
       OR (NOT %s AND team_id IS NOT NULL AND team_id <> ALL(%s::uuid[]))
"""  # asked with almost every request, so it is not composed anew each time


class SourcesOfOthers:
    """Tells the access policy which sources belong to other colleagues, or to teams that an actor is not in."""

    def hidden_from(self, team_ids: frozenset[UUID] | None, staff_id: UUID | None) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(_HIDDEN, [staff_id, team_ids is None, list(team_ids or ())])
            return [source for (source,) in cursor.fetchall()]


class ChannelsConfig(AppConfig):
    name = "amity.channels"
    label = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        policy.provide_hidden_sources(SourcesOfOthers())
