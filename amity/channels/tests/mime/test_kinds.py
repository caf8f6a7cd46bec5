"""Who wrote a mail, and what a report says: a customer is never taken for a program, a report names what it returns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amity.channels.mime import MailKind, Outcome, Reason, parse_mail
from amity.channels.tests.mime import letters
from amity.channels.tests.mime.letters import OURS, letter, report

LENA = "Lena Krug <lena@krug.example>"
HANNA = "hanna@roast.example"
STATUS = "Reporting-MTA: dns; mx.roast.example\n\n"


@pytest.mark.parametrize(
    ("body", "subject", "reason"),
    [
        (letters.EXIM, "Mail delivery failed: returning message to sender", Reason.NO_SUCH_MAILBOX),
        (letters.QMAIL, "failure notice", Reason.NO_SUCH_MAILBOX),
        (letters.SENDMAIL, "Returned mail: see transcript for details", Reason.MAILBOX_FULL),
        (letters.POSTFIX, "Undelivered Mail Returned to Sender", Reason.NO_SUCH_DOMAIN),
        (letters.EXCHANGE, "Undeliverable: Re: Metal shavings", Reason.NO_SUCH_MAILBOX),
        (letters.EXCHANGE_GERMAN, "Unzustellbar: Re: Metal shavings", Reason.MAILBOX_FULL),
        (letters.PROVIDER_GERMAN, "Zustellung fehlgeschlagen", Reason.NO_SUCH_MAILBOX),
        (letters.FRENCH, "Échec de la remise", Reason.NO_SUCH_MAILBOX),
        (letters.SPANISH, "No se ha entregado", Reason.NO_SUCH_MAILBOX),
    ],
)
def test_a_letter_of_a_mail_server_names_the_mail_the_address_and_the_reason(
    body: str, subject: str, reason: Reason
) -> None:
    read = parse_mail(letter(body, subject=subject))
    assert read.kind is MailKind.BOUNCE
    assert read.report is not None
    (failure,) = read.report.failures
    assert (failure.address, failure.outcome, failure.reason) == (HANNA, Outcome.FAILED, reason)
    assert OURS in read.report.of


SAYS_ACCOUNT_DISABLED = "failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 account disabled"
SAYS_SPAM = "failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 looks like spam"


@pytest.mark.parametrize(
    ("action", "kind", "outcome", "reason", "dead"),
    [
        ("failed\nStatus: 5.1.1", MailKind.BOUNCE, Outcome.FAILED, Reason.NO_SUCH_MAILBOX, True),
        (SAYS_ACCOUNT_DISABLED, MailKind.BOUNCE, Outcome.FAILED, Reason.MAILBOX_CLOSED, True),
        (SAYS_SPAM, MailKind.BOUNCE, Outcome.FAILED, Reason.REFUSED, False),
        ("failed\nStatus: 4.4.7", MailKind.BOUNCE, Outcome.FAILED, Reason.UNREACHABLE, False),
        ("delayed\nStatus: 4.4.1", MailKind.DELAY, Outcome.DELAYED, Reason.UNREACHABLE, False),
        ("delivered\nStatus: 2.0.0", MailKind.RECEIPT, Outcome.ARRIVED, Reason.NONE, False),
    ],
)
def test_a_delivery_report_says_what_became_of_the_mail(
    action: str, kind: MailKind, outcome: Outcome, reason: Reason, dead: bool
) -> None:
    read = parse_mail(report(f"{STATUS}Final-Recipient: rfc822; {HANNA}\nAction: {action}"))
    assert read.kind is kind
    assert read.report is not None
    assert read.report.of == (OURS,)
    (failure,) = read.report.failures
    assert (failure.address, failure.outcome, failure.reason) == (HANNA, outcome, reason)
    assert failure.is_address_dead is dead


def test_each_of_several_addresses_has_its_own_reason() -> None:
    one = "Final-Recipient: rfc822; a@roast.example\nAction: failed\nStatus: 5.1.1"
    two = "Original-Recipient: rfc822;b@roast.example\nFinal-Recipient: rfc822; box9@mx.roast.example"
    two += "\nAction: failed\nStatus: 5.2.2"
    read = parse_mail(report(f"{STATUS}{one}\n\n{two}"))
    assert read.report is not None
    told = [(failure.address, failure.reason) for failure in read.report.failures]
    assert told == [("a@roast.example", Reason.NO_SUCH_MAILBOX), ("b@roast.example", Reason.MAILBOX_FULL)]


def test_a_receipt_says_which_mail_was_read() -> None:
    fields = f"Final-Recipient: rfc822; {HANNA}\nOriginal-Message-ID: {OURS}\n"
    fields += "Disposition: manual-action/MDN-sent-manually; "
    for word, outcome in (("displayed", Outcome.READ), ("deleted", Outcome.DELETED)):
        read = parse_mail(report(fields + word, kind="disposition-notification", original="Subject: x\n"))
        assert read.kind is MailKind.RECEIPT
        assert read.report is not None
        assert (read.report.failures[0].outcome, read.report.of) == (outcome, (OURS,))


def test_a_warning_that_a_mail_is_late_is_no_failure() -> None:
    read = parse_mail(letter(letters.WARNING, subject="Warning: message delayed 24 hours"))
    assert read.kind is MailKind.DELAY
    assert read.report is not None
    assert read.report.failures[0].outcome is Outcome.DELAYED


@pytest.mark.parametrize(
    ("subject", "more"),
    [
        (
            "Automatic reply: Metal shavings",
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n",
        ),
        ("Automatische Antwort: Metal shavings", ""),
        ("Abwesenheitsnotiz: Ihre Anfrage", ""),
        ("Réponse automatique : Votre question", ""),
        ("Respuesta automática: Su consulta", ""),
        ("Out of Office: Metal shavings", ""),
        ("Metal shavings", "Auto-Submitted: auto-replied (vacation)\n"),
        ("Metal shavings", "X-Autoreply: yes\n"),
        ("Metal shavings", "Precedence: auto_reply\n"),
        ("Ich bin im Urlaub bis 12. März", "Precedence: bulk\nIn-Reply-To: <1@tamp.example>\n"),
        ("Metal shavings", f"Return-Path: <>\nIn-Reply-To: {OURS}\n"),
        ("We have received your request [#4411]", "Auto-Submitted: auto-generated\n"),
    ],
)
def test_an_answer_of_a_program_is_told_from_one_of_a_person(subject: str, more: str) -> None:
    read = parse_mail(letter("I am away until Monday.", sender=LENA, subject=subject, more=more))
    assert (read.kind, read.report, read.auto_submitted) == (MailKind.AUTO_REPLY, None, True)


@pytest.mark.parametrize(
    ("subject", "more", "kind"),
    [
        ("Re: Automatic reply: Metal shavings", "", MailKind.PERSON),
        ("Out of office hours, may I call?", f"In-Reply-To: {OURS}\n", MailKind.PERSON),
        ("I am on vacation: please ship later", "", MailKind.PERSON),
        ("Undeliverable parcel", "", MailKind.PERSON),
        ("Automatic machine leaks", "Auto-Submitted: no\n", MailKind.PERSON),
        ("Burrs", "X-Auto-Response-Suppress: None\n", MailKind.PERSON),
        ("Burrs", "Precedence: bulk\nList-Id: <talk.roast.example>\n", MailKind.LIST),
        ("Burrs", "Precedence: list\nAuto-Submitted: no\n", MailKind.LIST),
        ("Burrs", "Sender: owner-talk@roast.example\nPrecedence: bulk\n", MailKind.LIST),
        ("Spring offers", "List-Unsubscribe: <https://roast.example/stop>\n", MailKind.NEWSLETTER),
        ("New message from your web site", "Auto-Submitted: auto-generated\n", MailKind.NOTICE),
    ],
)
def test_a_customer_is_never_taken_for_an_answer_of_a_program(
    subject: str, more: str, kind: MailKind
) -> None:
    assert parse_mail(letter("Good morning", sender=LENA, subject=subject, more=more)).kind is kind


def test_a_customer_who_tells_of_a_returned_mail_is_still_a_customer() -> None:
    read = parse_mail(letter(letters.TOLD_BY_A_CUSTOMER, sender=LENA, subject="Fwd: Undeliverable: question"))
    assert (read.kind, read.report) == (MailKind.PERSON, None)


def test_a_letter_of_a_postmaster_that_reports_nothing_is_a_notice() -> None:
    read = parse_mail(
        letter("The server rests on Sunday.", sender="postmaster@roast.example", subject="Maintenance")
    )
    assert (read.kind, read.report) == (MailKind.NOTICE, None)


@given(st.text(max_size=400), st.text(max_size=80))
def test_no_letter_is_too_odd_to_read(body: str, fields: str) -> None:
    for raw in (letter(body, subject=fields.replace("\n", " ")), report(fields), report(body)):
        assert parse_mail(raw.replace(b"\x00", b"")).kind in MailKind
