"""Two old ways of writing text in mail: format=flowed (RFC 3676) and text/enriched (RFC 1896)."""

from __future__ import annotations

import re

_QUOTE_MARKS = re.compile(r">*")
_COMMAND = re.compile(r"<(/?)([a-z0-9-]{1,60})>", re.IGNORECASE)


def unflow(text: str, *, joined: bool = False) -> str:
    """Join the soft line breaks of flowed text. `joined` is DelSp=yes: the space before the break goes too."""
    lines: list[str] = []
    open_depth = -1  # quote depth of a line that waits for its continuation
    for line in text.split("\n"):
        marks = _QUOTE_MARKS.match(line)
        depth = marks.end() if marks else 0
        body = line[depth:].removeprefix(" ")
        if open_depth == depth and body != "-- ":
            lines[-1] += body
        else:
            lines.append(">" * depth + (" " if depth else "") + body if depth else body)
        flows = body.endswith(" ") and body != "-- " and body.strip() != ""
        open_depth = depth if flows else -1
        if flows and joined:
            lines[-1] = lines[-1][:-1]
    return "\n".join(lines)


def enriched_to_text(text: str) -> str:
    """The text of a text/enriched body: commands dropped, `<<` unescaped, single line breaks are spaces."""
    pieces: list[str] = []
    hidden, end = 0, 0
    text = text.replace("<<", "\x00")
    for command in _COMMAND.finditer(text):
        if not hidden:
            pieces.append(text[end : command.start()])
        if command[2].lower() == "param":
            hidden = max(0, hidden + (-1 if command[1] else 1))
        end = command.end()
    if not hidden:
        pieces.append(text[end:])
    plain = re.sub(r"(?<!\n)\n(?!\n)", " ", "".join(pieces))
    return re.sub(r"\n(\n+)", r"\1", plain).replace("\x00", "<")
