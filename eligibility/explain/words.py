"""The labels of the vocabulary in a worker's words, in the language active when they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache, lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal
from babel.units import format_unit
from django.utils.translation import get_language, ngettext, to_locale
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.rulebook.model import Scheme
from eligibility.vocabulary import (
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Direction,
    Ground,
    OnLeaving,
    Outcome,
    ProvisionKind,
    SchemeKind,
    Scope,
    Sector,
    Side,
    Status,
)

_BENEFITS = {
    Benefit.OLD_AGE: msgid("Money when you are old"),
    Benefit.INVALIDITY: msgid("Money if you can no longer work"),
    Benefit.SURVIVORS: msgid("Money for your family if you die"),
    Benefit.MEDICAL_CARE: msgid("Doctor and hospital"),
    Benefit.SICKNESS: msgid("Pay when you are ill"),
    Benefit.MATERNITY: msgid("Pay when you have a baby"),
    Benefit.EMPLOYMENT_INJURY: msgid("Accident or illness from work"),
    Benefit.UNEMPLOYMENT: msgid("Money when you lose your job"),
    Benefit.FAMILY: msgid("Money for your children"),
}
_SECTORS = {
    Sector.AGRICULTURE: msgid("Farm, plantation or forest"),
    Sector.CONSTRUCTION: msgid("Building site"),
    Sector.DOMESTIC_WORK: msgid("Work in a private home"),
    Sector.FISHING: msgid("Fishing boat or fish farm"),
    Sector.SEAFARING: msgid("Ship (not fishing)"),
    Sector.MANUFACTURING: msgid("Factory"),
    Sector.SERVICES: msgid("Shop, cleaning, transport or other services"),
    Sector.HOSPITALITY: msgid("Hotel or restaurant"),
    Sector.HEALTH_CARE: msgid("Hospital or care home"),
    Sector.ENTERTAINMENT: msgid("Entertainment"),
    Sector.PROFESSIONAL: msgid("Office or skilled profession"),
    Sector.SELF_EMPLOYED: msgid("My own business"),
    Sector.PUBLIC: msgid("Government"),
    Sector.INFORMAL: msgid("Day jobs or street work, no contract"),
}
_STATUSES = {
    Status.PERMANENT_RESIDENT: (msgid("Permanent resident"), msgid("You may live there for ever.")),
    Status.REGULAR_PROFESSIONAL: (
        msgid("Work permit for skilled or office work"),
        msgid("For example an employment pass."),
    ),
    Status.REGULAR: (msgid("Work permit"), msgid("You have a permit for your job and it is valid.")),
    Status.BORDER_OR_SEASONAL: (
        msgid("Border pass or seasonal permit"),
        msgid("You cross the border for work, or work there for a season."),
    ),
    Status.REGULARISED: (
        msgid("Permit from a programme for people without papers"),
        msgid("You had no papers and were then registered."),
    ),
    Status.IRREGULAR: (
        msgid("No valid papers"),
        msgid("You have no permit, or it ran out. You can still ask here; we store nothing."),
    ),
    Status.REFUGEE_OR_ASYLUM_SEEKER: (
        msgid("Refugee or asylum seeker"),
        msgid("You fled your country. You may have a UNHCR card."),
    ),
}
_OUTCOMES = {
    Outcome.PORTABLE: (msgid("Carry home"), msgid("You can carry it home")),
    Outcome.RETAINED: (msgid("Keep"), msgid("You keep it")),
    Outcome.LOST: (msgid("Lose"), msgid("You lose it")),
    Outcome.DEPENDS: (msgid("It depends"), msgid("It depends")),
    Outcome.NONE: (msgid("Does not exist"), msgid("It does not exist")),
}
_SCOPES = {
    Scope.WORK_RELATED_ONLY: msgid("only if work was the cause"),
    Scope.ACCIDENTS_ONLY: msgid("only for accidents, not for illness"),
    Scope.EMERGENCY_ONLY: msgid("only in an emergency"),
    Scope.HOSPITAL_ONLY: msgid("only in hospital"),
    Scope.CAPPED: msgid("only up to a limit"),
    Scope.LUMP_SUM_ONLY: msgid("paid once, not every month"),
    Scope.SAVINGS_ONLY: msgid("only what was saved in your account"),
    Scope.AT_OWN_COST: msgid("you pay for it yourself"),
    Scope.LEAVE_ONLY: msgid("free days only, without other help"),
    Scope.IN_KIND_ONLY: msgid("care or help, not money"),
    Scope.IN_COUNTRY_ONLY: msgid("only while you are in that country"),
}
_GROUNDS = {
    Ground.NATIONALITY: msgid("because you are not a citizen there"),
    Ground.STATUS: msgid("because of your papers"),
    Ground.SECTOR: msgid("because of the kind of work"),
    Ground.EMPLOYER: msgid("because of who your employer is"),
    Ground.CONTRACT: msgid("because of your contract"),
    Ground.AGE: msgid("because of your age"),
    Ground.ABROAD: msgid("because you work abroad"),
    Ground.POSTED: msgid("because an employer at home sent you"),
    Ground.NOT_YET: msgid("because the law had not changed yet"),
    Ground.OTHER: "",
}
_COVERAGES = {
    Coverage.MANDATORY: msgid("covered"),
    Coverage.EMPLOYER_LIABILITY: msgid("employer must pay"),
    Coverage.VOLUNTARY: msgid("may join"),
    Coverage.EXCLUDED: msgid("left out"),
    Coverage.UNCLEAR: msgid("unclear"),
}
_ON_LEAVING = {
    OnLeaving.PAID_ABROAD: msgid("paid abroad"),
    OnLeaving.WITHDRAWN: msgid("paid out"),
    OnLeaving.COUNTED_TOGETHER: msgid("counted together"),
    OnLeaving.TRANSFERRED: msgid("moved home"),
    OnLeaving.FROZEN: msgid("kept there"),
    OnLeaving.ENDS: msgid("ends"),
    OnLeaving.FORFEITED: msgid("lost"),
    OnLeaving.UNCLEAR: msgid("unclear"),
}
_AT_HOME = {
    AtHome.CONTINUES: msgid("goes on"),
    AtHome.MAY_CONTINUE: msgid("may go on"),
    AtHome.PRESERVED: msgid("kept, nothing added"),
    AtHome.STOPS: msgid("stops"),
    AtHome.UNCLEAR: msgid("unclear"),
}
_CONFIDENCE = {
    Confidence.HIGH: msgid("High: from the law or the office itself."),
    Confidence.MEDIUM: msgid("Medium: from a good second-hand source."),
    Confidence.LOW: msgid("Low: from one weak or old source. Please ask the office."),
}
_BINDING = {
    Binding.TREATY: msgid("treaty"),
    Binding.MOU: msgid("memorandum that binds no one"),
    Binding.ADMINISTRATIVE: msgid("arrangement between offices"),
    Binding.UNILATERAL: msgid("practice of one country"),
    Binding.DECLARATION: msgid("declaration that binds no one"),
}
_DIRECTIONS = {
    Direction.INBOUND: msgid("For people from other countries who work in %(country)s"),
    Direction.OUTBOUND: msgid("For people from %(country)s who work in another country"),
    Direction.RETURNING: msgid("For people from %(country)s who are back home"),
}
_SCHEME_KINDS = {
    SchemeKind.SOCIAL_INSURANCE: msgid("Social insurance"),
    SchemeKind.PROVIDENT_FUND: msgid("Savings fund"),
    SchemeKind.EMPLOYER_LIABILITY: msgid("The employer pays"),
    SchemeKind.MANDATED_PRIVATE_INSURANCE: msgid("Private insurance that the law asks for"),
    SchemeKind.LABOUR_LAW: msgid("Labour law"),
    SchemeKind.WELFARE_FUND: msgid("Welfare fund"),
    SchemeKind.TAX_FINANCED: msgid("Paid from taxes"),
}
_PROVISIONS = {
    ProvisionKind.EQUAL_TREATMENT: msgid("Foreign workers are treated like the country’s own"),
    ProvisionKind.TOTALISATION: msgid("Months paid in both countries are counted together"),
    ProvisionKind.EXPORT_OF_BENEFITS: msgid("The benefit is paid in the other country too"),
    ProvisionKind.LUMP_SUM_TRANSFER: msgid("What was paid in is paid out in one sum"),
    ProvisionKind.EXEMPTION_OF_POSTED_WORKERS: msgid("Workers sent by an employer at home stay in the scheme at home"),
    ProvisionKind.VOLUNTARY_COVERAGE: msgid("Workers may join by themselves"),
    ProvisionKind.INSURANCE_DUTY: msgid("Workers must be insured"),
    ProvisionKind.ADMINISTRATIVE_ASSISTANCE: msgid("The offices of both countries help each other"),
}

_PAYERS = {
    "worker": msgid("You:"),
    "employer": msgid("Your employer:"),
    "government": msgid("The state:"),
    "of": msgid("Of:"),
}
_SIDES = {Side.DESTINATION: msgid("there"), Side.ORIGIN: msgid("home")}


def benefit(word: Benefit) -> str:
    """The benefit as a worker would name it."""
    return _(_BENEFITS[word])


def sector(word: Sector) -> str:
    return _(_SECTORS[word])


def status(word: Status) -> str:
    return _(_STATUSES[word][0])


def status_help(word: Status) -> str:
    """One line that lets a worker recognise their own papers."""
    return _(_STATUSES[word][1])


def outcome(word: Outcome) -> str:
    """The short word of a tag."""
    return _(_OUTCOMES[word][0])


def outcome_heading(word: Outcome) -> str:
    return _(_OUTCOMES[word][1])


def outcome_count(word: Outcome, number: int) -> str:
    """The words after the number of benefits with this outcome: "3 you keep"."""
    match word:
        case Outcome.PORTABLE:
            return ngettext("you can carry home", "you can carry home", number)
        case Outcome.RETAINED:
            return ngettext("you keep", "you keep", number)
        case Outcome.LOST:
            return ngettext("you lose", "you lose", number)
        case Outcome.DEPENDS:
            return ngettext("depends on something", "depend on something", number)
    return ngettext("does not exist", "do not exist", number)


def scope(word: Scope) -> str:
    return _(_SCOPES[word])


def ground(word: Ground) -> str:
    """Why a rule leaves somebody out, "" if it gives no ground."""
    return _(_GROUNDS[word]) if _GROUNDS[word] else ""


def coverage(word: Coverage) -> str:
    return _(_COVERAGES[word])


def on_leaving(word: OnLeaving) -> str:
    return _(_ON_LEAVING[word])


def at_home(word: AtHome) -> str:
    return _(_AT_HOME[word])


def confidence(word: Confidence) -> str:
    return _(_CONFIDENCE[word])


def binding(word: Binding) -> str:
    return _(_BINDING[word])


def direction(word: Direction, code: str) -> str:
    """Whom a coverage rule of that country speaks of."""
    return _(_DIRECTIONS[word]) % {"country": country(code)}


def scheme_kind(word: SchemeKind) -> str:
    return _(_SCHEME_KINDS[word])


def provision_kind(word: ProvisionKind) -> str:
    """What a clause of an agreement does."""
    return _(_PROVISIONS[word])


def payer(word: str) -> str:
    """Who pays a contribution, or of what it is; a name that is none of the usual stands as it is."""
    return _(_PAYERS[word]) if word in _PAYERS else word


def scheme(one: Scheme) -> str:
    """What people call a scheme. Names stay as they are; what only describes it is translated."""
    return _(one.short)


def side(word: Side) -> str:
    return _(_SIDES[word])


#: Tetum takes its names of countries and months from Portuguese.
_NEIGHBOURS = {"tet": "pt"}


def _locale() -> Locale:
    return _locale_of(get_language() or "en")


@cache
def _locale_of(language: str) -> Locale:
    """The language's dates, lists and names of countries; for one that CLDR does not know, those of its neighbour."""
    try:
        return Locale.parse(to_locale(_NEIGHBOURS.get(language, language)))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


#: Names that CLDR has only in a form that nobody says.
_CALLED = (("HK", msgid("Hong Kong")),)
#: A second name in brackets.
_OTHER_NAME = re.compile(r"\s*[(（].*[)）]$")


def country(code: str) -> str:
    """The country's name in the active language (CLDR); the code itself where CLDR has none."""
    return _country(get_language() or "en", code)


@lru_cache(maxsize=4096)
def _country(language: str, code: str) -> str:
    """In `language`, which is the active one."""
    for one, name in _CALLED:
        if one == code:
            return _(name)
    locale = _locale_of(language)
    name = str(locale.territories.get(code) or Locale("en").territories.get(code) or code)
    return _OTHER_NAME.sub("", name)


#: English, unlike most languages, puts an article before some names of countries.
_WITH_ARTICLE = frozenset({"Netherlands", "Philippines", "United Arab Emirates", "United Kingdom", "United States"})


def place(code: str) -> str:
    """The country's name inside a sentence: "in the Philippines"."""
    return _place(get_language() or "en", code)


@lru_cache(maxsize=4096)
def _place(language: str, code: str) -> str:
    """An answer of nine benefits names some hundred places, so each name is looked up once."""
    name = _country(language, code)
    return f"the {name}" if _locale_of(language).language == "en" and name in _WITH_ARTICLE else name


def listed(names: Iterable[str]) -> str:
    """Names as a list in the active language: "SSS, Pag-IBIG and OWWA"."""
    return format_list(list(dict.fromkeys(names)), locale=_locale())


def sentence(text: str) -> str:
    """Words that end as a sentence does in the active language: with a stop of its own script, or with none."""
    return _("%(values)s.") % {"values": text}


def number(count: int) -> str:
    """A number with its thousands apart, as the active language writes it."""
    return format_decimal(count, locale=_locale())


def months(count: int) -> str:
    return ngettext("%(number)s month", "%(number)s months", count) % {"number": number(count)}


def size(number: int) -> str:
    """So many bytes as a size, rounded down: "25 MB"."""
    for unit, least in (("digital-megabyte", 1_000_000), ("digital-kilobyte", 1_000)):
        if number >= least:
            return format_unit(number // least, unit, length="short", locale=_locale())
    return format_unit(number, "digital-byte", length="short", locale=_locale())


def month(when: date) -> str:
    """A month and its year in the active language."""
    return format_skeleton("yMMMM", when, locale=_locale())


def month_name(when: date) -> str:
    """The month alone, short, as under a chart: "Mar"."""
    return format_date(when, format="LLL", locale=_locale())


def day(when: date) -> str:
    """A date as people write it in the active language."""
    return format_date(when, format="long", locale=_locale())


def short_day(when: date) -> str:
    """The same for a table."""
    return format_date(when, format="medium", locale=_locale())


def moment(when: datetime) -> str:
    """A day with its hour and minute, as the time of day stands in `when`."""
    return f"{short_day(when)} {when:%H:%M}"
