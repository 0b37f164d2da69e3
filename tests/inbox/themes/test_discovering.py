"""What is said, counted behind the work, compared, and learned from; on both engines."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from inbox.errors import BadInput
from inbox.permissions import Role
from inbox.themes import counting, reading
from inbox.themes.background import count, learn
from inbox.themes.counting import count_phrases
from inbox.themes.views import Against, Comparison, Draft
from store import forgetting, phrase_days
from store.brands import BrandRecord, sync_brands
from store.ingest import commit_page
from store.records import AuthorRecord, MentionRecord, PageCommit, Sentiment
from store.schema import phrase_day, theme_model
from store.sources import SourceRecord, sync_sources
from tests.inbox.conftest import SETTINGS, World

ZONE = "Europe/Amsterdam"


def bring(world: World, *texts: str, sentiment: str | None = None, source: str = "forum", **values: object) -> None:
    """Messages of as many people come in by collecting."""
    now = world.clock()
    sync_sources(
        world.store, [SourceRecord(one, "discourse", "discourse", one, 300, 10**7) for one in ("forum", "app")], now
    )
    mentions = []
    for text in texts:
        number = world.store.new_id()
        fields: dict[str, object] = {
            "external_id": str(number),
            "namespace": "forum",
            "platform": "discourse",
            "kind": "post",
            "text": text,
            "content_hash": text.encode(),
            "lang": "nl",
            "author": AuthorRecord(f"a{number}", "discourse", handle=f"h{number}"),
            "published_at": now,
            "sentiment": None if sentiment is None else Sentiment(sentiment, 0.5, 0.9, "test"),  # type: ignore[arg-type]
            **values,
        }
        mentions.append(MentionRecord(**fields))  # type: ignore[arg-type]
    commit_page(world.store, PageCommit(source_id=source, query_id="q", fetched_at=now, mentions=tuple(mentions)))


def cells(world: World) -> dict[tuple[str, str], dict[str, int]]:
    with world.store.read() as conn:
        until = world.clock().date() + timedelta(days=2)
        keys = conn.execute(select(phrase_day.c.brand_id, phrase_day.c.sentiment).distinct()).all()
        return {
            (brand, mood): dict(
                phrase_days.added_up(
                    conn, since=date(2020, 1, 1), until=until, brand_id=brand, sentiments=(mood,)
                ).counts
            )
            for brand, mood in keys
        }


def test_phrases_are_counted_by_brand_and_mood_and_once_whatever_is_repeated(world: World) -> None:
    bring(world, "app crasht", "app crasht weer", sentiment="negative", brand_ids=("acme",))
    bring(world, "mooie winkel", sentiment="positive")
    assert count(world.store, SETTINGS, world.clock()) == 1
    assert count(world.store, SETTINGS, world.clock()) == 0, "nothing changed"
    found = cells(world)
    assert found["acme", "negative"]["app crasht"] == found["", "negative"]["app crasht"] == 2
    assert ("acme", "positive") not in found
    assert found["", "positive"]["mooie winkel"] == 1
    bring(world, "app crasht alweer", sentiment="negative", brand_ids=("acme",))
    count(world.store, SETTINGS, world.clock())
    assert cells(world)["", "negative"]["app crasht"] == 3


def test_a_folded_copy_counts_once_and_our_own_words_not_at_all(world: World) -> None:
    text = "Deze winkel levert alweer drie weken niets"
    bring(world, text, dup_hash=5)
    bring(world, text, dup_hash=5)
    bring(world, "Wij kijken ernaar", direction="outbound", author=None)
    count(world.store, SETTINGS, world.clock())
    assert cells(world)["", ""]["winkel levert"] == 1
    assert not [one for one in cells(world)["", ""] if "kijken" in one]


def test_what_is_kept_of_a_day_has_a_bound(world: World) -> None:
    bring(world, "een twee drie vier vijf", "een twee")
    count(world.store, SETTINGS, world.clock())
    with world.store.read() as conn:
        zone = counting.ZoneInfo(ZONE)
        piles = counting.piled(phrase_days.texts(conn, world.clock().date(), "forum", timezone=zone))
    assert phrase_days.commonest(piles["", ""].counts, 2) == {"twee": 2, "drie": 1}
    assert phrase_days.commonest({}, 2) == {}


def test_what_somebody_said_leaves_the_counts_when_they_are_erased(world: World) -> None:
    bring(world, "geheime bestelling", "geheime zending")
    count(world.store, SETTINGS, world.clock())
    with world.store.read() as conn:
        subject = forgetting.find(
            conn, author_id=conn.execute(select(phrase_days.mention.c.author_id)).scalars().first()
        )
    assert subject is not None
    forgetting.erase(world.store, subject, now=world.clock())
    assert cells(world) == {}
    count(world.store, SETTINGS, world.clock())
    assert cells(world)["", ""]["geheime"] == 1
    assert count(world.store, SETTINGS, world.clock()) == 0


def test_negative_against_positive_shows_phrases_with_who_says_them(world: World) -> None:
    bring(
        world,
        *[f"klantenservice neemt niet op {word}" for word in "abcdefgh"],
        sentiment="negative",
    )
    bring(world, *[f"snelle levering top {word}" for word in "abcdefgh"], sentiment="positive")
    count(world.store, SETTINGS, world.clock())
    token = world.token(world.person(Role.READ_ONLY))
    found = world.inbox.themes.discover(token, Comparison(Against.MOOD))
    assert (found.n_here, found.n_other) == (8, 8)
    assert found.phrases[0].phrase == "klantenservice neemt"
    assert (found.phrases[0].n, found.phrases[0].n_other) == (8, 0)
    assert all("klantenservice" in one.snippet for one in found.phrases[0].examples)
    assert not [one for one in found.phrases if "levering" in one.phrase]


def test_that_a_brand_is_named_is_no_phrase_of_its_own(world: World) -> None:
    sync_brands(world.store, [BrandRecord("acme", "Ácme Energie", "acme")], world.clock())
    bring(world, *[f"acme storing {word}" for word in "abcdefgh"], sentiment="negative")
    bring(world, *[f"mooie winkel {word}" for word in "abcdefgh"], sentiment="positive")
    count(world.store, SETTINGS, world.clock())
    found = world.inbox.themes.discover(world.token(world.person()), Comparison(Against.MOOD))
    assert [one.phrase for one in found.phrases] == ["acme storing"]


def test_a_phrase_of_fewer_than_three_people_is_never_shown(world: World) -> None:
    same = AuthorRecord("een", "discourse", handle="een")
    bring(world, *[f"kapotte waterkoker {word}" for word in "abcdefgh"], sentiment="negative", author=same)
    bring(world, "prima spul", sentiment="positive")
    count(world.store, SETTINGS, world.clock())
    token = world.token(world.person())
    assert world.inbox.themes.discover(token, Comparison(Against.MOOD)).phrases == ()


def test_this_week_against_before_and_sources_and_brands_are_compared(world: World) -> None:
    bring(world, *[f"rustige verkoop {word}" for word in "abcdefgh"], brand_ids=("acme",))
    world.clock.step(days=10)
    bring(world, *[f"storing vandaag {word}" for word in "abcdefgh"], source="app", brand_ids=("beta",))
    count_phrases(world.store, SETTINGS.timezone, world.clock())
    token = world.token(world.person())

    def top(**wanted: object) -> str:
        return world.inbox.themes.discover(token, Comparison(**wanted)).phrases[0].phrase  # type: ignore[arg-type]

    assert top(against=Against.TIME) == "storing vandaag"
    assert top(against=Against.SOURCE, source_id="forum") == "rustige verkoop"
    assert top(against=Against.SOURCE, source_id="app", other="forum") == "storing vandaag"
    assert top(against=Against.BRAND, brand_id="acme", other="beta") == "rustige verkoop"
    for bad in (
        Comparison(Against.BRAND, brand_id="acme"),
        Comparison(Against.SOURCE),
        Comparison(Against.SOURCE, source_id="a", other="a"),
        Comparison(Against.MOOD, days=3),
    ):
        with pytest.raises(BadInput):
            world.inbox.themes.discover(token, bad)


def test_a_query_is_tried_on_the_last_thirty_days_before_it_is_kept(world: World) -> None:
    world.conversation("storing", said_at=world.clock() - timedelta(days=40))
    world.conversation("grote storing")
    token = world.token(world.person())
    found = world.inbox.themes.back_test(token, "storing")
    assert (found.n, found.capped, [one.snippet for one in found.examples]) == (1, False, ["grote storing"])
    assert world.inbox.themes.back_test(token, "  ").n == 0


def test_suggestions_are_learned_from_links_and_examples_and_measured(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    make = world.inbox.themes.make
    late = make(lead, Draft("Levering", examples=("pakket te laat", "nog niet geleverd")))
    app = make(lead, Draft("App", examples=("de app crasht", "inloggen lukt niet")))
    row_id = world.conversation("Ik kan niet inloggen, de app crasht")
    assert world.inbox.themes.of(lead, row_id).suggested == ()
    assert learn(world.store, world.clock())
    (chip, *_) = world.inbox.themes.of(lead, row_id).suggested
    assert chip.id == app
    assert not learn(world.store, world.clock()), "nothing new"
    for n in range(26):
        for theme, text in ((late, f"pakket {n} is te laat"), (app, f"app {n} crasht bij inloggen")):
            world.inbox.themes.link(lead, world.conversation(text), theme)
    assert learn(world.store, world.clock())
    lesson = world.inbox.themes.lesson(lead)
    assert lesson is not None
    assert (lesson.n_links, lesson.n_held, lesson.top_1) == (52, 11, 1.0)
    with world.store.read() as conn:
        assert len([row for row in conn.execute(select(theme_model)) if row.document is not None]) == 1


def test_themes_that_rise_come_first_and_small_numbers_raise_no_alarm(world: World) -> None:
    lead = world.token(world.person(Role.LEAD))
    rising, steady = (world.inbox.themes.make(lead, Draft(name)) for name in ("Storing", "Levering"))
    now = world.clock()

    def raised(theme: int, days_ago: int, times: int) -> None:
        for _ in range(times):
            world.inbox.themes.link(lead, world.conversation("x", said_at=now - timedelta(days=days_ago)), theme)

    for week in range(1, 5):
        raised(steady, 7 * week, 9)
    raised(steady, 1, 10)
    raised(rising, 20, 2)
    raised(rising, 8, 1)
    raised(rising, 1, 3)
    rows = world.inbox.themes.listing(lead)
    assert [one.name for one in rows] == ["Levering", "Storing"]
    assert not any(one.change is not None and one.change.rising for one in rows)
    raised(rising, 1, 9)
    rows = world.inbox.themes.listing(lead)
    assert [(one.name, one.n_week, one.n_last_week) for one in rows] == [("Storing", 12, 1), ("Levering", 10, 9)]
    view = world.inbox.themes.opened(lead, rising)
    assert (sum(n for _, n in view.trend), len(view.trend), view.n_links) == (15, reading.TREND, 15)
    assert world.inbox.themes.listing(lead, source_id="nowhere")[0].n_week == 0


def test_a_theme_without_a_past_is_compared_with_nothing() -> None:
    today = date(2026, 3, 10)
    days = {today: 20}
    assert reading.changed(days, today, since=today) == (20, 0, None)
    week, last, found = reading.changed(days, today, since=today - timedelta(days=21))
    assert (week, last) == (20, 0)
    assert found is not None
    assert found.rising
