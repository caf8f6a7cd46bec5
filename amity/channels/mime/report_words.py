"""Why a mail did not arrive: from the codes of RFC 3463 and RFC 5321, and from the words of mail servers."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a mail did not arrive, as a person would tell it."""

    NONE = "none"
    NO_SUCH_MAILBOX = "no_such_mailbox"
    NO_SUCH_DOMAIN = "no_such_domain"
    MAILBOX_CLOSED = "mailbox_closed"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    REFUSED = "refused"  # by a rule, a filter, a list of senders
    UNREACHABLE = "unreachable"  # the other server did not answer, or not in time
    OTHER = "other"


def any_of(phrases: str, *, at_start: str = "", at_end: str = "") -> re.Pattern[str]:
    """A pattern for one phrase a line. A space is any white space; `…` is up to 60 characters of one line."""
    lines = (line.strip() for line in phrases.strip().splitlines())
    written = "|".join(line.replace(" ", r"\s+").replace("…", r"[^\n]{0,60}?\b") for line in lines if line)
    return re.compile(f"{at_start}(?:{written}){at_end}", re.IGNORECASE | re.MULTILINE)


_OF_ADDRESS = frozenset({Reason.NO_SUCH_MAILBOX, Reason.NO_SUCH_DOMAIN, Reason.MAILBOX_CLOSED})
_STATUS = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY_CODE = re.compile(r"(?<![\d.:])([45])[0-5]\d(?=[\s:-])")

_BY_STATUS: Final = {
    "1.0": Reason.NO_SUCH_MAILBOX, "1.1": Reason.NO_SUCH_MAILBOX, "1.2": Reason.NO_SUCH_DOMAIN,
    "1.3": Reason.NO_SUCH_MAILBOX, "1.4": Reason.NO_SUCH_MAILBOX, "1.6": Reason.MAILBOX_CLOSED,
    "1.10": Reason.NO_SUCH_DOMAIN, "2.0": Reason.MAILBOX_CLOSED, "2.1": Reason.MAILBOX_CLOSED,
    "2.2": Reason.MAILBOX_FULL, "2.3": Reason.TOO_LARGE, "3.1": Reason.MAILBOX_FULL, "3.4": Reason.TOO_LARGE,
    "4.1": Reason.UNREACHABLE, "4.2": Reason.UNREACHABLE, "4.3": Reason.UNREACHABLE, "4.4": Reason.NO_SUCH_DOMAIN,
    "4.5": Reason.UNREACHABLE, "4.6": Reason.UNREACHABLE, "4.7": Reason.UNREACHABLE,
}  # fmt: skip
# Codes that say little, or are known to be misused: 5.4.1 of Exchange, 5.7.1 for everything. There words win.
_VAGUE: Final = frozenset({"", "0.0", "1.0", "2.0", "3.0", "4.1", "5.0", "7.0", "7.1"})
_BY_WORDS: Final = (
    (Reason.MAILBOX_FULL, any_of(r"""
        mailbox (?:is )?(?:over ?)?(?:full|quota)
        (?:over|exceed\w*|out of) (?:\w+ ){0,3}(?:quota|storage)
        quota (?:has been |is )?exceeded
        insufficient (?:disk|system) (?:space|storage)
        full mailbox
        postfach (?:ist )?(?:voll|überfüllt)
        speicherplatz
        kontingent
        boîte (?:aux lettres )?(?:est )?pleine
        buzón (?:de correo )?(?:está )?lleno
        casella (?:di posta )?piena
    """)),
    (Reason.NO_SUCH_DOMAIN, any_of(r"""
        (?:host|domain)(?: name)?\b…(?:not found|unknown|does ?n[o't]+ exist|not exist|invalid)
        no such domain
        (?:unknown|bad destination) (?:host|domain)
        nxdomain
        couldn't find any host
        unrouteable (?:mail )?(?:domain|address)
        no route to
        domain(?:ne|äne|io)?\b…(?:nicht (?:gefunden|bekannt)|inconnu|no existe)
    """)),
    (Reason.MAILBOX_CLOSED, any_of(r"""
        (?:account|mailbox|user)\b…(?:disabled|inactive|suspended|closed|deactivated|expired)
        (?:account|mailbox|user)\b…no longer (?:active|in use|valid|available|with)
        no longer (?:works|employed)
        deaktiviert
        désactivé
        desactivad
    """)),
    (Reason.NO_SUCH_MAILBOX, any_of(r"""
        (?:user|mailbox|recipient|account|address|alias|person)\b…(?:unknown|not found|does ?n[o't]+ exist|not exist)
        (?:user|mailbox|recipient|account|address|alias|person)\b…(?:not listed|rejected|invalid|unavailable)
        (?:user|mailbox|recipient|account|address|alias|person)\b…not (?:known|here)
        (?:no such|unknown|invalid|bad destination) (?:e-?mail )?(?:user|mailbox|recipient|address|account|person|local)
        recipient ?not ?found
        recipnotfound
        user ?unknown
        not our customer
        doesn't have (?:a|an) …account
        no mailbox (?:here )?by that name
        (?:empfänger|postfach|benutzer|(?:mail)?adresse)\b…(?:unbekannt|existiert nicht)
        (?:empfänger|postfach|benutzer|(?:mail)?adresse)\b…nicht (?:gefunden|bekannt|vorhanden)
        unbekannte[rn]? (?:empfänger|benutzer|adresse)
        (?:destinataire|utilisateur|adresse)\b…(?:inconnu|introuvable|n['’]existe pas)
        (?:destinatario|usuario|direcci[óo]n|buz[óo]n)\b…(?:desconocid|no (?:existe|encontrad|se encontr))
        (?:destinatario|utente)\b…(?:sconosciuto|inesistente)
        inconnu à cette adresse
    """)),
    (Reason.TOO_LARGE, any_of(r"""
        (?:message|mail|size|attachment)\b…(?:too (?:large|big|long)|exceeds)
        zu groß
        trop (?:gros|volumineux)
        demasiado grande
    """)),
    (Reason.UNREACHABLE, any_of(r"""
        timed? ?out
        connection (?:refused|lost|dropped|reset)
        (?:could not|couldn't) (?:establish|connect)
        retry time(?:out)? exceeded
        too long
        too many hops
        delivery time expired
        network (?:is )?unreachable
        expired
        nicht erreichbar
        zeitüberschreitung
        abgelaufen
        délai …(?:dépassé|expiré)
        tiempo …(?:agotado|excedido)
    """)),
    (Reason.REFUSED, any_of(r"""
        spam
        black ?list
        block(?:ed|list)
        reputation
        policy
        dmarc
        \bspf\b
        dkim
        not (?:allowed|permitted|authori[sz]ed)
        denied
        rejected
        refused
        relaying
        virus
        banned
        restricted
        abgelehnt
        verweigert
        refusé
        rechazad
    """)),
)  # fmt: skip


def status_in(text: str) -> str:
    """The first enhanced status code in a text, as `5.1.1`; where there is none, one of a reply code (550: 5.0.0)."""
    if hit := _STATUS.search(text):
        return f"{hit[1]}.{int(hit[2])}.{int(hit[3])}"
    if hit := _REPLY_CODE.search(text + " "):
        return f"{hit[1]}.0.0"
    return ""


def reason_of(status: str, said: str) -> Reason:
    """Why, from a status code and what the other server said. `NONE` for a mail that arrived."""
    if status.startswith("2"):
        return Reason.NONE
    detail = status.partition(".")[2]
    by_status = _BY_STATUS.get(detail)
    if by_status is None and detail.startswith("7."):
        by_status = Reason.REFUSED
    if by_status is not None and detail not in _VAGUE:
        return by_status
    line = " ".join(said[:2_000].split())
    by_words = next((reason for reason, words in _BY_WORDS if words.search(line)), None)
    return by_words or by_status or Reason.OTHER


def is_of_address(reason: Reason) -> bool:
    """Whether the reason lies in the address itself and will not pass."""
    return reason in _OF_ADDRESS
