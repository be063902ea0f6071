"""Answers in sentences: whole, plain, and with nothing left to fill in; and as data, in exactly one shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from itertools import product
from typing import Any

import pytest
from django.utils.translation import override

from eligibility.engine import Determination, determine, make_case
from eligibility.engine.answer import Why
from eligibility.engine.survey import corridors
from eligibility.explain import as_data, present, sentences, words
from eligibility.explain.page import Told, ToldBenefit
from eligibility.rulebook import Rulebook, load
from eligibility.rulebook.model import CoverageRule, LeavingRule, QualifyingRule
from eligibility.vocabulary import (
    FACTS,
    AtHome,
    Benefit,
    Binding,
    Confidence,
    Coverage,
    Ground,
    OnLeaving,
    Outcome,
    Scope,
    Sector,
    Side,
    Status,
)
from tests.readability import grade
from tests.synthetic import TODAY, answer_of, case_of, law_of, nation, treaty

GRADE = 7
"""Years of school that a text may ask for, at most."""
LEFT_OPEN = re.compile(rf"%\(|%s|[{{}}]|None|(?<![-\w])(?:{'|'.join(load().countries).lower()}|ag)-[a-z]|  ")
"""What must not be left in a text: a parameter, a brace, nothing where a word should be, the id of a rule or scheme."""


@cache
def sample() -> tuple[tuple[Determination, Told], ...]:
    """Real answers on every corridor, little told: kinds of work, papers and days change from one corridor to the next,
    so that each country meets them all."""
    law = load()
    work = (Sector.DOMESTIC_WORK, Sector.MANUFACTURING, Sector.FISHING)
    papers = (Status.REGULAR, Status.IRREGULAR, Status.PERMANENT_RESIDENT)
    kinds = list(product(work, papers, (TODAY, date(2018, 6, 1))))
    found = []
    for number, (origin, destination) in enumerate(corridors(law)):
        for sector, status, on in kinds[number % 5 :: 5]:
            given = {"origin": origin, "destination": destination, "sector": sector, "status": status, "on": on}
            determination = determine(make_case(given, law, TODAY), law)
            found.append((determination, present(determination, law)))
    return tuple(found)


def cards() -> Iterator[ToldBenefit]:
    for _determination, told in sample():
        for group in told.groups:
            yield from group.benefits


def texts_of(card: ToldBenefit) -> Iterator[tuple[str, str]]:
    """Our own sentences on a card, by kind; what a country's file says itself is tested with that file."""
    yield "verdict", card.verdict
    yield "in part", card.in_part
    yield "how sure", card.sureness
    yield from (("before", line) for line in card.before)
    yield from (("during", line) for line in card.during)
    yield from (("after", line) for line in card.after)
    yield from (("reason", reason.text) for reason in card.reasons)
    yield from (("depends", line) for line in card.depends_on)
    for presumption in card.presumed:
        yield "presumed", presumption.text
        yield from (("otherwise", line) for line in presumption.otherwise)
    for step in card.steps:
        yield "step", step.text
    yield from (("coming", line) for line in card.coming)


@cache
def texts() -> dict[str, frozenset[str]]:
    """All different texts of the sample, by kind."""
    found: dict[str, set[str]] = {}
    for card in cards():
        for kind, text in texts_of(card):
            if text:
                found.setdefault(kind, set()).add(text)
    for _determination, told in sample():
        found.setdefault("question", set()).update(f"{q.text} {q.help}".strip() for q in told.questions)
    return {kind: frozenset(lines) for kind, lines in found.items()}


@cache
def names() -> re.Pattern[str]:
    """Names of schemes and countries: they are what they are, however hard to read."""
    law = load()
    found = {scheme.short for scheme in law.schemes.values()}
    found |= {name for code in law.countries for name in (words.place(code), words.country(code))}
    return re.compile("|".join(re.escape(name) for name in sorted(found, key=len, reverse=True)), re.I)


def grade_of(lines: frozenset[str]) -> float:
    """How hard all these lines together are to read, each of them a sentence at least."""
    plain = (names().sub("SSS", line) for line in sorted(lines))
    return grade("\n\n".join(plain))


# --- sentences --------------------------------------------------------------------------------------------------------


def test_every_reason_has_a_sentence() -> None:
    assert set(sentences._REASONS) == set(Why)


def test_every_ground_for_an_exclusion_has_a_sentence() -> None:
    assert set(sentences._EXCLUDED_BECAUSE) == set(Ground) - {Ground.OTHER}, "no ground: the plain sentence"


def test_every_word_of_the_vocabulary_has_a_label() -> None:
    labels = {
        words.benefit: Benefit,
        words.sector: Sector,
        words.status: Status,
        words.status_help: Status,
        words.outcome: Outcome,
        words.outcome_heading: Outcome,
        words.scope: Scope,
        words.coverage: Coverage,
        words.on_leaving: OnLeaving,
        words.at_home: AtHome,
        words.confidence: Confidence,
        words.binding: Binding,
        words.side: Side,
    }
    for label, kind in labels.items():
        for word in kind:
            assert label(word), f"{label.__name__}({word})"  # type: ignore[operator]
    for outcome in Outcome:
        assert words.outcome_count(outcome, 1)
        assert words.outcome_count(outcome, 2)
    assert {ground for ground in Ground if not words.ground(ground)} == {Ground.OTHER}


def test_every_template_is_filled_with_what_it_asks_for() -> None:
    known = {"scheme", "place", "home", "there", "office", "months", "age"}
    templates = [*sentences._REASONS.values(), *sentences._EXCLUDED_BECAUSE.values(), *sentences._FROZEN.values()]
    templates += [*sentences._PROTECTED.values(), *sentences._ON_LEAVING.values(), *sentences._LOST.values()]
    templates += [sentences._PROTECTED_FROM_HOME, sentences._CROSSES, sentences._NONE, sentences._UNCLEAR]
    for template in templates:
        assert set(re.findall(r"%\((\w+)\)s", template)) <= known
        assert template % dict.fromkeys(known, "x")
        assert template.endswith(".")


def test_the_sample_holds_every_outcome() -> None:
    assert {card.outcome for card in cards()} == set(Outcome)


def test_every_card_has_a_verdict_and_a_reason() -> None:
    for card in cards():
        assert card.verdict.endswith((".", "?"))
        assert card.verdict[0].isupper() or card.verdict[0].isdigit()
        assert card.label
        assert card.sureness
        assert card.reasons
        for reason in card.reasons:
            assert reason.sources or not reason.rule


def test_nothing_is_left_to_fill_in() -> None:
    open_ = {kind: [line for line in lines if LEFT_OPEN.search(line)] for kind, lines in texts().items()}
    assert not {kind: lines for kind, lines in open_.items() if lines}


def test_sentences_begin_with_a_capital_and_end() -> None:
    whole = ("verdict", "before", "during", "after", "reason", "presumed", "step")
    for kind in whole:
        for line in texts().get(kind, ()):
            assert line[0].isupper() or line[0].isdigit(), line
            assert line.endswith((".", "?", "!")), line


def test_our_sentences_are_plain() -> None:
    grades = {kind: grade_of(lines) for kind, lines in texts().items() if kind not in ("in part", "otherwise")}
    assert {kind: round(found, 1) for kind, found in grades.items() if found > GRADE} == {}


@pytest.mark.parametrize("outcome", Outcome)
def test_the_verdicts_of_each_outcome_are_plain(outcome: Outcome) -> None:
    assert grade_of(frozenset(card.verdict for card in cards() if card.outcome is outcome)) <= GRADE


def test_the_common_questions_are_plain() -> None:
    filled = {"origin": "Spain", "destination": "France", "sector": "Factory"}
    asked = [f"{fact.question} {fact.help}".strip().format_map(filled) for fact in FACTS.values()]
    assert grade("\n\n".join(asked)) <= GRADE
    assumed = [f"We assume that {fact.assumed}.".format_map(filled) for fact in FACTS.values() if fact.assumed]
    assert grade("\n\n".join(assumed)) <= GRADE


@pytest.mark.parametrize("code", sorted(load().countries))
def test_what_a_countrys_file_says_to_workers_is_plain(code: str) -> None:
    said: dict[str, set[str]] = {}
    for rule in (rule for rule in load().rules.values() if rule.country == code):
        said.setdefault("says", set()).add(rule.says)
        if isinstance(rule, CoverageRule):
            said.setdefault("step", set()).add(rule.step)
        if isinstance(rule, LeavingRule):
            said.setdefault("how", set()).add(rule.claim.how)
        if isinstance(rule, QualifyingRule):
            said.setdefault("requires", set()).update((rule.requires, rule.otherwise))
    written = {kind: frozenset(lines - {""}) for kind, lines in said.items()}
    grades = {kind: grade_of(lines) for kind, lines in written.items() if lines}
    assert {kind: round(found, 1) for kind, found in grades.items() if found > GRADE} == {}


def test_at_most_three_questions_are_asked_the_one_that_decides_most_first() -> None:
    for _determination, told in sample():
        assert len(told.questions) <= 3
        decided = [len(question.decides) for question in told.questions]
        assert decided == sorted(decided, reverse=True)


def test_all_nine_benefits_are_told_once_in_groups_from_best_to_worst() -> None:
    order = [Outcome.PORTABLE, Outcome.RETAINED, Outcome.LOST, Outcome.DEPENDS, Outcome.NONE]
    for _determination, told in sample():
        assert sorted(card.benefit for group in told.groups for card in group.benefits) == sorted(Benefit)
        outcomes = [group.outcome for group in told.groups]
        assert outcomes == sorted(outcomes, key=order.index)


def test_in_a_language_without_translations_the_answer_is_still_told() -> None:
    determination, told = sample()[0]
    with override("fi"):
        again = present(determination, load())
    assert [group.outcome for group in again.groups] == [group.outcome for group in told.groups]


# --- single sentences, on invented law --------------------------------------------------------------------------------

HOME = nation("QN", "family", scheme="since: 2999-01-01")
OFFICE = "offices: [{name: The Fund House, sources: [law]}]"


def told_of(law: Rulebook, benefit: str, **facts: Any) -> ToldBenefit:
    determination = determine(case_of(law, facts), law)
    cards = (card for group in present(determination, law).groups for card in group.benefits)
    return next(card for card in cards if card.benefit == benefit)


def test_what_is_unclear_names_the_office_to_ask() -> None:
    law = law_of(nation("QM", "sickness", scheme=OFFICE, inbound="coverage: unclear"), HOME)
    card = told_of(law, "sickness")
    assert card.outcome is Outcome.DEPENDS
    assert "The Fund House" in card.verdict
    assert any("Ask The Fund House." in reason.text for reason in card.reasons)


def test_months_counted_together_are_told_as_a_sum() -> None:
    leaving = ["when: {qualified: true}, becomes: paid_abroad", "when: {qualified: false}, becomes: forfeited"]
    there = nation("QM", "old_age", inbound="coverage: mandatory", leaving=leaving, qualifying="months: 120")
    law = law_of(there, HOME, treaty("kind: totalisation, benefits: [old_age]"))
    card = told_of(law, "old_age", months_contributed=84, months_contributed_home=60)
    assert any("84 months" in line and "144 of the 120 needed" in line for line in card.after)


def test_a_frozen_right_says_when_and_where_it_is_paid() -> None:
    leaving = "becomes: frozen, payable: {at_age: 55, where: there}"
    law = law_of(nation("QM", "old_age", inbound="coverage: mandatory", leaving=leaving), HOME)
    assert "when you are 55" in told_of(law, "old_age").verdict


@pytest.mark.parametrize("ground", Ground)
def test_an_exclusion_says_why(ground: Ground) -> None:
    inbound = f"coverage: excluded, because: {ground}"
    law = law_of(nation("QM", "sickness", inbound=inbound), HOME)
    [reason] = told_of(law, "sickness").reasons
    assert reason.text.endswith(".")
    assert not LEFT_OPEN.search(reason.text.replace("Qm-fund", ""))


def test_a_coming_change_is_told_with_the_schemes_name() -> None:
    later = "coverage: mandatory, from: 2030-01-01"
    law = law_of(nation("QM", "sickness", scheme="short: The Fund", inbound=later), HOME)
    assert told_of(law, "sickness").coming == ("From January 1, 2030: The Fund: covered",)


def test_a_number_without_a_unit_is_told_without_a_gap() -> None:
    law = law_of(nation("QM", "sickness", inbound="coverage: mandatory, when: {monthly_wage: {below: 700}}"), HOME)
    assert "700 or more: Lose" in told_of(law, "sickness").depends_on


# --- as data ----------------------------------------------------------------------------------------------------------


def test_the_data_has_the_shape_that_was_agreed() -> None:
    for determination, _told in sample()[::10]:
        data = as_data(determination)
        assert data.keys() >= {"edition", "on", "case", "benefits"}
        assert data["edition"] == load().edition
        assert date.fromisoformat(data["on"]) == determination.on
        assert data["case"].keys() >= {"origin", "destination", "sector", "status", "facts"}
        assert list(data["benefits"]) == [benefit.value for benefit in Benefit]
        for answer in data["benefits"].values():
            assert_shape(answer)
        assert json.loads(json.dumps(data)) == data, "plain JSON"


def assert_shape(answer: dict[str, Any]) -> None:
    assert answer["outcome"] in set(Outcome)
    assert answer["confidence"] in {None, *Confidence}
    could_be = answer["could_be"]
    assert could_be is None or could_be["outcome"] in {"portable", "retained"}
    for step in could_be["steps"] if could_be else []:
        assert step["do"] == "join_voluntarily"
        assert step.keys() >= {"scheme", "rule"}
    for question in answer["depends_on"]:
        assert question["fact"]
        assert set(question["outcomes"].values()) <= set(Outcome)
    for one in answer["presumed"]:
        assert one.keys() >= {"fact", "value", "otherwise"}
        assert set(one["otherwise"].values()) <= set(Outcome)
    for one in answer["at_work"]:
        assert one.keys() >= {"scheme", "side", "coverage", "rule"}
        assert one["side"] in set(Side)
        assert one["coverage"] in {None, *Coverage}
        assert (one["coverage"] is None) <= (one["rule"] is None), "no coverage without a rule, unless by agreement"
    for one in answer["on_leaving"]:
        assert one.keys() >= {"scheme", "becomes", "rule", "deadline"}
        assert one["becomes"] in {None, *OnLeaving}
    for one in answer["at_home"]:
        assert one.keys() >= {"scheme", "becomes", "rule"}
        assert one["becomes"] in set(AtHome)
    assert answer["reasons"]
    for one in answer["reasons"]:
        assert one.keys() >= {"code", "rule", "text", "sources"}
        assert one["code"] in set(Why)
        assert one["text"]
        assert all(source.keys() == {"id", "at"} for source in one["sources"])
        assert one["sources"] or one["rule"] is None
    for promise in answer["promises"]:
        assert promise.keys() >= {"instrument", "at"}
    assert isinstance(answer["coming_changes"], list)


def test_told_facts_stand_in_the_data_as_they_were_told() -> None:
    law = law_of(nation("QM", "sickness", inbound="coverage: voluntary"), HOME)
    case = case_of(law, {"joined": ["qm-fund"], "age": 42, "year_round": True})
    assert as_data(determine(case, law))["case"]["facts"] == {"age": 42, "joined": ["qm-fund"], "year_round": True}


def test_the_reason_for_no_scheme_names_no_source() -> None:
    law = law_of(nation("QM", "family", scheme="since: 2999-01-01"), HOME)
    [reason] = as_data(determine(case_of(law), law))["benefits"]["sickness"]["reasons"]
    assert (reason["code"], reason["rule"], reason["sources"]) == ("no_scheme", None, [])
    assert answer_of(law, "sickness").outcome is Outcome.NONE


def test_the_verdict_names_what_is_sure_before_what_is_unclear() -> None:
    both = law_of(
        nation(
            "QM",
            "sickness",
            scheme="short: Doubtful Fund",
            other="short: Certain Fund",
            inbound=["coverage: unclear", "coverage: mandatory, scheme: qm-other"],
        ),
        nation("QN", "old_age"),
    )
    case = case_of(both)
    answer = determine(case, both).answers[Benefit.SICKNESS]
    assert answer.outcome is Outcome.RETAINED
    assert sentences.verdict(answer, case).startswith("Certain Fund protects you")
