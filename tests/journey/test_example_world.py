"""The example brand: believable, the same on every start, and read by the real collector to the last utterance."""

from __future__ import annotations

import shutil
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import uvicorn
from sqlalchemy import select

from klankbord import compose, outside
from klankbord.config import Config
from klankbord.config_file import load_config
from klankbord.example.answers import Answers
from klankbord.example.drop import drop_files
from klankbord.example.forum import Forum
from klankbord.example.server import make_app
from klankbord.example.start import PORT_VARIABLE
from klankbord.example.world import DAYS_BACK, OUTAGE_DAYS_BACK, Channel, World, make_world
from store.engine import open_store
from store.schema import mention, mention_edit
from tests.connectors.contracts import contract, misses

ANCHOR = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
DAYS = 3
SOURCES = {
    Channel.NEWS: "nieuws",
    Channel.FORUM: "forum",
    Channel.POST: "chirp",
    Channel.REVIEW: "reviews",
    Channel.MAIL: "mail",
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(ANCHOR)


def past(world: World) -> list[Any]:
    return [said for said in world.utterances if said.at <= ANCHOR]


# --- what it is like ------------------------------------------------------------------------------------------------


def test_the_same_day_gives_the_same_world_to_the_letter(world: World) -> None:
    later = make_world(ANCHOR + timedelta(hours=5))
    assert later.utterances == world.utterances
    assert make_world(ANCHOR + timedelta(days=1)).utterances != world.utterances


def test_ninety_days_hold_what_a_team_meets(world: World) -> None:
    said = past(world)
    assert len(said) >= 1_500
    assert (ANCHOR - said[0].at) >= timedelta(days=DAYS_BACK - 1)
    assert {one.channel for one in said} == set(Channel)
    assert min(Counter(one.channel for one in said).values()) >= 50
    assert min(Counter(one.lang for one in said).values()) >= 30
    assert {"nl", "en", "de"} <= {one.lang for one in said}
    assert len({one.author.number for one in said}) >= 200
    assert all(one.stars in {1, 2, 3, 4, 5} for one in said if one.channel is Channel.REVIEW)
    assert all("{" not in one.text + (one.title or "") for one in world.utterances), "a slot was left open"


def test_people_answer_edit_share_and_use_emoji(world: World) -> None:
    said = past(world)
    by_number = {one.number: one for one in world.utterances}
    answers = [one for one in said if one.parent is not None]
    assert len(answers) >= 300
    assert all(by_number[one.parent].at < one.at for one in answers)
    assert all(by_number[one.parent].thread == one.thread for one in answers)
    assert max(Counter(one.thread for one in said).values()) >= 4
    assert sum(any(edit.at <= ANCHOR for edit in one.edits) for one in said) >= 10
    assert sum(one.solves for one in said) >= 5
    assert sum(any(ord(char) >= 0x1F300 for char in one.text) for one in said) >= 50
    copied = Counter(one.text for one in said if one.channel is Channel.NEWS)
    assert sum(count > 1 for count in copied.values()) >= 5
    assert sum(one.text.startswith("RT @") for one in said) >= 10


def test_the_outage_stands_out_and_is_about_the_outage(world: World) -> None:
    day = lambda one: (ANCHOR.date() - one.at.date()).days  # noqa: E731
    per_day = Counter(map(day, past(world)))
    usual = median(per_day[number] for number in range(1, DAYS_BACK))
    assert per_day[OUTAGE_DAYS_BACK] >= 3 * usual
    told = [one for one in past(world) if day(one) == OUTAGE_DAYS_BACK]
    assert sum(one.topic == "outage" for one in told) > len(told) / 2


# --- how it is served -----------------------------------------------------------------------------------------------


def answered(spec: dict[str, Any], path: str, answer: object) -> list[str]:
    """What the platform's contract does not allow in an answer.

    The contract was made from examples: it takes `reply_to_post_number` for text, which is a number in a reply, and
    `reviewable_id` for text or nothing in one answer and for a number in another.
    """
    odd = (".reply_to_post_number:", ".reviewable_id:")
    schema = spec["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return [miss for miss in misses(spec, schema, answer) if not any(name in miss for name in odd)]


def test_the_folders_are_there_also_while_nothing_was_said_yet(world: World, tmp_path: Path) -> None:
    before = world.utterances[0].at - timedelta(hours=2)
    assert drop_files(world, tmp_path, before, before + timedelta(hours=1), "http://127.0.0.1/") == []
    assert {one.name for one in tmp_path.iterdir()} == {"posts", "reviews", "mail"}


def test_the_forum_answers_as_the_platforms_contract_says(world: World) -> None:
    spec = contract("discourse/openapi.json")
    forum = Forum(world)
    newest = forum.latest_posts(ANCHOR, None)
    oldest = newest["latest_posts"][-1]["id"]
    assert answered(spec, "/posts.json", newest) == []
    assert answered(spec, "/posts.json", forum.latest_posts(ANCHOR, oldest - 1)) == []
    listed = forum.latest_topics(ANCHOR, 0)
    assert answered(spec, "/latest.json", listed) == []
    topic = listed["topic_list"]["topics"][0]["id"]
    posts = forum.topic(ANCHOR, topic)
    assert posts is not None
    some = forum.posts(ANCHOR, topic, set(posts["post_stream"]["stream"][:2]))
    assert answered(spec, "/t/{id}/posts.json", some) == []


def test_an_answer_takes_the_next_id_and_what_the_world_says_later_moves_up(world: World, tmp_path: Path) -> None:
    kept = tmp_path / "answers.jsonl"
    forum = Forum(world, Answers(kept))
    newest = forum.latest_posts(ANCHOR, None)["latest_posts"][0]
    later = ANCHOR + timedelta(days=1)
    coming = forum.latest_posts(later, None)["latest_posts"]
    made = forum.answer(ANCHOR, newest["topic_id"], "Wij kijken ernaar", newest["post_number"])
    assert made is not None
    assert (made["id"], made["topic_id"], made["username"]) == (newest["id"] + 1, newest["topic_id"], "lumerik")
    assert made["reply_to_post_number"] == newest["post_number"]
    assert forum.answer(ANCHOR, 10_000_000, "nergens", None) is None
    again = Forum(world, Answers(kept))  # after a restart
    assert again.post(later, made["id"]) == forum.post(later, made["id"])
    moved = again.latest_posts(later, None)["latest_posts"]
    assert [each["id"] for each in moved][:5] == [each["id"] + 1 for each in coming][:5]


# --- how it is read -------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def few_days(world: World) -> World:
    """The conversations that began in the last days."""
    begun = {one.number for one in world.utterances if ANCHOR - timedelta(days=DAYS) <= one.at <= ANCHOR}
    return World(ANCHOR, tuple(one for one in world.utterances if one.thread in begun))


@contextmanager
def served(world: World, clock: Callable[[], datetime]) -> Iterator[int]:
    """The example's server on a free port of loopback."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        settings = uvicorn.Config(make_app(world, clock), log_level="error", access_log=False)
        server = uvicorn.Server(settings)
        listening.listen()
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join(timeout=30)


def configured(folder: Path, port: int) -> Config:
    """The configuration as shipped, in a folder of its own."""
    shutil.copy(Path(__file__).parents[2] / "config.yaml", folder)
    return load_config(folder / "config.yaml", {PORT_VARIABLE: str(port)})


async def live(config: Config, world: World, folder: Path, base_url: str, clock: Clock) -> None:
    """Collect every source three times a day, as files are dropped and the forum and the news go on."""
    for name in ("posts", "reviews", "mail"):
        (folder / "data" / "example" / name).mkdir(parents=True)
    with compose.opened(config, clock=clock, durable=False) as store:
        async with outside.collecting(store, config.collect_settings(), clock=clock) as collector:
            last = clock.now
            while last < ANCHOR:
                now = min(ANCHOR, last + timedelta(hours=8))
                drop_files(world, folder / "data" / "example", last, now, base_url)
                last, clock.now = now, now + timedelta(minutes=1)  # a file is read when it has settled
                for source in config.sources:
                    report = await collector.collect(source, now=clock())
                    assert not report.failed, (source.id, report.health.text)


def squeezed(text: str | None) -> str:
    return " ".join((text or "").split())


@pytest.mark.slow
async def test_a_few_days_of_it_are_stored_once_each_as_they_were_said(world: World, tmp_path: Path) -> None:
    days = few_days(world)
    clock = Clock(ANCHOR - timedelta(days=DAYS, hours=1))
    with served(days, clock) as port:
        config = configured(tmp_path, port)
        await live(config, days, tmp_path, f"http://127.0.0.1:{port}/", clock)
    store = open_store(config.database)
    with store.read() as conn:
        rows = conn.execute(select(mention)).all()
        edits = len(conn.execute(select(mention_edit)).all())
    store.close()
    expected = 0
    for channel, source_id in SOURCES.items():
        said = days.until(ANCHOR, channel)
        if channel is Channel.NEWS:  # only what names the brand or its rival is kept of the news
            said = [one for one in said if {"lumerik", "voltade"} & set(words(one))]
        found = [row for row in rows if row.source_id == source_id]
        assert Counter(squeezed(row.text) for row in found) == Counter(squeezed(one.text) for one in said), source_id
        assert len({(row.external_id, row.namespace) for row in found}) == len(said)
        assert Counter(row.published_at.replace(microsecond=0) for row in found) == Counter(
            one.at.replace(microsecond=0) for one in said
        )
        expected += len(said)
    assert expected == len(rows) > 40
    known = {one.number for one in days.utterances if any(edit.at <= ANCHOR for edit in one.edits)}
    assert edits <= len(known)
    threads = Counter(one.thread for one in days.until(ANCHOR, Channel.FORUM))
    talks = {row.conversation_id for row in rows if row.source_id == "forum"}
    assert len(talks) == len(threads), "a topic of the forum is one conversation"


def words(one: Any) -> list[str]:
    text = f"{one.title} {one.text}".lower()
    return ["lumerik" if "lumerik" in text else "", "voltade" if "voltade" in text else ""]
