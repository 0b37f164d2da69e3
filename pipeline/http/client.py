"""The one HTTP client, polite towards those it visits and careful about where it is led.

Does not judge an answer: it returns every status to the connector, which decides by the body. What it raises is
trouble on the way there: `Transient` for the network, `RateLimited` for a host that asked us to wait, `Forbidden`
and `BadRequest` for addresses that are not called, `FormatChanged` for a body that is not read to its end.
"""

from __future__ import annotations

import asyncio
import hashlib
import http.cookiejar
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import NamedTuple, Self
from urllib.parse import urlencode

import aiohttp
import httpx
import orjson

from connectors.errors import BadRequest, RateLimited, Transient
from connectors.requests import HttpRequest, HttpResponse
from pipeline.http import hops
from pipeline.http.body import ACCEPT_ENCODING, Broken, Collected, declared_length, read_body
from pipeline.http.guard import Guard, Resolve, Target, system_resolve
from pipeline.http.limits import Caller, LimitBook, read_retry_after
from pipeline.http.redact import (
    KNOWN,
    install_log_redaction,
    is_credential_name,
    is_secret_header,
    is_secret_name,
    redact_url,
)
from pipeline.http.settings import ClientSettings
from pipeline.http.slots import Slots
from pipeline.http.transport import PINNED, PinnedTransport
from pipeline.http.trouble import describe, never_left
from pipeline.http.validators import conditional_headers, full_url, is_same_body, validator_url
from store.records import ValidatorRecord

_PASSING = frozenset({502, 503, 504})
# About the wire, or a credential: of no use to a connector and not to be stored with an answer.
_DROPPED = frozenset({"content-encoding", "content-length", "transfer-encoding", "connection", "set-cookie"})
_NO_BODY = frozenset({204, 304})


class _Failed(Exception):  # noqa: N818 - internal, never leaves this module
    """The network failed one attempt: may asking at once help (`again`), was our request perhaps read (`arrived`)."""

    def __init__(self, message: str, *, again: bool, arrived: bool = True) -> None:
        super().__init__(message)
        self.again = again
        self.arrived = arrived


class _Answered(NamedTuple):
    """What one hop brought."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


def backoff(attempt: int, first_s: float, cap_s: float, chance: float) -> float:
    """Seconds to wait after a failed attempt: doubling, capped, and spread over the upper half by `chance` (0-1).

    The spread keeps many sources from returning to a recovering host in step.
    """
    return float(min(cap_s, first_s * 2 ** (attempt - 1)) * (0.5 + chance / 2))


class PoliteClient:
    """Performs `HttpRequest`s; one for the whole worker, used as an async context manager.

    Args:
        settings: the limits kept.
        clock: now, as an aware UTC instant.
        sleep: waits so many seconds.
        chance: a random number in [0, 1) for jitter.
        transport: replaces the network in tests; sees the original URLs.
        resolve: turns host names into addresses; the system's resolver by default.
    """

    def __init__(
        self,
        settings: ClientSettings | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        transport: httpx.AsyncBaseTransport | None = None,
        resolve: Resolve = system_resolve,
    ) -> None:
        self.settings = settings or ClientSettings()
        self.guard = Guard(allow_private_hosts=self.settings.allow_private_hosts, resolve=resolve)
        self.limits = LimitBook()
        self._clock = clock
        self._sleep = sleep
        self._chance = chance
        self._slots = Slots(per_host=self.settings.per_host, overall=self.settings.overall)
        self._client = httpx.AsyncClient(
            transport=transport or PinnedTransport(self.settings),
            headers={"User-Agent": self.settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            timeout=httpx.Timeout(
                connect=self.settings.connect_s,
                read=self.settings.read_s,
                write=self.settings.write_s,
                pool=self.settings.pool_s,
            ),
            follow_redirects=False,
            trust_env=False,
            # One source's session must not travel with another's calls.
            cookies=http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[])),
        )
        install_log_redaction()

    async def __aenter__(self) -> Self:
        """Ready at once; connections are made when needed."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every connection."""
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def fetch(
        self,
        request: HttpRequest,
        *,
        validator: ValidatorRecord | None = None,
        secrets: Sequence[str] = (),
        private_hosts: frozenset[str] = frozenset(),
    ) -> HttpResponse:
        """Perform a request and read its answer in full.

        Args:
            request: what to ask; repeated only when `safe_to_repeat`.
            validator: what was committed with the last answer; used only when `request.conditional`.
            secrets: the source's secret values, kept out of every log line, error and returned URL.
            private_hosts: host names of this source's configuration; open private addresses as `Guard` says.

        Returns:
            The answer, of any status. `unchanged` with an empty body for a 304 or the same body as last time;
            `moved_to` when every redirect on the way was permanent.

        Raises:
            RateLimited: the host asked us to wait longer than a few seconds.
            Transient: the network failed, the answer was cut off, or the time limit passed.
            Forbidden: the address leads where we do not go.
            BadRequest: the address or a header cannot be sent as it is written.
            FormatChanged: the body is larger than `request.max_bytes` or compressed in an unknown way.
        """
        KNOWN.add(secrets)
        # A server may say back what a form held.
        hidden = [value for name, value in request.form or () if is_secret_name(name)]
        hidden += [] if request.secret is None else [request.secret]
        KNOWN.add(hidden)
        secrets = (*secrets, *hidden)
        start = _first_hop(request, validator)
        tries = self.settings.tries if request.safe_to_repeat else 1
        arrived = False
        for attempt in range(1, tries + 1):
            wait = backoff(attempt, self.settings.backoff_s, self.settings.backoff_cap_s, self._chance())
            try:
                response = await self._attempt(request, start, validator, secrets, private_hosts)
            except Transient as trouble:
                trouble.arrived = trouble.arrived or arrived
                raise
            except _Failed as failed:
                arrived = arrived or failed.arrived
                if attempt == tries or not failed.again:
                    raise Transient(str(failed), arrived=arrived) from None
            else:
                arrived = True
                if response.status not in _PASSING or attempt == tries:
                    return response
                asked = read_retry_after(response.headers.get("retry-after", ""), response.received_at)
                told = (asked - response.received_at).total_seconds() if asked else 0.0
                if told > self.settings.short_wait_s:
                    return response
                wait = max(wait, told)
            await self._sleep(wait)
        raise AssertionError  # pragma: no cover - the last try returns or raises

    async def _attempt(
        self,
        request: HttpRequest,
        hop: hops.Hop,
        validator: ValidatorRecord | None,
        secrets: Sequence[str],
        private_hosts: frozenset[str],
    ) -> HttpResponse:
        """One try: the chain of hops from the first address to the answer, within the total time limit."""
        loop = asyncio.get_running_loop()
        left = self.settings.total_s
        came_from: Target | None = None
        while True:
            caller = _caller(hop)
            await self._wait_turn(caller)
            async with self._slots.take(caller.host):
                began = loop.time()
                try:
                    async with asyncio.timeout(max(left, 0.001)):
                        target = await self.guard.check(hop.url, private_hosts=private_hosts)
                        if came_from is not None:
                            headers = hops.travelling_headers(hop.headers, came_from, target)
                            hop = replace(hop, headers=headers)
                            # Without the credentials it left behind, a hop counts against another limit.
                            caller = _caller(hop)
                        answer = await self._call(hop, target, caller, request.max_bytes)
                except Transient as trouble:
                    trouble.arrived = trouble.arrived or came_from is not None
                    raise
                except TimeoutError:
                    msg = f"{redact_url(hop.url, secrets)} took longer than {self.settings.total_s:g} s"
                    raise _Failed(msg, again=False) from None
                except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError, Broken) as error:
                    why = str(error) if isinstance(error, Broken) else describe(error)
                    msg = f"{redact_url(hop.url, secrets)} could not be read: {why}"
                    raise _Failed(msg, again=True, arrived=came_from is not None or not never_left(error)) from None
                left -= loop.time() - began
            if answer.status not in hops.REDIRECTS or "location" not in answer.headers:
                return self._shape(request, hop, answer, validator, secrets)
            hop = hops.next_hop(
                hop, answer.status, answer.headers["location"], most=self.settings.max_redirects, secrets=secrets
            )
            came_from = target

    async def _wait_turn(self, caller: Caller) -> None:
        """Keep a host's wish to wait: sleep out a short one, raise for a long one.

        Raises:
            RateLimited: the wait is longer than `short_wait_s`.
        """
        now = self._clock()
        until = self.limits.wait_until(caller, now)
        if until is None:
            return
        seconds = (until - now).total_seconds()
        if seconds > self.settings.short_wait_s:
            host = caller.host.removesuffix(":443").removesuffix(":80")
            msg = f"{host} asks us to wait until {until:%Y-%m-%d %H:%M:%S} UTC"
            raise RateLimited(msg, until=until, whole_host=True)
        await self._sleep(seconds)

    async def _call(self, hop: hops.Hop, target: Target, caller: Caller, max_bytes: int) -> _Answered:
        """Send one hop to its judged addresses and read the answer; a redirect's body is left unread."""
        request = self._client.build_request(hop.method, hop.url, headers=dict(hop.headers), content=hop.body)
        request.extensions[PINNED] = target.addresses
        await self._wait_turn(caller)  # others may have used up what was left while this call waited for its slot
        self.limits.spend(caller, self._clock())
        try:
            response = await self._client.send(request, stream=True)
            headers = _read_headers(response.headers)
            self.limits.note(caller, response.status_code, headers, self._clock())
        finally:
            self.limits.done(caller)
        try:
            if response.status_code in hops.REDIRECTS and "location" in headers:
                return _Answered(response.status_code, headers)
            if hop.method == "HEAD" or response.status_code in _NO_BODY:
                return _Answered(response.status_code, headers)
            encoding = headers.get("content-encoding", "")
            length = declared_length(headers.get("content-length"), max_bytes, encoded=bool(encoding))
            body = await read_body(response.aiter_raw(), Collected(encoding, max_bytes), length)
            return _Answered(response.status_code, headers, body)
        finally:
            await response.aclose()

    def _shape(
        self,
        request: HttpRequest,
        hop: hops.Hop,
        answer: _Answered,
        validator: ValidatorRecord | None,
        secrets: Sequence[str],
    ) -> HttpResponse:
        """Shape the answer for the connector."""
        status, headers, body = answer
        shown = redact_url(hop.url, secrets)
        if status == 304 and not conditional_headers(request, validator):
            msg = f"{shown} says that nothing changed (304), though that was not asked"
            raise Transient(msg)
        unchanged = status == 304 or is_same_body(request, validator, status, body)
        return HttpResponse(
            request=request,
            status=status,
            headers={name: value for name, value in headers.items() if name not in _DROPPED},
            body=b"" if unchanged else body,
            url=shown,
            received_at=self._clock(),
            unchanged=unchanged,
            moved_to=hops.moved_to(request, hop, secrets),
        )


def _first_hop(request: HttpRequest, validator: ValidatorRecord | None) -> hops.Hop:
    """The chain's first call.

    Raises:
        BadRequest: a header holds characters no header may have, or there are two bodies.
    """
    headers = dict(request.headers)
    headers.update(conditional_headers(request, validator))
    body, kind = _body(request)
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        headers["Content-Type"] = kind
    for name, value in headers.items():
        if not name.isascii() or not value.isascii() or not (name + value).isprintable():
            msg = f"the header {name!r} for {validator_url(request)} holds characters that cannot be sent"
            raise BadRequest(msg)
    return hops.Hop(full_url(request), request.method.upper(), headers, body)


def _body(request: HttpRequest) -> tuple[bytes | None, str]:
    """What is sent, and its content type. No body, JSON, or a form in the order and with the repeats given.

    Raises:
        BadRequest: both a form and JSON.
    """
    if request.form is None:
        return (None if request.json is None else orjson.dumps(request.json)), "application/json"
    if request.json is not None:
        msg = f"a call to {validator_url(request)} has both a form and JSON; it can send one of them"
        raise BadRequest(msg)
    return urlencode(request.form).encode("ascii"), "application/x-www-form-urlencoded"


def _caller(hop: hops.Hop) -> Caller:
    """Whose rate limit a call counts against; credentials only as a fingerprint."""
    try:
        url = httpx.URL(hop.url)
    except (httpx.InvalidURL, TypeError):
        return Caller(host=hop.url[:200])
    secrets = [value for name, value in sorted(hop.headers.items()) if is_secret_header(name)]
    secrets += [value for name, value in sorted(url.params.multi_items()) if is_credential_name(name)]
    fingerprint = hashlib.sha256("\0".join(secrets).encode()).hexdigest()[:16] if secrets else ""
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    writes = hop.method not in {"GET", "HEAD"}
    endpoint = "/".join("*" if any(map(str.isdigit, part)) else part for part in url.path.split("/"))[:200]
    return Caller(f"{url.host.lower()}:{port}", fingerprint, writes=writes, endpoint=endpoint)


def _read_headers(headers: httpx.Headers) -> dict[str, str]:
    """Headers with lower-case names, repeats joined by ", "; bytes that are not UTF-8 are read as Latin-1."""
    found: dict[str, str] = {}
    for raw_name, raw_value in headers.raw:
        name = raw_name.decode("latin-1").lower()
        try:
            value = raw_value.decode()
        except UnicodeDecodeError:
            value = raw_value.decode("latin-1")
        found[name] = f"{found[name]}, {value}" if name in found else value
    return found
