"""Becoming a colleague: the first by the link of the terminal, all others by invitation, nobody by themselves."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import get_resolver

from amity.kernel.actor import SYSTEM, Role
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.models import Staff, Team
from amity.kernel.workspace import workspace
from amity.site.accounts import addresses, colleagues, invitations, setup
from amity.site.models import AccountLink
from amity.site.tests.accounts.conftest import BASE, Worker
from amity.site.tests.accounts.factories import come_in, link_in_mail, now, with_app
from amity.site.tests.shell.factories import AT, PASSWORD, make_staff, signed_in

pytestmark = pytest.mark.django_db
FIRST = {
    "company": "Tamp & Co",
    "name": "Tilde Sandberg",
    "email": "tilde@tamp.example",
    "password": PASSWORD,
}
JOIN = {"name": "Mara Lind", "new": PASSWORD}


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def test_the_link_of_the_terminal_makes_the_owner_and_lets_in(client: Client) -> None:
    link = _path(setup.setup_link(at=now()))
    assert client.get(link).status_code == 200
    assert not Staff.objects.exists()
    assert client.post(link, FIRST).status_code == 302
    assert client.get("/settings/").status_code == 200
    owner = Staff.objects.get()
    assert (owner.role, owner.email) == (Role.OWNER, "tilde@tamp.example")
    assert workspace().name == "Tamp & Co"


def test_after_the_set_up_every_way_to_it_is_gone_for_ever(client: Client) -> None:
    links = [_path(setup.setup_link(at=now())) for _ in range(2)]
    client.post(links[-1], FIRST)
    other = Client()
    for _ in range(2):
        for link in [*links, "/setup/anything/"]:
            assert other.get(link).status_code == 404
            assert other.post(link, FIRST | {"email": "evil@tamp.example"}).status_code == 404
        assert setup.setup_link(at=now()) == ""
        Staff.objects.all().delete()  # even then
    assert not Staff.objects.exists()


def test_an_account_made_in_any_other_way_closes_the_set_up_too(client: Client) -> None:
    link = _path(setup.setup_link(at=now()))
    make_staff()
    assert client.get(link).status_code == 404
    assert client.post(link, FIRST).status_code == 404


def test_a_mistake_in_the_set_up_form_leaves_the_link_as_it_was(client: Client) -> None:
    link = _path(setup.setup_link(at=now()))
    assert client.post(link, FIRST | {"password": "password1234"}).status_code == 422
    assert client.post(link, FIRST | {"email": "nothing"}).status_code == 422
    assert client.post(link, FIRST).status_code == 302


def test_there_is_no_sign_up() -> None:
    names = {str(name) for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert names
    assert not [name for name in names if "signup" in name or name.startswith(("account_", "mfa_"))]


@pytest.mark.usefixtures("mailing")
def test_an_invitation_goes_by_mail_and_makes_what_the_inviter_fixed(client: Client, worker: Worker) -> None:
    owner, team = make_staff(), Team.objects.create(name="Care")
    come_in(client, owner)
    form = {"email": "mara@tamp.example", "role": "sales", "teams": [str(team.pk)]}
    assert client.post("/settings/colleagues/invitation/", form)["Location"] == "/settings/colleagues/"
    assert "mara@tamp.example" in client.get("/settings/colleagues/").content.decode()
    worker.work()
    guest = Client()
    link = link_in_mail()
    assert mail.outbox[0].to == ["mara@tamp.example"]
    assert guest.get(link).status_code == 200
    assert (
        guest.post(link, JOIN | {"role": "owner", "email": "evil@tamp.example", "teams": ""}).status_code
        == 302
    )
    joined = Staff.objects.get(email="mara@tamp.example")
    assert (joined.role, list(joined.teams.all())) == (Role.SALES, [team])
    assert addresses.is_proven(joined)
    assert guest.get("/settings/").status_code == 200
    assert Client().get(link).status_code == 404


def test_without_a_mail_server_the_link_is_shown_once_and_proves_no_address(client: Client) -> None:
    come_in(client, make_staff())
    page = client.post("/settings/colleagues/invitation/", {"email": "mara@tamp.example", "role": "agent"})
    link = page.content.decode().split('value="http', 1)[1].split('"', 1)[0]
    assert "/invitation/" in link
    assert "/invitation/" + link.rsplit("/", 2)[1] not in client.get("/settings/colleagues/").content.decode()
    Client().post("/" + link.split("/", 3)[3], JOIN)
    assert not addresses.is_proven(Staff.objects.get(email="mara@tamp.example"))


@pytest.mark.parametrize("end", ["week", "taken back", "newer", "inviter closed", "inviter lowered"])
def test_an_invitation_ends(client: Client, end: str) -> None:
    owner, admin = make_staff(), make_staff(role=Role.ADMINISTRATOR)
    made, url = invitations.invite(
        "mara@tamp.example", role="agent", team_ids=[], actor=admin.actor(), by=admin, at=now()
    )
    if end == "week":
        AccountLink.objects.update(expires_at=now() - timedelta(seconds=1))
    elif end == "taken back":
        invitations.take_back(made.pk, actor=owner.actor(), at=now())
    elif end == "newer":
        invitations.invite(
            "MARA@tamp.example", role="agent", team_ids=[], actor=owner.actor(), by=owner, at=now()
        )
    elif end == "inviter closed":
        colleagues.deactivate(admin.pk, actor=owner.actor(), at=now())
    else:
        colleagues.change(admin.pk, actor=owner.actor(), at=now(), role="agent", team_ids=[])
    assert client.post(_path(url), JOIN).status_code == 404
    assert not Staff.objects.filter(email="mara@tamp.example").exists()


def test_an_administrator_neither_makes_nor_touches_an_owner() -> None:
    owner, other, admin = make_staff(), make_staff(), make_staff(role=Role.ADMINISTRATOR)
    agent = make_staff(role=Role.AGENT)
    actor = admin.actor()
    with pytest.raises(Forbidden):
        invitations.invite("x@tamp.example", role="owner", team_ids=[], actor=actor, by=admin, at=AT)
    with pytest.raises(Forbidden):
        colleagues.change(agent.pk, actor=actor, at=AT, role="owner", team_ids=[])
    for touch in (colleagues.deactivate, colleagues.reactivate, colleagues.reset_factors):
        with pytest.raises(Forbidden):
            touch(owner.pk, actor=actor, at=AT)
    with pytest.raises(Forbidden):
        colleagues.password_link(owner.pk, actor=actor, by=admin, at=AT)
    with pytest.raises(Forbidden):
        colleagues.change(other.pk, actor=actor, at=AT, role="agent", team_ids=[])


def test_nobody_sets_their_own_role_and_the_last_owner_stays() -> None:
    owner = make_staff()
    with pytest.raises(Forbidden):
        colleagues.change(owner.pk, actor=owner.actor(), at=AT, role="agent", team_ids=[])
    with pytest.raises(colleagues.LastOwner):
        colleagues.change(owner.pk, actor=SYSTEM, at=AT, role="agent", team_ids=[])
    with pytest.raises(colleagues.LastOwner):
        colleagues.deactivate(owner.pk, actor=SYSTEM, at=AT)
    second = make_staff()
    colleagues.deactivate(owner.pk, actor=second.actor(), at=AT)
    with pytest.raises(colleagues.LastOwner):
        colleagues.deactivate(second.pk, actor=SYSTEM, at=AT)


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.OWNER, Role.ADMINISTRATOR)])
def test_other_roles_see_and_change_nothing_of_it(role: Role) -> None:
    staff, other = make_staff(role=role), make_staff()
    client = signed_in(staff)
    assert client.get("/settings/colleagues/").status_code == 403
    assert client.get(f"/settings/colleagues/{other.pk}/").status_code == 403
    with pytest.raises(Forbidden):
        colleagues.deactivate(other.pk, actor=staff.actor(), at=AT)
    with pytest.raises(Forbidden):
        invitations.invite("x@tamp.example", role="agent", team_ids=[], actor=staff.actor(), by=staff, at=AT)


def test_a_closed_account_is_out_at_once_and_comes_back_as_it_was(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    theirs = Client()
    come_in(theirs, agent)
    come_in(client, owner)
    client.post(f"/settings/colleagues/{agent.pk}/closure/")
    assert theirs.get("/settings/").status_code == 302
    assert theirs.post("/login/", {"email": agent.email, "password": PASSWORD}).status_code == 422
    client.post(f"/settings/colleagues/{agent.pk}/opening/")
    come_in(theirs, agent)


def test_role_and_teams_are_set_and_taken_back(client: Client) -> None:
    owner, agent, team = make_staff(), make_staff(role=Role.AGENT), Team.objects.create(name="Care")
    come_in(client, owner)
    page = f"/settings/colleagues/{agent.pk}/"
    client.post(page, {"role": "sales", "teams": [str(team.pk)]})
    changed = Staff.objects.get(pk=agent.pk)
    assert (changed.role, list(changed.teams.all())) == (Role.SALES, [team])
    assert 'name="role" value="agent"' in client.get(page).content.decode()  # the toast takes it back
    assert client.post(page, {"role": "emperor"}).status_code == 422


def test_lost_factors_are_taken_off_and_other_sessions_end(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    thief = Client()
    come_in(thief, agent)
    with_app(agent, now())
    come_in(client, owner)
    client.post(f"/settings/colleagues/{agent.pk}/factors/removal/")
    assert thief.get("/settings/").status_code == 302
    come_in(Client(), agent)  # the password alone


def test_help_to_a_new_password_never_shows_a_password(client: Client) -> None:
    owner, agent = make_staff(), make_staff(role=Role.AGENT)
    come_in(client, owner)
    page = client.post(f"/settings/colleagues/{agent.pk}/password/").content.decode()
    link = page.split('value="http', 1)[1].split('"', 1)[0]
    assert (
        Client().post("/" + link.split("/", 3)[3], {"new": "another long enough sentence"}).status_code == 302
    )
    assert Staff.objects.get(pk=agent.pk).check_password("another long enough sentence")
    assert not addresses.is_proven(agent)  # the owner had the link too


@pytest.mark.usefixtures("mailing")
def test_a_new_address_counts_once_it_is_confirmed_and_the_old_one_is_told(
    client: Client, worker: Worker
) -> None:
    staff = make_staff(email="old@tamp.example")
    come_in(client, staff)
    client.post("/settings/security/address/", {"email": "new@tamp.example"})
    worker.work()
    link = link_in_mail()
    assert mail.outbox[0].to == ["new@tamp.example"]
    assert Client().get(link).status_code == 200
    assert Staff.objects.get(pk=staff.pk).email == "old@tamp.example"  # opening it is not enough
    assert Client().post(link).status_code == 302
    assert Staff.objects.get(pk=staff.pk).email == "new@tamp.example"
    worker.work()
    assert mail.outbox[-1].to == ["old@tamp.example"]
    assert f"{BASE}" in str(mail.outbox[-1].body)
    assert addresses.is_proven(Staff.objects.get(pk=staff.pk))
    assert client.get("/settings/").status_code == 200


@pytest.mark.usefixtures("mailing")
def test_an_address_of_somebody_else_is_refused_also_when_they_were_faster(
    client: Client, worker: Worker
) -> None:
    staff = make_staff()
    with pytest.raises(Invalid):
        addresses.ask_to_confirm(staff, make_staff(email="taken@tamp.example").email.upper(), at=now())
    addresses.ask_to_confirm(staff, "free@tamp.example", at=now())
    worker.work()
    make_staff(email="Free@tamp.example")
    assert client.post(link_in_mail()).status_code == 422
    assert Staff.objects.filter(email__iexact="free@tamp.example").count() == 1
