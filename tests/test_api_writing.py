"""What goes out is put together from parts that are kept: the same bytes as written anew, and nothing that was told."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from eligibility.api import writing
from eligibility.api.problems import to_json
from eligibility.engine import Case, determine
from eligibility.explain import as_data
from eligibility.rulebook import load
from eligibility.vocabulary import Sector, Status

LAW = load()
TODAY = date(2026, 11, 24)
CORRIDORS = [(o, d) for o in LAW.with_role("origin") for d in LAW.with_role("destination") if o != d]
TOLD = st.fixed_dictionaries(
    {},
    optional={
        "age": st.integers(18, 60),
        "months_contributed": st.integers(0, 300),
        "months_contributed_home": st.integers(0, 300),
        "contract_months": st.integers(1, 60),
        "employer_is_local": st.booleans(),
        "joined": st.sets(st.sampled_from(sorted(LAW.schemes)), max_size=2).map(frozenset),
    },
)


@given(
    corridor=st.sampled_from(CORRIDORS),
    sector=st.sampled_from(list(Sector)),
    status=st.sampled_from(list(Status)),
    told=st.lists(TOLD, min_size=2, max_size=3),
    on=st.dates(date(2015, 1, 1), TODAY),
)
@settings(max_examples=60)
def test_the_bytes_are_those_of_the_answer_as_data(corridor, sector, status, told, on) -> None:
    for language in ("en", "th", "en"):
        with translation.override(language):
            for facts in told:
                determination = determine(Case(*corridor, sector, status, on, facts), LAW)
                assert writing.as_json(determination) == to_json(as_data(determination))


@pytest.mark.parametrize("language", ["en", "my"])
def test_every_corridor_gets_its_own_bytes_in_every_language(language: str) -> None:
    with translation.override(language):
        for _again in range(2):
            for number, corridor in enumerate(CORRIDORS):
                sector = list(Sector)[number % len(Sector)]
                determination = determine(Case(*corridor, sector, Status.REGULAR, TODAY, {}), LAW)
                assert writing.as_json(determination) == to_json(as_data(determination))


def test_parts_in_which_a_number_that_was_told_stands_are_not_kept() -> None:
    for corridor in CORRIDORS:
        facts = {"months_contributed": 9173, "months_contributed_home": 8641, "contract_months": 7919}
        case = Case(*corridor, Sector.MANUFACTURING, Status.REGULAR, TODAY, facts)
        writing.as_json(determine(case, LAW))
    assert not [
        part for _answer, part in writing.part.kept.values() if any(n in part for n in (b"9173", b"8641", b"7919"))
    ]
    assert not [part for _answer, part in writing.part.kept.values() if b"17814" in part]


def test_no_more_parts_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing.part, "most", 20)
    for corridor in CORRIDORS[:10]:
        writing.as_json(determine(Case(*corridor, Sector.SERVICES, Status.REGULAR, TODAY, {}), LAW))
        assert len(writing.part.kept) <= 20
