"""The pages of rules and tags without a browser: writing, trying, ordering, running, renaming; who may what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from inbox.rules.language import written
from inbox.views import View
from screens import i18n, rule_words, rules
from screens.platforms import sign_of
from screens.rule_words import Names
from screens.rules import Form, Row
from store.schema import source
from tests.screens.conftest import House

App = Callable[..., Any]
REVIEWS = {"test": "one_of", "field": "source", "values": ["reviews"]}
LOW = {"test": "rating", "at_most": 0.4}


def html(test: Any) -> str:
    return "\n".join(str(one.proto.body) for one in test.get("html"))


def page(app: App, login: str, name: str, **query: str) -> Any:
    """One of the settings pages on its own, as somebody."""
    from streamlit.testing.v1 import AppTest

    app(login)
    test = AppTest.from_string(f"from screens import {name}\n{name}.draw()", default_timeout=30)
    test.context["locale"] = "en-GB"
    test.context["timezone"] = "Europe/Amsterdam"
    for key, value in query.items():
        test.query_params[key] = value
    return test.run()


def add(house: House, name: str = "Low reviews", **parts: Any) -> int:
    parts.setdefault("conditions", {"all_of": [REVIEWS, LOW]})
    parts.setdefault("actions", {"tags": ["review-low"], "priority": 0})
    return house.inbox.rules.save(house.token("sanne"), written(name=name, **parts))


def key_of(test: Any, start: str) -> Any:
    return next(
        one
        for one in [*test.selectbox, *test.multiselect, *test.text_input, *test.checkbox]
        if one.key.startswith(start)
    )


def test_without_rules_the_page_says_what_they_are_for(app: App) -> None:
    test = page(app, "sanne", "rules_page")
    assert not test.exception
    assert "No rules yet" in html(test)
    assert test.button(key="rule_new")


def test_the_platforms_of_a_rule_are_those_of_the_sources(app: App, house: House) -> None:
    with house.store.write() as conn:
        conn.execute(source.update().where(source.c.id == "reviews").values(platform="tiktok"))
    platform = {"test": "one_of", "field": "platform", "values": ["discourse"]}
    test = page(app, "sanne", "rules_page", rule=str(add(house, conditions={"all_of": [platform]})))
    offered = key_of(test, "rule_value1_platform").options
    assert "TikTok" in offered
    assert set(offered) == {sign_of(one).name for one in house.inbox.choices(house.token("sanne")).platforms}


def test_a_rule_is_written_read_as_a_sentence_tried_and_kept(app: App, house: House) -> None:
    test = page(app, "sanne", "rules_page")
    test.button(key="rule_new").click().run()
    key_of(test, "rule_name").set_value("Low reviews").run()
    key_of(test, "rule_value1_source").set_value(["reviews"]).run()
    key_of(test, "rule_tags").set_value(["review-low"]).run()
    key_of(test, "rule_priority").set_value(0).run()
    assert "When the source is Recensies, add the tag review-low and give it priority Risk." in html(test)
    test.button(key="rule_try").click().run()
    assert "conversations, and would change" in html(test)
    assert 'href="/?c=' in html(test)
    assert house.inbox.rules.listing(house.token("sanne")) == ()
    test.button(key="rule_save").click().run()
    assert not test.exception
    assert "The rule is kept" in html(test)
    (row,) = house.inbox.rules.listing(house.token("sanne"))
    assert row.draft == written(
        name="Low reviews", conditions={"all_of": [REVIEWS]}, actions={"tags": ["review-low"], "priority": 0}
    )


def test_what_is_not_filled_in_is_said_and_nothing_is_kept(app: App, house: House) -> None:
    test = page(app, "sanne", "rules_page")
    test.button(key="rule_new").click().run()
    test.button(key="rule_save").click().run()
    assert "A condition is not filled in" in html(test)
    assert house.inbox.rules.listing(house.token("sanne")) == ()


def test_a_kept_rule_opens_from_a_link_and_runs_over_open_work_and_back(app: App, house: House) -> None:
    number = add(house)
    test = page(app, "sanne", "rules_page", rule=str(number))
    assert "Low reviews" in [one.value for one in test.text_input]
    test.button(key="rule_apply").click().run()
    assert not test.exception
    hit = [
        one for one in house.inbox.listing(house.token("sanne"), View.ALL, limit=100).cards if "review-low" in one.tags
    ]
    assert hit
    test.run()
    test.button(key="rule_untake").click().run()
    assert all(
        "review-low" not in one.tags for one in house.inbox.listing(house.token("sanne"), View.ALL, limit=100).cards
    )


def test_rules_are_moved_and_switched_in_the_list(app: App, house: House) -> None:
    one, two = add(house, "one"), add(house, "two")
    test = page(app, "sanne", "rules_page")
    assert test.button(key=f"rule_up_{one}").disabled
    test.button(key=f"rule_up_{two}").click().run()
    assert [row.id for row in house.inbox.rules.listing(house.token("sanne"))] == [two, one]
    test.toggle(key=f"rule_on_{one}_True").set_value(False).run()
    assert [row.active for row in house.inbox.rules.listing(house.token("sanne"))] == [True, False]
    test.button(key=f"rule_open_{one}").click().run()
    test.button(key="rule_archive").click().run()
    assert [row.id for row in house.inbox.rules.listing(house.token("sanne"))] == [two]


def test_an_agent_reads_rules_and_tags_and_changes_none(app: App, house: House) -> None:
    number = add(house)
    test = page(app, "daan", "rules_page")
    assert "Low reviews" in html(test)
    assert test.toggle(key=f"rule_on_{number}_True").disabled
    assert not {"rule_new", f"rule_up_{number}"} & {one.key for one in test.button}
    test = page(app, "daan", "tags_page")
    assert not test.exception
    assert "tag_submit" not in {one.key for one in test.button}


def test_hostile_words_in_rules_and_tags_stay_text(app: App, house: House) -> None:
    add(house, "<script>alert(1)</script>", actions={"tags": ["<b>x</b>"]})
    for name in ("rules_page", "tags_page"):
        shown = html(page(app, "sanne", name))
        assert "<script>alert" not in shown
        assert "<b>x</b>" not in shown
        assert "&lt;" in shown


def test_a_tag_is_made_renamed_joined_and_retired(app: App, house: House) -> None:
    who = house.token("sanne")
    card = house.inbox.listing(who, View.NEW).cards[0]
    house.inbox.add_tag(who, card.id, "pakje")
    test = page(app, "sanne", "tags_page")
    place = next(number for number, one in enumerate(house.inbox.tags.listing(who)) if one.tag == "pakje")
    test.button(key=f"tag_open_{place}").click().run()
    test.text_input(key="tag_new_pakje").set_value("pakket").run()
    test.button(key="tag_rename").click().run()
    assert not test.exception
    assert "Changed on 1 conversation." in html(test)
    assert "pakket" in house.inbox.detail(who, card.id).card.tags
    place = next(number for number, one in enumerate(house.inbox.tags.listing(who)) if one.tag == "pakket")
    test.button(key=f"tag_open_{place}").click().run()
    test.text_input(key="tag_text_pakket").set_value("Kwijt of te laat").run()
    test.selectbox(key="tag_colour_pakket").set_value("orange").run()
    test.button(key="tag_keep").click().run()
    found = {one.tag: one for one in house.inbox.tags.listing(who)}["pakket"]
    assert (found.description, found.colour) == ("Kwijt of te laat", "orange")
    assert 'class="kb-tag orange"' in html(test)


def test_the_timeline_says_which_rule_it_was_and_takes_it_back(house: House) -> None:
    number = add(house, conditions={"all_of": [{"test": "one_of", "field": "source", "values": ["forum"]}]})
    who = house.token("sanne")
    house.inbox.rules.apply(who, number)
    card = next(one for one in house.inbox.listing(who, View.ALL, limit=100).cards if "review-low" in one.tags)
    shown = house.inbox.detail(who, card.id)
    from screens import dossier, events

    line = dossier.build(
        shown, house.inbox.now(), event_text=lambda one: events.line(one, house.inbox.now()), works=True
    )
    (told,) = [one for one in line["events"] if "href" in one]
    assert told["who"] == "Rule “Low reviews”"
    assert told["text"] == "added the tag review-low and set the priority to Risk (Source: forum)"
    assert told["href"] == f"/rules?rule={number}"
    house.inbox.rules.take_back(who, int(told["back"]))
    assert "review-low" not in house.inbox.detail(who, card.id).card.tags


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            "When the source is Reviews, the rating is at most 2 stars and it is about Acme or the text fits “boos”, "
            "add the tag low, give it priority Risk and ignore it (not about us). Rules behind it are not asked then. "
            "It looks at every message, not only at the first one.",
        ),
        (
            "nl",
            "Als de bron Reviews is, de beoordeling hoogstens 2 sterren is en het over Acme gaat of de tekst past bij "
            "“boos”: voeg label low toe, geef het prioriteit Risico en negeer het (gaat niet over ons). De regels "
            "hierna worden dan overgeslagen. De regel kijkt naar elk bericht, niet alleen naar het eerste.",
        ),
    ],
)
def test_a_rule_reads_as_a_sentence(language: str, told: str) -> None:
    draft = written(
        name="x",
        conditions={
            "all_of": [REVIEWS, LOW],
            "any_of": [{"test": "one_of", "field": "brand", "values": ["acme"]}, {"test": "text", "query": "boos"}],
        },
        actions={"tags": ["low"], "priority": 0, "move": "ignored", "reason": "not_about_us"},
        moment="every",
        stop=True,
    )
    i18n.choose(language)
    said = rule_words.sentence(draft, Names(sources={"reviews": "Reviews"}, brands={"acme": "Acme"}))
    assert said == told


@pytest.mark.parametrize(
    "condition",
    [
        REVIEWS,
        LOW,
        {"test": "rating", "at_least": 0.8},
        {"test": "one_of", "field": "handle", "values": ["piet"], "negated": True},
        {"test": "text", "query": "geld OR boos"},
        {"test": "followers", "at_least": 500},
        {"test": "is", "what": "has_link", "yes": False},
        {"test": "age", "at_most_h": 12.0},
        {"test": "contains", "field": "url", "text": "/a/", "negated": True},
    ],
)
def test_every_kind_of_condition_goes_into_the_form_and_comes_out_the_same(condition: dict[str, Any]) -> None:
    draft = written(name="x", conditions={"all_of": [condition]}, actions={"tags": ["a"]})
    form = Form(None, 1, name="x", actions=draft.actions.model_dump())
    form.every = [form.row(**rules._row_of(one)) for one in draft.conditions.all_of]
    assert rules.draft_of(form, whole=True) == draft
    assert rules.condition_of(Row(1, fact="text", value=" ")) is None
