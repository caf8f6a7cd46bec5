"""Mails out of a real mailbox: each once, in its thread, from whom it is, and nothing on the server is touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from amity.activity.models import Activity, Attachment
from amity.channels import accounts
from amity.channels.adapters import RawItem, Reader
from amity.channels.models import Account, Feed, Item, LedgerEntry, Source
from amity.conversations.models import Conversation
from amity.kernel.actor import SYSTEM
from amity.people.models import Identity, Person
from amity.site import ingest
from amity.site.bench.mail_servers import MailServers, letter
from tests.flows.mailing import a_mailbox, arrived, look

pytestmark = pytest.mark.django_db


def test_a_mail_comes_in_once_with_its_attachment_and_is_not_marked(mail: MailServers, at: datetime) -> None:
    account = a_mailbox(mail, at)
    told = letter("Die Mühle klemmt", "Sie mahlt nicht mehr.\n\n-- \nHanna", to=account.address)
    told.add_attachment(
        b"%PDF-1.4 bill", maintype="application", subtype="pdf", filename="Rechnung März №5.pdf"
    )
    mail.deliver(told, to=account.address)
    [kept] = arrived(mail, account.address)
    assert look(account) == 1
    assert look(account) == 0
    [talk] = Conversation.objects.all()
    [said] = Activity.objects.filter(thread_id__in=talk.threads.values("thread_id"))
    assert (said.direction, said.subject, said.text) == ("in", "Die Mühle klemmt", "Sie mahlt nicht mehr.")
    assert Attachment.objects.get().filename == "Rechnung März №5.pdf"
    assert addresses(ours=False)[0] == "hanna@mail.example"
    assert bytes(Item.objects.get().raw).replace(b"\r\n", b"\n") == kept  # lossless
    assert [path.name.rpartition(":2,")[2] for path in _files(mail, account)] in (
        [""],
        [_files(mail, account)[0].name],
    )
    feed = Feed.objects.get(account=account, name="INBOX")
    assert (feed.came, feed.same, feed.waiting, feed.gaps) == (1, 0, 0, 0)


def addresses(*, ours: bool) -> list[str]:
    return sorted(Identity.objects.filter(is_ours=ours).values_list("address", flat=True))


def _files(mail: MailServers, account: Account) -> list[Path]:
    place = mail.home / "mail" / account.address
    return [path for kind in ("new", "cur") for path in (place / kind).glob("*")]


def test_answers_find_their_thread_and_our_own_addresses_are_no_customers(
    mail: MailServers, at: datetime
) -> None:
    account = a_mailbox(mail, at, aliases=["hello@tamp.example"])
    mail.deliver(
        letter("Mill", "Where is it?", to=account.address, message_id="<q1@mail.example>"), to=account.address
    )
    ours = letter(
        "Re: Mill", "It left.", sender="Ines <hello@tamp.example>", to="hanna@mail.example",
        message_id="<a1@tamp.example>", In_Reply_To="<q1@mail.example>",
    )  # fmt: skip
    mail.deliver(ours, to=account.address)
    among_us = letter("Lunch", "At noon?", sender="hello@tamp.example", to=account.address)
    mail.deliver(among_us, to=account.address)
    arrived(mail, account.address, 3)
    assert look(account) == 3
    told = dict(Activity.objects.values_list("text", "direction"))
    assert told == {"Where is it?": "in", "It left.": "out", "At noon?": "internal"}
    assert addresses(ours=False) == ["hanna@mail.example"]
    assert addresses(ours=True) == ["hello@tamp.example"]
    assert Person.objects.count() == 1
    with_customer = Conversation.objects.get(customer__isnull=False)
    assert Activity.objects.filter(thread_id__in=with_customer.threads.values("thread_id")).count() == 2


def test_a_tag_behind_a_plus_is_kept_and_the_address_is_ours(mail: MailServers, at: datetime) -> None:
    account = a_mailbox(mail, at)
    local, _, domain = account.address.partition("@")
    tagged = f"{local}+order123@{domain}"
    mail.deliver(letter("Order", "Where?", to=tagged), to=account.address)
    arrived(mail, account.address)
    look(account)
    assert (Activity.objects.get().payload or {})["tags"] == ["order123"]


def test_a_form_that_writes_from_our_address_speaks_for_the_customer(mail: MailServers, at: datetime) -> None:
    account = a_mailbox(mail, at)
    form = letter(
        "Contact", "Hello?", sender=account.address, to=account.address, Reply_To="tom@mail.example"
    )
    mail.deliver(form, to=account.address)
    arrived(mail, account.address)
    look(account)
    said = Activity.objects.get()
    assert said.direction == "in"
    assert addresses(ours=False)[0] == "tom@mail.example"


def test_the_first_reading_begins_with_the_newest_and_goes_on_where_it_was_cut(
    mail: MailServers, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("amity.channels.adapters.email.pulling.MOST_MAILS", 3)
    account = a_mailbox(mail, at)
    for number in range(8):
        mail.deliver(letter(f"No. {number}", f"Number {number}", to=account.address), to=account.address)
        arrived(mail, account.address, number + 1)  # they get their numbers in this order
    seen: list[str] = []
    whole = ingest.deliver

    def cut(source: Source, items: Sequence[RawItem], reader: Reader) -> dict[str, int]:
        if seen:
            raise KeyboardInterrupt
        counts = whole(source, items, reader)
        seen.extend(Activity.objects.order_by("text").values_list("text", flat=True))
        return counts

    with monkeypatch.context() as broken:
        broken.setattr("amity.site.ingest.deliver", cut)
        with pytest.raises(KeyboardInterrupt):
            look(account)
    assert seen == ["Number 5", "Number 6", "Number 7"]
    mail.deliver(letter("No. 8", "Number 8", to=account.address), to=account.address)
    arrived(mail, account.address, 9)
    assert look(account) == 6
    assert Activity.objects.count() == 9
    assert Feed.objects.get(account=account, name="INBOX").gaps == 0


def test_a_gap_is_found_filled_and_told(mail: MailServers, at: datetime) -> None:
    account = a_mailbox(mail, at)
    for number in range(3):
        mail.deliver(letter(f"No. {number}", f"Number {number}", to=account.address), to=account.address)
    arrived(mail, account.address, 3)
    look(account)
    feed = Feed.objects.get(account=account, name="INBOX")
    feed.cursor = {**feed.cursor, "taken": [[1, 1], [3, 3]]}  # as if the second had been passed by
    feed.save()
    Item.objects.filter(position=2).update(digest=b"0" * 16)
    look(account, sweep=True)
    feed.refresh_from_db()
    assert (feed.gaps, feed.refilled) == (1, 1)
    assert LedgerEntry.objects.filter(account=account, kind="gap").get().figures == {"gaps": 1}
    assert Activity.objects.count() == 3


def test_a_mailbox_that_counts_anew_is_read_again_and_nothing_is_doubled(
    mail: MailServers, at: datetime
) -> None:
    account = a_mailbox(mail, at)
    mail.deliver(letter("Mill", "Where is it?", to=account.address), to=account.address)
    arrived(mail, account.address)
    look(account)
    place = mail.home / "mail" / account.address
    for path in place.glob("dovecot.*"):  # the numbers stand in two places
        path.unlink()
    numbers = place / "dovecot-uidlist"
    counted = int(re.search(rb" V(\d+) ", numbers.read_bytes())[1])  # type: ignore[index]  # it is there
    numbers.write_bytes(numbers.read_bytes().replace(b" V%d " % counted, b" V%d " % (counted + 7), 1))
    look(account)
    assert LedgerEntry.objects.filter(account=account, kind="renumbered").exists()
    assert Activity.objects.count() == 1
    assert Feed.objects.get(account=account, name="INBOX").same == 1


def test_reading_again_takes_nothing_twice(mail: MailServers, at: datetime) -> None:
    account = a_mailbox(mail, at)
    mail.deliver(letter("Mill", "Where is it?", to=account.address), to=account.address)
    arrived(mail, account.address)
    look(account)
    accounts.read_again(account.pk, actor=SYSTEM, at=timezone.now(), days=None)
    assert look(account) == 0
    assert Activity.objects.count() == 1


def test_a_paused_account_takes_nothing_in(mail: MailServers, at: datetime) -> None:
    from amity.channels.taking import Moved

    account = a_mailbox(mail, at)
    mail.deliver(letter("Mill", "Where is it?", to=account.address), to=account.address)
    arrived(mail, account.address)
    accounts.pause(account.pk, actor=SYSTEM, at=at)
    with pytest.raises(Moved):
        look(account)
    assert not Activity.objects.exists()
