"""A lost password is replaced by a link that works once, from a mail, by a POST, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client

from amity.kernel.actor import Role
from amity.kernel.models import Staff
from amity.site.accounts import addresses, colleagues, links, passwords
from amity.site.accounts.links import LinkGone, Purpose
from amity.site.models import AccountLink
from amity.site.tests.accounts.conftest import BASE, Worker
from amity.site.tests.accounts.factories import come_in, link_in_mail, now
from amity.site.tests.shell.factories import AT, PASSWORD, make_staff

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mailing")]
NEW = "another long enough sentence"


def _asked(client: Client, worker: Worker, staff: Staff) -> str:
    client.post("/reset/", {"email": staff.email})
    worker.work()
    return link_in_mail()


def test_a_lost_password_is_replaced_through_the_mailbox(client: Client, worker: Worker) -> None:
    staff = make_staff(email="ines@tamp.example")
    link = _asked(client, worker, staff)
    assert mail.outbox[0].to == ["ines@tamp.example"]
    answer = client.post(link, {"new": NEW})
    assert answer["Location"] == "/login/"
    assert client.post("/login/", {"email": staff.email, "password": NEW}).status_code == 302
    assert addresses.is_proven(staff)  # only who reads that mailbox could do this
    worker.work()
    assert "was changed" in mail.outbox[-1].subject


def test_setting_a_new_password_does_not_sign_in(client: Client, worker: Worker) -> None:
    link = _asked(client, worker, make_staff())
    client.post(link, {"new": NEW})
    assert client.get("/settings/")["Location"].startswith("/login/")


def test_a_scanner_that_opens_the_link_changes_nothing(client: Client, worker: Worker) -> None:
    staff = make_staff()
    link = _asked(client, worker, staff)
    before = Staff.objects.get(pk=staff.pk).password
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert Staff.objects.get(pk=staff.pk).password == before
    assert AccountLink.objects.get(purpose=Purpose.RESET).used_at is None
    assert client.post(link, {"new": NEW}).status_code == 302


def test_the_link_works_once(client: Client, worker: Worker) -> None:
    link = _asked(client, worker, make_staff())
    client.post(link, {"new": NEW})
    assert client.get(link).status_code == 404
    assert client.post(link, {"new": "a third long enough sentence"}).status_code == 404


@pytest.mark.parametrize("change", ["password", "email", "role", "inactive", "newer", "hour"])
def test_the_link_dies_with_what_it_was_made_for(client: Client, worker: Worker, change: str) -> None:
    staff = make_staff(role=Role.AGENT)
    link = _asked(client, worker, staff)
    if change == "password":
        staff.set_password(NEW)
        staff.save()
    elif change == "email":
        Staff.objects.filter(pk=staff.pk).update(email="other@tamp.example")
    elif change == "role":
        Staff.objects.filter(pk=staff.pk).update(role=Role.OWNER)
    elif change == "inactive":
        Staff.objects.filter(pk=staff.pk).update(is_active=False)
    elif change == "newer":
        _asked(client, worker, staff)
    else:
        AccountLink.objects.update(expires_at=now() - timedelta(seconds=1))
    assert client.get(link).status_code == 404
    assert client.post(link, {"new": "a third long enough sentence"}).status_code == 404


@pytest.mark.parametrize("became", [{"role": Role.AGENT}, {"is_active": False}, {}])
def test_a_link_holds_as_long_as_its_maker_may_set_the_account(
    client: Client, became: dict[str, object]
) -> None:
    maker, staff = make_staff(role=Role.ADMINISTRATOR), make_staff(role=Role.SALES)
    link, _was_mailed = colleagues.password_link(staff.pk, actor=maker.actor(), by=maker, at=now())
    Staff.objects.filter(pk=maker.pk).update(**became or {"name": "Tilde"})
    answer = client.post(link.removeprefix(BASE), {"new": NEW})
    assert answer.status_code == (404 if became else 302)
    assert Staff.objects.get(pk=staff.pk).check_password(PASSWORD) == bool(became)
    assert AccountLink.objects.filter(used_at=None).exists() == bool(became)


def test_links_name_our_own_address_whatever_host_the_browser_claims(
    worker: Worker, settings: object
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "evil.example"]  # type: ignore[attr-defined]
    staff = make_staff()
    client = Client(headers={"Host": "evil.example"})
    client.post("/reset/", {"email": staff.email}, headers={"X-Forwarded-Host": "evil.example"})
    worker.work()
    assert f"{BASE}/reset/" in str(mail.outbox[0].body)
    assert "evil" not in str(mail.outbox[0].body)


def test_an_unknown_host_is_refused_outright() -> None:
    assert Client().get("/reset/", headers={"Host": "evil.example"}).status_code == 400


def test_an_address_without_an_account_is_answered_alike_and_gets_no_mail(
    client: Client, worker: Worker
) -> None:
    staff = make_staff()
    known = client.post("/reset/", {"email": staff.email})
    jobs_for_known = worker.waiting()
    worker.work()
    unknown = client.post("/reset/", {"email": "nobody@tamp.example"})
    assert unknown.status_code == known.status_code == 200
    assert unknown.content == known.content
    assert worker.waiting() == jobs_for_known  # the same work, so the same time
    worker.work()
    assert len(mail.outbox) == 1


def test_asking_again_and_again_is_stopped(client: Client) -> None:
    staff = make_staff()
    answers = [client.post("/reset/", {"email": staff.email}).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]


def test_a_new_password_ends_every_session(client: Client, worker: Worker) -> None:
    staff = make_staff()
    thief = Client()
    come_in(thief, staff)
    client.post(_asked(client, worker, staff), {"new": NEW})
    assert thief.get("/settings/").status_code == 302


def test_a_weak_password_leaves_the_link_as_it_was(client: Client, worker: Worker) -> None:
    link = _asked(client, worker, make_staff())
    assert client.post(link, {"new": "password1234"}).status_code == 422
    assert client.post(link, {"new": NEW}).status_code == 302


def test_neither_links_nor_addresses_lie_open_in_the_database(client: Client, worker: Worker) -> None:
    staff = make_staff(email="ines@tamp.example")
    client.post("/reset/", {"email": staff.email})
    assert "ines" not in worker.kept()
    link, address = links.make_link(Purpose.RESET, at=AT, staff=staff)
    assert address.rsplit("/", 2)[1].encode() not in bytes(link.secret_hash)


def test_a_link_for_one_thing_is_no_good_for_another() -> None:
    _link, address = links.make_link(Purpose.RESET, at=AT, staff=make_staff())
    with pytest.raises(LinkGone):
        links.find_link(Purpose.INVITATION, address.rsplit("/", 2)[1], at=AT)


def test_changing_the_own_password_keeps_here_and_ends_elsewhere(worker: Worker) -> None:
    staff, here, there = make_staff(), Client(), Client()
    come_in(here, staff)
    come_in(there, staff)
    answer = here.post("/settings/password/", {"current": PASSWORD, "new": NEW})
    assert answer.status_code == 302
    assert here.get("/settings/").status_code == 200
    assert there.get("/settings/").status_code == 302
    listed = here.get("/settings/security/").content.decode()
    assert listed.count("This browser") == 1
    assert "Sign out there" not in listed
    worker.work()
    assert mail.outbox[0].to == [staff.email]


def test_without_a_mail_server_the_page_says_who_can_help(client: Client, settings: object) -> None:
    settings.CAN_SEND_MAIL = False  # type: ignore[attr-defined]
    assert "administrator can make you a link" in client.get("/reset/").content.decode()
    assert client.post("/reset/", {"email": "a@tamp.example"}).status_code == 409


def test_the_worker_asks_nothing_of_a_closed_account(worker: Worker) -> None:
    staff = make_staff(is_active=False)
    passwords.ask_for_link(staff.email, "10.0.0.1", at=AT)
    worker.work()
    assert mail.outbox == []
