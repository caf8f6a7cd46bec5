"""Forms of accounts. They only read what was typed; services decide whether it can be."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

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
