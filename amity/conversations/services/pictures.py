"""Pictures on the web in mails: loaded only for colleagues who asked, for this mail or for all of its sender."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from amity.activity.models import Activity
from amity.conversations.models import PicturesShown
from amity.kernel import policy
from amity.kernel.actor import Actor


def show_pictures(activity: Activity, *, actor: Actor, at: datetime, of_sender: bool) -> None:
    """From now on the actor sees the pictures of this mail, or of all mails of its sender. The caller may read it."""
    policy.require(actor, "read", "conversation")
    subject = activity.actor_id if of_sender and activity.actor_id else activity.id
    if actor.staff_id is not None:
        PicturesShown.objects.get_or_create(staff_id=actor.staff_id, subject_id=subject, defaults={"at": at})


def hide_pictures(activity: Activity, *, actor: Actor) -> None:
    """Pictures of this mail, and of its sender, are not loaded any more."""
    policy.require(actor, "read", "conversation")
    _asked(activity, actor).delete()


def shows_pictures(activity: Activity, *, actor: Actor) -> bool:
    """Whether the actor asked for the pictures of this mail or of its sender."""
    return _asked(activity, actor).exists()


def _asked(activity: Activity, actor: Actor) -> QuerySet[PicturesShown]:
    if actor.staff_id is None:
        return PicturesShown.objects.none()
    subjects = [one for one in (activity.id, activity.actor_id) if one is not None]
    return PicturesShown.objects.filter(staff_id=actor.staff_id, subject_id__in=subjects)
