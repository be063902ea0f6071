"""The proofs of the rulebook: `checkrules` walks every case, `checktables` works a published table out again."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from io import StringIO
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.core.management.base import CommandError

from eligibility.engine import Case, determine, make_case
from eligibility.engine.provides import Provides, cells
from eligibility.engine.survey import corridors
from eligibility.explain import as_data
from eligibility.rulebook import Rulebook, RulebookError, load
from eligibility.rulebook.published import TABLES, read_table
from eligibility.vocabulary import Benefit, Binding, Sector, Status
from tests.synthetic import LAW, law_of, nation, write

Run = Callable[..., tuple[str, str]]


@pytest.fixture
def checkrules(tmp_path: Path, settings: Any) -> Run:
    """Runs checkrules on the rulebook that some texts are: what it printed, and with which complaint it ended."""

    def run(*texts: str, **options: Any) -> tuple[str, str]:
        settings.RULEBOOK_PATH = write(tmp_path, *texts)
        out = StringIO()
        try:
            call_command("checkrules", stdout=out, stderr=StringIO(), jobs=1, **options)
        except CommandError as error:
            return out.getvalue(), str(error)
        return out.getvalue(), ""

    return run


HOME = nation("QN", "old_age", outbound="coverage: excluded, because: abroad")


def section(printed: str, title: str) -> list[str]:
    """The lines under a heading."""
    found = re.search(rf"^{re.escape(title)}[^\n]*: \d+\n((?:  [^\n]*\n)*)", printed, re.M)
    assert found, f"no heading '{title}' in:\n{printed}"
    return [line.strip() for line in found[1].splitlines()]


def test_good_law_passes(checkrules: Run) -> None:
    printed, complaint = checkrules(nation("QM", "old_age", inbound="coverage: mandatory"), HOME)
    assert complaint == ""
    assert section(printed, "cases asked") == []
    assert section(printed, "rules that no case can reach") == []


def test_a_rule_that_no_case_can_reach_is_a_fault(checkrules: Run) -> None:
    inbound = ["coverage: mandatory, when: {origin: [QN]}", "coverage: excluded, when: {origin: [QM]}"]
    printed, complaint = checkrules(nation("QM", "old_age", inbound=inbound), HOME)
    assert section(printed, "rules that no case can reach") == ["qm-inbound-2 (… to …)"]
    assert complaint == "1 thing that must not be"


def test_an_exception_that_never_applies_is_a_fault(checkrules: Run) -> None:
    maids = "{rule: qm-maids, when: {sector: [domestic_work]}, coverage: excluded, because: sector}"
    fishers = "{rule: qm-nobody, when: {sector: [fishing], origin: [QM]}, coverage: excluded, because: sector}"
    printed, complaint = checkrules(
        nation("QM", "old_age", inbound=f"coverage: mandatory, except: [{maids}, {fishers}]"), HOME
    )
    assert section(printed, "exceptions that never apply") == ["qm-nobody (… to …)"]
    assert complaint == "1 thing that must not be"


def test_a_rule_that_only_a_fact_reaches_is_listed_with_the_fact(checkrules: Run) -> None:
    inbound = (
        "coverage: mandatory, except: [{rule: qm-old, when: {age: {at_least: 60}}, coverage: excluded, because: age}]"
    )
    printed, complaint = checkrules(nation("QM", "old_age", inbound=inbound), HOME)
    assert section(printed, "rules that only a fact reaches, with the facts") == ["qm-old: age"]
    assert complaint == ""


def test_a_rule_that_ended_before_the_days_walked_is_no_fault(checkrules: Run) -> None:
    inbound = ["coverage: excluded, because: other, until: 2009-12-31", "coverage: mandatory, from: 2010-01-01"]
    printed, complaint = checkrules(nation("QM", "old_age", inbound=inbound), HOME)
    assert section(printed, "rules that ended before 2015-01-01") == ["qm-inbound (… to 2009-12-31)"]
    assert complaint == ""


def test_sources_that_nothing_cites_are_named(checkrules: Run) -> None:
    printed, _complaint = checkrules(nation("QM", "old_age", inbound="coverage: mandatory"), HOME)
    assert "title: A newspaper" in LAW
    assert section(printed, "sources never used") == ["paper"]


def test_rules_checked_long_ago_are_named(checkrules: Run) -> None:
    inbound = "coverage: mandatory, checked: 2020-01-01"
    printed, _complaint = checkrules(nation("QM", "old_age", inbound=inbound), HOME)
    assert section(printed, "rules last checked more than a year ago") == ["qm-inbound"]


def test_answers_that_depend_too_often_are_a_fault(checkrules: Run) -> None:
    inbound = ["coverage: unclear"]
    many = "old_age, invalidity, survivors"
    printed, complaint = checkrules(
        nation("QM", many, inbound=inbound), nation("QN", many, outbound="coverage: unclear")
    )
    assert "QN to QM   3.0" in printed
    assert complaint == "1 thing that must not be"


def test_bad_law_is_refused_with_file_line_and_cure(checkrules: Run) -> None:
    _printed, complaint = checkrules(nation("QM", "old_age", inbound="coverage: perhaps"), HOME)
    assert "countries/qm.yaml:" in complaint
    assert "mandatory" in complaint


# --- what the documentation says -----------------------------------------------------------------------------------


def test_the_country_that_the_documentation_builds_from_nothing_says_what_is_said_of_it() -> None:
    page = (Path(__file__).parents[1] / "docs" / "law" / "adding-a-country.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.S)
    *pieces, example = blocks
    law = law_of("\n".join(pieces), nation("PH", "old_age", outbound="coverage: excluded, because: abroad"))
    [case] = yaml.load(example, yaml.BaseLoader)
    given = {key: case[key] for key in ("origin", "destination", "sector", "status", "on")}
    benefits = as_data(determine(make_case(given, law, TODAY), law))["benefits"]
    for benefit, expected in case["expect"].items():
        assert {one["scheme"]: one["coverage"] for one in benefits[benefit]["at_work"]}.items() >= expected[
            "at_work"
        ].items()
        assert benefits[benefit]["outcome"] == expected.get("outcome", benefits[benefit]["outcome"])
    factory = {**given, "sector": "manufacturing", "facts": {"months_contributed": 30}}
    left = as_data(determine(make_case(factory, law, TODAY), law))["benefits"]["old_age"]
    assert (left["outcome"], left["on_leaving"][0]["becomes"]) == ("portable", "withdrawn")


# --- the published table --------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 24)


@cache
def real_law() -> Rulebook:
    return load()


def without(law: Rulebook, rule: str) -> Rulebook:
    """The same law with one rule of a country taken out."""
    code = law.rules[rule].country
    country = law.countries[code]
    kept = tuple(one for one in country.coverage if one.id != rule)
    assert len(kept) == len(country.coverage) - 1
    countries = {**law.countries, code: replace(country, coverage=kept)}
    return replace(law, edition=f"{law.edition} without {rule}", countries=MappingProxyType(countries))


def test_no_cell_is_written_down_anywhere_take_a_rule_out_and_the_cell_changes() -> None:
    law = real_law()
    assert cells(law, "MY", TODAY)[Benefit.OLD_AGE].provides is Provides.YES
    assert cells(without(law, "my-epf-inbound-2025"), "MY", TODAY)[Benefit.OLD_AGE].provides is Provides.NO


def test_every_cell_of_the_published_table_agrees_or_differs_with_a_reason() -> None:
    out = StringIO()
    call_command("checktables", stdout=out)
    assert "no reason is given" not in out.getvalue()
    assert out.getvalue().count("of 90 cells agree") == 2


def test_a_cover_that_holds_only_for_accidents_at_work_is_a_part() -> None:
    cell = cells(real_law(), "SG", TODAY)[Benefit.SURVIVORS]
    assert cell.provides is Provides.PARTLY
    assert cell.whole == 0 < cell.part < cell.asked


def changed_table(tmp_path: Path, old: str, new: str) -> str:
    """What is said of the real table with one piece of its text changed."""
    text = (TABLES / "table_2.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "table_2.yaml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookError) as caught:
        read_table(file, real_law())
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("family: [PH, TH]", "family: [PH, Thailand]", "Thailand"),
        ("  family: [PH, TH]\n", "", "it says nothing of family; give each benefit its list"),
        ("sources: [ph-4ps-dswd, gk]", "sources: [ph-4ps-dswd, nowhere]", "no source is called 'nowhere'"),
        (
            "  - country: PH\n    benefit: family",
            "  - country: JP\n    benefit: family",
            "it is no column of the table",
        ),
    ],
)
def test_a_bad_table_is_refused_with_file_and_cure(tmp_path: Path, old: str, new: str, said: str) -> None:
    message = changed_table(tmp_path, old, new)
    assert "table_2.yaml:" in message
    assert said in message


# --- promises ---------------------------------------------------------------------------------------------------------


def test_without_any_promise_every_outcome_on_every_corridor_is_the_same() -> None:
    law = real_law()
    treaties = tuple(one for one in law.agreements if one.binding is Binding.TREATY and one.in_force)
    bare = replace(law, edition=f"{law.edition} without promises", agreements=treaties, instruments=())
    some = [(Sector.DOMESTIC_WORK, Status.REGULAR), (Sector.FISHING, Status.IRREGULAR)]
    for (origin, destination), (sector, status) in product(corridors(law), some):
        case = Case(origin, destination, sector, status, TODAY, {})
        with_promises, without_them = determine(case, law).answers, determine(case, bare).answers
        assert {b: a.outcome for b, a in with_promises.items()} == {b: a.outcome for b, a in without_them.items()}
