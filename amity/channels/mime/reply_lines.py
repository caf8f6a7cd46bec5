"""Which lines of a reply are new, which are quoted, which are a signature.

One pass over the lines with a look-ahead of at most a few lines, each cut to a fixed length, so the time is
linear in the text whatever the text is.
"""

from __future__ import annotations

import re
from enum import StrEnum

from amity.channels.mime import reply_words as words

MAX_LINE_CHARS = 400  # of a line that are looked at
_ATTRIBUTION_LINES = 4
_HEADER_LINES = 12
_SIGNATURE_LINES = 12
_QUOTED = re.compile(r"\s{0,3}[>»›]")
_QUOTE_MARKS = re.compile(r"[\s>»›]{0,40}")
_RULE = re.compile(r"\s{0,20}(?:[-_=*~]\s?){3,}$")
_FOOTER_RULE = re.compile(r"_{10,}$")
_DELIMITER = re.compile(r"(?:--|—|– )\s?$")
_DASHED_NAME = re.compile(r"[-—–]{1,2}[^\W\d_a-z]\S{0,30}(?: \S{1,30}){0,3}$")
_ONE_WORD = re.compile(r"\S+$")


class Kind(StrEnum):
    """What a line is."""

    VISIBLE = "visible"
    QUOTED = "quoted"
    SIGNATURE = "signature"


def classify(lines: list[str]) -> list[Kind]:
    """The kind of every line. A line that is quoted already begins with `>`."""
    lines = [line[:MAX_LINE_CHARS].rstrip("\r") for line in lines]
    kinds = _quoted(lines)
    _mark_signatures(lines, kinds)
    return kinds


def _quoted(lines: list[str]) -> list[Kind]:
    kinds = [Kind.VISIBLE] * len(lines)
    index = 0
    while index < len(lines):
        if _is_forwarding(lines[index]):
            break  # what somebody passes on is what they want to be read
        end, rest = _announcement(lines, index)
        if rest:
            start = _with_rule_above(lines, kinds, index)
            kinds[start:] = [Kind.QUOTED] * (len(lines) - start)
            break
        if end > index or _QUOTED.match(lines[index]):
            start = _with_rule_above(lines, kinds, index) if end > index else index
            end = _end_of_quote(lines, max(end, index))
            kinds[start:end] = [Kind.QUOTED] * (end - start)
            index = end
        else:
            index += 1
    return kinds


def _is_forwarding(line: str) -> bool:
    return not _RULE.match(line) and words.FORWARDED.match(line) is not None


def _announcement(lines: list[str], index: int) -> tuple[int, bool]:
    """The end of an announcement of quoted text at `index` (`index` if none), and if all that follows is quoted."""
    line = lines[index]
    if not line.strip() or _QUOTED.match(line) or _RULE.match(line):
        return index, False
    if words.ORIGINAL_MESSAGE.match(line) or words.REPLY_ABOVE.match(line):
        return index + 1, True
    if words.NAME_WROTE.match(line.strip()):
        return index + 1, not _quote_follows(lines, index + 1)
    if _header_block(lines, index):
        return index + 1, True
    end, certain = _attribution(lines, index)
    if end == index:
        return index, False
    if _quote_follows(lines, end):
        return end, False
    return (end, True) if certain else (index, False)


def _attribution(lines: list[str], index: int) -> tuple[int, bool]:
    """The end of an `On … wrote:` that begins at `index`, and if its words alone make it certain."""
    joined = ""
    for end in range(index, min(index + _ATTRIBUTION_LINES, len(lines))):
        line = lines[end].strip()
        if not line or (end > index and (_QUOTED.match(lines[end]) or not _goes_on(lines[index], line))):
            break
        joined = f"{joined} {line}" if joined else line
        if len(joined) > MAX_LINE_CHARS:
            break
        verb = words.WROTE.search(_spaced(joined))
        if (verb and (joined.endswith((":", "：")))) or (verb and verb.end() >= len(joined) - 1):
            return end + 1, _is_certain(joined)
    return index, False


def _goes_on(first: str, line: str) -> bool:
    """Whether an announcement that begins with `first` may go on with `line`, which does not begin one itself."""
    if words.OPENER.match(line) and (words.FULL_DATE.search(line) or words.TIME_OF_DAY.search(line)):
        return False
    first = first.strip()
    return any(known.search(first) for known in (words.TIME_OF_DAY, words.FULL_DATE, words.ADDRESS)) or bool(
        words.OPENER.match(first)
    )


def _spaced(line: str) -> str:
    """Part an address from a verb that follows it without a space."""
    return line.replace(">", "> ") if ">" in line else line


def _is_certain(line: str) -> bool:
    """Only a program writes a preposition, a full date and a time or an address, and a colon at the end."""
    dated = words.TIME_OF_DAY.search(line) or words.FULL_DATE.search(line)
    evidence = sum(
        (
            words.OPENER.match(line) is not None,
            words.TIME_OF_DAY.search(line) is not None,
            words.FULL_DATE.search(line) is not None,
            words.ADDRESS.search(line) is not None,
        )
    )
    return line.endswith((":", "：")) and dated is not None and evidence >= 3


def _header_block(lines: list[str], index: int) -> bool:
    """A block of From, Sent, To, Subject as Outlook writes it, in any language, possibly bold."""
    found: set[str] = set()
    first = _label(lines[index])
    if first not in ("from", "sent", "subject"):
        return False
    block = lines[index : index + _HEADER_LINES]
    misses = 0
    for line in block:
        kind = _label(line)
        misses = 0 if kind else misses + 1
        if not line.strip() or misses > 2 or kind in found - {"", "other", "to"}:
            break  # every field stands once; Cc and To are one kind
        found.add(kind)
    has_address = words.ADDRESS.search(" ".join(block[:3])) is not None
    if not {"from", "sent"} <= found:
        return {"from", "to", "subject"} <= found and has_address
    return (bool(found & {"to", "subject"}) and (has_address or "subject" in found)) or (
        has_address and first == "from"
    )


def _label(line: str) -> str:
    hit = words.LABEL.match(line)
    return words.LABELS.get(" ".join(hit[1].lower().split()), "") if hit else ""


def _quote_follows(lines: list[str], index: int) -> bool:
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index < len(lines) and _QUOTED.match(lines[index]) is not None


def _with_rule_above(lines: list[str], kinds: list[Kind], index: int) -> int:
    """The start of a quote with the line of dashes above it, and blank lines between."""
    above = index - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    return above if above >= 0 and _RULE.match(lines[above]) and kinds[above] is Kind.VISIBLE else index


def _end_of_quote(lines: list[str], index: int) -> int:
    """The index after a run of quoted lines, blank lines among and after them, and lines that a mailer wrapped."""
    while index < len(lines):
        if _QUOTED.match(lines[index]) or not lines[index].strip() or _is_wrapped(lines, index):
            index += 1
        else:
            return index
    return index


def _is_wrapped(lines: list[str], index: int) -> bool:
    """The overhang of the quoted line above: one line directly between two quoted lines that carries it on."""
    if not (
        0 < index < len(lines) - 1 and _QUOTED.match(lines[index - 1]) and _QUOTED.match(lines[index + 1])
    ):
        return False
    above, line = lines[index - 1].rstrip(), lines[index].strip()
    broken_link = "://" in above.rsplit(" ", 1)[-1] and _ONE_WORD.match(line) is not None
    return broken_link or (len(above) >= 70 and line[:1].islower())


def _mark_signatures(lines: list[str], kinds: list[Kind]) -> None:
    """Mark the signature at the end of every run of visible lines."""
    end = len(lines)
    while end > 0:
        if kinds[end - 1] is not Kind.VISIBLE:
            end -= 1
            continue
        start = end
        while start > 0 and kinds[start - 1] is Kind.VISIBLE:
            start -= 1
        first = _signature_start(lines[start:end])
        kinds[start + first : end] = [Kind.SIGNATURE] * (end - start - first)
        end = start


def _signature_start(run: list[str]) -> int:
    """Where the signature of a run begins; its length if there is none."""
    if any(_is_forwarding(line) for line in run):
        return len(run)
    for index, line in enumerate(run):
        exact = line == "-- "
        if (exact or _DELIMITER.match(line)) and (exact or len(run) - index <= _SIGNATURE_LINES):
            return index
    end = _footer_start(run)
    return min(_sent_from_start(run, end), _dashed_name_start(run, end))


def _footer_start(run: list[str]) -> int:
    """A mailing list's footer: a long line of underscores near the end."""
    for index in range(max(0, len(run) - _SIGNATURE_LINES), len(run)):
        if _FOOTER_RULE.match(run[index].strip()):
            return index
    return len(run)


def _sent_from_start(run: list[str], end: int) -> int:
    last = _last_said(run, end)
    return last if last >= 0 and words.SENT_FROM.match(run[last].strip()) else end


def _dashed_name_start(run: list[str], end: int) -> int:
    """`-Name` alone in the last paragraph."""
    last = _last_said(run, end)
    alone = last > 0 and not run[last - 1].strip()
    return last if alone and _DASHED_NAME.match(run[last].strip()) else end


def _last_said(run: list[str], end: int) -> int:
    last = end - 1
    while last >= 0 and not run[last].strip():
        last -= 1
    return last
