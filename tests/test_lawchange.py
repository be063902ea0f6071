"""When the law changes, every open case is asked again once, and whoever must know is told: in a list, on the case, and
by e-mail."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from eligibility import current
from eligibility.casework import answering, lawchange
from eligibility.casework.changing import changing, create
from eligibility.casework.desk import Desk
from eligibility.casework.lawchange import adopt, follow
from eligibility.casework.models import Adoption, AnswerReason, Case, CaseStatus, Change, Stay, StoredAnswer
from eligibility.rulebook import Rulebook, load
from eligibility.vocabulary import Benefit, Outcome
from tests.offices import Office, an_office
from tests.synthetic import nation, write

pytestmark = pytest.mark.django_db

HOME = nation("QN", "old_age")
AWAY = nation("QO", "old_age", inbound="coverage: mandatory", leaving="becomes: withdrawn")


def fund(leaving: str = "becomes: withdrawn", **parts: str) -> str:
    """A fund in QM that pays out on leaving, unless told otherwise."""
    return nation("QM", "old_age", inbound="coverage: mandatory", leaving=leaving, **parts)


PAYS, KEEPS = fund(), fund("becomes: forfeited")
SAYS = fund(scheme="name: The Sailors' Fund")

Loads = Callable[..., Rulebook]


@pytest.fixture
def loads(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Loads:
    """Loads an edition, as a process that starts would; QN and QO are always in it."""
    count = 0

    def load_edition(*texts: str) -> Rulebook:
        nonlocal count
        count += 1
        folder = write(tmp_path / f"law-{count}", HOME, AWAY, *texts)
        law = load(folder, snapshots=None)
        settings.RULEBOOK_PATH = folder
        monkeypatch.setattr(current, "rulebook", lambda: law)
        return law

    settings.RULEBOOK_EDITIONS = tmp_path / "editions"
    return load_edition


@pytest.fixture
def office() -> Office:
    return an_office()


@pytest.fixture
def desk(office: Office) -> Desk:
    return Desk(office.membership(office.caseworker))


def opened(desk: Desk, destination: str = "QM", **told: Any) -> Case:
    """A case of somebody who still works there."""
    case = Case(origin="QN", pseudonym=told.pop("pseudonym", "Rose"))
    usual = {"sector": "manufacturing", "status": "regular", "began": date(2024, 1, 1)}
    return create(desk, case, [Stay(**{"destination": destination, **usual, **told})])


def now() -> datetime:
    return timezone.now()


def changed(case: Case) -> list[tuple[str, str, str, list[str]]]:
    """What changes of a case say, the oldest first."""
    return [
        (one["benefit"], one["before"], one["after"], [f"{by['how']} {by['id']}" for by in one["by"]])
        for change in case.changes.order_by("pk")
        for one in change.benefits
    ]


LOST = ("old_age", "portable", "lost", ["changed qm-leaving"])
FOUND = ("old_age", "lost", "portable", ["changed qm-leaving"])


# --- taking an edition into use --------------------------------------------------------------------------------------


def test_the_first_edition_is_noted_and_asks_nobody(loads: Loads, desk: Desk) -> None:
    law = loads(PAYS)
    opened(desk)
    adoption = adopt()
    assert adoption is not None
    assert adoption.edition == law.edition
    assert adoption.finished is not None
    assert not DBTaskResult.objects.exists()


def test_another_edition_is_kept_and_taken_into_use_once(loads: Loads, desk: Desk) -> None:
    first = loads(PAYS)
    adopt()
    second = loads(KEEPS)
    assert adopt() is not None
    assert adopt() is None
    assert [(one.edition, one.before) for one in Adoption.objects.all()] == [
        (second.edition, first.edition),
        (first.edition, ""),
    ]
    assert second.edition in current.stored()
    assert [one.task_path for one in DBTaskResult.objects.all()] == ["eligibility.casework.lawchange.catch_up"]


def test_of_two_processes_that_start_at_once_one_takes_it_into_use(
    loads: Loads, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    loads(KEEPS)
    keep = current.keep

    def meanwhile() -> str:
        monkeypatch.setattr(current, "keep", keep)
        assert adopt() is not None
        return keep()

    monkeypatch.setattr(current, "keep", meanwhile)
    assert adopt() is None
    assert Adoption.objects.count() == 2
    assert DBTaskResult.objects.count() == 1


# --- asking again ----------------------------------------------------------------------------------------------------


def test_a_case_whose_outcome_changed_is_listed_with_the_rule_that_did_it(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case, elsewhere = opened(desk), opened(desk, "QO")
    before = case.answers.get()
    law = loads(KEEPS)
    adopt()
    done = lawchange.catch_up.call()
    assert changed(case) == [LOST]
    change = case.changes.get()
    assert change.benefits[0]["by"][0]["fields"] == [{"field": "becomes", "old": "withdrawn", "new": "forfeited"}]
    assert change.before == before
    assert change.after.edition == law.edition
    assert change.after.reason == AnswerReason.LAW
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.LOST
    assert not elsewhere.changes.exists()
    assert elsewhere.answers.count() == 1
    assert done == {"cases": 2, "asked": 1, "changed": 1}
    adoption = Adoption.objects.first()
    assert adoption is not None
    assert adoption.asked == 1
    assert adoption.finished is not None


def test_both_answers_can_be_given_again_byte_for_byte(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    follow(now())
    assert [answering.replay(one, current.law_of(one.edition)).same for one in case.answers.all()] == [True, True]


def test_other_words_are_kept_and_are_no_change(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(SAYS)
    adopt()
    follow(now())
    assert not Change.objects.exists()
    assert case.answers.count() == 2
    assert b"The Sailors' Fund" in answering.stored_body(case.answers.first())


def test_an_edition_that_says_the_same_fills_no_database(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    law = loads(fund("becomes: withdrawn, amount: All that was paid in"))
    adopt()
    assert follow(now() + timedelta(days=3)).asked == 1
    case.refresh_from_db()
    assert case.answers.count() == 1
    assert case.law == law.edition


def test_closed_cases_are_left_alone_until_they_are_opened_again(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case, waits = opened(desk), opened(desk)
    Case.objects.filter(pk=case.pk).update(status=CaseStatus.CLOSED)
    Case.objects.filter(pk=waits.pk).update(status=CaseStatus.WAITING)
    loads(KEEPS)
    adopt()
    follow(now())
    assert not changed(case)
    assert changed(waits) == [LOST]
    with changing(desk, case.pk, "status") as kept:
        kept.status = CaseStatus.OPEN
    follow(now())
    assert changed(case) == [LOST], "the law changed while it was closed"


def test_what_a_caseworker_does_before_the_case_is_asked_again_hides_no_change(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    with changing(desk, case.pk, "added"):
        pass  # a note, say: the case is answered by the new edition
    follow(now())
    assert changed(case) == [LOST]


def test_a_task_that_was_killed_goes_on_without_a_case_left_out_or_asked_twice(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lawchange, "AT_ONCE", 3)
    loads(PAYS)
    adopt()
    cases = [opened(desk) for _number in range(10)]
    loads(KEEPS)
    adopt()
    asked, ask = [], lawchange.Following.ask

    def dying(self: Any, case: Case) -> Any:
        if len(asked) == 5:
            raise KeyboardInterrupt
        asked.append(case.pk)
        return ask(self, case)

    monkeypatch.setattr(lawchange.Following, "ask", dying)
    with pytest.raises(KeyboardInterrupt):
        follow(now())
    assert Change.objects.count() == 3, "what was begun and not finished left nothing"
    monkeypatch.setattr(lawchange.Following, "ask", ask)
    assert follow(now()).asked == 7
    assert [changed(case) for case in cases] == [[LOST]] * 10
    assert {case.answers.count() for case in cases} == {2}
    assert follow(now()).cases == 0
    assert Adoption.objects.all()[0].asked == 10


def test_two_workers_with_the_same_task_change_nothing_twice(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    ask = lawchange.Following.ask

    def slow(self: Any, one: Case) -> Any:
        monkeypatch.setattr(lawchange.Following, "ask", ask)
        follow(now())  # the other one, from beginning to end
        return ask(self, one)

    monkeypatch.setattr(lawchange.Following, "ask", slow)
    follow(now())
    assert changed(case) == [LOST]
    assert case.answers.count() == 2


def test_a_case_that_is_changed_while_it_is_asked_is_asked_as_it_then_is(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    adopt()
    ask = lawchange.Following.ask

    def slow(self: Any, one: Case) -> Any:
        found = ask(self, one)
        monkeypatch.setattr(lawchange.Following, "ask", ask)
        with changing(desk, case.pk, "changed"):
            case.stays.update(destination="QO")
        return found

    monkeypatch.setattr(lawchange.Following, "ask", slow)
    follow(now())
    assert not changed(case)
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE


def test_an_edition_that_comes_in_between_is_the_one_that_counts(
    loads: Loads, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lawchange, "AT_ONCE", 1)
    loads(PAYS)
    adopt()
    cases = [opened(desk) for _number in range(3)]
    loads(KEEPS)
    adopt()
    asked, ask = [], lawchange.Following.ask

    def overtaken(self: Any, case: Case) -> Any:
        asked.append(case)
        if len(asked) == 2:
            loads(SAYS)
            adopt()
        return ask(self, case)

    monkeypatch.setattr(lawchange.Following, "ask", overtaken)
    follow(now())
    assert sorted(map(changed, cases)) == [[], [], [LOST]]
    follow(now())
    assert sorted(map(changed, cases)) == [[], [], [LOST, FOUND]], "for the others nothing had changed in the end"
    for case in cases:
        case.refresh_from_db()
        assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE


def test_an_edition_taken_back_into_use_changes_the_cases_back(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    for text in (KEEPS, PAYS):
        loads(text)
        adopt()
        follow(now())
    assert changed(case) == [LOST, FOUND]


def test_every_stay_of_a_career_is_looked_at(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk, ended=date(2025, 1, 1))
    with changing(desk, case.pk, "added"):
        Stay.objects.create(
            case=case, destination="QO", sector="manufacturing", status="regular", began=date(2025, 2, 1)
        )
    loads(KEEPS)
    adopt()
    follow(now())
    assert changed(case) == [LOST]
    assert [(one["stay"], one["destination"]) for one in case.changes.get().benefits] == [(0, "QM")]


def test_a_case_that_the_law_no_longer_speaks_of_is_listed_and_can_still_be_worked_on(loads: Loads, desk: Desk) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads()
    adopt()
    follow(now())
    change = case.changes.get()
    assert change.after is None
    assert change.benefits == []
    with changing(desk, case.pk, "added"):
        pass
    case.refresh_from_db()
    assert case.outcome(Benefit.OLD_AGE) is Outcome.PORTABLE, "the last answer stands there still"
    loads(PAYS)
    adopt()
    follow(now())
    assert case.changes.count() == 2
    assert case.changes.all()[0].after is not None


def test_where_the_edition_before_is_lost_outcomes_are_compared_without_a_rule(
    loads: Loads, desk: Desk, settings: Any, tmp_path: Path
) -> None:
    loads(PAYS)
    adopt()
    case = opened(desk)
    loads(KEEPS)
    settings.RULEBOOK_EDITIONS = tmp_path / "another disk"
    adopt()
    follow(now())
    assert changed(case) == [("old_age", "portable", "lost", [])]


# --- a day comes -----------------------------------------------------------------------------------------------------


def later(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def soon() -> str:
    """A fund that pays out on leaving for nine more days."""
    return nation(
        "QM",
        "old_age",
        inbound="coverage: mandatory",
        leaving=[
            f"becomes: withdrawn, until: {later(9).isoformat()}",
            f"becomes: forfeited, from: {later(10).isoformat()}",
        ],
    )


def test_a_rule_that_begins_changes_the_case_on_its_day(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk)
    assert follow(now() + timedelta(days=9)).cases == 0, "nobody is asked while nothing begins or ends"
    assert follow(now() + timedelta(days=10)).changed == 1
    assert changed(case) == [("old_age", "portable", "lost", ["ended qm-leaving", "began qm-leaving-2"])]
    change = case.changes.get()
    assert change.reason == AnswerReason.DAY
    assert [by["day"] for by in change.benefits[0]["by"]] == [later(9).isoformat(), later(10).isoformat()]
    assert change.after.reason == AnswerReason.DAY
    assert follow(now() + timedelta(days=11)).cases == 0
    assert follow(now() + timedelta(days=12)).cases == 0


def test_who_had_left_before_is_not_changed_by_a_day(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk, ended=date(2025, 1, 1))
    follow(now() + timedelta(days=10))
    assert not changed(case)


def test_the_passing_of_time_is_not_taken_for_a_change_by_an_edition(loads: Loads, desk: Desk) -> None:
    loads(soon())
    adopt()
    case = opened(desk)
    loads(soon(), nation("QP", "old_age"))
    adopt()
    follow(now() + timedelta(days=20))
    assert [one.reason for one in case.changes.all()] == [AnswerReason.DAY]
    assert StoredAnswer.objects.filter(case=case).count() == 2
