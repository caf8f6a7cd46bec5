"""Saved views: a list with its filters, kept under a name."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from amity.kernel.actor import Actor
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.site.models import SavedView

MOST_LETTERS, LONGEST_QUERY = 80, 2_000
NOT_KEPT = frozenset({"after", "before", "page", "open"})  # where somebody was in the list, not which list


def create_view(screen: str, *, actor: Actor, name: str, query: str, is_shared: bool = False) -> SavedView:
    """Keep the list `screen` with the filters of `query` under `name`, last in the owner's row.

    Raises `Invalid` for an empty, long or taken name and for a query that is too long to keep.
    """
    if actor.staff_id is None:
        raise Forbidden(_("Only a colleague can save a view."))
    kept = clean_query(query)
    if len(kept) > LONGEST_QUERY:
        raise Invalid(_("These filters are too long to be saved. Take some of them away."))
    last = SavedView.objects.filter(owner_id=actor.staff_id, screen=screen).aggregate(last=Max("position"))[
        "last"
    ]
    view = SavedView(
        owner_id=actor.staff_id,
        screen=screen,
        name=_checked_name(name),
        query=kept,
        position=0 if last is None else last + 1,
        is_shared=is_shared,
    )
    return _stored(view)


def rename_view(view_id: UUID, *, actor: Actor, name: str) -> SavedView:
    """Give one's own view another name. Raises `NotFound`, `Forbidden`, `Invalid`."""
    return change_view(view_id, actor=actor, name=name)


def share_view(view_id: UUID, *, actor: Actor, is_shared: bool) -> SavedView:
    """Show one's own view to everybody, or to oneself only."""
    return change_view(view_id, actor=actor, is_shared=is_shared)


@transaction.atomic
def change_view(
    view_id: UUID, *, actor: Actor, name: str | None = None, is_shared: bool | None = None,
    unchanged: Callable[[SavedView], None] | None = None,
) -> SavedView:  # fmt: skip
    """Another name for one's own view, or another circle of readers. Raises `NotFound`, `Forbidden`, `Invalid`.

    `unchanged` may refuse: it sees the view while it is locked for this change.
    """
    view = _own(view_id, actor, is_locked=True)
    if unchanged is not None:
        unchanged(view)
    if name is not None:
        view.name = _checked_name(name)
    if is_shared is not None:
        view.is_shared = is_shared
    return _stored(view)


def delete_view(view_id: UUID, *, actor: Actor) -> SavedView:
    """Take one's own view away. What is returned is enough to `restore_view` it."""
    view = _own(view_id, actor)
    SavedView.objects.filter(pk=view.pk).delete()
    return view


def restore_view(view: SavedView, *, actor: Actor) -> SavedView:
    """Undo `delete_view`: the same id, name, filters and place. Restoring twice is restoring once."""
    if view.owner_id != actor.staff_id:
        raise Forbidden(_("This view belongs to somebody else."))
    return SavedView.objects.filter(pk=view.pk).first() or _stored(view, force_insert=True)


def clean_query(query: str) -> str:
    """A query string without the place in the list and without empty values."""
    pairs = parse_qsl(query.lstrip("?"))
    return urlencode([(key, value) for key, value in pairs if key not in NOT_KEPT])


def _own(view_id: UUID, actor: Actor, *, is_locked: bool = False) -> SavedView:
    visible = SavedView.objects.visible_to(actor).filter(pk=view_id)
    view = (visible.select_for_update(of=("self",)) if is_locked else visible).first()
    if view is None:
        raise NotFound(_("This view is gone."))
    if view.owner_id != actor.staff_id:
        raise Forbidden(_("This view belongs to %(name)s, who can change it.") % {"name": view.owner.name})
    return view


def _checked_name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Invalid(_("Give the view a name."), fields={"name": _("Give the view a name.")})
    if len(cleaned) > MOST_LETTERS:
        too_long = _("Use at most %(count)s letters.") % {"count": MOST_LETTERS}
        raise Invalid(too_long, fields={"name": too_long})
    return cleaned


def _stored(view: SavedView, *, force_insert: bool = False) -> SavedView:
    try:
        with transaction.atomic():
            view.save(force_insert=force_insert)
    except IntegrityError as error:
        taken = _("You already have a view of this name here. Choose another.")
        raise Invalid(taken, fields={"name": taken}) from error
    return view
