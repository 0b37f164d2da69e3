from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from connectors.contract import Action, ActionKind, Interval, Task, Window
from connectors.errors import AuthDead, BadRequest, Forbidden, FormatChanged
from connectors.facebook import Facebook, FacebookOptions
from connectors.items import Item, MediaKind, Visibility
from connectors.meta.rounds import Step, Turn
from connectors.requests import HttpRequest, HttpResponse
from tests.conftest import Clock
from tests.connectors import facebook_contract, meta_contract
from tests.connectors.connecting import Person
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.meta_fake import error, stamp
from tests.connectors.meta_server import served

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
POST = f"{PAGE}_506"


def connector(**more: Any) -> Facebook:
    return Facebook(FacebookOptions.model_validate({"page": PAGE, "token": "very-secret", **more}))


def read(entries: list[Any], kind: str = "posts", step: Step | None = None, **more: Any) -> Any:
    made = connector(messages=True, **more)
    query = next(each for each in made.queries(()) if each.params["kind"] == kind)
    task = Task("s", query, Window(Interval(NOW - timedelta(days=1), NOW)))
    asked = made.plan(task)
    if step is None and kind == "posts":
        step = Step(listing=False, queue=(Turn(POST, "comments"),))
    request = HttpRequest(asked.url, step=asked.step if step is None else step.dump())
    return made.parse(task, HttpResponse(request, 200, {}, orjson.dumps({"data": entries}), "", NOW))


def comment(**more: Any) -> dict[str, Any]:
    return {"id": "506_9", "message": "Hallo", "created_time": "2026-11-22T11:00:00+0000", **more}


def item(**more: Any) -> Item:
    (found,) = read([comment(**more)]).items
    assert isinstance(found, Item)
    return found


def wish(kind: ActionKind, on: Item, text: str | None = None, visibility: Visibility | None = None) -> Action:
    return Action(
        kind, on.external_id, "k", thread_external_id=on.thread_external_id, text=text,
        visibility=visibility or on.visibility, extra=on.extra,
    )  # fmt: skip


def test_a_comment_is_known_by_its_last_part() -> None:
    assert item().external_id == item(id="9").external_id == "9"


def test_rights_are_those_of_the_one_item() -> None:
    able = item(can_comment=False, can_hide=False, can_like=True).capabilities
    assert (able.can_reply, able.can_hide, able.can_like) == (False, False, True)
    assert able.why_not_reply
    assert item().capabilities.can_reply
    assert not item(**{"from": {"id": PAGE, "name": "Acme"}}).capabilities.can_hide


def test_a_sticker_without_words_keeps_its_picture() -> None:
    found = item(message="", attachment={"type": "sticker", "media": {"image": {"src": "https://x/a.png", "width": 9}}})
    assert found.text == ""
    assert [(each.url, each.width, each.kind) for each in found.media] == [("https://x/a.png", 9, MediaKind.IMAGE)]


@pytest.mark.parametrize(
    "more",
    [
        {"from": None},
        {"from": {"name": "Jo"}},
        {"from": "Jo"},
        {"parent": None},
        {"attachment": {"type": "hologram", "media": 5}},
        {"like_count": "many", "comment_count": None},
        {"message_tags": 7, "zz": {"a": [1]}},
        {"created_time": "1970-01-01T00:00:00+0000"},
        {"created_time": "2999-01-01T00:00:00+0000"},
        {"created_time": None},
        {"permalink_url": None},
        {"message": "😀👩‍👩‍👧🇳🇱"},
        {"message": "شكرا جزيلا"},
    ],
)
def test_odd_comments_are_read_all_the_same(more: dict[str, Any]) -> None:
    found = item(**more)
    assert found.external_id == "9"
    assert found.url


@pytest.mark.parametrize("broken", ["text", None, 5, [], {}, {"id": None}, {"id": {}}, {"id": "1"}])
def test_a_broken_comment_is_set_aside(broken: Any) -> None:
    page = read([comment(), broken])
    assert len(page.items) == 1
    assert len(page.rejected) == 1
    assert page.rejected[0].error


def test_twenty_levels_of_answers_become_two() -> None:
    chain = [comment(id="506_10")]
    chain += [comment(id=f"506_{number}", parent={"id": "506_10"}) for number in range(11, 31)]
    found = read(list(reversed(chain))).items
    assert {each.parent_external_id for each in found} == {POST, "10"}
    assert {each.extra["reply_to"] for each in found} == {"506_10"}


def test_a_comment_whose_parent_was_removed_stays_in_its_thread() -> None:
    found = item(parent={"id": "506_404"})
    assert (found.parent_external_id, found.thread_external_id) == ("404", POST)


def test_a_review_says_stars_or_a_recommendation() -> None:
    plain = {"created_time": "2026-11-22T10:00:00+0000", "review_text": "Goed", "open_graph_story": {"id": "88"}}
    (up, stars, neither) = read(
        [
            {**plain, "recommendation_type": "positive"},
            {**plain, "open_graph_story": {"id": "89"}, "rating": 3, "has_rating": True},
            {**plain, "open_graph_story": {"id": "90"}, "recommendation_type": "who knows"},
        ],
        "reviews",
    ).items
    assert [(each.rating, each.rating_scale) for each in (up, stars, neither)] == [(1.0, 1.0), (3.0, 5.0), (None, None)]
    (nameless,) = read([{**plain, "open_graph_story": None, "reviewer": {"id": "7"}}], "reviews").items
    assert not nameless.capabilities.can_reply
    assert read([{**plain, "open_graph_story": None}], "reviews").rejected


def held(entries: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """Entries, held to Meta's lists where those are on this machine."""
    if facebook_contract.checked():
        for each in entries:
            facebook_contract.hold_people(each)
            if kind == "messages":
                facebook_contract.hold_message(each)
            else:
                meta_contract.hold_shape("Recommendation" if kind == "reviews" else "Comment", each)
    return entries


@pytest.mark.parametrize(
    ("more", "text", "rating", "author"),
    [
        ({}, "", (None, None), None),
        ({"review_text": None, "recommendation_type": None, "rating": None, "reviewer": None}, "", (None, None), None),
        ({"has_rating": True, "has_review": False, "rating": 5}, "", (5.0, 5.0), None),
        ({"recommendation_type": "positive", "review_text": "Top", "reviewer": {"id": "7"}}, "Top", (1.0, 1.0), "7"),
        ({"recommendation_type": "NEUTRAL", "review_text": "Tja"}, "Tja", (None, None), None),
    ],
)
def test_a_review_may_leave_out_all_but_its_date_and_its_story(
    more: dict[str, Any], text: str, rating: tuple[Any, Any], author: str | None
) -> None:
    bare = {"created_time": "2026-11-22T10:00:00+0000", "open_graph_story": {"id": "88"}}
    (found,) = read(held([{**bare, **more}], "reviews"), "reviews").items
    assert (found.external_id, found.text, (found.rating, found.rating_scale)) == ("88", text, rating)
    assert (found.author and found.author.external_id) == author


@pytest.mark.parametrize(
    ("more", "text", "media"),
    [
        ({}, "", []),
        ({"message": "", "sticker": "https://x/duim.png"}, "", []),
        ({"message": "Zie dit", "attachments": {"data": [{"image_data": {"url": "https://x/a.png"}}]}}, "Zie dit", [1]),
        ({"is_unsupported": True, "tags": {"data": [{"name": "inbox"}]}, "reactions": {"data": []}}, "", []),
        ({"message": "Hoi", "reply_to": {"mid": "m_0"}, "shares": {"data": [{"link": "https://x"}]}}, "Hoi", []),
    ],
)
def test_a_message_may_have_no_words_and_any_kind_of_thing_in_it(
    more: dict[str, Any], text: str, media: list[int]
) -> None:
    bare = {
        "id": "m_1", "created_time": "2026-11-22T10:00:00+0000", "from": {"id": "9", "name": "Jo"},
        "to": {"data": [{"id": PAGE, "name": "Acme"}]},
    }  # fmt: skip
    step = Step(listing=False, queue=(Turn("t_1", "messages"),))
    (found,) = read(held([{**bare, **more}], "messages"), "messages", step).items
    assert (found.text, len(found.media), found.visibility) == (text, len(media), Visibility.PRIVATE)
    assert found.capabilities.can_reply


@pytest.mark.parametrize(
    "more",
    [
        {"message": None, "created_time": "2026-11-22T11:00:00+0000"},
        {"from": {"id": "7"}, "can_reply_privately": False, "is_hidden": True, "is_private": True},
        {"parent": {"id": "506_8", "created_time": "2026-11-22T10:00:00+0000"}, "message_tags": []},
        {"attachment": {"type": "photo", "url": "https://x", "media": {"image": {"src": "https://x/a.png"}}}},
        {"comment_count": 0, "like_count": 0, "user_likes": False, "live_broadcast_timestamp": 12},
    ],
)
def test_every_field_of_a_comment_may_be_there_or_not(more: dict[str, Any]) -> None:
    found = item(**held([comment(**more)], "posts")[0])
    assert found.external_id == "9"
    assert found.visibility is (Visibility.PRIVATE if more.get("is_private") else Visibility.PUBLIC)


def test_an_answer_is_written_below_the_first_comment_and_never_over_it() -> None:
    made = connector()
    deep = item(parent={"id": "506_8"})
    request = made.act(wish(ActionKind.REPLY, deep, "Dank je"))
    assert isinstance(request, HttpRequest)
    assert request.url.endswith("/v26.0/506_8/comments")
    assert not request.safe_to_repeat
    with pytest.raises(FormatChanged, match="under which id"):
        made.acted(wish(ActionKind.REPLY, deep, "Dank je"), HttpResponse(request, 200, {}, b'{"id":"506_8"}', "", NOW))
    (sent,) = made.acted(
        wish(ActionKind.REPLY, deep, "Dank je"), HttpResponse(request, 200, {}, b'{"id":"506_77"}', "", NOW)
    ).items
    assert (sent.external_id, sent.parent_external_id, sent.is_own, sent.text) == ("77", "8", True, "Dank je")
    assert sent.published_at is None


def test_a_private_answer_to_a_comment_goes_as_a_message() -> None:
    found = next(iter(read([comment(can_reply_privately=True)]).items))
    assert found.capabilities.can_narrow
    request = connector(messages=True).act(wish(ActionKind.REPLY, found, "Stuur je gegevens", Visibility.PRIVATE))
    assert isinstance(request, HttpRequest)
    assert request.json == {"recipient": {"comment_id": "506_9"}, "message": {"text": "Stuur je gegevens"}}


def test_an_empty_or_too_long_answer_is_refused_before_it_goes() -> None:
    with pytest.raises(BadRequest, match="empty"):
        connector().act(wish(ActionKind.REPLY, item(), "  "))
    with pytest.raises(BadRequest, match="8000"):
        connector().act(wish(ActionKind.REPLY, item(), "a" * 8001))


def test_what_facebook_does_not_offer_is_said() -> None:
    (found,) = read(
        [{"created_time": "2026-11-22T10:00:00+0000", "review_text": "Goed", "open_graph_story": {"id": "88"}}],
        "reviews",
    ).items
    with pytest.raises(Forbidden, match="only answer"):
        connector().act(wish(ActionKind.LIKE, found))


def test_messages_after_a_day_go_with_the_tag_where_the_app_has_it() -> None:
    said = {
        "id": "m_1", "created_time": "2026-11-20T10:00:00+0000", "message": "Hallo",
        "from": {"id": "9"}, "to": {"data": [{"id": PAGE}]},
    }  # fmt: skip
    step = Step(listing=False, queue=(Turn("t_1", "messages"),))
    (late,) = read([said], "messages", step).items
    assert not late.capabilities.can_reply
    (found,) = read([said], "messages", step, human_agent=True).items
    assert found.capabilities.can_reply
    request = connector(human_agent=True).act(wish(ActionKind.REPLY, found, "Dag"))
    assert isinstance(request, HttpRequest)
    assert isinstance(request.json, dict)
    assert request.json["tag"] == "HUMAN_AGENT"


@pytest.mark.parametrize(
    "options",
    [{"page": "acme"}, {"page": PAGE, "version": "26"}, {"page": PAGE, "url": "ftp://x"}, {"page": PAGE, "more": 1}],
)
def test_a_wrong_option_is_explained(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FacebookOptions.model_validate(options)


def test_without_a_login_it_says_which_command_to_run() -> None:
    made = Facebook(FacebookOptions(page=PAGE))
    task = Task("s", made.queries(())[0], Window(Interval(NOW - timedelta(days=1), NOW)))
    with pytest.raises(AuthDead, match="klankbord connect facebook"):
        made.plan(task)
    made.login_taken({"token": "from-connect", "app_secret": "s"})
    assert made.plan(task).headers["Authorization"] == "Bearer from-connect"
    assert "very-secret" not in repr(connector().options)


def test_a_place_of_an_earlier_run_that_is_no_longer_known_is_read_anew() -> None:
    made = connector()
    task = Task("s", made.queries(())[0], Window(Interval(NOW - timedelta(days=1), NOW)))
    step = Step(listing=False, at=(("after", "stale"),), queue=(Turn(POST, "comments"),))
    request = HttpRequest("https://graph.facebook.com/x", step=step.dump())
    refused = HttpResponse(request, 400, {}, orjson.dumps(error(100, "Invalid cursor")), "", NOW)
    page = made.parse(task, refused)
    assert isinstance(page.next, HttpRequest)
    assert "after" not in dict(page.next.params)
    assert page.covered is None
    again = HttpResponse(page.next, 400, {}, orjson.dumps(error(100, "Invalid cursor")), "", NOW)
    with pytest.raises(BadRequest):
        made.parse(task, again)


def test_connecting_says_in_plain_words_what_works(clock: Clock) -> None:
    page = FacebookPage(clock)
    with served(page) as url:
        person = Person(
            clock(), {"app_id": "1", "app_secret": "app-secret"}, {"https://graph.facebook.com": url}, chooses="Acme"
        )
        made = person.connect(Facebook.connect)
    assert made.login == {"token": "page-token", "app_secret": "app-secret"}
    assert made.options == {"page": PAGE, "messages": False}
    assert made.account == "Acme"
    assert person.browsed[0]["state"] == "a-state"
    assert "pages_manage_engagement" in person.browsed[0]["scope"]
    lacks = [text for tone, text in person.told if tone == "lacks"]
    assert any("Messenger" in text for text in lacks)
    assert any("Answering" in text for text in lacks)
    assert any("no search over words" in text for _, text in person.told)


def test_a_login_that_the_person_declined_is_no_riddle(clock: Clock) -> None:
    said = {"error": "access_denied", "error_description": "Permissions error"}
    person = Person(clock(), {"app_id": "1", "app_secret": "s"}, {}, returns=said)
    with pytest.raises(AuthDead, match="Permissions error"):
        person.connect(Facebook.connect)


def test_the_stamp_of_the_fakes_is_the_platforms() -> None:
    assert stamp(NOW) == "2026-11-22T12:00:00+0000"
