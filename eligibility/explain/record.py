"""What a case rests on, in words: the facts that were told, the stays, and the ledger of rights over all of them."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from eligibility.engine.career import Career, Right, Stay
from eligibility.engine.case import Case
from eligibility.explain import words
from eligibility.explain.page import ToldFact, ToldQuestion, ToldRight, ToldStay
from eligibility.explain.telling import ask, claim, sentence_of
from eligibility.rulebook.model import Rulebook
from eligibility.vocabulary import FactType, Value


def facts(case: Case, rulebook: Rulebook) -> tuple[ToldFact, ...]:
    """The facts that were told, as questions with their answers."""
    found = []
    for name, value in case.facts.items():
        question = ask(rulebook.facts[name], case)
        found.append(ToldFact(name, question.text, in_words(question, value, rulebook)))
    return tuple(found)


def in_words(question: ToldQuestion, value: Value, rulebook: Rulebook) -> str:
    """The answer to a question in words; `value` as the engine holds it or as a form sends it."""
    match question.kind.type:
        case FactType.NUMBER if question.unit:
            return _("%(number)s %(unit)s") % {"number": value, "unit": question.unit}
        case FactType.NUMBER:
            return str(value)
        case FactType.SCHEMES:
            schemes = (
                value.split(",") if isinstance(value, str) else sorted(value) if isinstance(value, frozenset) else []
            )
            return _(", ").join(words.scheme(rulebook.schemes[scheme]) for scheme in schemes)
    sent = str(value).lower() if isinstance(value, bool) else str(value)
    return next(option.label for option in question.options if option.value == sent)


def stay(one: Stay) -> ToldStay:
    """One stay in words."""
    return ToldStay(
        country=words.country(one.destination),
        work=words.sector(one.sector),
        papers=words.status(one.status),
        when=period(one.from_, one.until),
        months=_("%(number)s %(unit)s") % {"number": one.months, "unit": _("months")} if one.months is not None else "",
    )


def period(began: date, ended: date | None) -> str:
    """From which month to which: "March 2024 to today"."""
    return _("%(began)s to %(ended)s") % {
        "began": words.month(began),
        "ended": words.month(ended) if ended else _("today"),
    }


def rights(career: Career) -> tuple[ToldRight, ...]:
    """The ledger in words, what must be claimed soonest first; without what no rule speaks of."""
    known = [one for one in career.ledger if one.departure.becomes is not None]
    known.sort(key=lambda one: (one.claim_by is None, one.claim_by or career.on, not one.departure.certain))
    return tuple(_right(one, career) for one in known)


def _right(one: Right, career: Career) -> ToldRight:
    case = next(determination.case for stay, determination in career.stays if stay is one.stay)
    together = ""
    if one.total is not None and one.needed is not None:
        parts = [
            _("%(months)s in %(country)s") % {"months": months, "country": words.place(country)}
            for country, months in one.together
        ]
        together = _("Your months: %(parts)s. Together %(sum)s of the %(needed)s needed.") % {
            "parts": words.listed(parts),
            "sum": one.total,
            "needed": one.needed,
        }
    return ToldRight(
        benefit=words.benefit(one.benefit),
        country=words.country(one.stay.destination),
        scheme=words.scheme(one.departure.scheme),
        text=sentence_of(one.departure, case),
        months=one.months,
        together=together,
        of=one,
        claim=claim(one.departure),
        by=words.day(one.claim_by) if one.claim_by else "",
        expired=one.expired,
        certain=one.departure.certain,
    )
