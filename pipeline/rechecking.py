"""Asks platforms about kept items again: what was removed there is removed here, what stands is refreshed.

Which items are due stands with them (`mention.recheck_at`), so that a walk survives any restart; a lease with a fence
keeps two workers from asking about one source at once. Each source has a task of its own, asks a few calls a turn, and
then makes room for collecting, whose limits it shares.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, Row

from connectors.contract import ActionResult, Connector, Options, Target
from connectors.errors import AuthDead, AuthExpired, BadRequest, ConnectorError, Forbidden, FormatChanged, Gone
from connectors.requests import HttpRequest, Request, Response
from pipeline.collect import Collector
from pipeline.http.redact import KNOWN, redact_text
from pipeline.identity import item_namespace, record_namespace
from pipeline.line import secrets_of
from pipeline.metering import Held, Share, was_free
from pipeline.pagecommit import understand
from pipeline.performing import MOST_CALLS, together
from pipeline.settings import SourceSettings
from pipeline.troubles import consequence
from pipeline.underway import Underway
from store import duties
from store.duties import DutyLease
from store.errors import StoreError
from store.ingest import commit_within
from store.records import DeletedRecord, PageCommit, StaleLeaseError

_log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Items in one call, whatever a platform allows: they go into one transaction."""
REFUSALS = 3
"""So many refusals one after another are no longer about single items."""
_UNUSABLE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class RecheckSettings:
    """Limits of asking again.

    Attributes:
        calls: per source and turn; collecting goes first.
        pause: between two turns of one source.
        lease: how long a source is held without a sign of life; renewed by nothing, so longer than a turn.
        per_tick: most sources taken per tick.
    """

    calls: int = 10
    pause: timedelta = timedelta(seconds=30)
    lease: timedelta = timedelta(minutes=15)
    per_tick: int = 10


class Rechecker:
    """Takes sources with items to ask about. `tick` returns at once; what it started goes on beside.

    Args:
        collector: for its connectors, its client, its enricher and its clock.
        sources: by configuration, disabled ones too: what is kept of them is still under its duties.
        settings: limits.
    """

    def __init__(
        self, collector: Collector, sources: Sequence[SourceSettings], *, settings: RecheckSettings | None = None
    ) -> None:
        self._collector = collector
        self._ledger = collector.ledger
        self._logins = collector.logins
        reading = collector.reading()
        self._fetcher, self._metering = reading.fetcher, reading.metering
        self._sources = {source.id: source for source in sources}
        self._settings = settings or RecheckSettings()
        self._takings = itertools.count(1)
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._underway = Underway()

    async def tick(self) -> int:
        """Start what is due; how many sources were taken."""
        taken = await self._ledger.write(
            lambda: duties.lease_due(
                self._ledger.store,
                owner=f"{self._name}:{next(self._takings)}",
                now=self._collector.clock(),
                limit=self._settings.per_tick,
                lease=self._settings.lease,
            )
        )
        for lease in taken:
            self._underway.start(self._attend(lease), name=f"recheck {lease.source_id}")
        return len(taken)

    async def settled(self) -> None:
        """Wait until nothing is under way; for callers that tick by hand."""
        await self._underway.settled()

    async def drain(self, grace: timedelta) -> None:
        """Let what is under way end within the grace time; what is cut off is asked again by whoever comes next."""
        await self._underway.drain(grace)

    async def _attend(self, lease: DutyLease) -> None:
        """One source's turn, and giving it back."""
        try:
            end = await self._turn(lease)
            await self._release(lease, end)
        except StaleLeaseError:
            _log.warning("source %s: another worker asks about its kept items", lease.source_id)
        except StoreError as error:
            _log.error("source %s: the store failed, its kept items wait: %s", lease.source_id, error)
        except Exception:  # noqa: BLE001 - one source's trouble, whatever it is, may not end the others
            _log.exception("source %s: a fault of our own while asking about kept items", lease.source_id)
            await self._release(lease, _End(self._collector.clock() + _UNUSABLE, lease.failures + 1))

    async def _turn(self, lease: DutyLease) -> _End:
        now = self._collector.clock()
        source = self._sources.get(lease.source_id)
        if source is None:
            return _End(now + _UNUSABLE, 0, f"the source {lease.source_id} is no longer configured here")
        try:
            connector = self._collector.connector(source)
        except Exception as error:  # noqa: BLE001 - options that no longer fit; said in words at the source
            return _End(now + _UNUSABLE, lease.failures + 1, str(error))
        errand = _Errand(source, connector, secrets_of(connector.options), lease)
        KNOWN.add(errand.secrets)
        try:
            await self._log_in(errand)
        except ConnectorError as error:
            return self._stopped(errand, error)
        most = max(1, min(connector.recheck_many, MOST_AT_ONCE))
        for _ in range(self._settings.calls):
            batch = await self._ledger.read(self._due, source.id, most)
            if not batch:
                return _End(None)
            try:
                await self._ask(errand, batch)
            except ConnectorError as error:
                return self._stopped(errand, error)
        return _End(self._collector.clock() + self._settings.pause)

    def _due(self, source_id: str, most: int) -> list[Row[Any]]:
        """What is asked about in one call: all of the namespace that waited longest."""
        with self._ledger.store.read() as conn:
            rows = duties.to_recheck(conn, source_id, now=self._collector.clock(), limit=most)
        return [row for row in rows if row.namespace == rows[0].namespace]

    async def _ask(self, errand: _Errand, batch: Sequence[Row[Any]]) -> None:
        """Ask about some items in one call, or one by one where the call was refused because of one of them.

        Raises:
            ConnectorError: trouble of the whole source.
        """
        try:
            result, received_at = await self._call(errand, batch)
        except (AuthDead, BadRequest, Forbidden, Gone, FormatChanged) as error:  # some forums refuse single posts so
            if len(batch) > 1:
                for row in batch:
                    await self._ask(errand, [row])
                return
            errand.refusals += 1
            if errand.refusals >= REFUSALS:
                raise
            text = redact_text(str(error), errand.secrets)
            _log.info("source %s: item %s cannot be asked about: %s", errand.source.id, batch[0].external_id, text)
            result, received_at = ActionResult(), self._collector.clock()
        else:
            errand.refusals = 0
        pages = await asyncio.to_thread(self._pages, errand, batch, result, received_at)
        await self._ledger.write(self._commit, errand.lease, pages, [row.id for row in batch], received_at)

    async def _call(self, errand: _Errand, batch: Sequence[Row[Any]]) -> tuple[ActionResult, datetime]:
        """One question and its answer, in as many calls as the platform wants; a login that ran out is renewed once."""
        targets = [
            Target(row.external_id, item_namespace(row.platform, row.namespace), dict(row.extra or {})) for row in batch
        ]
        try:
            return await self._answered(errand, targets)
        except AuthExpired:
            if errand.connector.refresh() is None:
                raise
        await self._logins.renew(errand.source, errand.connector, partial(self._paid, errand), stamp=errand.stamp)
        self._logged_in(errand)
        return await self._answered(errand, targets)

    async def _log_in(self, errand: _Errand) -> None:
        """Give the connector its kept login.

        Raises:
            ConnectorError: there is none to work with.
        """
        await self._logins.ready(errand.source, errand.connector, partial(self._paid, errand))
        self._logged_in(errand)

    def _logged_in(self, errand: _Errand) -> None:
        errand.stamp = self._logins.stamp(errand.source, errand.connector)
        errand.secrets = (*secrets_of(errand.connector.options), *self._logins.secrets(errand.source.id))
        KNOWN.add(errand.secrets)

    async def _answered(self, errand: _Errand, targets: Sequence[Target]) -> tuple[ActionResult, datetime]:
        connector = errand.connector
        so_far = ActionResult()
        try:
            request: Request | None = connector.recheck(targets)
            for _ in range(MOST_CALLS):
                if request is None:
                    break
                response = await self._paid(errand, request)
                so_far = together(so_far, await self._read(errand, targets, response))
                request = so_far.next
        except ConnectorError:
            raise
        except Exception as error:  # a fault of a (third-party) connector is said like an answer it cannot read
            msg = f"the {connector.name} connector failed at a recheck: {type(error).__name__}: {error}"
            raise FormatChanged(msg) from error
        return so_far, response.received_at

    async def _paid(self, errand: _Errand, request: Request) -> Response:
        """One call within the budget; what it costs counts once its answer was read."""
        errand.held = await self._metering.hold(errand.source, errand.connector, request, Share.READING)
        if errand.held is not None and isinstance(request, HttpRequest):
            request = replace(request, safe_to_repeat=False)  # what was held pays for one call
        hosts = errand.connector.hosts()
        try:
            return await self._fetcher.fetch(request, secrets=errand.secrets, private_hosts=hosts)
        except ConnectorError as error:
            await self._settle(errand, {} if was_free(error) else error.spent)
            raise

    async def _read(self, errand: _Errand, targets: Sequence[Target], response: Response) -> ActionResult:
        try:
            result = await asyncio.to_thread(errand.connector.rechecked, targets, response)
        except ConnectorError as error:
            await self._settle(errand, error.spent)
            raise
        except Exception:  # raised again; a third party's fault at reading the answer: it was paid for
            await self._settle(errand, None)
            raise
        await self._settle(errand, result.spent)
        await self._logins.keep(errand.source, errand.connector)
        return result

    async def _settle(self, errand: _Errand, spent: Mapping[str, float] | None) -> None:
        held, errand.held = errand.held, None
        await self._metering.settle(held, spent)

    def _pages(
        self, errand: _Errand, batch: Sequence[Row[Any]], result: ActionResult, received_at: datetime
    ) -> list[PageCommit]:
        """What the answer showed of what was asked about, by the query that found it, as collecting would store it."""
        platform, source = errand.connector.platform, errand.source
        query_of: Mapping[tuple[str, str], str] = {
            (row.namespace, row.external_id): row.query_id or "" for row in batch
        }
        asked = [(record_namespace(platform, each.namespace), each.external_id) for each in result.items]
        items = [item for item, key in zip(result.items, asked, strict=True) if key in query_of]
        rows = understand(
            items,
            self._collector.enricher(),
            source=source.model_copy(update={"match": "all"}),
            platform=platform,
            fetched_at=received_at,
        )
        gone = [DeletedRecord(each.external_id, record_namespace(platform, each.namespace)) for each in result.deleted]
        pages = []
        for query_id in sorted(set(query_of.values())):
            mine = {key for key, value in query_of.items() if value == query_id}
            pages.append(
                PageCommit(
                    source_id=source.id,
                    query_id=query_id,
                    fetched_at=received_at,
                    mentions=tuple(each for each in rows.mentions if (each.namespace, each.external_id) in mine),
                    deleted=tuple(each for each in gone if (each.namespace, each.external_id) in mine),
                    asked=True,
                    archive_after_s=int(source.archive_after.total_seconds()),
                    timezone=self._collector.settings.timezone,
                )
            )
        return pages

    def _commit(
        self, lease: DutyLease, pages: Sequence[PageCommit], mention_ids: Sequence[int], asked_at: datetime
    ) -> None:
        """Store what was learned and when to ask again, in one transaction, unless another worker has the source."""
        store = self._ledger.store

        def work(conn: Connection) -> None:
            duties.hold(conn, lease)
            duties.ask_later(conn, lease.source_id, mention_ids, asked_at=asked_at)
            for page in pages:
                if page.mentions or page.deleted:
                    commit_within(conn, store, page)

        store.write_again(work)

    def _stopped(self, errand: _Errand, error: ConnectorError) -> _End:
        text = redact_text(str(error) or type(error).__name__, errand.secrets)
        found = consequence(
            error,
            now=self._collector.clock(),
            failures=errand.lease.failures,
            jitter=self._collector.chance(),
        )
        _log.warning("source %s: kept items wait to be asked about: %s", errand.source.id, text)
        return _End(found.not_before, found.failures, text)

    async def _release(self, lease: DutyLease, end: _End) -> None:
        await self._ledger.write(
            lambda: duties.release(
                self._ledger.store, lease, not_before=end.not_before, failures=end.failures, trouble=end.trouble
            )
        )


@dataclass(frozen=True, slots=True)
class _End:
    """How a turn ended: not before when the source has another one."""

    not_before: datetime | None
    failures: int = 0
    trouble: str = ""


@dataclass(slots=True)
class _Errand:
    """One source's turn with all that asking needs."""

    source: SourceSettings
    connector: Connector[Options]
    secrets: tuple[str, ...]
    lease: DutyLease
    refusals: int = 0
    held: Held | None = None
    stamp: int = 0
