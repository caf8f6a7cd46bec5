"""A reply split into what is new, what is quoted and the signature."""

from __future__ import annotations

from dataclasses import dataclass

from amity.channels.mime.reply_lines import Kind, classify


@dataclass(frozen=True, slots=True)
class Reply:
    """The three readings of a body. `parts` keeps every line in order, so nothing is lost by folding."""

    parts: tuple[tuple[Kind, str], ...]

    @property
    def visible(self) -> str:
        """What the person newly wrote."""
        return self._joined(Kind.VISIBLE).strip("\n")

    @property
    def quoted(self) -> str:
        """What stood there before, with the lines that announce it."""
        return self._joined(Kind.QUOTED).strip("\n")

    @property
    def signature(self) -> str:
        """Name, address, device or list footer below the text."""
        return self._joined(Kind.SIGNATURE).strip("\n")

    @property
    def unquoted(self) -> str:
        """What is new with the signature in its place."""
        return self._joined(Kind.VISIBLE, Kind.SIGNATURE).strip("\n")

    def _joined(self, *kinds: Kind) -> str:
        return "".join(text for kind, text in self.parts if kind in kinds)


def split_reply(text: str) -> Reply:
    """Tell what the writer of a plain-text mail newly wrote from what is quoted and from the signature.

    Knows the announcements of mail programs in some thirty languages. The parts joined are the text, with line
    ends as \\n. A forwarded message counts as new. Linear in the length of the text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    return Reply(tuple(_runs(lines, classify(lines))))


def _runs(lines: list[str], kinds: list[Kind]) -> list[tuple[Kind, str]]:
    """Join neighbouring lines of one kind; every line but the last gets its end back."""
    runs: list[tuple[Kind, list[str]]] = []
    for number, (line, kind) in enumerate(zip(lines, kinds, strict=True)):
        ended = line if number == len(lines) - 1 else line + "\n"
        if runs and runs[-1][0] is kind:
            runs[-1][1].append(ended)
        else:
            runs.append((kind, [ended]))
    return [(kind, "".join(pieces)) for kind, pieces in runs]
