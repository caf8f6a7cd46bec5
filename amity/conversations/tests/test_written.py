"""A mail as it was written: in a frame where nothing acts, with pictures only for those who asked."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.test import Client
from django.urls import reverse

from amity.activity.models import Activity, Attachment
from amity.channels.records import Attachment as SentFile
from amity.conversations.models import Conversation, PicturesShown
from amity.conversations.tests.factories import a_colleague, a_message, arrive, signed_in
from amity.kernel.models import Staff

pytestmark = pytest.mark.django_db
FRAGMENT = {"HX-Request": "true"}
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


@pytest.fixture
def ines() -> Staff:
    return a_colleague()


@pytest.fixture
def client(ines: Staff) -> Client:
    return signed_in(ines)


class Pictures(BaseHTTPRequestHandler):
    """A site that serves pictures, and what it was asked."""

    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        type(self).asked.append((self.path, dict(self.headers)))
        content = PNG if "picture" in self.path else b"<svg onload='alert(1)'/>"
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.send_header("Set-Cookie", "track=1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_said: object) -> None:
        return


@pytest.fixture
def site(settings: object) -> Iterator[str]:
    Pictures.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    place = f"127.0.0.1:{server.server_port}"
    settings.PEERS = (place,)  # type: ignore[attr-defined]
    yield f"http://{place}"
    server.shutdown()
    thread.join()
    server.server_close()


def a_mail(at: datetime, html: str, files: tuple[SentFile, ...] = ()) -> tuple[Conversation, Activity]:
    arrive(a_message(at, "Hi", html=html, files=files), at=at)
    return Conversation.objects.get(), Activity.objects.get()


def urls(one: Conversation, said: Activity) -> tuple[str, str, str]:
    """Where the message, the page in its frame and its pictures are."""
    named = ("conversation-message", "conversation-written", "conversation-pictures")
    message, written, pictures = (reverse(name, args=[one.id, said.id]) for name in named)
    return message, written, pictures


def test_the_frame_holds_nothing_that_acts_and_says_so_to_the_browser(client: Client, at: datetime) -> None:
    html = (
        '<p onclick="x()">Hi <img src="https://spy.example/p.gif"><script>x()</script>'
        '<a href="javascript:x()">a</a><a href="data:text/html,x">b</a><img src="data:image/svg+xml,x"></p>'
    )
    _, written, _ = urls(*a_mail(at, html))
    response = client.get(written)
    shown = response.content.decode()
    for sign in (" src=", "onclick", "<script", "javascript:", "data:text", "data:image", "spy.example"):
        assert sign not in shown
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-same-origin allow-popups" in policy
    assert "allow-scripts" not in policy
    assert response["X-Frame-Options"] == "SAMEORIGIN"


def test_the_thread_frames_the_message_and_counts_what_is_not_loaded(client: Client, at: datetime) -> None:
    message, written, _ = urls(*a_mail(at, '<p>Hi <img src="https://spy.example/p.gif"></p>'))
    shown = client.get(message, headers=FRAGMENT).content.decode()
    assert f'src="{written}"' in shown
    assert 'sandbox="allow-same-origin' in shown
    assert "1 picture of another site is not loaded" in shown


def test_pictures_are_fetched_for_who_asked_and_only_for_this_mail(
    client: Client, at: datetime, site: str, ines: Staff
) -> None:
    one, said = a_mail(at, f'<p>Hi <img src="{site}/picture.png?who=hanna" alt="A grinder"></p>')
    _, written, pictures = urls(one, said)
    first = reverse("conversation-picture", args=[one.id, said.id, 0])
    assert client.get(first).status_code == 404
    assert Pictures.asked == []
    client.post(pictures, {"of": "mail"})
    assert f'src="{first}"' in client.get(written).content.decode()
    response = client.get(first)
    assert (response.status_code, response["Content-Type"], response.content) == (200, "image/png", PNG)
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    ((path, headers),) = Pictures.asked
    assert path == "/picture.png?who=hanna"
    assert {"Cookie", "Referer", "Authorization"}.isdisjoint(headers)
    assert "Set-Cookie" not in response
    other = signed_in(a_colleague("Jonas Weber"))
    assert other.get(first).status_code == 404
    assert client.get(reverse("conversation-picture", args=[one.id, said.id, 1])).status_code == 404


def test_a_sender_is_remembered_and_can_be_forgotten(
    client: Client, at: datetime, site: str, ines: Staff
) -> None:
    one, said = a_mail(at, f'<img src="{site}/picture.png">')
    message, written, pictures = urls(one, said)
    client.post(pictures, {"of": "sender"}, headers=FRAGMENT)
    assert PicturesShown.objects.get().subject_id == said.actor_id
    assert "is loaded" in client.get(message, headers=FRAGMENT).content.decode()
    client.post(pictures, {"of": "none"})
    assert not PicturesShown.objects.exists()
    assert " src=" not in client.get(written).content.decode()


def test_what_is_no_raster_picture_is_not_passed_on_whatever_its_server_says(
    client: Client, at: datetime, site: str
) -> None:
    one, said = a_mail(at, f'<img src="{site}/drawing.svg">')
    client.post(urls(one, said)[2], {"of": "mail"})
    assert client.get(reverse("conversation-picture", args=[one.id, said.id, 0])).status_code == 404


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/x.png", "http://[::ffff:169.254.169.254]/x.png", "http://0x7f000001/x.png"],
)
def test_a_picture_inside_the_house_is_never_fetched(client: Client, at: datetime, address: str) -> None:
    one, said = a_mail(at, f'<img src="{address}">')
    client.post(urls(one, said)[2], {"of": "mail"})
    assert client.get(reverse("conversation-picture", args=[one.id, said.id, 0])).status_code == 404


def test_pictures_that_came_with_the_mail_are_shown_in_it(client: Client, at: datetime) -> None:
    files = (
        SentFile("grinder.png", "image/png", len(PNG), PNG, content_id="one@roast.example"),
        SentFile("drawing.png", "image/png", 20, b"<svg onload='x()'>   ", content_id="two@roast.example"),
    )
    one, said = a_mail(at, '<img src="cid:one@roast.example"><img src="cid:two@roast.example">', files)
    kept = {file.content_id: file for file in Attachment.objects.all()}
    shown = reverse("file-picture", args=[kept["one@roast.example"].id])
    assert f'src="{shown}"' in client.get(urls(one, said)[1]).content.decode()
    response = client.get(shown)
    assert (response["Content-Type"], response["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert client.get(reverse("file-picture", args=[kept["two@roast.example"].id])).status_code == 404


def test_quotes_and_signature_fold_in_the_html_too(client: Client, at: datetime) -> None:
    html = (
        "<div>It works now.</div><div>-- <br>Hanna Roth<br>Roast &amp; Sons</div>"
        '<div class="gmail_quote">On Tue, 3 Mar 2026 at 10:00, Ines &lt;service@tamp.example&gt; wrote:'
        "<blockquote>Please try the other burr.</blockquote></div>"
    )
    shown = client.get(urls(*a_mail(at, html))[1]).content.decode()
    visible, _, folded = shown.partition("<details>")
    assert "It works now." in visible
    assert "other burr" not in visible
    assert "other burr" in folded
    assert "Roast &amp; Sons" in folded


def test_files_say_what_they_are_and_programs_are_warned_of(client: Client, at: datetime) -> None:
    files = (
        SentFile("Größe\u202egnp.exe", "image/png", 2_000_000, b"MZ" + b"\x00" * 90),
        SentFile("photo.png", "text/html", len(PNG), PNG),
    )
    one, _ = a_mail(at, "", files)
    page = client.get(reverse("conversation", args=[one.id])).content.decode()
    assert "a program: open it only if you asked for it" in page
    assert "\u202e" not in page
    assert "2.0 MB" in page
    assert page.count("attachment__picture") == 1
    program = Attachment.objects.get(size_bytes=2_000_000)
    response = client.get(reverse("file", args=[program.id]))
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe_gnp.exe"
    assert response["Content-Type"] == "application/octet-stream"
    assert "sandbox" in response["Content-Security-Policy"]
