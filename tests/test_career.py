"""Careers: several stays, one ledger of rights over all countries."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from eligibility.engine.career import after_months, determine_career, make_stays
from eligibility.engine.case import CaseError
from eligibility.explain import canonical
from eligibility.explain.data import career_as_data
from eligibility.explain.parts import canonical_career
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Benefit, OnLeaving, Sector, Status

TODAY = date(2026, 11, 24)
FACTORY = {"sector": "manufacturing", "status": "regular"}


@pytest.fixture(scope="module")
def law() -> Rulebook:
    return load()


def test_months_in_korea_and_at_home_are_added_up_and_said(law: Rulebook) -> None:
    korea = {"destination": "KR", **FACTORY, "from": "2017-03-01", "until": "2024-06-30", "months": 84}
    career = determine_career("PH", make_stays("PH", [korea], law, TODAY), law, TODAY, months_at_home=60)
    together = [right for right in career.ledger if right.departure.becomes is OnLeaving.COUNTED_TOGETHER]
    pension = next(right for right in together if right.benefit is Benefit.OLD_AGE)
    assert pension.together == (("PH", 60), ("KR", 84))
    assert (pension.total, pension.needed) == (144, 120)


def test_before_the_agreement_nothing_is_added_up(law: Rulebook) -> None:
    korea = {"destination": "KR", **FACTORY, "from": "2017-03-01", "until": "2024-03-31", "months": 84}
    career = determine_career("PH", make_stays("PH", [korea], law, TODAY), law, TODAY, months_at_home=60)
    assert all(right.departure.becomes is not OnLeaving.COUNTED_TOGETHER for right in career.ledger)


def test_two_stays_in_one_country_are_one_right_with_all_its_months(law: Rulebook) -> None:
    first = {"destination": "TH", **FACTORY, "from": "2016-01-01", "until": "2018-12-31", "months": 36}
    second = {"destination": "TH", **FACTORY, "from": "2021-01-01", "until": "2023-12-31", "months": 30}
    career = determine_career("PH", make_stays("PH", [second, first], law, TODAY), law, TODAY)
    savings = [r for r in career.ledger if r.benefit is Benefit.OLD_AGE and r.departure.scheme.id == "th-ssf33"]
    assert [(right.months, right.stay.from_) for right in savings] == [(66, date(2021, 1, 1))]


def test_rights_of_several_countries_stand_side_by_side(law: Rulebook) -> None:
    thailand = {"destination": "TH", **FACTORY, "from": "2016-01-01", "until": "2018-12-31", "months": 36}
    malaysia = {"destination": "MY", **FACTORY, "from": "2025-11-01", "until": None, "months": 12}
    career = determine_career("PH", make_stays("PH", [thailand, malaysia], law, TODAY), law, TODAY)
    found = {
        right.departure.scheme.id: right.departure.becomes
        for right in career.ledger
        if right.benefit is Benefit.OLD_AGE
    }
    assert found == {"th-ssf33": OnLeaving.FROZEN, "my-epf": OnLeaving.WITHDRAWN}


def test_japans_refund_must_be_claimed_within_two_years_of_leaving(law: Rulebook) -> None:
    japan = {"destination": "JP", **FACTORY, "from": "2022-07-01", "until": "2025-06-30", "months": 36}
    career = determine_career("ID", make_stays("ID", [japan], law, TODAY), law, TODAY)
    refund = next(r for r in career.ledger if r.benefit is Benefit.OLD_AGE and r.departure.scheme.id == "jp-epi")
    assert (refund.departure.becomes, refund.claim_by) == (OnLeaving.WITHDRAWN, date(2027, 6, 30))
    assert not refund.expired


def test_a_deadline_is_counted_from_the_day_of_leaving(law: Rulebook) -> None:
    for stay in ({"until": "2025-06-30"}, {"until": "2015-06-30"}):
        korea = {"destination": "KR", **FACTORY, "from": "2012-01-01", "months": 24, **stay}
        career = determine_career("TH", make_stays("TH", [korea], law, TODAY), law, TODAY)
        dated = [right for right in career.ledger if right.claim_by is not None]
        assert dated, "Korean refunds have a time limit"
        for right in dated:
            assert right.departure.rule is not None
            deadline = right.departure.rule.claim.deadline
            assert deadline is not None
            assert deadline.months is not None
            assert right.stay.until is not None
            assert right.claim_by == after_months(right.stay.until, deadline.months)
            assert right.expired is (right.claim_by < TODAY)


def test_the_last_day_of_a_shorter_month() -> None:
    assert after_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert after_months(date(2023, 11, 30), 24) == date(2025, 11, 30)


def test_wrong_stays_are_told_field_by_field(law: Rulebook) -> None:
    given = [
        {"destination": "TH", **FACTORY, "from": "2020-05-01", "until": "2020-04-01"},
        {"destination": "XX", **FACTORY, "from": "soon"},
    ]
    with pytest.raises(CaseError) as wrong:
        make_stays("PH", given, law, TODAY)
    assert {fault.field for fault in wrong.value.faults} == {"stays[0].until", "stays[1].from", "stays[1].destination"}


def test_a_career_has_at_least_one_stay(law: Rulebook) -> None:
    with pytest.raises(CaseError, match="at least one stay"):
        make_stays("PH", [], law, TODAY)


def test_a_career_put_together_from_parts_is_the_same_to_the_byte(law: Rulebook) -> None:
    corridors = [(o, d) for o in law.with_role("origin") for d in law.with_role("destination") if o != d]
    for number, (origin, destination) in enumerate(corridors):
        other = next(code for one, code in corridors if one == origin and code != destination)
        sector, status = list(Sector)[number % len(Sector)].value, list(Status)[number % len(Status)].value
        told = [
            {"destination": other, **FACTORY, "from": "2016-01-01", "until": "2018-12-31", "months": 35},
            {"destination": destination, "sector": sector, "status": status, "from": "2021-01-01"},
            {"destination": destination, **FACTORY, "from": "2024-01-01", "months": 5, "facts": {"age": 30}},
        ]
        career = determine_career(origin, make_stays(origin, told, law, TODAY), law, TODAY, months_at_home=61)
        for language in ("en", "th", "en"):
            with translation.override(language):
                assert canonical_career(career) == canonical(career_as_data(career))
