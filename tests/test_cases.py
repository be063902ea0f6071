"""Worked examples of the law, `tests/cases/*.yaml`: each is one worker, with what the answer must say and where it was
published. A lawyer writes them; nothing here knows what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from eligibility.engine import CaseError, determine, make_case
from eligibility.explain import as_data
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Benefit, Coverage, Direction

FOLDER = Path(__file__).parent / "cases"
PARTS = {"at_work": "coverage", "on_leaving": "becomes", "at_home": "becomes"}


def _cases() -> list[Any]:
    found = []
    for file in sorted(FOLDER.glob("*.yaml")):
        for case in yaml.safe_load(file.read_text(encoding="utf-8")):
            case = {("on" if key is True else key): value for key, value in case.items()}
            found.append(pytest.param(case, id=f"{file.stem}:{case['case']}"))
    return found


@pytest.fixture(scope="session")
def law() -> Rulebook:
    return load()


@pytest.mark.parametrize("case", _cases())
def test_the_worked_example_comes_out_as_published(case: dict[str, Any], law: Rulebook) -> None:
    assert case["source"]["title"], "a worked example names its source"
    if reason := case.get("unanswerable"):
        assert len(reason) > 20, "say in a sentence why it cannot be answered"
        return
    given = {key: case.get(key) for key in ("origin", "destination", "sector", "status", "on", "facts")}
    missing = {given["origin"], given["destination"]} - set(law.countries)
    if missing:  # an example that waits for a country's law must be refused by that country's name
        with pytest.raises(CaseError, match="not covered yet"):
            make_case(given, law, date(2026, 11, 24))
        return
    benefits = as_data(determine(make_case(given, law, date(2026, 11, 24)), law))["benefits"]
    problems = [
        problem
        for benefit, expected in case["expect"].items()
        for problem in _differences(benefit, expected, benefits[benefit])
    ]
    assert not problems, "\n".join([f"{case['case']}: {case.get('title', '')}", *problems])


SILENT = {
    ("sg-careshield", Benefit.INVALIDITY),
    ("tw-birth", Benefit.MATERNITY),
    ("tw-child", Benefit.FAMILY),
}
"""Nothing was found on what becomes of these on leaving."""


def test_where_something_protects_a_foreigner_the_law_says_what_becomes_of_it_on_leaving(law: Rulebook) -> None:
    for country in law.countries.values():
        said = {(rule.scheme, benefit) for rule in _with_exceptions(country.leaving) for benefit in rule.benefits}
        protected = {
            (rule.scheme, benefit)
            for rule in _with_exceptions(country.coverage)
            if rule.direction is Direction.INBOUND and rule.coverage is not Coverage.EXCLUDED
            for benefit in rule.benefits
        }
        assert protected - said <= SILENT, "without a leaving rule a pension would silently count as lost"


def _with_exceptions(rules: Iterable[Any]) -> Iterator[Any]:
    for rule in rules:
        yield rule
        yield from _with_exceptions(rule.exceptions)


def _differences(benefit: str, expected: dict[str, Any], answer: dict[str, Any]) -> list[str]:
    found = []
    for key, wanted in expected.items():
        if key in PARTS:
            for scheme, word in wanted.items():
                items = [either for item in answer[key] for either in (item, *item.get("or", []))]
                said = [item[PARTS[key]] or "no_rule" for item in items if item["scheme"] == scheme]
                if word not in said:
                    found.append(f"{benefit}.{key}: {scheme} should be {word}, is {' and '.join(said) or 'not named'}")
        elif key == "depends_on":
            said = [question["fact"] for question in answer[key]]
            if sorted(said) != sorted(wanted):
                found.append(f"{benefit}.depends_on should be {wanted}, is {said}")
        elif key == "could_be":
            said = (answer[key] or {}).get("outcome")
            if said != wanted:
                found.append(f"{benefit}.could_be should be {wanted}, is {said}")
        elif answer[key] != wanted:
            found.append(f"{benefit}.{key} should be {wanted}, is {answer[key]}")
    return found
