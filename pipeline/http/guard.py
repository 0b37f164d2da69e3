"""Which addresses Klankbord may reach: the public internet, and what a person named in the configuration.

URLs come from feeds, redirects and users, so any of them may point at a metadata service, a router or a database
next door (server-side request forgery). Every hop is therefore resolved here, every resolved address is judged,
and the connection is made to the judged addresses themselves, so that a second DNS answer cannot differ from the
first (DNS rebinding).
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from connectors.errors import BadRequest, Forbidden, Transient
from pipeline.http.redact import redact_url

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address

WEB_SCHEMES: frozenset[str] = frozenset({"http", "https"})
SOCKET_SCHEMES: frozenset[str] = frozenset({"ws", "wss"})
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_LONGEST_URL = 8_192
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?\.?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_FORBIDDEN_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
# Names that on their face belong to a private network: RFC 6761, RFC 8375, RFC 6762, ICANN's reserved .internal,
# and what companies use.
_INSIDE_NAMES = (".localhost", ".local", ".internal", ".intern", ".intranet", ".lan", ".home.arpa")

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
# Protocol assignments and the 6to4 relay, which Python counts as global in part.
_RESERVED_V4 = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("192.88.99.0/24"))
_BROADCAST = ipaddress.IPv4Address("255.255.255.255")
_CGNAT = ipaddress.IPv4Network("100.64.0.0/10")
# Teredo, ORCHID, 6to4: carry or hide another address.
_TUNNELS = (ipaddress.IPv6Network("2001::/23"), ipaddress.IPv6Network("2002::/16"))


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, and the only addresses it may be called at.

    Attributes:
        scheme, host, port: as the URL says; the host in lower case, ASCII, without brackets.
        addresses: judged IP addresses, in the resolver's order.
    """

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: credentials do not cross from one origin to another."""
        return (self.scheme, self.host, self.port)


def read_url(url: str, schemes: frozenset[str] = WEB_SCHEMES) -> tuple[str, str, int]:
    """Read scheme, host and port of an absolute URL.

    Raises:
        BadRequest: not an absolute URL of an allowed scheme, with userinfo, or with a disguised host.
    """
    shown = redact_url(url[:200])
    if len(url) > _LONGEST_URL:
        msg = f"the address {shown}… is longer than {_LONGEST_URL} characters"
        raise BadRequest(msg)
    if _FORBIDDEN_IN_URL.search(url):
        msg = f"the address {shown!r} contains spaces, backslashes or control characters: correct it"
        raise BadRequest(msg)
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii").lower()
        port = _DEFAULT_PORTS.get(parsed.scheme, 0) if parsed.port is None else parsed.port
        if not 0 <= port <= 65_535:
            raise ValueError
    except (httpx.InvalidURL, ValueError, TypeError):
        msg = f"the address {shown!r} cannot be read as a URL: correct it"
        raise BadRequest(msg) from None
    if parsed.scheme not in schemes or not host:
        wanted = " or ".join(f"{scheme}://" for scheme in sorted(schemes))
        msg = f"the address {shown!r} does not begin with {wanted} and a host name"
        raise BadRequest(msg)
    if parsed.userinfo:
        msg = f"the address {shown!r} carries a user name or password before the host: configure them as credentials"
        raise BadRequest(msg)
    _refuse_disguise(host.strip("[]"), shown)
    return parsed.scheme, host.strip("[]"), port


def _refuse_disguise(host: str, shown: str) -> None:
    """Refuse hosts whose spelling hides an address (`2130706433`, `0x7f.1`, `127.1`, zone ids, `%2e`)."""
    if ":" in host:
        try:
            ipaddress.IPv6Address(host)
        except ValueError:
            host = ""
        if not host or "%" in host:
            msg = f"the address {shown!r} has a malformed IPv6 host: correct it"
            raise BadRequest(msg)
        return
    if _HOST.fullmatch(host) is None or ".." in host:
        msg = f"the address {shown!r} has characters in its host name that no host name has: correct it"
        raise BadRequest(msg)
    # The URL standard reads a host whose last label is a number as IPv4, however it is spelled.
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) is None:
        return
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        msg = f"the address {shown!r} spells an IP address in an unusual way: write it as four decimal numbers"
        raise BadRequest(msg) from None


def refusal(address: str) -> str | None:
    """Say why an IP address is not on the public internet; None when it is.

    Addresses that carry another one inside (IPv4-mapped, 6to4, Teredo) are refused whole, because no public
    server needs them; NAT64 is judged by the address inside, because IPv6-only machines reach the IPv4
    internet through it. Source: IANA special-purpose address registries.
    """
    try:
        ip: Address = ipaddress.ip_address(address)
    except ValueError:
        return "not an IP address"
    return _refusal_v4(ip) if isinstance(ip, ipaddress.IPv4Address) else _refusal_v6(ip)


def _refusal_v4(ip: ipaddress.IPv4Address) -> str | None:
    """Judge an IPv4 address."""
    simple = (
        (ip.is_loopback, "an address of this machine"),
        (ip.is_link_local, "a link-local address, where cloud machines keep their metadata"),
        (ip.is_multicast or ip == _BROADCAST, "a multicast or broadcast address"),
        (ip.is_unspecified, "no address at all"),
        (ip in _CGNAT, "an address inside a provider's network"),
        (ip.is_private, "a private address"),
        (ip.is_reserved or not ip.is_global or any(ip in block for block in _RESERVED_V4), "a reserved address"),
    )
    return next((reason for holds, reason in simple if holds), None)


def _refusal_v6(ip: ipaddress.IPv6Address) -> str | None:
    """Judge an IPv6 address."""
    if ip.scope_id is not None:
        return "an address of one network interface"
    if ip in _NAT64:
        return _refusal_v4(ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF))
    simple = (
        (ip.is_loopback, "an address of this machine"),
        (ip.is_unspecified, "no address at all"),
        (ip.ipv4_mapped is not None, "an IPv4 address dressed as IPv6"),
        (ip.is_link_local, "a link-local address"),
        (ip.is_multicast, "a multicast address"),
        (any(ip in tunnel for tunnel in _TUNNELS), "a tunnel address that carries another one"),
        (ip.is_private or ip.is_site_local, "a private address"),
        (ip not in _GLOBAL_UNICAST or not ip.is_global, "a reserved address"),
    )
    return next((reason for holds, reason in simple if holds), None)


def looks_inside(host: str) -> bool:
    """Tell whether a host can only mean a private network: an IP address, a bare name, `.internal` and the like."""
    name = host.rstrip(".")
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_INSIDE_NAMES)
    return True


def is_named(host: str, port: int, names: frozenset[str]) -> bool:
    """Tell whether `host` or `host:port` is in a list of names; IPv6 with a port is written `[::1]:8080`."""
    name = host.rstrip(".")
    bracketed = f"[{name}]" if ":" in name else name
    return not names.isdisjoint({name, bracketed, f"{bracketed}:{port}"})


_RESOLVERS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="dns")


async def system_resolve(host: str, port: int) -> Sequence[str]:
    """Resolve with the system's resolver, in threads of its own so that a dead DNS server delays nothing else.

    Raises:
        OSError: the name does not resolve.
    """
    loop = asyncio.get_running_loop()
    found = await loop.run_in_executor(_RESOLVERS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Judges where a URL leads before anything is sent there.

    Two lists open private addresses. `allow_private_hosts` is an administrator's explicit word and opens every
    address but multicast and "no address". `private_hosts`, given per call, are the host names of one source:
    they open private and loopback addresses only for a name that on its face is private (`localhost`,
    `10.1.2.3`, `forum.internal`). A public name never opens anything by itself, since whoever runs its DNS could
    then point us at the machine next door.

    Args:
        allow_private_hosts: `host` or `host:port`, lower case.
        resolve: turns a host name into IP addresses.
    """

    def __init__(self, *, allow_private_hosts: frozenset[str] = frozenset(), resolve: Resolve = system_resolve) -> None:
        self._allowed = frozenset(name.lower() for name in allow_private_hosts)
        self._resolve = resolve

    async def check(
        self,
        url: str,
        *,
        private_hosts: frozenset[str] = frozenset(),
        schemes: frozenset[str] = WEB_SCHEMES,
    ) -> Target:
        """Resolve a URL's host and judge every address it has.

        Raises:
            BadRequest: the URL cannot be called as it is written.
            Forbidden: it leads to an address that is not public and that nobody allowed.
            Transient: the name does not resolve now.
        """
        scheme, host, port = read_url(url, schemes)
        addresses = await self._addresses(host, port)
        for address in addresses:
            reason = refusal(address)
            if reason is not None and not self._opened(host, port, address, private_hosts):
                where = f"{host} is" if host == address else f"{host} leads to {address},"
                msg = (
                    f"{where} {reason}; it is not called. If you trust it, add "
                    f"'{host}:{port}' to allow_private_hosts in the configuration"
                )
                raise Forbidden(msg)
        return Target(scheme, host, port, addresses)

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        """The host's IP addresses; a literal is its own."""
        try:
            return (str(ipaddress.ip_address(host)),)
        except ValueError:
            pass
        try:
            found = tuple(await self._resolve(host, port))
        except (OSError, UnicodeError):
            found = ()
        if not found:
            msg = f"the host name {host} does not resolve to an address now; check its spelling if this lasts"
            raise Transient(msg, arrived=False)
        return found

    def _opened(self, host: str, port: int, address: str, private_hosts: frozenset[str]) -> bool:
        """Tell whether one of the two lists opens a refused address."""
        ip = ipaddress.ip_address(address)
        if ip.is_multicast or ip.is_unspecified:
            return False
        if is_named(host, port, self._allowed):
            return True
        inside = ip.is_loopback or (ip.is_private and not ip.is_link_local) or (ip.version == 4 and ip in _CGNAT)
        named = frozenset(name.lower() for name in private_hosts)
        return inside and looks_inside(host) and is_named(host, port, named)
