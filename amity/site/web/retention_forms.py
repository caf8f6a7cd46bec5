"""Forms of Settings, Retention. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from amity.channels.models import Source
from amity.kernel import policy
from amity.kernel.actor import Actor
from amity.kernel.models import Staff
from amity.people.holds import LONGEST
from amity.retention.limits import Limits
from amity.retention.models import Kind
from amity.retention.rules import Draft
from amity.segments.queries import known_segments


class RuleForm(forms.Form):
    """What goes after how long, why, and whose concern it is. Of people it asks for a segment, else for a source."""

    name = forms.CharField(label=_("Name"), max_length=120)
    segment = forms.ChoiceField(label=_("People in this segment"), required=False)
    for_days = forms.IntegerField(
        label=_("for so many days"), min_value=0, required=False,
        help_text=_("So long must it have held of them before they are announced."),
    )  # fmt: skip
    source = forms.ChoiceField(label=_("From"), required=False)
    months = forms.IntegerField(
        label=_("Older than so many months"), min_value=1, required=False,
        help_text=_("Counted from the day on which it was said or came in."),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("Why, and by which law"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Such as: no longer needed for what it was collected for (GDPR art. 5(1)(e), storage limitation)."
        ),
    )  # fmt: skip
    owner = forms.ChoiceField(label=_("Owner"), required=False)

    def __init__(self, kind: str, actor: Actor, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        of_people = kind == Kind.PEOPLE
        for field in ("source", "months") if of_people else ("segment", "for_days"):
            del self.fields[field]
        if of_people:
            self.fields["for_days"].required = self.fields["segment"].required = True
            segments = [(str(one.id), one.name) for one in known_segments(actor)]
            self._offer("segment", [("", _("choose one")), *segments])
        else:
            self.fields["months"].required = True
            sources = policy.visible(Source.objects.all(), actor).values_list("id", "name")
            self._offer("source", [("", _("all sources")), *((str(id), name) for id, name in sources)])
        colleagues = Staff.objects.filter(is_active=True).order_by("name").values_list("id", "name")
        self._offer("owner", [("", _("nobody")), *((str(id), name) for id, name in colleagues)])

    def _offer(self, field: str, choices: list[tuple[str, Any]]) -> None:
        there = str(self.initial.get(field) or "")
        if there and there not in {value for value, _label in choices}:
            choices = [*choices, (there, _("one that you do not see"))]
        self.fields[field].choices = choices  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        typed = self.cleaned_data
        return Draft(
            typed["name"], typed["reason"], _id(typed.get("segment")), typed.get("for_days"), typed.get("months"),
            _id(typed.get("source")), _id(typed.get("owner")),
        )  # fmt: skip


def _id(typed: str | None) -> UUID | None:
    return UUID(typed) if typed else None


def initial_of(said: Draft) -> dict[str, Any]:
    """What the form shows of a rule."""
    return {
        "name": said.name, "reason": said.reason, "segment": said.segment_id and str(said.segment_id),
        "for_days": said.for_days, "months": said.months, "source": said.source_id and str(said.source_id),
        "owner": said.owner_id and str(said.owner_id),
    }  # fmt: skip


class LimitsForm(forms.Form):
    """What holds for all rules."""

    most_a_night = forms.IntegerField(
        label=_("People a night at most"), min_value=1, max_value=10_000,
        help_text=_("So many are announced in one night, and so many erased, by all rules together."),
    )  # fmt: skip
    notice_days = forms.IntegerField(
        label=_("Days of notice"), min_value=1, max_value=180,
        help_text=_("So long they stand in the list before they are erased."),
    )  # fmt: skip
    orders_years = forms.IntegerField(
        label=_("Years for which orders are kept"), min_value=0, max_value=50,
        help_text=_("No rule erases somebody with an order that is younger."),
    )  # fmt: skip
    orders_reason = forms.CharField(
        label=_("Because"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def limits(self) -> Limits:
        return Limits(**self.cleaned_data)


class ReasonForm(forms.Form):
    """Why somebody is kept."""

    reason = forms.CharField(label=_("Why"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 3}))
