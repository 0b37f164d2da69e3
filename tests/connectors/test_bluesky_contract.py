"""Every call that the connector can make, and every answer of its fakes, against the protocol's own lexicons."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.conformance import MemoryCollector
from connectors.contract import Action, ActionKind, Interval, Target, Task, Window
from connectors.requests import HttpRequest, HttpResponse
from tests.connectors import jetstream_contract
from tests.connectors.bluesky_network import GATE
from tests.connectors.bluesky_posts import CID, JO, US, kept_login, record, ref, uri_of
from tests.connectors.contracts import every_call_built
from tests.connectors.lexicons import record_misses, request_misses
from tests.connectors.test_conformance_bluesky import Messaged, Network, Notified, OurPosts, Searched, Streamed

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BUILDERS = frozenset({"call"})
POST = uri_of("3k00000000001")


def connector(**options: Any) -> Bluesky:
    return Bluesky(BlueskyOptions.model_validate({"handle": "acme.example", "app_password": "geheim", **options}))


def wish(kind: ActionKind, **more: Any) -> Action:
    extra = {"cid": CID, "root": ref(uri_of("3kroot", US)), "lang": "nl"}
    text = "@jo.example @wie.example kijk op https://acme.example #storing"
    return Action(kind, POST, "key", author_handle="jo.example", text=text, extra=extra, at=NOW, **more)


def read() -> list[Any]:
    """What reading asks; the fakes hold each call and each answer to the lexicons as they give it."""
    asked = []
    for made in (Searched, Notified, OurPosts, Messaged, Streamed):
        side: Network = made()
        side.fill(120)
        MemoryCollector(side).run()
        asked += side.asked
    return asked


def logged_in() -> list[Any]:
    """Beginning a session, asking who we are, and renewing it."""
    stranger, known = connector(stream=True), connector()
    (stream,) = stranger.queries(("acme",))
    task = Task("s", stream, Window(Interval(NOW - timedelta(hours=1), NOW)))
    known.login_taken(kept_login())
    return [stranger.plan(task), stranger.act(wish(ActionKind.LIKE)), stranger.refresh(), known.refresh()]


def acted() -> list[Any]:
    """All that we do there, each step of it."""
    made = connector()
    made.login_taken(kept_login())
    own = Action(ActionKind.DELETE_OWN, uri_of("3kours", US), "key", at=NOW)
    kinds = (ActionKind.LIKE, ActionKind.FETCH_THREAD, ActionKind.RECHECK)
    asked: list[Any] = [made.act(each) for each in (*map(wish, kinds), wish(ActionKind.FETCH_THREAD, newest=True), own)]
    asked.append(made.recheck([Target(uri_of(f"3k{number:011d}")) for number in range(made.recheck_many)]))
    gate = {"$type": GATE, "post": uri_of("3kroot", US), "createdAt": "2026-03-10T09:00:00Z", "allow": []}
    for kind, said in (
        (ActionKind.REPLY, {"did": JO}),
        (ActionKind.HIDE, {"uri": f"at://{US}/{GATE}/3kroot", "cid": CID, "value": gate}),
    ):
        request: Any = made.act(wish(kind))
        while request is not None:
            asked.append(request)
            done = request.url.endswith("putRecord")
            answer = HttpResponse(request, 200, {}, orjson.dumps(said), request.url, NOW)
            request = None if done else made.acted(wish(kind), answer).next
    return asked


WRITTEN = {"rev": "3m5yq2kabcd2x", "operation": "create", "collection": "app.bsky.feed.post", "rkey": "3k1", "cid": CID}


@pytest.mark.parametrize(
    ("commit", "noticed"),
    [
        ({**WRITTEN, "record": record("hoi", NOW)}, 0),
        ({**WRITTEN, "operation": "delete", "record": record("hoi", NOW)}, 1),
        ({name: WRITTEN[name] for name in WRITTEN if name != "rev"} | {"record": record("hoi", NOW)}, 1),
        ({**WRITTEN, "record": record("hoi", NOW), "seen": True}, 1),
        ({**WRITTEN, "record": record("hoi", NOW, mood="blij")}, 1),
        ({**WRITTEN, "record": record("hoi", NOW), "collection": "posts"}, 1),
        (WRITTEN, 1),
    ],
)
def test_a_frame_that_the_stream_would_not_send_is_noticed(commit: dict[str, Any], noticed: int) -> None:
    frame = {"did": JO, "time_us": 1_795_338_840_000_000, "kind": "commit", "commit": commit}
    assert len(jetstream_contract.frame_misses(frame)) == noticed
    assert jetstream_contract.frame_misses({**frame, "seq": 1})


def test_every_call_we_make_is_one_that_the_protocol_knows() -> None:
    with every_call_built(
        "bluesky/lines.py",
        "bluesky/messages.py",
        "bluesky/acting.py",
        "bluesky/stream.py",
        "bluesky/session.py",
        by=BUILDERS,
    ):
        asked = [*read(), *logged_in(), *acted()]
    calls = [each for each in asked if isinstance(each, HttpRequest)]
    for request in calls:
        assert not request_misses(request)
    methods = {request.url.rpartition("/")[2] for request in calls}
    assert len(methods) >= 14, methods
    written = [each.json["record"] for each in calls if isinstance(each.json, dict) and "record" in each.json]
    assert {each["$type"].rpartition(".")[2] for each in written} == {"post", "like", "threadgate"}  # type: ignore[index, call-overload, union-attr]
    for each in written:
        assert not record_misses(each)  # type: ignore[arg-type]
