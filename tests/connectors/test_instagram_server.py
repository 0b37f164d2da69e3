"""An account on loopback, read and answered by the real collector, client, store and outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Action, ActionKind, Interval, Query, Task, Window
from connectors.errors import AuthDead, BadRequest
from connectors.instagram import Instagram, InstagramOptions
from pipeline.settings import SourceSettings
from store.engine import Store
from store.schema import mention
from tests.conftest import Clock
from tests.connectors.connecting import Person
from tests.connectors.contracts import every_call_built
from tests.connectors.driver import perform
from tests.connectors.instagram_account import ACCOUNT, InstagramAccount
from tests.connectors.instagram_contract import hold
from tests.connectors.meta_server import SECRET, served
from tests.pipeline.bench import kept
from tests.replying.house import ANSWER, House

CALLING = ("instagram/acting.py", "instagram/hashtags.py", "instagram/lines.py", "meta/rounds.py", "meta/walk.py")
"""The modules that make calls here."""


@pytest.fixture
def account(clock: Clock) -> InstagramAccount:
    return InstagramAccount(clock)


@pytest.fixture
def house(store: Store, clock: Clock, account: InstagramAccount) -> Iterator[House]:
    with served(account) as url:
        options = {
            "account": ACCOUNT, "login": "facebook", "page": "555", "token": "very-secret", "app_secret": SECRET,
            "url": url, "hashtags": ["storing"],
        }  # fmt: skip
        source = SourceSettings(id="ig", connector="instagram", match="all", options=options)
        made = House(store, clock, account, url=url, source=source)
        yield made
        made.close()


def rows(house: House) -> dict[str, Any]:
    return {row.external_id: row for row in kept(house.store)}


def conversation_of(house: House, key: str) -> int:
    with house.store.read() as conn:
        found = conn.execute(select(mention.c.conversation_id).where(mention.c.external_id == key))
        return int(found.scalar_one())


async def asked(house: House, account: InstagramAccount) -> tuple[int, str, str]:
    """We post, a customer asks below it; the conversation, the medium and the comment."""
    medium = account.medium("Nieuwe laadpaal")
    house.clock.step(minutes=2)
    comment = account.comment(medium, "Wanneer geleverd?")
    house.clock.step(minutes=1)
    await house.collect()
    return conversation_of(house, comment), medium, comment


def act(house: House, kind: ActionKind, row: Any, **more: Any) -> Any:
    connector = house.collector.connector(house.source)
    wish = Action(kind, row.external_id, "k", thread_external_id=row.thread_external_id, extra=row.extra, **more)
    request: Any = connector.act(wish)
    items, gone = [], []
    while request is not None:
        result = connector.acted(wish, perform(request, house.clock()))
        items += result.items
        gone += [each.external_id for each in result.deleted]
        request = result.next
    return items, gone


async def test_comments_and_long_threads_of_answers_are_read_whole(house: House, account: InstagramAccount) -> None:
    medium = account.medium("Nieuwe laadpaal")
    house.clock.step(minutes=2)
    first = account.comment(medium, "Te duur")
    answers = [account.comment(first, f"Vind ik ook {number}", by=f"klant{number}") for number in range(9)]
    nobody = account.comment(medium, "Anoniem", by=None)
    house.clock.step(minutes=1)
    await house.collect()
    found = rows(house)
    assert set(found) == {medium, first, nobody, *answers}
    assert found[medium].direction == "outbound"
    assert {found[each].parent_external_id for each in answers} == {first}
    assert {row.thread_external_id for row in found.values()} == {medium}
    assert found[nobody].author_id is None
    assert found[first].url == f"https://www.instagram.com/p/C{medium}/c/{first}/"


async def test_an_answer_to_an_old_comment_is_found_by_the_count(house: House, account: InstagramAccount) -> None:
    medium = account.medium("Storing")
    first = account.comment(medium, "Hier ook")
    for number in range(12):
        house.clock.step(minutes=30)
        account.comment(medium, f"Bericht {number}")
    await house.collect()
    house.clock.step(hours=3)
    late = account.comment(first, "Nog steeds niet opgelost")
    await house.collect()
    assert rows(house)[late].parent_external_id == first
    assert len(rows(house)) == 15


async def test_what_a_removal_hid_from_the_count_is_found_within_a_day(house: House, account: InstagramAccount) -> None:
    medium = account.medium("Storing")
    first = account.comment(medium, "Hier ook")
    gone = account.comment(medium, "Weg")
    for number in range(12):
        house.clock.step(minutes=30)
        account.comment(medium, f"Bericht {number}")
    await house.collect()
    house.clock.step(hours=3)
    del account.comments[gone]
    late = account.comment(first, "Nog steeds niet opgelost")
    await house.collect()
    house.clock.step(hours=25)
    await house.collect()
    assert late in rows(house)


async def test_an_answer_goes_out_stands_there_comes_back_and_counts_once(
    house: House, account: InstagramAccount
) -> None:
    number, _, comment = await asked(house, account)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    assert await house.work() == 1
    (there,) = account.ours()
    assert (there["text"], there["parent_id"]) == (ANSWER, comment)
    for _ in range(2):
        house.clock.step(minutes=5)
        await house.collect()
    assert house.of(token, number).state == "sent"
    assert [row.external_id for row in house.own() if row.kind == "comment"] == [there["id"]]
    assert [one.action for one in house.answers(number)] == ["reply_sent"]


@pytest.mark.parametrize("fate", ["unheard", "lost"])
async def test_an_answer_of_unknown_fate_is_looked_for_and_stands_there_once(
    house: House, account: InstagramAccount, fate: str
) -> None:
    number, _, comment = await asked(house, account)
    for each in range(6):
        account.comment(comment, f"Ik ook {each}")  # more answers than a comment's entry shows
    token = house.agent()
    account.fates = [fate]
    house.send(token, number)
    house.hurry()
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(account.ours()) == 1


async def test_an_answer_to_an_answer_hangs_under_the_first_comment_and_names_its_writer(
    house: House, account: InstagramAccount
) -> None:
    _, _, comment = await asked(house, account)
    deep = account.comment(comment, "Ik wacht ook", by="mo.example")
    house.clock.step(minutes=5)
    await house.collect()
    row = rows(house)[deep]
    assert row.capabilities["max_length"] == 300 - len("@mo.example ")
    (sent,), _ = act(house, ActionKind.REPLY, row, text="Morgen!", author_handle="mo.example")
    assert (sent.text, sent.parent_external_id, sent.is_own) == ("@mo.example Morgen!", comment, True)
    with pytest.raises(BadRequest, match="allows 300"):
        act(house, ActionKind.REPLY, row, text="a" * 290, author_handle="mo.example")


async def test_hiding_taking_back_and_a_removal(house: House, account: InstagramAccount) -> None:
    _, medium, comment = await asked(house, account)
    row = rows(house)[comment]
    act(house, ActionKind.HIDE, row)
    assert account.comments[comment]["hidden"]
    (again,), gone = act(house, ActionKind.RECHECK, row)
    assert (again.external_id, again.tags, gone) == (comment, ("hidden",), [])
    del account.comments[comment]
    assert act(house, ActionKind.RECHECK, row) == ([], [comment])
    sent, _ = act(house, ActionKind.REPLY, rows(house)[medium], text="Vragen? Stel ze hier")
    _, gone = act(house, ActionKind.DELETE_OWN, Row(sent[0]))
    assert gone == [sent[0].external_id]
    assert account.ours() == []


class Row:
    """An item in the shape of a kept row."""

    def __init__(self, item: Any) -> None:
        self.external_id, self.thread_external_id, self.extra = item.external_id, item.thread_external_id, item.extra


async def test_tags_and_hashtags_come_in_and_say_why_nobody_answers_there(
    house: House, account: InstagramAccount
) -> None:
    account.tags = [account.photo(f"Getagd {number}") for number in range(7)]
    account.hashtags["storing"] = [account.photo(f"#storing {number}", None) for number in range(7)]
    house.clock.step(minutes=1)
    await house.collect()
    found = rows(house)
    assert len(found) == 14
    assert all(not row.capabilities.get("can_reply") and row.capabilities["why_not_reply"] for row in found.values())
    before = len(account.asked)
    house.clock.step(minutes=5)
    await house.collect()
    later = [each.path.rpartition("/")[2] for each in account.asked[before:]]
    assert "ig_hashtag_search" not in later


async def test_thirty_hashtags_in_seven_days_are_not_exceeded(house: House, account: InstagramAccount) -> None:
    account.lately = [f"tag{number}" for number in range(30)]
    report = await house.collector.collect(house.source)
    troubles = {each.query_id: each.trouble for each in report.queries}
    trouble = troubles["hashtag:storing"]
    assert trouble is not None
    assert trouble.error_class == "BudgetExhausted"
    assert "ig_hashtag_search" not in [each.path.rpartition("/")[2] for each in account.asked]


async def test_hashtags_without_the_review_are_refused_in_words_and_stop_nothing_else(
    house: House, account: InstagramAccount
) -> None:
    account.approved = False
    account.medium("Werkt gewoon")
    report = await house.collector.collect(house.source)
    troubles = [each.trouble for each in report.queries if each.trouble is not None]
    assert [each.error_class for each in troubles] == ["Forbidden"]
    assert "reviewed" in troubles[0].text
    assert len(rows(house)) == 1


def test_a_login_of_instagram_is_renewed_before_it_ends(clock: Clock) -> None:
    account = InstagramAccount(clock)
    with served(account) as url:
        made = Instagram(InstagramOptions.model_validate({"account": ACCOUNT, "url": url}))
        made.login_taken({"token": "very-secret", "ends_at": clock().isoformat(), "app_secret": SECRET})
        renewal = made.refresh()
        assert renewal is not None
        made.refreshed(perform(renewal, clock()))
        kept_login = made.login_to_keep()
        assert kept_login is not None
        assert kept_login["token"] == "very-secret-longer"
        ends = made.login_ends_at()
        assert ends is not None
        assert (ends - clock()).days == 59
        account.token, account.dead = "another", ("The user has not authorized application", 458)
        with pytest.raises(AuthDead, match="klankbord connect instagram"):
            made.refreshed(perform(made.refresh(), clock()))  # type: ignore[arg-type]
    fixed = Instagram(InstagramOptions.model_validate({"account": ACCOUNT, "token": "very-secret"}))
    assert fixed.refresh() is None


def test_connecting_says_in_plain_words_what_works(clock: Clock) -> None:
    account = InstagramAccount(clock)
    with served(account) as url:
        moved = {"https://graph.instagram.com": url, "https://api.instagram.com": url}
        chosen = "Instagram: no Facebook page needed, no hashtags"
        person = Person(clock(), {"app_id": "1", "app_secret": SECRET}, moved, chooses=chosen)
        made = person.connect(Instagram.connect)
    assert made.options == {"account": ACCOUNT, "login": "instagram", "messages": False}
    assert (made.account, made.login["token"]) == ("acme", "very-secret-longer")
    lacks = [text for tone, text in person.told if tone == "lacks"]
    assert any("Hashtags will not work" in text for text in lacks)
    assert any("webhook only" in text for text in lacks)
    assert any("messages: will not work" in text for text in lacks)
    assert person.called[0].form is not None


def test_connecting_through_a_page_finds_the_account_that_is_linked_to_it(clock: Clock) -> None:
    account = InstagramAccount(clock)
    with served(account) as url:
        chosen = "Facebook: the account is linked to a page; hashtags after a review by Meta"
        person = Person(
            clock(), {"app_id": "1", "app_secret": SECRET}, {"https://graph.facebook.com": url}, chooses=chosen
        )
        made = person.connect(Instagram.connect)
    assert made.options == {"account": ACCOUNT, "login": "facebook", "page": "555", "messages": False}
    assert (made.account, made.login["token"]) == ("acme", "page-token")
    lacks = [text for tone, text in person.told if tone == "lacks"]
    assert any("Instagram Public Content Access" in text for text in lacks)
    assert any("instagram_manage_comments was not granted" in text for text in lacks)


async def test_our_calls_and_the_accounts_answers_keep_to_the_platforms_lists(
    house: House, account: InstagramAccount
) -> None:
    with every_call_built(*CALLING, by=frozenset({"request"})):
        account.hashtags["storing"] = [account.photo("#storing", None)]
        _, medium, comment = await asked(house, account)
        connector = house.collector.connector(house.source)
        tag = next(query for query in connector.queries(()) if query.params["kind"] == "hashtag")
        task = Task("ig", tag, Window(Interval(house.clock() - timedelta(days=1), house.clock())))
        connector.parse(task, perform(connector.plan(task), house.clock()))
        for told in (
            {"kind": "told", "comment": comment, "media": medium},
            {"kind": "mention", "comment": comment, "media": medium},
            {"kind": "mention", "media": medium},
        ):
            asking = Task("ig", Query("told", "told", told), task.window)
            connector.parse(asking, perform(connector.plan(asking), house.clock()))
        elsewhere = {"what": "comment", "edge": "mention", "id": comment, "media": medium}
        wish = Action(ActionKind.REPLY, comment, "k", text="Dank", extra=elsewhere)
        connector.acted(wish, perform(connector.act(wish), house.clock()))
        for number in range(70):  # more than one answer of the platform holds
            account.comment(comment, f"Ik ook, {number}")
        account.tags = [account.photo("Getagd")]
        house.clock.step(minutes=5)
        await house.collect()
        known = rows(house)
        for kind in (ActionKind.REPLY, ActionKind.FETCH_THREAD):
            act(house, kind, known[medium], text="Dank")
        for kind in (ActionKind.REPLY, ActionKind.FETCH_THREAD, ActionKind.RECHECK, ActionKind.HIDE):
            act(house, kind, known[comment], text="Dank")
        act(house, ActionKind.DELETE_OWN, known[comment])
    seen = {hold(ACCOUNT, each) for each in account.asked}
    assert {"media", "tags", "comments", "replies", "recently_searched_hashtags", ""} <= seen
