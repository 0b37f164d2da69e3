"""Mail goes out once, against a real server that refuses, delays, cuts the line, and wants TLS."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select

from pipeline.mailing import LEASE, Ended, Mailer, Outcome, Parcel, deliver, message_of, pause_after
from pipeline.settings import MailSettings
from store import mail
from store.engine import Store, open_store
from store.schema import outgoing_mail
from tests.conftest import Clock
from tests.pipeline.mail_server import Postbox, certificate, running

NOW = datetime(2026, 3, 10, 10, tzinfo=UTC)
PARCEL = Parcel(7, "piet@shop.example", "Vraag: café?", "Hoi\n.\n..punt\nGroet", "<p>Hoi</p>")


def settings(port: int, **more: object) -> MailSettings:
    return MailSettings.model_validate(
        {"host": "127.0.0.1", "port": port, "tls": "none", "from": "Acme Webcare <webcare@acme.example>", **more}
    )


@pytest.fixture
def box() -> Postbox:
    return Postbox()


@pytest.fixture
def port(box: Postbox) -> Iterator[int]:
    with running(box) as found:
        yield found


def send(port: int, **more: object) -> Ended:
    return deliver(settings(port, **more), PARCEL, now=NOW, before_text=lambda: True, timeout_s=5)


def queue(store: Store, key: str = "a", **more: object) -> None:
    values = {"kind": "test", "to_address": "piet@shop.example", "subject": "Hoi", "text": "Hallo", "html": None}
    new = mail.NewMail(dedupe_key=key, **{**values, "not_before": NOW, **more})  # type: ignore[arg-type]
    with store.write() as conn:
        mail.enqueue(store, conn, new, now=NOW)


def rows(store: Store) -> list[tuple[str, int, str]]:
    with store.read() as conn:
        wanted = select(outgoing_mail.c.state, outgoing_mail.c.attempts, outgoing_mail.c.text)
        return [tuple(row) for row in conn.execute(wanted.order_by(outgoing_mail.c.id))]  # type: ignore[misc]


@pytest.fixture
def mailer(store: Store, clock: Clock) -> Callable[[int], Mailer]:
    clock.now = NOW
    return lambda port: Mailer(store, settings(port), clock, timeout_s=5)


# --- one delivery ----------------------------------------------------------------------------------------------------


def test_a_mail_arrives_word_for_word(box: Postbox, port: int) -> None:
    assert send(port).outcome is Outcome.SENT
    got = box.got[0]
    assert (got["To"], got["Subject"]) == ("piet@shop.example", "Vraag: café?")
    assert got["From"] == "Acme Webcare <webcare@acme.example>"
    assert got["Message-ID"] == "<klankbord.7@acme.example>"
    assert got["Auto-Submitted"] == "auto-generated"
    plain, rich = got.get_body(("plain",)), got.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert plain.get_content().replace("\r\n", "\n").rstrip() == PARCEL.text
    assert rich.get_content().strip() == PARCEL.html


@pytest.mark.parametrize(
    ("change", "outcome", "told"),
    [
        ({"refuse": "550 5.1.1 no such box"}, Outcome.REFUSED, "no such box"),
        ({"later": 1}, Outcome.LATER, "greylisted"),
        ({"cut_envelope": True}, Outcome.LATER, "before anything was handed over"),
        ({"cut": True}, Outcome.UNKNOWN, "may have arrived"),
        ({"answer": "554 5.7.1 spam"}, Outcome.REFUSED, "spam"),
        ({"answer": "452 4.3.1 disk full"}, Outcome.LATER, "disk full"),
    ],
)
def test_each_ending_is_told_apart(
    box: Postbox, port: int, change: dict[str, object], outcome: Outcome, told: str
) -> None:
    for name, value in change.items():
        setattr(box, name, value)
    ended = send(port)
    assert ended.outcome is outcome
    assert told in ended.text


def test_no_server_is_told() -> None:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        dead = probe.getsockname()[1]
    ended = send(dead)
    assert ended.outcome is Outcome.NO_SERVER
    assert "cannot be reached" in ended.text


def test_a_line_is_encrypted_and_the_server_must_prove_who_it_is(
    box: Postbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, cert = certificate(tmp_path)
    with running(box, tls_context=context, require_starttls=True) as port:
        assert send(port, tls="starttls").outcome is Outcome.NO_SERVER, "nobody knows who signed it"
        assert box.got == []
        monkeypatch.setenv("SSL_CERT_FILE", str(cert))
        assert send(port, tls="starttls").outcome is Outcome.SENT
        assert send(port, tls="none").outcome is not Outcome.SENT, "the server wants it encrypted"
        assert send(port, tls="starttls", user="klankbord", password="right").outcome is Outcome.SENT
        wrong = send(port, tls="starttls", user="klankbord", password="wrong")
    assert wrong.outcome is Outcome.NO_SERVER
    assert "refuses our name or password" in wrong.text


def test_a_server_that_offers_no_encryption_gets_no_mail(box: Postbox, port: int) -> None:
    assert send(port, tls="starttls").outcome is Outcome.NO_SERVER
    assert box.got == []


def test_tls_from_the_start(box: Postbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, cert = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(cert))
    with running(box, ssl_context=context) as port:
        assert send(port, tls="tls").outcome is Outcome.SENT


@given(
    text=st.text(max_size=200), subject=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), max_size=80)
)
def test_any_text_becomes_a_mail_that_reads_the_same(text: str, subject: str) -> None:
    clean = text.encode("utf-8", "ignore").decode().replace("\r", "")
    parcel = Parcel(1, "a@b.example", " ".join(subject.split()), clean, None)
    read = message_from_bytes(message_of(settings(25), parcel, now=NOW).as_bytes(), policy=default)
    assert " ".join(read["Subject"].split()) == parcel.subject


@given(st.integers(1, 50))
def test_pauses_grow_and_end(attempts: int) -> None:
    pause = pause_after(attempts)
    if pause is None:
        assert pause_after(attempts + 1) is None
    else:
        assert timedelta(minutes=1) <= pause <= timedelta(days=1)
        assert (pause_after(attempts + 1) or pause) >= pause


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": "nobody"},
        {"from": "a@b.example\r\nBcc: x@y.example"},
        {"tls": "none", "host": "smtp.acme.example", "user": "u", "password": "p"},
        {"tls": "ssl"},
    ],
)
def test_settings_that_cannot_be_right_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        settings(25, **wrong)


# --- the queue -------------------------------------------------------------------------------------------------------


def test_a_mail_is_queued_and_sent_once_and_its_text_forgotten(
    store: Store, box: Postbox, port: int, mailer: Callable[[int], Mailer]
) -> None:
    queue(store)
    queue(store)
    queue(store, "later", not_before=NOW + timedelta(seconds=10))
    assert mailer(port).run() == 1
    assert mailer(port).run() == 0
    assert len(box.got) == 1
    assert rows(store)[0] == ("sent", 1, "")


def test_greylisting_is_waited_out(
    store: Store, box: Postbox, port: int, mailer: Callable[[int], Mailer], clock: Clock
) -> None:
    box.later = 1
    queue(store)
    assert mailer(port).run() == 0
    assert mailer(port).run() == 0, "not at once"
    assert rows(store) == [("queued", 1, "Hallo")]
    clock.step(timedelta(minutes=1))
    assert mailer(port).run() == 1
    assert len(box.got) == 1


def test_a_refusal_is_final_and_a_person_may_send_it_again(
    store: Store, box: Postbox, port: int, mailer: Callable[[int], Mailer], clock: Clock
) -> None:
    box.refuse = "550 no such box"
    queue(store)
    mailer(port).run()
    with store.read() as conn:
        stuck = mail.waiting(conn, states=mail.STUCK, limit=5)
    assert [(one.state, one.error_text) for one in stuck] == [("failed", "550 no such box")]
    clock.step(timedelta(days=3))
    assert mailer(port).run() == 0
    box.refuse = None
    with store.write() as conn:
        assert mail.send_again(conn, stuck[0].id, now=clock())
    assert mailer(port).run() == 1


def test_what_may_have_arrived_is_never_sent_again_by_itself(
    store: Store, box: Postbox, port: int, mailer: Callable[[int], Mailer], clock: Clock
) -> None:
    box.cut = True
    queue(store)
    mailer(port).run()
    box.cut = False
    for _ in range(5):
        clock.step(timedelta(days=1))
        assert mailer(port).run() == 0
    assert rows(store)[0][0] == "unknown"
    assert len(box.got) == 1


def test_a_server_that_stays_away_fails_in_the_end(
    store: Store, mailer: Callable[[int], Mailer], clock: Clock, box: Postbox
) -> None:
    with running(box) as port:
        pass
    queue(store)
    for _ in range(12):
        mailer(port).run()
        clock.step(timedelta(days=2))
    assert rows(store)[0][:2] == ("failed", 10)


def test_many_workers_send_each_mail_once(store: Store, box: Postbox, port: int, clock: Clock) -> None:
    clock.now = NOW
    for number in range(30):
        queue(store, str(number), subject=f"Mail {number}")
    workers = [Mailer(store, settings(port), clock, timeout_s=10) for _ in range(4)]
    threads = [threading.Thread(target=worker.run) for worker in workers]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(str(one["Subject"]) for one in box.got) == sorted(f"Mail {number}" for number in range(30))
    assert {row[0] for row in rows(store)} == {"sent"}


@dataclass(frozen=True)
class File:
    name: str
    media_type: str
    body: bytes


def test_a_mail_that_carries_a_report_arrives_with_its_files(
    store: Store, box: Postbox, port: int, clock: Clock
) -> None:
    clock.now = NOW
    queue(store, report_id=5)
    files = {
        5: [
            File("week.html", "text/html; charset=utf-8", b"<p>caf\xc3\xa9"),
            File("week.pdf", "application/pdf", b"%PDF-"),
        ]
    }
    assert Mailer(store, settings(port), clock, attaching=files.__getitem__, timeout_s=5).run() == 1
    got = [
        (one.get_filename(), one.get_content_type(), one.get_payload(decode=True))
        for one in box.got[0].iter_attachments()
    ]
    assert got == [("week.html", "text/html", b"<p>caf\xc3\xa9"), ("week.pdf", "application/pdf", b"%PDF-")]


def test_a_report_that_cannot_be_read_stops_no_other_mail(store: Store, box: Postbox, port: int, clock: Clock) -> None:
    clock.now = NOW
    queue(store, "a", report_id=5)
    queue(store, "b")
    assert Mailer(store, settings(port), clock, attaching={}.__getitem__, timeout_s=5).run() == 1
    assert len(box.got) == 1
    assert [state for state, *_ in rows(store)] == ["failed", "sent"]


def test_a_mail_taken_back_in_time_does_not_go(store: Store, port: int, mailer: Callable[[int], Mailer]) -> None:
    queue(store)
    with store.write() as conn:
        assert mail.withdraw(conn, "a")
    assert mailer(port).run() == 0


PROGRAM = """
import sys
from datetime import UTC, datetime
from pipeline.mailing import Mailer
from pipeline.settings import MailSettings
from store.engine import open_store
url, port = sys.argv[1], int(sys.argv[2])
settings = MailSettings.model_validate({"host": "127.0.0.1", "port": port, "tls": "none", "from": "a@acme.example"})
Mailer(open_store(url), settings, lambda: datetime(2026, 3, 10, 10, tzinfo=UTC)).run()
"""


@pytest.mark.slow
@pytest.mark.parametrize(("hold", "state", "arrived"), [("rcpt", "sent", 1), ("data", "unknown", 1)])
def test_a_sender_that_is_killed_neither_loses_nor_doubles(
    tmp_path: Path, box: Postbox, hold: str, state: str, arrived: int
) -> None:
    url = f"sqlite:///{tmp_path / 'mail.db'}"
    store = open_store(url)
    store.migrate()
    queue(store)
    box.hold_at = hold
    with running(box) as port:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, url, str(port)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )
        assert box.held.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait(20)
        box.hold_at = None
        later = NOW + LEASE + timedelta(seconds=1)
        Mailer(store, settings(port), lambda: later, timeout_s=10).run()
        Mailer(store, settings(port), lambda: later + timedelta(days=1), timeout_s=10).run()
    assert rows(store)[0][0] == state
    assert len(box.got) == arrived
    store.close()
