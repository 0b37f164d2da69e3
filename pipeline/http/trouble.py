"""Say in plain words what went wrong on the network."""

from __future__ import annotations

import os
import ssl

import aiohttp
import httpx


def describe(error: BaseException) -> str:
    """One clause about a network error, without addresses or URLs (libraries put both in their texts)."""
    chain: list[BaseException] = []
    seen: BaseException | None = error
    while seen is not None and seen not in chain:
        chain.append(seen)
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    # The transport turns several aiohttp errors into a connect time-out, so aiohttp's own word counts first.
    chain.sort(key=lambda each: isinstance(each, httpx.HTTPError))
    for each in chain:
        clause = _clause(each)
        if clause is not None:
            return clause
    return "the connection failed"


def never_left(error: BaseException) -> bool:
    """Whether no connection was ever made, so that the request cannot have been read by anybody.

    Only aiohttp's own word counts: httpx calls other time-outs a connect time-out too.
    """
    seen: BaseException | None = error
    chain: list[BaseException] = []
    while seen is not None and seen not in chain:
        chain.append(seen)
        seen = seen.__cause__ or seen.__context__
    return any(isinstance(each, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError) for each in chain)


def _clause(error: BaseException) -> str | None:
    """The clause for one error of a chain; None when the error says too little."""
    if isinstance(error, (ssl.SSLCertVerificationError, aiohttp.ClientConnectorCertificateError)):
        certificate = getattr(error, "certificate_error", error)
        detail = getattr(certificate, "verify_message", "") or "it does not fit the host name"
        return f"its TLS certificate is not valid ({detail})"
    if isinstance(error, (ssl.SSLError, aiohttp.ClientConnectorSSLError)):
        return "no TLS connection could be made"
    if isinstance(error, aiohttp.ClientConnectorError):
        number = error.os_error.errno
        return f"no connection could be made ({os.strerror(number) if number else 'refused'})"
    simple: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
        ((aiohttp.ConnectionTimeoutError,), "no connection was made in time"),
        ((aiohttp.SocketTimeoutError, aiohttp.ServerTimeoutError), "it fell silent"),
        ((aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError), "it broke off the connection"),
        ((aiohttp.ClientPayloadError,), "it broke off in the middle of its answer"),
        ((aiohttp.ClientResponseError, aiohttp.http_exceptions.HttpProcessingError), "it did not answer in HTTP"),
        ((httpx.ConnectTimeout, httpx.PoolTimeout), "no connection was made in time"),
        ((httpx.TimeoutException, TimeoutError), "it fell silent"),
        ((httpx.ConnectError, ConnectionRefusedError), "no connection could be made"),
        ((httpx.RemoteProtocolError,), "it did not answer in HTTP"),
        ((httpx.ReadError, httpx.WriteError), "it broke off the connection"),
    )
    return next((clause for kinds, clause in simple if isinstance(error, kinds)), None)
