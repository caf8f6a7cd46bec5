from django.urls import path

from amity.site.web import retention

_RULE = "settings/retention/rules/<uuid:rule_id>/"

urlpatterns = [
    path("settings/retention/", retention.overview, name="settings-retention"),
    path("settings/retention/new/", retention.new, name="settings-retention-new"),
    path("settings/retention/next/", retention.next_ones, name="settings-retention-next"),
    path("settings/retention/next/<uuid:due_id>/", retention.keep, name="settings-retention-keep"),
    path("settings/retention/limits/", retention.limits_page, name="settings-retention-limits"),
    path("settings/retention/examples/<slug:name>/", retention.example, name="settings-retention-example"),
    path(
        "settings/retention/keeps/<uuid:keep_id>/withdrawal/",
        retention.keep_withdrawal,
        name="settings-retention-keep-withdrawal",
    ),
    path(_RULE, retention.rule, name="settings-retention-rule"),
    path(f"{_RULE}people/", retention.foreseen, name="settings-retention-people"),
    path(f"{_RULE}state/", retention.state, name="settings-retention-state"),
    path(f"{_RULE}removal/", retention.removal, name="settings-retention-removal"),
    path(f"{_RULE}restoration/", retention.restoration, name="settings-retention-restoration"),
    path(f"{_RULE}withdrawal/", retention.withdrawal, name="settings-retention-withdrawal"),
]
