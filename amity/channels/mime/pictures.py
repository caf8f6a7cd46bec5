"""The pictures of a sanitised body: which are on the web, and where each may be fetched from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from amity.channels.mime.markup import Event, Start, read, write
from amity.channels.mime.reply import Reply
from amity.channels.mime.reply_html import split_reply_html
from amity.channels.mime.reply_lines import Kind
from amity.channels.mime.sanitise import sanitise_html

MOST_PICTURES = 60
REMOTE, OWN = "data-remote-src", "data-cid"


def remote_addresses(sanitised: str) -> tuple[str, ...]:
    """The addresses of the pictures on the web, each once, in order; at most 60."""
    found = (
        event.attributes[REMOTE]
        for event in read(sanitised)
        if isinstance(event, Start) and event.name == "img" and event.attributes.get(REMOTE)
    )
    return tuple(dict.fromkeys(found))[:MOST_PICTURES]


def parts_with_pictures(sanitised: str, place: Callable[[str, str], str]) -> dict[Kind, str]:
    """A sanitised body as what is new, what is quoted and the signature, each safe, with sources for its pictures.

    `place(kind, name)` gives the address from which a picture may be loaded, "" for none; `kind` is `REMOTE` with an
    address on the web, or `OWN` with a content id. It must give addresses of this site only.
    """
    reply: Reply = split_reply_html(sanitised)
    said: dict[Kind, str] = {}
    for kind, html in reply.parts:
        said[kind] = said.get(kind, "") + html
    return {kind: write(_placed(read(sanitise_html(html)), place)) for kind, html in said.items()}


def _placed(events: Iterable[Event], place: Callable[[str, str], str]) -> Iterator[Event]:
    for event in events:
        if not (isinstance(event, Start) and event.name == "img"):
            yield event
            continue
        said = event.attributes
        kind = REMOTE if said.get(REMOTE) else OWN if said.get(OWN) else ""
        source = place(kind, said[kind]) if kind else ""
        others = {name: value for name, value in said.items() if name not in (REMOTE, OWN, "src", "loading")}
        # A picture that is not loaded keeps its words; one without words is a tracker or decoration.
        yield Start("img", {**others, "src": source, "loading": "lazy"} if source else others)
