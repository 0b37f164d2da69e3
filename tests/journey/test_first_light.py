"""The main job on real input: real processes read real servers on loopback, and an agent decides in a real browser.

A newspaper with feeds of every format, a stateful Mastodon server, a forum and a drop folder publish in rounds, among
sources that are broken in six ways. The worker is killed without warning in the middle of each round. Whatever
happens, each utterance is stored exactly once, and what is wrong with a source stands in plain words where people look.
"""

from __future__ import annotations

import os
import random
import re
import signal
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from store.engine import Store, open_store, utc_now
from store.schema import conversation, event, mention, mention_edit, note, source_schedule
from tests.journey.house import Process, Workspace, free_port, wait_for, workspace
from tests.journey.street import TOKEN, Street, street

pytest.importorskip("mastodon_mock", reason="mastodon-mock is not installed")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1_800)]

KILLS = 6
BROWSER = Path(os.environ.get("KLANKBORD_CHROMIUM", "/usr/bin/chromium"))
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "vier gewone woorden samen"
CONFIG = """\
database: sqlite:///data/klankbord.db
languages: [nl, en]
dashboard: {{port: {dashboard}}}
allow_private_hosts: ['127.0.0.1:{port}', '127.0.0.1:{dead}']
brands: [{{id: lumerik, name: Lumerik, query: 'lumerik*'}}]
sources:
  - {{id: news, name: De Regiokrant, connector: feeds, every: 1s, urls: ['{base}/rss', '{base}/atom', '{base}/json']}}
  - {{id: world, connector: feeds, every: 1s, match: all, urls: [{world}]}}
  - {{id: shut, name: Krant achter slot, connector: feeds, every: 1s, urls: ['{base}/shut']}}
  - {{id: fast, connector: feeds, every: 5s, urls: ['{base}/fast']}}
  - {{id: dead, connector: feeds, every: 1s, urls: ['http://127.0.0.1:{dead}/rss']}}
  - {{id: bomb, connector: feeds, every: 1s, urls: ['{base}/bomb']}}
  - {{id: metadata, name: Omgeleid, connector: feeds, every: 1s, urls: ['{base}/metadata']}}
  - id: social
    connector: mastodon
    every: 1s
    instances: [{{url: '{mastodon}', token: '${{ALICE_TOKEN}}', notifications: true, hashtags: [storing]}}]
  - {{id: forum, connector: discourse, every: 1s, match: all, own: true, url: '{forum}'}}
  - {{id: mail, connector: files, every: 1s, match: all, own: true, folder: '{drop}'}}
teams:
  - {{id: webcare, name: Webcare, hours: 24/7, sla: {{first_response: 1h, resolution: 24h}}}}
"""


@dataclass
class Life:
    """What a few minutes of Klankbord left behind."""

    house: Workspace
    street: Street
    store: Store
    worker: Process
    dashboard: Process
    link: str
    orphans: list[psutil.Process] = field(default_factory=list)
    kills: int = 0

    def stored(self) -> Counter[tuple[str, str]]:
        with self.store.read() as conn:
            rows = conn.execute(select(mention.c.source_id, mention.c.external_id)).all()
        return Counter((row.source_id, row.external_id) for row in rows)

    def lost(self) -> set[tuple[str, str]]:
        stored = self.stored()
        return {(source, one) for source, ids in self.street.expected.items() for one in ids if not stored[source, one]}

    def rows(self, table: Any) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(select(table)).all())


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    """Publish, collect, kill, start again; at the end the last worker has caught up and still runs."""
    folder = tmp_path_factory.mktemp("first-light")
    with street(folder) as around, workspace(folder / "house", config_for(around), ALICE_TOKEN=TOKEN) as house:
        added = house.run("user", "add", "noor", "--name", "Noor Bakker", "--role", "lead", "--team", "webcare")
        assert added.code == 0, added.notes
        link = re.search(r"http://\S+/welcome/\S+", added.out.decode())
        assert link is not None, added.out
        store = open_store(house.database, checkpoints=False)
        dashboard = house.start("dashboard")
        lived = Life(house, around, store, house.start("worker"), dashboard, link[0])
        try:
            live(lived)
            yield lived
        finally:
            store.close()


def config_for(around: Street) -> str:
    pages = sorted(path for path in around.site.pages if path.startswith("/world/"))
    return CONFIG.format(
        port=around.site.port,
        base=around.site.url(""),
        dead=free_port(),
        dashboard=free_port(),
        world=", ".join(f"'{around.site.url(path)}'" for path in pages),
        mastodon=around.mastodon,
        forum=around.forum.url,
        drop=around.drop,
    )


def live(lived: Life) -> None:
    for _ in range(KILLS):
        lived.street.publish()
        before = lived.stored().total()
        wait_for(lambda least=before: lived.stored().total() > least, "the worker stores something", seconds=300)
        time.sleep(random.random())  # then at any moment
        lived.orphans += lived.worker.kill()
        lived.kills += 1
        let_leases_lapse(lived.store)
        lived.worker = lived.house.start("worker")
    wait_for(lambda: not lived.lost(), "the last worker catches up", seconds=400)
    lived.street.turn()
    lived.street.publish()
    wait_for(lambda: not lived.lost(), "the turn of the feeds is stored", seconds=400)
    wait_for(lambda: "login" in health(lived, "shut"), "the login page is noticed", seconds=200)
    wait_for(lambda: lived.rows(mention_edit), "the edit is noticed", seconds=200)


def let_leases_lapse(store: Store) -> None:
    """As if the two minutes had passed after which a dead worker's sources are taken over."""
    with store.write() as conn:
        held = source_schedule.c.lease_until > utc_now()
        conn.execute(source_schedule.update().where(held).values(lease_until=utc_now()))


def health(lived: Life, source_id: str) -> str:
    from store.schema import source

    with lived.store.read() as conn:
        return str(conn.execute(select(source.c.health_text).where(source.c.id == source_id)).scalar_one())


# --- what was stored ------------------------------------------------------------------------------------------------


def test_each_utterance_is_stored_exactly_once_whatever_was_killed(life: Life) -> None:
    stored = life.stored()
    assert life.kills == KILLS
    assert life.lost() == set()
    assert [key for key, times in stored.items() if times > 1] == []
    unexpected = {key for key in stored if key[1] not in life.street.expected[key[0]]}
    assert unexpected == set(), "nothing came in that nobody published"
    texts = Counter((row.source_id, row.text) for row in life.rows(mention) if row.source_id in {"social", "forum"})
    assert [said for said, times in texts.items() if times > 1] == []
    print(f"first light: {stored.total()} stored, {life.kills} kills")  # noqa: T201 - the figures of this test


def test_an_edit_is_kept_beside_what_stood_there_before(life: Life) -> None:
    (edited,) = [row for row in life.rows(mention) if row.external_id == "n1-0"]
    assert edited.text == "Lumerik, nu met de goede cijfers."
    before = [row for row in life.rows(mention_edit) if row.mention_id == edited.id]
    assert [row.text for row in before] == ["Lumerik was vandaag in het nieuws, deel n1-0."]


def test_what_belongs_together_is_one_conversation(life: Life) -> None:
    forum = [row for row in life.rows(mention) if row.source_id == "forum"]
    by_topic = Counter(row.conversation_id for row in forum)
    assert len(by_topic) == life.street.rounds
    assert max(by_topic.values()) == life.street.rounds + 2, "answers to the first topic joined it in every round"


# --- what is told ---------------------------------------------------------------------------------------------------


def test_the_sources_say_in_words_what_is_wrong_with_them(life: Life) -> None:
    shown = {row["source"]: row for row in life.house.json("sources")}
    for source_id, words in (
        ("shut", r"a login page \('Inloggen bij De Regiokrant'\) stands where the feed was"),
        ("dead", "no connection could be made"),
        ("bomb", "larger than 10 MB"),
        ("metadata", r"169\.254\.169\.254 is a link-local address"),
    ):
        assert re.search(words, shown[source_id]["health_text"]), shown[source_id]
        assert shown[source_id]["health"] in {"trouble", "refused"}
    for source_id in ("news", "world", "social", "forum", "mail"):
        assert shown[source_id]["health"] == "ok", shown[source_id]
        assert shown[source_id]["gaps"] == 0, shown[source_id]
        assert shown[source_id]["stored"] == len(life.street.expected[source_id])
    assert shown["fast"]["gaps"] == 1, "fifty entries came and went unseen, and that is said"
    assert shown["shut"]["quarantined"] == 1
    assert shown["mail"]["quarantined"] == 1
    assert sum(row["quarantined"] for row in shown.values()) == 2


def test_what_could_not_be_read_is_listed_with_its_reason(life: Life) -> None:
    errors = {row["source_id"]: row["error"] for row in life.house.json("quarantine", "list")}
    assert set(errors) == {"mail", "shut"}
    assert "mail-02.jsonl: line 4 is no JSON" in errors["mail"]
    assert "login page" in errors["shut"]


def test_no_log_holds_a_secret_or_a_fault_of_ours(life: Life) -> None:
    for process in (life.worker, life.dashboard):
        assert TOKEN not in process.told()
        assert "Traceback" not in process.told(), process.told()[-3_000:]


def test_what_a_killed_worker_had_started_ends_by_itself(life: Life) -> None:
    def left() -> list[psutil.Process]:
        return [one for one in life.orphans if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]

    wait_for(lambda: not left(), "the processes of killed workers end", seconds=30)


# --- what a person does with it -------------------------------------------------------------------------------------


def test_an_agent_signs_in_finds_claims_notes_decides_and_takes_it_back(life: Life) -> None:
    if not BROWSER.exists():
        pytest.skip(f"no browser at {BROWSER} (KLANKBORD_CHROMIUM names another)")
    sync = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    base = life.link.split("/welcome/")[0]
    wait_for(lambda: answers(base), "the dashboard answers", seconds=200)
    with sync.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=str(BROWSER), args=FLAGS)
        page = browser.new_page(locale="en-GB", timezone_id="Europe/Amsterdam", viewport={"width": 1440, "height": 900})
        page.set_default_timeout(90_000)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on("websocket", lambda opened: asked.append(opened.url))
        chosen = triage(page, life)
        browser.close()
    elsewhere = [url for url in asked if not url.startswith((base, base.replace("http", "ws"), "data:", "blob:"))]
    assert len(asked) > 10
    assert elsewhere == [], "no request leaves this machine"
    steps = [row for row in life.rows(event) if (row.object_type, row.object_id) == ("conversation", str(chosen))]
    assert {"claimed", "noted", "resolved"} <= {row.action for row in steps if row.actor_type == "human"}, steps
    assert [row for row in steps if row.undo_of is not None], "the undo is a step of its own"
    assert [row.text for row in life.rows(note) if row.conversation_id == chosen] == ["Monteur gebeld."]
    (card,) = [row for row in life.rows(conversation) if row.id == chosen]
    assert card.status != "resolved", "the decision was taken back"


def answers(base: str) -> bool:
    try:
        with urllib.request.urlopen(f"{base}/_stcore/health", timeout=5) as answer:  # noqa: S310 - loopback
            return bool(answer.status == 200)
    except OSError:
        return False


def triage(page: Any, life: Life) -> int:
    """From the one-time link to a decision and back; gives the conversation."""
    page.goto(life.link)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Set password and start").click()
    page.locator(".card.on").wait_for()
    bar = page.locator(".kb-health")
    bar.get_by_text("Omgeleid").wait_for()
    assert "169.254.169.254" in bar.inner_text()
    search = page.get_by_placeholder(re.compile("^Search words"))
    search.fill('"straat 4-1"')
    page.keyboard.press("Enter")
    page.locator(".card mark", has_text="straat").first.wait_for()
    page.locator(".kb-msg.focus .kb-text", has_text="straat 4-1").wait_for()
    chosen = int(page.locator(".kb-head").get_attribute("data-conversation"))
    page.get_by_role("button", name="Take it").click()
    page.get_by_role("button", name="Give back").wait_for()
    page.get_by_role("tab", name="Internal note").click()
    page.get_by_role("textbox", name="Internal note").fill("Monteur gebeld.")
    page.keyboard.press("Control+Enter")
    page.locator(".note").get_by_text("Monteur gebeld.").wait_for()
    page.get_by_role("button", name="No answer needed").click()
    wait_for(lambda: status_of(life, chosen) == "resolved", "the decision is stored", seconds=60)
    page.get_by_text("Resolved.").wait_for()  # the step before has its undo too
    page.get_by_role("button", name="Undo").click()
    wait_for(lambda: status_of(life, chosen) != "resolved", "the undo is stored", seconds=60)
    page.get_by_role("link", name="Look at the sources").click()
    page.get_by_text("Krant achter slot").first.wait_for()
    page.get_by_text("Inloggen bij De Regiokrant").first.wait_for()
    return chosen


def status_of(life: Life, conversation_id: int) -> str:
    with life.store.read() as conn:
        return str(conn.execute(select(conversation.c.status).where(conversation.c.id == conversation_id)).scalar_one())


# --- the end --------------------------------------------------------------------------------------------------------


def test_everything_stops_in_order_and_leaves_nothing_running(life: Life) -> None:
    begun = life.worker.descendants + life.dashboard.descendants
    assert life.worker.stop() == 0, life.worker.told()[-2_000:]
    assert life.dashboard.stop() in {0, -signal.SIGTERM}, life.dashboard.told()[-2_000:]
    wait_for(lambda: not any(one.is_running() for one in begun), "what they started ends too", seconds=30)
    with life.store.read() as conn:
        held = conn.execute(
            select(func.count()).select_from(source_schedule).where(source_schedule.c.lease_until > utc_now())
        ).scalar_one()
    assert held == 0, "every source was given back"
    assert life.lost() == set()
