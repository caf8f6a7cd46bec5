"""Where the style page is."""

from __future__ import annotations

from django.urls import path

from amity.site.web.style import style_page

urlpatterns = [path("style/", style_page, name="style")]
