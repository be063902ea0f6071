"""What the database holds: people's work, and what they tell of mistakes; never the law, never a worker's answers."""

from __future__ import annotations

from django.db import models
from django.db.models import F


class Report(models.Model):
    """How often somebody said that a rule, as one edition of the rulebook has it, is wrong, and why. No personal data:
    there is no free text, no address and no time of day."""

    class Reason(models.TextChoices):
        CHANGED = "changed"
        OFFICE = "office"
        HAPPENED = "happened"
        UNCLEAR = "unclear"
        LANGUAGE = "language"

    rule = models.CharField(max_length=120)
    edition = models.CharField(max_length=80)
    reason = models.CharField(max_length=16, choices=Reason)
    language = models.CharField(max_length=16)
    count = models.PositiveIntegerField(default=0)
    last = models.DateField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint("rule", "edition", "reason", "language", name="one_row_for_each_kind_of_report"),
        )
        ordering = ("-last", "rule")

    def __str__(self) -> str:
        return f"{self.rule}: {self.reason} ({self.count})"

    @classmethod
    def note(cls, rule: str, edition: str, reason: str, language: str) -> None:
        """Count one more report of this kind."""
        row, _made = cls.objects.get_or_create(rule=rule, edition=edition, reason=reason, language=language)
        cls.objects.filter(pk=row.pk).update(count=F("count") + 1)
