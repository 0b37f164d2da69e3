# ruff: noqa: RUF001 - texts that are hard to cut into words
"""Searching, routing and the book agree on every query, on both engines; what an index finds is never too little."""

from __future__ import annotations

import random
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from inbox.lookups import hours_of_week, lookup_of
from inbox.searching import search_of
from store.engine import Store
from store.export_rows import ExportFilter, export_mentions
from store.filters import ConversationFilter
from store.handing import Recipient
from store.lists import list_conversations
from store.schema import author, conversation, conversation_tag, media, mention, mention_brand
from store.search_nodes import settle
from tests.understanding import queries
from understanding.match import Document, Rules
from understanding.query import Facts, Node, parse_query

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Amsterdam")
MENTIONS = 60


def _facts(rng: random.Random) -> Facts:
    """Facts that a store can keep."""
    return Facts(
        source=rng.choice(("reviews", "reddit-nl")),
        platform=rng.choice(("reddit", "feeds")),
        lang=rng.choice(("nl", "de", "und")),
        author=rng.choice(((None, None), ("Janneke", None), ("jdv", "Jan de Vriés"))),
        url=rng.choice((None, "https://www.nu.nl/x", "https://shop.acme.nl:80/")),
        kind=rng.choice(("post", "review")),
        visibility=rng.choice(("public", "private")),
        brands=rng.choice(((), ("acme",), ("acme", "rival"))),
        sentiment=rng.choice((None, "negative", "unsure")),
        tags=rng.choice(((), ("klacht",), ("e mail", "klant"))),
        state=rng.choice(("new", "resolved")),
        rating=rng.choice((None, 0.2, 0.6, 0.9, 1.0)),
        followers=rng.choice((None, 0, 999, 1000)),
        likes=rng.choice((None, 0, 6)),
        day=rng.choice(queries.DAYS),
        hour=rng.choice((0, 9, 23)),
        late=rng.random() < 0.5,
        pictured=rng.random() < 0.5,
        reply=rng.random() < 0.5,
        own=rng.random() < 0.5,
        bot=rng.random() < 0.5,
        staff=rng.random() < 0.5,
    )


def _message(number: int) -> tuple[list[list[str]], Facts]:
    rng = random.Random(number)
    said = [rng.choices(queries.WORDS, k=rng.randrange(9)) for _ in range(2)]
    facts = _facts(rng)
    return said, Facts(**{name: getattr(facts, name) for name in Facts.__slots__} | {"titled": bool(said[0])})


MESSAGES = {number: _message(number) for number in range(1, MENTIONS + 1)}


def _keep(store: Store) -> None:
    with store.write() as conn:
        for number, (said, facts) in MESSAGES.items():
            at = datetime.combine(facts.day or NOW.date(), time(facts.hour or 0, 30), ZONE).astimezone(UTC)
            found_at = at + timedelta(days=1, microseconds=bool(facts.late))
            conn.execute(
                author.insert().values(
                    id=number, external_id=str(number), platform="p", handle=(facts.author or (None,))[0],
                    name=facts.author[1], followers=facts.followers, is_bot=facts.bot, is_staff=facts.staff,
                )
            )  # fmt: skip
            conn.execute(
                conversation.insert().values(
                    id=number, key=str(number), source_id="other", platform="other", cycle_started_at=NOW, sort_at=NOW,
                    brand_ids=[], status=facts.state, is_open=facts.state == "new",
                )
            )  # fmt: skip
            conn.execute(
                mention.insert().values(
                    id=number, platform=facts.platform, source_id=facts.source, namespace="p", external_id=str(number),
                    conversation_id=number, author_id=number, kind=facts.kind, lang=facts.lang, url=facts.url,
                    direction="outbound" if facts.own else "inbound", visibility=facts.visibility,
                    title=" ".join(said[0]) or None, text=" ".join(said[1]), sentiment=facts.sentiment,
                    rating=facts.rating, likes=facts.likes, parent_external_id="0" if facts.reply else None, sort_at=at,
                    first_seen_at=found_at, last_seen_at=NOW, capabilities={}, extra={}, flags=[],
                )
            )  # fmt: skip
            for brand in facts.brands:
                conn.execute(mention_brand.insert().values(brand_id=brand, mention_id=number))
            for tag in facts.tags:
                conn.execute(conversation_tag.insert().values(conversation_id=number, tag=tag))
            if facts.pictured:
                conn.execute(
                    media.insert().values(
                        mention_id=number, place=0, kind="image", state="left", identity=b"", source_id="s",
                        link=str(number), found_at=NOW,
                    )
                )  # fmt: skip


@pytest.fixture
def kept(store: Store) -> Store:
    """A store that holds every one of MESSAGES, each in a conversation of its own."""
    _keep(store)
    return store


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(queries.nodes())
def test_a_search_finds_exactly_what_the_matcher_finds_among_all_mentions(kept: Store, node: Node) -> None:
    expected = [number for number, (said, facts) in MESSAGES.items() if queries.holds(node, said, facts)]
    routed = Rules({"one": node})
    matched = [number for number, (said, facts) in MESSAGES.items() if routed.match(queries.document(said, facts))]
    search = search_of(node, ZONE)
    with kept.read() as conn:
        page = list_conversations(conn, ConversationFilter(scope="all", text=search), limit=MENTIONS)
    exported = export_mentions(kept, ExportFilter(text=search), to=Recipient("command", NOW.date()))
    assert sorted(row.id for row in page.rows) == matched == expected == [row.id for row in exported]


HARD = (
    "acme🤗", "🤗acme", "a🤗acme🤗b", "हिन्दी acme", "a\u0335c\u0336me", "₿acme", "acme🏽", "acme🅰️x", "🫠acme🫨",
    "acme😀gym", "ACMÉ", "aсme", "acme\u200bgym", "acme_gym", "acme—gym", "ﬁets", "ǿre",
    "ΆΛΦΑ άλφα", "Йод ёлка", "한국어 acme", "acme①", "½acme", "acme\u0301", "ac me",
    "acme " * 300, "x" * 3_000 + " acme", "acme" * 800, "\u202eacme\u202c", "acme\u0301 gym", "acme \u0301 gym", "ſtad",
    "İstanbul", "straße", "１２", "acme.nl/e-mail?x=1", "1e5 acme 2e10x", "-5 acme", "O'Brien’s", "ǅ",
)  # fmt: skip
ASKED = (
    "acme", "acme gym", '"acme gym"', "gym", "ac*", "acme NEAR/1 gym", "αλφα", "άλφα", "иод", "йод", "ёлка", "한국어",
    "हिन्दी", "øre", "fiets", "ﬁets", "stad", "istanbul", "strasse", "straße", "12", '"acme nl"', "x*", "1e5", "2e10*",
    "obrien", "o", '"o brien"', "1e*", "ǆ", "a", "한*", "acme①", "½acme", "-acme", "acmeacm*",
)  # fmt: skip


def test_a_search_finds_what_the_matcher_finds_in_texts_that_are_hard_to_cut_into_words(store: Store) -> None:
    with store.write() as conn:
        for number, text in enumerate(HARD, 1):
            conn.execute(
                conversation.insert().values(
                    id=number, key=str(number), source_id="s", platform="p", cycle_started_at=NOW, sort_at=NOW,
                    brand_ids=[], status="new", is_open=True,
                )
            )  # fmt: skip
            conn.execute(
                mention.insert().values(
                    id=number, platform="p", source_id="s", namespace="p", external_id=str(number),
                    conversation_id=number, kind="post", text=text, sort_at=NOW, first_seen_at=NOW, last_seen_at=NOW,
                    capabilities={}, extra={}, flags=[],
                )
            )  # fmt: skip
    missed = []
    with store.read() as conn:
        for asked in ASKED:
            node = parse_query(asked)
            wanted = ConversationFilter(scope="all", text=search_of(node, ZONE))
            found = {row.id for row in list_conversations(conn, wanted, limit=500).rows}
            routed = {number for number, text in enumerate(HARD, 1) if Rules({"": node}).match(Document(None, text))}
            missed += [(asked, HARD[number - 1][:20]) for number in routed ^ found]
    assert not missed, "\n".join(map(str, missed))


@pytest.mark.parametrize(
    "text", ["weekday:sat", "hour:9", "hour:9 -weekday:mon", "arrived:late", "arrived:soon hour:0"]
)
def test_hours_of_the_week_and_late_arrivals_are_told_alike_by_index_and_matcher(kept: Store, text: str) -> None:
    node = parse_query(text)
    expected = [number for number, (said, facts) in MESSAGES.items() if queries.holds(node, said, facts)]
    with kept.read() as conn:
        page = list_conversations(conn, ConversationFilter(scope="all", text=search_of(node, ZONE)), limit=MENTIONS)
        settled = settle(lookup_of(node, ZONE))
        assert settled.columns is not None
        likely = set(conn.execute(select(mention.c.id).where(settled.columns)).scalars())
    assert sorted(row.id for row in page.rows) == expected
    assert set(expected) <= likely < set(MESSAGES)


@given(
    st.integers(-3_700_000_000, 7_000_000_000).map(lambda s: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=s)),
    st.sampled_from(("Europe/Amsterdam", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "UTC")),
)
def test_the_index_never_misses_an_hour_of_the_week(at: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    local, thursday = at.astimezone(zone), datetime(1970, 1, 1, tzinfo=UTC)
    hours = hours_of_week(zone, lambda weekday, hour: (weekday, hour) == (local.weekday(), local.hour))
    assert (at - thursday) // timedelta(hours=1) % 168 in hours
