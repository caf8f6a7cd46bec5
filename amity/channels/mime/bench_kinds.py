"""Who wrote a mail: how often a person is taken for a program, on public mail of which it can be known.

A mail that others answered by its Message-ID was written by somebody: that is known without looking at its fields. A
sample of another library that is named a report, or holds a report part, is one.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import time
from collections.abc import Iterator
from pathlib import Path

from amity.channels.mime.kinds import NOBODYS_WORDS, MailKind
from amity.channels.mime.mail import ParsedMail, parse_mail
from amity.channels.mime.mbox import iter_mbox
from amity.channels.records import Unreadable

_REPORT = re.compile(rb"(?im)^content-type:\s*message/delivery-status")


def run(data: Path) -> dict[str, float]:
    """Measure on `spamassassin`, `mailing_lists` and `email_edge_cases` under `data`.

    `answered` mails were answered by others; `lost` of them were taken for an answer of a program (must be 0),
    `doubted` for a newsletter or a notice. `claimed` is how many of all mails that are no report were taken for an
    answer of a program. Of the `reports`, `told` were recognised and `named` also say which address. `ms` is the mean
    for one mail.
    """
    mails: list[tuple[bytes, ParsedMail]] = []
    started = time.perf_counter()
    for raw in _mails(data):
        try:
            mails.append((raw, parse_mail(raw)))
        except Unreadable:
            continue
    elapsed_ms = (time.perf_counter() - started) * 1000
    named = {name for _, mail in mails for name in (*mail.in_reply_to, *mail.references)}
    answered = [mail for _, mail in mails if mail.message_id in named]
    reports = [mail for raw, mail in mails if _REPORT.search(raw)]
    others = [mail for raw, mail in mails if not _REPORT.search(raw)]
    told = [mail for mail in reports if mail.report is not None]
    return {
        "mails": len(mails),
        "answered": len(answered),
        "lost": sum(mail.kind in NOBODYS_WORDS for mail in answered),
        "doubted": sum(mail.kind in {MailKind.NEWSLETTER, MailKind.NOTICE} for mail in answered),
        "claimed": sum(mail.kind in NOBODYS_WORDS for mail in others),
        "reports": len(reports),
        "told": len(told),
        "named": sum(bool(mail.report and mail.report.failures[0].address) for mail in told),
        "ms": round(elapsed_ms / max(1, len(mails)), 3),
    }


def _mails(data: Path) -> Iterator[bytes]:
    with tarfile.open(data / "spamassassin" / "messages.tar.gz") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is not None:
                yield content.read()
    for path in sorted((data / "mailing_lists").glob("*.mbox.gz")):
        with gzip.open(path) as stream:
            yield from (raw for _, raw in iter_mbox(io.BytesIO(stream.read())))
    for path in sorted((data / "email_edge_cases").rglob("*.eml")):
        yield path.read_bytes()
