"""Real agreements, read from their files: what each changes on the day it comes into force, and what it does not.

Partners outside the region (Germany, Japan, ...) have no law of their own here; they get a small invented one.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from eligibility.engine import Answer, determine, make_case
from eligibility.engine.answer import Why
from eligibility.rulebook import DEFAULT_PATH, Rulebook, load
from eligibility.vocabulary import LONG_TERM, Benefit, Outcome, ProvisionKind
from tests.synthetic import LAW, TODAY, nation, place_of, written

PENSIONS = "old_age, invalidity, survivors"
FORFEITS: dict[str, Any] = {
    "inbound": "coverage: mandatory",
    "qualifying": "months: 120",
    "leaving": ["when: {qualified: true}, becomes: frozen", "when: {qualified: false}, becomes: forfeited"],
}


@cache
def law_with(*parts: str) -> Rulebook:
    """Real files by their names ("countries/ph", "agreements/ag-ph-de") together with invented countries."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("sources", *parts):
            invented = "\n" in part
            file = folder / (place_of(part) if invented else f"{part}.yaml")
            file.parent.mkdir(exist_ok=True)
            text = written(part) if invented else (DEFAULT_PATH / f"{part}.yaml").read_text(encoding="utf-8")
            file.write_text(text, encoding="utf-8")
        (folder / "more-sources.yaml").write_text(LAW, encoding="utf-8")
        return load(folder, snapshots=None)


def answers(law: Rulebook, origin: str, destination: str, on: str, **facts: Any) -> dict[Benefit, Answer]:
    given = {"origin": origin, "destination": destination, "sector": "services", "status": "regular", "on": on}
    return dict(determine(make_case({**given, "facts": facts}, law, TODAY), law).answers)


def whys(answer: Answer) -> set[Why]:
    return {departure.why for departure in answer.on_leaving}


def by_kind(kind: ProvisionKind) -> dict[str, bool]:
    """Every real provision of a kind, and whether it is operative."""
    return {one.id: one.operative for one in load().provisions.values() if one.kind is kind}


# --- in the files -----------------------------------------------------------------------------------------------------


def test_each_kind_of_provision_that_exists_is_tested_here() -> None:
    tested = {ProvisionKind.EQUAL_TREATMENT, ProvisionKind.TOTALISATION, ProvisionKind.EXPORT_OF_BENEFITS}
    tested |= {ProvisionKind.LUMP_SUM_TRANSFER, ProvisionKind.EXEMPTION_OF_POSTED_WORKERS}
    tested |= {ProvisionKind.INSURANCE_DUTY, ProvisionKind.ADMINISTRATIVE_ASSISTANCE}
    assert {one.kind for one in load().provisions.values()} == tested


def test_no_duty_to_insure_is_operative_today() -> None:
    duties = by_kind(ProvisionKind.INSURANCE_DUTY)
    assert duties
    assert not any(duties.values())


# --- the Philippines and Germany: 1 June 2018 -------------------------------------------------------------------------

GERMANY = "agreements/ag-ph-de"
BEFORE, FIRST_DAY = "2018-05-31", "2018-06-01"


def before_and_after(law: Rulebook, destination: str, days: tuple[str, str], **facts: Any) -> Any:
    return tuple(answers(law, "PH", destination, day, **facts) for day in days)


def changed(before: dict[Benefit, Answer], after: dict[Benefit, Answer]) -> set[Benefit]:
    """The benefits of which the answer says anything else about the moments."""

    def moments(answer: Answer) -> object:
        return (
            answer.outcome,
            [(p.scheme.id, p.coverage, p.why) for p in answer.at_work],
            [(d.scheme.id, d.becomes, d.why) for d in answer.on_leaving],
            [(h.scheme.id, h.becomes) for h in answer.at_home],
        )

    return {benefit for benefit in Benefit if moments(before[benefit]) != moments(after[benefit])}


def test_the_months_in_germany_and_at_home_are_counted_together_from_the_first_day() -> None:
    law = law_with("countries/ph", GERMANY, nation("DE", PENSIONS, **FORFEITS))
    facts = {"months_contributed": 84, "months_contributed_home": 60}
    before, after = before_and_after(law, "DE", (BEFORE, FIRST_DAY), **facts)
    assert changed(before, after) == LONG_TERM, "pensions, and nothing else"
    for benefit in LONG_TERM:
        assert whys(before[benefit]) == {Why.FORFEITED}
        assert whys(after[benefit]) == {Why.EXPORTED, Why.COUNTED_TOGETHER}
        assert [d.months for d in after[benefit].on_leaving if d.months] == [(84, 60, 120)]
        assert after[benefit].outcome is Outcome.PORTABLE


def test_too_few_months_in_both_countries_are_counted_but_not_yet_paid() -> None:
    law = law_with("countries/ph", GERMANY, nation("DE", PENSIONS, **FORFEITS))
    after = answers(law, "PH", "DE", FIRST_DAY, months_contributed=20, months_contributed_home=10)
    assert whys(after[Benefit.OLD_AGE]) == {Why.FORFEITED, Why.COUNTED_TOGETHER}


def test_a_full_german_pension_is_paid_at_home_from_the_first_day() -> None:
    law = law_with("countries/ph", GERMANY, nation("DE", PENSIONS, **FORFEITS))
    before, after = before_and_after(law, "DE", (BEFORE, FIRST_DAY), months_contributed=200)
    assert changed(before, after) == LONG_TERM
    assert whys(before[Benefit.OLD_AGE]) == {Why.FROZEN}
    assert whys(after[Benefit.OLD_AGE]) == {Why.EXPORTED}


def test_filipinos_are_treated_like_germans_from_the_first_day() -> None:
    only_germans = "coverage: excluded, because: nationality"
    law = law_with("countries/ph", GERMANY, nation("DE", PENSIONS, inbound=only_germans, leaving="becomes: frozen"))
    before, after = before_and_after(law, "DE", (BEFORE, FIRST_DAY))
    assert changed(before, after) == LONG_TERM
    for benefit in LONG_TERM:
        [there] = [p for p in before[benefit].at_work if p.scheme.country == "DE"]
        assert there.why is Why.EXCLUDED
        [there] = [p for p in after[benefit].at_work if p.scheme.country == "DE"]
        assert (there.why, there.protects) == (Why.EQUAL_TREATMENT, True)
        assert there.provision is not None
        assert there.provision.id == "ag-ph-de-equal-treatment"


@pytest.mark.parametrize(("months", "exempt"), [(48, True), (49, False)])
def test_who_is_sent_for_up_to_four_years_stays_in_sss_alone(months: int, exempt: bool) -> None:
    law = law_with("countries/ph", GERMANY, nation("DE", PENSIONS, **FORFEITS))
    facts = {"posted": True, "posted_months": months, "months_contributed": 60}
    before, after = before_and_after(law, "DE", (BEFORE, FIRST_DAY), **facts)
    [there_before] = [p for p in before[Benefit.OLD_AGE].at_work if p.scheme.country == "DE"]
    [there] = [p for p in after[Benefit.OLD_AGE].at_work if p.scheme.country == "DE"]
    assert there_before.why is Why.COVERED
    assert (there.why is Why.POSTED_EXEMPT) is exempt
    [sss] = [p for p in after[Benefit.OLD_AGE].at_work if p.scheme.id == "ph-sss"]
    assert (sss.why is Why.POSTED_STAYS_HOME) is exempt
    assert changed(before, after) == LONG_TERM


# --- the Philippines and Japan: 1 August 2018 -------------------------------------------------------------------------


def japan(benefits: str, **parts: str) -> str:
    """A Japan with the two pension schemes that the agreement names."""
    named = nation("JP", benefits, other="gives: [old_age]", **parts)
    return named.replace("jp-fund", "jp-epi").replace("jp-other", "jp-np")


def test_the_japanese_agreement_says_nothing_on_equal_treatment() -> None:
    only_japanese = "coverage: excluded, because: nationality"
    law = law_with("countries/ph", "agreements/ag-ph-jp", japan(PENSIONS, inbound=only_japanese))
    before, after = before_and_after(law, "JP", ("2018-07-31", "2018-08-01"))
    assert changed(before, after) == set()


def test_in_japan_months_are_counted_together_from_the_first_day() -> None:
    law = law_with("countries/ph", "agreements/ag-ph-jp", japan(PENSIONS, **FORFEITS))
    before, after = before_and_after(law, "JP", ("2018-07-31", "2018-08-01"), months_contributed=84)
    assert changed(before, after) == LONG_TERM
    assert Why.COUNTED_TOGETHER in whys(after[Benefit.OLD_AGE])


def test_who_is_sent_to_japan_keeps_the_japanese_accident_insurance() -> None:
    """Article by article: in Japan the exemption is for pensions; only in the Philippines is it for accidents too."""
    covered = japan(f"{PENSIONS}, employment_injury", inbound="coverage: mandatory", leaving="becomes: ends")
    law = law_with("countries/ph", "agreements/ag-ph-jp", covered)
    before, after = before_and_after(law, "JP", ("2018-07-31", "2018-08-01"), posted=True)
    assert changed(before, after) == LONG_TERM


# --- the Philippines and Switzerland ----------------------------------------------------------------------------------


def test_swiss_payments_come_back_under_the_agreement() -> None:
    law = law_with("countries/ph", "agreements/ag-ph-ch", nation("CH", PENSIONS, **FORFEITS))
    [agreement] = law.agreements
    assert agreement.in_force is not None
    after = answers(law, "PH", "CH", agreement.in_force.isoformat(), months_contributed=24)
    assert Why.LUMP_SUM_BY_AGREEMENT in whys(after[Benefit.OLD_AGE])
    assert Why.LUMP_SUM_BY_AGREEMENT in whys(after[Benefit.SURVIVORS])
    assert Why.LUMP_SUM_BY_AGREEMENT not in whys(after[Benefit.INVALIDITY]), "Art. 22 speaks of old age and survivors"
    day_before = agreement.in_force.replace(year=agreement.in_force.year - 1).isoformat()
    before = answers(law, "PH", "CH", day_before, months_contributed=24)
    assert whys(before[Benefit.OLD_AGE]) == {Why.FORFEITED}


# --- Korea and the Philippines: 1 April 2024, both with their real law ------------------------------------------------

KOREA = ("countries/ph", "countries/kr", "agreements/ag-ph-kr")
KOREAN_DAYS = ("2024-03-31", "2024-04-01")


def test_after_58_months_in_korea_the_refund_and_the_counting_are_both_open() -> None:
    before, after = before_and_after(law_with(*KOREA), "KR", KOREAN_DAYS, months_contributed=58)
    pension = {benefit: {d.why for d in after[benefit].on_leaving if d.scheme.id == "kr-np"} for benefit in Benefit}
    earlier = {benefit: {d.why for d in before[benefit].on_leaving if d.scheme.id == "kr-np"} for benefit in Benefit}
    assert not any(why in found for found in earlier.values() for why in (Why.COUNTED_TOGETHER, Why.EXPORTED))
    assert pension[Benefit.OLD_AGE] >= {Why.WITHDRAWN, Why.COUNTED_TOGETHER}
    assert changed(before, after) <= LONG_TERM


def test_a_filipino_sent_to_korea_is_outside_its_pension_but_not_outside_severance_pay() -> None:
    before, after = before_and_after(law_with(*KOREA), "KR", KOREAN_DAYS, posted=True, posted_months=60)
    there = {p.scheme.id: p.why for p in after[Benefit.OLD_AGE].at_work}
    assert there["kr-np"] is Why.POSTED_EXEMPT
    assert there["ph-sss"] is Why.POSTED_STAYS_HOME
    assert there["kr-departure"] is Why.COVERED, "the agreement is on pensions"
    assert {p.scheme.id: p.why for p in before[Benefit.OLD_AGE].at_work}["kr-np"] is Why.COVERED
    longer = answers(law_with(*KOREA), "PH", "KR", KOREAN_DAYS[1], posted=True, posted_months=61)
    assert {p.scheme.id: p.why for p in longer[Benefit.OLD_AGE].at_work}["kr-np"] is Why.COVERED


def test_the_agreement_of_viet_nam_and_korea_counts_nothing_together_yet() -> None:
    home = nation("VN", PENSIONS, outbound="coverage: excluded").replace("vn-fund", "vn-si-retire")
    law = law_with("countries/kr", "agreements/ag-vn-kr", home)
    before = answers(law, "VN", "KR", "2023-12-31", months_contributed=58)
    after = answers(law, "VN", "KR", "2024-01-01", months_contributed=58)
    for benefit in LONG_TERM:
        assert Why.COUNTED_TOGETHER not in whys(after[benefit])
    promised = {p.provision.id for p in after[Benefit.OLD_AGE].promises if p.provision}
    assert {"ag-vn-kr-totalisation", "ag-vn-kr-refund"} <= promised, "signed, not operative: a promise"
    assert changed(before, after) <= LONG_TERM


# --- what binds nobody ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agreement", "origin", "destination", "sector", "benefit"),
    [
        ("ag-id-my-dw-2022", "ID", "MY", "domestic_work", Benefit.EMPLOYMENT_INJURY),
        ("ag-my-id-socso-bpjs", "ID", "MY", "manufacturing", Benefit.EMPLOYMENT_INJURY),
        ("ag-ilo-c19", "ID", "TH", "fishing", Benefit.EMPLOYMENT_INJURY),
    ],
)
def test_a_memorandum_or_a_convention_not_carried_out_is_shown_and_changes_nothing(
    agreement: str, origin: str, destination: str, sector: str, benefit: Benefit
) -> None:
    countries = tuple(f"countries/{code.lower()}" for code in (origin, destination))
    given = {"origin": origin, "destination": destination, "sector": sector, "status": "regular", "on": "2026-11-24"}
    found = []
    for parts in (countries, (*countries, f"agreements/{agreement}")):
        law = law_with(*parts)
        found.append(dict(determine(make_case(given, law, TODAY), law).answers))
    without, with_it = found
    assert changed(without, with_it) == set()
    assert not without[benefit].promises
    promised = [promise.provision for promise in with_it[benefit].promises if promise.provision]
    assert promised
    assert all(provision.agreement == agreement for provision in promised)
