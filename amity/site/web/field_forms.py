"""Forms of Settings, Fields. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amity.kernel import policy
from amity.kernel.actor import Role
from amity.kernel.purposes import OF_ROLE, Purpose
from amity.people.field_words import KINDS, RESOURCES
from amity.people.queries.fields import STEERING


class FieldForm(forms.Form):
    """What can be changed of a field at any time."""

    label = forms.CharField(label=_("Name"), max_length=80)
    help = forms.CharField(
        label=_("What it is for"), max_length=300, required=False,
        help_text=_("Stands beside it where it is typed."),
    )  # fmt: skip
    is_listed = forms.BooleanField(
        label=_("A column of the list"), required=False,
        help_text=_("Everybody can choose other columns for themselves."),
    )  # fmt: skip
    purposes = forms.MultipleChoiceField(
        label=_("What it may be used for"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("Roles that are here for one of these see the field. Owners and administrators see all."),
    )  # fmt: skip
    writers = forms.MultipleChoiceField(
        label=_("Who writes it"), widget=forms.CheckboxSelectMultiple, required=False,
        help_text=_("None chosen: every role that sees it and changes people. Owners and administrators always may."),
    )  # fmt: skip

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["purposes"].choices = [  # type: ignore[attr-defined]
            (one.value, f"{one.label} ({_roles_of(one)})") for one in Purpose
        ]
        self.fields["writers"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in _others() if "write" in policy.grant(role, "person").actions
        ]


class NewFieldForm(FieldForm):
    """And what stays as it was made."""

    resource = forms.ChoiceField(label=_("Of"), widget=forms.RadioSelect, choices=list(RESOURCES.items()))
    kind = forms.ChoiceField(
        label=_("What its values are"), widget=forms.RadioSelect,
        choices=[(kind.value, words) for kind, words in KINDS.items()],
        help_text=_("It stays so: values of one kind are not those of another."),
    )  # fmt: skip
    options = forms.CharField(
        label=_("Options"), required=False, widget=forms.Textarea(attrs={"rows": 5, "class": "textarea"}),
        help_text=_("For choices only. One a line; they can be renamed at any time."),
    )  # fmt: skip
    currency = forms.CharField(
        label=_("Currency"), max_length=3, required=False,
        help_text=_("For money only. Three letters, for example EUR."),
    )  # fmt: skip
    field_order = (
        "label",
        "help",
        "resource",
        "kind",
        "options",
        "currency",
        "is_listed",
        "purposes",
        "writers",
    )


def _others() -> list[Role]:
    return [role for role in Role if role not in STEERING]


def _roles_of(purpose: Purpose) -> str:
    seeing = (
        role for role in _others()
        if purpose in OF_ROLE[role] and "read" in policy.grant(role, "person").actions and role is not Role.PARTNER
    )  # fmt: skip
    return ", ".join(str(role.label) for role in seeing)
