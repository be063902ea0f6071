"""The law as immutable values: what a loaded rulebook consists of.

Dates are calendar days; `from_` and `until` are both inclusive, None means open. Texts are English message ids.
Things with an id are equal only to themselves: a rulebook holds each once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from eligibility.rulebook.conditions import Condition
from eligibility.vocabulary import (
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Direction,
    Fact,
    Ground,
    OnLeaving,
    ProvisionKind,
    SchemeKind,
    Scope,
    SourceKind,
)


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """Where a fact of law was read. `date` is its own date as printed (a day, a month or a year), "" if unknown."""

    id: str
    title: str
    publisher: str
    kind: SourceKind
    url: str
    date: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A source and the place in it ("s. 54(1)(e)"), "" where the section was not seen."""

    source: str
    at: str = ""


@dataclass(frozen=True, slots=True)
class Office:
    """Where a benefit is claimed and whom to ask."""

    name: str
    address: str = ""
    phone: str = ""
    url: str = ""
    form: str = ""
    note: str = ""
    sources: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Scheme:
    """A thing that pays. It belongs to one country and gives one or more benefits.

    `short` is what people call it. `serves` is everyone, nationals or foreigners; a scheme for foreigners alone does
    not mean that the country's own workers have the benefit. `gives_since` holds later starts of single branches.
    """

    id: str
    country: str
    name: str
    short: str
    local_name: str
    kind: SchemeKind
    institution: str
    law: str
    gives: tuple[Benefit, ...]
    serves: str
    since: date | None
    until: date | None
    gives_since: tuple[tuple[Benefit, date], ...]
    offices: tuple[Office, ...]
    sources: tuple[Citation, ...]

    def gives_on(self, benefit: Benefit, on: date) -> bool:
        """True if the scheme gives `benefit` to anybody on that day."""
        since = dict(self.gives_since).get(benefit, self.since)
        return benefit in self.gives and (since is None or since <= on) and (self.until is None or on <= self.until)

    def serves_nationals(self, benefit: Benefit, on: date) -> bool:
        """True if the scheme gives `benefit` to some of its country's own workers on that day."""
        return self.serves != "foreigners" and self.gives_on(benefit, on)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """A dated sentence of law about one scheme and some of its benefits, with what departs from it in `exceptions`."""

    id: str
    country: str
    scheme: str
    benefits: tuple[Benefit, ...]
    when: Condition
    from_: date | None
    until: date | None
    says: str
    note: str
    sources: tuple[Citation, ...]
    checked: date
    confidence: Confidence
    exceptions: tuple[Rule, ...]

    def in_force(self, on: date) -> bool:
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CoverageRule(Rule):
    """Who is in a scheme. `scope` says in which part only; `because` is the ground of an exclusion and `if_equal` what
    equal treatment would give instead; `crosses` (outbound): the benefit is given outside the destination; `at_home`
    (outbound): what becomes of the membership; `step`: how to join voluntarily."""

    direction: Direction
    coverage: Coverage
    scope: tuple[Scope, ...]
    because: Ground
    if_equal: Coverage
    crosses: bool
    at_home: AtHome
    step: str
    contributions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when to claim: `months` counted from `from_` (leaving, job_end, event); None where only words are known."""

    says: str
    months: int | None = None
    from_: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """How to claim: what to do, the papers needed, the deadline."""

    how: str = ""
    papers: tuple[str, ...] = ()
    deadline: Deadline | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LeavingRule(Rule):
    """What becomes of a right earned in the scheme when the worker leaves for good. For a frozen right `at_age` and
    `where` say when and where it is paid after all."""

    becomes: OnLeaving
    scope: tuple[Scope, ...]
    claim: Claim
    amount: str
    at_age: int | None
    where: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class QualifyingRule(Rule):
    """How many months must have been paid (within `window_months`, if any) before the scheme gives the benefit."""

    months: int
    window_months: int | None
    requires: str
    otherwise: str
    amount: str


@dataclass(frozen=True, slots=True, eq=False)
class Announcement:
    """A change announced but not yet law, and whom it would concern. `expected` is a date or words."""

    id: str
    country: str
    benefits: tuple[Benefit, ...]
    who: Condition
    expected: str
    says: str
    sources: tuple[Citation, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Provision:
    """One thing that an agreement does, for some benefits, from one day on (DESIGN section 2, Agreements).

    `operative` False: the words stand there but give a worker no right (yet). `country`: the party on whose schemes it
    bears, "" for all; `schemes`: those on which it bears, empty if it names none. `to`: to whom a lump sum goes (worker
    or home_scheme). Months are whole calendar months.
    """

    id: str
    agreement: str
    kind: ProvisionKind
    benefits: tuple[Benefit, ...]
    at: str
    operative: bool
    country: str
    when: Condition
    from_: date | None
    until: date | None
    min_own_months: int
    max_months: int | None
    extension_months: int | None
    to: str
    schemes: frozenset[str]
    says: str
    note: str
    sources: tuple[Citation, ...]
    checked: date
    confidence: Confidence


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """A treaty between two or more countries, or a lesser arrangement (`binding` tells which)."""

    id: str
    title: str
    parties: tuple[str, ...]
    binding: Binding
    signed: str
    in_force: date | None
    until: date | None
    note: str
    sources: tuple[Citation, ...]
    provisions: tuple[Provision, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Article:
    """What one article of an instrument promises about some benefits, and to whom."""

    at: str
    benefits: tuple[Benefit, ...]
    who: Condition
    says: str
    sources: tuple[Citation, ...]
    confidence: Confidence


@dataclass(frozen=True, slots=True, eq=False)
class Acceptance:
    """That a country has ratified an instrument: since when, for which branches (empty: all) and which part of it."""

    on: date
    branches: tuple[Benefit, ...]
    part: str
    sources: tuple[Citation, ...]
    confidence: Confidence

    def holds(self, benefit: Benefit, on: date) -> bool:
        """Does it speak of that benefit on that day?"""
        return self.on <= on and (not self.branches or benefit in self.branches)


@dataclass(frozen=True, slots=True, eq=False)
class Instrument:
    """A text that promises more than the law of the two countries gives: it never changes an outcome.

    `members`: whose promise it is, empty for a norm of the whole world. For a norm that states can ratify, `asked_of`
    are the countries of which that was looked up and `accepted` those that did. `agreement`: the agreement in the
    rulebook that says what it does between two of these.
    """

    id: str
    title: str
    short: str
    adopted: date
    binding: Binding
    members: tuple[str, ...]
    sources: tuple[Citation, ...]
    articles: tuple[Article, ...]
    asked_of: tuple[str, ...] = ()
    accepted: Mapping[str, Acceptance] = field(default_factory=dict)
    agreement: str | None = None

    def speaks_to(self, countries: Iterable[str]) -> bool:
        """Is it a promise of all these countries?"""
        return not self.members or set(countries) <= set(self.members)


@dataclass(frozen=True, slots=True, eq=False)
class Country:
    """One country's law. `roles`: may it be an origin, a destination, or both in a case?"""

    code: str
    roles: frozenset[str]
    schemes: tuple[Scheme, ...]
    coverage: tuple[CoverageRule, ...]
    leaving: tuple[LeavingRule, ...]
    qualifying: tuple[QualifyingRule, ...]
    announced: tuple[Announcement, ...]
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Rulebook:
    """All the law there is, immutable. `edition` is the hash of its content, the same on every machine.

    `rules` finds any rule, exceptions included, by its id; `facts` holds the vocabulary's facts and those that
    countries declare. Two rulebooks are equal if they are the same edition.
    """

    edition: str
    countries: Mapping[str, Country]
    agreements: tuple[Agreement, ...]
    instruments: tuple[Instrument, ...]
    sources: Mapping[str, Source]
    facts: Mapping[str, Fact]
    schemes: Mapping[str, Scheme]
    rules: Mapping[str, Rule]
    provisions: Mapping[str, Provision]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rulebook) and other.edition == self.edition

    def __hash__(self) -> int:
        return hash(self.edition)

    def __repr__(self) -> str:
        return f"<Rulebook {self.edition[:19]}>"

    def with_role(self, role: str) -> tuple[str, ...]:
        """Codes of the countries that may be `origin` or `destination`."""
        return tuple(code for code, country in self.countries.items() if role in country.roles)
