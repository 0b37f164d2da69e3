"""X's filtered stream with the real collector, client and store: what it brings, proves and misses."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import orjson
import pytest

from tests.connectors.x.pushing import Connection
from tests.connectors.x.saying import problem
from tests.connectors.x.streaming import MakeBench


async def test_posts_come_as_they_are_written_and_the_time_the_connection_stood_is_proven(make: MakeBench) -> None:
    bench = await make()
    early = bench.site.say("acme van vroeger")
    bench.clock.step(minutes=2)
    begun = bench.clock()

    async def script(one: Connection) -> None:
        await one.says("acme valt uit")
        await one.alive(30)

    report = await bench.run(script)
    assert report.streamed
    assert not report.failed
    assert len(bench.kept()) == 2
    assert early in bench.kept()
    assert len(bench.site.opened) == 1
    newest = bench.covered()[-1]
    assert timedelta(minutes=4) < newest.end - begun <= timedelta(minutes=5)
    assert bench.used() == Decimal(str(bench.site.paid))


async def test_the_seam_between_search_and_stream_is_searched_by_the_next_run(make: MakeBench) -> None:
    bench = await make()
    bench.site.say("acme, vlak voor de zoekvraag")  # X's index lags half a minute

    async def unheard(one: Connection) -> None:
        one.site.say("acme net voor de verbinding")  # written, and X does not push it
        await one.alive(30)

    await bench.run(unheard)
    assert bench.kept() == []
    assert len(bench.covered()) == 2
    await bench.run()
    assert len(bench.kept()) == 2
    assert bench.covered()[0].start < bench.site.opened[0] < bench.covered()[0].end
    assert not [gap for gap in bench.gaps() if gap.reason == "lost"]


async def test_a_connection_torn_in_the_middle_of_a_line_is_entered_again_and_what_it_missed_is_searched(
    make: MakeBench,
) -> None:
    bench = await make()

    async def torn(one: Connection) -> None:
        await one.says("acme eerst")
        await one.alive(3)
        half = one.site.line(one.site.say("acme half gehoord"))
        await one.writes(half[: len(half) // 2])
        one.breaks()

    async def after(one: Connection) -> None:
        await one.says("acme erna")
        await one.alive(30)

    await bench.run(torn, after)
    assert len(bench.site.opened) == 2
    assert bench.site.opened[1] - bench.site.opened[0] == timedelta(seconds=60.25)
    assert len(bench.kept()) == 2
    assert len(bench.covered()) == 3
    await bench.run()
    assert len(bench.kept()) == 3
    assert bench.used() == Decimal(str(bench.site.paid))
    assert not bench.set_aside()


async def test_a_post_that_comes_twice_is_kept_once_and_paid_once(make: MakeBench) -> None:
    bench = await make()

    async def twice(one: Connection) -> None:
        key = await one.says("acme")
        await one.tells(key)
        await one.alive(30)

    await bench.run(twice)
    await bench.run()
    assert len(bench.kept()) == 1
    assert bench.used() == Decimal(str(bench.site.paid)) == Decimal("0.015")


async def test_trouble_at_the_server_is_waited_for_as_x_asks_and_the_stretch_is_searched_later(make: MakeBench) -> None:
    bench = await make()
    bench.site.refusals = [(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})] * 4
    await bench.run()
    opened = bench.site.opened
    waits = [(after - before).total_seconds() for before, after in pairwise(opened)]
    assert waits == [5, 10, 20, 40]
    assert len(bench.covered()) == 2


async def test_a_stream_that_stays_away_is_told_in_the_ledger_and_searching_goes_on(make: MakeBench) -> None:
    bench = await make()
    bench.site.refusals = [(503, b"", {})] * 50
    report = await bench.run()
    assert not report.failed
    (gap,) = bench.gaps()
    assert (gap.reason, "503" in gap.text) == ("error", True)
    missed = bench.site.say("acme ongehoord")
    bench.clock.step(minutes=1)
    await bench.run()
    assert missed in bench.kept()


async def test_too_many_connections_wait_until_x_says_so(make: MakeBench) -> None:
    bench = await make()
    until = bench.clock() + timedelta(minutes=2)
    body = {"title": "Too Many Requests", "status": 429, "type": "about:blank"}
    told = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(until.timestamp()))}
    bench.site.refusals = [(429, body, told)]
    await bench.run()
    assert len(bench.site.opened) == 2
    assert bench.site.opened[1] >= until


async def test_a_limit_that_ends_after_this_run_ends_it_and_the_next_one_waits(make: MakeBench) -> None:
    bench = await make()
    until = bench.clock() + timedelta(minutes=14)
    told = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": str(int(until.timestamp()))}
    bench.site.refusals = [(429, {"title": "Too Many Requests", "status": 429, "type": "about:blank"}, told)]
    (query,) = (await bench.run()).queries
    assert query.trouble is not None
    assert (query.trouble.error_class, query.trouble.not_before) == ("RateLimited", until)
    assert (await bench.run()).skipped == (bench.query,)


async def test_connections_that_break_at_once_never_run_into_the_limit_that_was_announced(make: MakeBench) -> None:
    bench = await make()
    bench.site.connects = 0
    bench.site.window_ends = bench.clock()

    async def breaking(one: Connection) -> None:
        await one.writes(b"\r\n")
        one.breaks()

    for _ in range(3):
        await bench.run(*[breaking] * 20)
        bench.clock.step(minutes=15)
    assert len(bench.site.opened) >= 15
    assert bench.site.announced == 0


async def test_another_program_on_the_one_connection_is_told_and_waited_for(make: MakeBench) -> None:
    bench = await make()
    body = problem("streaming-connection", "ConnectionException", connection_issue="TooManyConnections")
    bench.site.refusals = [(429, body, {})] * 9
    report = await bench.run()
    assert not report.failed
    waits = [b - a for a, b in pairwise(bench.site.opened)]
    assert min(waits) >= timedelta(minutes=1)
    (gap,) = bench.gaps()
    assert "allows an app one stream" in gap.text


@pytest.mark.parametrize(
    ("refusal", "error", "said"),
    [
        ((402, problem("credits", "CreditsDepleted", account_id=1), {}), "BudgetExhausted", "no credits left"),
        ((403, problem("client-forbidden", "Forbidden", "Access denied"), {}), "Forbidden", "does not let this app"),
        ((401, {"title": "Unauthorized", "status": 401}, {}), "AuthDead", "does not accept our login"),
        ((400, problem("invalid-request", "Invalid Request", "No."), {}), "BadRequest", "refuses our question"),
    ],
)
async def test_a_refusal_is_judged_by_its_body(make: MakeBench, refusal: Any, error: str, said: str) -> None:
    bench = await make()
    bench.site.refusals = [refusal]
    (query,) = (await bench.run()).queries
    assert query.trouble is not None
    assert query.trouble.error_class == error
    assert said in query.trouble.text
    assert "app-token" not in query.trouble.text


async def test_an_error_inside_a_stream_that_stands_ends_it_and_what_came_before_is_kept(make: MakeBench) -> None:
    bench = await make()
    kind = {"disconnect_type": "UpstreamOperationalDisconnect"}
    line = {"errors": [problem("operational-disconnect", "operational-disconnect", **kind)]}

    async def ended(one: Connection) -> None:
        await one.response.write(orjson.dumps(line) + b"\r\n")
        await one.says("acme")
        await one.alive(40)

    await bench.run(ended)
    assert len(bench.kept()) == 1
    assert len(bench.site.opened) == 2


async def test_lines_that_cannot_be_read_are_set_aside_and_unknown_fields_do_no_harm(make: MakeBench) -> None:
    bench = await make()

    async def odd(one: Connection) -> None:
        await one.says("acme")
        strange = orjson.loads(one.site.line(one.site.say("acme vreemd")))
        strange["data"]["mood"] = {"new": [1]}
        strange["surprise"] = True
        strange["matching_rules"] = [{"id": one.site.rules[0]["id"]}]  # a rule without a tag ends tweepy's own stream
        one.site.committed = False
        await one.response.write(orjson.dumps(strange) + b"\r\n{cut off\r\n5\r\n" + b'{"data":{"id":"1"}}\r\n')
        await one._until(lambda: one.site.committed)
        await one.alive(40)

    await bench.run(odd)
    assert len(bench.kept()) == 2
    assert len(bench.set_aside()) == 3


async def test_the_other_lines_of_work_have_their_turn_between_two_stretches_of_listening(make: MakeBench) -> None:
    bench = await make(mentions=True, account="acme", account_id="1111111111")
    named = bench.site.ask("hallo?")
    bench.clock.step(minutes=1)
    first = await bench.run()
    assert [each.label for each in first.queries] == ["Mentions of @acme", "Stream of acme"]
    assert named in bench.kept()
    second = await bench.run()
    assert len(second.queries) == 2
    assert second.started_at - first.started_at < timedelta(minutes=6)


async def test_without_the_apps_own_token_it_is_told_before_anything_is_bought(make: MakeBench) -> None:
    bench = await make(bearer_token=None)
    bench.collector.connector(bench.source).login_taken({"access_token": "user-1"})
    (query,) = (await bench.run()).queries
    assert query.trouble is not None
    assert query.trouble.error_class == "AuthDead"
    assert "bearer_token" in query.trouble.text
    assert bench.used() == 0


async def test_several_searches_are_read_one_after_the_other_and_go_on_where_they_broke_off(make: MakeBench) -> None:
    words = [letter * 60 for letter in "abc"]
    bench = await make(pages=7, query_length=100, terms=words)
    bench.site.page_size = 10
    for number in range(90):
        bench.site.say(f"{words[number % 3]} {number}", f"jo{number % 7}")
        bench.clock.step(seconds=20)
    bench.clock.step(minutes=2)
    runs = 0
    while len(bench.kept()) < 90 or not bench.site.opened:
        before = len(bench.kept())
        await bench.run()
        runs += 1
        proven = [
            said for said in bench.site.posts.values() if any(s.start <= said.at < s.end for s in bench.covered())
        ]
        assert {said.versions[0] for said in proven} <= set(bench.kept())
        assert len(bench.kept()) > before or bench.site.opened
        assert runs < 30
    assert runs > 1
    assert len(bench.site.rules) == 3
    assert bench.used() == Decimal(str(round(bench.site.paid, 6)))
