"""Fetches the pictures that are wanted: polite, bounded, and each by itself, so that one slow host holds up no other.

A picture is wanted in the transaction that stores its message, and kept in one that finds both still there. A worker
that dies in between leaves a lease that runs out. Does not decode anything itself (`pipeline.pictures.shaping`), nor
judge an error (`pipeline.pictures.deciding`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Row

from connectors.contract import Connector, Options
from connectors.errors import ConnectorError, FormatChanged, Transient
from connectors.items import Media, MediaKind
from connectors.requests import HttpRequest, HttpResponse, Request, Response, over_http
from pipeline.collect import Collector
from pipeline.http.redact import KNOWN, redact_text
from pipeline.isolate import ParseProcess
from pipeline.line import secrets_of
from pipeline.metering import Purse, Share, once
from pipeline.pictures import deciding
from pipeline.pictures.deciding import Again, Tried
from pipeline.pictures.shaping import Shaped, shape
from pipeline.settings import MediaSettings, SourceSettings
from pipeline.underway import Underway
from store import pictures
from store.errors import StoreError
from store.pictures import Left, Picture

_log = logging.getLogger(__name__)

MOST_CALLS = 3
"""Calls for one picture: where a platform has to be asked for the address first."""


@dataclass(frozen=True, slots=True)
class FetchSettings:
    """Limits of fetching.

    Attributes:
        concurrency: pictures under way at once.
        per_host: of one host.
        lease: how long a picture is held; a fetch is cut off `margin` before its end.
        shape_s: most seconds for decoding one.
    """

    concurrency: int = 8
    per_host: int = 2
    lease: timedelta = timedelta(minutes=3)
    margin: timedelta = timedelta(seconds=30)
    shape_s: float = 20.0


class Pictures:
    """Takes what is wanted. `tick` returns at once; what it started goes on beside.

    Args:
        collector: for its connectors, its client, its logins and its clock.
        sources: by configuration, disabled ones too.
        free: bytes free on the disk that pictures are kept on; None where that cannot be known (a server elsewhere).
        settings: limits.
    """

    def __init__(
        self,
        collector: Collector,
        sources: Sequence[SourceSettings],
        *,
        free: Callable[[], int | None] = lambda: None,
        settings: FetchSettings | None = None,
    ) -> None:
        self._collector = collector
        self._ledger = collector.ledger
        self._fetcher = collector.reading().fetcher
        self._limits: MediaSettings = collector.settings.media
        self._sources = {source.id: source for source in sources}
        self._free = free
        self._settings = settings or FetchSettings()
        self._shaper = ParseProcess(size=1)
        self._takings = itertools.count(1)
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._underway = Underway()
        self._full = False
        self._added = 0

    async def tick(self) -> int:
        """Start what is due; how many were started."""
        if not self._has_room():
            return 0
        now = self._collector.clock()
        owner = f"{self._name}:{next(self._takings)}"
        taken = await self._ledger.write(
            lambda: pictures.take(
                self._ledger.store,
                owner=owner,
                now=now,
                until=now + self._settings.lease,
                most=self._settings.concurrency - len(self._underway),
                per_host=self._settings.per_host,
                busy=self._underway.counts(),
            )
        )
        for row in taken:
            self._underway.start(self._attend(row, owner), name=f"picture {row.mention_id}/{row.place}", about=row.host)
        return len(taken)

    async def settled(self) -> None:
        """Wait until nothing is under way; for callers that tick by hand."""
        await self._underway.settled()

    async def drain(self, grace: timedelta) -> None:
        """Let what is under way end within the grace time; what is cut off is fetched by whoever comes next."""
        await self._underway.drain(grace)
        await self._shaper.aclose()

    async def tidy(self) -> None:
        """Drop what was kept long enough, and what makes room for newer pictures."""
        now = self._collector.clock()
        store, limits = self._ledger.store, self._limits
        await self._ledger.write(lambda: pictures.drop_expired(store, before=now - limits.keep))
        await self._make_room()

    async def _make_room(self) -> None:
        self._added = 0
        dropped = await self._ledger.write(
            lambda: pictures.make_room(self._ledger.store, most=self._limits.most_mb * 1_000_000)
        )
        if dropped:
            _log.info("%s older pictures made room for newer ones (media.most_mb)", dropped)

    def _has_room(self) -> bool:
        """Whether the disk has room left; said once when that changes."""
        free = self._free()
        full = free is not None and free < self._limits.free_mb * 1_000_000
        if full and not self._full:
            _log.warning("less than %s MB free on the disk: pictures wait (media.free_mb)", self._limits.free_mb)
        self._full = full
        return not full

    async def _attend(self, row: Row[Any], owner: str) -> None:
        """One picture, and what became of it."""
        store = self._ledger.store
        try:
            came = await self._came(row)
            if isinstance(came, Picture):
                await self._ledger.write(
                    lambda: pictures.keep(store, row, owner=owner, picture=came, now=self._collector.clock())
                )
                self._added += len(came.small) + len(came.large)
                if self._added > self._limits.most_mb * 10_000:  # a hundredth of the room
                    await self._make_room()
            elif isinstance(came, Again):
                await self._ledger.write(
                    lambda: pictures.postpone(store, row, owner=owner, due_at=came.at, tries=came.tries)
                )
            else:
                await self._ledger.write(lambda: pictures.leave(store, row, owner=owner, reason=came))
        except StoreError as error:
            _log.error("picture of mention %s: the store failed, it is fetched again: %s", row.mention_id, error)
        except Exception:  # noqa: BLE001 - one picture's trouble, whatever it is, may not end the others; its lease lapses
            _log.exception("picture of mention %s: a fault of our own", row.mention_id)

    async def _came(self, row: Row[Any]) -> Picture | Again | Left:
        source = self._sources.get(row.source_id)
        if source is None or not source.pictures or not self._limits.fetch:
            return Left.OFF
        secrets: tuple[str, ...] = ()
        try:
            connector = self._collector.connector(source)
            secrets = secrets_of(connector.options)
            async with asyncio.timeout((self._settings.lease - self._settings.margin).total_seconds()):
                response = await self._fetched(row, source, connector)
                followed = deciding.of_answer(response, self._tried(row))
                return await self._shaped(response.body) if followed is None else followed
        except ConnectorError as error:
            return self._judged(row, error, secrets)
        except TimeoutError:
            return self._judged(row, Transient("it took too long"), secrets)
        except Exception as error:  # noqa: BLE001 - options that no longer fit, or a third party's fault
            return self._judged(row, Transient(f"{type(error).__name__}: {error}"), secrets)

    async def _fetched(self, row: Row[Any], source: SourceSettings, connector: Connector[Options]) -> HttpResponse:
        """The answer that should hold the picture.

        Raises:
            ConnectorError: trouble on the way there.
        """
        attachment = Media(row.address, MediaKind(row.kind), row.alt or None)
        if type(connector).picture is not Connector.picture:  # an address of the open web needs no login
            await self._collector.logins.ready(source, connector, lambda each: self._ask(source, connector, each))
        purse = Purse(self._collector.metering, source, connector, Share.READING)
        request: HttpRequest | None = connector.picture(attachment)
        for _ in range(MOST_CALLS):
            if request is None:
                break
            request = replace(request, safe_to_repeat=False, max_bytes=self._limits.largest_mb * 1_000_000)
            async with purse.paying(request) as bill:
                response = over_http(await self._ask(source, connector, once(request)))
                bill.answered = True
                request = connector.pictured(attachment, response)
            if request is None:
                return response
        msg = f"{connector.platform} wants more than {MOST_CALLS} calls for one picture"
        raise FormatChanged(msg)

    async def _ask(self, source: SourceSettings, connector: Connector[Options], request: Request) -> Response:
        secrets = (*secrets_of(connector.options), *self._collector.logins.secrets(source.id))
        KNOWN.add(secrets)
        own = connector.hosts()
        # What a stranger's post names never opens a private host; only the platform's own address may be one.
        at_home = isinstance(request, HttpRequest) and urlsplit(request.url).hostname in own
        return await self._fetcher.fetch(request, secrets=secrets, private_hosts=own if at_home else frozenset())

    async def _shaped(self, body: bytes) -> Picture | Left:
        """The picture made anew.

        Raises:
            ConnectorError: decoding took too long, too much memory, or ended its process.
        """
        made = await self._shaper.call("a picture", shape, (body,), self._settings.shape_s, gives=Shaped)
        if made.refused:
            return Left(made.refused)
        return Picture(made.small, made.large, made.width, made.height)

    def _tried(self, row: Row[Any]) -> Tried:
        return Tried(self._collector.clock(), row.found_at, row.tries, self._collector.chance())

    def _judged(self, row: Row[Any], error: ConnectorError, secrets: Sequence[str]) -> Again | Left:
        followed = deciding.of_error(error, self._tried(row))
        text = redact_text(str(error) or type(error).__name__, tuple(secrets))
        what = f"given up ({followed.value})" if isinstance(followed, Left) else f"again at {_short(followed.at)}"
        _log.info("picture of mention %s, source %s: %s: %s", row.mention_id, row.source_id, what, text)
        return followed


def _short(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
