"""Asking a source once, to see whether it answers; nothing is kept. What `klankbord check --live` does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from connectors.contract import Connector, Interval, Options, Query, Task, Window
from connectors.errors import ConnectorError
from connectors.requests import StreamRequest
from klankbord import compose, outside
from klankbord.config import Config
from pipeline.enrich import read_brand_query
from pipeline.fetch import Fetcher
from pipeline.http.redact import redact_text
from pipeline.isolate import ParseProcess
from pipeline.line import secrets_of
from pipeline.settings import CollectSettings, SourceSettings
from understanding.query import search_terms

MakeConnector = Callable[[SourceSettings], Connector[Options]]


@dataclass(frozen=True, slots=True)
class Trial:
    """How one query of a source answered: in words, and how many items stood in the first answer."""

    source_id: str
    query: str
    ok: bool
    items: int
    text: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Tries:
    """Asks sources once. Errors become trials, so that one does not hide the next.

    Args:
        settings: brands, whose words search connectors ask for.
        fetcher: performs requests.
        parser: parses untrusted answers in a process of its own.
        make_connector: builds the connector of a source.
        clock: aware UTC.
    """

    def __init__(
        self,
        settings: CollectSettings,
        fetcher: Fetcher,
        parser: ParseProcess,
        *,
        make_connector: MakeConnector,
        clock: Callable[[], datetime],
    ) -> None:
        self._terms = search_terms(read_brand_query(brand.id, brand.query) for brand in settings.brands)
        self._fetcher = fetcher
        self._parser = parser
        self._make_connector = make_connector
        self._clock = clock

    async def of(self, source: SourceSettings) -> list[Trial]:
        """Ask the first page of every query of a source."""
        connector = self._make_connector(source)
        secrets = secrets_of(connector.options)
        found = []
        for query in connector.queries(self._terms):
            try:
                found.append(await self._ask(source, connector, query))
            except ConnectorError as error:
                found.append(Trial(source.id, query.label, ok=False, items=0, text=redact_text(str(error), secrets)))
        return found

    async def _ask(self, source: SourceSettings, connector: Connector[Options], query: Query) -> Trial:
        now = self._clock()
        task = Task(source.id, query, Window(Interval(now - source.backfill, now)))
        request = connector.plan(task)
        if isinstance(request, StreamRequest):
            return Trial(source.id, query.label, ok=True, items=0, text="a stream; it is followed by the worker")
        secrets = secrets_of(connector.options)
        response = await self._fetcher.fetch(request, secrets=secrets, private_hosts=connector.hosts())
        if connector.parse_seconds is None:
            page = connector.parse(task, response)
        else:
            page = await self._parser.run(connector, task, response, connector.parse_seconds)
        text = f"{len(page.items)} items on the first page"
        if page.rejected:
            text += f", {len(page.rejected)} unreadable: {page.rejected[0].error}"
        return Trial(source.id, query.label, ok=True, items=len(page.items), text=text)


async def try_all(config: Config) -> list[Trial]:
    """Ask every enabled source of a configuration once."""
    settings = config.collect_settings()
    found: list[Trial] = []
    async with outside.network(settings) as (fetcher, parser):
        tries = Tries(settings, fetcher, parser, make_connector=outside.connector_of, clock=compose.utc_now)
        for source in config.sources:
            if source.enabled:
                found += await tries.of(source)
    return found
