"""One sentence template for each reason and for each headline. Whole sentences with named parameters, never glued.

Parameters: `scheme` (its short name), `place` (the scheme's country), `home` and `there` (the case's countries),
and what single templates add.
"""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as msgid

from eligibility.engine.answer import Answer, Departure, Home, Protection, Reason, Why
from eligibility.engine.case import Case
from eligibility.explain import words
from eligibility.rulebook.model import Scheme
from eligibility.vocabulary import BY_SERVICE, AtHome, Coverage, Ground, Outcome, Side

_REASONS = {
    Why.COVERED: msgid("%(scheme)s in %(place)s covers you by law."),
    Why.EMPLOYER_PAYS: msgid("Your employer must give you this under the law of %(place)s (%(scheme)s)."),
    Why.VOLUNTARY_OPEN: msgid("%(scheme)s in %(place)s covers you only if you join by yourself."),
    Why.VOLUNTARY_JOINED: msgid("You have joined %(scheme)s in %(place)s by yourself, so it covers you."),
    Why.EXCLUDED: msgid("%(scheme)s in %(place)s leaves you out."),
    Why.COVERAGE_UNCLEAR: msgid("It is not clear if %(scheme)s in %(place)s covers you. Ask %(office)s."),
    Why.NO_RULE: msgid("We found no rule that lets you into %(scheme)s in %(place)s."),
    Why.NOT_YET_QUALIFIED: msgid("%(scheme)s pays only after %(months)s months of contributions."),
    Why.EQUAL_TREATMENT: msgid("An agreement makes %(scheme)s in %(place)s treat you like its own workers."),
    Why.VOLUNTARY_BY_AGREEMENT: msgid("An agreement lets you join %(scheme)s in %(place)s by yourself."),
    Why.INSURED_BY_AGREEMENT: msgid("An agreement puts you into %(scheme)s in %(place)s."),
    Why.POSTED_EXEMPT: msgid("An agreement keeps posted workers out of %(scheme)s in %(place)s."),
    Why.POSTED_STAYS_HOME: msgid("You stay in %(scheme)s at home while your employer at home sends you."),
    Why.PAID_ABROAD: msgid("%(scheme)s also pays when you live in another country."),
    Why.WITHDRAWN: msgid("%(scheme)s pays your money out to you when you leave for good."),
    Why.COUNTED_TOGETHER: msgid("An agreement counts your months in %(there)s and %(home)s together."),
    Why.TRANSFERRED: msgid("An agreement moves your money from %(scheme)s to your scheme at home."),
    Why.EXPORTED: msgid("An agreement makes %(scheme)s pay when you live in %(home)s."),
    Why.LUMP_SUM_BY_AGREEMENT: msgid("An agreement lets you take your money out of %(scheme)s when you leave."),
    Why.FROZEN: msgid("%(scheme)s keeps your money, but does not pay when you leave."),
    Why.ENDS: msgid("%(scheme)s stops when you leave."),
    Why.FORFEITED: msgid("What was paid into %(scheme)s is lost when you leave."),
    Why.LEAVING_UNCLEAR: msgid("It is not clear if %(scheme)s pays after you leave. Ask %(office)s."),
    Why.NO_LEAVING_RULE: msgid("We found no rule on what becomes of %(scheme)s when you leave."),
    Why.CONTINUES: msgid("%(scheme)s at home goes on while you work abroad."),
    Why.MAY_CONTINUE: msgid("You may go on with %(scheme)s at home by yourself."),
    Why.PRESERVED: msgid("%(scheme)s at home keeps what you earned before. Nothing is added while you are away."),
    Why.STOPS: msgid("%(scheme)s at home does not help you while you work abroad."),
    Why.HOME_UNCLEAR: msgid("It is not clear if %(scheme)s at home goes on while you work abroad. Ask %(office)s."),
    Why.NO_HOME_RULE: msgid("We found no rule on %(scheme)s at home for people who work abroad."),
    Why.RETURNING: msgid("%(scheme)s is there for you when you are back home."),
    Why.NO_SCHEME: msgid("We found no scheme for this in %(there)s or in %(home)s."),
}
_EXCLUDED_BECAUSE = {
    Ground.NATIONALITY: msgid("%(scheme)s in %(place)s leaves you out because you are not a citizen there."),
    Ground.STATUS: msgid("%(scheme)s in %(place)s leaves you out because of your papers."),
    Ground.SECTOR: msgid("%(scheme)s in %(place)s leaves out people in your kind of work."),
    Ground.EMPLOYER: msgid("%(scheme)s in %(place)s leaves you out because of who your employer is."),
    Ground.CONTRACT: msgid("%(scheme)s in %(place)s leaves you out because of your contract."),
    Ground.AGE: msgid("%(scheme)s in %(place)s leaves you out because of your age."),
    Ground.ABROAD: msgid("%(scheme)s in %(place)s leaves out people who work abroad."),
    Ground.POSTED: msgid("%(scheme)s in %(place)s leaves you out because an employer at home sent you."),
    Ground.NOT_YET: msgid("%(scheme)s in %(place)s did not cover people like you yet."),
}
_FROZEN = {
    (False, False): _REASONS[Why.FROZEN],
    (True, False): msgid("%(scheme)s keeps your money. It pays when you are %(age)s, not when you leave."),
    (False, True): msgid("%(scheme)s keeps what is yours, but pays only in %(place)s."),
    (True, True): msgid("%(scheme)s keeps your money. It pays only in %(place)s, when you are %(age)s."),
}
#: Where the employer owes it, nothing was paid in and nothing is taken out.
_BY_EMPLOYER = {
    Why.NOT_YET_QUALIFIED: msgid("%(scheme)s pays only after %(months)s months of work for the same employer."),
    Why.WITHDRAWN: msgid("Your employer must pay you this in cash (%(scheme)s)."),
    Why.FORFEITED: msgid("Your employer does not have to pay you this (%(scheme)s)."),
}
_PROTECTED = {
    Why.COVERED: msgid("%(scheme)s protects you while you work in %(there)s."),
    Why.EMPLOYER_PAYS: msgid("Your employer must give you this while you work in %(there)s."),
    Why.VOLUNTARY_JOINED: msgid("%(scheme)s protects you because you joined."),
    Why.EQUAL_TREATMENT: msgid("An agreement makes %(scheme)s protect you like its own workers."),
    Why.INSURED_BY_AGREEMENT: msgid("An agreement puts you into %(scheme)s."),
    Why.POSTED_STAYS_HOME: msgid("You stay in %(scheme)s at home while your employer at home sends you."),
}
_PROTECTED_FROM_HOME = msgid("%(scheme)s at home goes on protecting you in %(there)s.")
_ON_LEAVING = {
    Why.PAID_ABROAD: msgid("%(scheme)s can pay you at home too."),
    Why.WITHDRAWN: msgid("You can take your money out of %(scheme)s when you leave."),
    Why.COUNTED_TOGETHER: msgid("Your months in %(there)s and at home are counted together for a pension."),
    Why.TRANSFERRED: msgid("Your money moves from %(scheme)s to your scheme at home."),
    Why.EXPORTED: msgid("By an agreement, %(scheme)s can pay you in %(home)s."),
    Why.LUMP_SUM_BY_AGREEMENT: msgid("By an agreement, you can take your money out of %(scheme)s when you leave."),
}
_CROSSES = msgid("%(scheme)s at home also helps you in %(there)s.")
_LOST = {
    Why.EXCLUDED: msgid("%(scheme)s leaves you out."),
    Why.VOLUNTARY_OPEN: msgid("%(scheme)s does not cover you unless you join by yourself."),
    Why.FORFEITED: msgid("What was paid into %(scheme)s is lost when you leave."),
    Why.ENDS: msgid("%(scheme)s protects you only while you work there. Nothing goes home with you."),
    Why.NOT_YET_QUALIFIED: msgid("%(scheme)s does not pay yet: it asks for %(months)s months of contributions."),
    Why.NO_RULE: msgid("We found no rule that covers you in %(there)s."),
    Why.NO_LEAVING_RULE: msgid("We found no rule that lets you take anything from %(scheme)s home."),
}
_LOST_PLAIN = msgid("Other workers have this. The law leaves you out.")
_NONE = msgid("We found no scheme for this in %(there)s or in %(home)s.")
_DEPENDS = msgid("One more answer from you decides this.")
_UNCLEAR = msgid("The law is not clear. Ask %(office)s.")


def office_of(item: Protection | Departure | Home) -> str:
    """The name of the office to ask about a scheme."""
    return _office(item.scheme)


def _office(scheme: Scheme) -> str:
    return scheme.offices[0].name if scheme.offices else (scheme.institution or scheme.name)


def _say(template: str, params: dict[str, object]) -> str:
    """A template filled in; a scheme's name that begins the sentence gets a capital letter."""
    sentence = _(template) % params
    return sentence[:1].upper() + sentence[1:]


def _told(template: str, item: Protection | Departure | Home | None, case: Case) -> str:
    """A template filled in with what the law says of an item."""
    months: int = 0
    age: int | str = ""
    if isinstance(item, Protection) and item.qualifying is not None:
        months = item.qualifying.months
    if isinstance(item, Departure) and item.rule is not None and item.rule.at_age is not None:
        age = item.rule.at_age
    scheme = item.scheme if item is not None else None
    return _sentence(get_language() or "en", template, scheme, case.origin, case.destination, months, age)


@lru_cache(maxsize=16_384)
def _sentence(
    language: str, template: str, scheme: Scheme | None, home: str, there: str, months: int, age: int | str
) -> str:
    """The sentence in `language`, which is the active one. An answer has some ninety, and they hold nothing of a worker
    but the corridor: so each is made once."""
    params: dict[str, object] = {"home": words.place(home), "there": words.place(there)}
    if scheme is not None:
        params |= {
            "scheme": words.scheme(scheme),
            "place": words.place(scheme.country),
            "office": _office(scheme),
            "months": months,
            "age": age,
        }
    return _say(template, params)


def reason(given: Reason, case: Case) -> str:
    """The sentence of one reason."""
    item, template = given.item, _REASONS[given.code]
    if isinstance(item, Protection) and given.code is Why.EXCLUDED and item.rule is not None:
        template = _EXCLUDED_BECAUSE.get(item.rule.because, template)
    elif item is not None and item.scheme.kind in BY_SERVICE and given.code in _BY_EMPLOYER:
        template = _BY_EMPLOYER[given.code]
    elif isinstance(item, Departure) and given.code is Why.FROZEN and item.rule is not None:
        template = _FROZEN[item.rule.at_age is not None, item.rule.where == "there"]
    elif isinstance(item, Departure) and given.code is Why.COUNTED_TOGETHER and item.months is not None:
        return _counted(item, case)
    return _told(template, item, case)


def _counted(item: Departure, case: Case) -> str:
    assert item.months is not None
    here, there, needed = item.months
    params: dict[str, object] = {"home": words.place(case.origin), "there": words.place(case.destination)}
    params |= {"here": here, "at_home": there, "needed": needed}
    if here is None or there is None:
        return _("Your months in %(there)s and in %(home)s are counted together. %(needed)s are needed.") % params
    params["sum"] = here + there
    return (
        _(
            "Your %(here)s months in %(there)s and %(at_home)s months in %(home)s are counted together: "
            "%(sum)s of the %(needed)s needed."
        )
        % params
    )


#: What the sources leave unclear never speaks for an outcome that something else makes sure.
_DOUBTFUL = frozenset({Why.COVERAGE_UNCLEAR, Why.LEAVING_UNCLEAR, Why.HOME_UNCLEAR})


def verdict(answer: Answer, case: Case) -> str:
    """One sentence for the headline of a benefit."""
    deciding = [r for r in answer.reasons if r.decides and r.item is not None]
    deciding.sort(key=lambda given: (given.code in _DOUBTFUL, given.item is not None and not given.item.certain))
    match answer.outcome:
        case Outcome.DEPENDS:
            if all(question.unclear is not None for question in answer.depends_on):
                item = next((r.item for r in answer.reasons if r.rule is answer.depends_on[0].unclear), None)
                return _told(_UNCLEAR, item, case) if item is not None else _(_DEPENDS)
            return _(_DEPENDS)
        case Outcome.NONE:
            return _told(_NONE, None, case)
        case Outcome.LOST:
            return _lost(deciding, case)
    item = deciding[0].item if deciding else None
    if isinstance(item, Departure):
        if item.why is Why.FROZEN or (item.scheme.kind in BY_SERVICE and item.why in _BY_EMPLOYER):
            return reason(deciding[0], case)
        template = _ON_LEAVING.get(item.why, _REASONS[item.why])
    elif isinstance(item, Protection) and item.side is Side.DESTINATION:
        template = _PROTECTED.get(item.why, _REASONS[item.why])
    elif isinstance(item, Protection) and answer.outcome is Outcome.PORTABLE:
        template = _CROSSES
    elif item is not None:
        template = (
            _PROTECTED.get(item.why, _PROTECTED_FROM_HOME)
            if item.why is Why.POSTED_STAYS_HOME
            else _PROTECTED_FROM_HOME
        )
    else:
        return ""
    return _told(template, item, case)


#: Which ground for a loss says most, when several schemes leave the worker out.
_TELLING = (
    Why.FORFEITED,
    Why.NOT_YET_QUALIFIED,
    Why.VOLUNTARY_OPEN,
    Why.EXCLUDED,
    Why.ENDS,
    Why.NO_LEAVING_RULE,
    Why.NO_RULE,
)


def _lost(deciding: list[Reason], case: Case) -> str:
    there = [r for r in deciding if not (isinstance(r.item, Protection) and r.item.side is Side.ORIGIN)]
    for why in _TELLING:
        for given in [*there, *deciding]:
            if given.code is why:
                owed = given.item is not None and given.item.scheme.kind in BY_SERVICE and why in _BY_EMPLOYER
                if why is Why.EXCLUDED or owed:
                    return reason(given, case)
                return _told(_LOST[why], given.item, case)
    return _(_LOST_PLAIN)


def before(answer: Answer) -> list[str]:
    """What to do before leaving home: see to what the home schemes give, and think about what one may join."""
    home = [one for one in answer.at_work if one.side is Side.ORIGIN]
    must = [words.scheme(one.scheme) for one in home if one.coverage is Coverage.MANDATORY and one.protects]
    may = [words.scheme(one.scheme) for one in home if one.coverage is Coverage.VOLUNTARY and not one.protects]
    lines = [_("Make sure that you are registered with %(schemes)s.") % {"schemes": words.listed(must)}] if must else []
    return lines + ([_("Think about joining %(schemes)s by yourself.") % {"schemes": words.listed(may)}] if may else [])


def during(answer: Answer, case: Case) -> list[str]:
    """What protects the worker on the spot, or may; who is left out by whom stands under why."""
    covered: dict[Side, list[str]] = {side: [] for side in Side}
    lines = []
    for given in answer.reasons:
        item = given.item
        if not isinstance(item, Protection) or item.coverage in (Coverage.EXCLUDED, None):
            continue
        if item.protects and item.coverage is Coverage.MANDATORY and item.why is Why.COVERED and item.certain:
            covered[item.side].append(words.scheme(item.scheme))
        elif item.certain:
            lines.append(reason(given, case))
        else:
            lines.append(_("%(sentence)s This depends on an answer.") % {"sentence": reason(given, case)})
    names = {"there": words.place(case.destination)}
    if covered[Side.ORIGIN]:
        schemes = words.listed(covered[Side.ORIGIN])
        lines.insert(0, _("From home, you stay covered by %(schemes)s.") % {"schemes": schemes})
    if covered[Side.DESTINATION]:
        schemes = words.listed(covered[Side.DESTINATION])
        lines.insert(0, _("In %(there)s, you are covered by %(schemes)s.") % {**names, "schemes": schemes})
    return list(dict.fromkeys(lines)) or [_("We found nothing that protects you while you work in %(there)s.") % names]


def after(answer: Answer, case: Case) -> list[str]:
    """What becomes of it all when the worker goes home."""
    lines = [reason(given, case) for given in answer.reasons if isinstance(given.item, Departure)]
    kept = [words.scheme(one.scheme) for one in answer.at_home if one.becomes is AtHome.PRESERVED]
    if kept:
        lines.append(_("What you earned before you left is kept by %(schemes)s.") % {"schemes": words.listed(kept)})
    back = [words.scheme(one.scheme) for one in answer.on_return if one.coverage is not Coverage.EXCLUDED]
    if back:
        lines.append(_("When you are back, there is %(schemes)s.") % {"schemes": words.listed(back)})
    return list(dict.fromkeys(lines))
