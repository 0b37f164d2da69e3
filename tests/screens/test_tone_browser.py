"""The tone in a real browser: why, corrected by key and undone, many at once, a word left out, a sample labelled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from inbox.tone.scoring import newest, scored
from inbox.views import View
from store.enriching import ROWS, Enriched, rewrite
from store.schema import mention
from store.sentiments import Sentiment, by_tier
from tests.screens.conftest import Served
from tests.screens.test_accessible import settled, violations

pytestmark = pytest.mark.slow
Visit = Callable[..., Any]


@pytest.fixture(scope="module")
def heard(served: Served) -> Served:
    """The house with the tone of every message, as ingest would have left it."""
    store, scorer = served.house.store, newest(served.house.store)
    with store.read() as conn:
        rows = conn.execute(select(mention).where(mention.c.direction == "inbound")).all()
    for start in range(0, len(rows), ROWS):
        some = []
        for one in rows[start : start + ROWS]:
            found = scored(scorer, one)
            said = Sentiment(found.label, found.score, found.confidence, by_tier(1, scorer.version))
            some.append(Enriched(one.id, sentiment=said))
        with store.write() as conn:
            rewrite(conn, store, some, timezone="Europe/Amsterdam")
    return served


def sentiment(served: Served, conversation_id: int) -> str | None:
    return served.house.inbox.detail(served.house.token("sanne"), conversation_id).card.sentiment


def test_an_agent_sees_why_corrects_by_key_and_takes_it_back(visit: Visit, heard: Served) -> None:
    page = visit("daan", "/?view=new")
    page.wait_for_selector("html[data-kb-tone] .kb-msg.focus .kb-tone")
    number = int(page.locator(".kb-thread").get_attribute("data-conversation"))
    before = sentiment(heard, number)
    shown = page.locator(".kb-msg.focus .kb-tone")
    assert shown.locator(".kb-why").is_hidden()
    page.keyboard.press("t")
    assert shown.locator("button").first.evaluate("one => one === document.activeElement")
    assert violations(page) == []
    wanted = "positive" if before != "positive" else "negative"
    page.keyboard.press({"negative": "1", "positive": "3"}[wanted])
    page.wait_for_selector(f".kb-msg.focus .kb-tone.{wanted}")
    assert sentiment(heard, number) == wanted
    page.locator(f"#c{number} .dot.{wanted}").wait_for()
    page.wait_for_selector("text=set the tone to")
    page.keyboard.press("u")
    page.wait_for_selector(f".kb-msg.focus .kb-tone.{before or 'none'}")
    assert sentiment(heard, number) == before
    page.locator(".kb-msg.focus .kb-tone summary").click()
    page.locator(".kb-msg.focus .kb-says button", has_text="Negative").click()
    page.wait_for_selector(".kb-msg.focus .kb-tone.negative")
    page.locator(".kb-msg.focus .kb-tone summary").click()
    page.get_by_role("button", name="Let the model judge").click()
    page.wait_for_selector(f".kb-msg.focus .kb-tone.{before}")
    assert page.elsewhere == []


def test_many_rows_are_corrected_at_once_and_taken_back(visit: Visit, heard: Served) -> None:
    who = heard.house.token("daan")
    rows = [one.id for one in heard.house.inbox.listing(who, View.NEW).cards[:3]]
    before = [sentiment(heard, number) for number in rows]
    page = visit("daan", "/?view=new")
    page.wait_for_selector(".card.on")
    for key in ("x", "j", "x", "j", "x"):
        page.keyboard.press(key)
        settled(page)
    page.get_by_label("More", exact=True).first.select_option(value="tone:positive")
    page.wait_for_selector("text=Done for 3 conversations.")
    assert [sentiment(heard, number) for number in rows] == ["positive"] * 3
    page.keyboard.press("u")
    page.wait_for_selector("text=3 conversations are as they were.")
    assert [sentiment(heard, number) for number in rows] == before


def test_a_lead_leaves_a_word_out_after_seeing_what_it_would_do(visit: Visit, heard: Served) -> None:
    page = visit("sanne", "/tone")
    page.get_by_label("Word", exact=True).fill("slechtste")
    page.get_by_role("button", name="See what it would do").click()
    page.wait_for_selector("#kb-recount")
    assert "hold" in page.locator("#kb-recount p").inner_text()
    assert heard.house.inbox.tones.words(heard.house.token("sanne")) == ()
    page.get_by_role("button", name="Apply it").click()
    page.wait_for_selector("text=Applied to new messages")
    (word,) = heard.house.inbox.tones.words(heard.house.token("sanne"))
    assert (word.word, word.weight, word.made_by) == ("slechtste", None, "Sanne de Wit")
    assert violations(page) == []
    page.get_by_role("button", name="Take back slechtste").click()
    page.wait_for_selector("text=The word counts again")
    assert heard.house.inbox.tones.words(heard.house.token("sanne")) == ()
    page.get_by_label("Word", exact=True).fill("twee woorden")
    page.get_by_role("button", name="See what it would do").click()
    page.wait_for_selector("text=Type one word")


def test_five_messages_are_labelled_by_key_and_the_accuracy_stands_on_the_page(visit: Visit, heard: Served) -> None:
    who = heard.house.token("sanne")
    heard.house.inbox.tones.draw(who)
    page = visit("sanne", "/tone")
    page.get_by_role("button", name="Label 100 messages").click()
    page.wait_for_selector(".kb-tolabel")
    assert "model said" not in page.locator("#kb-said").inner_text()
    for n, key in enumerate(("1", "2", "3", "4", "2"), 1):
        page.keyboard.press(key)
        page.wait_for_selector(f"text={n} of 100")
        page.wait_for_selector("text=the model said")
    assert violations(page) == []
    page.keyboard.press("z")
    page.wait_for_selector("text=4 of 100")
    page.keyboard.press("2")
    page.wait_for_selector("text=5 of 100")
    found = heard.house.inbox.tones.months(who)[0]
    assert (found.n_labelled, found.n_unclear) == (5, 1)
    page.get_by_role("button", name="To the page Tone").click()
    page.wait_for_selector("text=labelled 5 of 100")
    assert page.locator(".kb-range").first.get_attribute("aria-label") is not None
    assert page.elsewhere == []
