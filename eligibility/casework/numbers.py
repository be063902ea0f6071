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

from collections import Counter
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


def years(organisation: Organisation, today: date) -> list[int]:
    """The years that can be chosen, the newest first: from the first case to this year."""
    first = Case.objects.filter(organisation=organisation).aggregate(first=Min("created"))["first"]
    last = Claim.objects.filter(case__organisation=organisation).aggregate(last=Max("due"))["last"]
    newest = max(today.year, last.year if last else 0)
    return list(range(newest, (timezone.localtime(first).year if first else today.year) - 1, -1))


def numbers(organisation: Organisation, year: int) -> Numbers:
    """The statistics of a calendar year. Six queries, whatever the number of cases."""
    begin, end = _first_moment(year), _first_moment(year + 1)
    # A case without an answer has no country of work either: it is counted once it has.
    answered = Case.objects.filter(organisation=organisation).exclude(outcomes="")
    cases = answered.filter(created__gte=begin, created__lt=end)
    kinds = _by(cases, "origin", "destination", "sector", "work_status", "outcomes")
    months = [_first_moment(year, month) for month in range(1, 13)]
    days = [moment.date() for moment in months]
    claims = Claim.objects.filter(case__organisation=organisation, due__year=year)
    opened, corridors, sectors, statuses, consent, *outcomes = _all_or_none(
        _by_month(cases, "created", months, end),
        _fold(kinds, lambda kind: (kind[0], kind[1])),
        _fold(kinds, lambda kind: Sector(kind[2])),
        _fold(kinds, lambda kind: Status(kind[3])),
        _consent(cases),
        *(_outcomes(kinds, place) for place in range(len(Benefit))),
    )
    (closed,) = _all_or_none(_by_month(answered.filter(closed_on__year=year), "closed_on", days, end.date()))
    due, results = _all_or_none(
        _by_month(claims, "due", days, end.date()),
        dict.fromkeys(ClaimStatus, 0) | {ClaimStatus(status): n for (status,), n in _by(claims, "status").items()},
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


def _first_moment(year: int, month: int = 1) -> datetime:
    return timezone.make_aware(datetime(year, month, 1))  # noqa: DTZ001


def _by(rows: QuerySet[Any], *columns: str) -> Counter[tuple[str, ...]]:
    """How many rows for each combination of values."""
    found = rows.order_by().values_list(*columns).annotate(n=Count("pk"))
    return Counter({tuple(values): n for *values, n in found})


def _by_month(rows: QuerySet[Any], column: str, begins: list[Any], end: Any) -> dict[int, int]:
    """How many rows in each month: one pass, and no function of the database that would be called for each row."""
    ends = [*begins[1:], end]
    counts = rows.aggregate(
        **{
            f"m{month}": Count("pk", filter=Q(**{f"{column}__gte": begin, f"{column}__lt": until}))
            for month, (begin, until) in enumerate(zip(begins, ends, strict=True), 1)
        }
    )
    return {month: counts[f"m{month}"] for month in range(1, 13)}


def _fold(kinds: Mapping[tuple[str, ...], int], group: Any) -> Counter[Any]:
    folded: Counter[Any] = Counter()
    for kind, n in kinds.items():
        folded[group(kind)] += n
    return folded


def _outcomes(kinds: Mapping[tuple[str, ...], int], place: int) -> dict[Outcome, int]:
    letters = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
    return dict.fromkeys(Outcome, 0) | _fold(kinds, lambda kind: letters[kind[4][place]])


def _consent(cases: QuerySet[Case]) -> dict[str, int]:
    found: dict[str, int] = cases.aggregate(
        given=Count("pk", filter=Q(consent_on__isnull=False, consent_withdrawn=None)),
        missing=Count("pk", filter=Q(consent_on=None, consent_withdrawn=None)),
        withdrawn=Count("pk", filter=Q(consent_withdrawn__isnull=False)),
    )
    return found


def _largest_first(shown: Shown[K]) -> Shown[K]:
    def size(one: tuple[K, int | None]) -> tuple[int, str]:
        return -(one[1] or 0), str(one[0])

    return Shown(dict(sorted(shown.counts.items(), key=size)), shown.total, shown.hidden)
