"""Rules that fire on a real store: once, only for hours that are not long past, with what explains it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from inbox.alerts import keeping
from inbox.alerts.views import By, Condition, During, RuleDraft, Scope
from inbox.errors import BadInput, BadSearch, NotAllowed, NotFound
from inbox.permissions import Role
from store.schema import alert, alert_rule, mention
from tests.inbox.alerts.conftest import HOUR, OVER_20, Watch

LINK = "https://nieuws.example/brand"


def spike(watch: Watch, n: int = 30, **values: object) -> list[int]:
    return watch.plant(watch.world.clock(), [f"Wat een storing weer zeg {number}" for number in range(n)], **values)


def history(watch: Watch, per_hour: int = 3, *, weeks: int = 9, **values: object) -> None:
    """So many messages at this hour of the earlier weeks."""
    for week in range(1, weeks + 1):
        watch.plant(
            watch.world.clock() - timedelta(weeks=week), ["Gewone vraag over de bezorging"] * per_hour, **values
        )


def test_a_spike_fires_once_and_again_only_after_the_cool_down(watch: Watch) -> None:
    watch.rule()
    assert watch.tick() == 0
    spike(watch)
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 1
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 0
    watch.world.clock.step(hours=6)
    spike(watch)
    assert watch.tick() == 1
    assert [one.n for one in watch.inbox.alerts.latest(watch.token)] == [30, 30]


def test_what_is_usual_is_compared_with_and_kept(watch: Watch) -> None:
    history(watch, 3)
    watch.rule(Condition(By.DEVIATION, 4, minimum=10))
    watch.plant(watch.world.clock(), ["hallo"] * 8)
    assert watch.tick() == 0
    spike(watch, 12)
    watch.world.clock.step(minutes=10)
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert (one.n, one.expected, one.n_earlier) == (20, 3.0, 8)
    assert one.at_least <= 20


def test_what_comes_in_late_about_an_hour_long_past_fires_nothing(watch: Watch) -> None:
    watch.rule()
    watch.plant(watch.world.clock() - 3 * HOUR, ["te laat"] * 50)
    assert watch.tick() == 0
    watch.plant(watch.world.clock() - HOUR, ["net op tijd"] * 50)
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 1


def test_a_long_window_says_in_which_hour_it_fired(watch: Watch) -> None:
    watch.rule(Condition(By.COUNT, 20, window_h=24, minimum=1))
    spike(watch)
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert one.hour == watch.world.clock().replace(minute=0, second=0, microsecond=0)
    assert one.since == one.hour - 23 * HOUR


def test_two_workers_that_look_at_once_fire_once(watch: Watch) -> None:
    rule_id = watch.rule()
    spike(watch)
    from inbox.alerts.watching import look

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _worker: look(watch.desk, rule_id), range(8)))
    assert sum(found) == 1
    assert len(watch.inbox.alerts.latest(watch.token)) == 1


def test_a_rule_counts_its_scope(watch: Watch) -> None:
    scopes = {
        "merk": (Scope(brand_id="acme"), True),
        "ander merk": (Scope(brand_id="other"), False),
        "bron": (Scope(source_ids=("reviews",)), True),
        "andere bron": (Scope(source_ids=("forum",)), False),
        "toon": (Scope(sentiments=("negative",)), True),
        "andere toon": (Scope(sentiments=("positive",)), False),
        "vraag": (Scope(query="storing"), True),
        "andere vraag": (Scope(query="storing -weer"), False),
        "vraag van ander merk": (Scope(brand_id="other", query="storing"), False),
        "alles samen": (Scope("acme", ("reviews",), ("negative",), query="storing"), True),
    }
    for name, (scope, _fires) in scopes.items():
        watch.rule(name=name, scope=scope)
    spike(watch, source_id="reviews", sentiment="negative", brand_id="acme")
    watch.world.clock.step(minutes=5)
    watch.tick()
    fired = {one.rule for one in watch.inbox.alerts.latest(watch.token)}
    assert fired == {name for name, (_scope, fires) in scopes.items() if fires}


def test_a_rule_about_a_theme_counts_conversations_by_their_first_message(watch: Watch) -> None:
    from inbox.themes.views import Draft

    theme_id = watch.inbox.themes.make(watch.token, Draft("Storing"))
    watch.rule(Condition(By.COUNT, 5, minimum=1), scope=Scope(theme_id=theme_id))
    ids = spike(watch, 6)
    with watch.world.store.read() as conn:
        talks = conn.execute(mention.select().where(mention.c.id.in_(ids))).all()
    for one in talks[:4]:
        watch.inbox.themes.link(watch.token, one.conversation_id, theme_id)
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 0
    watch.inbox.themes.link(watch.token, talks[4].conversation_id, theme_id)
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 1


def test_a_query_has_its_history_counted_when_it_is_made_and_while_no_worker_ran(watch: Watch) -> None:
    for week in range(1, 5):
        watch.plant(watch.world.clock() - timedelta(weeks=week), ["storing"] * 20)
    watch.rule(Condition(By.PERCENT, 50, minimum=1), scope=Scope(query="storing"))
    spike(watch, 25)
    watch.world.clock.step(minutes=5)
    assert watch.tick() == 0  # twenty is usual
    watch.world.clock.step(weeks=1)  # nobody looked for a week
    watch.plant(watch.world.clock() - 3 * HOUR, ["storing"] * 40)
    watch.plant(watch.world.clock(), ["storing"] * 31)
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert one.expected == 20


def test_a_rule_looks_only_at_the_hours_it_is_for(watch: Watch) -> None:
    watch.rule(name="Open", during=During.OPEN, team_id="webcare")
    watch.rule(name="Dicht", during=During.CLOSED, team_id="webcare")
    spike(watch)
    assert watch.tick() == 1  # Tuesday eleven o'clock
    watch.world.clock.step(hours=12)
    spike(watch)
    assert watch.tick() == 1
    assert [one.rule for one in watch.inbox.alerts.latest(watch.token)] == ["Dicht", "Open"]


def test_a_rule_that_is_off_or_out_of_use_does_not_look(watch: Watch) -> None:
    off, gone = watch.rule(name="Uit"), watch.rule(name="Weg")
    watch.inbox.alerts.switch(watch.token, off, active=False)
    watch.inbox.alerts.archive(watch.token, gone)
    spike(watch)
    assert watch.tick() == 0
    watch.inbox.alerts.switch(watch.token, off, active=True)
    assert watch.tick() == 1
    assert [one.draft.name for one in watch.inbox.alerts.rules(watch.token)] == ["Uit"]


def test_a_rule_that_cannot_be_looked_at_says_so_and_stops_no_other(watch: Watch) -> None:
    watch.rule(name="Goed")
    broken = watch.rule(name="Kapot", scope=Scope(query="storing"))
    with watch.world.store.write() as conn:
        conn.execute(alert_rule.update().where(alert_rule.c.id == broken).values(query='"nooit af'))
    spike(watch)
    assert watch.tick() == 1
    told = {one.draft.name: one.trouble for one in watch.inbox.alerts.rules(watch.token)}
    assert told["Goed"] == ""
    assert told["Kapot"]


# Why


def test_a_spike_tells_its_first_message_what_drives_it_and_how_the_tone_turned(watch: Watch) -> None:
    for day in range(1, 7):
        watch.plant(watch.world.clock() - timedelta(days=day), ["Vraag over mijn bestelling"] * 10, sentiment="neutral")
    watch.rule()
    now = watch.world.clock()
    watch.plant(now, ["Iets anders"], sentiment="neutral")
    first = watch.plant(
        now + timedelta(minutes=1), [f"Klantgegevens gelekt {LINK} nr{number}" for number in range(24)],
        sentiment="negative", source_id="reviews",
    )  # fmt: skip
    watch.world.clock.step(minutes=30)
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    drivers = {shown.driver.trait: shown.label for shown in one.drivers}
    assert drivers["link"] == LINK
    assert drivers["source"] == "Reviews"
    assert "gelekt" in drivers["word"] or "klantgegevens" in drivers["word"]
    assert one.drivers[0].driver.explains > 0.9
    assert one.first is not None
    assert one.first.text.endswith("nr0")
    assert len(one.examples) == 3
    assert one.turn is not None
    assert one.turn.turned
    assert (one.turn.now.hits, one.turn.now.n, one.turn.before.hits) == (24, 25, 0)
    assert one.turn.accuracy is None  # nobody measured it here
    assert first


def test_a_word_that_one_person_says_often_is_not_told(watch: Watch) -> None:
    watch.rule()
    watch.plant(watch.world.clock(), ["Jan Jansen uit Zwolle liegt"] * 30, author_id=7)
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert not [shown for shown in one.drivers if shown.driver.trait in {"word", "link"}]


def test_what_was_removed_meanwhile_is_not_quoted(watch: Watch) -> None:
    watch.rule()
    ids = spike(watch)
    assert watch.tick() == 1
    with watch.world.store.write() as conn:
        gone = mention.update().where(mention.c.id.in_(ids)).values(deleted_at=watch.world.clock(), text="")
        conn.execute(gone)
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert one.first is None
    assert one.examples == ()


def test_a_private_message_is_pointed_at_but_not_quoted(watch: Watch) -> None:
    watch.rule()
    spike(watch, visibility="private")
    assert watch.tick() == 1
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert one.first is not None
    assert (one.first.private, one.first.text) == (True, "")


def test_a_name_that_is_erased_goes_from_rules_and_explanations(watch: Watch) -> None:
    from store import alerts

    rule_id = watch.rule(name="Let op Jansen", scope=Scope(query="jansen"))
    watch.plant(watch.world.clock(), [f"jansen {number}" for number in range(30)])
    assert watch.tick() == 1
    with watch.world.store.write() as conn:
        alerts.forget_words(conn, ["jansen"])
    (view,) = watch.inbox.alerts.rules(watch.token)
    assert (view.draft.name, view.draft.scope.query, view.active) == (f"#{rule_id}", "", False)
    (one,) = watch.inbox.alerts.latest(watch.token)
    assert not [shown for shown in one.drivers if "jansen" in shown.label.lower()]


# Judging, running


def test_saying_what_was_real_gives_the_precision_of_a_rule(watch: Watch) -> None:
    watch.rule(Condition(By.COUNT, 20, minimum=1, cool_down_h=1))
    for _ in range(3):
        spike(watch)
        assert watch.tick() == 1
        watch.world.clock.step(hours=2)
    ids = [one.id for one in watch.inbox.alerts.latest(watch.token)]
    watch.inbox.alerts.judge(watch.token, ids[0], "real")
    watch.inbox.alerts.judge(watch.token, ids[1], "false")
    (view,) = watch.inbox.alerts.rules(watch.token)
    assert (view.fired, view.precision.hits, view.precision.n) == (3, 1, 2)
    watch.inbox.alerts.judge(watch.token, ids[1], None)
    (view,) = watch.inbox.alerts.rules(watch.token)
    assert (view.precision.hits, view.precision.n) == (1, 1)
    with pytest.raises(BadInput):
        watch.inbox.alerts.judge(watch.token, ids[0], "misschien")


def test_the_inbox_tells_of_a_spike_until_it_is_closed_or_over(watch: Watch) -> None:
    watch.rule()
    spike(watch)
    watch.tick()
    reader = watch.world.token(watch.world.person(Role.READ_ONLY))
    (one,) = watch.inbox.alerts.running(watch.token)
    assert (one.rule, one.n) == ("Piek", 30)
    assert watch.inbox.alerts.running(reader) == ()
    watch.world.clock.step(hours=7)
    assert watch.inbox.alerts.running(watch.token) == ()
    watch.world.clock.step(hours=-7)
    watch.inbox.alerts.see(watch.token, one.alert_id)
    assert watch.inbox.alerts.running(watch.token) == ()


# Trying


def test_the_back_test_says_when_a_rule_would_have_fired(watch: Watch) -> None:
    now = watch.world.clock()
    for week in range(1, 20):
        watch.plant(now - timedelta(weeks=week), ["Gewone vraag"] * 3, counted=False)
    for days in (3, 40, 100):
        watch.plant(now - timedelta(days=days), ["Storing"] * 30)
    draft = RuleDraft("", Scope(), Condition(By.DEVIATION, 4, minimum=10))
    found = watch.inbox.alerts.back_test(watch.token, draft)
    assert [moment.hour for moment in found.moments] == [now - timedelta(days=40), now - timedelta(days=3)]
    assert found.n == 60 + 12 * 3
    by_query = RuleDraft("", Scope(query="storing"), OVER_20)
    assert len(watch.inbox.alerts.back_test(watch.token, by_query).moments) == 2


def test_a_back_test_of_nothing_is_empty(watch: Watch) -> None:
    found = watch.inbox.alerts.back_test(watch.token, RuleDraft("", Scope(), OVER_20))
    assert (found.moments, found.n) == ((), 0)


# Bad input, roles


@pytest.mark.parametrize(
    "condition",
    [
        Condition(By.COUNT, 0),
        Condition(By.COUNT, float("nan")),
        Condition(By.PERCENT, float("inf")),
        Condition(By.DEVIATION, 51),
        Condition(By.COUNT, 5, window_h=2),
        Condition(By.COUNT, 5, minimum=0),
        Condition(By.COUNT, 5, cool_down_h=0),
        Condition(By.COUNT, 5, cool_down_h=10_000),
    ],
)
def test_a_condition_that_cannot_be_judged_is_refused(condition: Condition) -> None:
    with pytest.raises(BadInput):
        keeping.checked(RuleDraft("x", Scope(), condition))


def test_a_rule_needs_a_name_and_may_be_called_anything(watch: Watch) -> None:
    for name in ("", "   ", "x" * 100_000, "\x00\x01"):
        with pytest.raises(BadInput):
            watch.rule(name=name)
    for name in ("🔥🔥🔥", "z\u0337a\u0334l\u0336go", "\u202eomgekeerd\u202c مرحبا", "NUL\x00erin"):
        watch.rule(name=name)
    assert all("\x00" not in one.draft.name for one in watch.inbox.alerts.rules(watch.token))


def test_a_query_that_cannot_be_read_is_refused_in_words(watch: Watch) -> None:
    for query in ('"nooit af', "(" * 3_000, "AND AND", "x" * 100_000):
        with pytest.raises((BadSearch, BadInput)):
            watch.rule(scope=Scope(query=query))


def test_what_is_not_there_cannot_be_counted_or_told(watch: Watch) -> None:
    for scope in (Scope(brand_id="geen"), Scope(source_ids=("geen",)), Scope(theme_id=7)):
        with pytest.raises(NotFound):
            watch.rule(scope=scope)
    with pytest.raises(NotFound):
        watch.rule(receivers=(7,))
    with pytest.raises(BadInput):
        watch.rule(during=During.CLOSED, team_id="geen")
    with pytest.raises(BadInput):
        watch.rule(scope=Scope(theme_id=7, query="ook"))


def test_a_rule_changed_by_somebody_else_is_not_overwritten(watch: Watch) -> None:
    rule_id = watch.rule()
    draft = RuleDraft("Anders", Scope(), OVER_20)
    watch.inbox.alerts.save(watch.token, draft, rule_id=rule_id, version=1)
    with pytest.raises(BadInput):
        watch.inbox.alerts.save(watch.token, draft, rule_id=rule_id, version=1)
    with pytest.raises(BadInput):
        watch.rule(name="ANDERS")


def test_who_sees_figures_reads_and_only_leads_change(watch: Watch) -> None:
    rule_id = watch.rule()
    agent, reader = (watch.world.token(watch.world.person(role)) for role in (Role.AGENT, Role.READ_ONLY))
    assert len(watch.inbox.alerts.rules(agent)) == 1
    with pytest.raises(NotAllowed):
        watch.inbox.alerts.rules(reader)
    for step in (
        lambda: watch.inbox.alerts.save(agent, RuleDraft("Nee", Scope(), OVER_20)),
        lambda: watch.inbox.alerts.switch(agent, rule_id, active=False),
        lambda: watch.inbox.alerts.archive(agent, rule_id),
        lambda: watch.inbox.alerts.add_receiver(agent, name="Ik", kind="mail", address="ik@acme.example"),
    ):
        with pytest.raises(NotAllowed):
            step()


def test_nothing_fires_that_is_not_written_down_whole(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    from inbox.alerts import deliveries

    watch.rule()
    spike(watch)

    def dies(*_anything: object) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(deliveries, "queue", dies)
        assert watch.tick() == 0
    with watch.world.store.read() as conn:
        assert conn.execute(alert.select()).all() == []
    assert watch.tick() == 1
