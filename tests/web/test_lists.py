"""Lists of the API: what is in them, what stays out, and that their pages fit together whatever happens meanwhile."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox.export import COLUMNS
from inbox.programs.views import Place
from inbox.tokens.scopes import Scope
from store.duties import DutyRecord, Keeping, sync_duties
from store.engine import open_store
from store.schema import event
from tests.conftest import Clock
from tests.store.making import NOW, mention
from tests.web.outside import Outside, refused
from web.api.cursors import BadCursor, decode, encode

S = Scope
ROUTES = ("/mentions", "/conversations", "/events")


def ids(rows: list[dict[str, Any]]) -> list[str]:
    return [row["external_id"] for row in rows]


# --- pages ----------------------------------------------------------------------------------------------------------


@pytest.mark.slow
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, 4), min_size=1, max_size=5),
    limit=st.integers(1, 4),
    arrivals=st.lists(st.integers(0, 3), max_size=6),
    words=st.sampled_from(["", "pakket"]),
    route=st.sampled_from(["/mentions", "/conversations"]),
)
def test_pages_put_together_are_the_list_as_it_stood_whatever_arrives_meanwhile(  # noqa: PLR0917
    databases: Any, clock: Clock, sizes: list[int], limit: int, arrivals: list[int], words: str, route: str
) -> None:
    url = databases.migrated()
    store = open_store(url, clock=clock)
    try:
        outside = Outside(store, clock)
        number = 0

        def say(n: int, *, joins: int = 0) -> None:
            nonlocal number
            for _ in range(n):
                number += 1
                root = str(number % 3 or number) if joins else None
                outside.said(mention(str(number), text=f"pakket {number}", thread_external_id=root))

        for n in sizes:
            say(n, joins=n % 2)
        program = outside.program()
        asked = {"limit": limit, **({"q": words} if words else {})}
        whole = [row["id"] for page in program.pages(route, **{**asked, "limit": 500}) for row in page]
        seen: list[int] = []
        cursor: dict[str, str] = {}
        waiting = list(arrivals)
        while True:
            told = program.get(route, **asked, **cursor).json()
            seen += [row["id"] for row in told["data"]]
            if told["next"] is None:
                break
            cursor = {"cursor": told["next"]}
            if waiting:
                say(waiting.pop(), joins=len(waiting) % 2)
        assert seen == whole
        assert len(set(seen)) == len(seen)
    finally:
        store.close()
        databases.drop(url)


@given(before=st.integers(0, 1 << 53), up_to=st.integers(0, 1 << 53), question=st.text(max_size=50))
def test_a_cursor_is_read_back_and_belongs_to_its_question(before: int, up_to: int, question: str) -> None:
    made = encode(Place(before, up_to), question)
    assert decode(made, question) == Place(before, up_to)
    assert made.isascii()
    with pytest.raises(BadCursor):
        decode(made, question + "?")


@given(st.one_of(st.text(max_size=300), st.binary(max_size=200).map(lambda b: b.hex())))
def test_what_is_no_cursor_is_refused_and_nothing_else_happens(word: str) -> None:
    with pytest.raises(BadCursor):
        decode(word, "q")


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("cursor", ["x", "A" * 150, "W10", "bnVsbA"])
def test_a_damaged_cursor_is_told_in_words(outside: Outside, route: str, cursor: str) -> None:
    assert "begin at the first page" in refused(outside.program().get(route, cursor=cursor), 400)


def test_a_cursor_of_another_question_is_told_in_words(outside: Outside) -> None:
    outside.say("1", "2")
    program = outside.program()
    told = program.get("/mentions", limit=1).json()
    refused(program.get("/mentions", limit=1, lang="nl", cursor=told["next"]), 400)
    assert (
        program.get("/mentions", limit=2, cursor=told["next"]).status_code == 200
    )  # more at once is no other question


def test_a_filter_that_finds_little_gives_short_pages_that_come_to_an_end(
    outside: Outside, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.newest.STEPS", (2, 3))
    for number in range(20):
        outside.say(str(number), lang="fr" if number in {3, 17} else "nl")
    pages = outside.program().pages("/mentions", lang="fr", limit=5)
    assert [ids(page) for page in pages if page] == [["17"], ["3"]]
    assert len(pages) < 8


# --- what is in them ------------------------------------------------------------------------------------------------


def test_a_message_has_the_columns_of_an_export_and_its_instants_are_utc(outside: Outside) -> None:
    (mention_id,) = outside.say("1", text="Hoi 👋🏽 \u202eabc\u202c Z̸̡͝", rating=0.8)
    (row,) = outside.program().data("/mentions")
    assert tuple(row) == COLUMNS
    assert row["text"] == "Hoi 👋🏽 \u202eabc\u202c Z̸̡͝"
    assert row["published_at"] == "2026-03-10T09:55:00Z"
    assert outside.program().get(f"/mentions/{mention_id}").json() == row
    assert outside.program().data("/mentions", external_id="1") == [row]
    assert outside.program().data("/mentions", external_id="1", source="dm") == []


def test_filters_and_the_language_of_the_inbox_narrow_a_list(outside: Outside) -> None:
    outside.say("1", text="Het pakket is kwijt", lang="nl")
    outside.say("2", text="The parcel is lost", lang="en")
    outside.said(mention("3", text="pakket", lang="nl"), source_id="dm")
    program = outside.program()
    for asked, found in (
        ({"lang": "nl"}, ["3", "1"]),
        ({"lang": ["nl", "en"]}, ["3", "2", "1"]),
        ({"source": "dm"}, ["3"]),
        ({"q": "pakket NOT kwijt"}, ["3"]),
        ({"q": "parcel", "lang": "nl"}, []),
        ({"direction": "outbound"}, []),
        ({"since": "2026-03-10T10:54:00+01:00"}, ["3", "2", "1"]),
        ({"until": "2026-03-10T10:54:00+01:00"}, []),
        ({"status": "new"}, ["3", "2", "1"]),
        ({"status": "resolved"}, []),
        ({"priority": 0}, []),
    ):
        assert ids(program.data("/mentions", **asked)) == found, asked


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"q": '"open'}, 400),
        ({"q": "x" * 60_000}, 422),
        ({"q": "a\x00b"}, 422),
        ({"since": "2026-03-10T10:00:00Z", "until": "2026-03-09T10:00:00Z"}, 400),
        ({"since": "2026-03-10T10:00:00Z", "until": "2026-03-10T10:00:00Z"}, 400),
        ({"since": "2026-03-10"}, 422),
        ({"since": "yesterday"}, 422),
        ({"limit": 0}, 422),
        ({"limit": 501}, 422),
        ({"status": "opne"}, 422),
        ({"theme": 1 << 60}, 422),
        ({"laguage": "nl"}, 422),
    ],
)
def test_a_question_that_makes_no_sense_is_told_what_is_wrong(
    outside: Outside, asked: dict[str, Any], status: int
) -> None:
    refused(outside.program().get("/mentions", **asked), status)


@pytest.mark.parametrize("words", ["😀😀", "Z̸̡͝a̴l̵g̶o̷" * 20, "\u202e\u2066عربي\u2069", "日本語 русский αβγ", "   "])
def test_a_search_for_anything_gets_a_clear_answer(outside: Outside, words: str) -> None:
    outside.say("1", text=words)
    assert outside.program().get("/mentions", q=words).status_code in {200, 400}


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z"])
@pytest.mark.parametrize("route", ROUTES)
def test_the_ends_of_time_are_no_trouble(outside: Outside, route: str, instant: str) -> None:
    outside.say("1")
    for name in ("since", "until"):
        assert outside.program().get(route, **{name: instant}).status_code == 200


def test_private_messages_need_a_scope_of_their_own_wherever_they_could_show(outside: Outside) -> None:
    outside.say("1", text="openbaar pakket")
    (secret,) = outside.say("2", text="prive pakket", visibility="private")
    outside.settle()
    shy, bold = outside.program(outside.token(S.READ_MENTIONS, S.READ_WORK)), outside.program()
    talk = bold.data("/conversations", q="prive")[0]["id"]
    assert shy.data("/conversations", q="prive") == []
    refused(shy.get(f"/conversations/{talk}"), 404)
    refused(shy.get(f"/conversations/{talk}/mentions"), 404)
    refused(shy.get(f"/mentions/{secret}"), 404)
    assert shy.data("/mentions", external_id="2") == []
    for program, found in ((shy, ["1"]), (bold, ["2", "1"])):
        assert ids(program.data("/mentions")) == found
        assert ids(program.data("/mentions", q="pakket")) == found
        assert sorted(ids(lines(program.get("/mentions.jsonl").text))) == sorted(found)
        assert len(program.data("/conversations")) == len(found)


def test_a_token_bound_to_a_source_or_brand_sees_nothing_of_others(outside: Outside) -> None:
    outside.said(mention("1", brand_ids=("acme",)), mention("2", brand_ids=("rival",)))
    outside.said(mention("3", brand_ids=("acme",)), source_id="dm")
    outside.settle()
    bound = outside.program(outside.token(brand_ids=("acme",), source_ids=("forum",)))
    everything = outside.program()
    assert ids(bound.data("/mentions")) == ["1"]
    assert bound.data("/mentions", source="dm") == []
    assert bound.data("/conversations", brand="rival") == []
    assert ids(lines(bound.get("/mentions.jsonl").text)) == ["1"]
    assert [one["id"] for one in bound.data("/brands")] == ["acme"]
    assert [one["id"] for one in bound.data("/sources")] == ["forum"]
    assert len(bound.data("/conversations")) == 1
    for row in everything.data("/mentions"):
        status = 200 if row["external_id"] == "1" else 404
        assert bound.get(f"/mentions/{row['id']}").status_code == status
        assert bound.get(f"/conversations/{row['conversation_id']}").status_code == status
        assert bound.get(f"/conversations/{row['conversation_id']}/mentions").status_code == status


def test_what_a_platform_does_not_let_out_stays_out_and_is_counted(outside: Outside) -> None:
    none, few = Keeping(None, None, None, None, None), Keeping(None, None, None, None, None)
    sync_duties(
        outside.store,
        [
            DutyRecord("dm", none, may_export=False, export_per_day=None, basis="Section 4 of its terms"),
            DutyRecord("shop", few, may_export=True, export_per_day=1, basis="Section 9"),
        ],
    )
    outside.say("1", text="pakket")
    outside.said(mention("2", text="pakket", platform="mastodon"), source_id="dm")
    outside.said(
        mention("3", text="pakket", platform="push"), mention("4", text="pakket", platform="push"), source_id="shop"
    )
    outside.settle()
    program = outside.program()
    told = program.get("/mentions").json()
    assert ids(told["data"]) == ["4", "3", "1"]
    assert told["withheld"] == [{"source_id": "dm", "name": "Dm", "left_out": 1, "basis": "Section 4 of its terms"}]
    assert ["ids_only" in row["flags"] for row in told["data"]].count(True) == 1
    again = program.get("/mentions", q="pakket").json()
    assert ids(again["data"]) == ["4", "3", "1"]
    assert ["ids_only" in row["flags"] for row in again["data"]].count(True) == 1  # what left today may leave again
    answer = program.get("/mentions.jsonl")
    assert answer.headers["klankbord-withheld"] == "dm=1"
    assert ids(lines(answer.text)) == ["1", "3", "4"]
    talks = {talk["source_id"]: talk for talk in program.data("/conversations")}
    assert talks["forum"]["lang"] == "nl"
    assert talks["dm"]["lang"] is None
    assert program.data("/conversations", q="pakket", source="dm") == []


def test_masks_take_personal_data_out_of_texts(outside: Outside) -> None:
    (number,) = outside.say("1", text="Bel me op 06-12345678")
    outside.settle()
    program = outside.program()
    for row in (
        program.data("/mentions", mask=True)[0],
        program.get(f"/mentions/{number}", mask=True).json(),
        lines(program.get("/mentions.jsonl", mask=True).text)[0],
    ):
        assert "12345678" not in row["text"]
        assert "pii_masked" in row["flags"]
    assert "12345678" in program.data("/mentions")[0]["text"]


def test_an_unchanged_answer_is_not_sent_again(outside: Outside) -> None:
    outside.say("1")
    program = outside.program()
    first = program.get("/mentions")
    again = program.get("/mentions", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    outside.say("2")
    assert program.get("/mentions", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_a_conversation_tells_its_state_and_what_was_done(outside: Outside) -> None:
    outside.say("1")
    program = outside.program()
    (talk,) = program.data("/conversations")
    assert (talk["status"], talk["n_inbound"], talk["brand_ids"]) == ("new", 1, [])
    with outside.store.write() as conn:
        for number, (kind, about) in enumerate((("conversation", str(talk["id"])), ("user", "7"))):
            values = {"id": outside.store.new_id(), "at": NOW + timedelta(minutes=number), "actor_type": "human"}
            told = {"before": {"status": "new"}, "after": {"status": "open", "facts": {"text": "secret words"}}}
            conn.execute(event.insert().values(**values, **told, object_type=kind, object_id=about, action="claimed"))
    (done,) = program.data("/events")
    assert (done["conversation_id"], done["from_status"], done["to_status"]) == (talk["id"], "new", "open")
    assert "secret words" not in str(done)
    assert program.data("/events", conversation=talk["id"]) == [done]
    assert program.data("/events", conversation=5) == []
    assert program.data("/events", action="resolved") == []
    assert program.data("/events", until="2026-03-10T10:00:00Z") == []


# --- all of them ----------------------------------------------------------------------------------------------------


def lines(text: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in text.splitlines()]


def test_lines_hold_everything_once_and_go_on_where_they_ended(outside: Outside) -> None:
    outside.say("1", "2", "3")
    program = outside.program()
    assert program.get("/mentions.jsonl").text == ""  # what is being stored could still overtake
    outside.settle()
    first = program.get("/mentions.jsonl")
    assert ids(lines(first.text)) == ["1", "2", "3"]
    assert first.headers["content-type"] == "application/x-ndjson"
    outside.say("4")
    outside.settle()
    more = program.get("/mentions.jsonl", after=first.headers["klankbord-up-to"])
    assert ids(lines(more.text)) == ["4"]
    none = program.get("/mentions.jsonl", after=more.headers["klankbord-up-to"])
    assert (none.text, none.headers["klankbord-up-to"]) == ("", more.headers["klankbord-up-to"])


def test_lines_say_the_same_as_pages(outside: Outside) -> None:
    outside.say("1", "2", text="pakket weg")
    outside.settle()
    program = outside.program()
    paged = [row for page in program.pages("/mentions", limit=1, q="weg") for row in page]
    assert lines(program.get("/mentions.jsonl", q="weg").text) == paged[::-1]
