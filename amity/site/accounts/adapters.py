"""What django-allauth asks of us: it brings the stages of a sign-in, factors and sessions; the words, the mail and the
addresses are ours. Nothing of allauth's own templates, messages or mails is ever shown or sent."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.stages import AuthenticateStage
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from amity.kernel import vault
from amity.kernel.models import Staff
from amity.kernel.requests import remote_address
from amity.kernel.workspace import workspace
from amity.site.accounts import enforcement, trail
from amity.site.accounts.web.confirming import confirm_now

FACTOR_PURPOSE = "second factor"
NO_ADDRESS = "0.0.0.0"  # noqa: S104  # a client behind a local socket has none


def client_address(request: HttpRequest) -> str:
    """Where a request comes from, as far as our own proxies say."""
    return remote_address(request, settings.PROXIES) or NO_ADDRESS


class SecondFactorStage(AuthenticateStage):  # type: ignore[misc]  # allauth carries no types
    """After the password: who has a second factor is asked for it."""

    def handle(self) -> tuple[HttpResponseBase | None, bool]:
        if not self._should_handle(self.request):
            return None, True
        self.state["authentication_required"] = True
        return redirect("second-factor"), True


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come from invitations, the set-up link and the command line; never from a public form."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def get_login_stages(self) -> list[str]:
        return [f"{SecondFactorStage.__module__}.{SecondFactorStage.__name__}"]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def login(self, request: HttpRequest, user: Staff) -> None:
        """In: under a new session key, so that one that was planted before is worth nothing."""
        super().login(request, user)
        now = timezone.now()
        confirm_now(request, now)
        enforcement.refresh(user)
        trail.note("sign_in", actor=user.actor(), at=now, subject_id=user.pk)

    def respond_user_inactive(self, request: HttpRequest, user: Staff) -> HttpResponse:  # noqa: ARG002
        return redirect("login")

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our views say what happened, in our words."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError("mail about accounts is written in amity.site.accounts.mail")

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """See `amity.site.accounts.mail`."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of factors are sealed, and passkeys carry the names of the company and the colleague."""

    def encrypt(self, text: str) -> str:
        return vault.seal(text, purpose=FACTOR_PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return vault.unseal(encrypted_text, purpose=FACTOR_PURPOSE)

    def _get_site_name(self) -> str:
        return workspace().name
