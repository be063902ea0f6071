"""An answer as sentences, ready for any surface: what a page, a terminal, a letter or a text message prints.

Values only; `present` in `telling` makes them. All texts are in the language active when they were made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from eligibility.engine.answer import Departure
from eligibility.engine.career import Right
from eligibility.vocabulary import Benefit, Confidence, Fact, Outcome


@dataclass(frozen=True, slots=True)
class ToldSource:
    """A source behind a sentence: `at` is the section, "" if it was not seen; `url` may be ""."""

    title: str
    publisher: str
    at: str
    url: str


@dataclass(frozen=True, slots=True)
class ToldReason:
    """One sentence of why. `detail` is the rule's own plain words; `rule` its id ("" if no rule was found).

    `scheme` with its local name; `since`/`until` as printed dates, "" if open; `checked` when it was last compared with
    its sources; `agreement` the title behind it, "" if none; `decides`: the headline follows from it; `certain` is
    False where it holds only for one answer to a question.
    """

    text: str
    detail: str
    scheme: str
    rule: str
    since: str
    until: str
    agreement: str
    note: str
    confidence: Confidence | None
    checked: str
    decides: bool
    certain: bool
    sources: tuple[ToldSource, ...]


@dataclass(frozen=True, slots=True)
class ToldOffice:
    """Where to claim or whom to ask."""

    name: str
    scheme: str
    address: str
    phone: str
    url: str
    form: str
    note: str


@dataclass(frozen=True, slots=True)
class ToldClaim:
    """How to get what one scheme owes on leaving: what to do, papers, deadline, amount; "" and () where unknown.

    `of` is the right that is claimed; rights with the same `claim_key` are claimed in one go.
    """

    scheme: str
    how: str
    papers: tuple[str, ...]
    deadline: str
    amount: str
    of: Departure

    @property
    def claim_key(self) -> tuple[object, ...]:
        """The same in every language."""
        rule = self.of.rule
        return self.of.scheme.id, rule and rule.claim, rule and rule.amount


@dataclass(frozen=True, slots=True)
class ToldDeadline:
    """Until when to claim: `by` is the last day, `day` the same in words; `passed` if it is over."""

    scheme: str
    benefits: tuple[str, ...]
    by: date
    day: str
    how: str
    passed: bool


@dataclass(frozen=True, slots=True)
class ToldOption:
    """One possible answer to a question: its value as a form sends it, its label."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class ToldQuestion:
    """A question that can change something. `options` is empty for a number (then `unit`, `minimum`, `maximum` hold).

    `decides`: the labels of the benefits it could change. `leads_to`: for each class of values, in words, the outcome.
    """

    fact: str
    text: str
    help: str
    unit: str
    minimum: int
    maximum: int
    options: tuple[ToldOption, ...]
    decides: tuple[str, ...]
    kind: Fact


@dataclass(frozen=True, slots=True)
class ToldPresumption:
    """What the answer takes for granted ("your contract is for a year or more") and what would follow otherwise."""

    fact: str
    text: str
    otherwise: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ToldPromise:
    """What is promised and not law. `standing` says who has accepted a norm of the world, "" where that is not asked;
    `near`: at least one of the two countries gave this promise itself."""

    instrument: str
    at: str
    text: str
    sources: tuple[ToldSource, ...]
    standing: str = ""
    near: bool = True


@dataclass(frozen=True, slots=True)
class ToldStep:
    """A voluntary step and the better outcome that it reaches."""

    text: str
    how: str
    outcome: Outcome
    outcome_label: str


@dataclass(frozen=True, slots=True)
class ToldBenefit:
    """One benefit: the card on the worker's page.

    `verdict` is one sentence; `in_part` says in which part only ("only for accidents at work"), "" if whole;
    `before`, `during`, `after` are the sentences of the journey; `depends_on` the sentences on what decides it.
    """

    benefit: Benefit
    label: str
    outcome: Outcome
    outcome_label: str
    verdict: str
    in_part: str
    before: tuple[str, ...]
    during: tuple[str, ...]
    after: tuple[str, ...]
    reasons: tuple[ToldReason, ...]
    depends_on: tuple[str, ...]
    presumed: tuple[ToldPresumption, ...]
    steps: tuple[ToldStep, ...]
    claims: tuple[ToldClaim, ...]
    offices: tuple[ToldOffice, ...]
    promises: tuple[ToldPromise, ...]
    coming: tuple[str, ...]
    confidence: Confidence | None
    sureness: str
    checked: str


@dataclass(frozen=True, slots=True)
class ToldGroup:
    """The benefits with one outcome, under its heading."""

    outcome: Outcome
    heading: str
    summary: str
    benefits: tuple[ToldBenefit, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A whole answer in sentences. `groups` holds those with benefits, in the order carry, keep, lose, depends, none.

    `questions`: at most three follow-up questions, the one that changes most first. `presumed`: all presumptions.
    """

    title: str
    law_of: str
    on: date
    edition: str
    groups: tuple[ToldGroup, ...]
    questions: tuple[ToldQuestion, ...]
    presumed: tuple[ToldPresumption, ...]


@dataclass(frozen=True, slots=True)
class ToldFact:
    """A fact that was told: its name, the question, the answer in words."""

    fact: str
    question: str
    value: str


@dataclass(frozen=True, slots=True)
class ToldStay:
    """One stay in words; `months` paid in, "" if not told."""

    country: str
    work: str
    papers: str
    when: str
    months: str


@dataclass(frozen=True, slots=True)
class ToldRight:
    """One line of the ledger of rights over all stays. `months` paid in that country, None if not told; `together` how
    they are added up under an agreement, "" if they are not; `of` the right itself.

    `claim` is how to get it, None if nothing of that is known; `by` is the last day to claim, "" if none is known;
    `certain` is False where it holds only for one answer to a question that is still open.
    """

    benefit: str
    country: str
    scheme: str
    text: str
    months: int | None
    together: str
    of: Right
    claim: ToldClaim | None
    by: str
    expired: bool
    certain: bool
