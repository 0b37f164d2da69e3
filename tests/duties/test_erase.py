"""Somebody is erased: no table holds them any more, nor do the bytes of the file, and nothing brings them back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import SQLModel

from store import forgetting
from store.engine import Store
from store.ingest import commit_page
from store.keys import conversation_key
from store.personal import TABLES, Holds
from store.records import AuthorRecord, MentionRecord, PageCommit, QuarantineRecord, UnmatchedRecord
from store.rollups import check_rollups
from store.schema import conversation, event, mention, thread_node
from tests.conftest import Clock

MARK = "zqxmarkiert"
PLATFORM = "mastodon"
SOURCE = "social"


def said(external_id: str, who: str, at: datetime, *, text: str = "", answers: str | None = None) -> MentionRecord:
    body = text or f"tekst van {who}"
    author = AuthorRecord(f"id-{who}-1234", PLATFORM, who, f"{who} Naam", f"https://s.example/@{who}")
    return MentionRecord(
        external_id=external_id,
        namespace=PLATFORM,
        platform=PLATFORM,
        kind="post",
        text=body,
        content_hash=body.encode(),
        title=f"titel {body}",
        html=f"<p>{body}</p>",
        url=f"https://s.example/@{who}/{external_id}",
        thread_key=conversation_key(PLATFORM, external_id) if answers is None else None,
        parent_external_id=answers,
        published_at=at,
        author=author,
        extra={"acct": who},
        payload=zstandard.compress(body.encode() + b" raw of " + who.encode()),
    )


def _untouched(at: datetime) -> dict[str, Any]:
    return {"received_at": at, "not_before": at, "outcome": "waiting", "tries": 0}


def _rows_of(number: int, author_id: int, mention_id: int, at: datetime) -> dict[str, list[dict[str, Any]]]:
    """A row with the mark for every table that nothing but work brings one into."""
    talk = {"conversation_id": number}
    return {
        "conversation_tag": [],  # a word of the vocabulary; planted where others take part, below
        "draft": [{**talk, "user_id": 1, "mode": "reply", "text": MARK, "updated_at": at}],
        "event": [
            {
                "id": 11,
                "at": at,
                "actor_type": "human",
                "object_type": "conversation",
                "object_id": str(number),
                "action": "answered_by_hand",
                "after": {"facts": {"text": f"Dag {MARK}", "first": True}, "n_inbound": 1},
                "reason": f"want {MARK} belde",
                "wall_s": 5.0,
            },
            {
                "id": 12,
                "at": at,
                "actor_type": "human",
                "object_type": "person",
                "object_id": "77",
                "action": "person_described",
                "before": {"name": MARK},
                "after": {"facts": {"notes": MARK}},
            },
            {
                "id": 22,
                "at": at,
                "actor_type": "human",
                "object_type": "tone_word",
                "object_id": "21",
                "action": "tone_word_excluded",
                "after": {"facts": {"word": MARK}},
            },
        ],
        "intake": [
            {"id": 19, "hook": "meta", "digest": b"d", "body": f'{{"from": "{MARK}"}}'.encode(), **_untouched(at)},
            {"id": 20, "hook": "meta", "digest": b"e", "body": b'{"from": "anneke"}', **_untouched(at)},
        ],
        "report_quote": [{"report_id": 31, "mention_id": mention_id, "theme_id": 1, "text": f"Het pakket van {MARK}"}],
        "hand_over": [{"id": 13, "author_id": 1, "at": at, "text": f"let op {MARK}"}],
        "media": [
            {
                "mention_id": mention_id,
                "place": 0,
                "kind": "image",
                "state": "wanted",
                "address": f"https://s.example/{MARK}.jpg",
                "identity": b"i",
                "host": f"{MARK}.example",
                "alt": f"foto van {MARK}",
                "source_id": SOURCE,
                "link": "l",
                "found_at": at,
                "due_at": at,
            }
        ],
        "media_picture": [
            {"mention_id": mention_id, "place": 0, "small": MARK.encode(), "large": MARK.encode() * 9_000}
        ],
        "alert": [
            {
                "id": 31,
                "rule_id": 32,
                "hour": at,
                "window_h": 1,
                "n": 30,
                "at_least": 20,
                "n_earlier": 0,
                "fired_at": at,
                "explanation": {"first": 1, "drivers": [{"trait": "word", "key": f"weer {MARK}"}]},
            }
        ],
        "alert_rule": [
            {
                "id": 32,
                "name": f"Over {MARK}",
                "brand_id": "",
                "source_ids": [],
                "sentiments": [],
                "query": MARK,
                "by_what": "count",
                "value": 5.0,
                "window_h": 1,
                "minimum": 1,
                "cool_down_h": 1,
                "during": "always",
                "receivers": [],
                "active": True,
                "version": 1,
                "trouble": "",
                "created_at": at,
                "updated_at": at,
            }
        ],
        "noise_rule": [
            {"id": 31, "kind": "author", "value": MARK, "shown": f"@{MARK}", **_made(at)},
            {"id": 32, "kind": "word", "value": f"groeten {MARK}", "shown": f"groeten {MARK}", **_made(at)},
            {"id": 33, "kind": "site", "value": "shop.example", "shown": "shop.example", **_made(at), "why": MARK},
        ],
        "note": [{"id": 14, **talk, "author_id": 1, "at": at, "text": f"{MARK} is boos"}],
        "outbox": [
            {
                "id": 15,
                "idempotency_key": "k",
                **talk,
                "mention_id": mention_id,
                "source_id": SOURCE,
                "kind": "reply",
                "text": f"Dag {MARK}",
                "error_text": MARK,
                "url": f"https://s.example/{MARK}",
                "state": "failed",
                "state_at": at,
                "created_at": at,
                "not_before": at,
            }
        ],
        "outgoing_mail": [
            {
                "id": 16,
                "dedupe_key": "d",
                "kind": "mentioned",
                "to_address": "agent@acme.example",
                "subject": f"over {MARK}",
                "text": MARK,
                "html": f"<p>{MARK}</p>",
                **talk,
                "created_at": at,
                "not_before": at,
                "state": "sent",
                "error_text": MARK,
            }
        ],
        "person": [{"id": 77, "notes": MARK, "name": MARK, "consent": MARK, "badges": ["vip"]}],
        "person_clue": [{"clue": f"handle:{MARK}", "author_id": author_id}],
        "person_suggestion": [{"author_id": author_id, "other_id": author_id + 1, "reasons": [MARK], "found_at": at}],
        "phrase_day": [
            {
                "day": at.date(),
                "source_id": "elsewhere",
                "brand_id": "",
                "sentiment": "",
                "n_texts": 3,
                "counts": f'{{"{MARK}":3}}',
            }
        ],
        "top_day": [
            {"brand_id": "", "what": "links", "day": at.date(), "n_texts": 3, "counts": f'{{"{MARK}":3}}'},
        ],
        "theme": [
            {
                "id": 21,
                "name": f"klacht {MARK}",
                "description": f"van {MARK}",
                "query": MARK,
                "examples": [f"dag {MARK}", "een ander"],
                "created_at": at,
                "updated_at": at,
            }
        ],
        "promise": [{"id": 17, **talk, "text": f"bellen wij {MARK}", "due_at": at, "remind_at": at, "created_at": at}],
        "specialist_link": [
            {
                "id": 18,
                "token_sha256": b"t",
                **talk,
                "email": "jurist@acme.example",
                "question": f"mag {MARK} dit?",
                "created_by": 1,
                "created_at": at,
                "expires_at": at,
            }
        ],
        "tone_word": [{"id": 21, "word": MARK, "made_at": at, "made_by": 1}],
        "thread_node": [],  # ties to what was never stored come with the answer below
    }


def _made(at: datetime) -> dict[str, Any]:
    """What every noise rule has."""
    return {
        "direct": False,
        "proposes": False,
        "why": "",
        "origin": "page",
        "active": True,
        "created_at": at,
        "updated_at": at,
    }


def _plant(store: Store, at: datetime) -> tuple[int, int]:
    """Somebody with a thread, an edit, our answer, raw payloads, and work in every table; conversation and account."""
    root = f"https://s.example/users/{MARK}/1"
    first = said(root, MARK, at)
    commit_page(store, PageCommit(SOURCE, "q", at, mentions=(first,)))
    commit_page(
        store,
        PageCommit(
            SOURCE,
            "q",
            at + timedelta(minutes=5),
            mentions=(
                said(root, MARK, at, text=f"nieuwe woorden van {MARK}"),
                said(f"https://s.example/users/{MARK}/2", MARK, at, answers=f"https://s.example/users/{MARK}/unseen"),
            ),
            unmatched=(UnmatchedRecord("u1", PLATFORM, f"los bericht van {MARK}", url=f"https://s.example/{MARK}"),),
            quarantined=(QuarantineRecord(f"kan {MARK} niet lezen", zstandard.compress(MARK.encode()), b"h", MARK),),
        ),
    )
    ours = said("own-1", "acme", at + timedelta(minutes=6), text=f"@{MARK} dag!", answers=root)
    ours = MentionRecord(**{**{name: getattr(ours, name) for name in ours.__slots__}, "direction": "outbound"})
    commit_page(store, PageCommit(SOURCE, "q", at + timedelta(minutes=6), mentions=(ours,)))
    with store.write() as conn:
        row = conn.execute(select(mention).where(mention.c.external_id == root)).one()
        for name, rows in _rows_of(row.conversation_id, row.author_id, row.id, at).items():
            for values in rows:
                conn.execute(SQLModel.metadata.tables[name].insert().values(**values))
        authors = SQLModel.metadata.tables["author"]
        conn.execute(authors.update().where(authors.c.id == row.author_id).values(person_id=77))
        conn.execute(conversation.update().where(conversation.c.id == row.conversation_id).values(status_reason=MARK))
    return int(row.conversation_id), int(row.author_id)


def _everything(store: Store) -> str:
    """Every value of every table, payloads unpacked, in lower case."""
    found = []
    with store.read() as conn:
        names = [*SQLModel.metadata.tables, *(() if store.is_sqlite else ("mention_search",))]
        for name in names:
            rows = conn.exec_driver_sql(f"SELECT * FROM {name}")  # noqa: S608 - our own names
            found += [f"{name}: {[_opened(value) for value in row]}" for row in rows]
    return "\n".join(found).lower()


def _opened(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        try:
            return zstandard.decompress(bytes(value))
        except zstandard.ZstdError:
            return bytes(value)
    return value


def test_every_table_is_declared_and_whatever_holds_somebody_is_planted_here(clock: Clock) -> None:
    tables = set(SQLModel.metadata.tables)
    assert tables - set(TABLES) == set(), "say in store/personal.py what the table holds"
    planted = set(_rows_of(1, 1, 1, clock()))
    by_ingest = {"author", "conversation", "mention", "mention_edit", "mention_html", "mention_key", "mention_raw"}
    by_ingest |= {"unmatched", "quarantine", "mention_search"}
    quiet = {Holds.NOTHING, Holds.STAFF}
    owed = {name for name, holds in TABLES.items() if holds not in quiet and name in tables} - by_ingest - planted
    assert owed == set(), "plant a row of it above, so that erasing is seen to reach it"
    for name, holds in TABLES.items():
        if holds is Holds.ITEM and name in tables:
            assert "mention_id" in SQLModel.metadata.tables[name].c


def test_nothing_of_somebody_is_left_in_any_table_nor_in_the_file(store: Store, store_url: str, clock: Clock) -> None:
    number, author_id = _plant(store, clock())
    assert _everything(store).count(MARK) > 40
    with store.read() as conn:
        subject = forgetting.find(conn, author_id=author_id)
        assert subject is not None
        held = forgetting.held(conn, subject)
    assert (held.accounts, held.conversations, held.messages, held.old_texts, held.payloads) == (1, 2, 2, 1, 2)
    assert (held.answers, held.notes, held.drafts, held.promises, held.questions, held.mails) == (1, 1, 1, 1, 1, 1)
    assert (held.incoming, held.pictures) == (3, 1)
    gone = forgetting.erase(store, subject, now=clock.step(hours=1))
    assert len(gone) == 2
    assert [line for line in _everything(store).splitlines() if MARK in line] == []
    store.dialect.shred(store.engine)
    if store.is_sqlite:
        file = Path(store_url.removeprefix("sqlite:///"))
        for path in (file, file.with_name(file.name + "-wal")):
            held_bytes = path.read_bytes().lower() if path.exists() else b""
            assert MARK.encode() not in held_bytes, path
            assert MARK[:8].encode() not in held_bytes, "also not as the beginning of an indexed word"
    assert store.dialect.problems(store.engine) == []
    assert check_rollups(store, timezone="UTC") == [], "numbers stay true"
    with store.read() as conn:
        shell = conn.execute(select(conversation).where(conversation.c.id == number)).one()
        kept = conn.execute(select(event).where(event.c.id == 11)).one()
    assert (shell.n_inbound, shell.snippet, shell.author_name) == (1, "", "")
    assert (kept.action, kept.wall_s, kept.after["facts"]) == ("answered_by_hand", 5.0, {"first": True})


def test_in_a_talk_of_several_the_others_stay(store: Store, clock: Clock) -> None:
    at = clock()
    root, answer = said("1", "anneke", at), said("2", MARK, at, answers="1")
    after = said("3", "willem", at, answers="2")
    commit_page(store, PageCommit(SOURCE, "q", at, mentions=(root, answer, after)))
    with store.write() as conn:
        number = conn.execute(select(conversation.c.id)).scalar_one()
        tables = SQLModel.metadata.tables
        for one, text in ((1, f"{MARK} is boos"), (2, "Anneke belt terug")):
            conn.execute(tables["note"].insert().values(id=one, conversation_id=number, author_id=1, at=at, text=text))
        for tag in (f"zaak-{MARK}", "storing"):
            conn.execute(tables["conversation_tag"].insert().values(tag=tag, conversation_id=number))
    with store.read() as conn:
        subject = forgetting.find(conn, platform=PLATFORM, handle=f"@{MARK.upper()}")
    assert subject is not None
    forgetting.erase(store, subject, now=clock.step(hours=1))
    text = _everything(store)
    assert MARK not in text
    assert "tekst van anneke" in text
    assert "tekst van willem" in text
    assert "anneke belt terug" in text
    assert "storing" in text
    # What is said later in answer to what was erased still finds its conversation.
    late = said("4", "willem", at + timedelta(hours=2), answers="2")
    commit_page(store, PageCommit(SOURCE, "q", at + timedelta(hours=3), mentions=(late,)))
    with store.read() as conn:
        assert conn.execute(select(mention.c.conversation_id).distinct()).scalars().all() == [number]
        assert conn.execute(select(mention.c.parent_external_id).where(mention.c.external_id == "4")).scalar() is None


def test_an_answer_to_an_erased_beginning_finds_what_is_left_of_it(store: Store, clock: Clock) -> None:
    at = clock()
    commit_page(store, PageCommit(SOURCE, "q", at, mentions=(said("1", MARK, at),)))
    with store.read() as conn:
        subject = forgetting.find(conn, url=f"https://s.example/@{MARK}/")
    assert subject is not None
    forgetting.erase(store, subject, now=clock.step(hours=1))
    late = said("2", "willem", at + timedelta(hours=2), answers="1")
    commit_page(store, PageCommit(SOURCE, "q", at + timedelta(hours=3), mentions=(late,)))
    with store.read() as conn:
        assert len(conn.execute(select(mention.c.conversation_id).distinct()).all()) == 1
        assert MARK not in repr(conn.execute(select(thread_node)).all())


def test_who_is_erased_may_speak_again_unless_they_object(store: Store, clock: Clock) -> None:
    at = clock()
    commit_page(store, PageCommit(SOURCE, "q", at, mentions=(said("1", MARK, at),)))

    def subject() -> forgetting.Subject:
        with store.read() as conn:
            found = forgetting.find(conn, platform=PLATFORM, handle=MARK)
        assert found is not None
        return found

    forgetting.erase(store, subject(), now=clock.step(hours=1))
    older = said("0", MARK, at - timedelta(days=3))
    newer = said("9", MARK, clock() + timedelta(hours=1))
    result = commit_page(store, PageCommit(SOURCE, "q", clock.step(hours=2), mentions=(older, newer)))
    assert (result.new, result.suppressed) == (1, 1), "a new message is a new matter"
    forgetting.erase(store, subject(), now=clock.step(hours=1), objected=True)
    newest = said("10", MARK, clock() + timedelta(hours=1))
    stray = UnmatchedRecord(
        "11", PLATFORM, "x", published_at=clock() + timedelta(hours=1), author=(PLATFORM, f"id-{MARK}-1234")
    )
    page = PageCommit(SOURCE, "q", clock.step(hours=2), mentions=(newest,), unmatched=(stray,))
    result = commit_page(store, page)
    assert (result.new, result.suppressed, result.unmatched) == (0, 1, 0)
    assert MARK not in _everything(store)


def test_all_accounts_of_a_person_go_and_nobody_elses(store: Store, clock: Clock) -> None:
    at = clock()
    commit_page(
        store,
        PageCommit(
            SOURCE, "q", at, mentions=(said("1", MARK, at), said("2", f"{MARK}twee", at), said("3", "anneke", at))
        ),
    )
    tables = SQLModel.metadata.tables
    with store.write() as conn:
        conn.execute(tables["person"].insert().values(id=7, notes="", badges=[]))
        conn.execute(tables["person"].insert().values(id=8, notes="", badges=[], merged_into=7))
        for handle, person in ((MARK, 7), (f"{MARK}twee", 8)):
            conn.execute(tables["author"].update().where(tables["author"].c.handle == handle).values(person_id=person))
    with store.read() as conn:
        subject = forgetting.find(conn, person_id=8)
        assert forgetting.find(conn, handle="niemand") is None
    assert subject is not None
    assert len(subject.accounts) == 2
    forgetting.erase(store, subject, now=clock.step(hours=1))
    text = _everything(store)
    assert MARK not in text
    assert "anneke" in text
    with store.read() as conn:
        assert conn.execute(select(tables["person"].c.id)).all() == []


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_order_collecting_comes_in_nothing_of_an_erased_person_comes_back(
    data: st.DataObject, sqlite_databases: Any, open_stores: Callable[..., Store], clock: Clock
) -> None:
    store = open_stores(sqlite_databases.migrated())
    at = clock.now
    people = (MARK, "anneke", "willem")
    posts = [
        said(str(number), data.draw(st.sampled_from(people)), at, answers=answers)
        for number in range(8)
        for answers in [data.draw(st.sampled_from([None, *map(str, range(number))]))]
    ]
    before = data.draw(st.lists(st.sampled_from(posts), max_size=8))
    for post in before:
        commit_page(store, PageCommit(SOURCE, "q", at, mentions=(post,)))
    with store.read() as conn:
        subject = forgetting.find(conn, platform=PLATFORM, handle=MARK)
    if subject is None:
        return
    forgetting.erase(store, subject, now=at + timedelta(hours=1))
    for post in data.draw(st.permutations(posts)):
        commit_page(store, PageCommit(SOURCE, "q", at + timedelta(hours=2), mentions=(post,)))
    assert MARK not in _everything(store)
    with store.read() as conn:
        texts = conn.execute(select(mention.c.text).where(mention.c.deleted_at.is_(None))).scalars().all()
    assert sorted(texts) == sorted(post.text for post in posts if post.author.handle != MARK)  # type: ignore[union-attr]
    assert check_rollups(store, timezone="UTC") == []
