"""The transport that connects to judged addresses only.

aiohttp asks its resolver for every new connection and keeps connections by host name. Both would undo the guard:
a second DNS answer may differ from the judged one, and a connection opened for one source could serve another.
So the host handed to aiohttp *is* the list of judged addresses, written as a name; the resolver below reads the
name back and never asks anyone. TLS still checks the certificate against the real host (SNI and Host stay
right), and aiohttp still tries the addresses in turn.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Sequence
from typing import Any, Self, cast

import aiohttp
import httpx
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport

from pipeline.http.settings import ClientSettings

PINNED = "pinned_addresses"
_SUFFIX = ".pinned.invalid"  # RFC 6761: never resolves anywhere
_MOST_ADDRESSES = 6  # a DNS name holds 253 characters, an IPv6 address takes 33 of them


def name_of(addresses: Sequence[str]) -> str:
    """Write IP addresses as a host name that only `PinnedResolver` understands."""
    packed = (ipaddress.ip_address(address).packed.hex() for address in addresses[:_MOST_ADDRESSES])
    return ".".join(packed) + _SUFFIX


def addresses_in(name: str) -> list[str]:
    """Read the IP addresses back.

    Raises:
        OSError: the name is not one of ours, so nothing judged it.
    """
    if not name.endswith(_SUFFIX):
        msg = f"{name} was not judged by the guard"
        raise OSError(msg)
    return [str(ipaddress.ip_address(bytes.fromhex(part))) for part in name.removesuffix(_SUFFIX).split(".")]


class PinnedResolver(AbstractResolver):
    """Reads addresses out of the name itself; does no DNS."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Answer aiohttp with the judged addresses; `family` is what each address says."""
        del family
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses_in(host)
        ]

    async def close(self) -> None:
        """Nothing is held."""


class _AsWritten:
    """Hands addresses to aiohttp as they are written.

    Left to itself aiohttp decodes what need not be coded (`%3A` becomes `:`), and some platforms read such a sign as
    part of their query language. Stands in for the session where the transport wants one or a way to get one.
    """

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    def __call__(self) -> Self:
        return self

    def request(self, method: str, url: str, **how: Any) -> Any:
        return self.session.request(method, yarl.URL(url, encoded=True), **how)


class PinnedTransport(httpx.AsyncBaseTransport):
    """httpx transport over aiohttp that refuses a request without judged addresses.

    Args:
        settings: pool size.
        tls: context for https; the system's trust store when None.
    """

    def __init__(self, settings: ClientSettings, *, tls: ssl.SSLContext | None = None) -> None:
        self._settings = settings
        self._tls = tls or ssl.create_default_context()
        self._inner: AiohttpTransport | None = None
        self._session: aiohttp.ClientSession | None = None

    def _transport(self) -> AiohttpTransport:
        """The aiohttp transport, made on first use because it belongs to the running loop."""
        if self._inner is None:
            connector = aiohttp.TCPConnector(
                resolver=PinnedResolver(),
                use_dns_cache=False,
                ssl=self._tls,
                limit=self._settings.overall,
                keepalive_timeout=30.0,
            )
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False
            )
            self._inner = AiohttpTransport(verify=self._tls, client=cast("Any", _AsWritten(self._session)))
        return self._inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request to its judged addresses.

        Raises:
            httpx.UnsupportedProtocol: nobody judged where the request leads.
        """
        addresses = request.extensions.get(PINNED)
        if not addresses:
            msg = "a request reached the network without passing the guard"
            raise httpx.UnsupportedProtocol(msg)
        asked = request.url
        if asked.scheme == "https":
            request.extensions["sni_hostname"] = asked.raw_host.decode("ascii").strip("[]")
        request.url = asked.copy_with(host=name_of(addresses))
        try:
            return await self._transport().handle_async_request(request)
        finally:
            request.url = asked

    async def aclose(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._inner = self._session = None
