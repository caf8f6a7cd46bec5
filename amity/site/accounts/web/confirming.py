"""Before something that would let a thief stay in, whoever sits there shows again that they are who signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from amity.kernel.api.operations import NotConfirmed
from amity.kernel.models import Staff
from amity.kernel.requests import ActingRequest

LASTS = timedelta(minutes=15)
_KEY = "confirmed_at"

View = Callable[..., HttpResponse]


def confirm_now(request: HttpRequest, at: datetime) -> None:
    """They have just shown who they are: signed in, or confirmed it."""
    request.session[_KEY] = at.isoformat()


def is_confirmed(request: ActingRequest) -> bool:
    """Whether they showed it within the last quarter of an hour."""
    kept = request.session.get(_KEY)
    return isinstance(kept, str) and request.now - datetime.fromisoformat(kept) < LASTS


def confirmed(view: View) -> View:
    """The view is reached within a quarter of an hour of signing in; later they are asked once more, and come back."""

    @wraps(view)
    def guarded(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        back = request.get_full_path() if request.method == "GET" else reverse("settings-security")
        return ask_again(request, back) or view(request, *args, **kwargs)

    return guarded


def ask_again(request: ActingRequest, back: str) -> HttpResponse | None:
    """Where to show who one is before what is sent is taken, and to come back to `back`; None where it is fresh."""
    return None if is_confirmed(request) else to_confirmation(back)


def to_confirmation(back: str) -> HttpResponse:
    """Off to show who one is, and back to `back`."""
    return redirect(f"{reverse('settings-confirm')}?{urlencode({'next': back})}")


def require_confirmed(request: ActingRequest) -> None:
    """For what turns out to need it only while a change is made. Raises `NotConfirmed`: then `to_confirmation`."""
    if not is_confirmed(request):
        raise NotConfirmed(_("Confirm in Settings, Security that it is you, then try again."))


def signed_in_as(request: ActingRequest) -> Staff:
    """Whose session this is; not whom they have signed in as."""
    assert isinstance(request.user, Staff)  # the middleware lets nobody else through
    return request.user
