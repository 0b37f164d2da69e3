"""In a real browser: a colleague is named with a few keys, a promise is told while writing, the sidebar fits."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inbox.views import Filters, View
from tests.screens.conftest import House, Served

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def number_of(house: House, words: str) -> int:
    return house.inbox.listing(house.token("sanne"), View.ALL, Filters(search=words)).cards[0].id


def field(page: Any) -> Any:
    return page.locator(".st-key-composer textarea")


def opened(served: Served, visit: Visit, words: str, login: str = "daan", **options: Any) -> tuple[Any, int]:
    number = number_of(served.house, words)
    page = visit(login, f"/?view=all&c={number}", **options)
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    field(page).wait_for()
    return page, number


def picture(page: Any, name: str) -> None:
    folder = os.environ.get("KLANKBORD_PICTURES")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))


def test_a_colleague_is_named_with_a_few_keys_and_asked(served: Served, visit: Visit) -> None:
    page, number = opened(served, visit, "storingskaart")
    page.get_by_role("tab", name="Internal note").click()
    field(page).click()
    page.keyboard.type("Weet jij dit @San")
    page.get_by_role("option", name="Sanne").wait_for()
    page.locator(".st-key-composer .state[data-state='saved']").wait_for()
    assert page.get_by_role("option", name="Sanne").is_visible(), "keeping the draft leaves the names open"
    picture(page, "naming")
    page.keyboard.press("Enter")
    assert field(page).input_value() == "Weet jij dit @sanne "
    assert page.get_by_role("option", name="Sanne").count() == 0
    page.keyboard.type("?")
    page.get_by_role("button", name="Other ways to save").click()
    page.get_by_role("menuitem", name="Save note and wait for a colleague").click()
    page.wait_for_selector(f".kb-head:not([data-conversation='{number}'])")
    card = served.house.inbox.detail(served.house.token("sanne"), number).card
    assert card.status == "waiting_internal"
    assert served.house.inbox.mentions.count(served.house.token("sanne")) == 1


def test_a_promise_is_told_while_the_answer_is_written(served: Served, visit: Visit) -> None:
    page, _number = opened(served, visit, "verhuizen")
    field(page).click()
    page.keyboard.type("We komen er morgen voor 17:00 op terug.")
    hint = page.locator(".st-key-composer .promise")
    hint.wait_for()
    assert "Promise:" in hint.inner_text()
    assert "17:00" in hint.inner_text()
    picture(page, "promise")
    page.keyboard.press("Control+A")
    page.keyboard.type("Bedankt!")
    hint.wait_for(state="hidden")


def test_the_sidebar_fits_a_laptop_and_leads_to_my_account(visit: Visit) -> None:
    page = visit("daan", "/")
    page.get_by_role("button", name="More views").wait_for()
    assert not page.get_by_role("button", name="Resolved").is_visible()
    picture(page, "sidebar")
    fits = page.evaluate(
        "() => { const box = document.querySelector('[data-testid=stSidebarContent]');"
        " return [box.scrollHeight, box.clientHeight]; }"
    )
    assert fits[0] <= fits[1] + 1, fits
    page.get_by_role("button", name="More views").click()
    page.get_by_role("button", name="Resolved").click()
    page.get_by_role("button", name="Resolved").and_(page.locator("[aria-current]")).wait_for()
    page.get_by_title("My account").click()
    page.get_by_role("heading", name="My account").wait_for()
