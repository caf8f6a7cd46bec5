"""Nobody is signed in after a restore: sessions that were ended since the backup must not come back to life."""

from __future__ import annotations

from django.contrib.sessions.models import Session

from amity.kernel.restored import Moment, after_restore


@after_restore("sessions")
def end_sessions(moment: Moment) -> str:  # noqa: ARG001  # all of them, whenever they began
    ended, _kinds = Session.objects.all().delete()
    return "Everybody has to sign in again." if ended else ""
