"""What another edition of the law changes: for one case, and over all that can be asked on one day.

Two answers differ where they lead the worker somewhere else: another outcome, or something else of what stands beside
it. That another rule says the same thing, or says it in other words, is no difference. For every difference the parts
of the law that made it are named: of what differs between the editions, the nearest to what the answers rest on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from eligibility.engine.answer import Answer, Departure, Determination, Item, Promise, Protection, Shared
from eligibility.engine.career import Career
from eligibility.engine.determine import answer, index_of
from eligibility.engine.headline import RANK
from eligibility.engine.index import Corridor, Matter
from eligibility.engine.survey import corridors
from eligibility.rulebook import differences
from eligibility.rulebook.differences import Difference, How, Kind, Ref
from eligibility.rulebook.model import Announcement, Instrument, Provision, Rule, Rulebook, Scheme
from eligibility.vocabulary import Benefit, Outcome, Sector, Status

Pair = tuple[str, str]
"""An origin and a destination."""


class Aspect(StrEnum):
    """What of an answer differs. The outcome is one, and the first."""

    OUTCOME = "outcome"
    SCOPE = "scope"
    CONFIDENCE = "confidence"
    COULD_BE = "could_be"
    DEPENDS_ON = "depends_on"
    PRESUMED = "presumed"
    AT_WORK = "at_work"
    ON_LEAVING = "on_leaving"
    DEADLINE = "deadline"
    PAPERS = "papers"
    AT_HOME = "at_home"
    ON_RETURN = "on_return"
    PROMISES = "promises"
    COMING = "coming_changes"


@dataclass(frozen=True, slots=True)
class Changed:
    """One benefit whose answer differs. `aspects`: what differs, the outcome included if it does; `by`: the parts of
    the law that made the difference, empty if nothing that differs in the law explains it."""

    benefit: Benefit
    before: Outcome
    after: Outcome
    aspects: tuple[Aspect, ...]
    by: tuple[Difference, ...]


class Changes:
    """What differs between the law of two answers: two editions, or two days (`since`, `until`) of one, or both."""

    def __init__(self, old: Rulebook, new: Rulebook, since: date | None = None, until: date | None = None) -> None:
        self.old, self.new = old, new
        found = differences.between(old, new) if old != new else ()
        if since is not None and until is not None and since < until:
            found += differences.meanwhile(new, since, until)
        self.all = found
        self._by_ref: dict[Ref, list[int]] = {}  # by their places in `all`
        for place, one in enumerate(found):
            self._by_ref.setdefault(one.ref, []).append(place)
        self._concerned: dict[Pair, frozenset[Benefit]] = {}
        self._compared: dict[tuple[int, int, Pair], tuple[Answer, Answer, Changed | None]] = {}
        self._above = {child: rule for law in (old, new) for rule in law.rules.values() for child in rule.exceptions}

    def concerned(self, origin: str, destination: str) -> frozenset[Benefit]:
        """The benefits of which anything but words differs between two countries. Where there is none, no case needs
        to be asked again."""
        pair = origin, destination
        found = self._concerned.get(pair)
        if found is None:
            more = [one for one in self.all if not one.words_only]
            found = frozenset(benefit for benefit in Benefit if any(one.concerns(*pair, benefit) for one in more))
            self._concerned[pair] = found
        return found

    def of(self, refs: Iterable[Ref]) -> Iterator[Difference]:
        """The differences of these parts of the law, each once, in the order of all."""
        for place in sorted({place for ref in refs for place in self._by_ref.get(ref, ())}):
            yield self.all[place]

    def compared(self, before: Answer, after: Answer, pair: Pair) -> Changed | None:
        """`compare_answers`, once for all workers of a kind: those who get the very same two answers."""
        if not (isinstance(before, Shared) and isinstance(after, Shared)):
            return compare_answers(before, after, pair, self)
        key = id(before), id(after), pair
        found = self._compared.get(key)
        if found is None:  # it holds the answers, so that no others can come to lie in their places
            found = self._compared[key] = before, after, compare_answers(before, after, pair, self)
        return found[2]

    def grounds(self, refs: Iterable[Ref]) -> Iterator[Ref]:
        """What these rules and provisions stand on: the rules that they are exceptions to, their schemes and
        agreements, and the facts that any of them looks at."""
        for kind, name in refs:
            for law in (self.old, self.new):
                if kind is Kind.PROVISION and name in law.provisions:
                    provision = law.provisions[name]
                    yield Kind.AGREEMENT, provision.agreement
                    yield from ((Kind.FACT, fact) for fact in provision.when.facts())
                rule = law.rules.get(name) if kind is Kind.RULE else None
                while rule is not None:
                    yield Kind.SCHEME, rule.scheme
                    yield from ((Kind.FACT, fact) for fact in rule.when.facts())
                    rule = self._above.get(rule)
                    if rule is not None:
                        yield Kind.RULE, rule.id


# --- one case --------------------------------------------------------------------------------------------------------


def compare(before: Determination, after: Determination, changes: Changes) -> tuple[Changed, ...]:
    """The benefits whose answers differ, for one case that was determined twice by the laws that `changes` compares.

    Where the two were asked of different days, let `changes` know of the days.
    """
    pair = after.case.origin, after.case.destination
    found = (changes.compared(before.answers[one], after.answers[one], pair) for one in after.answers)
    return tuple(one for one in found if one is not None)


def compare_careers(before: Career, after: Career, changes: Changes) -> tuple[tuple[Changed, ...], ...]:
    """The same for a career that was determined twice: for each stay, in their order, what differs."""
    stays = zip(before.stays, after.stays, strict=True)
    return tuple(compare(was, now, changes) for (_stay, was), (_same, now) in stays)


def compare_answers(before: Answer, after: Answer, pair: Pair, changes: Changes) -> Changed | None:
    """What differs between two answers to one benefit between two countries; None if they lead to the same."""
    old, new = _lines(before), _lines(after)
    differing = old.keys() ^ new.keys()
    if not differing:
        return None
    aspects = {line.aspect for line in differing}
    outcome = Aspect.OUTCOME in aspects
    lines = [line for line in differing if line.aspect is Aspect.OUTCOME] if outcome else differing
    nearest = [part for line in lines for found in (old, new) for part in found.get(line, ())]
    everything = [part for found in (old, new) for behind in found.values() for part in behind]
    by = _made_by(nearest, everything, outcome, pair, before.benefit, changes)
    return Changed(before.benefit, before.outcome, after.outcome, tuple(a for a in Aspect if a in aspects), by)


def _made_by(
    nearest: Sequence[_Behind],
    everything: Sequence[_Behind],
    outcome: bool,
    pair: Pair,
    benefit: Benefit,
    changes: Changes,
) -> tuple[Difference, ...]:
    """The differences of law that made two answers differ: those of what the differing lines rest on; else of what
    that stands on; else of anything in the answers; else whatever differs for this benefit between these countries
    (a qualifying period, say, which an answer on leaving does not name)."""
    around = (one for one in changes.all if one.concerns(*pair, benefit))
    for candidates in (  # each is looked for only where the one before it has nothing
        changes.of(_refs(nearest)),
        changes.of(changes.grounds(_refs(nearest))),
        changes.of(_refs(everything)),
        changes.of(changes.grounds(_refs(everything))),
        around,
    ):
        found = tuple(one for one in candidates if (one.decides if outcome else not one.words_only))
        if found:
            return found
    return ()


_Behind = Rule | Provision | Scheme | Instrument | Announcement | None
"""A part of the law that stands behind something that an answer says."""


class _Line(NamedTuple):
    """One thing that an answer says, in words and numbers alone, so that two editions can be compared."""

    aspect: Aspect
    says: tuple[object, ...]


def _lines(told: Answer) -> dict[_Line, list[_Behind]]:
    """Everything that an answer says, with the parts of the law behind it."""
    found: dict[_Line, list[_Behind]] = {}

    def line(aspect: Aspect, *says: object, behind: Iterable[_Behind]) -> None:
        found.setdefault(_Line(aspect, says), []).extend(behind)

    deciding = [one for reason in told.reasons if reason.decides and reason.item for one in _behind(reason.item)]
    line(Aspect.OUTCOME, told.outcome, behind=deciding)
    line(Aspect.SCOPE, frozenset(told.scope), behind=deciding)
    line(Aspect.CONFIDENCE, told.confidence, behind=deciding)
    if told.could_be is not None:
        for step in told.could_be.steps:
            says = (told.could_be.outcome, step.do, step.scheme.id)
            line(Aspect.COULD_BE, *says, behind=(step.rule, step.provision))
    for question in told.depends_on:
        behind = [question.unclear] if question.unclear else deciding
        line(Aspect.DEPENDS_ON, question.fact, question.outcomes, behind=behind)
    for one in told.presumed:
        line(Aspect.PRESUMED, one.fact, one.value, one.otherwise, behind=deciding)
    for p in told.at_work:
        stands = (p.side, p.coverage, p.protects, p.crosses, frozenset(p.scope), p.qualifies, p.certain)
        months = p.qualifying.months if p.qualifying else None
        line(Aspect.AT_WORK, p.scheme.id, *stands, months, behind=_behind(p))
    for d in told.on_leaving:
        payable = (d.rule.at_age, d.rule.where) if d.rule else None
        becomes = (d.becomes, d.crosses, frozenset(d.scope), d.months, d.certain, payable)
        line(Aspect.ON_LEAVING, d.scheme.id, *becomes, behind=_behind(d))
        if d.rule is not None:
            line(Aspect.DEADLINE, d.scheme.id, d.rule.claim.deadline, behind=[d.rule])
            line(Aspect.PAPERS, d.scheme.id, d.rule.claim.papers, behind=[d.rule])
    for h in told.at_home:
        line(Aspect.AT_HOME, h.scheme.id, h.becomes, h.certain, behind=_behind(h))
    for back in told.on_return:
        line(Aspect.ON_RETURN, back.scheme.id, back.coverage, back.certain, behind=[back.rule])
    for promise in told.promises:
        line(Aspect.PROMISES, *_promised(promise), behind=[promise.provision or promise.instrument])
    for change in told.coming:
        day = change.from_ if isinstance(change, Rule) else change.expected
        line(Aspect.COMING, change.id, day, behind=[change])
    return found


def _behind(item: Item) -> list[_Behind]:
    """The rules and provisions behind an item; the scheme alone where there is no rule."""
    found: list[_Behind] = [item.rule, item.provision]
    if isinstance(item, Departure):
        found.append(item.earned_by)
    elif isinstance(item, Protection):
        found.append(item.qualifying)
    return found if any(found) else [item.scheme]


def _refs(behind: Iterable[_Behind]) -> Iterator[Ref]:
    for one in behind:
        match one:
            case Rule():
                yield Kind.RULE, one.id
            case Provision():
                yield Kind.PROVISION, one.id
            case Scheme():
                yield Kind.SCHEME, one.id
            case Instrument():
                yield Kind.INSTRUMENT, one.id
            case Announcement():
                yield Kind.ANNOUNCEMENT, one.id


def _promised(promise: Promise) -> tuple[object, ...]:
    if promise.provision is not None:
        return (promise.provision.id,)
    assert promise.instrument is not None
    assert promise.article is not None
    return promise.instrument.id, promise.article.at, promise.accepted_by, promise.not_accepted_by


# --- over all corridors ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Transition:
    """What one set of differences makes of some benefits: the same for `cases` cases of each, in these corridors.

    With one outcome before and after, `aspects` are what else differs in any of them; else it is empty.
    """

    benefits: tuple[Benefit, ...]
    before: Outcome
    after: Outcome
    aspects: tuple[Aspect, ...]
    by: tuple[Difference, ...]
    cases: int
    corridors: tuple[Pair, ...]

    @property
    def better(self) -> bool | None:
        """Do these workers have more now? None where it is the same, or cannot be told: open before or after."""
        was, now = RANK.get(self.before), RANK.get(self.after)
        return None if was is None or now is None or was == now else now < was


@dataclass(frozen=True, slots=True)
class Impact:
    """What edition `new` changes against `old` on one day, over every corridor, sector and status with no fact told.

    `corridors` are those of both editions, `compared` those whose law differs, with the `cases` asked in them. `came`
    and `gone`: the corridors of one edition alone.
    """

    old: str
    new: str
    on: date
    corridors: tuple[Pair, ...]
    compared: int
    cases: int
    came: tuple[Pair, ...]
    gone: tuple[Pair, ...]
    transitions: tuple[Transition, ...]
    differences: tuple[Difference, ...]

    @property
    def nothing(self) -> bool:
        """No answer changes on that day, and no corridor comes or goes."""
        return not (self.transitions or self.came or self.gone)

    @property
    def unseen(self) -> tuple[Difference, ...]:
        """The differences that made no change on that day, although they are more than words; without the law of
        countries that are new or gone, which no corridor can show."""
        seen = {one.ref for transition in self.transitions for one in transition.by}
        alone = {one.id for one in self.differences if one.kind is Kind.COUNTRY and one.how is not How.CHANGED}
        return tuple(
            one
            for one in self.differences
            if not (one.words_only or one.ref in seen or one.id in alone)
            and not (alone and one.reaches and all(alone.issuperset(r.countries or {""}) for r in one.reaches))
        )


def over_corridors(
    old: Rulebook, new: Rulebook, on: date, progress: Callable[[int, int], None] | None = None
) -> Impact:
    """What changes on that day over all corridors. Those between countries whose law is the same are not asked, nor
    benefits of which nothing differs. `progress` hears how many corridors are done, of how many."""
    changes = Changes(old, new)
    before, after = corridors(old), corridors(new)
    both = tuple(pair for pair in after if pair in set(before))
    found: dict[_Kind, Counter[Pair]] = {}
    aspects: dict[_Kind, set[Aspect]] = {}
    compared = {pair: benefits for pair in both if (benefits := changes.concerned(*pair))}
    for done, (pair, benefits) in enumerate(compared.items(), 1):
        for changed, cases in _over_corridor(pair, benefits, on, changes):
            kind = _Kind(changed.benefit, changed.before, changed.after, changed.by)
            found.setdefault(kind, Counter())[pair] += cases
            aspects.setdefault(kind, set()).update(changed.aspects)
        if progress is not None:
            progress(done, len(compared))
    return Impact(
        old=old.edition,
        new=new.edition,
        on=on,
        corridors=both,
        compared=len(compared),
        cases=len(compared) * len(Sector) * len(Status),
        came=tuple(pair for pair in after if pair not in set(before)),
        gone=tuple(pair for pair in before if pair not in set(after)),
        transitions=tuple(_transitions(found, aspects)),
        differences=changes.all,
    )


class _Kind(NamedTuple):
    """What cases that change in the same way have in common."""

    benefit: Benefit
    before: Outcome
    after: Outcome
    by: tuple[Difference, ...]


def _over_corridor(
    pair: Pair, benefits: frozenset[Benefit], on: date, changes: Changes
) -> Iterator[tuple[Changed, int]]:
    """What changes in one corridor, each with the number of cases. The same two matters are compared once."""
    indexes = index_of(changes.old), index_of(changes.new)
    there = [Corridor(index, *pair) for index in indexes]  # not the indexes' own: they are dropped afterwards
    counted: Counter[tuple[Matter, Matter]] = Counter()
    for sector in Sector:
        for status in Status:
            was, now = (corridor.matters(sector, status, on) for corridor in there)
            counted.update(two for two in zip(was, now, strict=True) if two[0].benefit in benefits)
    for (was_, now_), cases in counted.items():
        answers = answer(was_, indexes[0], {}), answer(now_, indexes[1], {})
        changed = compare_answers(*answers, pair, changes)
        if changed is not None:
            yield changed, cases


def _transitions(found: Mapping[_Kind, Counter[Pair]], aspects: Mapping[_Kind, set[Aspect]]) -> list[Transition]:
    """Cases that change alike in one line, benefits of which the same is true together; new outcomes first, and what
    most cases have in common."""
    together: dict[tuple[Transition, frozenset[tuple[Pair, int]]], list[Benefit]] = {}
    for kind, pairs in found.items():
        moved = kind.before is not kind.after
        also = () if moved else tuple(aspect for aspect in Aspect if aspect in aspects[kind])
        line = Transition((), kind.before, kind.after, also, kind.by, pairs.total(), tuple(pairs))
        together.setdefault((line, frozenset(pairs.items())), []).append(kind.benefit)
    order = list(Benefit).index
    lines = [replace(line, benefits=tuple(sorted(found, key=order))) for (line, _), found in together.items()]
    return sorted(
        lines, key=lambda one: (one.before is one.after, -one.cases, order(one.benefits[0]), one.before, one.after)
    )
