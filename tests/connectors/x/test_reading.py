"""From posts to items: both vocabularies, edits, who was called on, and everything that may be missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Interval, Purpose, Query, Task, Window
from connectors.items import Item, Kind, MediaKind, Visibility
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import X, XOptions
from connectors.x.reading import time_of
from tests.connectors.x.saying import OUR_NAME, US, mention, page, post, renamed, reply_to, snowflake, stamp, user

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
AT = NOW - timedelta(hours=1)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))


def connector(*, connected: bool = True, **more: Any) -> X:
    made = X(XOptions.model_validate({"account": OUR_NAME, "account_id": US, "mentions": True, **more}))
    if connected:
        made.login_taken({"access_token": "user-token", "refresh_token": "r", "client_id": "app"})
    else:
        made = X(XOptions.model_validate({"account": OUR_NAME, "account_id": US, "bearer_token": "app-token", **more}))
    return made


def ask(made: X, kind: str = "search", window: Window = WINDOW, **state: Any) -> tuple[Task, HttpRequest]:
    query = next(each for each in made.queries(("acme",)) if each.params["kind"] == kind)
    task = Task("s", query, window, state)
    return task, made.plan(task)


def answer(request: HttpRequest, body: Any, status: int = 200, **headers: str) -> HttpResponse:
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(request, status, named, raw, request.url, NOW)


def read(body: Any, made: X | None = None, kind: str = "search") -> Any:
    made = made or connector()
    task, request = ask(made, kind)
    return made.parse(task, answer(request, body))


def item(made: X | None = None, text: str = "acme is stuk", kind: str = "search", **more: Any) -> Item:
    shown = {**post(snowflake(AT), text, AT), **more}
    (found,) = read(page([shown], [user("jo_example")]), made, kind).items
    assert isinstance(found, Item)
    return found


def test_a_post_says_who_when_where_and_how_often() -> None:
    found = item()
    assert found.author is not None
    assert (found.author.handle, found.author.url) == ("jo_example", "https://x.com/jo_example")
    assert found.url == f"https://x.com/jo_example/status/{snowflake(AT)}"
    assert found.published_at == AT
    assert (found.counts.likes, found.counts.shares, found.counts.views) == (2, 0, 88)
    assert found.lang_hint == "nl"
    assert found.kind is Kind.POST


def test_both_vocabularies_give_the_same_item() -> None:
    first, second = snowflake(AT), snowflake(AT + timedelta(minutes=9))
    shown = {
        **post(second, "acme, nu goed", AT + timedelta(minutes=9)),
        **reply_to("77", "piet"),
        "edit_history_tweet_ids": [first, second],
        "note_tweet": {"text": "acme, nu goed en nog veel langer"},
    }
    body = page([shown], [user("jo_example")])
    (old,), (new,) = read(body).items, read(renamed(body)).items
    assert (old.external_id, old.parent_external_id, old.counts) == (new.external_id, "77", new.counts)
    assert old.text == new.text == "acme, nu goed en nog veel langer"


def test_all_versions_of_a_post_are_one_mention_with_the_newest_text() -> None:
    first, second = snowflake(AT), snowflake(AT + timedelta(minutes=9))
    edited = AT + timedelta(minutes=9)
    found = item(id=second, edit_history_tweet_ids=[first, second], created_at=stamp(edited))
    assert found.external_id == first
    assert (found.published_at, found.edited_at) == (AT, edited)
    assert found.extra["post"] == second


def test_a_link_is_shown_in_full_and_signs_as_they_were_typed() -> None:
    urls = [{"start": 0, "end": 1, "url": "https://t.co/a", "expanded_url": "https://acme.example/storing?x=1&y=2"}]
    found = item(text="acme & zo <3 https://t.co/a", entities={"urls": urls})
    assert found.text == "acme & zo <3 https://acme.example/storing?x=1&y=2"


def test_pictures_come_with_their_description_and_without_their_link() -> None:
    urls = [
        {"url": "https://t.co/p", "expanded_url": "https://x.com/jo/status/1/photo/1", "media_key": "3_1"},
    ]
    shown = post(
        snowflake(AT), "kapot https://t.co/p", AT, entities={"urls": urls}, attachments={"media_keys": ["3_1", "3_2"]}
    )
    body = page([shown], [user("jo_example")])
    picture = {"media_key": "3_1", "type": "photo", "url": "https://pbs.example/a.jpg", "alt_text": "een kabel"}
    body["includes"]["media"] = [picture, {"media_key": "3_2", "type": "hologram"}]  # type: ignore[index,call-overload]
    (found,) = read(body).items
    assert found.text == "kapot"
    assert [(each.url, each.alt, each.kind) for each in found.media] == [
        ("https://pbs.example/a.jpg", "een kabel", MediaKind.IMAGE)
    ]


def test_a_repost_says_nothing_of_its_own() -> None:
    body = page([post(snowflake(AT), "RT @jo: acme", AT, referenced_tweets=[{"type": "retweeted", "id": "1"}])], [])
    assert read(body).items == ()


def test_a_post_without_its_author_is_kept_without_a_name() -> None:
    (found,) = read(page([post(snowflake(AT), "acme", AT)], [])).items
    assert found.author is not None
    assert found.author.handle is None
    assert found.url == f"https://x.com/i/status/{snowflake(AT)}"
    body = page([post(snowflake(AT), "acme", AT, author_id=None)], [])
    assert read(body).items[0].author is None


def test_what_a_protected_account_says_is_private() -> None:
    (found,) = read(page([post(snowflake(AT), "acme", AT)], [user("jo_example", protected=True)])).items
    assert found.visibility is Visibility.PRIVATE


def test_our_own_post_is_known_by_our_number() -> None:
    (found,) = read(page([post(snowflake(AT), "acme meldt", AT, OUR_NAME)], [user(OUR_NAME)])).items
    assert found.is_own
    assert not found.addressed
    assert not found.capabilities.can_reply


@pytest.mark.parametrize(
    ("more", "text", "can"),
    [
        ({}, "@acme mijn pakje is weg", True),
        ({}, "ik vind acme maar niks", False),
        (reply_to("5", OUR_NAME), "@acme nog steeds", True),
        (reply_to("5", "piet"), "@piet @acme dat heb ik ook", False),
        (reply_to("5", "piet"), "@piet vraag het eens aan @acme", True),
        ({**reply_to("5", "piet"), "display_text_range": [6, 40]}, "@piet @acme kom eens", True),
        (
            {
                "referenced_tweets": [{"type": "quoted", "id": "5"}],
                "entities": {"urls": [{"url": "https://t.co/q", "expanded_url": "https://x.com/acme/status/5"}]},
            },
            "dit dus https://t.co/q",
            True,
        ),
        (
            {
                "referenced_tweets": [{"type": "quoted", "id": "5"}],
                "entities": {"urls": [{"url": "https://t.co/q", "expanded_url": "https://x.com/acmefan/status/5"}]},
            },
            "dit dus https://t.co/q",
            False,
        ),
    ],
)
def test_only_who_calls_on_us_can_be_answered_from_here(more: dict[str, Any], text: str, can: bool) -> None:
    found = item(text=text, **more)
    assert found.capabilities.can_reply is can
    assert (found.capabilities.why_not_reply is None) is can
    assert found.capabilities.deep_link == f"https://x.com/intent/post?in_reply_to={snowflake(AT)}"


def test_without_our_login_nobody_can_be_answered_and_the_reason_is_said() -> None:
    found = item(connector(connected=False), "@acme help")
    assert not found.capabilities.can_reply
    assert "klankbord connect x" in (found.capabilities.why_not_reply or "")


def test_only_replies_in_a_conversation_that_we_began_can_be_hidden() -> None:
    assert item(text="@acme nee", **reply_to("5", OUR_NAME)).capabilities.can_hide
    assert not item(text="@acme nee", **reply_to("5", OUR_NAME, root="4")).capabilities.can_hide
    assert not item(text="@acme nee").capabilities.can_hide


def test_a_name_taken_over_from_the_thread_still_makes_a_post_directed_at_us() -> None:
    assert item(text="@piet @acme ook", **reply_to("5", "piet")).addressed
    assert not item(text="acme is stuk").addressed
    assert item(text="zonder naam", kind="mentions").addressed


def test_a_thread_of_twenty_levels_keeps_every_parent() -> None:
    keys = [snowflake(AT + timedelta(minutes=at)) for at in range(20)]
    posts: list[Any] = [post(keys[0], "acme 0", AT)]
    posts += [
        post(key, f"acme {at}", AT + timedelta(minutes=at), **reply_to(keys[at - 1], "jo_example", keys[0]))
        for at, key in enumerate(keys)
        if at
    ]
    found = {each.external_id: each for each in read(page(posts[::-1], [user("jo_example")])).items}
    assert [found[key].parent_external_id for key in keys[1:]] == keys[:-1]
    assert {each.thread_external_id for each in found.values()} == {keys[0]}


@pytest.mark.parametrize("text", ["😀👩‍👩‍👧🇳🇱", "شكرا جزيلا", "\u202bשלום\u202c"])  # noqa: RUF001
def test_a_post_of_emoji_or_right_to_left_only_is_read_whole(text: str) -> None:
    assert item(text=text).text == text


@pytest.mark.parametrize("made", ["1970-01-01T00:00:00.000Z", "2044-05-01T00:00:00.000Z"])
def test_a_date_that_cannot_be_is_corrected_by_the_number(made: str) -> None:
    found = item(created_at=made)
    assert found.published_at == AT


def test_a_post_that_cannot_be_read_is_set_aside_with_its_reason() -> None:
    good, bad = post(snowflake(AT), "acme", AT), post(snowflake(AT, 2), "acme", AT, created_at="gisteren")
    found = read(page([bad, good, {"id": None}, "nothing", None], [user("jo_example")]))
    assert len(found.items) == 1
    assert len(found.rejected) == 4
    assert found.rejected[0].external_id == snowflake(AT, 2)
    assert all(each.error for each in found.rejected)


def test_words_of_tomorrow_change_nothing() -> None:
    found = item(reply_settings="moonFollowers", referenced_tweets=[{"type": "echoed", "id": "3"}, 7], lang="qqq-Zz")
    assert found.kind is Kind.POST
    assert found.parent_external_id is None


def test_a_kept_post_is_read_again_by_itself() -> None:
    made = connector()
    found = item(made, "@acme kapot", kind="mentions")
    again = made.reparse(orjson.loads(orjson.dumps(found.raw)), found.namespace, Query("q", "q"))
    assert again == found


@given(st.datetimes(datetime(2011, 1, 1), datetime(2090, 1, 1)), st.integers(0, 1 << 21))  # noqa: DTZ001
def test_a_number_holds_the_millisecond_at_which_it_was_given_out(at: datetime, number: int) -> None:
    at = at.replace(tzinfo=UTC, microsecond=at.microsecond // 1000 * 1000)
    read_back = time_of(snowflake(at, number))
    assert read_back is not None
    assert abs(read_back - at) < timedelta(milliseconds=2)


def test_direct_messages_are_private_and_hang_together() -> None:
    made = connector(messages=True)
    sender = user("jo_example")
    event = {
        "id": snowflake(AT),
        "event_type": "MessageCreate",
        "text": "mijn klantnummer is 123 &amp; 4",
        "created_at": stamp(AT),
        "sender_id": sender["id"],
        "dm_conversation_id": f"{US}-{sender['id']}",
    }
    came = {**event, "id": "2", "event_type": "ParticipantsJoin", "text": None}
    ours = {**event, "id": "3", "sender_id": US, "text": "dank"}
    found = read(page([event, came, ours], [sender]), made, "messages").items
    assert [(each.kind, each.visibility, each.is_own, each.addressed) for each in found] == [
        (Kind.MESSAGE, Visibility.PRIVATE, False, True),
        (Kind.MESSAGE, Visibility.PRIVATE, True, False),
    ]
    assert found[0].text == "mijn klantnummer is 123 & 4"
    assert {each.thread_external_id for each in found} == {f"{US}-{sender['id']}"}
    assert (found[0].capabilities.can_reply, found[1].capabilities.can_reply) == (True, False)


def test_the_mentions_that_x_no_longer_lists_are_a_gap() -> None:
    made = connector()
    task, request = ask(made, "mentions")
    posts: list[Any] = [post(snowflake(AT, at), "@acme", AT - timedelta(seconds=at)) for at in range(100)]
    first = None
    for _ in range(8):
        first = made.parse(task, answer(request, page(posts, [user("jo_example")], "more")))
        assert isinstance(first.next, HttpRequest)
        request = first.next
    last = made.parse(task, answer(request, page(posts[:1], [user("jo_example")])))
    assert last.next is None
    (gap,) = last.gaps
    assert "800" in gap.reason
    assert gap.interval.start == WINDOW.interval.start
    assert last.covered is None or last.covered.start >= gap.interval.end


def test_an_end_that_is_too_recent_for_x_is_left_out() -> None:
    made = connector()
    task, request = ask(made, window=Window(WINDOW.interval, purpose=Purpose.HOLE))
    assert "end_time" in dict(request.params)
    refused = {
        "errors": [{"parameters": {"end_time": ["x"]}, "message": "Invalid 'end_time': must be 10 seconds ago"}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": "https://api.twitter.com/2/problems/invalid-request",
    }
    following = made.parse(task, answer(request, refused, 400)).next
    assert isinstance(following, HttpRequest)
    assert "end_time" not in dict(following.params)


def test_mention_entities_are_found_by_name_where_numbers_are_missing() -> None:
    nameless = {key: value for key, value in mention("@acme ja").items() if key != "id"}
    assert item(text="@acme ja", entities={"mentions": [nameless]}).capabilities.can_reply
