"""The numbers as charts: a sentence that says what is to be seen, and the places of the marks, in percent.

Charts are SVG without a view box: lengths across are percent of whatever room there is, and text keeps its size. Each
stands beside the table that it is drawn from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from eligibility.casework.models import ClaimStatus
from eligibility.casework.numbers import Numbers, Shown
from eligibility.explain import words
from eligibility.vocabulary import Benefit, Outcome, Sector, Status

COLUMN_HEIGHT = 110
"""Pixels of the highest column."""

VEIL_HEIGHT = 12
"""Pixels of a column whose number is hidden, whatever it is."""

MOST_BARS = 12
"""A chart shows no more groups than this, its table all of them."""

WIDE_ENOUGH = 6.0
"""Percent of a stacked bar that a number fits into."""

STACKED = (Outcome.PORTABLE, Outcome.RETAINED, Outcome.DEPENDS, Outcome.LOST, Outcome.NONE)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table behind a chart. `count` and `share` are "" where they are hidden."""

    label: str
    count: str
    share: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar across. `width`: percent of the widest. `other`: groups too small to be named, or too many. `told`: the
    title of the chart speaks of it."""

    label: str
    count: str
    width: str
    other: bool = False
    told: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One month. `x`, `width`, `middle` in percent; `y` and `height` in pixels. `count`: "" where hidden."""

    label: str
    name: str
    count: str
    x: str
    width: str
    middle: str
    y: int
    height: int
    highest: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a stacked bar; `kind` an outcome, or `hidden`. `text` is "" where it would not fit."""

    kind: str
    label: str
    x: str
    width: str
    middle: str
    text: str


@dataclass(frozen=True, slots=True)
class Stack:
    label: str
    segments: tuple[Segment, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """`title` says the finding; `what` says what was counted. `note`: why there is nothing to draw, or what is left
    out. One of `bars`, `columns` and `stacks` is filled. `base`: pixels from the top down to where columns stand.
    `hides`: something in it is hidden, so that the page must say how that is drawn."""

    name: str
    title: str
    what: str
    group: str
    rows: tuple[Row, ...] = ()
    note: str = ""
    bars: tuple[Bar, ...] = ()
    columns: tuple[Column, ...] = ()
    stacks: tuple[Stack, ...] = ()
    base: int = 0
    hides: bool = False


def charts(numbers: Numbers) -> dict[str, Chart]:
    """Every chart of the page, by name."""
    year = numbers.year
    opened = _("Cases opened in %(year)d") % {"year": year}
    due = _("Claims whose last day is in %(year)d") % {"year": year}
    return {
        chart.name: chart
        for chart in (
            _months("opened", numbers.opened, year, opened, _opened_title),
            _months("closed", numbers.closed, year, _("Cases closed in %(year)d") % {"year": year}, _closed_title),
            _bars("corridors", numbers.corridors, opened, _("Corridor"), _corridor, _corridor_title, _top),
            _bars("sectors", numbers.sectors, opened, _("Sector"), _sector, _most_title, _top),
            _bars("statuses", numbers.statuses, opened, _("Status there"), _status, _most_title, _top),
            _outcomes(numbers.outcomes, opened),
            _bars("consent", numbers.consent, opened, _("Consent"), _consent, _consent_title, lambda _shown: "missing"),
            _months("due", numbers.due, year, due, _due_title),
            _bars(
                "results",
                numbers.results,
                due,
                _("How far"),
                _result,
                _result_title,
                lambda _shown: ClaimStatus.GRANTED,
            ),
        )
    }


def grouped(count: int) -> str:
    """A number with its thousands apart, as the active language writes it."""
    return str(number_format(count, use_l10n=True, force_grouping=True))


def _percent(part: float, whole: float) -> str:
    """For an attribute of SVG: with a point, in every language."""
    return f"{100 * part / whole:.2f}%" if whole else "0%"


def _share(part: int, whole: int) -> str:
    return _("%(percent)s%%") % {"percent": number_format(round(100 * part / whole), use_l10n=True)} if whole else ""


def _rows(shown: Shown[Any], label: Callable[[Any], str]) -> tuple[Row, ...]:
    total = shown.total or 0
    return tuple(
        Row(label(group), grouped(n), _share(n, total)) if n is not None else Row(label(group), "", "")
        for group, n in shown.counts.items()
    )


def _nothing(shown: Shown[Any]) -> str:
    if shown.withheld:
        return _("Too few to show: the groups would tell of single people.")
    return "" if shown.total else _("Nothing yet.")


# --- Months ---


def _months(name: str, shown: Shown[int], year: int, what: str, title: Callable[[Shown[int], int], str]) -> Chart:
    highest = max(shown.seen.values(), default=0)
    base = 20 + (COLUMN_HEIGHT if highest else VEIL_HEIGHT)  # no empty room above where all is hidden
    slot = 100 / 12
    columns = tuple(
        Column(
            label=words.month_name(date(year, month, 1)),
            name=words.month(date(year, month, 1)),
            count="" if n is None else grouped(n),
            x=f"{(month - 1) * slot + slot * 0.12:.2f}%",
            width=f"{slot * 0.76:.2f}%",
            middle=f"{(month - 0.5) * slot:.2f}%",
            y=base - (height := round(COLUMN_HEIGHT * n / highest) if n and highest else 0),
            height=height,
            highest=bool(n) and n == highest,
        )
        for month, n in shown.counts.items()
    )
    note = _nothing(shown)
    return Chart(
        name=name,
        title=what if note else title(shown, year),
        what=what,
        group=_("Month"),
        rows=_rows(shown, lambda month: words.month(date(year, month, 1))),
        note=note,
        columns=() if note else columns,
        base=base,
        hides=bool(shown.hidden),
    )


def _highest(shown: Shown[Any]) -> tuple[Any, int] | None:
    """The largest group, if it is larger than every other one and than what is hidden can be."""
    ranked = sorted(shown.seen.items(), key=lambda one: -one[1])
    if not ranked or not ranked[0][1]:
        return None
    if (len(ranked) > 1 and ranked[0][1] == ranked[1][1]) or (shown.hidden or 0) >= ranked[0][1]:
        return None
    return ranked[0]


def _opened_title(shown: Shown[int], year: int) -> str:
    total = shown.total or 0
    said = ngettext("%(total)s case was opened", "%(total)s cases were opened", total) % {"total": grouped(total)}
    return _with_peak(said, shown, year)


def _closed_title(shown: Shown[int], year: int) -> str:
    total = shown.total or 0
    said = ngettext("%(total)s case was closed", "%(total)s cases were closed", total) % {"total": grouped(total)}
    return _with_peak(said, shown, year)


def _due_title(shown: Shown[int], year: int) -> str:
    total = shown.total or 0
    said = ngettext("%(total)s claim has its last day", "%(total)s claims have their last day", total)
    return _with_peak(said % {"total": grouped(total)}, shown, year)


def _with_peak(said: str, shown: Shown[int], year: int) -> str:
    highest = _highest(shown)
    if highest is None:
        return said
    month = words.month(date(year, highest[0], 1))
    return _("%(said)s, the most in %(month)s") % {"said": said, "month": month}


# --- Bars ---


def _bars(
    name: str,
    shown: Shown[Any],
    what: str,
    group: str,
    label: Callable[[Any], str],
    title: Callable[[Shown[Any], Callable[[Any], str]], str],
    about: Callable[[Shown[Any]], Any],
) -> Chart:
    """`about`: the group that the title speaks of, None for none."""
    seen = {one: n for one, n in shown.seen.items() if n}
    named = dict(list(seen.items())[:MOST_BARS])
    rest = (shown.total or 0) - sum(named.values())
    widest = max([*named.values(), rest], default=0)
    told = about(shown)
    bars = [Bar(label(one), grouped(n), _percent(n, widest), told=one == told) for one, n in named.items()]
    if rest:
        bars.append(Bar(_("All others"), grouped(rest), _percent(rest, widest), other=True))
    # A hidden group is not even named: that there is somebody in it is more than the table may tell.
    without = Shown({one: n for one, n in shown.counts.items() if n is not None}, shown.total, shown.hidden)
    rows = list(_rows(without, label))
    if shown.hidden:
        rows.append(Row(_("Hidden groups together"), grouped(shown.hidden), _share(shown.hidden, shown.total or 0)))
    note = _nothing(shown)
    return Chart(
        name=name,
        title=what if note else title(shown, label),
        what=what,
        group=group,
        rows=tuple(rows),
        note=note,
        bars=() if note else tuple(bars),
    )


def _corridor(pair: tuple[str, str]) -> str:
    return f"{words.country(pair[0])} → {words.country(pair[1])}"


def _sector(code: str) -> str:
    return words.sector(Sector(code))


def _status(code: str) -> str:
    return words.status(Status(code))


def _consent(word: str) -> str:
    return {"given": _("Noted"), "missing": _("Not noted, or withdrawn")}[word]


def _result(word: str) -> str:
    return str(ClaimStatus(word).label)


def _top(shown: Shown[Any]) -> Any:
    highest = _highest(shown)
    return highest and highest[0]


def _corridor_title(shown: Shown[Any], label: Callable[[Any], str]) -> str:
    highest = _highest(shown)
    if highest is None:
        return _("No corridor stands out")
    return _("%(group)s is the most frequent corridor") % {"group": label(highest[0])}


def _most_title(shown: Shown[Any], label: Callable[[Any], str]) -> str:
    highest = _highest(shown)
    if highest is None:
        return _("No group stands out")
    return _("%(group)s: %(count)s of %(total)s cases") % {
        "group": label(highest[0]),
        "count": grouped(highest[1]),
        "total": grouped(shown.total or 0),
    }


def _consent_title(shown: Shown[Any], label: Callable[[Any], str]) -> str:
    missing, total = shown.counts["missing"], shown.total or 0
    if missing == 0:
        return _("No case lacks consent")
    if missing is None:
        return _("Consent, where it may be shown")
    return ngettext(
        "Consent is missing in %(missing)s of %(total)s case",
        "Consent is missing in %(missing)s of %(total)s cases",
        total,
    ) % {
        "missing": grouped(missing),
        "total": grouped(total),
    }


def _result_title(shown: Shown[Any], label: Callable[[Any], str]) -> str:
    granted = shown.counts[ClaimStatus.GRANTED]
    if granted is None:
        return _("How far the claims are")
    return _("%(granted)s of %(total)s claims were granted") % {
        "granted": grouped(granted),
        "total": grouped(shown.total or 0),
    }


# --- Outcomes ---


def _outcomes(tables: dict[Benefit, Shown[Outcome]], what: str) -> Chart:
    # They divide the same cases, so there is either something in all of them or in none.
    note = next((said for shown in tables.values() if (said := _nothing(shown))), "")
    drawn = {} if note else tables
    return Chart(
        name="outcomes",
        title=what if note else _outcomes_title(tables),
        what=what,
        group=_("Benefit"),
        note=note,
        stacks=tuple(
            Stack(words.benefit(benefit), tuple(_segments(shown)), _rows(shown, words.outcome))
            for benefit, shown in drawn.items()
        ),
        hides=any(shown.hidden for shown in drawn.values()),
    )


def _segments(shown: Shown[Outcome]) -> Iterator[Segment]:
    total = shown.total or 1
    parts: list[tuple[str, str, int]] = [
        (outcome.value, words.outcome(outcome), shown.counts[outcome] or 0) for outcome in STACKED
    ]
    parts.append(("hidden", _("Hidden"), shown.hidden or 0))
    begin = 0
    for kind, label, n in parts:
        if n:
            yield Segment(
                kind=kind,
                label=f"{label}: {grouped(n)}",
                x=_percent(begin, total),
                width=_percent(n, total),
                middle=_percent(begin + n / 2, total),
                text=_share(n, total) if 100 * n / total >= WIDE_ENOUGH else "",
            )
            begin += n


def _outcomes_title(tables: dict[Benefit, Shown[Outcome]]) -> str:
    lost = {benefit: n for benefit, shown in tables.items() if (n := shown.counts[Outcome.LOST])}
    if not lost:
        return _("What becomes of each benefit")
    benefit = max(lost, key=lambda one: lost[one])
    if len([n for n in lost.values() if n == lost[benefit]]) > 1 or any(
        (shown.hidden or 0) >= lost[benefit] for shown in tables.values()
    ):
        return _("What becomes of each benefit")
    return _("Lost most often: %(benefit)s, by %(count)s of %(total)s") % {
        "benefit": words.benefit(benefit),
        "count": grouped(lost[benefit]),
        "total": grouped(tables[benefit].total or 0),
    }
