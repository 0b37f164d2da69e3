"""Against a stateful Reddit on loopback, through the real collector, client, store and outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connectors.contract import Action, ActionKind, ActionResult
from connectors.requests import Request
from pipeline.performing import together
from pipeline.settings import SourceSettings
from store.coverage import open_gaps
from store.engine import Store
from tests.conftest import Clock
from tests.connectors.loopback import Answer, Asked, listening
from tests.connectors.reddit_site import OURS, SUB, Site, Thing, message, refused
from tests.pipeline.bench import client
from tests.replying.elsewhere import Elsewhere
from tests.replying.house import ANSWER

pytestmark = pytest.mark.slow

LOGIN = {
    "approved": True,
    "username": OURS,
    "account_id": "t2_acme",
    "client_id": "app",
    "client_secret": "geheim",
    "refresh_token": "refresh-1",
}


@pytest.fixture
def site(clock: Clock) -> Site:
    return Site(clock)


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    with listening(site.handle) as address:
        yield address


def around(store: Store, clock: Clock, url: str, **options: Any) -> Elsewhere:
    addresses = {"api_url": url, "www_url": url}
    source = SourceSettings(id="reddit", connector="reddit", match="all", options={**addresses, **options})
    return Elsewhere(store, clock, source)


@pytest.fixture
def house(store: Store, clock: Clock, url: str) -> Iterator[Elsewhere]:
    made = around(store, clock, url, **LOGIN, terms=["acme"], own_subreddits=[SUB], inbox=True)
    yield made
    made.close()


async def later(house: Elsewhere, minutes: int = 6) -> None:
    house.clock.step(minutes=minutes)
    await house.collect()


async def test_posts_comments_and_messages_come_in_once_and_our_own_are_known(house: Elsewhere, site: Site) -> None:
    post = site.post("de app hapert")
    ours = site.comment("Wij kijken ernaar", post, author=OURS)
    answer = site.comment("dank u/acme_helpt", ours, to_us=True)
    private = site.write_to_us("mijn klantnummer is 123")
    await later(house)
    await later(house)
    kept = house.kept()
    assert set(kept) == {post.name, ours.name, answer.name, private.name}
    assert [row.external_id for row in house.own()] == [ours.name]
    assert kept[private.name].visibility == "private"
    assert kept[answer.name].thread_external_id == post.name
    assert kept[answer.name].parent_external_id == ours.name
    assert kept[answer.name].url.endswith(f"/{answer.name[3:]}/")


async def test_hundreds_of_posts_are_read_over_pages_and_beyond_a_thousand_it_says_what_is_lost(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = around(store, clock, url, **LOGIN, subreddits=[SUB])
    for _ in range(1100):
        clock.step(seconds=1)
        site.post("bericht")
    await later(house)
    assert len(house.kept()) == 1000
    gaps = [gap for gap in open_gaps(store, "reddit", f"posts:{SUB}") if gap.reason == "lost"]
    assert len(gaps) == 1
    assert "only the newest 1000" in gaps[0].text
    house.close()


async def test_an_edit_is_seen_and_a_removal_takes_the_words_away(house: Elsewhere, site: Site, clock: Clock) -> None:
    changed, gone = site.post("oud"), site.post("weg")
    await later(house)
    changed.text, changed.edited, gone.removed = "nieuw", clock(), "deleted"
    await later(house)
    assert "nieuw" in house.kept()[changed.name].text
    assert house.kept()[changed.name].edited_at is not None
    assert house.kept()[gone.name].deleted_at is not None


async def test_what_was_deleted_is_found_by_asking_many_at_once(house: Elsewhere, site: Site, clock: Clock) -> None:
    posts = [site.post(f"bericht {number}") for number in range(4)]
    remark = site.comment("opmerking", posts[0])
    await later(house)
    site.things.remove(posts[1])
    posts[2].text, posts[2].author = "[deleted]", "[deleted]"
    remark.removed = "moderator"
    clock.step(hours=37)
    calls = len(site.calls)
    await house.recheck()
    asked = [call.path for call in site.calls[calls:] if call.path != "/api/v1/access_token"]  # a login lives a day
    assert asked == ["/api/info"]
    kept = house.kept()
    gone = {name for name, row in kept.items() if row.deleted_at is not None}
    assert gone == {posts[1].name, posts[2].name, remark.name}
    assert not any(kept[name].text for name in gone)
    assert kept[posts[0].name].text


async def test_a_login_that_runs_out_is_renewed_and_nothing_is_missed(house: Elsewhere, site: Site) -> None:
    first = site.post("een")
    await later(house)
    site.tokens.clear()
    second = site.post("twee")
    await later(house)
    assert set(house.kept()) == {first.name, second.name}


async def test_a_revoked_login_asks_for_a_person(house: Elsewhere, site: Site) -> None:
    site.refresh_token = "another"
    report = await house.collector.collect(house.source)
    assert report.health.state == "login"
    assert "klankbord connect reddit" in report.health.text


async def test_a_limit_in_a_web_page_is_waited_out_by_its_seconds_left(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = around(store, clock, url, **LOGIN, subreddits=[SUB])
    post = site.post("een")
    house.collector.connector(house.source).refreshed(await renewed(house))

    def limited(asked: Asked) -> Answer:
        assert asked
        told = {"Content-Type": "text/html", "X-Ratelimit-Remaining": "0.0", "X-Ratelimit-Reset": "540"}
        return Answer(b"<html>Too Many Requests</html>", 429, told)

    site.next_answers = [limited]
    report = await house.collector.collect(house.source)
    assert report.health.state == "waiting"
    assert report.not_before == clock() + timedelta(seconds=540)
    await later(house, 10)
    assert set(house.kept()) == {post.name}
    house.close()


async def test_a_limit_that_the_headers_announce_is_not_run_into(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = around(store, clock, url, **LOGIN, subreddits=[SUB], terms=["acme"])
    post = site.post("Acme hapert")
    house.collector.connector(house.source).refreshed(await renewed(house))
    site.left, calls = 0.0, len(site.calls)
    report = await house.collector.collect(house.source)
    assert report.health.state == "waiting"
    assert len(site.calls) == calls + 1
    site.left = 598.0
    clock.step(seconds=303)
    await house.collect()
    assert set(house.kept()) == {post.name}
    house.close()


async def test_a_closed_subreddit_stops_only_its_own_line_of_work(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = around(store, clock, url, **LOGIN, subreddits=["geheim", SUB])
    post = site.post("een")

    def closed(asked: Asked) -> Answer | None:
        site.next_answers.append(closed)
        return message(403, "Forbidden", reason="private") if asked.path.startswith("/r/geheim") else None

    site.next_answers = [closed]
    clock.step(minutes=1)
    report = await house.collector.collect(house.source)
    assert post.name in house.kept()
    assert "private" in report.health.text
    house.close()


async def test_the_private_feeds_bring_the_same_ids_without_an_app_and_cannot_be_answered(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = around(store, clock, url, feed_user=OURS, feed_token="f33d", terms=["acme"], subreddits=[SUB])
    post = site.post("de app hapert & hapert")
    remark = site.comment("bij mij ook", post)
    await later(house)
    kept = house.kept()
    assert set(kept) == {post.name, remark.name}
    assert "hapert & hapert" in kept[post.name].text
    assert "submitted by" not in kept[post.name].text
    assert not kept[post.name].capabilities.get("can_reply")
    assert kept[remark.name].thread_external_id == post.name
    site.feed_token = "another"
    clock.step(minutes=6)
    report = await house.collector.collect(house.source)
    assert report.health.state == "login"
    assert "prefs/feeds" in report.health.text
    assert "f33d" not in report.health.text
    house.close()


async def asked(house: Elsewhere, site: Site, **more: Any) -> tuple[Any, int]:
    question = site.post("werkt Acme offline?", **more)
    await later(house)
    return question, house.conversation_of(question.name)


async def test_an_answer_goes_out_stands_there_comes_back_and_counts_once(house: Elsewhere, site: Site) -> None:
    question, number = await asked(house, site)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.work()
    (there,) = [each for each in site.things if each.author == OURS]
    assert (there.parent, there.text) == (question.name, ANSWER)
    await later(house)
    (own,) = house.own()
    view = house.of(token, number)
    assert (view.state, own.external_id, view.own_mention_id) == ("sent", there.name, own.id)
    assert len(house.answers(number)) == 1


async def test_a_private_message_is_answered_in_private(house: Elsewhere, site: Site) -> None:
    private = site.write_to_us("mijn klantnummer is 123")
    await later(house)
    token, number = house.agent(), house.conversation_of(private.name)
    house.send(token, number)
    house.hurry()
    await house.work()
    (there,) = [each for each in site.things if each.author == OURS]
    assert there.name.startswith("t4_")
    assert house.of(token, number).state == "sent"
    assert house.own()[0].visibility == "private"


@pytest.mark.parametrize("fate", ["unheard", "unshown"])
async def test_an_answer_whose_fate_is_unknown_is_found_among_our_own_comments(
    house: Elsewhere, site: Site, fate: str
) -> None:
    _, number = await asked(house, site)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    if fate == "unheard":
        site.next_answers = [lambda call: Answer(silent=True) if site.handle(call) else None]
    site.shy = fate == "unshown"
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len([each for each in site.things if each.author == OURS]) == 1


async def test_a_private_answer_of_unknown_fate_is_found_in_its_conversation(house: Elsewhere, site: Site) -> None:
    private = site.write_to_us("hallo")
    await later(house)
    token, number = house.agent(), house.conversation_of(private.name)
    house.send(token, number)
    house.hurry()
    site.next_answers = [lambda call: Answer(silent=True) if site.handle(call) else None]
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len([each for each in site.things if each.author == OURS]) == 1


async def test_doing_that_too_much_waits_as_long_as_reddit_says_and_a_locked_thread_is_told(
    house: Elsewhere, site: Site
) -> None:
    question, number = await asked(house, site)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    site.next_answers = [lambda _: refused("RATELIMIT", "try again in 9 minutes.", ratelimit=540.0)]
    await house.work()
    view = house.of(token, number)
    assert view.state == "queued"
    question.locked = True
    house.clock.step(seconds=541)
    await house.work()
    view = house.of(token, number)
    assert view.state == "failed"
    assert len([each for each in site.things if each.author == OURS]) == 0


async def test_a_post_is_removed_in_our_subreddit_and_our_own_comment_taken_back(house: Elsewhere, site: Site) -> None:
    post = site.post("scheldpartij")
    ours = site.comment("foutje", post, author=OURS)
    await later(house)
    connector = house.collector.connector(house.source)
    async with client(house.clock) as asking:
        for kind, key in ((ActionKind.HIDE, post.name), (ActionKind.DELETE_OWN, ours.name)):
            wish = Action(kind, key, "k", extra=house.kept()[key].extra)
            result = connector.acted(wish, await asking.fetch(connector.act(wish)))  # type: ignore[arg-type]
    assert [each.external_id for each in result.deleted] == [ours.name]
    assert [(each.name, each.removed) for each in site.things] == [(post.name, "moderator")]


async def test_a_thread_is_fetched_whole_with_what_was_folded_away_however_deep(house: Elsewhere, site: Site) -> None:
    post = site.post("vraag")
    deep = post
    for number in range(20):
        deep = site.comment(f"diep {number}", deep)
    for number in range(150):
        site.comment(f"breed {number}", post)
    site.unfolded = 30
    connector = house.collector.connector(house.source)
    connector.refreshed(await renewed(house))

    async def around(thing: Thing) -> ActionResult:
        wish = Action(ActionKind.FETCH_THREAD, thing.name, "k", extra={"link": post.name})
        request: Request | None = connector.act(wish)
        whole: ActionResult | None = None
        async with client(house.clock) as asking:
            while request is not None:
                result = connector.acted(wish, await asking.fetch(request))  # type: ignore[arg-type]
                whole = result if whole is None else together(whole, result)
                request = result.next
        assert whole is not None
        return whole

    assert {each.external_id for each in (await around(post)).items} == {each.name for each in site.things}
    chain = await around(deep)
    assert {each.external_id for each in chain.items} == {post.name, *(each.name for each in site.things[1:21])}
    assert chain.parent == deep.parent


async def renewed(house: Elsewhere) -> Any:
    async with client(house.clock) as asking:
        return await asking.fetch(house.collector.connector(house.source).refresh())  # type: ignore[arg-type]
