"""Addresses of Settings, Webhooks."""

from __future__ import annotations

from django.urls import path

from amity.site.web import inlet_settings, webhooks

urlpatterns = [
    path("settings/webhooks/", webhooks.overview, name="settings-webhooks"),
    path("settings/webhooks/new/", webhooks.new, name="settings-webhook-new"),
    path("settings/webhooks/<uuid:endpoint_id>/", webhooks.one, name="settings-webhook"),
    path("settings/webhooks/<uuid:endpoint_id>/secret/", webhooks.secret, name="settings-webhook-secret"),
    path("settings/webhooks/<uuid:endpoint_id>/test/", webhooks.test, name="settings-webhook-test"),
    path("settings/webhooks/<uuid:endpoint_id>/state/", webhooks.state, name="settings-webhook-state"),
    path("settings/webhooks/<uuid:endpoint_id>/removal/", webhooks.removal, name="settings-webhook-removal"),
    path("settings/webhooks/<uuid:endpoint_id>/replay/", webhooks.replay, name="settings-webhook-replay"),
    path(
        "settings/webhooks/deliveries/<uuid:delivery_id>/",
        webhooks.delivery,
        name="settings-webhook-delivery",
    ),
    path(
        "settings/webhooks/deliveries/<uuid:delivery_id>/again/",
        webhooks.delivery_again,
        name="settings-webhook-delivery-again",
    ),
    path("settings/webhooks/inlets/new/", inlet_settings.new, name="settings-inlet-new"),
    path("settings/webhooks/inlets/<uuid:inlet_id>/", inlet_settings.one, name="settings-inlet"),
    path(
        "settings/webhooks/inlets/<uuid:inlet_id>/secret/",
        inlet_settings.secret,
        name="settings-inlet-secret",
    ),
    path(
        "settings/webhooks/inlets/<uuid:inlet_id>/removal/",
        inlet_settings.removal,
        name="settings-inlet-removal",
    ),
]
