"""What a new member is asked besides an address and a password. Apart from `accounts`, which allauth's forms import."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as lazy


class NameForm(forms.Form):
    """Fields that allauth adds to its own."""

    name = forms.CharField(
        label=lazy("Your name"),
        max_length=150,
        help_text=lazy("As your colleagues call you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: Any) -> None:
        """Keep the name. allauth calls this once the user is saved."""
        user.first_name = self.cleaned_data["name"]
        user.save(update_fields=["first_name"])
