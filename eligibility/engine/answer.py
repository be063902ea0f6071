"""What an answer is made of. Values only; `determine` fills them, `explain` turns them into sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from eligibility.engine.case import Case
from eligibility.rulebook.model import (
    Announcement,
    Article,
    CoverageRule,
    Instrument,
    LeavingRule,
    Provision,
    QualifyingRule,
    Rule,
    Scheme,
)
from eligibility.vocabulary import AtHome, Benefit, Confidence, Coverage, OnLeaving, Outcome, Scope, Side, Value


class Why(StrEnum):
    """The code of a reason: what an item of the answer says. `explain` has one sentence template for each."""

    COVERED = "covered"
    EMPLOYER_PAYS = "employer_pays"
    VOLUNTARY_OPEN = "voluntary_open"
    VOLUNTARY_JOINED = "voluntary_joined"
    EXCLUDED = "excluded"
    COVERAGE_UNCLEAR = "coverage_unclear"
    NO_RULE = "no_rule"
    NOT_YET_QUALIFIED = "not_yet_qualified"
    EQUAL_TREATMENT = "equal_treatment"
    VOLUNTARY_BY_AGREEMENT = "voluntary_by_agreement"
    INSURED_BY_AGREEMENT = "insured_by_agreement"
    POSTED_EXEMPT = "posted_exempt"
    POSTED_STAYS_HOME = "posted_stays_home"
    PAID_ABROAD = "paid_abroad"
    WITHDRAWN = "withdrawn"
    COUNTED_TOGETHER = "counted_together"
    TRANSFERRED = "transferred"
    EXPORTED = "exported"
    LUMP_SUM_BY_AGREEMENT = "lump_sum_by_agreement"
    FROZEN = "frozen"
    ENDS = "ends"
    FORFEITED = "forfeited"
    LEAVING_UNCLEAR = "leaving_unclear"
    NO_LEAVING_RULE = "no_leaving_rule"
    CONTINUES = "continues"
    MAY_CONTINUE = "may_continue"
    PRESERVED = "preserved"
    STOPS = "stops"
    HOME_UNCLEAR = "home_unclear"
    NO_HOME_RULE = "no_home_rule"
    RETURNING = "returning"
    NO_SCHEME = "no_scheme"


@dataclass(frozen=True, slots=True)
class Protection:
    """At work: how one scheme stands to the worker. `coverage` is None where no rule was found.

    `protects`: the worker has it without a further step; `crosses`: the benefit is given outside the destination;
    `qualifying`: the rule on months that must be paid first, `qualifies` whether they are (or will be, in time).
    `certain` is False where it holds only for one value of a fact that is asked.
    """

    scheme: Scheme
    side: Side
    coverage: Coverage | None
    rule: CoverageRule | None
    why: Why
    protects: bool
    crosses: bool = False
    scope: tuple[Scope, ...] = ()
    provision: Provision | None = None
    qualifying: QualifyingRule | None = None
    qualifies: bool = True
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Departure:
    """On leaving for good: what becomes of a right earned in the destination; `becomes` is None if no rule was found.

    `crosses`: the worker has it beyond the border (tried both ways where the law is unclear). `months`, for periods
    counted together: paid there, paid at home (None if not told), needed. `earned_by`: the coverage rule behind it.
    """

    scheme: Scheme
    becomes: OnLeaving | None
    rule: LeavingRule | None
    why: Why
    crosses: bool
    scope: tuple[Scope, ...] = ()
    provision: Provision | None = None
    months: tuple[int | None, int | None, int] | None = None
    earned_by: Rule | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Home:
    """At home: what becomes of the membership in one scheme of the origin."""

    scheme: Scheme
    becomes: AtHome
    rule: CoverageRule | None
    why: Why
    provision: Provision | None = None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Returning:
    """What a scheme of the origin gives once the worker is back home. Shown; it decides nothing."""

    scheme: Scheme
    coverage: Coverage
    rule: CoverageRule
    certain: bool = True


Item = Protection | Departure | Home


def key_of(item: Item) -> tuple[object, ...]:
    """What an item says, whatever else is known: two items with one key are one line of the answer."""
    return type(item), item.scheme.id, item.why, item.rule, item.provision


class Reason(NamedTuple):
    """Why: one item of the answer. Without an item, it says that neither country has a scheme for this.

    `decides`: the headline follows from it; the others stand beside it.
    """

    item: Item | None
    decides: bool = True

    @property
    def code(self) -> Why:
        return self.item.why if self.item is not None else Why.NO_SCHEME

    @property
    def rule(self) -> Rule | None:
        """The rule behind it; None where it says that no rule was found."""
        return self.item.rule if self.item is not None else None

    @property
    def provision(self) -> Provision | None:
        """The provision of an agreement behind it."""
        return self.item.provision if self.item is not None else None


@dataclass(frozen=True, slots=True)
class Question:
    """A fact that nobody has told and that could change the outcome: what each class of its values leads to.

    For a point that the law leaves unclear, `unclear` is the rule and the fact's name is `unclear:` and its id.
    """

    fact: str
    outcomes: tuple[tuple[str, Outcome], ...]
    unclear: Rule | None = None


@dataclass(frozen=True, slots=True)
class Presumed:
    """A presumption that the outcome rests on: the `value` taken, and what the other values would lead to."""

    fact: str
    value: Value
    otherwise: tuple[tuple[str, Outcome], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """Something the worker can do: join `scheme` by themselves under `rule`, or a provision that opens it."""

    do: str
    scheme: Scheme
    rule: CoverageRule | None
    provision: Provision | None = None


@dataclass(frozen=True, slots=True)
class CouldBe:
    """The better outcome that a voluntary step reaches; any one of `steps` does it."""

    outcome: Outcome
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Promise:
    """An instrument, or a provision that gives no right, which promises more than the law gives.

    Of a norm that states can ratify: which of the case's two countries have (`accepted_by`) and, as far as that was
    looked up, which have not (`not_accepted_by`).
    """

    instrument: Instrument | None = None
    article: Article | None = None
    provision: Provision | None = None
    accepted_by: tuple[str, ...] = ()
    not_accepted_by: tuple[str, ...] = ()


class Answer(NamedTuple):
    """The answer for one benefit: headline, three moments, and what stands beside them (DESIGN section 2)."""

    benefit: Benefit
    outcome: Outcome
    confidence: Confidence | None
    scope: tuple[Scope, ...]
    at_work: tuple[Protection, ...]
    on_leaving: tuple[Departure, ...]
    at_home: tuple[Home, ...]
    on_return: tuple[Returning, ...]
    reasons: tuple[Reason, ...]
    depends_on: tuple[Question, ...]
    presumed: tuple[Presumed, ...]
    could_be: CouldBe | None
    promises: tuple[Promise, ...]
    coming: tuple[Rule | Announcement, ...]


class Shared(Answer):
    """An answer that stands in a decision tree: all workers of a kind get this very object. It holds no number that
    one of them told, so what is made of it may be kept."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Determination:
    """The answers for all nine benefits, by the law of one edition of the rulebook on one day."""

    edition: str
    on: date
    case: Case
    answers: Mapping[Benefit, Answer]
