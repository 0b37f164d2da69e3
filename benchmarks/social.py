"""What collecting from social platforms costs: from the bytes of an answer to items, and on to committed rows.

Beside our connectors, page by page in turns: `json` and `orjson`, which only read the bytes, and for X bare tweepy,
which makes its own models of them. None of those checks a field, knows what may be answered, or keeps anything.
"""

from __future__ import annotations

import gc
import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import orjson
import tweepy

from benchmarks import ingest
from benchmarks.inputs import NOW, Source, Texts, window
from benchmarks.report import Cell, Figures
from connectors.bluesky import Bluesky, BlueskyOptions
from connectors.contract import Connector, Options, Task
from connectors.mastodon import Mastodon, MastodonOptions
from connectors.requests import HttpRequest, HttpResponse
from connectors.x import X, XOptions
from pipeline.settings import SourceSettings
from tests.connectors import bluesky_posts
from tests.connectors.x import saying

POSTS = 10_000
_WARM_PAGES = 3
_NEWEST = NOW - timedelta(minutes=10)
Reader = Callable[[bytes], object]


def run(posts: int = POSTS, *, postgres_url: str | None = None) -> list[Figures]:
    """Read so many posts of each platform, and commit them on each engine.

    Args:
        posts: per platform.
        postgres_url: an empty PostgreSQL database; without one only SQLite is measured.
    """
    parsing = Figures(
        f"Social platforms: reading answers of {posts:,} posts (posts per second of processor)",
        ("platform", "connector", "json", "orjson", "bare tweepy", "ratio to json", "ratio to tweepy"),
    )
    storing = Figures(
        f"Social platforms: {posts:,} new posts, from bytes to committed rows",
        ("engine, platform", "posts/s", "plain rows/s", "ratio", "CPU us", "of it commit", "seen again, CPU us"),
    )
    for make in (x, bluesky, mastodon):
        source = make(posts)
        parsing.add(*_parsing(source))
        for engine, url in (("SQLite", ""), *([("PostgreSQL", postgres_url)] if postgres_url else [])):
            with ingest.fresh_store(url, engine) as store:
                storing.add(*_storing(ingest.measure(store, source)))
    parsing.notes.append(
        "Pages as the platforms give them: X and Bluesky 100 posts, Mastodon 40; in turns, page by page."
    )
    storing.notes.append("Parse, enrich, commit; a transaction a page. The measure is that of the ingest bench.")
    return [parsing, storing]


def x(count: int) -> Source:
    """So many posts as pages of X's recent search, each with its author."""
    connector = X(XOptions.model_validate({"bearer_token": "bench", "terms": ["windhoek"], "search": False}))
    texts = Texts(11)

    def body(numbers: range) -> Any:
        posts: list[Any] = []
        for number in numbers:
            at = _when(number)
            post = saying.post(saying.snowflake(at, number), texts.one(number, words=25), at, f"jo{number % 997}")
            posts.append(post)
        return saying.page(posts[::-1], [saying.user(f"jo{number % 997}") for number in numbers], "next")

    return _source("X (100 a page)", connector, body, count, 100)


def bluesky(count: int) -> Source:
    """So many posts as pages of Bluesky's search."""
    login = {"handle": "acme.example", "app_password": "bench", "terms": ["windhoek"], "search": False}
    made = Bluesky(BlueskyOptions.model_validate({**login, "notifications": False, "own_posts": False}))
    made.login_taken(bluesky_posts.kept_login())
    texts = Texts(12)

    def body(numbers: range) -> Any:
        posts = [bluesky_posts.view(f"3k{each:011d}", texts.one(each, words=25), _when(each)) for each in numbers]
        return {"posts": posts[::-1], "cursor": "next"}

    return _source("Bluesky (100 a page)", made, body, count, 100)


def mastodon(count: int) -> Source:
    """So many posts as pages of a hashtag's timeline."""
    instance = {"url": "social.example", "hashtags": ["windhoek"]}
    connector = Mastodon(MastodonOptions.model_validate({"instances": [instance]}))
    texts = Texts(13)

    def body(numbers: range) -> Any:
        return [_status(number, texts) for number in reversed(numbers)]

    return _source("Mastodon (40 a page)", connector, body, count, 40)


def _status(number: int, texts: Texts) -> dict[str, Any]:
    who = f"jo{number % 997}"
    return {
        "id": str(number + 1),
        "uri": f"https://social.example/users/{who}/statuses/{number + 1}",
        "url": f"https://social.example/@{who}/{number + 1}",
        "created_at": _when(number).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "edited_at": None,
        "in_reply_to_id": None,
        "visibility": "public",
        "language": "nl",
        "content": f"<p>{texts.one(number, words=25)}</p>",
        "account": {
            "id": who,
            "username": who,
            "acct": who,
            "display_name": who.title(),
            "url": f"https://s.example/{who}",
        },
        "replies_count": 1,
        "reblogs_count": 0,
        "favourites_count": 2,
        "media_attachments": [],
        "tags": [{"name": "windhoek", "url": "https://social.example/tags/windhoek"}],
        "mentions": [],
    }


def _source(name: str, connector: Connector[Any], body: Callable[[range], Any], count: int, size: int) -> Source:
    (query,) = connector.queries(())
    task = Task("bench", query, window())
    request = connector.plan(task)
    if not isinstance(request, HttpRequest):
        msg = f"{name} is asked over HTTP"
        raise TypeError(msg)
    answers = []
    for start in range(0, count, size):
        written = orjson.dumps(body(range(start, min(start + size, count))))
        headers = {"content-type": "application/json"}
        answers.append((task, HttpResponse(request, 200, headers, written, request.url, NOW)))
    made: Connector[Options] = connector
    return Source(name, made, SourceSettings(id="bench", connector=connector.name), tuple(answers), count)


def _when(number: int) -> Any:
    return _NEWEST - timedelta(days=1) + timedelta(milliseconds=400 * (number % 200_000))


def _parsing(source: Source) -> tuple[Cell, ...]:
    """Every reader on every page, in turns."""
    readers: dict[str, Reader] = {"json": json.loads, "orjson": orjson.loads}
    if isinstance(source.connector, X):
        readers["tweepy"] = _tweepy()
    spent = dict.fromkeys(["ours", *readers], 0.0)
    counted, warm = 0, min(_WARM_PAGES, len(source.answers) // 2)
    gc.collect()
    for number, (task, response) in enumerate(source.answers):
        at = time.process_time()
        page = source.connector.parse(task, replace(response))
        laps = {"ours": time.process_time() - at}
        for name, reader in readers.items():
            at = time.process_time()
            reader(response.body)
            laps[name] = time.process_time() - at
        if number >= warm:
            counted += len(page.items)
            for name, lap in laps.items():
                spent[name] += lap
    rates = {name: counted / seconds if seconds else 0.0 for name, seconds in spent.items()}
    tweepy_rate = rates.get("tweepy")
    return (
        source.name,
        rates["ours"],
        rates["json"],
        rates["orjson"],
        tweepy_rate,
        rates["ours"] / rates["json"] if rates["json"] else None,
        rates["ours"] / tweepy_rate if tweepy_rate else None,
    )


def _tweepy() -> Reader:
    """What tweepy makes of an answer: its models of posts and users."""
    client = tweepy.Client(bearer_token="bench")  # noqa: S106 -- none

    def read(body: bytes) -> object:
        return client._construct_response(json.loads(body), data_type=tweepy.Tweet)  # noqa: SLF001 -- its calls end here

    return read


def _storing(found: ingest.Measured) -> tuple[Cell, ...]:
    return (
        f"{found.engine}, {found.source}",
        found.ingest.rate(),
        found.plain.rate(),
        found.ingest.rate() / found.plain.rate(),
        found.ingest.per_mention_us(),
        found.commit.per_mention_us(),
        found.again.per_mention_us(),
    )
