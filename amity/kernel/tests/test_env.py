"""Settings fail loudly, and say nothing that is secret."""

from __future__ import annotations

import pytest

from amity.kernel import env


@pytest.mark.parametrize(
    "given", ["https://amity.example", "http://10.0.0.7:8080", "https://amity.example/", "https://[::1]:8000"]
)
def test_the_address_of_a_site(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("AMITY_TEST_SITE", given)
    assert env.site("AMITY_TEST_SITE", "", "An address.") == given.rstrip("/")


@pytest.mark.parametrize(
    "given",
    [
        "amity.example",
        "ftp://amity.example",
        "https://",
        "https://amity.example/crm",
        "https://amity.example?x=1",
        "https://user:secret@amity.example",
        "https://amity.example:port",
    ],
)
def test_what_is_more_or_less_than_that_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("AMITY_TEST_SITE", given)
    with pytest.raises(env.BadSetting, match="AMITY_TEST_SITE"):
        env.site("AMITY_TEST_SITE", "", "An address.")


def test_a_secret_that_is_too_short_is_refused_and_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMITY_TEST_SECRET", "kettle")
    with pytest.raises(env.BadSetting, match="AMITY_TEST_SECRET is too short") as caught:
        env.secret("AMITY_TEST_SECRET", "Opens it.", least=20)
    assert "kettle" not in str(caught.value)
