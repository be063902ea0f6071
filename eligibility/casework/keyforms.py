"""The forms for passkeys and security keys, where allauth's say something that nobody can translate or understand."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy


class AddKey(AddWebAuthnForm):  # type: ignore[misc]
    """Its button lets the browser ask for the key, and only then sends the form."""

    name = forms.CharField(label=lazy("Name"), required=False)
    credential = forms.JSONField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        if not self.errors and not data.get("credential"):  # sent by the Enter key
            raise forms.ValidationError(_("Press the button: your browser then asks for your passkey or key."))
        return data


class EditKey(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=lazy("Name"))
