"""What differs in the law is said in words: its fields, and what they were and are."""

from __future__ import annotations

import re

import pytest
from django.utils.translation import override

from eligibility import current
from eligibility.explain import lawwords
from eligibility.explain.lawwords import ToldField
from eligibility.rulebook import Rulebook, differences
from eligibility.rulebook.differences import WORDS, Field, Kind, between, condition_of
from tests.edits import EVERY_FIELD, edited, law_with
from tests.synthetic import law_of, nation, treaty

PLAIN = nation("QN", "old_age")
TOLD = "{qm_camp: {type: number, question: How many weeks?, unit: months, presumption: %s, assumed: some, maximum: %s}}"


def told(old: Rulebook, new: Rulebook) -> list[ToldField]:
    return [lawwords.told_field(one.kind, one.id, each, new) for one in between(old, new) for each in one.fields]


def said(old: Rulebook, new: Rulebook) -> list[str]:
    return [f"{one.name}: {one.old} → {one.new}" for one in told(old, new)]


@pytest.mark.parametrize(("part", "field"), EVERY_FIELD)
def test_every_field_of_a_rule_has_words(part: str, field: str) -> None:
    for one in told(*edited(part, field)):
        assert not one.code, one
        assert one.old != one.new
        assert not re.search(r"[a-z]_[a-z]|[{}\[\]]", f"{one.name} {one.old} {one.new}"), one


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"scheme": "kind: social_insurance"}, {"scheme": "kind: provident_fund"}),
        ({"scheme": "gives: [old_age, family]"}, {"scheme": "gives: [old_age]"}),
        ({"scheme": "serves: everyone"}, {"scheme": "serves: foreigners"}),
        ({"scheme": "since: 2001-01-01, until: 2030-01-01"}, {"scheme": "since: 2002-01-01"}),
        ({"scheme": "gives_since: {old_age: 2001-01-01}"}, {"scheme": "gives_since: {old_age: 2002-01-01}"}),
        ({"roles": "[origin]"}, {"roles": "[origin, destination]"}),
        ({"facts": TOLD % (1, 10)}, {"facts": TOLD % (2, 20)}),
    ],
)
def test_what_else_a_country_s_file_holds_has_words(old: dict[str, str], new: dict[str, str]) -> None:
    found = told(*(law_of(nation("QM", "old_age", **parts), PLAIN) for parts in (old, new)))
    assert found
    assert not [one for one in found if one.code]


def test_an_agreement_has_words() -> None:
    old, new = (
        law_of(nation("QM", "old_age"), PLAIN, treaty(**parts))
        for parts in ({}, {"binding": "mou", "in_force": "2021-01-01", "until": "2030-12-31"})
    )
    assert said(old, new) == [
        "Standing: treaty → memorandum that binds no one",
        "In force: since January 1, 2020 → since January 1, 2021",
        "In force: no last day → until December 31, 2030",
    ]


def test_what_becomes_of_a_right_is_said_in_the_language_of_the_page() -> None:
    old, new = edited("leaving", "becomes")
    assert said(old, new) == ["What becomes of it on leaving: paid abroad → lost"]
    with override("id"):
        assert said(old, new) == ["Jadinya bagaimana saat pulang: dibayar di luar negeri → hilang"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "when: {}",
            "when: {status: [irregular]}",
            "When: always → Your papers: No valid papers.",
        ),
        (
            "when: {any: [{age: {below: 60}}, {sector: [fishing]}]}",
            "when: {posted: true}",
            "When: How old are you? Fewer than 60 years. or Your work: Fishing boat or fish farm. → "
            "Did an employer in your country send you, and does that employer still pay your wage? Yes.",
        ),
    ],
)
def test_a_condition_is_said_as_the_pages_of_the_law_say_it(before: str, after: str, words: str) -> None:
    assert said(law_with("inbound", before), law_with("inbound", after)) == [words]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "when: {sector: [fishing], age: {below: 60}}",
            "when: {sector: [fishing], age: {below: 65}}",
            "When: How old are you? Fewer than 60 years. → How old are you? Fewer than 65 years.",
        ),
        (
            "when: {sector: [fishing]}",
            "when: {sector: [fishing], status: [irregular]}",
            "When: – → Your papers: No valid papers.",
        ),
        (
            "when: {sector: [fishing], any: [{age: {below: 60}}, {status: [irregular]}]}",
            "when: {sector: [fishing], age: {below: 60}}",
            "When: How old are you? Fewer than 60 years. or Your papers: No valid papers. → "
            "How old are you? Fewer than 60 years.",
        ),
    ],
)
def test_of_a_condition_only_what_differs_is_said(before: str, after: str, words: str) -> None:
    """Long lists of kinds of work that stay as they were would hide it."""
    assert said(law_with("inbound", before), law_with("inbound", after)) == [words]


def test_a_paper_that_has_a_comma_in_its_name_is_one_paper() -> None:
    before = "claim: {papers: ['passport, and a copy', receipts]}"
    old, new = law_with("leaving", "claim: {papers: [receipts]}"), law_with("leaving", before)
    assert said(old, new) == ["Papers: receipts → passport, and a copy and receipts"]


def test_one_month_is_no_months() -> None:
    assert said(law_with("qualifying", "months: 1"), law_with("qualifying", "months: 12")) == [
        "How long you must have paid first: 1 month → 12 months"
    ]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (Kind.RULE, Field("becomes", "sold", "forfeited")),
        (Kind.RULE, Field("when", "a word of another time", "")),
        (Kind.RULE, Field("when", "", "never_asked [true]")),
        (Kind.RULE, Field("direction", "inbound", "outbound")),
        (Kind.RULE, Field("never_heard_of", "1", "2")),
        (Kind.FACT, Field("presumption", "30", "")),
        (Kind.SCHEME, Field("kind", "", "lottery")),
    ],
)
def test_what_has_no_words_stands_as_it_is(kind: Kind, field: Field) -> None:
    """Also of a rule that is in no edition any more, or of a time with other words."""
    law = law_of(nation("QM", "old_age"), PLAIN)
    assert lawwords.told_field(kind, "gone", field, law) == ToldField(
        field.name, field.old or "–", field.new or "–", code=True
    )


def test_all_that_the_law_holds_can_be_said() -> None:
    """Each of its values, but for a few fields that have no words and change no case."""
    law = current.rulebook()
    wordless = {("fact", "type"), ("fact", "choices"), ("fact", "name"), ("country", "code")}
    wordless |= {("instrument", field) for field in ("adopted", "articles", "asked_of", "accepted")}
    for (kind, name), part in differences.parts(law).items():
        for field, text in differences.texts(part).items():
            if field not in WORDS and (kind.value, field) not in wordless:
                other = "" if field in ("when", "who") else text  # of conditions only what differs is said
                assert not lawwords.told_field(kind, name, Field(field, text, other), law).code, (name, field, text)


def test_a_condition_is_read_back_from_its_text() -> None:
    law = current.rulebook()
    for one in (*law.rules.values(), *law.provisions.values()):
        assert condition_of(differences.texts(one)["when"]) == one.when
