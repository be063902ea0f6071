"""The moment of leaving for good: what becomes of a right earned in the destination."""

from __future__ import annotations

from functools import partial

from eligibility.engine.agreements import Bridge
from eligibility.engine.answer import Departure, Protection, Why
from eligibility.engine.conditions import Knowledge
from eligibility.engine.coverage import PAID_AT_HOME, own_months, provision_for, qualifies, settle
from eligibility.engine.index import Entry, resolve
from eligibility.rulebook.model import LeavingRule, QualifyingRule
from eligibility.vocabulary import CROSSES_THE_BORDER, LONG_TERM, Benefit, OnLeaving, ProvisionKind, Side

_WHY = {
    OnLeaving.PAID_ABROAD: Why.PAID_ABROAD,
    OnLeaving.WITHDRAWN: Why.WITHDRAWN,
    OnLeaving.FROZEN: Why.FROZEN,
    OnLeaving.ENDS: Why.ENDS,
    OnLeaving.FORFEITED: Why.FORFEITED,
    OnLeaving.UNCLEAR: Why.LEAVING_UNCLEAR,
}
#: What export turns into payment abroad. Where protection ends with the job, nothing was earned that could be paid.
_KEPT_AT_THE_BORDER = frozenset({OnLeaving.FROZEN, OnLeaving.FORFEITED, OnLeaving.UNCLEAR})


def departures(
    benefit: Benefit, entry: Entry, protection: Protection, bridge: Bridge | None, knowledge: Knowledge
) -> list[Departure]:
    """What becomes of the right that the worker earned under the entry's scheme, as `protection` describes it; nothing
    if the scheme did not protect. Raises Unknown."""
    if not protection.protects:
        return []
    scheme, earned_by = entry.scheme, protection.rule
    qualifying = protection.qualifying or (resolve(entry.qualifying, knowledge) if entry.qualifying else None)
    knowledge.qualified = partial(qualifies, qualifying, Side.DESTINATION, scheme, bridge, knowledge)
    try:
        rule = resolve(entry.leaving, knowledge)
    finally:
        knowledge.qualified = None
    if bridge is None:
        return [_by_national_law(entry, rule, protection, knowledge)]
    found = []
    export = provision_for(bridge, ProvisionKind.EXPORT_OF_BENEFITS, scheme, knowledge)
    exported = export is not None and (rule is None or rule.becomes in _KEPT_AT_THE_BORDER)
    if exported and qualifies(qualifying, Side.DESTINATION, scheme, bridge, knowledge):
        found.append(Departure(scheme, OnLeaving.PAID_ABROAD, rule, Why.EXPORTED, True, (), export, None, earned_by))
    else:
        found.append(_by_national_law(entry, rule, protection, knowledge))
    if together := _counted_together(benefit, entry, qualifying, protection, bridge, knowledge):
        found.append(together)
    lump = provision_for(bridge, ProvisionKind.LUMP_SUM_TRANSFER, scheme, knowledge)
    if lump is not None:
        becomes = OnLeaving.TRANSFERRED if lump.to == "home_scheme" else OnLeaving.WITHDRAWN
        why = Why.TRANSFERRED if lump.to == "home_scheme" else Why.LUMP_SUM_BY_AGREEMENT
        if all(departure.becomes is not becomes for departure in found):
            found.append(Departure(scheme, becomes, None, why, True, (), lump, None, earned_by))
    return found


def _by_national_law(entry: Entry, rule: LeavingRule | None, protection: Protection, knowledge: Knowledge) -> Departure:
    scheme, earned_by = entry.scheme, protection.rule
    if rule is None:
        return Departure(scheme, None, None, Why.NO_LEAVING_RULE, False, earned_by=earned_by)
    scope = (*protection.scope, *(word for word in rule.scope if word not in protection.scope))
    unclear = rule.becomes is OnLeaving.UNCLEAR
    crosses = settle(rule, knowledge) if unclear else rule.becomes in CROSSES_THE_BORDER
    return Departure(scheme, rule.becomes, rule, _WHY[rule.becomes], crosses, scope, earned_by=earned_by)


def _counted_together(
    benefit: Benefit,
    entry: Entry,
    qualifying: QualifyingRule | None,
    protection: Protection,
    bridge: Bridge,
    knowledge: Knowledge,
) -> Departure | None:
    """Periods that an agreement adds to those at home, for a right that needs more months than were paid here. Only a
    right that builds up over years crosses the border so; a short-term one is at most reached sooner. Who has paid
    nothing yet is told that the months to come will count."""
    if qualifying is None or qualifying.months == 0:
        return None
    provision = provision_for(bridge, ProvisionKind.TOTALISATION, entry.scheme, knowledge)
    if provision is None:
        return None
    own = own_months(Side.DESTINATION, entry.scheme, qualifying.months, knowledge)
    home = knowledge.told(PAID_AT_HOME)
    if own is None or own >= qualifying.months or own < provision.min_own_months:
        return None
    months = (own, None if home is None else int(home), qualifying.months)  # type: ignore[arg-type]
    return Departure(
        entry.scheme,
        OnLeaving.COUNTED_TOGETHER,
        None,
        Why.COUNTED_TOGETHER,
        benefit in LONG_TERM,
        (),
        provision,
        months,
        protection.rule,
    )
