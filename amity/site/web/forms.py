"""Forms of the Settings screen. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

import zoneinfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from amity.kernel.errors import DomainError
from amity.kernel.workspace import Workspace
from amity.site.services.profile import Profile

_MINUTES_IN_30_DAYS = 43_200


def show_errors(form: forms.Form, error: DomainError) -> None:
    """Put what a service refused beside the fields that it names."""
    named = {name: message for name, message in error.fields.items() if name in form.fields}
    for name, message in named.items():
        form.add_error(name, message)
    if not named:
        form.add_error(None, error.message)


class ProfileForm(forms.Form):
    """A colleague's own settings."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Colleagues see it everywhere, customers under your answers."),
    )  # fmt: skip
    language = forms.ChoiceField(label=_("Language"))
    time_zone = forms.CharField(
        label=_("Time zone"),
        widget=forms.TextInput(attrs={"list": "time-zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Type a city, for example Berlin. Times and days are shown as they are there."),
    )
    theme = forms.ChoiceField(
        label=_("Colours"),
        widget=forms.RadioSelect,
        choices=[("system", _("Like the device")), ("light", _("Light")), ("dark", _("Dark"))],
    )
    single_keys = forms.BooleanField(
        label=_("Use single keys as shortcuts"),
        required=False,
        help_text=_("Switch it off if you dictate or if keys are pressed by accident. Ctrl K always works."),
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # as Form takes them
        self.fields["language"].choices = list(settings.LANGUAGES)  # type: ignore[attr-defined]

    def profile(self) -> Profile:
        return Profile(**self.cleaned_data)


def time_zones() -> list[str]:
    """The zones that a person would choose from: places, not abbreviations."""
    return sorted(
        zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith("Etc/")
    )


class PasswordForm(forms.Form):
    """A new password, proven by the current one."""

    current = forms.CharField(
        label=_("Current password"), strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )  # fmt: skip
    new = forms.CharField(
        label=_("New password"), strip=False, min_length=10,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters. A sentence is easier to remember than a word."),
    )  # fmt: skip


class WorkspaceForm(forms.Form):
    """What the company calls itself and what it expects of itself."""

    name = forms.CharField(label=_("Name of the company"), max_length=80)
    icon = forms.ChoiceField(
        label=_("Mark"),
        required=False,
        choices=[
            ("", _("First letter of the name")),
            ("coffee", _("Cup")),
            ("store", _("Shop")),
            ("shopping-bag", _("Bag")),
            ("package", _("Parcel")),
            ("truck", _("Truck")),
            ("wrench", _("Wrench")),
            ("building-2", _("Building")),
            ("globe", _("Globe")),
            ("heart", _("Heart")),
            ("star", _("Star")),
        ],
        help_text=_("Stands beside the name, above the rail."),
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label=_("Currency"),
        help_text=_("Three letters, for example EUR. Sums are shown in it."),
        error_messages={"invalid": _("Use the three capital letters of a currency, for example EUR.")},
    )
    reply_target_minutes = forms.IntegerField(
        label=_("Answer within, in minutes"), min_value=1, max_value=_MINUTES_IN_30_DAYS,
        help_text=_("A conversation that waits for longer is late."),
    )  # fmt: skip
    public_reply_target_minutes = forms.IntegerField(
        label=_("Answer public posts within, in minutes"),
        min_value=1,
        max_value=_MINUTES_IN_30_DAYS,
        help_text=_("Many read a public post while it waits."),
    )
    vip_reply_target_minutes = forms.IntegerField(
        label=_("Answer gold customers within, in minutes"), min_value=1, max_value=_MINUTES_IN_30_DAYS
    )
    phone_region = forms.RegexField(
        r"^[A-Za-z]{2}$", label=_("Country of phone numbers without a country code"), required=False,
        help_text=_("Two letters, such as DE: 030 123456 in a file becomes +4930123456. Empty: it stays as it is."),
    )  # fmt: skip
    silver_from = forms.IntegerField(
        label=_("Silver tier from"), min_value=0, help_text=_("Bought in all, in your currency.")
    )
    gold_from = forms.IntegerField(label=_("Gold tier from"), min_value=0)
    propose_duplicates_from = forms.IntegerField(
        label=_("Propose two records as one person from, in percent"), min_value=1, max_value=99,
        help_text=_("How likely it is that they are one, before they stand under Duplicates."),
    )  # fmt: skip
    link_duplicates = forms.BooleanField(
        label=_("Merge by rule"), required=False,
        help_text=_(
            "Merge records by themselves where less than one in ten thousand would be wrong. "
            "Everything can be taken back."
        ),
    )  # fmt: skip

    def clean_phone_region(self) -> str:
        return str(self.cleaned_data["phone_region"]).upper()

    @classmethod
    def initial_of(cls, workspace: Workspace) -> dict[str, object]:
        return {name: getattr(workspace, name) for name in cls.base_fields}


class TeamForm(forms.Form):
    """The name of a team."""

    name = forms.CharField(label=_("Name"), max_length=80)
