"""The customer, an entry by keyboard and a team, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.manual.views import Entry
from inbox.views import Filters, View
from tests.screens.conftest import Served

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def test_a_call_is_entered_by_keyboard_and_the_customer_is_known_next_time(visit: Visit, served: Served) -> None:
    token = served.house.token("daan")
    served.house.inbox.manual.enter(token, Entry("phone", "Eerste keer", name="Mevrouw Hoogterp", contact="0612345678"))
    page = visit("daan", "/entry")
    page.get_by_role("button", name="Save this entry").wait_for()
    page.get_by_role("textbox", name="What was said").fill("Tweede keer <script>document.title='taken'</script>")
    page.keyboard.press("Tab")
    page.keyboard.type("Mevrouw Hoogterp")
    page.keyboard.press("Tab")
    page.keyboard.type("+31 6 12345678")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".kb-name:has-text('Hoogterp')")
    box = page.locator(".st-key-customer .box")
    box.get_by_text("2 contacts").wait_for()
    box.get_by_role("button", name="VIP").click()
    box.locator("[data-key='badge-vip'][aria-pressed='true']").wait_for()
    box.get_by_role("button", name="Eerste keer").click()
    page.wait_for_selector(".kb-text:has-text('Eerste keer')")
    assert page.title() != "taken"
    assert page.elsewhere == []
    found = served.house.inbox.listing(token, View.ALL, Filters(source_ids=("manual",))).cards
    assert {card.badges for card in found} == {("vip",)}


def test_an_administrator_makes_a_team_and_reads_what_it_means(visit: Visit) -> None:
    page = visit("sanne", "/teams")
    page.get_by_text("New team").click()
    page.get_by_role("textbox", name="Name of the team").fill("Winkels")
    page.get_by_role("textbox", name="First answer within").fill("30m")
    page.get_by_role("textbox", name="Opening hours").fill("ma-vr 09:00-17:00")
    page.keyboard.press("Enter")
    page.get_by_text("A message of Friday 16:45 with a target of 30 minutes is due Monday 09:15.").first.wait_for()
    page.get_by_role("button", name="Make this team").click()
    page.get_by_role("heading", name="Winkels").wait_for()


def test_an_administrator_erases_a_customer_by_keyboard_and_takes_their_file_out_first(
    visit: Visit, served: Served
) -> None:
    from tests.screens.test_accessible import settled, violations

    token = served.house.token("daan")
    served.house.inbox.manual.enter(token, Entry("phone", "Wis mij", name="Gerrit Zwart", contact="0611112222"))
    (card,) = served.house.inbox.listing(token, View.ALL, Filters(search="Wis mij")).cards
    page = visit("sanne", f"/?view=all&id={card.id}")
    way = page.locator(".st-key-customer .box a.privacy")
    way.wait_for()
    way.focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Erase this person everywhere").wait_for()
    page.get_by_text("Gerrit Zwart").first.wait_for()
    with page.expect_download() as taken:
        page.get_by_role("button", name="Download in Dutch").click()
    assert "Wis mij" in taken.value.path().read_text(encoding="utf-8")
    assert violations(page) == []
    typed = page.get_by_role("textbox", name="Typed over")
    typed.focus()
    page.keyboard.type("Gerrit Zwart")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Erased: 1 message").wait_for()
    settled(page)  # before, what stood lower on the page still stands there, and the same sentence with it
    page.get_by_text("a tombstone").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="To the inbox").click()
    page.locator(".card").first.wait_for()
    found = served.house.inbox.listing(token, View.ALL, Filters(source_ids=("manual",))).cards
    assert not any("Wis mij" in one.snippet for one in found)
    assert page.elsewhere == []
