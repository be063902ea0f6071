"""Keys in the admin: made (and shown once), scoped, revoked; who uses theirs and when they last did."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from rest_framework_api_key.admin import APIKeyModelAdmin
from rest_framework_api_key.models import APIKey

from eligibility.api.models import SCOPES, OrganisationKey


class KeyForm(forms.ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {says}") for name, says in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=list(SCOPES),
    )

    class Meta:
        model = OrganisationKey
        fields = ("name", "scopes", "expiry_date", "revoked")


@admin.register(OrganisationKey)
class OrganisationKeyAdmin(APIKeyModelAdmin):
    form = KeyForm
    list_display = ("prefix", "name", "scopes", "created", "expiry_date", "last_used", "revoked")

    def get_readonly_fields(self, request: Any, obj: Any = None) -> tuple[str, ...]:
        fields = (*super().get_readonly_fields(request, obj), "created", "last_used")
        return fields if obj is not None else tuple(name for name in fields if name not in ("created", "last_used"))


# The package's own kind of key opens nothing here, so nobody should be able to make one.
admin.site.unregister(APIKey)
