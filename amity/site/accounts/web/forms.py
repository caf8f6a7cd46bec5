"""Forms of accounts. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from amity.kernel.actor import Role
from amity.kernel.models import Team
from amity.site.accounts import sso
from amity.site.models import SingleSignOn

_PASSWORD_HINT = _("At least ten characters. A sentence is easier to remember than a word.")


def _new_password() -> forms.CharField:
    return forms.CharField(
        label=_("New password"),
        strip=False,
        min_length=10,
        max_length=1_000,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_PASSWORD_HINT,
    )


class NewPasswordForm(forms.Form):
    """A password to come in with."""

    new = _new_password()


class CodeForm(forms.Form):
    """Six digits of an app."""

    code = forms.CharField(
        label=_("Code of the app"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


def _name() -> forms.CharField:
    return forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Colleagues see it everywhere, customers under your answers."),
    )


def _address(label: object) -> forms.CharField:
    return forms.CharField(
        label=label,  # type: ignore[arg-type]  # lazy, as Django takes it
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class JoinForm(forms.Form):
    """Who was invited becomes a colleague."""

    name = _name()
    new = _new_password()


class SetupForm(forms.Form):
    """The first account, and what the company is called."""

    company = forms.CharField(
        label=_("Company"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    name = _name()
    email = _address(_("E-mail"))
    password = _new_password()


class AddressForm(forms.Form):
    """Another address for one's own account."""

    email = _address(_("E-mail address of your account"))


class AccountForm(forms.Form):
    """Role and teams of a colleague."""

    role = forms.ChoiceField(label=_("Role"), help_text=_("It decides what they may see and change."))
    teams = forms.MultipleChoiceField(label=_("Teams"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: object, roles: list[Role], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # as Form takes them
        self.fields["role"].choices = [(role.value, role.label) for role in roles]  # type: ignore[attr-defined]
        teams = [(str(team.pk), team.name) for team in Team.objects.all()]
        self.fields["teams"].choices = teams  # type: ignore[attr-defined]
        if not teams:
            del self.fields["teams"]

    def team_ids(self) -> list[UUID]:
        return [UUID(chosen) for chosen in self.cleaned_data.get("teams", [])]


class InviteForm(AccountForm):
    """Somebody who is to become a colleague."""

    email = _address(_("Their e-mail address"))
    field_order = ("email", "role", "teams")


class SecondFactorForm(forms.Form):
    """Which roles must have a second factor."""

    roles = forms.MultipleChoiceField(
        label=_("A second factor is needed by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [(role.value, role.label) for role in Role],
        help_text=_(
            "Who has none yet is led to set one up at the next click, and can do nothing else before."
        ),
    )


class SingleSignOnForm(forms.Form):
    """The identity provider of the company."""

    is_on = forms.BooleanField(label=_("Offer it on the sign-in page"), required=False)
    name = forms.CharField(label=_("Name on the button"), max_length=40)
    issuer = forms.CharField(
        label=_("Issuer"),
        max_length=300,
        widget=forms.URLInput(attrs={"spellcheck": "false"}),
        help_text=_(
            "The address of the provider exactly as it writes it, for example https://login.example.org."
        ),
    )
    client_id = forms.CharField(
        label=_("Client ID"), max_length=190, widget=forms.TextInput(attrs={"spellcheck": "false"})
    )
    secret = forms.CharField(
        label=_("Client secret"),
        max_length=300,
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept sealed and never shown again. Leave it empty to keep the one that is there."),
    )
    domains = forms.CharField(
        label=_("Domains whose people get an account by themselves"),
        required=False,
        widget=forms.TextInput(attrs={"spellcheck": "false"}),
        help_text=_("Empty means nobody: then people are invited first. example.org is that domain alone."),
    )
    role_for_new = forms.ChoiceField(label=_("Their role"))

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]  # as Form takes them
        roles = [(role.value, role.label) for role in sso.roles_for_new()]
        self.fields["role_for_new"].choices = roles  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(kept: SingleSignOn | None) -> dict[str, object]:
        if kept is None:
            return {"is_on": True, "role_for_new": Role.AGENT.value}
        return {
            "is_on": kept.is_on,
            "name": kept.name,
            "issuer": kept.issuer,
            "client_id": kept.client_id,
            "domains": ", ".join(kept.domains),
            "role_for_new": kept.role_for_new,
        }

    def provider(self) -> sso.Provider:
        read = self.cleaned_data
        return sso.Provider(
            name=read["name"],
            issuer=read["issuer"],
            client_id=read["client_id"],
            secret=read["secret"],
            domains=sso.read_domains(read["domains"]),
            role_for_new=read["role_for_new"],
            is_on=read["is_on"],
        )
