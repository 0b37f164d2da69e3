"""Against a forum on loopback whose answers are held to the software's own contract when that is on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from connectors.conformance import MemoryCollector, OtherSide
from connectors.contract import Action, ActionKind, Connector, Interval, Task, Window
from connectors.discourse import Discourse, DiscourseOptions
from connectors.discourse.active import Step
from connectors.errors import AuthDead, BadRequest, Forbidden, RateLimited, Transient
from connectors.items import Item, Json, Kind
from connectors.requests import HttpRequest, HttpResponse, Request
from tests.connectors.contracts import contract, every_call_built, misses, path_of
from tests.connectors.driver import perform

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Forum:
    """What stands on the forum, and everything it was asked and answered."""

    posts: dict[int, dict[str, Any]] = field(default_factory=dict)
    fault: tuple[int, dict[str, str], bytes] | None = None
    moderated: bool = False
    answered: list[tuple[str, str, Any]] = field(default_factory=list)
    sent: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)

    def add(self, key: int, topic: int, number: int, cooked: str, **more: Any) -> dict[str, Any]:
        at = stamp(NOW - timedelta(minutes=200 - key))
        self.posts[key] = {
            "id": key, "name": "Piet", "username": "piet84", "avatar_template": "/a/{size}.png",
            "created_at": at, "cooked": cooked, "post_number": number, "post_type": 1, "posts_count": 7,
            "updated_at": at, "reply_count": 0, "reply_to_post_number": None, "quote_count": 0,
            "incoming_link_count": 0, "reads": 3, "readers_count": 2, "score": 0.6, "yours": False,
            "topic_id": topic, "topic_slug": "storing-in-de-app", "topic_title": "Storing in de app",
            "topic_html_title": "Storing in de app", "category_id": 5, "display_username": "Piet",
            "primary_group_name": None, "flair_name": None, "flair_url": None, "flair_bg_color": None,
            "flair_color": None, "flair_group_id": None, "badges_granted": [], "version": 1, "can_edit": False,
            "can_delete": False, "can_recover": False, "can_see_hidden_post": False, "can_wiki": False,
            "user_title": None, "bookmarked": False, "raw": cooked, "actions_summary": [], "moderator": False,
            "admin": False, "staff": False, "user_id": 77, "hidden": False, "trust_level": 1, "deleted_at": None,
            "user_deleted": False, "edit_reason": None, "can_view_edit_history": True, "wiki": False,
            "excerpt": "", "truncated": False, "post_url": f"/t/storing-in-de-app/{topic}/{number}",
            "reviewable_id": None, "reviewable_score_count": 0, "reviewable_score_pending_count": 0, **more,
        }  # fmt: skip
        return self.posts[key]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if method == "POST" and path == "/posts.json":
            return self.create(body)
        if method == "POST":
            return 200, self.posts[body["id"]]
        if method == "DELETE":
            return 200, self.posts.pop(int(path.split("/")[2].removesuffix(".json"))) and None
        return self.read(path, query)

    def read(self, path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        shown = [self.posts[key] for key in sorted(self.posts, reverse=True)]
        if path == "/posts.json":
            before = int(query.get("before", ["1000000"])[0])
            return 200, {"latest_posts": [each for each in shown if each["id"] <= before][:50]}
        if path == "/latest.json":
            topics = {each["topic_id"]: each["created_at"] for each in reversed(shown)}
            listed = [{"id": key, "title": "Storing in de app", "bumped_at": at} for key, at in topics.items()]
            return 200, {"topic_list": {"topics": listed}}
        if path.startswith("/posts/"):
            found = self.posts.get(int(path.split("/")[2].removesuffix(".json")))
            missing = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
            return (200, found) if found is not None else (404, missing)
        topic = int(path.split("/")[2].removesuffix(".json"))
        wanted = {int(key) for key in query.get("post_ids[]", ())}
        posts = [each for each in reversed(shown) if each["topic_id"] == topic]
        accepted = next((each["post_number"] for each in posts if each["raw"].startswith("Oplossing")), None)
        return 200, {
            "id": topic,
            "title": "Storing in de app",
            "tags": [{"id": 1, "name": "app", "slug": "app"}],
            "accepted_answer": {"post_number": accepted} if accepted else None,
            "post_stream": {
                "posts": [each for each in posts if each["id"] in wanted] if wanted else posts[:20],
                **({} if wanted else {"stream": [each["id"] for each in posts]}),
            },
        }

    def create(self, body: Any) -> tuple[int, Any]:
        if any(each["raw"] == body["raw"] for each in self.posts.values()):
            return 422, {"action": "create_post", "errors": ["Body is too similar to what you recently posted"]}
        if self.moderated:
            return 200, {"success": True, "action": "enqueued", "pending_post": {"id": 1, "raw": body["raw"]}}
        answers = body.get("reply_to_post_number")
        made = self.add(150, body["topic_id"], 9, body["raw"], username="webcare", reply_to_post_number=answers)
        del made["topic_title"]  # only lists of posts carry it
        return 200, made


@pytest.fixture
def forum() -> Forum:
    return Forum()


@pytest.fixture
def address(forum: Forum) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            forum.sent.append((self.command, self.path, dict(self.headers), body))
            if forum.fault is not None:
                status, headers, written = forum.fault
            else:
                status, said = forum.answer(self.command, parts.path, parse_qs(parts.query), body)
                headers, written = (
                    {"Content-Type": "application/json"},
                    b"" if said is None else json.dumps(said).encode(),
                )
                forum.answered.append((self.command, parts.path, said))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(written))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(written)

        do_POST = do_DELETE = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Loopback(OtherSide):
    url: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def connector(self) -> Connector[Any]:
        return Discourse(DiscourseOptions.model_validate({"url": self.url, **self.options}))

    def answer(self, request: Request) -> HttpResponse:
        return perform(request, self.now)


KEYED = {"api_key": "very-secret", "api_username": "webcare"}


def collect(address: str, **options: Any) -> MemoryCollector:
    collector = MemoryCollector(Loopback(now=NOW, url=address, options=options))
    collector.run()
    return collector


def items_of(collector: MemoryCollector) -> dict[str, Item]:
    return {item.external_id: item for item in collector.items.values()}


def wish(kind: ActionKind, item: Item, text: str | None = None) -> Action:
    return Action(kind, item.external_id, "k", item.namespace, item.thread_external_id, text=text, extra=item.extra)


def act(collector: MemoryCollector, action: Action) -> Any:
    connector = collector.platform.connector()
    return connector.acted(action, collector.platform.answer(connector.act(action)))


def test_a_topic_is_read_with_its_answers_and_what_is_known_of_them(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>De app start niet</p>")
    forum.add(101, 512, 2, "<p>Bij mij ook</p>", reply_to_post_number=1)
    forum.add(102, 512, 3, "Oplossing: opnieuw inloggen", reply_to_post_number=2, username="mo", version=3)
    found = items_of(collect(address))
    assert [found[key].kind for key in ("100", "101", "102")] == [Kind.TOPIC, Kind.ANSWER, Kind.COMMENT]
    assert found["100"].title == "Storing in de app"
    assert found["101"].title is None
    assert found["102"].parent_external_id == "101"
    assert {item.thread_external_id for item in found.values()} == {"topic-512"}
    assert found["102"].url == f"{address}/t/storing-in-de-app/512/3"
    assert found["102"].edited_at is not None
    assert found["101"].edited_at is None
    assert found["102"].tags == ("app", "solved")
    assert found["102"].extra["accepted_answer"] is True


def test_whispers_and_small_actions_are_no_text_of_customers(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    forum.add(101, 512, 2, "<p>intern: klant belt morgen</p>", post_type=4)
    forum.add(102, 512, 3, "", post_type=3)
    assert set(items_of(collect(address))) == {"100"}


@pytest.mark.parametrize("sign", [{"hidden": True}, {"user_deleted": True}, {"deleted_at": "2026-11-20T10:00:00.000Z"}])
def test_a_removed_post_is_told(forum: Forum, address: str, sign: dict[str, Any]) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    forum.add(101, 512, 2, "<p>weg</p>", **sign)
    collector = collect(address)
    assert [key for key, _ in collector.deleted] == ["101"]
    assert set(items_of(collector)) == {"100"}


def test_quoted_words_of_others_are_taken_out(forum: Forum, address: str) -> None:
    quote = '<aside class="quote" data-post="1"><blockquote><p>Jullie zijn slecht</p></blockquote></aside>'
    forum.add(100, 512, 1, f"{quote}<p>Dat vind ik niet</p>")
    assert items_of(collect(address))["100"].html == "<p>Dat vind ik niet</p>"


def test_staff_and_named_users_are_ours_unless_the_forum_is_not(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>a</p>", username="mod", staff=True)
    forum.add(101, 512, 2, "<p>b</p>", username="WebCare")
    forum.add(102, 512, 3, "<p>c</p>", reply_to_user={"username": "webcare"})
    own = items_of(collect(address, own_usernames=["webcare"]))
    assert [own[key].is_own for key in ("100", "101", "102")] == [True, True, False]
    assert own["102"].addressed
    assert not items_of(collect(address, staff_are_own=False))["100"].is_own


def test_a_post_approved_late_is_found_although_its_id_is_old(forum: Forum, address: str) -> None:
    for key in range(100, 140):
        forum.add(key, 512, key - 99, f"<p>bericht {key}</p>")
    held = forum.posts.pop(110)
    collector = collect(address)
    assert "110" not in items_of(collector)
    forum.posts[110] = held
    collector.platform.now += timedelta(hours=2)
    collector.run()
    assert "110" in items_of(collector)


def test_a_reply_hangs_under_the_post_it_answers_and_is_sent_once(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>De app start niet</p>")
    forum.add(101, 512, 2, "<p>Bij mij ook</p>")
    collector = collect(address, **KEYED)
    action = wish(ActionKind.REPLY, items_of(collector)["101"], "Wij zoeken het **uit**, dank je wel")
    request = collector.platform.connector().act(action)
    assert isinstance(request, HttpRequest)
    assert not request.safe_to_repeat
    (sent,) = act(collector, action).items
    assert (sent.is_own, sent.thread_external_id, sent.external_id) == (True, "topic-512", "150")
    assert forum.posts[150]["reply_to_post_number"] == 2
    with pytest.raises(BadRequest, match="read the topic again"):
        act(collector, action)


def test_a_reply_that_waits_for_a_moderator_says_so(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    forum.moderated = True
    collector = collect(address, **KEYED)
    result = act(collector, wish(ActionKind.REPLY, items_of(collector)["100"], "Een antwoord van ons"))
    assert result.held_for_moderation
    assert result.items == ()


def test_a_post_can_be_rechecked_liked_read_in_its_thread_and_taken_back(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    forum.add(101, 512, 2, "<p>antwoord</p>")
    collector = collect(address, **KEYED)
    item = items_of(collector)["100"]
    del forum.posts[100]["topic_title"]
    (again,) = act(collector, wish(ActionKind.RECHECK, item)).items
    assert (again.title, again.html) == (item.title, item.html)
    assert act(collector, wish(ActionKind.LIKE, item)).items
    assert {each.external_id for each in act(collector, wish(ActionKind.FETCH_THREAD, item)).items} == {"100", "101"}
    assert [each.external_id for each in act(collector, wish(ActionKind.DELETE_OWN, item)).deleted] == ["100"]
    assert [each.external_id for each in act(collector, wish(ActionKind.RECHECK, item)).deleted] == ["100"]
    with pytest.raises(Forbidden, match="moderators"):
        act(collector, wish(ActionKind.HIDE, item))


@pytest.mark.parametrize("acted", [True, False])
def test_a_refused_like_counts_as_done_only_where_the_post_says_that_it_is_liked(
    forum: Forum, address: str, acted: bool
) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    collector = collect(address, **KEYED)
    connector, like = collector.platform.connector(), wish(ActionKind.LIKE, items_of(collector)["100"])
    request = connector.act(like)
    assert isinstance(request, HttpRequest)
    words = {"errors": ["Dat heb je al gedaan."], "error_type": "invalid_access"}
    refused = HttpResponse(request, 403, {}, orjson.dumps(words), request.url, datetime(2026, 3, 10, tzinfo=UTC))
    look = connector.acted(like, refused).next
    assert isinstance(look, HttpRequest)
    assert look.url.endswith("/posts/100.json")
    post = {**forum.posts[100], "actions_summary": [{"id": 2, "count": 1, "acted": acted}]}
    seen = replace(refused, request=look, status=200, body=orjson.dumps(post))
    if acted:
        assert connector.acted(like, seen).items
    else:
        with pytest.raises(Forbidden, match="al gedaan"):
            connector.acted(like, seen)


def test_without_a_key_public_posts_are_read_and_nothing_is_sent(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    collector = collect(address)
    item = items_of(collector)["100"]
    assert not item.capabilities.can_reply
    assert "API key" in (item.capabilities.why_not_reply or "")
    with pytest.raises(Forbidden, match="api_key"):
        act(collector, wish(ActionKind.REPLY, item, "hallo"))
    assert not any("Api-Key" in headers for _, _, headers, _ in forum.sent)


def test_the_key_travels_in_headers_only_and_never_shows(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    collector = collect(address, **KEYED)
    assert all(headers["Api-Key"] == "very-secret" for _, _, headers, _ in forum.sent)
    assert not any("very-secret" in path for _, path, _, _ in forum.sent)
    assert "very-secret" not in repr(collector.platform.connector().options)


ACCESS = b'{"errors":["The API username or key is invalid."],"error_type":"invalid_access"}'
WAIT = b'{"errors":["Too fast"],"error_type":"rate_limit","extras":{"wait_seconds":12,"time_left":"12 seconds"}}'


CLOSED = b'{"errors":["You are not permitted to view the requested resource."],"error_type":"invalid_access"}'
GEEN_SLEUTEL = b'{"errors":["De API-gebruikersnaam of -sleutel is ongeldig."],"error_type":"invalid_access"}'


def test_one_post_that_is_closed_to_us_is_no_dead_key(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    collector = collect(address, **KEYED)
    item = items_of(collector)["100"]
    forum.fault = (403, {}, CLOSED)
    result = act(collector, wish(ActionKind.RECHECK, item))
    assert (result.items, result.deleted) == ((), ()), "nobody knows what became of it, so it stays as it is"
    for kind, text in ((ActionKind.FETCH_THREAD, None), (ActionKind.REPLY, "hallo")):
        with pytest.raises(Forbidden, match="does not let"):
            act(collector, wish(kind, item, text))
    for words in (ACCESS, GEEN_SLEUTEL):
        forum.fault = (403, {}, words)
        for kind, text in ((ActionKind.RECHECK, None), (ActionKind.FETCH_THREAD, None), (ActionKind.REPLY, "hallo")):
            with pytest.raises(AuthDead, match="make a new key"):
                act(collector, wish(kind, item, text))


def test_a_key_that_dies_while_topics_are_read_again_is_no_closed_topic(forum: Forum, address: str) -> None:
    forum.add(100, 512, 1, "<p>vraag</p>")
    connector = Discourse(DiscourseOptions(url=address, **KEYED))
    query = connector.queries(())[1]
    task = Task("forum", query, Window(Interval(NOW - timedelta(hours=1), NOW)))
    step = Step(page=None, queue=((512, "mark"),))
    request = HttpRequest(f"{address}/t/512.json", step=step.dump())
    closed = HttpResponse(request, 403, {}, CLOSED, request.url, NOW)
    assert connector.parse(task, closed).next is None
    with pytest.raises(AuthDead):
        connector.parse(task, HttpResponse(request, 403, {}, ACCESS, request.url, NOW))


@pytest.mark.parametrize(
    ("status", "headers", "body", "options", "error"),
    [
        (403, {}, ACCESS, KEYED, AuthDead),
        (403, {}, ACCESS, {}, Forbidden),
        (502, {}, b"<html>rebuilding</html>", {}, Transient),
        (403, {"cf-mitigated": "challenge"}, b"<html>Just a moment</html>", {}, Transient),
        (429, {}, WAIT, {}, RateLimited),
        (
            429,
            {"Retry-After": "12", "Discourse-Rate-Limit-Error-Code": "ip_60_secs_limit"},
            b"Slow down",
            {},
            RateLimited,
        ),
    ],
)
def test_each_trouble_has_its_name(
    forum: Forum, address: str, *, status: int, headers: dict[str, str], body: bytes, options: Any, error: Any
) -> None:
    forum.fault = (status, headers, body)
    with pytest.raises(error) as caught:
        collect(address, **options)
    assert "very-secret" not in str(caught.value)
    if isinstance(caught.value, RateLimited):
        assert caught.value.until == NOW + timedelta(seconds=12)
        assert caught.value.whole_host is ("Retry-After" in headers)


def test_the_fake_forum_and_our_requests_keep_to_the_contract(forum: Forum, address: str) -> None:
    spec = contract("discourse/openapi.json")
    forum.add(100, 512, 1, "<p>vraag</p>")
    for number in range(1, 81):  # more than one answer holds of a topic, and more than the newest posts show
        forum.add(200 + number, 600, number, "<p>nog een vraag</p>")
    with every_call_built("discourse", by=frozenset({"request"})):
        collector = collect(address, **KEYED)
        for kind in (ActionKind.LIKE, ActionKind.FETCH_THREAD, ActionKind.RECHECK, ActionKind.DELETE_OWN):
            act(collector, wish(kind, items_of(collector)["100"]))
        around = act(collector, wish(ActionKind.FETCH_THREAD, items_of(collector)["280"])).next
        assert sum(name == "post_ids[]" for name, _ in around.params) == 50
        collector.platform.answer(around)
        again = wish(ActionKind.LIKE, items_of(collector)["201"])
        liking: Any = collector.platform.connector().act(again)
        refused = collector.platform.json(liking, {"errors": ["You already liked this"]}, 403)
        looking: Any = collector.platform.connector().acted(again, refused).next
        collector.platform.answer(looking)
        act(collector, wish(ActionKind.REPLY, items_of(collector)["100"], "Een antwoord van ons"))
    held = 0
    for method, path, _, body in forum.sent:
        parts = urlsplit(path)
        if parts.path in {"/t/512/1.json", "/t/600/1.json"}:
            continue  # the contract leaves out a topic around one of its posts, which a forum's own pages are made of
        template = path_of(spec, parts.path)
        operation = spec["paths"][template][method.lower()]
        if body is not None:
            assert not misses(spec, operation["requestBody"]["content"]["application/json"]["schema"], body)
        for said in [said for m, p, said in forum.answered if (m, p) == (method, parts.path)]:
            if template == "/posts.json" and method == "GET":
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                # The contract calls two numbers texts; every real forum sends numbers, and so does this one.
                found = [each for each in misses(spec, schema, said) if "reply_to_post_number" not in each]
                assert not found
                held += 1
    assert held


def test_the_platforms_own_sample_is_read() -> None:
    sample = contract("samples/discourse_posts_latest.json")

    class Recorded(Loopback):
        def answer(self, request: Request) -> HttpResponse:
            empty: Json = {"latest_posts": [], "topic_list": {"topics": []}}
            first = "posts.json" in getattr(request, "url", "") and not getattr(request, "params", ())
            return self.json(request, sample if first else empty)

    collector = MemoryCollector(Recorded(now=NOW + timedelta(days=1), url="https://forum.example"))
    collector.run()
    (item,) = collector.items.values()
    assert (item.external_id, item.namespace, item.kind) == ("90233", "forum.example", Kind.ANSWER)
    assert item.url == "https://forum.example/t/storing-in-de-app/512/7"
    assert item.edited_at is not None
