"""Look into an IMAP folder without leaving a trace: read-only, by UID, in ascending order.

Progress is kept in our store, never as a flag in the mailbox, so the people who read the same mailbox see it
unchanged (EXAMINE and BODY.PEEK, RFC 3501 and 9051).
"""

from __future__ import annotations

import asyncio
import base64
import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Callable
from datetime import datetime

from connectors.errors import AuthDead, BadRequest, ConnectorError, FormatChanged, Transient
from connectors.requests import MailboxBatch, MailboxMessage, MailboxRequest
from pipeline.http.redact import KNOWN, redact_text

_SOCKET_S = 30.0
# imaplib refuses lines over 1 MB; a list of 50,000 UIDs of ten digits stays under it.
_FIRST_WINDOW, _WIDEST_WINDOW = 2_000, 50_000
_SLACK = 65_536
_PASSING_LOGIN = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]|too many|try again|temporar", re.IGNORECASE)


async def read(
    request: MailboxRequest, clock: Callable[[], datetime], *, tls: ssl.SSLContext | None = None
) -> MailboxBatch:
    """Read the next messages of a folder.

    A batch holds at most `limit` messages and, after its first, at most `max_bytes` in all; `more` says whether
    higher UIDs were left.

    Args:
        request: which folder, and after which UID. With another UIDVALIDITY than the folder's it starts anew.
        clock: now, as an aware UTC instant.
        tls: replaces the system's trust store.

    Raises:
        AuthDead: the login is refused. It is tried once only, since servers lock accounts.
        Transient: the server could not be reached, broke off, or is out of order.
        BadRequest: the folder does not exist, or the server is asked for in a way it cannot be.
        FormatChanged: the server does not speak IMAP.
    """
    KNOWN.add([request.password])
    return await asyncio.to_thread(read_now, request, clock, tls)


def read_now(request: MailboxRequest, clock: Callable[[], datetime], tls: ssl.SSLContext | None = None) -> MailboxBatch:
    """`read`, in the calling thread."""
    where = f"the mailbox {request.folder} of {request.user} at {request.host}"
    try:
        connection = _connect(request, tls)
        try:
            _login(connection, request, where)
            return _read(connection, request, where, clock)
        finally:
            _leave(connection)
    except ConnectorError:
        raise
    except ssl.SSLCertVerificationError as error:
        msg = f"{where} could not be read: its TLS certificate is not valid ({error.verify_message})"
        raise Transient(msg) from None
    except (imaplib.IMAP4.abort, OSError, EOFError) as error:
        why = redact_text(_plain(error), [request.password])
        msg = f"{where} could not be read: {why}"
        raise Transient(msg) from None
    except (imaplib.IMAP4.error, ValueError, IndexError) as error:
        why = redact_text(_plain(error), [request.password])
        msg = f"{where} answers in a way that cannot be understood: {why}"
        raise FormatChanged(msg) from None


class _Capped:
    """Mixed into imaplib's classes: refuses a literal larger than what was asked for."""

    most = 10_000_000

    def read(self, size: int) -> bytes:
        """Read a literal.

        Raises:
            imaplib.IMAP4.abort: the server announces more than was asked for.
        """
        if size > self.most:
            msg = f"the server sends {size} bytes where at most {self.most} were asked for"
            raise imaplib.IMAP4.abort(msg)
        return super().read(size)  # type: ignore[misc,no-any-return]


class _Plain(_Capped, imaplib.IMAP4):
    """IMAP without TLS, for servers on this machine."""


class _Secure(_Capped, imaplib.IMAP4_SSL):
    """IMAP over TLS."""


def _connect(request: MailboxRequest, tls: ssl.SSLContext | None) -> _Plain | _Secure:
    """Connect, with a verified certificate unless the server is on this machine.

    Raises:
        BadRequest: TLS is switched off for a server elsewhere, or a credential holds a line break.
    """
    if any(char in value for value in (request.user, request.password, request.folder) for char in "\r\n\0"):
        msg = f"the user, password or folder for {request.host} holds a line break: correct it"
        raise BadRequest(msg)
    connection: _Plain | _Secure
    if request.tls:
        context = tls or ssl.create_default_context()
        connection = _Secure(request.host, request.port, ssl_context=context, timeout=_SOCKET_S)
    else:
        for entry in socket.getaddrinfo(request.host, request.port, type=socket.SOCK_STREAM):
            if not ipaddress.ip_address(str(entry[4][0]).partition("%")[0]).is_loopback:
                msg = f"{request.host} is not on this machine, so its mailbox is read with TLS only: set tls to true"
                raise BadRequest(msg)
        connection = _Plain(request.host, request.port, timeout=_SOCKET_S)
    connection.most = request.max_bytes + _SLACK
    return connection


def _login(connection: imaplib.IMAP4, request: MailboxRequest, where: str) -> None:
    """Log in once.

    Raises:
        AuthDead: refused.
        Transient: refused for a reason that passes.
    """
    try:
        if (request.user + request.password).isascii():
            connection.login(_quoted(request.user), request.password)
        else:
            # LOGIN carries ASCII only; PLAIN carries UTF-8 (RFC 4616).
            token = f"\0{request.user}\0{request.password}".encode()
            connection.authenticate("PLAIN", lambda _: token)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        said = redact_text(_plain(error), [request.password])
        if _PASSING_LOGIN.search(said):
            msg = f"{where} cannot be opened now: {said}"
            raise Transient(msg) from None
        msg = f"{where} refuses the login ({said}): correct the user and password, or make a new app password"
        raise AuthDead(msg) from None


def _read(
    connection: _Plain | _Secure, request: MailboxRequest, where: str, clock: Callable[[], datetime]
) -> MailboxBatch:
    """Open the folder and read the next messages.

    Raises:
        BadRequest: the folder does not exist.
    """
    status, said = connection.select(_quoted(_modified_utf7(request.folder)), readonly=True)
    if status != "OK":
        msg = f"{where} cannot be opened ({_plain(said[0])}): correct the folder's name"
        raise BadRequest(msg)
    uidvalidity = _number(connection, "UIDVALIDITY")
    uidnext = _number(connection, "UIDNEXT")
    after = request.after_uid if request.uidvalidity in {None, uidvalidity} else 0
    uids = _uids(connection, after, uidnext, request.limit + 1)
    wanted = uids[: request.limit]
    messages: list[MailboxMessage] = []
    size = 0
    for uid in wanted:
        message = _message(connection, uid, request.max_bytes)
        if message is None:  # expunged since it was listed
            continue
        messages.append(message)
        size += len(message.body)
        if size >= request.max_bytes:
            break
    last = messages[-1].uid if messages else (wanted[-1] if wanted else after)
    more = bool(uids) and uids[-1] > last
    return MailboxBatch(request, uidvalidity, tuple(messages), clock(), more)


def _number(connection: imaplib.IMAP4, code: str) -> int:
    """A number from the answer to EXAMINE.

    Raises:
        ValueError: the server did not send it.
    """
    _, data = connection.response(code)
    if not data or data[0] is None:
        msg = f"no {code} was sent"
        raise ValueError(msg)
    return int(data[0])


def _uids(connection: imaplib.IMAP4, after: int, uidnext: int, most: int) -> list[int]:
    """The lowest UIDs above one, at most so many, in ascending order.

    Asked in windows, so that a mailbox of a million messages does not answer in one endless line. `n:*` is
    avoided: it names the newest message even when nothing is new (RFC 3501, section 6.4.8).
    """
    found: list[int] = []
    start, width = after + 1, _FIRST_WINDOW
    while start < uidnext and len(found) < most:
        end = min(start + width - 1, uidnext - 1)
        _, data = connection.uid("SEARCH", "UID", f"{start}:{end}")
        fresh = sorted({int(uid) for line in data if line for uid in line.split()})
        found += [uid for uid in fresh if start <= uid <= end]
        start, width = end + 1, min(width * 2, _WIDEST_WINDOW)
    return found[:most]


def _message(connection: imaplib.IMAP4, uid: int, most: int) -> MailboxMessage | None:
    """One message, cut at so many bytes; None when it is gone. Does not mark it as read."""
    _, data = connection.uid("FETCH", str(uid), f"(RFC822.SIZE BODY.PEEK[]<0.{most}>)")
    for part in data:
        if isinstance(part, tuple):
            told = re.search(rb"RFC822\.SIZE (\d+)", part[0])
            body = bytes(part[1])
            size = int(told[1]) if told else len(body)
            return MailboxMessage(uid, body[:most], truncated=size > len(body[:most]))
    return None


def _leave(connection: imaplib.IMAP4) -> None:
    """Say goodbye; whatever goes wrong now changes nothing about what was read."""
    try:
        connection.logout()
    except (imaplib.IMAP4.error, OSError, EOFError):
        connection.shutdown()


def _quoted(text: str) -> str:
    """An IMAP quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _modified_utf7(name: str) -> str:
    """A folder name in IMAP's modified UTF-7 (RFC 3501, section 5.1.3)."""
    out: list[str] = []
    for run in re.findall(r"[\x20-\x7e]+|[^\x20-\x7e]+", name):
        if run.isascii() and run.isprintable():
            out.append(run.replace("&", "&-"))
        else:
            coded = base64.b64encode(run.encode("utf-16-be")).decode().rstrip("=").replace("/", ",")
            out.append(f"&{coded}-")
    return "".join(out)


def _plain(said: object) -> str:
    """What a server or an error says, as text of at most 200 characters."""
    if isinstance(said, BaseException) and said.args and isinstance(said.args[0], bytes):
        said = said.args[0]
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return text[:200] or type(said).__name__
