"""Rows become results: nine outcomes each, with the sentence of each, what to ask next and what the worker could do.

What many rows share is made once: rows that are alike get one answer, and an answer that stands in a decision tree
(`Shared`) is put into words once for each corridor. Nothing is remembered beyond an `Answering`, and none of it is
needed for the next piece to come out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import override

from eligibility.bulk.checking import IN_A_CHUNK, Row
from eligibility.engine import Answer, Case, Determination, determine
from eligibility.engine.answer import Shared
from eligibility.explain import sentences, telling, words
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import CONFIDENCE_ORDER, Benefit, Confidence, Outcome, Value

#: How many answers in words, and how many rows that were alike, are remembered.
_REMEMBERED = 50_000


class Told(NamedTuple):
    """One benefit in words. `asks`: the facts that still decide, by name; `could_be` and `steps`: what a voluntary step
    reaches, and the step in words; `rules`: ids of the rules and provisions that decide; `confidence` of the weakest of
    them, None where no rule was found."""

    benefit: Benefit
    outcome: Outcome
    verdict: str
    asks: tuple[str, ...]
    could_be: Outcome | None
    steps: tuple[str, ...]
    rules: tuple[str, ...]
    confidence: Confidence | None


class Result(NamedTuple):
    """One row with its answers. `questions`: what to ask next, as fact and question in words, the one that could change
    most benefits first."""

    line: int
    reference: str
    case: Case
    edition: str
    language: str
    answers: tuple[Told, ...]
    questions: tuple[tuple[str, str], ...]

    @property
    def steps(self) -> tuple[str, ...]:
        """What the worker could do, each step once."""
        return tuple(dict.fromkeys(step for told in self.answers for step in told.steps))

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that decide, each once."""
        return tuple(dict.fromkeys(rule for told in self.answers for rule in told.rules))

    @property
    def confidence(self) -> Confidence | None:
        """How sure the weakest of the answers is."""
        found = [told.confidence for told in self.answers if told.confidence is not None]
        return min(found, key=CONFIDENCE_ORDER.index, default=None)


Alike = tuple[str, str, str, str, date, tuple[tuple[str, Value], ...]]
Answers = tuple[tuple[Told, ...], tuple[tuple[str, str], ...]]


class Answering:
    """Answers rows in one language by one edition. Not shared between threads."""

    def __init__(self, law: Rulebook, language: str = "en") -> None:
        self.law, self.language = law, language
        self.order = {fact: number for number, fact in enumerate(law.facts)}
        self._alike: dict[Alike, Answers] = {}
        self._told: dict[tuple[int, str, str], tuple[Answer, Told]] = {}
        self._asked: dict[tuple[tuple[str, ...], str, str, str], tuple[tuple[str, str], ...]] = {}

    def chunk(self, rows: Sequence[Row]) -> list[Result]:
        """The results of some rows, in their order."""
        with override(self.language):
            return [self._result(row) for row in rows]

    def _result(self, row: Row) -> Result:
        case = row.case
        alike = (case.origin, case.destination, case.sector, case.status, case.on, tuple(case.facts.items()))
        found = self._alike.get(alike)
        if found is None:
            if len(self._alike) >= _REMEMBERED:
                self._alike.clear()
            found = self._alike[alike] = self._answers(determine(case, self.law))
        return Result(row.line, row.reference, case, self.law.edition, self.language, *found)

    def _answers(self, determination: Determination) -> Answers:
        case = determination.case
        told = tuple(self._in_words(answer, case) for answer in determination.answers.values())
        return told, self._questions(told, case)

    def _in_words(self, answer: Answer, case: Case) -> Told:
        if type(answer) is not Shared:
            return _told(answer, case)
        key = (id(answer), case.origin, case.destination)
        found = self._told.get(key)
        if found is None:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            found = self._told[key] = (answer, _told(answer, case))  # holds the answer, so that its id stays its own
        return found[1]

    def _questions(self, told: tuple[Told, ...], case: Case) -> tuple[tuple[str, str], ...]:
        times: dict[str, int] = {}
        for one in told:
            for fact in one.asks:
                times[fact] = times.get(fact, 0) + 1
        if not times:
            return ()
        facts = tuple(sorted(times, key=lambda fact: (-times[fact], self.order[fact])))
        key = (facts, case.origin, case.destination, case.sector)
        found = self._asked.get(key)
        if found is None:
            if len(self._asked) >= _REMEMBERED:
                self._asked.clear()
            found = tuple((fact, telling.ask(self.law.facts[fact], case).text) for fact in facts)
            self._asked[key] = found
        return found


def _told(answer: Answer, case: Case) -> Told:
    """One benefit in the active language."""
    decides = [reason.provision or reason.rule for reason in answer.reasons if reason.decides]
    could = answer.could_be
    return Told(
        benefit=answer.benefit,
        outcome=answer.outcome,
        verdict=_with_scope(answer, case),
        asks=tuple(question.fact for question in answer.depends_on if question.unclear is None),
        could_be=could.outcome if could else None,
        steps=tuple(telling.step_text(one) for one in could.steps) if could else (),
        rules=tuple(dict.fromkeys(one.id for one in decides if one is not None)),
        confidence=answer.confidence,
    )


def _with_scope(answer: Answer, case: Case) -> str:
    """The verdict, and in which part only: never a bare yes."""
    verdict = sentences.verdict(answer, case)
    if not answer.scope:  # as most are: not even the comma need be translated
        return verdict
    return f"{verdict} ({_(', ').join(words.scope(word) for word in answer.scope)})"


def answered(rows: Iterable[Row], law: Rulebook, language: str = "en", size: int = IN_A_CHUNK) -> Iterator[Result]:
    """The results of rows, one after the other, worked out `size` at a time."""
    answering = Answering(law, language)
    waiting = iter(rows)
    while piece := list(islice(waiting, size)):
        yield from answering.chunk(piece)
