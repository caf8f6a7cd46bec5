"""Ways in, and what colleagues and administrators set about accounts."""

from __future__ import annotations

from django.urls import path

from amity.site.accounts.web import (
    colleagues,
    joining,
    passkeys,
    passwords,
    security,
    sign_in,
    single_sign_on,
)

OPEN_TO_EVERYBODY = frozenset(
    {
        "setup",
        "invitation",
        "address-confirmation",
        "login",
        "second-factor",
        "passkey-challenge",
        "passkey-login",
        "sso",
        "sso-callback",
        "reset",
        "reset-password",
    }
)
"""Pages for those who are not signed in."""

FOR_SECOND_FACTOR = frozenset(
    {
        "settings-security",
        "settings-confirm",
        "settings-security-app",
        "settings-security-codes",
        "settings-security-passkeys",
        "settings-security-passkey-challenge",
        "settings-confirm-challenge",
        "settings-theme",
        "logout",
    }
)
"""All that is open to somebody who has to set up a second factor first."""

urlpatterns = [
    path("setup/<str:secret>/", joining.set_up, name="setup"),
    path("invitation/<str:secret>/", joining.invitation, name="invitation"),
    path("address/<str:secret>/", joining.address, name="address-confirmation"),
    path("login/", sign_in.login_page, name="login"),
    path("login/second/", sign_in.second_factor, name="second-factor"),
    path("login/passkey/", passkeys.sign_in, name="passkey-login"),
    path("login/passkey/challenge/", passkeys.challenge, name="passkey-challenge"),
    path("sso/", single_sign_on.begin, name="sso"),
    path("sso/callback/", single_sign_on.callback, name="sso-callback"),
    path("logout/", sign_in.logout_now, name="logout"),
    path("reset/", passwords.ask, name="reset"),
    path("reset/<str:secret>/", passwords.choose, name="reset-password"),
    path("settings/sign-in/", colleagues.sign_in_rules, name="settings-sign-in"),
    path("settings/sign-in/provider/", single_sign_on.settings, name="settings-sso"),
    path("settings/security/provider/removal/", single_sign_on.unlink, name="settings-sso-removal"),
    path("settings/colleagues/", colleagues.listed, name="settings-colleagues"),
    path("settings/colleagues/invitation/", colleagues.invite, name="settings-invite"),
    path(
        "settings/colleagues/invitation/<uuid:invitation_id>/removal/",
        colleagues.invitation_removal,
        name="settings-invitation-removal",
    ),
    path("settings/colleagues/<uuid:staff_id>/", colleagues.one, name="settings-colleague"),
    path(
        "settings/colleagues/<uuid:staff_id>/closure/", colleagues.closure, name="settings-colleague-closure"
    ),
    path(
        "settings/colleagues/<uuid:staff_id>/opening/", colleagues.opening, name="settings-colleague-opening"
    ),
    path(
        "settings/colleagues/<uuid:staff_id>/factors/removal/",
        colleagues.factor_reset,
        name="settings-colleague-factors",
    ),
    path(
        "settings/colleagues/<uuid:staff_id>/password/",
        colleagues.password_link,
        name="settings-colleague-password",
    ),
    path("settings/colleagues/<uuid:staff_id>/sign-in/", colleagues.sign_in_as, name="settings-sign-in-as"),
    path("sign-in-as/end/", colleagues.end_sign_in_as, name="sign-in-as-end"),
    path("settings/security/address/", security.address, name="settings-address"),
    path("settings/security/", security.overview, name="settings-security"),
    path("settings/security/confirmation/", security.confirm, name="settings-confirm"),
    path(
        "settings/security/confirmation/challenge/",
        passkeys.challenge_to_confirm,
        name="settings-confirm-challenge",
    ),
    path("settings/security/passkeys/", passkeys.add, name="settings-security-passkeys"),
    path(
        "settings/security/passkeys/challenge/",
        passkeys.challenge_to_add,
        name="settings-security-passkey-challenge",
    ),
    path(
        "settings/security/passkeys/<int:key_id>/removal/",
        passkeys.removal,
        name="settings-security-passkey-removal",
    ),
    path("settings/security/app/", security.app, name="settings-security-app"),
    path("settings/security/app/removal/", security.app_removal, name="settings-security-app-removal"),
    path("settings/security/codes/", security.codes, name="settings-security-codes"),
    path("settings/security/sessions/end/", security.sessions_end, name="settings-security-sessions-end"),
    path(
        "settings/security/sessions/<int:place_id>/end/",
        security.session_end,
        name="settings-security-session-end",
    ),
]
