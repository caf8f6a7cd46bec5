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


def read_said(text: str) -> Said | None:
    """What it says; None where nothing was said. Raises `ValueError` for words that are none of these."""
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
    raise ValueError(text)


def read_refusal(text: str) -> Said | None:
    """The same of a column that says who is not to be contacted: yes is a refusal, and no says nothing."""
    said = read_said(text)
    if said is Said.GIVEN:
        return Said.OBJECTED
    return said if said is Said.OBJECTED or (said is Said.WITHDRAWN and not _is_no(text)) else None


def _is_no(text: str) -> bool:
    return text.strip().casefold() in {"no", "n", "false", "0", "off", "nein", "falsch", "non", "faux", "não"}
