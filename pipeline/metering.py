"""Asks the meters before a call that has a price, and settles with them after it.

The account stands in the store (`store.meters`), so all workers share it. A call without a price costs nothing here: no
transaction, no statement.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import Connection

from connectors.contract import Connector, Meter, Options
from connectors.errors import BadRequest, BudgetExhausted, ConnectorError, Forbidden, RateLimited, Transient
from connectors.requests import HttpRequest, Request, StreamRequest
from pipeline.ledger import Ledger
from pipeline.settings import SourceSettings
from store import meters
from store.meter_standings import MeterStanding, standings, used_up_at
from store.meters import MICRO, Claim, MeterRecord
from store.periods import Stretch, stretch
from store.records import MeterCharge

LEFT_OVER = 0.9
"""Part of reading's part of a limit beyond which nothing but the newest is read."""
_ANY = datetime(2026, 1, 1, tzinfo=UTC)


class Share(StrEnum):
    """Whose part of a limit a call may use.

    Reading leaves a part of it for answers, answers may use it all. What was not bought earlier is read with what is
    left over: as much of reading's part, without its last tenth, as of the period has passed, whoever used it.
    """

    READING = "reading"
    BACKLOG = "backlog"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Held:
    """What is held for one call, and with whom to settle."""

    source_id: str
    claims: tuple[Claim, ...]

    def charges(self, spent: Mapping[str, float] | None) -> tuple[MeterCharge, ...]:
        """The settlement: what was held is given back, and what it cost (None: all of it) counts.

        Raises:
            ValueError: `spent` holds what is no amount.
        """
        cost = {claim.meter: claim.amount for claim in self.claims} if spent is None else meters.cost(spent)
        known = {claim.meter for claim in self.claims}
        day = self.claims[0].day
        own = [MeterCharge(each.meter, each.day, cost.get(each.meter, 0), each.amount) for each in self.claims]
        other = [MeterCharge(name, day, amount) for name, amount in sorted(cost.items()) if name not in known]
        return (*own, *other)

    def outside(self, claim: Claim) -> int:
        """What of a meter is held, but not in the claim's period: it was held before midnight."""
        own = [each for each in self.claims if each.meter == claim.meter]
        return sum(each.amount for each in own if not claim.first <= each.day < claim.after)


@dataclass(frozen=True, slots=True)
class Forecast:
    """A limit (`50 USD`) per period that reading will have used up at an instant (aware UTC), at the present rate."""

    limit: str
    period: str
    at: datetime


def was_free(error: ConnectorError) -> bool:
    """Whether a call that failed on its way certainly never reached the platform."""
    return isinstance(error, RateLimited | Forbidden | BadRequest) or (
        isinstance(error, Transient) and not error.arrived
    )


class Metering:
    """The meters of all sources. Does not decide what follows from an exhausted one.

    Args:
        ledger: the store.
        clock: aware UTC.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._declared: dict[str, tuple[MeterRecord, ...]] = {}

    async def declare(self, source: SourceSettings, connector: Connector[Options]) -> None:
        """Let the store know a source's meters; costs nothing while they stay the same.

        Raises:
            BadRequest: a meter of the connector makes no sense.
        """
        wanted = tuple(_record(each, source) for each in connector.meters())
        if self._declared.get(source.id) != wanted:
            await self._ledger.write(meters.declare, self._ledger.store, source.id, wanted)
            self._declared[source.id] = wanted

    async def hold(
        self, source: SourceSettings, connector: Connector[Options], request: Request, share: Share
    ) -> Held | None:
        """Hold what a call may cost, before it is made; None for a call without a price.

        Raises:
            BudgetExhausted: it does not fit into what is left of this period.
            BadRequest: the connector names a price that makes no sense.
        """
        if not isinstance(request, HttpRequest | StreamRequest) or not request.price:
            return None
        await self.declare(source, connector)
        now = self._clock()
        try:
            price = meters.cost(request.price)
        except ValueError as error:
            msg = f"the {connector.name} connector names a price that makes no sense: {error}"
            raise BadRequest(msg) from error
        claims = tuple(
            _claim(self._named(source, connector, name), amount, share, now) for name, amount in price.items()
        )
        if not claims:
            return None
        short = await self._ledger.write(meters.hold, self._ledger.store, source.id, claims)
        if short is not None:
            record = self._named(source, connector, short.claim.meter)
            raise BudgetExhausted(
                _told(record, short.used, short.claim.amount, share),
                until=_stretch(record, now).end,
                whole_source=False,
            )
        return Held(source.id, claims)

    async def settle(self, held: Held | None, spent: Mapping[str, float] | None) -> None:
        """Write down what a call cost whose answer brings no page: an error, a login."""
        if held is not None:
            await self._ledger.write(meters.settle, self._ledger.store, held.source_id, held.charges(spent))

    def charges(
        self, source: SourceSettings, connector: Connector[Options], spent: Mapping[str, float]
    ) -> tuple[MeterCharge, ...]:
        """What an answer cost for which nothing was held, such as what a stream pushed.

        Raises:
            BadRequest: the connector names a cost that makes no sense.
        """
        now = self._clock()
        try:
            cost = meters.cost(spent)
        except ValueError as error:
            msg = f"the {connector.name} connector names a cost that makes no sense: {error}"
            raise BadRequest(msg) from error
        return tuple(
            MeterCharge(name, _stretch(self._named(source, connector, name), now).today, amount, calls=1)
            for name, amount in cost.items()
        )

    async def left(
        self, source: SourceSettings, connector: Connector[Options], share: Share = Share.READING
    ) -> dict[str, float]:
        """What such calls may still use of each meter that has a limit, in its unit; asks the store only for those."""
        now = self._clock()
        claims = [
            _claim(record, 0, share, now)
            for each in connector.meters()
            if (record := _record(each, source)).most is not None
        ]
        if not claims:
            return {}
        return await self._ledger.read(self._left, source.id, claims)

    async def forecast(self, source: SourceSettings, connector: Connector[Options]) -> Forecast | None:
        """Which meter of a source reading will have used up first, before its period ends; None when all last."""
        if all(each.limit is None for each in connector.meters()):
            return None
        now = self._clock()
        found = await self._ledger.read(self._standings, source.id, now)
        ends = [(at, one) for one in found if one.left and (at := used_up_at(one, now)) is not None]
        if not ends:
            return None
        at, first = min(ends, key=lambda end: end[0])
        return Forecast(f"{figure(first.most or 0)} {first.unit}", first.period, at)

    async def ensure_left(
        self, source: SourceSettings, connector: Connector[Options], held: Held | None = None
    ) -> None:
        """See to it that a stream may begin or go on: its events are charged as they come, without being asked for.

        Args:
            source: whose stream it is.
            connector: says which limits there are.
            held: what is held for its next batch: there must be room for it, in this period too.

        Raises:
            BudgetExhausted: reading has used its part of a limit.
        """
        records = [record for each in connector.meters() if (record := _record(each, source)).most is not None]
        if not records:
            return
        await self.declare(source, connector)
        now = self._clock()
        for record in records:
            claim = _claim(record, 0, Share.READING, now)
            used = await self._ledger.read(self._used, source.id, claim)
            spare = 1 if held is None else held.outside(claim)
            if claim.most is not None and used + spare > claim.most:
                raise BudgetExhausted(
                    _told(record, used, 0, Share.READING), until=_stretch(record, now).end, whole_source=False
                )

    def _standings(self, source_id: str, now: datetime) -> list[MeterStanding]:
        with self._ledger.store.read() as conn:
            return standings(conn, now, source_ids=[source_id])

    def _left(self, source_id: str, claims: Sequence[Claim]) -> dict[str, float]:
        with self._ledger.store.read() as conn:
            return {
                claim.meter: max(0, (claim.most or 0) - _used_of(conn, source_id, claim)) / MICRO for claim in claims
            }

    def _used(self, source_id: str, claim: Claim) -> int:
        with self._ledger.store.read() as conn:
            return _used_of(conn, source_id, claim)

    def _named(self, source: SourceSettings, connector: Connector[Options], name: str) -> MeterRecord:
        for each in connector.meters():
            if each.name == name:
                return _record(each, source)
        msg = f"the {connector.name} connector prices a call in {name!r}, which is none of its meters"
        raise BadRequest(msg)


@dataclass(slots=True)
class Bill:
    """One call being paid: whether it was answered, and what the answer says it cost (None: its price)."""

    answered: bool = False
    spent: Mapping[str, float] | None = None


class Purse:
    """One source's meters, for calls of one kind.

    Args:
        metering: the meters of all sources.
        source, connector: whose calls they are.
        share: which part of a limit they may use.
    """

    def __init__(self, metering: Metering, source: SourceSettings, connector: Connector[Options], share: Share) -> None:
        self._metering = metering
        self._source = source
        self._connector = connector
        self._share = share

    @asynccontextmanager
    async def paying(self, request: Request) -> AsyncIterator[Bill]:
        """Hold what a call may cost, and settle at the end of the block, whatever came of it.

        A call that is cut off leaves its price held.

        Raises:
            BudgetExhausted: it does not fit into what is left of this period.
        """
        held = await self._metering.hold(self._source, self._connector, request, self._share)
        bill = Bill()
        try:
            yield bill
        except ConnectorError as error:
            await self._metering.settle(held, error.spent if bill.answered or not was_free(error) else {})
            raise
        except Exception:  # a third party's fault at reading the answer: it was paid for
            await self._metering.settle(held, None)
            raise
        await self._metering.settle(held, bill.spent)


def once(request: Request) -> Request:
    """A call with a price is made once: what was held pays for one, and the platform may charge each."""
    return replace(request, safe_to_repeat=False) if isinstance(request, HttpRequest) and request.price else request


def _record(found: Meter, source: SourceSettings) -> MeterRecord:
    try:
        most = None if found.limit is None else meters.to_micros(found.limit)
        stretch(found.period.value, found.timezone, _ANY)
    except (ValueError, ZoneInfoNotFoundError) as error:
        msg = f"the meter {found.name!r} makes no sense: {error}"
        raise BadRequest(msg) from error
    kept = int(most * source.kept_for_answers) if most is not None and found.writes else 0
    return MeterRecord(found.name, found.unit, most, kept, found.period.value, found.timezone)


def _claim(record: MeterRecord, amount: int, share: Share, now: datetime) -> Claim:
    period = _stretch(record, now)
    most = record.most
    if most is not None and share is not Share.ANSWERS:
        most -= record.kept
    if most is not None and share is Share.BACKLOG:
        most = int(most * LEFT_OVER * ((now - period.start) / (period.end - period.start)))
    return Claim(record.name, period.today, period.first, period.after, amount, most)


def _used_of(conn: Connection, source_id: str, claim: Claim) -> int:
    return meters.used_between(conn, source_id, claim.meter, claim.first, claim.after)


def _stretch(record: MeterRecord, now: datetime) -> Stretch:
    return stretch(record.period, record.timezone, now)


def _told(record: MeterRecord, used: int, amount: int, share: Share) -> str:
    """Why a call is not made, for people."""
    most = record.most or 0
    text = f"{figure(used)} of {figure(most)} {record.unit} a {record.period} used"
    if share is not Share.ANSWERS and record.kept:
        text += f", {figure(record.kept)} kept for answers"
    if amount > most - (0 if share is Share.ANSWERS else record.kept):
        text += f"; one call alone may cost {figure(amount)}, so it never fits"
    return text


def figure(micros: int) -> str:
    """An amount in English: whole numbers bare, others with at least two decimals."""
    amount = meters.in_units(micros)
    if amount == amount.to_integral_value():
        return f"{int(amount):,}"
    text = f"{amount:,f}".rstrip("0")
    return text if len(text.rpartition(".")[2]) >= 2 else text + "0"
