"""Single sign-on against a real provider on this machine: whom it lets in, and all those whom it does not."""

from __future__ import annotations

import html
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from amity.kernel.actor import Role
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.models import Staff
from amity.site.accounts import addresses, sso
from amity.site.domain.linking import Facts, Verdict, is_of, verdict
from amity.site.models import SingleSignOn
from amity.site.tests.accounts import provider as small
from amity.site.tests.accounts.factories import come_in, now, with_app
from amity.site.tests.shell.factories import AT, make_staff

MINE: dict[str, Any] = {"email": "ines@tamp.example", "email_verified": True, "name": "Ines Okafor"}


@pytest.fixture(scope="module")
def server() -> Iterator[small.Provider]:
    with small.running() as provider:
        yield provider


@pytest.fixture
def provider(server: small.Provider, db: None) -> Iterator[small.Provider]:
    server.lie, server.forge, server.alg, server.says_of_itself = {}, False, "RS256", {}
    server.asked.clear()
    with override_settings(PEERS=(urlsplit(server.issuer).netloc,)):
        _set_up(server)
        yield server


def _set_up(provider: small.Provider, **more: Any) -> None:
    wanted: dict[str, Any] = {
        "name": "Tamp ID",
        "issuer": provider.issuer,
        "client_id": small.CLIENT,
        "secret": small.SECRET,
        "domains": (),
        "role_for_new": "agent",
        "is_on": True,
    }
    owner = Staff.objects.filter(role=Role.OWNER).first() or make_staff(email="boss@tamp.example")
    sso.change(sso.Provider(**(wanted | more)), actor=owner.actor(), at=AT)


def _off(client: Client, **form: str) -> str:
    page = client.post("/sso/", form).content.decode()
    return html.unescape(page.split("0; url=", 1)[1].split('"', 1)[0])


def _through(client: Client, provider: small.Provider, **claims: Any) -> Any:
    return client.get("/sso/callback/?" + provider.grant(_off(client), **claims))


def _proven(email: str = MINE["email"], **more: Any) -> Staff:
    staff = make_staff(email=email, **more)
    addresses.prove(staff)
    return staff


def test_a_confirmed_address_on_both_sides_links_and_lets_in(
    client: Client, provider: small.Provider
) -> None:
    staff = _proven()
    assert _through(client, provider, **MINE).status_code == 302
    assert client.get("/settings/").status_code == 200
    link = SocialAccount.objects.get()
    assert (link.user, link.extra_data) == (staff, {})
    again = Client()
    _through(again, provider, **(MINE | {"email": "renamed@tamp.example", "email_verified": False}))
    assert again.get("/settings/").status_code == 200  # known by the provider's own id from now on


def test_one_comes_back_to_the_page_that_was_asked_for(client: Client, provider: small.Provider) -> None:
    _proven()
    back = provider.grant(_off(client, next="/settings/teams/"), **MINE)
    assert client.get(f"/sso/callback/?{back}")["Location"] == "/settings/teams/"
    elsewhere = Client()
    back = provider.grant(_off(elsewhere, next="https://evil.example/"), **MINE)
    assert "evil" not in elsewhere.get(f"/sso/callback/?{back}")["Location"]


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": ""},
        {"email": "boss@tamp.example@evil.example"},
    ],
)
def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(
    client: Client, provider: small.Provider, claims: dict[str, Any]
) -> None:
    _proven()
    answer = _through(client, provider, **(MINE | claims))
    assert answer.status_code == 403
    assert client.get("/settings/").status_code == 302
    assert not SocialAccount.objects.exists()


def test_an_account_whose_address_nobody_confirmed_is_never_joined(
    client: Client, provider: small.Provider
) -> None:
    make_staff(email=MINE["email"])  # somebody may have made it who does not own the mailbox
    answer = _through(client, provider, **MINE)
    assert answer.status_code == 403
    assert "nobody has confirmed" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_nobody_gets_an_account_by_themselves_unless_their_domain_is_allowed(
    client: Client, provider: small.Provider
) -> None:
    assert _through(client, provider, **MINE).status_code == 403
    assert not Staff.objects.filter(email=MINE["email"]).exists()
    _set_up(provider, domains=("tamp.example",), role_for_new="sales")
    assert _through(client, provider, **(MINE | {"email": "x@evil-tamp.example"})).status_code == 403
    assert _through(client, provider, **MINE).status_code == 302
    made = Staff.objects.get(email=MINE["email"])
    assert (made.role, made.has_usable_password(), addresses.is_proven(made)) == (Role.SALES, False, True)


def test_a_second_person_of_the_provider_does_not_take_a_linked_account_over(
    client: Client, provider: small.Provider
) -> None:
    _proven()
    _through(client, provider, **MINE)
    other = Client()
    assert _through(other, provider, sub="person-2", **MINE).status_code == 403
    assert SocialAccount.objects.count() == 1


def test_links_of_one_issuer_are_worth_nothing_at_another(client: Client, provider: small.Provider) -> None:
    _proven()
    _through(client, provider, **MINE)
    SingleSignOn.objects.update(issuer="https://other.example")
    assert not SocialAccount.objects.filter(provider=sso.space_of("https://other.example")).exists()


def test_an_address_that_only_capitals_make_the_same_is_of_somebody_else(
    client: Client, provider: small.Provider
) -> None:
    _proven("mira@tamp.example", role=Role.OWNER)
    answer = _through(client, provider, **(MINE | {"email": "mıra@tamp.example"}))
    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()


def test_an_administrator_does_not_become_owner_by_a_provider_of_their_own(
    client: Client, provider: small.Provider
) -> None:
    administrator = make_staff(role=Role.ADMINISTRATOR)
    come_in(client, administrator)
    mine = {"is_on": "on", "name": "Mine", "issuer": provider.issuer, "client_id": "mine", "secret": "s"}
    answer = client.post("/settings/sign-in/provider/", mine | {"role_for_new": "agent"})
    assert answer.status_code == 422
    assert "Ask an owner" in answer.content.decode()
    assert SingleSignOn.objects.get().client_id == small.CLIENT
    with pytest.raises(Forbidden):
        sso.change(
            sso.Provider("x", provider.issuer, "c", "s", (), "agent", True),
            actor=administrator.actor(),
            at=AT,
        )


def test_a_closed_account_stays_closed(client: Client, provider: small.Provider) -> None:
    staff = _proven()
    _through(client, provider, **MINE)
    Staff.objects.filter(pk=staff.pk).update(is_active=False)
    assert _through(Client(), provider, **MINE).status_code == 403


def test_the_second_factor_is_still_asked_for(client: Client, provider: small.Provider) -> None:
    with_app(_proven(), now())
    assert _through(client, provider, **MINE)["Location"] == "/login/second/"
    assert client.get("/settings/").status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another program"},
        {"aud": ["amity", "other"], "azp": "other"},
        {"exp": 1},
        {"nonce": "of another question"},
        {"sub": ""},
    ],
)
def test_a_token_that_says_something_else_is_refused(
    client: Client, provider: small.Provider, wrong: dict[str, Any]
) -> None:
    _proven()
    provider.lie = wrong
    assert _through(client, provider, **MINE).status_code == 403
    assert client.get("/settings/").status_code == 302


@pytest.mark.parametrize("how", ["forged", "none", "HS256"])
def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: Client, provider: small.Provider, how: str
) -> None:
    _proven()
    provider.forge, provider.alg = (True, "RS256") if how == "forged" else (False, how)
    assert _through(client, provider, **MINE).status_code == 403
    assert client.get("/settings/").status_code == 302


def test_coming_back_without_having_been_sent_lets_nobody_in(
    client: Client, provider: small.Provider
) -> None:
    _proven()
    sent = Client()
    back = provider.grant(_off(sent), **MINE)
    assert client.get(f"/sso/callback/?{back}").status_code == 403  # another browser: no state
    assert client.get("/sso/callback/?code=x&state=y").status_code == 403
    assert client.get("/sso/callback/?error=access_denied").status_code == 403
    assert sent.get(f"/sso/callback/?{back}").status_code == 302
    assert Client().get(f"/sso/callback/?{back}").status_code == 403


def test_an_address_of_somebody_else_told_beside_the_token_is_refused(
    client: Client, provider: small.Provider
) -> None:
    _proven("somebody.else@tamp.example")
    assert _through(client, provider, name="Ines").status_code == 403  # userinfo speaks of person-2


def test_a_provider_that_calls_itself_otherwise_is_not_set_up(provider: small.Provider) -> None:
    provider.says_of_itself = {"issuer": "https://login.example/{tenantid}/v2.0"}
    with pytest.raises(Invalid, match="calls itself"):
        _set_up(provider)


def test_a_provider_without_tls_is_not_set_up_unless_it_is_our_own(provider: small.Provider) -> None:
    with override_settings(PEERS=()), pytest.raises(Invalid):
        _set_up(provider)
    provider.says_of_itself = {"token_endpoint": "http://evil.example/token"}
    with pytest.raises(Invalid):
        _set_up(provider)


def test_the_secret_is_sealed_kept_when_left_empty_and_asked_for_with_a_new_issuer(
    provider: small.Provider,
) -> None:
    kept = SingleSignOn.objects.get().sealed_secret
    assert small.SECRET not in kept
    _set_up(provider, secret="", name="New name")
    assert SingleSignOn.objects.get().sealed_secret == kept
    with pytest.raises(Invalid):  # else the old secret would be sent to whoever the new address belongs to
        _set_up(provider, secret="", issuer="https://other.example", is_on=False)


def test_owners_and_administrators_are_never_made_by_it(provider: small.Provider) -> None:
    for role in ("owner", "administrator"):
        with pytest.raises(Invalid):
            _set_up(provider, role_for_new=role)


def test_only_who_sets_the_workspace_sets_it(provider: small.Provider) -> None:
    agent = make_staff(role=Role.AGENT)
    wanted = sso.Provider("x", provider.issuer, "c", "s", (), "agent", True)
    with pytest.raises(Forbidden):
        sso.change(wanted, actor=agent.actor(), at=AT)


def test_the_only_way_in_is_not_ended(provider: small.Provider, client: Client) -> None:
    _set_up(provider, domains=("tamp.example",))
    _through(client, provider, **MINE)
    assert client.post("/settings/security/provider/removal/").status_code == 403
    staff = _proven("lena@tamp.example")
    other = Client()
    _through(other, provider, **(MINE | {"sub": "person-9", "email": staff.email}))
    assert other.post("/settings/security/provider/removal/").status_code == 302
    assert not sso.is_linked(staff)


def test_without_a_provider_there_is_no_way_through_it(client: Client, db: None) -> None:
    assert client.post("/sso/").status_code == 404
    assert client.get("/sso/callback/?code=x&state=y").status_code == 404


def test_the_settings_screen_sets_it_and_never_shows_the_secret(
    client: Client, provider: small.Provider
) -> None:
    come_in(client, Staff.objects.get(email="boss@tamp.example"))
    page = client.get("/settings/sign-in/provider/").content.decode()
    assert "/sso/callback/" in page
    assert small.SECRET not in page
    assert SingleSignOn.objects.get().sealed_secret not in page
    form = {"is_on": "on", "name": "Tamp ID", "issuer": provider.issuer, "client_id": "amity"}
    assert client.post("/settings/sign-in/provider/", form | {"role_for_new": "agent"}).status_code == 302
    away = client.post(
        "/settings/sign-in/provider/",
        form | {"role_for_new": "agent", "issuer": "https://127.0.0.1:9", "secret": "s"},
    )
    assert away.status_code == 422


@pytest.mark.parametrize(
    ("address", "domains", "expected"),
    [
        ("a@example.org", ("example.org",), True),
        ("a@EXAMPLE.org", ("example.org",), True),
        ("a@evil-example.org", ("example.org",), False),
        ("a@example.org.evil", ("example.org",), False),
        ("a@mail.example.org", ("example.org",), False),
        ("a@mail.example.org", (".example.org",), True),
        ("a@example.org", (".example.org",), False),
        ("a@evilexample.org", (".example.org",), False),
        ("a@b@example.org", ("example.org",), False),
        ("@example.org", ("example.org",), False),
        ("a@example.org", ("",), False),
    ],
)
def test_domains_are_compared_by_whole_labels(address: str, domains: tuple[str, ...], expected: bool) -> None:
    assert is_of(address, domains) is expected


@given(
    st.builds(Facts, st.just(False), st.just("a@example.org"), st.booleans(), st.booleans(), st.booleans())
)
def test_no_account_is_ever_linked_without_proof_on_both_sides(facts: Facts) -> None:
    if verdict(facts) is Verdict.LINK:
        assert facts.is_verified
        assert facts.is_proven
        assert facts.has_account
