"""Sources that fall silent, on a real store: by what they bring, and by their health."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from inbox.alerts.telling import announce
from inbox.alerts.views import By, Condition, RuleDraft, Scope
from inbox.errors import BadInput
from store.schema import source
from tests.inbox.alerts.conftest import HOUR, Watch

SILENCE = Condition(By.SILENCE, 3.0, window_h=1, minimum=5, cool_down_h=6)


def usual(watch: Watch, n: int = 40, *, weeks: int = 5, source_id: str = "forum") -> None:
    """So many messages in the hour before this one, in each of the weeks before."""
    hour = watch.world.clock().replace(minute=0, second=0, microsecond=0) - HOUR
    for week in range(1, weeks + 1):
        last = week == weeks
        watch.plant(hour - timedelta(weeks=week), ["Gewone vraag"] * n, source_id=source_id, counted=last)


def stands(watch: Watch, source_id: str = "forum", **values: Any) -> None:
    """How a source stands: read a moment ago unless told otherwise."""
    values = {"last_ok_at": watch.world.clock(), **values}
    with watch.world.store.write() as conn:
        conn.execute(source.update().where(source.c.id == source_id).values(**values))


def second(watch: Watch) -> None:
    fields = {"connector": "rss", "platform": "web", "every_s": 300, "archive_after_s": 10**6, "health_text": ""}
    with watch.world.store.write() as conn:
        conn.execute(source.insert().values(id="news", name="News", enabled=True, health="ok", **fields))


def test_a_source_that_brings_far_less_than_usual_fires_once_with_its_name(watch: Watch) -> None:
    usual(watch)
    stands(watch)
    watch.rule(SILENCE, name="Stil")
    assert watch.tick() == 1
    watch.world.clock.step(minutes=5)
    stands(watch)
    assert watch.tick() == 0
    (one,) = watch.inbox.alerts.latest(watch.token)
    (silent,) = one.silent
    assert (silent.name, silent.n, silent.expected, silent.ill_since) == ("Forum", 0, 40.0, None)
    assert watch.inbox.alerts.running(watch.token)[0].silent == ("Forum",)


def test_a_source_that_brings_what_is_usual_or_was_not_read_since_is_not_silent(watch: Watch) -> None:
    usual(watch)
    watch.rule(SILENCE)
    stands(watch, last_ok_at=watch.world.clock() - 2 * HOUR)
    assert watch.tick() == 0
    watch.world.clock.step(minutes=5)
    stands(watch)
    watch.plant(watch.world.clock().replace(minute=0, second=0, microsecond=0) - HOUR, ["hallo"] * 30)
    assert watch.tick() == 0


@pytest.mark.parametrize(
    ("values", "fires"),
    [
        ({"health": "login", "hours": 3}, 1),
        ({"health": "trouble", "hours": 3}, 1),
        ({"health": "trouble", "hours": 0}, 0),
        ({"health": "waiting", "hours": 3}, 0),
        ({"health": "login", "hours": 3, "paused": True}, 0),
        ({"health": "login", "hours": 3, "enabled": False}, 0),
    ],
    ids=str,
)
def test_a_source_in_trouble_for_longer_than_the_window_is_silent(
    watch: Watch, values: dict[str, Any], fires: int
) -> None:
    usual(watch, 1, weeks=1)
    now = watch.world.clock()
    paused = now if values.get("paused") else None
    since = now - values["hours"] * HOUR
    stands(
        watch, health=values["health"], error_since=since, paused_at=paused, enabled=values.get("enabled", True),
        last_ok_at=now - 4 * HOUR,
    )  # fmt: skip
    watch.rule(SILENCE)
    assert watch.tick() == fires
    if fires:
        (one,) = watch.inbox.alerts.latest(watch.token)
        assert [(each.n, each.ill_since) for each in one.silent] == [(None, since)]


def test_one_alert_names_all_silent_sources_in_both_languages(watch: Watch) -> None:
    usual(watch)
    second(watch)
    stands(watch)
    stands(watch, "news", health="gone", error_since=watch.world.clock() - 5 * HOUR)
    watch.rule(SILENCE, name="Stil")
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    dutch, english = (
        announce(one, language=code, zone=ZoneInfo("Europe/Amsterdam"), link="https://x") for code in ("nl", "en")
    )
    assert dutch.title == "Stil: 2 bronnen zijn stil"
    assert english.title == "Stil: 2 sources are silent"
    assert any(line.startswith("Forum: 0 berichten, waar 40 gewoon is") for line in dutch.lines)
    assert any(line.startswith("News: in trouble since ") for line in english.lines)
    assert [each["source"] for each in english.facts["silent"]] == ["Forum", "News"]
    assert english.facts["at_least"] is None


def test_a_rule_about_some_sources_looks_at_no_other(watch: Watch) -> None:
    usual(watch)
    second(watch)
    stands(watch)
    stands(watch, "news")
    watch.rule(SILENCE, scope=Scope(source_ids=("news",)))
    assert watch.tick() == 0


@pytest.mark.parametrize("scope", [Scope(query="storing"), Scope(sentiments=("negative",)), Scope(theme_id=1)], ids=str)
def test_silence_is_of_sources_alone(watch: Watch, scope: Scope) -> None:
    with pytest.raises(BadInput, match=r"sources alone|leave the other choices empty"):
        watch.inbox.alerts.back_test(watch.token, RuleDraft("x", scope, SILENCE))


def test_looking_back_finds_the_hours_in_which_it_would_have_fired(watch: Watch) -> None:
    usual(watch, weeks=9)
    found = watch.inbox.alerts.back_test(watch.token, RuleDraft("x", Scope(), SILENCE))
    hour = watch.world.clock().replace(minute=0, second=0, microsecond=0) - HOUR
    assert [(one.hour, one.n) for one in found.moments] == [(hour, 0)]
