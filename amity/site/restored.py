"""Nobody is signed in after a restore: sessions that were ended since the backup must not come back to life. Nor is
the backup under way any more from which it came."""

from __future__ import annotations

from django.contrib.sessions.models import Session

from amity.kernel.models import WorkspaceSetting
from amity.kernel.restored import Moment, after_restore


@after_restore("sessions")
def end_sessions(moment: Moment) -> str:  # noqa: ARG001  # all of them, whenever they began
    ended, _kinds = Session.objects.all().delete()
    return "Everybody has to sign in again." if ended else ""


@after_restore("backups")
def forget_the_backup_itself(moment: Moment) -> str:  # noqa: ARG001
    """One that was asked for on the screen saw itself as not done yet."""
    from amity.site.backup.now import UNDER_WAY

    WorkspaceSetting.objects.filter(key=UNDER_WAY).delete()
    return ""
