"""Ways in, and what colleagues and administrators set about accounts."""

from __future__ import annotations

from django.urls import path

from amity.site.accounts.web import passwords, security, sign_in

OPEN_TO_EVERYBODY = frozenset({"login", "second-factor", "reset", "reset-password"})
"""Pages for those who are not signed in."""

FOR_SECOND_FACTOR = frozenset(
    {
        "settings-security",
        "settings-confirm",
        "settings-security-app",
        "settings-security-codes",
        "settings-theme",
        "logout",
    }
)
"""All that is open to somebody who has to set up a second factor first."""

urlpatterns = [
    path("login/", sign_in.login_page, name="login"),
    path("login/second/", sign_in.second_factor, name="second-factor"),
    path("logout/", sign_in.logout_now, name="logout"),
    path("reset/", passwords.ask, name="reset"),
    path("reset/<str:secret>/", passwords.choose, name="reset-password"),
    path("settings/security/", security.overview, name="settings-security"),
    path("settings/security/confirmation/", security.confirm, name="settings-confirm"),
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
