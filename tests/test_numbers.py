"""The organisation's numbers: right, quick, and silent about fewer than five people, even to who subtracts."""

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from eligibility.casework.charts import charts
from eligibility.casework.models import Case, Claim, Event, Organisation
from eligibility.casework.numbers import SMALLEST, Shown, numbers, suppress, years
from eligibility.vocabulary import Benefit, Outcome
from tests.offices import Office, an_office, signed_in

COUNTS = st.dictionaries(st.integers(0, 30), st.integers(0, 60) | st.integers(0, 6), max_size=12)


# --- Hiding ---


@given(COUNTS)
def test_no_group_of_one_to_four_is_shown(counts: dict[int, int]) -> None:
    shown = suppress(counts)
    assert all(n == 0 or n >= SMALLEST for n in shown.seen.values())
    assert shown.total is None or shown.total == 0 or shown.total >= SMALLEST


@given(COUNTS)
def test_what_is_shown_is_true(counts: dict[int, int]) -> None:
    shown = suppress(counts)
    assert all(counts[group] == n for group, n in shown.seen.items())
    if not shown.withheld:
        assert shown.counts.keys() == counts.keys()
        assert shown.total == sum(counts.values()) == sum(shown.seen.values()) + (shown.hidden or 0)


@given(COUNTS)
def test_the_total_less_the_rest_gives_no_hidden_group_away(counts: dict[int, int]) -> None:
    shown = suppress(counts)
    hidden = [counts[group] for group, n in shown.counts.items() if n is None]
    if hidden:
        assert len(hidden) >= 2
        assert len(set(hidden)) >= 2, "two that differ can be exchanged"
        assert sum(hidden) - (len(hidden) - 1) >= SMALLEST, "any of them could be a group that may be shown"


@given(COUNTS)
def test_nothing_is_hidden_where_no_group_is_small(counts: dict[int, int]) -> None:
    large = {group: n + SMALLEST for group, n in counts.items()}
    assert suppress(large) == Shown(large, sum(large.values()), 0)


@given(COUNTS.filter(lambda counts: len(counts) > 1), st.randoms(use_true_random=False))
def test_names_and_order_of_groups_decide_nothing(counts: dict[int, int], random: Any) -> None:
    groups = list(counts)
    random.shuffle(groups)
    renamed = dict(zip(groups, counts.values(), strict=True))
    shown, other = suppress(counts), suppress(renamed)
    assert sorted(shown.seen.values()) == sorted(other.seen.values())
    assert (shown.total, shown.hidden) == (other.total, other.hidden)


def tables_with(total: int, groups: int) -> Iterator[tuple[int, ...]]:
    return (cells for cells in itertools.product(range(total + 1), repeat=groups) if sum(cells) == total)


@given(st.lists(st.integers(0, 9), min_size=2, max_size=4).filter(lambda cells: sum(cells) <= 20))
def test_who_knows_the_rule_and_tries_every_table_learns_no_hidden_count(cells: list[int]) -> None:
    """An attack by brute force: every table that would be shown just like this one."""
    shown = suppress(dict(enumerate(cells)))
    hidden = [group for group, n in shown.counts.items() if n is None]
    if not hidden:
        return
    assert shown.total is not None
    alike = [table for table in tables_with(shown.total, len(cells)) if suppress(dict(enumerate(table))) == shown]
    for group in hidden:
        assert len({table[group] for table in alike}) >= 2


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({"a": 50, "b": 60, "c": 3}, {"a", "c"}),  # 3 alone could be worked out
        ({"a": 50, "b": 2, "c": 7, "d": 0}, {"b", "c"}),
        ({"a": 50, "b": 4, "c": 4, "d": 9}, {"b", "c", "d"}),  # two alike would both be half of what is missing
        ({"a": 50, "b": 2, "c": 4, "d": 9}, {"b", "c"}),
        ({"a": 50, "b": 1, "c": 2, "d": 9}, {"b", "c", "d"}),  # three people are too few even together
        ({"a": 50, "b": 5}, set()),
    ],
)
def test_the_smallest_others_are_hidden_with_a_small_group(counts: dict[str, int], hidden: set[str]) -> None:
    assert {group for group, n in suppress(counts).counts.items() if n is None} == hidden


@pytest.mark.parametrize("counts", [{"a": 4}, {"a": 4, "b": 4}, {"a": 1, "b": 2}, {"a": 1, "b": 4}])
def test_where_hiding_every_group_is_not_enough_not_even_the_total_is_shown(counts: dict[str, int]) -> None:
    assert suppress(counts) == Shown({}, None, None)


def test_nobody_is_no_secret() -> None:
    assert suppress({"a": 0}) == Shown({"a": 0}, 0, 0)


# --- Counting ---

YEAR = 2025


@pytest.fixture
def office(db: None) -> Office:
    return an_office()


def some_cases(organisation: Organisation, many: int, **fields: Any) -> list[Case]:
    given_fields: dict[str, Any] = {
        "origin": "ID",
        "destination": "MY",
        "sector": "domestic_work",
        "work_status": "regular",
        "outcomes": "lprrdnnll",
        "created": datetime(YEAR, 3, 5, tzinfo=UTC),
        "consent_on": date(YEAR, 3, 5),
    } | fields
    first = organisation.cases.count() + 1
    return Case.objects.bulk_create(
        Case(organisation=organisation, number=first + n, **given_fields) for n in range(many)
    )


def test_each_table_divides_the_cases_opened_in_the_year(office: Office) -> None:
    some_cases(office.organisation, 30)
    some_cases(office.organisation, 12, origin="PH", destination="SG", sector="seafaring", outcomes="rrrrrrrrr")
    some_cases(
        office.organisation, 8, work_status="irregular", consent_on=None, created=datetime(YEAR, 12, 31, 23, tzinfo=UTC)
    )
    some_cases(office.organisation, 5, consent_withdrawn=date(YEAR, 9, 9))
    some_cases(office.organisation, 7, created=datetime(YEAR + 1, 1, 1, tzinfo=UTC))  # another year
    some_cases(office.organisation, 9, outcomes="", destination="", sector="", work_status="")  # no answer yet
    some_cases(office.elsewhere, 11)
    found = numbers(office.organisation, YEAR)
    assert found.opened.seen == {month: {3: 47, 12: 8}.get(month, 0) for month in range(1, 13)}
    assert found.corridors.seen == {("ID", "MY"): 43, ("PH", "SG"): 12}
    assert found.sectors.seen == {"domestic_work": 43, "seafaring": 12}
    assert found.statuses.seen == {"regular": 47, "irregular": 8}
    assert found.consent.seen == {"given": 42, "missing": 13}
    assert found.outcomes[Benefit.OLD_AGE].seen == {"portable": 0, "retained": 12, "lost": 43, "none": 0, "depends": 0}
    assert found.outcomes[Benefit.INVALIDITY].seen[Outcome.PORTABLE] == 43
    assert found.closed.total == 0


def test_closed_cases_are_counted_in_the_month_of_closing(office: Office) -> None:
    some_cases(office.organisation, 6, created=datetime(2020, 1, 1, tzinfo=UTC), closed_on=date(YEAR, 12, 31))
    some_cases(office.organisation, 5, closed_on=date(YEAR, 1, 1))
    some_cases(office.organisation, 5, closed_on=date(YEAR + 1, 1, 1))
    assert {month: n for month, n in numbers(office.organisation, YEAR).closed.seen.items() if n} == {1: 5, 12: 6}


def test_claims_are_counted_by_their_last_day(office: Office) -> None:
    (case,) = some_cases(office.organisation, 1)
    (other,) = some_cases(office.elsewhere, 1)
    for status, day, many in (("to_file", 2, 6), ("granted", 2, 5), ("granted", 11, 7)):
        Claim.objects.bulk_create(
            Claim(case=case, benefit="old_age", status=status, due=date(YEAR, day, 28)) for _ in range(many)
        )
    Claim.objects.bulk_create(Claim(case=other, benefit="old_age", due=date(YEAR, 2, 2)) for _ in range(9))
    Claim.objects.create(case=case, benefit="old_age", due=date(YEAR, 2, 2), removed=timezone.now())
    found = numbers(office.organisation, YEAR)
    assert {month: n for month, n in found.due.seen.items() if n} == {2: 11, 11: 7}
    assert {status: n for status, n in found.results.seen.items() if n} == {"to_file": 6, "granted": 12}


def test_where_one_table_may_not_be_shown_no_other_tells_its_total(office: Office) -> None:
    some_cases(office.organisation, 4)
    some_cases(office.organisation, 4, origin="PH")
    found = numbers(office.organisation, YEAR)
    tables = [found.opened, found.corridors, found.sectors, found.statuses, found.consent, *found.outcomes.values()]
    assert all(table.withheld for table in tables)
    assert {chart.note != "" for chart in charts(found).values()} == {True}


def test_the_years_reach_from_the_first_case_to_the_last_deadline(office: Office) -> None:
    assert years(office.organisation, date(2026, 5, 1)) == [2026]
    (case,) = some_cases(office.organisation, 1)
    Claim.objects.create(case=case, benefit="old_age", due=date(2028, 1, 1))
    assert years(office.organisation, date(2026, 5, 1)) == [2028, 2027, 2026, 2025]


def test_the_number_of_queries_does_not_grow(office: Office, django_assert_num_queries: Any) -> None:
    for origin in ("ID", "PH", "MM", "KH", "VN"):
        some_cases(office.organisation, 10, origin=origin)
    with django_assert_num_queries(19):
        numbers(office.organisation, YEAR)


# --- The page ---


@pytest.fixture
def full(office: Office) -> Office:
    some_cases(office.organisation, 60)
    some_cases(office.organisation, 20, origin="PH", destination="SG", sector="seafaring", outcomes="rrrrrrrrr")
    some_cases(office.organisation, 3, origin="MM", destination="TH", sector="fishing", work_status="irregular")
    some_cases(office.organisation, 6, origin="VN", destination="JP", consent_on=None)
    return office


def page(client: Client, office: Office, year: int = YEAR) -> Any:
    return client.get(reverse("casework:numbers", args=[office.slug]), {"year": year})


def test_titles_say_what_is_to_be_seen(full: Office, client: Client) -> None:
    text = page(signed_in(client, full.reader), full).text
    assert "Indonesia → Malaysia is the most frequent corridor" in text
    assert "89 cases were opened, the most in March 2025" in text
    assert "Consent is missing in 6 of 89 cases" in text


def test_the_bar_that_a_title_speaks_of_is_marked(full: Office) -> None:
    drawn = charts(numbers(full.organisation, YEAR))
    assert [bar.label for bar in drawn["corridors"].bars if bar.told] == ["Indonesia → Malaysia"]
    assert [bar.label for bar in drawn["consent"].bars if bar.told] == ["Not noted, or withdrawn"]


def test_where_every_month_is_hidden_there_is_no_empty_room_and_hatching_is_explained(office: Office) -> None:
    for month in range(1, 9):
        some_cases(office.organisation, 2 + month % 2, created=datetime(YEAR, month, 5, tzinfo=UTC))
    chart = charts(numbers(office.organisation, YEAR))["opened"]
    assert chart.hides
    assert chart.base < 50
    assert {column.height for column in chart.columns} == {0}
    text = render_to_string("casework/_chart.html", {"chart": chart})
    assert "January 2025: hidden" in text
    assert text.count('class="legend"') == 1


def test_a_small_group_is_neither_counted_nor_named(full: Office, client: Client) -> None:
    text = page(signed_in(client, full.reader), full).text
    assert "Myanmar" not in text
    assert "Fish" not in text
    assert "Hidden groups together" in text


def test_the_download_hides_what_the_page_hides(full: Office, client: Client) -> None:
    signed_in(client, full.owner)
    answer = client.get(reverse("casework:numbers_table", args=[full.slug]), {"year": YEAR})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    corridors = {row[2]: row[3] for row in rows if row[1] == "Corridor"}
    assert corridors == {"Indonesia → Malaysia": "60", "Philippines → Singapore": "20", "Hidden groups together": "9"}
    assert all(not row[3].isdigit() or int(row[3]) == 0 or int(row[3]) >= SMALLEST for row in rows[1:])
    assert Event.objects.get().detail == {"year": YEAR}


def test_only_owners_download_and_they_show_who_they_are_again(full: Office, client: Client) -> None:
    address = reverse("casework:numbers_table", args=[full.slug])
    assert signed_in(client, full.caseworker).get(address).status_code == 404
    assert "reauthenticate" in signed_in(Client(), full.owner, fresh=False).get(address)["Location"]


@pytest.mark.parametrize("year", ["1999", "x", "", "٢٠٢٥", "2025 "])
def test_only_years_that_are_offered_can_be_asked_for(full: Office, client: Client, year: str) -> None:
    assert page(signed_in(client, full.reader), full, year).status_code == 404  # type: ignore[arg-type]


def test_without_cases_the_page_says_what_it_will_show(office: Office, client: Client) -> None:
    text = page(signed_in(client, office.reader), office, timezone.localdate().year).text
    assert "Nothing to count yet" in text


@pytest.mark.parametrize("language", ["id", "ms", "vi", "th", "my", "pt", "tet"])
def test_places_in_charts_are_written_for_svg_in_every_language(full: Office, client: Client, language: str) -> None:
    signed_in(client, full.reader)
    text = client.get(
        reverse("casework:numbers", args=[full.slug]), {"year": YEAR}, headers={"accept-language": language}
    ).text
    assert 'width="100.00%"' in text
    assert ",00%" not in text
