"""Every address of the site: its own pages here, each package's screens in its `web/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from amity.site import api
from amity.site.web import (
    api_reference,
    api_tokens,
    audit,
    backups,
    channels,
    fields,
    find,
    health,
    inlets,
    navigation,
    personal_data,
    presence,
    roles,
    saved_views,
    settings,
    status,
    tiers,
)

PACKAGES = (
    "amity.activity",
    "amity.conversations",
    "amity.people",
    "amity.quality",
    "amity.commerce",
    "amity.channels",
    "amity.teamwork",
    "amity.segments",
    "amity.insight",
)
SCREENS = (
    *(f"{package}.web.urls" for package in PACKAGES),
    "amity.site.accounts.web.urls",
    "amity.site.web.today_urls",
    "amity.site.web.style_urls",
    "amity.site.web.person_urls",
    "amity.site.web.webhook_urls",
    "amity.site.web.retention_urls",
)


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.prometheus, name="metrics"),
    path("in/webhooks/<uuid:inlet_id>/", inlets.inlet, name="webhook-inlet"),
    path("status/", status.status_page, name="status"),
    path("status.json", status.status_json, name="status-json"),
    path("find/", find.find_page, name="find"),
    path("navigation/counts/", navigation.counts, name="navigation-counts"),
    path("presence/", presence.presence, name="presence"),
    path("presence/<uuid:subject_id>/", presence.who_is_here, name="presence-of"),
    path("views/", saved_views.saved_views, name="saved-views"),
    path("views/<uuid:view_id>/name/", saved_views.name, name="saved-view-name"),
    path("views/<uuid:view_id>/sharing/", saved_views.sharing, name="saved-view-sharing"),
    path("views/<uuid:view_id>/removal/", saved_views.removal, name="saved-view-removal"),
    path("views/restoration/", saved_views.restoration, name="saved-view-restoration"),
    path("settings/", settings.profile, name="settings"),
    path("settings/theme/<slug:name>/", settings.theme, name="settings-theme"),
    path("settings/password/", settings.password, name="settings-password"),
    path("settings/workspace/", settings.workspace_settings, name="settings-workspace"),
    path("settings/tiers/", tiers.tiers, name="settings-tiers"),
    path("settings/teams/", settings.teams, name="settings-teams"),
    path("settings/teams/<uuid:team_id>/name/", settings.team_name, name="settings-team-name"),
    path("settings/teams/<uuid:team_id>/removal/", settings.team_removal, name="settings-team-removal"),
    path("settings/fields/", fields.overview, name="settings-fields"),
    path("settings/fields/new/", fields.new, name="settings-field-new"),
    path("settings/fields/<int:field_id>/", fields.one, name="settings-field"),
    path("settings/fields/<int:field_id>/move/", fields.move, name="settings-field-move"),
    path("settings/fields/<int:field_id>/hiding/", fields.hiding, name="settings-field-hiding"),
    path("settings/fields/<int:field_id>/return/", fields.putting_back, name="settings-field-return"),
    path(
        "settings/fields/<int:field_id>/options/<slug:key>/removal/",
        fields.option_removal,
        name="settings-field-option-removal",
    ),
    path(
        "settings/fields/<int:field_id>/options/<slug:key>/return/",
        fields.option_return,
        name="settings-field-option-return",
    ),
    path("settings/roles/", roles.roles, name="settings-roles"),
    path("settings/sources/", settings.sources, name="settings-sources"),
    path("settings/channels/", channels.channels, name="settings-channels"),
    path("settings/channels/new/", channels.new, name="settings-channel-new"),
    path("settings/channels/<uuid:source_id>/", channels.channel, name="settings-channel"),
    path("settings/channels/<uuid:source_id>/settings/", channels.change, name="settings-channel-change"),
    path("settings/channels/<uuid:source_id>/trial/", channels.trial, name="settings-channel-trial"),
    path("settings/channels/<uuid:source_id>/pause/", channels.pause, name="settings-channel-pause"),
    path(
        "settings/channels/<uuid:source_id>/continuation/",
        channels.continuation,
        name="settings-channel-continuation",
    ),
    path("settings/channels/<uuid:source_id>/reading/", channels.reading, name="settings-channel-reading"),
    path("settings/channels/<uuid:source_id>/replay/", channels.replay, name="settings-channel-replay"),
    path("settings/channels/<uuid:source_id>/removal/", channels.removal, name="settings-channel-removal"),
    path("settings/api-tokens/", api_tokens.overview, name="settings-api-tokens"),
    path("settings/api-tokens/new/", api_tokens.new, name="settings-api-token-new"),
    path(
        "settings/api-tokens/<uuid:token_id>/revocation/",
        api_tokens.revocation,
        name="settings-api-token-revocation",
    ),
    path("settings/backup/", backups.overview, name="settings-backup"),
    path("settings/backup/now/", backups.now, name="settings-backup-now"),
    path("settings/backup/schedule/", backups.schedule, name="settings-backup-schedule"),
    path("settings/api-tokens/reference/", api_reference.overview, name="settings-api-reference"),
    path("settings/api-tokens/reference/<slug:operation>/", api_reference.one, name="settings-api-operation"),
    path("settings/personal-data/", personal_data.overview, name="settings-personal-data"),
    path("settings/personal-data/export/", personal_data.export, name="settings-personal-data-export"),
    path("settings/audit/", audit.overview, name="settings-audit"),
    path("settings/audit/export/", audit.export, name="settings-audit-export"),
    path("settings/audit/<int:entry_id>/", audit.entry, name="settings-audit-entry"),
    path("api/v1/openapi.json", api.openapi, name="api-openapi"),
    path("api/v1/", api.api.urls),
    *(path("", include(screens)) for screens in SCREENS),
]

handler400 = "amity.site.errors.bad_request"
handler403 = "amity.site.errors.permission_denied"
handler404 = "amity.site.errors.page_not_found"
handler500 = "amity.site.errors.server_error"
