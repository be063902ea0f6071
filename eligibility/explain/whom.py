"""Whom a rule speaks of, in words: its conditions as the pages of the law and the workspace print them."""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from eligibility.explain import words
from eligibility.explain.telling import unit
from eligibility.rulebook import Rulebook
from eligibility.rulebook.conditions import Condition, OneOf, Range, Test
from eligibility.rulebook.model import CoverageRule, Provision, Rule
from eligibility.vocabulary import QUALIFIED, Direction, Fact, FactType, Sector, Status


def names(rule: Rule | Provision | None) -> dict[str, str]:
    """The names of the two countries in a question, as far as the rule knows them."""
    if not isinstance(rule, Rule):
        return {"origin": _("your country"), "destination": _("the country of work"), "sector": _("your work")}
    here = words.country(rule.country)
    if isinstance(rule, CoverageRule) and rule.direction is not Direction.INBOUND:
        return {"origin": here, "destination": _("the country of work"), "sector": _("your work")}
    return {"origin": _("your country"), "destination": here, "sector": _("your work")}


def told(condition: Condition, rulebook: Rulebook, names: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    """A condition in words: everything in one list must be so; one of the lists is enough."""
    return tuple(
        tuple(_test(name, test, rulebook, names) for name, test in clause) for clause in condition.clauses if clause
    )


def _test(name: str, test: Test, rulebook: Rulebook, names: dict[str, str]) -> str:
    labels: dict[str, tuple[Callable[[str], str], str, str]] = {
        "origin": (words.country, _("You come from: %(values)s."), _("You do not come from: %(values)s.")),
        "destination": (words.country, _("You work in: %(values)s."), _("You do not work in: %(values)s.")),
        "sector": (
            lambda word: words.sector(Sector(word)),
            _("Your work: %(values)s."),
            _("Not this work: %(values)s."),
        ),
        "status": (
            lambda word: words.status(Status(word)),
            _("Your papers: %(values)s."),
            _("Not these papers: %(values)s."),
        ),
    }
    if name in labels and isinstance(test, OneOf):
        label, one_of, none_of = labels[name]
        values = _("; ").join(sorted(label(str(value)) for value in test.values))
        return (none_of if test.negated else one_of) % {"values": values}
    if name == QUALIFIED:
        paid = _("You have paid for long enough."), _("You have not paid for long enough.")
        return paid[not test.allows(True)]
    fact = rulebook.facts[name]
    question = _(fact.question).format_map({"sector": _("your work"), **names})
    return _("%(question)s %(answer)s") % {"question": question, "answer": _answer(fact, test, rulebook, names)}


def _answer(fact: Fact, test: Test, rulebook: Rulebook, names: dict[str, str]) -> str:
    if isinstance(test, Range):
        params = {"low": test.low, "high": test.high, "unit": unit(fact)}
        if test.low is None:
            return (_("Fewer than %(high)s %(unit)s") % params).strip() + "."
        if test.high is None:
            return (_("%(low)s %(unit)s or more") % params).strip() + "."
        return (_("%(low)s %(unit)s or more, but fewer than %(high)s") % params).strip() + "."
    if fact.type is FactType.BOOLEAN:
        return _("Yes.") if test.allows(True) else _("No.")
    values = sorted(map(str, test.values))
    if fact.type is FactType.CHOICE:
        choices = dict(fact.choices)
        values = [_(choices[value]).format_map({"sector": "", **names}) for value in values]
    elif fact.type is FactType.SCHEMES:
        values = [words.scheme(rulebook.schemes[value]) for value in values]
    params = {"values": _("; ").join(values)}
    return (_("Not: %(values)s.") if test.negated else _("%(values)s.")) % params
