"""What an edition would change for the cases that are kept, before it is taken into use. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import QuerySet

from eligibility.casework import answering
from eligibility.casework.lawchange import Between, still_open
from eligibility.casework.models import Case
from eligibility.rulebook import Rulebook

SOME = 500


@dataclass(frozen=True, slots=True)
class CaseImpact:
    """What changes for one case. It is told by its number: no name. `benefits` as `Change.benefits`; `before` and
    `after`: does each law speak of the case at all?"""

    organisation: str
    number: int
    origin: str
    destination: str
    benefits: tuple[dict[str, Any], ...]
    before: bool
    after: bool


@dataclass(frozen=True, slots=True)
class CasesImpact:
    """What edition `new` would change against `old` for so many open `cases`, asked as of one day; those of which
    anything differs in law are `asked`."""

    old: str
    new: str
    on: date
    cases: int
    asked: int
    changed: tuple[CaseImpact, ...]

    def counted(self) -> Counter[Alike]:
        """How many cases change alike, most first."""
        found: Counter[Alike] = Counter()
        for case in self.changed:
            found.update({_alike(case, one) for one in case.benefits})
        return Counter(dict(found.most_common()))

    @property
    def silent(self) -> int:
        """How many cases the new edition would not speak of any more."""
        return sum(not case.after for case in self.changed)

    @property
    def again(self) -> int:
        """How many cases it would speak of that the old one does not."""
        return sum(not case.before for case in self.changed)


class Alike(NamedTuple):
    """What cases have in common that change in the same way."""

    origin: str
    destination: str
    benefit: str
    before: str
    after: str
    aspects: tuple[str, ...]
    by: tuple[tuple[str, str, str], ...]


def _alike(case: CaseImpact, one: dict[str, Any]) -> Alike:
    by = tuple((each["kind"], each["id"], each["how"]) for each in one["by"])
    aspects = tuple(one["aspects"]) if one["before"] == one["after"] else ()
    return Alike(case.origin, one["destination"], one["benefit"], one["before"], one["after"], aspects, by)


def over_cases(
    old: Rulebook,
    new: Rulebook,
    on: date,
    cases: QuerySet[Case],
    progress: Callable[[int, int], None] | None = None,
) -> CasesImpact:
    """What changes for those of the cases that are open. `progress` hears how many are done, of how many."""
    between = Between(old, new, on, on)
    found = still_open(cases)
    total, asked = found.count(), 0
    changed = []
    for done, case in enumerate(_read(found), 1):
        told = answering.asked_of(case, on)
        if between.concerns(told):
            asked += 1
            benefits, differs, now = between.ask(case, told)
            if differs:
                before, after = bool(benefits) or now is None, now is not None
                names = case.organisation.slug, case.number, case.origin, case.destination
                changed.append(CaseImpact(*names, tuple(benefits), before, after))
        if progress is not None and (done % SOME == 0 or done == total):
            progress(done, total)
    return CasesImpact(old.edition, new.edition, on, total, asked, tuple(changed))


def _read(cases: QuerySet[Case]) -> Iterator[Case]:
    with_stays = cases.select_related("organisation").defer("name", "contacts").prefetch_related("stays")
    return with_stays.order_by("organisation", "number").iterator(chunk_size=SOME)


def impact_data(impact: CasesImpact, *, each: bool) -> dict[str, Any]:
    """The whole of it, ready for JSON; `each`: every case by its number, else counts alone."""
    data: dict[str, Any] = {
        "old": impact.old,
        "new": impact.new,
        "on": impact.on.isoformat(),
        "cases": impact.cases,
        "asked": impact.asked,
        "changed": len(impact.changed),
        "no_longer_answered": impact.silent,
        "answered_again": impact.again,
        "transitions": [
            alike._asdict() | {"by": [dict(zip(("kind", "id", "how"), by, strict=True)) for by in alike.by], "cases": n}
            for alike, n in impact.counted().items()
        ],
    }
    if each:
        data["each"] = [asdict(case) for case in impact.changed]
    return data
