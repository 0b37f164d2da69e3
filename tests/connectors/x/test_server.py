"""X on loopback, read and answered by the real collector, client, store and outbox."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connectors.contract import Action, ActionKind, Target
from connectors.x import X, XOptions
from pipeline.report import RunReport
from pipeline.settings import SourceSettings
from store.engine import Store
from store.meter_standings import standings
from store.schema import mention, outbox
from tests.conftest import Clock
from tests.connectors.driver import perform
from tests.connectors.loopback import listening
from tests.connectors.x.saying import OUR_NAME, US, user
from tests.connectors.x.site import XSite
from tests.pipeline.bench import kept
from tests.replying.house import ANSWER, House

LOGIN = {"access_token": "user-1", "refresh_token": "renew-1", "client_id": "app"}


@pytest.fixture
def site(clock: Clock) -> XSite:
    return XSite(clock)


class Connected:
    """Makes the source's connector with the login that was kept, as a new process does."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = dict(LOGIN)
        self.made: X | None = None

    def __call__(self, settings: SourceSettings) -> X:
        if self.made is not None:
            self.kept = dict(self.made.login_to_keep() or {})
        self.made = X(XOptions.model_validate(settings.options))
        self.made.login_taken(self.kept)
        return self.made


def source(url: str, **more: Any) -> SourceSettings:
    options = {
        "account": OUR_NAME, "account_id": US, "terms": ["acme"], "mentions": True, "conversations": True,
        "messages": True, "api": url, "usd_per_day": 50, **more,
    }  # fmt: skip
    return SourceSettings(id="x", connector="x", match="all", backfill=timedelta(days=2), options=options)


@pytest.fixture
def house(store: Store, clock: Clock, site: XSite) -> Iterator[House]:
    with listening(site.handle) as url:
        made = House(store, clock, site, url=url, source=source(url))
        made.restart(make=Connected())
        yield made
        made.close()


async def collect(house: House) -> RunReport:
    report = await house.collector.collect(house.source)
    house.route()
    return report


def rows(house: House) -> dict[str, Any]:
    return {row.external_id: row for row in kept(house.store)}


def thread_of(house: House, key: str) -> int:
    with house.store.read() as conn:
        found = conn.execute(select(mention.c.conversation_id).where(mention.c.external_id == key))
        return int(found.scalar_one())


def spent(house: House) -> Decimal:
    with house.store.read() as conn:
        day, _ = sorted(standings(conn, house.clock(), source_ids=["x"]), key=lambda each: each.name)
    return Decimal(day.used) / 1_000_000


async def test_what_is_said_to_us_about_us_and_under_our_posts_comes_in(house: House, site: XSite) -> None:
    ours = site.say("Vanavond is er onderhoud", OUR_NAME)
    house.clock.step(minutes=1)
    under = site.say("alweer?", "piet", to=ours)
    named = site.ask("wanneer zijn jullie klaar")
    about = site.say("acme ligt er weer uit", "truus")
    private = site.message("mijn klantnummer is 123")
    house.clock.step(minutes=2)
    report = await collect(house)
    assert {query.trouble for query in report.queries} == {None}
    found = rows(house)
    assert set(found) == {ours, under, named, about, private}
    assert found[ours].direction == "outbound"
    assert (found[under].parent_external_id, found[under].thread_external_id) == (ours, ours)
    assert found[private].visibility == "private"
    assert found[named].capabilities["can_reply"]
    assert not found[about].capabilities.get("can_reply")
    assert found[under].capabilities["can_hide"]


async def test_a_burst_is_read_page_by_page_and_a_second_run_finds_nothing_new(house: House, site: XSite) -> None:
    site.page_size = 7
    for number in range(40):
        site.say(f"acme doet het niet {number}", f"klant{number % 5}")
        house.clock.step(seconds=20)
    house.clock.step(minutes=1)
    await collect(house)
    assert len(rows(house)) == 40
    house.clock.step(minutes=5)
    report = await collect(house)
    assert report.total("new") == 0


async def test_an_edit_is_one_mention_with_the_new_text(house: House, site: XSite) -> None:
    key = site.ask("mijn pakje is weg")
    house.clock.step(minutes=1)
    await collect(house)
    site.edit(key, f"@{OUR_NAME} mijn pakje is terecht")
    house.clock.step(minutes=1)
    await collect(house)
    (row,) = rows(house).values()
    assert row.external_id == key
    assert "terecht" in row.text


async def test_what_we_count_is_what_x_charges(house: House, site: XSite) -> None:
    for number in range(12):
        site.say(f"acme doet het niet {number}", f"klant{number % 5}")
    site.ask("help")
    house.clock.step(minutes=1)
    for _ in range(3):
        await collect(house)
        house.clock.step(minutes=4)
    assert site.paid > 0.1
    assert spent(house) >= Decimal(str(round(site.paid, 6)))
    assert spent(house) <= Decimal(str(round(site.paid * 2, 6)))  # each line of work remembers for itself


async def test_with_a_small_amount_pages_shrink_and_what_was_not_bought_is_shown(
    store: Store, clock: Clock, site: XSite
) -> None:
    for number in range(60):
        site.say(f"acme doet het niet {number}", f"klant{number}")
        clock.step(seconds=30)
    clock.step(minutes=2)
    with listening(site.handle) as url:
        few = source(url, usd_per_day=0.5, mentions=False, conversations=False, messages=False)
        house = House(store, clock, site, url=url, source=few)
        house.restart(make=Connected())
        report = await collect(house)
        sizes = [int(each.params["max_results"]) for each in site.asked]
        assert site.paid <= 0.5
        assert 15 <= len(rows(house)) < 60
        assert max(sizes) < 40
        assert report.queries[0].trouble is not None
        assert "used" in report.health.text
        clock.step(days=1)
        for _ in range(6):  # in the morning only a part of what the day leaves over
            await collect(house)
            clock.step(days=1)
        assert len(rows(house)) == 60
        house.close()


async def test_a_login_that_ran_out_is_renewed_and_rotated_once(house: House, site: XSite) -> None:
    site.ask("help")
    site.expire()
    house.clock.step(minutes=1)
    report = await collect(house)
    assert {query.trouble for query in report.queries} == {None}
    assert len(rows(house)) == 1
    assert sum(each.path == "/2/oauth2/token" for each in site.asked) == 1
    house.clock.step(hours=3)
    site.ask("en nu?")
    house.clock.step(minutes=1)
    await collect(house)
    assert len(rows(house)) == 2
    assert not site.revoked


async def test_a_revoked_login_asks_for_a_person(house: House, site: XSite) -> None:
    site.revoked = True
    site.expire()
    house.clock.step(minutes=1)
    report = await collect(house)
    assert report.health.error_class == "AuthDead"
    assert "klankbord connect x" in report.health.text


async def test_without_credits_the_source_rests_and_says_what_to_do(house: House, site: XSite) -> None:
    site.credits = 0
    house.clock.step(minutes=1)
    report = await collect(house)
    assert "no credits left" in report.health.text
    site.credits = 10
    site.ask("help")
    house.clock.step(days=1, minutes=1)
    await collect(house)
    assert len(rows(house)) == 1


@pytest.mark.slow
async def test_a_limit_is_waited_for_and_then_read_on(house: House, site: XSite) -> None:
    site.page_size = 5
    site.left, site.resets = 2, house.clock() + timedelta(minutes=10)
    for number in range(30):
        site.say(f"acme doet het niet {number}", "klant")
        house.clock.step(seconds=5)
    house.clock.step(minutes=1)
    await collect(house)
    for _ in range(40):
        if len(rows(house)) == 30:
            break
        house.clock.step(minutes=5)
        await collect(house)
    assert len(rows(house)) == 30


async def test_an_answer_stands_under_its_question_comes_back_and_counts_once(house: House, site: XSite) -> None:
    token, number = house.agent(), await house.question("de app doet het niet")
    house.send(token, number, text=f"{ANSWER} https://acme.example/storing 👩‍👩‍👧")
    house.clock.step(seconds=10)
    await house.work()
    (said,) = site.ours()
    assert said.parent == next(iter(site.posts))
    for _ in range(2):
        house.clock.step(minutes=1)
        await house.collect()
    (own,) = house.own()
    assert (house.of(token, number).state, own.external_id) == ("sent", said.key)
    assert len(house.answers(number)) == 1


@pytest.mark.parametrize("fate", ["unheard", "lost", "failing", "refused"])
async def test_whatever_becomes_of_the_first_try_there_is_one_post(house: House, site: XSite, fate: str) -> None:
    token, number = house.agent(), await house.question("de app doet het niet")
    house.send(token, number)
    site.fates = [fate]
    house.clock.step(seconds=10)
    await house.work()
    assert house.of(token, number).state == "unknown"
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert len(site.ours()) == 1
    assert [one.action for one in house.answers(number)] == ["reply_sent"]


async def test_a_private_message_is_answered_in_its_conversation(house: House, site: XSite) -> None:
    asked = site.message("mijn klantnummer is 123")
    house.clock.step(minutes=1)
    await house.collect()
    token, number = house.agent(), thread_of(house, asked)
    house.send(token, number)
    site.fates = ["unheard"]
    house.clock.step(seconds=10)
    await house.work()
    await house.until_quiet()
    assert house.of(token, number).state == "sent"
    assert [each["text"] for each in site.messages if each["sender_id"] == US] == [ANSWER]
    assert not site.ours()


async def test_words_that_x_refuses_are_refused_with_the_reason(house: House, site: XSite) -> None:
    token, number = house.agent(), await house.question("de app doet het niet")
    site.say(ANSWER, OUR_NAME)
    house.send(token, number)
    house.clock.step(seconds=10)
    await house.work()
    view = house.of(token, number)
    assert view.state == "failed"
    with house.store.read() as conn:
        assert "same words twice" in str(conn.execute(select(outbox.c.error_text)).scalar_one())


def test_a_thread_is_fetched_with_its_beginning(site: XSite, clock: Clock) -> None:
    first = site.say("acme is traag", "piet")
    second = site.say(f"@piet vraag @{OUR_NAME}", "truus", to=first)
    third = site.say("goed idee", "piet", to=second)
    clock.step(minutes=2)
    with listening(site.handle) as url:
        made = Connected()(source(url))
        wish = Action(ActionKind.FETCH_THREAD, second, "k", thread_external_id=first, extra={"post": second})
        result = made.acted(wish, perform(made.act(wish), clock()))
        assert result.parent == first
        assert {item.external_id for item in result.items} == {first, second}
        assert result.next is not None
        rest = made.acted(wish, perform(result.next, clock()))
        assert {item.external_id for item in rest.items} == {first, second, third}
        assert rest.next is None


def test_hiding_taking_back_and_looking_whether_it_stands(site: XSite, clock: Clock) -> None:
    ours = site.say("Vanavond onderhoud", OUR_NAME)
    theirs, shy = site.say("onzin", "piet", to=ours), site.say("acme", "truus")
    site.posts[shy].protected = True
    with listening(site.handle) as url:
        made = Connected()(source(url))
        made.acted(hide := Action(ActionKind.HIDE, theirs, "k"), perform(made.act(hide), clock()))
        assert site.posts[theirs].hidden
        back = Action(ActionKind.DELETE_OWN, ours, "k")
        assert made.acted(back, perform(made.act(back), clock())).deleted[0].external_id == ours
        targets = [Target(each) for each in (ours, theirs, shy)]
        result = made.rechecked(targets, perform(made.recheck(targets), clock()))
        assert [each.external_id for each in result.deleted] == [ours]


def test_people_have_numbers_of_their_own() -> None:
    assert len({user(f"klant{number}")["id"] for number in range(100)}) == 100
