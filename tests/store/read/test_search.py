"""Full text finds what is there, on both engines alike, and no text of a user is ever an operator."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from benchmarks.corpus import NOW
from store import search as searching
from store.badges import capped_count
from store.engine import Store
from store.filters import ConversationFilter
from store.lists import list_conversations
from store.schema import conversation, mention
from store.search import search_mentions, unjudged
from store.search_nodes import (
    MAX_DEPTH,
    AllOf,
    Among,
    AnyOf,
    Anything,
    Between,
    Either,
    Phrase,
    Prefix,
    SearchNode,
    Settled,
    Term,
    TextSearch,
    Words,
    settle,
)
from store.search_queries import Stretch
from tests.store.read.searches import ASKED, judged, says

WORDS = ("word0", "word1", "word3", "word40", "word900", "nowhere")


def nodes() -> st.SearchStrategy[SearchNode]:
    """Searches over words that the archive holds often, seldom and never."""
    word = st.sampled_from(WORDS)
    leaves = st.one_of(
        word.map(Term), word.map(Prefix), st.tuples(word, word).map(Phrase), st.just(Anything()),
        st.sampled_from(("post", "review")).map(lambda kind: Among("kind", (kind,))),
        st.sampled_from((0.2, 0.6)).map(lambda bound: Between("rating", low=bound)),
    )  # fmt: skip
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: AllOf(tuple(parts))),
            st.lists(inner, min_size=1, max_size=3).map(lambda parts: AnyOf(tuple(parts))),
        ),
        max_leaves=6,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes())
def test_a_search_finds_what_it_says_and_the_engine_misses_none_of_it(conn: Connection, node: SearchNode) -> None:
    newest = conn.execute(select(*ASKED).order_by(mention.c.id.desc()).limit(300)).all()
    expected = [row.id for row in newest if says(node, row)]
    for search in (judged(node), unjudged(node)):
        found = [hit.mention_id for hit in search_mentions(conn, search, limit=300)]
        assert found == sorted(found, reverse=True)
        assert set(expected[: len(found)]) <= set(found) or len(found) == 300
    found = [hit.mention_id for hit in search_mentions(conn, judged(node), limit=300)]
    assert [one for one in found if one >= newest[-1].id] == expected[: len(found)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40) | st.text(alphabet="\"'*():^-+{}&|!<>\\ ANDORNOTNEAR:", max_size=25))
def test_no_text_of_a_user_is_an_operator(conn: Connection, text: str) -> None:
    for node in (Term(text), Prefix(text), Phrase((text, text)), AllOf((Term("word0"), Term(text)))):
        search_mentions(conn, unjudged(node), limit=2)
    assert search_mentions(conn, unjudged(AllOf((Term(text), Term("nowhere"))))) == []


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet=st.characters(categories=("L", "Nd"), max_codepoint=0xFF), min_size=1, max_size=12))
def test_a_word_finds_itself_in_capitals_and_without_accents(written: Store, word: str) -> None:
    with written.write() as conn:
        conn.execute(mention.update().where(mention.c.id == 1).values(text=f"voor «{word}»,na", title=None))
        assert [
            hit.mention_id for hit in search_mentions(conn, unjudged(Phrase(("voor", word, "na"), ordered=True)))
        ] == [1]
        bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
        assert _ids(conn, Term(bare)) == [1]
        conn.rollback()


@pytest.fixture
def written(store: Store) -> Store:
    """A store with one mention."""
    with store.write() as conn:
        _mention(conn, 1, "leeg")
    return store


def _mention(conn: Connection, row_id: int, text: str, *, title: str | None = None, thread: int | None = None) -> None:
    owner = thread or row_id
    if conn.execute(select(conversation.c.id).where(conversation.c.id == owner)).first() is None:
        conn.execute(
            conversation.insert().values(
                id=owner, key=str(owner), source_id="s", platform="p", cycle_started_at=NOW, sort_at=NOW, brand_ids=[],
                status="new", is_open=True,
            )
        )  # fmt: skip
    conn.execute(
        mention.insert().values(
            id=row_id, platform="p", source_id="s", namespace="p", external_id=str(row_id), conversation_id=owner,
            kind="post", text=text, title=title, sort_at=NOW, first_seen_at=NOW, last_seen_at=NOW, capabilities={},
            extra={}, flags=[],
        )
    )  # fmt: skip


def _ids(conn: Connection, node: SearchNode) -> list[int]:
    return [hit.mention_id for hit in search_mentions(conn, unjudged(node))]


def test_the_full_text_follows_edits_and_deletions(store: Store) -> None:
    with store.write() as conn:
        _mention(conn, 1, "de factuur klopt niet", title="Vraag over één ding")
        _mention(conn, 2, "bedankt voor de hulp")
    with store.write() as conn:
        assert _ids(conn, Term("factuur")) == [1]
        assert _ids(conn, AllOf((Term("een"), Term("KLOPT")))) == [1], "over title and text, accents and case aside"
        conn.execute(mention.update().where(mention.c.id == 1).values(text="de rekening klopt", title=None))
        assert _ids(conn, Term("factuur")) == _ids(conn, Term("ding")) == []
        assert _ids(conn, Term("rekening")) == [1]
        conn.execute(mention.delete().where(mention.c.id == 1))
        assert _ids(conn, Term("rekening")) == []
        assert _ids(conn, Anything()) == [2]


def test_web_addresses_and_handles_are_cut_into_words(store: Store) -> None:
    with store.write() as conn:
        _mention(conn, 1, "kijk op https://shop.acme.nl/e-mail_nieuws of mail a.b@acme.nl #Storing @AcmeCare 4,50")
    with store.read() as conn:
        for text in ("acme", "nieuws", "storing", "acmecare", "acme.nl", "e-mail", "#storing", "a.b@acme.nl", "50"):
            assert _ids(conn, Term(text)) == [1], text
        assert _ids(conn, Prefix("stor")) == [1]
        assert _ids(conn, Term("mailnieuws")) == []


def test_a_very_long_text_is_kept_and_found(store: Store) -> None:
    with store.write() as conn:
        _mention(conn, 1, "begin " + " ".join(f"w{number:x}" for number in range(200_000)))
    with store.read() as conn:
        assert _ids(conn, Term("begin")) == [1]


def test_what_no_index_can_answer_is_left_to_whoever_judges() -> None:
    for node in (Term("!?"), Anything(), AnyOf((Term("a"), Anything())), Term("a" * 300), Term("a \0 " + "b" * 900)):
        assert settle(node) == Settled(None, None), node
    deep: SearchNode = Term("a")
    for _ in range(MAX_DEPTH):
        deep = AllOf((deep, AnyOf((Term("b"), deep))))
    assert settle(AnyOf((deep, Term("c")))) is not None
    mixed = settle(AnyOf((AllOf((Term("a"), Among("kind", ("post",)))), Term("b"))))
    assert (mixed.words, mixed.columns) == (Either((Words("a", prefix=False), Words("b", prefix=False))), None)


def test_the_largest_search_allowed_runs(conn: Connection) -> None:
    wide = AnyOf(tuple(Term(f"w{number}") for number in range(2_000)))
    assert search_mentions(conn, judged(wide)) == []
    found = search_mentions(conn, judged(AnyOf((*wide.parts, Term("word1")))), limit=5)
    assert found == search_mentions(conn, judged(Term("word1")), limit=5) != []
    deep: SearchNode = Term("word0")
    for _ in range(60):
        deep = AllOf((AnyOf((deep, Term("nowhere"))), Term("word0")))
    assert search_mentions(conn, unjudged(deep), limit=3)


PLANS = {"few hits": (10**6, 10**9, 0), "few candidates": (0, 10**9, 50), "walk": (0, -1, 50)}


@pytest.mark.parametrize("scope", ["open", "all"])
@pytest.mark.parametrize(
    "search",
    [
        judged(Term("word1")),
        judged(Phrase(("word0", "word0"))),
        judged(Anything(), Term("word0")),
        judged(Term("word5"), Term("word2")),
        judged(AllOf((Between("rating", low=0.5), Prefix("word1")))),
    ],
)
def test_every_way_to_search_gives_the_same_pages(
    conn: Connection, monkeypatch: pytest.MonkeyPatch, scope: str, search: TextSearch
) -> None:
    wanted = ConversationFilter(scope=scope, text=search)  # type: ignore[arg-type]
    answers = {}
    for name, (few_hits, few_candidates, sparse) in PLANS.items():
        monkeypatch.setattr(searching, "FEW_HITS", dict.fromkeys(searching.FEW_HITS, few_hits))
        monkeypatch.setattr(searching, "FEW_CANDIDATES", dict.fromkeys(searching.FEW_CANDIDATES, few_candidates))
        monkeypatch.setattr(searching, "SPARSE", sparse)
        ids, cursor = [], None
        for _ in range(4):
            page = list_conversations(conn, wanted, limit=40, cursor=cursor)
            ids += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
        answers[name] = ids
        assert len(set(ids)) == len(ids)
        count = capped_count(conn, wanted, cap=60)
        assert count.n == min(60, len(ids))
    assert answers["few hits"] == answers["few candidates"] == answers["walk"]
    assert answers["walk"]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(node=nodes(), hits=st.integers(15, 60), passed=st.integers(60, 300))
def test_pages_that_stop_early_lose_and_repeat_nothing(
    conn: Connection, node: SearchNode, hits: int, passed: int
) -> None:
    naive: dict[int, None] = {}
    for row in conn.execute(select(*ASKED, mention.c.conversation_id).order_by(mention.c.id.desc()).limit(800)):
        if says(node, row):
            naive.setdefault(row.conversation_id)
    short = {engine: (Stretch(hits, passed), Stretch(2 * hits, 2 * passed)) for engine in ("sqlite", "postgresql")}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_STEPS", "_WITHOUT_WORDS", "_OF_A_BRAND"):
            patch.setattr(searching, name, short)
        patch.setattr(searching, "FEW_HITS", dict.fromkeys(searching.FEW_HITS, -1))
        patch.setattr(searching, "FEW_CANDIDATES", dict.fromkeys(searching.FEW_CANDIDATES, -1))
        wanted = ConversationFilter(scope="all", text=judged(node))
        found: list[int] = []
        cursor: str | None = None
        while len(found) < len(naive):
            page = list_conversations(conn, wanted, limit=25, cursor=cursor)
            found += [row.id for row in page.rows]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert found[: len(naive)] == list(naive)


def test_a_page_of_postgresql_passes_a_bounded_number_of_mentions(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(searching._STEPS, "postgresql", (Stretch(500, 50), Stretch(500, 100)))
    monkeypatch.setattr(searching, "FEW_HITS", dict.fromkeys(searching.FEW_HITS, -1))
    page = list_conversations(conn, ConversationFilter(scope="all", text=judged(Term("word900"))), limit=40)
    newest = conn.execute(select(*ASKED).order_by(mention.c.id.desc())).all()
    among = newest if conn.dialect.name == "sqlite" else newest[:150]
    assert len(page.rows) == sum(says(Term("word900"), row) for row in among)
    assert (page.next_cursor is None) == (conn.dialect.name == "sqlite")


def test_a_long_thread_shows_once_over_all_pages(conn: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "FEW_HITS", dict.fromkeys(searching.FEW_HITS, 0))
    seen, cursor = [], None
    while True:
        page = list_conversations(
            conn, ConversationFilter(scope="all", text=unjudged(Term("word0"))), limit=400, cursor=cursor
        )
        seen += [row.id for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) > 1500


def test_a_page_judges_a_bounded_number_of_mentions_and_says_that_there_is_more(
    conn: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "KEPT_AT_MOST", 200)
    wanted = ConversationFilter(scope="all", text=judged(Term("word0"), Term("word0")))
    page = list_conversations(conn, wanted, limit=40)
    assert page.rows == ()
    assert page.next_cursor is not None
    count = capped_count(conn, wanted)
    assert (count.n, count.capped) == (0, True)


def test_relevance_ranks_the_newest_matches(conn: Connection) -> None:
    best = search_mentions(conn, unjudged(Term("word3")), limit=10, order="relevant")
    newest = search_mentions(conn, unjudged(Term("word3")), limit=2000)
    assert len(best) == 10
    assert set(best) <= set(newest)
    assert search_mentions(conn, unjudged(Anything()), limit=5, order="relevant") == search_mentions(
        conn, unjudged(Anything()), limit=5
    )
