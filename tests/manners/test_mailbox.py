"""Looking into a mailbox, against a real IMAP server on loopback."""

import asyncio
import imaplib
import socket
import subprocess
import sys
import time as wall
from collections.abc import Iterator

import pytest

from connectors.errors import AuthDead, BadRequest, FormatChanged, Transient
from connectors.requests import MailboxRequest
from pipeline import mailbox
from tests.manners.conftest import NOW, ServeRaw, Time

# The server hashes passwords half a million times at each login; once is enough here.
_LAUNCH = """
import functools
import pymap.config
pymap.config.BuiltinHash = functools.partial(pymap.config.BuiltinHash, rounds=1)
from pymap.main import main
main()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A pymap server with its demonstration mailbox (demouser, demopass)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-c", _LAUNCH, "--host", "127.0.0.1", "--port", str(number), "dict", "--demo-data"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = wall.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", number), 1).close()
                break
            except OSError:
                assert wall.monotonic() < deadline, "pymap did not start"
                wall.sleep(0.05)
        yield number
    finally:
        server.terminate()
        server.wait()


def ask(port: int, **more: object) -> MailboxRequest:
    return MailboxRequest("127.0.0.1", "demouser", "demopass", port=port, tls=False, **more)


def append(port: int, body: bytes, folder: str = "INBOX") -> None:
    with imaplib.IMAP4("127.0.0.1", port) as connection:
        connection.login("demouser", "demopass")
        status, said = connection.append(folder, "", imaplib.Time2Internaldate(NOW), body)
        assert status == "OK", said


def flags(port: int) -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", port) as connection:
        connection.login("demouser", "demopass")
        connection.select("INBOX", readonly=True)
        return list(connection.uid("FETCH", "1:*", "(FLAGS)")[1])


async def test_all_messages_come_in_uid_order_in_batches_and_once(port: int, time: Time) -> None:
    whole = await mailbox.read(ask(port, limit=1000), time)
    assert not whole.more
    assert whole.received_at == NOW
    uids: list[int] = []
    after, more = 0, True
    while more:
        batch = await mailbox.read(ask(port, limit=2, after_uid=after, uidvalidity=whole.uidvalidity), time)
        assert len(batch.messages) <= 2
        uids += [message.uid for message in batch.messages]
        after, more = uids[-1], batch.more
    assert uids == sorted(set(uids)) == [message.uid for message in whole.messages]
    assert len(uids) >= 3
    assert all(b"\r\n\r\n" in message.body for message in whole.messages)


async def test_nothing_new_brings_nothing_though_the_server_offers_the_newest(port: int, time: Time) -> None:
    last = (await mailbox.read(ask(port), time)).messages[-1].uid
    batch = await mailbox.read(ask(port, after_uid=last), time)
    assert (batch.messages, batch.more) == ((), False)
    append(port, b"Subject: new\r\n\r\nhello\r\n")
    batch = await mailbox.read(ask(port, after_uid=last), time)
    assert [message.body for message in batch.messages] == [b"Subject: new\r\n\r\nhello\r\n"]


async def test_another_uidvalidity_means_starting_anew(port: int, time: Time) -> None:
    whole = await mailbox.read(ask(port), time)
    anew = await mailbox.read(ask(port, after_uid=10_000, uidvalidity=whole.uidvalidity + 1), time)
    assert [message.uid for message in anew.messages] == [message.uid for message in whole.messages]


async def test_looking_leaves_no_trace(port: int, time: Time) -> None:
    before = flags(port)
    await mailbox.read(ask(port), time)
    assert flags(port) == before


async def test_a_long_message_is_cut_and_says_so(port: int, time: Time) -> None:
    append(port, b"Subject: long\r\n\r\n" + b"x" * 300_000)
    whole = await mailbox.read(ask(port), time)
    last = whole.messages[-1]
    cut = await mailbox.read(ask(port, after_uid=last.uid - 1, max_bytes=1_000), time)
    assert (cut.messages[0].body, cut.messages[0].truncated) == (last.body[:1_000], True)
    assert not last.truncated


async def test_a_batch_is_bounded_in_bytes_too(port: int, time: Time) -> None:
    batch = await mailbox.read(ask(port, max_bytes=10), time)
    assert len(batch.messages) == 1
    assert batch.more


async def test_a_wrong_password_needs_a_person_and_is_not_shown(port: int, time: Time) -> None:
    request = MailboxRequest("127.0.0.1", "demouser", "wr0ng-passw0rd", port=port, tls=False)
    with pytest.raises(AuthDead, match="refuses the login") as refused:
        await mailbox.read(request, time)
    assert "wr0ng" not in str(refused.value) + repr(request)
    with pytest.raises((AuthDead, Transient)) as refused:
        await mailbox.read(MailboxRequest("127.0.0.1", "demouser", "wächtwoord", port=port, tls=False), time)
    assert "wächt" not in str(refused.value)


async def test_a_missing_folder_is_named(port: int, time: Time) -> None:
    for folder in ("Klachten & vragen", 'with "quotes"', "Gelöscht"):
        with pytest.raises(BadRequest, match="correct the folder's name"):
            await mailbox.read(ask(port, folder=folder), time)


async def test_a_dead_server_is_transient(time: Time) -> None:
    with pytest.raises(Transient, match=r"the mailbox INBOX of demouser at 127.0.0.1 could not be read"):
        await mailbox.read(ask(1), time)


async def test_a_server_that_breaks_off_is_transient(serve_line: ServeRaw, time: Time) -> None:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        await writer.drain()
        writer.transport.abort()

    with pytest.raises(Transient):
        await mailbox.read(ask(await serve_line(handler)), time)


async def test_a_server_of_another_kind_is_named(serve_line: ServeRaw, time: Time) -> None:
    async def handler(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()

    with pytest.raises((FormatChanged, Transient)):
        await mailbox.read(ask(await serve_line(handler)), time)


async def test_a_server_that_does_not_speak_tls_gets_no_password(serve_line: ServeRaw, time: Time) -> None:
    heard = b""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        writer.write(b"* OK ready\r\n")
        heard = await reader.read(5_000)

    request = MailboxRequest("127.0.0.1", "demouser", "demopass", port=await serve_line(handler))
    with pytest.raises(Transient):
        await mailbox.read(request, time)
    assert b"demopass" not in heard


async def test_a_password_never_leaves_this_machine_without_tls(time: Time) -> None:
    with pytest.raises(BadRequest, match="TLS only"):
        await mailbox.read(MailboxRequest("93.184.216.34", "u", "demopass", tls=False), time)


async def test_a_line_break_in_a_credential_is_refused(time: Time) -> None:
    with pytest.raises(BadRequest, match="line break"):
        await mailbox.read(MailboxRequest("127.0.0.1", "u\r\nx LOGOUT", "p", tls=False), time)


async def test_a_literal_larger_than_asked_is_refused(serve_line: ServeRaw, time: Time) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        while line := await reader.readline():
            tag, verb = line.split()[0], line.upper()
            if b"CAPABILITY" in verb:
                writer.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif b"EXAMINE" in verb:
                writer.write(b"* 1 EXISTS\r\n* OK [UIDVALIDITY 9] .\r\n* OK [UIDNEXT 6] .\r\n")
            elif b"SEARCH" in verb:
                writer.write(b"* SEARCH 5\r\n")
            elif b"FETCH" in verb:
                writer.write(b"* 1 FETCH (UID 5 BODY[]<0> {4000000000}\r\n")
                await writer.drain()
                return
            writer.write(tag + b" OK done\r\n")

    with pytest.raises(Transient, match="sends 4000000000 bytes"):
        await mailbox.read(ask(await serve_line(handler)), time)


@pytest.mark.parametrize(
    ("name", "coded"), [("INBOX", "INBOX"), ("A & B", "A &- B"), ("Entwürfe", "Entw&APw-rfe"), ("台北", "&U,BTFw-")]
)
def test_folder_names_are_written_as_imap_wants_them(name: str, coded: str) -> None:
    assert mailbox._modified_utf7(name) == coded
