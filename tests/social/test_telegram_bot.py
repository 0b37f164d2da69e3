"""Connecting a bot, its options, and what a message of every kind becomes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.connecting import Ask, Call, Choose, Connected, Tell, Tone
from connectors.contract import Action, ActionKind
from connectors.errors import AuthDead, BadRequest, Forbidden
from connectors.items import Item, Kind, Visibility
from connectors.requests import HttpRequest, HttpResponse
from connectors.telegram import Telegram, TelegramOptions
from connectors.telegram.reading import LONGEST, Us, read, with_context
from tests.social.api_server import Asked
from tests.social.telegram_server import BOT, CHANNEL, GROUP, PIET, PRIVATE, TOKEN, TelegramServer

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
US = Us("123456789", "acme_bot", frozenset({"sanne"}))


def heard(server: TelegramServer, request: HttpRequest) -> HttpResponse:
    path = request.url.replace("{secret}", request.secret or "").removeprefix("https://api.telegram.org")
    answer = server.answer(Asked(request.method, path, path, dict(request.params), {}, request.json, {}))
    return HttpResponse(request, answer.status, {}, orjson.dumps(answer.body), request.url, NOW)


def connected(server: TelegramServer, token: str = TOKEN, choice: str = "remove") -> tuple[list[Tell], Connected]:
    """Play the person and the platform."""
    told: list[Tell] = []
    steps = Telegram.connect()
    step = next(steps)
    answer: Any = None
    while True:
        match step:
            case Ask():
                answer = {"token": token, "api_url": ""}
            case Call(request):
                answer = heard(server, request)
            case Choose():
                answer = (choice,)
            case Tell():
                told.append(step)
                answer = None
        try:
            step = steps.send(answer)
        except StopIteration as ended:
            return told, ended.value


def test_connecting_says_what_works_and_how_privacy_mode_is_left() -> None:
    told, made = connected(TelegramServer(lambda: NOW))
    assert made == Connected({"token": TOKEN}, {}, "@acme_bot")
    assert "setprivacy" in " ".join(one.text for one in told if one.tone is Tone.LACKS)
    assert TOKEN not in repr(made)
    assert all(TOKEN not in one.text for one in told)


def test_connecting_takes_a_webhook_away_only_after_a_yes() -> None:
    server = TelegramServer(lambda: NOW, webhook="https://other.example/hook")
    with pytest.raises(BadRequest, match="another bot"):
        connected(server, choice="keep")
    assert server.webhook
    connected(server)
    assert not server.webhook


def test_connecting_with_a_wrong_token_says_so() -> None:
    with pytest.raises(BadRequest, match="no bot token"):
        connected(TelegramServer(lambda: NOW), token="hello")
    with pytest.raises(AuthDead, match="BotFather"):
        connected(TelegramServer(lambda: NOW), token="1234567:another-token-of-nobody")


def test_a_source_without_a_token_uses_the_kept_one_and_asks_for_one_before() -> None:
    connector = Telegram(TelegramOptions())
    wish = Action(ActionKind.LIKE, "1:2", "k", extra={"chat_id": "1", "message_id": 2})
    with pytest.raises(AuthDead, match="klankbord connect telegram"):
        connector.act(wish)
    connector.login_taken({"token": TOKEN})
    request = connector.act(wish)
    assert isinstance(request, HttpRequest)
    assert request.secret == TOKEN
    assert TOKEN not in request.url
    assert TOKEN not in repr(request)


@pytest.mark.parametrize(
    "options", [{"token": 5}, {"api_url": "ftp://x"}, {"api_url": "https://x/?a=1"}, {"wait": 60}, {"odd": 1}]
)
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TelegramOptions.model_validate(options)


def item(
    chat: dict[str, Any], text: str = "hallo", *, by: dict[str, Any] = PIET, may_delete: bool = False, **more: Any
) -> Item:
    message = {"message_id": 42, "from": by, "chat": chat, "date": 1_773_136_800, "text": text, **more}
    return read(with_context(message, US, may_delete=may_delete))


def test_what_can_be_done_is_said_per_message() -> None:
    private, group, channel = item(PRIVATE), item(GROUP, may_delete=True), item(CHANNEL)
    assert (private.capabilities.can_reply, private.capabilities.can_hide) == (True, False)
    assert (group.capabilities.can_reply, group.capabilities.can_hide) == (True, True)
    assert not channel.capabilities.can_reply
    assert "discussion group" in (channel.capabilities.why_not_reply or "")
    business = item(PRIVATE, business_connection_id="b1")
    assert (business.capabilities.can_reply, business.capabilities.can_like) == (True, False)
    assert business.namespace == "business-b1"
    assert (private.kind, private.visibility) == (Kind.MESSAGE, Visibility.PRIVATE)


def test_who_writes_for_the_brand_is_known_by_account() -> None:
    assert not item(GROUP).is_own
    assert item(GROUP, by=BOT).is_own
    assert item(GROUP, by={**PIET, "username": "Sanne"}).is_own
    assert item(GROUP, sender_chat=GROUP).is_own
    assert item(CHANNEL).is_own
    assert item(PRIVATE, business_connection_id="b1", by={**PIET, "id": 9}).is_own
    assert not item(PRIVATE, business_connection_id="b1").is_own


def test_in_a_group_what_names_or_answers_the_bot_is_addressed() -> None:
    assert item(PRIVATE).addressed
    assert not item(GROUP).addressed
    assert item(GROUP, "hoi @Acme_Bot").addressed
    assert item(GROUP, reply_to_message={"message_id": 1, "chat": GROUP, "date": 5, "from": BOT}).addressed


def test_a_topic_is_a_thread_and_is_answered_there() -> None:
    opened = {"message_id": 7, "chat": GROUP, "date": 5, "forum_topic_created": {"name": "Storing"}}
    found = item(GROUP, message_thread_id=7, is_topic_message=True, reply_to_message=opened)
    assert (found.thread_external_id, found.parent_external_id) == ("-1001234567890:7", None)
    assert found.url == "https://t.me/acmehulp/7/42"
    wish = Action(ActionKind.REPLY, found.external_id, "k", text="Dank", extra=found.extra)
    request = Telegram(TelegramOptions.model_validate({"token": TOKEN})).act(wish)
    assert isinstance(request, HttpRequest)
    assert isinstance(request.json, dict)
    assert request.json["message_thread_id"] == 7
    assert not request.safe_to_repeat


@given(st.text(min_size=1, max_size=6000))
def test_what_fits_in_the_unit_is_sent_and_what_does_not_is_refused(text: str) -> None:
    connector = Telegram(TelegramOptions.model_validate({"token": TOKEN}))
    wish = Action(ActionKind.REPLY, "1:2", "k", text=text, extra={"chat_id": "1", "message_id": 2})
    units = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if text.strip() and units <= LONGEST:
        assert connector.act(wish)
    else:
        with pytest.raises(BadRequest):
            connector.act(wish)


def test_a_chat_cannot_be_read_back() -> None:
    connector = Telegram(TelegramOptions.model_validate({"token": TOKEN}))
    for kind in (ActionKind.FETCH_THREAD, ActionKind.RECHECK):
        with pytest.raises(Forbidden, match="look into the chat"):
            connector.act(Action(kind, "1:2", "k", extra={"chat_id": "1", "message_id": 2}))
    with pytest.raises(BadRequest, match="without its chat"):
        connector.act(Action(ActionKind.LIKE, "1:2", "k"))
