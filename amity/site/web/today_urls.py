"""Where Today is."""

from __future__ import annotations

from django.urls import path

from amity.site.web.today import today_page

urlpatterns = [path("", today_page, name="today")]
