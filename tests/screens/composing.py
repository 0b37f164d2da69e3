"""Writing on the page, as tests do it: open a conversation by words in it, type, and look what was kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from inbox.views import Filters, View
from inbox.writing.views import Mode
from tests.screens.conftest import House, Served

Visit = Callable[..., Any]


def number_of(house: House, words: str) -> int:
    return house.inbox.listing(house.token("sanne"), View.ALL, Filters(search=words)).cards[0].id


def at(served: Served, visit: Visit, words: str, login: str = "daan", **options: Any) -> tuple[Any, int]:
    """The page of somebody with this conversation open and its composer there."""
    number = number_of(served.house, words)
    page = visit(login, f"/?view=all&c={number}", **options)
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    page.locator(f".st-key-composer .box[data-conversation='{number}']").wait_for()
    return page, number


def field(page: Any) -> Any:
    return page.locator(".st-key-composer textarea")


def write(page: Any, text: str) -> None:
    field(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def holds(page: Any, text: str) -> None:
    """Wait until the field of the composer shows this text."""
    page.wait_for_function(
        "text => [...document.querySelectorAll('.st-key-composer *')]"
        ".some(node => node.shadowRoot?.querySelector('textarea')?.value === text)",
        arg=text,
    )


def saved(page: Any, *, within_s: float = 45) -> None:
    told = page.locator(".st-key-composer .state[data-state='saved']", has_text=re.compile("Saved|Bewaard"))
    told.wait_for(timeout=within_s * 1_000)


def draft(house: House, number: int, mode: Mode = Mode.REPLY, login: str = "daan") -> str:
    found = house.inbox.writing.drafts(house.token(login), number).of(mode)
    return "" if found is None else found.text


def by_key(page: Any, key: str, mode: str) -> None:
    """`w` or `n`, and the field listens in that mode: what is typed before that is for the list."""
    page.locator(".st-key-composer .box[data-conversation]").wait_for()
    page.keyboard.press(key)
    page.locator(f".st-key-composer [data-mode={mode}][aria-selected=true]").wait_for()
    page.wait_for_function(
        "() => [...document.querySelectorAll('.st-key-composer *')]"
        ".some(node => node.shadowRoot?.activeElement?.tagName === 'TEXTAREA')"
    )
