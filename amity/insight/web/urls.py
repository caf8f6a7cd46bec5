"""Addresses of the figures."""

from __future__ import annotations

from django.urls import path

from amity.insight.web import figures

urlpatterns = [
    path("figures/", figures.figures_page, name="figures"),
    path("figures/<slug:key>/", figures.figure_page, name="figure"),
]
