"""Programs that follow the description are answered, those that do not are refused, and nothing makes the site stumble:
Schemathesis asks every operation of the API, within a few seconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.cache import caches
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from eligibility.api.law import CATALOGUES
from portability.wsgi import application
from tests.invented import invented_law

# Requests come through the door for web servers, which closes a connection that it finds in somebody's transaction.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def described(settings: Any, transactional_db: None) -> Iterator[Any]:
    settings.API_RATE_ANONYMOUS, settings.ALLOWED_HOSTS = 1_000_000, ["localhost"]
    caches["default"].clear()
    with invented_law(settings):
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


NOTHING_TO_GET_WRONG = ("root", "listProblems")
OPERATIONS = [
    "root listProblems determine determineByGet determineBatch answerCareer askNext compare sms listChanges".split(),
    ["listHelpPoints", *(f"list{one.name.capitalize()}" for one in CATALOGUES.values())],
    [f"get{one.one.capitalize()}" for one in CATALOGUES.values()],
]


def beyond(problem: dict[str, Any]) -> bool:
    """Is all that is wrong beyond JSON Schema: two countries that are one, days in the wrong order or of no month?"""
    return all(
        error["code"] == "same_country" or error["field"].endswith(("until", "on", "from", "since"))
        for error in problem["errors"]
    )


def test_no_operation_is_left_out(described: Any) -> None:
    found = {one.ok().definition.raw["operationId"] for one in described.get_all_operations()}
    assert found == {name for names in OPERATIONS for name in names}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as_described", "not_so"])
@pytest.mark.parametrize("name", [name for names in OPERATIONS for name in names])
def test_every_operation_keeps_its_word(described: Any, name: str, mode: GenerationMode) -> None:
    operation = described.find_operation_by_id(name)
    if mode is GenerationMode.NEGATIVE and name in NOTHING_TO_GET_WRONG:
        return

    @hypothesis.settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        response = case.call(headers={"Accept-Encoding": "identity"})
        unsayable = [positive_data_acceptance] if response.status_code == 422 and beyond(response.json()) else []
        case.validate_response(response, excluded_checks=unsayable)

    ask()
