"""Answers that go wrong and right, pressed in a browser, against a forum and an instance that behave so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from inbox.permissions import Role
from screens.gate import COOKIE
from store.engine import open_store, utc_now
from store.schema import conversation, outbox, user_account
from tests.replying.house import ANSWER, House, RealTime
from tests.replying.platforms import Forum, Instance
from tests.screens.conftest import House as Filled
from tests.screens.conftest import Served, serve

pytestmark = pytest.mark.slow

ABOVE = "Wie weet wat hier mis is? <script>document.title='taken'</script>"


@dataclass
class Desk:
    """A house around a platform, its worker, and a dashboard with browsers."""

    house: House
    served: Served
    browser: Any
    loop: asyncio.AbstractEventLoop

    def run(self, work: Any) -> Any:
        """Let the worker, or the collector, do something."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def work(self) -> None:
        """The ten seconds are over, and the worker works."""
        self.house.hurry()
        self.run(self.house.work())
        self.house.route()

    def open(self, token: str, path: str, **options: Any) -> Any:
        context = self.browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
        context.set_default_timeout(45_000)
        context.add_cookies([{"name": COOKIE, "value": token, "url": self.served.base}])
        page = context.new_page()
        page.goto(self.served.base + path)
        return page

    def conversation(self) -> int:
        with self.house.store.read() as conn:
            return int(
                conn.execute(select(conversation.c.id).order_by(conversation.c.id.desc())).scalars().first() or 0
            )


@pytest.fixture(params=[Forum, Instance])
def desk(request: pytest.FixtureRequest, tmp_path: Path, chromium: Any) -> Iterator[Desk]:
    folder = tmp_path
    url = f"sqlite:///{folder / 'klankbord.db'}"
    store = open_store(url)
    store.migrate()
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    now = RealTime(utc_now())
    house = House(store, now, request.param(now))
    running = serve(folder, Filled(store, url, house.inbox, house.desk))
    yield Desk(house, next(running), chromium, loop)
    running.close()
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()
    house.close()
    store.close()


@pytest.fixture
def agent(desk: Desk) -> Callable[..., str]:
    """Somebody who has been shown around."""

    def make(role: Role = Role.AGENT) -> str:
        token = desk.house.agent(role)
        with desk.house.store.write() as conn:
            conn.execute(user_account.update().values(toured_at=utc_now()))
        return token

    return make


def at(desk: Desk, token: str, number: int, **options: Any) -> Any:
    page = desk.open(token, f"/?view=all&c={number}", **options)
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    return page


def opened(page: Any) -> Any:
    """The menu of what else can be done with a message."""
    menu = page.locator("details.acts")
    if menu.get_attribute("open") is None:
        menu.locator("summary").click()
    return menu


def test_what_is_answered_liked_and_removed(desk: Desk, agent: Callable[..., str], shot: Callable[..., None]) -> None:
    house, token = desk.house, agent()
    above = house.server.ask(ABOVE, who="jan")
    house.server.unlisted.add(above)
    house.server.ask("Ik ook niet, #acme vragen?", to=above)
    desk.run(house.collect())
    number = desk.conversation()
    page = at(desk, token, number)
    page.get_by_text("This answers a message that is not here.").wait_for()
    page.get_by_role("button", name="Get what this answers").click()
    page.get_by_text("is being fetched").wait_for()
    desk.work()
    parent = page.locator(".kb-msg.above", has_text="The message this answers")
    parent.get_by_text("Wie weet wat hier mis is?").wait_for()
    assert page.title() != "taken"
    shot(page, "parent")

    opened(page).get_by_role("button", name="Like", exact=True).click()
    page.locator(".bubble", has_text="Like").wait_for()
    desk.work()
    page.locator(".bubble", has_text="Like").wait_for(state="detached")
    wanted = "/post_actions.json" if isinstance(house.server, Forum) else "/favourite"
    assert [method for method, path in house.server.asked if path.endswith(wanted)] == ["POST"]

    opened(page).get_by_role("button", name="Does it still stand?").click()
    page.get_by_text("Being looked at on the platform").wait_for()
    desk.work()
    page.get_by_text("Seen there").wait_for()

    house.send(token, number)
    desk.work()
    page.reload()
    page.locator(".kb-msg.ours", has_text="Wij kijken ernaar").wait_for()
    opened(page).get_by_role("button", name="Remove our answer").click()
    page.get_by_role("button", name="Really remove it there?").click()
    page.locator(".bubble", has_text="Remove our answer").wait_for()
    desk.work()
    page.get_by_text("The author or the platform removed this message").wait_for()
    assert house.server.ours() == []


def test_bubbles_say_how_it_stands_and_their_buttons_work(
    desk: Desk, agent: Callable[..., str], shot: Callable[..., None]
) -> None:
    house, token = desk.house, agent()
    number = desk.run(house.question("Mijn pakket is er niet #acme"))
    page = at(desk, token, number)
    bubble = page.locator(".bubble[data-state='queued']")

    house.send(token, number, f"{ANSWER}.")
    with house.store.write() as conn:  # longer than ten seconds, for machines that take those to draw a page
        conn.execute(outbox.update().values(not_before=utc_now() + timedelta(minutes=5)))
    page.reload()
    bubble.get_by_text("Goes out in").wait_for()
    shot(page, "countdown")
    bubble.get_by_role("button", name="Take back").click()
    bubble.wait_for(state="detached")

    source = house.source
    house.source = source.model_copy(update={"options": _revoked(source.options)})
    house.restart()
    house.send(token, number, f"{ANSWER}!")
    desk.work()
    page.reload()
    page.locator(".bubble[data-state='failed']").wait_for()
    shot(page, "failed")
    page.get_by_role("button", name="Copy the text").wait_for()
    house.source = source
    house.restart()
    page.get_by_role("button", name="Try again").click()
    page.locator(".bubble[data-state='failed']").wait_for(state="detached")
    desk.work()
    page.locator(".kb-msg.ours", has_text="Wij kijken ernaar").first.wait_for()

    house.server.fates = ["lost"]
    house.send(token, number, "We hebben het gevonden")
    desk.work()
    page.reload()
    page.locator(".bubble[data-state='unknown']").wait_for()
    shot(page, "unknown")
    page.get_by_role("button", name="It does not stand there").click()
    page.locator(".bubble[data-state='failed']").wait_for()
    page.get_by_role("button", name="Write it anew").click()
    page.locator(".bubble[data-state='failed']").wait_for(state="detached")


def test_what_a_moderator_holds_is_settled_by_who_looks(
    desk: Desk, agent: Callable[..., str], shot: Callable[..., None]
) -> None:
    house, token = desk.house, agent()
    number = desk.run(house.question("Waar is mijn pakket? #acme"))
    page = at(desk, token, number)
    if isinstance(house.server, Forum):
        house.server.moderated = True
        house.send(token, number, "Dit leest een moderator eerst")
        desk.work()
        page.reload()
        page.locator(".bubble[data-state='held']").wait_for()
        shot(page, "held")
        house.server.moderated = False
        page.get_by_role("button", name="It stands there").click()
        page.locator(".bubble[data-state='held']").wait_for(state="detached")


def test_an_approver_changes_the_text_and_the_guard_looks_at_it(
    desk: Desk, agent: Callable[..., str], shot: Callable[..., None]
) -> None:
    house, lead, specialist = desk.house, agent(Role.LEAD), agent(Role.SPECIALIST)
    number = desk.run(house.question("Kan iemand mij bellen? #acme"))
    house.send(specialist, number, "Bel ons gerust")
    page = at(desk, lead, number)
    waiting = page.locator(".bubble[data-state='approval']")
    waiting.wait_for()
    shot(page, "approval")
    waiting.get_by_role("button", name="Change the text").click()
    field = page.get_by_label("The text that goes out")
    field.fill("Bel ons gerust op 06-12345678")
    page.keyboard.press("Control+Enter")
    page.locator(".bubble .strip", has_text="Phone number").wait_for()
    assert field.input_value() == "Bel ons gerust op 06-12345678"
    shot(page, "approver")
    page.get_by_role("button", name="Send anyway").click()
    page.locator(".bubble", has_text="Goes out in").wait_for()
    desk.work()
    page.locator(".kb-msg.ours", has_text="06-12345678").wait_for()


def _revoked(options: Any) -> dict[str, Any]:
    if "api_key" in options:
        return {**options, "api_key": "ingetrokken"}
    return {**options, "instances": [{**options["instances"][0], "token": "ingetrokken"}]}


@pytest.fixture
def shot() -> Callable[..., None]:
    """Keeps a picture where KLANKBORD_SHOTS says so: light, dark, on a phone and in Dutch."""
    import os

    folder = os.environ.get("KLANKBORD_SHOTS")

    def take(page: Any, name: str) -> None:
        if folder is None:
            return
        bubble = page.locator(".bubble, .kb-msg.above").first
        bubble.scroll_into_view_if_needed()
        page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return take
