"""Searching in a real browser: fields narrow the list, a hint and the reference help, a mistake is explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.views import Filters, View
from tests.screens.conftest import Served
from tests.screens.test_accessible import violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def test_an_agent_searches_with_fields_reads_the_reference_and_is_told_of_mistakes(
    visit: Visit, served: Served
) -> None:
    who = served.house.token("sanne")
    page = visit("sanne", "/?view=all")
    box = page.get_by_role("textbox", name="Search")
    box.fill("source:reviews rating<3 or x")
    box.press("Enter")
    page.wait_for_selector("#kb-search-hint >> text=OR, it is an operator")
    box.fill("kind:review -rating>=3")
    box.press("Enter")
    page.wait_for_selector("#kb-search-hint", state="detached")
    found = served.house.inbox.listing(who, View.ALL, Filters(search="kind:review -rating>=3"), limit=200).cards
    assert found
    assert all(one.kind == "review" and (one.rating or 0) < 0.6 for one in found)
    page.get_by_role("button", name="How to search").click()
    page.wait_for_selector(".kb-queryhelp >> text=app NEAR/5 traag")
    assert [one for one in violations(page) if "queryhelp" in one] == []
    page.keyboard.press("Escape")
    box.fill("soruce:reviews")
    box.press("Enter")
    page.wait_for_selector("#kb-search-problem >> text=source:reviews")
    assert page.elsewhere == []
