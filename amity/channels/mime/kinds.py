"""Who wrote a mail: a person, a list, or a program; and which kind of program.

The order of the questions matters: a report is a report whatever else it says, an answer of an absent colleague that
went to a list is still no word of theirs, and `Precedence: bulk` alone says nothing about people on a mailing list.
Where signs are weak the mail counts as written by a person: a customer must not be lost to a guess.
"""

from __future__ import annotations

import re
from email.message import Message
from enum import StrEnum

from amity.channels.mime.headers import header_text, message_ids
from amity.channels.mime.report_words import any_of
from amity.channels.mime.reports import Outcome, Report


class MailKind(StrEnum):
    """What a mail is. The kinds in `NOBODYS_WORDS` were written by no one."""

    PERSON = "person"
    LIST = "list"  # through a mailing list or a group address: people
    NEWSLETTER = "newsletter"
    NOTICE = "notice"  # a program reports something of its own accord, also the form of a web site
    AUTO_REPLY = "auto_reply"  # out of office, “we have received your message”
    RECEIPT = "receipt"  # it was read, it was delivered
    DELAY = "delay"  # a mail of ours has not arrived yet
    BOUNCE = "bounce"  # a mail of ours will not arrive


NOBODYS_WORDS = frozenset({MailKind.AUTO_REPLY, MailKind.RECEIPT, MailKind.DELAY, MailKind.BOUNCE})
"""Programs that answer mails of ours: such a mail opens nothing, waits for nobody and has no mood."""
NEVER_ANSWER = NOBODYS_WORDS | {MailKind.NEWSLETTER, MailKind.NOTICE}
"""Kinds that no program of ours may answer (RFC 3834)."""

_ROBOT = re.compile(r"(mailer-daemon|postmaster|no-?_?reply|do-?_?not-?_?reply|bounces?)([+=._-][^@]*)?@")
_REPLIED = frozenset({"auto_reply", "auto-reply", "autoreply"})
_AUTO_REPLY_FIELDS = (
    "X-Autoreply", "X-Autoreply-From", "X-Autorespond", "X-Autoresponder", "X-Auto-Response", "X-Mail-Autoreply",
    "X-AutoReply-From", "X-Zendesk-Autoreply",
)  # fmt: skip
_LIST_FIELDS = (
    "List-Id", "List-Post", "X-Mailing-List", "Mailing-List", "X-Mailinglist", "X-BeenThere", "X-List-Host",
    "X-Loop-List", "X-Google-Group-Id",
)  # fmt: skip
_LIST_SENDER = re.compile(
    r"(^|<)(owner-[^@<>]+|[^@<>]+-(admin|bounces?|owner|errors|request)([+=][^@<>]*)?)@", re.IGNORECASE
)
_CAMPAIGN_FIELDS = (
    "Feedback-ID",
    "X-Campaign",
    "X-Campaign-Id",
    "X-CampaignId",
    "X-Mailgun-Sid",
    "X-MC-User",
)
# What mail programs put before the subject of what they answer; nobody types these.
_WRITTEN_BY_PROGRAMS = any_of(
    r"""
    auto(?:matic|mated)?[\s-]?(?:reply|response)
    auto
    automatische (?:antwort|abwesenheits(?:notiz|nachricht))
    autoantwort
    abwesenheits(?:notiz|nachricht|meldung)
    out of (?:the )?office(?: auto[\s-]?reply)?
    r[ée]ponse automatique
    (?:message|notification) d['’]absence
    absence du bureau
    respuesta autom[áa]tica
    fuera de (?:la )?oficina
    risposta automatica
    fuori (?:sede|ufficio)
    resposta autom[áa]tica
    automatisch antwoord
    afwezigheids(?:bericht|melding)
    auto(?:matiskt? )?svar
    frav[æa]rsmelding
    odpowied[źz] automatyczna
    autoodpowied[źz]
    automatick[áa] odpov[ěe][ďd]
    automaattinen vastaus
    poissaoloilmoitus
    otomatik yan[ıi]t
    автоответ
    автоматический ответ
    automatikus v[áa]lasz
    自動(?:応答|返信|回覆)
    自动(?:答复|回复)
    """,
    at_end=r"\s*[:：]",
)
# What absent people write themselves; a customer might, too.
_WRITTEN_BY_THE_ABSENT = any_of(r"""
    out of (?:the )?office
    \booo\b
    on (?:annual )?(?:leave|vacation|holiday)
    vacation (?:reply|message)
    away from (?:the office|my (?:desk|mail))
    auto(?:matic)?[\s-]?repl
    autorespon
    abwesen
    nicht im b[üu]ro
    im urlaub
    eingangsbest[äa]tigung
    automatische
    absen(?:t|ce)
    cong[ée]s
    accus[ée] de r[ée]ception
    r[ée]ponse auto
    ausen(?:te|cia)
    vacaciones
    fuera de (?:la )?oficina
    acuse de recibo
    (?:we['’]ve|we have|has been) received
    (?:case|ticket) (?:\#|received|created)
    afwezig
    fuori ufficio
    fora do escrit[óo]rio
    poissa
    urlop
""")


def kind_of(headers: Message, *, sender: str, subject: str, report: Report | None) -> MailKind:
    """The kind of a mail from its fields and the report that was found in it. `sender` is the address of From."""
    if report is not None:
        return _of_report(report)
    if _is_auto_reply(headers, subject):
        return MailKind.AUTO_REPLY
    if is_from_list(headers):
        return MailKind.LIST
    if _precedence(headers) in {"bulk", "junk"} or _is_campaign(headers):
        return MailKind.NEWSLETTER
    return MailKind.NOTICE if _is_notice(headers, sender) else MailKind.PERSON


def _of_report(report: Report) -> MailKind:
    outcomes = {failure.outcome for failure in report.failures}
    if Outcome.FAILED in outcomes:
        return MailKind.BOUNCE
    return MailKind.DELAY if Outcome.DELAYED in outcomes else MailKind.RECEIPT


def _is_auto_reply(headers: Message, subject: str) -> bool:
    said = _said(headers, "Auto-Submitted").lower()
    if said.startswith("auto-replied") or _precedence(headers) in _REPLIED:
        return True
    if any(_said(headers, name).lower() not in {"", "no", "false"} for name in _AUTO_REPLY_FIELDS):
        return True
    if _WRITTEN_BY_PROGRAMS.match(subject):
        return True
    is_automatic = _is_automatic(headers) or has_no_sender(headers)
    if not is_automatic:
        return False
    return _answers_something(headers) or _WRITTEN_BY_THE_ABSENT.search(subject) is not None


def _is_automatic(headers: Message) -> bool:
    """Signs of a program; a list sends with `Precedence: bulk` what people wrote."""
    said = _said(headers, "Auto-Submitted").lower()
    if said and not said.startswith("no"):
        return not is_from_list(headers)
    suppressed = _said(headers, "X-Auto-Response-Suppress").lower()
    if suppressed and suppressed != "none" and _WRITTEN_BY_THE_ABSENT.search(_said(headers, "Subject")):
        return True
    is_vacation = _precedence(headers) in {"bulk", "junk"} and not is_from_list(headers)
    return is_vacation and _WRITTEN_BY_THE_ABSENT.search(_said(headers, "Subject")) is not None


def has_no_sender(headers: Message) -> bool:
    """The envelope names nobody to return it to: only programs send so (RFC 5321, 4.5.5)."""
    return _said(headers, "Return-Path").replace(" ", "") == "<>"


def _answers_something(headers: Message) -> bool:
    return bool(message_ids(_said(headers, "In-Reply-To")) or message_ids(_said(headers, "References")))


def is_from_list(headers: Message) -> bool:
    """Whether it came through a mailing list or a group address."""
    if any(_said(headers, name) for name in _LIST_FIELDS) or _precedence(headers) == "list":
        return True
    senders = (_said(headers, name) for name in ("Sender", "Return-Path", "Errors-To", "X-Original-Sender"))
    return any(_LIST_SENDER.search(sender) for sender in senders)


def _is_campaign(headers: Message) -> bool:
    return bool(_said(headers, "List-Unsubscribe")) or any(_said(headers, name) for name in _CAMPAIGN_FIELDS)


def _is_notice(headers: Message, sender: str) -> bool:
    said = _said(headers, "Auto-Submitted").lower()
    suppressed = _said(headers, "X-Auto-Response-Suppress").lower()
    return (
        (bool(said) and not said.startswith("no"))
        or suppressed not in {"", "none"}
        or has_no_sender(headers)
        or _ROBOT.match(sender) is not None
    )


def _precedence(headers: Message) -> str:
    return _said(headers, "Precedence").lower()


def _said(headers: Message, name: str) -> str:
    values = headers.get_all(name, [])
    return next((text for value in values if (text := header_text(str(value)))), "")
