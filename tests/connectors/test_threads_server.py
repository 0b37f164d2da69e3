"""A Threads account on loopback, read and answered by the real collector, client, store and outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Action, ActionKind
from connectors.errors import AuthDead, Forbidden
from connectors.threads import Threads, ThreadsOptions
from pipeline.settings import SourceSettings
from store.engine import Store
from store.schema import mention
from tests.conftest import Clock
from tests.connectors.connecting import Person
from tests.connectors.contracts import contract, every_call_built
from tests.connectors.driver import perform
from tests.connectors.meta_fake import error
from tests.connectors.meta_server import Asked, served
from tests.connectors.threads_account import US, ThreadsAccount
from tests.pipeline.bench import kept
from tests.replying.house import ANSWER, House

SHARED = ("meta/rounds.py", "meta/walk.py")
"""Of what is shared by Meta's platforms, the modules that make calls here."""


@pytest.fixture
def account(clock: Clock) -> ThreadsAccount:
    return ThreadsAccount(clock)


@pytest.fixture
def house(store: Store, clock: Clock, account: ThreadsAccount) -> Iterator[House]:
    with served(account) as url:
        options = {
            "username": "@Acme",
            "token": "very-secret",
            "url": url,
            "terms": ["storing"],
            "search_approved": True,
        }
        source = SourceSettings(id="threads", connector="threads", match="all", options=options)
        made = House(store, clock, account, url=url, source=source)
        yield made
        made.close()


def rows(house: House) -> dict[str, Any]:
    return {row.external_id: row for row in kept(house.store)}


def conversation_of(house: House, key: str) -> int:
    with house.store.read() as conn:
        found = conn.execute(select(mention.c.conversation_id).where(mention.c.external_id == key))
        return int(found.scalar_one())


async def asked(house: House, account: ThreadsAccount) -> tuple[int, str, str]:
    """We post, a customer replies; the conversation, our post and the reply."""
    root = account.say("Nieuw tarief", US)
    house.clock.step(minutes=2)
    reply = account.say("Te duur", to=root)
    house.clock.step(minutes=1)
    await house.collect()
    return conversation_of(house, reply), root, reply


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


async def test_a_conversation_of_many_levels_and_pages_hangs_under_our_thread(
    house: House, account: ThreadsAccount
) -> None:
    root = account.say("Nieuw tarief", US)
    below, chain = root, []
    for number in range(20):
        house.clock.step(minutes=1)
        below = account.say(f"Niveau {number}", by=f"klant{number}", to=below)
        chain.append(below)
    house.clock.step(minutes=1)
    await house.collect()
    found = rows(house)
    assert set(found) == {root, *chain}
    assert {row.thread_external_id for row in found.values()} == {root}
    assert [found[each].parent_external_id for each in chain] == [root, *chain[:-1]]
    assert found[root].direction == "outbound"
    assert found[chain[0]].capabilities["can_hide"]
    assert not found[chain[1]].capabilities.get("can_hide")


async def test_mentions_search_hits_and_replies_elsewhere_come_in_once(house: House, account: ThreadsAccount) -> None:
    mentioned = account.say("@acme wat is er met de storing?")
    hit = account.say("Weer storing hier", by="mo")
    theirs = account.say("Wie weet dit?", by="mo")
    ours = account.say("Wij zoeken het uit", US, to=theirs)
    back = account.say("Fijn", by="mo", to=ours)
    house.clock.step(minutes=1)
    for _ in range(2):
        await house.collect()
        house.clock.step(minutes=5)
    found = rows(house)
    assert set(found) == {mentioned, hit, ours, back}
    assert found[back].parent_external_id == ours
    assert found[ours].direction == "outbound"
    assert {found[each].thread_external_id for each in (ours, back)} == {theirs}


async def test_a_search_that_knows_less_takes_nothing_away(house: House, account: ThreadsAccount) -> None:
    theirs = account.say("Wie weet dit?", by="mo")
    both = account.say("@acme weer storing?", by="jo", to=theirs)
    house.clock.step(minutes=1)
    await house.collect()
    before = conversation_of(house, both)
    for _ in range(4):
        house.clock.step(minutes=5)
        await house.collect()
    row = rows(house)[both]
    assert row.parent_external_id == theirs
    assert conversation_of(house, both) == before
    assert row.extra["replied_to"] == theirs


async def test_a_reply_goes_out_in_its_steps_stands_there_comes_back_and_counts_once(
    house: House, account: ThreadsAccount
) -> None:
    number, root, reply = await asked(house, account)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    assert await house.work() == 1
    (there,) = account.ours()
    assert (there["text"], there["replied_to"]["id"], there["root_post"]["id"]) == (ANSWER, reply, root)
    for _ in range(2):
        house.clock.step(minutes=5)
        await house.collect()
    assert house.of(token, number).state == "sent"
    assert sorted(row.external_id for row in house.own()) == sorted([root, there["id"]])
    assert [one.action for one in house.answers(number)] == ["reply_sent"]


@pytest.mark.parametrize(
    "fates", [["unheard"], ["lost"], ["works", "unheard"], ["works", "lost"], ["works", "unheard", "unheard"]]
)
async def test_a_reply_of_unknown_fate_at_any_step_stands_there_once(
    house: House, account: ThreadsAccount, fates: list[str]
) -> None:
    number, _, _ = await asked(house, account)
    token = house.agent()
    account.fates = fates
    house.send(token, number)
    house.hurry()
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(account.ours()) == 1


@pytest.mark.parametrize("trouble", ["slow", "refuses_publishing"])
async def test_a_container_that_is_not_ready_yet_is_tried_again_later(
    house: House, account: ThreadsAccount, trouble: str
) -> None:
    number, _, _ = await asked(house, account)
    setattr(account, trouble, 1)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(account.ours()) == 1


async def test_a_container_that_threads_rejects_is_refused_with_its_reason(
    house: House, account: ThreadsAccount
) -> None:
    number, _, _ = await asked(house, account)
    account.rejected = "TOO_MANY_LINKS"
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.work()
    view = house.of(token, number)
    assert view.state == "failed"
    assert "TOO_MANY_LINKS" in str(view)
    assert account.ours() == []


async def test_a_used_quota_is_waited_out_before_anything_is_made(house: House, account: ThreadsAccount) -> None:
    number, _, _ = await asked(house, account)
    account.quota = (1000, 1000)
    token = house.agent()
    house.send(token, number)
    house.hurry()
    await house.work()
    assert account.containers == {}
    account.quota = (999, 1000)
    house.clock.step(hours=2)
    await house.work()
    assert house.of(token, number).state == "sent"
    assert len(account.ours()) == 1


async def test_hiding_taking_back_and_a_removal(house: House, account: ThreadsAccount) -> None:
    _, _, reply = await asked(house, account)
    row = rows(house)[reply]
    act(house, ActionKind.HIDE, row)
    assert account.posts[reply]["hide_status"] == "HIDDEN"
    (again,), gone = act(house, ActionKind.RECHECK, row)
    assert (again.tags, gone) == (("hidden",), [])
    (sent,), _ = act(house, ActionKind.REPLY, row, text="Dank")
    items, _ = act(house, ActionKind.FETCH_THREAD, row)
    assert [each.external_id for each in items][1:] == [sent.external_id, reply]
    connector = house.collector.connector(house.source)
    wish = Action(ActionKind.DELETE_OWN, sent.external_id, "k", extra=sent.extra)
    request: Any = connector.act(wish)
    assert connector.acted(wish, perform(request, house.clock())).deleted
    assert account.ours() == []
    del account.posts[reply]
    assert act(house, ActionKind.RECHECK, row) == ([], [reply])


async def test_a_post_of_somebody_elses_thread_is_never_taken_for_removed(
    house: House, account: ThreadsAccount
) -> None:
    hit = account.say("Weer storing hier")
    house.clock.step(minutes=1)
    await house.collect()
    row = rows(house)[hit]
    assert not row.capabilities.get("can_recheck")
    with pytest.raises(Forbidden, match="own threads"):
        act(house, ActionKind.RECHECK, row)


async def test_search_without_approval_says_so_and_stops_nothing_else(store: Store, clock: Clock) -> None:
    account = ThreadsAccount(clock, approved=False)
    with served(account) as url:
        options = {"username": US, "token": "very-secret", "url": url, "terms": ["storing"]}
        source = SourceSettings(id="threads", connector="threads", match="all", options=options)
        house = House(store, clock, account, url=url, source=source)
        account.say("Welkom", US)
        report = await house.collector.collect(source)
        house.close()
    troubles = [each.trouble for each in report.queries if each.trouble is not None]
    assert [each.error_class for each in troubles] == ["Forbidden"]
    assert "needs Meta's approval" in troubles[0].text
    assert "keyword_search" not in [each.path.rpartition("/")[2] for each in account.asked]
    assert len(kept(store)) == 1


async def test_a_limit_is_waited_out(house: House, account: ThreadsAccount) -> None:
    account.faults = [(400, {}, error(4, "Application request limit reached"))]
    report = await house.collector.collect(house.source)
    trouble = report.queries[0].trouble
    assert trouble is not None
    assert trouble.error_class == "RateLimited"
    assert trouble.not_before - house.clock() >= timedelta(minutes=59)


def test_the_login_is_renewed_and_a_dead_one_asks_for_a_person(clock: Clock) -> None:
    account = ThreadsAccount(clock)
    with served(account) as url:
        made = Threads(ThreadsOptions.model_validate({"username": US, "url": url}))
        made.login_taken({"token": "very-secret", "ends_at": clock().isoformat()})
        assert made.login_ends_at() == clock()
        made.refreshed(perform(made.refresh(), clock()))  # type: ignore[arg-type]
        kept_login = made.login_to_keep()
        assert kept_login is not None
        assert kept_login["token"] == "very-secret-longer"
        assert kept_login["ends_at"] > clock().isoformat()
        account.token = "another"
        with pytest.raises(AuthDead, match="klankbord connect threads"):
            made.refreshed(perform(made.refresh(), clock()))  # type: ignore[arg-type]


def test_connecting_says_in_plain_words_what_works(clock: Clock) -> None:
    account = ThreadsAccount(clock)
    with served(account) as url:
        person = Person(clock(), {"app_id": "1", "app_secret": "s"}, {"https://graph.threads.net": url})
        made = person.connect(Threads.connect)
    assert made.options == {"username": US}
    assert made.login["token"] == "very-secret-longer"
    lacks = [text for tone, text in person.told if tone == "lacks"]
    assert lacks == ["Threads keyword search needs Meta's approval: until then only your own posts."]
    assert "threads_keyword_search" in person.browsed[0]["scope"]


async def test_our_calls_are_those_of_metas_own_collection(house: House, account: ThreadsAccount) -> None:
    with every_call_built("threads/acting.py", *SHARED, by=frozenset({"request", "ask"})):
        _, root, reply = await asked(house, account)
        row = rows(house)[reply]
        (sent,), _ = act(house, ActionKind.REPLY, row, text="Dank")
        for kind in (ActionKind.FETCH_THREAD, ActionKind.RECHECK, ActionKind.HIDE):
            act(house, kind, row)
        act(house, ActionKind.FETCH_THREAD, row, newest=True)
        elsewhere = {"id": reply, "own_thread": False, "root": root, "replied_to": root}
        connector = house.collector.connector(house.source)
        for wish in (
            Action(ActionKind.FETCH_THREAD, reply, "k", extra=elsewhere),
            Action(ActionKind.DELETE_OWN, sent.external_id, "k", extra=sent.extra),
        ):
            request: Any = connector.act(wish)
            perform(request, house.clock())
    known = collection()
    seen = {_hold(known, each) for each in account.asked}
    assert len(seen) >= 11
    for each in account.asked:
        for post in each.said.get("data", []) if isinstance(each.said, dict) else []:
            assert set(post) <= fields_of_collection() | {"reply_quota_usage", "reply_config"}


def collection() -> dict[tuple[str, str], set[str]]:
    """Parameters of each call of the collection, by method and path with ids as `*`."""
    spec = contract("threads/threads-api.postman_collection.json")
    found: dict[tuple[str, str], set[str]] = {}
    folders = list(spec["item"])
    while folders:
        each = folders.pop()
        folders += each.get("item", [])
        if "request" in each:
            url = each["request"]["url"]
            path = "/".join("*" if part.startswith("{{") else part for part in url["path"] if part)
            names = {one["key"] for one in url.get("query") or []}
            found.setdefault((each["request"]["method"], path), set()).update(names)
    return found


def fields_of_collection() -> set[str]:
    """Fields that the collection asks of posts."""
    spec = contract("threads/threads-api.postman_collection.json")
    written = {each["key"]: each["value"] for each in spec["variable"]}
    return {name.partition("{")[0] for key in ("fields_threads", "fields_replies") for name in written[key].split(",")}


def _hold(known: dict[tuple[str, str], set[str]], asked: Asked) -> tuple[str, str]:
    parts = asked.path.strip("/").split("/")[1:]
    path = "/".join("*" if any(letter.isdigit() for letter in part) else part for part in parts)
    assert (asked.method, path) in known, f"the collection knows no {asked.method} {path}"
    # Every list of the API can be paged; the collection shows it at most of them.
    paging = {"after", "limit"} if asked.method == "GET" else set()
    sent = set(asked.params) | set(asked.body)
    assert sent <= known[asked.method, path] | paging, f"{path} sends {sent - known[asked.method, path]}"
    fields = set(asked.params.get("fields", "").split(",")) - {""}
    beside = {"status", "error_message", "reply_quota_usage", "reply_config"}
    assert fields <= fields_of_collection() | beside, f"{path} asks for {fields - fields_of_collection()}"
    return asked.method, path
