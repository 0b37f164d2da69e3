"""Pictures that are sent to the bot: asked for by getFile, and fetched with the token, which is seen nowhere."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest

from pipeline.pictures.fetching import Pictures
from store import pictures
from store.engine import Store
from tests.conftest import Clock
from tests.pictures.making import photo
from tests.social.api_server import served
from tests.social.home import Home
from tests.social.telegram_server import PRIVATE, TOKEN, TelegramServer

SIZES = [
    {"file_id": "klein", "file_unique_id": "a", "width": 90, "height": 60},
    {"file_id": "AgACAgQAAxkB-groot_1", "file_unique_id": "b", "width": 1280, "height": 853},
]


@pytest.fixture
def server(clock: Clock) -> TelegramServer:
    return TelegramServer(clock)


@pytest.fixture
async def home(store: Store, clock: Clock, server: TelegramServer) -> AsyncIterator[Home]:
    with served(server) as url:
        made = Home(store, clock, "telegram", {"token": TOKEN, "wait": 0, "api_url": url})
        yield made
        made.close()


async def _work(home: Home) -> None:
    fetching = Pictures(home.collector, [home.source])
    await fetching.tick()
    await fetching.settled()
    await fetching.drain(home.deliverer._settings.margin)


async def test_a_photograph_is_fetched_in_two_calls_and_the_token_stays_with_us(
    home: Home, server: TelegramServer, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.files["AgACAgQAAxkB-groot_1"] = ("photos/file_7.jpg", photo(1280, 853))
    server.says(PRIVATE, None, photo=SIZES, caption="zo kwam het aan")
    await home.read()
    await _work(home)
    (one,) = home.mentions()
    with store.read() as conn:
        (kept,) = pictures.of_mentions(conn, [one.id])[one.id]
        assert pictures.by_link(conn, kept.link, large=True)
    assert (kept.state, kept.width, kept.height) == ("kept", 1280, 853)
    assert [each.path.removeprefix(f"/bot{TOKEN}/").removeprefix(f"/file/bot{TOKEN}/") for each in server.asked][
        -2:
    ] == [
        "getFile",
        "photos/file_7.jpg",
    ]
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("path", [None, "/var/lib/telegram/photos/file_7.jpg", "../../getMe", "a b"])
async def test_a_path_that_is_none_is_given_up(
    home: Home, server: TelegramServer, store: Store, path: str | None
) -> None:
    server.files["AgACAgQAAxkB-groot_1"] = (path, photo())
    server.says(PRIVATE, "kijk", photo=SIZES)
    await home.read()
    await _work(home)
    (one,) = home.mentions()
    with store.read() as conn:
        (kept,) = pictures.of_mentions(conn, [one.id])[one.id]
    assert (kept.state, kept.reason) == ("left", "unreadable")


async def test_a_file_that_telegram_no_longer_knows_is_given_up(
    home: Home, server: TelegramServer, store: Store
) -> None:
    server.says(PRIVATE, "kijk", photo=SIZES)
    await home.read()
    await _work(home)
    (one,) = home.mentions()
    with store.read() as conn:
        (kept,) = pictures.of_mentions(conn, [one.id])[one.id]
    assert (kept.state, kept.reason) == ("left", "address")
