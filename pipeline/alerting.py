"""Telling receivers of alerts: what waits in the queue goes out over HTTP, each at most once by itself.

`sending` is committed before anything goes out, and what came of it after. What surely did not leave, and what the
other side answered that it did not take (429, 5xx), is tried again with growing pauses, under the same id. Where no
answer came nobody knows whether it was taken: that ends as `unknown`, and only a person sends it again. So a worker
that is killed in between neither loses nor doubles anything.

Webhooks are signed as Standard Webhooks says (https://www.standardwebhooks.com, 1.0.0): `webhook-id`,
`webhook-timestamp`, and `webhook-signature` over id, timestamp and body. Knows no alert: what is said to whom is
worked out by `Say`, at the moment it is said.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

import orjson

from connectors.errors import BadRequest, ConnectorError, Forbidden, RateLimited, Transient
from connectors.requests import HttpRequest, HttpResponse
from pipeline import chatting
from pipeline.http.client import PoliteClient
from pipeline.http.limits import read_retry_after
from pipeline.http.redact import KNOWN, redact_text
from pipeline.mailing import pause_after
from pipeline.underway import Underway
from store import alert_deliveries
from store.alert_deliveries import FAILED, QUEUED, SENT, UNKNOWN, DeliveryRow
from store.engine import Store
from store.errors import StoreError

LEASE = timedelta(minutes=3)
"""Longer than one try with all its time limits."""
MOST_PER_RUN = 50
LONGEST_ERROR = 300
WEBHOOK, CHAT = "webhook", "chat"
_LOST = "The program ended while this was being told; it may have arrived. Look there before sending it again."
_CUT = "No answer came; it may have arrived. Look there before sending it again."
_NOT_NOW = frozenset({408, 425, 429})
_log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """How one try ended."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended, what was said, and not before when it may be tried again (aware UTC)."""

    outcome: Outcome
    text: str = ""
    not_before: datetime | None = None


class Said(Protocol):
    """What is said; see `inbox.alerts.telling.Announcement`."""

    @property
    def title(self) -> str:
        """One line."""
        ...

    @property
    def lines(self) -> tuple[str, ...]:
        """Further sentences."""
        ...

    @property
    def quote(self) -> str:
        """Words of a message; may be empty."""
        ...

    @property
    def link(self) -> str:
        """Where to read on."""
        ...

    @property
    def facts(self) -> Mapping[str, Any]:
        """The same for machines."""
        ...


class Order(Protocol):
    """What is to be said where; see `inbox.alerts.deliveries.Order`."""

    @property
    def kind(self) -> str:
        """`webhook` or `chat`."""
        ...

    @property
    def address(self) -> str:
        """A secret."""
        ...

    @property
    def key(self) -> str | None:
        """What signs a webhook; a secret."""
        ...

    @property
    def said(self) -> Said:
        """What is said."""
        ...


Say = Callable[[DeliveryRow], Order | str]
"""What is to be told, or a sentence that says why it cannot be."""


class Alerting:
    """Tells what is due. Safe to run in several workers at once: each delivery is taken by one.

    Args:
        store: holds the queue.
        client: performs calls, within its guard.
        say: works out what is told.
        clock: aware UTC.
    """

    def __init__(self, store: Store, client: PoliteClient, say: Say, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._client = client
        self._say = say
        self._clock = clock
        self._underway = Underway()

    async def tick(self) -> None:
        """Start to tell what is due, unless that is going on already."""
        if not len(self._underway):
            self._underway.start(self.run(), name="telling alerts")

    async def drain(self, grace: timedelta) -> None:
        """Let what is under way end within the grace time; what is cut off ends as unknown."""
        await self._underway.drain(grace)

    async def run(self) -> None:
        """Tell what is due, one after the other."""
        if not await asyncio.to_thread(self._anything):
            return
        for _turn in range(MOST_PER_RUN):
            taken = await asyncio.to_thread(self._take)
            if not taken:
                return
            await self._attend(taken[0])

    async def _attend(self, row: DeliveryRow) -> None:
        """One delivery from its taking to what came of it."""
        try:
            ended = await self._tell(row)
        except StoreError as error:
            _log.error("alert delivery %d waits, the store failed: %s", row.id, error)
            return  # its lease runs out
        except Exception:  # noqa: BLE001 - one delivery's trouble may not stop the others; told or not is not known
            _log.exception("alert delivery %d: a fault of our own", row.id)
            ended = Ended(Outcome.UNKNOWN, _CUT)
        await asyncio.to_thread(self._settle, row, ended)

    async def _tell(self, row: DeliveryRow) -> Ended:
        order = await asyncio.to_thread(self._say, row)
        if isinstance(order, str):
            return Ended(Outcome.REFUSED, order)
        secrets = tuple(one for one in (order.address, order.key) if one)
        KNOWN.add(secrets)
        if order.kind == WEBHOOK:
            ended = await self._post(row, order, secrets)
        else:
            ended = await self._chat(row, order)
        return Ended(ended.outcome, redact_text(ended.text, secrets)[:LONGEST_ERROR], ended.not_before)

    async def _post(self, row: DeliveryRow, order: Order, secrets: tuple[str, ...]) -> Ended:
        document = {"type": str(order.said.facts.get("kind", "")), "title": order.said.title, **order.said.facts}
        document["text"] = "\n".join(order.said.lines)
        headers = signed(f"msg_{row.id}", self._clock(), orjson.dumps(document), order.key or "")
        request = HttpRequest(
            order.address, method="POST", json=document, headers=headers, safe_to_repeat=False, max_bytes=100_000
        )
        if not await asyncio.to_thread(self._handing_over, row.id):
            return Ended(Outcome.NOT_OURS)
        try:
            return answered(await self._client.fetch(request, secrets=secrets))
        except ConnectorError as error:
            return failed(error)

    async def _chat(self, row: DeliveryRow, order: Order) -> Ended:
        try:
            plugin = await asyncio.to_thread(chatting.plugin_of, order.address)
            host = chatting.own_host(plugin)
            if host is not None:  # its own client asks nobody where it may go
                await self._client.guard.check(host)
        except ConnectorError as error:  # nothing has gone out
            return failed(error)
        if not await asyncio.to_thread(self._handing_over, row.id):
            return Ended(Outcome.NOT_OURS)
        said = order.said
        quote = [f"> {said.quote}"] if said.quote else []
        body = "\n".join([*said.lines, *quote, said.link])
        how, text = await asyncio.to_thread(chatting.say, plugin, said.title, body)
        return Ended(Outcome(how.value), text)

    def _anything(self) -> bool:
        """Whether there is anything to do; what a dead worker had in its hands is given up."""
        now = self._clock()
        with self._store.read() as conn:  # most runs find nothing, and then take no write lock
            if not alert_deliveries.anything_to_do(conn, now=now):
                return False
        with self._store.write() as conn:
            lost = alert_deliveries.give_up_lost(conn, now=now, error_text=_LOST)
        if lost:
            _log.warning("%d alerts may or may not have been told; see the page of alerts", lost)
        return True

    def _take(self) -> list[DeliveryRow]:
        with self._store.write() as conn:
            return alert_deliveries.take(conn, now=self._clock(), lease=LEASE, limit=1)

    def _handing_over(self, delivery_id: int) -> bool:
        with self._store.write() as conn:
            return alert_deliveries.handing_over(conn, delivery_id, now=self._clock(), lease=LEASE)

    def _settle(self, row: DeliveryRow, ended: Ended) -> None:
        if ended.outcome is Outcome.NOT_OURS:
            return
        now = self._clock()
        pause = pause_after(row.attempts)
        state, not_before = FAILED, None
        if ended.outcome is Outcome.SENT:
            state = SENT
        elif ended.outcome is Outcome.UNKNOWN:
            state = UNKNOWN
        elif ended.outcome is Outcome.LATER and pause is not None:
            state, not_before = QUEUED, max(now + pause, ended.not_before or now)
        told = None if state == SENT else ended.text
        with self._store.write() as conn:
            alert_deliveries.settle(conn, row.id, state, now=now, error_text=told, not_before=not_before)
        if state != SENT:
            _log.warning("alert delivery %d (%s) is %s: %s", row.id, row.kind, state, ended.text)


def signed(message_id: str, at: datetime, body: bytes, key: str) -> dict[str, str]:
    """Headers by which a receiver knows that a webhook is ours, and whether it saw it before.

    Args:
        message_id: the same at every try.
        at: aware UTC; a receiver refuses what is much older than its own clock.
        body: exactly as it goes out.
        key: `whsec_` and base64, as it was shown when the receiver was made.
    """
    stamp = str(int(at.timestamp()))
    secret = base64.b64decode(key.removeprefix("whsec_"))
    signature = hmac.new(secret, b".".join((message_id.encode(), stamp.encode(), body)), hashlib.sha256).digest()
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": stamp,
        "Webhook-Signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def answered(response: HttpResponse) -> Ended:
    """What follows from an answer. Every answer but 2xx says that it was not taken."""
    status = response.status
    if 200 <= status < 300:
        return Ended(Outcome.SENT)
    text = f"The receiver answered {status}."
    if status in _NOT_NOW or status >= 500:
        return Ended(
            Outcome.LATER, text, read_retry_after(response.headers.get("retry-after", ""), response.received_at)
        )
    return Ended(Outcome.REFUSED, text)


def failed(error: ConnectorError) -> Ended:
    """What follows when no answer came."""
    text = str(error) or type(error).__name__
    match error:
        case RateLimited():  # its own wish, kept before anything went out
            return Ended(Outcome.LATER, text, error.until)
        case Transient(arrived=False):
            return Ended(Outcome.LATER, text)
        case Forbidden() | BadRequest():
            return Ended(Outcome.REFUSED, text)
        case _:
            return Ended(Outcome.UNKNOWN, _CUT)
