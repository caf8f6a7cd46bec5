"""What a cell of a file says of consent: the words that systems write for yes and no, in several languages.

>>> read_said("Subscribed"), read_said("no"), read_said("allowed")
(<Said.GIVEN: 'given'>, <Said.WITHDRAWN: 'withdrawn'>, None)
"""

from __future__ import annotations

from amity.consent.domain.answering import Said

_GIVEN = frozenset(
    "yes y true 1 x ✓ on given agreed accepted granted confirmed subscribed active optin optedin ja "
    "wahr zugestimmt erteilt eingewilligt abonniert bestätigt oui vrai si sí verdadero sim".split()
)
_WITHDRAWN = frozenset(
    "no n false 0 off withdrawn revoked declined unsubscribed cleaned optout optedout suppressed inactive nein falsch "
    "widerrufen abgemeldet abbestellt non faux não".split()
)
_OBJECTED = frozenset(
    "objected objection donotcontact blocked complained spam widersprochen gesperrt".split()
)
_PENDING = frozenset("pending unconfirmed waiting notconfirmed unbestätigt ausstehend".split())
_NOTHING = frozenset("unknown none na null allowed expired notasked nostatus unbekannt transactional".split())
"""Nothing was said. `allowed` and `expired` are what our own exports write where nobody said anything that counts."""


_NO = frozenset({"no", "nein", "non", "não"})
_REFUSING = (_WITHDRAWN | _OBJECTED) - _NO - set(
    "n false 0 off faux falsch inactive cleaned blocked".split()
) | set(
    "unsubscribe stop refused refuses nothanks nothank nomail nomails nocalls nocontact neindanke abmelden widerruf "
    "widerspruch".split()
)
_AGREEING = _GIVEN - set("y 1 x ✓ on active si".split())
"""Words that refuse in the middle of a sentence too; the others may be about something else there."""
_NEGATED = frozenset("not nicht never".split())


def read_said(text: str) -> Said | None:
    """What it says; None where nothing was said. A sentence in which only a refusing word stands refuses.

    Raises `ValueError` for others: nobody knows what they say.
    """
    word = "".join(one for one in text.casefold() if one.isalnum() or one == "✓")
    for said, words in (
        (Said.GIVEN, _GIVEN),
        (Said.WITHDRAWN, _WITHDRAWN),
        (Said.OBJECTED, _OBJECTED),
        (Said.PENDING, _PENDING),
    ):
        if word in words:
            return said
    if word in _NOTHING or not word:
        return None
    if _has(text, _REFUSING) and not _has(text, _AGREEING):
        return Said.WITHDRAWN
    raise ValueError(text)


def read_refusal(text: str) -> Said | None:
    """The same of a column that says who is not to be contacted: yes is a refusal, and no says nothing."""
    try:
        said = read_said(text)
    except ValueError:
        if _has(text, _AGREEING):
            return Said.OBJECTED
        raise
    if said is Said.GIVEN:
        return Said.OBJECTED
    return said if said is Said.OBJECTED or (said is Said.WITHDRAWN and not _is_no(text)) else None


def _has(text: str, words: frozenset[str]) -> bool:
    """Whether one of these stands in a sentence, also in parts (opt-out), and nothing before it turns it round."""
    said = "".join(one if one.isalnum() else " " for one in text.casefold()).split()
    for place in range(len(said)):
        if said[place] in _NEGATED:
            return False
        if any("".join(said[place : place + length]) in words for length in (1, 2, 3)):
            return True
    return False


def _is_no(text: str) -> bool:
    return text.strip().casefold() in {"n", "false", "0", "off", "falsch", "faux", *_NO}
