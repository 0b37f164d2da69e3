"""The worker whose memory is watched: real collector, polite client, enricher and store over a loopback source.

Run as `python -m benchmarks.memory_child ADDRESS FILE MENTIONS`; prints "mentions RSS" now and then.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from typing import ClassVar

import orjson
import psutil

from benchmarks.inputs import NOW, SETTINGS
from connectors.contract import Connector, Options, Page, Query, Task
from connectors.errors import BadRequest
from connectors.items import Author, Item, Kind
from connectors.requests import HttpRequest, HttpResponse, Request, Response
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher
from pipeline.http import ClientSettings, PoliteClient
from pipeline.isolate import ParseProcess
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from store.engine import open_store, utc_now
from store.raw import RawCodec
from store.sources import SourceRecord, sync_sources

PAGE = 200


class LoopbackOptions(Options):
    """Where the posts are."""

    url: str
    total: int
    pages_a_run: int


class LoopbackPosts(Connector[LoopbackOptions]):
    """Reads the bench's server on, from where the last run stopped."""

    name: ClassVar[str] = "loopback"
    platform: ClassVar[str] = "loopback"
    options_type: ClassVar[type[Options]] = LoopbackOptions

    def queries(self, terms: Sequence[str]) -> Sequence[Query]:  # noqa: ARG002 - read whole
        """One query."""
        return [Query("posts", "posts")]

    def plan(self, task: Task) -> Request:
        """Go on after what the state says."""
        return self._ask(int(str(task.state.get("next", 0))))

    def parse(self, task: Task, response: Response) -> Page:  # noqa: ARG002 - a page says where it ends
        """Read a page; a chain ends after some pages, as a poll does."""
        if not isinstance(response, HttpResponse):
            msg = "asked over HTTP"
            raise BadRequest(msg)
        body = orjson.loads(response.body)
        items = tuple(
            Item(post["id"], Kind.POST, text=post["text"], author=Author(post["id"][-3:]), published_at=NOW, raw=post)
            for post in body["posts"]
        )
        following = body["next"]
        ends = following is None or following % (PAGE * self.options.pages_a_run) == 0
        state = {"next": following or self.options.total}
        return Page(items, next=None if ends else self._ask(following), state=state)

    def hosts(self) -> frozenset[str]:
        """Loopback."""
        return frozenset({"127.0.0.1"})

    def _ask(self, first: int) -> HttpRequest:
        return HttpRequest(f"{self.options.url}/posts/{first}/{PAGE}/{self.options.total}")


async def collect(base: str, path: str, mentions: int) -> None:
    """Run the source until everything is stored, poll after poll."""
    store = open_store(f"sqlite:///{path}")
    store.migrate()
    pages = max(1, min(10, mentions // (PAGE * 10)))
    source = SourceSettings(id="bench", connector="loopback", max_pages=pages, match="all")
    record = SourceRecord(
        id="bench", connector="loopback", platform="loopback", name="bench", every_s=900, archive_after_s=172_800
    )
    sync_sources(store, [record], utc_now())
    ledger, enricher = Ledger(store), Enricher(SETTINGS, RawCodec(store).compress_payload)
    settings = ClientSettings(allow_private_hosts=frozenset({"127.0.0.1"}))
    process = psutil.Process()
    async with PoliteClient(settings) as client, ParseProcess(size=1) as parser:
        collector = Collector(
            ledger,
            Fetcher(client),
            parser,
            lambda: enricher,
            settings=SETTINGS,
            make_connector=lambda _: LoopbackPosts(LoopbackOptions(url=base, total=mentions, pages_a_run=pages)),
            clock=utc_now,
        )
        stored = 0
        while stored < mentions:
            report = await collector.collect(source)
            if report.total("new") == 0:
                msg = f"the run stored nothing after {stored} mentions: {report.health.text}"
                raise RuntimeError(msg)
            stored += report.total("new")
            gc.collect()  # what waits for the collector of cycles is not growth
            print(stored, process.memory_info().rss, flush=True)
    ledger.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(collect(sys.argv[1], sys.argv[2], int(sys.argv[3])))
