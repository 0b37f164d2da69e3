"""The processes around the bench of the API: the web process on loopback, and messages that come in meanwhile.

`python -m benchmarks.api_child serve DATABASE PORT` and `python -m benchmarks.api_child ingest DATABASE RATE`, which
prints how many came in so far, now and then.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
from datetime import timedelta

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Mount

from benchmarks.corpus import BRANDS, SOURCES, Words
from connectors.push import PushedMessage
from inbox.desk import Desk
from inbox.settings import InboxSettings
from klankbord.listening import shared
from store.engine import open_store, utc_now
from store.ingest import commit_page
from store.keys import conversation_key
from store.records import MentionRecord, PageCommit
from web import serving
from web.api.settings import ApiSettings, Pushing
from web.app import make_app

BATCH = 100
_BODY = b'{"data":[' + b",".join(b'{"text":"' + b"x" * 950 + b'"}' for _ in range(50)) + b"]}"


def serve(database: str, port: int) -> None:
    """Serve the API, and beside it a bare route whose answer is as long as a page of fifty messages."""
    desk = Desk(open_store(database), InboxSettings())
    limits = ApiSettings(per_minute=1_000_000, burst=100_000)
    app = make_app(desk, api=limits, push=Pushing(PushedMessage, {}))
    bare = FastAPI(openapi_url=None)

    @bare.get("/bare")
    def as_long() -> Response:
        return Response(_BODY, media_type="application/json")

    app.routes.append(Mount("/plain", bare))
    with shared("127.0.0.1", port) as listening:
        uvicorn.Server(serving.inside(app, host="127.0.0.1", port=port, proxies=())).run([listening])


def ingest(database: str, rate: int) -> None:
    """Commit messages at a steady pace, as the worker does, until killed."""
    store, chance, words = open_store(database), random.Random(5), Words(random.Random(6))
    began, done = time.perf_counter(), 0
    while True:
        now = utc_now()
        commit_page(
            store,
            PageCommit(
                source_id=SOURCES[chance.randrange(10)],
                query_id="bench",
                fetched_at=now,
                mentions=tuple(
                    _message(done + number, now - timedelta(seconds=5), words, chance) for number in range(BATCH)
                ),
            ),
        )
        done += BATCH
        print(done, flush=True)
        time.sleep(max(0.0, began + done / rate - time.perf_counter()))


def _message(number: int, at: object, words: Words, chance: random.Random) -> MentionRecord:
    external_id, text = f"arrival {number}", words.text(chance.randrange(10, 60))
    return MentionRecord(
        external_id=external_id,
        namespace="bench",
        platform="mastodon",
        kind="post",
        text=text,
        content_hash=hashlib.blake2b(text.encode(), digest_size=8).digest(),
        thread_key=conversation_key("bench", external_id),
        lang="nl",
        published_at=at,  # type: ignore[arg-type]
        brand_ids=(chance.choice(BRANDS),),
    )


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        ingest(sys.argv[2], int(sys.argv[3]))
