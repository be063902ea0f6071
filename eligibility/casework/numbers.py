"""The organisation's own statistics: how many cases of what kind, with groups smaller than five hidden.

What is shown never tells of fewer than five people, not even to who subtracts. Three things see to that:

- `suppress` hides more than the small groups, where a total less the rest would give one away;
- all tables of cases count the very same cases (those opened in the year that have an answer), each divides them once,
  and no table divides them in two ways at once, so that no two tables can be set against each other; where one of them
  may not be shown at all, none is, since another one would tell its total;
- the only periods are calendar years, which do not overlap, so that none can be subtracted from another.

They do not help against who looks twice, before and after one case is added.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils import timezone

from eligibility.casework.models import OUTCOME_LETTERS, Case, Claim, ClaimStatus, Organisation
from eligibility.vocabulary import Benefit, Outcome, Sector, Status

SMALLEST = 5
"""The smallest group that is shown, in people or in claims."""

MONTHS = range(1, 13)

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Shown(Generic[K]):
    """A table as it may be shown: its groups, the largest first unless they have an order of their own; `counts` has
    None for a hidden group. `total` and `hidden` (people in all hidden groups together) are None, and `counts` is
    empty, where nothing at all may be shown."""

    counts: dict[K, int | None]
    total: int | None
    hidden: int | None

    @property
    def withheld(self) -> bool:
        """There is something, but too little to show any of it."""
        return self.total is None

    @property
    def seen(self) -> dict[K, int]:
        """The groups that are shown."""
        return {group: count for group, count in self.counts.items() if count is not None}


def suppress(counts: Mapping[K, int]) -> Shown[K]:
    """Hide every group of one to four, and as many others as it takes that nobody can work a hidden one out.

    An empty group is shown as 0: it tells of nobody. Hidden are all groups up to some size, the smallest size for which
    (1) two hidden groups differ, so that they could be exchanged without changing anything that is shown: whoever
    knows this very rule cannot tell either of them; and (2) any hidden group could be five or more, as far as the total
    tells, though somebody is in each. Where even hiding all does not do, nothing is shown, not even the total.
    """
    total = sum(counts.values())
    sizes = sorted(count for count in counts.values() if count)
    if not sizes or sizes[0] >= SMALLEST:
        return Shown(dict(counts), total, 0)
    for most in (SMALLEST - 1, *(size for size in sizes if size >= SMALLEST)):
        hidden = [size for size in sizes if size <= most]
        if _cannot_be_worked_out(hidden):
            return Shown({group: None if 0 < n <= most else n for group, n in counts.items()}, total, sum(hidden))
    return Shown({}, None, None)


def _cannot_be_worked_out(hidden: list[int]) -> bool:
    return hidden[0] != hidden[-1] and sum(hidden) - (len(hidden) - 1) >= SMALLEST


@dataclass(frozen=True, slots=True)
class Numbers:
    """One year of an organisation. Groups are codes; `words` of the pages make sentences of them.

    `opened`, `corridors` (origin, destination), `sectors`, `statuses`, `consent` and each of `outcomes` divide the
    cases opened in the year; `closed` those closed in it; `due` and `results` the claims whose last day is in it.
    Months are 1 to 12.
    """

    year: int
    opened: Shown[int]
    closed: Shown[int]
    corridors: Shown[tuple[str, str]]
    sectors: Shown[Sector]
    statuses: Shown[Status]
    outcomes: dict[Benefit, Shown[Outcome]]
    consent: Shown[str]
    due: Shown[int]
    results: Shown[ClaimStatus]


FARTHEST = 20
"""Years ahead that can be chosen: one mistyped deadline must not offer a thousand."""


def years(organisation: Organisation, today: date) -> list[int]:
    """The years that can be chosen, the newest first: from the first case to this year."""
    first = Case.objects.filter(organisation=organisation).aggregate(first=Min("created"))["first"]
    last = Claim.objects.filter(case__organisation=organisation).aggregate(last=Max("due"))["last"]
    newest = max(today.year, min(last.year, today.year + FARTHEST) if last else 0)
    return list(range(newest, (timezone.localtime(first).year if first else today.year) - 1, -1))


def numbers(organisation: Organisation, year: int) -> Numbers:
    """The statistics of a calendar year. As many queries for many cases as for few; those of cases opened in the year
    read the index `cases_counted` alone."""
    begins = [timezone.make_aware(datetime(year + month // 12, month % 12 + 1, 1)) for month in range(13)]  # noqa: DTZ001
    # A case without an answer has no country of work either: it is counted once it has.
    answered = Case.objects.filter(organisation=organisation).exclude(outcomes="")
    cases = answered.filter(created__gte=begins[0], created__lt=begins[12])
    kept = _by(cases, "outcomes")
    opened, corridors, sectors, statuses, consent, *outcomes = _all_or_none(
        # Twelve ranges of the index: no function that the database would call for each row.
        {month: answered.filter(created__gte=begins[month - 1], created__lt=begins[month]).count() for month in MONTHS},
        _by(cases, "origin", "destination"),
        {Sector(code): n for (code,), n in _by(cases, "sector").items()},
        {Status(code): n for (code,), n in _by(cases, "work_status").items()},
        _consent(cases),
        *(_outcomes(kept, place) for place in range(len(Benefit))),
    )
    (closed,) = _all_or_none(_by_month(_by(answered.filter(closed_on__year=year), "closed_on")))
    claims = _by(Claim.objects.filter(case__organisation=organisation, due__year=year), "due", "status")
    due, results = _all_or_none(
        _by_month(claims),
        {status: sum(n for (_day, had), n in claims.items() if had == status) for status in ClaimStatus},
    )
    return Numbers(
        year=year,
        opened=opened,
        closed=closed,
        corridors=_largest_first(corridors),
        sectors=_largest_first(sectors),
        statuses=_largest_first(statuses),
        outcomes=dict(zip(Benefit, outcomes, strict=True)),
        consent=consent,
        due=due,
        results=_largest_first(results),
    )


def _all_or_none(*tables: Mapping[Any, int]) -> list[Shown[Any]]:
    """Tables that divide the same people: if one may not be shown at all, none is."""
    shown = [suppress(table) for table in tables]
    return [Shown({}, None, None) for _one in shown] if any(one.withheld for one in shown) else shown


def _by(rows: QuerySet[Any], *columns: str) -> dict[tuple[Any, ...], int]:
    """How many rows for each combination of values. As `*`: no index has a case's key with the rest."""
    found = rows.order_by().values_list(*columns).annotate(n=Count("*"))
    return {tuple(values): n for *values, n in found}


def _by_month(by_day: Mapping[tuple[Any, ...], int]) -> dict[int, int]:
    """Counts by day, the first of each key, as counts by month."""
    months = dict.fromkeys(MONTHS, 0)
    for (day, *_rest), n in by_day.items():
        months[day.month] += n
    return months


def _outcomes(kept: Mapping[tuple[str, ...], int], place: int) -> dict[Outcome, int]:
    """How often each outcome stands at one of the nine places."""
    letters = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
    found = dict.fromkeys(Outcome, 0)
    for (outcomes,), n in kept.items():
        found[letters[outcomes[place]]] += n
    return found


def _consent(cases: QuerySet[Case]) -> dict[str, int]:
    """Two groups, not three: few withdraw, and hiding those would hide how many cases lack consent."""
    given = Q(consent_on__isnull=False, consent_withdrawn=None)
    found: dict[str, int] = cases.aggregate(
        given=Count("created", filter=given), missing=Count("created", filter=~given)
    )
    return found


def _largest_first(shown: Shown[K]) -> Shown[K]:
    def size(one: tuple[K, int | None]) -> tuple[int, str]:
        return -(one[1] or 0), str(one[0])

    return Shown(dict(sorted(shown.counts.items(), key=size)), shown.total, shown.hidden)
