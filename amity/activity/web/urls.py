"""Addresses of the stream."""

from __future__ import annotations

from django.urls import path

from amity.activity.web import files

urlpatterns = [
    path("files/<uuid:attachment_id>/", files.file, name="file"),
    path("files/<uuid:attachment_id>/picture/", files.picture, name="file-picture"),
]
