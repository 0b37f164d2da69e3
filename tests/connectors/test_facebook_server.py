"""A page on loopback, read and answered by the real collector, client, store and outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Action, ActionKind, Interval, Query, Target, Task, Window
from connectors.errors import AuthDead
from connectors.items import Visibility
from pipeline.settings import SourceSettings
from store.engine import Store
from store.keeping import Keeping
from store.schema import conversation, coverage, mention, outbox, quarantine
from store.schema import source as source_table
from tests.conftest import Clock
from tests.connectors.contracts import every_call_built
from tests.connectors.driver import perform
from tests.connectors.facebook_contract import hold
from tests.connectors.facebook_page import PAGE, FacebookPage
from tests.connectors.meta_contract import hold_fields
from tests.connectors.meta_fake import error
from tests.connectors.meta_server import SECRET, Refused, served
from tests.duties.conftest import WEEK, DutyHouse
from tests.pipeline.bench import kept
from tests.replying.house import ANSWER, House

SHARED = ("meta/messages.py", "meta/rechecking.py", "meta/rounds.py", "meta/walk.py")
"""Of what is shared by Meta's platforms, the modules that make calls here."""


@pytest.fixture
def page(clock: Clock) -> FacebookPage:
    return FacebookPage(clock)


@pytest.fixture
def house(store: Store, clock: Clock, page: FacebookPage) -> Iterator[House]:
    with served(page) as url:
        options = {"page": PAGE, "token": "very-secret", "app_secret": SECRET, "url": url, "messages": True}
        source = SourceSettings(id="fb", connector="facebook", match="all", options=options)
        made = House(store, clock, page, url=url, source=source)
        yield made
        made.close()


def rows(house: House) -> dict[str, Any]:
    return {row.external_id: row for row in kept(house.store)}


def conversation_of(house: House, key: str) -> int:
    with house.store.read() as conn:
        found = conn.execute(select(mention.c.conversation_id).where(mention.c.external_id == key))
        return int(found.scalar_one())


def last(key: str) -> str:
    return key.rpartition("_")[2]


async def asked(house: House, page: FacebookPage) -> tuple[int, str, str]:
    """We post, a customer asks below it; the conversation, the post and the comment."""
    post = page.post("Nieuw tarief vanaf maandag")
    house.clock.step(minutes=2)
    comment = page.comment(post, "Wanneer komt mijn monteur?")
    house.clock.step(minutes=1)
    await house.collect()
    return conversation_of(house, last(comment)), post, comment


async def test_comments_of_both_levels_hang_under_their_post(house: House, page: FacebookPage) -> None:
    post = page.post("Nieuw tarief")
    house.clock.step(minutes=2)
    first = page.comment(post, "Te duur")
    second = page.comment(first, "Vind ik ook", by="7002")
    third = page.comment(second, "En ik", by=None)
    house.clock.step(minutes=1)
    await house.collect()
    found = rows(house)
    assert found[post].direction == "outbound"
    assert found[last(first)].parent_external_id == post
    assert found[last(second)].parent_external_id == last(first)
    assert found[last(third)].parent_external_id == last(first)
    assert {found[last(each)].thread_external_id for each in (first, second, third)} == {post}
    assert found[last(third)].author_id is None
    assert len(found) == 4


async def test_a_busy_post_is_read_page_by_page_and_later_only_what_is_new(house: House, page: FacebookPage) -> None:
    post = page.post("Storing")
    keys = []
    for _ in range(23):
        house.clock.step(minutes=3)
        keys.append(page.comment(post, "Bij mij ook"))
    house.clock.step(minutes=5)
    await house.collect()
    assert len(rows(house)) == 24
    before = len(page.asked)
    house.clock.step(minutes=5)
    keys.append(page.comment(keys[3], "Nog steeds"))
    await house.collect()
    assert len(rows(house)) == 25
    comments = [each for each in page.asked[before:] if each.path.endswith("/comments")]
    assert len(comments) < 6


async def test_a_comment_under_an_old_post_is_found_by_its_count(house: House, page: FacebookPage) -> None:
    post = page.post("Oud bericht")
    page.comment(post, "Eerste")
    house.clock.step(days=20)
    await house.collect()
    house.clock.step(hours=2)
    page.comment(post, "Twintig dagen later")
    await house.collect()
    assert len(rows(house)) == 3


async def test_visitors_reviews_and_messages_come_in(house: House, page: FacebookPage) -> None:
    visitor = page.post("Jullie app werkt niet", by="7005")
    page.reviews.append(
        {
            "created_time": page.at(), "recommendation_type": "negative", "review_text": "Nooit meer", "rating": None,
            "has_rating": False, "has_review": True, "reviewer": {"id": "7006", "name": "Jo"},
            "open_graph_story": {"id": "880011"},
        }
    )  # fmt: skip
    said = page.message("t_1", "Mijn klantnummer is 12")
    house.clock.step(minutes=1)
    await house.collect()
    found = rows(house)
    assert (found[visitor].kind, found[visitor].direction) == ("post", "inbound")
    assert (found["880011"].kind, found["880011"].rating) == ("review", 0.0)
    assert (found[said].kind, found[said].visibility) == ("message", "private")
    assert found[said].capabilities["can_reply"]


async def test_an_answer_goes_out_stands_there_comes_back_and_counts_once(house: House, page: FacebookPage) -> None:
    number, post, comment = await asked(house, page)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    assert await house.work() == 1
    (there,) = page.ours()
    assert (there["message"], there["parent"]["id"], there["post"]) == (ANSWER, comment, post)
    for _ in range(2):
        house.clock.step(minutes=5)
        await house.collect()
    view = house.of(token, number)
    own = [row for row in house.own() if row.external_id != post]
    assert [(view.state, row.external_id) for row in own] == [("sent", last(there["id"]))]
    assert [one.action for one in house.answers(number)] == ["reply_sent"]


@pytest.mark.parametrize("fate", ["unheard", "lost"])
async def test_an_answer_of_unknown_fate_is_looked_for_and_stands_there_once(
    house: House, page: FacebookPage, fate: str
) -> None:
    number, _, _ = await asked(house, page)
    token = house.agent()
    page.fates = [fate]
    house.send(token, number)
    house.hurry()
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(page.ours()) == 1


async def test_a_message_is_answered_in_its_conversation(house: House, page: FacebookPage) -> None:
    said = page.message("t_1", "Mijn klantnummer is 12")
    house.clock.step(minutes=1)
    await house.collect()
    token, number = house.agent(), conversation_of(house, said)
    house.send(token, number)
    house.hurry()
    await house.work()
    (sent,) = [each for each in page.conversations["t_1"] if each["from"]["id"] == PAGE]
    (call,) = [each for each in page.asked if each.method == "POST"]
    assert call.body == {
        "recipient": {"id": "9001"}, "messaging_type": "RESPONSE", "message": {"text": ANSWER},
    }  # fmt: skip
    house.clock.step(minutes=5)
    await house.collect()
    assert [row.external_id for row in house.own()] == [sent["id"]]
    assert house.of(token, number).state == "sent"


async def test_a_message_older_than_a_day_says_why_it_cannot_be_answered(house: House, page: FacebookPage) -> None:
    said = page.message("t_1", "Bent u daar nog?")
    house.clock.step(hours=30)
    await house.collect()
    able = rows(house)[said].capabilities
    assert not able.get("can_reply")
    assert "24 hours" in able["why_not_reply"]


async def test_a_removed_comment_is_believed_only_when_the_page_itself_is_seen(
    house: House, page: FacebookPage
) -> None:
    _, post, comment = await asked(house, page)
    other = page.comment(post, "Ook een vraag")
    house.clock.step(minutes=5)
    await house.collect()
    del page.nodes[comment]
    connector = house.collector.connector(house.source)
    targets = [
        Target(row.external_id, extra=row.extra)
        for key, row in rows(house).items()
        if key in {last(comment), last(other)}
    ]
    request: Any = connector.recheck(targets)
    stand, gone = [], []
    while request is not None:
        result = connector.rechecked(targets, perform(request, house.clock()))
        stand += [each.external_id for each in result.items]
        gone += [each.external_id for each in result.deleted]
        request = result.next
    assert (stand, gone) == ([last(other)], [last(comment)])
    page.nodes.clear()
    page.token = "somebody-elses"
    with pytest.raises(AuthDead):
        connector.rechecked(targets, perform(connector.recheck(targets), house.clock()))


async def test_kept_items_are_asked_about_again_and_only_what_is_gone_goes(
    store: Store, clock: Clock, page: FacebookPage
) -> None:
    with served(page) as url:
        options = {"page": PAGE, "token": "very-secret", "url": url}
        source = SourceSettings(id="fb", connector="facebook", match="all", options=options)
        house = DutyHouse(store, clock, page, url=url, source=source)
        house.ask_for(Keeping(recheck_s=int(WEEK.total_seconds())))
        post = page.post("Nieuw tarief")
        story = page.post("")
        page.nodes[story] |= {"message": None, "story": "Acme updated their cover photo."}
        gone = page.comment(post, "Weg hiermee")
        private = page.comment(post, "Alleen voor jullie", is_private=True)
        edited = page.comment(post, "Te duur", can_comment=False)
        clock.step(minutes=1)
        await house.collect()
        before = rows(house)
        del page.nodes[gone]
        page.nodes[edited]["message"] = "Toch niet te duur"
        clock.step(WEEK)
        assert await house.recheck() == 1
        after = rows(house)
        house.close()
    calls = [each for each in page.asked if "ids" in each.params]
    assert calls
    for each in calls:
        assert set(each.params["ids"].split(",")) <= {post, story, gone, private, edited}
        hold_fields("Comment", each.params["fields"])
        hold_fields("PagePost", each.params["fields"])
    assert after[last(gone)].deleted_at is not None
    assert [
        row.external_id for row in after.values() if row.deleted_at is None and row.text != before[row.external_id].text
    ] == [last(edited)]
    assert after[last(private)].visibility == "private"
    assert after[last(edited)].capabilities["why_not_reply"]
    assert all(
        row.thread_external_id == before[key].thread_external_id for key, row in after.items() if key != last(gone)
    )


async def test_a_limit_is_waited_out_for_as_long_as_the_header_says(house: House, page: FacebookPage) -> None:
    page.usage = (100, 42)
    page.faults = [(400, {}, error(32, "Page request limit reached"))]
    report = await house.collector.collect(house.source)
    assert report.queries[0].trouble is not None
    assert report.queries[0].trouble.error_class == "RateLimited"
    wait = report.queries[0].trouble.not_before - house.clock()
    assert 40 * 60 <= wait.total_seconds() <= 44 * 60
    page.usage = None
    house.clock.step(minutes=45)
    page.post("Weer open")
    await house.collect()
    assert len(rows(house)) == 1


@pytest.mark.parametrize(("words", "subcode"), [("Session has expired", 463), ("The user changed the password", 460)])
async def test_a_dead_login_asks_for_a_person_and_shows_no_secret(
    house: House, page: FacebookPage, words: str, subcode: int
) -> None:
    page.token, page.dead = "another", (words, subcode)
    report = await house.collector.collect(house.source)
    assert report.health.error_class == "AuthDead"
    with house.store.read() as conn:
        text = str(conn.execute(select(source_table)).all())
    assert "klankbord connect facebook" in text
    assert "very-secret" not in text


async def test_a_post_that_went_while_its_comments_were_read_holds_nothing_up(house: House, page: FacebookPage) -> None:
    post = page.post("Weg ermee")
    page.comment(post, "Wat?")
    kept_post = page.post("Dit blijft")
    comment = page.comment(kept_post, "Goed")
    house.clock.step(minutes=1)
    shown = page.read

    def read(path: str, params: dict[str, str]) -> Any:
        if path == f"{post}/comments":
            page.nodes.pop(post, None)
        return shown(path, params)

    page.read = read  # type: ignore[method-assign]
    await house.collect()
    assert last(comment) in rows(house)


@pytest.mark.parametrize("closed", [1, 3])
async def test_a_post_whose_comments_are_closed_to_us_is_set_aside_and_many_stop_the_line(
    house: House, page: FacebookPage, closed: int
) -> None:
    shut = [page.post(f"Dicht {number}") for number in range(closed)]
    for post in shut:
        page.comment(post, "Onzichtbaar")
    comment = page.comment(page.post("Dit blijft"), "Goed")
    house.clock.step(minutes=1)
    shown = page.read

    def read(path: str, params: dict[str, str]) -> Any:
        if path in {f"{post}/comments" for post in shut}:
            raise Refused(10, "(#10) This endpoint requires the 'pages_read_user_content' permission")
        return shown(path, params)

    page.read = read  # type: ignore[method-assign]
    report = await house.collector.collect(house.source)
    if closed == 1:
        assert last(comment) in rows(house)
        with house.store.read() as conn:
            assert conn.execute(select(quarantine.c.external_id)).scalars().all() == shut
    else:
        assert report.health.error_class == "Forbidden"


async def test_a_page_of_which_nothing_can_be_read_is_refused_and_claims_nothing(
    house: House, page: FacebookPage
) -> None:
    post = page.post("Dicht")
    comment = page.comment(post, "Onzichtbaar")
    house.clock.step(minutes=1)
    shown = page.read

    def read(path: str, params: dict[str, str]) -> Any:
        if path == f"{post}/comments":
            raise Refused(10, "(#10) This endpoint requires the 'pages_read_user_content' permission")
        return shown(path, params)

    page.read = read  # type: ignore[method-assign]
    report = await house.collector.collect(house.source)
    assert report.health.error_class == "Forbidden"
    with house.store.read() as conn:
        covered = {query_id.partition(":")[0] for query_id in conn.execute(select(coverage.c.query_id)).scalars()}
    assert "posts" not in covered
    assert "reviews" in covered
    page.read = shown  # type: ignore[method-assign]
    house.clock.step(hours=25)
    await house.collector.collect(house.source)
    assert last(comment) in rows(house)


async def test_our_calls_and_the_pages_answers_keep_to_the_platforms_lists(house: House, page: FacebookPage) -> None:
    number, post, comment = await asked(house, page)
    with every_call_built("facebook/acting.py", "facebook/lines.py", *SHARED, by=frozenset({"request", "ask"})):
        message = page.message("t_1", "Hallo")
        page.nodes["880001"] = {"id": "880001", "post": "-", "from": {"id": "7"}}
        page.reviews = [{"created_time": page.at(), "review_text": "Fijn", "open_graph_story": {"id": "880001"}}]
        other = page.comment(post, "Ook een vraag")
        house.clock.step(minutes=5)
        await house.collect()
        token = house.agent()
        house.send(token, number)
        house.hurry()
        await house.work()
        known = rows(house)
        tell(house, {"kind": "told", "comment": comment, "post": post})
        do(house, ActionKind.REPLY, known[message])
        do(house, ActionKind.FETCH_THREAD, known[message])
        do(house, ActionKind.FETCH_THREAD, known["880001"])
        do(house, ActionKind.REPLY, known[last(comment)], visibility=Visibility.PRIVATE)
        for kind in (ActionKind.FETCH_THREAD, ActionKind.RECHECK, ActionKind.LIKE, ActionKind.HIDE):
            do(house, kind, known[last(comment)])
        do(house, ActionKind.DELETE_OWN, known[last(comment)])
        recheck(house, [known[last(comment)], known[last(other)]])
    seen = {hold(PAGE, each) for each in page.asked}
    assert {"published_posts", "visitor_posts", "tagged", "ratings", "conversations", "comments", "messages"} <= seen


def do(house: House, kind: ActionKind, row: Any, **more: Any) -> None:
    connector = house.collector.connector(house.source)
    wish = Action(kind, row.external_id, "k", text="Dank u", extra=row.extra, **more)
    request: Any = connector.act(wish)
    while request is not None:
        request = connector.acted(wish, perform(request, house.clock())).next


def tell(house: House, params: dict[str, str]) -> None:
    """Ask for what a delivery told of."""
    connector = house.collector.connector(house.source)
    window = Window(Interval(house.clock() - timedelta(days=1), house.clock()))
    task = Task("fb", Query("told", "told", params), window)
    request: Any = connector.plan(task)
    assert connector.parse(task, perform(request, house.clock())).items


def recheck(house: House, known: list[Any]) -> None:
    connector = house.collector.connector(house.source)
    targets = [Target(row.external_id, extra=row.extra) for row in known]
    request: Any = connector.recheck(targets)
    while request is not None:
        request = connector.rechecked(targets, perform(request, house.clock())).next


async def test_no_secret_travels_in_an_address(house: House, page: FacebookPage) -> None:
    await asked(house, page)
    assert all("access_token" not in each.params and each.params.get("appsecret_proof") for each in page.asked)
    with house.store.read() as conn:
        told = str(conn.execute(select(conversation)).all()) + str(conn.execute(select(outbox)).all())
    assert "very-secret" not in told
