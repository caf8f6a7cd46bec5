"""What of a message is folded away: the quoted rest of a mail, as much of it as there is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folded:
    """`rest` is what a reader may unfold, `lines` how many lines with words it has, `is_whole` that it is the whole
    message as it came (because what was kept of it is not its beginning)."""

    rest: str
    lines: int
    is_whole: bool = False


def folded(text: str, full_text: str) -> Folded | None:
    """What stands in `full_text` beyond `text`; None when there is nothing more to read."""
    whole, kept = full_text.strip(), text.strip()
    if not whole or whole == kept:
        return None
    starts = whole.startswith(kept)
    rest = whole[len(kept) :].strip("\n") if starts else whole
    lines = sum(1 for line in rest.splitlines() if line.strip())
    return Folded(rest, lines, is_whole=not starts) if lines else None
