"""Reads what platforms pushed: from kept deliveries to sources that are due, single items, and removals.

A delivery was signed and committed before this sees it. Whatever it leads to goes through the same steps and the same
commit as collecting, claims nothing as covered, and may be done twice: a process that dies in between leaves the
delivery waiting, for the next one on this node at once. One that cannot be read is set aside with its bytes and never
stops the next.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.contract import Connector, Interval, Options, Query, Window
from connectors.errors import AuthExpired, BadRequest, ConnectorError, Forbidden, FormatChanged, Gone
from connectors.requests import HttpRequest
from connectors.webhooks import Delivery, Told
from pipeline import health, holders, setaside
from pipeline.collect import Collector
from pipeline.http.redact import KNOWN, redact_text
from pipeline.identity import record_namespace
from pipeline.line import Line, Login, secrets_of
from pipeline.pace import backoff
from pipeline.pagecommit import commits, rows_of
from pipeline.reading import Reading
from pipeline.settings import SourceSettings
from pipeline.troubles import consequence
from pipeline.underway import Underway
from store import intake, schedule
from store.errors import StoreError
from store.intake import Waiting
from store.records import DeletedRecord, MeterCharge, PageCommit

_log = logging.getLogger(__name__)

_Thing = tuple[str, str, tuple[tuple[str, str], ...]]
"""What was done for a delivery: for which source, by which query and with which params."""
PUSHED = "webhook"
"""The query under which is kept what no line of work found."""
_UNKNOWN = timedelta(minutes=1)
_PERSON = timedelta(hours=1)
LOOK = timedelta(seconds=10)
"""So often is looked for readers that ended while they held something; the first look comes at once."""


@dataclass(frozen=True, slots=True)
class ToldSettings:
    """Limits of reading deliveries.

    Attributes:
        per_tick: most deliveries taken at once.
        most: most deliveries under way.
        lease: how long they are held without a sign of life; one is given when half of it has passed.
        spacing: least time between two reads of one source that deliveries ask for.
        busy: a source that is being read is tried again after this.
        behind: a run that takes longer is not waited for: the source's own pace finds what is new.
        patience: a delivery that cannot be followed for so long is set aside.
        calls: most calls for one thing that was told of.
    """

    per_tick: int = 200
    most: int = 400
    lease: timedelta = timedelta(minutes=2)
    spacing: timedelta = timedelta(seconds=20)
    busy: timedelta = timedelta(seconds=3)
    behind: timedelta = timedelta(minutes=15)
    patience: timedelta = timedelta(days=2)
    calls: int = 5


class _LaterError(Exception):
    """A delivery is to be read again at `at`; `failed`: because something went wrong."""

    def __init__(self, at: datetime, *, failed: bool = False, why: str = "") -> None:
        super().__init__(why)
        self.at = at
        self.failed = failed


class Deliveries:
    """Reads deliveries that wait. Call `tick` periodically.

    Args:
        collector: for its connectors, its client, its enricher and its clock.
        sources: by configuration.
        hooks: by id of the webhook, the ids of the sources it may tell of.
        settings: limits.
        by: who reads, as `holders` names processes; this one when left out.
    """

    def __init__(
        self,
        collector: Collector,
        sources: Sequence[SourceSettings],
        hooks: Mapping[str, Sequence[str]],
        *,
        settings: ToldSettings | None = None,
        by: str | None = None,
    ) -> None:
        self._collector = collector
        self._ledger = collector.ledger
        self._clock = collector.clock
        known = {source.id: source for source in sources if source.enabled}
        self._hooks = {hook: [known[each] for each in ids if each in known] for hook, ids in hooks.items()}
        self._settings = settings or ToldSettings()
        self._by = by or holders.oneself()
        self._held: dict[int, datetime] = {}
        self._woken: dict[str, datetime] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._done: dict[int, set[_Thing]] = {}
        self._underway = Underway()
        self._look_at = self._clock()

    async def tick(self) -> int:
        """Start to read what waits; how many were taken. What it started goes on beside."""
        now, store = self._clock(), self._ledger.store
        await self._hold(now)
        room = self._settings.most - len(self._underway)
        if room <= 0:
            return 0
        if now >= self._look_at:
            self._look_at = now + LOOK
            await self._ledger.write(lambda: intake.free_held(store, now=now, ended=holders.has_ended))
        limit, until = min(room, self._settings.per_tick), now + self._settings.lease
        taken = await self._ledger.write(
            lambda: intake.take_some(store, by=self._by, now=now, until=until, limit=limit)
        )
        for waiting in taken:
            if waiting.id not in self._held:  # else it is under way here, and was held too short
                self._underway.start(self._attend(waiting), name=f"delivery at {waiting.hook}")
            self._held[waiting.id] = until
        return len(taken)

    async def settled(self) -> None:
        """Wait until nothing is under way; for callers that tick by hand."""
        await self._underway.settled()

    async def drain(self, grace: timedelta) -> None:
        """Let what is under way end within the grace time; what is cut off waits until this process has ended."""
        await self._underway.drain(grace)

    async def _hold(self, now: datetime) -> None:
        """Give a sign of life: what is under way is held on, before half of its time has passed."""
        half = now + self._settings.lease / 2
        ending = [each for each, until in self._held.items() if now < until <= half]
        if ending:
            store, until = self._ledger.store, now + self._settings.lease
            await self._ledger.write(lambda: intake.hold(store, ending, by=self._by, until=until))
            self._held.update((each, until) for each in ending if each in self._held)

    async def _attend(self, waiting: Waiting) -> None:
        """One delivery in its turn: those of one webhook one after the other, so that none delays another webhook."""
        try:
            async with self._turns.setdefault(waiting.hook, asyncio.Lock()):
                if self._clock() < self._held[waiting.id]:  # else this process slept, and somebody else may read it
                    await self._settle(waiting)
        finally:
            del self._held[waiting.id]

    async def _settle(self, waiting: Waiting) -> None:
        """Read one delivery, and say what became of it, whatever happens."""
        store = self._ledger.store
        try:
            outcome = await self._read(waiting)
        except _LaterError as later:
            tries = waiting.tries + later.failed
            _log.info("a delivery at webhook %s waits until %s: %s", waiting.hook, later.at, later)
            await self._ledger.write(intake.later, store, waiting.id, by=self._by, at=later.at, tries=tries)
            return
        except StoreError as error:
            _log.error("a delivery at webhook %s waits, the store failed: %s", waiting.hook, error)
            return  # its lease runs out
        except Exception:  # noqa: BLE001 - one delivery's trouble, whatever it is, may not stop the others
            _log.exception("a delivery at webhook %s: a fault of our own", waiting.hook)
            at = self._clock() + backoff(waiting.tries + 1, self._collector.chance())
            await self._ledger.write(intake.later, store, waiting.id, by=self._by, at=at, tries=waiting.tries + 1)
            return
        await self._ledger.write(intake.done, store, waiting.id, outcome=outcome, now=self._clock())
        self._done.pop(waiting.id, None)

    async def _read(self, waiting: Waiting) -> str:
        """Do what a delivery asks for, for every source of its webhook.

        Returns:
            What became of it: read, nobody or unread.

        Raises:
            _LaterError: for one of the sources it could not be done yet.
        """
        now, known = self._clock(), self._hooks.get(waiting.hook)
        if known is None and now - waiting.received_at < self._settings.patience:
            raise _LaterError(now + _UNKNOWN, why="this worker's configuration does not have it")
        delivery = Delivery(waiting.body, waiting.received_at)
        outcome, postponed = "nobody", []
        for source in known or ():
            try:
                connector = self._collector.connector(source)
                with suppress(ConnectorError):  # some know by their login whose account it is
                    await self._collector.logins.take(source, connector)
                told = connector.told(delivery)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a body does to a connector, it is kept and told
                _log.warning("source %s: a delivery cannot be read: %s", source.id, error)
                await self._set_aside(source, waiting, f"{type(error).__name__}: {error}")
                outcome = "unread"
                continue
            if told is None:
                continue
            try:
                done = self._done.setdefault(waiting.id, set())
                await self._take(source, connector, delivery, told)
                await self._remove(source, connector, delivery, told, done)
                await self._ask(source, connector, delivery, told.ask, done)
                if told.due:
                    await self._wake(source, delivery)
            except _LaterError as later:
                if later.failed and self._clock() - waiting.received_at > self._settings.patience:
                    await self._set_aside(source, waiting, f"it could not be followed in time; {later}")
                    outcome = "unread"
                    continue
                postponed.append(later)
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001 - a third party's fault at what it told of; it is kept and told
                _log.exception("source %s: a delivery cannot be followed", source.id)
                await self._set_aside(source, waiting, f"{type(error).__name__}: {error}")
                outcome = "unread"
                continue
            outcome = "read" if outcome == "nobody" else outcome
        if postponed:
            last = max(postponed, key=lambda each: each.at)
            raise _LaterError(last.at, failed=any(each.failed for each in postponed), why=str(last))
        return outcome

    async def _take(
        self, source: SourceSettings, connector: Connector[Options], delivery: Delivery, told: Told
    ) -> None:
        """Commit the messages that a delivery itself holds; taking them twice changes nothing."""
        if told.page is None:
            return
        now = delivery.received_at
        rows = await asyncio.to_thread(
            rows_of, told.page, self._collector.enricher(), source=source, platform=connector.platform, fetched_at=now
        )
        for part in commits(rows, self._page(source, now)):
            await self._ledger.commit(part)
        await self._ledger.record_success(source.id, None, health.OK, now=self._clock(), new=bool(told.page.items))

    async def _remove(
        self,
        source: SourceSettings,
        connector: Connector[Options],
        delivery: Delivery,
        told: Told,
        done: set[_Thing],
    ) -> None:
        """Commit what the platform says is gone, and what the delivery cost: once, however often it is tried."""
        thing: _Thing = (source.id, PUSHED, ())
        gone = tuple(
            DeletedRecord(each.external_id, record_namespace(connector.platform, each.namespace))
            for each in told.deleted
        )
        charges: tuple[MeterCharge, ...] = ()
        if told.spent:
            await self._collector.metering.declare(source, connector)
            charges = self._collector.metering.charges(source, connector, told.spent)
        if (gone or charges) and thing not in done:
            page = self._page(source, delivery.received_at)
            await self._ledger.commit(replace(page, deleted=gone, charges=charges))
        done.add(thing)

    async def _ask(
        self,
        source: SourceSettings,
        connector: Connector[Options],
        delivery: Delivery,
        queries: Sequence[Query],
        done: set[_Thing],
    ) -> None:
        """Read single things that were told of; what was read at an earlier try is not asked for again.

        Raises:
            _LaterError: the platform cannot be asked now.
        """
        if not queries:
            return
        reading, login = self._collector.reading(), Login()
        secrets = secrets_of(connector.options)
        KNOWN.add(secrets)
        refused: _LaterError | None = None
        moment = Interval(delivery.received_at - timedelta(seconds=1), delivery.received_at)
        for query in queries:
            thing = (source.id, query.id, tuple(sorted(query.params.items())))
            if thing in done:
                continue
            line = Line(source, connector, query, secrets, connector.hosts(), login)
            try:
                await self._asked(reading, line, Window(moment))
            except (BadRequest, FormatChanged, Gone) as error:
                # what the platform refuses or answers is kept by the step that read it, and would be so again
                _log.warning("source %s: %s: %s", source.id, query.label, redact_text(str(error), line.secrets))
            except Forbidden as error:  # of this one thing, perhaps: the others are asked for all the same
                refused = self._later(error, line)
                continue
            except ConnectorError as error:
                raise self._later(error, line) from error
            done.add(thing)
        if refused is not None:
            raise refused

    def _later(self, error: ConnectorError, line: Line) -> _LaterError:
        """When to try again, and why. What a person does about a login or a right is not told to us."""
        now = self._clock()
        found = consequence(error, now=now, jitter=self._collector.chance())
        why = redact_text(str(error) or type(error).__name__, line.secrets)
        at = min(found.not_before, now + _PERSON) if found.health in {"login", "refused"} else found.not_before
        return _LaterError(at, failed=True, why=f"{line.source.id}: {why}")

    async def _asked(self, reading: Reading, line: Line, window: Window) -> None:
        """One thing, in as many calls as it takes; a login that ran out is renewed once."""
        await self._collector.metering.declare(line.source, line.connector)
        await reading.log_in(line)
        try:
            await self._followed(reading, line, window)
        except AuthExpired:
            await reading.renew_login(line)
            await self._followed(reading, line, window)

    async def _followed(self, reading: Reading, line: Line, window: Window) -> None:
        request = await reading.plan(line, window)
        for _ in range(self._settings.calls):
            response, _validator = await reading.ask(line, request, conditional=False)
            page = await reading.parse(line, line.task(window), response)
            await reading.commit(line, page, response, covered=None)
            if not isinstance(page.next, HttpRequest):
                return
            request = page.next

    async def _wake(self, source: SourceSettings, delivery: Delivery) -> None:
        """Let the source be read now.

        Raises:
            _LaterError: it was just read, or is being read.
        """
        now, last = self._clock(), self._woken.get(source.id)
        if last is not None and delivery.received_at <= last:
            return  # it has been due since
        if last is not None and now - last < self._settings.spacing:
            raise _LaterError(last + self._settings.spacing, why=f"{source.id} was read just now")
        if await self._ledger.write(schedule.wake, self._ledger.store, source.id, now=now):
            self._woken[source.id] = now
        elif now - delivery.received_at < self._settings.behind:
            raise _LaterError(now + self._settings.busy, why=f"{source.id} is being read")

    async def _set_aside(self, source: SourceSettings, waiting: Waiting, why: str) -> None:
        """Keep a delivery that cannot be read in the source's quarantine, where people see it and can try it again."""
        record = setaside.pushed(waiting.hook, waiting.body, waiting.received_at, why)
        await self._ledger.commit(replace(self._page(source, waiting.received_at), quarantined=(record,)))

    def _page(self, source: SourceSettings, at: datetime) -> PageCommit:
        return PageCommit(
            source_id=source.id,
            query_id=PUSHED,
            fetched_at=at,
            archive_after_s=int(source.archive_after.total_seconds()),
            timezone=self._collector.settings.timezone,
        )
