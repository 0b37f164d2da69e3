"""Against a stateful YouTube on loopback, through the real collector, client, store and outbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.contract import Action, ActionKind, ActionResult
from connectors.requests import HttpRequest, HttpResponse, Request
from pipeline.performing import together
from pipeline.settings import SourceSettings
from store.coverage import open_gaps
from store.engine import Store
from tests.conftest import Clock
from tests.connectors.loopback import Answer, listening
from tests.connectors.youtube_site import CHANNEL, VIDEO, Site, Video, error
from tests.pipeline.bench import client
from tests.replying.elsewhere import Elsewhere
from tests.replying.house import ANSWER

LOGIN = {"client_id": "client", "client_secret": "geheim", "refresh_token": "refresh-1"}


@pytest.fixture
def site(clock: Clock) -> Site:
    made = Site(clock, page_size=100)
    made.videos[VIDEO] = Video(VIDEO, "Acme legt uit", clock() - timedelta(hours=3), CHANNEL)
    return made


@pytest.fixture
def url(site: Site) -> Iterator[str]:
    with listening(site.handle) as address:
        yield address


def options(url: str, **more: Any) -> dict[str, Any]:
    return {"api_url": f"{url}/youtube/v3", "token_url": f"{url}/token", **more}


@pytest.fixture
def house(store: Store, clock: Clock, url: str) -> Iterator[Elsewhere]:
    source = SourceSettings(
        id="tube", connector="youtube", match="all", options=options(url, channel_id=CHANNEL, **LOGIN)
    )
    made = Elsewhere(store, clock, source)
    yield made
    made.close()


def reading(store: Store, clock: Clock, url: str, **more: Any) -> Elsewhere:
    source = SourceSettings(id="tube", connector="youtube", match="all", options=options(url, **more))
    return Elsewhere(store, clock, source)


async def test_a_thread_of_more_than_five_replies_is_read_whole_and_once(
    house: Elsewhere, site: Site, clock: Clock
) -> None:
    first = site.comment("Doet Acme het offline?", ago=timedelta(hours=2))
    for number in range(130):
        site.comment(f"ik ook {number}", to=first, ago=timedelta(minutes=100) - timedelta(seconds=number))
    site.comment("Ja hoor", to=first, author=CHANNEL)
    clock.step(minutes=1)
    await house.collect()
    assert len(house.kept()) == 132
    assert house.kept()[first.id].thread_external_id == first.id
    assert [row.text for row in house.own()] == ["Ja hoor"]
    calls = len(site.calls)
    clock.step(minutes=6)
    await house.collect()
    assert len(house.kept()) == 132
    assert len(site.calls) - calls == 2  # one page of threads for each line of work: no reply was asked again


async def test_a_late_reply_to_an_old_thread_and_an_edit_are_seen(house: Elsewhere, site: Site, clock: Clock) -> None:
    first = site.comment("Oude vraag", ago=timedelta(hours=20))
    await house.collect()
    site.comment("Ik heb dat ook", to=first)
    first.text, first.edited = "Oude vraag, nog steeds", clock()
    clock.step(minutes=6)
    await house.collect()
    assert {row.text for row in house.kept().values()} == {"Oude vraag, nog steeds", "Ik heb dat ook"}
    assert house.kept()[first.id].edited_at is not None


async def test_a_login_that_runs_out_is_renewed_and_nothing_is_missed(
    house: Elsewhere, site: Site, clock: Clock
) -> None:
    site.comment("een")
    clock.step(minutes=1)
    await house.collect()
    site.tokens.clear()
    site.comment("twee")
    clock.step(minutes=6)
    await house.collect()
    assert {row.text for row in house.kept().values()} == {"een", "twee"}


async def test_a_revoked_login_asks_for_a_person(house: Elsewhere, site: Site) -> None:
    site.refresh_token = "another"
    report = await house.collector.collect(house.source)
    assert report.health.state == "login"
    assert "klankbord connect youtube" in report.health.text


async def test_a_limit_is_waited_out_and_a_spent_quota_until_midnight_in_california(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = reading(store, clock, url, channel_id=CHANNEL, api_key="the-key")
    site.comment("een")
    site.next_answers = [lambda _: error(429, "rateLimitExceeded")]
    clock.step(minutes=1)
    report = await house.collector.collect(house.source)
    assert report.health.state == "waiting"
    clock.step(minutes=2)
    site.most_units = site.units
    report = await house.collector.collect(house.source)
    assert report.not_before is not None
    assert report.not_before.isoformat() == "2026-03-11T07:00:00+00:00"  # midnight there, summer time
    clock.step(hours=22)
    site.most_units = 20_000
    await house.collect()
    assert [row.text for row in house.kept().values()] == ["een"]
    house.close()


async def test_a_page_token_that_ran_out_costs_a_second_reading_and_loses_nothing(
    house: Elsewhere, site: Site, clock: Clock
) -> None:
    site.page_size = 10
    for number in range(35):
        site.comment(f"bericht {number}", ago=timedelta(minutes=200 - number))
    site.stale_page_tokens = True
    clock.step(minutes=1)
    await house.collect()
    assert len(house.kept()) == 35


async def test_chosen_videos_are_read_and_one_with_closed_comments_stops_no_other(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    other = "ZzZzZzZzZzZ"
    site.videos[other] = Video(other, "Review", clock() - timedelta(days=2))
    house = reading(store, clock, url, videos=[VIDEO, other], api_key="the-key")
    site.comment("Acme is top", video=other)
    clock.step(minutes=1)
    site.videos[VIDEO].closed = True
    await house.collect()
    assert {row.text for row in house.kept().values()} >= {"Acme is top"}
    del site.videos[VIDEO]
    clock.step(minutes=6)
    await house.collect()
    assert house.kept()[VIDEO].deleted_at is not None
    house.close()


async def test_searched_videos_have_their_whole_text_and_wait_until_the_days_searches_allow(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    site.videos = {}
    for number in range(70):
        key = f"video-{number:05d}"
        site.videos[key] = Video(key, f"Acme & co #{number}", clock() - timedelta(minutes=10 * number + 1))
    house = reading(store, clock, url, terms=["acme", "acmé"], api_key="the-key")
    report = await house.collector.collect(house.source)
    assert len(house.kept()) == 70
    assert house.kept()["video-00003"].title == "Acme & co #3"
    assert site.searches == 4
    assert report.wish is not None
    assert report.wish >= timedelta(minutes=30)
    house.close()


@pytest.mark.slow
async def test_the_days_searches_are_never_exceeded_and_what_was_not_searched_stays_open(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    house = reading(store, clock, url, terms=["acme"], searches_per_day=6, api_key="the-key")
    site.page_size, site.videos = 50, {}
    zone, searched = ZoneInfo("America/Los_Angeles"), Counter[date]()
    for number in range(60):  # thirty hours: twenty new videos every half hour, far more than six pages a day show
        for minute in range(20):
            key = f"v{number:05d}-{minute:03d}."
            site.videos[key] = Video(key, f"Acme {key}", clock() - timedelta(minutes=minute + 1))
        before, day = site.searches, clock().astimezone(zone).date()
        site.searches = 0
        await house.collector.collect(house.source)
        searched[day] += site.searches
        site.searches += before
        clock.step(minutes=30)
    assert max(searched.values()) == 6
    gaps = open_gaps(store, "tube", "search:acme")
    assert gaps
    have = [row.published_at for row in house.kept().values()]
    for video in site.videos.values():
        missing = video.id not in house.kept() and video.at < max(have)
        assert not missing or any(gap.span.start <= video.at < gap.span.end for gap in gaps), video
    house.close()


async def test_a_spent_budget_of_units_leaves_room_for_an_answer(
    store: Store, site: Site, clock: Clock, url: str
) -> None:
    limited = options(url, channel_id=CHANNEL, **LOGIN, units_per_day=70)
    source = SourceSettings(id="tube", connector="youtube", match="all", options=limited, kept_for_answers=0.8)
    house = Elsewhere(store, clock, source)
    question = site.comment("Werkt Acme offline?")
    for _ in range(10):
        clock.step(minutes=6)
        await house.collect()
    assert site.units <= 14
    token, number = house.agent(), house.conversation_of(question.id)
    house.send(token, number)
    house.hurry()
    await house.work()
    assert house.of(token, number).state == "sent"
    assert site.units <= 70
    house.close()


async def test_a_removal_is_told_by_asking_for_the_ids(house: Elsewhere, site: Site, clock: Clock) -> None:
    stays, goes = site.comment("blijft"), site.comment("gaat")
    clock.step(minutes=1)
    await house.collect()
    site.comments.remove(goes)
    address = house.kept()[stays.id].url
    clock.step(days=8)
    site.tokens.clear()
    await house.recheck()
    kept = house.kept()
    assert (kept[goes.id].deleted_at is None, kept[stays.id].deleted_at is None) == (False, True)
    assert not kept[goes.id].text
    assert (kept[stays.id].url, kept[stays.id].last_seen_at) == (address, kept[goes.id].deleted_at)


async def asked(house: Elsewhere, site: Site, text: str = "Werkt Acme offline?") -> tuple[str, int]:
    question = site.comment(text)
    house.clock.step(minutes=1)
    await house.collect()
    return question.id, house.conversation_of(question.id)


async def test_an_answer_goes_out_stands_there_comes_back_and_counts_once(house: Elsewhere, site: Site) -> None:
    question, number = await asked(house, site)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.work()
    (there,) = [each for each in site.comments if each.author == CHANNEL]
    assert (there.parent, there.text) == (question, ANSWER)
    house.clock.step(minutes=6)
    await house.collect()
    (own,) = house.own()
    view = house.of(token, number)
    assert (view.state, own.external_id, view.own_mention_id) == ("sent", there.id, own.id)
    assert len(house.answers(number)) == 1


async def test_an_answer_whose_fate_is_unknown_is_found_again_among_the_replies(house: Elsewhere, site: Site) -> None:
    _, number = await asked(house, site)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    site.next_answers = [lambda call: Answer(silent=True) if site.handle(call) else None]
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len([each for each in site.comments if each.author == CHANNEL]) == 1


async def test_an_answer_to_a_reply_hangs_under_the_first_comment_and_names_whom_it_answers(
    house: Elsewhere, site: Site
) -> None:
    question, _ = await asked(house, site)
    reply = site.comment("Bij mij ook", to=next(each for each in site.comments if each.id == question))
    house.clock.step(minutes=6)
    await house.collect()
    connector = house.collector.connector(house.source)
    row = house.kept()[reply.id]
    wish = Action(ActionKind.REPLY, reply.id, "k", author_handle="jo-example", text="Dank", extra=row.extra)
    request = connector.act(wish)
    assert isinstance(request, HttpRequest)
    assert request.json == {"snippet": {"parentId": question, "textOriginal": "@jo-example Dank"}}
    assert not request.safe_to_repeat
    assert request.price == {"units": 50}


async def test_a_comment_is_hidden_and_our_own_taken_back(house: Elsewhere, site: Site) -> None:
    question, _ = await asked(house, site)
    ours = site.comment("Foutje", author=CHANNEL)
    connector = house.collector.connector(house.source)
    async with client(house.clock) as asking:
        for kind, key in ((ActionKind.HIDE, question), (ActionKind.DELETE_OWN, ours.id)):
            wish = Action(kind, key, "k")
            result = connector.acted(wish, await asking.fetch(connector.act(wish)))  # type: ignore[arg-type]
    assert [each.external_id for each in result.deleted] == [ours.id]
    assert [(each.id, each.status) for each in site.comments] == [(question, "heldForReview")]


async def test_a_thread_is_fetched_with_its_first_comment_and_all_replies(house: Elsewhere, site: Site) -> None:
    first = site.comment("Vraag")
    replies = [site.comment(f"antwoord {number}", to=first) for number in range(8)]
    connector = house.collector.connector(house.source)
    connector.refreshed(await renewed(connector, house))
    wish = Action(ActionKind.FETCH_THREAD, replies[0].id, "k", extra={"top": first.id, "video": VIDEO})
    request: Request | None = connector.act(wish)
    whole: ActionResult | None = None
    async with client(house.clock) as asking:
        while request is not None:
            result = connector.acted(wish, await asking.fetch(request))  # type: ignore[arg-type]
            whole = result if whole is None else together(whole, result)
            request = result.next
    assert whole is not None
    assert {each.external_id for each in whole.items} == {first.id, *(each.id for each in replies)}
    assert whole.parent == first.id


async def renewed(connector: Any, house: Elsewhere) -> HttpResponse:
    async with client(house.clock) as asking:
        return await asking.fetch(connector.refresh())
