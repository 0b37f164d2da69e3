"""The rules of X's filtered stream: in step with our words, beside those of other programs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.x.pushing import Connection
from tests.connectors.x.streaming import MakeBench


async def test_the_rules_follow_our_words_and_other_programs_rules_stay(make: MakeBench) -> None:
    bench = await make()
    bench.site.rules = [
        {"id": "7", "value": "cats", "tag": "a program of the neighbours"},
        {"id": "8", "value": '"old" -is:retweet', "tag": "klankbord x"},
        {"id": "9", "value": '"theirs" -is:retweet', "tag": "klankbord other"},
    ]
    await bench.run()
    assert [(each["value"], each["tag"]) for each in bench.site.rules] == [
        ("cats", "a program of the neighbours"),
        ('"theirs" -is:retweet', "klankbord other"),
        ('"acme" -is:retweet', "klankbord x"),
    ]
    assert bench.site.rule_calls == ["GET", "POST", "GET", "POST", "GET"]
    bench.site.rule_calls.clear()
    await bench.run()
    assert bench.site.rule_calls == ["GET"]


async def test_what_another_programs_rule_brings_is_paid_and_not_kept(make: MakeBench) -> None:
    bench = await make()
    bench.site.rules = [{"id": "7", "value": '"cats"', "tag": "a program of the neighbours"}]

    async def theirs(one: Connection) -> None:
        await one.says("cats everywhere")
        await one.alive(30)

    await bench.run(theirs)
    assert bench.kept() == []
    assert bench.used() == Decimal("0.015")


async def test_more_rules_than_the_access_allows_are_told_and_searching_goes_on(make: MakeBench) -> None:
    bench = await make(stream_rules=1, query_length=100, terms=["acme " + "a" * 60, "acme " + "b" * 60])
    first, second = bench.collector.connector(bench.source).queries(())
    assert "not streamed: 2 rules are needed, 1 at most are possible" in first.label
    bench.site.say("acme " + "b" * 60)
    bench.clock.step(minutes=1)
    report = await bench.run()
    assert not report.streamed
    assert len(bench.kept()) == 1
    assert (first.id, second.id) == tuple(each.query_id for each in report.queries)
    assert bench.site.rule_calls == []


async def test_rules_of_others_that_leave_no_room_are_told_and_theirs_are_not_touched(make: MakeBench) -> None:
    bench = await make(stream_rules=2)
    bench.site.rules = [{"id": str(n), "value": f"w{n}", "tag": "theirs"} for n in range(2)]
    bench.site.say("acme")
    bench.clock.step(minutes=1)
    report = await bench.run()
    (query,) = report.queries
    assert query.trouble is not None
    assert query.trouble.error_class == "Forbidden"
    assert "the app has 2 already and its access allows 2" in query.trouble.text
    assert len(bench.site.rules) == 2
    assert len(bench.kept()) == 1


@pytest.mark.parametrize(
    ("most", "options", "error", "said"),
    [
        (1000, {"narrow": "nonsense:1"}, "BadRequest", "invalid operator 'nonsense'"),
        (0, {}, "Forbidden", "no room for our rules"),
    ],
)
async def test_a_rule_that_x_refuses_is_told_in_its_words(
    make: MakeBench, most: int, options: dict[str, Any], error: str, said: str
) -> None:
    bench = await make(**options)
    bench.site.most_rules = most
    (query,) = (await bench.run()).queries
    assert query.trouble is not None
    assert query.trouble.error_class == error
    assert said in query.trouble.text
    assert bench.site.opened == []
