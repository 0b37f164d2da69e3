"""What the connector sends and what the tests answer, held against the platform's own description."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.conformance import MemoryCollector
from connectors.connecting import Ask, Call, Choose
from connectors.contract import Action, ActionKind
from connectors.items import Media
from connectors.requests import HttpRequest, HttpResponse
from connectors.telegram import Telegram, TelegramOptions
from connectors.telegram.content import SERVICE, WORDLESS
from connectors.telegram.updates import WANTED
from tests.connectors.contracts import contract, every_call_built
from tests.connectors.test_conformance_telegram import PublicGroup
from tests.social.api_server import Asked
from tests.social.telegram_server import BOT, GROUP, PIET, PRIVATE, TOKEN, TelegramServer

_SCALARS = {"Integer": int, "String": str, "Boolean": bool, "True": bool, "Float": float}

ABOUT = {
    "message_id",
    "message_thread_id",
    "direct_messages_topic",
    "from",
    "sender_chat",
    "sender_boost_count",
    "sender_business_bot",
    "sender_tag",
    "date",
    "guest_query_id",
    "business_connection_id",
    "chat",
    "forward_origin",
    "is_topic_message",
    "is_automatic_forward",
    "reply_to_message",
    "external_reply",
    "quote",
    "reply_to_story",
    "reply_to_checklist_task_id",
    "reply_to_poll_option_id",
    "via_bot",
    "guest_bot_caller_user",
    "guest_bot_caller_chat",
    "edit_date",
    "has_protected_content",
    "is_from_offline",
    "is_paid_post",
    "media_group_id",
    "author_signature",
    "paid_star_count",
    "entities",
    "link_preview_options",
    "suggested_post_info",
    "effect_id",
    "caption_entities",
    "show_caption_above_media",
    "has_media_spoiler",
    "reply_markup",
}
"""What Telegram says about a message: neither words nor a service."""


@pytest.fixture
def spec() -> dict[str, Any]:
    return contract("telegram/api.min.json")


def misses(spec: dict[str, Any], kinds: list[str], value: Any, where: str = "") -> list[str]:
    """What in a value the contract does not allow."""
    found = [list(_misses(spec, kind, value, where)) for kind in kinds]
    return min(found, key=len)


def _misses(spec: dict[str, Any], kind: str, value: Any, where: str) -> Iterator[str]:
    if kind.startswith("Array of "):
        if not isinstance(value, list):
            yield f"{where}: no list"
            return
        for at, each in enumerate(value):
            yield from _misses(spec, kind.removeprefix("Array of "), each, f"{where}[{at}]")
    elif kind in _SCALARS:
        if not isinstance(value, _SCALARS[kind]) or (isinstance(value, bool) and _SCALARS[kind] is not bool):
            yield f"{where}: {value!r} is no {kind}"
    elif "subtypes" in spec["types"][kind]:
        yield from misses(spec, spec["types"][kind]["subtypes"], value, where)
    elif not isinstance(value, dict):
        yield f"{where}: no object"
    else:
        yield from _fields(spec, spec["types"][kind].get("fields", []), value, where)


def _fields(spec: dict[str, Any], fields: list[dict[str, Any]], value: dict[str, Any], where: str) -> Iterator[str]:
    known = {each["name"]: each for each in fields}
    yield from (f"{where}.{name}: unknown" for name in value.keys() - known.keys())
    for name, each in known.items():
        if name in value:
            yield from misses(spec, each["types"], value[name], f"{where}.{name}")
        elif each["required"]:
            yield f"{where}.{name}: missing"


def sent(spec: dict[str, Any], request: HttpRequest) -> list[str]:
    """What in a request the contract does not allow."""
    method = spec["methods"][request.url.rpartition("/")[2]]
    fields = {each["name"]: each["types"] for each in method.get("fields", [])}
    body: dict[str, Any] = dict(request.json) if isinstance(request.json, dict) else {}
    for name, value in request.params:
        body[name] = value if fields.get(name) == ["String"] else json.loads(value)
    return list(_fields(spec, method.get("fields", []), body, method["name"]))


def test_every_request_is_one_the_platform_knows(spec: dict[str, Any]) -> None:
    with every_call_built("telegram", by=frozenset({"request", "ask"})):
        requests = every_request()
    for request in requests:
        assert isinstance(request, HttpRequest)
        assert sent(spec, request) == []


def every_request() -> list[Any]:
    side = PublicGroup()
    side.fill(3)
    collector = MemoryCollector(side)
    collector.run()
    connector = Telegram(TelegramOptions.model_validate({"token": TOKEN}))
    (item, *_) = collector.items.values()
    extras = [dict(item.extra), {**item.extra, "topic_id": 9}, {**item.extra, "business_connection_id": "b1"}]
    wishes = [
        Action(kind, item.external_id, "k", text="Dank je", extra=extra)
        for extra in extras
        for kind in (ActionKind.REPLY, ActionKind.LIKE, ActionKind.HIDE, ActionKind.DELETE_OWN)
    ]
    server = TelegramServer(lambda: datetime(2026, 3, 10, 10, 0, tzinfo=UTC))
    server.webhook = "https://elsewhere.example/hook"
    return [*side.asked, *map(connector.act, wishes), *connecting(server), connector.picture(Media("telegram:A"))]


def connecting(server: TelegramServer) -> list[HttpRequest]:
    """The calls of connecting a bot that has a webhook, which is taken away."""
    steps, asked, said = Telegram.connect(), [], None
    with suppress(StopIteration):
        while True:
            step = steps.send(said)  # type: ignore[arg-type]
            said = None
            if isinstance(step, Ask):
                said = {"token": TOKEN, "api_url": ""}
            elif isinstance(step, Choose):
                said = ("remove",)
            elif isinstance(step, Call):
                asked.append(step.request)
                method = step.request.url.rpartition("/")[2]
                answer = server.answer(Asked("GET", "", f"/bot{TOKEN}/{method}", {}, {}, None, {}))
                said = HttpResponse(
                    step.request, 200, {}, json.dumps(answer.body).encode(), "", datetime(2026, 3, 10, tzinfo=UTC)
                )
    return asked


def test_every_answer_of_the_test_server_is_one_the_platform_gives(spec: dict[str, Any]) -> None:
    server = TelegramServer(lambda: datetime(2026, 3, 10, 10, 0, tzinfo=UTC))
    server.files["A"] = ("photos/file_7.jpg", b"x")
    said = server.says(PRIVATE)
    server.says(GROUP, reply_to_message=said)
    server.says(PRIVATE, None, photo=[{"file_id": "A", "file_unique_id": "u", "width": 90, "height": 60}])
    server.happens("edited_message", {**said, "edit_date": 1_773_136_900})
    deleted = {"business_connection_id": "b1", "chat": PRIVATE, "message_ids": [42]}
    server.happens("deleted_business_messages", deleted)
    calls = {
        "getMe": {},
        "getFile": {"file_id": "A"},
        "getUpdates": {"limit": "100", "allowed_updates": json.dumps(WANTED)},
        "getWebhookInfo": {},
        "sendMessage": {"chat_id": PRIVATE["id"], "text": "Dank je"},
        "setMessageReaction": {"chat_id": PRIVATE["id"], "message_id": 42, "reaction": []},
        "deleteMessage": {"chat_id": PRIVATE["id"], "message_id": 44},
        "deleteWebhook": {},
        "getChatMember": {"chat_id": str(GROUP["id"]), "user_id": str(BOT["id"])},
    }
    for method, body in calls.items():
        answer = server.answer(Asked("GET", "", f"/bot{TOKEN}/{method}", body, {}, None, {}))
        assert answer.body["ok"], answer
        assert misses(spec, spec["methods"][method]["returns"], answer.body["result"]) == []


def test_the_people_of_the_fixtures_are_people_of_the_platform(spec: dict[str, Any]) -> None:
    assert misses(spec, ["User"], PIET) == []
    assert misses(spec, ["User"], BOT) == []


def test_every_update_that_is_asked_for_exists(spec: dict[str, Any]) -> None:
    assert set(WANTED) <= {each["name"] for each in spec["types"]["Update"]["fields"]}


def test_everything_a_message_may_hold_is_words_a_service_or_about_the_message(spec: dict[str, Any]) -> None:
    fields = {each["name"] for each in spec["types"]["Message"]["fields"]}
    assert fields >= SERVICE
    assert fields >= set(WORDLESS)
    about = fields - SERVICE - set(WORDLESS) - {"text", "caption"}
    assert about == ABOUT
