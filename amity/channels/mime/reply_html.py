"""The same split for HTML bodies: by the containers that mail programs mark, and by the words of their lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from amity.channels.mime.markup import BLOCK, VOID, End, Event, Start, Text, read, write
from amity.channels.mime.reply import Reply
from amity.channels.mime.reply_lines import Kind, classify
from amity.channels.mime.reply_words import FORWARDED

_QUOTE_CLASS_NAMES = """
    gmail_quote gmail_quote_container yahoo_quoted moz-cite-prefix moz-email-headers-table protonmail_quote
    tutanota_quote zmail_extra outlookmessageheader ms-outlook-mobile-reference-message gmail_attr
    front-blockquote freebirdquote
"""
_QUOTE_CLASSES = frozenset(_QUOTE_CLASS_NAMES.split())
_QUOTE_IDS = re.compile(
    r"yahoo_quoted|divrplyfwdmsg|appendonsend|mail-editor-reference-message-container|ol-quote"
)
_ALL_BELOW_IDS = frozenset({"divrplyfwdmsg", "appendonsend", "stopspelling", "x_divrplyfwdmsg"})
_SIGNATURE_CLASSES = frozenset({"gmail_signature", "moz-signature", "ms-outlook-mobile-signature"})
_SIGNATURE_IDS = frozenset({"signature", "ms-outlook-mobile-signature", "divtagdefaultwrapper-signature"})
_INDENTED_ONLY = re.compile(r"border(?:-left)?\s*:\s*(?:none|0)", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_RULE_TEXT = "_" * 32


@dataclass(slots=True)
class _Line:
    text: str
    leaves: list[int]  # positions of the events in it that are no container
    quoted: bool
    signature: bool


def split_reply_html(html: str) -> Reply:
    """`split_reply` for HTML: each part is HTML again, well-nested, with the elements that held it.

    The parts are not safe to show: pass them through `sanitise_html`. A forwarded message counts as new; a plain
    `<blockquote>` is a quote unless nothing else was said. Linear in the length of the HTML.
    """
    events = read(html)
    lines = _lines(events, marked_only=False)
    kinds = _kinds(lines)
    if not _says_something(lines, kinds):
        lines = _lines(events, marked_only=True)
        kinds = _kinds(lines)
    by_leaf = {leaf: kind for line, kind in zip(lines, kinds, strict=True) for leaf in line.leaves}
    return Reply(tuple((kind, _only(events, by_leaf, kind)) for kind in Kind))


def _says_something(lines: list[_Line], kinds: list[Kind]) -> bool:
    return any(line.text.strip() for line, kind in zip(lines, kinds, strict=True) if kind is Kind.VISIBLE)


def _kinds(lines: list[_Line]) -> list[Kind]:
    kinds = classify(["> " + line.text if line.quoted else line.text for line in lines])
    return [
        Kind.SIGNATURE if line.signature and kind is Kind.VISIBLE else kind
        for line, kind in zip(lines, kinds, strict=True)
    ]


def _lines(events: list[Event], *, marked_only: bool) -> list[_Line]:
    """The lines that a reader sees, each with the events that make it up."""
    reader = _LineReader(_forwarding_containers(events), marked_only=marked_only)
    for position, event in enumerate(events):
        reader.take(position, event)
    return reader.finish()


def _forwarding_containers(events: list[Event]) -> set[int]:
    """Positions of quote containers whose first text says that it is a forwarded message."""
    found: set[int] = set()
    waiting: list[int] = []
    for position, event in enumerate(events):
        if isinstance(event, Start) and _is_marked_quote(event):
            waiting.append(position)
        elif isinstance(event, Text) and waiting and event.content.strip():
            if FORWARDED.match(_SPACE.sub(" ", event.content[:200]).strip()):
                found.update(waiting)
            waiting = []
    return found


def _is_marked_quote(event: Start) -> bool:
    said = event.attributes
    if event.name == "blockquote":
        return said.get("type", "").lower() == "cite" or "protonmail_quote" in said.get("class", "")
    classes = set(said.get("class", "").lower().split())
    return bool(
        classes & _QUOTE_CLASSES
        or _QUOTE_IDS.search(said.get("id", "").lower())
        or (event.name == "div" and said.get("name", "").lower() == "quote")
    )


def _is_plain_quote(event: Start) -> bool:
    """A blockquote that is neither Gmail's indentation nor its quotation button."""
    if event.name != "blockquote" or "gmail_quote" in event.attributes.get("class", ""):
        return False
    return not _INDENTED_ONLY.search(event.attributes.get("style", ""))


def _is_signature(event: Start) -> bool:
    said = event.attributes
    return (
        bool(set(said.get("class", "").lower().split()) & _SIGNATURE_CLASSES)
        or said.get("id", "").lower() in _SIGNATURE_IDS
        or said.get("data-smartmail", "").lower() == "gmail_signature"
    )


class _LineReader:
    def __init__(self, forwarding: set[int], *, marked_only: bool) -> None:
        self._lines: list[_Line] = []
        self._text: list[str] = []
        self._leaves: list[int] = []
        self._open: list[tuple[bool, bool]] = []  # (quoted, signature) of every open element
        self._forwarding = forwarding
        self._marked_only = marked_only
        self._all_below = False

    def take(self, position: int, event: Event) -> None:
        if isinstance(event, Text):
            self._text.append(_SPACE.sub(" ", event.content))
            self._leaves.append(position)
        elif isinstance(event, End):
            if event.name in BLOCK:
                self._break()
            self._open.pop()
        elif event.name in VOID:
            self._take_void(position, event)
        else:
            self._take_start(position, event)

    def _take_void(self, position: int, event: Start) -> None:
        if event.name == "hr":
            self._break()
            self._all_below |= event.attributes.get("id", "").lower() in _ALL_BELOW_IDS
            self._text.append(_RULE_TEXT)
        self._leaves.append(position)
        if event.name == "img":
            self._text.append("[picture]")
        if event.name in ("br", "hr"):
            self._break(always=True)

    def _take_start(self, position: int, event: Start) -> None:
        if event.name in BLOCK:
            self._break()
        quoted, signature = self._open[-1] if self._open else (False, False)
        marked = _is_marked_quote(event) and position not in self._forwarding
        marked = marked and "gmail_attr" not in event.attributes.get("class", "")
        self._all_below |= event.attributes.get("id", "").lower() in _ALL_BELOW_IDS
        plain = not self._marked_only and _is_plain_quote(event)
        self._open.append((quoted or marked or plain, signature or _is_signature(event)))

    def _break(self, *, always: bool = False) -> None:
        if not (self._leaves or always):
            return
        said = "".join(self._text)
        if not always and not said.strip(" "):
            return  # white space between tags is no line: it goes with the next one
        text = said.replace("\xa0", " ").strip()
        quoted, signature = self._open[-1] if self._open else (False, False)
        self._lines.append(_Line(text, self._leaves, quoted or self._all_below, signature))
        self._text, self._leaves = [], []

    def finish(self) -> list[_Line]:
        self._break(always=True)
        return self._lines


def _only(events: list[Event], by_leaf: dict[int, Kind], kind: Kind) -> str:
    """The events of one kind in the elements around them; elements that held only other kinds are left out."""
    written: list[Event] = []
    pending: list[
        tuple[int, bool, bool]
    ] = []  # (length at start, holds a leaf of this kind, of another kind)
    for position, event in enumerate(events):
        if position in by_leaf:
            mine = by_leaf[position] is kind
            if mine:
                written.append(event)
            if pending:
                start, ours, theirs = pending[-1]
                pending[-1] = (start, ours or mine, theirs or not mine)
        elif isinstance(event, Start):
            pending.append((len(written), False, False))
            written.append(event)
        elif isinstance(event, End):
            start, ours, theirs = pending.pop()
            written.append(event)
            empty_and_foreign = not ours and (theirs or kind is not Kind.VISIBLE)
            if empty_and_foreign:
                del written[start:]
            if pending:
                above, above_ours, above_theirs = pending[-1]
                pending[-1] = (above, above_ours or ours, above_theirs or theirs)
    return write(written)
