"""The words of the product: every other module, file, screen and answer speaks them.

The nine benefits are the branches of ILO Convention 102. The words for agreements (totalisation, export of
benefits, equal treatment) are those of ILO Conventions 118 and 157. Nothing here knows a country, a library or
a language: texts are English message ids, marked with `msgid` so that the catalogues can find them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


def msgid(text: str) -> str:
    """Mark an English text for translation without translating it here (this module knows no language)."""
    return text


class Benefit(StrEnum):
    """One of the nine branches of social security of ILO Convention 102 (1952)."""

    OLD_AGE = "old_age"
    INVALIDITY = "invalidity"
    SURVIVORS = "survivors"
    MEDICAL_CARE = "medical_care"
    SICKNESS = "sickness"
    MATERNITY = "maternity"
    EMPLOYMENT_INJURY = "employment_injury"
    UNEMPLOYMENT = "unemployment"
    FAMILY = "family"

    @property
    def long_term(self) -> bool:
        """True for old age, invalidity and survivors: rights that build up over years."""
        return self in LONG_TERM


LONG_TERM = frozenset({Benefit.OLD_AGE, Benefit.INVALIDITY, Benefit.SURVIVORS})


class Sector(StrEnum):
    """The kind of work in the destination, as laws on coverage divide it."""

    AGRICULTURE = "agriculture"
    CONSTRUCTION = "construction"
    DOMESTIC_WORK = "domestic_work"
    FISHING = "fishing"
    SEAFARING = "seafaring"
    MANUFACTURING = "manufacturing"
    SERVICES = "services"
    HOSPITALITY = "hospitality"
    HEALTH_CARE = "health_care"
    ENTERTAINMENT = "entertainment"
    PROFESSIONAL = "professional"
    SELF_EMPLOYED = "self_employed"
    PUBLIC = "public"
    INFORMAL = "informal"


class Status(StrEnum):
    """The worker's standing in the destination: what the immigration papers say."""

    PERMANENT_RESIDENT = "permanent_resident"
    REGULAR_PROFESSIONAL = "regular_professional"
    REGULAR = "regular"
    BORDER_OR_SEASONAL = "border_or_seasonal"
    REGULARISED = "regularised"
    IRREGULAR = "irregular"
    REFUGEE_OR_ASYLUM_SEEKER = "refugee_or_asylum_seeker"


class SchemeKind(StrEnum):
    """What sort of thing pays."""

    SOCIAL_INSURANCE = "social_insurance"
    PROVIDENT_FUND = "provident_fund"
    EMPLOYER_LIABILITY = "employer_liability"
    MANDATED_PRIVATE_INSURANCE = "mandated_private_insurance"
    LABOUR_LAW = "labour_law"
    WELFARE_FUND = "welfare_fund"
    TAX_FINANCED = "tax_financed"


BY_SERVICE = frozenset({SchemeKind.EMPLOYER_LIABILITY, SchemeKind.LABOUR_LAW})
"""The kinds to which nobody contributes: what must be met first are months of work for the same employer."""

BUILT_UP = frozenset({SchemeKind.SOCIAL_INSURANCE, SchemeKind.PROVIDENT_FUND})
"""The kinds of scheme in which membership builds up rights."""

TERRITORIAL = frozenset({SchemeKind.EMPLOYER_LIABILITY, SchemeKind.LABOUR_LAW, SchemeKind.MANDATED_PRIVATE_INSURANCE})
"""The kinds that speak of jobs in their own country: unless a rule says otherwise they say nothing of work abroad."""


class Coverage(StrEnum):
    """How a scheme stands to a worker.

    mandatory: the law puts the worker in; employer_liability: the employer must pay the benefit or insure it;
    voluntary: the worker may join by a step of their own; excluded: the law leaves the worker out;
    unclear: the sources do not decide it (the third truth value).
    """

    MANDATORY = "mandatory"
    EMPLOYER_LIABILITY = "employer_liability"
    VOLUNTARY = "voluntary"
    EXCLUDED = "excluded"
    UNCLEAR = "unclear"


class Direction(StrEnum):
    """Whom a coverage rule speaks of.

    inbound: foreigners working in the scheme's country; outbound: its own nationals abroad;
    returning: its own nationals back home (shown, never decisive).
    """

    INBOUND = "inbound"
    OUTBOUND = "outbound"
    RETURNING = "returning"


class Side(StrEnum):
    """Whose scheme it is: the country of work or the worker's own."""

    DESTINATION = "destination"
    ORIGIN = "origin"


class Moment(StrEnum):
    """When the question is asked.

    at_work: while working abroad; on_leaving: when the worker leaves for good; at_home: what becomes of the
    rights built up in the country of origin.
    """

    AT_WORK = "at_work"
    ON_LEAVING = "on_leaving"
    AT_HOME = "at_home"


class OnLeaving(StrEnum):
    """What becomes, on leaving for good, of a right earned in the destination.

    paid_abroad: paid or usable in another country; withdrawn: paid out in cash; counted_together: periods are
    added up under an agreement in force (totalisation); transferred: moved to the scheme at home;
    frozen: kept, but not paid on leaving (only there, or only later); ends: protection stops with the job and
    nothing had built up; forfeited: paid for, and gone; unclear: the sources do not say.
    """

    PAID_ABROAD = "paid_abroad"
    WITHDRAWN = "withdrawn"
    COUNTED_TOGETHER = "counted_together"
    TRANSFERRED = "transferred"
    FROZEN = "frozen"
    ENDS = "ends"
    FORFEITED = "forfeited"
    UNCLEAR = "unclear"


CROSSES_THE_BORDER = frozenset(
    {OnLeaving.PAID_ABROAD, OnLeaving.WITHDRAWN, OnLeaving.COUNTED_TOGETHER, OnLeaving.TRANSFERRED}
)


class AtHome(StrEnum):
    """What becomes of the worker's membership in a scheme of the country of origin.

    continues: mandatory membership abroad; may_continue: voluntary; preserved: what was earned stays and
    nothing is added; stops: nothing was built up and protection ends; unclear: the sources do not say.
    """

    CONTINUES = "continues"
    MAY_CONTINUE = "may_continue"
    PRESERVED = "preserved"
    STOPS = "stops"
    UNCLEAR = "unclear"


class Outcome(StrEnum):
    """The headline for one benefit (DESIGN section 2).

    portable: it crosses the border; retained: it survives or protects on the spot; lost: the country's own
    workers have it, or the worker had it at home, but this worker is left out or forfeits it; none: neither
    country gives it to anyone; depends: a fact not yet given, or an unclear point of law, could change it.
    """

    PORTABLE = "portable"
    RETAINED = "retained"
    LOST = "lost"
    NONE = "none"
    DEPENDS = "depends"


class Scope(StrEnum):
    """A benefit given only in part: the words that must stand beside a yes."""

    WORK_RELATED_ONLY = "work_related_only"
    ACCIDENTS_ONLY = "accidents_only"
    EMERGENCY_ONLY = "emergency_only"
    HOSPITAL_ONLY = "hospital_only"
    CAPPED = "capped"
    LUMP_SUM_ONLY = "lump_sum_only"
    SAVINGS_ONLY = "savings_only"
    AT_OWN_COST = "at_own_cost"
    LEAVE_ONLY = "leave_only"
    IN_KIND_ONLY = "in_kind_only"
    IN_COUNTRY_ONLY = "in_country_only"


class Ground(StrEnum):
    """Why a rule leaves a worker out. `nationality` is what a clause on equal treatment lifts."""

    NATIONALITY = "nationality"
    STATUS = "status"
    SECTOR = "sector"
    EMPLOYER = "employer"
    CONTRACT = "contract"
    AGE = "age"
    ABROAD = "abroad"
    POSTED = "posted"
    NOT_YET = "not_yet"
    OTHER = "other"


class Confidence(StrEnum):
    """How sure a rule is, weakest first in `CONFIDENCE_ORDER`.

    high: the statute or the institution itself; medium: a reputable secondary source; low: old, single, or
    general knowledge.
    """

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


CONFIDENCE_ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


class Binding(StrEnum):
    """What an agreement or instrument binds: only a treaty in force changes an answer."""

    TREATY = "treaty"
    MOU = "mou"
    ADMINISTRATIVE = "administrative"
    UNILATERAL = "unilateral"
    DECLARATION = "declaration"


class ProvisionKind(StrEnum):
    """What a provision of an agreement does (ILO C118, C157; R167 model agreement)."""

    EQUAL_TREATMENT = "equal_treatment"
    TOTALISATION = "totalisation"
    EXPORT_OF_BENEFITS = "export_of_benefits"
    LUMP_SUM_TRANSFER = "lump_sum_transfer"
    EXEMPTION_OF_POSTED_WORKERS = "exemption_of_posted_workers"
    VOLUNTARY_COVERAGE = "voluntary_coverage"
    INSURANCE_DUTY = "insurance_duty"
    ADMINISTRATIVE_ASSISTANCE = "administrative_assistance"


class SourceKind(StrEnum):
    """What a source is. Where two disagree: the statute, then the institution, then the newer."""

    STATUTE = "statute"
    TREATY = "treaty"
    OFFICIAL_GUIDANCE = "official_guidance"
    COURT = "court"
    ILO = "ilo"
    SECONDARY = "secondary"
    NEWS = "news"
    GENERAL_KNOWLEDGE = "general_knowledge"


class FactType(StrEnum):
    """The type of a fact's value: yes/no, a whole number in a unit, one of named choices, or scheme ids."""

    BOOLEAN = "boolean"
    NUMBER = "number"
    CHOICE = "choice"
    SCHEMES = "schemes"


Value = bool | int | str | frozenset[str]
"""A fact's value: bool for boolean, int for number, str for choice, frozenset of scheme ids for schemes."""


@dataclass(frozen=True, slots=True)
class Fact:
    """Something about a worker that law may turn on.

    `question` and `help` are message ids with the named parameters {origin}, {destination} and {sector}.
    `presumption` is the value taken when nobody says otherwise (None: this fact really divides workers).
    `assumed` says the presumption in a worker's words (of the months paid in too: where a period is no longer than
    the contract, they are taken to be paid by its end). `unit` is for numbers (months, years, workers, currency).
    `choices` maps each value of a choice to its label; `minimum` and `maximum` bound a number. `yes_from` names a
    number and how much of it makes this yes-or-no a yes: whoever has told the number has answered.
    """

    name: str
    type: FactType
    question: str
    help: str = ""
    unit: str = ""
    presumption: Value | None = None
    assumed: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    minimum: int = 0
    maximum: int = 1200
    yes_from: tuple[str, int] | None = None


def _facts(*facts: Fact) -> dict[str, Fact]:
    return {fact.name: fact for fact in facts}


FACTS: dict[str, Fact] = _facts(
    Fact(
        "employer_is_local",
        FactType.BOOLEAN,
        msgid("Is your employer a citizen or permanent resident of {destination}, or a company there?"),
        help=msgid("In some countries the law treats workers of foreign employers differently."),
    ),
    Fact(
        "year_round",
        FactType.BOOLEAN,
        msgid("Do you work for the same employer all year round?"),
        help=msgid("Say no if the work is for a season or for a short time."),
    ),
    Fact(
        "months_contributed",
        FactType.NUMBER,
        msgid("For how many months have you or your employer paid contributions in {destination}?"),
        help=msgid("Look at your pay slip or your member account. A rough number is fine."),
        unit="months",
        assumed=msgid("you or your employer pay in for as long as your contract lasts"),
        maximum=720,
    ),
    Fact(
        "months_served",
        FactType.NUMBER,
        msgid("For how many months have you worked for this employer in {destination}?"),
        help=msgid("Some money is owed only after you have worked for the same employer long enough."),
        unit="months",
        assumed=msgid("you work for this employer for as long as your contract lasts"),
        maximum=720,
    ),
    Fact(
        "months_contributed_home",
        FactType.NUMBER,
        msgid("For how many months have you paid contributions to social security in {origin}?"),
        help=msgid("Count all the years before you left, and what you paid from abroad."),
        unit="months",
        assumed=msgid("you pay into your scheme at home for as long as your contract lasts"),
        maximum=720,
    ),
    Fact(
        "age",
        FactType.NUMBER,
        msgid("How old are you?"),
        unit="years",
        presumption=30,
        assumed=msgid("you are about 30 years old"),
        minimum=10,
        maximum=110,
    ),
    Fact(
        "contract_months",
        FactType.NUMBER,
        msgid("For how many months is your contract in {destination}?"),
        unit="months",
        presumption=12,
        assumed=msgid("your contract is for a year or more"),
        maximum=600,
    ),
    Fact(
        "employer_registered",
        FactType.BOOLEAN,
        msgid("Has your employer registered you with social security?"),
        help=msgid("Your pay slip may show a number or a contribution."),
        presumption=True,
        assumed=msgid("your employer has registered you"),
    ),
    Fact(
        "documents_valid",
        FactType.BOOLEAN,
        msgid("Are your passport and your permit to work valid now?"),
        presumption=True,
        assumed=msgid("your passport and your permit to work are valid"),
    ),
    Fact(
        "registered_at_home",
        FactType.BOOLEAN,
        msgid("Did you leave {origin} through the official channel, as a registered worker?"),
        help=msgid("For example through a licensed agency or the labour office."),
        presumption=True,
        assumed=msgid("you left through the official channel, as a registered worker"),
    ),
    Fact(
        "posted",
        FactType.BOOLEAN,
        msgid("Did an employer in {origin} send you, and does that employer still pay your wage?"),
        presumption=False,
        assumed=msgid("no employer at home sent you and pays your wage"),
    ),
    Fact(
        "posted_months",
        FactType.NUMBER,
        msgid("For how many months in all does your employer at home send you?"),
        unit="months",
        presumption=12,
        assumed=msgid("you are sent for a year"),
        maximum=600,
    ),
    Fact(
        "leaving_for_good",
        FactType.BOOLEAN,
        msgid("Will you leave {destination} for good when this work ends?"),
        presumption=True,
        assumed=msgid("you leave {destination} for good when the work ends"),
    ),
    Fact(
        "employer_is_business",
        FactType.BOOLEAN,
        msgid("Is your employer a business (not a private family)?"),
        presumption=False,
        assumed=msgid("you work for a private family"),
    ),
    Fact(
        "employer_workers",
        FactType.NUMBER,
        msgid("How many people work for your employer?"),
        unit="workers",
        presumption=20,
        assumed=msgid("your employer has more than ten workers"),
        maximum=1_000_000,
    ),
    Fact(
        "manual_work",
        FactType.BOOLEAN,
        msgid("Do you mostly work with your hands (not in an office)?"),
        presumption=True,
        assumed=msgid("you mostly work with your hands"),
    ),
    Fact(
        "monthly_wage",
        FactType.NUMBER,
        msgid("How much do you earn in a month, in the money of {destination}?"),
        unit="currency",
        maximum=1_000_000_000,
    ),
    Fact(
        "ship_flag",
        FactType.CHOICE,
        msgid("Under which flag does your ship sail?"),
        presumption="destination",
        assumed=msgid("your ship sails under the flag of {destination}"),
        choices=(
            ("destination", msgid("The flag of {destination}")),
            ("origin", msgid("The flag of {origin}")),
            ("other", msgid("The flag of another country")),
        ),
    ),
    Fact(
        "joined",
        FactType.SCHEMES,
        msgid("Which of these have you joined by yourself?"),
        presumption=frozenset(),
        assumed=msgid("you have not joined a scheme by yourself"),
    ),
)
"""The facts that any country's law may turn on. A country's file may declare more, with its code as prefix."""


FOUR = ("origin", "destination", "sector", "status")
"""The four answers that every case gives."""

QUALIFIED = "qualified"
"""The derived fact of leaving rules: is the qualifying period of this scheme and benefit met (after totalisation)?"""
