"""Sends what waits in the outbox, and finds out about what may have been sent.

`sending` is committed before a request goes out, and what came of it after: a worker that dies in between leaves a row
that is looked for on the platform before anything is sent again. Each source's rows go out one by one, each in a task
of its own, so that one slow platform never delays another.

Knows no state but `queued` and `unknown`; what follows from an outcome is decided by whoever records it.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Row

from connectors.contract import Action, ActionKind, ActionResult
from connectors.errors import ConnectorError, Forbidden, FormatChanged, Transient
from connectors.requests import Request, Response
from pipeline import background, delivery
from pipeline.collect import Collector
from pipeline.delivery import Pauses
from pipeline.errands import About, Errand, read_about
from pipeline.http.redact import KNOWN, redact_text
from pipeline.identity import record_namespace
from pipeline.metering import Purse, Share
from pipeline.pagecommit import understand
from pipeline.performing import Performed, Performing
from pipeline.renewing import advised
from pipeline.settings import SourceSettings
from pipeline.underway import Underway
from store import outbox
from store.errors import StoreError
from store.outbox import Came, Outcome
from store.records import DeletedRecord, PageCommit

_log = logging.getLogger(__name__)
_WISHED_GONE = frozenset({ActionKind.HIDE, ActionKind.DELETE_OWN})
"""What has come true when the message no longer stands there: by an earlier try of ours, or by somebody else."""


@dataclass(frozen=True, slots=True)
class DeliverSettings:
    """Times of delivery.

    Attributes:
        lease: how long a row is held; longer than any try, or a row that is still being sent would count as lost.
        margin: a try is cut off so long before its lease ends.
        pauses: between looks at the platform.
    """

    lease: timedelta = timedelta(minutes=3)
    margin: timedelta = timedelta(seconds=20)
    pauses: Pauses = field(default_factory=Pauses)


class Settle(Protocol):
    """Writes down what came of tries; see `inbox.replying.settle`."""

    def record(self, outbox_id: int, owner: str, outcome: Outcome) -> None:
        """Settle a row with what came of it, unless `owner` lost it."""

    def lapsed(self, outbox_ids: Sequence[int]) -> None:
        """Rows whose worker gave no sign of life while sending."""


class Deliverer:
    """Takes what is due and performs it. `tick` returns at once; what it started goes on beside.

    Args:
        collector: for its connectors, its client, its enricher and its clock.
        sources: by configuration, disabled ones too: those are not read, and can still be answered.
        settle: writes down what came of it.
        settings: times.
    """

    def __init__(
        self,
        collector: Collector,
        sources: Sequence[SourceSettings],
        settle: Settle,
        *,
        settings: DeliverSettings | None = None,
    ) -> None:
        self._collector = collector
        self._ledger = collector.ledger
        self._fetcher = collector.reading().fetcher
        self._sources = {source.id: source for source in sources}
        self._settle = settle
        self._settings = settings or DeliverSettings()
        self._takings = itertools.count(1)
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._underway = Underway()

    async def tick(self) -> int:
        """Start what is due; how many were started."""
        now = self._collector.clock()
        lost = await self._ledger.read(self._lapsed, now)
        if lost:
            await self._ledger.write(self._settle.lapsed, lost)
        owner = f"{self._name}:{next(self._takings)}"
        until = now + self._settings.lease
        busy = frozenset(self._underway.counts())
        taken = await self._ledger.write(
            lambda: outbox.take(self._ledger.store, owner=owner, now=now, until=until, without_sources=busy)
        )
        for row in taken:
            self._underway.start(self._attend(row, owner), name=f"outbox {row.id}", about=row.source_id)
        return len(taken)

    async def settled(self) -> None:
        """Wait until nothing is under way; for an orderly end, and for callers that tick by hand."""
        await self._underway.settled()

    async def drain(self, grace: timedelta) -> None:
        """Let what is under way end within the grace time; what is cut off is looked for by whoever comes next."""
        await self._underway.drain(grace)

    def _lapsed(self, now: datetime) -> list[int]:
        with self._ledger.store.read() as conn:
            return outbox.lapsed(conn, now=now)

    async def _attend(self, row: Row[Any], owner: str) -> None:
        """One row from its taking to what came of it."""
        try:
            outcome = await self._outcome(row)
            await self._ledger.write(self._settle.record, row.id, owner, outcome)
        except StoreError as error:
            _log.error(
                "outbox %s: the store failed, so the platform will be asked what became of it: %s", row.id, error
            )
        except Exception:  # noqa: BLE001 - one row's trouble, whatever it is, may not end the others; its lease lapses
            _log.exception("outbox %s: a fault of our own", row.id)

    async def _outcome(self, row: Row[Any]) -> Outcome:
        now = self._collector.clock()
        source = self._sources.get(row.source_id)
        looking = row.state == "unknown"
        if source is None:
            text = f"the source {row.source_id} is no longer configured here"
            return self._unusable(row, text)
        about = await self._ledger.read(self._about, row)
        if about is None:
            return Outcome(Came.REFUSED, now, "Gone", "the message it is about is no longer kept here")
        try:
            connector = self._collector.connector(source)
        except Exception as error:  # noqa: BLE001 - options that no longer fit; said in words at the row
            return self._unusable(row, str(error))
        share = Share.READING if row.kind in outbox.READS else Share.ANSWERS
        purse = Purse(self._collector.metering, source, connector, share)
        performing = Performing(self._fetcher, self._collector.logins, source, connector, purse)
        errand = Errand(row, source, connector, about, performing)
        KNOWN.add(errand.secrets)
        left = (row.lease_until - now - self._settings.margin).total_seconds()
        try:
            async with asyncio.timeout(left):
                try:
                    await performing.log_in()
                except ConnectorError as error:
                    return self._not_logged_in(errand, error)
                attend = self._read if row.kind in outbox.READS else self._look if looking else self._try
                return await attend(errand)
        except TimeoutError:
            text, tried = f"{connector.platform} did not answer in time", self._tried(row, errand.keeps)
            if row.kind in outbox.READS:
                came = delivery.unread(Transient(text), tried)
            else:
                came = delivery.unseen(text, tried) if looking else delivery.unclear(text, tried)
            return came

    def _not_logged_in(self, errand: Errand, error: ConnectorError) -> Outcome:
        """Nothing has gone out."""
        tried = self._tried(errand.row, errand.keeps)
        if errand.row.kind in outbox.READS:
            return delivery.redacted(delivery.unread(error, tried), errand.secrets)
        if errand.row.state == "unknown":
            return delivery.redacted(delivery.unseen(str(error), tried), errand.secrets)
        return self._failed(errand, error)

    def _unusable(self, row: Row[Any], text: str) -> Outcome:
        """Without a connector nothing can go out, and nothing can be looked at."""
        tried = self._tried(row, None)
        if row.state == "unknown":
            return delivery.unseen(text, tried)
        return Outcome(Came.REFUSED, tried.now, "NotConfigured", text)

    def _tried(self, row: Row[Any], keeps: timedelta | None) -> delivery.Tried:
        """How far a row has come."""
        now = self._collector.clock()
        return delivery.Tried(
            now, attempts=row.attempts, first_at=row.tried_at or now, keeps=keeps, pauses=self._settings.pauses
        )

    async def _try(self, errand: Errand) -> Outcome:
        """Do it."""
        action = errand.action(ActionKind(errand.row.kind))
        if errand.about.gone and action.kind in _WISHED_GONE:
            return Outcome(Came.DONE, self._collector.clock())
        try:
            request = errand.connector.act(action)
        except Exception as error:  # noqa: BLE001 - nothing has gone out; a third party's fault is said like a refusal
            return self._refused(errand, error)
        try:
            done = await self._perform(errand, action, request)
        except ConnectorError as error:
            return self._failed(errand, error)
        except Exception as error:  # noqa: BLE001 - it went out, and the connector failed at reading the answer
            text = f"the answer cannot be read: {type(error).__name__}: {error}"
            return self._failed(errand, FormatChanged(text))
        return await self._done(errand, done.result, done.response)

    async def _look(self, errand: Errand) -> Outcome:
        """Find out whether an earlier try got through: the thread is read as collecting reads it, and recognised."""
        connector = errand.connector
        tried = self._tried(errand.row, errand.keeps)
        if errand.row.kind != "reply":
            return replace(delivery.missing(tried), final=True)  # twice liked, hidden or removed is as good as once
        action = errand.action(ActionKind.FETCH_THREAD)
        try:
            request = connector.act(action)
            seen = await self._perform(errand, action, request)
        except Exception as error:  # noqa: BLE001 - whatever hinders looking, the row stays as it is
            if isinstance(error, Forbidden) and tried.key_is_kept:
                return delivery.missing(tried)  # it cannot be looked at, and may be repeated
            text = str(error) or type(error).__name__
            return delivery.redacted(delivery.unseen(text, self._tried(errand.row, None)), errand.secrets)
        page = await self._page(errand, seen.result, seen.response)
        tried = self._tried(errand.row, errand.keeps)
        if not seen.whole and not tried.key_is_kept:
            # What stands on the pages that were not read is not missing.
            return replace(delivery.unseen("the thread is too long to be read to its end", tried), page=page)
        return delivery.missing(tried, page)

    async def _read(self, errand: Errand) -> Outcome:
        """Ask the platform for something: what a message answers, or whether it still stands. Safe to repeat."""
        action = errand.action(ActionKind(errand.row.kind))
        try:
            done = await self._perform(errand, action, errand.connector.act(action))
        except ConnectorError as error:
            tried = self._tried(errand.row, errand.keeps)
            return delivery.redacted(delivery.unread(error, tried), errand.secrets)
        except Exception as error:  # noqa: BLE001 - a third party's fault is said like a refusal
            return self._refused(errand, error)
        about, result, response = errand.about, done.result, done.response
        received = response.received_at
        if action.kind is ActionKind.RECHECK:
            return Outcome(Came.DONE, received, page=await self._page(errand, result, response, whole=True))
        found = background.line(result.items, result.parent or about.parent_external_id)
        if not found:
            return Outcome(Came.REFUSED, received, "Gone", "it no longer stands there, or only some may read it")
        page = await self._page(errand, replace(result, items=found), response, whole=True)
        if page is not None:
            tie = {"namespace": about.namespace, "external_id": about.external_id}
            page = replace(page, mentions=background.as_context(page.mentions, **tie))
        return Outcome(Came.DONE, received, page=page)

    async def _perform(self, errand: Errand, action: Action, request: Request) -> Performed:
        """Make the action's calls."""
        return await errand.performing.perform(action, request)

    async def _done(self, errand: Errand, result: ActionResult, response: Response) -> Outcome:
        if result.held_for_moderation:
            return Outcome(Came.HELD, response.received_at)
        page = await self._page(errand, result, response)
        platform = errand.connector.platform
        own = result.items[0] if result.items and errand.row.kind == "reply" else None
        return Outcome(
            Came.DONE,
            response.received_at,
            page=page,
            external_id=None if own is None else own.external_id,
            namespace=None if own is None else record_namespace(platform, own.namespace),
            url=None if own is None else own.url,
        )

    async def _page(
        self, errand: Errand, result: ActionResult, response: Response, *, whole: bool = False
    ) -> PageCommit | None:
        """What the answer showed, as collecting would store it; `whole`: also what no brand's query matches."""
        platform, received = errand.connector.platform, response.received_at
        if not result.items and not result.deleted:
            return None
        rows = await asyncio.to_thread(
            understand,
            delivery.worth_keeping(result.items),
            self._collector.enricher(),
            source=errand.source.model_copy(update={"match": "all"}) if whole else errand.source,
            platform=platform,
            fetched_at=received,
        )
        deleted = (
            DeletedRecord(gone.external_id, record_namespace(platform, gone.namespace)) for gone in result.deleted
        )
        return PageCommit(
            source_id=errand.source.id,
            query_id=errand.about.query_id,
            fetched_at=received,
            mentions=rows.mentions,
            unmatched=rows.unmatched,
            deleted=tuple(deleted),
            quarantined=rows.quarantined,
            archive_after_s=int(errand.source.archive_after.total_seconds()),
            timezone=self._collector.settings.timezone,
        )

    def _refused(self, errand: Errand, error: Exception) -> Outcome:
        text = redact_text(str(error) or type(error).__name__, errand.secrets)
        return Outcome(Came.REFUSED, self._collector.clock(), type(error).__name__, text)

    def _failed(self, errand: Errand, error: ConnectorError) -> Outcome:
        tried = self._tried(errand.row, errand.keeps)
        came = delivery.of_error(error, tried)
        came = replace(came, text=advised(error, errand.connector, errand.source.id))
        return delivery.redacted(came, errand.secrets)

    def _about(self, row: Row[Any]) -> About | None:
        with self._ledger.store.read() as conn:
            return read_about(conn, row)
