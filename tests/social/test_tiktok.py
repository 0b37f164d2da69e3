"""Against TikTok's Business API on loopback, through the real collector, client and store."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from store.engine import Store
from store.schema import quarantine
from tests.conftest import Clock
from tests.social.api_server import Answer, served
from tests.social.home import Home
from tests.social.tiktok_server import BUSINESS, LINK, OTHER, VIDEO, TikTokServer, refusal

pytestmark = pytest.mark.slow

LOGIN = {"token": "t-1", "refresh_token": "r-1", "client_id": "app", "client_secret": "geheim-5"}
SHORT = "We kijken ernaar, stuur je ons een bericht?"


@pytest.fixture
def server(clock: Clock) -> TikTokServer:
    return TikTokServer(clock)


@pytest.fixture
def home(store: Store, clock: Clock, server: TikTokServer) -> Iterator[Home]:
    with served(server) as url:
        options = {"business_id": BUSINESS, "username": "acme", "api_url": url, **LOGIN}
        made = Home(store, clock, "tiktok", options)
        yield made
        made.close()


def calls(server: TikTokServer, path: str) -> int:
    return sum(path in each.path for each in server.asked)


async def test_comments_and_answers_hang_under_our_video(home: Home, server: TikTokServer, clock: Clock) -> None:
    first = server.says("past het?")
    second = server.says("wil ik ook weten", "piet", to=first)
    await home.read()
    video, one, two = home.mention(VIDEO), home.mention(first), home.mention(second)
    assert (video.direction, video.text, video.url) == ("outbound", "Nieuwe schoenen", LINK)
    assert (one.parent_external_id, one.thread_external_id, one.url) == (VIDEO, VIDEO, LINK)
    assert (two.parent_external_id, two.thread_external_id) == (first, VIDEO)
    clock.step(minutes=6)
    report = await home.read()
    assert report.queries[0].tally.new == 0
    assert home.gaps("comments") == []


async def test_all_comments_and_all_answers_are_read_page_by_page(
    home: Home, server: TikTokServer, clock: Clock
) -> None:
    keys = [server.says(f"reactie {number}") for number in range(95)]
    for number in range(70):
        server.says(f"antwoord {number}", to=keys[3])
    await home.read()
    assert len(home.mentions()) == 166
    clock.step(minutes=6)
    server.says("nog een antwoord op een oude", to=keys[0])
    await home.read()
    assert len(home.mentions()) == 167


async def test_a_video_on_which_nothing_happened_costs_one_call(home: Home, server: TikTokServer, clock: Clock) -> None:
    server.says("past het?")
    await home.read()
    clock.step(minutes=2)
    before = len(server.asked)
    await home.read()
    assert len(server.asked) == before + 1
    clock.step(minutes=1)
    server.says("en in het blauw?")
    await home.read()
    assert len(home.mentions()) == 3
    clock.step(timedelta(days=8))
    await home.read()
    assert len(home.mentions()) == 3


async def test_what_grew_is_read_down_to_what_is_known_and_no_further(
    home: Home, server: TikTokServer, clock: Clock
) -> None:
    for number in range(200):
        server.says(f"reactie {number}")
        clock.step(seconds=1)
    await home.read()
    full = calls(server, "comment/list")
    clock.step(minutes=2)
    server.says("nieuw")
    await home.read()
    assert calls(server, "comment/list") == full + 1
    assert len(home.mentions()) == 202


async def test_a_token_that_ran_out_is_renewed_and_rotates(home: Home, server: TikTokServer, clock: Clock) -> None:
    key = server.says("past het?")
    for _ in range(3):
        server.token = f"{server.token}-over"
        clock.step(minutes=30)
        report = await home.read()
        assert report.queries[0].trouble is None
    assert home.mention(key)
    kept = home.collector.connector(home.source).login_to_keep()
    assert kept is not None
    assert (kept["access_token"], kept["refresh_token"]) == (server.token, server.refresh)


async def test_an_answer_goes_under_the_comment_and_is_ours(home: Home, server: TikTokServer, clock: Clock) -> None:
    first = server.says("past het?")
    second = server.says("ik ook", "piet", to=first)
    await home.read()
    token, number = await home.answer(second, SHORT)
    (there,) = server.ours()
    assert (there["text"], there["parent_comment_id"]) == (SHORT, first)
    assert home.of(token, number).state == "sent"
    clock.step(minutes=6)
    await home.read()
    assert [each.external_id for each in home.own()] == [VIDEO, there["comment_id"]]
    assert len(home.answers(number)) == 1
    assert await home.press("like", second, token) == "sent"
    assert server.likes == [second]
    assert await home.press("hide", second, token) == "sent"
    assert server.comments[second]["status"] == "HIDDEN"
    assert await home.press("delete_own", there["comment_id"], token) == "sent"
    assert server.ours() == []


@pytest.mark.parametrize("fate", ["lost", "unheard", "failing"])
async def test_an_answer_nobody_knows_of_is_looked_for_and_stands_there_once(
    home: Home, server: TikTokServer, fate: str
) -> None:
    first = server.says("past het?")
    await home.read()
    server.fates.append(fate)
    token, number = await home.answer(first, SHORT)
    await home.until_quiet()
    assert home.of(token, number).state == "sent"
    assert len(server.ours()) == 1


async def test_a_write_with_an_unknown_code_is_looked_for_too(home: Home, server: TikTokServer) -> None:
    first = server.says("past het?")
    await home.read()
    server.faults.append(refusal(40999, "something new"))
    token, number = await home.answer(first, SHORT)
    assert home.of(token, number).state == "unknown"
    await home.until_quiet()
    assert home.of(token, number).state == "sent"
    assert len(server.ours()) == 1


async def test_a_recheck_sees_a_removal(home: Home, server: TikTokServer) -> None:
    stays, goes = server.says("blijft"), server.says("scheldwoord", "piet")
    await home.read()
    server.removes(goes)
    token = home.agent()
    for key in (stays, goes):
        home.inbox.replies.recheck(token, home.mention(key).id)
        home.hurry()
        await home.work()
    assert home.mention(goes).deleted_at is not None
    assert home.mention(stays).deleted_at is None


async def test_a_video_whose_comments_are_closed_to_us_is_set_aside_and_stops_nothing(
    home: Home, server: TikTokServer
) -> None:
    key = server.says("onder de open video")
    server.closed = {OTHER}
    report = await home.read()
    assert report.health.state == "ok"
    assert home.mention(key).text == "onder de open video"
    with home.store.read() as conn:
        assert conn.execute(select(quarantine.c.external_id)).scalars().all() == [OTHER]


async def test_an_account_of_which_no_video_can_be_read_is_refused(home: Home, server: TikTokServer) -> None:
    key = server.says("nog dicht")
    server.closed = {VIDEO}
    report = await home.read()
    assert report.health.error_class == "Forbidden"
    server.closed = set()
    await home.read()
    assert home.mention(key).text == "nog dicht"


async def test_a_request_to_wait_lasts_a_minute_and_nothing_is_lost(
    home: Home, server: TikTokServer, clock: Clock
) -> None:
    keys = [server.says(f"reactie {number}") for number in range(65)]
    await home.collector.collect(home.source.model_copy(update={"max_pages": 2}))
    server.faults.append(refusal(40100, "Too many requests"))
    report = await home.read()
    assert report.not_before == clock() + timedelta(seconds=60)
    clock.step(minutes=2)
    await home.read()
    clock.step(minutes=2)
    await home.read()
    assert {each.external_id for each in home.mentions()} >= set(keys)
    assert home.gaps("comments") == []


@pytest.mark.parametrize(
    "case",
    [
        (refusal(40001, "No permission"), "Forbidden", "scopes"),
        (refusal(40002, "video_id: odd"), "BadRequest", "odd"),
        (refusal(40999, "something new"), "BadRequest", "something new"),
        (refusal(50000, "internal"), "Transient", "trouble"),
        (Answer("<html>Bad gateway</html>", 502), "Transient", "trouble"),
        (Answer("<html>Log in</html>"), "FormatChanged", "web page"),
        (Answer({"hello": "world"}), "FormatChanged", "without a code"),
        (Answer({"code": 0, "data": {"videos": 5}}), "FormatChanged", "list of videos"),
        (Answer({"code": 0, "data": {"videos": [], "cursor": 0, "has_more": True}}), "FormatChanged", "does not page"),
        (Answer([1]), "FormatChanged", "without a code"),
    ],
)
async def test_every_error_is_named_and_passes(
    home: Home, server: TikTokServer, clock: Clock, case: tuple[Answer, str, str]
) -> None:
    answer, error, words = case
    key = server.says("past het?")
    server.faults.append(answer)
    report = await home.read()
    trouble = report.queries[0].trouble
    assert trouble is not None
    assert trouble.error_class == error
    assert words in trouble.text
    assert "geheim-5" not in trouble.text
    clock.step(hours=2)
    await home.read()
    assert home.mention(key)


async def test_a_login_that_cannot_be_renewed_asks_for_a_person(home: Home, server: TikTokServer) -> None:
    server.token, server.refresh = "other", "other"
    report = await home.read()
    trouble = report.queries[0].trouble
    assert trouble is not None
    assert trouble.error_class == "AuthDead"
    assert "connect the account again" in trouble.text


async def test_odd_comments_are_read_or_set_aside_and_block_nothing(
    home: Home, server: TikTokServer, store: Store
) -> None:
    first = server.says("😀👩‍👩‍👧")
    good = [
        first,
        server.says("שלום شكرا"),
        server.says("zonder naam", username=None, user_id=None, unique_identifier=None, display_name=None),
        server.says("op iets dat weg is", parent_comment_id="12"),
        server.says("uit de toekomst", create_time=4_000_000_000),
        server.says("uit 1970", create_time="0"),
        server.says("nieuwe soort", status="SET_ON_FIRE", zz={"a": 1}),
        server.says(None, image_uri="https://media.example/1.jpg"),
    ]
    odd = server.says(None)
    await home.read()
    kept = {each.external_id for each in home.mentions()}
    # An answer to a removed comment stands under nothing that TikTok lists.
    assert {key for key in good if key != good[3]} <= kept
    assert odd not in kept
    with store.read() as conn:
        (aside,) = conn.execute(quarantine.select()).all()
    assert "neither words nor a picture" in aside.error
