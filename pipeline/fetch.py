"""Performs a connector's request by its kind: the only place where a run waits for the outside."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from connectors.errors import BadRequest
from connectors.requests import (
    FileContent,
    FileRequest,
    HttpRequest,
    HttpResponse,
    MailboxBatch,
    MailboxRequest,
    Request,
    Response,
    StreamBatch,
    StreamRequest,
)
from pipeline import dropfolder, mailbox
from pipeline.http.client import PoliteClient
from pipeline.streams import Streams
from store.records import ValidatorRecord


class HttpFetcher(Protocol):
    """The polite client, or what stands in for it."""

    async def fetch(
        self,
        request: HttpRequest,
        *,
        validator: ValidatorRecord | None = None,
        secrets: Sequence[str] = (),
        private_hosts: frozenset[str] = frozenset(),
    ) -> HttpResponse:
        """Perform a call; raises `ConnectorError` only."""
        ...


class OpenStream(Protocol):
    """Opens a stream, cut into batches; closing the generator closes the connection."""

    def __call__(
        self, request: StreamRequest, *, secrets: Sequence[str] = (), private_hosts: frozenset[str] = frozenset()
    ) -> AsyncGenerator[StreamBatch, None]:
        """Connect; raises `ConnectorError` only."""
        ...


ReadMailbox = Callable[[MailboxRequest], Awaitable[MailboxBatch]]
ReadFolder = Callable[[FileRequest], Awaitable[FileContent]]


class Fetcher:
    """Performs requests. A kind without its reader is refused in words.

    Args:
        http: performs HTTP calls.
        stream: opens streams.
        mailbox: reads mailboxes.
        folder: reads drop folders.
    """

    def __init__(
        self,
        http: HttpFetcher,
        *,
        stream: OpenStream | None = None,
        mailbox: ReadMailbox | None = None,
        folder: ReadFolder | None = None,
    ) -> None:
        self._http = http
        self._stream = stream
        self._mailbox = mailbox
        self._folder = folder

    async def fetch(
        self,
        request: Request,
        *,
        validator: ValidatorRecord | None = None,
        secrets: Sequence[str] = (),
        private_hosts: frozenset[str] = frozenset(),
    ) -> Response:
        """Perform a request that has one answer.

        Args:
            request: what to ask.
            validator: of the last committed answer, for a conditional call.
            secrets: values kept out of errors and logs.
            private_hosts: the only private hosts that may be reached.

        Raises:
            ConnectorError: what went wrong.
        """
        if isinstance(request, HttpRequest):
            return await self._http.fetch(request, validator=validator, secrets=secrets, private_hosts=private_hosts)
        if isinstance(request, MailboxRequest) and self._mailbox is not None:
            return await self._mailbox(request)
        if isinstance(request, FileRequest) and self._folder is not None:
            return await self._folder(request)
        msg = f"a {type(request).__name__} cannot be performed here"
        raise BadRequest(msg)

    def batches(
        self, request: StreamRequest, *, secrets: Sequence[str], private_hosts: frozenset[str]
    ) -> AsyncGenerator[StreamBatch, None]:
        """Open a stream.

        Raises:
            ConnectorError: what went wrong.
        """
        if self._stream is None:
            msg = "streams cannot be followed here"
            raise BadRequest(msg)
        return self._stream(request, secrets=secrets, private_hosts=private_hosts)


def fetcher_over(client: PoliteClient, clock: Callable[[], datetime]) -> Fetcher:
    """All four kinds, with the client's guard and limits for everything that goes over the network."""
    streams = Streams(client.guard, clock=clock, settings=client.settings)
    return Fetcher(
        client,
        stream=streams.batches,
        mailbox=lambda request: mailbox.read(request, clock),
        folder=lambda request: dropfolder.read(request, clock),
    )
