"""A working day without a mouse: next, template, note, promise, snooze, many at once, palette, focus view, undo."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inbox.permissions import Role
from inbox.views import Filters, View
from inbox.writing.views import Scope
from tests.screens.composing import Visit, by_key, field, number_of
from tests.screens.conftest import BROWSER, Served, make_house, serve
from tests.screens.test_accessible import settled

pytestmark = pytest.mark.slow
_FOCUSED = """() => { let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at?.matches('button, input') ? at.getAttribute('aria-label') || at.innerText : ''; }"""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (set KLANKBORD_CHROMIUM)")
    folder = tmp_path_factory.mktemp("day")
    house = make_house(folder, extra=30)
    house.person("lotte", "Lotte Jansen", Role.AGENT)
    house.inbox.writing.save_template(
        house.token("sanne"), None, name="Excuses", text="Hoi {first_name}, sorry!", lang="nl", scope=Scope.SHARED
    )
    yield from serve(folder, house)
    house.store.close()


def opened(page: Any) -> int:
    return int(page.locator(".kb-head").get_attribute("data-conversation"))


def after(page: Any, number: int) -> int:
    """Wait until another conversation is open and marked in the list; gives it."""
    page.wait_for_selector(f".kb-head:not([data-conversation='{number}'])")
    now = opened(page)
    page.locator(f"#c{now}.on").wait_for(state="attached")
    return now


def tab_to(page: Any, name: str, *, key: str = "Tab", most: int = 150) -> None:
    """Press Tab until something with this name has the focus."""
    for _ in range(most):
        if name in page.evaluate(_FOCUSED):
            return
        page.keyboard.press(key)
    pytest.fail(f"{most} times {key} did not reach {name!r}; it stands at {page.evaluate(_FOCUSED)!r}")


def test_a_working_day_by_keyboard_only(served: Served, visit: Visit) -> None:
    page = visit("lotte", "/?view=all")
    page.locator(".card.on").wait_for()
    page.get_by_role("button", name="More", exact=True).wait_for()
    first = take_the_next(page, served)
    ask_a_colleague(page, served)
    second = answer_with_a_template(page, served, first)
    snooze_undo_and_snooze_again(page, served, second)
    tag_two_at_once(page, served)
    jump(page, number_of(served.house, "eSIM"))
    confirm_a_promise_and_take_it_back(page, served)
    one_at_a_time(page)
    assert page.elsewhere == []


def take_the_next(page: Any, served: Served) -> int:
    page.keyboard.press("g")
    page.get_by_role("button", name="Give back").wait_for()
    first = opened(page)
    claimed = served.house.inbox.detail(served.house.token("sanne"), first).card.claimed_by
    assert claimed is not None
    assert claimed.name == "Lotte Jansen"
    return first


def ask_a_colleague(page: Any, served: Served) -> None:
    by_key(page, "n", "note")
    page.keyboard.type("@sanne weet jij wanneer de monteur komt?")
    page.keyboard.press("Control+Enter")
    page.locator(".note", has_text="weet jij wanneer").wait_for()
    assert served.house.inbox.mentions.count(served.house.token("sanne")) == 1
    page.keyboard.press("Escape")


def answer_with_a_template(page: Any, served: Served, number: int) -> int:
    """The next conversation opens by itself; gives it."""
    by_key(page, "w", "reply")
    page.keyboard.press("/")
    page.keyboard.type("exc")
    page.locator(".picker .row[aria-selected=true]", has_text="Excuses").wait_for()
    page.keyboard.press("Enter")
    page.keyboard.type(" We zoeken het uit.")
    assert field(page).input_value() == "Hoi Eva, sorry! We zoeken het uit."
    page.keyboard.press("Control+Enter")
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()
    (sent,) = served.house.inbox.replies.of(served.house.token("sanne"), number)
    assert (sent.text, sent.follow_up) == ("Hoi Eva, sorry! We zoeken het uit.", "resolved")
    return after(page, number)


def snooze_undo_and_snooze_again(page: Any, served: Served, number: int) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("z")
    after(page, number)
    settled(page)
    page.get_by_role("button", name="Undo").wait_for()
    page.keyboard.press("u")
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    page.locator(f"#c{number}.on").wait_for()
    page.keyboard.press("z")
    after(page, number)
    assert served.house.inbox.detail(served.house.token("sanne"), number).card.status == "snoozed"


def tag_two_at_once(page: Any, served: Served) -> None:
    settled(page)
    begun = opened(page)
    page.keyboard.press("x")
    page.keyboard.press("Shift+J")
    last = after(page, begun)
    page.locator(".bulk", has_text="2").wait_for()
    tab_to(page, "Add a tag", key="Shift+Tab")
    page.keyboard.type("storing")
    page.keyboard.press("Enter")
    page.locator(".card", has_text="#storing").nth(1).wait_for()
    page.get_by_text("Done for 2 conversations.").wait_for()
    assert opened(page) == last, "what was not closed stays open"
    box, lead = served.house.inbox, served.house.token("sanne")
    assert len(box.listing(lead, View.ALL, Filters(tags=("storing",))).cards) == 2


def jump(page: Any, number: int) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("dialog", name="Search and commands").locator("input").wait_for()
    page.keyboard.type("eSIM")
    found = page.locator(".row", has_text="Anouk")
    found.wait_for()
    for _ in range(20):
        if found.get_attribute("aria-selected") == "true":
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")


def confirm_a_promise_and_take_it_back(page: Any, served: Served) -> None:
    """What was answered elsewhere is kept, and what it promised is asked."""
    number = opened(page)
    page.locator(".st-key-composer [data-mode=hand][aria-selected=true]").wait_for()
    by_key(page, "w", "hand")
    page.keyboard.type("Yes it does. We will call you back tomorrow before 17:00.")
    page.keyboard.press("Control+Enter")
    page.locator(".kb-promise.orange").wait_for()
    tab_to(page, "Confirm")
    page.keyboard.press("Enter")
    page.locator(".kb-promise.green").wait_for()
    of = served.house.inbox.promises.of
    assert [one.state for one in of(served.house.token("lotte"), number)] == ["open"]
    settled(page)  # the offer to undo is drawn after what it undoes
    page.get_by_role("button", name="Undo").wait_for()
    page.keyboard.press("u")
    page.locator(".kb-promise.orange").wait_for()
    assert [one.state for one in of(served.house.token("lotte"), number)] == ["suggested"]


def one_at_a_time(page: Any) -> None:
    settled(page)
    page.keyboard.press("f")
    page.locator("#kb-focus").wait_for()
    now = opened(page)
    page.keyboard.press("j")
    after(page, now)
    page.keyboard.press("Escape")
    page.locator("#kb-focus").wait_for(state="detached")
