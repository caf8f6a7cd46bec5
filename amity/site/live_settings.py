"""Settings of the live stream: the same site with only what it needs to know who listens (it saves 40 MB)."""

from __future__ import annotations

from amity.site.settings import *  # noqa: F403

INSTALLED_APPS = ["django.contrib.sessions", "amity.kernel", "amity.channels"]
MIDDLEWARE = []
TEMPLATES = []
