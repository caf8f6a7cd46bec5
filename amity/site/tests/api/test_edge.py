"""The edge of the public interface: tokens, sessions, limits, answers that are kept, problems."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from unittest import mock

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from amity.channels.models import Item
from amity.kernel.actor import Role
from amity.kernel.api import idempotency
from amity.kernel.api.limits import Buckets
from amity.kernel.api.tokens import make_token, revoke_token, scopes_of
from amity.kernel.errors import Invalid
from amity.kernel.models import ApiToken, KeptAnswer, Team
from amity.people.models import Person
from amity.site import api_edge
from amity.site.tests.api.calling import V1, colleague, program

pytestmark = pytest.mark.django_db
OTTO = {"external_id": "9", "facts": {"name": "Otto Kern"}}


@pytest.fixture(autouse=True)
def _full_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_edge, "BUCKETS", Buckets())


def test_without_a_token_nobody_gets_in_and_is_told_how() -> None:
    refused = Client().get(f"{V1}/people")
    assert (refused.status_code, refused.json()["code"]) == (401, "sign_in_needed")
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert refused.headers["Content-Type"] == "application/problem+json"


def test_only_the_digest_of_a_token_is_kept() -> None:
    shop = program()
    assert len(shop.secret) >= len("amity_") + 43  # 256 bits in base64
    row = ApiToken.objects.values().get()
    assert shop.secret not in str(row)
    assert shop.secret.removeprefix("amity_") not in str(row)


def test_a_token_ends_when_it_is_over_revoked_or_its_colleague_leaves() -> None:
    late, revoked, left = program(), program(), program()
    assert [one.get("/people").status_code for one in (late, revoked, left)] == [200, 200, 200]
    ApiToken.objects.filter(pk=late.token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoke_token(revoked.token.id, actor=revoked.staff.actor(), at=timezone.now())
    left.staff.is_active = False
    left.staff.save()
    assert [one.get("/people").status_code for one in (late, revoked, left)] == [401, 401, 401]


def test_a_token_is_no_more_than_its_colleague_is_now() -> None:
    shop = program(Role.ADMINISTRATOR)
    shop.staff.role = Role.PARTNER
    shop.staff.save()
    assert shop.get("/people").status_code == 403


def test_a_token_has_no_scope_that_its_colleague_lacks() -> None:
    with pytest.raises(Invalid):
        program(Role.ANALYST, scopes=["person:write"])


def test_nobody_ends_a_colleagues_token_but_an_administrator() -> None:
    shop, other, administrator = program(), colleague(), colleague(Role.ADMINISTRATOR)
    with pytest.raises(Exception, match="does not exist"):
        revoke_token(shop.token.id, actor=other.actor(), at=timezone.now())
    revoke_token(shop.token.id, actor=administrator.actor(), at=timezone.now())
    assert shop.get("/people").status_code == 401


def test_when_it_was_last_used_stands_with_a_token() -> None:
    shop = program()
    shop.get("/people")
    assert ApiToken.objects.get().last_used_at is not None


def test_a_session_reads_and_writes_only_with_the_token_against_forgery() -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(colleague())
    assert client.get(f"{V1}/people").status_code == 200
    refused = client.post(f"{V1}/people", OTTO, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf")
    assert not Person.objects.exists()


def test_a_session_that_owes_a_second_factor_opens_nothing() -> None:
    client, staff = Client(), colleague()
    staff.second_factor_due = True
    staff.save()
    client.force_login(staff)
    assert client.get(f"{V1}/people").status_code == 403


def test_other_origins_get_no_word_that_lets_their_pages_read() -> None:
    answer = program().get("/people", Origin="https://elsewhere.example")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


def test_a_request_with_a_key_happens_once_and_is_answered_the_same() -> None:
    shop = program()
    first = shop.post("/people", OTTO, Idempotency_Key="k1")
    again = shop.post("/people", OTTO, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert Item.objects.count() == 1


def test_a_key_is_not_used_for_another_request() -> None:
    shop = program()
    shop.post("/people", OTTO, Idempotency_Key="k1")
    refused = shop.post("/people", OTTO | {"external_id": "10"}, Idempotency_Key="k1")
    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency.other_request")


def test_an_answer_is_not_given_again_to_who_may_see_less_since() -> None:
    team = Team.objects.create(name="Press")
    shop = program(Role.AGENT, team)
    assert shop.post("/people", OTTO, Idempotency_Key="k1").status_code == 201
    shop.staff.teams.clear()
    assert shop.post("/people", OTTO, Idempotency_Key="k1").json()["code"] == "idempotency.other_request"
    assert Item.objects.count() == 1


def test_a_token_made_for_reading_changes_nothing_at_all() -> None:
    staff = colleague()
    reader, writer = (program(staff=staff, scopes=[f"person:{action}"]) for action in ("read", "write"))
    view = {"screen": "people", "name": "Quiet", "query": ""}
    assert reader.post("/saved-views", view).json()["code"] == "out_of_scope"
    made = writer.post("/saved-views", view).json()["id"]
    assert reader.patch(f"/saved-views/{made}", {"is_shared": True}).status_code == 403
    assert reader.call("DELETE", f"/saved-views/{made}").status_code == 403
    assert [one["is_shared"] for one in reader.get("/saved-views").json()["items"]] == [False]


def test_a_key_is_in_flight_until_its_request_is_answered() -> None:
    shop = program()
    shop.post("/people", OTTO, Idempotency_Key="k1")
    KeptAnswer.objects.update(status=0)
    assert shop.post("/people", OTTO, Idempotency_Key="k1").json()["code"] == "idempotency.in_flight"
    KeptAnswer.objects.update(created_at=timezone.now() - timedelta(hours=1))
    assert shop.post("/people", OTTO, Idempotency_Key="k1").json()["code"] == "idempotency.unknown"


def test_a_refused_request_leaves_its_key_free() -> None:
    shop = program()
    assert shop.post("/people", {}, Idempotency_Key="k1").status_code == 422
    assert not KeptAnswer.objects.exists()
    assert shop.post("/people", OTTO, Idempotency_Key="k1").status_code == 201


def test_keys_are_forgotten_after_a_day() -> None:
    program().post("/people", OTTO, Idempotency_Key="k1")
    assert idempotency.remove_old(timezone.now() + timedelta(hours=23)) == 0
    assert idempotency.remove_old(timezone.now() + timedelta(hours=25)) == 1


@override_settings(API_READS_PER_MINUTE=3)
def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    shop, other = program(), program()
    answers = [shop.get("/people") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit"] == '"read";r=2;t=20'
    assert answers[3].headers["Retry-After"] == "20"
    assert other.get("/people").status_code == 200


@pytest.mark.parametrize("empty", ["", " ", "\t"])
def test_an_empty_authorization_is_none(empty: str) -> None:
    client = Client()
    assert client.get(f"{V1}/me", headers={"Authorization": empty}).status_code == 401
    client.force_login(colleague())
    assert client.get(f"{V1}/me", headers={"Authorization": ""}).status_code == 200


@override_settings(API_GUESSES_PER_MINUTE=5)
def test_who_guesses_tokens_is_stopped() -> None:
    client, shop = Client(), program()
    tries = [client.get(f"{V1}/people", headers={"Authorization": f"Bearer amity_{n}"}) for n in range(7)]
    assert [one.status_code for one in tries] == [401] * 5 + [429] * 2
    assert shop.client.get(f"{V1}/people", headers={"Authorization": "Bearer amity_x"}).status_code == 429


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"external_id": "9\\u0000"}', 400),
        (b'{"external_id": "\\ud800"}', 400),
        (b'{"external_id": NaN}', 400),
        (b"[" * 100_000, 400),
        (b"\xff", 400),
        (b"", 422),
        (b"[]", 422),
    ],
)
def test_bodies_that_nobody_can_keep_are_refused(body: bytes, status: int) -> None:
    shop = program()
    answer = shop.client.generic(
        "POST", f"{V1}/people", body, "application/json", headers={"Authorization": f"Bearer {shop.secret}"}
    )
    assert answer.status_code == status
    assert not Item.objects.exists()


def test_every_error_is_a_problem() -> None:
    shop = program()
    for answer, status in (
        (shop.get("/nothing"), 404),
        (shop.call("DELETE", "/people"), 405),
        (shop.get("/people?q=%00"), 400),
        (shop.get("/people?organisation_id=x"), 422),
    ):
        assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
        assert answer.json()["status"] == status
        assert answer.headers["X-Request-Id"]


def test_an_own_scope_is_one_of_the_role() -> None:
    assert "person:write" in scopes_of(Role.AGENT)
    assert "settings:write" not in scopes_of(Role.AGENT)
    token, _secret = make_token("x", actor=colleague().actor(), at=timezone.now(), scopes=["person:read"])
    assert token.scopes == ["person:read"]


def test_of_a_request_with_a_key_nothing_is_kept_that_could_be_guessed() -> None:
    owner = program(Role.OWNER)
    said = []

    def watched(words: bytes) -> bytes:
        said.append(words)
        return digest_of(words)

    digest_of = idempotency.digest_of
    with mock.patch.object(idempotency, "digest_of", watched):
        owner.post("/invitations", {"email": "new@tamp.example"}, Idempotency_Key="k1")
    kept = bytes(KeptAnswer.objects.get().request_digest)
    assert b"new@tamp.example" in said[0]
    assert kept not in {hashlib.new(name, said[0]).digest() for name in ("sha256", "sha3_256", "blake2s")}
    with override_settings(SECRET_KEY="another key " * 5):
        assert idempotency.digest_of(said[0]) != kept


def test_a_key_from_before_the_upgrade_is_still_answered() -> None:
    shop = program()
    plain = mock.patch.object(idempotency, "digest_of", lambda said: hashlib.sha256(said).digest())
    with plain:
        first = shop.post("/people", OTTO, Idempotency_Key="k1")
    again = shop.post("/people", OTTO, Idempotency_Key="k1")
    assert (again.status_code, again.content) == (201, first.content)
    other = shop.post("/people", OTTO | {"external_id": "10"}, Idempotency_Key="k1")
    assert other.json()["code"] == "idempotency.other_request"


@pytest.mark.parametrize(
    "path",
    [
        "/audit?since=2024-05-14T01:33:48%2B17:23",
        "/audit/export?before=0324-05-14T01:33:48Z",
        "/channels/guess?address=https://",
        "/channels/guess?address=ines@a/b",
    ],
)
def test_what_neither_the_database_nor_a_server_could_be_asked_is_refused(path: str) -> None:
    answer = program(Role.OWNER).get(path)
    assert answer.status_code == 422
    assert answer.json()["code"]
