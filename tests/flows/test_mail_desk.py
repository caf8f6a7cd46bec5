"""A customer's mail on the desk of a colleague: in within seconds, answered on the page, in the customer's mailbox."""

from __future__ import annotations

import email
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from email.policy import default
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from amity.channels import outbox
from amity.channels.keeping import Keeper
from amity.channels.models import Account, OutboundMessage, OutboundState
from amity.conversations.models import Conversation
from amity.site import ingest
from amity.site.bench.mail_servers import MailServers, letter
from amity.site.tests.shell.factories import signed_in
from tests.flows.mailing import a_mailbox, arrived, until
from tests.flows.stories import colleague

pytestmark = pytest.mark.django_db(transaction=True)
WITHIN_S = 5.0
WHO, BILL = "hanna40@mail.example", "Rechnung März №5.pdf"


@pytest.fixture
def watched() -> Iterator[None]:
    """Accounts are watched, as the worker does it; nothing of it is left behind."""
    stopping = threading.Event()
    keeper = Keeper(deliver=ingest.deliver, clock=timezone.now)
    thread = threading.Thread(target=keeper.run, args=(stopping,), daemon=True)
    thread.start()
    yield
    stopping.set()
    thread.join(timeout=20)
    for one in threading.enumerate():
        if one.name.startswith("account "):
            one.join(timeout=20)


def answer_on(page: str, text: str) -> dict[str, str]:
    """The form of the composer as a browser sends it, with this text."""
    form = re.search(r'<form class="composer composer--reply".*?</form>', page, re.DOTALL)
    assert form
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form[0])
    return {**{name: unescape(value) for name, value in hidden}, "text": text}


def test_a_mail_is_on_the_desk_in_seconds_and_its_answer_in_the_customers_thread(
    mail: MailServers, at: datetime, watched: None
) -> None:
    client: Client = signed_in(colleague())
    account = a_mailbox(mail, at)
    until(lambda: Account.objects.get(pk=account.pk).watching)
    asked = letter("Die Mühle klemmt", "Sie mahlt nicht mehr.", sender=f"Hanna <{WHO}>", to=account.address,
                   message_id="<desk@mail.example>", References="<older@mail.example>")  # fmt: skip
    asked.add_attachment(b"%PDF-1.4 bill", maintype="application", subtype="pdf", filename=BILL)
    client.get(reverse("inbox"))  # the desk is open: the first page of a process also compiles its templates
    mail.deliver(asked, to=account.address, sender=WHO)
    taken_at = time.monotonic()
    until(lambda: "Sie mahlt nicht mehr." in client.get(reverse("inbox")).content.decode())
    assert time.monotonic() - taken_at <= WITHIN_S

    talk = Conversation.objects.get()
    page = client.get(reverse("conversation", args=[talk.id])).content.decode()
    assert "Sie mahlt nicht mehr." in page
    assert BILL in unescape(page)
    client.post(
        reverse("conversation-replies", args=[talk.id]), answer_on(page, "Schicken Sie sie ein. Grüße")
    )
    sent = OutboundMessage.objects.get()
    assert outbox.deliver(sent.id, at=sent.send_at) is OutboundState.SENT

    [raw] = arrived(mail, WHO)
    got = email.message_from_bytes(raw, policy=default)
    assert got.get_content().strip() == "Schicken Sie sie ein. Grüße"
    assert got["In-Reply-To"] == "<desk@mail.example>"
    assert got["References"].split() == ["<older@mail.example>", "<desk@mail.example>"]
    assert got["Subject"] == "Re: Die Mühle klemmt"
