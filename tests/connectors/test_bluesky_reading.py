from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.bluesky.lines import asked_of
from connectors.contract import Interval, Page, Purpose, Task, Window
from connectors.errors import (
    AuthDead,
    AuthExpired,
    BadRequest,
    ConnectorError,
    Forbidden,
    FormatChanged,
    RateLimited,
    Transient,
)
from connectors.items import Item, Kind, LengthUnit, MediaKind, Visibility
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors.bluesky_posts import JO, US, author, jwt, kept_login, notification, ref, uri_of, view

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))
AT = NOW - timedelta(hours=1)


def connector(*, known: bool = True, **options: Any) -> Bluesky:
    made = Bluesky(
        BlueskyOptions.model_validate(
            {"handle": "acme.example", "app_password": "geheim", "terms": ["acme"], **options}
        )
    )
    if known:
        made.login_taken(kept_login())
    return made


def answered(request: HttpRequest, body: Any, code: int = 200, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(request, code, named, body if isinstance(body, bytes) else orjson.dumps(body), request.url, NOW)


def task(made: Bluesky, kind: str = "search:acme", window: Window = WINDOW) -> Task:
    return Task("s", next(each for each in made.queries(()) if each.id == kind), window)


def page(posts: list[Any], kind: str = "search:acme", *, made: Bluesky | None = None, **body: Any) -> Page:
    made = made or connector()
    listed = {"notifications": "notifications", "posts": "feed"}.get(kind, "posts")
    asked = task(made, kind)
    request = made.plan(asked)
    assert isinstance(request, HttpRequest)
    return made.parse(asked, answered(request, {listed: posts, **body}))


def item(text: str = "acme doet het niet", at: datetime = AT, **more: Any) -> Item:
    found = page([view("3kabc", text, at, **more)])
    assert not found.rejected
    return found.items[0]


def raised(body: Any, code: int, made: Bluesky | None = None, **headers: str) -> ConnectorError:
    made = made or connector()
    request = made.plan(task(made))
    assert isinstance(request, HttpRequest)
    with pytest.raises(ConnectorError) as caught:
        made.parse(task(made), answered(request, body, code, **headers))
    assert "geheim" not in str(caught.value)
    return caught.value


def test_a_post_is_known_by_its_address_and_its_author_by_did() -> None:
    found = item()
    assert (found.external_id, found.namespace) == (uri_of("3kabc"), "")
    assert found.author is not None
    assert (found.author.external_id, found.author.handle) == (JO, "jo.example")
    assert found.url == f"https://bsky.app/profile/{JO}/post/3kabc"
    assert found.lang_hint == "nl"
    assert (found.capabilities.max_length, found.capabilities.length_unit) == (300, LengthUnit.GRAPHEMES)
    assert found.capabilities.can_recheck


def test_a_handle_that_cannot_be_verified_is_not_shown() -> None:
    found = item(author={"did": JO, "handle": "handle.invalid"})
    assert found.author is not None
    assert found.author.handle is None


def test_an_answer_knows_what_it_answers_and_its_thread() -> None:
    root, parent = ref(uri_of("3kroot", US)), ref(uri_of("3kparent"))
    found = item(reply={"root": root, "parent": parent})
    assert found.kind is Kind.COMMENT
    assert (found.parent_external_id, found.thread_external_id) == (parent["uri"], root["uri"])
    assert found.capabilities.can_hide
    assert found.capabilities.can_fetch_parent
    assert not item(reply={"root": parent, "parent": parent}).capabilities.can_hide


def test_only_what_names_us_or_answers_us_is_addressed_to_us() -> None:
    ours, other = ref(uri_of("3kours", US)), ref(uri_of("3kother"))
    mention = {"$type": "app.bsky.richtext.facet#mention", "did": US}
    assert item(reply={"root": other, "parent": ours}).addressed
    assert not item(reply={"root": ours, "parent": other}).addressed
    assert item(facets=[{"index": {"byteStart": 0, "byteEnd": 4}, "features": [mention]}]).addressed
    assert page([notification("3kabc", "hoi", AT)], "notifications").items[0].addressed


def test_our_own_posts_are_known_by_did_whoever_shows_them() -> None:
    assert item(did=US).is_own
    assert not item(did=US).addressed
    assert page([{"post": view("3k", "wij kijken", AT, did=US)}], "posts").items[0].is_own
    assert page([view("3k", "ook wij", AT)], made=connector(own_accounts=[JO])).items[0].is_own


def test_who_may_not_be_answered_says_why() -> None:
    closed = item(viewer={"replyDisabled": True}).capabilities
    assert not closed.can_reply
    assert closed.why_not_reply == "Its author does not let us answer here."
    blocked = item(author=author(viewer={"blockedBy": True})).capabilities
    assert "blocked" in (blocked.why_not_reply or "")


def test_who_asked_not_to_be_shown_outside_is_unlisted() -> None:
    label = {"src": JO, "uri": JO, "val": "!no-unauthenticated", "cts": "2026-01-01T00:00:00Z"}
    assert item(author=author(labels=[label])).visibility is Visibility.UNLISTED
    assert item(author=author(labels=[{**label, "neg": True}])).visibility is Visibility.PUBLIC


@pytest.mark.parametrize(
    "claimed", ["2999-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z", "1985-04-12T23:20:50.1235678912345Z"]
)
def test_what_an_author_claims_as_the_time_is_read_as_it_is(claimed: str) -> None:
    posts = [view("3kabc", "acme", AT)]
    posts[0]["record"]["createdAt"] = claimed
    found = page(posts).items[0].published_at
    assert found is not None
    assert found.isoformat()[:10] == claimed[:10]


@pytest.mark.parametrize("claimed", [None, "", "gisteren", 5, "2026-13-40T00:00:00Z", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_is_none_stays_unknown(claimed: Any) -> None:
    posts = [view("3kabc", "acme", AT)]
    posts[0]["record"]["createdAt"] = claimed
    assert page(posts).items[0].published_at is None


def test_pictures_are_named_from_a_view_and_from_a_bare_record() -> None:
    shown = {"thumb": "https://cdn.example/t", "fullsize": "https://cdn.example/f", "alt": "Een kapotte doos"}
    pictures = {"$type": "app.bsky.embed.images#view", "images": [shown]}
    assert [(each.url, each.alt) for each in item(embed=pictures).media] == [
        ("https://cdn.example/f", "Een kapotte doos")
    ]
    beside = {"$type": "app.bsky.embed.recordWithMedia#view", "media": pictures, "record": {}}
    assert len(item(embed=beside).media) == 1
    blob = {"$type": "blob", "ref": {"$link": "bafkrei"}, "mimeType": "image/jpeg", "size": 5}
    bare = item(embed_record={"$type": "app.bsky.embed.images", "images": [{"image": blob, "alt": ""}]}).media
    assert bare[0].url == f"https://cdn.bsky.app/img/feed_fullsize/plain/{JO}/bafkrei@jpeg"
    film = item(embed={"$type": "app.bsky.embed.video#view", "cid": "x", "playlist": "https://v.example/p.m3u8"}).media
    assert film[0].kind is MediaKind.VIDEO


def test_a_post_without_words_is_read_by_what_was_written_beside_its_picture() -> None:
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": {}, "alt": "Bon van acme"}]}
    assert item("", embed_record=embed).text == "Bon van acme"


@pytest.mark.parametrize("text", ["😀👩‍👩‍👧🇳🇱", "شكرا جزيلا", "𠮷" * 300])
def test_posts_of_emoji_and_other_scripts_come_through(text: str) -> None:
    assert item(text).text == text


@pytest.mark.parametrize(
    "broken",
    [
        "no object",
        None,
        {},
        {"uri": uri_of("3k")},
        {**view("3k", "x", AT), "record": None},
        {**view("3k", "x", AT), "uri": "https://x"},
        {**view("3k", "x", AT), "uri": f"at://{JO}/app.bsky.feed.like/3k"},
        {**view("3k", "x", AT), "record": {"text": None, "createdAt": "2026-11-22T10:00:00Z"}},
        {**view("3k", "x", AT), "author": author(US)},
    ],
)
def test_a_post_that_cannot_be_read_is_set_aside(broken: Any) -> None:
    found = page([broken, view("3kok", "acme", AT)])
    assert [each.external_id for each in found.items] == [uri_of("3kok")]
    assert len(found.rejected) == 1


def test_an_author_that_is_missing_is_known_by_the_address_of_the_post() -> None:
    found = item(author=None)
    assert found.author is not None
    assert (found.author.external_id, found.author.handle) == (JO, None)


def test_unknown_embeds_reasons_and_fields_do_no_harm() -> None:
    assert item(embed={"$type": "app.bsky.embed.hologram#view", "beam": [1]}, labels="none", viewer=None).text
    odd = {**notification("3k2", "hoi", AT), "reason": "telepathy"}
    found = page([odd, notification("3kabc", "hoi", AT)], "notifications")
    assert [each.external_id for each in found.items] == [uri_of("3kabc")]


def test_what_we_only_passed_on_is_not_ours() -> None:
    passed = {"post": view("3k", "acme", AT), "reason": {"$type": "app.bsky.feed.defs#reasonRepost"}}
    assert page([passed], "posts").items == ()


def test_one_post_that_mentions_and_answers_us_is_one_item() -> None:
    posts = [notification("3k", "hoi", AT), {**notification("3k", "hoi", AT), "reason": "reply"}]
    assert len(page(posts, "notifications").items) == 1


@pytest.mark.parametrize(
    ("term", "asked"),
    [
        ("acme", "acme"),
        ("#storing", "#storing"),
        ("@acme", "acme"),
        ("Acme Energie", '"Acme Energie"'),
        ("-acme", '"-acme"'),
        ("from:jo", '"from:jo"'),
        ('zeg "hoi"  daar', '"zeg hoi daar"'),
        ("café", "café"),
    ],
)
def test_a_term_is_asked_for_as_a_word_or_a_phrase_never_as_an_operator(term: str, asked: str) -> None:
    assert asked_of(term) == asked


def test_terms_that_are_asked_alike_are_asked_once() -> None:
    made = connector(terms=["Acme", "acme", "@acme", '""'])
    assert [each.id for each in made.queries(("ACME",)) if each.params["kind"] == "search"] == ["search:acme"]


def test_a_stretch_is_asked_for_with_both_its_ends() -> None:
    made = connector()
    asked = made.plan(task(made))
    assert isinstance(asked, HttpRequest)
    assert dict(asked.params)["since"] == "2026-11-21T12:00:00.000Z"
    assert dict(asked.params)["until"] == "2026-11-22T12:00:00.001Z"


def test_notifications_whose_cursor_is_no_longer_taken_begin_again_from_the_newest() -> None:
    made = connector()
    resumed = made.plan(task(made, "notifications", Window(WINDOW.interval, '[0,null,"old"]', Purpose.HOLE)))
    assert isinstance(resumed, HttpRequest)
    assert dict(resumed.params)["cursor"] == "old"
    refusal = {"error": "InvalidRequest", "message": "Malformed cursor"}
    again = made.parse(task(made, "notifications"), answered(resumed, refusal, 400)).next
    assert isinstance(again, HttpRequest)
    assert "cursor" not in dict(again.params)


def test_a_cursor_that_is_no_longer_taken_begins_the_search_again_below_what_was_read() -> None:
    made = connector()
    first = page([view(f"3k{n}", "acme", AT - timedelta(minutes=n)) for n in range(5)], cursor="old", made=made)
    assert isinstance(first.next, HttpRequest)
    refusal = {"error": "InvalidRequest", "message": "Invalid cursor format"}
    again = made.parse(task(made), answered(first.next, refusal, 400)).next
    assert isinstance(again, HttpRequest)
    assert "cursor" not in dict(again.params)
    assert dict(again.params)["until"] == "2026-11-22T10:58:00.001Z"
    with pytest.raises(BadRequest, match="Invalid cursor"):
        made.parse(task(made), answered(again, refusal, 400))


def test_a_place_to_go_on_that_is_none_is_refused() -> None:
    made = connector()
    for wrong in ("from-100", "5", "[0]", '["a",null,null]', '[0,"gisteren",null]', "[0,null,5]"):
        with pytest.raises(BadRequest, match="no place"):
            made.plan(task(made, window=Window(WINDOW.interval, cursor=wrong)))


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, {"error": "ExpiredToken", "message": "Token has expired"}, AuthExpired),
        (400, {"error": "InvalidToken", "message": "Token could not be verified"}, AuthExpired),
        (401, {"error": "AuthMissing", "message": "Authentication Required"}, AuthExpired),
        (200, {"error": "ExpiredToken", "message": "Token has expired"}, AuthExpired),
        (200, {"error": "SomethingNew", "message": "hm"}, FormatChanged),
        (400, {"error": "InvalidToken", "message": "Bad token scope"}, Forbidden),
        (403, {"error": "AccountTakedown", "message": "Account has been taken down"}, AuthDead),
        (400, {"error": "BadQueryString", "message": "no"}, BadRequest),
        (400, {"error": "InvalidRequest", "message": "no"}, BadRequest),
        (403, {"error": "Forbidden", "message": "no"}, Forbidden),
        (403, b"<html>403 Forbidden</html>", Forbidden),
        (501, {"error": "MethodNotImplemented", "message": "no"}, Forbidden),
        (429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, RateLimited),
        (502, {"error": "UpstreamFailure", "message": "Upstream Failure"}, Transient),
        (500, {"error": "InternalServerError", "message": "x"}, Transient),
        (502, b"<html>Bad gateway</html>", Transient),
        (200, b"<!doctype html><title>Log in</title>", FormatChanged),
        (200, {"posts": 5}, FormatChanged),
        (200, [], FormatChanged),
    ],
)
def test_an_error_is_named_by_the_servers_words_before_the_status(code: int, body: Any, error: type[Exception]) -> None:
    assert type(raised(body, code)) is error


def test_a_limit_says_until_when_in_seconds_since_1970() -> None:
    later = int(NOW.timestamp()) + 240
    error = raised({"error": "RateLimitExceeded", "message": "x"}, 429, ratelimit_reset=str(later))
    assert isinstance(error, RateLimited)
    assert error.until == NOW + timedelta(seconds=240)


def session(**more: Any) -> dict[str, Any]:
    home = {"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": "https://home.example"}
    tokens = {"accessJwt": jwt(NOW + timedelta(hours=2)), "refreshJwt": "renewal-1"}
    return {"did": US, "handle": "acme.example", "didDoc": {"id": US, "service": [home]}, **tokens, **more}


def logged_in(**more: Any) -> Bluesky:
    made = connector(known=False)
    request = made.refresh()
    assert isinstance(request, HttpRequest)
    made.refreshed(answered(request, session(**more)))
    return made
