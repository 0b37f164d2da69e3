"""The logins that connectors work with: taken from the vault, renewed before they end, kept the moment they change.

One process renews a login at a time (a claim in the store), and one task in it: many platforms take a refresh token
only once, and revoke the whole login when it comes twice. What the platform answers is committed before it is used for
anything else, and a cancelled run does not stop that. Only a process that is killed between the platform's answer and
the commit loses a renewal; docs/writing-a-connector.md says what follows.

A renewal is read by a connector of its own (the agent), so that the one at work never holds a token that is not kept.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from connectors.contract import Connector, Options
from connectors.errors import AuthDead, AuthExpired, ConnectorError, FormatChanged, RateLimited, Transient
from connectors.requests import Request, Response
from pipeline.http.redact import KNOWN
from pipeline.ledger import Ledger
from pipeline.renewing import is_due, nothing_went_out, secrets_in
from pipeline.settings import SourceSettings
from store.errors import KeyUnusableError, SealBrokenError, StoreError
from store.vault import Kept, Vault

_log = logging.getLogger(__name__)

Ask = Callable[[Request], Awaitable[Response]]

CLAIM = timedelta(minutes=3)
"""How long a renewal may take; longer than the client's own limit. Who holds it longer is taken for dead."""
_RETRY = timedelta(minutes=1)
_WAITS, _WAIT_S = 50, 0.2


@dataclass(slots=True)
class _Held:
    """The login of one source in this process.

    Attributes:
        connector: the one at work.
        agent: reads renewals.
        version: of the row that both took; 0 without one.
        stamp: grows whenever the connector got another login.
        values: what was taken, as it is kept.
        pending: what a platform gave and the store could not keep yet: nothing is done before it is.
    """

    source: SourceSettings
    connector: Connector[Options]
    agent: Connector[Options]
    version: int = 0
    stamp: int = 0
    since: datetime | None = None
    values: Mapping[str, str] | None = field(default=None, repr=False)
    pending: Mapping[str, str] | None = field(default=None, repr=False)
    not_before: datetime | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class Logins:
    """Gives connectors their login and keeps it alive. One for the whole process.

    Args:
        ledger: the store.
        vault: where logins are kept; without one a renewed login lives as long as this process.
        make: builds a connector.
        clock: aware UTC.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        ledger: Ledger,
        vault: Vault | None,
        make: Callable[[SourceSettings], Connector[Options]],
        clock: Callable[[], datetime],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._ledger = ledger
        self._vault = vault
        self._make = make
        self._clock = clock
        self._sleep = sleep
        self._held: dict[str, _Held] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._name = f"{socket.gethostname()}:{os.getpid()}"

    async def take(self, source: SourceSettings, connector: Connector[Options]) -> None:
        """Give the connector the kept login, if there is one that it does not have yet. Asks no platform.

        Raises:
            AuthDead: it cannot be read, or was disconnected: a person has to log in again.
        """
        held = self._of(source, connector)
        async with held.lock:
            await self._settle_pending(held)
            await self._newer(held)

    async def ready(self, source: SourceSettings, connector: Connector[Options], ask: Ask) -> None:
        """Take the kept login, and renew one that ends soon.

        Args:
            source: whose login it is.
            connector: the source's.
            ask: performs a request.

        Raises:
            ConnectorError: there is no login to work with. `Transient` and `RateLimited` only when it has ended.
        """
        await self.take(source, connector)
        held, now, ends_at = self._of(source, connector), self._clock(), connector.login_ends_at()
        if ends_at is None or not is_due(ends_at, held.since, now):
            return
        if (held.not_before is not None and now < held.not_before) or connector.refresh() is None:
            return
        held.not_before = now + _RETRY  # neither a platform in trouble nor one whose clock is wrong is pressed
        try:
            await self.renew(source, connector, ask)
        except (Transient, RateLimited) as error:
            if now >= ends_at:
                raise
            _log.warning("source %s: the login could not be renewed yet: %s", source.id, error)

    async def renew(
        self, source: SourceSettings, connector: Connector[Options], ask: Ask, *, stamp: int | None = None
    ) -> None:
        """Renew a login. What goes out is followed to its end, whatever becomes of the caller.

        Args:
            source: whose login it is.
            connector: the source's.
            ask: performs a request.
            stamp: of the login that the platform refused (`stamp`): one that is newer already is not renewed again.

        Raises:
            AuthDead: only a person can log in again.
            ConnectorError: renewing failed. `Transient` says that nothing of ours arrived, since no call of ours did.
        """
        held = self._of(source, connector)
        seen = held.stamp if stamp is None else stamp
        task = asyncio.create_task(self._renew(held, ask, seen), name=f"login of {source.id}")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_seen)
            raise

    async def keep(self, source: SourceSettings, connector: Connector[Options]) -> None:
        """Keep a login that an answer has changed. Call it after each answer that was read.

        Raises nothing: what the answer said stands, and the login is kept before anything else is asked.
        """
        values = connector.login_to_keep()
        held = self._of(source, connector)
        if values is None or self._vault is None or values == held.values:
            return
        async with held.lock:
            if values == held.values:
                return
            held.agent.login_taken(values)
            held.pending = dict(values)
            try:
                await self._settle_pending(held)
            except ConnectorError as error:
                _log.warning("source %s: %s", source.id, error)

    def stamp(self, source: SourceSettings, connector: Connector[Options]) -> int:
        """Which login the connector has: remembered with a request, it says which login a refusal is about."""
        return self._of(source, connector).stamp

    def secrets(self, source_id: str) -> tuple[str, ...]:
        """What of a source's kept login may never be shown."""
        held = self._held.get(source_id)
        return () if held is None or held.values is None else secrets_in(held.values)

    async def settled(self) -> None:
        """Wait until no renewal is under way; for an orderly end."""
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    def _of(self, source: SourceSettings, connector: Connector[Options]) -> _Held:
        held = self._held.get(source.id)
        if held is None or held.connector is not connector:
            held = _Held(source, connector, self._make(source))
            self._held[source.id] = held
        return held

    async def _renew(self, held: _Held, ask: Ask, seen: int) -> None:
        async with held.lock:
            await self._settle_pending(held)
            if held.stamp != seen or await self._newer(held):
                return  # somebody was quicker
            _renewal(held)
            by = f"{self._name}:{uuid4().hex[:8]}"
            if not await self._claimed(held, by):
                return
            try:
                await self._ask(held, ask)
            finally:
                await self._released(held, by)

    async def _claimed(self, held: _Held, by: str) -> bool:
        """Become the one process that renews; False when another one has done so meanwhile.

        Raises:
            Transient: another process holds it and does not come to an end.
        """
        vault = self._vault
        if vault is None:
            return True
        for _ in range(_WAITS):
            try:
                if await self._ledger.write(_claim, vault, held, by, self._clock()):
                    return True
            except KeyUnusableError as error:
                raise AuthDead(str(error)) from error
            if await self._newer(held):
                return False
            await self._sleep(_WAIT_S)
        msg = "another process is renewing the login; waiting for it"
        raise Transient(msg, retry_after_s=CLAIM.total_seconds() / 3, arrived=False)

    async def _released(self, held: _Held, by: str) -> None:
        vault = self._vault
        if vault is None:
            return
        try:
            await self._ledger.write(lambda: vault.release(held.source.id, by=by))
        except StoreError as error:
            _log.warning("source %s: the claim on its login ends by itself: %s", held.source.id, error)

    async def _ask(self, held: _Held, ask: Ask) -> None:
        """Renew, keep, and only then use."""
        response = await self._answer(held, ask)
        if response is None:
            return
        values = held.agent.login_to_keep()
        if values is None:
            held.connector.refreshed(response)
            held.stamp += 1
            return
        held.pending = dict(values)
        await self._settle_pending(held)

    async def _answer(self, held: _Held, ask: Ask, *, first: bool = True) -> Response | None:
        """The answer with a renewed login, which the agent has read; None when another process renewed it after all.

        A login with two ways to be renewed (a session, or else the app password) has a second try.
        """
        request = _renewal(held)
        try:
            response = await ask(request)
        except (Transient, FormatChanged) as error:
            raise nothing_went_out(error) from error
        try:
            _read(held.agent, response)
        except ConnectorError as error:
            if await self._newer(held):
                return None
            following = held.agent.refresh()
            if first and isinstance(error, Transient | AuthExpired) and following not in (None, request):
                return await self._answer(held, ask, first=False)
            if isinstance(error, AuthExpired):
                raise AuthDead(str(error)) from error
            if isinstance(error, Transient | FormatChanged):
                raise nothing_went_out(error) from error
            raise
        return response

    async def _settle_pending(self, held: _Held) -> None:
        """Commit what a platform gave, and give it to the connector.

        Raises:
            Transient: the store cannot keep it now; it is tried again before anything else is done.
        """
        values, vault = held.pending, self._vault
        if values is None:
            return
        KNOWN.add(secrets_in(values))
        now, ends_at = self._clock(), held.agent.login_ends_at()
        if vault is not None:
            try:
                kept = await self._ledger.write(lambda: _swapped(vault, held, values, ends_at, now))
            except StoreError as error:
                msg = f"the renewed login could not be kept yet: {error}"
                raise Transient(msg, arrived=False) from error
            if not kept:
                held.pending = None
                await self._newer(held)
                return
            held.version += 1
        held.pending = None
        self._use(held, values, since=now)

    async def _newer(self, held: _Held) -> bool:
        """Take a login that was kept since by somebody else; whether there was one.

        Raises:
            AuthDead: it cannot be read, or was disconnected.
        """
        vault = self._vault
        if vault is None:
            return False
        version = await self._ledger.read(vault.version, held.source.id)
        if (version or 0) == held.version:
            return False
        if version is None:
            msg = f"the account of {held.connector.platform} was disconnected"
            raise AuthDead(msg)
        try:
            kept = await self._ledger.read(vault.read, held.source.id, self._clock())
        except (SealBrokenError, KeyUnusableError) as error:
            msg = f"the login of {held.connector.platform} cannot be read: {error}"
            raise AuthDead(msg) from error
        return self._took(held, kept)

    def _took(self, held: _Held, kept: Kept | None) -> bool:
        if kept is None or kept.values is None:
            return False
        if kept.connector != held.source.connector:
            msg = f"the login kept for {held.source.id} is one of {kept.connector}"
            raise AuthDead(msg)
        held.version = kept.version
        held.agent.login_taken(kept.values)
        self._use(held, kept.values, since=kept.since)
        return True

    def _use(self, held: _Held, values: Mapping[str, str], *, since: datetime | None) -> None:
        KNOWN.add(secrets_in(values))
        held.values, held.since = dict(values), since
        held.stamp += 1
        held.connector.login_taken(values)


def _swapped(vault: Vault, held: _Held, values: Mapping[str, str], ends_at: datetime | None, now: datetime) -> bool:
    """Keep a login in place of the one that was taken; the first of a source makes its row."""
    source_id, version = held.source.id, held.version
    if version == 0 and vault.version(source_id) is None:
        _claim(vault, held, "the first login", now)
    return vault.swap(source_id, version=version, values=values, ends_at=ends_at, now=now)


def _renewal(held: _Held) -> Request:
    """The call that renews.

    Raises:
        AuthDead: there is none.
    """
    request = held.agent.refresh()
    if request is None:
        msg = f"the login of {held.connector.platform} has expired and cannot be renewed without you"
        raise AuthDead(msg)
    return request


def _claim(vault: Vault, held: _Held, by: str, now: datetime) -> bool:
    source = held.source
    return vault.claim(source.id, connector=source.connector, version=held.version, by=by, now=now, until=now + CLAIM)


def _read(agent: Connector[Options], response: Response) -> None:
    """Have the answer to a renewal read.

    Raises:
        ConnectorError: it holds no renewed login.
    """
    try:
        agent.refreshed(response)
    except ConnectorError:
        raise
    except Exception as error:  # a third party's fault; its text may hold what the answer holds
        msg = f"the {agent.name} connector failed at reading a renewed login: {type(error).__name__}"
        raise FormatChanged(msg) from error


def _seen(task: asyncio.Task[None]) -> None:
    """Nobody waits for it any more: its end is at least told."""
    if not task.cancelled() and task.exception() is not None:
        _log.warning("%s: %s", task.get_name(), task.exception())
