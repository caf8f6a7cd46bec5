"""HTML from strangers, made harmless."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import nh3

from amity.channels.mime.markup import Event, Start, Text, read, write
from amity.kernel.storable import holdable

MAX_HTML_CHARS = 1_000_000
_PIECE_CHARS = 10_000
_TAG_NAMES = """
    a abbr b blockquote br caption center cite code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins
    kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead tr tt u ul var wbr
"""
TAGS = frozenset(_TAG_NAMES.split())
_SIZES = {"width", "height"}
_ATTRIBUTES = {
    "*": {"dir", "lang", "title"},
    "a": {"href"},
    "img": {"alt", "data-remote-src", "data-cid", *_SIZES},
    "ol": {"start"},
    "td": {"colspan", "rowspan", "align", "valign"},
    "th": {"colspan", "rowspan", "align", "valign"},
    "table": {"align"},
}
_LINK = re.compile(r"(?:https?://[^/\s]|mailto:[^\s]|tel:[+0-9])", re.IGNORECASE)
_REMOTE = re.compile(r"(?:https?:)?//[^/\s]", re.IGNORECASE)
_CID = re.compile(r"cid:([^\s\"'<>]{1,500})$", re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,4}%?$")
_WORD = re.compile(r"[A-Za-z0-9-]{1,35}$")
_NUMBERS = frozenset({"width", "height", "colspan", "rowspan", "start"})
_WORDS = frozenset({"dir", "lang", "align", "valign"})


def sanitise_html(html: str) -> str:
    """HTML that cannot act: only text markup, tables, links and the places of pictures are left.

    No picture is loaded: one on the web has its address in `data-remote-src`, one that came with the mail has its
    content id in `data-cid`; the screen turns them into `src` when it may. Links open outside, without a referrer,
    to http, https, mailto and tel only. Inert with and without a Content-Security-Policy. Input beyond one million
    characters is cut. Sanitising twice changes nothing.
    """
    events = read(holdable(html[:MAX_HTML_CHARS]))
    return str(_CLEANER.clean(write(_in_pieces(_pictures_aside(events)))))


def remote_pictures(sanitised: str) -> int:
    """How many pictures on the web a sanitised body would load if it were allowed to."""
    return sanitised.count(' data-remote-src="')


def _pictures_aside(events: Iterable[Event]) -> Iterator[Event]:
    """Pictures with their source moved to where a browser does not look."""
    for event in events:
        if not (isinstance(event, Start) and event.name == "img"):
            yield event
            continue
        source = event.attributes.get("src", "").strip()
        others = {name: value for name, value in event.attributes.items() if name != "src"}
        if content_id := _CID.match(source):
            others["data-cid"] = content_id[1]
        elif _REMOTE.match(source):
            others["data-remote-src"] = "https:" + source if source.startswith("//") else source
        yield Start("img", others)


def _in_pieces(events: Iterable[Event]) -> Iterator[Event]:
    """Text with thousands of ampersands broken up: the cleaner takes quadratic time on them in one stretch."""
    ampersands = 0
    for event in events:
        if not isinstance(event, Text):
            ampersands = 0
            yield event
            continue
        for start in range(0, len(event.content), _PIECE_CHARS):
            piece = Text(event.content[start : start + _PIECE_CHARS])
            ampersands += piece.content.count("&")
            if ampersands > _PIECE_CHARS:
                yield Start("wbr")
                ampersands = piece.content.count("&")
            yield piece


def _keep(_tag: str, attribute: str, value: str) -> str | None:
    """The value that an attribute may have, or None to drop it."""
    value = value.strip()
    if attribute == "href":
        return value if _LINK.match(value) else None
    if attribute == "data-remote-src":
        return value if _REMOTE.match(value) else None
    if attribute == "data-cid":
        return value if _CID.match(f"cid:{value}") else None
    if attribute in _NUMBERS:
        return value if _NUMBER.match(value) else None
    if attribute in _WORDS:
        return value if _WORD.match(value) else None
    return value


_CLEANER = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags={"script", "style", "title", "template", "noscript"},
    attributes=_ATTRIBUTES,
    attribute_filter=_keep,
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto", "tel"},
)
