from __future__ import annotations

import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Action, ActionKind, Interval, Task, Window
from connectors.errors import BadRequest, Forbidden, FormatChanged
from connectors.hackernews import HITS, HackerNews, HackerNewsOptions, says
from connectors.items import Item, Kind
from connectors.requests import HttpRequest, HttpResponse

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WINDOW = Window(Interval(NOW - timedelta(days=1), NOW))
AT = int((NOW - timedelta(hours=1)).timestamp())


def connector() -> HackerNews:
    return HackerNews(HackerNewsOptions(terms=("Voorbeeld Energie",)))


def hit(key: int, **more: Any) -> dict[str, Any]:
    return {
        "objectID": str(key),
        "created_at_i": AT,
        "author": "pg2",
        "comment_text": "I had <i>exactly</i> this with Voorbeeld Energie.<p>They replied fast.",
        "story_id": 45999900,
        "parent_id": 45999950,
        **more,
    }


def read(hits: list[Any], cursor: str | None = None, **envelope: Any) -> Any:
    made = connector()
    task = Task("s", made.queries(())[0], Window(WINDOW.interval, cursor))
    request = made.plan(task)
    body = {"hits": hits, "nbHits": len(hits), **envelope}
    return made.parse(task, HttpResponse(request, 200, {}, orjson.dumps(body), request.url, NOW))


def test_a_comment_and_a_story_are_told_apart() -> None:
    story = hit(
        7, comment_text=None, title="Voorbeeld Energie is down", url="https://x.example", parent_id=None, points=3
    )
    page = read([hit(8), story])
    comment, found = page.items
    assert (comment.kind, comment.parent_external_id, comment.thread_external_id) == (
        Kind.COMMENT,
        "45999950",
        "45999900",
    )
    assert (found.kind, found.thread_external_id, found.counts.likes) == (Kind.POST, "7", 3)
    assert found.url == "https://news.ycombinator.com/item?id=7"
    assert found.capabilities.deep_link
    assert not found.capabilities.can_reply


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("about Voorbeeld Energie, again", True),
        ("VOORBEELD&#x20;<b>ENERGIE</b>", True),
        ("Vóórbeeld Energie", True),
        ("voorbeelden energie", False),
        ("Energie van Voorbeeld", False),
        ("Voorbeeld en Energie", False),
    ],
)
def test_a_hit_must_really_hold_the_phrase(text: str, *, counts: bool) -> None:
    page = read([hit(8, comment_text=text)])
    assert bool(page.items) is counts
    assert page.rejected == ()


def test_a_link_to_the_site_counts() -> None:
    page = read([hit(8, comment_text=None, title="Look", url="https://voorbeeld-energie.example/a", parent_id=None)])
    assert len(page.items) == 1


def test_one_spelling_of_a_term_is_one_line_of_work() -> None:
    queries = connector().queries(["voorbeeld  énergie", "Other", "  ", "!!"])
    assert [query.id for query in queries] == ["search:voorbeeld energie", "search:other"]


def test_an_answer_with_more_behind_it_goes_on_where_it_ended() -> None:
    hits = [hit(at, created_at_i=AT - at) for at in range(HITS)]
    page = read(hits, nbHits=1000)
    assert page.cursor == str(AT - HITS + 1)
    assert page.covered == Interval(datetime.fromtimestamp(AT - HITS + 2, UTC), NOW)
    assert isinstance(page.next, HttpRequest)
    assert f"created_at_i<={AT - HITS + 1}" in dict(page.next.params)["numericFilters"]


def test_a_count_that_is_only_estimated_does_not_end_the_reading() -> None:
    assert read([hit(1)], nbHits=1, exhaustiveNbHits=False).next is not None
    assert read([hit(1)], nbHits=1).next is None
    assert read([], nbHits=0).covered == WINDOW.interval


def test_more_in_one_second_than_an_answer_holds_is_a_gap_and_no_loop() -> None:
    page = read([hit(at) for at in range(HITS)], cursor=str(AT), nbHits=5000)
    assert page.next is not None
    assert page.cursor == str(AT - 1)
    assert [gap.interval.start for gap in page.gaps] == [datetime.fromtimestamp(AT, UTC)]
    assert page.covered is None


def test_a_search_that_ignores_the_time_is_noticed() -> None:
    with pytest.raises(FormatChanged, match="ignores the time"):
        read([hit(1)], cursor=str(AT - 1000), nbHits=9)


def act(kind: ActionKind, body: Any) -> Any:
    wish = Action(kind, "8", "k", thread_external_id="7")
    request = connector().act(wish)
    assert isinstance(request, HttpRequest)
    return connector().acted(wish, HttpResponse(request, 200, {}, orjson.dumps(body), request.url, NOW))


@pytest.mark.parametrize(
    ("body", "gone"),
    [({"id": 8, "deleted": True}, True), ({"id": 8, "dead": True}, True), ({"id": 8}, False), (None, False)],
)
def test_only_a_definite_sign_is_a_removal(body: Any, *, gone: bool) -> None:
    assert bool(act(ActionKind.RECHECK, body).deleted) is gone


def test_a_thread_is_read_from_its_tree() -> None:
    child = {
        "id": 9,
        "type": "comment",
        "author": "a",
        "text": "second",
        "created_at_i": AT,
        "parent_id": 8,
        "children": [],
    }
    gone = {
        "id": 10,
        "type": "comment",
        "author": None,
        "text": None,
        "created_at_i": AT,
        "parent_id": 8,
        "children": [],
    }
    first = {
        "id": 8,
        "type": "comment",
        "author": "b",
        "text": "x",
        "created_at_i": AT,
        "parent_id": 7,
        "children": [child, gone],
    }
    tree = {
        "id": 7,
        "type": "story",
        "title": "Story",
        "author": "c",
        "text": None,
        "created_at_i": AT,
        "children": [first],
    }
    items = act(ActionKind.FETCH_THREAD, tree).items
    assert [each.external_id for each in items] == ["7", "8", "9"]
    assert {each.thread_external_id for each in items} == {"7"}


def test_nothing_can_be_written() -> None:
    with pytest.raises(Forbidden, match="no way to reply"):
        connector().act(Action(ActionKind.REPLY, "8", "k", text="hi"))
    with pytest.raises(BadRequest):
        connector().act(Action(ActionKind.RECHECK, "../8", "k"))


PIECES = st.sampled_from((
    "voorbeeld", "Voorbééld", "VOORBEELD", "energie", "e\u0301nergie", "energies", "xvoorbeeld", "voorbeeld_",
    "&eacute;", "<b>", "<p>", "</p>", "-", ". ", " ", "  ", "\n", "😀", "ﬁ", "ß", "12", "&amp;", "<", "\u200b",
    "\x00", "مرحبا",
))  # fmt: skip


@given(st.lists(PIECES, max_size=14).map("".join), st.sampled_from((["voorbeeld"], ["voorbeeld", "energie"], ["12"])))
def test_words_next_to_each_other_are_found_as_by_trying_every_place(text: str, wanted: list[str]) -> None:
    plain = html.unescape(re.sub(r"<[^>]*>", " ", text)).casefold()
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    held = re.findall(r"\w+", bare)
    places = range(len(held) - len(wanted) + 1)
    item = Item("1", Kind.COMMENT, html=text)
    assert says(item, wanted) == any(held[at : at + len(wanted)] == wanted for at in places)
