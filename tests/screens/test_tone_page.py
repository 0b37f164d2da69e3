"""The Tone page by role, without a browser: who may read it, and who may change what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from inbox.tone.views import WordMark
from inbox.views import Mark
from screens import i18n, state, tone
from store.enriching import Enriched, rewrite
from store.schema import mention
from store.sentiments import Sentiment
from tests.screens.conftest import ROOT, House
from tests.screens.test_app import html


@pytest.fixture
def scored(house: House) -> House:
    with house.store.read() as conn:
        found = list(conn.execute(select(mention.c.id).where(mention.c.direction == "inbound")).scalars())
    rows = [Enriched(one, sentiment=Sentiment("negative", -0.5, 0.7, "1:x")) for one in found]
    with house.store.write() as conn:
        rewrite(conn, house.store, rows, timezone="Europe/Amsterdam")
    return house


@pytest.fixture
def page(scored: House) -> Callable[[str], Any]:
    """The page as somebody sees it."""
    from streamlit.testing.v1 import AppTest

    def go(login: str) -> Any:
        token = scored.token(login)
        state.use(lambda: scored.inbox, token_of=lambda: token)
        script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom screens import tone_page; tone_page.draw()"
        test = AppTest.from_string(script, default_timeout=30)
        test.context["locale"] = "en-GB"
        test.context["timezone"] = "Europe/Amsterdam"
        return test.run()

    return go


def test_everybody_reads_how_good_it_is_and_only_some_change_it(page: Callable[[str], Any], scored: House) -> None:
    who = scored.token("sanne")
    scored.inbox.tones.put_word(who, "storing", lang="nl")
    scored.inbox.tones.draw(who)
    number = scored.inbox.tones.words(who)[0].id
    expected = {"robin": set(), "daan": {"tone_label"}, "sanne": {"tone_label", f"tone_free_{number}"}}
    for login, seen in expected.items():
        test = page(login)
        assert not test.exception
        keys = {str(one.key) for one in test.button}
        assert {key for key in keys if key.startswith("tone_") and key != "tone_try"} == seen
        assert "storing" in html(test)
        assert "labelled 0 of" in html(test)


def test_what_was_looked_for_and_what_made_the_tone_may_overlap_and_nothing_of_it_runs() -> None:
    text = "<b>slecht</b> & goed"
    told = tone.marked(text, [Mark(0, 9)], [WordMark(3, 13, -1.0), WordMark(16, 20, 0.5), WordMark(90, 99, 1.0)])
    assert told == (
        "<mark>&lt;b&gt;</mark>"
        '<span class="kb-because neg"><i>(pulls to negative) </i><mark>slecht</mark></span>'
        '<span class="kb-because neg">&lt;/b&gt;</span> &amp; '
        '<span class="kb-because pos"><i>(pulls to positive) </i>goed</span>'
    )
    assert tone.marked("", [], []) == ""


def test_a_tone_that_is_not_there_or_not_sure_has_a_sign_too() -> None:
    i18n.choose("nl")
    assert [tone.named(one) for one in ("negative", "neutral", "positive", "unsure", None)] == [
        "▼ Negatief", "● Neutraal", "▲ Positief", "? Onzeker", "○ Niet beoordeeld",
    ]  # fmt: skip
