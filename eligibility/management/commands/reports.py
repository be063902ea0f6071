"""`manage.py reports`: the rules that people said are wrong, most often first."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Max, Sum

from eligibility.web.models import Report


class Command(BaseCommand):
    help = "List the rules that people on the worker's pages said are wrong, those named most often first."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = (
            Report.objects.order_by()
            .values("rule", "reason")
            .annotate(times=Sum("count"), day=Max("last"))
            .order_by("-times", "rule")
        )
        self.stdout.write(f"{len(rows)} kinds of report")
        for row in rows:
            self.stdout.write(f"{row['times']:6}  {row['reason']:10} {row['rule']}  (last on {row['day']})")
