"""Names of colleagues, as one speaks of them."""

from __future__ import annotations


def given_name(name: str) -> str:
    """The first word of a name that is no title: “Dr. Anke Weber” is Anke. The whole name where there is none."""
    words = name.split()
    return next((word for word in words if not word.endswith(".")), name)
