"""What is asked: queries within X's length, pages within the budget, and the way a person connects."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.contract import Action, ActionKind, Interval, Purpose, Query, Target, Task, Window
from connectors.errors import AuthDead, BadRequest, Forbidden
from connectors.requests import HttpRequest
from connectors.x import X, XOptions, prices
from connectors.x.connecting import SCOPES
from connectors.x.searching import packed, query_of, replies_query, spelt
from tests.conftest import Clock
from tests.connectors.connecting import Person
from tests.connectors.loopback import listening
from tests.connectors.x.saying import OUR_NAME, US, page, post, snowflake, user
from tests.connectors.x.site import XSite
from tests.connectors.x.test_reading import AT, NOW, WINDOW, answer, ask, connector

OPTIONS = XOptions(account=OUR_NAME, account_id=US, mentions=True)


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("acme", '"acme"'),
        ("acme bank", '"acme bank"'),
        ("#storing", "#storing"),
        ("@acme", "@acme"),
        ("#", None),
        ('say "cheese"', '"say cheese"'),
        ("OR", '"OR"'),
        ("-is:retweet", '"-is:retweet"'),
        ("👍", '"👍"'),
        ("...", None),
        ("", None),
    ],
)
def test_words_are_written_so_that_none_is_taken_for_an_operator(term: str, written: str | None) -> None:
    assert spelt(term) == written


def test_words_share_queries_that_are_short_enough() -> None:
    words = [f"merk{number} met een lange naam" for number in range(60)]
    groups = packed(OPTIONS, [*words, "acme", "acme"])
    assert [word.strip('"') for group in groups for word in group] == [*words, "acme"]
    queries = [query_of(OPTIONS, group) for group in groups]
    assert all(len(query) <= 512 for query in queries)
    assert len(groups) == 4
    assert queries[0].startswith('("merk0 met een lange naam" OR "merk1')
    assert queries[0].endswith("-is:retweet -from:acme")


@given(st.lists(st.text(max_size=80), max_size=60), st.integers(100, 1000))
def test_no_word_is_lost_and_only_a_word_alone_can_be_too_long(terms: list[str], longest: int) -> None:
    options = XOptions(search=True, query_length=longest)
    groups = packed(options, terms)
    wanted = {word for term in terms if (word := spelt(term)) is not None}
    assert {word for group in groups for word in group} == wanted
    assert all(len(query_of(options, group)) <= longest or len(group) == 1 for group in groups)


def test_a_phrase_too_long_for_any_query_stops_only_its_own() -> None:
    made = connector(query_length=100)
    queries = made.queries(("x" * 120, "acme"))
    long = next(each for each in queries if "xxx" in each.params.get("query", ""))
    with pytest.raises(BadRequest, match="100"):
        made.plan(Task("s", long, WINDOW))
    assert len([each for each in queries if each.params["kind"] == "search"]) == 2


def test_other_words_make_another_line_of_work_and_the_same_ones_do_not() -> None:
    made = connector()
    one, two = made.queries(("acme",)), made.queries(("acme", "storing"))
    assert one[0].id != two[0].id
    assert one == made.queries(("acme",))
    assert one[0].label == "Search for acme"


def test_what_is_configured_narrows_every_search() -> None:
    options = XOptions(narrow="lang:nl -is:reply")
    assert query_of(options, ('"acme"',)) == '"acme" lang:nl -is:reply -is:retweet'


@given(st.lists(st.integers(10**18, 10**19 - 1), min_size=1, max_size=240, unique=True))
def test_all_conversations_are_asked_about_within_the_length_of_a_query(ids: list[int]) -> None:
    waiting, seen = [str(each) for each in ids], []
    while waiting:
        query, count = replies_query(OPTIONS, waiting)
        assert len(query) <= 512
        assert "-from:acme -@acme" in query
        seen += waiting[:count]
        waiting = waiting[count:]
    assert seen == [str(each) for each in ids]


@given(st.floats(0, 100), st.floats(0, 100), st.sampled_from([0.001, 0.005, 0.015, 0.035]), st.sampled_from([1, 5, 10]))
def test_a_page_never_asks_for_more_than_the_rest_can_pay(day: float, month: float, each: float, least: int) -> None:
    size = prices.size({prices.DAY: day, prices.MONTH: month}, each, least=least, most=100)
    assert least <= size <= 100
    assert size == least or size * each <= min(day, month) + 1e-6


def test_pages_shrink_with_what_is_left() -> None:
    made = connector()
    query = made.queries(("acme",))[0]
    for left, size in ((100.0, 100), (0.6, 40), (0.01, 10)):
        task = Task("s", query, WINDOW, left={prices.DAY: left, prices.MONTH: 50.0})
        request = made.plan(task)
        assert dict(request.params)["max_results"] == str(size)
        assert request.price[prices.DAY] == pytest.approx(size * 0.015)
    task = Task("s", query, WINDOW, left={prices.DAY: 1.5})
    posts: list[Any] = [post(snowflake(AT, at), "acme", AT - timedelta(seconds=at)) for at in range(80)]
    following = made.parse(task, answer(made.plan(task), page(posts, [user("jo_example")], "more"))).next
    assert isinstance(following, HttpRequest)
    assert dict(following.params)["max_results"] == str(int((1.5 - 80 * 0.005 - 0.01) / 0.015))


def test_the_same_post_is_counted_once_a_day_and_again_the_next() -> None:
    bought = [("p1", 0.005), ("u1", 0.01), ("p1", 0.005)]
    spent, state = prices.charge({}, NOW, bought)
    assert spent == {prices.DAY: 0.015, prices.MONTH: 0.015}
    again, state = prices.charge(state, NOW + timedelta(hours=1), [*bought, ("p2", 0.005)])
    assert again[prices.DAY] == 0.005
    tomorrow, _ = prices.charge(state, NOW + timedelta(days=1), bought)
    assert tomorrow[prices.DAY] == 0.015


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.just(0.005)), max_size=40))
def test_what_is_remembered_only_ever_makes_it_cheaper(bought: list[tuple[str, float]]) -> None:
    spent, _ = prices.charge({"paid": {"day": "?", "ids": ["a"]}}, NOW, bought)
    assert spent[prices.DAY] == pytest.approx(0.005 * len({name for name, _ in bought}))


def test_own_posts_and_mentions_are_cheaper_where_our_account_owns_the_app() -> None:
    for owns, price in ((False, 1.5), (True, 1.1)):
        _, request = ask(connector(owns_app=owns), "mentions")
        assert request.price[prices.DAY] == pytest.approx(price)


def test_an_answer_with_a_link_is_dear_and_one_without_is_not() -> None:
    made = connector()
    for text, price in (
        ("dank je", 0.015),
        ("zie https://acme.nl", 0.2),
        ("zie acme.nl", 0.2),
        ("mail a@acme.nl", 0.015),
    ):
        request: Any = made.act(Action(ActionKind.REPLY, "7", "k", text=text))
        assert request.price[prices.DAY] == price
        assert not request.safe_to_repeat


def test_what_cannot_be_done_is_refused_before_anything_is_sent() -> None:
    made = connector()
    with pytest.raises(BadRequest, match="empty"):
        made.act(Action(ActionKind.REPLY, "7", "k", text="  "))
    with pytest.raises(BadRequest, match="number"):
        made.act(Action(ActionKind.REPLY, "seven", "k", text="dank"))
    with pytest.raises(BadRequest, match="conversation"):
        made.act(Action(ActionKind.REPLY, "7", "k", "dm", text="dank", extra={"dm": "7"}))
    with pytest.raises(Forbidden, match="direct messages"):
        made.act(Action(ActionKind.HIDE, "7", "k", "dm", extra={"dm": "7"}))
    with pytest.raises(Forbidden, match="direct messages"):
        made.recheck([Target("7", "dm")])
    query = next(each for each in connector(conversations=True).queries(()) if each.params["kind"] == "conversations")
    with pytest.raises(BadRequest, match="no place"):
        made.plan(Task("s", query, Window(WINDOW.interval, "the middle", Purpose.HOLE)))


@pytest.mark.parametrize("kind", [ActionKind.REPLY, ActionKind.HIDE, ActionKind.DELETE_OWN])
def test_without_our_login_nothing_is_written(kind: ActionKind) -> None:
    alone = connector(connected=False, mentions=False)
    wish = Action(kind, "7", "k", text="dank")
    with pytest.raises(Forbidden, match="klankbord connect x"):
        alone.act(wish)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"search": False}, "nothing to read"),
        ({"mentions": True}, "account_id"),
        ({"account": "not a name!"}, "letters"),
        ({"account": OUR_NAME, "account_id": "acme"}, "number"),
        ({"api": "ftp://x"}, "address"),
        ({"bearer": "x"}, "bearer"),
    ],
)
def test_options_that_make_no_sense_say_so(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        XOptions.model_validate(options)


def test_a_token_never_shows() -> None:
    made = X(XOptions.model_validate({"bearer_token": "very-secret", "terms": ["acme"]}))
    request = made.plan(Task("s", made.queries(())[0], Window(Interval(AT, NOW))))
    assert "very-secret" not in repr(request)
    assert "very-secret" not in repr(made.options)
    assert made.login_to_keep() is None


def test_old_and_new_names_differ_in_nothing_else() -> None:
    old, new = ask(connector())[1], ask(connector(fields="post"))[1]
    assert old.url == new.url
    assert "tweet.fields" in dict(old.params)
    assert "post.fields" in dict(new.params)
    assert dict(old.params)["query"] == dict(new.params)["query"]


def test_a_message_of_x_is_kept_under_a_name_of_its_own() -> None:
    made = connector(messages=True)
    raw = {"id": "5", "text": "hallo", "created_at": "2026-11-22T11:00:00.000Z", "sender_id": "9"}
    assert made.reparse(raw, "dm", Query("q", "q")).namespace == "dm"


# --- connecting -------------------------------------------------------------------------------------------------------


def person(clock: Clock, url: str, **typed: str) -> Person:
    return Person(clock(), typed, {"https://api.x.com": url})


def test_connecting_asks_for_the_rights_and_says_what_will_work(clock: Clock) -> None:
    site = XSite(clock)
    with listening(site.handle) as url:
        who = person(clock, url, client_id="app", client_secret="hush")
        connected = who.connect(X.connect)
    (sent,) = who.browsed
    assert set(sent["scope"].split()) == set(SCOPES)
    assert (sent["code_challenge"], sent["code_challenge_method"], sent["state"]) == ("a-challenge", "S256", "a-state")
    exchange = site.asked[0]
    assert exchange.form["code_verifier"] == "a-verifier"
    assert exchange.headers["authorization"].startswith("Basic ")
    assert connected.account == "@acme"
    assert (connected.options["account"], connected.options["account_id"]) == (OUR_NAME, US)
    works = [text for tone, text in who.told if tone == "works"]
    lacks = [text for tone, text in who.told if tone == "lacks"]
    assert any("Answering" in text for text in works)
    assert any("dm.write" in text for text in lacks)
    assert any("half a cent" in text for _, text in who.told)
    made = X(XOptions.model_validate({**connected.options, "api": url}))
    made.login_taken(connected.login)
    assert made.login_to_keep() == connected.login
    assert made.refresh() is not None
    assert made.login_ends_at() == clock() + timedelta(hours=2)


def test_a_bearer_token_alone_connects_for_searching_only(clock: Clock) -> None:
    who = person(clock, "http://127.0.0.1:1", bearer_token="app-token")
    connected = who.connect(X.connect)
    assert connected.login == {"bearer_token": "app-token"}
    assert any(tone == "lacks" and "login of your account" in text for tone, text in who.told)
    made = X(XOptions.model_validate(connected.options))
    made.login_taken(connected.login)
    assert ask_search(made).headers["Authorization"] == "Bearer app-token"


def ask_search(made: X) -> HttpRequest:
    return made.plan(Task("s", made.queries(("acme",))[0], WINDOW))


def test_connecting_without_a_yes_or_without_anything_connects_nobody(clock: Clock) -> None:
    with pytest.raises(AuthDead, match="neither"):
        person(clock, "").connect(X.connect)
    site = XSite(clock)
    with listening(site.handle) as url:
        who = person(clock, url, client_id="app")
        who.returns = {"error": "access_denied"}
        with pytest.raises(AuthDead, match="access_denied"):
            who.connect(X.connect)
        who.returns = {"code": "another-code"}
        with pytest.raises(AuthDead):
            who.connect(X.connect)
