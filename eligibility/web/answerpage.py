"""What stands on the answer page: the told answer, and how each fact it rests on can be told, changed or taken back."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from eligibility.engine import Case, Determination
from eligibility.engine.case import Fault, read_facts
from eligibility.explain import present, words
from eligibility.explain.page import (
    Told,
    ToldBenefit,
    ToldDeadline,
    ToldOffice,
    ToldOption,
    ToldPresumption,
    ToldPromise,
    ToldQuestion,
    ToldReason,
    ToldStep,
)
from eligibility.explain.record import in_words
from eligibility.explain.telling import MOST_QUESTIONS, ask, deadlines, has_deadlines, promises, questions
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import Fact, FactType, Outcome
from eligibility.web.answers import Answers
from eligibility.web.whatif import Change, changes

LONGEST = 12  # characters that a number may have
FIRST_OFFICES = 2  # on a card, before it is opened further


@dataclass(frozen=True, slots=True)
class Slip:
    """A number that cannot be used: what was written and what would be right."""

    fact: str
    entered: str
    message: str


@dataclass(frozen=True, slots=True)
class Asking:
    """A fact that can be told here. `id` is the field's, `entered` and `error` what went wrong the last time.

    `may_skip`: "I don't know" is one of the answers.
    """

    question: ToldQuestion
    id: str
    may_skip: bool
    entered: str = ""
    error: str = ""

    @property
    def number(self) -> bool:
        return self.question.kind.type is FactType.NUMBER

    @property
    def yes_or_no(self) -> bool:
        return self.question.kind.type is FactType.BOOLEAN

    @property
    def digits(self) -> int:
        """How wide the field for a number is."""
        return max(3, len(str(self.question.maximum)))

    @property
    def helped(self) -> bool:
        return bool(self.question.help or self.question.decides)

    @property
    def described_by(self) -> str:
        """The ids of what explains the field, for aria-describedby."""
        parts = {"help": self.helped, "unit": self.number and self.question.unit, "error": self.error}
        return " ".join(f"{self.id}-{part}" for part, there in parts.items() if there)


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something taken for granted, and what one tap can say instead: `others`, or a number if there are none."""

    told: ToldPresumption
    asking: Asking
    others: tuple[ToldOption, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A voluntary step; `join` tells that it has been taken already, "" if it cannot be told."""

    told: ToldStep
    join: str


@dataclass(frozen=True, slots=True)
class Card:
    """One benefit. What decides, and the offices to turn to first, stand open; the rest is folded away."""

    told: ToldBenefit
    assumptions: tuple[Assumption, ...]
    promises: tuple[ToldPromise, ...]
    steps: tuple[Step, ...]
    reasons: tuple[ToldReason, ...]
    other_reasons: tuple[ToldReason, ...]
    offices: tuple[ToldOffice, ...]
    other_offices: tuple[ToldOffice, ...]

    @property
    def wrong_rule(self) -> str:
        """What a report that the card is wrong names: the rule that decides, or the benefit where no rule was found."""
        return next((reason.rule for reason in self.reasons if reason.rule), self.told.benefit.value)


@dataclass(frozen=True, slots=True)
class Group:
    """The benefits with one outcome."""

    outcome: Outcome
    heading: str
    summary: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """A fact that was told, in words; `value` is "" if the worker does not know."""

    fact: str
    question: str
    value: str


@dataclass(frozen=True, slots=True)
class AnswerPage:
    told: Told
    edition: str
    origin: str
    destination: str
    sector: str
    status: str
    groups: tuple[Group, ...]
    asked: tuple[Asking, ...]
    assumed: tuple[Assumption, ...]
    given: tuple[Given, ...]
    promises: tuple[ToldPromise, ...]
    deadlines: tuple[ToldDeadline, ...]
    asks_when_it_ended: bool
    left: str
    changes: tuple[Change, ...]
    stays: int

    @property
    def norms(self) -> list[str]:
        """The names of the norms of the world that neither country has accepted."""
        return list(dict.fromkeys(promise.instrument for promise in self.promises if not promise.near))

    def asks(self, fact: str) -> bool:
        """Is there a field for this fact on the page?"""
        fields = (*self.asked, *(one.asking for one in self.assumed if not one.others))
        return any(asking.question.fact == fact for asking in fields)


def build(
    determination: Determination, rulebook: Rulebook, answers: Answers, today: date, slip: Slip | None = None
) -> AnswerPage:
    """The page for one determination. What the worker does not know is not asked again."""
    case, told = determination.case, present(determination, rulebook)
    most = MOST_QUESTIONS + len(answers.unknown)
    asked = [q for q in questions(determination, rulebook, most) if q.fact not in answers.unknown][:MOST_QUESTIONS]
    assumed = {one.fact: _assumption(one, case, rulebook, slip) for one in told.presumed}
    groups = tuple(
        Group(
            group.outcome,
            group.heading,
            group.summary,
            tuple(_card(benefit, assumed, determination) for benefit in group.benefits),
        )
        for group in told.groups
    )
    return AnswerPage(
        told=told,
        edition=short(told.edition),
        origin=words.country(case.origin),
        destination=words.country(case.destination),
        sector=words.sector(case.sector),
        status=words.status(case.status),
        groups=groups,
        asked=tuple(_asking(question, slip, may_skip=True) for question in asked),
        assumed=tuple(assumed.values()),
        given=_given(answers, case, rulebook),
        promises=promises(told),
        deadlines=deadlines(determination, date.fromisoformat(answers.left), today) if answers.left else (),
        asks_when_it_ended=has_deadlines(determination),
        left=answers.left[:7],
        changes=changes(answers, determination),
        stays=len(answers.stays),
    )


def _card(benefit: ToldBenefit, assumed: Mapping[str, Assumption], determination: Determination) -> Card:
    deciding = tuple(reason for reason in benefit.reasons if reason.decides) or benefit.reasons
    return Card(
        told=benefit,
        assumptions=tuple(assumed[one.fact] for one in benefit.presumed),
        steps=_steps(benefit, determination),
        promises=tuple(promise for promise in benefit.promises if promise.near),
        reasons=deciding,
        other_reasons=tuple(reason for reason in benefit.reasons if reason not in deciding),
        offices=benefit.offices[:FIRST_OFFICES],
        other_offices=benefit.offices[FIRST_OFFICES:],
    )


def short(edition: str) -> str:
    """Enough of an edition's hash to tell two editions apart."""
    return edition.removeprefix("sha256:")[:8]


def _asking(question: ToldQuestion, slip: Slip | None, *, may_skip: bool) -> Asking:
    """What is asked may be skipped, and has `q-` before its id; what is assumed, `a-`."""
    fact = question.fact
    mine = slip if slip is not None and slip.fact == fact else Slip(fact, "", "")
    return Asking(question, f"{'q' if may_skip else 'a'}-{fact}", may_skip, mine.entered, mine.message)


def _assumption(told: ToldPresumption, case: Case, rulebook: Rulebook, slip: Slip | None) -> Assumption:
    fact = rulebook.facts[told.fact]
    question = ask(fact, case)
    assumed = _sent(fact.presumption)
    others = tuple(option for option in question.options if option.value != assumed)
    if fact.type is FactType.BOOLEAN:
        others = tuple(ToldOption(option.value, _("This is not so")) for option in others)
    return Assumption(told, _asking(question, slip, may_skip=False), others)


def _sent(value: object) -> str:
    """A fact's value as a form sends it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _steps(benefit: ToldBenefit, determination: Determination) -> tuple[Step, ...]:
    could_be = determination.answers[benefit.benefit].could_be
    schemes = [step.scheme.id for step in could_be.steps] if could_be else []
    joins = [f"joined:{scheme}" for scheme in schemes]
    return tuple(
        Step(told, join) for told, join in zip(benefit.steps, joins or [""] * len(benefit.steps), strict=False)
    )


def _given(answers: Answers, case: Case, rulebook: Rulebook) -> tuple[Given, ...]:
    found = []
    for name, value in answers.facts.items():
        question = ask(rulebook.facts[name], case)
        found.append(Given(name, question.text, in_words(question, value, rulebook)))
    found += [Given(name, ask(rulebook.facts[name], case).text, "") for name in answers.unknown]
    return tuple(found)


# --- what is posted ---------------------------------------------------------------------------------------------------


def tell(answers: Answers, posted: Mapping[str, str], rulebook: Rulebook) -> Answers | Slip:
    """The answers after one tap on the answer page: a fact told (`fact` and `value`, or both in `tell`), not known
    (`unknown`) or taken back (`undo`). What no page of ours would send changes nothing."""
    if (undo := posted.get("undo", "")) or (undo := posted.get("unknown", "")):
        if undo not in rulebook.facts:
            return answers
        return answers.without(undo) if "undo" in posted else answers.not_known(undo)
    name, _colon, value = posted.get("tell", "").partition(":")
    if not name:
        name, value = posted.get("fact", ""), posted.get("value", "")
    fact = rulebook.facts.get(name)
    if fact is None:
        return answers
    entered = value
    if fact.type is FactType.NUMBER:
        value = plain_number(value)
    elif fact.type is FactType.SCHEMES:
        value = ",".join(sorted({*filter(None, answers.facts.get(name, "").split(",")), value}))
    faults: list[Fault] = []
    read_facts({name: value}, rulebook, faults)
    if not faults:
        return answers.with_fact(name, value)
    return (
        Slip(name, entered[:LONGEST], _what_is_right(fact, entered)) if fact.type is not FactType.SCHEMES else answers
    )


def _what_is_right(fact: Fact, entered: str) -> str:
    if fact.type is not FactType.NUMBER:
        return _("Choose one of these.")
    if not entered.strip():
        return _("Write a number, or choose “I don’t know”.")
    return _("Write a whole number from %(low)s to %(high)s.") % {"low": fact.minimum, "high": fact.maximum}


def plain_number(text: str) -> str:
    """The digits 0 to 9 for those of any script; spaces and commas between them are left out."""
    if len(text) > 2 * LONGEST:
        return ""
    return "".join(
        str(unicodedata.digit(character)) if character.isdecimal() else character
        for character in text
        if character != "," and not character.isspace()
    )
