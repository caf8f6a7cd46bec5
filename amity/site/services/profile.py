"""What colleagues change about themselves."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from amity.kernel.errors import Invalid
from amity.kernel.models import Staff
from amity.site.models import Preference

THEMES = ("system", "light", "dark")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Profile:
    """A colleague's own settings. `theme` is one of `THEMES`, `time_zone` an IANA name."""

    name: str
    language: str
    time_zone: str
    theme: str
    single_keys: bool

    @classmethod
    def of(cls, staff: Staff) -> Profile:
        return cls(staff.name, staff.language, staff.time_zone, staff.theme, uses_single_keys(staff))


def uses_single_keys(staff: Staff) -> bool:
    """Whether one letter alone may be a shortcut for them (WCAG 2.1.4 asks that it can be switched off)."""
    return Preference.objects.filter(staff=staff).values_list("single_keys", flat=True).first() is not False


def change_profile(staff: Staff, *, profile: Profile) -> Profile:
    """Store `profile` and return the one before, for undo. Raises `Invalid` with a message for each wrong field."""
    before = Profile.of(staff)
    wrong = _mistakes(profile)
    if wrong:
        raise Invalid(_("Some of this cannot be saved yet."), fields=wrong)
    staff.name = " ".join(profile.name.split())
    staff.language, staff.time_zone, staff.theme = profile.language, profile.time_zone, profile.theme
    with transaction.atomic():
        staff.save(update_fields=["name", "language", "time_zone", "theme"])
        Preference.objects.update_or_create(staff=staff, defaults={"single_keys": profile.single_keys})
    return before


@transaction.atomic
def change_some_of_profile(
    staff: Staff, changes: Mapping[str, Any], *, unchanged: Callable[[Profile], None]
) -> Profile:
    """Store some fields of `Profile` anew; returns the one before. `unchanged` may refuse: it sees them in its turn."""
    Staff.objects.select_for_update().get(pk=staff.pk)
    staff.refresh_from_db(fields=["name", "language", "time_zone", "theme"])
    before = Profile.of(staff)
    unchanged(before)
    return change_profile(staff, profile=Profile(**{**asdict(before), **changes}))


def _mistakes(profile: Profile) -> dict[str, str]:
    wrong: dict[str, str] = {}
    if not profile.name.strip():
        wrong["name"] = _("Colleagues and customers see this name. It cannot be empty.")
    elif len(profile.name) > LONGEST_NAME:
        wrong["name"] = _("Use at most %(count)s letters.") % {"count": LONGEST_NAME}
    if profile.language not in dict(settings.LANGUAGES):
        wrong["language"] = _("Choose one of the languages in the list.")
    if profile.time_zone not in zoneinfo.available_timezones():
        wrong["time_zone"] = _("Choose a place from the list, for example Europe/Berlin.")
    if profile.theme not in THEMES:
        wrong["theme"] = _("Choose one of the three.")
    return wrong
