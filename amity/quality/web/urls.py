"""Addresses of data quality."""

from __future__ import annotations

from django.urls import path

from amity.quality.web import records, report, settings

urlpatterns = [
    path("quality/", report.report, name="quality"),
    path("quality/look/", report.look, name="quality-look"),
    path("quality/records/", records.records, name="quality-records"),
    path("quality/repairs/", records.repairs, name="quality-repairs"),
    path(
        "quality/repairs/<uuid:repair_id>/withdrawal/",
        records.repair_withdrawal,
        name="quality-repair-withdrawal",
    ),
    path("quality/people/<uuid:person_id>/", records.person_value, name="quality-person"),
    path("quality/flags/", records.flags, name="quality-flags"),
    path("quality/rules/", settings.rules, name="quality-rules"),
    path("quality/rules/change/", settings.rules_change, name="quality-rules-change"),
]
