from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.contract import Action, ActionKind, Interval, Page, Task, Window
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.items import Kind, LengthUnit, Visibility
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors.bluesky_posts import JO, US, kept_login, stamp
from tests.connectors.lexicons import answer_misses, request_misses

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = NOW - timedelta(hours=1)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))
DEFS = "chat.bsky.convo.defs"


def connector() -> Bluesky:
    made = Bluesky(BlueskyOptions(search=False, notifications=False, own_posts=False, messages=True))
    made.login_taken(kept_login())
    return made


def task(made: Bluesky, **more: Any) -> Task:
    (query,) = made.queries(())
    return Task("s", query, Window(WINDOW.interval, **more))


def message(key: str = "m1", text: str = "Mijn klantnummer is 123", sender: str = JO, **more: Any) -> dict[str, Any]:
    said = {"$type": f"{DEFS}#messageView", "id": key, "rev": "r", "text": text, "sentAt": stamp(AT)}
    return {**said, "sender": {"did": sender}, **more}


def convo(key: str = "c1", at: datetime = AT) -> dict[str, Any]:
    who = [{"did": JO, "handle": "jo.example", "displayName": "Jo"}, {"did": US, "handle": "acme.example"}]
    last = message("m9", sentAt=stamp(at))
    return {"id": key, "rev": "r", "members": who, "muted": False, "unreadCount": 1, "lastMessage": last}


def answer(made: Bluesky, request: Any, body: Any, code: int = 200) -> Page:
    assert isinstance(request, HttpRequest)
    assert request_misses(request) == []
    return made.parse(task(made), HttpResponse(request, code, {}, orjson.dumps(body), request.url, NOW))


def messages(*said: Any) -> Page:
    made = connector()
    first = answer(made, made.plan(task(made)), {"convos": [convo()]})
    return answer(made, first.next, {"messages": [*said]})


def test_a_message_is_private_directed_at_us_and_belongs_to_its_conversation() -> None:
    body = {"messages": [message()]}
    assert answer_misses("chat.bsky.convo.getMessages", body) == []
    assert answer_misses("chat.bsky.convo.listConvos", {"convos": [convo()]}) == []
    (item,) = messages(*body["messages"]).items
    assert (item.kind, item.visibility, item.addressed, item.is_own) == (Kind.MESSAGE, Visibility.PRIVATE, True, False)
    assert (item.external_id, item.thread_external_id) == ("c1/m1", "c1")
    assert item.author is not None
    assert (item.author.external_id, item.author.handle, item.author.name) == (JO, "jo.example", "Jo")
    assert item.capabilities.can_reply
    assert (item.capabilities.max_length, item.capabilities.length_unit) == (1000, LengthUnit.GRAPHEMES)
    assert item.capabilities.deep_link == "https://bsky.app/messages/c1"
    assert not item.capabilities.can_recheck


def test_what_we_wrote_there_ourselves_is_ours() -> None:
    (item,) = messages(message(sender=US)).items
    assert (item.is_own, item.addressed, item.capabilities.can_reply) == (True, False, False)


def test_removed_messages_are_told_and_notices_of_the_system_left_out() -> None:
    gone = {"$type": f"{DEFS}#deletedMessageView", "id": "m2", "rev": "r", "sender": {"did": JO}, "sentAt": stamp(AT)}
    notice = {"$type": f"{DEFS}#systemMessageView", "id": "m3", "rev": "r", "sentAt": stamp(AT), "data": {}}
    page = messages(gone, notice, message())
    assert [each.external_id for each in page.deleted] == ["c1/m2"]
    assert len(page.items) == 1
    assert page.covered == WINDOW.interval


@pytest.mark.parametrize(
    "broken", ["text", None, {}, message(sender="jo"), {**message(), "text": None}, {**message(), "id": ""}]
)
def test_a_message_that_cannot_be_read_is_set_aside(broken: Any) -> None:
    page = messages(broken, message("m5"))
    assert [each.external_id for each in page.items] == ["c1/m5"]
    assert len(page.rejected) == 1


def test_only_conversations_that_moved_are_read_and_an_empty_page_is_not_the_end() -> None:
    made = connector()
    old = convo("old", NOW - timedelta(days=3))
    first = answer(made, made.plan(task(made)), {"convos": [], "cursor": "a"})
    second = answer(made, first.next, {"convos": [convo(), old, {}, "x"], "cursor": "b"})
    third = answer(made, second.next, {"convos": [old], "cursor": "c"})
    assert isinstance(third.next, HttpRequest)
    assert dict(third.next.params)["convoId"] == "c1"
    assert answer(made, third.next, {"messages": [message()]}).next is None


def test_a_server_that_does_not_page_is_noticed() -> None:
    made = connector()
    first = answer(made, made.plan(task(made)), {"convos": [convo()], "cursor": "a"})
    with pytest.raises(FormatChanged, match="same cursor"):
        answer(made, first.next, {"convos": [convo()], "cursor": "a"})


def test_an_app_password_without_messages_says_so() -> None:
    made = connector()
    refusal = {"error": "InvalidToken", "message": "Bad token method"}
    with pytest.raises(Forbidden, match="may read direct messages"):
        answer(made, made.plan(task(made)), refusal, 400)


def test_a_place_to_go_on_that_is_none_is_refused() -> None:
    made = connector()
    for wrong in ("5", "{}", "x", '{"cursor": null, "reading": true, "convos": 5}'):
        with pytest.raises(BadRequest, match="no place"):
            made.plan(task(made, cursor=wrong))


def wish(kind: ActionKind = ActionKind.REPLY, **more: Any) -> Action:
    (item,) = messages(message()).items
    return Action(kind, item.external_id, "k", text="Zie https://acme.example", at=NOW, extra=item.extra, **more)


def test_an_answer_goes_into_its_conversation_with_links_and_is_never_repeated_blindly() -> None:
    made = connector()
    request = made.act(wish())
    assert isinstance(request, HttpRequest)
    assert request_misses(request) == []
    assert (request.safe_to_repeat, request.headers["atproto-proxy"]) == (False, "did:web:api.bsky.chat#bsky_chat")
    assert request.json["convoId"] == "c1"  # type: ignore[index, call-overload]
    assert made.keeps_key(wish()) is None
    assert made.keeps_key(Action(ActionKind.REPLY, "at://x", "k")) == Bluesky.keeps_keys
    said = message("m7", "Zie https://acme.example", US)
    assert answer_misses("chat.bsky.convo.sendMessage", said) == []
    (item,) = made.acted(wish(), HttpResponse(request, 200, {}, orjson.dumps(said), request.url, NOW)).items
    assert (item.external_id, item.is_own, item.visibility) == ("c1/m7", True, Visibility.PRIVATE)
    assert not item.capabilities.can_reply


def test_an_answer_of_which_nothing_was_heard_is_looked_for_back_to_when_it_was_tried() -> None:
    made, looking = connector(), wish(ActionKind.FETCH_THREAD, newest=True)
    request = made.act(looking)
    assert isinstance(request, HttpRequest)
    assert request_misses(request) == []

    def looked(*times: datetime) -> Any:
        said = [message(f"m{n}", sentAt=stamp(at)) for n, at in enumerate(times)]
        body = orjson.dumps({"messages": said, "cursor": "older"})
        return made.acted(looking, HttpResponse(request, 200, {}, body, request.url, NOW))

    following = looked(NOW + timedelta(hours=1), NOW).next
    assert isinstance(following, HttpRequest)
    assert dict(following.params)["cursor"] == "older"
    assert looked(NOW, NOW - timedelta(minutes=11)).next is None


def test_what_a_message_cannot_carry_is_refused_before_it_goes_out() -> None:
    for text in (" ", "x" * 1001):
        with pytest.raises(BadRequest):
            connector().act(replace(wish(), text=text))
    with pytest.raises(BadRequest, match="without its conversation"):
        connector().act(replace(wish(), extra={"convo": None}))
    for kind in (ActionKind.LIKE, ActionKind.HIDE, ActionKind.DELETE_OWN, ActionKind.RECHECK):
        with pytest.raises(Forbidden, match="nothing else"):
            connector().act(wish(kind))


def test_a_sent_message_whose_answer_cannot_be_read_is_not_called_failed() -> None:
    made = connector()
    request = made.act(wish())
    assert isinstance(request, HttpRequest)
    with pytest.raises(FormatChanged, match="sent the message"):
        made.acted(wish(), HttpResponse(request, 200, {}, b"{}", request.url, NOW))


def test_messages_and_the_stream_cannot_share_a_source() -> None:
    with pytest.raises(ValidationError, match="a source of their own"):
        BlueskyOptions(stream=True, messages=True)
