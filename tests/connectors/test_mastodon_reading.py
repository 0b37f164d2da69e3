from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Action, ActionKind, Interval, Purpose, Task, Window
from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged, RateLimited
from connectors.items import Item, Kind, Visibility
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.mastodon.acting import reply_visibility, with_mention
from connectors.mastodon.reading import length_of
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors import mastodon_contract, mastodon_posts
from tests.connectors.contracts import at_hand
from understanding.lengths import length

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))


def connector(**more: Any) -> Mastodon:
    home = {
        "url": "https://home.example",
        "token": "secret",
        "hashtags": ["storing"],
        "terms": ["acme"],
        "max_characters": 60,
    }
    far = {"url": "far.example", "hashtags": ["storing"]}
    return Mastodon(MastodonOptions.model_validate({"instances": [home, far], **more}))


LOGGED_IN = {"url": "https://home.example", "token": "secret", "notifications": True}
JO = mastodon_posts.account("jo@origin.example", "far.example")


def status(key: str, **more: Any) -> dict[str, Any]:
    return mastodon_posts.status(key, JO, **{"uri": f"https://origin.example/s/{key}", "url": None, **more})


def searched(*statuses: dict[str, Any]) -> dict[str, Any]:
    return {"accounts": [], "hashtags": [], "statuses": [*statuses]}


def held(request: Any, body: Any) -> Any:
    """An answer, held to the contract where that is on this machine."""
    if at_hand(mastodon_contract.FILE):
        assert not mastodon_contract.answer_misses(request, 200, body)
    return body


def read(
    made: Mastodon,
    kind: str,
    body: Any,
    code: int = 200,
    host: str = "far.example",
    *,
    other_make: bool = False,
    **headers: str,
) -> Any:
    query = next(each for each in made.queries(()) if each.id.startswith(f"{kind}:{host}"))
    task = Task("s", query, WINDOW, {"us": ["https://home.example/@acme"], "posts": 4})
    request = made.plan(task)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if not isinstance(body, bytes) and not other_make:
        held(request, body)
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return made.parse(task, HttpResponse(request, code, named, raw, request.url, NOW))


def item(**more: Any) -> Item:
    (found,) = read(connector(), "tag", [status("5", **more)]).items
    assert isinstance(found, Item)
    return found


def test_one_post_seen_on_two_instances_is_one_mention() -> None:
    made = connector()
    here = read(made, "tag", [status("5")], host="home.example").items[0]
    there = read(made, "tag", [status("99", uri="https://origin.example/s/5")]).items[0]
    assert (here.external_id, here.namespace) == (there.external_id, there.namespace)
    assert (here.extra["status_id"], there.extra["status_id"]) == ("5", "99")


def test_another_make_of_server_may_leave_fields_out() -> None:
    plain = mastodon_posts.plain_status("5", JO, uri="https://origin.example/s/5")
    (found,) = read(connector(), "tag", [plain], other_make=True).items
    assert found.counts.likes is None
    assert found.lang_hint is None
    assert found.url == "https://origin.example/s/5"
    assert found.visibility is Visibility.PUBLIC


WORDS = ("public", "unlisted", "private", "direct")


@pytest.mark.parametrize(
    ("word", "visibility", "kind"),
    [
        ("public", Visibility.PUBLIC, Kind.POST),
        ("unlisted", Visibility.UNLISTED, Kind.POST),
        ("private", Visibility.PRIVATE, Kind.POST),
        ("direct", Visibility.PRIVATE, Kind.MESSAGE),
        ("a-word-of-tomorrow", Visibility.PRIVATE, Kind.POST),
    ],
)
def test_a_visibility_we_do_not_know_counts_as_private(word: str, visibility: Visibility, kind: Kind) -> None:
    (found,) = read(connector(), "tag", [status("5", visibility=word)], other_make=word not in WORDS).items
    assert (found.visibility, found.kind) == (visibility, kind)


def test_boosts_and_authors_who_do_not_want_to_be_indexed_are_left_out() -> None:
    shy = mastodon_posts.account("shy", "far.example", id="2", noindex=True)
    posts = [status("5", reblog=status("4")), status("6", account=shy)]
    assert read(connector(), "tag", posts).items == ()
    assert len(read(connector(respect_noindex=False), "tag", posts).items) == 1


def told(kind: str, post: dict[str, Any], key: str) -> dict[str, Any]:
    around = {"id": key, "group_key": f"ungrouped-{key}", "created_at": post["created_at"], "account": post["account"]}
    return {**around, "type": kind, "status": post}


def test_who_quotes_us_speaks_to_us_and_a_post_that_names_us_as_well_is_one() -> None:
    ours = {"state": "accepted", "quoted_status": status("4")}
    gone = {"state": "deleted", "quoted_status": None}
    quoting, both = status("5", quote=ours, quotes_count=0), status("6", quote=gone)
    entries = [told("quote", both, "9"), told("mention", both, "8"), told("quote", quoting, "7")]
    page = read(connector(instances=[LOGGED_IN]), "notifications", entries, host="home.example")
    assert [(each.extra["status_id"], each.addressed) for each in page.items] == [("6", True), ("5", True)]
    later = told("added_to_collection", status("7"), "10")
    assert read(connector(instances=[LOGGED_IN]), "notifications", [later], host="home.example").items == ()


@pytest.mark.parametrize(
    "more",
    [
        {"account": {**JO, "suspended": True, "limited": True, "memorial": None, "moved": JO, "last_status_at": None}},
        {"edited_at": "2026-11-22T11:30:00.000Z", "text": "hallo", "language": None, "quote_approval": None},
        {"media_attachments": [{"id": "1", "type": "unknown", "url": None, "remote_url": None, "description": None}]},
        {"media_attachments": [{"id": "1", "type": "image", "url": "https://x/a.png", "meta": None, "blurhash": None}]},
        {"quote": {"state": "unauthorized", "quoted_status": None}, "filtered": None, "application": None},
        {
            "content": "",
            "sensitive": True,
            "spoiler_text": "Storing",
            "card": None,
            "poll": None,
            "in_reply_to_id": "404",
        },
    ],
)
def test_what_the_contract_lets_be_absent_or_null_costs_no_post(more: dict[str, Any]) -> None:
    found = item(**more)
    assert found.external_id == "https://origin.example/s/5"
    assert found.author is not None
    assert found.author.handle == "jo@origin.example"
    assert (found.edited_at is not None) == ("edited_at" in more)


def test_a_reply_knows_its_parent_when_both_stand_in_one_answer() -> None:
    found = {
        each.external_id: each
        for each in read(connector(), "tag", [status("6", in_reply_to_id="5"), status("5")]).items
    }
    child = found["https://origin.example/s/6"]
    assert child.parent_external_id == "https://origin.example/s/5"
    assert child.thread_external_id is None
    assert found["https://origin.example/s/5"].thread_external_id == "https://origin.example/s/5"


def test_our_account_is_known_by_its_token_and_by_its_name() -> None:
    ours = mastodon_posts.account("acme@home.example", "far.example", id="9")
    assert read(connector(), "tag", [status("5", account=ours)]).items[0].is_own
    named = connector(own_accounts=["@jo@origin.example"])
    assert read(named, "tag", [status("5")]).items[0].is_own


def test_a_post_with_an_address_that_is_none_still_has_a_permalink() -> None:
    found = item(uri="tag:origin.example,2026:5", url=None)
    assert found.external_id == "tag:origin.example,2026:5"
    assert found.url == "https://far.example/@jo@origin.example/5"


def test_search_that_does_not_even_find_our_posts_is_noticed() -> None:
    with pytest.raises(Forbidden, match="no full-text search"):
        read(connector(), "search", searched(), host="home.example")


def test_search_proves_its_window_only_when_all_hits_were_read() -> None:
    made = connector()
    page = read(made, "search", searched(status("1")), host="home.example")
    query = next(each for each in made.queries(()) if each.id.startswith("search:"))
    task = Task("s", query, WINDOW, page.state)
    hit, nothing = (orjson.dumps(held(page.next, searched(*hits))) for hits in ([status("7")], []))
    first = made.parse(task, HttpResponse(page.next, 200, {}, hit, "", NOW))
    assert first.covered is None
    assert first.cursor == "1"
    last = made.parse(task, HttpResponse(first.next, 200, {}, nothing, "", NOW))
    assert (last.covered, last.next) == (WINDOW.interval, None)


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (401, b'{"error":"The access token is invalid"}', AuthDead),
        (403, b'{"error":"Your login is currently disabled"}', AuthDead),
        (403, b'{"error":"This action is outside the authorized scopes"}', Forbidden),
        (422, b'{"error":"This method requires an authenticated user"}', Forbidden),
        (422, b'{"error":"Validation failed"}', BadRequest),
        (200, b'{"error":"something"}', FormatChanged),
    ],
)
def test_each_refusal_has_its_name(code: int, body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"home\.example"):
        read(connector(), "tag", body, code, host="home.example")


def test_without_a_token_a_closed_timeline_asks_for_one() -> None:
    with pytest.raises(Forbidden, match="give the instance a token"):
        read(connector(), "tag", b'{"error":"This method requires an authenticated user"}', 401)


@pytest.mark.parametrize("reset", ["2026-11-22T12:01:00.248623Z", str(int(NOW.timestamp()) + 60)])
def test_the_reset_is_read_as_an_instant_and_as_a_number(reset: str) -> None:
    with pytest.raises(RateLimited) as caught:
        read(connector(), "tag", b'{"error":"Too many requests"}', 429, x_ratelimit_reset=reset)
    assert caught.value.until is not None
    assert abs((caught.value.until - NOW).total_seconds() - 60) < 1


def test_a_removed_anchor_does_not_matter_and_ids_need_not_be_numbers() -> None:
    posts = [status("01HZZZZZZZZZZZZZZZZZZZZZZB"), status("01HZZZZZZZZZZZZZZZZZZZZZZA")]
    page = read(connector(), "tag", posts)
    assert isinstance(page.next, HttpRequest)
    assert dict(page.next.params)["max_id"] == "01HZZZZZZZZZZZZZZZZZZZZZZA"


def test_a_hole_is_read_from_its_cursor() -> None:
    made = connector()
    query = made.queries(())[0]
    window = Window(WINDOW.interval, cursor='["up","77"]', purpose=Purpose.HOLE)
    request = made.plan(Task("s", query, window, {"us": []}))
    assert dict(request.params)["min_id"] == "77"
    with pytest.raises(BadRequest, match="no place to go on"):
        made.plan(Task("s", query, Window(WINDOW.interval, cursor="77x"), {"us": []}))


def wish(text: str, **more: Any) -> Action:
    extra = {"instance": "home.example", "status_id": "5", **more}
    return Action(ActionKind.REPLY, "uri", "key-1", author_handle="jo@far.example", text=text, extra=extra)


def test_a_reply_carries_key_name_visibility_language_and_warning() -> None:
    request = connector().act(wish("Dank je", visibility="unlisted", language="nl", spoiler_text="storing"))
    assert isinstance(request, HttpRequest)
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.safe_to_repeat
    assert request.json == {
        "status": "@jo@far.example Dank je",
        "in_reply_to_id": "5",
        "visibility": "unlisted",
        "language": "nl",
        "spoiler_text": "storing",
    }


def test_a_reply_that_is_too_long_is_refused_before_it_is_sent() -> None:
    assert connector().act(wish("x" * 56))
    with pytest.raises(BadRequest, match="counts 61 characters"):
        connector().act(wish("x" * 57))


def test_nobody_acts_without_a_token_or_hides_anothers_post() -> None:
    with pytest.raises(Forbidden, match="token"):
        connector().act(wish("hallo", instance="far.example"))
    hide = Action(ActionKind.HIDE, "uri", "k", extra={"instance": "home.example", "status_id": "5"})
    with pytest.raises(Forbidden, match="nobody can hide"):
        connector().act(hide)


def test_a_page_not_found_by_a_proxy_is_no_removal() -> None:
    made = connector()
    recheck = Action(ActionKind.RECHECK, "uri", "k", extra={"instance": "home.example", "status_id": "5"})
    request = made.act(recheck)
    assert isinstance(request, HttpRequest)
    gone = made.acted(recheck, HttpResponse(request, 404, {}, b'{"error":"Record not found"}', "", NOW))
    assert [each.external_id for each in gone.deleted] == ["uri"]
    with pytest.raises(BadRequest):
        made.acted(recheck, HttpResponse(request, 404, {}, b"<html>nginx</html>", "", NOW))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ([{"url": "home.example", "hashtags": ["two words"]}], "not a hashtag"),
        ([{"url": "ftp://home.example"}], "not the address of an instance"),
        ([{"url": "https://home.example/@acme"}], "not the address of an instance"),
        ([{"url": "home.example"}, {"url": "https://home.example/"}], "named twice"),
        ([], "at least 1"),
    ],
)
def test_a_wrong_option_is_explained(options: Any, says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        MastodonOptions.model_validate({"instances": options})


def test_a_token_never_shows() -> None:
    assert "secret" not in repr(connector().options)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("hallo", 5),
        ("😀", 1),
        ("https://example.org/" + "x" * 300, 23),
        ("zie https://a.nl nu", 30),
        ("@jo@far.example dank", 8),
        ("@jo dank", 8),
    ],
)
def test_a_post_is_counted_as_the_platform_does(text: str, length: int) -> None:
    assert length_of(text) == length


@given(st.text(max_size=200), st.text(alphabet=st.characters(categories=["L"]), max_size=20))
def test_more_text_is_never_shorter(text: str, more: str) -> None:
    assert length_of(f"{text} {more}") >= len(more)
    assert length_of(text) <= max(len(text), 23 * (text.count("http") + 1) + len(text))


@given(
    st.sampled_from(Visibility), st.none() | st.sampled_from(["public", "unlisted", "private", "direct"]) | st.text()
)
def test_a_reply_is_never_more_visible_than_what_it_answers(kept: Visibility, word: str | None) -> None:
    order = ("public", "unlisted", "private", "direct")
    answer = reply_visibility(kept, word)
    least = {Visibility.PUBLIC: "public", Visibility.UNLISTED: "unlisted", Visibility.PRIVATE: "private"}[kept]
    assert order.index(answer) >= order.index(least)
    if word in order:
        assert order.index(answer) >= order.index(word)


@given(st.text(max_size=80), st.sampled_from(["jo", "jo@far.example", "jo@home.example", "@jo"]))
def test_the_author_is_named_exactly_once_more_at_most(text: str, handle: str) -> None:
    once = with_mention(text, handle, "home.example")
    assert with_mention(once, handle, "home.example") == once
    assert once.endswith(text)


PIECES = st.sampled_from(
    [
        "a", "é", "👩‍👩‍👧", " ", ".", "(", ")", "_", '"', "…", "\n", "@piet ", "@piet@far.example ", " https://", "https://a.nl/x",
        "HTTPS://A.NL/lang/pad/naar/iets", "http://b.nl/?q=1&r=(2)", "https://c.nl/_x_", "«https://d.nl»",
    ]
)  # fmt: skip


@given(st.lists(PIECES, min_size=1, max_size=12).map("".join), st.sampled_from(["", "kijk: https://x.nl"]))
def test_an_answer_that_fits_by_the_counter_is_never_too_long_at_send(text: str, warning: str) -> None:
    far = {"url": "far.example", "hashtags": ["storing"], "max_characters": 100}
    shown = status("5", spoiler_text=warning, account=mastodon_posts.account("jo@o.example", "far.example"))
    (found,) = read(connector(instances=[far]), "tag", [shown]).items
    most = found.capabilities.max_length

    def counted(said: str) -> int:
        return length(said, "code_points", link_length=found.capabilities.link_length)

    said = f"{text} ".lstrip()
    said += "a" * (most - counted(said))  # to the last character that the counter allows
    if counted(said) <= most:
        ahead = with_mention(said, found.author.handle, "far.example")
        assert length_of(ahead) + length_of(warning) <= 100


def test_a_thread_of_twenty_levels_is_read_whole_with_its_links_also_where_one_was_removed() -> None:
    chain = [status(str(level), in_reply_to_id=str(level - 1) if level else None) for level in range(21)]
    ancestors, descendants = chain[:10], [*chain[11:15], *chain[16:]]  # the fifteenth was removed
    wish = Action(ActionKind.FETCH_THREAD, chain[10]["uri"], "k", extra={"instance": "far.example", "status_id": "10"})
    made = connector()
    request: Any = made.act(wish)
    body = orjson.dumps(held(request, {"ancestors": ancestors, "descendants": descendants}))
    found = made.acted(wish, HttpResponse(request, 200, {}, body, request.url, NOW)).items
    assert {item.external_id for item in found} == {each["uri"] for each in (*ancestors, *descendants)}
    links = {item.external_id: item.parent_external_id for item in found}
    for level in {*range(1, 21)} - {10, 15, 16}:
        assert links[chain[level]["uri"]] == chain[level - 1]["uri"]
    assert links[chain[16]["uri"]] is None
    assert {item.thread_external_id for item in found} == {chain[0]["uri"]}
