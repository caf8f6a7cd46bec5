"""A mail as it was written: in a frame in which nothing can act, with its pictures when they are asked for."""

from __future__ import annotations

from threading import BoundedSemaphore
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amity.activity.domain.filekinds import is_picture, sniff
from amity.activity.models import Activity, Attachment
from amity.channels.mime.pictures import OWN, REMOTE, parts_with_pictures, remote_addresses
from amity.channels.mime.reply_lines import Kind
from amity.channels.mime.sanitise import sanitise_html
from amity.conversations.models import Conversation
from amity.conversations.queries import talk
from amity.conversations.services import hide_pictures, show_pictures, shows_pictures
from amity.conversations.web import answers, thread
from amity.conversations.web.requests import ActingRequest, asked, is_fragment
from amity.kernel import http, policy
from amity.kernel.errors import NotFound

FRAME_POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; font-src 'self'; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
PICTURE_POLICY = "default-src 'none'; sandbox"
LARGEST_BYTES = 5_000_000
SECONDS = 6
_AT_ONCE = BoundedSemaphore(4)  # slow pictures must not keep the whole site waiting
_SHORT_LINES, _LONG_LINES = 8, 24


@require_safe
def message(request: ActingRequest, conversation_id: UUID, activity_id: UUID) -> HttpResponse:
    """One message as it was written, in its frame, with what may be asked of it."""
    conversation, activity = _found(request, conversation_id, activity_id)
    return _shown(request, conversation, activity)


@require_safe
def body(request: ActingRequest, conversation_id: UUID, activity_id: UUID) -> HttpResponse:
    """The page inside the frame: the body made harmless, quotes and signature folded, no scripts, no forms."""
    conversation, activity = _found(request, conversation_id, activity_id)
    html = sanitise_html(activity.html)
    shows = shows_pictures(activity, actor=request.actor)
    remote = {address: number for number, address in enumerate(remote_addresses(html))} if shows else {}
    own = _own_pictures(request, activity)

    def place(kind: str, name: str) -> str:
        if kind == REMOTE and name in remote:
            return reverse("conversation-picture", args=[conversation.id, activity.id, remote[name]])
        return reverse("file-picture", args=[own[name]]) if kind == OWN and name in own else ""

    parts = parts_with_pictures(html, place)
    context = {
        "visible": parts.get(Kind.VISIBLE, ""),
        "quoted": parts.get(Kind.QUOTED, ""),
        "signature": parts.get(Kind.SIGNATURE, ""),
        "language": activity.language,
        "theme": request.staff.theme,
    }
    response = render(request, "conversations/written.html", context)
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _own_pictures(request: ActingRequest, activity: Activity) -> dict[str, UUID]:
    """Pictures that came with the mail, by the content id under which its body names them."""
    rows = policy.visible(Attachment.objects.filter(activity_id=activity.id), request.actor)
    return {one.content_id: one.id for one in rows.exclude(content_id="").exclude(digest="")}


@require_POST
def pictures(request: ActingRequest, conversation_id: UUID, activity_id: UUID) -> HttpResponse:
    """Show the pictures of other sites: `of` is `mail` or `sender`, or `none` to hide them again."""
    conversation, activity = _found(request, conversation_id, activity_id)
    of = request.POST.get("of", "mail")
    if of == "none":
        hide_pictures(activity, actor=request.actor)
    else:
        show_pictures(activity, actor=request.actor, at=request.now, of_sender=of == "sender")
    if is_fragment(request):
        return _shown(request, conversation, activity)
    address = reverse("conversation-message", args=[conversation.id, activity.id])
    return redirect(f"{address}?{asked(request).query}")


@require_safe
def picture(request: ActingRequest, conversation_id: UUID, activity_id: UUID, number: int) -> HttpResponse:
    """One picture of another site, fetched for a colleague who asked for it; `number` counts those of the body.

    The other site learns neither who reads nor from where, only that somebody does.
    """
    _conversation, activity = _found(request, conversation_id, activity_id)
    if not shows_pictures(activity, actor=request.actor):
        raise NotFound(_("The pictures of this message are not shown."))
    addresses = remote_addresses(sanitise_html(activity.html))
    if number >= len(addresses):
        raise NotFound(_("This message has no such picture."))
    content = _fetched(addresses[number])
    media_type = sniff(content)
    if not is_picture(media_type):
        raise NotFound(_("This is no picture that can be shown."))
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Security-Policy"] = PICTURE_POLICY
    response.headers["Cache-Control"] = "private, max-age=86400"
    return response


def _fetched(address: str) -> bytes:
    if not _AT_ONCE.acquire(timeout=SECONDS):
        raise NotFound(_("Too many pictures are being loaded. Look again later."))
    try:
        answer = http.fetch(
            "GET",
            address,
            headers={"Accept": "image/*", "User-Agent": "Mozilla/5.0 (picture)"},
            timeout_s=SECONDS,
            most_bytes=LARGEST_BYTES,
            follow=3,
        )
    except (http.Refused, http.Unreachable) as refusal:
        raise NotFound(_("This picture cannot be loaded.")) from refusal
    finally:
        _AT_ONCE.release()
    return answer.body if answer.status == 200 else b""


def _found(request: ActingRequest, conversation_id: UUID, activity_id: UUID) -> tuple[Conversation, Activity]:
    conversation = answers.found(request, conversation_id)
    activity = talk.one_message(conversation, activity_id, actor=request.actor)
    if activity is None:
        raise NotFound(_("This message does not exist."))
    return conversation, activity


def _shown(request: ActingRequest, conversation: Conversation, activity: Activity) -> HttpResponse:
    lines = activity.text.count("\n") + len(activity.text) // 80
    shows = shows_pictures(activity, actor=request.actor)
    remote = len(remote_addresses(sanitise_html(activity.html)))
    context = thread.base(request, conversation) | {
        "activity": activity,
        "height": "short" if lines < _SHORT_LINES else "long" if lines > _LONG_LINES else "middle",
        "blocked": 0 if shows else remote,
        "loaded": remote if shows else 0,
    }
    name = "conversations/message.html" if is_fragment(request) else "conversations/message_page.html"
    return render(request, name, context)
