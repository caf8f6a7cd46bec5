"""The dance of OpenID Connect with allauth, held tighter than its defaults.

The signature of the ID token is always checked (allauth leaves it out where the token came over TLS), only with
asymmetric algorithms, against keys of the very issuer that was set; the nonce binds it to this browser's question.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

import jwt
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from amity.kernel import vault
from amity.kernel.errors import Invalid
from amity.kernel.http import session
from amity.site.accounts import sso
from amity.site.models import SingleSignOn

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY_S = 60
_NONCE = "sso_nonce"
Arrived = Callable[[dict[str, Any]], HttpResponseBase]


class SsoAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """allauth's questions about providers: ours is the one of the Settings screen, reached through our guard."""

    def get_requests_session(self) -> Any:
        return session()

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[SocialApp]:  # noqa: ARG002
        kept = sso.in_force()
        return [_app(kept)] if kept else []

    def get_provider(self, request: HttpRequest, provider: Any, client_id: Any = None) -> SsoProvider:
        return SsoProvider(request, app=self.get_app(request, provider=provider, client_id=client_id))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:  # noqa: ARG002
        return False

    def on_authentication_error(self, request: HttpRequest, provider: Any, **kwargs: Any) -> None:  # noqa: ARG002
        raise sso.NotLetIn(
            _("The sign-in at your provider did not come to an end. Start it again from here.")
        )

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """See `amity.site.accounts.mail`."""


class TightOidc(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """One answer of the provider: the configuration is about the issuer that was set, the token is what it says."""

    arrived: Arrived

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_checked"):
            issuer = str(self.get_provider().app.settings["issuer"])
            try:
                self._checked = sso.checked_configuration(issuer, super().openid_config)
            except (Invalid, ValueError) as error:
                raise OAuth2Error("the provider is not what it was") from error
        checked: dict[str, Any] = self._checked
        return checked

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:  # noqa: ARG002
        return callback_url()

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        """Hand the checked claims on; allauth's own ways of linking and signing up are never entered."""
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        nonce = request.session.pop(_NONCE, "")
        if not nonce or not secrets.compare_digest(
            str(claims.get("nonce", "")).encode(), _hashed(nonce).encode()
        ):
            raise OAuth2Error("the token answers another question")
        if "email" not in claims and "userinfo_endpoint" in self.openid_config:
            claims = _completed(claims, self._fetch_user_info(token.token))
        raise ImmediateHttpResponse(self.arrived(claims))

    def _decode_id_token(self, app: Any, id_token: str) -> dict[str, Any]:
        try:
            key = self._key_of(jwt.get_unverified_header(id_token))
            claims: dict[str, Any] = jwt.decode(
                id_token,
                key=key,
                algorithms=ALGORITHMS,
                audience=app.client_id,
                issuer=self.openid_config["issuer"],
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            )
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise OAuth2Error("the token is not sound") from error
        if claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("the token is for another program")
        return claims

    def _key_of(self, header: dict[str, Any]) -> Any:
        if header.get("alg") not in ALGORITHMS:
            raise OAuth2Error("the token is signed in a way that we do not take")
        with session() as web:
            answer = web.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        fitting = [
            known
            for known in answer.json()["keys"]
            if known.get("kty") in {"RSA", "EC", "OKP"} and known.get("kid") == header.get("kid")
        ]
        return jwt.PyJWK(fitting[0], algorithm=header["alg"]).key if fitting else _missing_key()


class SsoProvider(OpenIDConnectProvider):  # type: ignore[misc]
    """The provider of the Settings screen."""

    oauth2_adapter_class = TightOidc


def begin(request: HttpRequest) -> str:
    """Where the browser goes on at the provider; state, PKCE and nonce wait in the session."""
    provider = SsoAdapter(request).get_provider(request, provider="openid_connect")
    nonce = secrets.token_urlsafe(32)
    request.session[_NONCE] = nonce
    answer = provider.redirect(request, process="login", auth_params={"nonce": _hashed(nonce)})
    return str(answer["Location"])


def arrive(request: HttpRequest, arrived: Arrived) -> HttpResponseBase:
    """The browser is back from the provider; `arrived` makes the answer from checked claims. Raises `sso.NotLetIn`."""
    provider = SsoAdapter(request).get_provider(request, provider="openid_connect")
    tight = TightOidc(request, provider.app.provider_id)
    tight.arrived = arrived
    answer: HttpResponseBase = OAuth2CallbackView.adapter_view(tight)(request)
    return answer


def callback_url() -> str:
    """What the provider must be told as the redirect URI."""
    return settings.BASE_URL + reverse("sso-callback")


def _app(kept: SingleSignOn) -> SocialApp:
    return SocialApp(
        provider="openid_connect",
        provider_id=sso.space_of(kept.issuer),
        name=kept.name,
        client_id=kept.client_id,
        secret=vault.unseal(kept.sealed_secret, purpose=sso.SECRET_PURPOSE),
        settings={
            "server_url": sso.discovery_url(kept.issuer),
            "issuer": kept.issuer,
            "oauth_pkce_enabled": True,
        },
    )


def _completed(claims: dict[str, Any], told: Any) -> dict[str, Any]:
    # OpenID Connect Core 5.3.2: what is told must be about the one of the token.
    if not isinstance(told, dict) or told.get("sub") != claims["sub"]:
        raise OAuth2Error("the provider speaks of somebody else")
    more = {name: told[name] for name in ("email", "email_verified", "name") if name in told}
    return {**claims, **more}


def _hashed(nonce: str) -> str:
    return hashlib.sha256(nonce.encode()).hexdigest()


def _missing_key() -> Any:
    raise OAuth2Error("the key of the token is none of the provider's")
