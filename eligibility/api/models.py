"""The keys of organisations: hashed, so that nobody can read one out of the database; scoped; revocable."""

from __future__ import annotations

from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from rest_framework_api_key.models import AbstractAPIKey

SCOPES = {
    "answers": "determinations, careers, questions and comparisons",
    "batch": "many cases in one request",
    "law": "the rulebook: countries, schemes, rules, changes, where to get help",
    "sms": "the dialogue by text message",
}
"""What a key may be used for, in words."""

USED_EVERY = timedelta(minutes=10)
"""How exactly `last_used` is kept: a write for each request would cost more than it tells."""


def _all_scopes() -> list[str]:
    return list(SCOPES)


def _only_known(scopes: object) -> None:
    if not isinstance(scopes, list) or not scopes or not set(scopes) <= SCOPES.keys():
        raise ValidationError(f"A list of one or more of: {', '.join(SCOPES)}.")


class Dialogue(models.Model):
    """What one phone has told so far (`state`, an `eligibility.api.texting.State`). `number` is a keyed hash of the
    phone's number, which is never kept. Deleted when the answer is sent, on STOP, or when a day is over."""

    number = models.CharField(primary_key=True, max_length=64)
    state = models.JSONField()
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.until:%Y-%m-%d %H:%M}"


class OrganisationKey(AbstractAPIKey):
    """What an organisation's programs show to be served at the higher rate. `name` is the organisation's."""

    scopes = models.JSONField(
        default=_all_scopes, validators=[_only_known], help_text=f"A list of: {', '.join(SCOPES)}."
    )
    last_used = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"

    def used(self) -> None:
        """Note that the key was used just now, to within ten minutes."""
        now = timezone.now()
        stale = Q(last_used__isnull=True) | Q(last_used__lt=now - USED_EVERY)
        if self.last_used is None or self.last_used < now - USED_EVERY:
            type(self).objects.filter(stale, pk=self.pk).update(last_used=now)
