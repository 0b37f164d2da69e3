from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, ActionKind, Interval, Page, Target, Task, Window
from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    BudgetExhausted,
    ConnectorError,
    Forbidden,
    FormatChanged,
    Gone,
    RateLimited,
    Transient,
)
from connectors.items import Item, Json, Visibility
from connectors.requests import HttpRequest, HttpResponse
from connectors.youtube import YouTube, YouTubeOptions
from connectors.youtube.acting import text_with_name
from connectors.youtube.rereading import PAGE_EVERY, depth_due, noted, tiers
from connectors.youtube.trouble import pacific_midnight
from tests.connectors.youtube_site import CHANNEL, OTHER, VIDEO, Comment, Site

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))
LOGIN = {"client_id": "client", "client_secret": "geheim", "refresh_token": "refresh-1"}
KEPT = {**LOGIN, "access_token": "access-1", "ends_at": "2026-11-22T13:00:00+00:00"}


def connector(**more: Any) -> YouTube:
    made = YouTube(YouTubeOptions.model_validate({"channel_id": CHANNEL, **LOGIN, **more}))
    made.login_taken(KEPT)
    return made


def with_key(**more: Any) -> YouTube:
    return YouTube(YouTubeOptions.model_validate({"channel_id": CHANNEL, "api_key": "sleutel", **more}))


def answered(request: object, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    assert isinstance(request, HttpRequest)
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return HttpResponse(request, status, dict(headers or {}), raw, request.url, NOW)


def parsed(made: YouTube, body: Any, status: int = 200, line: str = "channel", **headers: str) -> Page:
    query = next(each for each in made.queries(("acme",)) if each.id.startswith(line))
    task = Task("s", query, WINDOW)
    return made.parse(task, answered(made.plan(task), body, status, headers))


def listing(*threads: Any, kind: str = "commentThreadListResponse", **more: Any) -> dict[str, Any]:
    return {"kind": f"youtube#{kind}", "items": list(threads), **more}


def thread(key: str = "UgwA", text: str = "hallo", **snippet: Any) -> dict[str, Any]:
    site = Site(lambda: NOW)
    whole = site.thread(Comment(key, text, OTHER, NOW - timedelta(hours=1)))
    whole["snippet"]["topLevelComment"]["snippet"] |= snippet
    return whole


def item(made: YouTube | None = None, **snippet: Any) -> Item:
    page = parsed(made or connector(), listing(thread(**snippet)))
    (found,) = page.items
    return found


def test_a_comment_on_our_channel_is_addressed_to_us_and_can_be_answered_and_hidden() -> None:
    found = item()
    assert (found.addressed, found.is_own) == (True, False)
    can = found.capabilities
    assert (can.can_reply, can.can_hide, can.can_like, can.max_length) == (True, True, False, 10_000)
    assert can.deep_link == f"https://www.youtube.com/watch?v={VIDEO}&lc=UgwA"
    assert found.author is not None
    assert (found.author.external_id, found.author.handle) == (OTHER, "jo-example")


def test_our_own_comments_are_known_by_the_channel_and_not_hidden() -> None:
    found = item(authorChannelId={"value": CHANNEL})
    assert found.is_own
    assert not found.capabilities.can_hide
    second = "UC" + "more" * 5 + "mo"
    assert item(connector(own_channels=[second]), authorChannelId={"value": second}).is_own


def test_with_a_key_only_nothing_can_be_answered_and_the_reason_is_told() -> None:
    can = item(with_key()).capabilities
    assert not can.can_reply
    assert not can.can_hide
    assert "connect the channel's account" in (can.why_not_reply or "")
    with pytest.raises(Forbidden, match="only reads"):
        with_key().act(Action(ActionKind.REPLY, "UgwA", "k", text="hallo"))


def test_a_closed_thread_says_why_it_cannot_be_answered() -> None:
    whole = thread()
    whole["snippet"]["canReply"] = False
    (found,) = parsed(connector(), listing(whole)).items
    assert "closed" in (found.capabilities.why_not_reply or "")


def test_a_held_comment_is_private_and_waits_for_its_publication() -> None:
    page = parsed(connector(held=True), listing(thread()), line="held")
    (found,) = page.items
    assert found.visibility is Visibility.PRIVATE
    assert "publish it in YouTube Studio" in (found.capabilities.why_not_reply or "")


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ({"authorChannelId": None, "authorChannelUrl": "http://www.youtube.com/@weg"}, "http://www.youtube.com/@weg"),
        ({"authorChannelId": None, "authorChannelUrl": "", "authorDisplayName": "@weg"}, "@weg"),
        ({"authorChannelId": None, "authorChannelUrl": None, "authorDisplayName": None}, None),
    ],
)
def test_an_author_that_was_removed_costs_no_comment(snippet: dict[str, Any], expected: str | None) -> None:
    author = item(**snippet).author
    assert (author and author.external_id) == expected


@pytest.mark.parametrize("text", ["😀👩‍👩‍👧🇳🇱", "شكرا جزيلا على الخدمة", "x", "a\u0301"])
def test_emoji_and_right_to_left_alone_are_read(text: str) -> None:
    assert item(textOriginal=text).text == text


def test_without_the_words_as_written_the_displayed_ones_are_taken() -> None:
    assert item(textOriginal=None, textDisplay="getoond").text == "getoond"


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "2031-01-01T00:00:00Z", "2026-11-22T09:00:00.123Z"])
def test_strange_dates_are_kept_as_told_and_prove_nothing_they_should_not(at: str) -> None:
    page = parsed(connector(), listing(thread(publishedAt=at, updatedAt=at), nextPageToken="T1"))
    assert len(page.items) == 1
    assert page.items[0].edited_at is None


@pytest.mark.parametrize("at", ["yesterday", 5, None, "2026-13-40T00:00:00Z"])
def test_a_date_that_is_none_sets_one_comment_aside(at: Json) -> None:
    page = parsed(connector(), listing(thread("UgwA"), thread("UgwB", publishedAt=at)))
    assert [each.external_id for each in page.items] == ["UgwA"]
    assert [each.external_id for each in page.rejected] == ["UgwB"]


def test_an_unknown_moderation_status_counts_as_not_public() -> None:
    assert item(moderationStatus="aWordOfTomorrow").visibility is Visibility.PRIVATE


def test_an_old_comment_on_the_channel_itself_still_has_an_address() -> None:
    whole = thread()
    del whole["snippet"]["videoId"]
    del whole["snippet"]["topLevelComment"]["snippet"]["videoId"]
    (found,) = parsed(connector(), listing(whole)).items
    assert found.url == f"https://www.youtube.com/channel/{CHANNEL}"


def test_a_picture_in_a_comment_is_named() -> None:
    assert [media.url for media in item(imageUrl="https://yt3.ggpht.com/p").media] == ["https://yt3.ggpht.com/p"]
    assert item(imageUrl="javascript:alert(1)").media == ()


def refusal(reason: str, status: int, message: str = "Because.") -> dict[str, Any]:
    return {"error": {"code": status, "message": message, "errors": [{"reason": reason, "message": message}]}}


DETAILED = {
    "error": {
        "code": 400,
        "message": "API key not valid. Please pass a valid API key.",
        "errors": [{"reason": "badRequest"}],
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"}],
    }
}


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (403, refusal("quotaExceeded", 403), BudgetExhausted),
        (429, refusal("quotaExceeded", 429), BudgetExhausted),
        (403, refusal("rateLimitExceeded", 403), RateLimited),
        (429, refusal("aReasonOfTomorrow", 429), RateLimited),
        (403, refusal("commentsDisabled", 403), Forbidden),
        (403, refusal("insufficientPermissions", 403), Forbidden),
        (403, refusal("accessNotConfigured", 403), Forbidden),
        (403, refusal("aReasonOfTomorrow", 403), Forbidden),
        (403, refusal("SERVICE_UNAVAILABLE", 403, "Permission denied."), Transient),
        (409, refusal("SERVICE_UNAVAILABLE", 409), Transient),
        (400, refusal("processingFailure", 400), Transient),
        (500, refusal("", 500), Transient),
        (400, refusal("keyInvalid", 400), AuthDead),
        (400, DETAILED, AuthDead),
        (401, refusal("youtubeSignupRequired", 401), AuthDead),
        (401, refusal("authError", 401), AuthExpired),
        (401, {"error": {"code": 401, "status": "UNAUTHENTICATED"}}, AuthExpired),
        (404, refusal("channelNotFound", 404), Gone),
        (400, refusal("invalidSearchFilter", 400), BadRequest),
        (200, refusal("quotaExceeded", 403), BudgetExhausted),
        (200, refusal("", 0), FormatChanged),
        (200, b"<html>Log in</html>", FormatChanged),
        (403, b"<html>Forbidden</html>", Forbidden),
        (502, b"<html>Bad Gateway</html>", Transient),
        (200, b"", FormatChanged),
        (200, {"kind": "youtube#searchListResponse", "items": []}, FormatChanged),
        (200, {"kind": "youtube#commentThreadListResponse", "items": {}}, FormatChanged),
    ],
)
def test_each_refusal_has_its_name_by_the_reason_before_the_status(
    status: int, body: Any, error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        parsed(connector(), body, status)
    assert isinstance(caught.value, ConnectorError)
    assert "geheim" not in str(caught.value)
    assert str(caught.value)


def test_a_login_cannot_be_renewed_with_a_key_only() -> None:
    with pytest.raises(AuthDead):
        parsed(with_key(), refusal("authError", 401), 401)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_quota_begins_anew_at_the_next_midnight_of_california(at: datetime) -> None:
    midnight = pacific_midnight(at)
    assert timedelta(0) < midnight - at <= timedelta(hours=25)
    assert midnight.hour in {7, 8}


@given(st.integers(1, 365))
def test_tiers_reach_as_far_as_threads_are_read_again(days: int) -> None:
    found = tiers(days)
    ages = [age for age, _ in found]
    assert ages == sorted(set(ages))
    assert ages[-1] == timedelta(days=days)
    assert [every for _, every in found] == sorted(every for _, every in found)


@given(st.integers(1, 90), st.lists(st.integers(1, 3000), min_size=1, max_size=60), st.integers(1, 40))
def test_no_thread_waits_longer_for_its_turn_than_its_age_and_cost_allow(
    days: int, pauses: list[int], pages: int
) -> None:
    state: dict[str, Json] = {}
    now = NOW
    read = dict.fromkeys(tiers(days), now - timedelta(days=400))
    for minutes in pauses:
        now += timedelta(minutes=minutes)
        depth = depth_due(state, now, days)
        state = noted(state, depth, now, pages, days=days) if depth else state
        for age, every in read:
            if age <= depth:
                read[age, every] = now
            assert now - read[age, every] <= max(every, pages * PAGE_EVERY)


def test_a_deeper_turn_counts_for_all_that_lies_above_it() -> None:
    state = noted({}, timedelta(days=30), NOW, 3, days=30)
    assert depth_due(state, NOW + timedelta(minutes=3), 30) == timedelta(0)
    assert depth_due(state, NOW + timedelta(minutes=31), 30) == timedelta(days=7)
    assert depth_due(state, NOW + timedelta(hours=6), 30) == timedelta(days=30)


def test_a_recheck_names_what_no_longer_comes_back_and_videos_are_asked_apart() -> None:
    made = connector()
    targets = [Target("UgwA", extra={"video": VIDEO}), Target("UgwB"), Target("UgwA.9x", extra={"video": VIDEO})]
    request = made.recheck(targets)
    site = Site(lambda: NOW)
    left = [site.resource(Comment("UgwA.9x", "nog hier", OTHER, NOW, parent="UgwA"))]
    result = made.rechecked(targets, answered(request, listing(*left, kind="commentListResponse")))
    assert [each.external_id for each in result.deleted] == ["UgwA", "UgwB"]
    assert [each.url for each in result.items] == [f"https://www.youtube.com/watch?v={VIDEO}&lc=UgwA.9x"]
    videos = made.recheck([Target(VIDEO, "videos")])
    assert isinstance(videos, HttpRequest)
    assert videos.url.endswith("/videos")


def test_an_answer_that_is_too_long_with_its_name_is_refused_before_it_costs_anything() -> None:
    wish = Action(ActionKind.REPLY, "UgwA.9x", "k", author_handle="jo", text="x" * 9_998)
    with pytest.raises(BadRequest, match="counts 10002"):
        connector().act(wish)
    assert connector().act(Action(ActionKind.REPLY, "UgwA", "k", author_handle="jo", text="x" * 10_000))


@pytest.mark.parametrize("key", ["../comments", "Ugw A", "", "Ugw,Ugx", "Ugw&id=1"])
def test_an_id_that_is_none_is_never_asked(key: str) -> None:
    with pytest.raises(BadRequest):
        connector().act(Action(ActionKind.DELETE_OWN, key, "k"))


@given(st.text(max_size=60), st.sampled_from(["jo", "@jo-example"]))
def test_whom_an_answer_is_for_stands_in_front_once(text: str, handle: str) -> None:
    wish = Action(ActionKind.REPLY, "UgwA.9x", "k", author_handle=handle, text=text)
    once = text_with_name(wish)
    again = text_with_name(Action(ActionKind.REPLY, "UgwA.9x", "k", author_handle=handle, text=once))
    assert again == once
    assert once.endswith(text)


def test_what_was_parsed_can_be_read_again_whatever_it_was() -> None:
    made = connector()
    (found,) = parsed(made, listing(thread())).items
    query = made.queries(())[0]
    again = made.reparse(orjson.loads(orjson.dumps(found.raw)), "", query)
    assert (again.external_id, again.url, again.text) == (found.external_id, found.url, found.text)
    with pytest.raises(FormatChanged):
        made.reparse("nothing", "", query)


# --- the login ------------------------------------------------------------------------------------------------------


# --- connecting -----------------------------------------------------------------------------------------------------
