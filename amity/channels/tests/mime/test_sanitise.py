"""Sanitised HTML cannot act, neither by its letters nor in a real browser."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.mime import html_to_text, remote_pictures, sanitise_html
from amity.channels.mime.browser_trial import Trial, chromium, in_contexts
from amity.channels.mime.sanitise import TAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=nowhere onerror=alert(1)>",
    "<img/src=nowhere/onerror=alert(1)//",
    "<svg onload=alert(1)><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><style><img title='</style><img src=x onerror=alert(1)>'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1;java&#x0A;script&colon;alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<iframe srcdoc='<script>parent.alert(1)</script>'></iframe>",
    "<object data='data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg=='></object>",
    "<embed src='javascript:alert(1)'>",
    "<form action='javascript:alert(1)'><input type=submit autofocus onfocus=alert(1)></form>",
    "<button form=f formaction='javascript:alert(1)'>x</button>",
    "<body onload=alert(1) background='https://pictures.invalid/b.png'>",
    "<div style='background:url(https://pictures.invalid/c.png);width:expression(alert(1))'>x</div>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href='javascript:/a/'><a href='alert(1)'>x</a>",
    "<link rel=stylesheet href='https://pictures.invalid/d.css'>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<marquee onstart=alert(1) loop=1>x</marquee>",
    "<video autoplay onloadstart=alert(1)><source onerror=alert(1) src=x></video>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<textarea><p title='</textarea><img src=x onerror=alert(1)>'></textarea>",
    "<template><img src=x onerror=alert(1)></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<b title='<img src=x onerror=alert(1)>' onmouseover=\"eval('1 + 1')\">x</b>",
    "</div></div></body><img srcset='https://pictures.invalid/e.png 1x' src=x onerror=alert(1)>",
]


HARMLESS_ATTRIBUTES = {
    "href", "rel", "target", "title", "alt", "dir", "lang", "data-remote-src", "data-cid", "width", "height", "align",
    "valign", "colspan", "rowspan", "start",
}  # fmt: skip


class ElementReader(HTMLParser):
    """The elements of some HTML as the standard library reads it, independently of our own reader."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    @classmethod
    def of(cls, html: str) -> list[tuple[str, dict[str, str]]]:
        reader = cls()
        reader.feed(html)
        return reader.elements


def test_a_letter_keeps_its_form() -> None:
    html = "<p>Dear <b>shop</b>,<br>one &amp; two</p><ul><li>burr</li></ul>"
    assert sanitise_html(html) == html


def test_pictures_wait_until_they_are_asked_for() -> None:
    clean = sanitise_html(
        "<img src='https://pictures.example/a.png' alt=A><img src='//pictures.example/b.png'><img src='cid:c@d'>"
        "<img src='data:image/png;base64,AAAA'><img src='/local.png'>"
    )
    assert " src=" not in clean
    assert remote_pictures(clean) == 2
    assert 'data-remote-src="https://pictures.example/b.png"' in clean
    assert 'data-cid="c@d"' in clean
    assert "AAAA" not in clean
    assert "local" not in clean


def test_links_open_outside_and_say_nothing_of_us() -> None:
    clean = sanitise_html("<a href='https://example.org/a' target=_top rel=opener>x</a>")
    assert 'rel="noopener noreferrer nofollow"' in clean
    assert 'target="_blank"' in clean
    assert 'href="https://example.org/a"' in clean


@pytest.mark.parametrize(
    "address", ["/settings", "?a=1", "#top", "ftp://a.example", "file:///etc", "https:", "//a.example"]
)
def test_links_to_anywhere_else_lose_their_address(address: str) -> None:
    assert "href" not in sanitise_html(f"<a href='{address}'>x</a>")


def test_styles_classes_and_ids_of_strangers_are_dropped() -> None:
    assert sanitise_html("<p class=toast id=main style='position:fixed' name=x>x</p>") == "<p>x</p>"


@pytest.mark.parametrize("payload", HOSTILE)
def test_hostile_html_loses_what_could_act(payload: str) -> None:
    clean = sanitise_html(payload)
    elements = ElementReader.of(clean)
    assert {name for name, _ in elements} <= TAGS
    for _, attributes in elements:
        assert attributes.keys() <= HARMLESS_ATTRIBUTES
        assert attributes.get("href", "https://").startswith(("http://", "https://", "mailto:", "tel:"))


@given(st.text("<>/=\"'abdivqrsimgpt &#;!-:x", max_size=120))
def test_sanitising_twice_changes_nothing(html: str) -> None:
    once = sanitise_html(f"<div>{html}<img src='https://a.example/{html}'>")
    assert sanitise_html(once) == once


def test_text_of_html_reads_well() -> None:
    html = (
        "<h1>Hello</h1><p>See <a href='https://example.org/x'>the page</a> or <a href='https://e.org'>https://e.org</a>"
        "<ol><li>one<li>two<ul><li>deep</ul></ol><blockquote>old</blockquote>"
        "<table><tr><td>a</td><td>b</td></tr></table><script>no()</script><style>no</style>"
    )
    assert html_to_text(html) == (
        "Hello\n\nSee the page <https://example.org/x> or https://e.org\n\n1. one\n2. two\n  - deep\n\n> old\n\na b"
    )


@pytest.mark.browser
@pytest.mark.skipif(
    chromium() is None, reason="Chromium is not installed: apt-get install chromium-headless-shell"
)
def test_hostile_html_stays_inert_in_a_real_browser(browser: Browser) -> None:
    trial = Trial(browser)
    bodies = [body for payload in HOSTILE for body in in_contexts(payload)]
    assert trial.show([sanitise_html(body) for body in bodies]) == ([], [])


@pytest.mark.browser
@pytest.mark.skipif(
    chromium() is None, reason="Chromium is not installed: apt-get install chromium-headless-shell"
)
@pytest.mark.parametrize(
    "payload",
    ["<img src=x onerror=alert(1)>", "<b onclick=\"eval('1')\">x</b>", "<script>console.log(1)</script>"],
)
def test_the_browser_trial_notices_what_is_live(browser: Browser, payload: str) -> None:
    ran, active = Trial(browser).show([payload])
    assert ran
    assert active
