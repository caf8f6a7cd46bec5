"""The place of retention among the filters of people: who is under a legal hold."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from amity.people import columns
from amity.people.columns import Flag
from amity.people.queries.held import in_hold


def register() -> None:
    """Called once at start."""
    columns.register_flag(Flag("held", gettext_lazy("Under a legal hold"), 80, "erasure", in_hold))
