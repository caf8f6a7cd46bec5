"""What rules noted of somebody, for their own eyes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amity.kernel.disclosing import Section, Whose, discloses
from amity.retention.limits import erased_at
from amity.retention.models import Due, DueState, Keep


@discloses("retention", 45)
def tell(whose: Whose) -> Iterable[Section]:
    """When they are to be erased by a rule, and why somebody keeps them."""
    dues = Due.objects.visible_to(whose.actor).filter(person_id=whose.person_id, state=DueState.ANNOUNCED)
    keeps = Keep.objects.visible_to(whose.actor).filter(accounts__identity_id__in=whose.identity_ids)
    rows: list[dict[str, object]] = [
        {
            "what": one.rule.reason,
            "when": timezone.localtime(erased_at(one.due_on, whose.at)).date(),
            "why": "",
        }
        for one in dues.select_related("rule")
    ]
    rows += [
        {"what": one.rule.reason, "when": None, "why": one.reason}
        for one in keeps.select_related("rule").distinct().order_by("kept_at")
    ]
    yield Section(
        "retention", _("How long we keep what we know of you"),
        {"what": _("Why it goes"), "when": _("When"), "why": _("Why it is kept all the same")}, rows,
    )  # fmt: skip
