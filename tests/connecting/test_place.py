"""Which source a login is for, and what is said when it does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.connecting import Connected
from connectors.mastodon import Mastodon
from connectors.telegram import Telegram
from connectors.telegram.bot import TelegramOptions
from connectors.x import X
from klankbord.config import Config
from klankbord.connecting.person import Person
from klankbord.connecting.place import Place, in_the_way, missing, place_for, source_with
from klankbord.console import CommandError
from pipeline.settings import SourceSettings

TOKEN = "123456789:AAE-for_tests_only_ABCDEFGHIJKLMNOP"


def source(source_id: str, connector: str, **options: Any) -> SourceSettings:
    return SourceSettings(id=source_id, connector=connector, options=options)


def config(*sources: SourceSettings) -> Config:
    return Config(sources=sources)


def nobody() -> Person:
    return Person(terminal=False, environment={})


def test_the_first_source_of_a_platform_is_called_after_it_and_others_are_numbered() -> None:
    other = source("x", "hackernews")
    assert place_for(config(), "x", None, nobody()) == Place("x", "x", None)
    assert place_for(config(other), "x", None, nobody()) == Place("x-2", "x", None)


def test_a_source_that_is_there_is_renewed_only_by_name() -> None:
    ours = source("bird", "x")
    assert place_for(config(ours), "x", "bird", nobody()) == Place("bird", "x", ours)
    with pytest.raises(CommandError, match="klankbord connect x --source bird"):
        place_for(config(ours), "x", None, nobody())


@pytest.mark.parametrize("wanted", ["Bird", "../etc", "", "a b", "-x"])
def test_what_cannot_be_an_id_is_refused(wanted: str) -> None:
    with pytest.raises(CommandError, match="cannot be the id"):
        place_for(config(), "x", wanted, nobody())


def test_a_secret_of_the_source_that_hides_the_kept_one_is_named() -> None:
    connected = Connected({"token": TOKEN}, {}, "@acme_bot")
    assert in_the_way(TelegramOptions(), connected) == []
    assert in_the_way(TelegramOptions.model_validate({"token": TOKEN}), connected) == ["token"]


def test_what_a_login_makes_possible_and_the_source_does_not_say_is_named() -> None:
    ours = source("bird", "x", search=True)
    given = {"account": "acme", "account_id": "1", "search": True, "mentions": True, "messages": False}
    connected = Connected({}, given, "@acme")
    assert missing(Place("bird", "x", ours), connected) == {"account": "acme", "account_id": "1", "mentions": True}


def test_a_name_that_is_only_written_otherwise_is_the_same_account() -> None:
    ours = source("bird", "x", account="@Acme", account_id="1", search=True)
    given = {"account": "acme", "account_id": "1", "mentions": True}
    assert source_with(Place("bird", "x", ours), X, Connected({}, given, "@acme")) == ours


def test_another_number_is_another_account() -> None:
    ours = source("bird", "x", account="acme", account_id="1", search=True)
    connected = Connected({}, {"account": "acme", "account_id": "2"}, "@acme")
    with pytest.raises(CommandError, match="has account_id: 1, the login 2"):
        source_with(Place("bird", "x", ours), X, connected)


def test_a_login_for_one_of_several_instances_fits_and_one_for_none_of_them_does_not() -> None:
    ours = source("social", "mastodon", instances=[{"url": "one.example"}, {"url": "https://two.example/"}])
    place = Place("social", "mastodon", ours)

    def login(url: str) -> Connected:
        return Connected({}, {"instances": [{"url": url, "search": True}]}, "@acme")

    assert source_with(place, Mastodon, login("https://two.example")) == ours
    with pytest.raises(CommandError, match=r"url: https://one\.example, the login https://three\.example"):
        source_with(place, Mastodon, login("https://three.example"))


def test_options_that_the_connector_does_not_take_are_named_without_their_values() -> None:
    connected = Connected({}, {"token": TOKEN, "nonsense": "Secret-value"}, "@acme_bot")
    with pytest.raises(CommandError, match="nonsense") as refused:
        source_with(Place("telegram", "telegram", None), Telegram, connected)
    assert "Secret-value" not in str(refused.value)
