"""Connecting an account, its options, and what it may do."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.connecting import Ask, Browse, Call, Connected, Returned, Tell, Tone
from connectors.contract import Action, ActionKind, Interval, Task, Window
from connectors.errors import AuthDead, BadRequest
from connectors.requests import HttpRequest, HttpResponse
from connectors.tiktok import TikTok, TikTokOptions
from connectors.tiktok.reading import COMMENT, LONGEST, read, with_context

NOW = datetime(2026, 3, 10, 10, 0, tzinfo=UTC)
PORTAL = "https://www.tiktok.com/v2/auth/authorize?client_key=app&scope=comment.list&redirect_uri=https%3A%2F%2Facme.example%2F"
LOGIN = {"token": "t-1", "refresh_token": "r-1", "client_id": "app", "client_secret": "s-secret", "business_id": "b"}
WISH: dict[str, Any] = {"video_id": "9", "top_id": "7", "link": None}


def made(**options: Any) -> TikTok:
    return TikTok(TikTokOptions.model_validate({**LOGIN, **options}))


def comment(**more: Any) -> Any:
    said = {"comment_id": "7", "video_id": "9", "user_id": "u", "username": "jo", "text": "hoi", "create_time": "5"}
    return with_context(
        {**said, **more}, COMMENT, frozenset({"acme", "b"}), link="https://www.tiktok.com/@acme/video/9"
    )


def connected(answer: Any, *, address: str = PORTAL, allowed: bool = True) -> tuple[list[Tell], list[Any], Connected]:
    """Play the person and TikTok."""
    told: list[Tell] = []
    asked: list[Any] = []
    steps = TikTok.connect()
    assert steps is not None
    step = next(steps)
    while True:
        reply: Any = None
        match step:
            case Ask():
                typed = {"client_id": "app", "client_secret": "s-secret", "username": "@acme"}
                reply = {**typed, "authorize_url": address}
            case Browse():
                asked += [step.url("http://127.0.0.1:9/", "st", "ch"), step.manual]
                params = {"auth_code": "c-1"} if allowed else {"error": "access_denied"}
                reply = Returned(params, "http://127.0.0.1:9/", "v")
            case Call(request):
                asked.append(request.json)
                reply = HttpResponse(request, 200, {}, orjson.dumps(answer), request.url, NOW)
            case Tell():
                told.append(step)
        try:
            step = steps.send(reply)
        except StopIteration as ended:
            return told, asked, ended.value


def given_login(**more: Any) -> dict[str, Any]:
    data = {"access_token": "t-9", "refresh_token": "r-9", "expires_in": 86_400, "open_id": "biz-1", **more}
    return {"code": 0, "message": "OK", "data": data}


def test_connecting_says_first_what_tiktok_demands_and_takes_the_pasted_address() -> None:
    told, asked, result = connected(given_login())
    assert (told[0].tone, "review" in told[0].text) == (Tone.LACKS, True)
    assert asked[0].endswith("&state=st")
    assert asked[1] is True
    assert asked[2]["redirect_uri"] == "https://acme.example/"
    assert asked[2]["auth_code"] == "c-1"
    assert (result.account, result.options) == ("@acme", {"username": "acme"})
    assert "s-secret" not in repr(result)
    connector = TikTok(TikTokOptions.model_validate(result.options))
    connector.login_taken(result.login)
    assert connector.login_ends_at() == datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
    assert connector.refresh() is not None


def test_connecting_that_is_not_allowed_says_why() -> None:
    with pytest.raises(AuthDead, match="access_denied"):
        connected(given_login(), allowed=False)
    with pytest.raises(AuthDead, match="auth_code is expired"):
        connected({"code": 40110, "message": "auth_code is expired", "data": {}})
    with pytest.raises(AuthDead, match="whose account"):
        connected(given_login(open_id=None))
    with pytest.raises(BadRequest, match="https://"):
        connected(given_login(), address="acme")


def test_a_rotated_login_is_newer_than_the_one_in_the_configuration() -> None:
    connector = made()
    request = connector.refresh()
    assert isinstance(request, HttpRequest)
    assert not request.safe_to_repeat
    connector.refreshed(HttpResponse(request, 200, {}, orjson.dumps(given_login()), request.url, NOW))
    kept = connector.login_to_keep()
    assert kept is not None
    other = made()
    other.login_taken(kept)
    renewal = other.refresh()
    assert isinstance(renewal, HttpRequest)
    assert isinstance(renewal.json, dict)
    assert renewal.json["refresh_token"] == "r-9"
    assert renewal.json["client_secret"] == "s-secret"


def test_without_a_login_a_person_is_asked() -> None:
    connector = TikTok(TikTokOptions())
    task = Task("s", connector.queries(())[0], Window(Interval(NOW.replace(hour=9), NOW)))
    with pytest.raises(AuthDead, match="klankbord connect tiktok"):
        connector.plan(task)


@pytest.mark.parametrize("options", [{"api_url": "ftp://x"}, {"odd": True}, {"own_accounts": 5}])
def test_options_that_cannot_be_meant_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TikTokOptions.model_validate(options)


def test_what_can_be_done_is_said_per_comment() -> None:
    item = read(comment())
    can = item.capabilities
    assert (can.can_reply, can.can_like, can.can_hide, can.can_recheck) == (True, True, True, True)
    assert (can.max_length, item.addressed) == (LONGEST, True)
    hidden = read(comment(status="HIDDEN"))
    assert (hidden.capabilities.can_hide, hidden.tags) == (False, ("hidden",))
    below = read(comment(parent_comment_id="3"))
    assert (below.capabilities.can_recheck, below.capabilities.can_fetch_parent) == (False, True)


@pytest.mark.parametrize("who", [{"owner": True}, {"username": "Acme"}, {"user_id": "b"}])
def test_who_writes_for_the_brand_is_known_by_account(who: dict[str, Any]) -> None:
    item = read(comment(**who))
    assert (item.is_own, item.addressed, item.capabilities.can_hide) == (True, False, False)


def test_the_token_stands_in_its_own_header_without_bearer() -> None:
    request = made().act(Action(ActionKind.LIKE, "7", "k", extra=WISH))
    assert isinstance(request, HttpRequest)
    assert request.headers == {"Access-Token": "t-1"}
    assert "t-1" not in repr(request)


def test_a_thread_is_asked_at_its_end_or_for_what_an_answer_answers() -> None:
    def asked(external_id: str, *, newest: bool) -> dict[str, str]:
        request = made().act(Action(ActionKind.FETCH_THREAD, external_id, "k", extra=WISH, newest=newest))
        assert isinstance(request, HttpRequest)
        return {"path": request.url.rpartition("/business/")[2], **dict(request.params)}

    assert asked("7", newest=True)["path"] == "comment/reply/list/"
    assert asked("8", newest=True)["comment_id"] == "7"
    parent = asked("8", newest=False)
    assert (parent["path"], parent["comment_ids"]) == ("comment/list/", '["7"]')


def test_a_recheck_believes_only_an_empty_answer() -> None:
    connector = made()
    wish = Action(ActionKind.RECHECK, "7", "k", extra=WISH)
    request = connector.act(wish)
    assert isinstance(request, HttpRequest)

    def heard(*comments: Any) -> HttpResponse:
        said = {"code": 0, "data": {"comments": list(comments), "cursor": 0, "has_more": False}}
        return HttpResponse(request, 200, {}, orjson.dumps(said), "", NOW)

    assert [each.external_id for each in connector.acted(wish, heard()).deleted] == ["7"]
    assert connector.acted(wish, heard(comment(comment_id="8"))).deleted == ()
    (item,) = connector.acted(wish, heard(comment())).items
    assert item.external_id == "7"


@given(st.text(max_size=LONGEST + 50))
def test_what_fits_is_sent_and_what_does_not_is_refused(text: str) -> None:
    wish = Action(ActionKind.REPLY, "7", "k", text=text, extra=WISH)
    if text.strip() and len(text) <= LONGEST:
        request = made().act(wish)
        assert isinstance(request, HttpRequest)
        assert not request.safe_to_repeat
    else:
        with pytest.raises(BadRequest):
            made().act(wish)
