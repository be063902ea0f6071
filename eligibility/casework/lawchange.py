"""When the law changes: every open case is asked again, and what changed for whom is kept, with the rule that did it.

The law changes in two ways: another edition is loaded, or a day comes on which a rule of the same edition begins or
ends. Each case notes the edition and the day up to which that was looked at (`Case.law`, `Case.law_on`), and goes on
from there: whatever became of a worker, a task or an edition in between, no case is left out or asked twice.

Two editions are compared as of the same day, today, and two days by the same edition, so that the passing of time is
never taken for a change of law. What the case was told is the same on both sides: what it is now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from enum import IntEnum
from functools import cached_property
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Min, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django_tasks import task

from eligibility import current
from eligibility.casework import answering, turns
from eligibility.casework.models import (
    OUTCOME_LETTERS,
    Adoption,
    AnswerReason,
    Case,
    CaseStatus,
    Change,
    StoredAnswer,
)
from eligibility.engine import CaseError
from eligibility.engine.career import Career
from eligibility.engine.impact import Aspect, Changes, Pair, compare_careers
from eligibility.explain.impact import changed_data, difference_data
from eligibility.rulebook import Rulebook, differences
from eligibility.rulebook.differences import WORDS, Difference, How, Kind
from eligibility.rulebook.editions import EditionError
from eligibility.vocabulary import Benefit

AT_ONCE = 100
"""Cases in one transaction: few, so that nobody waits long for the database."""

ALIKE = ("origin", "destination", "sector", "work_status")
"""Cases that agree in these are mostly told the same."""

MATTERS = frozenset(Aspect) - {Aspect.CONFIDENCE, Aspect.PRESUMED, Aspect.PROMISES, Aspect.COMING}
"""What a caseworker must know of. How sure a source is, what is promised and what is announced moves no one's right;
what is announced is told on the day on which it becomes law."""

UNTOLD = frozenset({"checked", "note"})
"""Fields of the law that no stored answer holds. Every rule of a country is checked anew now and then."""


def adopt() -> Adoption | None:
    """Take the loaded edition into use: called whenever a process that stays starts. Where it is another than the last
    one, all open cases are to be asked again in the background. Returns the adoption if this call made it.

    The first edition of an installation is noted, and nothing is asked. Several processes may call this at once.
    """
    edition, last = current.rulebook().edition, Adoption.objects.first()
    if last is not None and last.edition == edition:
        return None
    current.keep()
    adoption = Adoption(pk=1, edition=edition, finished=timezone.now())
    if last is not None:
        adoption = Adoption(pk=last.pk + 1, edition=edition, before=last.edition)
    try:
        with transaction.atomic():
            adoption.save(force_insert=True)
            if last is not None:
                catch_up.enqueue()
    except IntegrityError:
        return None  # another process was faster
    return adoption


@task()
def catch_up() -> dict[str, int]:
    """`follow` as a task."""
    return asdict(follow(timezone.now()))


def still_open(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those that are asked again: not closed, and with something to ask."""
    return cases.exclude(status=CaseStatus.CLOSED).exclude(edition="")


def waiting(cases: QuerySet[Case]) -> int:
    """How many of these cases the edition in use has not been looked at for."""
    last = Adoption.objects.first()
    return 0 if last is None else still_open(cases).exclude(law=last.edition).count()


@dataclass
class Done:
    """How many cases were looked at, how many of them had to be asked, and for how many something changed."""

    cases: int = 0
    asked: int = 0
    changed: int = 0


def follow(now: datetime) -> Done:
    """Ask every open case again for which the law may have changed since it was last looked at.

    May be stopped and begun again at any time, and run twice at once. It is also what is done once a day.
    """
    done, adoption, today = Done(), Adoption.objects.first(), timezone.localdate(now)
    if adoption is None:
        return done
    law = Following(current.law_of(adoption.edition), today)
    left = ~Q(law=law.new.edition)
    behind = still_open(Case.objects).filter(law=law.new.edition, law_on__lt=today)
    since = behind.aggregate(since=Min("law_on"))["since"]
    if since is not None and differences.meanwhile(law.new, since, today):
        left |= Q(law_on__lt=today)
    left_over = still_open(Case.objects).filter(left)
    # Those who are alike one after the other, while what was made for one of them is still remembered for the next.
    while keys := list(left_over.order_by(*ALIKE, "pk").values_list("pk", flat=True)):
        for start in range(0, len(keys), AT_ONCE):
            if not _look_at(_read(left_over.filter(pk__in=keys[start : start + AT_ONCE])), law, adoption, done):
                return done  # yet another edition was taken into use, and has a task of its own
    Adoption.objects.filter(pk=adoption.pk, finished=None).update(finished=timezone.now())
    return done


def _read(cases: QuerySet[Case]) -> list[Case]:
    newest = StoredAnswer.objects.filter(case=OuterRef("case")).values("pk")[:1]
    last = Prefetch("answers", StoredAnswer.objects.filter(pk=newest))  # what `first` gives in `ask`
    return list(cases.defer("name", "contacts").prefetch_related("stays", last))


def _look_at(cases: list[Case], law: Following, adoption: Adoption, done: Done) -> bool:
    """Ask some cases and write down what came out; False if meanwhile another edition was taken into use.

    What takes long is done before the database is locked. A case that somebody changed in that time is left for later.
    """
    asked = {case.pk: found for case in cases if (found := law.ask(case)) is not None}
    with turns.turn():
        # Locked: one worker at a time, and whoever reads changes under this lock reads all of them (`digest`).
        if Adoption.objects.select_for_update().order_by("-pk").first() != adoption:
            return False
        now = Case.objects.filter(pk__in=[case.pk for case in cases]).select_for_update()
        as_read = {one[0]: one for one in now.values_list("pk", "version", "status", "law", "law_on")}
        same = [c for c in cases if as_read.get(c.pk) == (c.pk, c.version, c.status, c.law, c.law_on)]
        found = [(case, asked[case.pk]) for case in same if case.pk in asked]
        StoredAnswer.objects.bulk_create([one.answer for _case, one in found if one.answer is not None])
        changes = [change for _case, one in found for change in one.changes(adoption)]
        Change.objects.bulk_create(changes)
        alike: dict[tuple[str, bool], list[Any]] = {}
        for case, one in found:
            if one.answer is not None:
                alike.setdefault((case.outcomes, case.asks), []).append(case.pk)
        for (outcomes, asks), keys in alike.items():
            Case.objects.filter(pk__in=keys).update(outcomes=outcomes, asks=asks, edition=law.new.edition)
        # Neither `version` nor `changed`: whoever has the case open in a form is not disturbed.
        Case.objects.filter(pk__in=[case.pk for case in same]).update(law=law.new.edition, law_on=law.today)
        Adoption.objects.filter(pk=adoption.pk, finished=None).update(asked=F("asked") + len(found))
    done.cases += len(same)
    done.asked += len(found)
    done.changed += len({change.case_id for change in changes})
    return True


# --- one case --------------------------------------------------------------------------------------------------------


class Concern(IntEnum):
    """What of an answer can differ: nothing, its words alone, or what it says."""

    NOTHING = 0
    WORDS = 1
    LAW = 2


@dataclass(frozen=True)
class Between:
    """What differs between the law of two editions on one day (`since` and `until` are the same), or of two days of
    one: worked out once for all cases. `old` is None for an edition that is lost."""

    old: Rulebook | None
    new: Rulebook
    since: date
    until: date
    _pairs: dict[Pair, Concern] = field(default_factory=dict)

    @cached_property
    def changes(self) -> Changes | None:
        return Changes(self.old, self.new, self.since, self.until) if self.old is not None else None

    @cached_property
    def _facts(self) -> frozenset[str]:
        return frozenset(one.id for one in self.changes.all if one.kind is Kind.FACT) if self.changes else frozenset()

    @cached_property
    def _parts(self) -> dict[differences.Ref, Any]:
        return differences.parts(self.new)

    def concerns(self, asked: dict[str, Any]) -> Concern:
        """What of the answer can differ. Where it is nothing, the case need not be asked again."""
        pairs = ((asked["origin"], stay["destination"]) for stay in asked["stays"])
        if any(not self._facts.isdisjoint(stay["facts"]) for stay in asked["stays"]):
            return Concern.LAW
        return max(self._pair(pair) for pair in pairs)

    def _pair(self, pair: Pair) -> Concern:
        if self.changes is None:
            return Concern.LAW
        found = self._pairs.get(pair)
        if found is None:
            found = self._pairs[pair] = self._concern(pair, self.changes)
        return found

    def _concern(self, pair: Pair, changes: Changes) -> Concern:
        # A country that came or went, or changed its role, reaches no benefit by itself.
        if changes.concerned(*pair) or any(one.kind is Kind.COUNTRY and one.id in pair for one in changes.all):
            return Concern.LAW
        told = [one for one in changes.all if one.how is not How.CHANGED or {f.name for f in one.fields} - UNTOLD]
        words = any(one.concerns(*pair, benefit) for one in told for benefit in Benefit)
        return Concern.WORDS if words else Concern.NOTHING

    def ask(self, case: Case, asked: dict[str, Any]) -> tuple[list[dict[str, Any]], bool, Career | None]:
        """What differs of what matters, as `Change.benefits` keeps it; whether anything does; and the later answer,
        None where that law does not speak of the case."""
        now = _work_out(asked, self.new, self.until)
        if self.old is None:
            found = _by_headlines(case, now) if now is not None else []
            return found, bool(found) or now is None, now
        if self.concerns(asked) is Concern.WORDS and now is not None:
            return [], False, now
        was = _work_out(asked, self.old, self.since)
        if was is None or now is None:
            return [], was is not now, now
        found = self.compare(was, now)
        return found, bool(found), now

    def compare(self, before: Career, after: Career) -> list[dict[str, Any]]:
        """What differs of what matters between two answers to one case."""
        if self.changes is None:
            return []
        stays = zip(after.stays, compare_careers(before, after, self.changes), strict=True)
        return [
            {"stay": number, "destination": stay.destination, **changed_data(one), "by": [*map(self._part, one.by)]}
            for number, ((stay, _answer), found) in enumerate(stays)
            for one in found
            if not MATTERS.isdisjoint(one.aspects)
        ]

    def _part(self, one: Difference) -> dict[str, Any]:
        """A part of the law that differs: the fields that are more than words, and the day from which it is (or until
        which it was) law."""
        start, end = differences.span(self._parts[one.ref]) if one.ref in self._parts else (None, None)
        day = end if one.how is How.ENDED else start
        told = difference_data(one)
        told["fields"] = [each for each in told["fields"] if each["field"] not in WORDS]
        return told | {"day": day.isoformat() if day else None}


class Following:
    """The law that cases are to be asked by, on a day, against whatever they were asked by before."""

    def __init__(self, new: Rulebook, today: date) -> None:
        self.new, self.today = new, today
        self._steps: dict[tuple[str, date], tuple[tuple[AnswerReason, Between], ...]] = {}

    def steps(self, edition: str, on: date) -> tuple[tuple[AnswerReason, Between], ...]:
        """From an edition as of a day to this one as of today: first to today, then to this edition."""
        found = self._steps.get((edition, on))
        if found is None:
            found = self._steps[edition, on] = tuple(self._make_steps(edition, on))
        return found

    def _make_steps(self, edition: str, on: date) -> Iterator[tuple[AnswerReason, Between]]:
        try:
            old = current.law_of(edition)
        except EditionError:
            old = None
        if old is not None and differences.meanwhile(old, on, self.today):
            yield AnswerReason.DAY, Between(old, old, on, self.today)
        if edition != self.new.edition:
            yield AnswerReason.LAW, Between(old, self.new, self.today, self.today)

    def ask(self, case: Case) -> Asked | None:
        """Ask a case again; None if nothing can have changed. Writes nothing. If there is a new answer, its headlines
        are noted on the case, which is not saved."""
        asked = answering.asked_of(case, self.today)
        steps = [
            (reason, step)
            for reason, step in self.steps(case.law or case.edition, case.law_on or self.today)
            if step.concerns(asked)
        ]
        if not steps:
            return None
        found = [(reason, *step.ask(case, asked)) for reason, step in steps]
        told = [(reason, benefits) for reason, benefits, differs, _now in found if differs]
        reason, now = found[-1][0], found[-1][3]
        if steps[-1][1].new.edition != self.new.edition:
            now = _work_out(asked, self.new, self.today)
        last = case.answers.first()
        if now is None:
            return Asked(case, self.today, told, last, None, None)
        answer = answering.fresh(case, asked, now, self.new, last, reason=reason)
        if answer is not None:
            answering.headlines(case, now, self.new)
        return Asked(case, self.today, told, last, answer, answer or last)


@dataclass(frozen=True)
class Asked:
    """What came out when a case was asked again: what changed, by reason; the answer that held; a new one to be kept,
    None if the old one says the same; and the one that holds now, None if the law does not speak of the case."""

    case: Case
    on: date
    told: list[tuple[AnswerReason, list[dict[str, Any]]]]
    before: StoredAnswer | None
    answer: StoredAnswer | None
    after: StoredAnswer | None

    def changes(self, adoption: Adoption) -> Iterator[Change]:
        """As rows. The new answer must be saved before they are made."""
        for reason, benefits in self.told:
            yield Change(
                organisation_id=self.case.organisation_id,
                case=self.case,
                adoption=adoption,
                reason=reason,
                on=self.on,
                before=self.before,
                after=self.after,
                benefits=benefits,
            )


def _work_out(asked: dict[str, Any], law: Rulebook, on: date) -> Career | None:
    """The answer of that day; None where that law does not speak of the case."""
    try:
        return answering.work_out(asked | {"on": on.isoformat()}, law)
    except CaseError:
        return None


def _by_headlines(case: Case, now: Career) -> list[dict[str, Any]]:
    """What differs from the outcomes noted on the case: all that is left where the edition before is lost."""
    letters = {letter: outcome for outcome, letter in OUTCOME_LETTERS.items()}
    number, (stay, determination) = len(now.stays) - 1, now.stays[-1]
    return [
        {
            "stay": number,
            "destination": stay.destination,
            "benefit": benefit.value,
            "before": letters[letter].value,
            "after": determination.answers[benefit].outcome.value,
            "aspects": [Aspect.OUTCOME.value],
            "by": [],
        }
        for benefit, letter in zip(Benefit, case.outcomes, strict=True)
        if letters[letter] is not determination.answers[benefit].outcome
    ]
