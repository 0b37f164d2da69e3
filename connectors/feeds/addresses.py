"""A feed's address: what may be shown and stored of it, and what is secret."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

#: Query parameters that grant access. Matching whole words of the name keeps `author` and `keyword` out.
_SECRET_NAME = re.compile(
    r"(^|[_\-.])(token|access_?token|auth|key|api_?key|secret|sig|signature|password|passwd|pass|pwd|session|sid)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Address:
    """One configured feed.

    Attributes:
        query_id: key of the feed within its source, at most 200 characters, without secrets.
        url: to ask for; without user name, password and secret parameters.
        namespace: what the feed's ids are unique within. It leaves out the scheme, so that a move to https
            doubles nothing.
        secret_params: parameters to send that must not be stored.
        login: user name and password from the address itself.
    """

    query_id: str
    url: str
    namespace: str
    secret_params: tuple[tuple[str, str], ...] = ()
    login: tuple[str, str] | None = field(default=None, repr=False)


def read_addresses(urls: Sequence[str]) -> tuple[Address, ...]:
    """Take the configured addresses apart, in order, each with a key of its own."""
    addresses: list[Address] = []
    taken: set[str] = set()
    for url in urls:
        address = _read_address(url)
        if address.query_id in taken:  # the same feed under two different tokens
            mark = "#" + hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:12]
            address = Address(
                address.query_id[:180] + mark,
                address.url,
                address.namespace + mark,
                address.secret_params,
                address.login,
            )
        taken.add(address.query_id)
        addresses.append(address)
    return tuple(addresses)


def secrets_in(url: str) -> list[str]:
    """The password and secret parameters an address holds, as they are and as they are written in it."""
    try:
        parts = urlsplit(url)
        found = [parts.password, unquote(parts.password or "")]
    except ValueError:  # no address at all; the options say so
        return []
    for name, value in parse_qsl(parts.query):
        if _SECRET_NAME.search(name):
            found += [value, quote(value, safe="")]
    return [secret for secret in dict.fromkeys(found) if secret]


def _read_address(url: str) -> Address:
    parts = urlsplit(url)
    login = None
    if parts.username:
        login = (unquote(parts.username), unquote(parts.password or ""))
    host = (parts.hostname or "").lower()
    if ":" in host:  # IPv6
        host = f"[{host}]"
    if parts.port is not None and (parts.scheme.lower(), parts.port) not in {("http", 80), ("https", 443)}:
        host = f"{host}:{parts.port}"
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    secrets = tuple(pair for pair in pairs if _SECRET_NAME.search(pair[0]))
    # a query without secrets stays as it was written: some servers mind the spelling
    query = urlencode([pair for pair in pairs if pair not in secrets]) if secrets else parts.query
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    clean = urlunsplit((parts.scheme.lower(), host, path, query, ""))
    namespace = clean.split("://", 1)[1]
    return Address(_short(clean, 200), clean, _short(namespace, 300), secrets, login)


def _short(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: most - 17] + "#" + hashlib.sha256(text.encode()).hexdigest()[:16]


def basic_authorization(user: str, password: str) -> str:
    """Build the value of an Authorization header (RFC 7617, UTF-8)."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode("ascii")


def absolute_url(url: object, base: str = "") -> str | None:
    """Make an address from a feed absolute; None unless it is then http or https with a host."""
    if not isinstance(url, str) or not url.strip() or len(url) > 8_000:
        return None
    try:
        joined = urljoin(base, url.strip())
        parts = urlsplit(joined)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or any(ord(char) < 33 for char in joined):
        return None
    return joined


def same_origin(one: str, other: str) -> bool:
    """Tell whether two addresses share scheme, host and port, so that a password may go along."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.scheme, first.netloc.lower()) == (second.scheme, second.netloc.lower())
