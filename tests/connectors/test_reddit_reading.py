from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, ActionKind, Interval, Page, Purpose, Target, Task, Window
from connectors.errors import (
    AuthExpired,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from connectors.items import Item, Json, Kind, Visibility
from connectors.reddit import Reddit, RedditOptions
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors.reddit_site import OURS, SUB, Site, Thing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))
APP = {"approved": True, "username": OURS, "client_id": "app", "client_secret": "geheim"}
LOGIN = {**APP, "refresh_token": "refresh-1", "account_id": "t2_acme"}
KEPT = {"client_id": "app", "refresh_token": "refresh-1", "access_token": "access-1"}
FEED = {"feed_user": OURS, "feed_token": "f33d", "terms": ["acme"]}


def connector(**more: Any) -> Reddit:
    made = Reddit(RedditOptions.model_validate({**LOGIN, "terms": ["acme"], "own_subreddits": [SUB], **more}))
    made.login_taken(KEPT)
    return made


def answered(request: object, body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    assert isinstance(request, HttpRequest)
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return HttpResponse(request, status, dict(headers or {}), raw, request.url, NOW)


def parsed(made: Reddit, body: Any, status: int = 200, line: str = "search", window: Window = WINDOW) -> Page:
    query = next(each for each in made.queries(()) if each.id.startswith(line))
    task = Task("s", query, window)
    return made.parse(task, answered(made.plan(task), body, status))


def site() -> Site:
    return Site(lambda: NOW - timedelta(hours=1))


def listing(*things: Any, after: str | None = None) -> dict[str, Any]:
    return site().listing(list(things), after)


def post(**more: Any) -> dict[str, Any]:
    side = site()
    whole = side.wrapped(side.post("de app hapert"))
    whole["data"] |= more
    return whole


def comment(**more: Any) -> dict[str, Any]:
    side = site()
    whole = side.wrapped(side.comment("bij mij ook", side.post("vraag")))
    whole["data"] |= more
    return whole


def item(thing: dict[str, Any], made: Reddit | None = None) -> Item:
    (found,) = parsed(made or connector(), listing(thing)).items
    return found


def test_a_post_has_its_title_words_author_and_what_can_be_done() -> None:
    found = item(post(over_18=True, link_flair_text="Storing"))
    assert (found.kind, found.title, found.text) == (Kind.POST, "ACME down?", "de app hapert")
    assert found.author is not None
    assert (found.author.external_id, found.author.handle) == ("t2_joexample", "jo_example")
    can = found.capabilities
    assert (can.can_reply, can.can_hide, can.can_like, can.can_recheck, can.max_length) == (
        True,
        True,
        False,
        True,
        10_000,
    )
    assert found.tags == ("Storing", "nsfw")
    assert found.addressed  # it stands in a subreddit of ours


def test_in_other_subreddits_nothing_is_addressed_to_us_nor_removed_by_us() -> None:
    found = item(post(subreddit="nederland"))
    assert not found.addressed
    assert not found.capabilities.can_hide


@pytest.mark.parametrize(
    ("more", "says"),
    [({"locked": True}, "locked"), ({"archived": True}, "archived")],
)
def test_what_cannot_be_answered_says_why(more: dict[str, Any], says: str) -> None:
    can = item(post(**more)).capabilities
    assert not can.can_reply
    assert says in (can.why_not_reply or "")


def test_without_an_account_or_without_the_right_nothing_can_be_answered() -> None:
    made = Reddit(RedditOptions.model_validate({**APP, "terms": ["acme"]}))
    assert "No account" in (item(post(), made).capabilities.why_not_reply or "")
    limited = connector()
    limited.login_taken({**KEPT, "scope": "read,history"})
    assert "no right to write" in (item(post(), limited).capabilities.why_not_reply or "")


def test_our_own_are_known_by_the_account_and_by_further_names() -> None:
    assert item(post(author_fullname="t2_acme", author="renamed")).is_own
    assert item(post(author="Acme_NL"), connector(own_accounts=["u/acme_nl"])).is_own
    assert not item(post()).is_own


@pytest.mark.parametrize(
    "more",
    [
        {"selftext": "[deleted]", "author": "[deleted]"},
        {"selftext": "[removed]"},
        {"removed_by_category": "moderator"},
        {"removed_by_category": "a_word_of_tomorrow"},
    ],
)
def test_what_was_deleted_or_removed_is_told_and_its_words_are_not_kept(more: dict[str, Any]) -> None:
    page = parsed(connector(), listing(post(**more)))
    assert page.items == ()
    assert [each.external_id for each in page.deleted] == ["t3_p0001"]


def test_words_of_a_deleted_account_stay_without_their_author() -> None:
    for author in ("[deleted]", None):
        found = item(comment(author=author, author_fullname=None))
        assert found.author is None
        assert found.text == "bij mij ook"


def test_a_link_has_its_address_for_words_and_pictures_are_named() -> None:
    found = item(post(is_self=False, selftext="", url="https://nieuws.example/acme"))
    assert found.text == "https://nieuws.example/acme"
    source = {"url": "https://preview.redd.it/x.png", "width": 640, "height": 480}
    shown = item(post(preview={"images": [{"source": source}, {"source": {"url": "javascript:1"}}]}))
    assert [(media.url, media.width) for media in shown.media] == [("https://preview.redd.it/x.png", 640)]
    gallery: dict[str, Any] = {
        "a": {"s": {"u": "https://preview.redd.it/a.png", "x": 1, "y": 2}},
        "b": None,
        "c": {"s": {}},
    }
    assert [media.url for media in item(post(media_metadata=gallery)).media] == ["https://preview.redd.it/a.png"]


def test_a_private_subreddit_stays_off_the_open_board() -> None:
    assert item(post(subreddit_type="private")).visibility is Visibility.PRIVATE
    assert item(post(subreddit_type="user")).visibility is Visibility.PUBLIC


def test_in_the_inbox_a_comment_knows_its_post_by_its_address() -> None:
    side = site()
    thing = side.comment("dank u/acme_helpt", side.post("vraag"), to_us=True)
    page = parsed(connector(inbox=True), listing(side.wrapped(thing, inbox=True)), line="inbox")
    (found,) = page.items
    assert found.addressed
    assert found.thread_external_id == "t3_p0001"
    assert found.url == "https://www.reddit.com/r/klankbord/comments/p0001/acme_down/c0002/"


def test_a_private_message_is_private_and_belongs_to_its_conversation() -> None:
    side = site()
    first = side.write_to_us("hallo")
    second = side.write_to_us("en?", to=first)
    page = parsed(connector(inbox=True), listing(side.wrapped(first), side.wrapped(second)), line="inbox")
    assert {each.kind for each in page.items} == {Kind.MESSAGE}
    assert {each.visibility for each in page.items} == {Visibility.PRIVATE}
    assert {each.thread_external_id for each in page.items} == {first.name}
    system = side.wrapped(side.write_to_us("Welkom"))
    system["data"]["author"] = None
    (found,) = parsed(connector(inbox=True), listing(system), line="inbox").items
    assert "nobody to answer" in (found.capabilities.why_not_reply or "")


@pytest.mark.parametrize("text", ["😀👩‍👩‍👧🇳🇱", "شكرا جزيلا على الخدمة", "&lt;b&gt;"])
def test_emoji_and_right_to_left_alone_are_read(text: str) -> None:
    assert item(post(selftext=text)).text == text


@pytest.mark.parametrize("at", [0, 1_950_000_000, 1795338847.5])
def test_strange_dates_are_kept_as_told(at: float) -> None:
    assert item(post(created_utc=at)).published_at == datetime.fromtimestamp(at, UTC)


@pytest.mark.parametrize("at", ["yesterday", None, True, 1e300])
def test_a_date_that_is_none_sets_one_post_aside(at: Json) -> None:
    page = parsed(connector(), listing(post(created_utc=at), comment()))
    assert len(page.items) == 1
    assert [each.external_id for each in page.rejected] == ["t3_p0001"]


def test_a_thread_of_any_depth_is_read_without_running_out_of_breath() -> None:
    whole = comment(name="t1_bottom")
    for number in range(40):
        whole = comment(name=f"t1_{number}", replies=listing(whole))
    page = parsed(connector(), listing(whole), line="comments")
    assert len(page.items) == 41
    assert all("replies" not in str(each.raw) for each in page.items)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, {"message": "Unauthorized", "error": 401}, AuthExpired),
        (200, {"message": "Unauthorized", "error": 401}, AuthExpired),
        (403, {"message": "Forbidden", "error": 403}, Forbidden),
        (403, {"message": "Forbidden", "error": 403, "reason": "quarantined"}, Forbidden),
        (404, {"message": "Not Found", "error": 404, "reason": "banned"}, Forbidden),
        (404, {"message": "Not Found", "error": 404}, BadRequest),
        (403, b"<html>You've been blocked by network security.</html>", Forbidden),
        (429, {"message": "Too Many Requests", "error": 429}, RateLimited),
        (429, b"<html>slow down</html>", RateLimited),
        (200, {"message": "Too Many Requests", "error": 429}, RateLimited),
        (200, {"message": "Odd", "error": 418}, FormatChanged),
        (520, b"<html>unknown</html>", Transient),
        (522, b"<html>", Transient),
        (200, b"<html>Log in</html>", FormatChanged),
        (200, b"", FormatChanged),
        (200, {"kind": "t5", "data": {}}, FormatChanged),
        (200, {"kind": "Listing", "data": {"children": {}}}, FormatChanged),
        (200, {"json": {"errors": [["USER_REQUIRED", "Please log in", None]]}}, AuthExpired),
        (200, {"json": {"errors": [["A_CODE_OF_TOMORROW", "words", None]]}}, BadRequest),
        (200, {"json": {"errors": ["odd"]}}, BadRequest),
    ],
)
def test_each_refusal_has_its_name(status: int, body: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        parsed(connector(), body, status)
    assert isinstance(caught.value, ConnectorError)
    assert str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_subreddit_that_does_not_exist_is_named() -> None:
    with pytest.raises(Forbidden, match="r/klankbord: there is no such subreddit"):
        parsed(connector(), listing({"kind": "t5", "data": {"display_name": "klankborden"}}), line="posts")


def test_a_place_whose_thing_was_deleted_is_given_up_and_the_walk_begins_again() -> None:
    window = Window(WINDOW.interval, cursor="t3_gone|100", purpose=Purpose.HOLE)
    page = parsed(connector(), listing(), window=window)
    assert page.covered is None
    assert isinstance(page.next, HttpRequest)
    assert "after" not in dict(page.next.params)
    with pytest.raises(BadRequest, match="no place to go on"):
        parsed(connector(), listing(), window=Window(WINDOW.interval, cursor="?", purpose=Purpose.HOLE))


def test_an_end_after_few_things_is_the_end_and_after_many_it_is_a_loss() -> None:
    page = parsed(connector(), listing(post()))
    assert page.covered == WINDOW.interval
    late = Window(WINDOW.interval, cursor="t3_p0001|240", purpose=Purpose.HOLE)
    page = parsed(connector(), listing(post()), window=late)
    assert page.covered is not None
    assert page.covered.start > WINDOW.interval.start
    (gap,) = page.gaps
    assert gap.interval.start == WINDOW.interval.start


def test_a_phrase_is_searched_as_one_and_cannot_break_out_of_its_quotes() -> None:
    made = connector(terms=['acme" OR subreddit:"x'])
    query = made.queries(())[0]
    request = made.plan(Task("s", query, WINDOW))
    assert dict(request.params)["q"] == '"acme OR subreddit: x"'


def test_reddit_is_told_whose_program_asks() -> None:
    made = connector()
    request = made.plan(Task("s", made.queries(())[0], WINDOW))
    assert request.headers["User-Agent"] == "server:app:klankbord (by /u/acme_helpt)"
    assert ("raw_json", "1") in request.params


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("THREAD_LOCKED", Forbidden),
        ("TOO_OLD", Forbidden),
        ("DELETED_COMMENT", Forbidden),
        ("SUBREDDIT_NOTALLOWED", Forbidden),
        ("NO_TEXT", BadRequest),
        ("TOO_LONG", BadRequest),
        ("RATELIMIT", RateLimited),
    ],
)
def test_an_error_inside_a_200_is_no_answer_sent(code: str, error: type[Exception]) -> None:
    made, wish = connector(), Action(ActionKind.REPLY, "t3_a1", "k", text="Dank")
    body = {"json": {"ratelimit": 540.0, "errors": [[code, "words", None]]}}
    with pytest.raises(error) as caught:
        made.acted(wish, answered(made.act(wish), body))
    if isinstance(caught.value, RateLimited):
        assert caught.value.until == NOW + timedelta(seconds=540)
        assert not caught.value.whole_host


def test_an_answer_is_sent_as_a_form_never_twice_and_never_too_long() -> None:
    made = connector()
    request = made.act(Action(ActionKind.REPLY, "t1_a1", "k", text="Dank & groet"))
    assert isinstance(request, HttpRequest)
    assert request.form == (("api_type", "json"), ("thing_id", "t1_a1"), ("text", "Dank & groet"))
    assert not request.safe_to_repeat
    for text in ("", " ", "x" * 10_001):
        with pytest.raises(BadRequest):
            made.act(Action(ActionKind.REPLY, "t1_a1", "k", text=text))


def test_what_reddit_forbids_or_we_may_not_is_refused_before_it_is_asked() -> None:
    made = connector()
    with pytest.raises(Forbidden, match="forbids voting"):
        made.act(Action(ActionKind.LIKE, "t3_a1", "k"))
    with pytest.raises(Forbidden, match="own_subreddits"):
        made.act(Action(ActionKind.HIDE, "t3_a1", "k", extra={"subreddit": "nederland"}))
    with pytest.raises(Forbidden, match="private message"):
        made.recheck([Target("t4_a1")])
    by_feed = Reddit(RedditOptions.model_validate(FEED))
    for kind in (ActionKind.REPLY, ActionKind.FETCH_THREAD, ActionKind.DELETE_OWN, ActionKind.RECHECK):
        with pytest.raises(Forbidden):
            by_feed.act(Action(kind, "t3_a1", "k", text="Dank"))


@given(st.text(max_size=30))
def test_only_a_fullname_is_ever_asked_for(key: str) -> None:
    made = connector()
    try:
        request = made.act(Action(ActionKind.FETCH_THREAD, key, "k"))
    except (BadRequest, Forbidden):
        return
    assert isinstance(request, HttpRequest)
    assert key.partition("_")[0] in {"t1", "t3", "t4"}


def test_a_kept_thing_can_be_read_again_whatever_it_was() -> None:
    made = connector(inbox=True)
    side = site()
    things = [post(), comment(), side.wrapped(side.write_to_us("hallo"))]
    query = made.queries(())[0]
    for found in parsed(made, listing(*things), line="inbox").items:
        again = made.reparse(orjson.loads(orjson.dumps(found.raw)), "", query)
        assert (again.external_id, again.text, again.addressed) == (found.external_id, found.text, True)
    with pytest.raises(FormatChanged):
        made.reparse([], "", query)


# --- feeds ----------------------------------------------------------------------------------------------------------


def atom(*things: Thing) -> bytes:
    entries = "".join(site().entry(each) for each in things)
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>r</title>{entries}</feed>'.encode()


# --- options, login, connecting -------------------------------------------------------------------------------------
