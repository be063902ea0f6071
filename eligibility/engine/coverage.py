"""The moments at work and at home: how a scheme of either country stands to the worker."""

from __future__ import annotations

from eligibility.engine.agreements import ADDED_TO, Bridge, least_own_months
from eligibility.engine.answer import Home, Protection, Returning, Why
from eligibility.engine.conditions import PAID_THERE, SERVED, Knowledge, Unknown, holds, told_or_presumed
from eligibility.engine.index import Entry, resolve
from eligibility.rulebook.model import CoverageRule, Provision, QualifyingRule, Rule, Scheme
from eligibility.vocabulary import (
    BUILT_UP,
    BY_SERVICE,
    LONG_TERM,
    AtHome,
    Benefit,
    Coverage,
    Ground,
    ProvisionKind,
    Side,
)

PAID_AT_HOME = "months_contributed_home"
PROTECTING = frozenset({Coverage.MANDATORY, Coverage.EMPLOYER_LIABILITY})

_WHY = {
    Coverage.MANDATORY: Why.COVERED,
    Coverage.EMPLOYER_LIABILITY: Why.EMPLOYER_PAYS,
    Coverage.VOLUNTARY: Why.VOLUNTARY_OPEN,
    Coverage.EXCLUDED: Why.EXCLUDED,
    Coverage.UNCLEAR: Why.COVERAGE_UNCLEAR,
}
_WHY_HOME = {
    AtHome.CONTINUES: Why.CONTINUES,
    AtHome.MAY_CONTINUE: Why.MAY_CONTINUE,
    AtHome.PRESERVED: Why.PRESERVED,
    AtHome.STOPS: Why.STOPS,
    AtHome.UNCLEAR: Why.HOME_UNCLEAR,
}


def provision_for(bridge: Bridge | None, kind: ProvisionKind, scheme: Scheme, knowledge: Knowledge) -> Provision | None:
    """The provision of this kind that applies to the worker and bears on the scheme, if any. May raise Unknown."""
    if bridge is None:
        return None
    for applied in bridge.of(kind, scheme.country):
        if _concerns(applied.provision, scheme) and holds(applied.clauses, knowledge):
            return applied.provision
    return None


#: What is said of insurance alone, unless a provision names other schemes: periods, their export, who insures.
_OF_INSURANCE = frozenset(
    {ProvisionKind.TOTALISATION, ProvisionKind.EXPORT_OF_BENEFITS, ProvisionKind.EXEMPTION_OF_POSTED_WORKERS}
)


def _concerns(provision: Provision, scheme: Scheme) -> bool:
    """Does the provision bear on the scheme? One that names no schemes bears on all of its parties' schemes, or on all
    that build up rights where it speaks of insurance."""
    if provision.schemes:
        return scheme.id in provision.schemes
    return provision.kind not in _OF_INSURANCE or scheme.kind in BUILT_UP


def posting(bridge: Bridge, knowledge: Knowledge) -> Provision | None:
    """The provision that leaves a posted worker in the home scheme alone, if the worker is posted for no longer."""
    found = bridge.of(ProvisionKind.EXEMPTION_OF_POSTED_WORKERS, bridge.destination)
    provision = next((a.provision for a in found if holds(a.clauses, knowledge)), None)
    if provision is None or not knowledge.need("posted"):
        return None
    months = knowledge.need("posted_months")
    return provision if provision.max_months is None or int(months) <= provision.max_months else None  # type: ignore[arg-type]


def unclear_fact(rule: Rule) -> str:
    """The name of the question that only an office can answer: does this unclear rule work for the worker?"""
    return f"unclear:{rule.id}"


def settle(rule: Rule, knowledge: Knowledge) -> bool:
    """The third truth value of an unclear rule: raises Unknown until `determine` has tried both answers."""
    return bool(knowledge.need(unclear_fact(rule)))


def months_fact(side: Side, scheme: Scheme) -> str:
    """The fact with which a scheme's qualifying period is compared: months paid in, or months of service."""
    if side is Side.ORIGIN:
        return PAID_AT_HOME
    return SERVED if scheme.kind in BY_SERVICE else PAID_THERE


def own_months(side: Side, scheme: Scheme, needed: int, knowledge: Knowledge) -> int | None:
    """The months paid in the country of `side`, or served there; who told only how long they were insured has served as
    long. While nobody has told them, a period no longer than the contract (presumed: a year) is met in time: None. For
    a longer one raises Unknown."""
    fact = months_fact(side, scheme)
    own = told_or_presumed(fact, knowledge)
    if own is not None:
        return int(own)  # type: ignore[arg-type]
    if needed > int(knowledge.need("contract_months")):  # type: ignore[arg-type]
        raise Unknown(fact)
    knowledge.in_time.add(fact)
    return None


def qualifies(
    rule: QualifyingRule | None, side: Side, scheme: Scheme, bridge: Bridge | None, knowledge: Knowledge
) -> bool:
    """Have enough months been paid, or will be in time, the other country's included where an agreement adds them?
    Raises Unknown."""
    if rule is None or rule.months == 0:
        return True
    own = own_months(side, scheme, rule.months, knowledge)
    if own is None or own >= rule.months:
        return True
    adding = provision_for(bridge, ProvisionKind.TOTALISATION, scheme, knowledge)
    other = ADDED_TO.get(months_fact(side, scheme))
    if adding is None or other is None or own < least_own_months(adding):
        return False
    return own + int(knowledge.need(other)) >= rule.months  # type: ignore[arg-type]


def protection(
    benefit: Benefit, entry: Entry, side: Side, bridge: Bridge | None, posted: Provision | None, knowledge: Knowledge
) -> Protection:
    """At work: how the entry's scheme stands to the worker for the benefit. Raises Unknown."""
    scheme, rule = entry.scheme, resolve(entry.coverage, knowledge)
    if posted is not None:
        if side is Side.DESTINATION and _concerns(posted, scheme):
            return Protection(scheme, side, Coverage.EXCLUDED, rule, Why.POSTED_EXEMPT, False, provision=posted)
        if side is Side.ORIGIN and _concerns(posted, scheme):
            return Protection(scheme, side, Coverage.MANDATORY, rule, Why.POSTED_STAYS_HOME, True, provision=posted)
    coverage = rule.coverage if rule else None
    why, provision = _WHY[coverage] if coverage else Why.NO_RULE, None
    if bridge is not None and coverage not in PROTECTING:
        coverage, why, provision = _lifted(rule, coverage, why, scheme, side, bridge, knowledge)
    protects = coverage in PROTECTING
    if coverage is Coverage.UNCLEAR and rule is not None:
        protects = settle(rule, knowledge)
    elif coverage is Coverage.VOLUNTARY and scheme.id in knowledge.need("joined"):  # type: ignore[operator]
        protects, why = True, Why.VOLUNTARY_JOINED
    scope = rule.scope if rule else ()
    crosses = bool(rule and rule.crosses)
    if not protects or benefit in LONG_TERM or not entry.qualifying:
        return Protection(scheme, side, coverage, rule, why, protects, crosses, scope, provision)
    qualifying = resolve(entry.qualifying, knowledge)
    met = qualifies(qualifying, side, scheme, bridge, knowledge)
    why = why if met else Why.NOT_YET_QUALIFIED
    return Protection(scheme, side, coverage, rule, why, met, crosses, scope, provision, qualifying, met)


def _lifted(
    rule: CoverageRule | None,
    coverage: Coverage | None,
    why: Why,
    scheme: Scheme,
    side: Side,
    bridge: Bridge,
    knowledge: Knowledge,
) -> tuple[Coverage | None, Why, Provision | None]:
    """What an agreement makes of an exclusion: equal treatment lifts one by nationality, a duty to insure puts the
    worker into the scheme it names, a clause on voluntary coverage opens the door."""
    duty = provision_for(bridge, ProvisionKind.INSURANCE_DUTY, scheme, knowledge)
    if duty is not None:
        return Coverage.MANDATORY, Why.INSURED_BY_AGREEMENT, duty
    if side is Side.DESTINATION and rule is not None and rule.because is Ground.NATIONALITY:
        equal = provision_for(bridge, ProvisionKind.EQUAL_TREATMENT, scheme, knowledge)
        if equal is not None and coverage is Coverage.EXCLUDED and rule.if_equal is not Coverage.EXCLUDED:
            return rule.if_equal, Why.EQUAL_TREATMENT, equal
    if coverage in (Coverage.EXCLUDED, None):
        door = provision_for(bridge, ProvisionKind.VOLUNTARY_COVERAGE, scheme, knowledge)
        if door is not None:
            return Coverage.VOLUNTARY, Why.VOLUNTARY_BY_AGREEMENT, door
    return coverage, why, None


def home(protected: Protection) -> Home:
    """At home: what becomes of the membership in a scheme of the origin, given how it stands to the worker abroad."""
    scheme, rule = protected.scheme, protected.rule
    if protected.why in (Why.POSTED_STAYS_HOME, Why.INSURED_BY_AGREEMENT):
        return Home(scheme, AtHome.CONTINUES, rule, protected.why, protected.provision)
    if protected.why is Why.VOLUNTARY_BY_AGREEMENT:
        return Home(scheme, AtHome.MAY_CONTINUE, rule, protected.why, protected.provision)
    if rule is None:
        return Home(scheme, AtHome.STOPS, None, Why.NO_HOME_RULE)
    becomes = AtHome.CONTINUES if protected.why is Why.VOLUNTARY_JOINED else rule.at_home
    return Home(scheme, becomes, rule, _WHY_HOME[becomes])


def returning(entry: Entry, knowledge: Knowledge) -> Returning | None:
    """What the scheme gives once the worker is back. It decides nothing, so an unknown fact is passed over."""
    try:
        rule = resolve(entry.returning, knowledge)
    except Unknown:
        return None
    return Returning(entry.scheme, rule.coverage, rule) if rule is not None else None
