"""Redirects, decided hop by hop: where to go next, what to take along, and what to remember."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urldefrag, urljoin

from connectors.errors import BadRequest, Forbidden, Transient
from connectors.requests import HttpRequest
from pipeline.http.guard import Target
from pipeline.http.redact import HIDDEN, redact_url

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PERMANENT = frozenset({301, 308})
_READS = frozenset({"GET", "HEAD"})
# What may go to another origin; anything else might be a credential.
_HARMLESS = frozenset(
    {"accept", "accept-language", "accept-encoding", "user-agent", "if-none-match", "if-modified-since"}
)


@dataclass(frozen=True, slots=True)
class Hop:
    """One call of a chain.

    Attributes:
        url: absolute; may carry secrets.
        method: verb of this hop.
        headers: what is sent, credentials included.
        body: bytes, or None.
        permanent: True while every redirect so far was a permanent one.
        count: redirects followed so far.
    """

    url: str
    method: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    permanent: bool = True
    count: int = 0


def next_hop(hop: Hop, status: int, location: str, *, most: int, secrets: Sequence[str] = ()) -> Hop:
    """Decide the next hop of a redirect, before its address is judged.

    Raises:
        Transient: the site sends us around in circles.
        Forbidden: the redirect leaves https for http.
        BadRequest: a writing call is redirected, which is never repeated elsewhere by itself.
    """
    shown = redact_url(hop.url, secrets)
    if hop.count >= most:
        msg = f"{shown} redirects more than {most} times; the site may want cookies or be set up in a circle"
        raise Transient(msg)
    # Many servers write spaces where the standard wants them coded.
    url = urldefrag(urljoin(hop.url, location.strip().replace(" ", "%20"))).url
    if hop.url.lower().startswith("https:") and url.lower().startswith("http:"):
        msg = f"{shown} redirects from https to unprotected http; it is not followed. Correct the address"
        raise Forbidden(msg)
    method, body = hop.method, hop.body
    if status == 303 and method != "HEAD":
        method, body = "GET", None
    elif method not in _READS:
        msg = (
            f"{shown} has moved to {redact_url(url, secrets)}; a call that writes is not repeated there by itself. "
            "Correct the address in the configuration"
        )
        raise BadRequest(msg)
    return Hop(url, method, hop.headers, body, hop.permanent and status in _PERMANENT, hop.count + 1)


def travelling_headers(headers: Mapping[str, str], came_from: Target, goes_to: Target) -> dict[str, str]:
    """The headers to send along: all within one origin, only harmless ones to another.

    The same host on https instead of http counts as one origin, as in browsers.
    """
    upgraded = came_from.scheme == "http" and goes_to.scheme == "https" and (came_from.port, goes_to.port) == (80, 443)
    if came_from.origin == goes_to.origin or (upgraded and came_from.host == goes_to.host):
        return dict(headers)
    return {name: value for name, value in headers.items() if name.lower() in _HARMLESS}


def moved_to(request: HttpRequest, last: Hop, secrets: Sequence[str] = ()) -> str | None:
    """The new address to remember: only when every redirect was permanent and the address holds no secret."""
    if not last.count or not last.permanent:
        return None
    url = last.url
    for name, value in request.params:
        # The parameters of this call are not part of the address.
        if name in url and value in url:
            return None
    return None if HIDDEN in redact_url(url, secrets) else url
