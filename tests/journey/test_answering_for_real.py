"""An answer from the keyboard to the platform and back: two real platforms, a real worker, a real dashboard, Chromium.

A forum without idempotency keys and a stateful Mastodon server hold a question each. An agent signs in with a one-time
link, answers with a template, is stopped over personal data, and sends. What stands on the platform in the end, what
came back by collecting, and what counts as an answer is looked at where it stands: on the platform and in the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from inbox import people, sessions
from inbox.desk import Desk
from inbox.kpis.reading import values
from inbox.kpis.views import Asked
from inbox.permissions import Role
from inbox.service import Inbox
from inbox.settings import InboxSettings
from inbox.writing.views import Scope
from klankbord.config_file import load_config
from store.engine import Store, open_store, utc_now
from store.schema import conversation, event, mention, outbox, source
from tests.journey.house import Workspace, free_port, wait_for, workspace
from tests.journey.street import TOKEN, answers_to, mastodon_server, toot
from tests.journey.test_first_light import BROWSER, FLAGS, PASSWORD, answers
from tests.replying.platforms import Forum, served

pytest.importorskip("mastodon_mock", reason="mastodon-mock is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

CONFIG = """\
database: sqlite:///data/klankbord.db
languages: [nl, en]
timezone: Europe/Amsterdam
dashboard: {{port: {dashboard}}}
brands: [{{id: lumerik, name: Lumerik, query: 'lumerik*'}}]
sources:
  - id: forum
    name: Klantenforum
    connector: discourse
    every: 1s
    match: all
    own: true
    url: '{forum}'
    api_key: '${{FORUM_KEY}}'
    api_username: webcare
  - id: social
    name: Mastodon
    connector: mastodon
    every: 1s
    match: all
    instances: [{{url: '{mastodon}', token: '${{ALICE_TOKEN}}', notifications: true}}]
teams:
  - {{id: webcare, name: Webcare, hours: 24/7, sla: {{first_response: 1h, resolution: 24h}}}}
"""
TEMPLATE = "Hoi {first_name}, wij kijken het vandaag voor je na."
PRIVATE, PUBLIC = "Bel ons op 06-12345678.", "Bel ons op 088-1234567."


@dataclass
class Town:
    """Both platforms and the Klankbord that listens and answers there."""

    house: Workspace
    forum: Forum
    forum_port: int
    mastodon: str
    store: Store
    settings: InboxSettings
    link: str
    _open: ExitStack = field(default_factory=ExitStack)

    @property
    def base(self) -> str:
        return self.link.split("/welcome/")[0]

    def open_forum(self) -> None:
        """The forum answers on its port."""
        self._open.enter_context(served(self.forum, self.forum_port))

    def close_forum(self) -> None:
        """Nobody listens on its port any more."""
        self._open.close()

    def conversation_of(self, text: str) -> int:
        """Wait until a question was collected and routed; gives its conversation."""

        def found() -> Any:
            wanted = (mention.c.text.contains(text), conversation.c.status.in_(("new", "open")))
            joined = mention.join(conversation, mention.c.conversation_id == conversation.c.id)
            with self.store.read() as conn:
                return conn.execute(select(conversation.c.id).select_from(joined).where(*wanted)).scalar()

        wait_for(found, f"{text!r} is collected", seconds=200)
        return int(found())

    def conversation(self, number: int) -> Any:
        with self.store.read() as conn:
            return conn.execute(select(conversation).where(conversation.c.id == number)).one()

    def ours(self, number: int) -> list[Any]:
        """Our own messages in a conversation, as stored."""
        wanted = (mention.c.conversation_id == number, mention.c.direction == "outbound")
        with self.store.read() as conn:
            return list(conn.execute(select(mention).where(*wanted)))

    def steps(self, number: int) -> list[Any]:
        wanted = (event.c.object_type == "conversation", event.c.object_id == str(number))
        with self.store.read() as conn:
            return list(conn.execute(select(event).where(*wanted).order_by(event.c.id)))

    def sending(self, number: int) -> Any:
        with self.store.read() as conn:
            return conn.execute(select(outbox).where(outbox.c.conversation_id == number)).one()

    def collected_again(self, source_id: str) -> None:
        """Wait until a source was read twice from its beginning to its end, from now on.

        After one failure the collector leaves a platform alone for two and a half to five minutes.
        """
        for _ in range(2):
            since = utc_now()

            def read(since: Any = since) -> bool:
                with self.store.read() as conn:
                    at = conn.execute(select(source.c.last_ok_at).where(source.c.id == source_id)).scalar_one()
                return at is not None and at > since

            wait_for(read, f"{source_id} is read again", seconds=330)

    def first_responses(self) -> int:
        desk = Desk(self.store, self.settings)
        until = utc_now() + timedelta(minutes=1)
        (found,) = [
            one for one in values(desk, Asked(until - timedelta(days=1), until)) if one.id == "first_response_time"
        ]
        return found.n


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("answering")
    forum, port = Forum(utc_now), free_port()
    with mastodon_server(folder / "mastodon") as mastodon:
        config = CONFIG.format(dashboard=free_port(), forum=f"http://127.0.0.1:{port}", mastodon=mastodon)
        with workspace(folder / "house", config, ALICE_TOKEN=TOKEN, FORUM_KEY="sleutel") as house:
            added = house.run("user", "add", "noor", "--name", "Noor Bakker", "--role", "agent", "--team", "webcare")
            assert added.code == 0, added.notes
            link = re.search(r"http://\S+/welcome/\S+", added.out.decode())
            assert link is not None, added.out
            store = open_store(house.database, checkpoints=False)
            settings = load_config(house.config, house.environment).inbox_settings()
            offer_template(store, settings)
            made = Town(house, forum, port, mastodon, store, settings, link[0])
            made.open_forum()
            house.start("dashboard")
            house.start("worker")
            try:
                yield made
            finally:
                made.close_forum()
                store.close()


def offer_template(store: Store, settings: InboxSettings) -> None:
    """What a lead has made on the page of templates."""
    desk = Desk(store, settings)
    lead = people.add(desk, login="lead", name="Lea Lead", role=Role.LEAD, team_id="webcare")
    token = sessions.start_for(desk, lead.user.id).token
    Inbox(store, settings).writing.save_template(
        token, None, name="Nakijken", text=TEMPLATE, lang="nl", scope=Scope.SHARED
    )


@pytest.fixture(scope="module")
def page(town: Town) -> Iterator[Any]:
    """Chromium in which Noor signed in with her one-time link."""
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (KLANKBORD_CHROMIUM names another)")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    wait_for(lambda: answers(town.base), "the dashboard answers", seconds=200)
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=FLAGS)
        opened = browser.new_page(
            locale="en-GB", timezone_id="Europe/Amsterdam", viewport={"width": 1440, "height": 900}
        )
        opened.set_default_timeout(120_000)
        opened.goto(town.link)
        opened.get_by_label("Password", exact=True).fill(PASSWORD)
        opened.get_by_label("The same password again").fill(PASSWORD)
        opened.get_by_role("button", name="Set password and start").click()
        opened.get_by_role("dialog").get_by_role("button", name="Skip").click()
        yield opened
        browser.close()


def open_in(page: Any, town: Town, number: int) -> None:
    page.goto(f"{town.base}/?view=all&c={number}")
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    field_of(page).wait_for()


def field_of(page: Any) -> Any:
    return page.locator(".st-key-composer textarea")


def write_with_template(page: Any, more: str) -> str:
    """`/`, the template, a first name where it has a gap, and something after it; gives what stands in the field."""
    field_of(page).click()
    page.keyboard.press("/")
    page.locator(".picker .row", has_text="Nakijken").wait_for()
    page.keyboard.press("Enter")
    if "{first_name}" in field_of(page).input_value():
        page.keyboard.type("Bob")  # the gap is selected
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {more}")
    return str(field_of(page).input_value())


def queued(page: Any, number: int) -> Any:
    """The bubble of the answer that is on its way, in its conversation."""
    page.get_by_text("Your answer goes out in ten seconds.").wait_for()
    page.locator(f"#c{number}").click()
    page.wait_for_selector(f".kb-head[data-conversation='{number}']")
    return page.locator(".bubble[data-outbox]")


def stands_once(town: Town, page: Any, number: int, source_id: str, text: str) -> Any:
    """The bubble has become our answer in the thread, and reading the platform again changes nothing; gives it."""
    page.locator(".kb-msg.ours", has_text=text).get_by_text("our answer").wait_for()
    page.locator(".bubble[data-outbox]").wait_for(state="detached")
    page.locator(".kb-badges", has_text="Resolved").wait_for()
    town.collected_again(source_id)
    (own,) = town.ours(number)
    row = town.conversation(number)
    assert (row.status, row.n_outbound, row.unanswered_since, row.reply_state) == ("resolved", 1, None, None)
    counted = [one for one in town.steps(number) if one.action in {"answered", "answered_by_hand", "reply_sent"}]
    assert [(one.action, one.actor_type) for one in counted] == [("reply_sent", "human")]
    assert counted[0].after["facts"]["first"]
    assert counted[0].wall_s > 0
    sent = town.sending(number)
    assert (sent.state, sent.own_mention_id) == ("sent", own.id)
    return own


def test_a_forum_question_is_answered_with_a_template_and_without_the_phone_number(town: Town, page: Any) -> None:
    town.forum.ask("Lumerik, wanneer komt de monteur?")
    number = town.conversation_of("wanneer komt de monteur")
    before = town.first_responses()
    open_in(page, town, number)
    typed = write_with_template(page, PRIVATE)
    assert typed == f"Hoi Piet, wij kijken het vandaag voor je na. {PRIVATE}"
    page.keyboard.press("Control+Enter")
    page.locator(".strip").get_by_text("Phone number").wait_for()
    page.get_by_role("button", name="Change it").click()
    page.keyboard.type("088-1234567")
    page.keyboard.press("Control+Enter")
    bubble = queued(page, number)
    bubble.get_by_text(re.compile("Goes out in|On its way|Being sent")).wait_for()
    own = stands_once(town, page, number, "forum", PUBLIC)
    (post,) = town.forum.ours()
    assert post["raw"] == f"Hoi Piet, wij kijken het vandaag voor je na. {PUBLIC}"
    assert str(post["id"]) in own.external_id
    assert post["reply_to_post_number"] == 1 or post["topic_id"] == 512
    assert town.first_responses() == before + 1


def test_a_post_on_mastodon_is_answered_with_the_number_after_a_second_yes(town: Town, page: Any) -> None:
    question = toot(town.mastodon, "bob", "@alice Lumerik doet het niet, en nu?")
    number = town.conversation_of("Lumerik doet het niet")
    before = town.first_responses()
    open_in(page, town, number)
    typed = write_with_template(page, PRIVATE)
    assert typed == f"Hoi Bob, wij kijken het vandaag voor je na. {PRIVATE}"
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send anyway").click()
    queued(page, number)
    own = stands_once(town, page, number, "social", PRIVATE)
    (there,) = answers_to(town.mastodon, question)
    assert there["uri"] == own.external_id
    assert typed in re.sub(r"<[^>]+>", "", there["content"])
    assert town.first_responses() == before + 1


def test_a_platform_that_is_down_at_the_send_is_told_in_words_and_gets_the_answer_once(town: Town, page: Any) -> None:
    already = len(town.forum.ours())
    town.forum.ask("Lumerik, en de rekening?", "klaas")
    number = town.conversation_of("en de rekening")
    open_in(page, town, number)
    field_of(page).click()
    page.keyboard.type("Wij storten het terug.")
    town.close_forum()
    page.keyboard.press("Control+Enter")
    bubble = queued(page, number)
    bubble.locator(".trouble", has_text="no connection could be made").wait_for()
    assert bubble.locator(".text").inner_text() == "Wij storten het terug."
    assert len(town.forum.ours()) == already
    health = page.locator(".kb-health")
    health.get_by_text("Klantenforum").wait_for()
    town.open_forum()
    page.locator(".kb-msg.ours", has_text="Wij storten het terug.").wait_for()
    page.locator(".bubble[data-outbox]").wait_for(state="detached")
    town.collected_again("forum")
    assert [post["raw"] for post in town.forum.ours()][already:] == ["Wij storten het terug."]
    counted = [one for one in town.steps(number) if one.action == "reply_sent"]
    assert len(counted) == 2, "one for each of the two answers in this topic"
    with town.store.read() as conn:
        wanted = (mention.c.direction == "outbound", mention.c.text == "Wij storten het terug.")
        assert conn.execute(select(func.count()).select_from(mention).where(*wanted)).scalar_one() == 1


def test_nothing_of_it_left_a_fault_or_a_secret_in_a_log(town: Town) -> None:
    for process in town.house.started:
        told = process.told()
        assert "Traceback" not in told, told[-3_000:]
        assert TOKEN not in told
        assert "sleutel" not in told
