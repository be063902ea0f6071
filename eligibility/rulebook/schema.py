"""The shape of the files (pydantic): which keys, which words, which types. `load` turns them into the model."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from eligibility.vocabulary import (
    FACTS,
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Direction,
    FactType,
    Ground,
    OnLeaving,
    ProvisionKind,
    SchemeKind,
    Scope,
    SourceKind,
)


def _text(value: object) -> object:
    """Years and dates stand unquoted in many places that are read as words."""
    return str(value) if isinstance(value, int | date) and not isinstance(value, bool) else value


def _none_is_empty(value: object) -> object:
    return "" if value is None else _text(value)


def _cited(value: object) -> object:
    return {"source": value} if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_none_is_empty)]
Words = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
Code = Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z]{2})?$")]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class CitationShape(Shape):
    source: Identifier
    at: Text = ""


Citations = list[Annotated[CitationShape, BeforeValidator(_cited)]]


class SourceShape(Shape):
    title: Words
    publisher: Text = ""
    kind: SourceKind
    url: Text = ""
    date: Text = ""


def _only_names(text: str) -> None:
    """Refuse braces that the sentences cannot fill."""
    try:
        text.format_map(dict.fromkeys(("origin", "destination", "sector"), ""))
    except (KeyError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"in {text!r} braces may hold only {{origin}}, {{destination}} or {{sector}}") from error


class FactShape(Shape):
    type: FactType
    question: Words
    help: Text = ""
    unit: Text = ""
    presumption: bool | int | str | None = None
    assumed: Text = ""
    choices: dict[str, str] = {}
    minimum: int = 0
    maximum: int = 1200
    yes_from: dict[str, int] = {}

    @model_validator(mode="after")
    def _whole(self) -> FactShape:
        if self.type is FactType.SCHEMES:
            raise ValueError("a country cannot declare a fact of type schemes; use boolean, number or choice")
        if (self.type is FactType.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to a fact of type choice, and to no other")
        if self.presumption is not None and not self.assumed:
            raise ValueError("a presumption needs `assumed`: the words after 'We assume that'")
        if self.yes_from and (self.type is not FactType.BOOLEAN or len(self.yes_from) > 1):
            raise ValueError("yes_from belongs to a fact of type boolean, and names one number")
        if any(name not in FACTS or FACTS[name].type is not FactType.NUMBER for name in self.yes_from):
            raise ValueError("yes_from names a number that the vocabulary holds, such as months_contributed")
        if self.minimum > self.maximum:
            raise ValueError(f"minimum ({self.minimum}) is more than maximum ({self.maximum})")
        if self.presumption is not None and not self._can_be(self.presumption):
            raise ValueError(f"the presumption {self.presumption!r} is no value that this fact can have")
        for text in (self.question, self.help, self.assumed, *self.choices.values()):
            _only_names(text)
        return self

    def _can_be(self, value: bool | int | str) -> bool:
        match self.type:
            case FactType.BOOLEAN:
                return isinstance(value, bool)
            case FactType.NUMBER:
                return isinstance(value, int) and not isinstance(value, bool) and self.minimum <= value <= self.maximum
        return value in self.choices


class OfficeShape(Shape):
    name: Words
    address: Text = ""
    phone: Text = ""
    url: Text = ""
    form: Text = ""
    note: Text = ""
    sources: Citations = []


class SchemeShape(Shape):
    name: Words
    short: Text = ""
    local_name: Text = ""
    kind: SchemeKind
    institution: Text = ""
    law: Text = ""
    gives: Annotated[list[Benefit], Field(min_length=1)]
    serves: Literal["everyone", "nationals", "foreigners"] = "everyone"
    since: date | None = None
    until: date | None = None
    gives_since: dict[Benefit, date] = {}
    offices: list[OfficeShape] = []
    sources: Annotated[Citations, Field(min_length=1)]
    note: Text = ""


class RuleShape(Shape):
    rule: Identifier
    scheme: Identifier
    benefits: Annotated[list[Benefit], Field(min_length=1)]
    when: dict[str, Any] = {}
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    says: Text = ""
    note: Text = ""
    sources: Annotated[Citations, Field(min_length=1)]
    checked: date
    confidence: Confidence

    @model_validator(mode="after")
    def _dates(self) -> RuleShape:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(f"it ends ({self.until}) before it starts ({self.from_}); swap or mend the dates")
        return self


class CoverageShape(RuleShape):
    direction: Direction
    coverage: Coverage
    scope: list[Scope] = []
    because: Ground | None = None
    if_equal: Coverage = Coverage.MANDATORY
    crosses: bool = False
    at_home: AtHome | None = None
    step: Text = ""
    contributions: dict[str, Words] | Text = {}

    @model_validator(mode="after")
    def _sense(self) -> CoverageShape:
        if self.because and self.coverage is not Coverage.EXCLUDED:
            raise ValueError("`because` is the ground of an exclusion; leave it out, or say `coverage: excluded`")
        if self.crosses and self.direction is not Direction.OUTBOUND:
            raise ValueError("`crosses` belongs to outbound rules; for inbound ones the leaving rule says it")
        if self.at_home and self.direction is not Direction.OUTBOUND:
            raise ValueError("`at_home` belongs to outbound rules")
        if self.step and self.coverage is not Coverage.VOLUNTARY:
            raise ValueError("`step` tells how to join; it belongs to `coverage: voluntary`")
        return self


class DeadlineShape(Shape):
    says: Words
    months: Annotated[int | None, Field(gt=0)] = None
    from_: Annotated[Literal["leaving", "job_end", "event", ""], Field(alias="from")] = ""


class ClaimShape(Shape):
    how: Text = ""
    papers: list[Words] = []
    deadline: DeadlineShape | None = None


class PayableShape(Shape):
    at_age: int | None = None
    where: Literal["there", "anywhere", ""] = ""


class LeavingShape(RuleShape):
    becomes: OnLeaving
    scope: list[Scope] = []
    claim: ClaimShape | None = None
    amount: Text = ""
    payable: PayableShape | None = None

    @model_validator(mode="after")
    def _by_law_alone(self) -> LeavingShape:
        if self.becomes in (OnLeaving.COUNTED_TOGETHER, OnLeaving.TRANSFERRED):
            raise ValueError(f"`{self.becomes}` comes from a provision of an agreement, not from a country's own rule")
        return self


class QualifyingShape(RuleShape):
    months: Annotated[int, Field(ge=0)]
    window_months: int | None = None
    requires: Text = ""
    otherwise: Text = ""
    amount: Text = ""


class AnnouncementShape(Shape):
    id: Identifier
    benefits: list[Benefit]
    who: dict[str, Any] = {}
    expected: Words
    says: Words
    sources: Annotated[Citations, Field(min_length=1)]


class CountryShape(Shape):
    """The frame of a country's file; its rules are validated one by one."""

    country: Code
    checked: date | None = None
    roles: list[Literal["origin", "destination"]] = ["origin", "destination"]
    sources: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    schemes: dict[str, Any]
    coverage: list[dict[str, Any]] = []
    qualifying: list[dict[str, Any]] = []
    leaving: list[dict[str, Any]] = []
    announced: list[dict[str, Any]] = []
    gaps: list[Words] = []


class ProvisionShape(Shape):
    provision: Identifier
    kind: ProvisionKind
    benefits: Annotated[list[Benefit], Field(min_length=1)]
    at: Text = ""
    operative: bool = True
    country: Code | Literal[""] = ""
    when: dict[str, Any] = {}
    from_: Annotated[date | None, Field(alias="from")] = None
    until: date | None = None
    min_own_months: int = 0
    max_months: int | None = None
    extension_months: int | None = None
    to: Literal["worker", "home_scheme", ""] = ""
    schemes: list[Identifier] = []
    says: Text = ""
    note: Text = ""
    sources: Annotated[Citations, Field(min_length=1)]
    checked: date
    confidence: Confidence

    @model_validator(mode="after")
    def _sense(self) -> ProvisionShape:
        if self.from_ and self.until and self.until < self.from_:
            raise ValueError(f"it ends ({self.until}) before it starts ({self.from_}); swap or mend the dates")
        if self.kind is ProvisionKind.LUMP_SUM_TRANSFER and self.operative and not self.to:
            raise ValueError("say with `to:` who gets the lump sum: worker or home_scheme")
        if self.kind is ProvisionKind.INSURANCE_DUTY and self.operative and not self.schemes:
            raise ValueError("an operative insurance_duty names the `schemes` that insure")
        return self


class AgreementShape(Shape):
    agreement: Identifier
    title: Words
    parties: Annotated[list[Code], Field(min_length=2)]
    binding: Binding
    signed: Text = ""
    in_force: date | None = None
    until: date | None = None
    checked: date | None = None
    schemes: list[Identifier] = []
    sources: dict[str, Any] = {}
    cites: Citations = []
    note: Text = ""
    provisions: list[dict[str, Any]] = []

    @model_validator(mode="after")
    def _dates(self) -> AgreementShape:
        if self.in_force and self.until and self.until < self.in_force:
            raise ValueError(f"it ends ({self.until}) before it starts ({self.in_force}); swap or mend the dates")
        return self


class ArticleShape(Shape):
    at: Text = ""
    benefits: Annotated[list[Benefit], Field(min_length=1)]
    who: dict[str, Any] = {}
    says: Words
    sources: Citations = []
    confidence: Confidence


class AcceptanceShape(Shape):
    on: date
    branches: list[Benefit] = []
    part: Text = ""
    sources: Annotated[Citations, Field(min_length=1)]
    confidence: Confidence


class InstrumentShape(Shape):
    title: Words
    short: Words
    adopted: date
    binding: Binding
    members: list[Code] = []
    asked_of: list[Code] = []
    accepted: dict[Code, AcceptanceShape] = {}
    agreement: Identifier | None = None
    checked: date | None = None
    sources: Annotated[Citations, Field(min_length=1)]
    confidence: Confidence
    note: Text = ""
    articles: list[ArticleShape] = []

    @model_validator(mode="after")
    def _asked(self) -> InstrumentShape:
        if strangers := sorted(set(self.accepted) - set(self.asked_of)):
            raise ValueError(f"{', '.join(strangers)} accepted it but is not in `asked_of`; add it there")
        return self
