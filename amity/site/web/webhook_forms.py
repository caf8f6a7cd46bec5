"""Forms of Settings, Webhooks. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from amity.webhooks.kinds import KINDS


class EndpointForm(forms.Form):
    """Where to, and what of."""

    url = forms.CharField(
        label=_("Address"), max_length=2_048,
        widget=forms.URLInput(attrs={"placeholder": "https://", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("An https address of the system that shall hear. Amity sends it a POST with JSON."),
    )  # fmt: skip
    description = forms.CharField(
        label=_("What is it for"), max_length=200, required=False,
        help_text=_("For colleagues who find it here next year."),
    )  # fmt: skip
    types = forms.MultipleChoiceField(label=_("What it hears of"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["types"].choices = [  # type: ignore[attr-defined]
            (kind.type, f"{kind.meaning} ({kind.type})") for kind in KINDS.values()
        ]


class NewEndpointForm(EndpointForm):
    """The kind of key is chosen once."""

    signing = forms.ChoiceField(
        label=_("Signed with"),
        widget=forms.RadioSelect,
        choices=[
            ("v1", _("A secret that both sides know (HMAC-SHA256, what most libraries expect)")),
            ("v1a", _("A key pair of which the receiver gets the public half (Ed25519)")),
        ],
        initial="v1",
    )


class MappingField(forms.CharField):
    """A JSON object, typed as text."""

    widget = forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "textarea code"})

    def clean(self, value: Any) -> dict[str, Any] | None:
        text = super().clean(value)
        if not text.strip():
            return None
        try:
            found = json.loads(text)
        except ValueError as error:
            raise forms.ValidationError(_now("This is not valid JSON: %(why)s") % {"why": error}) from error
        if not isinstance(found, dict):
            raise forms.ValidationError(_now("Write one object: { … }"))
        return found


class InletForm(forms.Form):
    """Who sends, how they sign, how it is read."""

    name = forms.CharField(
        label=_("Which system sends here"), max_length=120,
        help_text=_("It becomes the source of what comes in, such as “Web shop”."),
    )  # fmt: skip
    key = forms.CharField(
        label=_("Its secret or public key"), max_length=200, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": "whsec_… / whpk_…"}),
        help_text=_("Only if the other system has made one. Left empty, Amity makes a secret for it."),
    )  # fmt: skip
    mapping = MappingField(
        label=_("How its JSON is read"), required=False,
        help_text=_("A mapping as for files, with dotted paths as columns. Left empty, it speaks Amity's own format."),
    )  # fmt: skip


class InletChangeForm(forms.Form):
    """How it is read from now on."""

    mapping = MappingField(label=_("How its JSON is read"))
    is_on = forms.BooleanField(label=_("Let in what is sent here"), required=False)
