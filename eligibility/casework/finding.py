"""Finding cases among many: filters that an address may show, and words that no address shows.

Names and contacts are sealed, so they are found by whole words (`keys.words_of`); pseudonyms by any part; `#12` is a
case's number.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Substr
from django.http import QueryDict

from eligibility.casework import keys
from eligibility.casework.models import OUTCOME_LETTERS, Case, CaseStatus, CaseWord, Change
from eligibility.vocabulary import Benefit, Outcome

ORDERS = {
    "changed": (F("changed").desc(),),
    "due": (F("next_due").asc(nulls_last=True), F("changed").desc()),
    "number": (F("number").desc(),),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list shows; each "" for all. `status` also `active` (all but the closed ones); `mine`, `consent`,
    `changed_law`: "1"; `due`: within so many days; `benefit` and `outcome` go together."""

    status: str = "active"
    mine: str = ""
    origin: str = ""
    destination: str = ""
    sector: str = ""
    work_status: str = ""
    benefit: str = ""
    outcome: str = ""
    due: str = ""
    consent: str = ""
    law: str = ""
    order: str = "changed"

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """From an address; words that mean nothing are passed over."""
        found = {field.name: query[field.name].strip() for field in fields(cls) if field.name in query}
        return cls(**{name: word for name, word in found.items() if _means(name, word)})

    def query(self) -> str:
        """As an address says it, without what is the default."""
        said = QueryDict(mutable=True)
        for field in fields(self):
            word = getattr(self, field.name)
            if word != field.default:
                said[field.name] = word
        return said.urlencode()

    @property
    def narrow(self) -> bool:
        """Anything but the list as it opens."""
        return any(getattr(self, field.name) != field.default for field in fields(self) if field.name != "order")


def _means(name: str, word: str) -> bool:
    match name:
        case "status":
            return word in ("", "active", *CaseStatus.values)
        case "benefit":
            return word in ("", *Benefit)
        case "outcome":
            return word in ("", *Outcome)
        case "due":
            return not word or (word.isascii() and word.isdigit() and len(word) <= 4)
        case "order":
            return word in ORDERS
        case "mine" | "consent" | "law":
            return word in ("", "1")
    return len(word) <= 30 and "\0" not in word


def find(cases: QuerySet[Case], filters: Filters, me: int, today: date, words: str = "") -> QuerySet[Case]:
    """Those of `cases` that fit. `me`: the membership that "mine" means; `words`: all of them must be found."""
    given: dict[str, Any] = {
        name: word for name in ("origin", "destination", "sector", "work_status") if (word := getattr(filters, name))
    }
    if filters.status == "active":
        given["status__in"] = (CaseStatus.OPEN, CaseStatus.WAITING)
    elif filters.status:
        given["status"] = filters.status
    if filters.mine:
        given["caseworker"] = me
    if filters.due:
        given["next_due__lte"] = today + timedelta(days=int(filters.due))
    found = cases.filter(**given)
    if filters.outcome:
        letter = OUTCOME_LETTERS[Outcome(filters.outcome)]
        if filters.benefit:
            place = list(Benefit).index(Benefit(filters.benefit))
            found = found.annotate(of_benefit=Substr("outcomes", place + 1, 1)).filter(of_benefit=letter)
        else:
            found = found.filter(outcomes__contains=letter)
    if filters.consent:
        found = found.filter(Q(consent_on=None) | Q(consent_withdrawn__isnull=False))
    if filters.law:
        found = found.filter(Exists(Change.objects.filter(case=OuterRef("pk"), seen=None)))
    for word in keys.terms_of(words):
        found = found.filter(_has(word))
    return found.order_by(*ORDERS[filters.order])


def _has(word: str) -> Q:
    number = word.removeprefix("#")
    if word.startswith("#") and number.isascii() and number.isdigit() and len(number) < 10:
        return Q(number=int(number))
    has = Q(pseudonym__icontains=word)
    for plain in keys.words_of(word)[:1]:  # of a telephone number its last digits
        # A subquery, not a join: every word may be another row.
        has |= Q(pk__in=CaseWord.objects.filter(mark__in=keys.possible_marks(plain)).values("case"))
    return has
