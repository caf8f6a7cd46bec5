"""HTML mail as text that reads well."""

from __future__ import annotations

import re

from amity.channels.mime.markup import BLOCK, End, Event, Start, Text, read
from amity.kernel.storable import holdable

_SPACE = re.compile(r"[ \t\r\n\f\v\u200b\ufeff]+")
_APART = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre", "figure"]
)
_WORTH_LINKING = ("http://", "https://", "mailto:", "tel:")


def html_to_text(html: str) -> str:
    """The text of an HTML body: paragraphs, lists, quotes (`> `) and table rows on lines of their own.

    A link is followed by its address in angle brackets unless its text says it already; a picture is its
    alternative text in square brackets. Scripts, styles and comments are left out.
    """
    return events_to_text(read(html))


def events_to_text(events: list[Event]) -> str:
    """`html_to_text` for HTML that is read already."""
    writer = _Writer()
    for event in events:
        if isinstance(event, Text):
            writer.text(event.content)
        elif isinstance(event, Start):
            writer.start(event)
        else:
            writer.end(event)
    return writer.finish()


class _Writer:
    """Keeps a current line, and how many blank lines the next one needs above it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._prefix = ""  # "> " for each quote around
        self._bullet = ""
        self._gap = False
        self._lists: list[int] = []  # 0 for bullets, else the next number
        self._links: list[tuple[str, int]] = []
        self._verbatim = 0
        self._written = 0  # characters of text, to find what a link says

    def text(self, content: str) -> None:
        if self._verbatim:
            first, *others = content.split("\n")
            self._append(first)
            for line in others:
                self._break()
                self._append(line)
            return
        content = _SPACE.sub(" ", content)
        if not self._line or self._line[-1].endswith((" ", "\t")):
            content = content.lstrip(" ")
        self._append(content)

    def _append(self, content: str) -> None:
        if content:
            self._line.append(content)
            self._written += 1

    def start(self, event: Start) -> None:
        name = event.name
        if name == "br":
            self._break(keep_blank=True)
        elif name == "img":
            alt = _SPACE.sub(" ", event.attributes.get("alt", "")).strip()
            self._append(f"[{alt}]" if alt else "")
        elif name == "a":
            self._links.append((event.attributes.get("href", "").strip(), len(self._line)))
        elif name in ("td", "th"):
            self._append(" " if self._line and not self._line[-1].endswith(" ") else "")
        elif name in BLOCK:
            self._open_block(name, event)

    def _open_block(self, name: str, event: Start) -> None:
        self._break()
        self._gap |= name in _APART and not (name in ("ul", "ol") and self._lists)
        if name == "hr":
            self._append("-" * 20)
            self._break()
        elif name in ("ul", "ol"):
            start = event.attributes.get("start", "1")
            self._lists.append(0 if name == "ul" else int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1)
        elif name == "li":
            self._bullet = self._next_bullet()
        elif name == "blockquote":
            self._separate()
            self._prefix += "> "
        elif name == "pre":
            self._verbatim += 1

    def _next_bullet(self) -> str:
        if not self._lists or not self._lists[-1]:
            return "  " * max(0, len(self._lists) - 1) + "- "
        self._lists[-1] += 1
        return "  " * (len(self._lists) - 1) + f"{self._lists[-1] - 1}. "

    def end(self, event: End) -> None:
        name = event.name
        if name == "a" and self._links:
            self._close_link(*self._links.pop())
        elif name in BLOCK and name not in ("td", "th"):
            self._break()
            self._gap |= name in _APART and not (name in ("ul", "ol") and len(self._lists) > 1)
            self._bullet = "" if name in ("li", "ul", "ol") else self._bullet
            if name in ("ul", "ol") and self._lists:
                self._lists.pop()
            elif name == "blockquote":
                self._prefix = self._prefix[:-2]
            elif name == "pre":
                self._verbatim -= 1

    def _close_link(self, href: str, since: int) -> None:
        said = "".join(self._line[since:]).strip()
        bare = re.sub(r"^(?:https?://|mailto:|tel:)", "", href, flags=re.IGNORECASE).rstrip("/")
        known = bare and bare in said.replace("\u200b", "")
        if href.lower().startswith(_WORTH_LINKING) and not known and said:
            self._append(f" <{href}>")

    def _separate(self) -> None:
        """Write the blank line that is due, under the prefix of now."""
        if self._gap and self._lines and self._lines[-1].strip("> "):
            self._lines.append(self._prefix.rstrip())
        self._gap = False

    def _break(self, *, keep_blank: bool = False) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._verbatim else line.strip(" ")
        self._line = []
        self._links = [(href, 0) for href, _ in self._links]
        if not line and not keep_blank and not self._verbatim:
            return
        if line:
            self._separate()
        self._lines.append((self._prefix + self._bullet + line).rstrip())
        self._bullet = " " * len(self._bullet) if line else self._bullet

    def finish(self) -> str:
        self._break()
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(self._lines))
        return holdable(text).strip("\n")
