"""The pages on which the API can be tried out: from our own host alone, within the Content Security Policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.invented import invented_law

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def law(settings: Any) -> Iterator[Any]:
    with invented_law(settings) as rulebook:
        yield rulebook


def test_the_api_can_be_tried_out_in_a_browser(desktop_page: Page) -> None:
    desktop_page.goto("/api/v1/docs")
    operation = desktop_page.locator("#operations-Answers-compare")
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
