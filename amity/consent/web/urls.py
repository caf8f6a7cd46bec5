"""Addresses of what people agreed to and refused."""

from __future__ import annotations

from django.urls import path

from amity.consent.web import consent

urlpatterns = [
    path("people/<uuid:person_id>/consent/", consent.person_consent, name="person-consent"),
    path(
        "people/<uuid:person_id>/consent/<uuid:act_id>/mistake/",
        consent.consent_mistake,
        name="consent-mistake",
    ),
    path(
        "people/<uuid:person_id>/consent/<uuid:act_id>/restoration/",
        consent.consent_restoration,
        name="consent-restoration",
    ),
]
