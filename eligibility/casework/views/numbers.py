"""The organisation's own numbers, as charts and as a table to download."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from eligibility.casework.charts import STACKED, Chart, Row, charts
from eligibility.casework.desk import Desk, at_desk
from eligibility.casework.models import Role
from eligibility.casework.numbers import SMALLEST, numbers, years
from eligibility.explain import words


@require_safe
@at_desk()
def page(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The charts of a year."""
    year, offered = _year(request, desk)
    drawn = charts(numbers(desk.organisation, year))
    context = {
        "desk": desk,
        "year": year,
        "years": offered,
        "charts": drawn,
        "outcomes": [(outcome.value, words.outcome(outcome)) for outcome in STACKED],
        "smallest": SMALLEST,
        "any": any(not chart.note for chart in drawn.values()),
    }
    return render(request, "casework/numbers.html", context)


@require_safe
@at_desk(Role.OWNER, fresh=True)
def table(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The tables behind the charts as one CSV file; hidden groups are hidden here as well."""
    year, _offered = _year(request, desk)
    desk.record("took_numbers", year=year)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([_("What was counted"), _("Group"), _("Within it"), _("Count"), _("Share")])
    for chart in charts(numbers(desk.organisation, year)).values():
        writer.writerows(_lines(chart))
    # With a mark at its front, by which spreadsheet programs know UTF-8.
    return HttpResponse(
        text.getvalue().encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="numbers-{year}.csv"'},
    )


def _lines(chart: Chart) -> list[list[str]]:
    def line(row: Row, within: str) -> list[str]:
        return [chart.what, chart.group, f"{within}{row.label}", row.count or _("hidden"), row.share]

    if chart.note:
        return [[chart.what, chart.group, "", chart.note, ""]]
    return [line(row, "") for row in chart.rows] + [
        line(row, f"{stack.label}: ") for stack in chart.stacks for row in stack.rows
    ]


def _year(request: HttpRequest, desk: Desk) -> tuple[int, list[int]]:
    """The year that was asked for, this one if none was, and those that can be. Raises Http404 for any other."""
    today = timezone.localdate()
    offered = years(desk.organisation, today)
    said: Any = request.GET.get("year", str(today.year))
    for year in offered:
        if said == str(year):
            return year, offered
    raise Http404
