"""What somebody does while the server is busy: every step is done, once, and in its order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.screens.conftest import Served
from tests.screens.test_accessible import settled
from tests.screens.test_browser_journeys import opened, ready
from tests.screens.test_desk_journeys import picked

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


def codes(served: Served, number: int) -> list[str]:
    return [one.code for one in served.house.inbox.detail(served.house.token("sanne"), number).events]


def shown(page: Any) -> list[int]:
    return [int(one.removeprefix("c")) for one in page.locator(".card").evaluate_all("all => all.map(n => n.id)")]


def test_every_decision_pressed_while_the_server_is_busy_is_taken_once(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    rows = shown(page)[:5]
    with served.halted():
        for _ in rows:
            page.keyboard.press("s")
            page.keyboard.press("j")
    for number in rows:
        page.locator(f"#c{number}").wait_for(state="detached")
    settled(page)
    assert [codes(served, number).count("spam") for number in rows] == [1] * 5
    assert not set(shown(page)) & set(rows)


def test_where_somebody_went_meanwhile_stays_open(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    first, *rows = shown(page)
    with served.halted():
        page.keyboard.press("s")
        for _ in range(3):
            page.keyboard.press("j")
    page.locator(f"#c{first}").wait_for(state="detached")
    settled(page)
    assert page.locator(".card.on").get_attribute("id") == f"c{rows[2]}"
    assert opened(page) == rows[2]


def test_another_view_opens_its_own_first_row_after_somebody_went_on_in_the_list(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("j")
    page.locator(".card.on + .card").wait_for()
    settled(page)
    page.get_by_role("button", name="All", exact=False).first.click()
    page.locator("[role=listbox][aria-label*='All']").wait_for()
    settled(page)
    first = page.locator(".card").first.get_attribute("id")
    assert page.locator(".card.on").get_attribute("id") == first
    assert f"c{opened(page)}" == first


def test_what_was_heard_is_not_told_again(visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("j")
    settled(page)
    page.evaluate(
        "() => { window.kbSent = []; const send = WebSocket.prototype.send;"
        " WebSocket.prototype.send = function (data) {"
        " window.kbSent.push(new TextDecoder().decode(data)); return send.call(this, data); }; }"
    )
    page.keyboard.press("j")
    settled(page)
    told = "".join(page.evaluate("() => window.kbSent"))
    assert told.count('"event":"pick"') == 1


def test_a_decision_right_after_picking_rows_is_for_all_of_them(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    with served.halted():
        page.keyboard.press("x")
        for _ in range(3):
            page.keyboard.press("Shift+J")
        rows = picked(page)
        page.keyboard.press("s")
    page.get_by_text("Done for 4 conversations.").wait_for()
    assert [codes(served, number)[-1] for number in rows] == ["spam"] * 4


def test_a_command_typed_in_one_go_is_done(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    with served.halted():
        page.keyboard.press("Control+k")
        page.keyboard.type("sources")
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Sources").wait_for()


def test_what_is_pressed_on_the_way_to_another_page_does_not_keep_one_here(served: Served, visit: Visit) -> None:
    page = visit("daan")
    ready(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("sources")
    page.locator("dialog .row", has_text="Sources").first.wait_for()
    settled(page)
    with served.halted():
        page.keyboard.press("Enter")
        for _ in range(3):
            page.keyboard.press("j")
            page.wait_for_timeout(200)  # the list tells of a key that is held only when it is let go
    page.get_by_role("heading", name="Sources").wait_for()


def test_a_step_lost_on_its_way_is_told_again(served: Served, visit: Visit) -> None:
    page = visit("daan")
    first = ready(page)
    settled(page)
    page.evaluate(
        "() => { window.kbSend = WebSocket.prototype.send; WebSocket.prototype.send = () => {};"
        " setTimeout(() => { WebSocket.prototype.send = window.kbSend; }, 1500); }"
    )
    page.keyboard.press("s")
    page.locator(f"#c{first}").wait_for(state="detached")
    assert codes(served, first).count("spam") == 1
