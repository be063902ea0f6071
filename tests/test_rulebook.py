"""Loading: good law becomes an immutable rulebook, and bad law is refused with file, line, rule, fault and cure."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from eligibility.rulebook import Problem, Rulebook, RulebookError, check, load
from eligibility.rulebook.model import CoverageRule, LeavingRule, QualifyingRule
from eligibility.vocabulary import AtHome, Confidence, Coverage, Ground, Scope
from tests.synthetic import LAW, law_of, problems_of, write, written

EM = """
country: QM
checked: 2026-11-01
facts:
  qm_island:
    type: choice
    question: On which island do you work?
    choices: {north: The north island, south: The south island}
schemes:
  qm-fund:
    name: Savings Fund
    kind: provident_fund
    gives: [old_age, invalidity]
    sources: [law]
coverage:
  - rule: qm-in
    scheme: qm-fund
    benefits: [old_age]
    direction: inbound
    when:
      status: [regular]
      age: {below: 60}
    coverage: mandatory
    scope: [savings_only]
    from: 2020-01-01
    until: 2029-12-31
    contributions: {worker: 2 %, employer: 2 %}
    says: You are in.
    note: For lawyers.
    sources: [{source: law, at: s. 1}]
    confidence: medium
    except:
      - rule: qm-in-maids
        when:
          sector: [domestic_work]
        coverage: excluded
        because: sector
      - rule: qm-in-fishers
        when:
          sector: [fishing]
        says: You are in too.
leaving:
  - rule: qm-out
    scheme: qm-fund
    benefits: [old_age]
    when:
      qualified: true
    becomes: withdrawn
    sources: [law]
    confidence: high
qualifying:
  - rule: qm-months
    scheme: qm-fund
    benefits: [old_age]
    months: 12
    sources: [law]
    confidence: high
"""
EN = """
country: QN
checked: 2026-11-01
schemes:
  qn-fund: {name: Fund at home, kind: social_insurance, gives: [old_age], sources: [law]}
coverage:
  - {rule: qn-out, scheme: qn-fund, benefits: [old_age], direction: outbound, coverage: voluntary, SURE}
"""
TREATY = """
agreement: ag-qm-qn
title: Agreement on social security
parties: [QM, QN]
binding: treaty
in_force: 2020-01-01
checked: 2026-11-01
provisions:
  - provision: ag-qm-qn-equal
    kind: equal_treatment
    benefits: [old_age]
    sources: [law]
    confidence: high
"""
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
      - benefits: [old_age]
        says: Everybody shall be well.
        confidence: high
"""
HERE = "  # here"


def changed(text: str, old: str, new: str) -> str:
    """The text with one passage changed."""
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the text"
    return text.replace(old, new)


def refused(text: str, *others: str) -> Problem:
    """The one problem of a rulebook with this text. It must stand on the line marked `# here`."""
    problems = problems_of(text, *others)
    assert len(problems) == 1, "\n".join(map(str, problems)) or "it loads"
    marked = [number for number, line in enumerate(written(text).splitlines(), 1) if HERE in line]
    assert [problems[0].line] == marked
    return problems[0]


def with_second_rule(rest: str, mark: str = "") -> str:
    """The law of QM with a second rule on who is in its fund."""
    second = f"  - {{rule: qm-two, scheme: qm-fund, coverage: excluded, {rest}, SURE}}{mark}\n"
    return changed(EM, "leaving:\n", second + "leaving:\n")


def said(problem: Problem) -> tuple[str, str, str, str]:
    return problem.file, problem.where, problem.what, problem.cure


# --- bad law ----------------------------------------------------------------------------------------------------------


def test_an_unknown_word_is_refused_and_the_known_ones_are_named() -> None:
    bad = changed(EM, "coverage: mandatory\n", f"coverage: compulsory{HERE}\n")
    assert said(refused(bad)) == (
        "countries/qm.yaml",
        "qm-in",
        "'compulsory' is no value of 'coverage'.",
        "It is one of: mandatory, employer_liability, voluntary, excluded, unclear.",
    )


def test_a_misspelt_word_is_refused_and_the_right_spelling_suggested() -> None:
    bad = changed(EM, "coverage: mandatory\n", f"coverage: mandatry{HERE}\n")
    assert refused(bad).cure.startswith("Did you mean 'mandatory'?")


def test_a_misspelt_key_is_refused_and_the_right_spelling_suggested() -> None:
    bad = changed(EM, "    scope: [savings_only]\n", f"    scop: [savings_only]{HERE}\n")
    file, where, what, cure = said(refused(bad))
    assert (file, where, what) == ("countries/qm.yaml", "qm-in", "the key 'scop' is unknown here.")
    assert cure.startswith("Did you mean 'scope'?")
    assert "contributions" in cure, "the known keys are listed"


def test_a_misspelt_except_is_told_from_the_other_keys() -> None:
    bad = changed(EM, "    except:\n", f"    excpt:{HERE}\n")
    assert refused(bad).cure.startswith("Did you mean 'except'?")


def test_an_unknown_key_deep_in_a_rule_is_refused_on_its_line() -> None:
    bad = changed(EM, "    becomes: withdrawn\n", f"    becomes: withdrawn\n    claim:\n      paper: passport{HERE}\n")
    problem = refused(bad)
    assert (problem.where, problem.what) == ("qm-out", "the key 'paper' is unknown here.")
    assert "Known keys: ." not in problem.cure


def test_a_missing_key_is_named() -> None:
    bad = changed(
        EM, "    scheme: qm-fund\n    benefits: [old_age]\n    months: 12\n", "    scheme: qm-fund\n    months: 12\n"
    )
    bad = changed(bad, "rule: qm-months", f"rule: qm-months{HERE}")
    assert said(refused(bad)) == ("countries/qm.yaml", "qm-months", "'benefits' is missing.", "Add `benefits:`.")


def test_a_rule_without_a_name_is_told_by_its_place() -> None:
    bad = changed(EM, "  - rule: qm-out\n    scheme: qm-fund\n", f"  - scheme: qm-fund{HERE}\n")
    assert said(refused(bad))[1:] == ("leaving[0]", "'rule' is missing.", "Add `rule:`.")


def test_a_rule_that_ends_before_it_starts_is_refused() -> None:
    bad = changed(EM, "  - rule: qm-in\n", f"  - rule: qm-in{HERE}\n")
    problem = refused(changed(bad, "    until: 2029-12-31\n", "    until: 2019-12-31\n"))
    assert problem.where == "qm-in"
    assert "it ends (2019-12-31) before it starts (2020-01-01)" in problem.what
    assert "swap or mend the dates" in problem.what


@pytest.mark.parametrize("day", ["2025-02-30", "2025", "last year", "2025-1-1"])
def test_a_day_that_is_none_is_refused(day: str) -> None:
    bad = changed(EM, "    from: 2020-01-01\n", f"    from: {day}{HERE}\n")
    problem = refused(bad)
    assert "is no date" in problem.what
    assert problem.cure == "Write a day such as 2025-10-01."


def test_a_source_that_is_not_declared_is_refused() -> None:
    bad = changed(
        EM, "becomes: withdrawn\n    sources: [law]\n", f"becomes: withdrawn\n    sources:\n      - lew{HERE}\n"
    )
    assert said(refused(bad)) == (
        "countries/qm.yaml",
        "qm-out",
        "no source is called 'lew'.",
        "Did you mean 'law'? Add it under `sources:`.",
    )


def test_a_scheme_that_is_not_declared_is_refused() -> None:
    bad = changed(EM, "  - rule: qm-out\n    scheme: qm-fund\n", f"  - rule: qm-out\n    scheme: qm-fnd{HERE}\n")
    assert said(refused(bad)) == (
        "countries/qm.yaml",
        "qm-out",
        "QM has no scheme called 'qm-fnd'.",
        "Did you mean 'qm-fund'? Declare it.",
    )


def test_a_scheme_of_another_country_is_refused() -> None:
    bad = changed(EM, "  - rule: qm-out\n    scheme: qm-fund\n", f"  - rule: qm-out\n    scheme: qn-fund{HERE}\n")
    assert refused(bad, EN).what == "QM has no scheme called 'qn-fund'."


def test_a_benefit_that_the_scheme_does_not_give_is_refused() -> None:
    bad = changed(
        EM, "    benefits: [old_age]\n    months: 12\n", f"    benefits: [old_age, family]{HERE}\n    months: 12\n"
    )
    assert said(refused(bad))[1:] == (
        "qm-months",
        "qm-fund does not give family.",
        "Add family to the scheme's `gives`, or take it out here.",
    )


def test_a_rule_id_that_stands_twice_is_refused_with_both_places() -> None:
    bad = changed(EM, "  - rule: qm-out\n", f"  - rule: qm-in{HERE}\n")
    problem = refused(bad)
    first = written(EM).splitlines().index("  - rule: qm-in") + 1
    assert problem.what == f"this rule id stands already at countries/qm.yaml:{first}."
    assert problem.cure == "Rename one."


def test_two_files_for_one_country_are_refused(tmp_path: Path) -> None:
    write(tmp_path, EM)
    again = EN.replace("country: QN", "country: QM").replace("qn-", "qm-other-")
    (tmp_path / "countries" / "qm-again.yaml").write_text(written(again), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        load(tmp_path, snapshots=None)
    [problem] = caught.value.problems
    assert (problem.line, problem.where) == (1, "QM")
    assert "stands already at countries/qm" in problem.what


def test_a_key_that_stands_twice_is_refused_with_both_lines() -> None:
    bad = changed(EM, "    scope: [savings_only]\n", f"    scope: [savings_only]\n    scope: [capped]{HERE}\n")
    problem = refused(bad)
    assert (problem.file, problem.where) == ("countries/qm.yaml", "YAML")
    assert problem.what == "the key 'scope' stands twice."
    assert problem.cure == f"It stands already on line {problem.line - 1}; keep one."


def test_broken_yaml_is_refused_on_its_line() -> None:
    problem = refused(
        changed(
            EM, "    gives: [old_age, invalidity]\n", f"    gives: [old_age, invalidity\n    sources: [law]{HERE}\n"
        ).replace("    sources: [law]\ncoverage:", "coverage:")
    )
    assert (problem.file, problem.where, problem.cure) == ("countries/qm.yaml", "YAML", "Mend the YAML of this line.")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("country: QM\nnote: a\x00b\n", "control characters"),
        ("country: QM\n--- \ncountry: QN\n", "document"),
        ("country: QM\n? [a, b]\n: c\n", "key"),
        ("country: QM\nschemes: &all [*all]\n", "alias"),
        ("country: QM\nschemes: !!int many\n", "dictionary"),
    ],
    ids=["control character", "two documents", "list as a key", "alias", "tag"],
)
def test_yaml_that_no_rulebook_needs_is_a_problem_and_not_a_crash(text: str, fault: str) -> None:
    problem = problems_of(text)[0]
    assert problem.file == "countries/qm.yaml"
    assert fault in problem.what


def test_a_file_that_is_not_utf8_is_a_problem_and_not_a_crash(tmp_path: Path) -> None:
    write(tmp_path, EN)
    (tmp_path / "countries" / "qm.yaml").write_bytes("country: QM\nnote: Königreich\n".encode("latin-1"))
    with pytest.raises(RulebookError) as caught:
        load(tmp_path, snapshots=None)
    [problem] = caught.value.problems
    assert (problem.file, problem.line) == ("countries/qm.yaml", 2)
    assert "UTF-8" in problem.what + problem.cure


def test_a_file_of_no_known_kind_is_refused() -> None:
    problems = problems_of(EM, "contry: QO\n")
    assert [p.what for p in problems if p.file == "sources.yaml"][:1] == ["this is no file of a rulebook."]


@pytest.mark.parametrize("text", ["instruments: [one, two]\n", "instruments: 5\n", "sources: [one]\n"])
def test_a_file_whose_content_has_the_wrong_form_is_refused(text: str) -> None:
    assert problems_of(EN, text)


def test_two_rules_for_one_worker_and_day_are_refused_with_an_example() -> None:
    second = f"""
  - rule: qm-in-young{HERE}
    scheme: qm-fund
    benefits: [old_age]
    direction: inbound
    when:
      status: [regular, irregular]
      age: {{at_least: 40, below: 70}}
    coverage: excluded
    from: 2025-06-01
    sources: [law]
    confidence: high
leaving:
"""
    problem = refused(changed(EM, "leaving:\n", second.lstrip("\n")))
    first = written(EM).splitlines().index("  - rule: qm-in") + 1
    assert problem.where == "qm-in-young"
    assert problem.what == (
        f"it and 'qm-in' (countries/qm.yaml:{first}) both decide old_age of qm-fund on 2025-06-01 "
        "for: status regular, age 40."
    )
    assert "except" in problem.cure


@pytest.mark.parametrize(
    "apart",
    [
        "from: 2030-01-01",
        "until: 2019-12-31",
        "when: {status: [irregular]}",
        "when: {age: {at_least: 60}}",
        "when: {status: {not: [regular]}}",
        "when: {any: [{status: [irregular]}, {age: {at_least: 60}}]}",
    ],
)
def test_rules_that_never_meet_are_no_conflict(apart: str) -> None:
    assert not problems_of(with_second_rule(f"benefits: [old_age], direction: inbound, {apart}"))


@pytest.mark.parametrize(
    "same", ["benefits: [invalidity], direction: inbound", "benefits: [old_age], direction: outbound"]
)
def test_rules_on_different_benefits_or_directions_are_no_conflict(same: str) -> None:
    assert not problems_of(with_second_rule(same))


def test_rules_that_share_only_their_last_and_first_day_are_in_conflict() -> None:
    bad = with_second_rule("benefits: [old_age], direction: inbound, from: 2029-12-31", HERE)
    assert "on 2029-12-31" in refused(bad).what


def test_two_exceptions_for_one_worker_are_refused() -> None:
    bad = changed(EM, "      - rule: qm-in-fishers\n", f"      - rule: qm-in-fishers{HERE}\n")
    problem = refused(changed(bad, "sector: [fishing]", "sector: [fishing, domestic_work]"))
    assert problem.where == "qm-in-fishers"
    assert "'qm-in-maids'" in problem.what
    assert problem.what.endswith("for: status regular, age 59, sector domestic_work.")


def test_exceptions_that_meet_only_outside_their_parent_are_no_conflict() -> None:
    good = changed(EM, "          sector: [fishing]\n", "          any: [{sector: [fishing]}, {age: {at_least: 60}}]\n")
    assert not problems_of(good)


def test_an_exception_that_can_never_apply_is_refused() -> None:
    bad = changed(
        EM, "        when:\n          sector: [fishing]\n", f"        when:{HERE}\n          status: [irregular]\n"
    )
    problem = refused(bad)
    assert (problem.where, problem.what) == ("qm-in-fishers", "this exception can never apply.")
    assert "'qm-in'" in problem.cure


def test_an_exception_to_an_exception_that_can_never_apply_is_refused() -> None:
    inner = f"""        says: You are in too.
        except:
          - rule: qm-in-fishers-old
            when:{HERE}
              age: {{at_least: 60}}
            coverage: excluded
"""
    problem = refused(changed(EM, "        says: You are in too.\n", inner))
    assert (problem.where, problem.what) == ("qm-in-fishers-old", "this exception can never apply.")


def test_a_condition_that_can_never_hold_is_refused() -> None:
    bad = changed(
        EM,
        "    when:\n      qualified: true\n",
        f"    when:{HERE}\n      status: [regular]\n      any: [{{status: [irregular]}}]\n",
    )
    assert "can never" in refused(bad).what


@pytest.mark.parametrize("dates", ["from: 2019-01-01", "until: 2030-01-01", "until: null"])
def test_an_exception_that_reaches_beyond_its_parent_is_refused(dates: str) -> None:
    bad = changed(
        EM, "      - rule: qm-in-fishers\n", f"      - rule: qm-in-fishers{HERE if 'from' not in dates else ''}\n"
    )
    mark = HERE if "from" in dates else ""
    bad = changed(bad, "        says: You are in too.\n", f"        {dates}{mark}\n")
    problem = refused(bad)
    assert problem.what == "this exception reaches beyond the rule that it excepts."
    assert problem.cure == "Keep `from` and `until` within those of 'qm-in' (2020-01-01 to 2029-12-31)."


def test_an_exception_for_a_benefit_of_which_its_parent_does_not_speak_is_refused() -> None:
    bad = changed(EM, "        says: You are in too.\n", f"        benefits: [invalidity]{HERE}\n")
    problem = refused(bad)
    assert problem.what == "it excepts invalidity, of which 'qm-in' does not speak."
    assert problem.cure == "Write it as a rule of its own."


@pytest.mark.parametrize("other", ["scheme: qm-other", "direction: outbound"])
def test_an_exception_cannot_be_about_another_scheme_or_direction(other: str) -> None:
    schemes = "schemes:\n  qm-other: {name: Other, kind: provident_fund, gives: [old_age], sources: [law]}\n"
    bad = changed(changed(EM, "schemes:\n", schemes), "        says: You are in too.\n", f"        {other}{HERE}\n")
    problem = refused(bad)
    assert problem.where == "qm-in-fishers"
    assert problem.cure == "Write it as a rule of its own."


def test_an_agreement_with_one_party_is_refused() -> None:
    problem = refused(changed(TREATY, "parties: [QM, QN]\n", f"parties: [QM, QM]{HERE}\n"), EM, EN)
    assert (problem.file, problem.where) == ("agreements/ag-qm-qn.yaml", "ag-qm-qn")
    assert problem.what == "an agreement has at least two different parties."


def test_an_agreement_that_names_one_party_once_is_refused() -> None:
    assert (
        refused(changed(TREATY, "parties: [QM, QN]\n", f"parties: [QM]{HERE}\n"), EM, EN).what == "'parties' is empty."
    )


def test_an_agreement_that_ends_before_it_starts_is_refused() -> None:
    bad = changed(TREATY, "in_force: 2020-01-01\n", "in_force: 2020-01-01\nuntil: 2019-01-01\n")
    assert "before it starts" in refused(bad.replace("\nagreement: ag-qm-qn", f"\nagreement: ag-qm-qn{HERE}")).what


def test_a_provision_for_the_schemes_of_an_outsider_is_refused() -> None:
    problem = refused(changed(TREATY, "    kind: equal", f"    country: QO{HERE}\n    kind: equal"), EM, EN)
    assert (problem.where, problem.what) == ("ag-qm-qn-equal", "QO is no party.")


def test_a_fact_that_is_not_declared_is_refused() -> None:
    bad = changed(EM, "      age: {below: 60}\n", f"      agee: {{below: 60}}{HERE}\n")
    problem = refused(bad)
    assert (problem.where, problem.what) == ("qm-in", "no fact is called 'agee'.")
    assert problem.cure.startswith("Did you mean 'age'?")


@pytest.mark.parametrize(
    ("test", "what", "cure"),
    [
        ("sector: [fishng]", "'fishng' is no value of 'sector'.", "agriculture, construction"),
        ("year_round: maybe", "'maybe' is no value of 'year_round'.", "It is one of: true, false."),
        ("year_round: 1", "1 is no value of 'year_round'.", "It is one of: true, false."),
        ("qm_island: [east]", "'east' is no value of 'qm_island'.", "It is one of: north, south."),
        ("origin: [Thailand]", "'Thailand' is no country code.", "Use two capital letters, such as MY."),
        ("origin: {not: [th]}", "'th' is no country code.", "Use two capital letters, such as MY."),
        ("joined: [qm-fund]", "no fact is called 'joined'.", "Declare it"),
    ],
)
def test_a_value_that_a_fact_cannot_have_is_refused(test: str, what: str, cure: str) -> None:
    problem = refused(changed(EM, "      age: {below: 60}\n", f"      {test}{HERE}\n"))
    assert (problem.where, problem.what) == ("qm-in", what)
    assert cure in problem.cure


@pytest.mark.parametrize("test", ["origin: []", "origin: {not: []}", "status: []", "any: []"])
def test_a_condition_that_names_nothing_is_refused(test: str) -> None:
    bad = changed(EM, "    when:\n      qualified: true\n", f"    when:\n      {test}{HERE}\n")
    problem = refused(bad)
    assert problem.where == "qm-out"
    assert problem.cure


@pytest.mark.parametrize("test", ["age: 60", "age: [20, 30]", "age: {above: 60}", "age: {below: sixty}", "age: {}"])
def test_a_number_without_a_range_is_refused(test: str) -> None:
    problem = refused(changed(EM, "      age: {below: 60}\n", f"      {test}{HERE}\n"))
    assert problem.what == "'age' is a number and needs a range."
    assert problem.cure == "Write `age: {at_least: 12}`, `{below: 60}` or both."


def test_a_range_that_holds_no_number_is_refused() -> None:
    problem = refused(changed(EM, "      age: {below: 60}\n", f"      age: {{at_least: 60, below: 60}}{HERE}\n"))
    assert problem.what == "'age' allows no number at all."


def test_qualified_outside_leaving_rules_is_refused() -> None:
    problem = refused(changed(EM, "      age: {below: 60}\n", f"      qualified: true{HERE}\n"))
    assert problem.what == "`qualified` is true or false, in leaving rules only."


def test_a_ground_for_an_exclusion_on_a_covering_rule_is_refused() -> None:
    bad = changed(EM, "        says: You are in too.\n", "        because: sector\n")
    problem = refused(changed(bad, "rule: qm-in-fishers", f"rule: qm-in-fishers{HERE}"))
    assert problem.where == "qm-in-fishers"
    assert "`because` is the ground of an exclusion" in problem.what


@pytest.mark.parametrize(("line", "what"), [("crosses: true", "`crosses`"), ("at_home: stops", "`at_home`")])
def test_what_belongs_to_outbound_rules_is_refused_on_inbound_ones(line: str, what: str) -> None:
    bad = changed(changed(EM, "    scope: [savings_only]\n", f"    {line}\n"), "rule: qm-in\n", f"rule: qm-in{HERE}\n")
    assert f"{what} belongs to outbound rules" in refused(bad).what


def test_a_way_to_join_where_there_is_nothing_to_join_is_refused() -> None:
    bad = changed(EM, "    scope: [savings_only]\n", "    step: Fill in a form.\n")
    assert "belongs to `coverage: voluntary`" in refused(changed(bad, "rule: qm-in\n", f"rule: qm-in{HERE}\n")).what


@pytest.mark.parametrize("word", ["counted_together", "transferred"])
def test_what_only_an_agreement_can_do_is_refused_in_a_countrys_own_rule(word: str) -> None:
    bad = changed(changed(EM, "becomes: withdrawn", f"becomes: {word}"), "rule: qm-out\n", f"rule: qm-out{HERE}\n")
    assert refused(bad).what == f"`{word}` comes from a provision of an agreement, not from a country's own rule."


def test_an_instrument_on_an_unknown_benefit_is_refused() -> None:
    bad = changed(PROMISES, "      - benefits: [old_age]\n", f"      - benefits:\n          - pension{HERE}\n")
    problem = refused(bad)
    assert (problem.file, problem.where) == ("instruments.yaml", "declaration")
    assert problem.what.startswith("'pension' is no value of")
    assert "old_age, invalidity" in problem.cure


@pytest.mark.parametrize(
    "fact",
    [
        "type: boolean, question: Really?, presumption: perhaps, assumed: so it is",
        "type: choice, question: Which?, choices: {a: A, b: B}, presumption: c, assumed: it is c",
        "type: number, question: How many?, presumption: yes, assumed: it is many",
        "type: number, question: How many?, maximum: 10, presumption: 11, assumed: it is many",
        "type: number, question: How many?, minimum: 10, maximum: 5",
        "type: boolean, question: Really?, presumption: true",
        "type: choice, question: Which?",
        "type: boolean, question: Really?, choices: {a: A, b: B}",
        "type: schemes, question: Which?",
        "type: number, question: How many?, yes_from: {months_contributed: 12}",
        "type: boolean, question: Really?, yes_from: {months_contributed: 12, age: 60}",
        "type: boolean, question: Really?, yes_from: {posted: 1}",
        "type: boolean, question: Really?, yes_from: {no_such_fact: 1}",
        "type: boolean, question: 'Do you work in {country}?'",
        "type: boolean, question: 'Do you work in {destination?'",
    ],
)
def test_a_fact_that_contradicts_itself_is_refused(fact: str) -> None:
    bad = changed(EM, "schemes:\n", f"  qm_more:{HERE}\n    {{{fact}}}\nschemes:\n")
    assert refused(bad).where == "qm_more"


def test_a_countrys_fact_begins_with_its_code() -> None:
    bad = changed(EM, "  qm_island:\n", f"  island:{HERE}\n")
    problem = refused(bad)
    assert problem.cure == "Call it qm_island."


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RulebookError, match="there are no files here"):
        load(tmp_path)
    with pytest.raises(RulebookError, match="there are no files here"):
        load(tmp_path / "nowhere")


def test_every_problem_is_told_at_once() -> None:
    bad = changed(
        changed(EM, "coverage: mandatory\n", "coverage: compulsory\n"), "becomes: withdrawn", "becomes: vanished"
    )
    problems = problems_of(bad, changed(EN, "voluntary", "perhaps"))
    assert [problem.where for problem in problems] == ["qm-in", "qm-out", "qn-out"]


def test_the_message_lists_each_problem_on_a_line(tmp_path: Path) -> None:
    bad = changed(EM, "coverage: mandatory\n", f"coverage: compulsory{HERE}\n")
    with pytest.raises(RulebookError) as caught:
        law_of(bad)
    line = refused(bad).line
    head, told = str(caught.value).splitlines()
    assert head == "the rulebook does not load: 1 problem"
    assert told.startswith(f"countries/qm.yaml:{line}: qm-in: 'compulsory' is no value of 'coverage'. It is one of:")


def test_single_files_can_be_checked(tmp_path: Path) -> None:
    write(tmp_path, EM, changed(EN, "voluntary", "perhaps"))
    assert not check([tmp_path / "countries" / "qm.yaml"], tmp_path)
    assert [p.where for p in check([tmp_path / "countries" / "qn.yaml"], tmp_path)] == ["qn-out"]


# --- good law ---------------------------------------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """A value of the model as dicts and lists, to be compared."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, tuple | list) else value


@pytest.fixture
def law() -> Rulebook:
    return law_of(EM, EN, TREATY, PROMISES)


def test_a_rulebook_cannot_be_changed(law: Rulebook) -> None:
    rule = law.rules["qm-in"]
    for thing, name in [(law, "edition"), (law.countries["QM"], "schemes"), (rule, "until"), (rule, "sources")]:
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)
    names = ("countries", "sources", "facts", "schemes", "rules", "provisions")
    for mapping in (getattr(law, name) for name in names):
        with pytest.raises(TypeError, match="does not support item assignment"):
            mapping["new"] = None
    for name in ("agreements", "instruments"):
        assert isinstance(getattr(law, name), tuple)


def test_everything_is_found_by_its_id(law: Rulebook) -> None:
    assert list(law.countries) == ["QM", "QN"]
    assert set(law.schemes) == {"qm-fund", "qn-fund"}
    assert set(law.rules) == {"qm-in", "qm-in-maids", "qm-in-fishers", "qm-out", "qm-months", "qn-out"}
    assert set(law.provisions) == {"ag-qm-qn-equal"}
    assert law.facts["qm_island"].choices == (("north", "The north island"), ("south", "The south island"))
    assert law.sources["law"].title == "The Law"
    assert isinstance(law.rules["qm-in"], CoverageRule)
    assert isinstance(law.rules["qm-out"], LeavingRule)
    assert isinstance(law.rules["qm-months"], QualifyingRule)


def test_the_roles_of_a_country_say_where_it_may_stand() -> None:
    only_there = changed(EM, "checked: 2026-11-01\n", "checked: 2026-11-01\nroles: [destination]\n")
    law = law_of(only_there, EN)
    assert law.with_role("origin") == ("QN",)
    assert law.with_role("destination") == ("QM", "QN")


def edition_of(folder: Path, *texts: str) -> str:
    return load(write(folder, *texts), snapshots=None).edition


def test_the_edition_is_the_hash_of_the_content_and_nothing_else(tmp_path: Path) -> None:
    one = edition_of(tmp_path / "one", EM, EN)
    assert one.startswith("sha256:")
    assert len(one) == len("sha256:") + 64
    assert load(tmp_path / "one", snapshots=None).edition == one, "two loads"
    assert edition_of(tmp_path / "elsewhere" / "deep", EN, EM) == one, "another folder, another order of writing"
    for file in (tmp_path / "one").rglob("*.yaml"):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert load(tmp_path / "one", snapshots=None).edition == one, "Windows' line ends"
    (tmp_path / "link").symlink_to(tmp_path / "one")
    assert load(tmp_path / "link", snapshots=None).edition == one, "through a link"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("below: 60", "below: 61"),
        ("note: For lawyers.", "note: For lawyers!"),
        ("until: 2029-12-31", "until: 2029-12-30"),
    ],
)
def test_the_edition_changes_when_a_rule_does(tmp_path: Path, old: str, new: str) -> None:
    assert edition_of(tmp_path / "one", EM) != edition_of(tmp_path / "two", changed(EM, old, new))


def test_the_edition_changes_when_a_file_is_renamed(tmp_path: Path) -> None:
    before = edition_of(tmp_path, EM)
    (tmp_path / "countries" / "qm.yaml").rename(tmp_path / "countries" / "em.yaml")
    assert load(tmp_path, snapshots=None).edition != before


def test_rulebooks_are_equal_if_they_are_the_same_edition(tmp_path: Path) -> None:
    first, second = (load(write(tmp_path / name, EM), snapshots=None) for name in ("one", "two"))
    assert first == second
    assert hash(first) == hash(second)
    assert first != law_of(EN)


def test_a_snapshot_gives_the_same_rulebook_as_the_files(tmp_path: Path) -> None:
    folder, snapshots = write(tmp_path / "law", EM, EN, TREATY, PROMISES), tmp_path / "snapshots"
    afresh = plain(load(folder, snapshots=None))
    assert plain(load(folder, snapshots=snapshots)) == afresh, "the load that makes the snapshot"
    [kept] = snapshots.iterdir()
    made = kept.stat().st_mtime_ns
    assert plain(load(folder, snapshots=snapshots)) == afresh, "the load that uses it"
    assert [(file, file.stat().st_mtime_ns) for file in snapshots.iterdir()] == [(kept, made)]


def test_a_snapshot_is_really_used(tmp_path: Path) -> None:
    folder, snapshots = write(tmp_path / "law", EN), tmp_path / "snapshots"
    load(folder, snapshots=snapshots)
    [kept] = snapshots.iterdir()
    parts = pickle.loads(kept.read_bytes())
    kept.write_bytes(pickle.dumps({**parts, "agreements": parts["agreements"], "sources": {}}))
    assert not load(folder, snapshots=snapshots).sources


def test_a_snapshot_is_not_used_after_a_file_has_changed(tmp_path: Path) -> None:
    folder, snapshots = write(tmp_path / "law", EM), tmp_path / "snapshots"
    load(folder, snapshots=snapshots)
    write(folder, changed(EM, "note: For lawyers.", "note: Changed."))
    assert load(folder, snapshots=snapshots).rules["qm-in"].note == "Changed."


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"garbage",
        b"\x80",
        pickle.dumps(None),
        pickle.dumps({}),
        pickle.dumps({"countries": [1]}),
        b"cno.such\nmodule\n.",
    ],
    ids=["empty", "text", "cut off", "nothing", "no parts", "wrong parts", "unknown class"],
)
def test_a_broken_snapshot_does_no_harm(tmp_path: Path, broken: bytes) -> None:
    folder, snapshots = write(tmp_path / "law", EN), tmp_path / "snapshots"
    load(folder, snapshots=snapshots)
    [kept] = snapshots.iterdir()
    kept.write_bytes(broken)
    assert "qn-out" in load(folder, snapshots=snapshots).rules
    assert pickle.loads(kept.read_bytes())["countries"], "and is replaced by a good one"


def test_a_snapshot_cut_off_anywhere_does_no_harm(tmp_path: Path) -> None:
    folder, snapshots = write(tmp_path / "law", EN), tmp_path / "snapshots"
    load(folder, snapshots=snapshots)
    [kept] = snapshots.iterdir()
    whole = kept.read_bytes()
    for length in range(0, len(whole), max(1, len(whole) // 40)):
        kept.write_bytes(whole[:length])
        assert "qn-out" in load(folder, snapshots=snapshots).rules


def test_where_no_snapshot_can_be_written_the_rulebook_loads_all_the_same(tmp_path: Path) -> None:
    folder = write(tmp_path / "law", EN)
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert "qn-out" in load(folder, snapshots=tmp_path / "file" / "below").rules


def test_bad_law_leaves_no_snapshot(tmp_path: Path) -> None:
    folder, snapshots = write(tmp_path / "law", changed(EN, "voluntary", "perhaps")), tmp_path / "snapshots"
    with pytest.raises(RulebookError):
        load(folder, snapshots=snapshots)
    assert not list(snapshots.glob("*"))


def test_the_words_of_yaml_1_2_mean_themselves() -> None:
    norway = written(EN).replace("QN", "NO").replace("qn-", "no-")
    norway = changed(
        norway, "coverage: voluntary,", "coverage: voluntary, says: on, note: yes, when: {destination: [NO, QM]},"
    )
    rule = law_of(norway).rules["no-out"]
    assert (rule.country, rule.says, rule.note) == ("NO", "on", "yes")
    assert [sorted(test.values) for clause in rule.when.clauses for _, test in clause] == [["NO", "QM"]]  # type: ignore[union-attr]


def test_dates_and_numbers_may_stand_unquoted_where_words_are_read() -> None:
    sources = "sources:\n  qn-act: {title: 1991, kind: statute, date: 2007-01-13}\n"
    law = law_of(changed(EN, "schemes:\n", sources + "schemes:\n"))
    assert (law.sources["qn-act"].title, law.sources["qn-act"].date) == ("1991", "2007-01-13")


# --- exceptions take from their parents -------------------------------------------------------------------------------


def test_an_exception_takes_what_it_does_not_say_from_its_parent(law: Rulebook) -> None:
    rule = law.rules["qm-in-fishers"]
    assert isinstance(rule, CoverageRule)
    assert (rule.scheme, rule.benefits, rule.direction) == ("qm-fund", ("old_age",), "inbound")
    assert (rule.from_, rule.until, rule.checked) == (date(2020, 1, 1), date(2029, 12, 31), date(2026, 11, 1))
    assert [(c.source, c.at) for c in rule.sources] == [("law", "s. 1")]
    assert rule.confidence is Confidence.MEDIUM


def test_an_exception_does_not_take_what_is_about_its_parent_alone(law: Rulebook) -> None:
    rule = law.rules["qm-in-fishers"]
    assert (rule.says, rule.note, rule.exceptions) == ("You are in too.", "", ())
    assert rule.when.facts() == {"sector"}, "its condition stands beside its parent's, it does not repeat it"


def test_what_goes_with_the_effect_is_taken_while_the_effect_is_the_same(law: Rulebook) -> None:
    same, other = law.rules["qm-in-fishers"], law.rules["qm-in-maids"]
    assert isinstance(same, CoverageRule)
    assert isinstance(other, CoverageRule)
    assert (same.coverage, same.scope) == (Coverage.MANDATORY, (Scope.SAVINGS_ONLY,))
    assert dict(same.contributions) == {"worker": "2 %", "employer": "2 %"}
    assert (other.coverage, other.scope, other.contributions) == (Coverage.EXCLUDED, (), ())
    assert other.because is Ground.SECTOR


def test_an_exception_to_an_exception_takes_from_the_exception() -> None:
    inner = """        coverage: excluded
        because: sector
        confidence: low
        except:
          - {rule: qm-in-nannies, when: {year_round: true}, coverage: voluntary, step: Ask.}
          - {rule: qm-in-cooks, when: {year_round: false}, confidence: high}
"""
    law = law_of(changed(EM, "        coverage: excluded\n        because: sector\n", inner))
    nannies, cooks = law.rules["qm-in-nannies"], law.rules["qm-in-cooks"]
    assert isinstance(nannies, CoverageRule)
    assert isinstance(cooks, CoverageRule)
    assert (nannies.coverage, nannies.because, nannies.confidence) == (Coverage.VOLUNTARY, Ground.OTHER, Confidence.LOW)
    assert (cooks.coverage, cooks.because, cooks.confidence) == (Coverage.EXCLUDED, Ground.SECTOR, Confidence.HIGH)


@pytest.mark.parametrize(
    ("coverage", "kind", "benefits", "becomes"),
    [
        ("mandatory", "labour_law", "[old_age]", AtHome.CONTINUES),
        ("employer_liability", "labour_law", "[old_age]", AtHome.CONTINUES),
        ("voluntary", "social_insurance", "[old_age]", AtHome.MAY_CONTINUE),
        ("unclear", "social_insurance", "[old_age]", AtHome.UNCLEAR),
        ("excluded", "social_insurance", "[old_age]", AtHome.PRESERVED),
        ("excluded", "provident_fund", "[old_age, family]", AtHome.PRESERVED),
        ("excluded", "social_insurance", "[family]", AtHome.STOPS),
        ("excluded", "tax_financed", "[old_age]", AtHome.STOPS),
    ],
)
def test_what_becomes_of_the_membership_at_home_follows_from_the_coverage(
    coverage: str, kind: str, benefits: str, becomes: AtHome
) -> None:
    text = f"""
    country: QN
    checked: 2026-11-01
    schemes:
      qn-fund: {{name: Fund, kind: {kind}, gives: [old_age, family], sources: [law]}}
    coverage:
      - {{rule: qn-out, scheme: qn-fund, benefits: {benefits}, direction: outbound, coverage: {coverage}, SURE}}
    """
    rule = law_of(text).rules["qn-out"]
    assert isinstance(rule, CoverageRule)
    assert rule.at_home is becomes


def test_the_shared_sources_are_read_with_any_file() -> None:
    assert "law:" in LAW
    assert not problems_of(EM, EN, TREATY, PROMISES)
