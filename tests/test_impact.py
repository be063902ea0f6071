"""What another edition changes: which answers, from what to what, and by which part of the law."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from functools import cache
from io import StringIO
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.api.changes import between_editions
from eligibility.engine import Case, determine
from eligibility.engine.career import determine_career, make_stays
from eligibility.engine.impact import (
    Aspect,
    Changes,
    Impact,
    Transition,
    compare,
    compare_careers,
    over_corridors,
)
from eligibility.engine.survey import corridors
from eligibility.explain import as_data, canonical
from eligibility.explain.impact import changed_data, corridors_in_short
from eligibility.rulebook import Rulebook, load
from eligibility.rulebook.differences import Difference, How, Kind, between, days_after, meanwhile
from eligibility.vocabulary import Benefit, Outcome, Sector, Status
from tests.edits import EVERY_FIELD, edited
from tests.invented import LAW, invented_law
from tests.synthetic import TODAY, case_of, law_of, nation, treaty, write
from tests.test_properties import (
    BUSIER,
    BUSY,
    DOOR,
    EXAMPLES,
    HOME,
    PROMISE,
    SLOW,
    THERE,
    THIRD,
    TREATY,
    asked,
    facts,
    law_called,
)

ROOT = Path(__file__).resolve().parent.parent
CASES_OF_A_CORRIDOR = len(Sector) * len(Status)
FUND = nation("QM", "old_age", inbound="coverage: mandatory", leaving="becomes: withdrawn")
PLAIN = nation("QN", "old_age")


def differences_of(old: str, new: str, *others: str) -> dict[str, Difference]:
    return {one.id: one for one in between(law_of(old, *others), law_of(new, *others))}


def impact_of(old: str, new: str, *others: str, on: date = TODAY) -> Impact:
    return over_corridors(law_of(old, *others), law_of(new, *others), on)


def told(one: Transition) -> tuple[list[str], str, str, int, int, list[str]]:
    """A line of an impact as words and numbers."""
    by = [f"{part.how} {part.id}" for part in one.by]
    return [*one.benefits], one.before.value, one.after.value, one.cases, len(one.corridors), by


# --- what differs -----------------------------------------------------------------------------------------------------


def test_the_same_law_differs_in_nothing() -> None:
    assert between(law_of(FUND, PLAIN), law_of(PLAIN, FUND)) == ()


def test_a_field_that_differs_is_named_with_what_it_was_and_is() -> None:
    new = FUND.replace("coverage: mandatory", "coverage: voluntary, when: {age: {at_least: 18}, sector: [fishing]}")
    found = differences_of(FUND, new, PLAIN)
    assert list(found) == ["qm-inbound"]
    fields = {field.name: (field.old, field.new) for field in found["qm-inbound"].fields}
    assert fields["coverage"] == ("mandatory", "voluntary")
    assert fields["when"] == ("", "age {at_least: 18}, sector [fishing]")
    assert found["qm-inbound"].decides


@pytest.mark.parametrize(("part", "field"), EVERY_FIELD)
def test_no_field_of_a_rule_is_forgotten(part: str, field: str) -> None:
    """Whatever the schema lets a lawyer write: neither in what differs nor in what the API tells of it."""
    old, new = edited(part, field)
    assert [one.how for one in between(old, new)] == [How.CHANGED]
    assert [one["change"] for one in between_editions(old, new, None)] == ["changed"]


@pytest.mark.parametrize(
    ("change", "words_only", "decides"),
    [
        ("says: You are in the fund., confidence: high", True, False),
        ("sources: [paper]", True, False),
        ("checked: 2026-11-20", True, False),
        ("confidence: low", False, False),
        ("from: 2020-01-01", False, True),
        ("scope: [capped]", False, True),
    ],
)
def test_words_are_told_from_what_can_change_an_answer(change: str, words_only: bool, decides: bool) -> None:
    new = nation("QM", "old_age", inbound=f"coverage: mandatory, {change}", leaving="becomes: withdrawn")
    found = differences_of(FUND, new, PLAIN)["qm-inbound"]
    assert (found.words_only, found.decides) == (words_only, decides)


def test_every_kind_of_part_is_compared() -> None:
    fact = "{qm_camp: {type: boolean, question: In a camp?, presumption: true, assumed: you are in a camp}}"
    announced = "[{id: qm-soon, benefits: [old_age], expected: '2027', says: Soon., sources: [law]}]"
    parts = {"facts": fact, "announced": announced, "inbound": "coverage: mandatory, when: {qm_camp: true}"}
    pact = treaty("kind: export_of_benefits, benefits: [old_age]")
    found = between(law_of(nation("QM", "old_age"), PLAIN), law_of(nation("QM", "old_age", **parts), PLAIN, pact))
    assert {(one.kind, one.id, one.how) for one in found} == {
        (Kind.FACT, "qm_camp", How.ADDED),
        (Kind.ANNOUNCEMENT, "qm-soon", How.ADDED),
        (Kind.RULE, "qm-inbound", How.ADDED),
        (Kind.AGREEMENT, "ag-qm-qn", How.ADDED),
        (Kind.PROVISION, "ag-qm-qn-1", How.ADDED),
    }


def test_a_country_that_is_gone_takes_its_parts_with_it() -> None:
    found = between(law_of(FUND, PLAIN), law_of(FUND))
    assert {(one.kind, one.id, one.how) for one in found} == {
        (Kind.COUNTRY, "QN", How.REMOVED),
        (Kind.SCHEME, "qn-fund", How.REMOVED),
    }


def test_what_began_and_ended_between_two_days_is_found() -> None:
    law = law_of(
        nation(
            "QM", "old_age", inbound=["coverage: mandatory, until: 2026-06-30", "coverage: voluntary, from: 2026-07-01"]
        ),
        PLAIN,
    )
    found = meanwhile(law, date(2026, 6, 30), date(2026, 7, 1))
    assert [(one.id, one.how) for one in found] == [("qm-inbound", How.ENDED), ("qm-inbound-2", How.BEGAN)]
    assert meanwhile(law, date(2026, 7, 1), date(2026, 12, 31)) == ()


# --- over all corridors -----------------------------------------------------------------------------------------------


def test_a_repealed_rule_changes_the_corridors_it_should_and_no_other() -> None:
    repealed = nation("QM", "old_age", leaving="becomes: withdrawn")
    other = nation("QO", "old_age", inbound="coverage: mandatory", leaving="becomes: paid_abroad")
    found = impact_of(FUND, repealed, PLAIN, other)
    assert [told(one) for one in found.transitions] == [
        (["old_age"], "portable", "lost", 2 * CASES_OF_A_CORRIDOR, 2, ["removed qm-inbound"])
    ]
    assert set(found.transitions[0].corridors) == {("QN", "QM"), ("QO", "QM")}
    assert found.transitions[0].better is False
    assert (len(found.corridors), found.compared) == (6, 4)
    changes = Changes(law_of(FUND, PLAIN, other), law_of(repealed, PLAIN, other))
    assert changes.concerned("QN", "QM") == {Benefit.OLD_AGE}
    assert changes.concerned("QN", "QO") == set()


def test_an_exception_changes_only_those_it_speaks_of() -> None:
    narrower = nation(
        "QM",
        "old_age",
        inbound="""coverage: mandatory, except:
          [{rule: qm-not-at-sea, when: {sector: [fishing]}, coverage: excluded, because: sector}]""",
        leaving="becomes: withdrawn",
    )
    found = impact_of(FUND, narrower, PLAIN)
    assert [told(one) for one in found.transitions] == [
        (["old_age"], "portable", "lost", len(Status), 1, ["added qm-not-at-sea"])
    ]


def test_another_wording_changes_no_answer() -> None:
    reworded = FUND.replace("coverage: mandatory", "coverage: mandatory, says: You are in., note: Seen again.")
    found = impact_of(FUND, reworded, PLAIN)
    assert found.nothing
    assert (found.compared, found.unseen, len(found.differences)) == (0, (), 1)


def test_a_rule_that_bears_on_another_day_is_shown_as_unseen_with_the_day() -> None:
    ended = FUND.replace("coverage: mandatory", "coverage: mandatory, until: 2026-12-31")
    old, new = law_of(FUND, PLAIN), law_of(ended, PLAIN)
    today, later = (over_corridors(old, new, day) for day in (TODAY, date(2027, 1, 1)))
    assert today.nothing
    assert [one.id for one in today.unseen] == ["qm-inbound"]
    assert days_after(TODAY, today.differences, old, new) == [date(2027, 1, 1)]
    assert [told(one)[1:3] for one in later.transitions] == [("portable", "lost")]


def test_what_is_told_beside_the_same_outcome_is_a_change_of_its_own() -> None:
    leaving = "becomes: withdrawn, claim: {deadline: {months: 24, from: leaving, says: Two years.}, papers: [passport]}"
    found = impact_of(FUND, nation("QM", "old_age", inbound="coverage: mandatory", leaving=leaving), PLAIN)
    assert [told(one)[1:3] for one in found.transitions] == [("portable", "portable")]
    assert found.transitions[0].aspects == (Aspect.DEADLINE, Aspect.PAPERS)
    assert [one.id for one in found.transitions[0].by] == ["qm-leaving"]
    assert found.transitions[0].better is None


def test_benefits_that_change_alike_stand_in_one_line() -> None:
    def fund(coverage: str) -> str:
        return nation(
            "QM", "old_age, survivors, sickness", inbound=f"coverage: {coverage}", leaving="becomes: withdrawn"
        )

    found = impact_of(fund("mandatory"), fund("excluded, because: other"), PLAIN)
    assert [told(one)[0] for one in found.transitions] == [["old_age", "survivors", "sickness"]]


def test_a_presumption_that_changed_is_named_when_the_rules_did_not() -> None:
    def camp(presumed: str) -> str:
        fact = f"{{qm_camp: {{type: boolean, question: In a camp?, presumption: {presumed}, assumed: so it is}}}}"
        inbound = "coverage: mandatory, when: {qm_camp: true}"
        return nation("QM", "old_age", facts=fact, inbound=inbound, leaving="becomes: withdrawn")

    found = impact_of(camp("true"), camp("false"), PLAIN)
    assert [told(one)[1:3] + told(one)[5:] for one in found.transitions] == [("portable", "lost", ["changed qm_camp"])]
    fields = [(field.name, field.old, field.new) for field in found.transitions[0].by[0].fields]
    assert fields == [("presumption", "true", "false")]


def test_a_general_rule_that_changed_is_named_when_its_exception_decides() -> None:
    def general(day: str) -> str:
        exception = "{rule: qm-home, when: {sector: [domestic_work]}, coverage: voluntary, step: Join.}"
        inbound = f"coverage: excluded, because: other, when: {day}, except: [{exception}]"
        return nation("QM", "old_age", inbound=inbound, leaving="becomes: withdrawn")

    found = impact_of(general("{}"), general("{status: [regular]}"), PLAIN)
    assert any(Aspect.COULD_BE in one.aspects for one in found.transitions), "at home there is no way in any more"
    assert all([part.id for part in one.by] == ["qm-inbound"] for one in found.transitions)


def test_an_agreement_that_enters_into_force_is_named() -> None:
    export = "kind: export_of_benefits, benefits: [old_age]"
    frozen = nation("QM", "old_age", inbound="coverage: mandatory", leaving="becomes: frozen")
    old, new = treaty(export, in_force="null"), treaty(export)
    found = impact_of(old, new, frozen, PLAIN, nation("QO", "old_age"))
    moved = [one for one in found.transitions if one.before is not one.after]
    assert [told(one) for one in moved] == [
        (["old_age"], "retained", "portable", CASES_OF_A_CORRIDOR, 1, ["changed ag-qm-qn"])
    ]
    assert moved[0].better
    assert found.compared == 2, "only the two directions between its parties"


def test_a_qualifying_period_is_named_though_no_answer_on_leaving_names_it() -> None:
    def fund(months: int) -> str:
        return nation(
            "QM",
            "old_age",
            inbound="coverage: mandatory",
            qualifying=f"months: {months}",
            leaving=["when: {qualified: true}, becomes: paid_abroad", "when: {qualified: false}, becomes: forfeited"],
        )

    old, new = law_of(fund(60), PLAIN), law_of(fund(120), PLAIN)
    answers = [determine(case_of(law, {"months_contributed": 90}), law) for law in (old, new)]
    changed = compare(answers[0], answers[1], Changes(old, new))
    assert [(one.before.value, one.after.value, [part.id for part in one.by]) for one in changed] == [
        ("portable", "lost", ["qm-qualifying"])
    ]


def test_new_and_lost_countries_are_said() -> None:
    other = nation("QO", "old_age", roles="[destination]")
    grown = over_corridors(law_of(FUND, PLAIN), law_of(FUND, PLAIN, other), TODAY)
    assert grown.came == (("QM", "QO"), ("QN", "QO"))
    assert not grown.nothing
    assert grown.unseen == ()
    shrunk = over_corridors(law_of(FUND, PLAIN, other), law_of(FUND, PLAIN), TODAY)
    assert (shrunk.came, shrunk.gone) == ((), grown.came)


def test_a_corridor_of_new_roles_comes_without_a_new_country() -> None:
    found = impact_of(nation("QO", "old_age", roles="[destination]"), nation("QO", "old_age"), FUND, PLAIN)
    assert found.came == (("QO", "QM"), ("QO", "QN"))


# Texts of invented law that can each be changed by themselves.
EDITS = (
    ("coverage: mandatory, from: 2015-01-01, when", "coverage: voluntary, from: 2015-01-01, when"),
    ("age: {at_least: 18, below: 60}", "age: {at_least: 21, below: 60}"),
    ("presumption: b, assumed: you are in camp B", "presumption: a, assumed: you are in camp A"),
    ("because: nationality, if_equal: mandatory", "because: status"),
    ("rule: qm-d, when: {qm_isle: [north, west]}", "rule: qm-d, when: {qm_isle: [north]}"),
    ("when: {qualified: true}, becomes: frozen", "when: {qualified: true}, becomes: withdrawn"),
    ("benefits: [old_age], months: 120", "benefits: [old_age], months: 60"),
    ("when: {manual_work: true}, months: 6", "when: {manual_work: true}, months: 36"),
    ("becomes: paid_abroad, benefits: [old_age]", "becomes: paid_abroad, benefits: [old_age], scope: [capped]"),
    ("crosses: true, when: {documents_valid: true", "crosses: false, when: {documents_valid: true"),
    ("kind: totalisation, benefits: [old_age, sickness", "kind: totalisation, benefits: [sickness"),
    ("until: null", "until: 2025-12-31"),
    ("to: worker", "to: home_scheme"),
    ("binding: mou", "binding: treaty"),
    ("coverage: mandatory, benefits: [unemployment]", "coverage: unclear, benefits: [unemployment]"),
    (
        "provision: ag-qm-qn-1, sources: [law], confidence: high",
        "provision: ag-qm-qn-1, sources: [law], confidence: low",
    ),
    ("benefits: [sickness], becomes: ends", "benefits: [sickness], becomes: ends, note: Seen again."),
)
TEXTS = (THERE, HOME, THIRD, TREATY, DOOR, PROMISE)
SETS = [chosen for size in (0, 1, 2) for chosen in combinations(range(len(EDITS)), size)]


@cache
def edited_law(chosen: tuple[int, ...]) -> Rulebook:
    texts = list(TEXTS)
    for number in chosen:
        was, now = EDITS[number]
        assert any(was in text for text in TEXTS), was
        texts = [text.replace(was, now) for text in texts]
    return law_of(*texts)


@st.composite
def asked_twice(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...], Case]:
    """Two editions, and a case that both can be asked."""
    first, second = draw(st.sampled_from(SETS)), draw(st.sampled_from(SETS))
    origin, destination = draw(st.sampled_from(corridors(edited_law(()))))
    day = draw(st.sampled_from([date(2019, 6, 1), date(2024, 6, 30), date(2025, 12, 31), TODAY]))
    told = draw(facts(edited_law(()), origin, destination))
    return (
        first,
        second,
        Case(origin, destination, draw(st.sampled_from(Sector)), draw(st.sampled_from(Status)), day, told),
    )


def without_law(data: Any) -> Any:
    """What an answer says, without the ids, words and sources of the law behind it; order is none of it."""
    if isinstance(data, dict):
        dropped = {"edition", "rule", "provision", "text", "sources", "reasons", "verdict", "says"}
        return {key: without_law(value) for key, value in data.items() if key not in dropped}
    if isinstance(data, list):
        return sorted((without_law(value) for value in data), key=lambda one: json.dumps(one, sort_keys=True))
    return data


@BUSY
@given(asked_twice())
def test_every_difference_is_found_and_has_a_cause_in_the_law(given_: tuple[Any, Any, Case]) -> None:
    old, new, case = edited_law(given_[0]), edited_law(given_[1]), given_[2]
    before, after = determine(case, old), determine(case, new)
    changes = Changes(old, new)
    found = {one.benefit: one for one in compare(before, after, changes)}
    for benefit in Benefit:
        was, now = before.answers[benefit], after.answers[benefit]
        one = found.get(benefit)
        if one is None:
            says, says_now = (as_data(answers)["benefits"][benefit.value] for answers in (before, after))
            assert without_law(says) == without_law(says_now)
            assert was.outcome is now.outcome
            continue
        assert (one.before, one.after) == (was.outcome, now.outcome)
        assert (Aspect.OUTCOME in one.aspects) is (was.outcome is not now.outcome)
        assert one.by, f"{benefit}: {one.aspects}"
        assert set(one.by) <= set(changes.all)
        assert all(part.concerns(case.origin, case.destination, benefit) for part in one.by)
        if one.before is not one.after:
            assert all(part.decides for part in one.by)
    assert {one.benefit: one.by for one in compare(after, before, Changes(new, old))}.keys() == found.keys()


@settings(max_examples=max(1, EXAMPLES // 25), suppress_health_check=SLOW)  # each asks every case there is
@given(st.sampled_from(SETS), st.sampled_from(SETS), st.sampled_from([date(2019, 6, 1), TODAY]))
def test_what_was_skipped_could_not_have_changed(first: Any, second: Any, on: date) -> None:
    old, new = edited_law(first), edited_law(second)
    changes, counted = Changes(old, new), Counter[Any]()
    for origin, destination in corridors(old):
        for sector in Sector:
            for status in Status:
                case = Case(origin, destination, sector, status, on, {})
                for one in compare(determine(case, old), determine(case, new), changes):
                    counted[(one.benefit, one.before, one.after, one.by)] += 1
    found = over_corridors(old, new, on)
    lines = Counter[Any]()
    for line in found.transitions:
        for benefit in line.benefits:
            lines[(benefit, line.before, line.after, line.by)] += line.cases
    assert lines == counted
    assert found.nothing is not bool(counted)


def test_every_corridor_is_reported_whose_answers_change() -> None:
    texts = [nation(f"Q{letter}", "old_age") for letter in "NOP"]
    found = impact_of(FUND, nation("QM", "old_age"), *texts)
    assert {pair for one in found.transitions for pair in one.corridors} == {(f"Q{c}", "QM") for c in "NOP"}
    assert corridors_in_short(found.transitions[0].corridors, found.corridors) == "everywhere → QM"


def test_one_edited_line_of_a_file_changes_one_destination_alone(tmp_path: Path) -> None:
    folder = shutil.copytree(LAW, tmp_path / "law")
    file = folder / "countries" / "my.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("becomes: withdrawn") == 1
    file.write_text(text.replace("becomes: withdrawn", "becomes: forfeited"), encoding="utf-8")
    law = load(LAW)
    found = over_corridors(law, load(folder, snapshots=None), TODAY)
    (edited,) = found.differences
    assert edited.kind is Kind.RULE
    assert law.rules[edited.id].country == "MY"
    moved = [one for one in found.transitions if one.before is not one.after]
    assert moved
    assert {destination for one in moved for _origin, destination in one.corridors} == {"MY"}
    assert all(one.by == (edited,) and not one.better for one in moved)


# --- one case, and a career -------------------------------------------------------------------------------------------


def test_a_case_says_what_changed_and_the_rule_that_did_it_as_data() -> None:
    old, new = law_of(FUND, PLAIN), law_of(FUND.replace("withdrawn", "frozen"), PLAIN)
    (changed,) = compare(*(determine(case_of(law), law) for law in (old, new)), Changes(old, new))
    data = changed_data(changed)
    assert (data["benefit"], data["before"], data["after"]) == ("old_age", "portable", "retained")
    assert data["aspects"] == ["outcome", "on_leaving"]
    assert data["by"] == [
        {
            "kind": "rule",
            "id": "qm-leaving",
            "how": "changed",
            "fields": [{"field": "becomes", "old": "withdrawn", "new": "frozen"}],
        }
    ]
    assert json.loads(json.dumps(data)) == data


def test_time_alone_changes_an_answer_and_is_named() -> None:
    ending = FUND.replace("coverage: mandatory", "coverage: mandatory, until: 2026-12-31")
    law = law_of(ending, PLAIN)
    days = date(2026, 12, 31), date(2027, 1, 1)
    before, after = (determine(case_of(law, on=day), law) for day in days)
    (changed,) = compare(before, after, Changes(law, law, *days))
    assert [(part.id, part.how) for part in changed.by] == [("qm-inbound", How.ENDED)]


def test_what_no_difference_of_the_law_explains_is_blamed_on_none() -> None:
    law = law_of(nation("QM", "old_age", inbound="coverage: mandatory, when: {posted: true}"), PLAIN)
    answers = [determine(case_of(law, {"posted": posted}), law) for posted in (True, False)]
    assert [one.by for one in compare(answers[0], answers[1], Changes(law, law))] == [()]


def test_workers_of_a_kind_are_compared_once_and_those_of_another_kind_anew() -> None:
    needs = "becomes: withdrawn, when: {months_contributed: {at_least: 12}}"
    fund = nation("QM", "old_age", inbound="coverage: mandatory", leaving=needs)
    old, new = law_of(fund, PLAIN), law_of(fund.replace("withdrawn", "frozen"), PLAIN)
    changes = Changes(old, new)
    three, four, thirty, forty = (
        compare(determine(case, old), determine(case, new), changes)
        for case in (case_of(old, {"months_contributed": months}) for months in (3, 4, 30, 40))
    )
    assert three == four == ()
    assert thirty[0] is forty[0]
    assert thirty[0].after is Outcome.RETAINED


def test_each_stay_of_a_career_is_compared() -> None:
    old, new = law_of(FUND, PLAIN, THIRD), law_of(FUND.replace("withdrawn", "forfeited"), PLAIN, THIRD)
    stay = {"sector": "services", "status": "regular"}
    given_ = [
        {**stay, "destination": "QO", "from": "2018-01-01", "until": "2019-12-31"},
        {**stay, "destination": "QM", "from": "2020-01-01", "until": "2024-12-31"},
    ]
    careers = [determine_career("QN", make_stays("QN", given_, law, TODAY), law, TODAY) for law in (old, new)]
    first, second = compare_careers(careers[0], careers[1], Changes(old, new))
    assert first == ()
    assert [(one.benefit, one.after) for one in second] == [(Benefit.OLD_AGE, Outcome.LOST)]


# --- the command ------------------------------------------------------------------------------------------------------


def run(*words: str, **options: Any) -> tuple[str, int]:
    """What the command prints, and its exit status."""
    out = StringIO()
    try:
        call_command("impact", *words, stdout=out, **options)
    except SystemExit as left:
        return out.getvalue(), int(str(left.code))
    return out.getvalue(), 0


@pytest.fixture
def two(tmp_path: Path, settings: Any) -> Any:
    """The folders of two editions; the installation answers by invented law."""
    settings.RULEBOOK_EDITIONS = tmp_path / "kept"
    old, new = write(tmp_path / "old", FUND, PLAIN), write(tmp_path / "new", FUND.replace("withdrawn", "frozen"), PLAIN)
    with invented_law(settings):
        yield str(old), str(new)


def test_the_command_shows_outcomes_corridors_and_the_rule(two: tuple[str, str]) -> None:
    text, status = run(*two, on="2026-11-24")
    assert status == 1
    assert "by the law of 2026-11-24" in text
    line = next(line for line in text.splitlines() if "portable → retained" in line)
    assert f"{CASES_OF_A_CORRIDOR} cases of 1 corridor (QN → QM)" in " ".join(line.split())
    assert "~ rule qm-leaving: What becomes of it on leaving: paid out → kept there" in text
    assert "\x1b[" not in text


def test_the_command_colours_when_it_is_told_to(two: tuple[str, str]) -> None:
    assert "\x1b[31mportable → retained" in run(*two, force_color=True)[0]


def test_the_command_ends_with_zero_where_no_answer_changes(two: tuple[str, str]) -> None:
    text, status = run(two[0], two[0])
    assert (status, "The two are the same law." in text) == (0, True)
    reworded = write(Path(two[0]).parent / "words", FUND.replace("becomes:", "note: Seen., becomes:"), PLAIN)
    text, status = run(two[0], str(reworded))
    assert status == 0
    assert "No answer changes on that day." in text
    assert "1 more part reads otherwise" in text


def test_the_command_says_which_other_days_to_look_at(two: tuple[str, str]) -> None:
    later = FUND.replace("coverage: mandatory", "coverage: mandatory, until: 2026-12-31")
    text, status = run(two[0], str(write(Path(two[0]).parent / "later", later, PLAIN)), on="2026-11-24")
    assert status == 0
    assert "ask also --on 2027-01-01" in text


def test_the_command_gives_everything_as_json(two: tuple[str, str]) -> None:
    text, status = run(*two, json=True, on="2026-11-24")
    data = json.loads(text)
    assert (status, data["on"], data["compared"]) == (
        1,
        "2026-11-24",
        {"corridors": 2, "cases": 2 * CASES_OF_A_CORRIDOR},
    )
    (line,) = data["transitions"]
    assert (line["before"], line["after"], line["better"]) == ("portable", "retained", False)
    assert line["corridors"] == [{"origin": "QN", "destination": "QM"}]
    assert line["by"] == [{"kind": "rule", "id": "qm-leaving", "how": "changed"}]


def test_an_edition_may_be_named_by_its_first_digits(two: tuple[str, str]) -> None:
    assert run(load(LAW).edition[7:17], str(LAW))[1] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("nowhere", "."), "neither a stored edition nor a folder"),
        (("tests", "."), "there are no files here|is wrong|no file of a rulebook"),
    ],
)
def test_what_cannot_be_read_ends_with_two(
    two: tuple[str, str], words: tuple[str, str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tests").mkdir()
    with pytest.raises(CommandError, match=message) as caught:
        run(*words)
    assert caught.value.returncode == 2


def test_a_day_that_is_none_ends_with_two(two: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="YYYY-MM-DD") as caught:
        run(*two, on="soon")
    assert caught.value.returncode == 2


def test_the_help_ends_with_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("impact", "--help")
    assert "  python manage.py impact 3f9a1c52 fixtures/rulebook\n" in capsys.readouterr().out


# --- the same bytes ---------------------------------------------------------------------------------------------------


@BUSIER
@given(asked(), st.sampled_from(["en", "km", "th"]))
def test_the_same_case_edition_and_language_give_the_same_bytes(given_: tuple[str, Case], language: str) -> None:
    law, case = law_called(given_[0]), given_[1]
    turned = Case(case.origin, case.destination, case.sector, case.status, case.on, dict(reversed(case.facts.items())))
    with translation.override(language):
        first = canonical(as_data(determine(case, law)))
        assert canonical(as_data(determine(turned, law))) == first
        assert canonical(json.loads(first)) == first, "what was read back is written as it was"
    assert b"\\u" not in first.replace(b"\\\\", b"")


PRINT_DIGEST = """
import hashlib, sys
import django
django.setup()
from django.utils import translation
from benchmarks.determine import cases
from eligibility.engine import determine
from eligibility.explain import as_data, canonical
from eligibility.rulebook import load
law, digest = load(), hashlib.sha256()
for language in ("en", "my"):
    with translation.override(language):
        for case in cases(law, 3000, seed=6)[:50]:
            digest.update(canonical(as_data(determine(case, law))))
print(digest.hexdigest())
"""


def test_another_process_gives_the_same_bytes() -> None:
    def started(seed: str) -> subprocess.Popen[str]:
        environ = {**os.environ, "PYTHONHASHSEED": seed, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        return subprocess.Popen(
            [sys.executable, "-c", PRINT_DIGEST], cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True
        )

    digests = [process.communicate()[0] for process in [started("1"), started("2")]]
    assert len(digests[0].strip()) == hashlib.sha256().digest_size * 2
    assert digests[0] == digests[1]


@pytest.mark.parametrize("value", [float("nan"), object()])
def test_what_json_cannot_hold_is_refused(value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"value": value})
