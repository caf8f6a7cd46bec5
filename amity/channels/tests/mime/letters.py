"""Mails that programs write, in the shapes of those who write them; names, servers and companies are invented."""

from __future__ import annotations

OURS = "<7d0c1f7e-2f7a-4c55-9a1e-0d6f3a9b8c11@tamp.example>"
RETURNED = f"""Received: from mail.tamp.example by mx.roast.example; Tue, 3 Mar 2026 09:00:01 +0000
From: Tamp & Co <service@tamp.example>
To: hanna@roast.example
Subject: Re: Metal shavings
Message-ID: {OURS}
Date: Tue, 3 Mar 2026 09:00:00 +0000

Hello Hanna, your grinder is not affected.
"""


def letter(
    body: str,
    *,
    sender: str = "Mail Delivery System <MAILER-DAEMON@mx.roast.example>",
    subject: str = "Undelivered Mail Returned to Sender",
    more: str = "",
) -> bytes:
    """A mail to us. `more` holds further header lines, each with its end."""
    head = (
        f"From: {sender}\nTo: service@tamp.example\nSubject: {subject}\nMessage-ID: <b1@mx.roast.example>\n"
    )
    return f"{head}Date: Tue, 3 Mar 2026 09:00:05 +0000\n{more}\n{body}".encode()


def report(
    fields: str,
    *,
    words: str = "This is the mail system.",
    kind: str = "delivery-status",
    original: str = RETURNED,
) -> bytes:
    """A multipart/report with these fields about one address, and the returned mail."""
    body = f"""--cut
Content-Type: text/plain; charset=utf-8

{words}

--cut
Content-Type: message/{kind}

{fields}

--cut
Content-Type: message/rfc822

{original}
--cut--
"""
    return letter(
        body, more=f'Return-Path: <>\nContent-Type: multipart/report; report-type={kind}; boundary="cut"\n'
    )


EXIM = f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  hanna@roast.example
    host mx.roast.example [192.0.2.7]
    SMTP error from remote mail server after RCPT TO:<hanna@roast.example>:
    550 5.1.1 User unknown

------ This is a copy of the message, including all the headers. ------

{RETURNED}"""
QMAIL = f"""Hi. This is the qmail-send program at mx.roast.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<hanna@roast.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <service@tamp.example>
{RETURNED}"""
SENDMAIL = f"""The original message was received at Tue, 3 Mar 2026 09:00:00 GMT
from mail.tamp.example [192.0.2.4]

   ----- The following addresses had permanent fatal errors -----
<hanna@roast.example>
    (reason: 552 5.2.2 Mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.roast.example.:
>>> DATA
<<< 552 5.2.2 Mailbox full
554 5.0.0 Service unavailable

   ----- Original message follows -----

{RETURNED}"""
POSTFIX = f"""This is the mail system at host mx.roast.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<hanna@roast.example>: Host or domain name not found. Name service error for
    name=roast.example type=AAAA: Host not found

{RETURNED}"""
EXCHANGE = f"""Delivery has failed to these recipients or groups:

Hanna Roth (hanna@roast.example)<mailto:hanna@roast.example>
The email address you entered couldn't be found. Please check the recipient's email address and try to resend.

Diagnostic information for administrators:

Generating server: mx.roast.example

hanna@roast.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##

Original message headers:

{RETURNED}"""
EXCHANGE_GERMAN = f"""Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Gruppen:

hanna@roast.example
Das Postfach des Empfängers ist voll und kann zurzeit keine Nachrichten annehmen.

Diagnoseinformationen für Administratoren:

Generierender Server: mx.roast.example

hanna@roast.example
#550 5.2.2 STOREDRV.Deliver; mailbox full ##

Ursprüngliche Nachrichtenköpfe:

{RETURNED}"""
PROVIDER_GERMAN = f"""Diese Nachricht wurde automatisch von einem Mailserver erzeugt.

Ihre E-Mail konnte nicht an den Empfänger zugestellt werden:

<hanna@roast.example>:
Benutzer unbekannt

Die ursprüngliche Nachricht:
{RETURNED}"""
FRENCH = f"""Votre message n'a pas pu être remis aux destinataires suivants :

<hanna@roast.example>
Destinataire inconnu (550)

{RETURNED}"""
SPANISH = f"""No se ha podido entregar su mensaje al siguiente destinatario:

<hanna@roast.example>
554 usuario desconocido

{RETURNED}"""
WARNING = f"""This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mail.tamp.example.

  hanna@roast.example
    Delay reason: connection timed out

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated.

{RETURNED}"""
TOLD_BY_A_CUSTOMER = f"""Hello, I tried to write to your office and got this. What is wrong?

> Delivery has failed to these recipients or groups:
> office@tamp.example
> 550 5.1.1 User unknown
{RETURNED}"""
