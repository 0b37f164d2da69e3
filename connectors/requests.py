"""The four kinds of request a connector may ask for, and the answer to each.

A connector never performs a request: the collector has one loop per kind, all with the same intervals,
quarantine and commit. The kinds are settled, because third parties build on them:

    kind      request          answer            who performs it
    http      HttpRequest      HttpResponse      the one polite HTTP client
    stream    StreamRequest    StreamBatch       websocket, server-sent events or lines of JSON, cut into small batches
    mailbox   MailboxRequest   MailboxBatch      IMAP, read-only, by UID
    file      FileRequest      FileContent       a drop folder on this machine
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connectors.items import Json


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """An HTTP call.

    Attributes:
        url: absolute http(s) URL without secrets.
        secret: stands in place of `{secret}` in `url` when the call goes out, for platforms that want a credential
            there; the client never logs it.
        method: upper-case verb.
        params: query parameters; a sequence of pairs keeps order and repeats.
        headers: may carry credentials; the client never logs them.
        json: body sent as JSON, or None.
        form: body sent as a form (application/x-www-form-urlencoded); not together with `json`.
        conditional: True lets the collector send the validators (ETag, Last-Modified) of the last committed
            answer and compare body hashes; an unchanged answer arrives with `unchanged=True` and no body.
        safe_to_repeat: True when repeating the call cannot do anything twice (all reads; writes with an
            idempotency key). Only such calls are retried.
        max_bytes: cap on the decoded body.
        price: the most this call can cost, by name of the connector's meters; asked only while each has that much left.
        step: the connector's own note of which step of its chain this is, handed back with the response.
    """

    url: str
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Json = field(default=None, repr=False)
    form: tuple[tuple[str, str], ...] | None = field(default=None, repr=False)
    conditional: bool = False
    safe_to_repeat: bool = True
    max_bytes: int = 10_000_000
    price: Mapping[str, float] = field(default_factory=dict)
    step: str = ""
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The answer to an `HttpRequest`, body read in full within its cap.

    Attributes:
        request: what was asked.
        status: HTTP status of the last hop.
        headers: lower-case names; repeated headers joined by ", ".
        body: decoded bytes; empty when `unchanged`.
        url: where the last hop ended.
        received_at: aware UTC instant the answer was complete; stands in for a clock.
        unchanged: 304, or the same body as the last committed answer.
        moved_to: the new address when every redirect on the way was permanent, else None.
    """

    request: HttpRequest
    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    received_at: datetime
    unchanged: bool = False
    moved_to: str | None = None


class StreamProtocol(StrEnum):
    """How a stream is carried."""

    WEBSOCKET = "websocket"
    SSE = "sse"
    LINES = "lines"
    """JSON over HTTP, one object a line; an empty line is a sign of life."""


@dataclass(frozen=True, slots=True)
class Reconnect:
    """How soon a broken stream is entered again, in seconds, as the platform asks for.

    Attributes:
        step, longest_step: wait after a broken connection; grows by `step` with each one in a row.
        trouble, longest_trouble: wait after a refusal because of server trouble; doubles.
        limited: wait after a refusal because of too many connections that names no instant; doubles.
    """

    step: float = 0.25
    longest_step: float = 16.0
    trouble: float = 5.0
    longest_trouble: float = 320.0
    limited: float = 60.0


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """A long-lived connection that pushes events.

    Attributes:
        url: wss/ws for WEBSOCKET, https/http for SSE and LINES.
        protocol: how the stream is carried.
        params: query parameters, such as the platform's resume cursor.
        headers: may carry credentials; never logged.
        batch_events, batch_seconds: a batch is handed over after so many events or seconds, whichever first.
        idle_seconds: silence after which the connection counts as dead.
        lasts_seconds: the stream is left after so long, so that the source's other queries and holes have their turn;
            None: it is followed until it ends.
        reconnect: enter a broken stream again within `lasts_seconds`; what was missed between stays uncovered. None:
            the run ends with it.
        price: the most that one batch can cost, by name of the connector's meters: held as long as the stream is open.
        step: the connector's own note, handed back with a refusal.
    """

    url: str
    protocol: StreamProtocol
    params: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    batch_events: int = 200
    batch_seconds: float = 1.0
    idle_seconds: float = 60.0
    lasts_seconds: float | None = None
    reconnect: Reconnect | None = None
    price: Mapping[str, float] = field(default_factory=dict)
    step: str = ""


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """One pushed event: `name` is the SSE event name ("" on a websocket), `data` its text."""

    data: str
    name: str = ""
    id: str | None = None


@dataclass(frozen=True, slots=True)
class StreamBatch:
    """Events received between two instants on one connection.

    Attributes:
        request: what was asked.
        events: in order of arrival; may be empty (a heartbeat that proves silence).
        connected_at: when this connection was made; a batch with `connected_at == since` is its first.
        since, received_at: aware UTC; the stretch of time this batch is the whole truth about.
        closed: True on the last batch of a connection.
    """

    request: StreamRequest
    events: tuple[StreamEvent, ...]
    connected_at: datetime
    since: datetime
    received_at: datetime
    closed: bool = False


@dataclass(frozen=True, slots=True)
class MailboxRequest:
    """A read-only look into one IMAP folder, in ascending UID order.

    Attributes:
        host, port, tls: the server; `tls=False` only for servers on this machine.
        user, password: credentials; never logged.
        folder: mailbox name.
        after_uid: only messages with a higher UID.
        uidvalidity: the folder's UIDVALIDITY `after_uid` belongs to; a different one means: start anew.
        limit: most messages per batch.
        max_bytes: a longer message is handed over cut, with `truncated=True`.
    """

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    tls: bool = True
    folder: str = "INBOX"
    after_uid: int = 0
    uidvalidity: int | None = None
    limit: int = 50
    max_bytes: int = 25_000_000
    step: str = ""


@dataclass(frozen=True, slots=True)
class MailboxMessage:
    """One message as RFC 5322 bytes."""

    uid: int
    body: bytes
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class MailboxBatch:
    """Messages in ascending UID order; `more` tells whether higher UIDs were there at that instant."""

    request: MailboxRequest
    uidvalidity: int
    messages: tuple[MailboxMessage, ...]
    received_at: datetime
    more: bool = False


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Files dropped into a folder.

    Attributes:
        folder: directory on this machine; only regular files directly inside it are read, no links out.
        patterns: shell patterns of file names, case-insensitive.
        done: fingerprints of files already read to the end; those are skipped.
        file: when set, only this name, as the continuation of a chain.
        offset: rows already taken from `file`.
        settle_seconds: a file modified less than so long ago is still being written and is left alone.
        max_bytes: a larger file is refused with a reason.
    """

    folder: str
    patterns: tuple[str, ...] = ("*.csv", "*.xlsx", "*.jsonl")
    done: frozenset[str] = frozenset()
    file: str | None = None
    offset: int = 0
    settle_seconds: float = 2.0
    max_bytes: int = 200_000_000
    step: str = ""


@dataclass(frozen=True, slots=True)
class FileContent:
    """One file of a drop folder; `name` is "" when there was nothing new to read.

    Attributes:
        fingerprint: SHA-256 of the content in hex; the identity of an import.
        modified_at, received_at: aware UTC.
    """

    request: FileRequest
    name: str
    body: bytes
    fingerprint: str
    modified_at: datetime
    received_at: datetime


Request = HttpRequest | StreamRequest | MailboxRequest | FileRequest
Response = HttpResponse | StreamBatch | MailboxBatch | FileContent


def over_http(response: object) -> HttpResponse:
    """The answer to an HTTP call, for connectors that make no others.

    Raises:
        TypeError: it is the answer to something else, which only a fault of ours can bring about.
    """
    if not isinstance(response, HttpResponse):
        msg = f"this was asked over http, got {type(response).__name__}"
        raise TypeError(msg)
    return response
