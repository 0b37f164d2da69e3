"""Asking a source once, to see whether it answers; nothing is kept. What `klankbord check --live` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from connectors.contract import Connector, Interval, Options, Query, Task, Window
from connectors.errors import ConnectorError
from connectors.registry import load
from connectors.requests import HttpRequest, Request, Response, StreamRequest
from klankbord import compose, outside
from klankbord.config import Config
from pipeline.enrich import read_brand_query
from pipeline.fetch import Fetcher
from pipeline.http.redact import redact_text
from pipeline.isolate import ParseProcess
from pipeline.ledger import Ledger
from pipeline.line import secrets_of
from pipeline.logins import Logins
from pipeline.renewing import advised
from pipeline.settings import CollectSettings, SourceSettings
from pipeline.sought import sought

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
        logins: gives connectors the logins of connected accounts; None without such.
    """

    def __init__(
        self,
        settings: CollectSettings,
        fetcher: Fetcher,
        parser: ParseProcess,
        *,
        make_connector: MakeConnector,
        clock: Callable[[], datetime],
        logins: Logins | None = None,
    ) -> None:
        self._terms = sought(read_brand_query(brand.id, brand.query) for brand in settings.brands)
        self._fetcher = fetcher
        self._parser = parser
        self._make_connector = make_connector
        self._clock = clock
        self._logins = logins

    async def of(self, source: SourceSettings) -> list[Trial]:
        """Ask the first page of every query of a source."""
        connector = self._make_connector(source)
        secrets = secrets_of(connector.options)
        if self._logins is not None:
            try:
                await self._logins.ready(source, connector, partial(self._fetch, connector))
            except ConnectorError as error:
                text = redact_text(advised(error, connector, source.id), secrets)
                return [Trial(source.id, "login", ok=False, items=0, text=text)]
        found = []
        for query in connector.queries(self._terms):
            try:
                found.append(await self._ask(source, connector, query))
            except ConnectorError as error:
                text = redact_text(advised(error, connector, source.id), self._secrets(connector, source))
                found.append(Trial(source.id, query.label, ok=False, items=0, text=text))
        return found

    async def _ask(self, source: SourceSettings, connector: Connector[Options], query: Query) -> Trial:
        now = self._clock()
        task = Task(source.id, query, Window(Interval(now - source.backfill, now)))
        request = connector.plan(task)
        if isinstance(request, StreamRequest):
            return Trial(source.id, query.label, ok=True, items=0, text="a stream; it is followed by the worker")
        if isinstance(request, HttpRequest) and request.price:
            text = f"it costs something to ask, so it was not asked; try `klankbord collect --once {source.id}`"
            return Trial(source.id, query.label, ok=True, items=0, text=text)
        response = await self._fetch(connector, request, self._secrets(connector, source))
        if connector.parse_seconds is None:
            page = connector.parse(task, response)
        else:
            page = await self._parser.run(connector, task, response, connector.parse_seconds)
        text = f"{len(page.items)} items on the first page"
        if page.rejected:
            text += f", {len(page.rejected)} unreadable: {page.rejected[0].error}"
        return Trial(source.id, query.label, ok=True, items=len(page.items), text=text)

    def _secrets(self, connector: Connector[Options], source: SourceSettings) -> tuple[str, ...]:
        return (*secrets_of(connector.options), *(() if self._logins is None else self._logins.secrets(source.id)))

    async def _fetch(self, connector: Connector[Options], request: Request, secrets: Sequence[str] = ()) -> Response:
        return await self._fetcher.fetch(request, secrets=secrets, private_hosts=connector.hosts())


async def try_all(config: Config) -> list[Trial]:
    """Ask every enabled source of a configuration once, with the logins that are kept for them."""
    sources = [source for source in config.sources if source.enabled]
    if not any(load(source.connector).connect() for source in sources):
        return await _tried(config, sources, None)
    with compose.opened(config) as store:
        ledger = Ledger(store)
        try:
            vault = compose.vault(store, config)
            return await _tried(config, sources, Logins(ledger, vault, outside.connector_of, compose.utc_now))
        finally:
            ledger.close()


async def try_one(config: Config, source: SourceSettings, logins: Logins) -> list[Trial]:
    """Ask one source once, with a login that is kept for it."""
    return await _tried(config, [source], logins)


async def _tried(config: Config, sources: Sequence[SourceSettings], logins: Logins | None) -> list[Trial]:
    settings = config.collect_settings()
    found: list[Trial] = []
    async with outside.network(settings) as (fetcher, parser):
        tries = Tries(
            settings,
            fetcher,
            parser,
            make_connector=outside.connector_of,
            clock=compose.utc_now,
            logins=logins,
        )
        for source in sources:
            found += await tries.of(source)
        if logins is not None:
            await logins.settled()
    return found
