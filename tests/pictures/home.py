"""A store, and a worker's part that fetches pictures over real HTTP, from a site that may be hostile."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from klankbord.outside import connector_of
from pipeline.collect import Collector
from pipeline.enrich import Enricher
from pipeline.fetch import Fetcher
from pipeline.http.client import PoliteClient
from pipeline.http.settings import ClientSettings
from pipeline.ledger import Ledger
from pipeline.pictures.fetching import FetchSettings, Pictures
from pipeline.settings import CollectSettings, MediaSettings, SourceSettings
from store.engine import Store
from store.ingest import commit_page
from store.raw import compress_payload
from store.records import MediaRecord, MentionRecord
from store.schema import media, media_picture, mention
from tests.pipeline.bench import InlineParser, NoDetector
from tests.store.making import mention as record
from tests.store.making import page

SOURCE = SourceSettings(
    id="forum", connector="mastodon", match="all", options={"instances": [{"url": "https://s.example"}]}
)


def image(url: str, alt: str = "") -> MediaRecord:
    return MediaRecord("image", url, alt)


class Home:
    """Everything of one worker; `restart` is what a new process would be."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], *, allowed: frozenset[str], source: SourceSettings = SOURCE
    ) -> None:
        self.store, self.clock, self.source = store, clock, source
        self.allowed = allowed
        self.ledger = Ledger(store)
        self.pictures: Pictures
        self.clients: list[PoliteClient] = []
        self.restart()

    def restart(
        self,
        *,
        limits: MediaSettings | None = None,
        settings: FetchSettings | None = None,
        free: Callable[[], int | None] = lambda: None,
        total_s: float = 30.0,
    ) -> None:
        asked = CollectSettings(sources=(self.source,), media=limits or MediaSettings())
        reach = ClientSettings(tries=1, allow_private_hosts=self.allowed, total_s=total_s, read_s=total_s)
        self.clients.append(client := PoliteClient(reach, clock=self.clock))
        enricher = Enricher(asked, compress_payload, detector=NoDetector())
        self.collector = Collector(
            self.ledger,
            Fetcher(client),
            InlineParser(),
            lambda: enricher,
            settings=asked,
            make_connector=connector_of,
            clock=self.clock,
            chance=lambda: 0.5,
        )
        self.pictures = Pictures(self.collector, [self.source], free=free, settings=settings)

    def post(self, external_id: str, *attached: MediaRecord, at: datetime | None = None, **values: Any) -> int:
        """A customer posts; the mention's id."""
        seen = at or self.clock()
        values.setdefault("published_at", seen)
        said: MentionRecord = record(external_id, media=attached, **values)
        commit_page(self.store, page(said, source_id=self.source.id, fetched_at=seen))
        with self.store.read() as conn:
            return int(conn.execute(select(mention.c.id).where(mention.c.external_id == external_id)).scalar_one())

    async def work(self, ticks: int = 1) -> None:
        """So many ticks, each to the end of what it starts."""
        for _ in range(ticks):
            await self.pictures.tick()
            await self.pictures.settled()

    def rows(self) -> list[Any]:
        with self.store.read() as conn:
            return list(conn.execute(select(media).order_by(media.c.mention_id, media.c.place)))

    def row(self, mention_id: int, place: int = 0) -> Any:
        (found,) = [each for each in self.rows() if (each.mention_id, each.place) == (mention_id, place)]
        return found

    def stands(self, mention_id: int, place: int = 0) -> tuple[str, str]:
        found = self.row(mention_id, place)
        return found.state, found.reason

    def kept(self) -> Mapping[tuple[int, int], tuple[bytes, bytes]]:
        with self.store.read() as conn:
            return {
                (row.mention_id, row.place): (bytes(row.small), bytes(row.large))
                for row in conn.execute(select(media_picture))
            }

    async def close(self) -> None:
        await self.pictures.drain(self.pictures._settings.margin)
        for client in self.clients:
            await client.aclose()
        self.ledger.close()
