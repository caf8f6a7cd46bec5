"""Signatures: ours are what the reference library accepts, and what it makes is accepted by us, and nothing else is."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from amity.webhooks.domain import signing
from amity.webhooks.domain.signing import BadSecret, NotVerified, verify

BODY = '{"type":"message.received","data":{"id":"ü"}}'.encode()


def test_the_vector_of_the_reference_library_is_signed_alike() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signed = signing.signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(said=st.dictionaries(st.text(), st.text()))
def test_the_reference_library_verifies_whatever_we_sign(said: dict[str, str]) -> None:
    body = json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")
    secret, now = signing.new_secret(), int(datetime.now(UTC).timestamp())
    headers = signing.headers([signing.new_secret(), secret], "msg_1", now, body)
    assert Webhook(secret).verify(body, headers) == said


@given(st.binary(), st.integers(0, 10**10))
def test_what_the_reference_library_signs_we_verify(body: bytes, when: int) -> None:
    at = datetime.fromtimestamp(when, UTC)
    secret = signing.new_secret()
    text = base64.b64encode(body).decode()
    given = {
        "webhook-id": "msg_2",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("msg_2", at, text),
    }
    assert verify([secret], given, text.encode(), at).message_id == "msg_2"


def test_an_asymmetric_signature_is_checked_with_the_public_half(at: datetime) -> None:
    key, now = signing.new_private_key(), int(at.timestamp())
    headers = signing.headers([key], "msg_3", now, BODY)
    assert headers["webhook-signature"].startswith("v1a,")
    public = signing.public_key(key)
    assert public.startswith("whpk_")
    assert verify([public], headers, BODY, at).sent_at == now
    with pytest.raises(NotVerified):
        verify([signing.public_key(signing.new_private_key())], headers, BODY, at)


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ({"webhook-id": ""}, "missing"),
        ({"webhook-timestamp": ""}, "missing"),
        ({"webhook-signature": ""}, "missing"),
        ({"webhook-timestamp": "soon"}, "malformed"),
        ({"webhook-timestamp": "-5"}, "malformed"),
        ({"webhook-timestamp": "٣"}, "malformed"),
        ({"webhook-id": "x" * 201}, "malformed"),
        ({"webhook-id": "msg_other"}, "wrong"),
        ({"webhook-signature": "v1"}, "wrong"),
        ({"webhook-signature": "v1,"}, "wrong"),
        ({"webhook-signature": "v1,????"}, "wrong"),
        ({"webhook-signature": "v2,AAAA"}, "wrong"),
    ],
)
def test_whatever_is_missing_or_unknown_is_not_verified(
    harm: dict[str, str], reason: str, at: datetime
) -> None:
    secret = signing.new_secret()
    good = signing.headers([secret], "msg_4", int(at.timestamp()), BODY)
    assert verify([secret], good, BODY, at).message_id == "msg_4"
    with pytest.raises(NotVerified) as refused:
        verify([secret], good | harm, BODY, at)
    assert refused.value.reason == reason


def test_a_signature_is_good_for_one_body_one_key_and_ten_minutes(at: datetime) -> None:
    secret = signing.new_secret()
    good = signing.headers([secret], "msg_5", int(at.timestamp()), BODY)
    for later, reason in ((timedelta(minutes=6), "too_old"), (timedelta(minutes=-6), "too_new")):
        with pytest.raises(NotVerified, match=reason):
            verify([secret], good, BODY, at + later)
    for keys, body in (([secret], BODY + b" "), ([signing.new_secret()], BODY), ([], BODY)):
        with pytest.raises(NotVerified, match="wrong"):
            verify(keys, good, body, at)


def test_the_version_of_a_signature_belongs_to_the_kind_of_key(at: datetime) -> None:
    """A public key is no secret: what is signed by HMAC with its bytes is not verified."""
    key = signing.new_private_key()
    public = signing.public_key(key)
    forged = "whsec_" + public.removeprefix("whpk_")
    headers = signing.headers([forged], "msg_6", int(at.timestamp()), BODY)
    with pytest.raises(NotVerified):
        verify([public], headers, BODY, at)


@pytest.mark.parametrize("secret", ["", "whsec_", "abc", "whsec_AAAA", "whsec_!!!!", "whsec_" + "A" * 200])
def test_a_secret_has_24_to_64_bytes(secret: str) -> None:
    with pytest.raises(BadSecret):
        signing.secret_bytes(secret)
    assert len(signing.secret_bytes(signing.new_secret())) == 32
