"""What stands above the columns of a workbook, in the language of whoever takes it away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from amity.channels.adapters.file.mapping import FACT_TITLE
from amity.channels.field_words import field_labels

_LABELS: dict[str, str | Promise] = {
    "id": gettext_lazy("ID in Amity"),
    "all_emails": gettext_lazy("All e-mail addresses"),
    "all_phones": gettext_lazy("All phone numbers"),
    "all_accounts": gettext_lazy("All other accounts"),
    "last_activity_at": gettext_lazy("Last activity"),
}


def headings_of(titles: Sequence[str], named: Mapping[str, str | Promise]) -> list[str]:
    """A heading for each title, none twice: `named` first, then what fields are called on the screens."""
    plain = [title.removeprefix(FACT_TITLE) for title in titles]
    labels = field_labels(plain)
    found: list[str] = []
    for title, name in zip(titles, plain, strict=True):
        label = str(named.get(title) or _LABELS.get(title) or labels[name])
        found.append(label if label not in found else f"{label} ({title})")
    return found
