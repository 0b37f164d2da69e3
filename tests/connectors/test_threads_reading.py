from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.contract import Action, ActionKind, Interval, Purpose, Task, Window
from connectors.errors import BadRequest, Forbidden, Transient
from connectors.items import Item, LengthUnit, MediaKind
from connectors.meta.rounds import Step, Turn
from connectors.requests import HttpRequest, HttpResponse
from connectors.threads import Threads, ThreadsOptions
from tests.connectors.meta_fake import error

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Interval(NOW - timedelta(days=1), NOW)
ROOT = "18000000000000001"


def connector(**more: Any) -> Threads:
    return Threads(ThreadsOptions.model_validate({"username": "acme", "token": "very-secret", **more}))


def read(entries: list[Any]) -> Any:
    made = connector()
    task = Task("s", made.queries(())[0], Window(WINDOW))
    step = Step(listing=False, queue=(Turn(ROOT, "conversation"),))
    request = HttpRequest("https://graph.threads.net/x", step=step.dump())
    return made.parse(task, HttpResponse(request, 200, {}, orjson.dumps({"data": entries}), "", NOW))


def reply(**more: Any) -> dict[str, Any]:
    return {
        "id": "9", "text": "Hallo", "timestamp": "2026-11-22T11:00:00+0000", "username": "jo", "is_reply": True,
        "root_post": {"id": ROOT}, "replied_to": {"id": ROOT}, "shortcode": "Dx", **more,
    }  # fmt: skip


def item(**more: Any) -> Item:
    (found,) = read([reply(**more)]).items
    assert isinstance(found, Item)
    return found


@pytest.mark.parametrize(
    "more",
    [
        {"username": None},
        {"root_post": None},
        {"replied_to": None},
        {"replied_to": {"id": "404"}},
        {"permalink": None, "shortcode": None, "username": None},
        {"hide_status": "A_WORD_OF_TOMORROW", "media_type": "HOLOGRAM"},
        {"reply_audience": ["all"], "zz": {"a": 1}},
        {"timestamp": "1970-01-01T00:00:00+0000"},
        {"timestamp": "2999-01-01T00:00:00+0000"},
        {"timestamp": None},
        {"text": "😀👩‍👩‍👧🇳🇱"},
        {"text": "شكرا جزيلا"},
        {"text": None, "media_type": "IMAGE", "media_url": "https://x/a.jpg"},
    ],
)
def test_odd_replies_are_read_all_the_same(more: dict[str, Any]) -> None:
    found = item(**more)
    assert (found.external_id, found.thread_external_id) == ("9", ROOT)
    assert found.url


@pytest.mark.parametrize("broken", ["text", None, 5, {}, {"id": None}, {"id": "1"}])
def test_a_broken_reply_is_set_aside(broken: Any) -> None:
    page = read([reply(), broken])
    assert len(page.items) == 1
    assert len(page.rejected) == 1


def test_our_own_are_known_by_the_flag_and_by_the_name_however_written() -> None:
    assert item(username="Acme").is_own
    assert item(username="acme_old_name", is_reply_owned_by_me=True).is_own
    assert not item().is_own


def test_a_reply_counts_as_the_platform_counts() -> None:
    able = item().capabilities
    assert (able.max_length, able.length_unit) == (500, LengthUnit.EMOJI_BYTES)
    assert not able.can_like


def test_pictures_and_videos_are_kept_with_their_description() -> None:
    (picture,) = item(media_type="IMAGE", media_url="https://x/a.jpg", alt_text="Kapotte kast").media
    assert (picture.kind, picture.alt) == (MediaKind.IMAGE, "Kapotte kast")
    (still,) = item(media_type="VIDEO", media_url="https://x/a.mp4", thumbnail_url="https://x/s.jpg").media
    assert (still.kind, still.url) == (MediaKind.IMAGE, "https://x/s.jpg")
    (video,) = item(media_type="VIDEO", media_url="https://x/a.mp4").media
    assert video.kind is MediaKind.VIDEO


def test_a_search_asks_its_window_and_costs_one() -> None:
    made = connector(terms=["storing", " storing "], search=True, search_approved=True, searches_a_day=9)
    (query,) = [each for each in made.queries(["storing"]) if each.params["kind"] == "search"]
    request = made.plan(Task("s", query, Window(WINDOW)))
    params = dict(request.params)
    assert (params["q"], params["search_type"], "until" in params) == ("storing", "RECENT", False)
    assert int(params["since"]) == int((WINDOW.start - timedelta(hours=1)).timestamp())
    assert request.price == {"searches": 1}
    assert [(each.name, each.limit, each.writes) for each in made.meters()] == [("searches", 9.0, False)]
    hole = made.plan(Task("s", query, Window(WINDOW, purpose=Purpose.HOLE)))
    assert "until" in dict(hole.params)
    body = {"data": [reply()], "paging": {"cursors": {"after": "QV1"}}}
    page = made.parse(Task("s", query, Window(WINDOW)), HttpResponse(request, 200, {}, orjson.dumps(body), "", NOW))
    assert isinstance(page.next, HttpRequest)
    assert page.next.price == {"searches": 1}
    assert page.covered is None


def test_a_search_without_approval_is_refused_in_words() -> None:
    made = connector(terms=["storing"])
    (query,) = [each for each in made.queries(()) if each.params["kind"] == "search"]
    with pytest.raises(Forbidden, match="until then only your own posts"):
        made.plan(Task("s", query, Window(WINDOW)))


def test_publishing_too_early_has_surely_done_nothing() -> None:
    made, found = connector(), item()
    wish = Action(ActionKind.REPLY, "9", "k", text="Dank", extra=found.extra)
    request = HttpRequest("https://graph.threads.net/v1.0/me/threads_publish", method="POST", step="publish c1")
    refused = HttpResponse(request, 400, {}, orjson.dumps(error(24, "Media not found", 4279009)), "", NOW)
    with pytest.raises(Transient) as caught:
        made.acted(wish, refused)
    assert not caught.value.arrived


def test_only_the_last_step_of_a_reply_publishes_and_none_is_repeated_blindly() -> None:
    made, found = connector(), item()
    wish = Action(ActionKind.REPLY, "9", "k", text="Dank", extra=found.extra)
    quota = {"data": [{"reply_quota_usage": 1, "reply_config": {"quota_total": 1000}}]}
    answers: list[Any] = [quota, {"id": "c1"}, {"status": "FINISHED", "id": "c1"}, {"id": "77"}]
    request: Any = made.act(wish)
    paths = []
    for answer in answers:
        paths.append((request.method, request.url.rpartition("v1.0/")[2], request.safe_to_repeat))
        result = made.acted(wish, HttpResponse(request, 200, {}, orjson.dumps(answer), "", NOW))
        request = result.next
    assert paths == [
        ("GET", "me/threads_publishing_limit", True),
        ("POST", "me/threads", False),
        ("GET", "c1", True),
        ("POST", "me/threads_publish", False),
    ]
    (sent,) = result.items
    assert (sent.external_id, sent.parent_external_id, sent.thread_external_id, sent.is_own) == ("77", "9", ROOT, True)


def test_what_threads_does_not_offer_is_said() -> None:
    found = item()
    with pytest.raises(Forbidden, match="no way to like"):
        connector().act(Action(ActionKind.LIKE, "9", "k", extra=found.extra))
    with pytest.raises(BadRequest, match="allows 500"):
        connector().act(Action(ActionKind.REPLY, "9", "k", text="a" * 501, extra=found.extra))
    with pytest.raises(BadRequest, match="empty"):
        connector().act(Action(ActionKind.REPLY, "9", "k", text=" ", extra=found.extra))
    with pytest.raises(BadRequest, match="without its id"):
        connector().act(Action(ActionKind.DELETE_OWN, "9", "k", extra={"id": "../me"}))


@pytest.mark.parametrize("options", [{"username": ""}, {"username": "a b"}, {"searches_a_day": -1}, {"url": "threads"}])
def test_a_wrong_option_is_explained(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ThreadsOptions.model_validate({"username": "acme", **options})


def test_a_token_never_shows() -> None:
    assert "very-secret" not in repr(connector().options)
    assert ThreadsOptions(username="@Acme").username == "acme"
