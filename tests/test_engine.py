"""What an answer is: the headline table, the three moments, time, unknowns, presumptions, steps, promises, agreements.

The law is invented and small (tests/synthetic.py): workers from QN go to QM. Each test states one sentence of DESIGN
section 2 or of docs/law/README.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest

from eligibility.engine import Answer, CaseError, determine, make_case
from eligibility.engine.answer import Why
from eligibility.engine.determine import index_of
from eligibility.rulebook import Rulebook
from eligibility.vocabulary import AtHome, Benefit, Confidence, Coverage, OnLeaving, Outcome, Scope, Side
from tests.synthetic import TODAY, answer_of, case_of, law_of, nation, treaty

PORTABLE, RETAINED, LOST, NONE, DEPENDS = (
    Outcome.PORTABLE,
    Outcome.RETAINED,
    Outcome.LOST,
    Outcome.NONE,
    Outcome.DEPENDS,
)
IN = "coverage: mandatory"
OUT = "coverage: excluded"
EMPTY_HOME = nation("QN", "family", scheme="since: 2999-01-01")
"""A home country without any scheme for anybody."""


def law(benefit: str, home: Mapping[str, Any] | None = None, *more: str, **there: Any) -> Rulebook:
    """QM's law on one benefit and QN's, and agreements. A country without parts has no scheme for it."""
    return law_of(
        nation("QM", benefit, **there) if there else EMPTY_HOME.replace("QN", "QM").replace("qn", "qm"),
        nation("QN", benefit, **home) if home else EMPTY_HOME,
        *more,
    )


def codes(answer: Answer, *, deciding: bool = False) -> list[str]:
    return [reason.code.value for reason in answer.reasons if reason.decides or not deciding]


def asked(answer: Answer) -> dict[str, dict[str, Outcome]]:
    return {question.fact: dict(question.outcomes) for question in answer.depends_on}


def presumed(answer: Answer) -> dict[str, tuple[Any, dict[str, Outcome]]]:
    return {one.fact: (one.value, dict(one.otherwise)) for one in answer.presumed}


# --- the headline, line by line ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("becomes", ["paid_abroad", "withdrawn"])
def test_a_pension_that_crosses_the_border_is_portable(becomes: str) -> None:
    answer = answer_of(law("old_age", inbound=IN, leaving=f"becomes: {becomes}"), "old_age")
    assert answer.outcome is PORTABLE
    assert codes(answer, deciding=True) == [becomes]


def test_savings_that_are_kept_there_are_retained() -> None:
    answer = answer_of(law("old_age", inbound=IN, leaving="becomes: frozen, payable: {at_age: 55}"), "old_age")
    assert answer.outcome is RETAINED
    [departure] = answer.on_leaving
    assert departure.becomes is OnLeaving.FROZEN
    assert departure.rule is not None
    assert departure.rule.at_age == 55


def test_a_pension_is_retained_where_the_scheme_at_home_goes_on() -> None:
    answer = answer_of(law("old_age", {"outbound": IN}), "old_age")
    assert answer.outcome is RETAINED
    assert codes(answer, deciding=True) == ["continues"]


@pytest.mark.parametrize("becomes", ["ends", "forfeited"])
def test_a_pension_that_ends_at_the_border_is_lost(becomes: str) -> None:
    answer = answer_of(law("old_age", inbound=IN, leaving=f"becomes: {becomes}"), "old_age")
    assert answer.outcome is LOST
    assert becomes in codes(answer, deciding=True)


def test_a_pension_of_whose_future_no_rule_is_found_is_lost_and_the_answer_says_so() -> None:
    answer = answer_of(law("old_age", inbound=IN), "old_age")
    assert answer.outcome is LOST
    assert "no_leaving_rule" in codes(answer)


def test_what_was_earned_at_home_and_is_merely_preserved_does_not_decide() -> None:
    answer = answer_of(law("old_age", {"outbound": OUT}), "old_age")
    assert answer.outcome is LOST
    assert [home.becomes for home in answer.at_home] == [AtHome.PRESERVED]


def test_protection_at_work_alone_does_not_keep_a_pension() -> None:
    assert answer_of(law("old_age", inbound=IN, leaving="becomes: ends"), "old_age").outcome is LOST


@pytest.mark.parametrize("coverage", ["mandatory", "employer_liability"])
def test_short_term_protection_on_the_spot_is_retained(coverage: str) -> None:
    answer = answer_of(law("sickness", inbound=f"coverage: {coverage}", leaving="becomes: ends"), "sickness")
    assert answer.outcome is RETAINED


def test_short_term_protection_from_home_is_retained_too() -> None:
    answer = answer_of(law("sickness", {"outbound": IN}), "sickness")
    assert answer.outcome is RETAINED
    assert [(p.side, p.scheme.id) for p in answer.at_work] == [(Side.ORIGIN, "qn-fund")]


@pytest.mark.parametrize("becomes", ["paid_abroad", "withdrawn"])
def test_a_short_term_benefit_that_is_paid_abroad_is_portable(becomes: str) -> None:
    answer = answer_of(law("employment_injury", inbound=IN, leaving=f"becomes: {becomes}"), "employment_injury")
    assert answer.outcome is PORTABLE


def test_a_short_term_benefit_that_the_home_scheme_gives_abroad_is_portable() -> None:
    answer = answer_of(law("medical_care", {"outbound": f"{IN}, crosses: true"}), "medical_care")
    assert answer.outcome is PORTABLE


def test_what_the_countrys_own_workers_have_and_this_worker_has_not_is_lost() -> None:
    answer = answer_of(law("sickness", inbound=f"{OUT}, because: status"), "sickness")
    assert answer.outcome is LOST
    assert codes(answer, deciding=True) == ["excluded"]


def test_what_the_worker_had_at_home_and_has_no_more_is_lost() -> None:
    answer = answer_of(law("sickness", {"outbound": OUT}), "sickness")
    assert answer.outcome is LOST


def test_what_neither_country_gives_to_anyone_is_none_and_has_a_reason() -> None:
    answer = answer_of(law("sickness"), "sickness")
    assert answer.outcome is NONE
    assert codes(answer) == ["no_scheme"]
    assert answer.confidence is None


def test_a_scheme_for_foreigners_alone_is_nothing_that_the_countrys_own_workers_have() -> None:
    some = law("sickness", scheme="serves: foreigners", inbound=f"{OUT}, because: status")
    answer = answer_of(some, "sickness")
    assert answer.outcome is NONE
    assert codes(answer) == ["excluded"]


def test_a_scheme_that_has_not_begun_or_has_ended_is_nothing_that_anybody_has() -> None:
    for dates in ("since: 2027-01-01", "until: 2025-12-31", "gives_since: {sickness: 2027-01-01}"):
        assert answer_of(law("sickness", scheme=dates), "sickness").outcome is NONE
    assert answer_of(law("sickness", scheme="since: 2026-11-24, until: 2026-11-24"), "sickness").outcome is LOST


def test_a_scheme_for_nationals_alone_is_lost_and_named() -> None:
    answer = answer_of(law("sickness", scheme="serves: nationals"), "sickness")
    assert answer.outcome is LOST
    assert codes(answer) == ["no_rule"], "it must not say that there is no scheme"
    assert [p.scheme.id for p in answer.at_work] == ["qm-fund"]


def test_the_best_of_several_schemes_decides() -> None:
    other = "scheme: qm-other"
    two = {"inbound": [IN, f"{IN}, {other}"], "leaving": ["becomes: forfeited", f"becomes: withdrawn, {other}"]}
    answer = answer_of(law("old_age", {"outbound": IN}, other="", **two), "old_age")
    assert answer.outcome is PORTABLE
    assert [reason.rule.id for reason in answer.reasons if reason.decides and reason.rule] == ["qm-leaving-2"]
    assert {p.scheme.id for p in answer.at_work} == {"qm-fund", "qm-other", "qn-fund"}


# --- no rule is not an exclusion --------------------------------------------------------------------------------------


def test_no_rule_means_no_coverage_and_says_so() -> None:
    answer = answer_of(law("sickness", scheme="law: Some act"), "sickness")
    assert answer.outcome is LOST
    [protection] = answer.at_work
    assert (protection.coverage, protection.rule, protection.why) == (None, None, Why.NO_RULE)


def test_an_exclusion_is_told_from_the_absence_of_a_rule() -> None:
    [protection] = answer_of(law("sickness", inbound=f"{OUT}, because: sector"), "sickness").at_work
    assert protection.coverage is Coverage.EXCLUDED
    assert protection.rule is not None
    assert protection.why is Why.EXCLUDED


def test_a_rule_for_others_leaves_this_worker_without_a_rule() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{status: [permanent_resident]}}")
    assert codes(answer_of(some, "sickness")) == ["no_rule"]
    assert answer_of(some, "sickness", status="permanent_resident").outcome is RETAINED


def test_no_rule_on_leaving_home_is_said_too() -> None:
    answer = answer_of(law("old_age", {"scheme": "law: Some act"}), "old_age")
    assert [(home.becomes, home.why) for home in answer.at_home] == [(AtHome.STOPS, Why.NO_HOME_RULE)]


# --- general rule and exceptions --------------------------------------------------------------------------------------

NESTED = f"""{IN}, except: [
  {{rule: maids, when: {{sector: [domestic_work]}}, coverage: excluded, except: [
    {{rule: nannies, when: {{year_round: true}}, coverage: employer_liability}}]}},
  {{rule: fishers, when: {{sector: [fishing]}}, coverage: excluded}}]"""


@pytest.mark.parametrize(
    ("sector", "facts", "rule", "outcome"),
    [
        ("manufacturing", {}, "qm-inbound", RETAINED),
        ("fishing", {}, "fishers", LOST),
        ("domestic_work", {"year_round": False}, "maids", LOST),
        ("domestic_work", {"year_round": True}, "nannies", RETAINED),
    ],
)
def test_the_most_specific_rule_wins(sector: str, facts: dict[str, bool], rule: str, outcome: Outcome) -> None:
    answer = answer_of(law("sickness", inbound=NESTED), "sickness", facts, sector=sector)
    assert [p.rule.id for p in answer.at_work if p.rule] == [rule]
    assert answer.outcome is outcome


def test_an_exception_within_its_parents_dates_holds_only_then() -> None:
    inbound = f"""{IN}, from: 2020-01-01, except: [
      {{rule: pause, when: {{}}, coverage: excluded, from: 2022-01-01, until: 2022-12-31}}]"""
    paused = law("sickness", inbound=inbound)
    days = ["2019-12-31", "2020-01-01", "2021-12-31", "2022-01-01", "2022-12-31", "2023-01-01"]
    found = [answer_of(paused, "sickness", on=day).outcome for day in days]
    assert found == [LOST, RETAINED, RETAINED, LOST, LOST, RETAINED]


def test_an_exception_for_some_benefits_leaves_the_others_alone() -> None:
    inbound = f"{IN}, except: [{{rule: not-this, benefits: [sickness], when: {{}}, coverage: excluded}}]"
    some = law_of(nation("QM", "sickness, maternity", inbound=inbound), EMPTY_HOME)
    assert answer_of(some, "sickness").outcome is LOST
    assert answer_of(some, "maternity").outcome is RETAINED


# --- time -------------------------------------------------------------------------------------------------------------

REFORM = [f"{OUT}, because: not_yet, until: 2025-09-30", f"{IN}, from: 2025-10-01"]


@pytest.mark.parametrize(("day", "outcome"), [("2025-09-30", LOST), ("2025-10-01", RETAINED), ("2026-11-24", RETAINED)])
def test_a_reform_changes_the_answer_on_its_day(day: str, outcome: Outcome) -> None:
    assert answer_of(law("sickness", inbound=REFORM), "sickness", on=day).outcome is outcome


def test_without_a_date_the_law_of_today_is_meant() -> None:
    assert case_of(law("sickness", inbound=REFORM)).on == TODAY


def test_a_rule_that_starts_later_is_shown_as_a_coming_change() -> None:
    some = law("sickness", inbound=REFORM)
    assert [change.id for change in answer_of(some, "sickness", on="2025-09-30").coming] == ["qm-inbound-2"]
    assert not answer_of(some, "sickness").coming


def test_a_coming_rule_for_others_is_not_shown() -> None:
    later = f"{IN}, from: 2027-01-01, when: {{status: [irregular]}}"
    assert not answer_of(law("sickness", inbound=later), "sickness").coming
    assert answer_of(law("sickness", inbound=later), "sickness", status="irregular").coming


def test_a_coming_rule_from_which_this_worker_is_excepted_is_shown_as_the_exception() -> None:
    later = f"""{IN}, from: 2027-01-01, when: {{status: [regular]}}, except: [
      {{rule: maids, when: {{sector: [domestic_work]}}, coverage: excluded}}]"""
    some = law("sickness", inbound=later)
    assert [c.id for c in answer_of(some, "sickness", sector="domestic_work").coming] == ["maids"]
    assert [c.id for c in answer_of(some, "sickness").coming] == ["qm-inbound"]
    assert not answer_of(some, "sickness", sector="domestic_work", status="irregular").coming


def test_an_announcement_is_shown_beside_the_benefits_it_is_about() -> None:
    announced = "[{id: plan, benefits: [sickness], expected: in 2027, says: More., sources: [law]}]"
    some = law_of(nation("QM", "sickness, maternity", inbound=IN, announced=announced), EMPTY_HOME)
    assert [change.id for change in answer_of(some, "sickness").coming] == ["plan"]
    assert not answer_of(some, "maternity").coming


def test_an_announcement_is_shown_only_to_those_whom_it_would_concern() -> None:
    announced = """[{id: plan, benefits: [sickness], who: {sector: [domestic_work], status: [regular]}, expected: soon,
      says: More., sources: [law]}]"""
    some = law_of(nation("QM", "sickness", inbound=IN, announced=announced), EMPTY_HOME)
    assert [change.id for change in answer_of(some, "sickness", sector="domestic_work").coming] == ["plan"]
    assert not answer_of(some, "sickness", sector="domestic_work", status="irregular").coming
    assert not answer_of(some, "sickness", sector="construction").coming


# --- three moments ----------------------------------------------------------------------------------------------------


def test_the_three_moments_stand_apart() -> None:
    some = law("old_age", {"outbound": "coverage: voluntary"}, inbound=IN, leaving="becomes: withdrawn")
    answer = answer_of(some, "old_age")
    assert [(p.scheme.id, p.side, p.coverage) for p in answer.at_work] == [
        ("qm-fund", Side.DESTINATION, Coverage.MANDATORY),
        ("qn-fund", Side.ORIGIN, Coverage.VOLUNTARY),
    ]
    assert [(d.scheme.id, d.becomes) for d in answer.on_leaving] == [("qm-fund", OnLeaving.WITHDRAWN)]
    assert [(h.scheme.id, h.becomes) for h in answer.at_home] == [("qn-fund", AtHome.MAY_CONTINUE)]


def test_nothing_becomes_of_a_right_that_was_never_earned() -> None:
    answer = answer_of(law("old_age", inbound=OUT, leaving="becomes: withdrawn"), "old_age")
    assert not answer.on_leaving


def test_a_presumption_does_not_stand_against_a_number_that_was_told() -> None:
    long_years = law(
        "old_age",
        facts="{qm_ten_years: {type: boolean, question: Ten years?, presumption: false, assumed: less,"
        " yes_from: {months_contributed: 120}}}",
        inbound=IN,
        leaving=[
            "becomes: withdrawn, when: {qm_ten_years: false}",
            "becomes: paid_abroad, when: {qm_ten_years: true}",
        ],
    )

    def becomes(facts: dict[str, Any]) -> OnLeaving:
        return answer_of(long_years, "old_age", facts).on_leaving[0].becomes

    assert becomes({}) is OnLeaving.WITHDRAWN
    assert becomes({"months_contributed": 119}) is OnLeaving.WITHDRAWN
    assert becomes({"months_contributed": 120}) is OnLeaving.PAID_ABROAD
    assert becomes({"months_contributed": 120, "qm_ten_years": False}) is OnLeaving.WITHDRAWN


def test_what_the_home_scheme_gives_on_return_is_shown_and_decides_nothing() -> None:
    home = {"outbound": OUT, "returning": IN}
    answer = answer_of(law("sickness", home), "sickness")
    assert answer.outcome is LOST
    assert [(one.scheme.id, one.coverage) for one in answer.on_return] == [("qn-fund", Coverage.MANDATORY)]


def test_every_item_has_a_reason_and_those_that_decide_come_first() -> None:
    some = law("old_age", {"outbound": OUT}, inbound=IN, leaving="becomes: withdrawn")
    answer = answer_of(some, "old_age")
    assert codes(answer) == ["withdrawn", "covered", "excluded", "preserved"]
    assert [reason.decides for reason in answer.reasons] == [True, False, False, False]


def test_who_told_only_how_long_they_were_insured_has_served_as_long() -> None:
    by_years = law(
        "old_age",
        scheme="kind: employer_liability",
        inbound="coverage: employer_liability",
        leaving=[
            "becomes: withdrawn, when: {months_served: {at_least: 60}}",
            "becomes: forfeited, when: {months_served: {below: 60}}",
        ],
    )
    assert asked(answer_of(by_years, "old_age")) == {"months_served": {"<60": LOST, ">=60": PORTABLE}}
    for told, outcome in [(59, LOST), (60, PORTABLE), (59, LOST)]:
        assert answer_of(by_years, "old_age", {"months_contributed": told}).outcome is outcome
        assert answer_of(by_years, "old_age", {"months_served": told, "months_contributed": 1}).outcome is outcome


# --- in part, and how sure --------------------------------------------------------------------------------------------


def test_a_benefit_in_part_says_so() -> None:
    some = law("old_age", inbound=f"{IN}, scope: [savings_only]", leaving="becomes: withdrawn, scope: [lump_sum_only]")
    assert answer_of(some, "old_age").scope == (Scope.SAVINGS_ONLY, Scope.LUMP_SUM_ONLY)


def test_a_benefit_that_one_scheme_gives_whole_is_whole() -> None:
    inbound = [f"{IN}, scope: [accidents_only]", f"{IN}, scheme: qm-other"]
    assert answer_of(law("sickness", other="", inbound=inbound), "sickness").scope == ()


def test_what_is_lost_has_no_scope() -> None:
    assert answer_of(law("old_age", inbound=f"{IN}, scope: [capped]", leaving="becomes: ends"), "old_age").scope == ()


def test_an_answer_is_as_sure_as_its_weakest_link() -> None:
    some = law("old_age", inbound=f"{IN}, confidence: low", leaving="becomes: withdrawn, confidence: high")
    assert answer_of(some, "old_age").confidence is Confidence.LOW, (
        "the right was earned under a rule of low confidence"
    )


def test_an_answer_that_two_schemes_give_is_as_sure_as_the_surer_one() -> None:
    inbound = [f"{IN}, confidence: low", f"{IN}, scheme: qm-other, confidence: medium"]
    assert answer_of(law("sickness", other="", inbound=inbound), "sickness").confidence is Confidence.MEDIUM


def test_a_loss_is_as_sure_as_the_least_sure_of_all_that_leave_out() -> None:
    inbound = [f"{OUT}, confidence: low", f"{OUT}, scheme: qm-other, confidence: high"]
    assert answer_of(law("sickness", other="", inbound=inbound), "sickness").confidence is Confidence.LOW


# --- unknown facts ----------------------------------------------------------------------------------------------------

YEAR_ROUND = f"{IN}, when: {{year_round: true}}"


def test_a_fact_that_divides_workers_makes_the_answer_depend() -> None:
    some = law("sickness", inbound=YEAR_ROUND)
    answer = answer_of(some, "sickness")
    assert answer.outcome is DEPENDS
    assert asked(answer) == {"year_round": {"true": RETAINED, "false": LOST}}
    assert answer_of(some, "sickness", {"year_round": True}).outcome is RETAINED
    assert answer_of(some, "sickness", {"year_round": False}).outcome is LOST


def test_a_number_is_asked_in_the_classes_that_the_rules_tell_apart() -> None:
    two = [f"{IN}, when: {{monthly_wage: {{at_least: 500, below: 3000}}}}"]
    answer = answer_of(law("sickness", inbound=two), "sickness")
    assert asked(answer) == {"monthly_wage": {"<500": LOST, "500-2999": RETAINED, ">=3000": LOST}}


def test_a_choice_is_asked_with_all_its_values() -> None:
    facts = "{qm_isle: {type: choice, question: Where?, choices: {north: North, south: South, west: West}}}"
    some = law("sickness", facts=facts, inbound=f"{IN}, when: {{qm_isle: [north, west]}}")
    answer = answer_of(some, "sickness")
    assert asked(answer) == {"qm_isle": {"north": RETAINED, "south": LOST, "west": RETAINED}}
    for isle, outcome in asked(answer)["qm_isle"].items():
        assert answer_of(some, "sickness", {"qm_isle": isle}).outcome is outcome


def test_a_presumed_choice_lists_every_other_value_that_would_change_something() -> None:
    facts = """{qm_isle: {type: choice, question: Where?, choices: {north: North, south: South, west: West},
      presumption: north, assumed: you work in the north}}"""
    some = law("sickness", facts=facts, inbound=f"{IN}, when: {{qm_isle: {{not: [south]}}}}")
    answer = answer_of(some, "sickness")
    assert answer.outcome is RETAINED
    assert presumed(answer) == {"qm_isle": ("north", {"south": LOST})}


def test_several_facts_that_decide_together_are_all_asked() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{year_round: true, employer_is_local: true}}")
    answer = answer_of(some, "sickness")
    assert asked(answer) == {
        "year_round": {"true": DEPENDS, "false": LOST},
        "employer_is_local": {"true": DEPENDS, "false": LOST},
    }
    assert asked(answer_of(some, "sickness", {"year_round": True})) == {
        "employer_is_local": {"true": RETAINED, "false": LOST}
    }


def test_facts_of_which_none_decides_alone_are_all_asked() -> None:
    either = "any: [{year_round: true, employer_is_local: false}, {year_round: false, employer_is_local: true}]"
    answer = answer_of(law("sickness", inbound=f"{IN}, when: {{{either}}}"), "sickness")
    assert answer.outcome is DEPENDS
    assert set(asked(answer)) == {"year_round", "employer_is_local"}
    assert all(set(classes.values()) == {DEPENDS} for classes in asked(answer).values())


def test_a_fact_that_cannot_change_anything_is_never_asked() -> None:
    inbound = [YEAR_ROUND, f"{IN}, scheme: qm-other"]
    answer = answer_of(law("sickness", other="", inbound=inbound), "sickness")
    assert answer.outcome is RETAINED
    assert not answer.depends_on
    assert {p.scheme.id: p.certain for p in answer.at_work} == {"qm-fund": False, "qm-other": True}


def test_beside_a_fact_that_decides_no_other_is_asked() -> None:
    inbound = f"""{IN}, when: {{year_round: true}}, except: [
      {{rule: more, when: {{employer_is_local: true}}, scope: [capped]}}]"""
    answer = answer_of(law("sickness", inbound=inbound), "sickness")
    assert set(asked(answer)) == {"year_round"}


def test_a_fact_that_both_countries_look_at_is_asked_once() -> None:
    home = {"outbound": f"{IN}, when: {{year_round: false}}"}
    some = law("sickness", home, inbound=YEAR_ROUND)
    answer = answer_of(some, "sickness")
    assert answer.outcome is RETAINED, "one of the two covers in any case"
    assert not answer.depends_on
    crossing = law("sickness", {"outbound": f"{IN}, crosses: true, when: {{year_round: false}}"}, inbound=YEAR_ROUND)
    assert asked(answer_of(crossing, "sickness")) == {"year_round": {"true": RETAINED, "false": PORTABLE}}


def test_a_number_that_both_countries_look_at_is_cut_by_both() -> None:
    home = {"outbound": f"{IN}, crosses: true, when: {{monthly_wage: {{at_least: 3000}}}}"}
    some = law("sickness", home, inbound=f"{IN}, when: {{monthly_wage: {{at_least: 500}}}}")
    assert asked(answer_of(some, "sickness")) == {
        "monthly_wage": {"<500": LOST, "500-2999": RETAINED, ">=3000": PORTABLE}
    }


# --- presumptions -----------------------------------------------------------------------------------------------------


def test_a_presumption_is_listed_with_what_would_follow_otherwise() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{documents_valid: true}}")
    answer = answer_of(some, "sickness")
    assert answer.outcome is RETAINED
    assert presumed(answer) == {"documents_valid": (True, {"false": LOST})}
    assert answer_of(some, "sickness", {"documents_valid": False}).outcome is LOST


def test_a_presumption_that_changes_nothing_is_not_listed() -> None:
    inbound = f"{IN}, except: [{{rule: same, when: {{documents_valid: false}}, scope: [capped]}}]"
    assert not answer_of(law("sickness", inbound=inbound), "sickness").presumed


def test_a_fact_that_was_told_is_not_presumed() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{documents_valid: true}}")
    assert not answer_of(some, "sickness", {"documents_valid": True}).presumed


def test_a_presumption_never_hides_a_right() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{posted: true}}")
    answer = answer_of(some, "sickness")
    assert answer.outcome is LOST
    assert presumed(answer) == {"posted": (False, {"true": RETAINED})}


def test_a_presumed_number_is_turned_round_by_its_other_classes() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{age: {{at_least: 18, below: 60}}}}")
    assert presumed(answer_of(some, "sickness")) == {"age": (30, {"<18": LOST, ">=60": LOST})}
    edge = law("sickness", inbound=f"{IN}, when: {{age: {{at_least: 30}}}}")
    assert presumed(answer_of(edge, "sickness")) == {"age": (30, {"<30": LOST})}
    above = law("sickness", inbound=f"{IN}, when: {{age: {{below: 31}}}}")
    assert presumed(answer_of(above, "sickness")) == {"age": (30, {">=31": LOST})}


def test_a_presumption_turned_round_may_open_a_question() -> None:
    inbound = f"""{IN}, except: [
      {{rule: then, when: {{documents_valid: false}}, coverage: excluded, except: [
        {{rule: but, when: {{year_round: true}}, coverage: mandatory}}]}}]"""
    some = law("sickness", inbound=inbound)
    answer = answer_of(some, "sickness")
    assert presumed(answer) == {"documents_valid": (True, {"false": DEPENDS})}
    assert asked(answer_of(some, "sickness", {"documents_valid": False})) == {
        "year_round": {"true": RETAINED, "false": LOST}
    }


def test_a_presumption_can_stand_beside_a_question() -> None:
    some = law("sickness", inbound=f"{IN}, when: {{year_round: true, documents_valid: true}}")
    answer = answer_of(some, "sickness")
    assert asked(answer) == {"year_round": {"true": RETAINED, "false": LOST}}
    assert presumed(answer) == {"documents_valid": (True, {"false": LOST})}


def test_a_presumption_on_which_both_countries_turn_is_turned_in_both() -> None:
    home = {"outbound": f"{IN}, crosses: true, when: {{documents_valid: false}}"}
    some = law("sickness", home, inbound=f"{IN}, when: {{documents_valid: true}}")
    assert presumed(answer_of(some, "sickness")) == {"documents_valid": (True, {"false": PORTABLE})}


# --- what the law leaves unclear --------------------------------------------------------------------------------------


def test_unclear_coverage_depends_and_names_the_rule() -> None:
    answer = answer_of(law("sickness", inbound="coverage: unclear", leaving="becomes: ends"), "sickness")
    assert answer.outcome is DEPENDS
    [question] = answer.depends_on
    assert question.fact == "unclear:qm-inbound"
    assert question.unclear is not None
    assert question.unclear.id == "qm-inbound"
    assert dict(question.outcomes) == {"true": RETAINED, "false": LOST}
    assert "coverage_unclear" in codes(answer)


def test_unclear_leaving_depends_too() -> None:
    answer = answer_of(law("old_age", inbound=IN, leaving="becomes: unclear"), "old_age")
    assert asked(answer) == {"unclear:qm-leaving": {"true": PORTABLE, "false": LOST}}
    assert [d.becomes for d in answer.on_leaving] == [OnLeaving.UNCLEAR]


def test_unclear_membership_at_home_depends_too() -> None:
    answer = answer_of(law("old_age", {"outbound": "coverage: unclear"}), "old_age")
    assert asked(answer) == {"unclear:qn-outbound": {"true": RETAINED, "false": LOST}}


def test_what_is_unclear_and_changes_nothing_is_not_asked() -> None:
    inbound = ["coverage: unclear", f"{IN}, scheme: qm-other"]
    answer = answer_of(law("sickness", other="", inbound=inbound), "sickness")
    assert answer.outcome is RETAINED
    assert "coverage_unclear" in codes(answer)


# --- qualifying periods -----------------------------------------------------------------------------------------------


def test_a_period_within_the_contract_is_met_in_time() -> None:
    some = law("sickness", inbound=IN, qualifying="months: 12")
    answer = answer_of(some, "sickness")
    assert answer.outcome is RETAINED
    assert [(p.qualifying.months, p.qualifies) for p in answer.at_work if p.qualifying] == [(12, True)]
    assert "contract_months" in presumed(answer)


def test_a_period_longer_than_the_contract_is_asked() -> None:
    some = law("sickness", inbound=IN, qualifying="months: 13")
    assert asked(answer_of(some, "sickness")) == {"months_contributed": {"<13": LOST, ">=13": RETAINED}}
    assert answer_of(some, "sickness", {"contract_months": 13}).outcome is RETAINED
    assert answer_of(some, "sickness", {"months_contributed": 13}).outcome is RETAINED
    short = answer_of(some, "sickness", {"months_contributed": 12})
    assert (short.outcome, codes(short)) == (LOST, ["not_yet_qualified"])


def test_months_that_are_too_few_so_far_count_before_the_length_of_the_contract() -> None:
    some = law("sickness", inbound=IN, qualifying="months: 6")
    assert answer_of(some, "sickness", {"months_contributed": 5}).outcome is LOST
    assert answer_of(some, "sickness", {"months_contributed": 6}).outcome is RETAINED


def test_that_a_period_is_met_in_time_is_presumed_and_listed() -> None:
    answer = answer_of(law("sickness", inbound=IN, qualifying="months: 6"), "sickness")
    assert presumed(answer)["months_contributed"] == (12, {"<6": LOST})


def test_the_scheme_at_home_counts_the_months_paid_at_home() -> None:
    some = law("unemployment", {"outbound": IN, "qualifying": "months: 36"})
    answer = answer_of(some, "unemployment")
    assert asked(answer) == {"months_contributed_home": {"<36": LOST, ">=36": RETAINED}}
    assert answer_of(some, "unemployment", {"months_contributed": 500}).outcome is DEPENDS


def test_a_leaving_rule_may_ask_whether_the_period_is_met() -> None:
    leaving = [
        "when: {qualified: true}, becomes: paid_abroad",
        "when: {qualified: false}, becomes: withdrawn, scope: [capped]",
    ]
    some = law("old_age", inbound=IN, leaving=leaving, qualifying="months: 180")
    answer = answer_of(some, "old_age")
    assert answer.outcome is PORTABLE, "either way"
    assert not answer.depends_on
    assert {d.becomes for d in answer.on_leaving} == {OnLeaving.PAID_ABROAD, OnLeaving.WITHDRAWN}
    assert [d.becomes for d in answer_of(some, "old_age", {"months_contributed": 180}).on_leaving] == ["paid_abroad"]
    assert [d.becomes for d in answer_of(some, "old_age", {"months_contributed": 179}).on_leaving] == ["withdrawn"]


def test_a_period_that_differs_for_some_is_read_with_its_exception() -> None:
    needed = "months: 24, except: [{rule: less, when: {sector: [fishing]}, months: 3}]"
    some = law("sickness", inbound=IN, qualifying=needed)
    assert answer_of(some, "sickness").outcome is DEPENDS
    assert answer_of(some, "sickness", sector="fishing").outcome is RETAINED


# --- voluntary steps --------------------------------------------------------------------------------------------------


def test_a_voluntary_step_is_shown_beside_the_headline() -> None:
    some = law("old_age", inbound="coverage: voluntary, step: Fill in a form.", leaving="becomes: withdrawn")
    answer = answer_of(some, "old_age")
    assert answer.outcome is LOST
    assert answer.could_be is not None
    assert answer.could_be.outcome is PORTABLE
    assert [(s.do, s.scheme.id, s.rule and s.rule.id) for s in answer.could_be.steps] == [
        ("join_voluntarily", "qm-fund", "qm-inbound")
    ]


def test_a_worker_who_has_joined_is_covered() -> None:
    some = law("old_age", inbound="coverage: voluntary", leaving="becomes: withdrawn")
    answer = answer_of(some, "old_age", {"joined": ["qm-fund"]})
    assert answer.outcome is PORTABLE
    assert answer.could_be is None
    assert "voluntary_joined" in codes(answer)


def test_of_several_steps_the_best_is_shown() -> None:
    home = {"outbound": "coverage: voluntary"}
    some = law("old_age", home, inbound="coverage: voluntary", leaving="becomes: withdrawn")
    could_be = answer_of(some, "old_age").could_be
    assert could_be is not None
    assert (could_be.outcome, [s.scheme.id for s in could_be.steps]) == (PORTABLE, ["qm-fund"])
    joined = answer_of(some, "old_age", {"joined": ["qn-fund"]})
    assert joined.outcome is RETAINED
    assert joined.could_be is not None
    assert [home.becomes for home in joined.at_home] == [AtHome.CONTINUES]


def test_a_step_that_changes_nothing_is_not_shown() -> None:
    some = law("old_age", {"outbound": IN}, inbound="coverage: voluntary", leaving="becomes: forfeited")
    answer = answer_of(some, "old_age")
    assert answer.outcome is RETAINED
    assert answer.could_be is None


def test_joining_is_never_listed_as_a_presumption() -> None:
    assert not answer_of(law("old_age", {"outbound": "coverage: voluntary"}), "old_age").presumed


# --- promises ---------------------------------------------------------------------------------------------------------

PROMISES = """
instruments:
  declaration:
    title: A declaration
    short: Declaration
    adopted: 2007-01-13
    binding: declaration
    members: [QM, QN]
    sources: [law]
    confidence: high
    articles:
      - {benefits: [sickness], who: {sector: [domestic_work]}, says: They shall be well., confidence: high}
      - {benefits: [sickness, maternity], says: All shall be well., confidence: high}
"""


def test_a_promise_stands_beside_the_law_and_changes_nothing() -> None:
    some = law("sickness", None, PROMISES, inbound=OUT)
    answer = answer_of(some, "sickness")
    assert answer.outcome is LOST
    assert [p.article.says for p in answer.promises if p.article] == ["All shall be well."]


def test_a_promise_is_shown_to_those_of_whom_it_speaks_since_it_was_made() -> None:
    some = law("sickness", None, PROMISES, inbound=OUT)
    assert len(answer_of(some, "sickness", sector="domestic_work").promises) == 2
    assert len(answer_of(some, "sickness", on="2007-01-13").promises) == 1
    assert not answer_of(some, "sickness", on="2007-01-12").promises
    assert not answer_of(some, "old_age").promises


def test_a_promise_of_which_only_one_country_is_a_member_is_not_shown() -> None:
    some = law("sickness", None, PROMISES.replace("[QM, QN]", "[QM, QO]"), inbound=OUT)
    assert not answer_of(some, "sickness").promises


# --- agreements -------------------------------------------------------------------------------------------------------

BY_NATIONALITY = f"{OUT}, because: nationality"


def provision(kind: str, benefit: str, more: str = "") -> str:
    return f"kind: {kind}, benefits: [{benefit}]" + (f", {more}" if more else "")


def test_equal_treatment_lifts_an_exclusion_by_nationality() -> None:
    equal = treaty(provision("equal_treatment", "sickness"))
    answer = answer_of(law("sickness", None, equal, inbound=BY_NATIONALITY), "sickness")
    assert answer.outcome is RETAINED
    [protection] = answer.at_work
    assert (protection.coverage, protection.why) == (Coverage.MANDATORY, Why.EQUAL_TREATMENT)
    assert protection.provision is not None
    assert protection.provision.id == "ag-qm-qn-1"


def test_equal_treatment_gives_what_the_countrys_own_workers_have() -> None:
    equal = treaty(provision("equal_treatment", "sickness"))
    answer = answer_of(law("sickness", None, equal, inbound=f"{BY_NATIONALITY}, if_equal: voluntary"), "sickness")
    assert answer.outcome is LOST
    assert answer.could_be is not None


@pytest.mark.parametrize("ground", ["status", "sector", "contract", "other"])
def test_equal_treatment_lifts_no_other_exclusion(ground: str) -> None:
    equal = treaty(provision("equal_treatment", "sickness"))
    assert answer_of(law("sickness", None, equal, inbound=f"{OUT}, because: {ground}"), "sickness").outcome is LOST


def test_equal_treatment_does_not_open_the_scheme_at_home() -> None:
    equal = treaty(provision("equal_treatment", "sickness"))
    assert answer_of(law("sickness", {"outbound": BY_NATIONALITY}, equal), "sickness").outcome is LOST


LONG: dict[str, Any] = {
    "inbound": IN,
    "leaving": ["when: {qualified: true}, becomes: paid_abroad", "when: {qualified: false}, becomes: forfeited"],
    "qualifying": "months: 120",
}


def test_without_an_agreement_too_few_months_are_forfeited() -> None:
    assert answer_of(law("old_age", **LONG), "old_age", {"months_contributed": 84}).outcome is LOST


def test_totalisation_counts_the_months_of_both_countries_together() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age")), **LONG)
    answer = answer_of(some, "old_age", {"months_contributed": 84, "months_contributed_home": 60})
    assert answer.outcome is PORTABLE
    assert [d.months for d in answer.on_leaving if d.why is Why.COUNTED_TOGETHER] == [(84, 60, 120)]
    assert "paid_abroad" in codes(answer), "144 of 120 needed: the rule for those who qualify applies"


def test_months_that_nobody_has_told_are_not_counted_as_if_somebody_had() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age")), **LONG)
    for facts, months in [({}, (None, None, 120)), ({"months_contributed": 84}, (84, None, 120))]:
        answer = answer_of(some, "old_age", facts)
        assert [d.months for d in answer.on_leaving if d.why is Why.COUNTED_TOGETHER] == [months]
        assert [r.item.months for r in answer.reasons if r.item in answer.on_leaving and r.item.months] == [months]


def test_a_period_that_is_met_in_time_needs_no_months_from_home() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age")), **{**LONG, "qualifying": "months: 12"})
    assert codes(answer_of(some, "old_age"), deciding=True) == ["paid_abroad"]
    never = law("old_age", None, treaty(provision("totalisation", "old_age")), **{**LONG, "leaving": "becomes: ends"})
    assert asked(answer_of(never, "old_age")) == {"months_contributed": {"<120": PORTABLE, ">=120": LOST}}


def test_totalisation_that_falls_short_is_still_counted() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age")), **LONG)
    answer = answer_of(some, "old_age", {"months_contributed": 84, "months_contributed_home": 35})
    assert "forfeited" in codes(answer)
    assert [d.months for d in answer.on_leaving if d.months] == [(84, 35, 120)]


def test_months_that_are_counted_in_any_case_are_not_asked() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age")), **LONG)
    for facts in ({}, {"months_contributed": 0}, {"months_contributed": 119}, {"months_contributed": 120}):
        answer = answer_of(some, "old_age", facts)
        assert (answer.outcome, answer.depends_on) == (PORTABLE, ())


def test_totalisation_announces_what_each_number_of_months_leads_to() -> None:
    short = {"inbound": IN, "qualifying": "months: 120"}
    some = law("sickness", None, treaty(provision("totalisation", "sickness", "min_own_months: 12")), **short)
    answer = answer_of(some, "sickness")
    found = asked(answer)
    assert found["months_contributed"] == {"<12": LOST, "12-119": DEPENDS, ">=120": RETAINED}
    for months in (0, 11, 12, 60, 119, 120):
        told = answer_of(some, "sickness", {"months_contributed": months}).outcome
        announced = announced_for(found["months_contributed"], months)
        assert told is announced or announced is DEPENDS


def announced_for(classes: dict[str, Outcome], number: int) -> Outcome:
    """What was announced for the class of a number."""
    for label, outcome in classes.items():
        if label.startswith(">="):
            inside = number >= int(label[2:])
        elif label.startswith("<"):
            inside = number < int(label[1:])
        else:
            low, high = label.split("-")
            inside = int(low) <= number <= int(high)
        if inside:
            return outcome
    raise AssertionError(f"{number} is in none of {list(classes)}")


def test_once_one_countrys_months_are_told_the_others_are_asked_from_the_missing_number() -> None:
    short = {"inbound": IN, "qualifying": "months: 120"}
    some = law("sickness", None, treaty(provision("totalisation", "sickness")), **short)
    assert asked(answer_of(some, "sickness", {"months_contributed": 84})) == {
        "months_contributed_home": {"<36": LOST, ">=36": RETAINED}
    }
    assert answer_of(some, "sickness", {"months_contributed": 84, "months_contributed_home": 35}).outcome is LOST
    assert answer_of(some, "sickness", {"months_contributed": 84, "months_contributed_home": 36}).outcome is RETAINED


def test_totalisation_does_not_carry_a_short_term_benefit_across_the_border() -> None:
    short = {"inbound": IN, "leaving": "becomes: ends", "qualifying": "months: 6"}
    some = law("sickness", None, treaty(provision("totalisation", "sickness")), **short)
    assert answer_of(some, "sickness", {"months_contributed": 3, "months_contributed_home": 3}).outcome is RETAINED
    assert answer_of(some, "sickness").outcome is RETAINED


def test_totalisation_asks_for_the_least_number_of_own_months() -> None:
    some = law("old_age", None, treaty(provision("totalisation", "old_age", "min_own_months: 12")), **LONG)
    few = {"months_contributed": 11, "months_contributed_home": 500}
    assert answer_of(some, "old_age", few).outcome is LOST
    assert answer_of(some, "old_age", {**few, "months_contributed": 12}).outcome is PORTABLE
    assert "<12" in asked(answer_of(some, "old_age"))["months_contributed"]


def test_totalisation_helps_the_scheme_at_home_too() -> None:
    home = {"outbound": IN, "qualifying": "months: 36"}
    some = law("unemployment", home, treaty(provision("totalisation", "unemployment")))
    facts = {"months_contributed_home": 24, "months_contributed": 12}
    assert answer_of(some, "unemployment", facts).outcome is RETAINED
    assert answer_of(some, "unemployment", {**facts, "months_contributed": 11}).outcome is LOST


def test_export_pays_abroad_what_national_law_would_keep() -> None:
    for becomes in ("frozen", "forfeited", "unclear"):
        some = law(
            "old_age",
            None,
            treaty(provision("export_of_benefits", "old_age")),
            inbound=IN,
            leaving=f"becomes: {becomes}",
        )
        answer = answer_of(some, "old_age")
        assert answer.outcome is PORTABLE
        assert [(d.becomes, d.why) for d in answer.on_leaving] == [(OnLeaving.PAID_ABROAD, Why.EXPORTED)]


def test_export_needs_the_qualifying_period() -> None:
    some = law(
        "old_age", None, treaty(provision("export_of_benefits", "old_age")), **{**LONG, "leaving": "becomes: forfeited"}
    )
    assert asked(answer_of(some, "old_age")) == {"months_contributed": {"<120": LOST, ">=120": PORTABLE}}


def test_export_makes_nothing_of_protection_that_ends_with_the_job() -> None:
    some = law("old_age", None, treaty(provision("export_of_benefits", "old_age")), inbound=IN, leaving="becomes: ends")
    assert [d.why for d in answer_of(some, "old_age").on_leaving] == [Why.ENDS]


def test_export_leaves_alone_what_is_paid_out_anyway() -> None:
    some = law(
        "old_age", None, treaty(provision("export_of_benefits", "old_age")), inbound=IN, leaving="becomes: withdrawn"
    )
    assert [d.why for d in answer_of(some, "old_age").on_leaving] == [Why.WITHDRAWN]


@pytest.mark.parametrize(
    ("to", "becomes", "why"),
    [
        ("worker", OnLeaving.WITHDRAWN, Why.LUMP_SUM_BY_AGREEMENT),
        ("home_scheme", OnLeaving.TRANSFERRED, Why.TRANSFERRED),
    ],
)
def test_a_lump_sum_goes_to_the_worker_or_to_the_scheme_at_home(to: str, becomes: OnLeaving, why: Why) -> None:
    lump = treaty(provision("lump_sum_transfer", "old_age", f"to: {to}"))
    answer = answer_of(law("old_age", None, lump, inbound=IN, leaving="becomes: forfeited"), "old_age")
    assert answer.outcome is PORTABLE
    assert [(d.becomes, d.why) for d in answer.on_leaving] == [(OnLeaving.FORFEITED, Why.FORFEITED), (becomes, why)]


POSTED = treaty(provision("exemption_of_posted_workers", "old_age", "max_months: 24"))


def test_a_posted_worker_stays_in_the_scheme_at_home_alone() -> None:
    some = law("old_age", {"outbound": OUT}, POSTED, inbound=IN, leaving="becomes: withdrawn")
    assert answer_of(some, "old_age").outcome is PORTABLE, "who is not posted is covered there"
    answer = answer_of(some, "old_age", {"posted": True})
    assert answer.outcome is RETAINED
    assert [(p.scheme.id, p.why) for p in answer.at_work] == [
        ("qm-fund", Why.POSTED_EXEMPT),
        ("qn-fund", Why.POSTED_STAYS_HOME),
    ]
    assert not answer.on_leaving


def test_a_posting_longer_than_the_agreement_allows_changes_nothing() -> None:
    some = law("old_age", {"outbound": OUT}, POSTED, inbound=IN, leaving="becomes: withdrawn")
    for months, outcome in [(24, RETAINED), (25, PORTABLE), (12, RETAINED), (600, PORTABLE), (1, RETAINED)]:
        answer = answer_of(some, "old_age", {"posted": True, "posted_months": months})
        assert answer.outcome is outcome, f"{months} months"
    assert presumed(answer_of(some, "old_age", {"posted": True}))["posted_months"] == (12, {">=25": PORTABLE})


def test_a_provision_may_depend_on_a_number() -> None:
    young = treaty(provision("equal_treatment", "sickness", "when: {age: {below: 40}, monthly_wage: {at_least: 700}}"))
    some = law("sickness", None, young, inbound=BY_NATIONALITY)
    answer = answer_of(some, "sickness")
    assert asked(answer) == {"monthly_wage": {"<700": LOST, ">=700": RETAINED}}
    assert presumed(answer) == {"age": (30, {">=40": LOST})}
    for age, wage, outcome in [(39, 700, RETAINED), (40, 700, LOST), (39, 699, LOST), (25, 900, RETAINED)]:
        assert answer_of(some, "sickness", {"age": age, "monthly_wage": wage}).outcome is outcome


def test_voluntary_coverage_opens_a_door() -> None:
    some = law(
        "old_age",
        None,
        treaty(provision("voluntary_coverage", "old_age", "country: QM")),
        inbound=OUT,
        leaving="becomes: withdrawn",
    )
    answer = answer_of(some, "old_age")
    assert answer.outcome is LOST
    assert answer.could_be is not None
    assert answer.could_be.outcome is PORTABLE
    assert answer.could_be.steps[0].provision is not None
    assert answer_of(some, "old_age", {"joined": ["qm-fund"]}).outcome is PORTABLE


def test_a_duty_to_insure_puts_the_worker_into_the_scheme_it_names() -> None:
    duty = treaty(provision("insurance_duty", "sickness", "schemes: [qm-other]"))
    answer = answer_of(law("sickness", None, duty, other="", inbound=[OUT, f"{OUT}, scheme: qm-other"]), "sickness")
    assert answer.outcome is RETAINED
    assert {p.scheme.id: p.why for p in answer.at_work} == {
        "qm-fund": Why.EXCLUDED,
        "qm-other": Why.INSURED_BY_AGREEMENT,
    }


def test_administrative_assistance_changes_nothing() -> None:
    some = law("sickness", None, treaty(provision("administrative_assistance", "sickness")), inbound=OUT)
    answer = answer_of(some, "sickness")
    assert answer.outcome is LOST
    assert [p.provision.id for p in answer.promises if p.provision] == ["ag-qm-qn-1"]


EQUAL = provision("equal_treatment", "sickness")


@pytest.mark.parametrize(
    ("agreement", "promised"),
    [
        (treaty(EQUAL, in_force="2027-01-01"), False),
        (treaty(EQUAL, in_force="null"), True),
        (treaty(f"{EQUAL}, from: 2025-01-01", in_force="null"), True),
        (treaty(f"{EQUAL}, from: 2025-01-01", in_force="2027-01-01"), True),
        (treaty(EQUAL, until="2026-11-23"), False),
        (treaty(f"{EQUAL}, until: 2026-11-23"), False),
        (treaty(f"{EQUAL}, from: 2026-11-25"), False),
        (treaty(f"{EQUAL}, operative: false"), True),
        (treaty(EQUAL, binding="mou"), True),
        (treaty(EQUAL, binding="administrative"), True),
        (treaty(EQUAL, binding="declaration"), True),
        (treaty(f"{EQUAL}, when: {{sector: [fishing]}}"), False),
        (treaty(EQUAL, parties="QM, QO"), False),
    ],
    ids=[
        "not yet in force",
        "never in force",
        "signed",
        "signed and in force later",
        "ended",
        "provision ended",
        "provision not yet begun",
        "not operative",
        "memorandum",
        "between offices",
        "declaration",
        "for others",
        "between others",
    ],
)
def test_what_does_not_bind_changes_nothing(agreement: str, promised: bool) -> None:
    answer = answer_of(law("sickness", None, agreement, inbound=BY_NATIONALITY), "sickness")
    assert answer.outcome is LOST
    assert bool(answer.promises) is promised


@pytest.mark.parametrize("day", ["2020-01-01", "2026-12-31"])
def test_a_treaty_works_from_its_first_day_to_its_last(day: str) -> None:
    some = law("sickness", None, treaty(EQUAL, until="2026-12-31"), inbound=BY_NATIONALITY)
    assert answer_of(some, "sickness", on=day).outcome is RETAINED
    assert answer_of(some, "sickness", on="2019-12-31").outcome is LOST
    assert answer_of(some, "sickness", on="2027-01-01").outcome is LOST


def test_a_provision_on_one_countrys_schemes_leaves_the_others_alone() -> None:
    some = law("sickness", None, treaty(f"{EQUAL}, country: QN"), inbound=BY_NATIONALITY)
    assert answer_of(some, "sickness").outcome is LOST


# --- a case, and one that cannot be answered --------------------------------------------------------------------------


def test_all_nine_benefits_are_answered() -> None:
    some = law("sickness", inbound=IN)
    assert list(determine(case_of(some), some).answers) == list(Benefit)


def test_every_wrong_field_is_told_with_the_right_values() -> None:
    some = law("sickness", inbound=IN)
    given = {
        "origin": "XX",
        "destination": "QM",
        "sector": "mining",
        "on": "tomorrow",
        "facts": {"shoe_size": 42, "age": "old"},
    }
    with pytest.raises(CaseError) as caught:
        make_case(given, some, TODAY)
    faults = {fault.field: (fault.code, fault.accepted) for fault in caught.value.faults}
    assert faults["origin"] == ("not_covered", ("QM", "QN"))
    assert faults["sector"][0] == "invalid"
    assert "fishing" in faults["sector"][1]
    assert faults["status"][0] == "missing"
    assert faults["on"] == ("invalid", ("a day written as YYYY-MM-DD",))
    assert faults["shoe_size"][0] == "unknown_fact"
    assert faults["age"] == ("invalid", ("a whole number from 10 to 110 (years)",))


def test_nobody_is_a_foreigner_at_home() -> None:
    some = law("sickness", inbound=IN)
    with pytest.raises(CaseError, match="the same country as the origin"):
        case_of(some, origin="QM")


@pytest.mark.parametrize("value", [True, "true", "Yes", "TRUE"])
def test_yes_is_understood_in_many_forms(value: Any) -> None:
    assert case_of(law("sickness", inbound=IN), {"year_round": value}).facts == {"year_round": True}


IMPOSSIBLE: list[dict[str, Any]] = [
    {"year_round": 1},
    *({"age": age} for age in (True, 9, "-5", 111, 30.5)),
    {"ship_flag": "pirate"},
    *({"joined": schemes} for schemes in (["nowhere"], 5)),
]


@pytest.mark.parametrize("facts", IMPOSSIBLE)
def test_a_value_that_a_fact_cannot_have_is_refused(facts: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        case_of(law("sickness", inbound=IN), facts)


# --- the index keeps nothing that is stale ----------------------------------------------------------------------------


def test_law_that_names_a_nationality_is_kept_apart_from_law_for_all() -> None:
    some = law_of(
        nation("QM", "sickness", inbound=[f"{IN}, when: {{origin: [QN]}}", f"{OUT}, when: {{origin: {{not: [QN]}}}}"]),
        EMPTY_HOME,
        EMPTY_HOME.replace("QN", "QO").replace("qn", "qo"),
        EMPTY_HOME.replace("QN", "XA").replace("qn", "xa"),
    )
    found = [answer_of(some, "sickness", origin=code).outcome for code in ("QO", "QN", "XA", "QN", "QO")]
    assert found == [LOST, RETAINED, LOST, RETAINED, LOST]


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    inbound = [
        f"{IN}, from: 2020-01-01, until: 2024-12-31, when: {{age: {{below: 60}}}}",
        f"{IN}, from: 2025-01-01, when: {{year_round: true}}",
    ]
    some = law("sickness", {"outbound": "coverage: voluntary"}, POSTED.replace("old_age", "sickness"), inbound=inbound)
    asked_for = [
        ({"on": day, "status": status}, facts)
        for day in ("2019-12-31", "2020-01-01", "2024-12-31", "2025-01-01")
        for status in ("regular", "irregular")
        for facts in (
            {},
            {"age": 59},
            {"age": 60},
            {"year_round": True},
            {"posted": True, "posted_months": 25},
            {"posted": True},
        )
    ]
    together = [answer_of(some, "sickness", facts, **answers) for answers, facts in asked_for]
    for (answers, facts), before in zip(reversed(asked_for), reversed(together), strict=True):
        index_of.cache_clear()
        afresh = answer_of(some, "sickness", facts, **answers)
        assert (afresh.outcome, asked(afresh), presumed(afresh)) == (before.outcome, asked(before), presumed(before))


def test_the_day_may_come_with_a_clock() -> None:
    some = law("sickness", inbound=REFORM)
    case = case_of(some, on=datetime(2025, 9, 30, 12, tzinfo=UTC))
    assert case.on == date(2025, 9, 30)
    assert determine(case, some).answers[Benefit.SICKNESS].outcome is LOST
