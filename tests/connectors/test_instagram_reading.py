from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Action, ActionKind, Interval, Task, Window
from connectors.errors import AuthDead, AuthExpired, BadRequest, Forbidden, FormatChanged
from connectors.instagram import Instagram, InstagramOptions
from connectors.instagram.acting import with_name
from connectors.items import Item, LengthUnit, Visibility
from connectors.meta.rounds import Step, Turn
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors.meta_fake import error

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ACCOUNT, MEDIUM = "17841400000000001", "17900000000000001"


def connector(**more: Any) -> Instagram:
    return Instagram(InstagramOptions.model_validate({"account": ACCOUNT, "token": "very-secret", **more}))


def read(entries: list[Any], status: int = 200, body: Any = None, **more: Any) -> Any:
    made = connector(**more)
    task = Task("s", made.queries(())[0], Window(Interval(NOW - timedelta(days=1), NOW)))
    step = Step(listing=False, queue=(Turn(MEDIUM, "comments"),))
    request = HttpRequest("https://graph.instagram.com/x", step=step.dump())
    said = orjson.dumps({"data": entries} if body is None else body)
    return made.parse(task, HttpResponse(request, status, {}, said, "", NOW))


def comment(**more: Any) -> dict[str, Any]:
    writer = {"id": "98", "username": "jo"}
    plain = {"id": "9", "text": "Hallo", "timestamp": "2026-11-22T11:00:00+0000", "username": "jo", "from": writer}
    return {**plain, **more}


def item(**more: Any) -> Item:
    (found,) = read([comment(**more)]).items
    assert isinstance(found, Item)
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"from": None},
        {"from": None, "username": None},
        {"media": None},
        {"media": {"id": MEDIUM}},
        {"replies": {"data": None}},
        {"replies": "many"},
        {"hidden": "perhaps", "like_count": "few"},
        {"timestamp": "1970-01-01T00:00:00+0000"},
        {"timestamp": "2999-01-01T00:00:00+0000"},
        {"timestamp": None},
        {"parent_id": "404"},
        {"text": "😀👩‍👩‍👧🇳🇱"},
        {"text": "شكرا جزيلا"},
        {"zz_new": [{"a": 1}], "media_product_type": "HOLOGRAM"},
    ],
)
def test_odd_comments_are_read_all_the_same(more: dict[str, Any]) -> None:
    found = item(**more)
    assert (found.external_id, found.thread_external_id) == ("9", MEDIUM)
    assert found.url


@pytest.mark.parametrize("broken", ["text", None, 5, {}, {"id": None}, {"id": "1"}])
def test_a_broken_comment_or_answer_is_set_aside(broken: Any) -> None:
    page = read([comment(replies={"data": [broken, comment(id="10", parent_id="9")]}), broken])
    assert [each.external_id for each in page.items] == ["9", "10"]
    assert len(page.rejected) == 2


def test_our_own_answers_are_known_by_id_and_by_name() -> None:
    assert item(**{"from": {"id": ACCOUNT, "username": "acme"}}).is_own
    ours = item(username="acme", **{"from": None}, media={"id": MEDIUM, "username": "acme"})
    assert ours.is_own
    assert not item().is_own


def test_nobody_can_like_and_media_of_others_are_left_alone() -> None:
    found = item()
    assert not found.capabilities.can_like
    with pytest.raises(Forbidden, match="no way to like"):
        connector().act(Action(ActionKind.LIKE, "9", "k", extra=found.extra))
    with pytest.raises(Forbidden, match="other people's media"):
        connector().act(Action(ActionKind.REPLY, "9", "k", text="x", extra={"what": "medium", "edge": "tagged"}))


def test_messages_count_in_bytes_and_a_private_answer_to_a_comment_is_one() -> None:
    (found,) = read([comment()], messages=True).items
    assert found.capabilities.can_narrow
    wish = Action(ActionKind.REPLY, "9", "k", text="Dag", visibility=Visibility.PRIVATE, extra=found.extra)
    request = connector(messages=True).act(wish)
    assert isinstance(request, HttpRequest)
    assert request.url.endswith(f"/{ACCOUNT}/messages")
    long = Action(ActionKind.REPLY, "m", "k", text="é" * 501, extra={"what": "message", "person": "1"})
    with pytest.raises(BadRequest, match="1000"):
        connector(messages=True).act(long)
    assert connector(messages=True)._desk.unit is LengthUnit.BYTES


def test_what_an_answer_says_of_success_is_believed_only_when_it_says_so() -> None:
    made, found = connector(), item()
    hide = Action(ActionKind.HIDE, "9", "k", extra=found.extra)
    request = made.act(hide)
    assert isinstance(request, HttpRequest)
    assert dict(request.params)["hide"] == "true"
    with pytest.raises(FormatChanged, match="not say that it was done"):
        made.acted(hide, HttpResponse(request, 200, {}, b"{}", "", NOW))


def test_a_login_that_ran_out_is_renewed_only_where_it_can_be_kept() -> None:
    with pytest.raises(AuthDead):
        read([], 400, error(190, "Session has expired", 463))
    made = Instagram(InstagramOptions(account=ACCOUNT))
    made.login_taken({"token": "kept"})
    task = Task("s", made.queries(())[0], Window(Interval(NOW - timedelta(days=1), NOW)))
    request = made.plan(task)
    with pytest.raises(AuthExpired):
        made.parse(task, HttpResponse(request, 400, {}, orjson.dumps(error(190, "Session has expired", 463)), "", NOW))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"hashtags": ["storing"]}, "login: facebook"),
        ({"hashtags": ["two words"], "login": "facebook"}, "not a hashtag"),
        ({"hashtags": [f"t{number}" for number in range(31)], "login": "facebook"}, "at most 30"),
        ({"messages": True, "login": "facebook"}, "linked `page`"),
        ({"account": "acme"}, "pattern"),
        ({"url": "graph.facebook.com"}, "not the address"),
    ],
)
def test_a_wrong_option_is_explained(options: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        InstagramOptions.model_validate({"account": ACCOUNT, **options})


@given(st.text(max_size=80), st.sampled_from(["jo", "jo.example", "mo_1"]))
def test_a_name_is_put_in_front_once_at_most(text: str, handle: str) -> None:
    once = with_name(text, handle)
    assert with_name(once, handle) == once
    assert once.endswith(text)
