"""The page of alerts without a browser: rules, their trial, receivers, what fired, and who may what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from inbox.alerts import watching
from inbox.alerts.views import By, Condition, RuleDraft, Scope
from inbox.desk import Desk
from inbox.secrecy import Secrecy
from inbox.service import Inbox
from store.rollups import rebuild_rollups
from store.schema import source
from tests.screens import sample
from tests.screens.conftest import House
from tests.screens.test_rules_page import html, page

App = Callable[..., Any]


@pytest.fixture
def sealing(house: House) -> House:
    """A house with a key, in which mail can go out."""
    settings = sample.SETTINGS.model_copy(update={"can_mail": True})
    secrecy = Secrecy(lambda: ["a key of more than thirty-two characters, for tests"])
    house.desk = Desk(house.store, settings, secrecy=secrecy)
    house.inbox = Inbox(house.store, settings, secrecy=secrecy)
    return house


def rule(house: House, name: str = "Piek", **values: Any) -> int:
    draft = RuleDraft(name, values.pop("scope", Scope()), Condition(By.COUNT, 1, minimum=1, cool_down_h=24), **values)
    return house.inbox.alerts.save(house.token("sanne"), draft)


def fire(house: House, *texts: str) -> None:
    for number, text in enumerate(texts):
        sample.customer_writes(house.store, text, thread=7_000 + number, author=f"Klant {number}")
    rebuild_rollups(house.store, timezone=sample.SETTINGS.timezone)
    assert watching.tick(house.store, house.desk.declared, house.desk.clock()) >= 1


def test_without_rules_the_page_says_what_they_do(app: App) -> None:
    test = page(app, "sanne", "alerts_page")
    assert not test.exception
    assert "Nothing fired yet" in html(test)
    assert "make a rule under Rules" in html(test)
    assert "No alert rules yet" in html(test)
    assert "No receivers yet" in html(test)


def test_a_rule_is_tried_made_switched_and_ended(app: App, house: House) -> None:
    rebuild_rollups(house.store, timezone=sample.SETTINGS.timezone)
    test = page(app, "sanne", "alerts_page")
    test.button(key="alert_new").click().run()
    test.text_input(key="alert_0_1_name").set_value("<b>Piek</b>").run()
    test.button(key="alert_try").click().run()
    assert not test.exception
    assert "It would have fired" in html(test)
    test.button(key="alert_save").click().run()
    (made,) = house.inbox.alerts.rules(house.token("sanne"))
    assert (made.draft.name, made.draft.condition.by, made.active) == ("<b>Piek</b>", By.DEVIATION, True)
    assert "<b>Piek</b>" not in html(test)
    assert "From 4 standard deviations above what is usual in 3 hours on" in html(test)
    test.button(key=f"alert_switch_{made.id}").click().run()
    assert [one.active for one in house.inbox.alerts.rules(house.token("sanne"))] == [False]
    test.button(key=f"alert_archive_{made.id}").click().run()
    assert house.inbox.alerts.rules(house.token("sanne")) == ()


@pytest.mark.slow
def test_a_rule_that_cannot_be_kept_says_why(app: App) -> None:
    test = page(app, "sanne", "alerts_page")
    test.button(key="alert_new").click().run()
    test.text_input(key="alert_0_1_query").set_value('"nooit af').run()
    test.button(key="alert_save").click().run()
    assert not test.exception
    assert "A rule has a name" in html(test)


def test_what_fired_stands_with_its_reasons_and_is_judged(app: App, house: House) -> None:
    number = rule(house, name="<i>Let op</i>")
    fire(house, "<script>storing</script> in de app", "Weer een storing", "Storing!")
    test = page(app, "daan", "alerts_page")
    told = html(test)
    assert not test.exception
    assert "&lt;i&gt;Let op&lt;/i&gt;" in told
    assert "<script>" not in told
    assert "The first message of it" in told
    assert "was not measured yet" in told or "Our sentiment was right" in told or "negative" not in told
    (one,) = house.inbox.alerts.latest(house.token("sanne"))
    test.button(key=f"alert_real_{one.id}").click().run()
    (view,) = house.inbox.alerts.rules(house.token("sanne"))
    assert (view.id, view.real) == (number, 1)
    test.button(key=f"alert_seen_{one.id}").click().run()
    assert house.inbox.alerts.running(house.token("sanne")) == ()


def test_the_inbox_has_one_line_about_a_spike_that_can_be_closed(app: App, house: House) -> None:
    rule(house)
    fire(house, "Storing", "Storing")
    (one,) = house.inbox.alerts.latest(house.token("sanne"))
    test = app("daan")
    assert f"/alerts?alert={one.id}" in html(test)
    test.button(key=f"alert_close_{one.id}").click().run()
    assert f"/alerts?alert={one.id}" not in html(test)


def test_a_receiver_is_added_tested_and_ended_and_its_address_never_shown(app: App, sealing: House) -> None:
    test = page(app, "sanne", "alerts_page")
    test.text_input(key="alert_receiver_0_name").set_value("Ons systeem").run()
    test.selectbox(key="alert_receiver_0_kind").set_value("webhook").run()
    test.text_input(key="alert_receiver_0_address").set_value("https://hooks.example/geheim").run()
    test.button(key="alert_add_it").click().run()
    assert not test.exception
    (one,) = sealing.inbox.alerts.receivers(sealing.token("sanne"))
    assert "https://hooks.example" in html(test)
    assert "geheim" not in html(test)
    assert any(str(code.value).startswith("whsec_") for code in test.code)
    test.button(key=f"alert_test_{one.id}").click().run()
    assert [told.state for told in sealing.inbox.alerts.deliveries(sealing.token("sanne"))] == ["queued"]
    test.button(key=f"alert_bye_{one.id}").click().run()
    assert sealing.inbox.alerts.receivers(sealing.token("sanne")) == ()


def test_an_agent_reads_and_judges_but_changes_nothing(app: App, house: House) -> None:
    rule(house)
    fire(house, "Storing", "Storing")
    test = page(app, "daan", "alerts_page")
    keys = {str(one.key) for one in test.button}
    assert not test.exception
    assert any(key.startswith("alert_real_") for key in keys)
    changing = ("alert_new", "alert_switch", "alert_edit", "alert_add", "alert_test")
    assert not any(key.startswith(changing) for key in keys)


@pytest.mark.slow
def test_a_rule_about_silence_asks_for_sources_alone_and_what_it_found_names_them(app: App, house: House) -> None:
    test = page(app, "sanne", "alerts_page")
    test.button(key="alert_new").click().run()
    test.text_input(key="alert_0_1_name").set_value("Stil").run()
    test.selectbox(key="alert_0_1_by").set_value(By.SILENCE).run()
    assert "alert_0_1_query" not in {one.key for one in test.text_input}
    test.button(key="alert_try").click().run()
    assert not test.exception
    assert "in trouble in the past is not kept" in html(test) or "nothing to try it on" in html(test)
    test.button(key="alert_save").click().run()
    (made,) = house.inbox.alerts.rules(house.token("sanne"))
    assert (made.draft.condition.by, made.draft.scope) == (By.SILENCE, Scope())
    since = house.desk.clock() - timedelta(hours=30)
    with house.store.write() as conn:
        ill = {"health": "login", "health_text": "x", "error_since": since}
        conn.execute(source.update().where(source.c.id == "forum").values(**ill))
    assert watching.tick(house.store, house.desk.declared, house.desk.clock()) == 1
    told = html(page(app, "daan", "alerts_page"))
    assert "is silent" in told
    assert "in trouble since" in told
    assert "is silent" in html(app("daan"))
