"""What must hold for every case that can be asked, of the real law and of invented law with a bit of everything.

`EXAMPLES=5000 pytest tests/test_properties.py` searches longer.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any
from unittest.mock import patch

from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eligibility.engine import Answer, Case, determine
from eligibility.engine.answer import Why
from eligibility.engine.headline import RANK
from eligibility.engine.index import Index
from eligibility.explain import as_data, canonical
from eligibility.explain.data import answer_data
from eligibility.explain.parts import Parts
from eligibility.rulebook import Rulebook, load
from eligibility.rulebook.conditions import Range
from eligibility.rulebook.model import QualifyingRule
from eligibility.vocabulary import Benefit, Binding, Coverage, Fact, FactType, Outcome, Sector, Status, Value
from tests.synthetic import law_of, nation, treaty

EXAMPLES = int(os.environ.get("EXAMPLES", "100"))
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
BUSY = settings(max_examples=EXAMPLES, suppress_health_check=SLOW)
BUSIER = settings(max_examples=max(1, EXAMPLES // 3), suppress_health_check=SLOW)
NOTHING_FOUND = {Why.NO_RULE, Why.NO_SCHEME, Why.NO_LEAVING_RULE, Why.NO_HOME_RULE}

ISLE = """{qm_isle: {type: choice, question: Where?, choices: {north: North, south: South, west: West}},
  qm_camp: {type: choice, question: Which?, choices: {a: A, b: B, c: C}, presumption: b, assumed: you are in camp B}}"""
THERE = nation(
    "QM",
    "old_age, sickness, employment_injury",
    facts=ISLE,
    other="kind: provident_fund",
    inbound=[
        """coverage: mandatory, from: 2015-01-01, when: {status: {not: [irregular]}, age: {at_least: 18, below: 60}},
          except: [{rule: qm-a, when: {sector: [domestic_work]}, coverage: voluntary, except: [
            {rule: qm-b, when: {year_round: true}, coverage: mandatory, from: 2020-01-01, until: 2024-06-30}]},
          {rule: qm-c, when: {origin: [QO], sector: [fishing]}, coverage: unclear}]""",
        "coverage: excluded, because: nationality, if_equal: mandatory, when: {status: [irregular]}",
        """coverage: voluntary, scheme: qm-other, when: {monthly_wage: {at_least: 700}}, except: [
          {rule: qm-d, when: {qm_isle: [north, west]}, coverage: mandatory},
          {rule: qm-e, when: {qm_isle: [south], qm_camp: [a]}, coverage: excluded, because: other}]""",
    ],
    leaving=[
        "benefits: [old_age], when: {qualified: true}, becomes: frozen",
        "benefits: [old_age], when: {qualified: false}, becomes: forfeited",
        "benefits: [sickness], becomes: ends",
        "benefits: [employment_injury], becomes: unclear",
        "scheme: qm-other, becomes: withdrawn, when: {leaving_for_good: true}",
    ],
    qualifying=[
        "benefits: [old_age], months: 120",
        "benefits: [sickness], months: 24, except: [{rule: qm-f, when: {manual_work: true}, months: 6}]",
    ],
)
HOME = nation(
    "QN",
    "old_age, sickness, unemployment",
    inbound="coverage: mandatory, when: {employer_registered: true}",
    leaving="becomes: paid_abroad, benefits: [old_age]",
    outbound=[
        "coverage: voluntary, benefits: [old_age], when: {registered_at_home: true}",
        "coverage: unclear, benefits: [old_age], when: {registered_at_home: false}",
        "coverage: mandatory, benefits: [unemployment], when: {age: {below: 55}}",
        "coverage: mandatory, benefits: [sickness], crosses: true, when: {documents_valid: true, year_round: false}",
    ],
    qualifying="months: 36, benefits: [unemployment, sickness]",
)
THIRD = nation(
    "QO",
    "old_age, family",
    outbound="coverage: mandatory, benefits: [old_age], when: {posted: true}",
    inbound="coverage: employer_liability, benefits: [family], when: {contract_months: {at_least: 6}}",
)
TREATY = treaty(
    "kind: totalisation, benefits: [old_age, sickness, unemployment], min_own_months: 6",
    "kind: export_of_benefits, benefits: [old_age], country: QM, when: {monthly_wage: {below: 2000}}",
    "kind: equal_treatment, benefits: [old_age, sickness], when: {age: {below: 45}}",
    "kind: exemption_of_posted_workers, benefits: [old_age, sickness], max_months: 24",
    "kind: lump_sum_transfer, benefits: [employment_injury], to: worker, from: 2022-01-01",
)
DOOR = treaty("kind: voluntary_coverage, benefits: [old_age]", name="ag-qm-qo", parties="QM, QO")
PROMISE = treaty("kind: equal_treatment, benefits: [old_age]", name="ag-qm-qo-mou", parties="QM, QO", binding="mou")


@cache
def law_called(name: str) -> Rulebook:
    return load() if name == "real" else law_of(THERE, HOME, THIRD, TREATY, DOOR, PROMISE)


@cache
def edges(law: Rulebook) -> dict[str, list[int]]:
    """The numbers at which something may change, for each fact, with their neighbours."""
    found: dict[str, set[int]] = {}
    for condition in [*(rule.when for rule in law.rules.values()), *(one.when for one in law.provisions.values())]:
        for clause in condition.clauses:
            for fact, test in clause:
                if isinstance(test, Range):
                    found.setdefault(fact, set()).update(b for b in (test.low, test.high) if b is not None)
    months = {rule.months for rule in law.rules.values() if isinstance(rule, QualifyingRule)}
    for fact in ("months_contributed", "months_contributed_home", "contract_months"):
        found.setdefault(fact, set()).update(months)
    limits = {one.max_months for one in law.provisions.values() if one.max_months is not None}
    found.setdefault("posted_months", set()).update(limits)
    return {fact: sorted(n + d for n in numbers for d in (-1, 0, 1)) for fact, numbers in found.items()}


def values(law: Rulebook, fact: Fact, *countries: str) -> st.SearchStrategy[Value]:
    match fact.type:
        case FactType.BOOLEAN:
            return st.booleans()
        case FactType.CHOICE:
            return st.sampled_from([value for value, _label in fact.choices])
        case FactType.NUMBER:
            low, high = fact.minimum, fact.maximum
            near = [number for number in edges(law).get(fact.name, []) if low <= number <= high]
            return st.one_of(*([st.sampled_from(near)] if near else []), st.integers(low, high))
    schemes = [scheme.id for scheme in law.schemes.values() if scheme.country in countries]
    return st.frozensets(st.sampled_from(schemes), max_size=3) if schemes else st.just(frozenset())


def days(law: Rulebook, *countries: str) -> st.SearchStrategy[date]:
    changes = [day for day in Index(law).corridor(*countries).days if 2012 <= day.year <= 2028]
    return st.one_of(*([st.sampled_from(changes)] if changes else []), st.dates(date(2012, 1, 1), date(2028, 12, 31)))


def facts(law: Rulebook, *countries: str) -> st.SearchStrategy[dict[str, Value]]:
    """Some of the facts: none, a few, or many."""
    possible = {name: values(law, fact, *countries) for name, fact in law.facts.items()}
    names = st.lists(st.sampled_from(sorted(possible)), unique=True, max_size=8)
    return names.flatmap(lambda chosen: st.fixed_dictionaries({name: possible[name] for name in chosen}))


@st.composite
def corridors(draw: st.DrawFn) -> tuple[str, str, str]:
    """The name of a rulebook (its whole text would make a long report), an origin and a destination."""
    name = draw(st.sampled_from(("real", "invented")))
    law = law_called(name)
    origin = draw(st.sampled_from(law.with_role("origin")))
    destination = draw(st.sampled_from([code for code in law.with_role("destination") if code != origin]))
    return name, origin, destination


@st.composite
def asked(draw: st.DrawFn) -> tuple[str, Case]:
    """A rulebook, and any case that it can be asked."""
    name, origin, destination = draw(corridors())
    law = law_called(name)
    case = Case(
        origin,
        destination,
        draw(st.sampled_from(Sector)),
        draw(st.sampled_from(Status)),
        draw(days(law, origin, destination)),
        draw(facts(law, origin, destination)),
    )
    return name, case


def knowing(case: Case, name: str, value: Value) -> Case:
    return replace(case, facts={**case.facts, name: value})


def outcomes(case: Case, law: Rulebook) -> dict[Benefit, Outcome]:
    return {benefit: answer.outcome for benefit, answer in determine(case, law).answers.items()}


def announced(classes: Iterable[tuple[str, Outcome]], fact: Fact, value: Value) -> Outcome | None:
    """The outcome announced for the class of values that holds `value`; None if its class is not mentioned."""
    for label, outcome in classes:
        if fact.type is not FactType.NUMBER:
            inside = label == (str(value).lower() if isinstance(value, bool) else value)
        else:
            assert isinstance(value, int)
            low, _dash, high = label.partition("-")
            if label.startswith(">="):
                inside = value >= int(label[2:])
            elif label.startswith("<"):
                inside = value < int(label[1:])
            else:
                inside = int(low) <= value <= int(high)
        if inside:
            return outcome
    return None


@BUSY
@given(asked())
def test_every_case_has_nine_answers_each_with_a_reason_and_a_source(given_: tuple[str, Case]) -> None:
    law, case = law_called(given_[0]), given_[1]
    answers = determine(case, law).answers
    assert list(answers) == list(Benefit)
    for answer in answers.values():
        assert isinstance(answer.outcome, Outcome)
        assert answer.reasons
        assert any(reason.decides for reason in answer.reasons)
        for reason in answer.reasons:
            behind = reason.provision or reason.rule
            assert reason.code in NOTHING_FOUND or (behind is not None and behind.sources)
        assert (answer.outcome is Outcome.DEPENDS) is bool(answer.depends_on)
        if answer.could_be is not None:
            assert answer.could_be.outcome in (Outcome.PORTABLE, Outcome.RETAINED)


@BUSY
@given(asked())
def test_the_same_question_has_the_same_answer_in_whatever_order_facts_are_told(given_: tuple[str, Case]) -> None:
    law, case = law_called(given_[0]), given_[1]
    first = as_data(determine(case, law))
    assert json.dumps(as_data(determine(case, law))) == json.dumps(first)
    turned = replace(case, facts=dict(reversed(list(case.facts.items()))))
    assert as_data(determine(turned, law))["benefits"] == first["benefits"]


@st.composite
def neighbours(draw: st.DrawFn) -> tuple[str, list[Case]]:
    """Many workers on one corridor, so that they share what an index keeps."""
    name, origin, destination = draw(corridors())
    law = law_called(name)
    sectors = draw(st.lists(st.sampled_from(Sector), min_size=1, max_size=2))
    statuses = draw(st.lists(st.sampled_from(Status), min_size=1, max_size=2))
    one = st.builds(
        Case,
        st.just(origin),
        st.just(destination),
        st.sampled_from(sectors),
        st.sampled_from(statuses),
        days(law, origin, destination),
        facts(law, origin, destination),
    )
    return name, draw(st.lists(one, min_size=2, max_size=8))


def ask_of(index: Index, case: Case) -> dict[str, Any]:
    with patch.object(sys.modules["eligibility.engine.determine"], "index_of", lambda _law: index):
        return dict(as_data(determine(case, index.rulebook)))


@BUSIER
@given(neighbours())
def test_an_answer_does_not_depend_on_what_was_asked_before(given_: tuple[str, list[Case]]) -> None:
    law, cases = law_called(given_[0]), given_[1]
    warm = Index(law)
    for case in cases:
        ask_of(warm, case)
    for case in cases:
        assert ask_of(warm, case) == ask_of(Index(law), case)


def in_every_class(law: Rulebook, case: Case, fact: Fact, data: st.DataObject) -> Iterator[Value]:
    """All values of a small fact, some of a number."""
    if fact.type is FactType.NUMBER:
        drawn = values(law, fact, case.origin, case.destination)
        yield from data.draw(st.lists(drawn, min_size=3, max_size=6), label=fact.name)
    elif fact.type is FactType.CHOICE:
        yield from (value for value, _label in fact.choices)
    else:
        yield from (True, False)


@BUSY
@given(asked(), st.data())
def test_telling_what_was_asked_leads_where_it_was_announced(given_: tuple[str, Case], data: st.DataObject) -> None:
    law, case = law_called(given_[0]), given_[1]
    for benefit, answer in determine(case, law).answers.items():
        for question in answer.depends_on:
            if question.unclear is not None:
                continue
            assert question.fact not in case.facts
            fact = law.facts[question.fact]
            for value in in_every_class(law, case, fact, data):
                promised = announced(question.outcomes, fact, value)
                assert promised is not None, "every value is in one class"
                if promised is not Outcome.DEPENDS:
                    assert outcomes(knowing(case, fact.name, value), law)[benefit] is promised, f"{fact.name}={value}"


@BUSY
@given(asked(), st.data())
def test_telling_more_changes_only_what_was_presumed(given_: tuple[str, Case], data: st.DataObject) -> None:
    law, case = law_called(given_[0]), given_[1]
    answers = determine(case, law).answers
    untold = sorted(name for name in law.facts if name not in case.facts and name != "joined")
    for name in data.draw(st.lists(st.sampled_from(untold), unique=True, min_size=4, max_size=12), label="told"):
        fact = law.facts[name]
        for value in in_every_class(law, case, fact, data):
            then = outcomes(knowing(case, name, value), law)
            for benefit, answer in answers.items():
                if answer.outcome is Outcome.DEPENDS or then[benefit] is answer.outcome:
                    continue
                listed = {one.fact: one.otherwise for one in answer.presumed}
                # Who tells only how long they were insured tells by that how long they served.
                told = "months_served" if name == "months_contributed" and name not in listed else name
                assert told in listed, f"{benefit}: {name}={value} changes {answer.outcome} to {then[benefit]}"
                assert announced(listed[told], law.facts[told], value) is then[benefit], f"{benefit}: {name}={value}"


def doors(answer: Answer) -> list[str]:
    return [
        protection.scheme.id
        for protection in answer.at_work
        if protection.coverage is Coverage.VOLUNTARY and protection.why is not Why.VOLUNTARY_JOINED
    ]


@BUSY
@given(asked())
def test_a_voluntary_step_never_makes_it_worse_and_does_what_was_said(given_: tuple[str, Case]) -> None:
    law, case = law_called(given_[0]), given_[1]
    before = determine(case, law).answers
    joined = case.facts.get("joined") or frozenset()
    assert isinstance(joined, frozenset)
    for scheme in sorted({door for answer in before.values() for door in doors(answer)}):
        after = determine(knowing(case, "joined", joined | {scheme}), law).answers
        for benefit, answer in before.items():
            could = after[benefit].outcome
            if answer.outcome is not Outcome.DEPENDS:
                reached = {o for q in after[benefit].depends_on for _label, o in q.outcomes} | {could}
                assert all(RANK[o] <= RANK[answer.outcome] for o in reached if o is not Outcome.DEPENDS)
            said = answer.could_be
            if said is not None and scheme in [step.scheme.id for step in said.steps]:
                assert could is said.outcome


@cache
def without_promises(law: Rulebook) -> Rulebook:
    treaties = tuple(one for one in law.agreements if one.binding is Binding.TREATY and one.in_force)
    return replace(law, edition=f"{law.edition} without promises", agreements=treaties, instruments=())


@BUSY
@given(asked())
def test_promises_never_change_an_outcome(given_: tuple[str, Case]) -> None:
    law, case = law_called(given_[0]), given_[1]
    assert outcomes(case, without_promises(law)) == outcomes(case, law)
    for answer in determine(case, without_promises(law)).answers.values():
        assert all(promise.instrument is None for promise in answer.promises)


@BUSY
@given(asked(), st.data())
def test_facts_that_are_other_countries_business_change_nothing(given_: tuple[str, Case], data: st.DataObject) -> None:
    law, case = law_called(given_[0]), given_[1]
    mine = (f"{case.origin.lower()}_", f"{case.destination.lower()}_")
    codes = tuple(f"{code.lower()}_" for code in law.countries)
    foreign = [f for name, f in law.facts.items() if name.startswith(codes) and not name.startswith(mine)]
    told = {fact.name: data.draw(values(law, fact), label=fact.name) for fact in foreign}
    assert outcomes(replace(case, facts={**case.facts, **told}), law) == outcomes(
        replace(case, facts={name: value for name, value in case.facts.items() if name not in told}), law
    )


PARTS = Parts(canonical, most=300)
"""Kept from one example to the next, and begun anew within them."""


@BUSIER
@given(st.lists(st.tuples(asked(), st.sampled_from(("en", "th", "pt"))), min_size=2, max_size=8))
def test_a_part_that_is_kept_is_never_another_days_editions_languages_or_threads(
    given_: list[tuple[tuple[str, Case], str]],
) -> None:
    """Twice in two threads each, the second one in the other direction: so that what one keeps meets the others."""

    def wrong(order: Iterable[tuple[tuple[str, Case], str]]) -> list[str]:
        found = []
        for (name, case), language in order:
            with translation.override(language):
                for benefit, answer in determine(case, law_called(name)).answers.items():
                    if PARTS(answer, case) != canonical(answer_data(answer, case)):
                        found.append(f"{benefit} of {case} in {language}")
        return found

    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(wrong, [given_, given_[::-1]] * 2))
