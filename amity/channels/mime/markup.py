"""HTML of unknown honesty as a flat list of well-nested events.

`read` is linear in its input and its output is bounded: every `Start` has its `End`, elements are at most 100
deep, names are from a short list. That keeps every later step cheap. It matters before the sanitiser too: an HTML5
parser takes quadratic time on deep nesting and re-opens formatting elements, so that 50 kB can become 90 MB.
Nothing here makes HTML safe to show; `sanitise_html` does.
"""

from __future__ import annotations

import html as entities
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_DEPTH = 100
VOID = frozenset({"br", "hr", "img", "wbr", "col"})
_BLOCK_NAMES = """
    address article aside blockquote body caption center dd dir div dl dt fieldset figcaption figure footer form
    h1 h2 h3 h4 h5 h6 header hr html li main menu nav ol p pre section table tbody td tfoot th thead tr ul
"""
BLOCK = frozenset(_BLOCK_NAMES.split())
_INLINE_NAMES = """
    a abbr acronym b big br cite code del dfn em font i img ins kbd label mark o:p q s samp small span strike
    strong sub sup time tt u var wbr
"""
INLINE = frozenset(_INLINE_NAMES.split())
NAMES = BLOCK | INLINE | {"colgroup", "col"}
_DROPPED_NAMES = """
    applet audio canvas embed iframe math noembed noframes noscript object plaintext script select style svg
    template textarea title video xmp xml
"""
_DROPPED_WITH_CONTENT = frozenset(_DROPPED_NAMES.split())
_ENDED_BY_BLOCK = BLOCK - {"td", "th", "tr", "tbody", "thead", "tfoot", "caption", "body", "html", "li"}
_SIBLINGS = {
    "li": ({"li"}, {"ul", "ol", "menu", "dir", "table"}),
    "dt": ({"dt", "dd"}, {"dl", "table"}),
    "dd": ({"dt", "dd"}, {"dl", "table"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"table", "tr"}),
    "th": ({"td", "th"}, {"table", "tr"}),
    "tbody": ({"tbody", "thead", "tfoot"}, {"table"}),
    "thead": ({"tbody", "thead", "tfoot"}, {"table"}),
    "tfoot": ({"tbody", "thead", "tfoot"}, {"table"}),
    "a": ({"a"}, {"table", "td", "th"}),
}
_CELLS = frozenset({"table", "td", "th", "caption"})
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,40}+)((?:[^>\"'=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+'|)|[\"'])*+)>")
_ATTRIBUTE = re.compile(r"([a-zA-Z][\w:-]{0,40}+)\s*+(?:=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]*+)))?")
_LONG_REFERENCE = re.compile(r"&#[xX]?0*[0-9a-fA-F]{8,}+;?")
_SPACE_OUTSIDE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Start:
    name: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class End:
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    content: str  # unescaped


Event = Start | End | Text


def read(html: str) -> list[Event]:
    """The events of an HTML document or fragment; comments, scripts, styles and unknown tags are left out."""
    builder = _Builder()
    position, quotes = 0, True
    while True:
        opening = html.find("<", position)
        if opening < 0:
            builder.text(html[position:])
            return builder.finish()
        builder.text(html[position:opening])
        following = html[opening + 1 : opening + 2]
        if following in ("!", "?"):
            position = _after_declaration(html, opening)
            continue
        if not (following.isalpha() and following.isascii()) and not re.match(
            r"</[a-zA-Z]", html[opening : opening + 3]
        ):
            builder.text("<")
            position = opening + 1
            continue
        tag = _TAG.match(html, opening) if quotes else None
        if tag is None:
            quotes = (
                False  # a quote that never ends: from here on every > ends a tag, which keeps this linear
            )
            close = html.find(">", opening)
            if close < 0:
                return builder.finish()
            tag = _TAG.match(re.sub("[\"']", "", html[opening : close + 1]))
            position = close + 1
        else:
            position = tag.end()
        if tag is not None:
            position = _apply(builder, tag, html, position)


def _after_declaration(html: str, opening: int) -> int:
    if html.startswith("<!--", opening):
        close, width = html.find("-->", opening + 2), 3
    else:
        close, width = html.find(">", opening), 1
    return len(html) if close < 0 else close + width


def _apply(builder: _Builder, tag: re.Match[str], html: str, position: int) -> int:
    """Take a tag into the builder; the position after it, and after its content if that is dropped."""
    name = tag[2].lower()
    if name in _DROPPED_WITH_CONTENT:
        if tag[1] or tag[3].endswith("/"):
            return position
        return builder.skip(html, name, position)
    if name not in NAMES:
        return position
    if tag[1]:
        builder.end(name)
    else:
        builder.start(name, _attributes(tag[3]))
    return position


def _attributes(source: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(source):
        if len(found) < 50:
            found.setdefault(name.lower(), unescape(double or single or bare))
    return found


def unescape(source: str) -> str:
    """Character references resolved; absurd numbers, on which the standard library raises, become U+FFFD."""
    if "&" not in source:
        return source
    return entities.unescape(_LONG_REFERENCE.sub("\ufffd", source)).replace("\x00", "")


class _Builder:
    def __init__(self) -> None:
        self._events: list[Event] = []
        self._open: list[str] = []
        self._never_closed: set[str] = set()

    def text(self, source: str) -> None:
        if source:
            self._events.append(Text(unescape(source)))

    def skip(self, html: str, name: str, position: int) -> int:
        """The position after the end tag of a dropped element; the tag alone is dropped if it never ends."""
        if name in self._never_closed:
            return position
        close = re.compile(rf"</{name}\b[^>]*+>", re.IGNORECASE).search(html, position)
        if close is None:
            self._never_closed.add(name)
            return len(html) if name in ("script", "style", "plaintext") else position
        return close.end()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name in _ENDED_BY_BLOCK:
            self._close(frozenset({"p"}), _CELLS)
        if name in _SIBLINGS:
            closed, barrier = _SIBLINGS[name]
            self._close(closed, barrier)
        if name in VOID:
            self._events.append(Start(name, attributes))
            return
        if len(self._open) < MAX_DEPTH:
            self._open.append(name)
            self._events.append(Start(name, attributes))

    def end(self, name: str) -> None:
        if name == "br":
            self._events.append(Start("br"))
        if name not in VOID:
            barrier = {"table"} if name in _CELLS | {"tr", "tbody", "thead", "tfoot"} else _CELLS
            self._close({name}, barrier if name in BLOCK else BLOCK)

    def _close(self, names: Iterable[str], barrier: Iterable[str]) -> None:
        """End the innermost open element of `names`, and all inside it, unless a barrier is met first."""
        for index in range(len(self._open) - 1, -1, -1):
            if self._open[index] in names:
                while len(self._open) > index:
                    self._events.append(End(self._open.pop()))
                return
            if self._open[index] in barrier:
                return

    def finish(self) -> list[Event]:
        while self._open:
            self._events.append(End(self._open.pop()))
        return self._events


def write(events: Iterable[Event]) -> str:
    """The HTML of events, with everything escaped that has to be."""
    pieces = []
    for event in events:
        if isinstance(event, Text):
            pieces.append(entities.escape(event.content, quote=False))
        elif isinstance(event, End):
            pieces.append(f"</{event.name}>")
        else:
            said = "".join(f' {name}="{entities.escape(value)}"' for name, value in event.attributes.items())
            pieces.append(f"<{event.name}{said}>")
    return "".join(pieces)


def is_element_void(event: Event) -> bool:
    """True for a start that has no end: br, hr, img, wbr, col."""
    return isinstance(event, Start) and event.name in VOID
